//! The system calls and accesses, written once for every [`Memory`]: argument checks, mappings,
//! files, sizes and seals, with the order in which errors are found.
//!
//! A rule that refuses says so before anything has changed, but for the few calls that Linux
//! documents, or is known, to do by halves; those say it.

mod access;
mod advice;
mod copy;
mod descriptor;
mod elsewhere;
mod fallocate;
mod fault_around;
mod madvise;
mod memfd;
mod mlock;
mod mmap;
mod mprotect;
mod mremap;
mod mseal;
mod msync;
mod munmap;
mod observe;
mod pin;
mod populate;
mod process;
mod rw;
mod seals;
mod soft_dirty;
mod tracking;
mod truncate;
mod userfault;
mod vma;

use crate::memory::Memory;
use crate::op::{Actor, LockFlags, Op, Remote};
use crate::outcome::{Errno, Outcome};
use crate::policy::Policy;
use crate::world::{Waiting, World};

/// What a rule comes to: an outcome, or the error that the call returns.
type Result = core::result::Result<Outcome, Errno>;

// ANCHOR: step
/// One operation of one process: the world moves on, and this is the outcome.
///
/// Total and deterministic; never panics. A process that does not exist, or an operation that
/// leaves the [bounds](crate::bounds), has the outcome [`Outcome::BeyondBounds`]. A process whose
/// access waits can do nothing but [`Op::Resume`], and that only then.
pub fn step<M: Memory>(world: &mut World<M>, actor: Actor, op: &Op, policy: &Policy) -> Outcome {
    let Some(process) = world.alive(actor).filter(|_| op.is_within_bounds()) else {
        return Outcome::BeyondBounds;
    };
    if world.processes[process].pending.is_some() != matches!(op, Op::Resume {}) {
        return Outcome::BeyondBounds;
    }
    if is_left_open(world, actor, op) {
        return Outcome::BeyondBounds;
    }
    let is_served = world.userfaults.iter().any(Option::is_some);
    if !is_served && world.files.iter().all(|file| !file.cut_to_nothing) {
        return perform(world, process, op, policy);
    }
    let before = *world;
    let outcome = perform(world, process, op, policy);
    let left_bounds = Some(Waiting::Done(Outcome::BeyondBounds));
    if outcome == Outcome::BeyondBounds
        || world.processes.iter().any(|process| process.pending == left_bounds)
        || truncate::is_left_open(world)
    {
        *world = before;
        return Outcome::BeyondBounds;
    }
    outcome
}
// ANCHOR_END: step

/// Whether nothing is claimed of an operation because of userfaultfds or pins.
pub fn is_left_open<M>(world: &World<M>, actor: Actor, op: &Op) -> bool {
    userfault::is_left_open(world, op) || pin::is_left_open(world, actor, op)
}

fn perform<M: Memory>(world: &mut World<M>, process: usize, op: &Op, policy: &Policy) -> Outcome {
    let result = match *op {
        Op::MemfdCreate { name, flags } => memfd::create(world, process, name, flags, policy),
        Op::Open { name, medium } => descriptor::open(world, process, name, medium),
        Op::Reopen { name, from, mode, flags } => {
            descriptor::reopen(world, process, name, from, mode, flags, policy)
        }
        Op::Dup { name, from } => descriptor::dup(world, process, name, from),
        Op::Close { file } => descriptor::close(world, process, file),
        Op::Ftruncate { file, size } => truncate::ftruncate(world, process, file, size, policy),
        Op::Pread { file, offset } => rw::pread(world, process, file, offset),
        Op::Pwrite { file, offset, length, value }
        | Op::Pwritev { file, offset, length, value } => {
            rw::pwrite(world, process, file, offset, length, value, policy)
        }
        Op::Fallocate { file, mode, offset, length } => {
            fallocate::fallocate(world, process, file, mode, offset, length, policy)
        }
        Op::CopyFileRange { from, offset, to, to_offset, length } => {
            let request = copy::Request { from, offset, to, to_offset, length };
            copy::copy_file_range(world, process, &request, policy)
        }
        Op::Splice { name, file, offset } => {
            pin::splice(world, process, name, file, offset, policy)
        }
        Op::Sendfile { name, file, offset } => {
            pin::sendfile(world, process, name, file, offset, policy)
        }
        Op::Vmsplice { name, at } => pin::vmsplice(world, process, name, at, policy),
        Op::Pin { name, page, access, flags } => {
            pin::pin(world, process, name, page, access, flags, policy)
        }
        Op::WritePipe { name, at } => pin::write_pipe(world, process, name, at, policy),
        Op::ReadPipe { pin, at } => pin::read_pipe(world, process, pin, at, policy),
        Op::ReadPin { pin } => pin::read(world, process, pin),
        Op::WritePin { pin, value } => pin::write(world, process, pin, value),
        Op::Unpin { pin } => pin::unpin(world, process, pin),
        Op::AddSeals { file, seals } => seals::add(world, process, file, seals, policy),
        Op::GetSeals { file } => seals::get(world, process, file, policy),
        Op::Size { file } => observe::size(world, process, file),
        Op::Mmap { at, length, protection, flags, file, offset } => {
            let request = mmap::Request { at, length, protection, flags, file, offset };
            mmap::mmap(world, process, &request, policy)
        }
        Op::Mremap { at, length, new_length, flags, to } => {
            let request = mremap::Request { at, length, new_length, flags, to };
            mremap::mremap(world, process, &request, policy)
        }
        Op::Mlock { at, length } => {
            mlock::mlock(world, process, at, length, LockFlags::EMPTY, policy)
        }
        Op::Mlock2 { at, length, flags } => mlock::mlock(world, process, at, length, flags, policy),
        Op::Munlock { at, length } => mlock::munlock(world, process, at, length),
        Op::Munlockall {} => mlock::munlockall(world, process),
        Op::Mseal { at, length, flags } => mseal::mseal(world, process, at, length, flags, policy),
        Op::Munmap { at, length } => munmap::munmap(world, process, at, length),
        Op::Mprotect { at, length, protection } => {
            mprotect::mprotect(world, process, at, length, protection, policy)
        }
        Op::Msync { at, length, flags } => msync::msync(world, process, at, length, flags),
        Op::Madvise { at, length, advice } => {
            madvise::madvise(world, process, at, length, advice, policy)
        }
        Op::Load { at } => access::load(world, process, at, policy),
        Op::Store { at, value } => access::store(world, process, at, value, policy),
        Op::CompareExchange { at, old, new } => {
            access::compare_exchange(world, process, at, [old, new], policy)
        }
        Op::Execute { at } => access::execute(world, process, at, policy),
        Op::Read { file, offset, at, length } => {
            rw::read(world, process, file, rw::Transfer { offset, at, length }, policy)
        }
        Op::Write { file, offset, at, length } => {
            rw::write(world, process, file, rw::Transfer { offset, at, length }, policy)
        }
        Op::ProcessVmReadv { from } => elsewhere::process_vm_readv(world, from, policy),
        Op::ProcessVmWritev { to, value } => elsewhere::process_vm_writev(world, to, value, policy),
        Op::MemRead { from } => elsewhere::mem_read(world, from, policy),
        Op::MemWrite { to, value } => elsewhere::mem_write(world, to, value, policy),
        Op::Fork { child } => process::fork(world, process, child, policy),
        Op::Page { at } | Op::Scan { at } => observe::page(world, process, at),
        Op::Written { at } => tracking::written(world, process, at, policy),
        Op::WpAllowed { at } => tracking::wp_allowed(world, process, at),
        Op::Exit {} => process::exit(world, process, policy),
        Op::Maps { at } => observe::maps(world, process, at),
        Op::Mincore { at } => observe::mincore(world, process, at),
        Op::ClearRefs {} => soft_dirty::clear_refs(world, process),
        Op::SoftDirty { at } => soft_dirty::soft_dirty(world, process, at),
        Op::SameFrame { at, other: Remote { process: peer, at: other } } => {
            observe::same_frame(world, process, at, peer, other)
        }
        Op::Userfaultfd { name, flags } => userfault::create(world, process, name, flags, policy),
        Op::UffdRegister { handler, at, length, modes } => {
            userfault::register(world, process, handler, at, length, modes, policy)
        }
        Op::UffdUnregister { handler, at, length } => {
            userfault::unregister(world, process, handler, at, length, policy)
        }
        Op::UffdCopy { handler, at, value, mode } => {
            userfault::copy(world, process, handler, at, value, mode, policy)
        }
        Op::UffdZeropage { handler, at, length } => {
            userfault::zero(world, process, handler, at, length, policy)
        }
        Op::UffdContinue { handler, at, length } => {
            userfault::map_cached(world, process, handler, at, length, policy)
        }
        Op::UffdWriteprotect { handler, at, length, switch } => {
            userfault::write_protect(world, process, handler, at, length, switch, policy)
        }
        Op::UffdPoison { handler, at, length } => {
            userfault::poison(world, process, handler, at, length, policy)
        }
        Op::UffdMove { handler, to, from, length } => {
            userfault::transfer(world, process, handler, [to, from], length, policy)
        }
        Op::UffdWake { handler, at, length } => {
            userfault::wake(world, process, handler, at, length, policy)
        }
        Op::UffdEvent { handler } => userfault::event(world, process, None, handler, policy),
        Op::UffdFork { name, handler } => {
            userfault::event(world, process, Some(name), handler, policy)
        }
        Op::UffdClose { handler } => userfault::close(world, process, handler, policy),
        Op::Resume {} => userfault::resume(world, process),
    };
    soft_dirty::after(world, op);
    result.unwrap_or_else(Outcome::Error)
}
