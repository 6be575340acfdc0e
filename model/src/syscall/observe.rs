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
    let states = match mapped(world, process, at) {
        Some((place, _)) if is_guarded(world, place) => PageStates::GUARD,
        Some((place, source)) => {
            let states = world.memory.states(place, source);
            let merged = may_be_merged(world, place, states);
            with_marker(world, place, if merged { states | PageStates::ZERO } else { states })
        }
        None => PageStates::NONE,
    };
    Ok(Outcome::Page(states))
}

/// Whether KSM may have replaced the page, by now or soon, by one that others with the same content
/// show too, or by the zero page. Nobody sees it in what the page holds.
///
/// Source: madvise(2) `MADV_MERGEABLE`; mm/ksm.c `try_to_merge_one_page()`, `use_zero_pages`.
fn may_be_merged<M>(world: &World<M>, place: Place, states: PageStates) -> bool {
    let mapping = world.processes[place.process].mappings[place.page];
    states.contains(PageStates::ANONYMOUS)
        && mapping.is_some_and(|it| it.attributes.contains(Attributes::MERGEABLE))
}

fn is_guarded<M>(world: &World<M>, place: Place) -> bool {
    world.processes[place.process].is_guarded(place.page)
}

/// Poison stands in the place of a page; write protection only where no page is.
fn with_marker<M: Memory>(world: &World<M>, place: Place, states: PageStates) -> PageStates {
    let markers = world.processes[place.process].markers[place.page];
    if markers.contains(Markers::POISONED) {
        return PageStates::MARKER;
    }
    let mapping = world.processes[place.process].mappings[place.page];
    match mapping.map(|mapping| userfault::presence(world, place, &mapping)) {
        Some(Presence::Absent) if markers.contains(Markers::WRITE_PROTECTED) => PageStates::MARKER,
        Some(Presence::Unknown) if markers.contains(Markers::WRITE_PROTECTED) => {
            states.without(PageStates::NONE) | PageStates::MARKER
        }
        _ => states,
    }
}

/// The permissions of the mapping at a page.
///
/// Source: proc_pid_maps(5); fs/proc/task_mmu.c `show_map_vma()`.
pub fn maps<M: Memory>(world: &World<M>, process: usize, at: Address) -> Result {
    let permissions = mapping(world, process, at)
        .map(|Mapping { protection, shared, .. }| Permissions { protection, shared });
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
    let (place, source) = mapped(world, process, at).ok_or(Errno::ENOMEM)?;
    Ok(Outcome::Answer(match source {
        Source::File { file, page, .. } if !world.memory.has_own_copy(place) => {
            in_page_cache(world, file, page)
        }
        _ => {
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
    let answers = match (mapped(world, process, at), mapped(world, peer, other)) {
        (Some((place, source)), Some((other_place, other_source)))
            if !is_guarded(world, place) && !is_guarded(world, other_place) =>
        {
            let (places, sources) = ([place, other_place], [source, other_source]);
            let merged =
                |place, source| may_be_merged(world, place, world.memory.states(place, source));
            if merged(place, source) || merged(other_place, other_source) {
                Answers::ALL
            } else {
                world.memory.same_frame(places, sources)
            }
        }
        _ => Answers::NO,
    };
    Ok(Outcome::Answer(answers))
}

fn mapping<M>(world: &World<M>, process: usize, at: Address) -> Option<Mapping> {
    world.processes[process].mappings[at.index()?]
}

fn mapped<M>(world: &World<M>, process: usize, at: Address) -> Option<(Place, Source)> {
    let place = Place { process, page: at.index()? };
    Some((place, mapping(world, process, at)?.source()))
}
