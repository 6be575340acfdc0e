//! read(2) and write(2) of files, at an offset: pread(2), pwrite(2) and pwritev(2).

use super::seals::against_writing;
use super::{Result, access, descriptor, truncate};
use crate::memory::Memory;
use crate::op::{Address, Cells, Name, Seals};
use crate::outcome::{Errno, Outcome};
use crate::policy::Policy;
use crate::world::{Descriptor, File, World};

/// Reads one cell; at or past the end of the file there is nothing to read. The descriptor must be
/// open for reading. The device `/dev/zero` has zeros everywhere.
///
/// Source: pread(2), read(2) EBADF; null(4).
pub fn pread<M: Memory>(world: &World<M>, process: usize, name: Name, offset: Cells) -> Result {
    let descriptor = descriptor::look_up(world, process, name)?;
    if !descriptor.mode.reads() {
        return Err(Errno::EBADF);
    }
    let File { size, backing, .. } = world.files[descriptor.file];
    if !backing.is_regular() {
        return Ok(Outcome::Value(0));
    }
    if offset >= size {
        return Ok(Outcome::EndOfFile);
    }
    let (page, cell) = (offset.page() as usize, offset.within_page());
    Ok(Outcome::Value(world.memory.read_file(descriptor.file, page, cell)))
}

/// What read(2) and write(2) move between a file and the arena.
#[derive(Clone, Copy)]
pub struct Transfer {
    /// Where in the file.
    pub offset: Cells,
    /// Where in the arena.
    pub at: Address,
    /// How much.
    pub length: Cells,
}

// ANCHOR: read
/// Reads from a file into memory, as far as the file goes, and tells how much. It stops at the
/// first cell that the process could not store to; if that is the first of all, it is EFAULT. Holes
/// stay holes.
///
/// Source: read(2) EBADF, EFAULT; mm/shmem.c `shmem_file_read_iter()`.
pub fn read<M: Memory>(
    world: &mut World<M>,
    process: usize,
    name: Name,
    Transfer { offset, at, length }: Transfer,
    policy: &Policy,
) -> Result {
    let Descriptor { file, mode } = descriptor::look_up(world, process, name)?;
    if !mode.reads() {
        return Err(Errno::EBADF);
    }
    let File { size, backing, .. } = world.files[file];
    let rest = if backing.is_regular() { size.0.saturating_sub(offset.0) } else { length.0 };
    for done in 0..length.0.min(rest) {
        let from = Cells(offset.0.saturating_add(done));
        let value = if backing.is_regular() {
            world.memory.read_file(file, from.page() as usize, from.within_page())
        } else {
            0
        };
        if access::put(world, process, Address(at.0 + done), value, policy).is_err() {
            return some(done);
        }
    }
    Ok(Outcome::Length(length.min(Cells(rest))))
}
// ANCHOR_END: read

/// Writes from memory into a file: as [`pwrite`], cell by cell; it stops at the first cell that the
/// process could not load, and if that is the first of all, it is EFAULT. By then the file has been
/// asked whether it may be written.
///
/// Source: write(2) EFAULT; mm/filemap.c `generic_perform_write()`.
pub fn write<M: Memory>(
    world: &mut World<M>,
    process: usize,
    name: Name,
    Transfer { offset, at, length }: Transfer,
    policy: &Policy,
) -> Result {
    if (0..length.0).any(|done| access::is_lazily_freed(world, process, Address(at.0 + done))) {
        return Ok(Outcome::BeyondBounds);
    }
    let source = |world: &mut World<M>, done: u8| {
        access::get(world, process, Address(at.0 + done), policy).ok()
    };
    write_from(world, process, name, [offset, length], source, policy)
}

/// Writes a range, and tells how much of it.
///
/// Source: pwrite(2).
pub fn pwrite<M: Memory>(
    world: &mut World<M>,
    process: usize,
    name: Name,
    offset: Cells,
    length: Cells,
    value: u8,
    policy: &Policy,
) -> Result {
    write_from(world, process, name, [offset, length], |_, _| Some(value), policy)
}

/// Writes what a source has for each cell of a range. Errors are found in this order: a descriptor
/// that is not open for writing; a file of huge pages (EINVAL); nothing to write is a success, and
/// so is whatever goes to `/dev/zero`; a start at or past the size limit, which cuts longer writes;
/// `F_SEAL_WRITE` and `F_SEAL_FUTURE_WRITE`; `F_SEAL_GROW`, if the write would reach past the end;
/// a source that has nothing.
///
/// The file's page is there before the source is looked at, unless the kernel looks at the source
/// first: where that has nothing, a hole is filled all the same, and a fault of the source may map it.
///
/// Source: write(2) EBADF, EFBIG, EFAULT; null(4); fcntl(2) `F_SEAL_WRITE`, `F_SEAL_GROW`;
/// mm/filemap.c `generic_write_checks()`, `generic_perform_write()`, mm/shmem.c
/// `shmem_write_begin()`.
fn write_from<M: Memory>(
    world: &mut World<M>,
    process: usize,
    name: Name,
    [offset, length]: [Cells; 2],
    mut source: impl FnMut(&mut World<M>, u8) -> Option<u8>,
    policy: &Policy,
) -> Result {
    let Descriptor { file, mode } = descriptor::look_up(world, process, name)?;
    if mode.writes() && !world.files[file].backing.is_written() {
        return Err(Errno::EINVAL);
    }
    if !mode.writes() {
        return Err(Errno::EBADF);
    }
    if length == Cells(0) || !world.files[file].backing.is_regular() {
        return Ok(Outcome::Length(length));
    }
    if offset >= File::SIZE_LIMIT {
        return Err(Errno::EFBIG);
    }
    let limit = Cells(offset.0.saturating_add(length.0)).min(File::SIZE_LIMIT);
    if policy.write_looks_at_its_source_first
        && !has_memory(world, &mut source, [offset, offset, limit], policy)
    {
        return Err(Errno::EFAULT);
    }
    let end = sealed_end(world, file, offset, length, policy)?;
    let is_cut = end < limit;
    if policy.failed_write_grows_the_file && offset > world.files[file].size {
        truncate::grow(world, file, offset, policy);
    }
    let looks_first =
        policy.write_looks_at_its_source_first || policy.write_needs_the_memory_of_a_whole_page;
    for at in (offset.0..end.0).map(Cells) {
        let (page, cell, done) = (at.page() as usize, at.within_page(), at.0 - offset.0);
        if done == 0 || at.is_page_aligned() {
            if looks_first && !has_memory(world, &mut source, [offset, at, end], policy) {
                return some(done);
            }
            let found = world.memory.read_file(file, page, cell);
            world.memory.write_file(file, page, cell, found);
        }
        let Some(value) = source(world, done) else { return some(done) };
        if at >= world.files[file].size {
            truncate::grow(world, file, Cells(at.0 + 1), policy);
        }
        world.memory.write_file(file, page, cell, value);
    }
    if is_cut && policy.write_looks_at_its_source_first {
        has_memory(world, &mut source, [offset, end, limit], policy);
    }
    Ok(Outcome::Length(Cells(end.0 - offset.0)))
}

/// Whether the source has something for what is written at once: a page of the file, or all of it.
/// It is loaded up to the first cell that is not there; that must not be the first of all, or none at
/// all.
///
/// Source: mm/filemap.c `generic_perform_write()`, `fault_in_iov_iter_readable()`, before Linux
/// 5.16 `iov_iter_fault_in_readable()`.
fn has_memory<M: Memory>(
    world: &mut World<M>,
    source: &mut impl FnMut(&mut World<M>, u8) -> Option<u8>,
    [offset, at, end]: [Cells; 3],
    policy: &Policy,
) -> bool {
    let is_by_page = policy.sealed_growth_write_is_partial;
    let end = if is_by_page { Cells::pages(at.page() + 1).min(end) } else { end };
    let missing = (at.0..end.0).find(|at| source(world, at - offset.0).is_none());
    missing.is_none_or(|first| first > at.0 && !policy.write_needs_the_memory_of_a_whole_page)
}

/// How much was done before a fault, unless it is nothing.
fn some(done: u8) -> Result {
    if done == 0 { Err(Errno::EFAULT) } else { Ok(Outcome::Length(Cells(done))) }
}

/// Where a write of some length ends that starts before the size limit; the file is large enough
/// for it then.
pub fn make_room<M: Memory>(
    world: &mut World<M>,
    file: usize,
    offset: Cells,
    length: Cells,
    policy: &Policy,
) -> core::result::Result<Cells, Errno> {
    let end = sealed_end(world, file, offset, length, policy)?;
    if end > world.files[file].size {
        truncate::grow(world, file, end, policy);
    }
    Ok(end)
}

// ANCHOR: sealed_end
/// Where a write of some length ends, as far as seals and the size limit let it. `F_SEAL_WRITE` and
/// `F_SEAL_FUTURE_WRITE` refuse it, and so does `F_SEAL_GROW` if it would reach past the end.
///
/// Source: fcntl(2) `F_SEAL_WRITE`, `F_SEAL_GROW`; mm/shmem.c `shmem_write_begin()`.
fn sealed_end<M: Memory>(
    world: &World<M>,
    file: usize,
    offset: Cells,
    length: Cells,
    policy: &Policy,
) -> core::result::Result<Cells, Errno> {
    let File { seals, size, .. } = world.files[file];
    if seals.intersects(against_writing(policy)) {
        return Err(Errno::EPERM);
    }
    let end = Cells(offset.0.saturating_add(length.0)).min(File::SIZE_LIMIT);
    if seals.contains(Seals::GROW) && end > size && !policy.grow_seal_does_not_bind_writes {
        return within_sealed_size(offset, size, policy).ok_or(Errno::EPERM);
    }
    Ok(end)
}
// ANCHOR_END: sealed_end

/// Where a write that reaches past the end of a file with `F_SEAL_GROW` is cut: before the page in
/// which the file ends; `None` if it is refused.
///
/// Source: mm/shmem.c `shmem_write_begin()`, called for one page at a time or for all of them.
fn within_sealed_size(offset: Cells, size: Cells, policy: &Policy) -> Option<Cells> {
    let whole_pages = Cells::pages(size.page());
    (policy.sealed_growth_write_is_partial && whole_pages > offset).then_some(whole_pages)
}
