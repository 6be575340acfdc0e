//! Loads and stores by the processor.

use super::Result;
use crate::bounds::FILE_PAGES;
use crate::memory::{Memory, Place};
use crate::op::{Address, Protection};
use crate::outcome::{Cause, Outcome, Signal};
use crate::policy::Policy;
use crate::world::{Backing, Mapping, World};

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
    Ok(match allow(world, process, at, false, policy) {
        Ok((place, mapping)) => {
            let cell = at.cells().within_page();
            Outcome::Value(world.memory.load(place, mapping.source(), cell))
        }
        Err(cause) => Outcome::Signal(Signal { cause, at }),
    })
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
    Ok(match allow(world, process, at, true, policy) {
        Ok((place, mapping)) => {
            let cell = at.cells().within_page();
            world.memory.store(place, mapping.source(), cell, value, policy);
            Outcome::Success
        }
        Err(cause) => Outcome::Signal(Signal { cause, at }),
    })
}

/// Which signal an access raises, in the order in which the reasons are looked at: nothing is
/// mapped there; a protection key; the mapping's protection; the end of the file, which a page
/// that is the process's own copy does not have.
///
/// Source: sigaction(2) `si_code`; arch/x86/mm/fault.c `do_user_addr_fault()`; mmap(2) SIGBUS.
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
    let place = Place { process, page };
    if is_past_end(world, place, mapping, policy) {
        return Err(Cause::PastEnd);
    }
    Ok((place, mapping))
}

/// Whether the page lies past the end of its file, and is not the process's own copy.
///
/// Source: mmap(2) SIGBUS.
pub fn is_past_end<M: Memory>(
    world: &World<M>,
    place: Place,
    mapping: Mapping,
    policy: &Policy,
) -> bool {
    let Backing::File { file, page } = mapping.backing else {
        return false;
    };
    let is_there = world.files[file].has_page(page) || world.memory.has_own_copy(place);
    let is_tolerated = policy.pages_past_end_are_accessible && (page as usize) < FILE_PAGES;
    !(is_there || is_tolerated)
}
