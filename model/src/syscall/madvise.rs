//! madvise(2): which advice there is, over what it goes, and who refuses it. What it does is in a
//! file for each kind: [`populate`], [`advice`](super::advice).

use super::{Result, advice, munmap, populate, vma};
use crate::bounds::{CELLS, FILE_PAGES};
use crate::memory::{Memory, Place};
use crate::op::{Address, Advice, Cells, Protection};
use crate::outcome::{Errno, Outcome};
use crate::policy::Policy;
use crate::world::{Attributes, Backing, Mapping, World};

// ANCHOR: madvise
/// Goes over the range mapping by mapping. An unknown advice and an address inside a page are
/// EINVAL; no length is a success, wherever it points. The first mapping that refuses ends the
/// call, and what came before stays done; holes are passed over, and in the end they are ENOMEM.
///
/// Source: madvise(2) EINVAL, ENOMEM; mm/madvise.c
/// `is_valid_madvise()`, `madvise_walk_vmas()`.
pub fn madvise<M: Memory>(
    world: &mut World<M>,
    process: usize,
    at: Address,
    length: Cells,
    advice: Advice,
    policy: &Policy,
) -> Result {
    if !is_known(advice, policy) || !at.cells().is_page_aligned() {
        return Err(Errno::EINVAL);
    }
    let is_populate = matches!(advice, Advice::PopulateRead | Advice::PopulateWrite);
    let pages = munmap::pages(at, length);
    let is_allowed = |page: &usize| {
        let mapping = world.processes[process].mappings[*page];
        mapping.is_none_or(|mapping| allow(&mapping, advice).is_ok())
    };
    let may_lose = |page| advice == Advice::PageOut && may_be_taken_back(world, process, page);
    if pages.clone().take_while(is_allowed).any(may_lose) {
        return Ok(Outcome::BeyondBounds);
    }
    if leaves_note(advice) {
        vma::mark_edges(&mut world.processes[process], pages.clone());
    }
    let mut has_hole = false;
    for page in pages {
        let place = Place { process, page };
        match world.processes[process].mappings[page] {
            None if is_populate && !policy.populate_passes_over_holes => {
                return Err(Errno::ENOMEM);
            }
            None => has_hole = true,
            Some(mapping) if is_populate => {
                populate::on_advice(
                    world,
                    place,
                    mapping,
                    advice == Advice::PopulateWrite,
                    policy,
                )?;
            }
            Some(mapping) => {
                allow(&mapping, advice)?;
                advice::advise(world, place, mapping, advice, policy)?;
            }
        }
    }
    if has_hole { Err(Errno::ENOMEM) } else { Ok(Outcome::Success) }
}
// ANCHOR_END: madvise

/// Whether paging out may leave a hole in a file of tmpfs: its page is there, but nobody has
/// written it. Whether the kernel takes it back is its own choice, which mincore(2) and splice(2)
/// show; nothing is claimed of that.
///
/// Source: mm/vmscan.c `shrink_folio_list()`, `__remove_mapping()` of a clean folio.
fn may_be_taken_back<M: Memory>(world: &World<M>, process: usize, page: usize) -> bool {
    let backing = world.processes[process].mappings[page].map(|mapping| mapping.backing);
    let Some(Backing::File { file, page }) = backing else { return false };
    let page = page as usize;
    world.files[file].backing.allocates_pages()
        && page < FILE_PAGES
        && world.memory.has_file_page(file, page)
        && (0..CELLS).all(|cell| world.memory.read_file(file, page, cell) == 0)
}

/// Whether the advice is noted in the mapping, which divides it at the edges of the range.
const fn leaves_note(advice: Advice) -> bool {
    matches!(
        advice,
        Advice::DontFork
            | Advice::DoFork
            | Advice::WipeOnFork
            | Advice::KeepOnFork
            | Advice::Normal
            | Advice::Random
            | Advice::Sequential
            | Advice::Mergeable
            | Advice::Unmergeable
            | Advice::HugePage
            | Advice::NoHugePage
    )
}

/// Whether this kernel knows the advice.
///
/// Source: mm/madvise.c `madvise_behavior_valid()`.
const fn is_known(advice: Advice, policy: &Policy) -> bool {
    match advice {
        Advice::Unknown => false,
        Advice::DontNeedLocked => policy.dontneed_locked_exists,
        Advice::PopulateRead | Advice::PopulateWrite => policy.populate_exists,
        Advice::GuardInstall | Advice::GuardRemove => policy.guards_exist,
        Advice::Mergeable | Advice::Unmergeable => policy.page_merging_exists,
        Advice::HugePage | Advice::NoHugePage => policy.huge_pages_exist,
        Advice::Collapse => policy.huge_pages_exist && policy.collapse_exists,
        _ => true,
    }
}

// ANCHOR: allow
/// Sealed anonymous memory that cannot be written cannot be thrown away either: EPERM. Locked
/// memory is not thrown away, or aged, unless the advice says that it knows: EINVAL.
///
/// Source: mseal(2); madvise(2) EINVAL; mm/madvise.c `can_madvise_modify()`,
/// `madvise_dontneed_free_valid_vma()`, `can_madv_lru_vma()`, `madvise_remove()`,
/// `is_valid_guard_vma()`.
fn allow(mapping: &Mapping, advice: Advice) -> core::result::Result<(), Errno> {
    let throws_away = matches!(
        advice,
        Advice::DontNeed
            | Advice::DontNeedLocked
            | Advice::Free
            | Advice::Remove
            | Advice::DontFork
            | Advice::WipeOnFork
            | Advice::GuardInstall
    );
    let sealed = mapping.attributes.contains(Attributes::SEALED);
    let writes = mapping.protection.contains(Protection::WRITE);
    if throws_away && sealed && mapping.backing == Backing::Anonymous && !writes {
        return Err(Errno::EPERM);
    }
    let heeds_locks = matches!(
        advice,
        Advice::DontNeed
            | Advice::Free
            | Advice::Remove
            | Advice::GuardInstall
            | Advice::Cold
            | Advice::PageOut
    );
    let locked = Attributes::LOCKED.union(Attributes::LOCKED_ON_FAULT);
    if heeds_locks && mapping.attributes.intersects(locked) {
        return Err(Errno::EINVAL);
    }
    Ok(())
}
// ANCHOR_END: allow
