//! Pins: pipes that hold a page by reference, after splice(2), sendfile(2) and vmsplice(2), and
//! what the kernel pins for a transfer.

use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::sync::OnceLock;
use std::sync::atomic::Ordering;

use mapspec_model::op::{
    Address, Cells, Name, Op, PinAccess, PinFlags, PinName, Remote, Statement,
};
use mapspec_model::outcome::{Errno, Outcome};
use rustix::io::{Errno as Error, Result as CallResult};
use rustix::pipe::SpliceFlags;

use super::rw::length_outcome;
use super::{Process, cannot, error_outcome};
use crate::arena;
use crate::broken::Reason;
use crate::pin::pipe::Pipe;
use crate::pin::{Access, Held, Mechanism, Request, Times};

/// What a name for a pin holds.
pub enum Kept {
    Pipe(Pipe),
    /// A pin, and whether it is for one transfer only.
    Held(Box<Held>, bool),
}

/// Fills a new pipe, which the name holds if anything came.
pub fn make(
    process: &mut Process<'_>,
    name: PinName,
    file: Name,
    offset: Cells,
    fill: fn(BorrowedFd<'_>, Cells, &OwnedFd) -> CallResult<usize>,
) -> Result<Outcome, Reason> {
    let pipe = Pipe::used().map_err(|error| cannot("pipe2", error))?;
    let moved = fill(process.descriptor(file), offset, &pipe.writer);
    if let (Ok(1..), Some(index)) = (moved, name.index()) {
        process.pins[index] = Some(Kept::Pipe(pipe));
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

/// A new pipe with a byte of memory.
pub fn vmsplice(process: &mut Process<'_>, name: PinName, at: Address) -> Result<Outcome, Reason> {
    let pipe = Pipe::of_memory(arena::address(at)).map_err(|error| cannot("pipe2", error))?;
    bind(process, name, pipe.map(Kept::Pipe).map_err(io::Error::from))
}

/// A copy of a byte of memory goes into the pipe that the name holds, or into a new one.
pub fn write_pipe(
    process: &mut Process<'_>,
    name: PinName,
    at: Address,
) -> Result<Outcome, Reason> {
    let held = name.index().and_then(|index| process.pins[index].as_ref());
    if let Some(Kept::Pipe(pipe)) = held {
        let put = pipe.put(arena::address(at));
        return Ok(put.map_or_else(error_outcome, |()| Outcome::Success));
    }
    let pipe = Pipe::copied(arena::address(at)).map_err(|error| cannot("pipe2", error))?;
    bind(process, name, pipe.map(Kept::Pipe).map_err(io::Error::from))
}

/// A byte of the pipe goes to memory, and the pipe is closed.
pub fn read_pipe(process: &mut Process<'_>, name: PinName, at: Address) -> Outcome {
    let Some(index) = name.index() else { return Outcome::BeyondBounds };
    let Some(Kept::Pipe(pipe)) = &process.pins[index] else {
        return Outcome::Error(Errno::EBADF);
    };
    match pipe.take(arena::address(at)) {
        Ok(()) => {
            process.pins[index] = None;
            Outcome::Success
        }
        Err(error) => error_outcome(error),
    }
}

/// A pin, by one of the mechanisms that can take it here.
pub fn pin(
    process: &mut Process<'_>,
    name: PinName,
    place: Remote,
    access: PinAccess,
    flags: PinFlags,
) -> Result<Outcome, Reason> {
    let process_id = (place.process != process.actor).then(|| process.id(place));
    let request = request(process_id, place.at, access, flags);
    let able = able(&request);
    let turn = process.shared.current().turn.load(Ordering::Relaxed) as usize;
    let choice = process.mechanism.unwrap_or(turn + usize::from(place.at.0));
    let mechanism = able.get(choice % able.len().max(1)).copied();
    let (Some(mechanism), Some(keeper)) = (mechanism, process.surroundings.keeper) else {
        return Err(Reason::Setup("no mechanism can take this pin here".into()));
    };
    let held = keeper.hold(mechanism, &request);
    bind(process, name, held.map(|held| Kept::Held(Box::new(held), !request.longterm)))
}

fn request(process: Option<i32>, at: Address, access: PinAccess, flags: PinFlags) -> Request {
    let writes = access == PinAccess::ReadWrite;
    Request {
        process,
        address: arena::address(at),
        access: if writes { Access::ReadWrite } else { Access::ReadOnly },
        longterm: flags.contains(PinFlags::LONG_TERM),
    }
}

/// The mechanisms that can take the pin of a statement here, if it is one; vmsplice(2) has an
/// operation of its own.
///
/// # Errors
/// There is none: why, and what would help.
pub fn mechanisms(statement: &Statement) -> Result<Vec<Mechanism>, String> {
    let Op::Pin { page, access, flags, .. } = statement.op else { return Ok(Vec::new()) };
    let other = (page.process != statement.actor).then_some(0);
    let request = request(other, page.at, access, flags);
    let able = able(&request);
    if !able.is_empty() {
        return Ok(able);
    }
    let reasons = candidates(&request).filter_map(|it| it.available().err());
    Err(reasons.collect::<Vec<_>>().join("; "))
}

fn able(request: &Request) -> Vec<Mechanism> {
    candidates(request).filter(|it| usable().contains(it)).collect()
}

fn candidates(request: &Request) -> impl Iterator<Item = Mechanism> {
    let can = |it: &Mechanism| {
        let can_write = it.writes(request.access) != Times::Never;
        let is_useful = request.access == Access::ReadOnly || can_write;
        *it != Mechanism::Vmsplice && it.can(request) && is_useful
    };
    Mechanism::ALL.into_iter().filter(can)
}

/// The mechanisms that there are here. What this finds out, children need not.
pub fn usable() -> &'static [Mechanism] {
    static USABLE: OnceLock<Vec<Mechanism>> = OnceLock::new();
    USABLE.get_or_init(|| {
        Mechanism::ALL.into_iter().filter(|mechanism| mechanism.available().is_ok()).collect()
    })
}

fn bind(
    process: &mut Process<'_>,
    name: PinName,
    new: io::Result<Kept>,
) -> Result<Outcome, Reason> {
    match (new, name.index()) {
        (Ok(kept), Some(index)) => {
            process.pins[index] = Some(kept);
            Ok(Outcome::Success)
        }
        (Ok(_), None) => Ok(Outcome::BeyondBounds),
        (Err(error), _) => refusal("pinning", &error),
    }
}

/// What the kernel says; an error of another kind is not the kernel's.
fn refusal(what: &str, error: &io::Error) -> Result<Outcome, Reason> {
    match error.raw_os_error() {
        Some(number) => Ok(error_outcome(Error::from_raw_os_error(number))),
        None if error.kind() == io::ErrorKind::Unsupported => Ok(Outcome::Error(Errno::EBADF)),
        None => Err(cannot(what, error)),
    }
}

/// What is in the pipe, or at the pinned place.
pub fn read(process: &mut Process<'_>, name: PinName) -> Result<Outcome, Reason> {
    transfer(process, name, |kept| match kept {
        Kept::Pipe(pipe) => Ok(Outcome::Value(pipe.peek()?)),
        Kept::Held(held, _) => held.read().map(Outcome::Value),
    })
}

/// Lets the value arrive at the pinned place.
pub fn write(process: &mut Process<'_>, name: PinName, value: u8) -> Result<Outcome, Reason> {
    transfer(process, name, |kept| match kept {
        Kept::Pipe(_) => Err(io::ErrorKind::Unsupported.into()),
        Kept::Held(held, _) => held.write(value).map(|()| Outcome::Success),
    })
}

/// A transfer, after which a pin that is for one only has ended.
fn transfer(
    process: &mut Process<'_>,
    name: PinName,
    transfer: impl FnOnce(&mut Kept) -> io::Result<Outcome>,
) -> Result<Outcome, Reason> {
    let slot = name.index().map(|index| &mut process.pins[index]);
    let Some((mut kept, slot)) = slot.and_then(|slot| slot.take().zip(Some(slot))) else {
        return Ok(Outcome::Error(Errno::EBADF));
    };
    let result = transfer(&mut kept);
    if result.is_err() || !matches!(kept, Kept::Held(_, true)) {
        *slot = Some(kept);
    }
    result.or_else(|error| refusal("a transfer through a pin", &error))
}

/// Closes the pipe, or ends the pin.
pub fn unpin(process: &mut Process<'_>, name: PinName) -> Outcome {
    let held = name.index().and_then(|index| process.pins[index].take());
    held.map_or(Outcome::Error(Errno::EBADF), |_| Outcome::Success)
}
