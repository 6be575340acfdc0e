//! The table of harnesses in the documentation is the list of harnesses.

use std::collections::HashSet;
use std::fmt::Write as _;

use mapspec_model::op::Call;
use mapspec_model::policy::FIELDS;
use mapspec_model::property;

use crate::check::Harness;
use crate::{inductive, refuted};

fn harnesses() -> Vec<Harness> {
    let lists =
        [inductive::REFINED, inductive::KEPT, &[refuted::REFUTED_REFINEMENT], refuted::REFUTED];
    lists.concat()
}

#[test]
fn the_documentation_has_every_harness() {
    let mut table = String::new();
    for Harness { name, properties, mistake, proposal } in harnesses() {
        let must = mistake.map_or_else(|| "hold".to_owned(), |it| format!("fail with `{it}`"));
        let must = proposal.map_or_else(|| must.clone(), |it| format!("{must} under `{it}`"));
        let properties = properties.join(", ");
        let _ = writeln!(
            table,
            "| `{name}` | {properties} | {must} | 10 | cadical | stand-in only, not run under Kani |"
        );
    }
    assert!(include_str!("../README.md").contains(&table), "the table should be:\n{table}");
}

#[test]
fn every_operation_and_every_property_has_a_harness() {
    let calls: HashSet<_> = inductive::CALLS.iter().copied().collect();
    assert_eq!(calls, Call::ALL.iter().copied().collect());
    for property in property::ALL {
        let of = |must_fail: bool| {
            harnesses().iter().any(|it| {
                it.properties.contains(&property.name) && it.mistake.is_some() == must_fail
            })
        };
        assert!(of(false) && of(true), "{}", property.name);
    }
    for harness in harnesses() {
        let is_known = |name: &&str| property::named(name).is_some();
        assert!(harness.properties.iter().all(is_known), "{}", harness.name);
        let is_field = |name| FIELDS.iter().any(|field| field.name == name);
        assert!(harness.mistake.is_none_or(is_field), "{}", harness.name);
    }
}
