//! fork(2) of a process of which a userfaultfd tells, and `UFFD_FEATURE_EVENT_FORK`.

use super::forget;
use crate::bounds::PAGES;
use crate::memory::Memory;
use crate::op::{HandlerFlags, Modes};
use crate::outcome::Outcome;
use crate::policy::Policy;
use crate::syscall::vma;
use crate::world::{
    Attributes, Mapping, Markers, Process, Registration, Userfault, Waiting, World,
};

/// The userfaultfd that must tell of a fork of the process before it goes on, and where there is
/// room for the one of the child. `Err`: there is none, or more than one tells.
///
/// Source: fs/userfaultfd.c `dup_userfaultfd()`.
pub fn children_userfault<M>(
    world: &World<M>,
    process: usize,
) -> Result<Option<[usize; 2]>, Outcome> {
    let mut teller = None;
    for page in 0..PAGES {
        let Some(mapping) = world.processes[process].mappings[page] else { continue };
        let Some(userfault) = tells_of_fork(world, &mapping) else { continue };
        if *teller.get_or_insert(userfault) != userfault {
            return Err(Outcome::BeyondBounds);
        }
    }
    let Some(teller) = teller else { return Ok(None) };
    let unused = world.unused_userfault().ok_or(Outcome::BeyondBounds)?;
    Ok(Some([teller, unused]))
}

fn tells_of_fork<M>(world: &World<M>, mapping: &Mapping) -> Option<usize> {
    let userfault = mapping.registration?.userfault;
    let flags = world.userfaults[userfault]?.flags;
    let is_forked = !mapping.attributes.contains(Attributes::NOT_FORKED);
    (is_forked && flags.contains(HandlerFlags::FORK_EVENTS)).then_some(userfault)
}

/// What a child keeps of a registration: nothing, unless an event tells of the fork.
pub const fn keep_registered(
    registration: Option<Registration>,
    event: Option<[usize; 2]>,
) -> Option<Registration> {
    match (registration, event) {
        (Some(Registration { userfault, modes }), Some([teller, of_child]))
            if userfault == teller =>
        {
            Some(Registration { userfault: of_child, modes })
        }
        _ => None,
    }
}

/// Whether a page's poison goes to the child of a fork: with private memory, with what stays
/// write-protected, and with a mapping that has guards, for whose sake fork copies the page table of
/// shared memory too. `None`: there were guards in shared memory, and which mapping had them then is
/// not known.
///
/// Source: mm/memory.c `vma_needs_copy()`, `copy_pte_marker()`; mm/madvise.c
/// `madvise_guard_install()`, `anon_vma_prepare()`, on later kernels `VM_MAYBE_GUARD`.
pub fn inherits_poison(process: &Process, page: usize, event: Option<[usize; 2]>) -> Option<bool> {
    let Some(mapping) = process.mappings[page] else { return Some(false) };
    if mapping.attributes.intersects(Attributes::NOT_FORKED | Attributes::WIPED_ON_FORK) {
        return Some(false);
    }
    let registration = keep_registered(mapping.registration, event);
    let is_protected = registration.is_some_and(|it| it.modes.contains(Modes::WRITE_PROTECT));
    if !mapping.shared || is_protected {
        return Some(true);
    }
    let has_guard = (0..PAGES).any(|guard| {
        process.markers[guard].contains(Markers::GUARD)
            && vma::is_one(process, page.min(guard)..page.max(guard) + 1) == Some(true)
    });
    if has_guard { Some(true) } else { (!process.guards_shared_memory).then_some(false) }
}

/// The process waits until the event is read, and the child with it.
///
/// Source: fs/userfaultfd.c `dup_userfaultfd_complete()`, `userfaultfd_event_wait_completion()`.
pub fn wait_for_event<M>(
    world: &mut World<M>,
    process: usize,
    child: usize,
    [userfault, of_child]: [usize; 2],
) -> Outcome {
    let flags = world.userfaults[userfault].map_or(HandlerFlags::EMPTY, |it| it.flags);
    world.userfaults[of_child] = Some(Userfault { owner: Some(child), flags });
    world.processes[process].pending = Some(Waiting::ForFork { userfault, child, of_child });
    world.processes[child].pending = Some(Waiting::Unborn);
    Outcome::Blocked
}

/// The fork goes on. The child's userfaultfd is held now by a process, at this place among its
/// names; or nobody wants it, and nothing of the child is registered.
pub fn complete<M: Memory>(
    world: &mut World<M>,
    process: usize,
    [child, of_child]: [usize; 2],
    holder: Option<[usize; 2]>,
    policy: &Policy,
) {
    world.processes[process].pending = Some(Waiting::Done(Outcome::Success));
    world.processes[child].pending = None;
    if let Some([holder, name]) = holder {
        world.processes[holder].handlers[name] = Some(of_child);
        super::release_unheld(world, policy);
    } else {
        world.userfaults[of_child] = None;
        forget(world, child, of_child, policy);
    }
}
