//! mprotect(2).

use super::{Result, munmap, populate, vma};
use crate::memory::{Memory, Place};
use crate::op::{Address, Cells, Protection};
use crate::outcome::{Errno, Outcome};
use crate::policy::Policy;
use crate::world::{Attributes, World};

// ANCHOR: mprotect
/// Changes the protection of the range, mapping by mapping from its start. At a hole it stops with
/// ENOMEM, at a mapping that may not be written with EACCES, at a sealed one with EPERM; what came
/// before stays changed. Locked private memory that becomes writable is faulted in, so that each
/// page is the process's own.
///
/// An unaligned address is EINVAL; no length is a success, wherever it points.
///
/// Source: mprotect(2) ERRORS; mseal(2) EPERM; mm/mprotect.c `do_mprotect_pkey()`,
/// `mprotect_fixup()`.
pub fn mprotect<M: Memory>(
    world: &mut World<M>,
    process: usize,
    at: Address,
    length: Cells,
    protection: Protection,
    policy: &Policy,
) -> Result {
    if !at.cells().is_page_aligned() {
        return Err(Errno::EINVAL);
    }
    let has_hole = |page: usize| world.processes[process].mappings[page].is_none();
    if policy.mprotect_looks_for_holes_first && munmap::pages(at, length).any(has_hole) {
        return Err(Errno::ENOMEM);
    }
    let writes = protection.contains(Protection::WRITE);
    let result = munmap::pages(at, length).try_for_each(|page| {
        let mapping = world.processes[process].mappings[page].as_mut().ok_or(Errno::ENOMEM)?;
        if writes && !mapping.may_write {
            return Err(Errno::EACCES);
        }
        if mapping.attributes.contains(Attributes::SEALED) {
            return Err(Errno::EPERM);
        }
        let fills = writes
            && !mapping.shared
            && !mapping.protection.contains(Protection::WRITE)
            && mapping.attributes.contains(Attributes::LOCKED);
        mapping.protection = protection;
        if !writes {
            world.memory.write_protect(Place { process, page });
        }
        if fills {
            let mapping = *mapping;
            populate::fault_in(world, Place { process, page }, mapping, policy);
        }
        Ok(())
    });
    vma::mark_edges(&mut world.processes[process], munmap::pages(at, length));
    result.map(|()| Outcome::Success)
}
// ANCHOR_END: mprotect
