//! fork(2) and _exit(2).

use super::Result;
use crate::bounds::{DESCRIPTORS, PAGES};
use crate::memory::{Memory, Place};
use crate::op::Actor;
use crate::outcome::Outcome;
use crate::policy::Policy;
use crate::world::{Markers, World};

/// The child gets the parent's descriptors and mappings, and its private memory as it is now:
/// later stores of the one are not seen by the other.
///
/// Source: fork(2), "copy-on-write"; mmap(2), "preserved across fork, with the same attributes".
pub fn fork<M: Memory>(
    world: &mut World<M>,
    process: usize,
    child: Actor,
    policy: &Policy,
) -> Result {
    let Some(child) = child.index().filter(|&child| !world.processes[child].alive) else {
        return Ok(Outcome::BeyondBounds);
    };
    world.processes[child] = world.processes[process];
    for page in 0..PAGES {
        world.memory.fork(Place { process, page }, Place { process: child, page }, policy);
    }
    Ok(Outcome::Success)
}

/// The process, its mappings and its descriptors are gone.
///
/// Source: _exit(2); munmap(2), "automatically unmapped when the process is terminated".
pub fn exit<M: Memory>(world: &mut World<M>, process: usize) -> Result {
    for page in 0..PAGES {
        world.memory.zap(Place { process, page });
    }
    let process = &mut world.processes[process];
    process.alive = false;
    process.mappings = [None; PAGES];
    process.markers = [Markers::EMPTY; PAGES];
    process.descriptors = [None; DESCRIPTORS];
    world.release_unreferenced_files();
    Ok(Outcome::Success)
}
