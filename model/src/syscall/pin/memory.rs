//! Pages of memory: vmsplice(2), and what the kernel pins to work with it.

use super::super::{Result, access};
use super::{end, place};
use crate::memory::{Memory, Place};
use crate::op::{Address, PinAccess, PinFlags, PinName, Protection, Remote};
use crate::outcome::{Errno, Outcome};
use crate::policy::Policy;
use crate::world::{Backing, FileBacking, Hold, Mapping, Pin, PinnedPage, World};

/// A cell of memory goes into a pipe: not its content, but a reference to the page that a load
/// finds. Memory that cannot be read is EFAULT.
///
/// Source: vmsplice(2); fs/splice.c `iter_to_pipe()`; mm/gup.c `get_user_pages_fast()`, `FOLL_GET`.
pub fn vmsplice<M: Memory>(
    world: &mut World<M>,
    process: usize,
    name: PinName,
    at: Address,
    policy: &Policy,
) -> Result {
    take(world, &Request { name, process, owner: process, at, hold: Hold::Pipe }, policy)
}

/// The kernel finds the page of a cell and pins it. To be looked at, it is the page that a load
/// finds; one of anonymous memory that another process has too is copied first. To be changed, it
/// is the page that a store finds. To last, it is the process's own page even if it was not written
/// before, and shared memory of a file on a disk is refused. What the mapping does not allow is
/// EFAULT.
///
/// Of another process's memory a page can be pinned for one look.
///
/// Source: mm/gup.c `check_vma_flags()`, `gup_must_unshare()`, `writable_file_mapping_allowed()`;
/// process_vm_readv(2); io_uring_register(2) `IORING_REGISTER_BUFFERS`, EFAULT, EOPNOTSUPP.
pub fn pin<M: Memory>(
    world: &mut World<M>,
    process: usize,
    name: PinName,
    of: Remote,
    access: PinAccess,
    flags: PinFlags,
    policy: &Policy,
) -> Result {
    let lasts = flags.contains(PinFlags::LONG_TERM);
    let hold = if lasts { Hold::Lasting(access) } else { Hold::Once(access) };
    let Some(owner) = world.alive(of.process) else {
        return Ok(Outcome::BeyondBounds);
    };
    if owner != process && hold != Hold::Once(PinAccess::ReadOnly) {
        return Ok(Outcome::BeyondBounds);
    }
    take(world, &Request { name, process, owner, at: of.at, hold }, policy)
}

/// A pin that is asked for.
struct Request {
    name: PinName,
    process: usize,
    /// Whose memory it is.
    owner: usize,
    at: Address,
    hold: Hold,
}

fn take<M: Memory>(world: &mut World<M>, request: &Request, policy: &Policy) -> Result {
    let Request { name, process, owner, at, hold } = *request;
    let pin = place(process, name).ok_or(Errno::EBADF)?;
    let (place, mapping) = world.mapped(owner, at).ok_or(Errno::EFAULT)?;
    if !allows(&mapping, hold) {
        let may_be_readable = !hold.writes() && !mapping.protection.is_empty();
        return if may_be_readable { Ok(Outcome::BeyondBounds) } else { Err(Errno::EFAULT) };
    }
    if access::is_lazily_freed(world, owner, at) {
        return Ok(Outcome::BeyondBounds);
    }
    let looks_at_page = policy.long_term_pins_look_at_the_page;
    if looks_at_page && mapping.shared && lasts_on_disk(world, &mapping, hold) {
        return Err(Errno::EFAULT);
    }
    fault_in(world, place, &mapping, hold, policy)?;
    if !looks_at_page && lasts_on_disk(world, &mapping, hold) {
        return Err(Errno::EOPNOTSUPP);
    }
    let page = match mapping.backing {
        Backing::File { file, .. } if !world.memory.has_own_copy(place) => {
            PinnedPage::OfFile { backing: world.files[file].backing }
        }
        _ => PinnedPage::Anonymous,
    };
    end(world, pin);
    world.memory.pin_page(pin, place, mapping.source(), hold.reference(), policy);
    let cell = at.cells().within_page();
    world.processes[process].pins[pin.pin] = Some(Pin { page, cell, hold, found_in: Some(owner) });
    Ok(Outcome::Success)
}

/// Whether the mapping's protection allows it. What can be written or executed, and not read, may
/// be read all the same if its page is there already: nothing is claimed of that.
///
/// Source: mm/gup.c `check_vma_flags()`, which `gup_fast()` does without.
fn allows(mapping: &Mapping, hold: Hold) -> bool {
    let wanted = if hold.writes() { Protection::WRITE } else { Protection::READ };
    mapping.protection.contains(wanted)
}

/// Whether what is to last is memory of a file on a disk. Shared memory of it is not pinned: EFAULT.
/// Older kernels pin all of it, and then refuse to keep it: EOPNOTSUPP.
///
/// Source: commit 8ac268436e6d (Linux 6.5); mm/gup.c `writable_file_mapping_allowed()`;
/// io_uring/rsrc.c `io_pin_pages()`, "don't support file backed memory".
fn lasts_on_disk<M>(world: &World<M>, mapping: &Mapping, hold: Hold) -> bool {
    let Backing::File { file, .. } = mapping.backing else { return false };
    let lasts = matches!(hold, Hold::Lasting(PinAccess::ReadWrite));
    lasts && world.files[file].backing == FileBacking::Disk
}

// ANCHOR: pin_fault
/// The page is there, and is the one that is to be pinned. Where none can be it is EFAULT.
///
/// Source: mm/gup.c `faultin_page()`, `gup_must_unshare()`; mm/memory.c `FAULT_FLAG_UNSHARE`.
fn fault_in<M: Memory>(
    world: &mut World<M>,
    place: Place,
    mapping: &Mapping,
    hold: Hold,
    policy: &Policy,
) -> core::result::Result<(), Errno> {
    let source = mapping.source();
    access::fault(world, place, mapping, hold.writes(), policy).map_err(|_| Errno::EFAULT)?;
    if hold.writes() {
        world.memory.make_own(place, source, policy);
        return Ok(());
    }
    world.memory.load(place, source, 0);
    let unshares = match hold {
        Hold::Pipe => false,
        Hold::Once(_) => policy.pins_unshare_pages,
        Hold::Lasting(_) => policy.pins_unshare_pages || policy.long_term_pins_unshare_pages,
    };
    let is_kept = matches!(hold, Hold::Lasting(_)) && policy.long_term_pins_unshare_pages;
    if is_kept && !mapping.shared && !world.memory.has_own_copy(place) {
        world.memory.make_own(place, source, policy);
        world.memory.write_protect(place);
    } else if unshares {
        world.memory.unshare(place, policy);
    }
    Ok(())
}
// ANCHOR_END: pin_fault
