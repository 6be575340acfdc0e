//! `MREMAP_DONTUNMAP`: what it is for, and what it leaves behind.

use core::ops::Range;

use super::Request;
use crate::policy::Policy;
use crate::syscall::vma;
use crate::world::{Attributes, Backing, Mapping, World};

/// Whether `MREMAP_DONTUNMAP`, if it is asked for, is for such a mapping.
///
/// Source: mremap(2) `MREMAP_DONTUNMAP`; commit a4609387859f.
pub fn is_for(request: &Request, mapping: Mapping, policy: &Policy) -> bool {
    !request.keeps_source()
        || mapping.backing == Backing::Anonymous
        || policy.mremap_may_keep_files_mapped
}

/// What is left behind by `MREMAP_DONTUNMAP` is not locked any more; on some kernels all of the mapping,
/// even if only part of it has moved.
///
/// Source: mremap(2) `MREMAP_DONTUNMAP`; mm/mremap.c `dontunmap_complete()`.
pub fn unlock<M>(world: &mut World<M>, process: usize, old: &Range<usize>, policy: &Policy) {
    let process = &mut world.processes[process];
    let whole = vma::around(process, old.clone());
    let whole = whole.filter(|_| policy.dontunmap_unlocks_the_whole_mapping);
    let pages = whole.unwrap_or(old.clone());
    for mapping in process.mappings[pages].iter_mut().flatten() {
        mapping.attributes = mapping.attributes.without(Attributes::LOCKS);
    }
}

/// Whether it is known how much [`unlock`] unlocks. If the new place touches the mapping, the
/// kernel may merge the two, and unlock both.
pub fn unlock_is_known<M>(
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
