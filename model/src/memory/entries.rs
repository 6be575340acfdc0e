//! What is known of page table entries beside the pages in them.

use core::hash::{Hash, Hasher};

use super::{Place, Presence, SoftDirty};
use crate::bounds::{PAGES, PROCESSES};
use crate::outcome::Answers;

/// An entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    presence: Presence,
    soft_dirty: SoftDirty,
}

impl Entry {
    const NONE: Self = Self { presence: Presence::Absent, soft_dirty: SoftDirty::NEW };
}

/// The entry of every page of every process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryTable([[Entry; PAGES]; PROCESSES]);

/// Whoever visits many worlds hashes every entry of each: a byte is enough.
impl Hash for EntryTable {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let byte = |entry: Entry| entry.presence as u8 | entry.soft_dirty.bits() << 2;
        self.0.iter().for_each(|entries| state.write(&entries.map(byte)));
    }
}

impl EntryTable {
    /// No page is there.
    pub const EMPTY: Self = Self([[Entry::NONE; PAGES]; PROCESSES]);

    const fn at(&mut self, place: Place) -> &mut Entry {
        &mut self.0[place.process][place.page]
    }

    /// Whether the page is there.
    pub const fn presence(&self, place: Place) -> Presence {
        self.0[place.process][place.page].presence
    }

    /// It is, from now on, or is not. An entry that is gone has lost its soft-dirty bit.
    pub fn set_presence(&mut self, place: Place, presence: Presence) {
        let entry = self.at(place);
        entry.presence = presence;
        match presence {
            Presence::Absent => entry.soft_dirty.set_entry(Answers::NO),
            Presence::Unknown => entry.soft_dirty.doubt_entry(),
            Presence::Present => {}
        }
    }

    /// A write fault has brought the page in, or found it there.
    pub fn write(&mut self, place: Place) {
        self.set_presence(place, Presence::Present);
        self.at(place).soft_dirty.set_entry(Answers::YES);
    }

    /// The page moves to another place of the same process, where nothing is.
    ///
    /// Source: mm/mremap.c `move_soft_dirty_pte()`; mm/userfaultfd.c `move_present_ptes()`.
    pub fn move_page(&mut self, from: Place, to: Place) {
        let presence = self.presence(from);
        self.set_presence(from, Presence::Absent);
        match presence {
            Presence::Present => self.write(to),
            Presence::Unknown => {
                self.at(to).soft_dirty.set_entry(Answers::ALL);
                self.set_presence(to, Presence::Unknown);
            }
            Presence::Absent => self.set_presence(to, Presence::Absent),
        }
    }

    /// Fork copies the entries of a process's own pages, and maybe others.
    ///
    /// Source: mm/memory.c `vma_needs_copy()`.
    pub fn fork(&mut self, parent: Place, child: Place, own: bool) {
        let presence = match self.presence(parent) {
            Presence::Present if own => Presence::Present,
            Presence::Present | Presence::Unknown => Presence::Unknown,
            Presence::Absent => Presence::Absent,
        };
        self.at(child).soft_dirty = self.soft_dirty(parent);
        self.set_presence(child, presence);
    }

    /// Whether the entry has a soft-dirty bit is not known any more.
    pub fn doubt_soft_dirty(&mut self, place: Place) {
        self.at(place).soft_dirty.set_entry(Answers::ALL);
    }

    /// What is known of the page's soft-dirty bit.
    pub const fn soft_dirty(&self, place: Place) -> SoftDirty {
        self.0[place.process][place.page].soft_dirty
    }

    /// This is known of it from now on.
    pub const fn set_soft_dirty(&mut self, place: Place, soft_dirty: SoftDirty) {
        self.at(place).soft_dirty = soft_dirty;
    }
}
