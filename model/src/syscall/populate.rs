//! Faulting pages in ahead of the first access: `MAP_POPULATE`, locked memory, and on advice.

use core::ops::Range;

use super::access;
use crate::memory::{Memory, Place};
use crate::op::{Address, Protection};
use crate::outcome::Errno;
use crate::policy::Policy;
use crate::world::{Attributes, Mapping, World};

/// Faults the pages of a range in, up to the first that cannot be; whether all could be.
///
/// Source: mm/gup.c `populate_vma_page_range()`.
pub fn populate<M: Memory>(
    world: &mut World<M>,
    process: usize,
    mut pages: Range<usize>,
    policy: &Policy,
) -> bool {
    pages.all(|page| {
        let mapping = world.processes[process].mappings[page];
        mapping.is_some_and(|mapping| fault_in(world, Place { process, page }, mapping, policy))
    })
}

// ANCHOR: fault_in
/// Faults a page in, as for a store if it is private and writable: then it is the process's own
/// copy from now on, although nothing was stored. Any other is read, whatever access its protection
/// allows; with no protection, past the end of the file or at a guard page there is nothing to
/// read. Memory that is locked on fault is left as it is, which some kernels say only of what can
/// be accessed.
///
/// Source: mlock(2), "The pages are guaranteed to stay in RAM"; mm/gup.c
/// `populate_vma_page_range()`, `check_vma_flags()`.
pub fn fault_in<M: Memory>(
    world: &mut World<M>,
    place: Place,
    mapping: Mapping,
    policy: &Policy,
) -> bool {
    let is_hidden = mapping.protection == Protection::EXECUTE
        && policy.execute_only_memory_is_unreadable
        || mapping.protection.is_empty();
    if mapping.attributes.contains(Attributes::LOCKED_ON_FAULT) {
        return !(is_hidden && policy.lock_on_fault_needs_access);
    }
    if is_hidden {
        return false;
    }
    let write = mapping.protection.contains(Protection::WRITE) && !mapping.shared;
    if access::fault(world, place, &mapping, write, policy).is_err() {
        return false;
    }
    if write {
        world.memory.make_own(place, mapping.source(), policy);
    } else {
        world.memory.load(place, mapping.source(), 0);
    }
    true
}
// ANCHOR_END: fault_in

/// One page becomes as if it were loaded from, or stored to, without changing: to read, the mapping
/// must be readable, and to write, writable (EINVAL), whatever the processor would allow. Where the
/// access would raise another signal, that is EFAULT.
///
/// Source: madvise(2) `MADV_POPULATE_READ`, `MADV_POPULATE_WRITE`; mm/gup.c `faultin_page_range()`,
/// `check_vma_flags()`; mm/madvise.c `madvise_populate()`.
pub fn on_advice<M: Memory>(
    world: &mut World<M>,
    place: Place,
    mapping: Mapping,
    write: bool,
    policy: &Policy,
) -> Result<(), Errno> {
    let wanted = if write { Protection::WRITE } else { Protection::READ };
    if !mapping.protection.contains(wanted) {
        return Err(Errno::EINVAL);
    }
    let at = Address::page(place.page as u8);
    access::allow(world, place.process, at, write, policy).map_err(|_| Errno::EFAULT)?;
    if write {
        world.memory.make_own(place, mapping.source(), policy);
    } else {
        world.memory.load(place, mapping.source(), 0);
    }
    Ok(())
}
