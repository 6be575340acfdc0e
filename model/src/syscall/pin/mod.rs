//! Pins: references to pages that last whatever becomes of the page. A pipe holds some, after
//! splice(2), sendfile(2) and vmsplice(2); the kernel holds others while it transfers data to
//! memory or from it, as process_vm_readv(2), direct I/O and the registered buffers of io_uring(7)
//! do.

mod limits;
mod memory;
mod pipe;
mod splice;

pub use limits::{is_left_open, is_memory_pinned};
pub use memory::{pin, vmsplice};
pub use pipe::{read_pipe, write_pipe};
pub use splice::{sendfile, splice};

use super::Result;
use crate::memory::{Memory, PinPlace, Seen};
use crate::op::PinName;
use crate::outcome::{Errno, Outcome};
use crate::world::{FileBacking, Hold, Pin, PinnedPage, World};

// ANCHOR: read
/// What the pinned cell holds now. What is pinned for one transfer has had it then, and what is
/// pinned for writing, once, cannot be looked at (EBADF).
///
/// A page that its file has lost since keeps what it held, but nothing is claimed of a file on a
/// disk: there the page can be part of a large folio, which is zeroed in place because it cannot be
/// split.
///
/// Source: splice(2), vmsplice(2); process_vm_readv(2); io_uring_enter(2) `IORING_OP_WRITE_FIXED`;
/// mm/truncate.c `truncate_inode_partial_folio()`.
pub fn read<M: Memory>(world: &mut World<M>, process: usize, name: PinName) -> Result {
    let (place, pin) = held(world, process, name, Hold::reads)?;
    if is_lost(world, place, pin) {
        return Ok(Outcome::BeyondBounds);
    }
    let seen = content(world, place, pin);
    end_if_done(world, place, pin);
    Ok(seen.into())
}
// ANCHOR_END: read

/// The value goes to the page, whatever has become of its mapping and of its protection. What was
/// not pinned for that is EBADF; nothing is claimed of the page of a file on a disk that the file
/// has lost.
///
/// Source: process_vm_writev(2); io_uring_enter(2) `IORING_OP_READ_FIXED`; mm/gup.c
/// `unpin_user_pages_dirty_lock()`.
pub fn write<M: Memory>(world: &mut World<M>, process: usize, name: PinName, value: u8) -> Result {
    let (place, pin) = held(world, process, name, Hold::writes)?;
    if is_lost(world, place, pin) {
        return Ok(Outcome::BeyondBounds);
    }
    world.memory.write_pin(place, pin.cell, value);
    end_if_done(world, place, pin);
    Ok(Outcome::Success)
}

/// The reference is given back.
///
/// Source: close(2) of the pipe's descriptors; mm/gup.c `unpin_user_page()`.
pub fn unpin<M: Memory>(world: &mut World<M>, process: usize, name: PinName) -> Result {
    let (place, _) = held(world, process, name, |_| true)?;
    end(world, place);
    Ok(Outcome::Success)
}

fn content<M: Memory>(world: &World<M>, place: PinPlace, pin: Pin) -> Seen {
    match pin.page {
        PinnedPage::Zero => Seen::Value(0),
        PinnedPage::Copied(value) => Seen::Value(value),
        PinnedPage::OfFile { .. } | PinnedPage::Anonymous => world.memory.read_pin(place, pin.cell),
    }
}

/// The pin that a name holds, if it can do this; otherwise EBADF.
fn held<M>(
    world: &World<M>,
    process: usize,
    name: PinName,
    can: impl Fn(Hold) -> bool,
) -> core::result::Result<(PinPlace, Pin), Errno> {
    let pin = world.processes[process].pin(name).filter(|pin| can(pin.hold));
    pin.zip(place(process, name)).map(|(pin, place)| (place, pin)).ok_or(Errno::EBADF)
}

/// Whether it is a page of a file on a disk that the file has lost.
fn is_lost<M: Memory>(world: &World<M>, place: PinPlace, pin: Pin) -> bool {
    pin.page == (PinnedPage::OfFile { backing: FileBacking::Disk }) && world.memory.is_orphan(place)
}

fn end_if_done<M: Memory>(world: &mut World<M>, place: PinPlace, pin: Pin) {
    if matches!(pin.hold, Hold::Once(_)) {
        end(world, place);
    }
}

fn end<M: Memory>(world: &mut World<M>, place: PinPlace) {
    world.memory.unpin(place);
    world.processes[place.process].pins[place.pin] = None;
}

fn place(process: usize, name: PinName) -> Option<PinPlace> {
    Some(PinPlace { process, pin: name.index()? })
}
