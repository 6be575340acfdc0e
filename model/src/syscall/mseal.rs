//! mseal(2), and what it forbids.

use super::{Result, munmap, vma};
use crate::memory::Memory;
use crate::op::{Address, Cells, SealFlags};
use crate::outcome::{Errno, Outcome};
use crate::policy::Policy;
use crate::world::{Attributes, World};

/// Seals the mappings of the range: until the process ends, or execs, they can neither be unmapped,
/// moved, resized, replaced nor given another protection. The range must have no hole; no length is
/// a success, wherever it points.
///
/// Source: mseal(2); mm/mseal.c `do_mseal()`; Linux 6.10.
pub fn mseal<M: Memory>(
    world: &mut World<M>,
    process: usize,
    at: Address,
    length: Cells,
    flags: SealFlags,
    policy: &Policy,
) -> Result {
    if !policy.mseal_exists {
        return Err(Errno::ENOSYS);
    }
    if !flags.is_empty() || !at.cells().is_page_aligned() {
        return Err(Errno::EINVAL);
    }
    let pages = munmap::pages(at, length);
    let process = &mut world.processes[process];
    if pages.clone().any(|page| process.mappings[page].is_none()) {
        return Err(Errno::ENOMEM);
    }
    for mapping in process.mappings[pages.clone()].iter_mut().flatten() {
        mapping.attributes = mapping.attributes | Attributes::SEALED;
    }
    vma::mark_edges(process, pages);
    Ok(Outcome::Success)
}

// ANCHOR: forbids
/// Whether a sealed page lies in the range, so that it cannot be unmapped.
///
/// Source: mseal(2) EPERM; mm/vma.c `vms_gather_munmap_vmas()`.
pub fn forbids<M>(world: &World<M>, process: usize, pages: core::ops::Range<usize>) -> bool {
    let mut mappings = world.processes[process].mappings[pages].iter().flatten();
    mappings.any(|mapping| mapping.attributes.contains(Attributes::SEALED))
}
// ANCHOR_END: forbids
