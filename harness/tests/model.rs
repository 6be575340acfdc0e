//! Properties of `step`, on random programs.

use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};

use arbitrary::Unstructured;
use mapspec::compare::{first_difference, trace};
use mapspec::fuzz_target::refinement;
use mapspec::generate;
use mapspec_model::memory::{Cow, Ideal};
use mapspec_model::op::{Actor, Call, Op, PinName, Shape, Statement};
use mapspec_model::outcome::{Answers, Outcome, PageStates};
use mapspec_model::policy::{PRESETS, Policy};
use mapspec_model::property::{self, Step, Verdict};
use mapspec_model::{World, invariant, step};
use proptest::collection::vec;
use proptest::prelude::{
    ProptestConfig, any, prop_assert, prop_assert_eq, prop_assert_ne, proptest,
};

fn program(bytes: &[u8]) -> Vec<Statement> {
    generate::program(&[], &mut Unstructured::new(bytes)).unwrap()
}

fn policy(choice: usize) -> Policy {
    Policy::named(PRESETS[choice % PRESETS.len()].0).unwrap()
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
    fn copy_on_write_is_invisible_to_pins(
        bytes in vec(any::<u8>(), 256), choice in 0_usize..8,
    ) {
        let is_about_them = |call: &Call| call.fields().iter().any(|it| it.shape == Shape::Pin);
        let mut favored: Vec<_> = Call::ALL.iter().copied().filter(is_about_them).collect();
        favored.extend([Call::Fork, Call::Mprotect, Call::Store]);
        let program = generate::program(&favored, &mut Unstructured::new(&bytes)).unwrap();
        let policy = policy(choice);
        let (ideal, cow) = (trace::<Ideal>(&program, &policy), trace::<Cow>(&program, &policy));
        prop_assert_eq!(first_difference(&ideal, &cow), None, "{:?}", program);
    }

    /// The statements of one program are legal there; in the world that another one leaves, many are not.
    #[test]
    fn what_leaves_the_bounds_changes_nothing(
        bytes in vec(any::<u8>(), 256), others in vec(any::<u8>(), 256), choice in 0_usize..8,
    ) {
        let is_about_them = |call: &Call| call.fields().iter().any(|it| it.shape == Shape::Handler);
        let favored: Vec<_> = Call::ALL.iter().copied().filter(is_about_them).collect();
        let legal = |bytes: &[u8]| generate::program(&favored, &mut Unstructured::new(bytes)).unwrap();
        let policy = policy(choice);
        let mut world = World::<Cow>::new();
        for statement in legal(&bytes) {
            step(&mut world, statement.actor, &statement.op, &policy);
            for Statement { actor, op } in legal(&others) {
                let mut after = world;
                if step(&mut after, actor, &op, &policy) == Outcome::BeyondBounds {
                    prop_assert!(after == world, "{:?}: {:?}", actor, op);
                }
            }
        }
    }

    /// Whoever visits many worlds tells them apart by their hashes.
    #[test]
    fn unlike_worlds_are_hashed_unlike(bytes in vec(any::<u8>(), 256)) {
        let favored = [Call::ClearRefs, Call::Store, Call::Mmap];
        let program = generate::program(&favored, &mut Unstructured::new(&bytes)).unwrap();
        let hash = |world: &World<Cow>| BuildHasherDefault::<DefaultHasher>::default().hash_one(world);
        let mut world = World::<Cow>::new();
        for Statement { actor, op } in program {
            let before = world;
            step(&mut world, actor, &op, &Policy::default());
            prop_assert_eq!(before == world, hash(&before) == hash(&world), "{:?}", op);
        }
    }

    #[test]
    fn every_property_holds(bytes in vec(any::<u8>(), 256), choice in 0_usize..8) {
        let policy = policy(choice);
        let (mut world, mut ideal) = (World::<Cow>::new(), World::<Ideal>::new());
        for statement in program(&bytes) {
            let before = world;
            let outcome = step(&mut world, statement.actor, &statement.op, &policy);
            let promised = Some(step(&mut ideal, statement.actor, &statement.op, &policy));
            let this = Step::new(&before, statement, outcome, &world).beside(promised);
            for property in property::ALL.iter().filter(|it| it.is_expected(&policy)) {
                let verdict = property.judge(&this);
                prop_assert_ne!(verdict, Verdict::Fails, "{}: {:?}", property.name, statement);
            }
            let broken = invariant::first_broken(&world).map(|clause| clause.name);
            prop_assert_eq!(broken, None, "{:?}", statement);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn private_memory_may_ask_for_no_sigbus(bytes in vec(any::<u8>(), 256)) {
        let policy = Policy::named("nosigbus-private").unwrap();
        let favored = [Call::Mmap, Call::Ftruncate, Call::Load, Call::Store, Call::Fork];
        let mut program = generate::program(&favored, &mut Unstructured::new(&bytes)).unwrap();
        let mut coins = bytes.iter().map(|byte| byte % 4 > 0).cycle();
        generate::ask_for_no_sigbus(&mut program, || coins.next().unwrap());
        let (mut world, mut ideal) = (World::<Cow>::new(), World::<Ideal>::new());
        for statement in program {
            let before = world;
            let outcome = step(&mut world, statement.actor, &statement.op, &policy);
            let promised = step(&mut ideal, statement.actor, &statement.op, &policy);
            prop_assert!(promised.permits(outcome), "{:?}", statement);
            let this = Step::new(&before, statement, outcome, &world).beside(Some(promised));
            for property in property::ALL {
                let verdict = property.judge(&this);
                prop_assert_ne!(verdict, Verdict::Fails, "{}: {:?}", property.name, statement);
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

/// Outcomes, which the other memory permits.
fn outcomes(program: &str, policy: &Policy, last: Option<Op>) -> Vec<Outcome> {
    let mut program = mapspec::litmus::parse(program).unwrap().program();
    program.extend(last.map(|op| Statement { actor: Actor::A, op }));
    let (ideal, cow) = (trace::<Ideal>(&program, policy), trace::<Cow>(&program, policy));
    assert_eq!(first_difference(&ideal, &cow), None, "{program:?}");
    cow
}

/// On a disk, such a page can be part of a large folio, which is zeroed in place.
#[test]
fn nothing_is_claimed_of_a_pinned_page_that_a_file_on_a_disk_has_lost() {
    let reads = |backing: &str, loses: &str| {
        let program =
            format!("A: f = {backing}\nA: pwrite(f, 0p, 1p, 1)\nA: p = splice(f, 0p)\n{loses}");
        let read = Op::ReadPin { pin: PinName(0) };
        outcomes(&program, &Policy::default(), Some(read)).last().copied()
    };
    assert_eq!(reads("open(disk)", ""), Some(Outcome::Value(1)));
    assert_eq!(reads("open(disk)", "A: ftruncate(f, 0p)\n"), Some(Outcome::BeyondBounds));
    assert_eq!(reads("memfd_create()", "A: ftruncate(f, 0p)\n"), Some(Outcome::Value(1)));
}

/// A merge decides the bits of both for one of them, a pin leaves those of its page open, and nothing
/// else does.
#[test]
fn soft_dirty_bits_are_in_doubt_only_after_a_merge_or_under_a_pin() {
    let clears = |program: &str| {
        let program = format!("A: mmap(@0, 1p, r, private|anon)\n{program}");
        let program = mapspec::litmus::parse(&program).unwrap().program();
        let policy = Policy::default();
        let [ideal, cow] = [trace::<Ideal>(&program, &policy), trace::<Cow>(&program, &policy)];
        assert_eq!(ideal.last(), cow.last());
        cow.last().copied()
    };
    let clean = "A: clear_refs()\nA: mmap(@1, 1p, rw, private|anon)\n";
    let merged = format!("{clean}A: mprotect(@0, 1p, rw)\n");
    let ask = "A: soft_dirty(@0)\n";
    assert_eq!(clears(&format!("{clean}{ask}")), Some(Outcome::Answer(Answers::NO)));
    assert_eq!(clears(&format!("{merged}{ask}")), Some(Outcome::Answer(Answers::ALL)));
    let pinned = "A: mprotect(@0, 1p, rw)\nA: store(@0, 1)\nA: p = pin(@0, rw)\nA: clear_refs()\n";
    assert_eq!(clears(&format!("{pinned}{ask}")), Some(Outcome::Answer(Answers::ALL)));
}

/// It depends on the page table, which the model does not have.
#[test]
fn whether_a_page_that_is_not_there_was_written_is_left_open() {
    let program = "A: mmap(@0, 1p, rw, private|anon)\nA: written(@0)\n";
    let answer = outcomes(program, &Policy::default(), None).last().copied();
    assert_eq!(answer, Some(Outcome::Answer(Answers::ALL)));
}

/// Before pins unshared pages, a pinned page could be one that another process had, too.
#[test]
fn what_fork_copies_for_a_pin_is_the_childs_alone() {
    let policy = Policy { pins_unshare_pages: false, ..Policy::default() };
    let program = "A: mmap(@0, 1p, rw, private|anon)\nA: store(@0, 1)\nA: fork(B)\n\
                   A: p = pin(@0, ro)\nA: fork(C)\nC: mmap(@4, 1p, rw, private|anon)\n\
                   C: u = userfaultfd()\nC: uffd_register(u, @4, 1p, missing)\n\
                   C: uffd_move(u, @4, @0, 1p)\n";
    assert_eq!(outcomes(program, &policy, None).last(), Some(&Outcome::Success));
}

/// Fork copies the page table only where it must; for pages of a file the model leaves it open.
#[test]
fn a_child_may_have_the_entries_of_a_file_or_not() {
    let pages = |private: &str| {
        let program = format!(
            "A: f = memfd_create()\nA: pwrite(f, 0p, 1p, 1)\nA: mmap(@0, 1p, rw, {private}, f, 0p)\n\
             A: store(@0, 2)\nA: fork(B)\nB: page(@0)\n"
        );
        outcomes(&program, &Policy::default(), None).last().copied()
    };
    let may_be_absent = PageStates::FILE | PageStates::NONE;
    assert_eq!(pages("shared"), Some(Outcome::Page(may_be_absent)));
    assert_eq!(pages("private"), Some(Outcome::Page(PageStates::ANONYMOUS)));
}
