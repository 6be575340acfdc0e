//! pread(2) and pwrite(2).

use super::seals::against_writing;
use super::{Result, descriptor, truncate};
use crate::bounds::CELLS;
use crate::memory::Memory;
use crate::op::{Cells, Name, Seals};
use crate::outcome::{Errno, Outcome};
use crate::policy::Policy;
use crate::world::{File, World};

/// Reads one cell; at or past the end of the file there is nothing to read. The descriptor must be
/// open for reading.
///
/// Source: pread(2), read(2) EBADF.
pub fn pread<M: Memory>(world: &World<M>, process: usize, name: Name, offset: Cells) -> Result {
    let descriptor = descriptor::look_up(world, process, name)?;
    if !descriptor.mode.reads() {
        return Err(Errno::EBADF);
    }
    if offset >= world.files[descriptor.file].size {
        return Ok(Outcome::EndOfFile);
    }
    let (page, cell) = (offset.page() as usize, offset.within_page());
    Ok(Outcome::Value(world.memory.read_file(descriptor.file, page, cell)))
}

/// Writes a range, and tells how much of it. Errors are found in this order: a descriptor that is
/// not open for writing; nothing to write is a success; a start at or past the size limit, which
/// cuts longer writes; `F_SEAL_WRITE` and `F_SEAL_FUTURE_WRITE`; `F_SEAL_GROW`, if the write would
/// reach past the end.
///
/// Source: pwrite(2), write(2) EBADF, EFBIG; fcntl(2) `F_SEAL_WRITE`, `F_SEAL_GROW`;
/// fs/read_write.c `generic_write_checks()`, mm/shmem.c `shmem_write_begin()`.
pub fn pwrite<M: Memory>(
    world: &mut World<M>,
    process: usize,
    name: Name,
    offset: Cells,
    length: Cells,
    value: u8,
    policy: &Policy,
) -> Result {
    let descriptor = descriptor::look_up(world, process, name)?;
    if !descriptor.mode.writes() {
        return Err(Errno::EBADF);
    }
    if length == Cells(0) {
        return Ok(Outcome::Length(Cells(0)));
    }
    if offset >= File::SIZE_LIMIT {
        return Err(Errno::EFBIG);
    }
    let File { seals, size, .. } = world.files[descriptor.file];
    if seals.intersects(against_writing(policy)) {
        return Err(Errno::EPERM);
    }
    let mut end = Cells(offset.0.saturating_add(length.0)).min(File::SIZE_LIMIT);
    if seals.contains(Seals::GROW) && end > size && !policy.grow_seal_does_not_bind_writes {
        end = within_sealed_size(offset, size, policy).ok_or(Errno::EPERM)?;
    }
    if end > size {
        truncate::grow(world, descriptor.file, end, policy);
    }
    for at in offset.0..end.0 {
        let (page, cell) = (at as usize / CELLS, at as usize % CELLS);
        world.memory.write_file(descriptor.file, page, cell, value);
    }
    Ok(Outcome::Length(Cells(end.0 - offset.0)))
}

/// Where a write that reaches past the end of a file with `F_SEAL_GROW` is cut: before the page in
/// which the file ends; `None` if it is refused.
///
/// Source: mm/shmem.c `shmem_write_begin()`, called for one page at a time or for all of them.
fn within_sealed_size(offset: Cells, size: Cells, policy: &Policy) -> Option<Cells> {
    let whole_pages = Cells::pages(size.page());
    (policy.sealed_growth_write_is_partial && whole_pages > offset).then_some(whole_pages)
}
