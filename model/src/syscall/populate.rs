//! Faulting pages in ahead of the first access: `MAP_POPULATE`, and locked memory.

use core::ops::Range;

use super::access;
use crate::memory::{Memory, Place};
use crate::op::Protection;
use crate::policy::Policy;
use crate::world::{Attributes, Markers, World};

/// Faults the pages of a range in, up to the first that cannot be; whether all could be.
///
/// Source: mm/gup.c `populate_vma_page_range()`.
pub fn populate<M: Memory>(
    world: &mut World<M>,
    process: usize,
    mut pages: Range<usize>,
    policy: &Policy,
) -> bool {
    pages.all(|page| fault_in(world, process, page, policy))
}

/// Faults a page in, as for a store if it is private and writable: then it is the process's own copy
/// from now on, although nothing was stored. Any other is read, whatever access its protection
/// allows; with no protection, past the end of the file or at a guard page there is nothing to read.
/// Memory that is locked on fault is left as it is.
///
/// Source: mlock(2), "The pages are guaranteed to stay in RAM"; mm/gup.c
/// `populate_vma_page_range()`, `check_vma_flags()`.
pub fn fault_in<M: Memory>(
    world: &mut World<M>,
    process: usize,
    page: usize,
    policy: &Policy,
) -> bool {
    let Some(mapping) = world.processes[process].mappings[page] else {
        return false;
    };
    if mapping.attributes.contains(Attributes::LOCKED_ON_FAULT) {
        return true;
    }
    let place = Place { process, page };
    let hidden = mapping.protection == Protection::EXECUTE
        && policy.execute_only_memory_is_unreadable
        || mapping.protection.is_empty();
    if hidden
        || world.processes[process].markers[page].intersects(Markers::GUARD | Markers::POISONED)
        || access::is_past_end(world, place, mapping, policy)
    {
        return false;
    }
    if mapping.protection.contains(Protection::WRITE) && !mapping.shared {
        world.memory.make_own(place, mapping.source(), policy);
    } else {
        world.memory.load(place, mapping.source(), 0);
    }
    true
}
