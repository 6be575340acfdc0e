//! What a fault maps beside its own page.

use crate::bounds::PAGES;
use crate::memory::{Memory, Place, Presence};
use crate::op::Modes;
use crate::world::{Backing, Mapping, Markers, World};

// ANCHOR: map_neighbors
/// A load's fault may map the file's pages around it that the page cache has, unless a userfaultfd
/// is told of more than missing pages. It does so even if the load itself cannot be done.
///
/// Source: mm/memory.c `do_read_fault()`, `do_fault_around()`; include/linux/userfaultfd_k.h
/// `uffd_disable_fault_around()`.
pub fn map_neighbors<M: Memory>(world: &mut World<M>, place: Place) {
    let process = place.process;
    let Some(mapping) = world.processes[process].mappings[place.page] else { return };
    let Backing::File { file, .. } = mapping.backing else { return };
    let is_there = world.memory.presence(place) == Presence::Present
        || world.processes[process].markers[place.page].contains(Markers::POISONED);
    if is_there || !faults_around(&mapping) {
        return;
    }
    for page in 0..PAGES {
        let place = Place { page, ..place };
        if let Some(mapping) = world.processes[process].mappings[page]
            && let Backing::File { file: mapped, page: of_file } = mapping.backing
            && mapped == file
            && world.files[file].has_page(of_file)
            && world.memory.has_file_page(file, of_file as usize)
            && faults_around(&mapping)
            && world.processes[process].markers[page].is_empty()
            && world.memory.presence(place) == Presence::Absent
        {
            world.memory.set_presence(place, Presence::Unknown);
        }
    }
}
// ANCHOR_END: map_neighbors

fn faults_around(mapping: &Mapping) -> bool {
    mapping.registration.is_none_or(|it| it.modes == Modes::MISSING)
}
