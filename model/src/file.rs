//! Files: what they are, and in what those of different backings differ.

use crate::bounds::FILE_PAGES;
use crate::op::{Cells, Medium, Seals};
use crate::policy::Policy;

/// A file. It exists while a descriptor or a mapping refers to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct File {
    /// The size; at most [`FILE_PAGES`] pages.
    pub size: Cells,
    /// The seals.
    pub seals: Seals,
    /// Whether its mode has execute permission.
    pub executable: bool,
    /// What it lies on.
    pub backing: FileBacking,
    /// Whether it lies on a disk and was cut to nothing, so that it is written back when it is closed.
    pub cut_to_nothing: bool,
}

// ANCHOR: backing
/// What a file lies on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileBacking {
    /// Memory, without a file system that anybody has mounted: a memfd, or the unnamed file behind
    /// shared anonymous memory.
    Memory,
    /// A tmpfs.
    Tmpfs,
    /// A file system on a disk: ext4.
    Disk,
    /// None: the device `/dev/zero`.
    Zero,
    /// Memory in huge pages: a memfd with `MFD_HUGETLB`. The arena is smaller than a huge page, and
    /// so is the largest size of a file, so that such a file stays empty.
    Huge,
}
// ANCHOR_END: backing

impl File {
    pub(crate) const ABSENT: Self = Self {
        size: Cells(0),
        seals: Seals::EMPTY,
        executable: false,
        backing: FileBacking::Memory,
        cut_to_nothing: false,
    };

    /// The largest size that a file can have.
    pub const SIZE_LIMIT: Cells = Cells::pages(FILE_PAGES as u8);

    /// Whether a page of the file can be accessed through a mapping: some byte of it lies before
    /// the end of the file.
    ///
    /// Source: mmap(2) SIGBUS; mm/shmem.c `shmem_get_folio_gfp()`, `i_size_read()`.
    pub const fn has_page(&self, page: u8) -> bool {
        page < self.size.round_up_to_pages()
    }

    /// What open(2) finds: files that are not made by memfd_create cannot be sealed.
    ///
    /// Source: fcntl(2) "File Sealing"; mm/shmem.c `__shmem_get_inode()`, `F_SEAL_SEAL`.
    pub(crate) const fn opened(medium: Medium) -> Self {
        let (backing, seals) = match medium {
            Medium::Tmpfs => (FileBacking::Tmpfs, Seals::SEAL),
            Medium::Disk => (FileBacking::Disk, Seals::EMPTY),
            Medium::Zero => (FileBacking::Zero, Seals::EMPTY),
        };
        Self { seals, backing, ..Self::ABSENT }
    }
}

impl FileBacking {
    /// Whether it is a regular file, with a size and content.
    ///
    /// Source: null(4).
    pub const fn is_regular(self) -> bool {
        !matches!(self, Self::Zero)
    }

    /// Whether read and write, splice and copy_file_range go to its content.
    ///
    /// Source: fs/hugetlbfs/inode.c `hugetlbfs_file_operations`, which can only read.
    pub const fn is_written(self) -> bool {
        !matches!(self, Self::Huge)
    }

    /// Whether a size fits its pages.
    ///
    /// Source: fs/hugetlbfs/inode.c `hugetlbfs_setattr()`.
    pub const fn has_size(self, size: Cells) -> bool {
        !matches!(self, Self::Huge) || size.0 == 0
    }

    /// Whether there are seals: of files of tmpfs and its kin.
    ///
    /// Source: fcntl(2) EINVAL; mm/memfd.c `memfd_file_seals_ptr()`.
    pub const fn has_seals(self, policy: &Policy) -> bool {
        let is_memfd = matches!(self, Self::Memory | Self::Huge);
        is_memfd || matches!(self, Self::Tmpfs) && !policy.seals_are_for_memfds_only
    }

    /// Whether bytes that were stored past the end, in the last page, become content when the file
    /// grows. They should not, but there are kernels where they do, and not on the same file
    /// systems.
    ///
    /// Source: ftruncate(2) "the extended part reads as null bytes"; fs/ext4/inode.c
    /// `ext4_setattr()`; mm/shmem.c `shmem_setattr()`.
    pub const fn keeps_bytes_past_end(self, policy: &Policy) -> bool {
        if matches!(self, Self::Disk) {
            policy.bytes_past_end_survive_growth_on_disk
        } else {
            policy.bytes_past_end_survive_growth
        }
    }

    /// Whether fallocate can zero, collapse and insert ranges.
    ///
    /// Source: fallocate(2) EOPNOTSUPP; mm/shmem.c `shmem_fallocate()`; fs/ext4/extents.c
    /// `ext4_fallocate()`.
    pub const fn moves_ranges(self) -> bool {
        matches!(self, Self::Disk)
    }

    /// Whether fallocate puts pages into the page cache. On a disk it only reserves room there.
    ///
    /// Source: mm/shmem.c `shmem_fallocate()`.
    pub const fn allocates_pages(self) -> bool {
        matches!(self, Self::Memory | Self::Tmpfs | Self::Huge)
    }

    /// Whether reading a hole without copying, as splice(2) does, leaves a page in the page cache.
    ///
    /// Source: mm/filemap.c `filemap_splice_read()`; mm/shmem.c `shmem_file_splice_read()`, which
    /// takes the zero page.
    pub const fn splice_fills_holes(self, policy: &Policy) -> bool {
        matches!(self, Self::Disk) || policy.splice_fills_holes
    }
}
