//! What somebody has proposed, by name.

use super::Policy;

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
        says: "any mapping may ask for no SIGBUS",
        fields: &[
            "nosigbus_for_private_mappings",
            "nosigbus_for_read_only_shared_mappings",
            "nosigbus_for_writable_shared_mappings",
        ],
    },
    Proposal {
        name: "nosigbus-may-write",
        says: "a shared mapping must be read-only when it asks, and keeps VM_MAYWRITE",
        fields: &["nosigbus_for_private_mappings", "nosigbus_for_read_only_shared_mappings"],
    },
    Proposal {
        name: "nosigbus-shared-read-only",
        says: "a shared mapping must be read-only when it asks, and loses VM_MAYWRITE",
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

impl Proposal {
    /// The proposal with this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        PROPOSALS.iter().find(|proposal| proposal.name == name)
    }

    /// The policy of a kernel that has taken it.
    pub fn add_to(&self, policy: Policy) -> Policy {
        let add = |policy: Policy, field: &&str| policy.with(field, true).unwrap_or(policy);
        self.fields.iter().fold(policy, add)
    }
}

impl Policy {
    /// Whether there is `MAP_NOSIGBUS` at all.
    pub const fn has_nosigbus(&self) -> bool {
        self.nosigbus_for_private_mappings || self.has_shared_nosigbus()
    }

    /// Whether there is `MAP_NOSIGBUS` for some shared mappings.
    pub const fn has_shared_nosigbus(&self) -> bool {
        self.nosigbus_for_read_only_shared_mappings || self.nosigbus_for_writable_shared_mappings
    }
}
