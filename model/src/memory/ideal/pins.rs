//! Sets of pins.

use crate::bounds::{PINS, PROCESSES};
use crate::memory::PinPlace;

/// A set of pins of all processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pins(u8);

const _: () = assert!(PROCESSES * PINS <= u8::BITS as usize);

impl Pins {
    /// No pin.
    pub const NONE: Self = Self(0);

    /// This pin alone.
    pub const fn one(PinPlace { process, pin }: PinPlace) -> Self {
        Self(1 << (process * PINS + pin))
    }

    /// The pins of both sets.
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The pins of this set that are not in the other one.
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether the other set has all of these pins.
    pub fn is_within(self, other: Self) -> bool {
        self.without(other) == Self::NONE
    }
}
