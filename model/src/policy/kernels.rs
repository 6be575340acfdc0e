//! Kernels by their names: those that there are, and those that are history.

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
