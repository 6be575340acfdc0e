//! Everything in which kernels differ: one named field for each difference.
//!
//! A field is named for the behavior, not for a version, because stable kernels carry backports.
//! The presets are a starting point; what the running kernel does is found by its litmus test in
//! `corpus/policy/`. Fields of [`Kind::Bug`] are not choices: every preset leaves them off, and a
//! divergence that one of them explains is a known bug. Every preset leaves fields of
//! [`Kind::Foreign`] off as well: they are for [`VARIANTS`], kernels without a preset; and fields of
//! [`Kind::Proposal`] no kernel has: they say what a [proposal](PROPOSALS) would do.

#[macro_use]
mod bugs;
mod field;
mod kernels;
mod proposals;

pub use field::{Field, Kind};
pub use kernels::{PRESETS, VARIANTS, Variant};
pub use proposals::{PROPOSALS, Proposal};

macro_rules! policy {
    ($($(#[doc = $about:literal])+ $kind:ident $field:ident = $presets:expr;)+) => {
        /// The behavior of one kernel.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct Policy {
            $($(#[doc = $about])+ pub $field: bool,)+
        }

        /// The fields, in the order of the struct.
        pub const FIELDS: &[Field] = &[$(Field {
            name: stringify!($field),
            kind: Kind::$kind,
            about: concat!($($about, "\n"),+),
            presets: $presets,
        }),+];

        impl Policy {
            const fn preset(index: usize) -> Self {
                Self { $($field: $presets[index],)+ }
            }

            /// The value of a field; `None` if there is no such field.
            pub fn get(&self, name: &str) -> Option<bool> {
                match name {
                    $(stringify!($field) => Some(self.$field),)+
                    _ => None,
                }
            }

            /// This policy with one field changed; `None` if there is no such field.
            pub fn with(mut self, name: &str, value: bool) -> Option<Self> {
                match name {
                    $(stringify!($field) => self.$field = value,)+
                    _ => return None,
                }
                Some(self)
            }
        }
    };
}

const NEVER: [bool; PRESETS.len()] = [false; PRESETS.len()];

with_bugs! {{
    /// `F_SEAL_EXEC`, `MFD_EXEC` and `MFD_NOEXEC_SEAL` exist; before, they are EINVAL.
    ///
    /// Source: commit 6fd7353829ca, Linux 6.3.
    Choice seal_exec_exists = [false, false, true, true, true];

    /// A memfd with `F_SEAL_WRITE` can be mapped shared if the mapping is read-only; it can never
    /// become writable then. Otherwise every shared mapping is refused with EPERM.
    ///
    /// Source: commits 28464bbb2ddc (6.7), 8ec396d05d1b (6.13), both with backports.
    Choice sealed_memfd_maps_read_only_shared = [false, true, true, true, true];

    /// Under `F_SEAL_FUTURE_WRITE` a new read-only shared mapping of a writable descriptor cannot
    /// be made writable, and yet it blocks `F_SEAL_WRITE`.
    ///
    /// Source: commit e8e17ee90eaf, Linux 6.7, with backports, ended it.
    Choice unwritable_shared_mapping_blocks_write_seal = [true, false, false, false, false];

    /// A file is written a page at a time: a write across the end of one with `F_SEAL_GROW` writes the
    /// pages before the one in which the file ends, and is cut there. Otherwise it is refused as a
    /// whole, and looks at all of its source at once.
    ///
    /// Source: mm/shmem.c `shmem_write_begin()`, asked once for each page or for the whole range;
    /// mm/filemap.c `generic_perform_write()`.
    Choice sealed_growth_write_is_partial = [true, true, false, true, false];

    /// Memory with no other protection than execute cannot be read: a protection key guards it.
    ///
    /// Source: mprotect(2) `PROT_EXEC`; arch/x86/mm/pkeys.c `__execute_only_pkey()`; needs a
    /// processor with protection keys.
    Choice execute_only_memory_is_unreadable = [true, true, true, true, true];

    /// Without `MFD_EXEC` and `MFD_NOEXEC_SEAL`, `MFD_NOEXEC_SEAL` is meant.
    ///
    /// Source: sysctl `vm.memfd_noexec` of 1 or more; mm/memfd.c `check_sysctl_memfd_noexec()`.
    Choice memfd_is_not_executable_by_default = NEVER;

    /// memfd_create with `MFD_EXEC` is refused with EACCES.
    ///
    /// Source: sysctl `vm.memfd_noexec` of 2; mm/memfd.c `check_sysctl_memfd_noexec()`.
    Choice executable_memfd_is_refused = NEVER;

    /// copy_file_range copies between files of two file systems. Otherwise that is EXDEV.
    ///
    /// Source: copy_file_range(2) EXDEV; commit 868f9f2f8e00, Linux 5.19, ended what 5.3 had begun.
    Choice copy_file_range_crosses_file_systems = [true, false, false, false, false];

    /// copy_file_range of nothing, be it that the source ends before, is a success even at the size
    /// limit. Otherwise that is EFBIG.
    ///
    /// Source: fs/read_write.c `generic_copy_file_checks()`, which asks for the limit only if there
    /// is something to copy; seen in Linux 6.12.117 and 7.3.4, not in 6.17 and 7.2.
    Choice copy_of_nothing_has_no_limit = [false, false, true, false, false];

    /// Splicing a hole of a file of tmpfs fills it, so that the pipe shows what is written later.
    /// Otherwise the pipe gets the zero page.
    ///
    /// Source: mm/shmem.c `shmem_file_read_iter()` before commit 56a8c8eb1eaf, Linux 5.18;
    /// `shmem_file_splice_read()`, commit bd194b187115, Linux 6.5.
    Choice splice_fills_holes = [true, false, false, false, false];

    /// `/dev/zero` can be spliced. Otherwise that is EINVAL.
    ///
    /// Source: commit 1b057bd800c3, Linux 6.7; drivers/char/mem.c `zero_fops`.
    Choice zero_device_can_be_spliced = [false, false, true, true, true];

    /// A shared mapping of `/dev/zero` that can never be written is anonymous memory. Otherwise it is
    /// one of an unnamed file, as those that can be.
    ///
    /// Source: drivers/char/mem.c `mmap_zero_prepare()`, which asks for `VM_SHARED`; since Linux 7.3
    /// for `VM_MAYSHARE`.
    Choice unwritable_shared_zero_device_is_anonymous = [true, true, true, true, true];

    /// sendfile(2) into a pipe copies. Otherwise it splices, so that the pipe shows what is written
    /// to the file later.
    ///
    /// Source: commit b964bf53e540, Linux 5.12; fs/read_write.c `do_sendfile()`; before, fs/splice.c
    /// `iter_file_splice_write()`.
    Choice sendfile_copies_into_pipes = [true, false, false, false, false];

    /// A hole in a file of huge pages that contains none of them as a whole does nothing, whatever
    /// the seals. Otherwise it zeroes, and seals refuse it.
    ///
    /// Source: commit 68d32527d340, Linux 6.0; fs/hugetlbfs/inode.c `hugetlbfs_punch_hole()`.
    Choice huge_pages_are_punched_only_whole = [true, false, false, false, false];

    /// Before a hole is punched into a file on a disk, the pages that it touches are written back,
    /// so that bytes behind the end are zeroed.
    ///
    /// Source: fs/ext4/inode.c `ext4_punch_hole()`, `filemap_write_and_wait_range()`, up to Linux
    /// 6.1.
    Choice punch_writes_back_first = [true, true, false, false, false];

    /// A locked compare-and-swap loads before it asks for the right to write. Otherwise it asks for
    /// that first.
    ///
    /// Source: the emulator QEMU with one thread, tcg/tcg-op-ldst.c
    /// `tcg_gen_nonatomic_cmpxchg_i32_int()`; Intel SDM, CMPXCHG, of processors.
    Choice compare_and_swap_loads_first = NEVER;

    /// mremap with `MREMAP_FIXED` moves a range of several mappings, if it keeps its length.
    /// Otherwise that is EFAULT.
    ///
    /// Source: mm/mremap.c `remap_move()`, Linux 6.17.
    Choice mremap_moves_several_mappings = [false, false, false, true, true];

    /// mremap with `MREMAP_FIXED` unmaps what is at the new place only after it has found that the
    /// range is of one mapping.
    ///
    /// Source: mm/mremap.c `check_prep_vma()`, Linux 6.17; `mremap_to()` before.
    Choice mremap_looks_at_its_range_first = [false, false, false, true, true];

    /// mremap finds that nothing is mapped at the old address, or that it is sealed, before it
    /// finds what is wrong with the new one.
    ///
    /// Source: mm/mremap.c `check_mremap_params()`, Linux 6.17; `mremap_to()` before.
    Choice mremap_looks_at_the_mapping_before_the_place = [false, true, true, false, false];

    /// mremap finds that nothing is mapped at the old address only after it has unmapped what it
    /// would replace or cut off, and does not ask if it need not move or grow.
    ///
    /// Source: mm/mremap.c `vma_to_resize()`; commit 550a7d60bd5e, Linux 5.16, looks before.
    Choice mremap_looks_for_the_mapping_last = [true, false, false, false, false];

    /// For `MREMAP_DONTUNMAP` the lengths must be equal to the byte. Otherwise they are rounded up
    /// to pages first.
    ///
    /// Source: mm/mremap.c `mremap`; `do_mremap()`, Linux 6.17, rounds before.
    Choice dontunmap_compares_lengths_to_the_byte = [true, true, true, false, false];

    /// `MREMAP_DONTUNMAP` of a part of a mapping unlocks all of it; otherwise only what it leaves behind.
    ///
    /// Source: mm/mremap.c `dontunmap_complete()`; measured: 5.10.223 and 6.18.44 do, 6.1.0-56 of
    /// Debian, 6.12.117 and 7.2.13 do not.
    Choice dontunmap_unlocks_the_whole_mapping = [true, false, false, true, false];

    /// `MREMAP_DONTUNMAP` is for mappings of any kind. Otherwise it is for private anonymous
    /// memory, and EINVAL for the rest.
    ///
    /// Source: commit a4609387859f, Linux 5.13; mm/mremap.c `vma_to_resize()`.
    Choice mremap_may_keep_files_mapped = [false, true, true, true, true];

    /// `MAP_DROPPABLE` exists; before, it is EINVAL.
    ///
    /// Source: commit 9651fcedf7b9, Linux 6.11.
    Choice droppable_memory_exists = [false, false, true, true, true];

    /// mseal exists; before, it is ENOSYS.
    ///
    /// Source: commit 8be7258aad44, Linux 6.10.
    Choice mseal_exists = [false, false, true, true, true];

    /// mlock2 with `MLOCK_ONFAULT` of memory that cannot be accessed is ENOMEM, as mlock is.
    ///
    /// Source: mm/gup.c `check_vma_flags()`; commit b67bf49ce7aa, Linux 5.18, ended it.
    Choice lock_on_fault_needs_access = [true, false, false, false, false];

    /// `MADV_DONTNEED_LOCKED` exists; before, it is EINVAL.
    ///
    /// Source: commit 9457056ac426, Linux 5.18.
    Choice dontneed_locked_exists = [false, true, true, true, true];

    /// `MADV_POPULATE_READ` and `MADV_POPULATE_WRITE` exist; before, they are EINVAL.
    ///
    /// Source: commit 4ca9b3859dac, Linux 5.14.
    Choice populate_exists = [false, true, true, true, true];

    /// `MADV_POPULATE_READ` and `MADV_POPULATE_WRITE` go on behind a hole. Otherwise they stop
    /// there.
    ///
    /// Source: mm/madvise.c `madvise_populate()`, called for each mapping or for the whole range.
    Choice populate_passes_over_holes = [true, true, false, false, false];

    /// `MADV_GUARD_INSTALL` and `MADV_GUARD_REMOVE` exist; before, they are EINVAL.
    ///
    /// Source: commit 662df3e5c376, Linux 6.13.
    Choice guards_exist = [false, false, false, true, true];

    /// Guards can be installed in private anonymous memory only.
    ///
    /// Source: mm/madvise.c `is_valid_guard_vma()`; Linux 6.13 and 6.14.
    Choice guards_are_for_anonymous_memory_only = NEVER;

    /// `MADV_COLLAPSE` exists; before, it is EINVAL.
    ///
    /// Source: commit 7d8faaf15545, Linux 6.1.
    Choice collapse_exists = [false, true, true, true, true];

    /// `MADV_REMOVE` asks that the mapping be writable at the moment. Otherwise it is enough that
    /// it may become so.
    ///
    /// Source: mm/madvise.c `madvise_remove()`, `VM_WRITE` or `vma_is_shared_maywrite()`.
    Choice remove_looks_at_protection = [true, false, false, false, false];

    /// Pages can be merged: `MADV_MERGEABLE` and `MADV_UNMERGEABLE` exist.
    ///
    /// Source: madvise(2), "only if the kernel was configured with `CONFIG_KSM`".
    Choice page_merging_exists = [true, true, true, true, true];

    /// There are transparent huge pages: `MADV_HUGEPAGE` and `MADV_NOHUGEPAGE` exist.
    ///
    /// Source: madvise(2), "only if the kernel was configured with
    /// `CONFIG_TRANSPARENT_HUGEPAGE`".
    Choice huge_pages_exist = [true, true, true, true, true];

    /// `MADV_WILLNEED` is refused with EBADF for private anonymous memory.
    ///
    /// Source: madvise(2) EBADF; mm/madvise.c `madvise_willneed()`, without `CONFIG_SWAP`.
    Choice willneed_needs_a_file = NEVER;

    /// `/proc/PID/mem` reads any memory, and writes private memory that its process may not write.
    /// Otherwise it goes by the protection of the mapping.
    ///
    /// Source: fs/proc/base.c `proc_mem_foll_force()`; boot parameter `proc_mem.force_override` and
    /// `CONFIG_PROC_MEM_ALWAYS_FORCE`, Linux 6.12.
    Choice memory_file_overrides_protection = [true, true, true, true, false];

    /// A write whose memory cannot be read is EFAULT before the file's seals are looked at, and
    /// does not touch the file.
    ///
    /// Source: commit 665575cff098 moved `fault_in_iov_iter_readable()` in mm/filemap.c
    /// `generic_perform_write()` behind `->write_begin()`.
    Choice write_looks_at_its_source_first = [true, true, true, false, false];

    /// Of a write, what goes into one page of the file is written as a whole or not at all, if some
    /// of its memory cannot be read.
    ///
    /// Source: `iov_iter_fault_in_readable()`, which Linux 5.16 replaced, said only that some of it
    /// is not there.
    Choice write_needs_the_memory_of_a_whole_page = [true, false, false, false, false];

    /// A page that is read through a pin, as process_vm_readv does, is copied first if another
    /// process has it too.
    ///
    /// Source: commit a7f226604170, Linux 5.19; mm/gup.c `gup_must_unshare()`.
    Choice pins_unshare_pages = [false, true, true, true, true];

    /// A page that fork has shared, and every other that was write-protected, is written in place
    /// only if nothing else refers to it, no pin either: otherwise the process that writes gets a
    /// copy, and pins go stale. No page is marked as exclusive to its process.
    ///
    /// Source: commits 09854ba94c6a (Linux 5.9), 6c287605fd56 (5.19), which brought
    /// `PG_anon_exclusive`; mm/memory.c `do_wp_page()`.
    Choice copy_on_write_counts_references = [true, false, false, false, false];

    /// Fork gives the child a copy of a page that is pinned at once, so that it stays the parent's.
    ///
    /// Source: commit 70e806e4e645, Linux 5.9; include/linux/mm.h `folio_needs_cow_for_dma()`.
    Choice fork_copies_pinned_pages = [true, true, true, true, true];

    /// A page that is pinned to be read for long is the process's own from then on, even the zero
    /// page and that of a file behind a private mapping.
    ///
    /// Source: commit 84209e87c696, Linux 6.2; mm/gup.c `gup_must_unshare()`.
    Choice long_term_pins_unshare_pages = [false, false, true, true, true];

    /// Whether memory can be pinned for long is a question of the page: private memory of a file on
    /// a disk can be, shared memory of it is EFAULT. Otherwise neither can be: EOPNOTSUPP.
    ///
    /// Source: commit 8ac268436e6d, Linux 6.5; io_uring/rsrc.c `io_pin_pages()`, "don't support
    /// file backed memory", before.
    Choice long_term_pins_look_at_the_page = [false, false, true, true, true];

    /// `UFFD_USER_MODE_ONLY` exists; before, it is EINVAL.
    ///
    /// Source: commit 37cd0575b851, Linux 5.11.
    Choice userfaultfd_user_mode_only_exists = [false, true, true, true, true];

    /// `UFFD_FEATURE_EXACT_ADDRESS` exists; before, it is EINVAL.
    ///
    /// Source: commit 824ddc601adc, Linux 5.18.
    Choice userfaultfd_exact_address_exists = [false, true, true, true, true];

    /// Shared memory can be registered with a userfaultfd for minor faults; before, that is EINVAL.
    ///
    /// Source: commit c949b097ef2e, Linux 5.14.
    Choice userfaultfd_minor_mode_exists = [false, true, true, true, true];

    /// Shared memory can be registered with a userfaultfd for write protection; before, that is
    /// EINVAL.
    ///
    /// Source: commit b1f9e876862d, Linux 5.19.
    Choice userfaultfd_shmem_wp_exists = [false, true, true, true, true];

    /// `UFFD_FEATURE_WP_UNPOPULATED` exists; before, it is EINVAL.
    ///
    /// Source: commit 2bad466cc9d9, Linux 6.4.
    Choice userfaultfd_unpopulated_wp_exists = [false, false, true, true, true];

    /// `UFFD_FEATURE_WP_ASYNC` exists; before, it is EINVAL.
    ///
    /// Source: commit d61ea1cb0095, Linux 6.7.
    Choice userfaultfd_async_wp_exists = [false, false, true, true, true];

    /// `UFFDIO_WRITEPROTECT` takes a range of several mappings; before, that is ENOENT.
    ///
    /// Source: mm/userfaultfd.c `mwriteprotect_range()`, Linux 6.3.
    Choice userfaultfd_wp_spans_mappings = [false, false, true, true, true];

    /// `PAGEMAP_SCAN` calls no page `PAGE_IS_WRITTEN` but in ranges that a userfaultfd write-protects;
    /// otherwise whatever page is there and not write-protected.
    ///
    /// Source: fs/proc/task_mmu.c `pagemap_page_category()`; Linux 7.3.
    Choice only_tracked_pages_count_as_written = NEVER;

    /// `UFFDIO_POISON` exists; before, it is EINVAL.
    ///
    /// Source: commit fc71884a5f59, Linux 6.6.
    Choice userfaultfd_poison_exists = [false, false, true, true, true];

    /// `UFFDIO_MOVE` exists; before, it is EINVAL.
    ///
    /// Source: commit adef440691ba, Linux 6.8.
    Choice userfaultfd_move_exists = [false, false, true, true, true];

    /// What is registered for write protection must be unregistered before it is registered without:
    /// EBUSY. Otherwise the new modes replace the old ones.
    ///
    /// Source: mm/userfaultfd.c `userfaultfd_register()`, "Require an unregister first"; Linux 7.3.
    Choice userfaultfd_keeps_its_wp_mode = NEVER;

    /// `UFFDIO_UNREGISTER` ends what another userfaultfd of the same process has registered;
    /// otherwise it is EINVAL.
    ///
    /// Source: fs/userfaultfd.c `userfaultfd_unregister()`; Linux 6.17 ended it.
    Choice userfaultfd_unregisters_for_others = [true, true, true, false, false];

    /// `UFFDIO_COPY` past the end of a shared file is ENOMEM instead of EFAULT.
    ///
    /// Source: mm/shmem.c `shmem_mfill_atomic_pte()`; seen in Linux 7.2.
    Choice userfaultfd_fill_past_end_lacks_memory = [false, false, false, false, true];

    /// `UFFDIO_COPY` fills private memory of `/dev/zero`. Otherwise that is EFAULT: a device has no
    /// size.
    ///
    /// Source: mm/userfaultfd.c `mfill_atomic_install_pte()`, which from Linux 5.14 to 6.5 asked for
    /// the size of shared memory only.
    Choice userfaultfd_copies_into_device_memory = [false, true, false, false, false];

    /// `UFFDIO_CONTINUE` past the end of the file is EFAULT instead of EINVAL.
    ///
    /// Source: mm/userfaultfd.c `mfill_atomic_pte_continue()`; seen in Linux 7.2.
    Choice userfaultfd_continue_past_end_finds_nothing = [false, false, false, false, true];

    /// `UFFDIO_COPY` and `UFFDIO_CONTINUE` replace guards, as they replace other markers. Otherwise
    /// that is EEXIST.
    ///
    /// Source: mm/userfaultfd.c `mfill_atomic_install_pte()`, `pte_none_mostly()`; in Linux 7.2
    /// `pte_is_uffd_marker()`.
    Choice userfaultfd_copy_replaces_guards = [true, true, true, true, false];

    /// Accesses to memory that a userfaultfd poisoned raise `BUS_MCEERR_AR` instead of
    /// `BUS_ADRERR`.
    ///
    /// Source: UFFDIO_POISON(2const); arch/x86/mm/fault.c `do_sigbus()`; needs
    /// `CONFIG_MEMORY_FAILURE`.
    Choice poison_is_a_memory_failure = [false, false, true, true, true];

    /// memfd_create looks at the name before it looks at the flags.
    ///
    /// Source: FreeBSD, lib/libc/gen/memfd_create.c `memfd_create()`: it is a function of the
    /// library, and the kernel, sys/kern/uipc_shm.c `kern_shm_open2()`, ignores the name.
    Foreign memfd_name_comes_first = NEVER;

    /// memfd_create with a null pointer for a name is EBADF instead of EFAULT.
    ///
    /// Source: FreeBSD, memfd_create(2) EBADF, "The name argument was NULL"; lib/libc/gen/
    /// memfd_create.c `memfd_create()`.
    Foreign memfd_without_name_is_bad_descriptor = NEVER;

    /// `MFD_HUGETLB` does not stand for a size of pages: without one it is EOPNOTSUPP.
    ///
    /// Source: FreeBSD, lib/libc/gen/memfd_create.c `memfd_create()`, which looks for a page of the
    /// size 2⁰; its manual page says ENOSYS.
    Foreign memfd_needs_size_of_huge_pages = NEVER;

    /// `F_ADD_SEALS` takes seals that the kernel does not know, and `F_GET_SEALS` tells them; they do
    /// nothing. Otherwise they are EINVAL.
    ///
    /// Source: FreeBSD, sys/kern/uipc_shm.c `shm_add_seals()`, which asks only for those it knows.
    Foreign unknown_seals_are_kept = NEVER;

    /// Only files that memfd_create makes have seals; others are EINVAL.
    ///
    /// Source: FreeBSD, fcntl(2), "If the underlying filesystem does not support seals"; sys/sys/
    /// file.h `fo_add_seals()`, `fo_get_seals()`; sys/kern/vfs_vnops.c `vnops`, which has neither.
    Foreign seals_are_for_memfds_only = NEVER;

    /// mmap that a file's seals refuse is EACCES, as for a descriptor that is not writable, instead of
    /// EPERM.
    ///
    /// Source: FreeBSD, sys/kern/uipc_shm.c `shm_mmap()`; tests/sys/posixshm/memfd_test.c
    /// `write_seal`.
    Foreign sealed_mapping_is_access_denied = NEVER;
} {
    /// A private mapping may ask for no SIGBUS: `MAP_NOSIGBUS`.
    ///
    /// Source: Hugh Dickins, "do *not* permit MAP_NOSIGBUS on MAP_SHARED mappings", 3 June 2021;
    /// Ming Lin, "\[PATCH v2 2/2\] mm: adds NOSIGBUS extension to mmap()", 4 June 2021.
    Proposal nosigbus_for_private_mappings = NEVER;

    /// A shared mapping that is not writable at first may ask for no SIGBUS.
    ///
    /// Source: Linus Torvalds, "checks that it is only done on a read-only mapping", in the same
    /// thread, 3 June 2021.
    Proposal nosigbus_for_read_only_shared_mappings = NEVER;

    /// A shared mapping that is writable at first may ask for no SIGBUS.
    ///
    /// Source: Simon Ser, "Ideally, MAP_NOSIGBUS would work on PROT_WRITE + MAP_SHARED mappings",
    /// "Sealed memfd & no-fault mmap", 3 June 2021.
    Proposal nosigbus_for_writable_shared_mappings = NEVER;

    /// A shared mapping that has asked for no SIGBUS can never be made writable.
    ///
    /// Source: Linus Torvalds, "make sure that it clears the VM_MAYWRITE bit when it sets
    /// VM_NOSIGBUS", 3 June 2021.
    Proposal nosigbus_takes_may_write = NEVER;

    /// Of a mapping that has asked for no SIGBUS, a store past the end raises it all the same.
    ///
    /// Source: Ming Lin, "mm: adds MAP_NOSIGBUS extension for shmem read", the title of the first
    /// patch.
    Proposal nosigbus_is_for_loads = NEVER;

    /// The zero page that a mapping shows past the end is unmapped when the file grows there.
    ///
    /// Source: Ming Lin, "I borrowed code from filemap_xip.c", to which Linus Torvalds said that
    /// "'unmap page' is too complicated and fragile", 31 May 2021.
    Proposal nosigbus_follows_growth = NEVER;

    /// Fork does not copy the zero page that a mapping shows past the end: once the file has grown,
    /// the child finds the file there, and its parent zeros.
    ///
    /// Source: mm/memory.c `vma_needs_copy()`, which leaves a mapping out that has no anonymous
    /// page, so that the patches would have done so.
    Proposal nosigbus_is_lost_by_fork = NEVER;
}}
