//! Every property can fail: for each a policy with a mistake, under which some step violates it.

use mapspec_model::op::Call;
use mapspec_model::property;

use crate::check::{Harness, keeps, mistaken, refines, right};

macro_rules! refuted {
    ($($name:ident: $call:ident violates $property:literal with $mistake:literal $(under $proposal:literal)?;)+) => {
        $(
            #[kani::proof]
            #[kani::should_panic]
            #[kani::unwind(10)]
            #[kani::solver(cadical)]
            fn $name() {
                if let Some(property) = property::named($property) {
                    let right = right(&[$($proposal)?]);
                    keeps(Call::$call, property, &right, &mistaken(&right, $mistake));
                }
            }
        )+

        /// The harnesses of this file that are about a property.
        #[cfg(test)]
        pub const REFUTED: &[Harness] = &[$(Harness {
            name: stringify!($name),
            properties: &[$property],
            mistake: Some($mistake),
            proposal: <[&str]>::first(&[$($proposal)?]).copied(),
        }),+];
    };
}

#[kani::proof]
#[kani::should_panic]
#[kani::unwind(10)]
#[kani::solver(cadical)]
fn refute_store_refinement() {
    refines(Call::Store, &mistaken(&right(&[]), "copy_on_write_ignores_other_owners"));
}

/// The harness of this file that is about both memories.
#[cfg(test)]
pub const REFUTED_REFINEMENT: Harness = Harness {
    name: "refute_store_refinement",
    properties: &["copy-on-write-is-invisible"],
    mistake: Some("copy_on_write_ignores_other_owners"),
    proposal: None,
};

refuted! {
    refute_fork_invariant: Fork violates "the-invariant-is-kept" with "fork_does_not_write_protect";
    refute_mmap_failure: Mmap violates "failure-changes-nothing" with "refused_mmap_removes_old_mapping";
    refute_store_files: Store violates "a-private-store-spares-files" with "private_store_reaches_the_file";
    refute_store_others: Store violates "a-private-store-spares-others" with "copy_on_write_ignores_other_owners";
    refute_store_pin: Store violates "a-pin-of-private-memory-is-reliable" with "copy_on_write_counts_references";
    refute_store_pins_of_others: Store violates "a-private-store-spares-pins-of-others" with "copy_on_write_ignores_pins";
    refute_store_shared: Store violates "a-shared-store-is-seen" with "shared_store_stays_private";
    refute_store_zero_page: Store violates "the-zero-page-is-not-written" with "zero_page_swallows_stores";
    refute_fork_copies: Fork violates "fork-copies" with "fork_forgets_private_pages";
    refute_mmap_no_replace: Mmap violates "noreplace-keeps-what-is-there" with "no_replace_is_ignored";
    refute_load_sigbus: Load violates "sigbus-exactly-past-the-end" with "pages_past_end_are_accessible";
    refute_ftruncate_private_copies: Ftruncate violates "truncate-drops-private-copies" with "truncate_keeps_private_copies";
    refute_fallocate_private_copies: Fallocate violates "punching-keeps-private-copies" with "punch_drops_private_copies";
    refute_ftruncate_cut: Ftruncate violates "truncate-loses-what-it-cuts" with "truncate_keeps_tail";
    refute_ftruncate_growth: Ftruncate violates "growth-reads-zero" with "bytes_past_end_survive_growth";
    refute_mmap_read_only_descriptor: Mmap violates "a-read-only-descriptor-never-writes" with "read_only_descriptor_may_write";
    refute_add_seals_seals: AddSeals violates "seals-only-grow" with "adding_seals_replaces_them";
    refute_add_seals_frozen_seals: AddSeals violates "f-seal-seal-freezes-seals" with "seal_seal_does_not_bind";
    refute_ftruncate_shrink_seal: Ftruncate violates "f-seal-shrink-keeps-the-size" with "shrink_seal_does_not_bind";
    refute_pwrite_grow_seal: Pwrite violates "f-seal-grow-keeps-the-size" with "grow_seal_does_not_bind_writes";
    refute_add_seals_write_seal: AddSeals violates "f-seal-write-leaves-no-writer" with "write_seal_ignores_mappings";
    refute_ftruncate_sealed_content: Ftruncate violates "sealed-content-never-changes" with "shrink_seal_does_not_bind";
    refute_store_no_sigbus: Store violates "no-sigbus-where-it-is-not-wanted" with "nosigbus_is_for_loads" under "nosigbus-private";
    refute_pwrite_past_end: Pwrite violates "growth-spares-what-was-past-the-end" with "nosigbus_follows_growth" under "nosigbus-private";
    refute_mmap_future_write: Mmap violates "f-seal-future-write-allows-no-new-writer" with "future_write_seal_does_not_bind";
    refute_uffd_writeprotect_markers: UffdWriteprotect violates "markers-are-of-one-process" with "write_protection_is_of_the_file";
}
