//! What is wrong wherever it is: bugs of some Linux, and mistakes of other kernels. Here are the fields
//! of [`Kind::Bug`](super::Kind::Bug); the others are those around them in the policy.

macro_rules! with_bugs {
    ({ $($before:tt)+ } { $($after:tt)+ }) => { policy! {
        $($before)+

        /// Bytes that were stored past the end of a file of tmpfs, in its last page, become its content
        /// when it grows.
        ///
        /// Source: ftruncate(2) "the extended part reads as null bytes"; mm/shmem.c
        /// `shmem_setattr()` and `shmem_write_begin()` do not clear them.
        Bug bytes_past_end_survive_growth = NEVER;

        /// The same for a file of ext4.
        ///
        /// Source: commit c7fc0366c656, Linux 6.13, clears them.
        Bug bytes_past_end_survive_growth_on_disk = NEVER;

        /// A write that starts past the end of the file, and fails because its memory cannot be read,
        /// has made the file reach to its start.
        ///
        /// Source: mm/shmem.c `shmem_write_end()` sets the size though nothing was copied; since commit
        /// 665575cff098 it is called before the memory is known to be readable.
        Bug failed_write_grows_the_file = NEVER;

        /// mmap that its file's seals refuse has removed the old mapping already.
        ///
        /// Source: mm/mmap.c `mmap_region()` asked `->mmap` after unmapping; the check came first in
        /// 6.13.
        Bug refused_mmap_removes_old_mapping = NEVER;

        /// A private mapping of a file that is sealed with `F_SEAL_FUTURE_WRITE` is no copy-on-write
        /// mapping to fork: parent and child write the same pages.
        ///
        /// Source: mm/shmem.c `shmem_mmap()` cleared `VM_MAYWRITE` of private mappings too, on which
        /// mm/memory.c `is_cow_mapping()` goes; commit 05d351102dbe ended it.
        Bug future_write_seal_shares_private_pages = NEVER;

        /// mremap of no length makes a new mapping of a private one too, with nothing in it.
        ///
        /// Source: commit dba58d3b8c50, Linux 4.14, made it EINVAL.
        Bug mremap_of_no_length_takes_private_mappings = NEVER;

        /// `UFFDIO_COPY` through a private mapping of a file writes the file.
        ///
        /// Source: CVE-2018-18397; commits 29ec90660d68 and 5b51072e97d5, Linux 4.20.
        Bug userfaultfd_fills_files_through_private_mappings = NEVER;

        /// `UFFDIO_UNREGISTER` leaves pages write-protected, so that they are so again once their range
        /// is registered anew.
        ///
        /// Source: commit f369b07c8614, Linux 6.0, ended it.
        Bug userfaultfd_unregister_keeps_protection = NEVER;

        /// The `F_SEAL_WRITE` that `F_SEAL_EXEC` implies is granted while a shared mapping may write
        /// the file.
        ///
        /// Source: commit c4f75bc8bd6b (6.3) implied it after the check; 3b041514cb6e mends it.
        Bug implied_write_seal_ignores_mappings = NEVER;

        /// `F_SEAL_WRITE` is granted while a shared mapping may write the file.
        ///
        /// Source: a mistake against fcntl(2) `F_SEAL_WRITE`, EBUSY.
        Bug write_seal_ignores_mappings = NEVER;

        /// A write-protected page is written in place as soon as no other page table has it, although
        /// somebody else may look at it through a pin or a pipe: CVE-2020-29374.
        ///
        /// Source: mm/swapfile.c `reuse_swap_page()`, which commit 09854ba94c6a (Linux 5.9) took out of
        /// `do_wp_page()`; until then, since 17839856fd58 (5.8), a pin copied the page first.
        Bug copy_on_write_ignores_pins = NEVER;

        /// What is written to a pipe goes into the page of a file that splice(2) has put there, behind the
        /// cell that is referred to: CVE-2022-0847, Dirty Pipe.
        ///
        /// Source: commit f6dd975583bd (Linux 5.8), after which lib/iov_iter.c `copy_page_to_iter_pipe()` left
        /// `PIPE_BUF_FLAG_CAN_MERGE` where an earlier write had set it; 9d2231c5d74e clears it.
        Bug writes_to_pipes_reach_spliced_pages = NEVER;

        /// A page shared since fork is written in place, by whoever comes first.
        ///
        /// Source: a mistake against fork(2) and mm/memory.c `wp_can_reuse_anon_folio()`.
        Bug copy_on_write_ignores_other_owners = NEVER;

        /// Private copies of pages that a truncate cuts off stay readable.
        ///
        /// Source: a mistake against mm/truncate.c `truncate_pagecache()`, `even_cows`.
        Bug truncate_keeps_private_copies = NEVER;

        /// A hole that is punched takes private copies away, as a truncate does.
        ///
        /// Source: a mistake against mm/shmem.c `shmem_fallocate()`, which does not ask for `even_cows`.
        Bug punch_drops_private_copies = NEVER;

        /// A truncate inside a page leaves the bytes behind the new end.
        ///
        /// Source: a mistake against ftruncate(2), "the extra data is lost"; mm/shmem.c
        /// `shmem_truncate_range()`.
        Bug truncate_keeps_tail = NEVER;

        /// A shared mapping of a read-only descriptor can be made writable by mprotect.
        ///
        /// Source: a mistake against mprotect(2) EACCES; mm/mmap.c `do_mmap()` clears `VM_MAYWRITE`.
        Bug read_only_descriptor_may_write = NEVER;

        /// A mapping is refused for the file's seals before the descriptor's mode is looked at.
        ///
        /// Source: a mistake against mmap(2) EACCES; mm/mmap.c `do_mmap()` asks for seals last.
        Bug seals_come_before_descriptor_mode = NEVER;

        /// `MAP_FIXED_NOREPLACE` replaces.
        ///
        /// Source: a mistake against mmap(2) EEXIST.
        Bug no_replace_is_ignored = NEVER;

        /// mprotect of a range with a hole changes nothing.
        ///
        /// Source: a mistake against mm/mprotect.c `do_mprotect_pkey()`, which stops at the hole.
        Bug mprotect_looks_for_holes_first = NEVER;

        /// A write past the end grows a file in spite of `F_SEAL_GROW`.
        ///
        /// Source: a mistake against fcntl(2) `F_SEAL_GROW`.
        Bug grow_seal_does_not_bind_writes = NEVER;

        /// Pages past the end of a file can be accessed; they read zero.
        ///
        /// Source: a mistake against mmap(2) SIGBUS.
        Bug pages_past_end_are_accessible = NEVER;

        /// `MADV_DONTNEED` leaves private memory as it is.
        ///
        /// Source: a mistake against madvise(2), "zero-fill-on-demand pages".
        Bug dontneed_keeps_private_memory = NEVER;

        /// `MADV_DONTNEED` takes guards away.
        ///
        /// Source: a mistake against madvise(2) `MADV_GUARD_INSTALL`; mm/memory.c `zap_drop_markers()`.
        Bug dontneed_removes_guards = NEVER;

        /// A userfaultfd's write protection of a page of a file holds in every process.
        ///
        /// Source: a mistake against UFFDIO_WRITEPROTECT(2const); mm/mprotect.c `change_pte_range()`.
        Bug write_protection_is_of_the_file = NEVER;

        /// A store through a private mapping changes the file, unless the page was copied before.
        ///
        /// Source: a mistake against mmap(2) `MAP_PRIVATE`.
        Bug private_store_reaches_the_file = NEVER;

        /// A store through a shared mapping goes to a copy of the process's own.
        ///
        /// Source: a mistake against mmap(2) `MAP_SHARED`.
        Bug shared_store_stays_private = NEVER;

        /// A store to the zero page is lost.
        ///
        /// Source: a mistake against mm/memory.c `do_wp_page()`, `is_zero_pfn()`.
        Bug zero_page_swallows_stores = NEVER;

        /// Fork leaves private pages writable in the parent, who shares them now.
        ///
        /// Source: a mistake against mm/memory.c `copy_present_ptes()`.
        Bug fork_does_not_write_protect = NEVER;

        /// The child's private pages are as if never written.
        ///
        /// Source: a mistake against fork(2).
        Bug fork_forgets_private_pages = NEVER;

        /// Adding seals takes off those that were there.
        ///
        /// Source: a mistake against fcntl(2) `F_ADD_SEALS`.
        Bug adding_seals_replaces_them = NEVER;

        /// Seals are added in spite of `F_SEAL_SEAL`.
        ///
        /// Source: a mistake against fcntl(2) `F_SEAL_SEAL`.
        Bug seal_seal_does_not_bind = NEVER;

        /// A file with `F_SEAL_SHRINK` can be truncated.
        ///
        /// Source: a mistake against fcntl(2) `F_SEAL_SHRINK`.
        Bug shrink_seal_does_not_bind = NEVER;

        /// `F_SEAL_FUTURE_WRITE` is taken and forgotten.
        ///
        /// Source: a mistake against fcntl(2) `F_SEAL_FUTURE_WRITE`; FreeBSD, sys/kern/uipc_shm.c
        /// `shm_add_seals()`, does not know it.
        Bug future_write_seal_does_not_bind = NEVER;

        $($after)+
    } };
}
