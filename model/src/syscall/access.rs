//! Loads and stores by the processor.

use super::{Result, userfault};
use crate::bounds::{FILE_PAGES, PAGES};
use crate::memory::{Memory, Place, Presence};
use crate::op::{Address, Modes, Protection};
use crate::outcome::{Cause, Outcome, Signal};
use crate::policy::Policy;
use crate::world::{Access, Backing, Mapping, Markers, World};

/// A load finds the cell's value. Any protection but none allows it.
///
/// Source: mmap(2), "on some hardware architectures PROT_WRITE implies PROT_READ";
/// arch/x86/mm/fault.c `access_error()`.
pub fn load<M: Memory>(
    world: &mut World<M>,
    process: usize,
    at: Address,
    policy: &Policy,
) -> Result {
    Ok(attempt(world, process, Access { at, value: None }, policy))
}

/// A store changes the cell: of the file through a shared mapping, of the process's own copy
/// through a private one.
///
/// Source: mmap(2) `MAP_SHARED`, `MAP_PRIVATE`.
pub fn store<M: Memory>(
    world: &mut World<M>,
    process: usize,
    at: Address,
    value: u8,
    policy: &Policy,
) -> Result {
    Ok(attempt(world, process, Access { at, value: Some(value) }, policy))
}

/// An access, be it the first time or after it had to wait: a signal refuses it, or a userfaultfd
/// keeps it, or it is done.
pub fn attempt<M: Memory>(
    world: &mut World<M>,
    process: usize,
    access: Access,
    policy: &Policy,
) -> Outcome {
    let Access { at, value } = access;
    let allowed = allow(world, process, at, value.is_some(), policy);
    if value.is_none() && matches!(allowed, Ok(_) | Err(Cause::PastEnd)) {
        map_neighbors(world, process, at);
    }
    let (place, mapping) = match allowed {
        Ok(allowed) => allowed,
        Err(cause) => return Outcome::Signal(Signal { cause, at }),
    };
    if let Some(obstacle) = userfault::obstacle(world, place, &mapping, access, policy) {
        return obstacle.meet(world, process, access);
    }
    let (source, cell) = (mapping.source(), at.cells().within_page());
    match value {
        Some(value) => {
            world.memory.store(place, source, cell, value, policy);
            Outcome::Success
        }
        None => Outcome::Value(world.memory.load(place, source, cell)),
    }
}

/// A load's fault may map the file's pages around it that the page cache has, unless a userfaultfd
/// is told of more than missing pages. It does so even if the load itself cannot be done.
///
/// Source: mm/memory.c `do_read_fault()`, `do_fault_around()`; include/linux/userfaultfd_k.h
/// `uffd_disable_fault_around()`.
fn map_neighbors<M: Memory>(world: &mut World<M>, process: usize, at: Address) {
    let Some(place) = at.index().map(|page| Place { process, page }) else { return };
    let Some(mapping) = world.processes[process].mappings[place.page] else { return };
    let Backing::File { file, .. } = mapping.backing else { return };
    let is_there = world.memory.presence(place) == Presence::Present
        || world.processes[process].markers[place.page].contains(Markers::POISONED);
    if is_there || !faults_around(&mapping) {
        return;
    }
    for page in 0..PAGES {
        let place = Place { page, ..place };
        if let Some(mapping) = world.processes[process].mappings[page]
            && let Backing::File { file: mapped, page: of_file } = mapping.backing
            && mapped == file
            && world.files[file].has_page(of_file)
            && world.memory.has_file_page(file, of_file as usize)
            && faults_around(&mapping)
            && world.processes[process].markers[page].is_empty()
            && world.memory.presence(place) == Presence::Absent
        {
            world.memory.set_presence(place, Presence::Unknown);
        }
    }
}

fn faults_around(mapping: &Mapping) -> bool {
    mapping.registration.is_none_or(|it| it.modes == Modes::MISSING)
}

/// Which signal an access raises, in the order in which the reasons are looked at: nothing is
/// mapped there; a protection key; the mapping's protection; poison; the end of the file, which a
/// page that is the process's own copy does not have.
///
/// Source: sigaction(2) `si_code`; arch/x86/mm/fault.c `do_user_addr_fault()`; mm/memory.c
/// `handle_pte_marker()`; mmap(2) SIGBUS.
fn allow<M: Memory>(
    world: &World<M>,
    process: usize,
    at: Address,
    write: bool,
    policy: &Policy,
) -> core::result::Result<(Place, Mapping), Cause> {
    let page = at.index().ok_or(Cause::NotMapped)?;
    let mapping = world.processes[process].mappings[page].ok_or(Cause::NotMapped)?;
    if mapping.protection == Protection::EXECUTE && policy.execute_only_memory_is_unreadable {
        return Err(Cause::ProtectionKey);
    }
    let wanted = if write { Protection::WRITE } else { Protection::ALL };
    if !mapping.protection.intersects(wanted) {
        return Err(Cause::NotAllowed);
    }
    if world.processes[process].markers[page].contains(Markers::POISONED) {
        let fails = policy.poison_is_a_memory_failure;
        return Err(if fails { Cause::MemoryFailure } else { Cause::PastEnd });
    }
    let place = Place { process, page };
    if let Backing::File { file, page } = mapping.backing
        && !world.files[file].has_page(page)
        && !world.memory.has_own_copy(place)
        && !(policy.pages_past_end_are_accessible && (page as usize) < FILE_PAGES)
    {
        return Err(Cause::PastEnd);
    }
    Ok((place, mapping))
}
