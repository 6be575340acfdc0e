//! What advice does to one page of a mapping that may be so advised.

use super::fallocate;
use crate::bounds::CELLS;
use crate::memory::{Memory, Place, Presence};
use crate::op::{Advice, Protection};
use crate::outcome::Errno;
use crate::policy::Policy;
use crate::world::{Attributes, Backing, Mapping, Markers, World};

/// Most advice of [`Advice`] is a note in the mapping, or none that anybody can see: what is cold
/// is paged out, and what is paged out is there again when it is accessed, unless it can be
/// dropped.
///
/// Source: madvise(2); mmap(2) `MAP_DROPPABLE`; mm/madvise.c `madvise_vma_behavior()`.
pub fn advise<M: Memory>(
    world: &mut World<M>,
    place: Place,
    mapping: Mapping,
    advice: Advice,
    policy: &Policy,
) -> Result<(), Errno> {
    match advice {
        Advice::DontNeed | Advice::DontNeedLocked => dont_need(world, place, mapping, policy),
        Advice::Free => free(world, place, mapping)?,
        Advice::PageOut if mapping.attributes.contains(Attributes::DROPPABLE) => {
            world.memory.free_lazily(place);
        }
        Advice::PageOut => page_out(world, place, mapping),
        Advice::Remove => remove(world, mapping, policy)?,
        Advice::GuardInstall => install_guard(world, place, mapping, policy)?,
        Advice::GuardRemove => remove_guard(world, place, mapping, policy)?,
        Advice::Collapse => return Err(Errno::EINVAL),
        _ => {
            let attributes = noted(mapping, advice, policy)?;
            if mapping.attributes.union(attributes).contains(Attributes::MERGEABLE) {
                world.memory.entries_mut().doubt_soft_dirty(place);
            }
            world.processes[place.process].mappings[place.page] =
                Some(Mapping { attributes, ..mapping });
        }
    }
    Ok(())
}

/// What the mapping is after advice that is noted there. `MADV_WIPEONFORK` is for private anonymous
/// memory only, and droppable memory cannot be kept on fork; KSM is for private memory that cannot
/// be dropped. Noted or not, advice to merge pages or to make them huge is a success.
///
/// There is no room for a huge page in the arena: `MADV_COLLAPSE` is EINVAL for mappings that do
/// not reach across an aligned huge page.
///
/// Source: madvise(2) EINVAL, EBADF; mm/madvise.c `madvise_vma_behavior()`, `madvise_willneed()`;
/// mm/ksm.c `vma_ksm_compatible()`; mm/khugepaged.c `hugepage_madvise()`, `madvise_collapse()`.
fn noted(mapping: Mapping, advice: Advice, policy: &Policy) -> Result<Attributes, Errno> {
    let is_anonymous = mapping.backing == Backing::Anonymous;
    let is_droppable = mapping.attributes.contains(Attributes::DROPPABLE);
    let is_of_device = mapping.attributes.contains(Attributes::OF_DEVICE);
    let (random, sequential) = (Attributes::RANDOM, Attributes::SEQUENTIAL);
    let (huge, not_huge) = (Attributes::HUGE, Attributes::NOT_HUGE);
    let none = Attributes::EMPTY;
    let (removed, added) = match advice {
        Advice::DontFork => (none, Attributes::NOT_FORKED),
        Advice::DoFork => (Attributes::NOT_FORKED, none),
        Advice::WipeOnFork if !is_anonymous || is_of_device => return Err(Errno::EINVAL),
        Advice::WipeOnFork => (none, Attributes::WIPED_ON_FORK),
        Advice::KeepOnFork if is_droppable => return Err(Errno::EINVAL),
        Advice::KeepOnFork => (Attributes::WIPED_ON_FORK, none),
        Advice::WillNeed if is_anonymous && policy.willneed_needs_a_file => {
            return Err(Errno::EBADF);
        }
        Advice::Normal => (random | sequential, none),
        Advice::Random => (sequential, random),
        Advice::Sequential => (random, sequential),
        Advice::Mergeable if !mapping.shared && !is_droppable => (none, Attributes::MERGEABLE),
        Advice::Unmergeable => (Attributes::MERGEABLE, none),
        Advice::HugePage => (not_huge, huge),
        Advice::NoHugePage => (huge, not_huge),
        _ => (none, none),
    };
    Ok(mapping.attributes.without(removed) | added)
}

// ANCHOR: dont_need
/// The page is unmapped: anonymous memory reads zero again, a private page of a file shows the file
/// again, a shared one loses nothing. A guard stays, and so does a userfaultfd's write protection
/// of a file's page, but not poison.
///
/// Source: madvise(2) `MADV_DONTNEED`; mm/madvise.c `madvise_dontneed_single_vma()`, mm/memory.c
/// `zap_nonpresent_ptes()`, `zap_drop_markers()`, `zap_install_uffd_wp_if_needed()`.
fn dont_need<M: Memory>(world: &mut World<M>, place: Place, mapping: Mapping, policy: &Policy) {
    let lost = match mapping.backing {
        Backing::Anonymous => Markers::POISONED | Markers::WRITE_PROTECTED,
        Backing::File { .. } => Markers::POISONED,
    };
    let markers = &mut world.processes[place.process].markers[place.page];
    *markers = markers.without(lost);
    if !policy.dontneed_keeps_private_memory {
        world.memory.zap(place);
    }
    if policy.dontneed_removes_guards {
        world.processes[place.process].markers[place.page] = Markers::EMPTY;
    }
}
// ANCHOR_END: dont_need

/// A page of a file may be unmapped; it is there again when it is accessed. The zero page stays,
/// and so does an own copy, as far as anybody can tell.
///
/// Source: madvise(2) `MADV_PAGEOUT`; mm/madvise.c `madvise_cold_or_pageout_pte_range()`,
/// `vm_normal_folio()`; mm/vmscan.c `shrink_folio_list()`, `try_to_unmap()`.
fn page_out<M: Memory>(world: &mut World<M>, place: Place, mapping: Mapping) {
    let is_of_file = mapping.backing != Backing::Anonymous && !world.memory.has_own_copy(place);
    if is_of_file && world.memory.presence(place) == Presence::Present {
        world.memory.set_presence(place, Presence::Unknown);
    }
}

/// Private anonymous memory, and no other, may lose its content at any moment from now on, until it
/// is written again: a load finds the old value or zero.
///
/// Source: madvise(2) `MADV_FREE`; mm/madvise.c `madvise_free_single_vma()`.
fn free<M: Memory>(world: &mut World<M>, place: Place, mapping: Mapping) -> Result<(), Errno> {
    if mapping.backing != Backing::Anonymous {
        return Err(Errno::EINVAL);
    }
    world.memory.free_lazily(place);
    Ok(())
}

// ANCHOR: remove
/// Punches a hole into the file, through a shared mapping that may ever write it; the protection of
/// the moment does not matter, but to old kernels. Private copies of the page, whoever has them,
/// stay. A file that is sealed against writing refuses.
///
/// Source: madvise(2) `MADV_REMOVE`, EACCES, EINVAL; fcntl(2) `F_SEAL_FUTURE_WRITE`; mm/madvise.c
/// `madvise_remove()`; mm/shmem.c `shmem_fallocate()`, `unmap_mapping_range()` without `even_cows`.
fn remove<M: Memory>(world: &mut World<M>, mapping: Mapping, policy: &Policy) -> Result<(), Errno> {
    let Backing::File { file, page } = mapping.backing else {
        let is_of_device = mapping.attributes.contains(Attributes::OF_DEVICE);
        return Err(if is_of_device { Errno::EACCES } else { Errno::EINVAL });
    };
    let writes = mapping.protection.contains(Protection::WRITE);
    if !mapping.shared || !mapping.may_write || policy.remove_looks_at_protection && !writes {
        return Err(Errno::EACCES);
    }
    let start = page as usize * CELLS;
    fallocate::punch(world, file, start..start + CELLS, policy).map(|_| ())
}
// ANCHOR_END: remove

/// The page's content is lost, and every access to it is refused, until the guard is removed.
///
/// Source: madvise(2) `MADV_GUARD_INSTALL`; mm/madvise.c `madvise_guard_install()`,
/// `is_valid_guard_vma()`.
fn install_guard<M: Memory>(
    world: &mut World<M>,
    place: Place,
    mapping: Mapping,
    policy: &Policy,
) -> Result<(), Errno> {
    may_be_guarded(mapping, policy)?;
    world.memory.zap(place);
    let process = &mut world.processes[place.process];
    process.markers[place.page] = process.markers[place.page].union(Markers::GUARD);
    process.guards_shared_memory |= mapping.shared;
    Ok(())
}

/// What was guarded is fresh; other pages stay as they are.
///
/// Source: madvise(2) `MADV_GUARD_REMOVE`; mm/madvise.c `madvise_guard_remove()`.
fn remove_guard<M>(
    world: &mut World<M>,
    place: Place,
    mapping: Mapping,
    policy: &Policy,
) -> Result<(), Errno> {
    may_be_guarded(mapping, policy)?;
    let markers = &mut world.processes[place.process].markers[place.page];
    *markers = markers.without(Markers::GUARD);
    Ok(())
}

/// At first guards were for private anonymous memory.
///
/// Source: madvise(2) `MADV_GUARD_INSTALL`; mm/madvise.c `is_valid_guard_vma()`, Linux 6.13 and
/// 6.15.
fn may_be_guarded(mapping: Mapping, policy: &Policy) -> Result<(), Errno> {
    if policy.guards_are_for_anonymous_memory_only && mapping.backing != Backing::Anonymous {
        return Err(Errno::EINVAL);
    }
    Ok(())
}
