//! A mapping that shrinks or grows where it is.

use core::ops::Range;

use super::{Request, is_allowed, relocate};
use crate::bounds::PAGES;
use crate::memory::{Memory, Place};
use crate::op::RemapFlags;
use crate::outcome::{Errno, Outcome};
use crate::policy::Policy;
use crate::syscall::{Result, mseal, munmap, populate, soft_dirty, vma};
use crate::world::{Attributes, World};

/// In place, or not at all: the pages behind the new length are unmapped, whatever they are.
///
/// Source: mremap(2); mm/mremap.c `shrink_vma()`.
pub fn shrink<M: Memory>(world: &mut World<M>, process: usize, request: &Request) -> Result {
    let old = request.old();
    let rest = old.start + request.new_pages()..old.end;
    if mseal::forbids(world, process, rest.clone()) {
        return Err(Errno::EPERM);
    }
    munmap::unmap(world, process, rest);
    Ok(Outcome::Address(request.at))
}

/// In place if nothing is mapped where the mapping would grow, and it ends with the range; else,
/// with `MREMAP_MAYMOVE`, the kernel moves it out of the arena.
///
/// Source: mremap(2) ENOMEM, `MREMAP_MAYMOVE`; mm/mremap.c `expand_vma()`.
pub fn grow<M: Memory>(
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
        return Ok(relocate::move_out(world, process, old, request));
    }
    if end > PAGES {
        return Ok(Outcome::BeyondBounds);
    }
    extend(world, process, old.start, old.end..end, old.len());
    vma::mark_edge(&mut world.processes[process], end);
    populate_growth(world, process, old.end..end, policy);
    Ok(Outcome::Address(request.at))
}

/// The mapping of the page `first` goes on in the range, as far into its file as the range lies
/// from the start of the new mapping.
pub fn extend<M: Memory>(
    world: &mut World<M>,
    process: usize,
    first: usize,
    pages: Range<usize>,
    distance: usize,
) {
    let start = world.processes[process].mappings[first].map(|mut start| {
        start.attributes = start.attributes.without(Attributes::AFTER_EDGE);
        start
    });
    for (further, page) in pages.enumerate() {
        world.processes[process].mappings[page] =
            start.map(|start| start.advanced((distance + further) as u8));
        soft_dirty::inherit(world, Place { process, page: first }, Place { process, page });
    }
}

/// Locked memory that grows is faulted in; that some page cannot be is no error.
///
/// Source: mm/mremap.c `do_mremap()`, `populate_expand`.
pub fn populate_growth<M: Memory>(
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
