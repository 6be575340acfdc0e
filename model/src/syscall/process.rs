//! fork(2) and _exit(2).

use super::Result;
use crate::bounds::{DESCRIPTORS, PAGES, PINS};
use crate::memory::{Memory, PinPlace, Place};
use crate::op::Actor;
use crate::outcome::Outcome;
use crate::world::{Attributes, Markers, World};

/// The child gets the parent's descriptors and mappings, and its private memory as it is now:
/// later stores of the one are not seen by the other. Memory that is wiped on fork it finds empty, and
/// nothing of it is locked. Pins stay the parent's.
///
/// Source: fork(2), "copy-on-write", "memory locks"; mmap(2), "preserved across fork, with the same
/// attributes", `MAP_DROPPABLE`; mm/mmap.c `dup_mmap()`.
pub fn fork<M: Memory>(world: &mut World<M>, process: usize, child: Actor) -> Result {
    let Some(child) = child.index().filter(|&child| !world.processes[child].alive) else {
        return Ok(Outcome::BeyondBounds);
    };
    world.processes[child] = world.processes[process];
    world.processes[child].pins = [None; PINS];
    for page in 0..PAGES {
        let mut is_wiped = false;
        if let Some(mapping) = &mut world.processes[child].mappings[page] {
            is_wiped = mapping.attributes.contains(Attributes::WIPED_ON_FORK);
            mapping.attributes = mapping.attributes.without(Attributes::LOCKS);
        }
        if !is_wiped {
            world.memory.fork(Place { process, page }, Place { process: child, page });
        }
    }
    Ok(Outcome::Success)
}

/// The process, its mappings, its descriptors and its pins are gone.
///
/// Source: _exit(2); munmap(2), "automatically unmapped when the process is terminated".
pub fn exit<M: Memory>(world: &mut World<M>, process: usize) -> Result {
    for page in 0..PAGES {
        world.memory.zap(Place { process, page });
    }
    for pin in 0..PINS {
        world.memory.unpin(PinPlace { process, pin });
    }
    let process = &mut world.processes[process];
    process.alive = false;
    process.mappings = [None; PAGES];
    process.markers = [Markers::EMPTY; PAGES];
    process.descriptors = [None; DESCRIPTORS];
    process.pins = [None; PINS];
    world.release_unreferenced_files();
    Ok(Outcome::Success)
}
