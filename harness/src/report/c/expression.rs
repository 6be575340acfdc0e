//! The C of each operation: an expression that calls the kernel.

use mapspec_model::op::{Op, Statement};

use super::{access, address_space, files, observe};

/// What an expression is worth when the operation succeeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Worth {
    /// What the outcome says.
    Outcome,
    /// A new descriptor.
    Descriptor,
    /// This address.
    Address(String),
    /// Nothing: it cannot fail.
    Nothing,
}

/// The C of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    /// The text.
    pub text: String,
    /// What it is worth.
    pub worth: Worth,
}

impl Expression {
    /// An expression that is worth what the outcome says: 0, a value, a length. It is -1 with an
    /// error in `errno` if the operation fails.
    pub const fn new(text: String) -> Self {
        Self { text, worth: Worth::Outcome }
    }

    /// An expression that is worth a new descriptor.
    pub const fn descriptor(text: String) -> Self {
        Self { text, worth: Worth::Descriptor }
    }

    /// An expression that is worth nothing.
    pub const fn nothing(text: String) -> Self {
        Self { text, worth: Worth::Nothing }
    }

    /// An expression that is worth this address.
    pub const fn address(text: String, address: String) -> Self {
        Self { text, worth: Worth::Address(address) }
    }
}

/// The C of an operation. With `faults`, accesses survive a signal. `None` for the operations that
/// are made of several statements: those of [`super::processes`].
pub fn expression(Statement { actor, op }: &Statement, faults: bool) -> Option<Expression> {
    Some(match *op {
        Op::MemfdCreate { flags, .. } => files::memfd_create(flags),
        Op::Reopen { from, mode, .. } => files::reopen(from, mode),
        Op::Dup { from, .. } => files::dup(from),
        Op::Close { file } => files::close(file),
        Op::Ftruncate { file, size } => files::ftruncate(file, size),
        Op::Pread { file, offset } => files::pread(file, offset),
        Op::Pwrite { file, offset, length, value } => files::pwrite(file, offset, length, value),
        Op::AddSeals { file, seals } => files::add_seals(file, seals),
        Op::GetSeals { file } => files::get_seals(file),
        Op::Size { file } => files::size(file),
        Op::Mmap { at, length, protection, flags, file, offset } => {
            address_space::mmap(at, length, protection, flags, file, offset)
        }
        Op::Munmap { at, length } => address_space::munmap(at, length),
        Op::Mprotect { at, length, protection } => address_space::mprotect(at, length, protection),
        Op::Load { at } => access::load(at, faults),
        Op::Store { at, value } => access::store(at, value, faults),
        Op::Page { at } => observe::page(at),
        Op::Maps { at } => observe::maps(at),
        Op::SameFrame { at, other } => observe::same_frame(*actor, at, other),
        Op::Fork { .. } | Op::Exit {} => return None,
    })
}
