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
    let found = get(world, process, at, policy);
    Ok(found.map_or_else(|cause| Outcome::Signal(Signal { cause, at }), Outcome::Value))
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
    let done = put(world, process, at, value, policy);
    Ok(done.map_or_else(|cause| Outcome::Signal(Signal { cause, at }), |()| Outcome::Success))
}

/// A compare-and-swap tells what it finds. The processor asks for the right to write before it
/// compares: refused or not, swapped or not, it is a store.
///
/// Source: Intel SDM, CMPXCHG, "the processor never produces a locked read without also producing a
/// locked write".
pub fn compare_exchange<M: Memory>(
    world: &mut World<M>,
    process: usize,
    at: Address,
    [old, new]: [u8; 2],
    policy: &Policy,
) -> Result {
    Ok(match allow(world, process, at, true, policy) {
        Ok((place, mapping)) => {
            let (source, cell) = (mapping.source(), at.cells().within_page());
            world.memory.make_own(place, source, policy);
            let found = world.memory.load(place, source, cell);
            if found == old {
                world.memory.store(place, source, cell, new, policy);
            }
            Outcome::Value(found)
        }
        Err(cause) => Outcome::Signal(Signal { cause, at }),
    })
}

/// The instruction that [`execute`] executes: return.
const RETURN: u8 = 0xc3;

/// An instruction is fetched if the mapping allows execution, whatever a protection key says. That it
/// does not is found late: any other protection lets the page be brought in first, as for a load, so
/// that the end of the file is found before.
///
/// What is no return instruction is not executed here: nothing is claimed.
///
/// Source: mmap(2) `PROT_EXEC`; pkeys(7); arch/x86/mm/fault.c `access_error()`, which does not ask for
/// `VM_EXEC`, but for `X86_PF_PROT`, that a page is there.
pub fn execute<M: Memory>(
    world: &mut World<M>,
    process: usize,
    at: Address,
    policy: &Policy,
) -> Result {
    let refused = |cause| Ok(Outcome::Signal(Signal { cause, at }));
    let (place, mapping) = match mapped(world, process, at) {
        Ok((_, mapping)) if mapping.protection.is_empty() => return refused(Cause::NotAllowed),
        Ok((place, mapping)) => (place, mapping),
        Err(cause) => return refused(cause),
    };
    if let Err(cause) = find(world, place, &mapping, policy) {
        return refused(cause);
    }
    let before = world.memory;
    let found = world.memory.load(place, mapping.source(), at.cells().within_page());
    if !mapping.protection.contains(Protection::EXECUTE) {
        return refused(Cause::NotAllowed);
    }
    if found != RETURN {
        world.memory = before;
        return Ok(Outcome::BeyondBounds);
    }
    Ok(Outcome::Success)
}

/// What a load finds, by the processor or by the kernel for a system call, which has no other rights
/// than the process.
///
/// Source: arch/x86/lib/copy_user_64.S; include/linux/uaccess.h `copy_from_user()`.
pub fn get<M: Memory>(
    world: &mut World<M>,
    process: usize,
    at: Address,
    policy: &Policy,
) -> core::result::Result<u8, Cause> {
    let (place, mapping) = allow(world, process, at, false, policy)?;
    Ok(world.memory.load(place, mapping.source(), at.cells().within_page()))
}

/// A store, by the processor or by the kernel for a system call.
///
/// Source: as for [`get`]; `copy_to_user()`.
pub fn put<M: Memory>(
    world: &mut World<M>,
    process: usize,
    at: Address,
    value: u8,
    policy: &Policy,
) -> core::result::Result<(), Cause> {
    let (place, mapping) = allow(world, process, at, true, policy)?;
    world.memory.store(place, mapping.source(), at.cells().within_page(), value, policy);
    Ok(())
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
    let (place, mapping) = mapped(world, process, at)?;
    if mapping.protection == Protection::EXECUTE && policy.execute_only_memory_is_unreadable {
        return Err(Cause::ProtectionKey);
    }
    let wanted = if write { Protection::WRITE } else { Protection::ALL };
    if !mapping.protection.intersects(wanted) {
        return Err(Cause::NotAllowed);
    }
    find(world, place, &mapping, policy)?;
    Ok((place, mapping))
}

/// What is mapped at a place.
fn mapped<M: Memory>(
    world: &World<M>,
    process: usize,
    at: Address,
) -> core::result::Result<(Place, Mapping), Cause> {
    let page = at.index().ok_or(Cause::NotMapped)?;
    let mapping = world.processes[process].mappings[page].ok_or(Cause::NotMapped)?;
    Ok((Place { process, page }, mapping))
}

/// Whether a fault finds a page there, whatever the protection: one that is not the process's own copy
/// must not lie past the end of its file.
///
/// Source: mmap(2) SIGBUS; mm/memory.c `handle_mm_fault()`.
pub fn find<M: Memory>(
    world: &World<M>,
    place: Place,
    mapping: &Mapping,
    policy: &Policy,
) -> core::result::Result<(), Cause> {
    if let Backing::File { file, page } = mapping.backing
        && !world.files[file].has_page(page)
        && !world.memory.has_own_copy(place)
        && !(policy.pages_past_end_are_accessible && (page as usize) < FILE_PAGES)
    {
        return Err(Cause::PastEnd);
    }
    Ok(())
}
