//! Kernels by their names: those that there are, those that are history, those that are proposed.

/// A kernel that is history: it has bugs, as no preset has.
#[derive(Clone, Copy, Debug)]
pub struct Historic {
    /// Its name.
    pub name: &'static str,
    /// The preset that it is most like.
    pub like: &'static str,
    /// The fields in which it differs from that.
    pub differences: &'static [(&'static str, bool)],
}

/// The kernels that are history, oldest first.
pub const HISTORY: &[Historic] = &[Historic {
    name: "linux-5.7",
    like: "linux-5.10",
    differences: &[
        ("copy_on_write_ignores_pins", true),
        ("copy_on_write_counts_references", false),
        ("fork_copies_pinned_pages", false),
    ],
}];

/// The kernels for which there is a preset, oldest first: name and version.
pub const PRESETS: [(&str, (u32, u32)); 5] = [
    ("linux-5.10", (5, 10)),
    ("linux-6.1", (6, 1)),
    ("linux-6.12", (6, 12)),
    ("linux-6.18", (6, 18)),
    ("linux-7.2", (7, 2)),
];

/// What somebody has proposed: fields of [`Kind::Proposal`](super::Kind::Proposal), which can be added to
/// the policy of any kernel.
#[derive(Clone, Copy, Debug)]
pub struct Proposal {
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub says: &'static str,
    /// The fields that it turns on.
    pub fields: &'static [&'static str],
}

/// The proposals: what `MAP_NOSIGBUS` might have been, from the widest to the narrowest.
pub const PROPOSALS: &[Proposal] = &[
    Proposal {
        name: "nosigbus-any",
        says: "any mapping may ask",
        fields: &[
            "nosigbus_for_private_mappings",
            "nosigbus_for_read_only_shared_mappings",
            "nosigbus_for_writable_shared_mappings",
        ],
    },
    Proposal {
        name: "nosigbus-may-write",
        says: "a shared mapping must be read-only when it asks, and keeps `VM_MAYWRITE`",
        fields: &["nosigbus_for_private_mappings", "nosigbus_for_read_only_shared_mappings"],
    },
    Proposal {
        name: "nosigbus-shared-read-only",
        says: "a shared mapping must be read-only when it asks, and loses `VM_MAYWRITE`",
        fields: &[
            "nosigbus_for_private_mappings",
            "nosigbus_for_read_only_shared_mappings",
            "nosigbus_takes_may_write",
        ],
    },
    Proposal {
        name: "nosigbus-private",
        says: "only a private mapping may ask",
        fields: &["nosigbus_for_private_mappings"],
    },
];
