//! userfaultfd(2) and its ioctls.

use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, FromRawFd as _, OwnedFd};
use std::sync::OnceLock;

use mapspec_model::op::{Address, Cells, CopyMode, Handler, HandlerFlags, Modes, Switch};
use mapspec_model::outcome::{Errno, Event, Fault, Outcome};
use rustix::fs::{Mode, OFlags};
use rustix::io::{Errno as Error, Result as CallResult};
use rustix::ioctl::{Opcode, opcode};
use rustix::mm::UserfaultfdFlags;

use super::{Process, bits, cannot, error_outcome, ioctl, outcome};
use crate::arena::{self, PAGE_SIZE};
use crate::broken::Reason;
use crate::raw::system_call;
use crate::waiting;

const TYPE: u8 = 0xAA;
const API: Opcode = opcode::read_write::<Api>(TYPE, 0x3f);
const REGISTER: Opcode = opcode::read_write::<Registration>(TYPE, 0);
const UNREGISTER: Opcode = opcode::read::<Range>(TYPE, 1);
const WAKE: Opcode = opcode::read::<Range>(TYPE, 2);
const COPY: Opcode = opcode::read_write::<Copy>(TYPE, 3);
const ZEROPAGE: Opcode = opcode::read_write::<Registration>(TYPE, 4);
const MOVE: Opcode = opcode::read_write::<Copy>(TYPE, 5);
const WRITEPROTECT: Opcode = opcode::read_write::<Protection>(TYPE, 6);
const CONTINUE: Opcode = opcode::read_write::<Registration>(TYPE, 7);
const POISON: Opcode = opcode::read_write::<Registration>(TYPE, 8);

/// The only version of the interface.
const VERSION: u64 = 0xAA;
const USER_MODE_ONLY: i32 = 1;

/// `struct uffdio_api`.
#[repr(C)]
struct Api {
    version: u64,
    features: u64,
    ioctls: u64,
}

/// `struct uffdio_range`.
#[repr(C)]
struct Range {
    start: u64,
    length: u64,
}

impl Range {
    fn new(at: Address, length: Cells) -> Self {
        Self { start: arena::address(at) as u64, length: arena::bytes(length) as u64 }
    }
}

/// `struct uffdio_register`, and those that are laid out like it: `uffdio_zeropage`,
/// `uffdio_continue`, `uffdio_poison`.
#[repr(C)]
struct Registration {
    range: Range,
    mode: u64,
    done: u64,
}

/// `struct uffdio_writeprotect`.
#[repr(C)]
struct Protection {
    range: Range,
    mode: u64,
}

/// `struct uffdio_copy`, and `uffdio_move`, which is laid out like it.
#[repr(C)]
struct Copy {
    target: u64,
    source: u64,
    length: u64,
    mode: u64,
    done: i64,
}

/// `struct uffd_msg`, as it is for a page fault. For a fork a descriptor stands where the flags
/// are.
#[repr(C)]
struct Message {
    event: u8,
    reserved: [u8; 7],
    flags: u64,
    address: u64,
    feature: u64,
}

/// A new userfaultfd that does not wait when it is read. Without privilege it is for accesses of
/// the processor only, which all accesses of a program are.
fn open(flags: i32) -> CallResult<OwnedFd> {
    match call(flags) {
        Err(Error::PERM) if flags & USER_MODE_ONLY == 0 => call(flags | USER_MODE_ONLY),
        result => result,
    }
}

fn call(flags: i32) -> CallResult<OwnedFd> {
    let flags = UserfaultfdFlags::from_bits_retain(flags.cast_unsigned());
    let flags = flags | UserfaultfdFlags::CLOEXEC | UserfaultfdFlags::NONBLOCK;
    // SAFETY: what is registered with it is the business of those who do that.
    unsafe { rustix::mm::userfaultfd(flags) }
}

/// A new userfaultfd that sees accesses of the kernel as well, which needs privilege.
///
/// Source: userfaultfd(2); Documentation/admin-guide/mm/userfaultfd.rst: since Linux 6.1 those may,
/// too, whom the permissions of `/dev/userfaultfd` let in.
pub fn open_for_all_accesses() -> CallResult<OwnedFd> {
    const NEW: Opcode = opcode::none(TYPE, 0);
    let new = call(0).or_else(|error| {
        let device = rustix::fs::open("/dev/userfaultfd", OFlags::CLOEXEC, Mode::empty());
        let device = device.map_err(|_| error)?;
        let flags = libc::O_CLOEXEC | libc::O_NONBLOCK;
        // SAFETY: USERFAULTFD_IOC_NEW takes flags.
        let new = unsafe { system_call!(ioctl, device.as_raw_fd(), NEW, flags) }?;
        // SAFETY: the kernel has just made this descriptor, and nobody else knows it.
        Ok(unsafe { OwnedFd::from_raw_fd(new as i32) })
    })?;
    enable(&new, 0)?;
    Ok(new)
}

/// A new userfaultfd that sees accesses of the processor at least.
pub fn open_for_processor() -> CallResult<OwnedFd> {
    with_features(HandlerFlags::EMPTY)
}

/// Has faults on memory that is missing reported.
pub fn register_memory(handler: impl AsFd, start: usize, length: usize) -> CallResult<()> {
    const MISSING: u64 = 1;
    let range = Range { start: start as u64, length: length as u64 };
    let mut argument = Registration { range, mode: MISSING, done: 0 };
    // SAFETY: UFFDIO_REGISTER takes this structure.
    unsafe { ioctl::<REGISTER, _>(handler, &mut argument) }
}

/// Has them no longer reported, and wakes those who wait.
pub fn unregister_memory(handler: impl AsFd, start: usize, length: usize) -> CallResult<()> {
    let mut range = Range { start: start as u64, length: length as u64 };
    // SAFETY: UFFDIO_UNREGISTER takes a range.
    unsafe { ioctl::<UNREGISTER, _>(handler, &mut range) }
}

/// Moves pages.
///
/// # Safety
/// Nothing may refer to either range.
pub unsafe fn move_memory(
    handler: impl AsFd,
    to: usize,
    from: usize,
    length: usize,
) -> CallResult<()> {
    let (target, source, length) = (to as u64, from as u64, length as u64);
    let mut argument = Copy { target, source, length, mode: 0, done: 0 };
    // SAFETY: UFFDIO_MOVE takes a structure of this layout; the ranges are as the caller promises.
    unsafe { ioctl::<MOVE, _>(handler, &mut argument) }
}

fn with_features(flags: HandlerFlags) -> CallResult<OwnedFd> {
    const FLAGS: [(HandlerFlags, i32); 2] =
        [(HandlerFlags::USER_MODE_ONLY, USER_MODE_ONLY), (HandlerFlags::UNKNOWN, 1 << 20)];
    const FEATURES: [(HandlerFlags, i32); 6] = [
        (HandlerFlags::FORK_EVENTS, 1 << 1),
        (HandlerFlags::SIGBUS, 1 << 7),
        (HandlerFlags::EXACT_ADDRESS, 1 << 11),
        (HandlerFlags::UNPOPULATED_WP, 1 << 13),
        (HandlerFlags::ASYNC_WP, 1 << 15),
        (HandlerFlags::UNKNOWN_FEATURE, 1 << 30),
    ];
    let new = open(bits(flags, &FLAGS))?;
    let features = bits(flags, &FEATURES) as u64;
    enable(&new, features)?;
    Ok(new)
}

/// Nothing else can be done with a userfaultfd before.
fn enable(new: &OwnedFd, features: u64) -> CallResult<()> {
    let mut api = Api { version: VERSION, features, ioctls: 0 };
    // SAFETY: UFFDIO_API takes this structure.
    unsafe { ioctl::<API, _>(new, &mut api) }
}

pub fn create(process: &mut Process<'_>, name: Handler, flags: HandlerFlags) -> Outcome {
    match (name.index(), with_features(flags)) {
        (Some(index), Ok(new)) => {
            process.handlers[index] = Some(new);
            Outcome::Success
        }
        (None, _) => Outcome::BeyondBounds,
        (_, Err(error)) => error_outcome(error),
    }
}

pub fn close(process: &mut Process<'_>, name: Handler) -> Outcome {
    match name.index().and_then(|index| process.handlers[index].take()) {
        Some(_) => Outcome::Success,
        None => Outcome::Error(Errno::EBADF),
    }
}

pub fn register(handler: BorrowedFd<'_>, at: Address, length: Cells, modes: Modes) -> Outcome {
    const MODES: [(Modes, i32); 3] =
        [(Modes::MISSING, 1), (Modes::WRITE_PROTECT, 2), (Modes::MINOR, 4)];
    on_range::<REGISTER>(handler, at, length, bits(modes, &MODES) as u64)
}

pub fn zero(handler: BorrowedFd<'_>, at: Address, length: Cells) -> Outcome {
    on_range::<ZEROPAGE>(handler, at, length, 0)
}

pub fn map_cached(handler: BorrowedFd<'_>, at: Address, length: Cells) -> Outcome {
    on_range::<CONTINUE>(handler, at, length, 0)
}

pub fn poison(handler: BorrowedFd<'_>, at: Address, length: Cells) -> Outcome {
    on_range::<POISON>(handler, at, length, 0)
}

fn on_range<const CODE: Opcode>(
    handler: BorrowedFd<'_>,
    at: Address,
    length: Cells,
    mode: u64,
) -> Outcome {
    let mut argument = Registration { range: Range::new(at, length), mode, done: 0 };
    // SAFETY: the codes that are used here take a structure of this layout; the memory that they
    // change is in the arena, to which nothing in this process refers.
    outcome(unsafe { ioctl::<CODE, _>(handler, &mut argument) })
}

pub fn unregister(handler: BorrowedFd<'_>, at: Address, length: Cells) -> Outcome {
    outcome(unregister_memory(handler, arena::address(at), arena::bytes(length)))
}

pub fn wake(handler: BorrowedFd<'_>, at: Address, length: Cells) -> Outcome {
    // SAFETY: UFFDIO_WAKE takes a range.
    outcome(unsafe { ioctl::<WAKE, _>(handler, &mut Range::new(at, length)) })
}

pub fn copy(handler: BorrowedFd<'_>, at: Address, value: u8, mode: CopyMode) -> Outcome {
    // On the stack it would be part of the frame in which every operation is done.
    let page = vec![value; 2 * PAGE_SIZE];
    let source = (page.as_ptr() as u64).next_multiple_of(PAGE_SIZE as u64);
    let mut argument = Copy {
        target: arena::address(at) as u64,
        source,
        length: PAGE_SIZE as u64,
        mode: bits(mode, &[(CopyMode::NO_WAKE, 1), (CopyMode::WRITE_PROTECT, 2)]) as u64,
        done: 0,
    };
    // SAFETY: UFFDIO_COPY takes this structure; the source is a whole page within `page`, and the
    // target in the arena.
    outcome(unsafe { ioctl::<COPY, _>(handler, &mut argument) })
}

pub fn transfer(handler: BorrowedFd<'_>, to: Address, from: Address, length: Cells) -> Outcome {
    let (to, from) = (arena::address(to), arena::address(from));
    // SAFETY: both ranges are in the arena, to which nothing in this process refers.
    outcome(unsafe { move_memory(handler, to, from, arena::bytes(length)) })
}

pub fn write_protect(
    handler: BorrowedFd<'_>,
    at: Address,
    length: Cells,
    switch: Switch,
) -> Outcome {
    let mode = u64::from(switch == Switch::On);
    let mut argument = Protection { range: Range::new(at, length), mode };
    // SAFETY: UFFDIO_WRITEPROTECT takes this structure.
    outcome(unsafe { ioctl::<WRITEPROTECT, _>(handler, &mut argument) })
}

pub fn event(
    process: &mut Process<'_>,
    of_child: Option<Handler>,
    name: Handler,
) -> Result<Outcome, Reason> {
    const PAGE_FAULT: u8 = 0x12;
    const FORK: u8 = 0x13;
    let handler = process.handler(name);
    const WRITE_PROTECTED: u64 = 2;
    const MINOR: u64 = 4;
    let mut message = Message { event: 0, reserved: [0; 7], flags: 0, address: 0, feature: 0 };
    let size = size_of::<Message>();
    // SAFETY: the structure is as large as is said, and every content of it is valid.
    match unsafe { system_call!(read, handler.as_raw_fd(), &raw mut message, size) } {
        Ok(_) => {}
        Err(Error::AGAIN) => return Ok(Outcome::Event(Event::None)),
        Err(error) => return Ok(error_outcome(error)),
    }
    if message.event == FORK {
        // SAFETY: the kernel has just made this descriptor with the message, and nobody else knows
        // it.
        let new = unsafe { OwnedFd::from_raw_fd(message.flags as u32 as i32) };
        if let Some(place) = of_child.and_then(Handler::index) {
            process.handlers[place] = Some(new);
        }
        return Ok(Outcome::Event(Event::Fork));
    }
    if message.event != PAGE_FAULT {
        return Err(cannot("userfaultfd", format!("event {} is not known", message.event)));
    }
    let fault = match message.flags {
        flags if flags & WRITE_PROTECTED != 0 => Fault::WriteProtected,
        flags if flags & MINOR != 0 => Fault::Minor,
        _ => Fault::Missing,
    };
    let at = usize::try_from(message.address).ok().and_then(arena::place);
    let at = at.ok_or_else(|| cannot("userfaultfd", "a fault outside of the arena"))?;
    Ok(Outcome::Event(Event::Fault(fault, at)))
}

/// Whether userfaultfds can be made, and seen to keep a process waiting; if not, why.
pub fn available() -> Result<(), String> {
    static AVAILABLE: OnceLock<Result<(), String>> = OnceLock::new();
    AVAILABLE.get_or_init(look_whether_available).clone()
}

fn look_whether_available() -> Result<(), String> {
    open_for_processor().map_err(|error| {
        format!("userfaultfd: {error}; it needs CONFIG_USERFAULTFD, and root or Linux 5.11")
    })?;
    if waiting::is_seen() {
        Ok(())
    } else {
        Err("who waits for it cannot be seen; that needs CONFIG_KALLSYMS, and root or Linux 5.16"
            .into())
    }
}
