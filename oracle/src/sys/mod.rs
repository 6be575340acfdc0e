//! Each operation on the real kernel; mirrors the model's `syscall`.

mod access;
mod copy;
mod descriptor;
pub mod elsewhere;
mod emulation;
mod fallocate;
mod madvise;
pub mod memfd;
mod mlock;
mod mmap;
mod mremap;
mod mseal;
mod msync;
mod observe;
pub mod pin;
pub mod process;
mod rw;
mod seals;
mod truncate;
pub mod userfault;

use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::Ordering;

use mapspec_model::flags::Flags;
use mapspec_model::op::{Actor, Handler, Name, Op, Remote};
use mapspec_model::outcome::{Errno, Outcome};
use mapspec_model::{DESCRIPTORS, HANDLERS, PINS};
use rustix::ioctl::{Opcode, Updater};
use rustix::process::Pid;

use crate::arena;
use crate::broken::Reason;
use crate::observe::{Frames, PAGE_IS_WPALLOWED, PAGE_IS_WRITTEN};
use crate::pin::Keeper;
use crate::wire::{Request, Shared};

pub use emulation::Emulation;

/// What the processes of a program find when they begin.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// What tells page frames apart.
    pub frames: &'a Frames,
    /// Who holds pages, if the program has some pinned.
    pub keeper: Option<&'a Keeper>,
    /// The zygote, their parent.
    pub zygote: Pid,
}

/// A process of a program, seen from within.
pub struct Process<'a> {
    /// Which one it is.
    pub actor: Actor,
    /// The memory that it shares with the others.
    pub shared: &'a Shared,
    /// What it found when it began.
    pub surroundings: Surroundings<'a>,
    /// Which of several mechanisms holds a pin.
    mechanism: Option<usize>,
    descriptors: [Option<OwnedFd>; DESCRIPTORS],
    pins: [Option<pin::Kept>; PINS],
    handlers: [Option<OwnedFd>; HANDLERS],
    /// What stands in for `MAP_NOSIGBUS`, if something does.
    pub emulation: Option<Emulation>,
    /// What the last access that had to wait has come to, until it is asked for.
    pub resumed: Option<Outcome>,
    pagemap: Option<File>,
    maps: Option<File>,
}

impl<'a> Process<'a> {
    /// A process that has no descriptor, no pin and no mapping.
    pub fn new(
        actor: Actor,
        shared: &'a Shared,
        surroundings: Surroundings<'a>,
        request: &Request,
    ) -> Self {
        let descriptors = [const { None }; DESCRIPTORS];
        let pins = [const { None }; PINS];
        let handlers = [const { None }; HANDLERS];
        Self {
            actor,
            shared,
            surroundings,
            mechanism: request.mechanism,
            emulation: request.emulates.then(|| Emulation::new(request.sabotage)),
            descriptors,
            pins,
            handlers,
            resumed: None,
            pagemap: None,
            maps: None,
        }
    }

    /// After a fork: this is another process now. What was opened in `/proc/self` shows the parent,
    /// and pins stay the parent's.
    pub fn become_child(&mut self, actor: Actor) {
        self.actor = actor;
        self.pins = [const { None }; PINS];
        self.pagemap = None;
        self.maps = None;
    }

    /// Nothing is pinned any more when this returns.
    pub fn release_pins(&mut self) {
        self.pins = [const { None }; PINS];
    }

    /// Nothing that the last program has made is left.
    pub fn forget_everything(&mut self) -> Result<(), Reason> {
        self.descriptors = [const { None }; DESCRIPTORS];
        self.release_pins();
        self.handlers = [const { None }; HANDLERS];
        arena::clear().map_err(|error| cannot("munmap", error))
    }

    /// The descriptor that a name holds; one that is not open, if it holds none.
    fn descriptor(&self, name: Name) -> BorrowedFd<'_> {
        opened(name.index().and_then(|index| self.descriptors[index].as_ref()))
    }

    /// Whether a name holds a descriptor.
    fn holds(&self, name: Name) -> bool {
        name.index().is_some_and(|index| self.descriptors[index].is_some())
    }

    /// The same for a userfaultfd.
    fn handler(&self, name: Handler) -> BorrowedFd<'_> {
        opened(name.index().and_then(|index| self.handlers[index].as_ref()))
    }

    /// The process id of the program's process that this place is in.
    fn id(&self, place: Remote) -> i32 {
        self.shared.processes[place.process as usize].load(Ordering::Relaxed)
    }

    /// The name holds the new descriptor; what it held before is closed.
    fn bind(&mut self, name: Name, new: rustix::io::Result<OwnedFd>) -> Outcome {
        match (name.index(), new) {
            (Some(index), Ok(descriptor)) => {
                self.descriptors[index] = Some(descriptor);
                Outcome::Success
            }
            (_, Err(error)) => error_outcome(error),
            (None, _) => Outcome::BeyondBounds,
        }
    }
}

/// The descriptor; without one, a number that is not open.
fn opened(held: Option<&OwnedFd>) -> BorrowedFd<'_> {
    // SAFETY: the kernel refuses this number, or any other that is not open, with EBADF.
    const CLOSED: BorrowedFd<'static> = unsafe { BorrowedFd::borrow_raw(i32::MAX) };
    held.map_or(CLOSED, AsFd::as_fd)
}

/// Does an operation and says what came of it.
///
/// # Errors
/// The operation could not be tried.
pub fn perform(process: &mut Process<'_>, op: &Op) -> Result<Outcome, Reason> {
    let outcome = ask_kernel(process, op)?;
    if let Some(emulation) = &mut process.emulation {
        emulation.note(op, outcome);
    }
    Ok(outcome)
}

fn ask_kernel(process: &mut Process<'_>, op: &Op) -> Result<Outcome, Reason> {
    let outcome = match *op {
        // The other process was never made: then the model was wrong about a fork before.
        Op::SameFrame { other: it, .. }
        | Op::ProcessVmReadv { from: it }
        | Op::ProcessVmWritev { to: it, .. }
        | Op::MemRead { from: it }
        | Op::MemWrite { to: it, .. }
            if process.id(it) == 0 =>
        {
            Outcome::BeyondBounds
        }
        Op::MemfdCreate { name, flags } => {
            let new = memfd::create(flags);
            process.bind(name, new)
        }
        Op::Open { name, medium } => {
            let new = descriptor::open(medium)?;
            process.bind(name, Ok(new))
        }
        Op::Reopen { name, from, mode, flags } => {
            let new = descriptor::reopen(process.descriptor(from), mode, flags);
            process.bind(name, new)
        }
        Op::Dup { name, from } => {
            let new = rustix::io::dup(process.descriptor(from));
            process.bind(name, new)
        }
        Op::Close { file } => descriptor::close(process, file),
        Op::Ftruncate { file, size } => truncate::ftruncate(process.descriptor(file), size),
        Op::Pread { file, offset } => rw::pread(process.descriptor(file), offset),
        Op::Pwrite { file, offset, length, value } => {
            rw::pwrite(process.shared, process.descriptor(file), offset, length, value)?
        }
        Op::Pwritev { file, offset, length, value } => {
            rw::pwritev(process.descriptor(file), offset, length, value)?
        }
        Op::Fallocate { file, mode, offset, length } => {
            fallocate::fallocate(process.descriptor(file), mode, offset, length)
        }
        Op::CopyFileRange { from, offset, to, to_offset, length } => {
            let (from, to) = (process.descriptor(from), process.descriptor(to));
            copy::copy_file_range(from, offset, to, to_offset, length)?
        }
        Op::Splice { name, file, offset } => pin::make(process, name, file, offset, pin::splice)?,
        Op::Sendfile { name, file, offset } => {
            pin::make(process, name, file, offset, pin::sendfile)?
        }
        Op::Vmsplice { name, at } => pin::vmsplice(process, name, at)?,
        Op::Pin { name, page, access, flags } => pin::pin(process, name, page, access, flags)?,
        Op::WritePipe { name, at } => pin::write_pipe(process, name, at)?,
        Op::ReadPipe { pin, at } => pin::read_pipe(process, pin, at),
        Op::ReadPin { pin } => pin::read(process, pin)?,
        Op::WritePin { pin, value } => pin::write(process, pin, value)?,
        Op::Unpin { pin } => pin::unpin(process, pin),
        Op::AddSeals { file, seals } => seals::add(process.descriptor(file), seals),
        Op::GetSeals { file } => seals::get(process.descriptor(file))?,
        Op::Size { file } => observe::size(process.descriptor(file))?,
        Op::Mmap { at, length, protection, flags, file, offset } => {
            mmap::mmap(process, at, length, protection, flags, file, offset)?
        }
        Op::Mremap { at, length, new_length, flags, to } => {
            mremap::mremap(at, length, new_length, flags, to)?
        }
        Op::Mlock { at, length } => mlock::mlock(at, length),
        Op::Mlock2 { at, length, flags } => mlock::mlock2(at, length, flags),
        Op::Munlock { at, length } => mlock::munlock(at, length),
        Op::Munlockall {} => mlock::munlockall(),
        Op::Mseal { at, length, flags } => mseal::mseal(at, length, flags),
        Op::Munmap { at, length } => mmap::munmap(at, length),
        Op::Mprotect { at, length, protection } => mmap::mprotect(at, length, protection),
        Op::Msync { at, length, flags } => msync::msync(at, length, flags),
        Op::Madvise { at, length, advice } => madvise::madvise(at, length, advice),
        Op::Load { at } => access::load(process, at)?,
        Op::Store { at, value } => access::store(process, at, value)?,
        Op::CompareExchange { at, old, new } => access::compare_exchange(process, at, old, new)?,
        Op::Execute { at } => access::execute(process, at)?,
        Op::Read { file, offset, at, length } => {
            rw::read(process.descriptor(file), offset, at, length)?
        }
        Op::Write { file, offset, at, length } => {
            rw::write(process.descriptor(file), offset, at, length)?
        }
        Op::ProcessVmReadv { from } => elsewhere::process_vm_readv(process.id(from), from.at)?,
        Op::ProcessVmWritev { to, value } => {
            elsewhere::process_vm_writev(process.id(to), to.at, value)?
        }
        Op::MemRead { from } => elsewhere::mem_read(process.id(from), from.at)?,
        Op::MemWrite { to, value } => elsewhere::mem_write(process.id(to), to.at, value)?,
        Op::Scan { at } => observe::scan(process, at)?,
        Op::Written { at } => observe::category(process, at, PAGE_IS_WRITTEN)?,
        Op::WpAllowed { at } => observe::category(process, at, PAGE_IS_WPALLOWED)?,
        Op::Page { at } => observe::page(process, at)?,
        Op::Maps { at } => observe::maps(process, at)?,
        Op::Mincore { at } => observe::mincore(at),
        Op::ClearRefs {} => observe::clear_refs()?,
        Op::SoftDirty { at } => observe::soft_dirty(process, at)?,
        Op::SameFrame { at, other } => observe::same_frame(process, at, other)?,
        Op::Userfaultfd { name, flags } => userfault::create(process, name, flags),
        Op::UffdRegister { handler, at, length, modes } => {
            userfault::register(process.handler(handler), at, length, modes)
        }
        Op::UffdUnregister { handler, at, length } => {
            userfault::unregister(process.handler(handler), at, length)
        }
        Op::UffdCopy { handler, at, value, mode } => {
            userfault::copy(process.handler(handler), at, value, mode)
        }
        Op::UffdZeropage { handler, at, length } => {
            userfault::zero(process.handler(handler), at, length)
        }
        Op::UffdContinue { handler, at, length } => {
            userfault::map_cached(process.handler(handler), at, length)
        }
        Op::UffdWriteprotect { handler, at, length, switch } => {
            userfault::write_protect(process.handler(handler), at, length, switch)
        }
        Op::UffdPoison { handler, at, length } => {
            userfault::poison(process.handler(handler), at, length)
        }
        Op::UffdMove { handler, to, from, length } => {
            userfault::transfer(process.handler(handler), to, from, length)
        }
        Op::UffdWake { handler, at, length } => {
            userfault::wake(process.handler(handler), at, length)
        }
        Op::UffdEvent { handler } => userfault::event(process, None, handler)?,
        Op::UffdFork { name, handler } => userfault::event(process, Some(name), handler)?,
        Op::UffdClose { handler } => userfault::close(process, handler),
        Op::Resume {} => match process.resumed.take() {
            Some(Outcome::Success) => Outcome::Value(0),
            Some(outcome) => outcome,
            // No access has waited: then the model was wrong about one before.
            None => Outcome::BeyondBounds,
        },
        Op::Fork { .. } | Op::Exit {} => {
            return Err(Reason::Setup("fork and exit are for the lockstep to do".into()));
        }
    };
    Ok(outcome)
}

/// The kernel's bits for a set of flags.
fn bits<F: Flags>(set: F, numbers: &[(F, i32)]) -> i32 {
    let has = |flag: F| set.as_bits() & flag.as_bits() == flag.as_bits();
    let chosen = numbers.iter().filter(|(flag, _)| has(*flag));
    chosen.fold(0, |all, (_, bit)| all | bit)
}

/// The outcome of a call that succeeds with nothing to tell, or fails.
fn outcome<T>(result: rustix::io::Result<T>) -> Outcome {
    result.map_or_else(error_outcome, |_| Outcome::Success)
}

fn error_outcome(error: rustix::io::Errno) -> Outcome {
    Outcome::Error(Errno(u8::try_from(error.raw_os_error()).unwrap_or(u8::MAX)))
}

/// An observation of the harness itself failed.
fn cannot(what: &str, error: impl std::fmt::Display) -> Reason {
    Reason::Setup(format!("{what}: {error}"))
}

/// ioctl(2) with a structure that the kernel reads and changes.
///
/// # Safety
/// For this code the kernel must take a `T`, and what its fields point to must be valid too.
pub unsafe fn ioctl<const CODE: Opcode, T>(
    descriptor: impl AsFd,
    argument: &mut T,
) -> rustix::io::Result<()> {
    // SAFETY: the caller's promise is the one that both ask for.
    unsafe { rustix::ioctl::ioctl(descriptor, Updater::<CODE, T>::new(argument)) }
}
