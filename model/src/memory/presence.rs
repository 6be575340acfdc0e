//! Whether pages are in page tables, as far as accesses and their own calls decide it.

use super::Place;
use crate::bounds::{PAGES, PROCESSES};

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

/// The presence of every page of every process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PresenceTable([[Presence; PAGES]; PROCESSES]);

impl PresenceTable {
    /// No page is there.
    pub const fn new() -> Self {
        Self([[Presence::Absent; PAGES]; PROCESSES])
    }

    /// Whether the page is there.
    pub const fn get(&self, place: Place) -> Presence {
        self.0[place.process][place.page]
    }

    /// It is, from now on, or is not.
    pub const fn set(&mut self, place: Place, presence: Presence) {
        self.0[place.process][place.page] = presence;
    }

    /// The page moves to another place of the same process, where nothing is.
    pub const fn move_page(&mut self, from: Place, to: Place) {
        self.set(to, self.get(from));
        self.set(from, Presence::Absent);
    }

    /// Fork copies the entries of a process's own pages, and maybe others.
    ///
    /// Source: mm/memory.c `vma_needs_copy()`.
    pub const fn fork(&mut self, parent: Place, child: Place, own: bool) {
        let presence = match self.get(parent) {
            Presence::Present if own => Presence::Present,
            Presence::Present | Presence::Unknown => Presence::Unknown,
            Presence::Absent => Presence::Absent,
        };
        self.set(child, presence);
    }
}
