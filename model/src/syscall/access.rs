//! Loads and stores by the processor.

use super::{Result, fault_around, userfault};
use crate::bounds::FILE_PAGES;
use crate::memory::{Memory, Place};
use crate::op::{Address, Protection};
use crate::outcome::{Cause, Outcome, Signal};
use crate::policy::Policy;
use crate::world::{Access, Attributes, Backing, Mapping, Markers, World};

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

/// A compare-and-swap tells what it finds. The processor asks for the right to write before it
/// compares: refused or not, swapped or not, it is a store. An emulated one may load first.
///
/// Source: Intel SDM, CMPXCHG, "the processor never produces a locked read without also producing a
/// locked write"; QEMU, tcg/tcg-op-ldst.c.
pub fn compare_exchange<M: Memory>(
    world: &mut World<M>,
    process: usize,
    at: Address,
    [old, new]: [u8; 2],
    policy: &Policy,
) -> Result {
    if policy.compare_and_swap_loads_first
        && let Err(cause) = get(world, process, at, policy)
    {
        return Ok(Outcome::Signal(Signal { cause, at }));
    }
    Ok(match allow(world, process, at, true, policy) {
        Ok(_) if is_lazily_freed(world, process, at) => Outcome::BeyondBounds,
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
    let (place, mapping) = match allowed {
        Ok(allowed) => allowed,
        Err(cause) => return Outcome::Signal(Signal { cause, at }),
    };
    if let Some(obstacle) = userfault::obstacle(world, place, &mapping, access, policy) {
        return obstacle.meet(world, process, access);
    }
    match value {
        Some(value) => {
            let cell = at.cells().within_page();
            world.memory.store(place, mapping.source(), cell, value, policy);
            Outcome::Success
        }
        None => found(world, place, mapping, at),
    }
}

/// The instruction that [`execute`] executes: return.
const RETURN: u8 = 0xc3;

/// An instruction is fetched if the mapping allows execution, whatever a protection key says. That
/// it does not is found late: any other protection lets the page be brought in first, as for a
/// load, so that the end of the file is found before.
///
/// What is no return instruction is not executed here: nothing is claimed.
///
/// Source: mmap(2) `PROT_EXEC`; pkeys(7); arch/x86/mm/fault.c `access_error()`, which does not ask
/// for `VM_EXEC`, but for `X86_PF_PROT`, that a page is there.
pub fn execute<M: Memory>(
    world: &mut World<M>,
    process: usize,
    at: Address,
    policy: &Policy,
) -> Result {
    let refused = |cause| Ok(Outcome::Signal(Signal { cause, at }));
    let Some((place, mapping)) = world.mapped(process, at) else {
        return refused(Cause::NotMapped);
    };
    if mapping.protection.is_empty() {
        return refused(Cause::NotAllowed);
    }
    let before = world.memory;
    if let Err(cause) = fault(world, place, &mapping, false, policy) {
        return refused(cause);
    }
    let found = world.memory.load(place, mapping.source(), at.cells().within_page());
    if !mapping.protection.contains(Protection::EXECUTE) {
        return refused(Cause::NotAllowed);
    }
    if found != RETURN || is_lazily_freed(world, process, at) {
        world.memory = before;
        return Ok(Outcome::BeyondBounds);
    }
    Ok(Outcome::Success)
}

/// What is found in a cell; what is lazily freed may be zero already.
///
/// Source: madvise(2) `MADV_FREE`.
pub fn found<M: Memory>(
    world: &mut World<M>,
    place: Place,
    mapping: Mapping,
    at: Address,
) -> Outcome {
    let value = world.memory.load(place, mapping.source(), at.cells().within_page());
    if value != 0 && is_lazily_freed(world, place.process, at) {
        Outcome::OneOf(value, 0)
    } else {
        Outcome::Value(value)
    }
}

/// What a load finds, by the processor or by the kernel for a system call, which has no other
/// rights than the process.
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

// ANCHOR: allow
/// Which signal an access raises, in the order in which the reasons are looked at: nothing is
/// mapped there; a protection key; the mapping's protection; then what [`find`] says.
///
/// Source: sigaction(2) `si_code`; arch/x86/mm/fault.c `do_user_addr_fault()`.
pub fn allow<M: Memory>(
    world: &mut World<M>,
    process: usize,
    at: Address,
    write: bool,
    policy: &Policy,
) -> core::result::Result<(Place, Mapping), Cause> {
    let (place, mapping) = world.mapped(process, at).ok_or(Cause::NotMapped)?;
    if mapping.protection == Protection::EXECUTE && policy.execute_only_memory_is_unreadable {
        return Err(Cause::ProtectionKey);
    }
    let wanted = if write { Protection::WRITE } else { Protection::ALL };
    if !mapping.protection.intersects(wanted) {
        return Err(Cause::NotAllowed);
    }
    fault(world, place, &mapping, write, policy)?;
    Ok((place, mapping))
}
// ANCHOR_END: allow

/// What [`find`] says, of a fault that writes or reads. One that reads maps the page's neighbors as
/// well, even if the page itself lies past the end.
///
/// Source: mm/memory.c `do_read_fault()`.
pub fn fault<M: Memory>(
    world: &mut World<M>,
    place: Place,
    mapping: &Mapping,
    write: bool,
    policy: &Policy,
) -> core::result::Result<(), Cause> {
    let found = find(world, place, mapping, write, policy);
    if !write && matches!(found, Ok(()) | Err(Cause::PastEnd)) {
        fault_around::map_neighbors(world, place);
    }
    found
}

// ANCHOR: find
/// Whether a fault finds a page there, whatever the protection: neither a guard nor poison must lie
/// on it, and one that is not the process's own copy must not lie past the end of its file, unless the
/// mapping has asked for no SIGBUS.
///
/// Source: madvise(2) `MADV_GUARD_INSTALL`, mm/memory.c `handle_pte_marker()`; mmap(2) SIGBUS.
fn find<M: Memory>(
    world: &mut World<M>,
    place: Place,
    mapping: &Mapping,
    write: bool,
    policy: &Policy,
) -> core::result::Result<(), Cause> {
    if world.processes[place.process].is_guarded(place.page) {
        return Err(Cause::NotMapped);
    }
    if world.processes[place.process].markers[place.page].contains(Markers::POISONED) {
        let fails = policy.poison_is_a_memory_failure;
        return Err(if fails { Cause::MemoryFailure } else { Cause::PastEnd });
    }
    if is_past_end(world, place, *mapping, policy) {
        return fill_past_end(world, place, mapping, write, policy);
    }
    Ok(())
}
// ANCHOR_END: find

// ANCHOR: fill_past_end
/// A mapping that has asked for no SIGBUS gets the zero page past the end of its file, whatever
/// kind of access it is: "if you use MAP_NOSIGBUS, and you access pages that don't have a backing
/// store, you will get zero pages, and they will NOT BE SYNCHRONIZED with the backing store
/// possibly later being updated". It is the process's own page of this mapping from then on: growth
/// of the file does not take it away, truncation does.
///
/// Source: Linus Torvalds, "Sealed memfd & no-fault mmap", 31 May 2021; Ming Lin, "\[PATCH v2 2/2\]
/// mm: adds NOSIGBUS extension to mmap()", 4 June 2021, `__do_fault()`.
fn fill_past_end<M: Memory>(
    world: &mut World<M>,
    place: Place,
    mapping: &Mapping,
    write: bool,
    policy: &Policy,
) -> core::result::Result<(), Cause> {
    let has_asked = mapping.attributes.contains(Attributes::NO_SIGBUS);
    if !has_asked || write && policy.nosigbus_is_for_loads {
        return Err(Cause::PastEnd);
    }
    world.memory.install_zero(place, mapping.source());
    Ok(())
}
// ANCHOR_END: fill_past_end

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

/// Whether a cell may have become zero since it was written, because its page may be freed at any
/// moment. What copies it from there has no certain content, and nothing is claimed of that.
///
/// Source: madvise(2) `MADV_FREE`.
pub fn is_lazily_freed<M: Memory>(world: &World<M>, process: usize, at: Address) -> bool {
    at.index().is_some_and(|page| {
        world.memory.may_be_zero(Place { process, page }, at.cells().within_page())
    })
}
