//! Of which ranges a userfaultfd is told: `UFFDIO_REGISTER` and `UFFDIO_UNREGISTER`.

use super::super::{Result, munmap, vma};
use super::{check_range, clear, look_up, registered_with, wake_waiter};
use crate::bounds::PAGES;
use crate::memory::Memory;
use crate::op::{Address, Cells, Handler, HandlerFlags, Modes};
use crate::outcome::{Errno, Outcome};
use crate::policy::Policy;
use crate::world::{Attributes, Backing, FileBacking, Mapping, Markers, Registration, World};

/// The userfaultfd is told of these faults in the range, and of no others: what was registered
/// before is replaced, unless it says at least the same. A hole in the range is no error, but
/// something must be mapped. Mapping by mapping, a kind of memory that cannot have the mode is
/// EINVAL, one that may never be written EPERM, another userfaultfd's EBUSY, and on some kernels
/// the loss of write protection as well; then nothing is changed.
///
/// Source: UFFDIO_REGISTER(2const) ERRORS; fs/userfaultfd.c `userfaultfd_register()`;
/// mm/userfaultfd.c `userfaultfd_register_range()`.
pub fn register<M: Memory>(
    world: &mut World<M>,
    process: usize,
    name: Handler,
    at: Address,
    length: Cells,
    modes: Modes,
    policy: &Policy,
) -> Result {
    let (userfault, handler) = look_up(world, process, name)?;
    if modes.is_empty() || modes.contains(Modes::MINOR) && !policy.userfaultfd_minor_mode_exists {
        return Err(Errno::EINVAL);
    }
    check_range(at, length)?;
    let owner = handler.owner.ok_or(Errno::ENOMEM)?;
    let mut is_empty = true;
    for mapping in munmap::pages(at, length).filter_map(|it| world.processes[owner].mappings[it]) {
        is_empty = false;
        let any_file =
            modes == Modes::WRITE_PROTECT && handler.flags.contains(HandlerFlags::ASYNC_WP);
        if any_file && !is_memory(world, &mapping) {
            return Ok(Outcome::BeyondBounds);
        }
        if !can_have(world, &mapping, modes, policy) {
            return Err(Errno::EINVAL);
        }
        if !mapping.may_write {
            return Err(Errno::EPERM);
        }
        if registered_with(Some(mapping)).is_some_and(|other| other != userfault) {
            return Err(Errno::EBUSY);
        }
        let protects =
            mapping.registration.is_some_and(|it| it.modes.contains(Modes::WRITE_PROTECT));
        if policy.userfaultfd_keeps_its_wp_mode && protects && !modes.contains(Modes::WRITE_PROTECT)
        {
            return Err(Errno::EBUSY);
        }
    }
    if is_empty {
        return Err(Errno::EINVAL);
    }
    vma::mark_edges(&mut world.processes[owner], munmap::pages(at, length));
    for page in munmap::pages(at, length) {
        let Some(mapping) = &mut world.processes[owner].mappings[page] else { continue };
        if mapping.registration.is_some_and(|it| it.modes.contains(modes)) {
            continue;
        }
        mapping.registration = Some(Registration { userfault, modes });
        // Protection that its mode no longer stands behind is left in the page table, and lifted by
        // whatever comes first: nothing is claimed of that.
        let markers = world.processes[owner].markers[page];
        if markers.contains(Markers::WRITE_PROTECTED) && !modes.contains(Modes::WRITE_PROTECT) {
            return Ok(Outcome::BeyondBounds);
        }
    }
    Ok(Outcome::Success)
}

// ANCHOR: can_have
/// Whether this kind of memory can be registered for these faults: anonymous memory and files of
/// tmpfs. Only what a file holds can be in the page cache and yet not mapped.
///
/// Source: include/linux/userfaultfd_k.h `vma_can_userfault()`.
fn can_have<M>(world: &World<M>, mapping: &Mapping, modes: Modes, policy: &Policy) -> bool {
    let is_anonymous = mapping.backing == Backing::Anonymous;
    is_memory(world, mapping)
        && !mapping.attributes.contains(Attributes::DROPPABLE)
        && (is_anonymous
            || !modes.contains(Modes::WRITE_PROTECT)
            || policy.userfaultfd_shmem_wp_exists)
        && !(is_anonymous && modes.contains(Modes::MINOR))
}
// ANCHOR_END: can_have

/// Whether what lies behind the mapping is memory, and not a disk.
fn is_memory<M>(world: &World<M>, mapping: &Mapping) -> bool {
    match mapping.backing {
        Backing::Anonymous => true,
        Backing::File { file, .. } => {
            matches!(world.files[file].backing, FileBacking::Memory | FileBacking::Tmpfs)
        }
    }
}

/// The userfaultfd is told of nothing in the range any more, and write protection is lifted there.
/// Whoever waits there tries again, but only where missing pages were registered.
///
/// Source: UFFDIO_UNREGISTER(2const); fs/userfaultfd.c `userfaultfd_unregister()`.
pub fn unregister<M: Memory>(
    world: &mut World<M>,
    process: usize,
    name: Handler,
    at: Address,
    length: Cells,
    policy: &Policy,
) -> Result {
    let (userfault, handler) = look_up(world, process, name)?;
    check_range(at, length)?;
    let owner = handler.owner.ok_or(Errno::ENOMEM)?;
    let mut is_empty = true;
    for mapping in munmap::pages(at, length).filter_map(|it| world.processes[owner].mappings[it]) {
        is_empty = false;
        let of_another = registered_with(Some(mapping)).is_some_and(|other| other != userfault);
        if of_another && !policy.userfaultfd_unregisters_for_others
            || mapping.attributes.contains(Attributes::DROPPABLE)
            || !is_memory(world, &mapping)
        {
            return Err(Errno::EINVAL);
        }
    }
    if is_empty {
        return Err(Errno::EINVAL);
    }
    vma::mark_edges(&mut world.processes[owner], munmap::pages(at, length));
    let mut woken = [None; PAGES];
    for page in munmap::pages(at, length) {
        let registration = world.processes[owner].mappings[page].and_then(|it| it.registration);
        let missing = registration.filter(|it| it.modes.contains(Modes::MISSING));
        woken[page] = missing.map(|it| it.userfault);
        let markers = world.processes[owner].markers[page];
        clear(world, owner, page);
        if policy.userfaultfd_unregister_keeps_protection {
            world.processes[owner].markers[page] = markers;
        }
    }
    for (page, userfault) in woken.iter().enumerate() {
        if let Some(userfault) = *userfault {
            wake_waiter(world, owner, userfault, |it| it == page, policy);
        }
    }
    Ok(Outcome::Success)
}
