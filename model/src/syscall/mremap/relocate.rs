//! Mappings that move.

use core::ops::Range;

use super::{Request, dontunmap, is_allowed, resize};
use crate::memory::{Memory, Place};
use crate::op::{Address, RemapFlags};
use crate::outcome::{Errno, Outcome};
use crate::policy::Policy;
use crate::syscall::{Result, mseal, munmap, soft_dirty, vma};
use crate::world::{Attributes, Backing, Mapping, Markers, World};

/// Moves what is one mapping, and resizes it. What is mapped at the new place is unmapped first,
/// then what the mapping loses; a seal there is EPERM, after what came before is done.
///
/// Source: mremap(2) `MREMAP_FIXED`, `MREMAP_DONTUNMAP`; mm/mremap.c `mremap_to()`.
pub fn move_one<M: Memory>(
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
    if request.keeps_source() && !dontunmap::unlock_is_known(world, process, &old, request) {
        return Ok(Outcome::BeyondBounds);
    }
    if let Some(new) = request.target().filter(|_| fixed) {
        if mseal::forbids(world, process, new.clone()) {
            return Err(Errno::EPERM);
        }
        munmap::unmap(world, process, new);
    }
    let kept = old.start + request.new_pages();
    if kept < old.end {
        if mseal::forbids(world, process, kept..old.end) {
            return Err(Errno::EPERM);
        }
        munmap::unmap(world, process, kept..old.end);
        old.end = kept;
    }
    if world.processes[process].mappings[old.start].is_none() {
        return Err(Errno::EFAULT);
    }
    if let Err(refusal) = allowed {
        return Ok(refusal);
    }
    let is_free = |new: &Range<usize>| {
        world.processes[process].mappings[new.clone()].iter().all(Option::is_none)
    };
    match request.target().filter(|new| fixed || is_free(new)) {
        Some(new) => {
            carry(world, process, [old.clone(), new.clone()], request, policy);
            resize::populate_growth(world, process, new.start + old.len()..new.end, policy);
            Ok(Outcome::Address(Address::page(new.start as u8)))
        }
        None => {
            dontunmap::unlock(world, process, &old, policy);
            Ok(move_out(world, process, old, request))
        }
    }
}

/// Moves whatever is mapped in the range, mapping by mapping; only its start must not be a hole. A
/// hole leaves as it is what is mapped at its place. At a sealed mapping, here or there, it stops
/// with EPERM, and at one of a device, beside others, with EFAULT.
///
/// Source: commit d23cb648e365, Linux 6.17; mm/mremap.c `remap_move()`, `vma_multi_allowed()`.
pub fn move_all<M: Memory>(
    world: &mut World<M>,
    process: usize,
    request: &Request,
    new: Range<usize>,
    policy: &Policy,
) -> Result {
    let old = request.old();
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
            if mapping.attributes.contains(Attributes::OF_DEVICE)
                && (start > old.start || end < old.end)
            {
                return Err(Errno::EFAULT);
            }
            if mseal::forbids(world, process, start..end) {
                return Err(Errno::EPERM);
            }
            if !dontunmap::is_for(request, mapping, policy) {
                return Err(Errno::EINVAL);
            }
            if mseal::forbids(world, process, target.clone()) {
                return Err(Errno::EPERM);
            }
            munmap::unmap(world, process, target.clone());
            carry(world, process, [start..end, target], request, policy);
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

/// Whether it is known how far a move over several mappings comes, and what it unlocks. A mapping
/// moves as a whole or not at all, so that a seal at its new place matters to all of it, and one of
/// a device only alone.
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
    let of_device = |mapping: &Mapping| mapping.attributes.contains(Attributes::OF_DEVICE);
    let has_device = state.mappings[old.clone()].iter().flatten().any(of_device);
    !((stops || has_device) && old.clone().skip(1).any(is_unclear))
        && (!request.keeps_source() || dontunmap::unlock_is_known(world, process, old, request))
}

// ANCHOR: carry
/// The mapping moves, with its pages and what else the page table holds; where it grows, it goes
/// on. Of nothing a second mapping is made.
///
/// Source: mm/mremap.c `copy_vma_and_data()`, `move_ptes()`.
fn carry<M: Memory>(
    world: &mut World<M>,
    process: usize,
    [old, new]: [Range<usize>; 2],
    request: &Request,
    policy: &Policy,
) {
    resize::extend(world, process, old.start, new.clone(), 0);
    for (page, to) in old.clone().zip(new.clone()) {
        world.processes[process].mappings[to] = world.processes[process].mappings[page];
        soft_dirty::inherit(world, Place { process, page }, Place { process, page: to });
        world.memory.move_page(Place { process, page }, Place { process, page: to });
        let markers = &mut world.processes[process].markers;
        markers[to] = core::mem::take(&mut markers[page]);
        soft_dirty::move_marker(world, Place { process, page: to });
    }
    if request.keeps_source() {
        dontunmap::unlock(world, process, &old, policy);
    } else {
        munmap::unmap(world, process, old);
    }
    vma::mark_edges(&mut world.processes[process], new);
}
// ANCHOR_END: carry

/// The range moves out of the arena. If the mapping is locked and grows, pages of its file are
/// faulted in there: nothing is claimed of that.
pub fn move_out<M: Memory>(
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
