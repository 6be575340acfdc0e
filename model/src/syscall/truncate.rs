//! ftruncate(2), and what a change of size does to content.

use core::ops::Range;

use super::{Result, descriptor};
use crate::bounds::{CELLS, FILE_PAGES, PAGES, PROCESSES};
use crate::memory::{Memory, Place};
use crate::op::{Cells, Name, Seals};
use crate::outcome::{Errno, Outcome};
use crate::policy::Policy;
use crate::world::{Attributes, Backing, File, FileBacking, Mapping, Markers, World};

/// Sets the size of a file. Errors are found in this order: a descriptor that is not open for
/// writing, or of no regular file (EINVAL), more than the size limit (EFBIG), a part of a huge page
/// (EINVAL), `F_SEAL_SHRINK` and `F_SEAL_GROW` (EPERM).
/// Other seals do not matter: with `F_SEAL_WRITE` alone the content can still be cut off.
///
/// Source: ftruncate(2) ERRORS; fcntl(2) `F_SEAL_SHRINK`, `F_SEAL_GROW`; mm/shmem.c
/// `shmem_setattr()`.
pub fn ftruncate<M: Memory>(
    world: &mut World<M>,
    process: usize,
    name: Name,
    length: Cells,
    policy: &Policy,
) -> Result {
    let descriptor = descriptor::look_up(world, process, name)?;
    let File { size, seals, backing, .. } = world.files[descriptor.file];
    if !descriptor.mode.writes() || !backing.is_regular() {
        return Err(Errno::EINVAL);
    }
    if length > File::SIZE_LIMIT {
        return Err(Errno::EFBIG);
    }
    if !backing.has_size(length) {
        return Err(Errno::EINVAL);
    }
    if length < size && seals.contains(Seals::SHRINK) && !policy.shrink_seal_does_not_bind
        || length > size && seals.contains(Seals::GROW)
    {
        return Err(Errno::EPERM);
    }
    if length > size {
        grow(world, descriptor.file, length, policy);
    } else {
        cut(world, descriptor.file, length, policy);
    }
    Ok(Outcome::Success)
}

// ANCHOR: grow
/// The file gets larger; what is new reads zero, even if a mapping had stored to the last page
/// behind the old end. What a mapping shows past the end because it has asked for no SIGBUS stays.
///
/// Source: ftruncate(2), "the extended part reads as null bytes"; mm/shmem.c `shmem_setattr()`,
/// which unmaps only what it cuts off.
pub fn grow<M: Memory>(world: &mut World<M>, file: usize, size: Cells, policy: &Policy) {
    if !world.files[file].backing.keeps_bytes_past_end(policy) {
        clear_tail(world, file, world.files[file].size);
    }
    world.files[file].size = size;
    if policy.nosigbus_follows_growth {
        zap_zero_pages(world, file);
    }
}
// ANCHOR_END: grow

// ANCHOR: cut
/// The file gets smaller, or keeps its size. Pages behind the end are gone, and so is every private
/// copy of them, in every process. The page in which the file ends keeps its private copies; of the
/// file's own page the bytes behind the end are zeroed, even if the size has not changed.
///
/// Source: ftruncate(2), "the extra data is lost"; mm/shmem.c `shmem_setattr()`,
/// `shmem_truncate_range()`; mm/memory.c `unmap_mapping_range()` with `even_cows`.
pub fn cut<M: Memory>(world: &mut World<M>, file: usize, size: Cells, policy: &Policy) {
    let first_gone = size.round_up_to_pages();
    for page in first_gone as usize..FILE_PAGES {
        world.drop_file_page(file, page);
    }
    if !policy.truncate_keeps_private_copies {
        zap_mapped(world, file, first_gone);
    }
    if !policy.truncate_keeps_tail {
        clear_tail(world, file, size);
    }
    let cut = &mut world.files[file];
    cut.size = size;
    cut.cut_to_nothing |= size == Cells(0) && cut.backing == FileBacking::Disk;
}
// ANCHOR_END: cut

// ANCHOR: is_left_open
/// Whether something is stored past the end of a file on a disk that was cut to nothing. Nothing is
/// claimed of that: such a file is written back, and what is past its end zeroed, when one of its
/// open file descriptions goes away, and which one a descriptor or a mapping has is not known.
///
/// Source: fs/ext4/inode.c `ext4_truncate()`, `EXT4_STATE_DA_ALLOC_CLOSE`; fs/ext4/file.c
/// `ext4_release_file()`; fs/ext4/page-io.c `ext4_bio_write_folio()`.
pub fn is_left_open<M: Memory>(world: &World<M>) -> bool {
    world.files.iter().enumerate().any(|(file, &File { size, cut_to_nothing, .. })| {
        let page = size.page() as usize;
        cut_to_nothing && tail(size).any(|cell| world.memory.read_file(file, page, cell) != 0)
    })
}
// ANCHOR_END: is_left_open

/// Unmaps the pages of a file from `first` on, everywhere, and private copies of them as well;
/// write protection stays.
///
/// Source: mm/memory.c `zap_pte_range()`, `zap_install_uffd_wp_if_needed()`.
pub fn zap_mapped<M: Memory>(world: &mut World<M>, file: usize, first: u8) {
    for process in 0..PROCESSES {
        for page in 0..PAGES {
            let mapping = world.processes[process].mappings[page];
            if let Some(Backing::File { file: mapped, page: of_file }) =
                mapping.map(|it| it.backing)
                && mapped == file
                && of_file >= first
            {
                world.memory.zap(Place { process, page });
                let markers = &mut world.processes[process].markers[page];
                *markers = markers.without(Markers::POISONED);
            }
        }
    }
}

/// Where a mapping has shown the zero page past the end of the file, and the file is now, it shows
/// the file.
///
/// Source: mm/filemap_xip.c `__xip_unmap()`, until Linux 4.0.
fn zap_zero_pages<M: Memory>(world: &mut World<M>, file: usize) {
    for process in 0..PROCESSES {
        for page in 0..PAGES {
            let place = Place { process, page };
            if let Some(Mapping { attributes, backing, .. }) =
                world.processes[process].mappings[page]
                && attributes.contains(Attributes::NO_SIGBUS)
                && let Backing::File { file: mapped, page: of_file } = backing
                && mapped == file
                && world.files[file].has_page(of_file)
                && world.memory.shows_zero_page(place)
            {
                world.memory.zap(place);
            }
        }
    }
}

/// Zeroes the file's bytes from a size to the end of that page.
pub fn clear_tail<M: Memory>(world: &mut World<M>, file: usize, size: Cells) {
    let page = size.page() as usize;
    for cell in tail(size) {
        if world.memory.read_file(file, page, cell) != 0 {
            world.memory.write_file(file, page, cell, 0);
        }
    }
}

/// The cells behind a size, of the page in which it lies.
fn tail(size: Cells) -> Range<usize> {
    if size.is_page_aligned() { 0..0 } else { size.within_page()..CELLS }
}
