//! fallocate(2).

use super::seals::against_writing;
use super::{Result, descriptor, msync, truncate};
use crate::bounds::{CELLS, FILE_PAGES};
use crate::memory::Memory;
use crate::op::{Cells, FallocateMode, Name, Seals};
use crate::outcome::{Errno, Outcome};
use crate::policy::Policy;
use crate::world::{File, World};

/// Changes what lies behind a range of a file. Errors are found in this order: no length (EINVAL),
/// a mode that nobody knows (EOPNOTSUPP), a descriptor that is not open for writing (EBADF), no
/// regular file (ENODEV), a mode that its file system lacks (EOPNOTSUPP); then those of the mode.
///
/// Source: fallocate(2) ERRORS; fs/open.c `vfs_fallocate()`.
pub fn fallocate<M: Memory>(
    world: &mut World<M>,
    process: usize,
    name: Name,
    mode: FallocateMode,
    offset: Cells,
    length: Cells,
    policy: &Policy,
) -> Result {
    let descriptor = descriptor::look_up(world, process, name)?;
    if length == Cells(0) {
        return Err(Errno::EINVAL);
    }
    if matches!(mode, FallocateMode::PunchHoleAlone | FallocateMode::Unknown) {
        return Err(Errno::EOPNOTSUPP);
    }
    if !descriptor.mode.writes() {
        return Err(Errno::EBADF);
    }
    let (file, backing) = (descriptor.file, world.files[descriptor.file].backing);
    if !backing.is_regular() {
        return Err(Errno::ENODEV);
    }
    let range = offset.0 as usize..offset.0 as usize + length.0 as usize;
    let moves = backing.moves_ranges();
    match mode {
        FallocateMode::Allocate => allocate(world, file, range, false, policy),
        FallocateMode::KeepSize => allocate(world, file, range, true, policy),
        FallocateMode::PunchHole => punch(world, file, range, policy),
        FallocateMode::Zero if moves => zero(world, file, range, false, policy),
        FallocateMode::ZeroKeepSize if moves => zero(world, file, range, true, policy),
        FallocateMode::Collapse if moves => collapse(world, file, offset, length),
        FallocateMode::Insert if moves => insert(world, file, offset, length),
        _ => Err(Errno::EOPNOTSUPP),
    }
}

/// A range of a file, in cells; it may reach far past every size.
type Range = core::ops::Range<usize>;

/// Nothing that can be read changes, but the file grows if the range ends behind its end, unless
/// the size is to be kept. Whether there are huge pages is the system's affair. `F_SEAL_GROW`
/// refuses such a range either way; the size limit binds growth only, but on tmpfs it binds pages
/// past the end as well. There a new page is not filled, unless it is allocated once more.
///
/// Source: fallocate(2), "Allocating disk space", EFBIG, EPERM; mm/shmem.c `shmem_fallocate()`,
/// `shmem_get_folio_gfp()`; fs/ext4/extents.c `ext4_do_fallocate()`.
fn allocate<M: Memory>(
    world: &mut World<M>,
    file: usize,
    range: Range,
    keep_size: bool,
    policy: &Policy,
) -> Result {
    let File { seals, backing, .. } = world.files[file];
    let allocates = backing.allocates_pages();
    if (allocates || !keep_size) && range.end > File::SIZE_LIMIT.0 as usize {
        return Err(Errno::EFBIG);
    }
    let end = Cells(range.end as u8);
    if seals.contains(Seals::GROW) && end > world.files[file].size {
        return Err(Errno::EPERM);
    }
    if !backing.has_size(end) {
        return Ok(Outcome::BeyondBounds);
    }
    for page in pages(&range).filter(|_| allocates) {
        if world.memory.has_file_page(file, page) {
            fill(world, file, page);
        } else {
            world.memory.allocate_file_page(file, page);
        }
    }
    if !keep_size {
        grow_to(world, file, range.end, policy);
    }
    Ok(Outcome::Success)
}

/// A page that nobody has filled holds zeros from now on, and counts as content.
fn fill<M: Memory>(world: &mut World<M>, file: usize, page: usize) {
    let value = world.memory.read_file(file, page, 0);
    world.memory.write_file(file, page, 0, value);
}

// ANCHOR: punch
/// Leaves a hole. Pages that lie wholly in the range are gone, and read zero; the others are zeroed
/// in place. Private copies stay. `F_SEAL_WRITE` and `F_SEAL_FUTURE_WRITE` refuse it,
/// `F_SEAL_SHRINK` does not: the size stays.
///
/// A file system on a disk leaves alone what starts behind the end, unless the kernel writes the
/// pages back first. Of a file of huge pages no range here contains one as a whole.
///
/// Source: fallocate(2) `FALLOC_FL_PUNCH_HOLE`; fcntl(2) `F_SEAL_WRITE`; mm/shmem.c
/// `shmem_fallocate()`; fs/ext4/inode.c `ext4_punch_hole()`; fs/hugetlbfs/inode.c
/// `hugetlbfs_punch_hole()`.
pub fn punch<M: Memory>(
    world: &mut World<M>,
    file: usize,
    range: Range,
    policy: &Policy,
) -> Result {
    let File { seals, size, backing, .. } = world.files[file];
    if !backing.is_written() && policy.huge_pages_are_punched_only_whole {
        return Ok(Outcome::Success);
    }
    if seals.intersects(against_writing(policy)) {
        return Err(Errno::EPERM);
    }
    if policy.punch_writes_back_first && pages(&range).contains(&(size.page() as usize)) {
        msync::write_back(world, file, size.page());
    }
    if backing.allocates_pages() || range.start < size.0 as usize {
        clear(world, file, &range);
    }
    if policy.punch_drops_private_copies {
        truncate::zap_mapped(world, file, Cells(range.start as u8).page());
    }
    Ok(Outcome::Success)
}
// ANCHOR_END: punch

/// Zeroes a range, as a punched hole does, and grows the file like an allocation.
///
/// Source: fallocate(2) `FALLOC_FL_ZERO_RANGE`; fs/ext4/extents.c `ext4_zero_range()`.
fn zero<M: Memory>(
    world: &mut World<M>,
    file: usize,
    range: Range,
    keep_size: bool,
    policy: &Policy,
) -> Result {
    if !keep_size && range.end > File::SIZE_LIMIT.0 as usize {
        return Err(Errno::EFBIG);
    }
    clear(world, file, &range);
    if !keep_size {
        grow_to(world, file, range.end, policy);
    }
    Ok(Outcome::Success)
}

/// Takes a range out of a file: what comes behind it moves to its place. The range must consist of
/// whole pages and end before the end of the file. Private copies are dropped from its start on, as
/// by a truncate.
///
/// Source: fallocate(2) `FALLOC_FL_COLLAPSE_RANGE`, EINVAL; fs/ext4/extents.c
/// `ext4_collapse_range()`.
fn collapse<M: Memory>(world: &mut World<M>, file: usize, offset: Cells, length: Cells) -> Result {
    let size = world.files[file].size;
    if !offset.is_page_aligned() || !length.is_page_aligned() {
        return Err(Errno::EINVAL);
    }
    if offset.0 as usize + length.0 as usize >= size.0 as usize {
        return Err(Errno::EINVAL);
    }
    truncate::clear_tail(world, file, size);
    for page in offset.page() as usize..FILE_PAGES {
        move_page(world, file, page + length.page() as usize, page);
    }
    world.files[file].size = Cells(size.0 - length.0);
    truncate::zap_mapped(world, file, offset.page());
    Ok(Outcome::Success)
}

/// Makes room in a file: what lies behind the offset moves back, and a hole is left. Offset and
/// length must be whole pages, the offset before the end of the file. Private copies are dropped
/// from the offset on. No resource limit is looked at, so that a file can become larger than the
/// model's.
///
/// Source: fallocate(2) `FALLOC_FL_INSERT_RANGE`, EINVAL; fs/ext4/extents.c `ext4_insert_range()`.
fn insert<M: Memory>(world: &mut World<M>, file: usize, offset: Cells, length: Cells) -> Result {
    let size = world.files[file].size;
    if !offset.is_page_aligned() || !length.is_page_aligned() || offset >= size {
        return Err(Errno::EINVAL);
    }
    if size.0 as usize + length.0 as usize > File::SIZE_LIMIT.0 as usize {
        return Ok(Outcome::BeyondBounds);
    }
    truncate::clear_tail(world, file, size);
    let (first, pages) = (offset.page() as usize, length.page() as usize);
    for page in (first..FILE_PAGES).rev() {
        match page.checked_sub(pages).filter(|from| *from >= first) {
            Some(from) => move_page(world, file, from, page),
            None => world.drop_file_page(file, page),
        }
    }
    world.files[file].size = Cells(size.0 + length.0);
    truncate::zap_mapped(world, file, offset.page());
    Ok(Outcome::Success)
}

/// The content of one page of a file becomes that of another; a page past the last one is a hole.
fn move_page<M: Memory>(world: &mut World<M>, file: usize, from: usize, to: usize) {
    world.drop_file_page(file, to);
    if from < FILE_PAGES && world.memory.has_file_page(file, from) {
        for cell in 0..CELLS {
            let value = world.memory.read_file(file, from, cell);
            world.memory.write_file(file, to, cell, value);
        }
        world.drop_file_page(file, from);
    }
}

// ANCHOR: clear
/// A range reads zero from now on.
fn clear<M: Memory>(world: &mut World<M>, file: usize, range: &Range) {
    for page in pages(range) {
        let first = page * CELLS;
        if range.start <= first && first + CELLS <= range.end {
            world.drop_file_page(file, page);
            continue;
        }
        for cell in (0..CELLS).filter(|cell| range.contains(&(first + cell))) {
            if world.memory.read_file(file, page, cell) != 0 {
                world.memory.write_file(file, page, cell, 0);
            }
        }
    }
}
// ANCHOR_END: clear

/// The pages that a range touches, of those that a file can have.
fn pages(range: &Range) -> Range {
    let end = range.end.div_ceil(CELLS);
    range.start / CELLS..if end < FILE_PAGES { end } else { FILE_PAGES }
}

fn grow_to<M: Memory>(world: &mut World<M>, file: usize, end: usize, policy: &Policy) {
    let end = Cells(end as u8);
    if end > world.files[file].size {
        truncate::grow(world, file, end, policy);
    }
}
