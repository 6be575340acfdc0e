//! userfaultfd(2): faults that a process lets another one handle.
//!
//! A userfaultfd is about the memory of the process that made it, whoever holds it.

mod fill;
mod fork;
mod limits;
mod register;
mod transfer;
mod wait;
mod write_protect;

pub use fill::{copy, map_cached, poison, zero};
pub use fork::{children_userfault, inherits_poison, keep_registered, wait_for_event};
pub use limits::is_left_open;
pub use register::{register, unregister};
pub use transfer::transfer;
use wait::wake_waiter;
pub use wait::{obstacle, presence, resume};
pub use write_protect::write_protect;

use super::{Result, munmap};
use crate::memory::Memory;
use crate::op::{Address, Cells, Handler, HandlerFlags};
use crate::outcome::{Errno, Event, Outcome};
use crate::policy::Policy;
use crate::world::{Mapping, Markers, Userfault, Waiting, World};

/// A new userfaultfd with these features; an unknown flag or feature is EINVAL.
///
/// Source: userfaultfd(2); UFFDIO_API(2const); fs/userfaultfd.c `userfaultfd_api()`.
pub fn create<M: Memory>(
    world: &mut World<M>,
    process: usize,
    name: Handler,
    flags: HandlerFlags,
    policy: &Policy,
) -> Result {
    let choices = [
        (HandlerFlags::USER_MODE_ONLY, policy.userfaultfd_user_mode_only_exists),
        (HandlerFlags::EXACT_ADDRESS, policy.userfaultfd_exact_address_exists),
        (HandlerFlags::UNPOPULATED_WP, policy.userfaultfd_unpopulated_wp_exists),
        (HandlerFlags::ASYNC_WP, policy.userfaultfd_async_wp_exists),
        (HandlerFlags::UNKNOWN, false),
        (HandlerFlags::UNKNOWN_FEATURE, false),
    ];
    if choices.iter().any(|&(flag, exists)| flags.contains(flag) && !exists) {
        return Err(Errno::EINVAL);
    }
    let (Some(place), Some(index)) = (world.unused_userfault(), name.index()) else {
        return Ok(Outcome::BeyondBounds);
    };
    world.userfaults[place] = Some(Userfault { owner: Some(process), flags });
    world.processes[process].handlers[index] = Some(place);
    release_unheld(world, policy);
    Ok(Outcome::Success)
}

/// The descriptor is gone. With the last one, all that was registered is so no more, and whoever
/// waits goes on.
///
/// Source: userfaultfd(2), "When the last file descriptor referring to a userfaultfd object is
/// closed"; fs/userfaultfd.c `userfaultfd_release()`.
pub fn close<M: Memory>(
    world: &mut World<M>,
    process: usize,
    name: Handler,
    policy: &Policy,
) -> Result {
    look_up(world, process, name)?;
    if let Some(index) = name.index() {
        world.processes[process].handlers[index] = None;
    }
    release_unheld(world, policy);
    Ok(Outcome::Success)
}

/// Userfaultfds that no process holds are gone.
pub fn release_unheld<M: Memory>(world: &mut World<M>, policy: &Policy) {
    for place in 0..world.userfaults.len() {
        if let Some(Userfault { owner, .. }) = world.userfaults[place]
            && !world.is_held(place)
        {
            world.userfaults[place] = None;
            if let Some(owner) = owner {
                forget(world, owner, place, policy);
            }
        }
    }
}

/// Nothing of the process is registered with the userfaultfd any more, and it does not wait for it.
fn forget<M: Memory>(world: &mut World<M>, owner: usize, userfault: usize, policy: &Policy) {
    for page in 0..world.processes[owner].mappings.len() {
        if registered_with(world.processes[owner].mappings[page]) == Some(userfault) {
            clear(world, owner, page);
        }
    }
    wake_waiter(world, owner, userfault, |_| true, policy);
    if let Some(Waiting::ForFork { userfault: waited_for, child, of_child }) =
        world.processes[owner].pending
        && waited_for == userfault
    {
        fork::complete(world, owner, [child, of_child], None, policy);
    }
}

/// The process's memory is gone, and with it what userfaultfds were about.
pub fn forget_owner<M>(world: &mut World<M>, process: usize) {
    for userfault in world.userfaults.iter_mut().flatten() {
        userfault.owner = userfault.owner.filter(|owner| *owner != process);
    }
}

/// The page is not registered any more, and its write protection is lifted.
///
/// Source: mm/userfaultfd.c `userfaultfd_clear_vma()`.
fn clear<M>(world: &mut World<M>, process: usize, page: usize) {
    let process = &mut world.processes[process];
    if let Some(mapping) = &mut process.mappings[page] {
        mapping.registration = None;
    }
    process.markers[page] = process.markers[page].without(Markers::WRITE_PROTECTED);
}

/// Tells a fault that it has not told yet, if there is one, or a fork, which goes on then. A
/// userfaultfd for the child's memory comes with it.
///
/// Source: userfaultfd(2), "Reading from the userfaultfd structure"; fs/userfaultfd.c
/// `userfaultfd_ctx_read()`, `resolve_userfault_fork()`.
pub fn event<M: Memory>(
    world: &mut World<M>,
    process: usize,
    of_child: Option<Handler>,
    name: Handler,
    policy: &Policy,
) -> Result {
    let (place, Userfault { owner, .. }) = look_up(world, process, name)?;
    let Some(owner) = owner else { return Ok(Outcome::Event(Event::None)) };
    Ok(Outcome::Event(match &mut world.processes[owner].pending {
        Some(Waiting::For { userfault, fault, at, told, .. }) if *userfault == place && !*told => {
            *told = true;
            Event::Fault(*fault, *at)
        }
        Some(Waiting::ForFork { userfault, child, of_child: made }) if *userfault == place => {
            let made = [*child, *made];
            let holder = of_child.and_then(Handler::index).map(|index| [process, index]);
            fork::complete(world, owner, made, holder, policy);
            Event::Fork
        }
        _ => Event::None,
    }))
}

/// Whoever waits for something in the range tries again.
///
/// Source: UFFDIO_WAKE(2const); fs/userfaultfd.c `userfaultfd_wake()`.
pub fn wake<M: Memory>(
    world: &mut World<M>,
    process: usize,
    name: Handler,
    at: Address,
    length: Cells,
    policy: &Policy,
) -> Result {
    let (place, Userfault { owner, .. }) = look_up(world, process, name)?;
    check_range(at, length)?;
    if let Some(owner) = owner {
        wake_range(world, owner, place, munmap::pages(at, length), policy);
    }
    Ok(Outcome::Success)
}

/// The userfaultfd that a name holds, and its place; a name that holds nothing is EBADF.
fn look_up<M>(
    world: &World<M>,
    process: usize,
    name: Handler,
) -> core::result::Result<(usize, Userfault), Errno> {
    let place = world.processes[process].handler(name).ok_or(Errno::EBADF)?;
    Ok((place, world.userfaults[place].ok_or(Errno::EBADF)?))
}

/// The userfaultfd that a name holds, for a call that changes pages. While a fork of its process
/// waits, that is EAGAIN.
///
/// Source: UFFDIO_COPY(2const) EAGAIN; fs/userfaultfd.c `userfaultfd_copy()` and its like,
/// `mmap_changing`.
fn look_up_to_change<M>(
    world: &World<M>,
    process: usize,
    name: Handler,
) -> core::result::Result<(usize, Userfault), Errno> {
    let (place, held) = look_up(world, process, name)?;
    let pending = held.owner.and_then(|owner| world.processes[owner].pending);
    match pending {
        Some(Waiting::ForFork { userfault, .. }) if userfault == place => Err(Errno::EAGAIN),
        _ => Ok((place, held)),
    }
}

/// A call that the kernel does not know is EINVAL, before anything is looked at but the descriptor.
///
/// Source: fs/userfaultfd.c `userfaultfd_ioctl()`.
fn expect_call<M>(
    world: &World<M>,
    process: usize,
    name: Handler,
    exists: bool,
) -> core::result::Result<(), Errno> {
    look_up(world, process, name)?;
    if exists { Ok(()) } else { Err(Errno::EINVAL) }
}

/// A range is of whole pages, and not empty.
///
/// Source: fs/userfaultfd.c `validate_range()`.
fn check_range(at: Address, length: Cells) -> core::result::Result<(), Errno> {
    if !at.cells().is_page_aligned() || !length.is_page_aligned() || length == Cells(0) {
        return Err(Errno::EINVAL);
    }
    Ok(())
}

/// Wakes whoever waits for the userfaultfd in these pages.
fn wake_range<M: Memory>(
    world: &mut World<M>,
    owner: usize,
    userfault: usize,
    pages: core::ops::Range<usize>,
    policy: &Policy,
) {
    wake_waiter(world, owner, userfault, |page| pages.contains(&page), policy);
}

fn registered_with(mapping: Option<Mapping>) -> Option<usize> {
    Some(mapping?.registration?.userfault)
}
