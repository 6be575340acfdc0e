//! What somebody has proposed, by name.

/// What somebody has proposed: fields of [`Kind::Proposal`](super::Kind::Proposal), which can be
/// added to the policy of any kernel.
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
