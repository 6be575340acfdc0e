//! Access to the memory of any process: process_vm_readv(2), process_vm_writev(2) and
//! `/proc/PID/mem`.
//!
//! They go by the mapping's protection, not by the processor's: a protection key does not count,
//! and that some processors cannot forbid loads of writable memory does not either.

use super::{Result, access};
use crate::memory::{Memory, Place};
use crate::op::{Protection, Remote};
use crate::outcome::{Errno, Outcome};
use crate::policy::Policy;
use crate::world::{Mapping, World};

/// Copies a cell from a process that may read it itself. While the kernel copies, it pins the page,
/// which therefore is the process's own from then on.
///
/// Source: process_vm_readv(2) EFAULT; mm/process_vm_access.c `process_vm_rw_single_vec()`,
/// mm/gup.c `check_vma_flags()`, `gup_must_unshare()`.
pub fn process_vm_readv<M: Memory>(world: &mut World<M>, from: Remote, policy: &Policy) -> Result {
    let Some(peer) = world.alive(from.process) else {
        return Ok(Outcome::BeyondBounds);
    };
    let (place, mapping) = reach(world, peer, from, false, false, policy).ok_or(Errno::EFAULT)?;
    if policy.pins_unshare_pages {
        world.memory.unshare(place, policy);
    }
    Ok(access::found(world, place, mapping, from.at))
}

/// Copies a cell to a process that may write it itself.
///
/// Source: process_vm_writev(2) EFAULT; mm/gup.c `check_vma_flags()`.
pub fn process_vm_writev<M: Memory>(
    world: &mut World<M>,
    to: Remote,
    value: u8,
    policy: &Policy,
) -> Result {
    let Some(peer) = world.alive(to.process) else {
        return Ok(Outcome::BeyondBounds);
    };
    let (place, mapping) = reach(world, peer, to, true, false, policy).ok_or(Errno::EFAULT)?;
    let cell = to.at.cells().within_page();
    world.memory.store(place, mapping.source(), cell, value, policy);
    Ok(Outcome::Success)
}

/// Reads a cell, whatever the protection.
///
/// Source: proc_pid_mem(5); fs/proc/base.c `mem_rw()`, `FOLL_FORCE`.
pub fn mem_read<M: Memory>(world: &mut World<M>, from: Remote, policy: &Policy) -> Result {
    let Some(peer) = world.alive(from.process) else {
        return Ok(Outcome::BeyondBounds);
    };
    let force = policy.memory_file_overrides_protection;
    let (place, mapping) = reach(world, peer, from, false, force, policy).ok_or(Errno::EIO)?;
    Ok(access::found(world, place, mapping, from.at))
}

/// Writes a cell: of a private mapping whatever its protection, which gets its copy of the page for
/// that; of a shared mapping only if the process may write it itself.
///
/// Source: proc_pid_mem(5); mm/gup.c `check_vma_flags()`, "Anon pages in shared mappings are
/// surprising: now just reject it".
pub fn mem_write<M: Memory>(
    world: &mut World<M>,
    to: Remote,
    value: u8,
    policy: &Policy,
) -> Result {
    let Some(peer) = world.alive(to.process) else {
        return Ok(Outcome::BeyondBounds);
    };
    let force = policy.memory_file_overrides_protection;
    let (place, mapping) = reach(world, peer, to, true, force, policy).ok_or(Errno::EIO)?;
    let cell = to.at.cells().within_page();
    world.memory.store(place, mapping.source(), cell, value, policy);
    if !mapping.protection.contains(Protection::WRITE) {
        world.memory.write_protect(place);
    }
    Ok(Outcome::Success)
}

// ANCHOR: reach
/// The page that get_user_pages finds, if something is mapped there that allows it. Force overrides
/// the protection, but does not write what is shared.
///
/// Source: mm/gup.c `__get_user_pages()`, `faultin_page()`, `check_vma_flags()`, `FOLL_FORCE`.
fn reach<M: Memory>(
    world: &mut World<M>,
    process: usize,
    Remote { at, .. }: Remote,
    write: bool,
    force: bool,
    policy: &Policy,
) -> Option<(Place, Mapping)> {
    let (place, mapping) = world.mapped(process, at)?;
    let wanted = if write { Protection::WRITE } else { Protection::READ };
    if !mapping.protection.contains(wanted) && (!force || write && mapping.shared) {
        return None;
    }
    access::fault(world, place, &mapping, write, policy).ok()?;
    Some((place, mapping))
}
// ANCHOR_END: reach
