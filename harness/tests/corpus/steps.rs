//! Every step that a test of the corpus makes, over both memories and under every preset.

use std::array;
use std::collections::{BTreeSet, HashSet};

use mapspec::compare::first_misclaim;
use mapspec::generate::ask_for_no_sigbus;
use mapspec::litmus::statement_text;
use mapspec::sweep::Swept;
use mapspec_model::memory::{Cow, Ideal, Memory as _, PinPlace, PinnedFrame, Place};
use mapspec_model::op::{Argument, Call, Statement};
use mapspec_model::outcome::Outcome;
use mapspec_model::policy::{FIELDS, Kind, Policy};
use mapspec_model::property::{self, Property, Step, Verdict};
use mapspec_model::{PAGES, PROCESSES, World, step};

use super::{corpus, presets};

/// Each program with its sweep, under each preset; and, with all that may asking for no SIGBUS,
/// under the proposal of which everything is true.
fn programs() -> impl Iterator<Item = (String, Vec<Statement>, Policy)> {
    corpus().into_iter().flat_map(|entry| {
        presets().chain(Policy::named("nosigbus-private")).map(move |policy| {
            let mut program = entry.test.program();
            if policy.has_nosigbus() {
                ask_for_no_sigbus(&mut program, || true);
            }
            let swept = Swept::new(&program, &policy, true);
            (entry.path.clone(), swept.program, policy)
        })
    })
}

#[test]
fn every_property_holds_and_has_a_witness() {
    let mut witnessed = BTreeSet::new();
    for (path, program, policy) in programs() {
        let (mut cow, mut ideal) = (World::<Cow>::new(), World::<Ideal>::new());
        for statement in program {
            let before = cow;
            let outcome = step(&mut cow, statement.actor, &statement.op, &policy);
            let promised = Some(step(&mut ideal, statement.actor, &statement.op, &policy));
            assert_eq!(of_its_parts(&cow.memory), cow.memory, "{path}: {statement:?}");
            assert!(ideal.memory.permits(&Ideal::of(&cow.memory)), "{path}: {statement:?}");
            let this = Step { before: &before, statement, outcome, after: &cow, promised };
            for property in property::ALL.iter().filter(|it| it.is_expected(&policy)) {
                match property.judge(&this) {
                    Verdict::Holds => witnessed.insert(property.name),
                    Verdict::Silent => false,
                    Verdict::Fails if !property.is_expected(&policy) => false,
                    Verdict::Fails => {
                        panic!("{path}: {}: {}", property.name, statement_text(&statement))
                    }
                };
            }
        }
    }
    for Property { name, says, .. } in property::ALL {
        assert_eq!(property::named(name).map(|it| it.says), Some(*says));
        assert!(witnessed.contains(name), "no test is about {name}");
    }
}

/// A memory has no other state than its parts, of which the proofs make any.
fn of_its_parts(cow: &Cow) -> Cow {
    let pages = |process| array::from_fn(|page| cow.entry(Place { process, page }));
    let cache = array::from_fn(|file| array::from_fn(|page| cow.cached(file, page)));
    let pins = |process| {
        array::from_fn(|pin| {
            let place = PinPlace { process, pin };
            let pinned = cow.pinned(place).zip(cow.reference(place));
            pinned.map(|(frame, reference)| PinnedFrame { frame, reference })
        })
    };
    let frames = array::from_fn(|frame| cow.frame(frame as u8));
    let (tables, pins) = (array::from_fn(pages), array::from_fn(pins));
    let mut made = Cow::of_parts(tables, cache, frames, pins, cow.zero_page());
    for (process, page) in (0..PROCESSES).flat_map(|it| (0..PAGES).map(move |page| (it, page))) {
        let place = Place { process, page };
        made.set_presence(place, cow.presence(place));
    }
    made
}

#[test]
fn each_mistake_breaks_a_claim() {
    let corpus = corpus();
    for field in FIELDS.iter().filter(|field| field.kind == Kind::Bug) {
        let policy = Policy::default().with(field.name, true).unwrap();
        let sees = |entry: &mapspec::corpus::Entry| {
            let trace = mapspec::compare::model_trace(&entry.test.program(), &policy);
            first_misclaim(&entry.test, &trace, &policy).is_some()
        };
        assert!(corpus.iter().any(sees), "no claim is about {}", field.name);
    }
}

/// The canonical form stands for a world in [`explore`](mapspec::explore).
#[test]
fn a_world_and_its_canonical_form_go_on_alike() {
    let mut ends = HashSet::new();
    for (path, program, policy) in programs() {
        let (mut world, mut canonical) = (World::<Cow>::new(), World::<Cow>::new());
        let (mut ideal, mut renumbered) = (World::<Ideal>::new(), World::<Ideal>::new());
        for Statement { actor, op } in program {
            let outcome = step(&mut world, actor, &op, &policy);
            assert_eq!(step(&mut canonical, actor, &op, &policy), outcome, "{path}: {op:?}");
            canonical = canonical.canonical();
            let promised = step(&mut ideal, actor, &op, &policy);
            assert_eq!(step(&mut renumbered, actor, &op, &policy), promised, "{path}: {op:?}");
            renumbered = renumbered.canonical();
        }
        assert_eq!(world.canonical(), canonical, "{path}");
        ends.insert(canonical);
        assert!(!ends.insert(canonical.canonical()), "{path}");
    }
}

/// Values can be renamed: but for the instruction that `exec` asks for, none but zero means anything.
#[test]
fn other_values_make_no_other_difference() {
    const OTHER: fn(u8) -> u8 = u8::wrapping_neg;
    let renamed = |outcome| match outcome {
        Outcome::Value(value) => Outcome::Value(OTHER(value)),
        Outcome::OneOf(one, other) => Outcome::OneOf(OTHER(one), OTHER(other)),
        _ => outcome,
    };
    for (path, program, policy) in programs() {
        if program.iter().any(|statement| statement.op.call() == Call::Execute) {
            continue;
        }
        let (mut world, mut other) = (World::<Cow>::new(), World::<Cow>::new());
        let (mut ideal, mut other_ideal) = (World::<Ideal>::new(), World::<Ideal>::new());
        for Statement { actor, op } in program {
            let other_op = op.map(|_, argument| match argument {
                Argument::Byte(value) => Argument::Byte(OTHER(value)),
                _ => argument,
            });
            let outcome = step(&mut world, actor, &op, &policy);
            let other_outcome = step(&mut other, actor, &other_op, &policy);
            assert_eq!(renamed(outcome), other_outcome, "{path}: {op:?}");
            step(&mut ideal, actor, &op, &policy);
            step(&mut other_ideal, actor, &other_op, &policy);
        }
        world.memory.replace_values(OTHER);
        assert_eq!(world.memory, other.memory, "{path}");
        ideal.memory.replace_values(OTHER);
        assert_eq!(ideal.memory, other_ideal.memory, "{path}");
    }
}
