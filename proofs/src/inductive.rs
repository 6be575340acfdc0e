//! Every operation keeps what it may meet.

use mapspec_model::op::Call;
use mapspec_model::{Policy, property};

use crate::check::{Harness, keeps, refines};

macro_rules! steps {
    ($($name:ident: $call:ident keeps $property:literal;)+) => {
        $(
            #[kani::proof]
            #[kani::unwind(10)]
            #[kani::solver(cadical)]
            fn $name() {
                if let Some(property) = property::named($property) {
                    keeps(Call::$call, property, &Policy::default());
                }
            }
        )+

        /// The harnesses of this file that are about a property.
        #[cfg(test)]
        pub const KEPT: &[Harness] = &[$(Harness {
            name: stringify!($name),
            properties: &[$property],
            mistake: None,
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
        }),+];

        /// The operations that have such a harness.
        #[cfg(test)]
        pub const CALLS: &[Call] = &[$(Call::$call),+];
    };
}

refinements! {
    check_memfd_create_refinement: MemfdCreate;
    check_reopen_refinement: Reopen;
    check_dup_refinement: Dup;
    check_close_refinement: Close;
    check_ftruncate_refinement: Ftruncate;
    check_pread_refinement: Pread;
    check_pwrite_refinement: Pwrite;
    check_add_seals_refinement: AddSeals;
    check_get_seals_refinement: GetSeals;
    check_size_refinement: Size;
    check_mmap_refinement: Mmap;
    check_munmap_refinement: Munmap;
    check_mprotect_refinement: Mprotect;
    check_load_refinement: Load;
    check_store_refinement: Store;
    check_fork_refinement: Fork;
    check_exit_refinement: Exit;
    check_page_refinement: Page;
    check_maps_refinement: Maps;
    check_same_frame_refinement: SameFrame;
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
}
