//! Every operation keeps what it may meet.

use mapspec_model::op::Call;
use mapspec_model::{Policy, property};

use crate::check::{Harness, keeps, refines, right};

macro_rules! steps {
    ($($name:ident: $call:ident keeps $property:literal $(under $proposal:literal)?;)+) => {
        $(
            #[kani::proof]
            #[kani::unwind(10)]
            #[kani::solver(cadical)]
            fn $name() {
                if let Some(property) = property::named($property) {
                    let policy = right(&[$($proposal)?]);
                    keeps(Call::$call, property, &policy, &policy);
                }
            }
        )+

        /// The harnesses of this file that are about a property.
        #[cfg(test)]
        pub const KEPT: &[Harness] = &[$(Harness {
            name: stringify!($name),
            properties: &[$property],
            mistake: None,
            proposal: <[&str]>::first(&[$($proposal)?]).copied(),
        }),+];
    };
}

macro_rules! refinements {
    ($($name:ident: $call:ident;)+) => {
        $(
            #[kani::proof]
            #[kani::unwind(10)]
            #[kani::solver(cadical)]
            fn $name() {
                refines(Call::$call, &Policy::default());
            }
        )+

        /// The harnesses of this file that are about both memories.
        #[cfg(test)]
        pub const REFINED: &[Harness] = &[$(Harness {
            name: stringify!($name),
            properties: &["copy-on-write-is-invisible"],
            mistake: None,
            proposal: None,
        }),+];

        /// The operations that have such a harness.
        #[cfg(test)]
        pub const CALLS: &[Call] = &[$(Call::$call),+];
    };
}

refinements! {
    check_memfd_create_refinement: MemfdCreate;
    check_open_refinement: Open;
    check_reopen_refinement: Reopen;
    check_dup_refinement: Dup;
    check_close_refinement: Close;
    check_ftruncate_refinement: Ftruncate;
    check_pread_refinement: Pread;
    check_pwrite_refinement: Pwrite;
    check_pwritev_refinement: Pwritev;
    check_fallocate_refinement: Fallocate;
    check_copy_file_range_refinement: CopyFileRange;
    check_splice_refinement: Splice;
    check_sendfile_refinement: Sendfile;
    check_vmsplice_refinement: Vmsplice;
    check_pin_refinement: Pin;
    check_write_pipe_refinement: WritePipe;
    check_read_pipe_refinement: ReadPipe;
    check_read_pin_refinement: ReadPin;
    check_write_pin_refinement: WritePin;
    check_unpin_refinement: Unpin;
    check_add_seals_refinement: AddSeals;
    check_get_seals_refinement: GetSeals;
    check_size_refinement: Size;
    check_mmap_refinement: Mmap;
    check_munmap_refinement: Munmap;
    check_mprotect_refinement: Mprotect;
    check_msync_refinement: Msync;
    check_mremap_refinement: Mremap;
    check_mlock_refinement: Mlock;
    check_mlock2_refinement: Mlock2;
    check_munlock_refinement: Munlock;
    check_munlockall_refinement: Munlockall;
    check_mseal_refinement: Mseal;
    check_madvise_refinement: Madvise;
    check_load_refinement: Load;
    check_store_refinement: Store;
    check_compare_exchange_refinement: CompareExchange;
    check_execute_refinement: Execute;
    check_read_refinement: Read;
    check_write_refinement: Write;
    check_process_vm_readv_refinement: ProcessVmReadv;
    check_process_vm_writev_refinement: ProcessVmWritev;
    check_mem_read_refinement: MemRead;
    check_mem_write_refinement: MemWrite;
    check_fork_refinement: Fork;
    check_exit_refinement: Exit;
    check_page_refinement: Page;
    check_scan_refinement: Scan;
    check_written_refinement: Written;
    check_wp_allowed_refinement: WpAllowed;
    check_maps_refinement: Maps;
    check_mincore_refinement: Mincore;
    check_clear_refs_refinement: ClearRefs;
    check_soft_dirty_refinement: SoftDirty;
    check_same_frame_refinement: SameFrame;
    check_userfaultfd_refinement: Userfaultfd;
    check_uffd_register_refinement: UffdRegister;
    check_uffd_unregister_refinement: UffdUnregister;
    check_uffd_copy_refinement: UffdCopy;
    check_uffd_zeropage_refinement: UffdZeropage;
    check_uffd_continue_refinement: UffdContinue;
    check_uffd_writeprotect_refinement: UffdWriteprotect;
    check_uffd_poison_refinement: UffdPoison;
    check_uffd_move_refinement: UffdMove;
    check_uffd_wake_refinement: UffdWake;
    check_uffd_event_refinement: UffdEvent;
    check_uffd_fork_refinement: UffdFork;
    check_uffd_close_refinement: UffdClose;
    check_resume_refinement: Resume;
}

steps! {
    check_memfd_create_invariant: MemfdCreate keeps "the-invariant-is-kept";
    check_reopen_invariant: Reopen keeps "the-invariant-is-kept";
    check_dup_invariant: Dup keeps "the-invariant-is-kept";
    check_close_invariant: Close keeps "the-invariant-is-kept";
    check_ftruncate_invariant: Ftruncate keeps "the-invariant-is-kept";
    check_pwrite_invariant: Pwrite keeps "the-invariant-is-kept";
    check_add_seals_invariant: AddSeals keeps "the-invariant-is-kept";
    check_mmap_invariant: Mmap keeps "the-invariant-is-kept";
    check_munmap_invariant: Munmap keeps "the-invariant-is-kept";
    check_mprotect_invariant: Mprotect keeps "the-invariant-is-kept";
    check_load_invariant: Load keeps "the-invariant-is-kept";
    check_store_invariant: Store keeps "the-invariant-is-kept";
    check_fork_invariant: Fork keeps "the-invariant-is-kept";
    check_exit_invariant: Exit keeps "the-invariant-is-kept";
    check_memfd_create_failure: MemfdCreate keeps "failure-changes-nothing";
    check_reopen_failure: Reopen keeps "failure-changes-nothing";
    check_dup_failure: Dup keeps "failure-changes-nothing";
    check_close_failure: Close keeps "failure-changes-nothing";
    check_ftruncate_failure: Ftruncate keeps "failure-changes-nothing";
    check_pread_failure: Pread keeps "failure-changes-nothing";
    check_pwrite_failure: Pwrite keeps "failure-changes-nothing";
    check_add_seals_failure: AddSeals keeps "failure-changes-nothing";
    check_mmap_failure: Mmap keeps "failure-changes-nothing";
    check_munmap_failure: Munmap keeps "failure-changes-nothing";
    check_load_failure: Load keeps "failure-changes-nothing";
    check_store_failure: Store keeps "failure-changes-nothing";
    check_fork_failure: Fork keeps "failure-changes-nothing";
    check_same_frame_failure: SameFrame keeps "failure-changes-nothing";
    check_store_files: Store keeps "a-private-store-spares-files";
    check_store_others: Store keeps "a-private-store-spares-others";
    check_store_shared: Store keeps "a-shared-store-is-seen";
    check_store_pin: Store keeps "a-pin-of-private-memory-is-reliable";
    check_fork_pin: Fork keeps "a-pin-of-private-memory-is-reliable";
    check_store_pins_of_others: Store keeps "a-private-store-spares-pins-of-others";
    check_store_zero_page: Store keeps "the-zero-page-is-not-written";
    check_fork_copies: Fork keeps "fork-copies";
    check_mmap_no_replace: Mmap keeps "noreplace-keeps-what-is-there";
    check_load_sigbus: Load keeps "sigbus-exactly-past-the-end";
    check_store_sigbus: Store keeps "sigbus-exactly-past-the-end";
    check_ftruncate_private_copies: Ftruncate keeps "truncate-drops-private-copies";
    check_ftruncate_cut: Ftruncate keeps "truncate-loses-what-it-cuts";
    check_ftruncate_growth: Ftruncate keeps "growth-reads-zero";
    check_mmap_read_only_descriptor: Mmap keeps "a-read-only-descriptor-never-writes";
    check_mprotect_read_only_descriptor: Mprotect keeps "a-read-only-descriptor-never-writes";
    check_add_seals_seals: AddSeals keeps "seals-only-grow";
    check_add_seals_frozen_seals: AddSeals keeps "f-seal-seal-freezes-seals";
    check_ftruncate_shrink_seal: Ftruncate keeps "f-seal-shrink-keeps-the-size";
    check_ftruncate_grow_seal: Ftruncate keeps "f-seal-grow-keeps-the-size";
    check_pwrite_grow_seal: Pwrite keeps "f-seal-grow-keeps-the-size";
    check_add_seals_write_seal: AddSeals keeps "f-seal-write-leaves-no-writer";
    check_mmap_write_seal: Mmap keeps "f-seal-write-leaves-no-writer";
    check_mprotect_write_seal: Mprotect keeps "f-seal-write-leaves-no-writer";
    check_store_sealed_content: Store keeps "sealed-content-never-changes";
    check_pwrite_sealed_content: Pwrite keeps "sealed-content-never-changes";
    check_ftruncate_sealed_content: Ftruncate keeps "sealed-content-never-changes";
    check_pwrite_future_write: Pwrite keeps "f-seal-future-write-allows-no-new-writer";
    check_mmap_future_write: Mmap keeps "f-seal-future-write-allows-no-new-writer";
    check_open_invariant: Open keeps "the-invariant-is-kept";
    check_pwritev_invariant: Pwritev keeps "the-invariant-is-kept";
    check_fallocate_invariant: Fallocate keeps "the-invariant-is-kept";
    check_copy_file_range_invariant: CopyFileRange keeps "the-invariant-is-kept";
    check_splice_invariant: Splice keeps "the-invariant-is-kept";
    check_sendfile_invariant: Sendfile keeps "the-invariant-is-kept";
    check_vmsplice_invariant: Vmsplice keeps "the-invariant-is-kept";
    check_pin_invariant: Pin keeps "the-invariant-is-kept";
    check_write_pipe_invariant: WritePipe keeps "the-invariant-is-kept";
    check_read_pipe_invariant: ReadPipe keeps "the-invariant-is-kept";
    check_read_pin_invariant: ReadPin keeps "the-invariant-is-kept";
    check_write_pin_invariant: WritePin keeps "the-invariant-is-kept";
    check_unpin_invariant: Unpin keeps "the-invariant-is-kept";
    check_mremap_invariant: Mremap keeps "the-invariant-is-kept";
    check_mlock_invariant: Mlock keeps "the-invariant-is-kept";
    check_mlock2_invariant: Mlock2 keeps "the-invariant-is-kept";
    check_munlock_invariant: Munlock keeps "the-invariant-is-kept";
    check_munlockall_invariant: Munlockall keeps "the-invariant-is-kept";
    check_mseal_invariant: Mseal keeps "the-invariant-is-kept";
    check_madvise_invariant: Madvise keeps "the-invariant-is-kept";
    check_compare_exchange_invariant: CompareExchange keeps "the-invariant-is-kept";
    check_execute_invariant: Execute keeps "the-invariant-is-kept";
    check_read_invariant: Read keeps "the-invariant-is-kept";
    check_write_invariant: Write keeps "the-invariant-is-kept";
    check_process_vm_readv_invariant: ProcessVmReadv keeps "the-invariant-is-kept";
    check_process_vm_writev_invariant: ProcessVmWritev keeps "the-invariant-is-kept";
    check_mem_read_invariant: MemRead keeps "the-invariant-is-kept";
    check_mem_write_invariant: MemWrite keeps "the-invariant-is-kept";
    check_open_failure: Open keeps "failure-changes-nothing";
    check_pwritev_failure: Pwritev keeps "failure-changes-nothing";
    check_fallocate_failure: Fallocate keeps "failure-changes-nothing";
    check_copy_file_range_failure: CopyFileRange keeps "failure-changes-nothing";
    check_splice_failure: Splice keeps "failure-changes-nothing";
    check_sendfile_failure: Sendfile keeps "failure-changes-nothing";
    check_write_pipe_failure: WritePipe keeps "failure-changes-nothing";
    check_read_pipe_failure: ReadPipe keeps "failure-changes-nothing";
    check_read_pin_failure: ReadPin keeps "failure-changes-nothing";
    check_write_pin_failure: WritePin keeps "failure-changes-nothing";
    check_unpin_failure: Unpin keeps "failure-changes-nothing";
    check_munlockall_failure: Munlockall keeps "failure-changes-nothing";
    check_mseal_failure: Mseal keeps "failure-changes-nothing";
    check_compare_exchange_failure: CompareExchange keeps "failure-changes-nothing";
    check_read_failure: Read keeps "failure-changes-nothing";
    check_process_vm_readv_failure: ProcessVmReadv keeps "failure-changes-nothing";
    check_process_vm_writev_failure: ProcessVmWritev keeps "failure-changes-nothing";
    check_mem_read_failure: MemRead keeps "failure-changes-nothing";
    check_mem_write_failure: MemWrite keeps "failure-changes-nothing";
    check_compare_exchange_sigbus: CompareExchange keeps "sigbus-exactly-past-the-end";
    check_fallocate_private_copies: Fallocate keeps "punching-keeps-private-copies";
    check_fallocate_shrink_seal: Fallocate keeps "f-seal-shrink-keeps-the-size";
    check_fallocate_grow_seal: Fallocate keeps "f-seal-grow-keeps-the-size";
    check_fallocate_sealed_content: Fallocate keeps "sealed-content-never-changes";
    check_madvise_sealed_content: Madvise keeps "sealed-content-never-changes";
    check_mem_write_sealed_content: MemWrite keeps "sealed-content-never-changes";
    check_mremap_write_seal: Mremap keeps "f-seal-write-leaves-no-writer";
    check_write_future_write: Write keeps "f-seal-future-write-allows-no-new-writer";
    check_userfaultfd_invariant: Userfaultfd keeps "the-invariant-is-kept";
    check_uffd_register_invariant: UffdRegister keeps "the-invariant-is-kept";
    check_uffd_unregister_invariant: UffdUnregister keeps "the-invariant-is-kept";
    check_uffd_copy_invariant: UffdCopy keeps "the-invariant-is-kept";
    check_uffd_zeropage_invariant: UffdZeropage keeps "the-invariant-is-kept";
    check_uffd_continue_invariant: UffdContinue keeps "the-invariant-is-kept";
    check_uffd_writeprotect_invariant: UffdWriteprotect keeps "the-invariant-is-kept";
    check_uffd_poison_invariant: UffdPoison keeps "the-invariant-is-kept";
    check_uffd_move_invariant: UffdMove keeps "the-invariant-is-kept";
    check_uffd_wake_invariant: UffdWake keeps "the-invariant-is-kept";
    check_uffd_event_invariant: UffdEvent keeps "the-invariant-is-kept";
    check_uffd_fork_invariant: UffdFork keeps "the-invariant-is-kept";
    check_uffd_close_invariant: UffdClose keeps "the-invariant-is-kept";
    check_resume_invariant: Resume keeps "the-invariant-is-kept";
    check_userfaultfd_failure: Userfaultfd keeps "failure-changes-nothing";
    check_uffd_register_failure: UffdRegister keeps "failure-changes-nothing";
    check_uffd_unregister_failure: UffdUnregister keeps "failure-changes-nothing";
    check_uffd_copy_failure: UffdCopy keeps "failure-changes-nothing";
    check_uffd_zeropage_failure: UffdZeropage keeps "failure-changes-nothing";
    check_uffd_continue_failure: UffdContinue keeps "failure-changes-nothing";
    check_uffd_writeprotect_failure: UffdWriteprotect keeps "failure-changes-nothing";
    check_uffd_writeprotect_markers: UffdWriteprotect keeps "markers-are-of-one-process";
    check_uffd_poison_markers: UffdPoison keeps "markers-are-of-one-process";
    check_uffd_copy_markers: UffdCopy keeps "markers-are-of-one-process";
    check_madvise_markers: Madvise keeps "markers-are-of-one-process";
    check_uffd_poison_failure: UffdPoison keeps "failure-changes-nothing";
    check_uffd_move_failure: UffdMove keeps "failure-changes-nothing";
    check_uffd_wake_failure: UffdWake keeps "failure-changes-nothing";
    check_uffd_event_failure: UffdEvent keeps "failure-changes-nothing";
    check_uffd_fork_failure: UffdFork keeps "failure-changes-nothing";
    check_uffd_close_failure: UffdClose keeps "failure-changes-nothing";
    check_resume_failure: Resume keeps "failure-changes-nothing";
    check_load_no_sigbus: Load keeps "no-sigbus-where-it-is-not-wanted" under "nosigbus-private";
    check_store_no_sigbus: Store keeps "no-sigbus-where-it-is-not-wanted" under "nosigbus-private";
    check_ftruncate_past_end: Ftruncate keeps "growth-spares-what-was-past-the-end" under "nosigbus-private";
    check_pwrite_past_end: Pwrite keeps "growth-spares-what-was-past-the-end" under "nosigbus-private";
    check_store_zero_page_past_end: Store keeps "the-zero-page-is-not-written" under "nosigbus-private";
    check_store_zero_page_of_shared: Store keeps "the-zero-page-is-not-written" under "nosigbus-shared-read-only";
}
