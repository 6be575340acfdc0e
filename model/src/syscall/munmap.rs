//! munmap(2), and the pages of a range.

use core::ops::Range;

use super::{Result, mseal, soft_dirty, vma};
use crate::bounds::PAGES;
use crate::memory::{Memory, Place};
use crate::op::{Address, Cells};
use crate::outcome::{Errno, Outcome};
use crate::world::{Markers, World};

/// The pages of the arena that a range touches; the length is rounded up to whole pages.
pub fn pages(at: Address, length: Cells) -> Range<usize> {
    let first = at.cells().page() as usize;
    let end = first + length.round_up_to_pages() as usize;
    first..if end < PAGES { end } else { PAGES }
}

/// Removes every mapping in the range; that nothing is mapped there is no error. One that is sealed
/// is EPERM: then none is removed.
///
/// Source: munmap(2); mseal(2).
pub fn munmap<M: Memory>(
    world: &mut World<M>,
    process: usize,
    at: Address,
    length: Cells,
) -> Result {
    if !at.cells().is_page_aligned() || length == Cells(0) {
        return Err(Errno::EINVAL);
    }
    let pages = pages(at, length);
    if mseal::forbids(world, process, pages.clone()) {
        return Err(Errno::EPERM);
    }
    unmap(world, process, pages);
    Ok(Outcome::Success)
}

/// Nothing is mapped in the range any more; own copies of private pages are lost.
pub fn unmap<M: Memory>(world: &mut World<M>, process: usize, pages: Range<usize>) {
    for page in pages.clone() {
        world.memory.zap(Place { process, page });
        world.processes[process].mappings[page] = None;
        world.processes[process].markers[page] = Markers::EMPTY;
    }
    soft_dirty::forget(world, process, pages.clone());
    vma::mark_edges(&mut world.processes[process], pages);
    world.release_unreferenced_files();
}
