//! Properties of `step`, on random programs.

use arbitrary::Unstructured;
use mapspec::compare::{first_difference, trace};
use mapspec::fuzz_target::refinement;
use mapspec::generate;
use mapspec_model::memory::{Cow, Ideal};
use mapspec_model::op::{Call, MapFlags, Op, Seals, Shape, Statement};
use mapspec_model::outcome::Outcome;
use mapspec_model::policy::{PRESETS, Policy};
use mapspec_model::{World, step};
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, proptest};

fn program(bytes: &[u8]) -> Vec<Statement> {
    generate::program(&[], &mut Unstructured::new(bytes)).unwrap()
}

fn policy(choice: usize) -> Policy {
    Policy::named(PRESETS[choice % PRESETS.len()].0).unwrap()
}

/// Whether the operation may change the world although it fails: up to a hole; mremap at its new
/// place; mmap that the file system refuses, which comes last; write, which fills the hole that it was to write to; exec, which brings the page in; what a
/// userfaultfd's handler does page by page; a load that is refused, because it may have mapped the
/// page's neighbors; a store that a userfaultfd refuses, because it has faulted the page in.
fn may_fail_by_halves(world: &World<Cow>, op: &Op) -> bool {
    match op {
        Op::Mprotect { .. }
        | Op::Msync { .. }
        | Op::Mlock { .. }
        | Op::Mlock2 { .. }
        | Op::Munlock { .. }
        | Op::Mremap { .. }
        | Op::Madvise { .. }
        | Op::Write { .. }
        | Op::Load { .. }
        | Op::Execute { .. }
        | Op::ProcessVmReadv { .. }
        | Op::MemRead { .. }
        | Op::UffdZeropage { .. }
        | Op::UffdContinue { .. }
        | Op::UffdPoison { .. }
        | Op::UffdMove { .. }
        | Op::UffdWriteprotect { .. } => true,
        Op::Mmap { flags, .. } => flags.contains(MapFlags::SYNC),
        Op::Store { .. } => world.userfaults.iter().any(Option::is_some),
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn copy_on_write_is_invisible(bytes in vec(any::<u8>(), 256)) {
        prop_assert_eq!(refinement(&bytes, &"detected".parse().unwrap()), Ok(()));
    }

    #[test]
    fn copy_on_write_is_invisible_to_userfaultfds(
        bytes in vec(any::<u8>(), 256), choice in 0_usize..8,
    ) {
        let is_about_them = |call: &Call| call.fields().iter().any(|it| it.shape == Shape::Handler);
        let favored: Vec<_> = Call::ALL.iter().copied().filter(is_about_them).collect();
        let program = generate::program(&favored, &mut Unstructured::new(&bytes)).unwrap();
        let policy = policy(choice);
        let (ideal, cow) = (trace::<Ideal>(&program, &policy), trace::<Cow>(&program, &policy));
        prop_assert_eq!(first_difference(&ideal, &cow), None, "{:?}", program);
    }

    #[test]
    fn a_failed_operation_leaves_the_world_unchanged(
        bytes in vec(any::<u8>(), 256), choice in 0_usize..8,
    ) {
        let policy = policy(choice);
        let mut world = World::<Cow>::new();
        for statement in program(&bytes) {
            let before = world;
            let outcome = step(&mut world, statement.actor, &statement.op, &policy);
            let failed = matches!(
                outcome, Outcome::Error(_) | Outcome::Signal(_) | Outcome::BeyondBounds
            );
            let by_halves = may_fail_by_halves(&before, &statement.op);
            if failed && !(by_halves && outcome != Outcome::BeyondBounds) {
                prop_assert_eq!(&before, &world, "{:?}", statement);
            }
        }
    }

    #[test]
    fn seals_only_grow_and_seal_freezes_them(bytes in vec(any::<u8>(), 256)) {
        let mut world = World::<Cow>::new();
        for statement in program(&bytes) {
            let before = world;
            step(&mut world, statement.actor, &statement.op, &Policy::default());
            for file in 0..world.files.len() {
                if before.is_referenced(file) && world.is_referenced(file) {
                    let (was, is) = (before.files[file].seals, world.files[file].seals);
                    prop_assert!(is.contains(was), "{statement:?}");
                    prop_assert!(is == was || !was.contains(Seals::SEAL), "{statement:?}");
                }
            }
        }
    }
}

#[test]
fn the_theorem_fails_where_copy_on_write_is_wrong() {
    let policy = Policy { copy_on_write_ignores_other_owners: true, ..Policy::default() };
    let test = mapspec::litmus::parse(
        "A: mmap(@0, 1p, rw, private|anon)\nA: store(@0, 1)\nA: fork(B)\nA: store(@0, 2)\nB: load(@0)\n",
    );
    let (mut ideal, mut cow) = (World::<Ideal>::new(), World::<Cow>::new());
    let agree = test.unwrap().program().iter().all(|statement| {
        let promised = step(&mut ideal, statement.actor, &statement.op, &policy);
        promised.permits(step(&mut cow, statement.actor, &statement.op, &policy))
    });
    assert!(!agree);
}

/// Whether the kernel has merged neighbors that two calls have made depends on what no manual page
/// promises.
#[test]
fn nothing_is_claimed_where_the_kernel_may_have_two_mappings() {
    let is_claimed = |text: &str| mapspec::litmus::parse(text).is_ok();
    let one = "A: mmap(@0, 2p, rw, private|anon)\n";
    let two = "A: mmap(@0, 1p, rw, private|anon)\nA: mmap(@1, 1p, rw, private|anon)\n";
    let split = format!("{one}A: mprotect(@1, 1p, r)\nA: mprotect(@1, 1p, rw)\n");
    let growth = "A: mremap(@0, 2p, 3p, none)\n";
    assert!(is_claimed(&format!("{one}{growth}")));
    assert!(!is_claimed(&format!("{two}{growth}")));
    assert!(!is_claimed(&format!("{split}{growth}")));
    assert!(is_claimed(&format!("{two}A: mremap(@1, 1p, 2p, none)\n")));
}
