//! fork(2) and _exit(2).

use super::{Result, userfault};
use crate::bounds::{DESCRIPTORS, HANDLERS, PAGES};
use crate::memory::{Memory, Place};
use crate::op::Actor;
use crate::outcome::Outcome;
use crate::policy::Policy;
use crate::world::{Markers, World};

/// The child gets the parent's descriptors and mappings, and its private memory as it is now:
/// later stores of the one are not seen by the other. Userfaultfds are inherited, but they are about the
/// parent: of the child's memory nothing is registered. Poison goes with private memory.
///
/// Source: fork(2), "copy-on-write"; mmap(2), "preserved across fork, with the same attributes";
/// fs/userfaultfd.c `dup_userfaultfd()`; mm/memory.c `copy_pte_marker()`.
pub fn fork<M: Memory>(world: &mut World<M>, process: usize, child: Actor) -> Result {
    let Some(child) = child.index().filter(|&child| !world.processes[child].alive) else {
        return Ok(Outcome::BeyondBounds);
    };
    world.processes[child] = world.processes[process];
    for page in 0..PAGES {
        world.memory.fork(Place { process, page }, Place { process: child, page });
        if let Some(mapping) = &mut world.processes[child].mappings[page] {
            mapping.registration = None;
            let lost = if mapping.shared { Markers::POISONED } else { Markers::EMPTY };
            let markers = &mut world.processes[child].markers[page];
            *markers = markers.without(lost | Markers::WRITE_PROTECTED);
        }
    }
    Ok(Outcome::Success)
}

/// The process, its mappings and its descriptors are gone.
///
/// Source: _exit(2); munmap(2), "automatically unmapped when the process is terminated".
pub fn exit<M: Memory>(world: &mut World<M>, process: usize, policy: &Policy) -> Result {
    userfault::forget_owner(world, process);
    for page in 0..PAGES {
        world.memory.zap(Place { process, page });
    }
    let process = &mut world.processes[process];
    process.alive = false;
    process.mappings = [None; PAGES];
    process.joined = [false; PAGES];
    process.markers = [Markers::EMPTY; PAGES];
    process.descriptors = [None; DESCRIPTORS];
    process.handlers = [None; HANDLERS];
    userfault::release_unheld(world, policy);
    world.release_unreferenced_files();
    Ok(Outcome::Success)
}
