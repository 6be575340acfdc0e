//! Whether pages are in page tables, as far as accesses and their own calls decide it.

/// Whether a page is in its process's page table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Presence {
    /// It is not.
    Absent,
    /// It may be: a fault nearby may have mapped it too, fork may have left it out.
    Unknown,
    /// It is.
    Present,
}
