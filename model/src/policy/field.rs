//! What a field of the policy is.

use super::PRESETS;

/// What kind of difference a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Kernels, processors or system settings may differ in it.
    Choice,
    /// Wrong wherever it is: a bug of some Linux, or a mistake of another kernel.
    Bug,
    /// What another system than Linux does, and may: no Linux has it, so that none is asked for it.
    Foreign,
    /// What somebody has proposed, and no kernel does.
    Proposal,
}

/// A field of the policy, as a value.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The field's name.
    pub name: &'static str,
    /// Whose behavior it is.
    pub kind: Kind,
    /// Its documentation.
    pub about: &'static str,
    pub(super) presets: [bool; PRESETS.len()],
}

impl Field {
    /// The field's value in each of the [`PRESETS`].
    pub const fn presets(&self) -> [bool; PRESETS.len()] {
        self.presets
    }
}
