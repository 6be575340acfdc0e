//! copy_file_range(2).

use super::{Result, descriptor, rw};
use crate::bounds::CELLS;
use crate::memory::Memory;
use crate::op::{Cells, Name};
use crate::outcome::{Errno, Outcome};
use crate::policy::Policy;
use crate::world::{File, World};

/// The arguments of copy_file_range(2).
pub struct Request {
    pub from: Name,
    pub offset: Cells,
    pub to: Name,
    pub to_offset: Cells,
    pub length: Cells,
}

/// Copies a range of one file to a place in another, or in the same one, and tells how much; what
/// lies behind the source's end is not copied. Where splicing fills holes, copying does. Errors are
/// found in this order: a name that holds nothing; no regular file (EINVAL); descriptors that are not
/// open for reading and for writing (EBADF); files of two file systems (EXDEV); a place at or past
/// the size limit (EFBIG), on some kernels even if nothing is to be copied; ranges of one file that
/// overlap (EINVAL); the seals, as for a write.
///
/// Source: copy_file_range(2) ERRORS; fs/read_write.c `generic_file_rw_checks()`,
/// `generic_copy_file_checks()`.
pub fn copy_file_range<M: Memory>(
    world: &mut World<M>,
    process: usize,
    request: &Request,
    policy: &Policy,
) -> Result {
    let from = descriptor::look_up(world, process, request.from)?;
    let to = descriptor::look_up(world, process, request.to)?;
    let backings = [from, to].map(|descriptor| world.files[descriptor.file].backing);
    if backings.iter().any(|backing| !backing.is_regular()) {
        return Err(Errno::EINVAL);
    }
    if !from.mode.reads() || !to.mode.writes() {
        return Err(Errno::EBADF);
    }
    if backings[0] != backings[1] && !policy.copy_file_range_crosses_file_systems {
        return Err(Errno::EXDEV);
    }
    let Request { offset, to_offset, .. } = *request;
    let rest = world.files[from.file].size.0.saturating_sub(offset.0);
    let length = request.length.min(Cells(rest));
    let has_limit = length > Cells(0) || !policy.copy_of_nothing_has_no_limit;
    if has_limit && to_offset >= File::SIZE_LIMIT {
        return Err(Errno::EFBIG);
    }
    let length = length.min(Cells(File::SIZE_LIMIT.0.saturating_sub(to_offset.0)));
    let overlap = to_offset.0 < offset.0.saturating_add(length.0)
        && offset.0 < to_offset.0.saturating_add(length.0);
    if from.file == to.file && overlap {
        return Err(Errno::EINVAL);
    }
    if length == Cells(0) {
        return Ok(Outcome::Length(length));
    }
    if policy.splice_fills_holes && backings[0].allocates_pages() {
        for page in offset.page()..Cells(offset.0 + length.0).round_up_to_pages() {
            let value = world.memory.read_file(from.file, page as usize, 0);
            world.memory.write_file(from.file, page as usize, 0, value);
        }
    }
    let end = rw::make_room(world, to.file, to_offset, length, policy)?;
    for (place, target) in (to_offset.0 as usize..end.0 as usize).enumerate() {
        let source = offset.0 as usize + place;
        let value = world.memory.read_file(from.file, source / CELLS, source % CELLS);
        world.memory.write_file(to.file, target / CELLS, target % CELLS, value);
    }
    Ok(Outcome::Length(Cells(end.0 - to_offset.0)))
}
