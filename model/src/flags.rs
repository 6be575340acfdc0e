//! Sets of named flags, and choices between named values. The names are those of the litmus
//! language.

/// A set of named flags.
pub trait Flags: Copy + Eq + 'static {
    /// The names of the flags in the litmus language, in the order in which they are printed; the
    /// n-th is that of the bit 2ⁿ.
    const NAMES: &'static [&'static str];

    /// Each flag with its name.
    const NAMED: &'static [(&'static str, Self)];

    /// The bits.
    fn as_bits(self) -> u16;

    /// The flags of these bits; others are left out.
    fn of_bits(bits: u16) -> Self;
}

/// One of several named values.
pub trait Choice: Copy + Eq + 'static {
    /// Each value with its name in the litmus language, the simplest first.
    const NAMED: &'static [(&'static str, Self)];
}

macro_rules! flag_set {
    (
        $(#[$meta:meta])*
        pub struct $set:ident {
            $( $(#[$flag_meta:meta])* $flag:ident = $bit:literal, $name:literal; )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        pub struct $set(u16);

        impl $set {
            $( $(#[$flag_meta])* pub const $flag: Self = Self(1 << $bit); )*

            /// No flag.
            pub const EMPTY: Self = Self(0);

            /// The names of the flags; the n-th is that of the bit 2ⁿ.
            pub const NAMES: &'static [&'static str] = &[$($name),*];

            /// Every flag.
            pub const ALL: Self = Self(0 $(| 1 << $bit)*);

            /// The bits, in the order of the names.
            pub const fn bits(self) -> u16 {
                self.0
            }

            /// The flags of these bits; others are left out.
            pub const fn from_bits(bits: u16) -> Self {
                Self(bits & Self::ALL.0)
            }

            /// Whether every flag of `other` is in this set.
            pub const fn contains(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }

            /// Whether some flag of `other` is in this set.
            pub const fn intersects(self, other: Self) -> bool {
                self.0 & other.0 != 0
            }

            /// Whether no flag is set.
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }

            /// The flags of this set that are not in `other`.
            pub const fn without(self, other: Self) -> Self {
                Self(self.0 & !other.0)
            }

            /// The flags of both sets.
            pub const fn union(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }

            /// The flags that both sets have.
            pub const fn intersection(self, other: Self) -> Self {
                Self(self.0 & other.0)
            }
        }

        impl crate::flags::Flags for $set {
            const NAMES: &'static [&'static str] = Self::NAMES;
            const NAMED: &'static [(&'static str, Self)] = &[$(($name, Self::$flag)),*];

            fn as_bits(self) -> u16 {
                self.0
            }

            fn of_bits(bits: u16) -> Self {
                Self::from_bits(bits)
            }
        }

        impl core::ops::BitOr for $set {
            type Output = Self;
            fn bitor(self, other: Self) -> Self {
                self.union(other)
            }
        }
    };
}
pub(crate) use flag_set;

macro_rules! choice {
    (
        $(#[$meta:meta])*
        pub enum $choice:ident {
            $( $(#[$value_meta:meta])* $value:ident = $name:literal, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[repr(u8)]
        pub enum $choice {
            $( $(#[$value_meta])* $value, )+
        }

        impl $choice {
            /// The names of the values.
            pub const NAMES: &'static [&'static str] = &[$($name),+];
        }

        impl crate::flags::Choice for $choice {
            const NAMED: &'static [(&'static str, Self)] = &[$(($name, Self::$value)),+];
        }

        impl Default for $choice {
            fn default() -> Self {
                <Self as crate::flags::Choice>::NAMED[0].1
            }
        }
    };
}
pub(crate) use choice;
