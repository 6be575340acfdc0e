//! Sets of named flags. The names are those of the litmus language.

/// A set of named flags.
pub trait Flags: Copy + Eq + 'static {
    /// No flag.
    const NONE: Self;

    /// Each flag with its name in the litmus language, in the order in which it is printed.
    const NAMED: &'static [(&'static str, Self)];

    /// Whether every flag of `other` is in this set.
    fn has(self, other: Self) -> bool;

    /// The flags of both sets.
    fn and(self, other: Self) -> Self;
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
        pub struct $set(u8);

        impl $set {
            $( $(#[$flag_meta])* pub const $flag: Self = Self(1 << $bit); )*

            /// No flag.
            pub const EMPTY: Self = Self(0);

            /// Every flag.
            pub const ALL: Self = Self(0 $(| 1 << $bit)*);

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
            const NONE: Self = Self::EMPTY;
            const NAMED: &'static [(&'static str, Self)] = &[$(($name, Self::$flag)),*];

            fn has(self, other: Self) -> bool {
                self.contains(other)
            }

            fn and(self, other: Self) -> Self {
                self.union(other)
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
