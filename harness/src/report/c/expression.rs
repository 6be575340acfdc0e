//! The C of each operation: an expression that calls the kernel.

use mapspec_model::op::{Op, PinName, Statement};

use super::pins::Means;
use super::{
    access, address_space, advice, elsewhere, files, memory_locks, observe, pins, userfault,
};

/// What an expression is worth when the operation succeeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Worth {
    /// What the outcome says.
    Outcome,
    /// A new descriptor.
    Descriptor,
    /// Where a mapping is: at this address, if the kernel has no choice; it has this length.
    Mapping { at: String, length: String },
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

    /// An expression that is worth the address of a mapping.
    pub const fn mapping(text: String, at: String, length: String) -> Self {
        Self { text, worth: Worth::Mapping { at, length } }
    }
}

/// The C of an operation. With `faults`, accesses survive a signal; pins are held by these means. `None` for the operations that
/// are made of several statements: those of [`super::processes`].
///
/// # Errors
/// Why there is no C program with this operation.
pub fn expression(
    Statement { actor, op }: &Statement,
    faults: bool,
    means: impl Fn(PinName) -> Means,
) -> Result<Option<Expression>, &'static str> {
    let actor = *actor;
    Ok(Some(match *op {
        Op::MemfdCreate { flags, .. } => files::memfd_create(flags),
        Op::Open { medium, .. } => files::open(medium),
        Op::Reopen { from, mode, flags, .. } => files::reopen(from, mode, flags),
        Op::Dup { from, .. } => files::dup(from),
        Op::Close { file } => files::close(file),
        Op::Ftruncate { file, size } => files::ftruncate(file, size),
        Op::Pread { file, offset } => files::pread(file, offset),
        Op::Pwrite { file, offset, length, value } => files::pwrite(file, offset, length, value),
        Op::Pwritev { file, offset, length, value } => files::pwritev(file, offset, length, value),
        Op::Fallocate { file, mode, offset, length } => {
            files::fallocate(file, mode, offset, length)
        }
        Op::CopyFileRange { from, offset, to, to_offset, length } => {
            files::copy_file_range(from, offset, to, to_offset, length)
        }
        Op::Splice { name, file, offset } => pins::make("pin_by_splice", name, file, offset),
        Op::Sendfile { name, file, offset } => pins::make("pin_by_sendfile", name, file, offset),
        Op::Vmsplice { name, at } => pins::vmsplice(name, at),
        Op::WritePipe { name, at } => pins::write_pipe(name, at),
        Op::ReadPipe { pin, at } => pins::read_pipe(pin, at),
        Op::Pin { name, page, access, .. } => pins::pin(actor, name, page, access, means(name)),
        Op::ReadPin { pin } => pins::read(pin, means(pin)),
        Op::WritePin { pin, value } => pins::write(pin, value, means(pin))?,
        Op::Unpin { pin } => pins::unpin(pin, means(pin)),
        Op::AddSeals { file, seals } => files::add_seals(file, seals),
        Op::GetSeals { file } => files::get_seals(file),
        Op::Size { file } => files::size(file),
        Op::Mmap { at, length, protection, flags, file, offset } => {
            address_space::mmap(at, length, protection, flags, file, offset)
        }
        Op::Munmap { at, length } => address_space::munmap(at, length),
        Op::Mprotect { at, length, protection } => address_space::mprotect(at, length, protection),
        Op::Msync { at, length, flags } => address_space::msync(at, length, flags),
        Op::Mremap { at, length, new_length, flags, to } => {
            address_space::mremap(at, length, new_length, flags, to)
        }
        Op::Mlock { at, length } => memory_locks::mlock(at, length),
        Op::Mlock2 { at, length, flags } => memory_locks::mlock2(at, length, flags),
        Op::Munlock { at, length } => memory_locks::munlock(at, length),
        Op::Munlockall {} => memory_locks::munlockall(),
        Op::Mseal { at, length, flags } => address_space::mseal(at, length, flags),
        Op::Madvise { at, length, advice } => advice::madvise(at, length, advice),
        Op::Load { at } => access::load(at, faults),
        Op::Store { at, value } => access::store(at, value, faults),
        Op::CompareExchange { at, old, new } => access::compare_exchange(at, old, new, faults),
        Op::Execute { at } => access::execute(at, faults),
        Op::Read { file, offset, at, length } => files::read(file, offset, at, length),
        Op::Write { file, offset, at, length } => files::write(file, offset, at, length),
        Op::ProcessVmReadv { from } => elsewhere::read("read_from_process", actor, from),
        Op::ProcessVmWritev { to, value } => elsewhere::write("write_to_process", actor, to, value),
        Op::MemRead { from } => elsewhere::read("read_memory_file", actor, from),
        Op::MemWrite { to, value } => elsewhere::write("write_memory_file", actor, to, value),
        Op::Page { at } => observe::page(at),
        Op::Maps { at } => observe::maps(at),
        Op::Scan { at } => observe::scan(at),
        Op::Written { at } => observe::category(at, "IS_WRITTEN"),
        Op::WpAllowed { at } => observe::category(at, "IS_WPALLOWED"),
        Op::Mincore { at } => observe::mincore(at),
        Op::ClearRefs {} => observe::clear_refs(),
        Op::SoftDirty { at } => observe::soft_dirty(at),
        Op::SameFrame { at, other } => observe::same_frame(actor, at, other),
        Op::Userfaultfd { name, flags } => userfault::make(name, flags),
        Op::UffdRegister { handler, at, length, modes } => {
            userfault::register(handler, at, length, modes)
        }
        Op::UffdUnregister { handler, at, length } => {
            userfault::on_range("unregister_range", handler, at, length)
        }
        Op::UffdCopy { handler, at, value, mode } => userfault::copy(handler, at, value, mode),
        Op::UffdZeropage { handler, at, length } => {
            userfault::on_range("zero_pages", handler, at, length)
        }
        Op::UffdContinue { handler, at, length } => {
            userfault::on_range("map_cached_pages", handler, at, length)
        }
        Op::UffdWriteprotect { handler, at, length, switch } => {
            userfault::write_protect(handler, at, length, switch)
        }
        Op::UffdPoison { handler, at, length } => {
            userfault::on_range("poison", handler, at, length)
        }
        Op::UffdMove { handler, to, from, length } => {
            userfault::transfer(handler, to, from, length)
        }
        Op::UffdWake { handler, at, length } => userfault::on_range("wake", handler, at, length),
        Op::UffdEvent { handler } => userfault::event(None, handler),
        Op::UffdFork { name, handler } => userfault::event(Some(name), handler),
        Op::UffdClose { handler } => userfault::close(handler),
        Op::Resume {} => Expression::new("result_of_access()".to_owned()),
        Op::Fork { .. } | Op::Exit {} => return Ok(None),
    }))
}
