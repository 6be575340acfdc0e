//! The zero page: one frame for all memory that nobody has touched.

use super::{Cow, PageTableEntry, Place, Source};
use crate::world::Content;

impl Cow {
    /// What the zero page holds.
    pub const fn zero_page(&self) -> Content {
        self.zero
    }

    // ANCHOR: write_fault_on_zero_page
    /// A write fault on the zero page in a shared mapping; whether it was one. There is nothing to
    /// copy in a shared mapping, so that the entry just becomes writable: a store then changes what
    /// every process reads in memory that it has not touched. "I think that for a shared mapping it
    /// will just make the page dirty and writable."
    ///
    /// Source: Linus Torvalds, quoted in "\[PATCH 2/2\] mm: adds NOSIGBUS extension for out-of-band
    /// shmem read", 3 June 2021; mm/memory.c `do_wp_page()`, which finds no `vm_normal_page()` and
    /// calls `wp_pfn_shared()`.
    pub(super) fn write_fault_on_zero_page(&mut self, place: Place, source: Source) -> bool {
        match (&mut self.tables[place.process][place.page], source) {
            (PageTableEntry::ZeroOverFile { writable }, Source::File { shared: true, .. }) => {
                *writable = true;
                true
            }
            _ => false,
        }
    }
    // ANCHOR_END: write_fault_on_zero_page
}
