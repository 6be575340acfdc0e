//! mremap(2): what the call asks for, and what is wrong with it.

mod dontunmap;
mod relocate;
mod resize;

use core::ops::Range;

use super::{Result, mseal, vma};
use crate::bounds::PAGES;
use crate::memory::Memory;
use crate::op::{Address, Cells, RemapFlags};
use crate::outcome::{Errno, Outcome};
use crate::policy::Policy;
use crate::world::{Mapping, World};

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

// ANCHOR: mremap
/// Resizes or moves mappings. Errors are found in this order: what is wrong whatever is mapped
/// (EINVAL), nothing mapped at the address (EFAULT), a seal (EPERM), what this mapping does not
/// allow (EINVAL), a range that is not of one mapping (EFAULT); then no room (ENOMEM).
///
/// Source: mremap(2) ERRORS; mm/mremap.c `check_mremap_params()`, `check_prep_vma()`,
/// `do_mremap()`.
pub fn mremap<M: Memory>(
    world: &mut World<M>,
    process: usize,
    request: &Request,
    policy: &Policy,
) -> Result {
    if request.moves() && request.target().is_none_or(|new| new.end > PAGES) && !is_hint(request) {
        return Ok(Outcome::BeyondBounds);
    }
    is_well_formed(request, policy)?;
    if !policy.mremap_looks_at_the_mapping_before_the_place {
        is_place_well_formed(request)?;
    }
    if let Some(new) = request.target()
        && request.flags.contains(RemapFlags::FIXED)
        && request.old().len() == request.new_pages()
        && policy.mremap_moves_several_mappings
    {
        return relocate::move_all(world, process, request, new, policy);
    }
    let old = request.old();
    let grows = request.new_pages() > old.len();
    let needs_mapping = !policy.mremap_looks_for_the_mapping_last || grows && !request.moves();
    if needs_mapping && world.processes[process].mappings[old.start].is_none() {
        return Err(Errno::EFAULT);
    }
    if mseal::forbids(world, process, old.start..old.start + 1) {
        return Err(Errno::EPERM);
    }
    is_place_well_formed(request)?;
    if request.moves() {
        relocate::move_one(world, process, request, policy)
    } else if grows {
        resize::grow(world, process, request, policy)
    } else {
        resize::shrink(world, process, request)
    }
}
// ANCHOR_END: mremap

/// Without `MREMAP_FIXED` the place is a hint.
const fn is_hint(request: &Request) -> bool {
    !request.flags.contains(RemapFlags::FIXED) && request.to.is_none()
}

/// A new length of zero, an address inside a page and unknown flags are refused; so is to move
/// without `MREMAP_MAYMOVE`, and to resize with `MREMAP_DONTUNMAP`, if only by bytes on some kernels.
fn is_well_formed(request: &Request, policy: &Policy) -> core::result::Result<(), Errno> {
    let flags = request.flags;
    let is_resized = request.old().len() != request.new_pages()
        || policy.dontunmap_compares_lengths_to_the_byte && request.length != request.new_length;
    if flags.contains(RemapFlags::UNKNOWN)
        || !request.at.cells().is_page_aligned()
        || request.new_pages() == 0
        || request.moves() && !flags.contains(RemapFlags::MAY_MOVE)
        || request.keeps_source() && is_resized
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

/// What of the range must be one mapping is one: all of it, or what is left after shrinking. A
/// length of zero asks for a second mapping of the same pages, which only a shared one can have.
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
    let refuses = |mapping: Mapping| {
        let is_copied = mapping.shared || policy.mremap_of_no_length_takes_private_mappings;
        old.is_empty() && !is_copied || !dontunmap::is_for(request, mapping, policy)
    };
    if world.processes[process].mappings[old.start].is_some_and(refuses) {
        return Err(Outcome::Error(Errno::EINVAL));
    }
    let kept = old.start..old.end.min(old.start + request.new_pages());
    match vma::is_one(&world.processes[process], kept) {
        Some(true) => Ok(()),
        Some(false) => Err(Outcome::Error(Errno::EFAULT)),
        None => Err(Outcome::BeyondBounds),
    }
}
