//! The system calls and accesses, written once for every [`Memory`]: argument checks, mappings,
//! files, sizes and seals, with the order in which errors are found.
//!
//! A rule that refuses says so before anything has changed, but for the few calls that Linux
//! documents, or is known, to do by halves; those say it.

mod access;
mod descriptor;
mod memfd;
mod mmap;
mod mprotect;
mod munmap;
mod observe;
mod process;
mod rw;
mod seals;
mod truncate;

use crate::memory::Memory;
use crate::op::{Actor, Op, Remote};
use crate::outcome::{Errno, Outcome};
use crate::policy::Policy;
use crate::world::World;

/// What a rule comes to: an outcome, or the error that the call returns.
type Result = core::result::Result<Outcome, Errno>;

/// One operation of one process: the world moves on, and this is the outcome.
///
/// Total and deterministic; never panics. A process that does not exist, or an operation that
/// leaves the [bounds](crate::bounds), has the outcome [`Outcome::BeyondBounds`].
pub fn step<M: Memory>(world: &mut World<M>, actor: Actor, op: &Op, policy: &Policy) -> Outcome {
    let Some(process) = world.alive(actor).filter(|_| op.is_within_bounds()) else {
        return Outcome::BeyondBounds;
    };
    let result = match *op {
        Op::MemfdCreate { name, flags } => memfd::create(world, process, name, flags, policy),
        Op::Reopen { name, from, mode } => descriptor::reopen(world, process, name, from, mode),
        Op::Dup { name, from } => descriptor::dup(world, process, name, from),
        Op::Close { file } => descriptor::close(world, process, file),
        Op::Ftruncate { file, size } => truncate::ftruncate(world, process, file, size, policy),
        Op::Pread { file, offset } => rw::pread(world, process, file, offset),
        Op::Pwrite { file, offset, length, value } => {
            rw::pwrite(world, process, file, offset, length, value, policy)
        }
        Op::AddSeals { file, seals } => seals::add(world, process, file, seals, policy),
        Op::GetSeals { file } => seals::get(world, process, file),
        Op::Size { file } => observe::size(world, process, file),
        Op::Mmap { at, length, protection, flags, file, offset } => {
            let request = mmap::Request { at, length, protection, flags, file, offset };
            mmap::mmap(world, process, &request, policy)
        }
        Op::Munmap { at, length } => munmap::munmap(world, process, at, length),
        Op::Mprotect { at, length, protection } => {
            mprotect::mprotect(world, process, at, length, protection, policy)
        }
        Op::Load { at } => access::load(world, process, at, policy),
        Op::Store { at, value } => access::store(world, process, at, value, policy),
        Op::Fork { child } => process::fork(world, process, child, policy),
        Op::Exit {} => process::exit(world, process),
        Op::Page { at } => observe::page(world, process, at),
        Op::Maps { at } => observe::maps(world, process, at),
        Op::SameFrame { at, other: Remote { process: peer, at: other } } => {
            observe::same_frame(world, process, at, peer, other)
        }
    };
    result.unwrap_or_else(Outcome::Error)
}
