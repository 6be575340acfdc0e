//! read(2) and write(2) of pipes: what they move is copied.

use super::super::{Result, access};
use super::{content, end, held, is_lost, place};
use crate::bounds::CELLS;
use crate::memory::{Memory, Seen};
use crate::op::{Address, PinName};
use crate::outcome::{Errno, Outcome};
use crate::policy::Policy;
use crate::world::{Hold, Pin, PinnedPage, World};

/// A copy of a cell goes into a pipe, as a load finds it: behind what the pipe holds, which stays what
/// it is; memory that cannot be read is EFAULT.
///
/// Source: write(2) EFAULT; pipe(7); fs/pipe.c `anon_pipe_write()`, `copy_page_from_iter()`: only into a
/// page of the pipe's own, which has `PIPE_BUF_FLAG_CAN_MERGE`.
pub fn write_pipe<M: Memory>(
    world: &mut World<M>,
    process: usize,
    name: PinName,
    at: Address,
    policy: &Policy,
) -> Result {
    if access::is_lazily_freed(world, process, at) {
        return Ok(Outcome::BeyondBounds);
    }
    let pin = place(process, name).ok_or(Errno::EBADF)?;
    let value = access::get(world, process, at, policy).map_err(|_| Errno::EFAULT)?;
    if let Ok((_, held)) = held(world, process, name, |hold| hold == Hold::Pipe) {
        let is_of_file = matches!(held.page, PinnedPage::OfFile { .. });
        if policy.writes_to_pipes_reach_spliced_pages && is_of_file && held.cell + 1 < CELLS {
            world.memory.write_pin(pin, held.cell + 1, value);
        }
        return Ok(Outcome::Success);
    }
    end(world, pin);
    let (page, cell) = (PinnedPage::Copied(value), at.cells().within_page());
    world.processes[process].pins[pin.pin] =
        Some(Pin { page, cell, hold: Hold::Pipe, found_in: None });
    Ok(Outcome::Success)
}

/// What the pipe holds goes to memory, as a store does, whether it was copied into the pipe or is a
/// page of a file that splice(2) referred to. Memory that cannot be written is EFAULT, and the pipe
/// keeps what it has. What is no pipe is EBADF. Nothing is claimed of memory that vmsplice(2)
/// referred to: what is seen through it, [`read`](super::read) says.
///
/// Source: read(2) EFAULT; pipe(7); fs/pipe.c `anon_pipe_read()`, `copy_page_to_iter()`.
pub fn read_pipe<M: Memory>(
    world: &mut World<M>,
    process: usize,
    name: PinName,
    at: Address,
    policy: &Policy,
) -> Result {
    let (place, pin) = held(world, process, name, |hold| hold == Hold::Pipe)?;
    let is_copied = pin.found_in.is_none() && !is_lost(world, place, pin);
    let (Seen::Value(value), true) = (content(world, place, pin), is_copied) else {
        return Ok(Outcome::BeyondBounds);
    };
    access::put(world, process, at, value, policy).map_err(|_| Errno::EFAULT)?;
    end(world, place);
    Ok(Outcome::Success)
}
