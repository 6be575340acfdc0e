//! Observations: they change nothing.

use super::{Result, descriptor, userfault};
use crate::bounds::FILE_PAGES;
use crate::memory::{Memory, Place, Presence, Source};
use crate::op::{Actor, Address, Name};
use crate::outcome::{Answers, Errno, Outcome, PageStates, Permissions};
use crate::world::{Attributes, Mapping, Markers, World};

/// The size of a file.
///
/// Source: fstat(2) `st_size`.
pub fn size<M: Memory>(world: &World<M>, process: usize, name: Name) -> Result {
    let file = descriptor::look_up(world, process, name)?.file;
    Ok(Outcome::Length(world.files[file].size))
}

/// What the page table holds for a page. For a file's page the kernel is free: faults map its
/// neighbors as well, fork leaves it out, reclaim takes it away.
///
/// Source: proc_pid_pagemap(5); mm/memory.c `do_fault_around()`, `vma_needs_copy()`.
pub fn page<M: Memory>(world: &World<M>, process: usize, at: Address) -> Result {
    let states = match world.mapped(process, at) {
        Some((place, _)) if is_guarded(world, place) => PageStates::GUARD,
        Some((place, mapping)) => {
            let states = world.memory.states(place, mapping.source());
            let merged = may_be_merged(&mapping, states);
            let states = if merged { states | PageStates::ZERO } else { states };
            with_marker(world, place, &mapping, states)
        }
        None => PageStates::NONE,
    };
    Ok(Outcome::Page(states))
}

/// Whether KSM may have replaced the page, by now or soon, by one that others with the same content
/// show too, or by the zero page. Nobody sees it in what the page holds.
///
/// Source: madvise(2) `MADV_MERGEABLE`; mm/ksm.c `try_to_merge_one_page()`, `use_zero_pages`.
fn may_be_merged(mapping: &Mapping, states: PageStates) -> bool {
    states.contains(PageStates::ANONYMOUS) && mapping.attributes.contains(Attributes::MERGEABLE)
}

fn is_guarded<M>(world: &World<M>, place: Place) -> bool {
    world.processes[place.process].is_guarded(place.page)
}

/// Poison stands in the place of a page; write protection only where no page is.
fn with_marker<M: Memory>(
    world: &World<M>,
    place: Place,
    mapping: &Mapping,
    states: PageStates,
) -> PageStates {
    let markers = world.processes[place.process].markers[place.page];
    if markers.contains(Markers::POISONED) {
        return PageStates::MARKER;
    }
    if !markers.contains(Markers::WRITE_PROTECTED) {
        return states;
    }
    match userfault::presence(world, place, mapping) {
        Presence::Absent => PageStates::MARKER,
        Presence::Unknown => states.without(PageStates::NONE) | PageStates::MARKER,
        Presence::Present => states,
    }
}

/// The permissions of the mapping at a page.
///
/// Source: proc_pid_maps(5); fs/proc/task_mmu.c `show_map_vma()`.
pub fn maps<M: Memory>(world: &World<M>, process: usize, at: Address) -> Result {
    let permissions = world
        .mapped(process, at)
        .map(|(_, Mapping { protection, shared, .. })| Permissions { protection, shared });
    Ok(Outcome::Permissions(permissions))
}

/// Whether a page is in memory: in the page table, or else in the page cache of its file. Nothing
/// mapped is ENOMEM. That memory gets short, and pages are swapped out, is left out of account.
///
/// Source: mincore(2); mm/mincore.c `mincore_pte_range()`, `__mincore_unmapped_range()`.
pub fn mincore<M: Memory>(world: &World<M>, process: usize, at: Address) -> Result {
    if !at.cells().is_page_aligned() {
        return Err(Errno::EINVAL);
    }
    let (place, mapping) = world.mapped(process, at).ok_or(Errno::ENOMEM)?;
    Ok(Outcome::Answer(match mapping.source() {
        Source::File { file, page, .. } if !world.memory.has_own_copy(place) => {
            in_page_cache(world, file, page)
        }
        source => {
            let states = world.memory.states(place, source);
            let present = states.without(PageStates::NONE | PageStates::GUARD);
            match (present.is_empty(), present == states) {
                (true, _) => Answers::NO,
                (_, true) => Answers::YES,
                _ => Answers::ALL,
            }
        }
    }))
}

// ANCHOR: in_page_cache
/// Whether the page cache shows that it has a page of a file. A page of tmpfs that fallocate has
/// set aside counts only when somebody has filled it; of a disk's file system the cache reads
/// ahead, and forgets, as it likes.
///
/// Source: mm/mincore.c `mincore_page()`, `folio_test_uptodate()`; mm/shmem.c `shmem_fallocate()`.
fn in_page_cache<M: Memory>(world: &World<M>, file: usize, page: usize) -> Answers {
    if world.files[file].backing.allocates_pages() {
        Answers::from(page < FILE_PAGES && world.memory.has_filled_file_page(file, page))
    } else {
        Answers::ALL
    }
}
// ANCHOR_END: in_page_cache

/// Whether two places show the same physical page; where there is no page the answer is no.
///
/// Source: proc_pid_pagemap(5), page frame number.
pub fn same_frame<M: Memory>(
    world: &World<M>,
    process: usize,
    at: Address,
    peer: Actor,
    other: Address,
) -> Result {
    let Some(peer) = world.alive(peer) else {
        return Ok(Outcome::BeyondBounds);
    };
    let answers = match (world.mapped(process, at), world.mapped(peer, other)) {
        (Some(one), Some(other)) if !is_guarded(world, one.0) && !is_guarded(world, other.0) => {
            let is_merged = |(place, mapping): &(Place, Mapping)| {
                may_be_merged(mapping, world.memory.states(*place, mapping.source()))
            };
            let pages = [one, other];
            if pages.iter().any(is_merged) {
                Answers::ALL
            } else {
                let sources = pages.map(|(_, mapping)| mapping.source());
                world.memory.same_frame(pages.map(|(place, _)| place), sources)
            }
        }
        _ => Answers::NO,
    };
    Ok(Outcome::Answer(answers))
}
