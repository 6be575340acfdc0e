//! mlock(2), mlock2(2), munlock(2) and munlockall(2).

use core::ops::Range;

use super::{Result, populate, vma};
use crate::memory::Memory;
use crate::op::{Address, Cells, LockFlags};
use crate::outcome::{Errno, Outcome};
use crate::policy::Policy;
use crate::world::{Attributes, World};

/// Locks the pages that hold part of the range. First the mappings are locked, from the start up to
/// a hole, which is ENOMEM; then, if there was none, the pages are faulted in, up to one that
/// cannot be, which is ENOMEM as well. What came before stays as it is: locked, and faulted in.
///
/// An address inside a page is rounded down; no length is a success, wherever it points. With
/// `MLOCK_ONFAULT` nothing is faulted in. Locking again replaces what was said before.
///
/// Source: mlock(2) ENOMEM, NOTES; mm/mlock.c `do_mlock()`, `apply_vma_lock_flags()`,
/// `__mlock_posix_error_return()`.
pub fn mlock<M: Memory>(
    world: &mut World<M>,
    process: usize,
    at: Address,
    length: Cells,
    flags: LockFlags,
    policy: &Policy,
) -> Result {
    if flags.contains(LockFlags::UNKNOWN) {
        return Err(Errno::EINVAL);
    }
    let on_fault = flags.contains(LockFlags::ON_FAULT);
    let locks = if on_fault { Attributes::LOCKS } else { Attributes::LOCKED };
    set(world, process, pages(at, length), locks)?;
    if populate::populate(world, process, pages(at, length), policy) {
        Ok(Outcome::Success)
    } else {
        Err(Errno::ENOMEM)
    }
}

/// Ends the locking of the range, up to a hole, which is ENOMEM.
///
/// Source: munlock(2); mm/mlock.c `munlock`, `apply_vma_lock_flags()`.
pub fn munlock<M: Memory>(
    world: &mut World<M>,
    process: usize,
    at: Address,
    length: Cells,
) -> Result {
    set(world, process, pages(at, length), Attributes::EMPTY)
}

/// Ends all locking.
///
/// Source: munlockall(2); mm/mlock.c `apply_mlockall_flags()`.
pub fn munlockall<M: Memory>(world: &mut World<M>, process: usize) -> Result {
    for mapping in world.processes[process].mappings.iter_mut().flatten() {
        mapping.attributes = mapping.attributes.without(Attributes::LOCKS);
    }
    Ok(Outcome::Success)
}

/// The pages that hold part of a range, which may start inside a page.
fn pages(at: Address, length: Cells) -> Range<usize> {
    let end = Cells(at.cells().0.saturating_add(length.0));
    at.cells().page() as usize..end.round_up_to_pages() as usize
}

// ANCHOR: set
/// Droppable memory takes no lock, and says nothing.
///
/// Source: mm/mlock.c `mlock_fixup()`.
fn set<M>(world: &mut World<M>, process: usize, pages: Range<usize>, locks: Attributes) -> Result {
    let process = &mut world.processes[process];
    let end = pages.clone().find(|page| process.mappings[*page].is_none());
    for mapping in process.mappings[pages.start..end.unwrap_or(pages.end)].iter_mut().flatten() {
        if !mapping.attributes.contains(Attributes::DROPPABLE) {
            mapping.attributes = mapping.attributes.without(Attributes::LOCKS) | locks;
        }
    }
    vma::mark_edges(process, pages);
    if end.is_some() { Err(Errno::ENOMEM) } else { Ok(Outcome::Success) }
}
// ANCHOR_END: set
