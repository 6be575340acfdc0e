//! `/proc/self/clear_refs`, and the soft-dirty bits that it clears.

use core::ops::Range;

use super::{Result, pin, vma};
use crate::bounds::{PAGES, PROCESSES};
use crate::memory::{Memory, Place, SoftDirty};
use crate::op::{Address, Op};
use crate::outcome::{Answers, Outcome};
use crate::world::{Attributes, Markers, World};

// ANCHOR: clear_refs
/// No page of the process is soft-dirty from now on, and each is write-protected, so that the next
/// store to it is noticed. Private pages that are pinned are left as they are: that store could
/// take them from whoever has pinned them. While something is pinned, which private pages have
/// kept their bits is not determined.
///
/// Source: proc_pid_clear_refs(5) "4"; fs/proc/task_mmu.c `clear_refs_write()`,
/// `clear_soft_dirty()`, `pte_is_pinned()`; commit 9348b73c2e1b.
pub fn clear_refs<M: Memory>(world: &mut World<M>, process: usize) -> Result {
    let may_be_pinned = pin::is_memory_pinned(world);
    for page in 0..PAGES {
        let place = Place { process, page };
        let Some(mapping) = world.processes[process].mappings[page] else { continue };
        if !world.memory.is_pinned_at(place) {
            world.memory.write_protect(place);
        }
        let mut soft_dirty = SoftDirty::CLEARED;
        if may_be_pinned && !mapping.shared {
            soft_dirty.set_entry(Answers::ALL);
        }
        world.memory.entries_mut().set_soft_dirty(place, soft_dirty);
    }
    Ok(Outcome::Success)
}
// ANCHOR_END: clear_refs

// ANCHOR: soft_dirty
/// Whether a page was written through this mapping since the process cleared the bits, or its
/// mapping was made since then. What others write to its file does not count, nor does what write(2)
/// does; what is unmapped, by whatever call, is clean again.
///
/// What KSM merges or gives back, what was freed lazily, and what an emulation puts past the end of
/// a file may be either.
///
/// Source: proc_pid_pagemap(5) bit 55; Documentation/admin-guide/mm/soft-dirty.rst; mm/ksm.c
/// `replace_page()`.
pub fn soft_dirty<M: Memory>(world: &World<M>, process: usize, at: Address) -> Result {
    let Some((place, mapping)) = world.mapped(process, at) else {
        return Ok(Outcome::Answer(Answers::NO));
    };
    let known = world.memory.entries().soft_dirty(place);
    let is_replaced =
        mapping.attributes.intersects(Attributes::MERGEABLE.union(Attributes::NO_SIGBUS));
    let may_be_gone = world.memory.may_be_zero(place, 0);
    let answers = known.answers();
    Ok(Outcome::Answer(if known.is_new() {
        answers
    } else if is_replaced {
        Answers::ALL
    } else if may_be_gone {
        answers | Answers::NO
    } else {
        answers
    }))
}
// ANCHOR_END: soft_dirty

/// Nobody has cleared the bits of what is mapped in the range from now on.
pub fn forget<M: Memory>(world: &mut World<M>, process: usize, pages: Range<usize>) {
    for page in pages {
        world.memory.entries_mut().set_soft_dirty(Place { process, page }, SoftDirty::NEW);
    }
}

/// The page at a place is one of the same mapping as that of another, or of its copy in a child.
pub fn inherit<M: Memory>(world: &mut World<M>, from: Place, to: Place) {
    let entries = world.memory.entries_mut();
    let soft_dirty = SoftDirty::CLEARED.in_mapping_of(entries.soft_dirty(from));
    entries.set_soft_dirty(to, soft_dirty);
}

/// A marker that has moved has the bit, if it still is one.
///
/// Source: mm/mremap.c `move_ptes()`.
pub fn move_marker<M: Memory>(world: &mut World<M>, place: Place) {
    if world.processes[place.process].markers[place.page] != Markers::EMPTY {
        world.memory.entries_mut().doubt_soft_dirty(place);
    }
}

// ANCHOR: merge
/// Where VMAs may be merged after a call that changes some, one of the two decides for both whether
/// the mapping is soft-dirty. On 5.10 to 6.12 it is the one that the call changes, so that memory
/// which was mapped since may pass for clean; on 7.2 it is the one that has the bit. Which ones are
/// merged is not determined.
///
/// Source: mm/vma.c `is_mergeable_vma()`, "VM_SOFTDIRTY should not prevent from VMA merging", "the
/// caller should mark merged VMA as dirty"; mm/mprotect.c `mprotect_fixup()`.
pub fn merge<M: Memory>(world: &mut World<M>, process: usize) {
    let is_new = |page| world.memory.entries().soft_dirty(Place { process, page }).is_new();
    if (0..PAGES).all(is_new) {
        return;
    }
    let mut start = 0;
    while start < PAGES {
        let mut end = start + 1;
        while end < PAGES && may_be_one(world, process, end) {
            end += 1;
        }
        let known = |page| world.memory.entries().soft_dirty(Place { process, page });
        if !(start..end).all(|page| known(page).has_mapping_of(known(start))) {
            for page in start..end {
                let place = Place { process, page };
                let merged = world.memory.entries().soft_dirty(place).merged();
                world.memory.entries_mut().set_soft_dirty(place, merged);
            }
        }
        start = end;
    }
}
// ANCHOR_END: merge

fn may_be_one<M>(world: &World<M>, process: usize, page: usize) -> bool {
    let mappings = &world.processes[process].mappings;
    match (mappings[page - 1], mappings[page]) {
        (Some(before), Some(mapping)) => vma::is_continued(before, mapping),
        _ => false,
    }
}

/// New mappings are soft-dirty, and so is what they are merged with.
///
/// Source: mm/vma.c `mmap_region()`, "New (or expanded) vma always get soft dirty status".
pub fn make<M: Memory>(world: &mut World<M>, process: usize, pages: Range<usize>) {
    merge(world, process);
    forget(world, process, pages);
}

/// After an operation that may have changed mappings without making new ones.
pub fn after<M: Memory>(world: &mut World<M>, op: &Op) {
    let may_merge = matches!(
        *op,
        Op::Madvise { .. }
            | Op::Mprotect { .. }
            | Op::Mremap { .. }
            | Op::Mlock { .. }
            | Op::Mlock2 { .. }
            | Op::Munlock { .. }
            | Op::Munlockall {}
            | Op::Mseal { .. }
            | Op::UffdRegister { .. }
            | Op::UffdUnregister { .. }
            | Op::UffdClose { .. }
            | Op::Exit {}
    );
    if may_merge {
        (0..PROCESSES).for_each(|process| merge(world, process));
    }
}
