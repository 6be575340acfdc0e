//! Where the model ends: an operation is beyond its bounds exactly if one of its arguments is.

use std::convert::Infallible;

use super::corpus;
use mapspec::sweep::Swept;
use mapspec_model::memory::Cow;
use mapspec_model::op::{
    Actor, Address, Argument, Call, Cells, Field, Handler, MapFlags, MemfdFlags, Name, Op, PinName,
    Protection, Remote, Shape,
};
use mapspec_model::outcome::{Answers, Outcome, PageStates};
use mapspec_model::{CELLS, DESCRIPTORS, HANDLERS, PAGES, PINS, Policy, World, step};

/// An argument beyond the bounds, if there is one that can be written for this field.
fn beyond(call: Call, field: Field) -> Option<Argument> {
    let name = Name(DESCRIPTORS as u8);
    let at = Address::page(PAGES as u8);
    let is_of_arena = || {
        call.fields().iter().any(|it| matches!(it.shape, Shape::Address | Shape::OptionalAddress))
    };
    match field.shape {
        Shape::Name => Some(Argument::Name(name)),
        Shape::OptionalName => Some(Argument::OptionalName(Some(name))),
        Shape::Handler => Some(Argument::Handler(Handler(HANDLERS as u8))),
        Shape::Pin => Some(Argument::Pin(PinName(PINS as u8))),
        Shape::Address => Some(Argument::Address(at)),
        Shape::OptionalAddress => Some(Argument::OptionalAddress(Some(at))),
        Shape::Remote => Some(Argument::Remote(Remote { process: Actor::A, at })),
        Shape::Cells if field.name == "length" && is_of_arena() => {
            Some(Argument::Cells(Cells((PAGES * CELLS) as u8 + 1)))
        }
        _ => None,
    }
}

#[test]
fn one_argument_beyond_the_bounds_is_enough() {
    for &call in Call::ALL {
        let Ok(plain) = call.with(|_| Ok::<_, Infallible>(Argument::Byte(0)));
        assert!(plain.is_within_bounds(), "{plain:?}");
        for field in call.fields() {
            let Some(argument) = beyond(call, *field) else { continue };
            let op = plain.map(|it, old| if it == *field { argument } else { old });
            assert!(!op.is_within_bounds(), "{op:?}");
            let outcome = step(&mut World::<Cow>::new(), Actor::A, &op, &Policy::default());
            assert_eq!(outcome, Outcome::BeyondBounds, "{op:?}");
        }
    }
}

#[test]
fn an_offset_in_a_file_may_be_any() {
    for &call in Call::ALL {
        let Ok(plain) = call.with(|_| Ok::<_, Infallible>(Argument::Byte(0)));
        for field in call.fields() {
            if field.shape == Shape::Cells && field.name != "length" {
                let far = Argument::Cells(Cells(u8::MAX));
                let op = plain.map(|it, old| if it == *field { far } else { old });
                assert!(op.is_within_bounds(), "{op:?}");
            }
        }
    }
}

/// Everything at once: every page of every process and of every file, and every pin.
#[test]
fn there_is_a_frame_for_everything() {
    let mut world = World::<Cow>::new();
    let mut run = |actor, op| step(&mut world, actor, &op, &Policy::default());
    let (first, all) = (Address::page(0), Cells::pages(PAGES as u8));
    let protection = Protection::READ | Protection::WRITE;
    let flags = MapFlags::PRIVATE | MapFlags::ANONYMOUS;
    let map = Op::Mmap { at: first, length: all, protection, flags, file: None, offset: Cells(0) };
    for child in &Actor::ALL[1..] {
        assert_eq!(run(Actor::A, Op::Fork { child: *child }), Outcome::Success);
    }
    let pages = 0..PAGES as u8;
    let value = |actor: Actor, page: u8| actor as u8 * PAGES as u8 + page + 1;
    for actor in Actor::ALL {
        for pin in 0..PINS as u8 {
            run(actor, map);
            run(actor, Op::Store { at: first, value: 200 + actor as u8 * PINS as u8 + pin });
            let name = PinName(pin);
            assert_eq!(run(actor, Op::Vmsplice { name, at: first }), Outcome::Success);
        }
        run(actor, map);
        for page in pages.clone() {
            run(actor, Op::Store { at: Address::page(page), value: value(actor, page) });
        }
    }
    for file in 0..DESCRIPTORS as u8 {
        let name = Name(file);
        run(Actor::A, Op::MemfdCreate { name, flags: MemfdFlags::EMPTY });
        run(Actor::A, Op::Ftruncate { file: name, size: all });
        for page in pages.clone() {
            let (offset, value) = (Cells::pages(page), 100 + file * PAGES as u8 + page);
            run(Actor::A, Op::Pwrite { file: name, offset, length: Cells(1), value });
        }
    }
    for actor in Actor::ALL {
        for page in pages.clone() {
            let found = run(actor, Op::Load { at: Address::page(page) });
            assert_eq!(found, Outcome::Value(value(actor, page)), "{actor:?} {page}");
        }
        for pin in 0..PINS as u8 {
            let found = run(actor, Op::ReadPin { pin: PinName(pin) });
            assert_eq!(found, Outcome::Value(200 + actor as u8 * PINS as u8 + pin), "{actor:?}");
        }
    }
    for file in 0..DESCRIPTORS as u8 {
        for page in pages.clone() {
            let found = run(Actor::A, Op::Pread { file: Name(file), offset: Cells::pages(page) });
            assert_eq!(found, Outcome::Value(100 + file * PAGES as u8 + page), "{file} {page}");
        }
    }
}

/// What a test claims of a set of states must be all that the model allows, and more is no claim.
#[test]
fn a_claim_covers_all_that_an_outcome_allows() {
    let page = Outcome::Page;
    let both = PageStates::NONE | PageStates::FILE;
    assert!(page(PageStates::NONE).is_within(page(both)) && page(both).is_within(page(both)));
    assert!(!page(both).is_within(page(PageStates::NONE)));
    let answer = Outcome::Answer;
    assert!(answer(Answers::NO).is_within(answer(Answers::ALL)));
    assert!(!answer(Answers::ALL).is_within(answer(Answers::NO)));
    let one_of = Outcome::OneOf(1, 2);
    assert!(one_of.is_within(one_of) && one_of.is_within(Outcome::AnyValue));
    assert!(!one_of.is_within(Outcome::Value(1)) && !one_of.is_within(Outcome::Value(2)));
}

/// Where nothing waits, `resume` has nothing to tell: a kernel that does something else is no divergence.
#[test]
fn what_leaves_the_bounds_on_older_kernels_is_judged_up_to_there() {
    let corpus = corpus();
    let test = &corpus.iter().find(|it| it.test.name == "uffd.minor-waits").unwrap().test;
    let older = Policy::named("linux-5.10").unwrap();
    let own = |policy| Swept::new(&test.program(), policy, false).own;
    assert_eq!(test.program()[own(&older)].op, Op::Resume {});
    assert_eq!(own(&Policy::default()), test.program().len());
}
