//! fork(2) and _exit(2).

use super::{Result, soft_dirty, userfault};
use crate::bounds::{DESCRIPTORS, HANDLERS, PAGES, PINS};
use crate::memory::{Memory, PinPlace, Place};
use crate::op::{Actor, Modes};
use crate::outcome::Outcome;
use crate::policy::Policy;
use crate::world::{Attributes, Markers, World};

// ANCHOR: fork
/// The child gets the parent's descriptors and mappings, and its private memory as it is now:
/// later stores of the one are not seen by the other. Mappings that are not to be forked it does
/// not get; those that are to be wiped are as if just made, without guards, and stay to be wiped.
/// Nothing is locked in the child, and pins stay the parent's. Userfaultfds are inherited, but they
/// are about the parent: of the child's memory nothing is registered, unless the userfaultfd tells
/// of forks; then the fork waits until it has, and what is registered and write-protected stays so.
/// Poison goes with private memory, with what is write-protected, and with what has guards beside it.
///
/// Source: fork(2), "copy-on-write", "memory locks"; mmap(2), "preserved across fork, with the same
/// attributes", `MAP_DROPPABLE`; madvise(2) `MADV_DONTFORK`, `MADV_WIPEONFORK`; kernel/fork.c
/// `dup_mmap()`; fs/userfaultfd.c `dup_userfaultfd()`; mm/memory.c `vma_needs_copy()`,
/// `copy_pte_marker()`.
pub fn fork<M: Memory>(
    world: &mut World<M>,
    process: usize,
    child: Actor,
    policy: &Policy,
) -> Result {
    let Some(child) = child.index().filter(|&child| !world.processes[child].alive) else {
        return Ok(Outcome::BeyondBounds);
    };
    let event = match userfault::children_userfault(world, process) {
        Ok(event) => event,
        Err(outcome) => return Ok(outcome),
    };
    let parent = &world.processes[process];
    let is_poisoned = |page: &usize| parent.markers[*page].contains(Markers::POISONED);
    let inherits_poison = |page: usize| userfault::inherits_poison(parent, page, event);
    if (0..PAGES).filter(is_poisoned).any(|page| inherits_poison(page).is_none()) {
        return Ok(Outcome::BeyondBounds);
    }
    world.processes[child] = world.processes[process];
    world.processes[child].pins = [None; PINS];
    for page in 0..PAGES {
        let mut lost = Markers::WRITE_PROTECTED;
        if userfault::inherits_poison(&world.processes[process], page, event) != Some(true) {
            lost = lost | Markers::POISONED;
        }
        let of_child = &mut world.processes[child];
        let attributes = of_child.mappings[page].map_or(Attributes::EMPTY, |it| it.attributes);
        if attributes.contains(Attributes::NOT_FORKED) {
            of_child.mappings[page] = None;
        }
        if let Some(mapping) = &mut of_child.mappings[page] {
            mapping.attributes = attributes.without(Attributes::LOCKS);
            mapping.registration = userfault::keep_registered(mapping.registration, event);
            let modes = mapping.registration.map_or(Modes::EMPTY, |it| it.modes);
            if modes.contains(Modes::WRITE_PROTECT) {
                lost = lost.without(Markers::WRITE_PROTECTED);
            }
        }
        of_child.markers[page] = of_child.markers[page].without(lost);
        if !attributes.contains(Attributes::NOT_FORKED) {
            soft_dirty::inherit(world, Place { process, page }, Place { process: child, page });
        }
        let of_child = &mut world.processes[child];
        if attributes.intersects(Attributes::NOT_FORKED | Attributes::WIPED_ON_FORK) {
            of_child.markers[page] = Markers::EMPTY;
        } else {
            let mapping = world.processes[process].mappings[page];
            let is_copied = mapping.is_none_or(|it| it.may_write || it.shared);
            let policy = Policy {
                fork_does_not_write_protect: policy.fork_does_not_write_protect
                    || !is_copied && policy.future_write_seal_shares_private_pages,
                ..*policy
            };
            let (parent, child) = (Place { process, page }, Place { process: child, page });
            let is_left_out = policy.nosigbus_is_lost_by_fork
                && attributes.contains(Attributes::NO_SIGBUS)
                && world.memory.shows_zero_page(parent);
            if !is_left_out {
                world.memory.fork(parent, child, &policy);
            }
        }
    }
    Ok(match event {
        Some(event) => userfault::wait_for_event(world, process, child, event),
        None => Outcome::Success,
    })
}
// ANCHOR_END: fork

/// The process, its mappings and its descriptors are gone.
///
/// Source: _exit(2); munmap(2), "automatically unmapped when the process is terminated".
pub fn exit<M: Memory>(world: &mut World<M>, process: usize, policy: &Policy) -> Result {
    userfault::forget_owner(world, process);
    for page in 0..PAGES {
        world.memory.zap(Place { process, page });
    }
    soft_dirty::forget(world, process, 0..PAGES);
    for pin in 0..PINS {
        world.memory.unpin(PinPlace { process, pin });
    }
    let process = &mut world.processes[process];
    process.alive = false;
    process.mappings = [None; PAGES];
    process.markers = [Markers::EMPTY; PAGES];
    process.guards_shared_memory = false;
    process.descriptors = [None; DESCRIPTORS];
    process.pins = [None; PINS];
    process.handlers = [None; HANDLERS];
    userfault::release_unheld(world, policy);
    world.release_unreferenced_files();
    Ok(Outcome::Success)
}
