//! The kernels that have a name.

use super::{Policy, Proposal};

/// The kernels for which there is a preset, oldest first: name and version.
pub const PRESETS: [(&str, (u32, u32)); 5] = [
    ("linux-5.10", (5, 10)),
    ("linux-6.1", (6, 1)),
    ("linux-6.12", (6, 12)),
    ("linux-6.18", (6, 18)),
    ("linux-7.2", (7, 2)),
];

/// A kernel that is told by what sets it apart from a preset: none is started from it.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// Its name.
    pub name: &'static str,
    /// The preset that it is most like.
    pub like: &'static str,
    /// The fields in which it differs from that.
    pub differences: &'static [(&'static str, bool)],
}

/// The kernels without a preset: what is history has bugs, and another system than Linux goes its
/// own ways.
pub const VARIANTS: &[Variant] = &[
    Variant {
        name: "linux-5.7",
        like: "linux-5.10",
        differences: &[
            ("copy_on_write_ignores_pins", true),
            ("copy_on_write_counts_references", false),
            ("fork_copies_pinned_pages", false),
        ],
    },
    // Of FreeBSD nothing is meant but memfd_create and what seals do: since 13.0.
    Variant {
        name: "freebsd",
        like: "linux-7.2",
        differences: &[
            ("memfd_name_comes_first", true),
            ("memfd_without_name_is_bad_descriptor", true),
            ("memfd_needs_size_of_huge_pages", true),
            ("seal_exec_exists", false),
            ("unknown_seals_are_kept", true),
            ("future_write_seal_does_not_bind", true),
            ("seals_are_for_memfds_only", true),
            ("sealed_mapping_is_access_denied", true),
        ],
    },
];

impl Policy {
    /// The policy of the preset with this name, or of a kernel of [`VARIANTS`], or the default with one
    /// of the [`PROPOSALS`](super::PROPOSALS).
    pub fn named(name: &str) -> Option<Self> {
        if let Some(proposal) = Proposal::named(name) {
            return Some(proposal.add_to(Self::default()));
        }
        let preset = |name| (0..PRESETS.len()).find(|&index| PRESETS[index].0 == name);
        let Some(variant) = VARIANTS.iter().find(|variant| variant.name == name) else {
            return preset(name).map(Self::preset);
        };
        let like = preset(variant.like).map(Self::preset)?;
        variant.differences.iter().try_fold(like, |it, (field, value)| it.with(field, *value))
    }

    /// The newest preset that is not newer than this version; the oldest one for older kernels.
    pub fn preset_for(version: (u32, u32)) -> (&'static str, Self) {
        let newest = (0..PRESETS.len()).rev().find(|&index| PRESETS[index].1 <= version);
        let index = newest.unwrap_or(0);
        (PRESETS[index].0, Self::preset(index))
    }
}

impl Default for Policy {
    /// The newest preset.
    fn default() -> Self {
        Self::preset(PRESETS.len() - 1)
    }
}
