//! The corpus without a kernel: it is well formed, and the model says what it claims.

mod bounds;
mod invariant;
mod parts;
mod properties;
mod refused;
mod steps;

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::LazyLock;

use mapspec::compare::{first_misclaim, model_trace};
use mapspec::corpus::{Entry, built_in};
use mapspec::litmus::{self, Test};
use mapspec_model::memory::Cow;
use mapspec_model::op::{Actor, Argument, Call, Cells, Field, Shape};
use mapspec_model::policy::{FIELDS, Kind, PRESETS, PROPOSALS, Policy, VARIANTS, Variant};
use mapspec_model::{World, step};

fn corpus() -> Vec<Entry> {
    CORPUS.clone()
}

static CORPUS: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    built_in().unwrap_or_else(|errors| {
        panic!("{}", errors.iter().map(|error| error.render(false)).collect::<String>())
    })
});

/// The world that a program in text leads to.
fn world_after(program: &str, policy: &Policy) -> World<Cow> {
    let test = litmus::parse(program).unwrap_or_else(|it| panic!("{}: {program}", it.message));
    let mut world = World::new();
    for statement in test.program() {
        step(&mut world, statement.actor, &statement.op, policy);
    }
    world
}

/// What a test is held to: that of its kernel, or all presets.
fn policies(test: &Test) -> Vec<Policy> {
    test.kernel_policy().map_or_else(
        || PRESETS.iter().filter_map(|(name, _)| Policy::named(name)).collect(),
        |policy| vec![policy],
    )
}

fn proposals() -> impl Iterator<Item = Policy> {
    PROPOSALS.iter().filter_map(|proposal| Policy::named(proposal.name))
}

#[test]
fn the_corpus_covers_its_subjects() {
    let corpus = corpus();
    assert!(corpus.len() >= 120, "{} tests", corpus.len());
    let subjects = [
        "mmap",
        "access",
        "private",
        "truncate",
        "seals",
        "cow",
        "zero-page",
        "fork",
        "mprotect",
        "uffd",
        "nosigbus",
    ];
    for subject in subjects {
        let prefix = format!("{subject}.");
        let tests = corpus.iter().filter(|it| it.test.name.starts_with(&prefix)).count();
        assert!(tests >= 8, "{subject}: {tests}");
    }
}

#[test]
fn each_test_says_what_it_is_and_claims_something() {
    for Entry { path, test } in corpus() {
        let name =
            path.trim_start_matches("corpus/").trim_end_matches(".litmus").replacen('/', ".", 1);
        assert_eq!(test.name, name, "{path}");
        assert!(test.about.ends_with('.') && !test.reference.is_empty(), "{path}");
        assert!(test.lines.iter().any(|line| line.expectation.is_some()), "{path}");
    }
}

#[test]
fn no_two_tests_are_the_same_program() {
    let mut programs = BTreeSet::new();
    for Entry { path, test } in corpus() {
        let program: Vec<_> = test.program().iter().map(litmus::statement_text).collect();
        assert!(programs.insert(program), "{path}");
    }
}

#[test]
fn each_test_is_written_as_the_printer_writes_it() {
    for Entry { path, test } in corpus() {
        let text = std::fs::read_to_string(format!("../{path}")).unwrap();
        assert_eq!(litmus::text(&test).trim_end(), text.trim_end(), "{path}");
    }
}

#[test]
fn the_model_says_what_each_test_claims_under_every_preset_and_proposal_or_of_its_kernel() {
    for Entry { path, test } in corpus() {
        let proposals = proposals().filter(|_| test.kernel_policy().is_none());
        for policy in policies(&test).into_iter().chain(proposals) {
            let trace = model_trace(&test.program(), &policy);
            assert_eq!(first_misclaim(&test, &trace, &policy), None, "{path} under {policy:?}");
        }
    }
}

#[test]
fn each_choice_of_the_policy_has_a_test_that_shows_it() {
    let corpus = corpus();
    for field in FIELDS.iter().filter(|field| field.kind == Kind::Choice) {
        let entry = corpus.iter().find(|it| it.test.field.as_deref() == Some(field.name));
        let test = &entry.unwrap_or_else(|| panic!("no test about {}", field.name)).test;
        assert_eq!(test.name, format!("policy.{}", field.name));
        let traces = [false, true].map(|value| {
            model_trace(&test.program(), &Policy::default().with(field.name, value).unwrap())
        });
        assert_ne!(traces[0], traces[1], "{}", field.name);
    }
}

#[test]
fn each_field_of_a_proposal_shows_in_some_test() {
    let corpus = corpus();
    for field in FIELDS.iter().filter(|field| field.kind == Kind::Proposal) {
        assert_eq!(field.presets(), [false; PRESETS.len()], "{}", field.name);
        let shows = |entry: &Entry| {
            proposals().any(|policy| {
                let traces = [false, true].map(|value| {
                    let policy = policy.with(field.name, value).unwrap();
                    model_trace(&entry.test.program(), &policy)
                });
                traces[0] != traces[1]
            })
        };
        assert!(corpus.iter().any(shows), "no test is about {}", field.name);
    }
    for proposal in PROPOSALS {
        let policy = Policy::named(proposal.name).unwrap();
        assert!(policy.has_nosigbus() && policy != Policy::default(), "{}", proposal.name);
        assert!(proposal.fields.iter().all(|field| policy.get(field) == Some(true)));
    }
}

#[test]
fn each_known_bug_breaks_its_own_test() {
    for Entry { path, test } in corpus().into_iter().filter(|it| it.test.name.starts_with("known."))
    {
        let field = test.field.as_deref().unwrap_or_else(|| panic!("{path} has no field"));
        let policy = Policy::default().with(field, true).unwrap();
        let trace = model_trace(&test.program(), &policy);
        assert!(first_misclaim(&test, &trace, &policy).is_some(), "{path}");
        assert!(!test.affected.is_empty() && !test.fixed.is_empty(), "{path}");
    }
}

#[test]
fn each_operation_has_a_test_and_is_documented_as_it_is_called() {
    let programs: Vec<_> = corpus().iter().flat_map(|entry| entry.test.program()).collect();
    for call in Call::ALL {
        assert!(programs.iter().any(|it| it.op.call() == *call), "no test of {call:?}");
        assert!(call.about().contains(&format!("{}(", call.text())), "{}", call.about());
    }
}

#[test]
fn an_operation_is_made_of_its_arguments() {
    let op_of = |call: Call, argument: &dyn Fn(Field) -> Argument| {
        call.with(|field| Ok::<_, Infallible>(argument(field)))
            .unwrap_or_else(|never| match never {})
    };
    for statement in corpus().iter().flat_map(|entry| entry.test.program()) {
        let op = statement.op;
        assert_eq!(op.map(|_, argument| argument), op);
        let wrong = |field: Field| match field.shape {
            Shape::Byte => Argument::Cells(Cells(7)),
            _ => Argument::Byte(7),
        };
        let wrong_too = |field: Field| match field.shape {
            Shape::Actor => Argument::Cells(Cells(7)),
            _ => Argument::Actor(Actor::B),
        };
        assert_eq!(op_of(op.call(), &wrong), op_of(op.call(), &wrong_too), "{op:?}");
    }
}

#[test]
fn each_preset_is_that_of_its_version() {
    for (place, (name, version)) in PRESETS.into_iter().enumerate() {
        let policy = Policy::named(name).unwrap();
        assert_eq!(Policy::preset_for(version), (name, policy));
        for field in FIELDS {
            assert_eq!(policy.get(field.name), Some(field.presets()[place]), "{}", field.name);
        }
    }
    assert_eq!(Policy::preset_for((4, 19)), Policy::preset_for(PRESETS[0].1));
    assert_eq!((Policy::default().get("none"), Policy::default().with("none", true)), (None, None));
}

#[test]
fn a_variant_is_a_preset_but_for_its_differences_and_breaks_a_claim() {
    let corpus = corpus();
    for Variant { name, like, differences } in VARIANTS {
        let (policy, like) = (Policy::named(name).unwrap(), Policy::named(like).unwrap());
        for field in FIELDS.iter().map(|field| field.name) {
            let difference = differences.iter().find(|(name, _)| *name == field);
            let expected = difference.map_or(like.get(field), |(_, value)| Some(*value));
            assert_eq!(policy.get(field), expected, "{name}: {field}");
            assert_eq!(difference.is_some(), expected != like.get(field), "{name}: {field}");
        }
        let is_broken = |Entry { test, .. }: &Entry| misclaims(test, &policy);
        assert!(corpus.iter().any(is_broken), "{name} does what every test claims");
    }
}

/// No such kernel is here: without a test of it nothing would hold the model to what is said of it.
#[test]
fn each_difference_of_another_system_has_a_test_that_shows_it() {
    let corpus = corpus();
    let of = |name| corpus.iter().filter(move |it| it.test.kernel == Some(name));
    let variants = VARIANTS.iter().filter(|variant| of(variant.name).next().is_some());
    for Variant { name, differences, .. } in variants.clone() {
        let policy = Policy::named(name).unwrap();
        for (field, value) in *differences {
            let without = policy.with(field, !value).unwrap();
            assert!(of(name).any(|it| misclaims(&it.test, &without)), "{name}: {field}");
        }
    }
    for field in FIELDS.iter().filter(|field| field.kind == Kind::Foreign) {
        let differs = |variant: &Variant| variant.differences.contains(&(field.name, true));
        assert!(variants.clone().any(differs), "nothing is {}", field.name);
        assert!(field.presets().iter().all(|is_on| !is_on), "{}", field.name);
    }
}

fn misclaims(test: &Test, policy: &Policy) -> bool {
    first_misclaim(test, &model_trace(&test.program(), policy), policy).is_some()
}
