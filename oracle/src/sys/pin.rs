//! Pins: pipes that hold a page by reference, after splice(2) and sendfile(2).

use std::os::fd::{BorrowedFd, OwnedFd};

use mapspec_model::op::{Cells, Name, PinName};
use mapspec_model::outcome::{Errno, Outcome};
use rustix::io::Result as CallResult;
use rustix::pipe::SpliceFlags;

use super::rw::length_outcome;
use super::{Process, cannot};
use crate::arena;
use crate::broken::Reason;
use crate::pin::pipe::Pipe;

/// Fills a new pipe, which the name holds if anything came.
pub fn make(
    process: &mut Process<'_>,
    name: PinName,
    file: Name,
    offset: Cells,
    fill: fn(BorrowedFd<'_>, Cells, &OwnedFd) -> CallResult<usize>,
) -> Result<Outcome, Reason> {
    let pipe = Pipe::new().map_err(|error| cannot("pipe2", error))?;
    let moved = fill(process.descriptor(file), offset, &pipe.writer);
    if let (Ok(1..), Some(index)) = (moved, name.index()) {
        process.pins[index] = Some(pipe);
    }
    length_outcome("splice", moved)
}

/// A cell of a file, by splice(2).
pub fn splice(file: BorrowedFd<'_>, offset: Cells, to: &OwnedFd) -> CallResult<usize> {
    let mut offset = arena::bytes(offset) as u64;
    let flags = SpliceFlags::empty();
    rustix::pipe::splice(file, Some(&mut offset), to, None, arena::CELL_SIZE, flags)
}

/// A cell of a file, by sendfile(2).
pub fn sendfile(file: BorrowedFd<'_>, offset: Cells, to: &OwnedFd) -> CallResult<usize> {
    let mut offset = arena::bytes(offset) as u64;
    rustix::fs::sendfile(to, file, Some(&mut offset), arena::CELL_SIZE)
}

/// Reads a duplicate of what is in the pipe, so that it stays there.
pub fn read(process: &Process<'_>, name: PinName) -> Result<Outcome, Reason> {
    let held = name.index().and_then(|index| process.pins[index].as_ref());
    let Some(pipe) = held else {
        return Ok(Outcome::Error(Errno::EBADF));
    };
    let byte = pipe.peek().map_err(|error| cannot("reading a pin", error))?;
    Ok(Outcome::Value(byte))
}

/// Closes the pipe.
pub fn unpin(process: &mut Process<'_>, name: PinName) -> Outcome {
    let held = name.index().and_then(|index| process.pins[index].take());
    held.map_or(Outcome::Error(Errno::EBADF), |_| Outcome::Success)
}
