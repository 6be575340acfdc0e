//! The arguments of operations as values: what the language, the generator, the shrinker and all
//! others that treat operations alike need to know of them.

use super::{
    Actor, Address, Advice, Cells, CopyMode, FallocateMode, Handler, HandlerFlags, LockFlags,
    MapFlags, Medium, MemfdFlags, Mode, Modes, Name, OpenFlags, PinAccess, PinFlags, PinName,
    Protection, RemapFlags, Remote, SealFlags, Seals, Switch, SyncFlags,
};
use crate::flags::Choice as _;

/// An argument of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Argument {
    /// A descriptor.
    Name(Name),
    /// A descriptor, or none.
    OptionalName(Option<Name>),
    /// A pin.
    Pin(PinName),
    /// A userfaultfd.
    Handler(Handler),
    /// A process.
    Actor(Actor),
    /// A place in the arena.
    Address(Address),
    /// A place in the arena, or none.
    OptionalAddress(Option<Address>),
    /// A place in the arena of some process.
    Remote(Remote),
    /// A length, an offset or a size.
    Cells(Cells),
    /// A value of a cell.
    Byte(u8),
    /// A protection.
    Protection(Protection),
    /// A set of flags: the bit with the value 2ⁿ is the n-th name of [`Shape::Set`].
    Set(u16),
    /// One of several values, by its place in [`Shape::Choice`].
    Choice(u8),
}

/// What kind of [`Argument`] there must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "they are those of Argument")]
pub enum Shape {
    Name,
    OptionalName,
    Handler,
    Pin,
    Actor,
    Address,
    OptionalAddress,
    Remote,
    Cells,
    Byte,
    Protection,
    /// The names of the flags.
    Set(&'static [&'static str]),
    /// The names of the values, the simplest first.
    Choice(&'static [&'static str]),
}

/// A place for an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The field's name in [`Op`](super::Op). What is called `name` is a descriptor or a pin that
    /// the operation makes; a `length` after an `at` makes it a range of the arena.
    pub name: &'static str,
    /// Whether it may be left out at the end, where it is nothing, zero or empty.
    pub optional: bool,
    /// What it must be.
    pub shape: Shape,
}

/// A type that an argument can have.
pub trait Type: Copy + Default {
    /// What kind of argument it is.
    const SHAPE: Shape;

    /// The value as an argument.
    fn argument(self) -> Argument;

    /// The argument as a value, if it is one of this type.
    fn of(argument: Argument) -> Option<Self>;
}

macro_rules! types {
    ($($type:ty => $shape:ident,)+) => {
        $(impl Type for $type {
            const SHAPE: Shape = Shape::$shape;

            fn argument(self) -> Argument {
                Argument::$shape(self)
            }

            fn of(argument: Argument) -> Option<Self> {
                let Argument::$shape(value) = argument else { return None };
                Some(value)
            }
        })+
    };
}

types! {
    Name => Name,
    Option<Name> => OptionalName,
    PinName => Pin,
    Handler => Handler,
    Actor => Actor,
    Address => Address,
    Option<Address> => OptionalAddress,
    Remote => Remote,
    Cells => Cells,
    u8 => Byte,
    Protection => Protection,
}

macro_rules! sets {
    ($($set:ty),+ $(,)?) => {
        $(impl Type for $set {
            const SHAPE: Shape = Shape::Set(Self::NAMES);

            fn argument(self) -> Argument {
                Argument::Set(self.bits())
            }

            fn of(argument: Argument) -> Option<Self> {
                let Argument::Set(bits) = argument else { return None };
                Some(Self::from_bits(bits))
            }
        })+
    };
}

sets! { MemfdFlags, MapFlags, Seals, OpenFlags, SyncFlags, RemapFlags, LockFlags, SealFlags, HandlerFlags, Modes, CopyMode, PinFlags }

macro_rules! choices {
    ($($choice:ty),+ $(,)?) => {
        $(impl Type for $choice {
            const SHAPE: Shape = Shape::Choice(Self::NAMES);

            fn argument(self) -> Argument {
                Argument::Choice(self as u8)
            }

            fn of(argument: Argument) -> Option<Self> {
                let Argument::Choice(place) = argument else { return None };
                Self::NAMED.get(place as usize).map(|(_, value)| *value)
            }
        })+
    };
}

choices! { Mode, Medium, FallocateMode, Advice, Switch, PinAccess }
