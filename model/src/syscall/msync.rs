//! msync(2).

use super::{Result, munmap, truncate};
use crate::memory::Memory;
use crate::op::{Address, Cells, SyncFlags};
use crate::outcome::{Errno, Outcome};
use crate::world::{Attributes, Backing, FileBacking, World};

/// Writes shared pages of files on a disk back, which nobody sees, but for the page in which the
/// file ends: its bytes behind the end are zeroed.
///
/// An unknown flag, an address inside a page, and `MS_ASYNC` with `MS_SYNC` are EINVAL. At a
/// mapping that is locked `MS_INVALIDATE` stops with EBUSY; at a hole it goes on, but comes to
/// ENOMEM in the end.
///
/// Source: msync(2) ERRORS; mm/msync.c `msync`; mmap(2), "the remaining bytes in the partial page
/// at the end of the mapping are zeroed"; fs/ext4/page-io.c `ext4_bio_write_folio()`.
pub fn msync<M: Memory>(
    world: &mut World<M>,
    process: usize,
    at: Address,
    length: Cells,
    flags: SyncFlags,
) -> Result {
    if flags.contains(SyncFlags::UNKNOWN)
        || !at.cells().is_page_aligned()
        || flags.contains(SyncFlags::ASYNC | SyncFlags::SYNC)
    {
        return Err(Errno::EINVAL);
    }
    let mut result = Ok(Outcome::Success);
    for page in munmap::pages(at, length) {
        let Some(mapping) = world.processes[process].mappings[page] else {
            result = Err(Errno::ENOMEM);
            continue;
        };
        if flags.contains(SyncFlags::INVALIDATE) && mapping.attributes.contains(Attributes::LOCKED)
        {
            return Err(Errno::EBUSY);
        }
        if let Backing::File { file, page } = mapping.backing
            && flags.contains(SyncFlags::SYNC)
            && mapping.shared
            && mapping.may_write
        {
            write_back(world, file, page);
        }
    }
    result
}

/// A page of a file goes to the disk, if the file lies on one.
pub fn write_back<M: Memory>(world: &mut World<M>, file: usize, page: u8) {
    let size = world.files[file].size;
    if world.files[file].backing == FileBacking::Disk && size.page() == page {
        truncate::clear_tail(world, file, size);
    }
}
