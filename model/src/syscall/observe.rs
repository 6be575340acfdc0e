//! Observations: they change nothing.

use super::{Result, descriptor, userfault};
use crate::memory::{Memory, Place, Presence, Source};
use crate::op::{Actor, Address, Name};
use crate::outcome::{Answers, Outcome, PageStates, Permissions};
use crate::world::{Mapping, Markers, World};

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
        Some((place, source)) => with_marker(world, place, world.memory.states(place, source)),
        None => PageStates::NONE,
    };
    Ok(Outcome::Page(states))
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
        (Some((place, source)), Some((other_place, other_source))) => {
            world.memory.same_frame([place, other_place], [source, other_source])
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
