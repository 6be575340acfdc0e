//! Accesses that wait for a userfaultfd's handler.

use super::super::{Result, access};
use crate::bounds::CELLS;
use crate::memory::{Memory, Place, Presence};
use crate::op::{Address, HandlerFlags, Modes};
use crate::outcome::{Cause, Fault, Outcome, Signal};
use crate::policy::Policy;
use crate::world::{Access, Backing, Mapping, Markers, Userfault, Waiting, World};

/// What keeps an access from its page.
pub enum Obstacle {
    /// A userfaultfd is told, and the access waits.
    Wait(Waiting),
    /// A userfaultfd refuses the access.
    Refused,
    /// Whether it is kept is the kernel's free choice.
    Unknown,
}

/// What a userfaultfd says to an allowed access. Before a store waits for the write protection of a
/// page that is not there, the page is faulted in.
///
/// Source: userfaultfd(2); UFFDIO_REGISTER(2const); mm/memory.c `do_wp_page()`,
/// `pte_marker_handle_uffd_wp()`; fs/userfaultfd.c `handle_userfault()`.
pub fn obstacle<M: Memory>(
    world: &mut World<M>,
    place: Place,
    mapping: &Mapping,
    access: Access,
    policy: &Policy,
) -> Option<Obstacle> {
    let registration = mapping.registration?;
    let Access { at, value } = access;
    let Userfault { flags, .. } = world.userfaults[registration.userfault]?;
    let fault = match fault(world, place, mapping, registration.modes, value.is_some()) {
        Ok(fault) => fault?,
        Err(unknown) => return Some(unknown),
    };
    if fault == Fault::WriteProtected {
        if presence(world, place, mapping) == Presence::Absent {
            world.memory.make_own(place, mapping.source(), policy);
        }
        if flags.contains(HandlerFlags::ASYNC_WP) {
            let markers = &mut world.processes[place.process].markers[place.page];
            *markers = markers.without(Markers::WRITE_PROTECTED);
            return None;
        }
    }
    if flags.contains(HandlerFlags::SIGBUS) {
        return Some(Obstacle::Refused);
    }
    let exact = flags.contains(HandlerFlags::EXACT_ADDRESS);
    let at = if exact { at } else { Address::page(at.cells().page()) };
    let userfault = registration.userfault;
    Some(Obstacle::Wait(Waiting::For { access, userfault, fault, at, told: false }))
}

// ANCHOR: fault
/// Of which fault of an access a userfaultfd is told. Of shared memory that a file holds already,
/// nothing is missing, even if this process never had it.
///
/// Source: mm/memory.c `do_anonymous_page()`; mm/shmem.c `shmem_get_folio_gfp()`.
fn fault<M: Memory>(
    world: &World<M>,
    place: Place,
    mapping: &Mapping,
    modes: Modes,
    write: bool,
) -> core::result::Result<Option<Fault>, Obstacle> {
    let presence = presence(world, place, mapping);
    let missing = modes.contains(Modes::MISSING);
    let (nothing_is_there, is_cached) = match mapping.backing {
        Backing::Anonymous => (true, false),
        Backing::File { file, page } => {
            let is_cached = is_cached(world, file, page);
            (!is_cached, is_cached)
        }
    };
    let decides = nothing_is_there && missing || is_cached && modes.contains(Modes::MINOR);
    let protected = write
        && modes.contains(Modes::WRITE_PROTECT)
        && world.processes[place.process].markers[place.page].contains(Markers::WRITE_PROTECTED);
    Ok(match presence {
        Presence::Absent if nothing_is_there && missing => Some(Fault::Missing),
        Presence::Absent if decides => Some(Fault::Minor),
        Presence::Unknown if decides || protected && !mapping.shared => {
            return Err(Obstacle::Unknown);
        }
        _ if protected => Some(Fault::WriteProtected),
        _ => None,
    })
}
// ANCHOR_END: fault

/// Whether the page is in the page table. A page of a file that is not in the page cache is not;
/// one that may be dropped at any moment may have been.
pub fn presence<M: Memory>(world: &World<M>, place: Place, mapping: &Mapping) -> Presence {
    match mapping.backing {
        _ if (0..CELLS).any(|cell| world.memory.may_be_zero(place, cell)) => Presence::Unknown,
        _ if world.memory.has_own_copy(place) => Presence::Present,
        Backing::File { file, page } if !is_cached(world, file, page) => Presence::Absent,
        _ => world.memory.presence(place),
    }
}

/// Whether the page cache has a page of a file, which may lie past its end.
fn is_cached<M: Memory>(world: &World<M>, file: usize, page: u8) -> bool {
    world.files[file].has_page(page) && world.memory.has_file_page(file, page as usize)
}

/// If the process waits for the userfaultfd in one of these pages, it tries again at once.
///
/// Source: fs/userfaultfd.c `userfaultfd_wake_function()`.
pub fn wake_waiter<M: Memory>(
    world: &mut World<M>,
    process: usize,
    userfault: usize,
    wakes: impl Fn(usize) -> bool,
    policy: &Policy,
) {
    if let Some(Waiting::For { access, userfault: waited_for, at, .. }) =
        world.processes[process].pending
        && waited_for == userfault
        && at.index().is_some_and(wakes)
    {
        world.processes[process].pending = None;
        let outcome = access::attempt(world, process, access, policy);
        if outcome != Outcome::Blocked {
            world.processes[process].pending = Some(Waiting::Done(outcome));
        }
    }
}

/// What the access or the fork comes to, if it waits no more.
///
/// Source: fs/userfaultfd.c `handle_userfault()`, `userfaultfd_wake_function()`,
/// `userfaultfd_event_wait_completion()`.
pub fn resume<M: Memory>(world: &mut World<M>, process: usize) -> Result {
    Ok(match world.processes[process].pending {
        Some(Waiting::Done(outcome)) => {
            world.processes[process].pending = None;
            if outcome == Outcome::Success { Outcome::Value(0) } else { outcome }
        }
        _ => Outcome::Blocked,
    })
}

impl Obstacle {
    /// What the access comes to, which waits if it must.
    pub fn meet<M>(self, world: &mut World<M>, process: usize, access: Access) -> Outcome {
        match self {
            Self::Wait(state) => {
                world.processes[process].pending = Some(state);
                Outcome::Blocked
            }
            Self::Refused => Outcome::Signal(Signal { cause: Cause::PastEnd, at: access.at }),
            Self::Unknown => Outcome::BeyondBounds,
        }
    }
}
