//! mremap(2).

use core::ops::Range;

use super::{Result, mseal, munmap, populate, vma};
use crate::bounds::PAGES;
use crate::memory::{Memory, Place};
use crate::op::{Address, Cells, RemapFlags};
use crate::outcome::{Errno, Outcome};
use crate::policy::Policy;
use crate::world::{Attributes, Backing, Mapping, Markers, World};

/// The arguments of mremap(2).
#[derive(Clone, Copy)]
pub struct Request {
    pub at: Address,
    pub length: Cells,
    pub new_length: Cells,
    pub flags: RemapFlags,
    pub to: Option<Address>,
}

impl Request {
    /// `MREMAP_FIXED` and `MREMAP_DONTUNMAP` always make a new mapping, at a place of the caller's.
    const fn moves(&self) -> bool {
        self.flags.intersects(RemapFlags::FIXED.union(RemapFlags::DONT_UNMAP))
    }

    const fn keeps_source(&self) -> bool {
        self.flags.contains(RemapFlags::DONT_UNMAP)
    }

    /// The pages that are moved, or resized.
    const fn old(&self) -> Range<usize> {
        let start = self.at.cells().page() as usize;
        start..start + self.length.round_up_to_pages() as usize
    }

    /// How many pages there are to be.
    const fn new_pages(&self) -> usize {
        self.new_length.round_up_to_pages() as usize
    }

    /// Where they are to be, if the caller says so.
    fn target(&self) -> Option<Range<usize>> {
        let start = self.to?.cells().page() as usize;
        Some(start..start + self.new_pages())
    }
}

/// Resizes or moves mappings. Errors are found in this order: what is wrong whatever is mapped
/// (EINVAL), nothing mapped at the address (EFAULT), a seal (EPERM), what this mapping does not allow
/// (EINVAL), a range that is not of one mapping (EFAULT); then no room (ENOMEM).
///
/// Source: mremap(2) ERRORS; mm/mremap.c `check_mremap_params()`, `check_prep_vma()`, `do_mremap()`.
pub fn mremap<M: Memory>(
    world: &mut World<M>,
    process: usize,
    request: &Request,
    policy: &Policy,
) -> Result {
    if request.moves() && request.target().is_none_or(|new| new.end > PAGES) && !is_hint(request) {
        return Ok(Outcome::BeyondBounds);
    }
    is_well_formed(request)?;
    if !policy.mremap_looks_at_the_mapping_before_the_place {
        is_place_well_formed(request)?;
    }
    if request.flags.contains(RemapFlags::FIXED)
        && request.old().len() == request.new_pages()
        && policy.mremap_moves_several_mappings
    {
        return move_all(world, process, request, policy);
    }
    let old = request.old();
    if world.processes[process].mappings[old.start].is_none() {
        return Err(Errno::EFAULT);
    }
    if mseal::forbids(world, process, old.start..old.start + 1) {
        return Err(Errno::EPERM);
    }
    is_place_well_formed(request)?;
    if request.moves() {
        move_one(world, process, request, policy)
    } else if request.new_pages() <= old.len() {
        shrink(world, process, request)
    } else {
        grow(world, process, request, policy)
    }
}

/// Without `MREMAP_FIXED` the place is a hint.
const fn is_hint(request: &Request) -> bool {
    !request.flags.contains(RemapFlags::FIXED) && request.to.is_none()
}

/// A new length of zero, an address inside a page and unknown flags are refused; so is to move without
/// `MREMAP_MAYMOVE`, and to resize with `MREMAP_DONTUNMAP`.
fn is_well_formed(request: &Request) -> core::result::Result<(), Errno> {
    let flags = request.flags;
    if flags.contains(RemapFlags::UNKNOWN)
        || !request.at.cells().is_page_aligned()
        || request.new_pages() == 0
        || request.moves() && !flags.contains(RemapFlags::MAY_MOVE)
        || request.keeps_source() && request.old().len() != request.new_pages()
    {
        return Err(Errno::EINVAL);
    }
    Ok(())
}

/// The new place must not lie inside a page, nor overlap the old one.
fn is_place_well_formed(request: &Request) -> core::result::Result<(), Errno> {
    let (Some(to), Some(new)) = (request.to, request.target()) else {
        return Ok(());
    };
    let old = request.old();
    let overlaps = old.end > new.start && new.end > old.start;
    if request.moves() && (!to.cells().is_page_aligned() || overlaps) {
        return Err(Errno::EINVAL);
    }
    Ok(())
}

/// What of the range must be one mapping is one: all of it, or what is left after shrinking. A length
/// of zero asks for a second mapping of the same pages, which only a shared one can have.
///
/// Whether neighbors that are alike are one mapping for the kernel can be unknown: then nothing is
/// claimed.
///
/// Source: mremap(2) EFAULT, EINVAL; mm/mremap.c `check_prep_vma()`.
fn is_allowed<M>(
    world: &World<M>,
    process: usize,
    request: &Request,
    policy: &Policy,
) -> core::result::Result<(), Outcome> {
    let old = request.old();
    let Some(mapping) = world.processes[process].mappings[old.start] else {
        return Err(Outcome::Error(Errno::EFAULT));
    };
    if old.is_empty() && !mapping.shared || !may_keep_source(request, mapping, policy) {
        return Err(Outcome::Error(Errno::EINVAL));
    }
    let kept = old.start..old.end.min(old.start + request.new_pages());
    match vma::is_one(&world.processes[process], kept) {
        Some(true) => Ok(()),
        Some(false) => Err(Outcome::Error(Errno::EFAULT)),
        None => Err(Outcome::BeyondBounds),
    }
}

/// Whether `MREMAP_DONTUNMAP`, if it is asked for, is for such a mapping.
///
/// Source: mremap(2) `MREMAP_DONTUNMAP`; commit a4609387859f.
fn may_keep_source(request: &Request, mapping: Mapping, policy: &Policy) -> bool {
    !request.keeps_source()
        || mapping.backing == Backing::Anonymous
        || policy.mremap_may_keep_files_mapped
}

/// In place, or not at all: the pages behind the new length are unmapped, whatever they are.
///
/// Source: mremap(2); mm/mremap.c `shrink_vma()`.
fn shrink<M: Memory>(world: &mut World<M>, process: usize, request: &Request) -> Result {
    let old = request.old();
    let rest = old.start + request.new_pages()..old.end;
    if mseal::forbids(world, process, rest.clone()) {
        return Err(Errno::EPERM);
    }
    munmap::unmap(world, process, rest);
    Ok(Outcome::Address(request.at))
}

/// In place if nothing is mapped where the mapping would grow, and it ends with the range; else, with
/// `MREMAP_MAYMOVE`, the kernel moves it out of the arena.
///
/// Source: mremap(2) ENOMEM, `MREMAP_MAYMOVE`; mm/mremap.c `expand_vma()`.
fn grow<M: Memory>(
    world: &mut World<M>,
    process: usize,
    request: &Request,
    policy: &Policy,
) -> Result {
    if let Err(refusal) = is_allowed(world, process, request, policy) {
        return Ok(refusal);
    }
    let old = request.old();
    let end = old.start + request.new_pages();
    let mut wanted = world.processes[process].mappings[..end.min(PAGES)].iter().skip(old.end);
    let is_blocked = old.is_empty() || wanted.any(Option::is_some);
    if is_blocked && !request.flags.contains(RemapFlags::MAY_MOVE) {
        return Err(Errno::ENOMEM);
    }
    if is_blocked {
        return Ok(move_out(world, process, old, request));
    }
    if end > PAGES {
        return Ok(Outcome::BeyondBounds);
    }
    extend(world, process, old.start, old.end..end, old.len());
    vma::mark_edge(&mut world.processes[process], end);
    populate_growth(world, process, old.end..end, policy);
    Ok(Outcome::Address(request.at))
}

/// The range moves out of the arena. If the mapping is locked and grows, pages of its file are faulted in
/// there: nothing is claimed of that.
fn move_out<M: Memory>(
    world: &mut World<M>,
    process: usize,
    old: Range<usize>,
    request: &Request,
) -> Outcome {
    let is_locked_file = world.processes[process].mappings[old.start].is_some_and(|mapping| {
        mapping.attributes.contains(Attributes::LOCKED) && mapping.backing != Backing::Anonymous
    });
    if is_locked_file && request.new_pages() > old.len() {
        return Outcome::BeyondBounds;
    }
    if request.keeps_source() {
        for page in old {
            world.memory.zap(Place { process, page });
            world.processes[process].markers[page] = Markers::EMPTY;
        }
    } else {
        munmap::unmap(world, process, old);
    }
    Outcome::Elsewhere
}

/// Moves what is one mapping, and resizes it. What is mapped at the new place is unmapped first, then
/// what the mapping loses; a seal there is EPERM, after what came before is done.
///
/// Source: mremap(2) `MREMAP_FIXED`, `MREMAP_DONTUNMAP`; mm/mremap.c `mremap_to()`.
fn move_one<M: Memory>(
    world: &mut World<M>,
    process: usize,
    request: &Request,
    policy: &Policy,
) -> Result {
    let allowed = is_allowed(world, process, request, policy);
    match allowed {
        Err(refusal) if refusal == Outcome::BeyondBounds => return Ok(refusal),
        Err(refusal) if policy.mremap_looks_at_its_range_first => return Ok(refusal),
        _ => {}
    }
    let mut old = request.old();
    let fixed = request.flags.contains(RemapFlags::FIXED);
    if request.keeps_source() && !unlock_is_known(world, process, &old, request) {
        return Ok(Outcome::BeyondBounds);
    }
    if let Some(new) = request.target().filter(|_| fixed) {
        if mseal::forbids(world, process, new.clone()) {
            return Err(Errno::EPERM);
        }
        munmap::unmap(world, process, new);
        if world.processes[process].mappings[old.start].is_none() {
            return Err(Errno::EFAULT);
        }
    }
    let kept = old.start + request.new_pages();
    if kept < old.end {
        if mseal::forbids(world, process, kept..old.end) {
            return Err(Errno::EPERM);
        }
        munmap::unmap(world, process, kept..old.end);
        old.end = kept;
    }
    if let Err(refusal) = allowed {
        return Ok(refusal);
    }
    let is_free = |new: &Range<usize>| {
        world.processes[process].mappings[new.clone()].iter().all(Option::is_none)
    };
    match request.target().filter(|new| fixed || is_free(new)) {
        Some(new) => {
            carry(world, process, old.clone(), new.clone(), request);
            populate_growth(world, process, new.start + old.len()..new.end, policy);
            Ok(Outcome::Address(Address::page(new.start as u8)))
        }
        None => {
            unlock(world, process, &old, request);
            Ok(move_out(world, process, old, request))
        }
    }
}

/// Moves whatever is mapped in the range, mapping by mapping; only its start must not be a hole. A hole
/// leaves as it is what is mapped at its place. At a sealed mapping, here or there, it stops with EPERM.
///
/// Source: commit d23cb648e365, Linux 6.17; mm/mremap.c `remap_move()`.
fn move_all<M: Memory>(
    world: &mut World<M>,
    process: usize,
    request: &Request,
    policy: &Policy,
) -> Result {
    let (old, Some(new)) = (request.old(), request.target()) else {
        return Ok(Outcome::BeyondBounds);
    };
    if world.processes[process].mappings[old.start].is_none() {
        return Err(Errno::EFAULT);
    }
    if !is_known(world, process, request, &old, &new) {
        return Ok(Outcome::BeyondBounds);
    }
    let mut start = old.start;
    while start < old.end {
        let end = end_of_mapping(world, process, start..old.end);
        let target = new.start + (start - old.start)..new.start + (end - old.start);
        if let Some(mapping) = world.processes[process].mappings[start] {
            if mseal::forbids(world, process, start..end) {
                return Err(Errno::EPERM);
            }
            if !may_keep_source(request, mapping, policy) {
                return Err(Errno::EINVAL);
            }
            if mseal::forbids(world, process, target.clone()) {
                return Err(Errno::EPERM);
            }
            munmap::unmap(world, process, target.clone());
            carry(world, process, start..end, target, request);
        }
        start = end;
    }
    Ok(Outcome::Address(Address::page(new.start as u8)))
}

/// Where the run of pages ends that may be one mapping, or a hole.
fn end_of_mapping<M>(world: &World<M>, process: usize, pages: Range<usize>) -> usize {
    let process = &world.processes[process];
    let mut end = pages.start + 1;
    while end < pages.end && vma::joint(process, end) != vma::Joint::Apart {
        end += 1;
    }
    end
}

/// Whether it is known how far a move over several mappings comes, and what it unlocks. A mapping moves
/// as a whole or not at all, so that a seal at its new place matters to all of it.
fn is_known<M>(
    world: &World<M>,
    process: usize,
    request: &Request,
    old: &Range<usize>,
    new: &Range<usize>,
) -> bool {
    let state = &world.processes[process];
    let stops = mseal::forbids(world, process, new.clone());
    let is_unclear = |page: usize| vma::joint(state, page) == vma::Joint::Unknown;
    !(stops && old.clone().skip(1).any(is_unclear))
        && (!request.keeps_source() || unlock_is_known(world, process, old, request))
}

/// The mapping moves, with its pages and what else the page table holds; where it grows, it goes on. Of
/// nothing a second mapping is made.
///
/// Source: mm/mremap.c `copy_vma_and_data()`, `move_ptes()`.
fn carry<M: Memory>(
    world: &mut World<M>,
    process: usize,
    old: Range<usize>,
    new: Range<usize>,
    request: &Request,
) {
    extend(world, process, old.start, new.clone(), 0);
    for (page, to) in old.clone().zip(new.clone()) {
        world.processes[process].mappings[to] = world.processes[process].mappings[page];
        world.memory.move_page(Place { process, page }, Place { process, page: to });
        let markers = &mut world.processes[process].markers;
        markers[to] = core::mem::take(&mut markers[page]);
    }
    if request.keeps_source() {
        unlock(world, process, &old, request);
    } else {
        munmap::unmap(world, process, old);
    }
    vma::mark_edges(&mut world.processes[process], new);
}

/// The mapping of the page `first` goes on in the range, as far into its file as the range lies from
/// the start of the new mapping.
fn extend<M>(
    world: &mut World<M>,
    process: usize,
    first: usize,
    pages: Range<usize>,
    distance: usize,
) {
    let mappings = &mut world.processes[process].mappings;
    if let Some(mut start) = mappings[first] {
        start.attributes = start.attributes.without(Attributes::AFTER_EDGE);
        for (further, page) in pages.enumerate() {
            mappings[page] = Some(start.advanced((distance + further) as u8));
        }
    }
}

/// What is left behind by `MREMAP_DONTUNMAP` is not locked any more: all of the mapping, even if only
/// part of it has moved.
///
/// Source: mm/mremap.c `dontunmap_complete()`.
fn unlock<M>(world: &mut World<M>, process: usize, old: &Range<usize>, request: &Request) {
    if !request.keeps_source() {
        return;
    }
    let process = &mut world.processes[process];
    let pages = vma::around(process, old.clone()).unwrap_or(old.clone());
    for mapping in process.mappings[pages].iter_mut().flatten() {
        mapping.attributes = mapping.attributes.without(Attributes::LOCKS);
    }
}

/// Whether it is known how much [`unlock`] unlocks. If the new place touches the mapping, the kernel
/// may merge the two, and unlock both.
fn unlock_is_known<M>(
    world: &World<M>,
    process: usize,
    old: &Range<usize>,
    request: &Request,
) -> bool {
    let state = &world.processes[process];
    let mut mappings = state.mappings[old.clone()].iter().flatten();
    if !mappings.any(|mapping| mapping.attributes.contains(Attributes::LOCKED)) {
        return true;
    }
    let touches = |around: Range<usize>| {
        request.target().is_some_and(|new| new.end >= around.start && around.end >= new.start)
    };
    vma::around(state, old.clone()).is_some_and(|around| !touches(around))
}

/// Locked memory that grows is faulted in; that some page cannot be is no error.
///
/// Source: mm/mremap.c `do_mremap()`, `populate_expand`.
fn populate_growth<M: Memory>(
    world: &mut World<M>,
    process: usize,
    pages: Range<usize>,
    policy: &Policy,
) {
    let is_locked = |page: usize| {
        let mapping = world.processes[process].mappings[page];
        mapping.is_some_and(|mapping| mapping.attributes.contains(Attributes::LOCKED))
    };
    if pages.clone().all(is_locked) {
        populate::populate(world, process, pages, policy);
    }
}
