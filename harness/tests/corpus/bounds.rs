//! Where the model ends: an operation is beyond its bounds exactly if one of its arguments is.

use std::convert::Infallible;

use mapspec_model::memory::Cow;
use mapspec_model::op::{
    Actor, Address, Argument, Call, Cells, Field, Handler, Name, PinName, Remote, Shape,
};
use mapspec_model::outcome::Outcome;
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
