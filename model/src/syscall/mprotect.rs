//! mprotect(2).

use super::{Result, munmap};
use crate::memory::{Memory, Place};
use crate::op::{Address, Cells, Protection};
use crate::outcome::{Errno, Outcome};
use crate::policy::Policy;
use crate::world::World;

/// Changes the protection of the range, mapping by mapping from its start. At a hole it stops with
/// ENOMEM, at a mapping that may not be written with EACCES; what came before stays changed.
///
/// An unaligned address is EINVAL; no length is a success, wherever it points.
///
/// Source: mprotect(2) ERRORS; mm/mprotect.c `do_mprotect_pkey()`.
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
    for page in munmap::pages(at, length) {
        let mapping = world.processes[process].mappings[page].as_mut().ok_or(Errno::ENOMEM)?;
        if writes && !mapping.may_write {
            return Err(Errno::EACCES);
        }
        mapping.protection = protection;
        if !writes {
            world.memory.write_protect(Place { process, page });
        }
    }
    Ok(Outcome::Success)
}
