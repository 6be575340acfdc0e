//! Every step that a test of the corpus makes, over both memories and under every preset.

use std::collections::{BTreeSet, HashSet};

use mapspec::compare::model_trace;
use mapspec::corpus::Entry;
use mapspec::generate::ask_for_no_sigbus;
use mapspec::litmus::statement_text;
use mapspec::sweep::Swept;
use mapspec_model::memory::{Cow, Ideal, Memory as _};
use mapspec_model::op::{Argument, Call, Statement};
use mapspec_model::outcome::Outcome;
use mapspec_model::policy::{FIELDS, Kind, PROPOSALS, Policy};
use mapspec_model::property::{self, Property, Step, Verdict};
use mapspec_model::{World, step};

use super::parts::Parts;
use super::{corpus, misclaims, policies};

/// Each program with its sweep, under each preset, or that of its kernel; and, with all that may asking
/// for no SIGBUS, under the proposal of which everything is true.
fn programs() -> impl Iterator<Item = (String, Vec<Statement>, Policy)> {
    corpus().into_iter().flat_map(|entry| {
        let of_kernel = entry.test.kernel_policy().is_some();
        let proposal = Policy::named("nosigbus-private").filter(|_| !of_kernel);
        policies(&entry.test).into_iter().chain(proposal).map(move |policy| {
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
            // A memory has no other state than its parts, of which the proofs make any.
            let together = Parts::of(&cow.memory).put_together(&cow.memory);
            assert_eq!(together, cow.memory, "{path}: {statement:?}");
            assert!(ideal.memory.permits(&Ideal::of(&cow.memory)), "{path}: {statement:?}");
            let this = Step::new(&before, statement, outcome, &cow).beside(promised);
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

/// Linus Torvalds foresaw it: a shared mapping that may still become writable dirties the zero page.
#[test]
fn the_widest_proposals_have_the_zero_page_written() {
    let zero_page = property::named("the-zero-page-is-not-written").unwrap();
    let is_broken = |proposal: &str| {
        let policy = Policy::named(proposal).unwrap();
        corpus().into_iter().any(|Entry { test, .. }| {
            let mut world = World::<Cow>::new();
            test.program().into_iter().any(|statement| {
                let before = world;
                let outcome = step(&mut world, statement.actor, &statement.op, &policy);
                let this = Step::new(&before, statement, outcome, &world);
                zero_page.judge(&this) == Verdict::Fails
            })
        })
    };
    let proposals = PROPOSALS.iter().map(|proposal| proposal.name);
    let broken: Vec<_> = proposals.filter(|name| is_broken(name)).collect();
    assert_eq!(broken, ["nosigbus-any", "nosigbus-may-write"]);
}

#[test]
fn each_mistake_breaks_a_claim() {
    let corpus = corpus();
    for field in FIELDS.iter().filter(|field| field.kind == Kind::Bug) {
        let policy = Policy::default().with(field.name, true).unwrap();
        let sees = |entry: &Entry| entry.test.kernel.is_none() && misclaims(&entry.test, &policy);
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
        ends.insert((canonical, renumbered));
        assert!(!ends.insert((canonical.canonical(), renumbered.canonical())), "{path}");
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

/// A claim that leaves a kernel more choice than the model would not notice a model that leaves it less.
#[test]
fn a_claim_leaves_no_more_choice_than_the_model() {
    for Entry { path, test } in corpus() {
        for policy in policies(&test) {
            let model = model_trace(&test.program(), &policy);
            for (line, outcome) in test.lines.iter().zip(model) {
                let claim = line.expectation.as_ref().and_then(|it| it.claim(&policy));
                let statement = statement_text(&line.statement);
                assert!(claim.is_none_or(|it| it == outcome), "{path}: {statement}: {outcome:?}");
            }
        }
    }
}
