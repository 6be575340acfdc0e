//! `UFFDIO_WRITEPROTECT`.

use super::super::{Result, munmap, vma};
use super::{check_range, look_up_to_change, wait, wake_range};
use crate::memory::{Memory, Place, Presence};
use crate::op::{Address, Cells, Handler, HandlerFlags, Modes, Switch};
use crate::outcome::{Errno, Outcome};
use crate::policy::Policy;
use crate::world::{Backing, Mapping, Markers, Userfault, World};

/// Write-protects the pages of the range, or lifts that and wakes whoever waits. Holes are left
/// out; a mapping that is not registered for it is ENOENT, and what came before stays changed. Of a
/// file also those pages are protected that are not there; of anonymous memory only if the
/// userfaultfd was made so.
///
/// Source: UFFDIO_WRITEPROTECT(2const); mm/userfaultfd.c `mwriteprotect_range()`; mm/mprotect.c
/// `change_pte_range()`.
pub fn write_protect<M: Memory>(
    world: &mut World<M>,
    process: usize,
    name: Handler,
    at: Address,
    length: Cells,
    switch: Switch,
    policy: &Policy,
) -> Result {
    let (userfault, handler) = look_up_to_change(world, process, name)?;
    check_range(at, length)?;
    let owner = handler.owner.ok_or(Errno::ESRCH)?;
    if !policy.userfaultfd_wp_spans_mappings {
        let is_one = vma::is_one(&world.processes[owner], munmap::pages(at, length));
        if is_one != Some(true) {
            return if is_one.is_none() { Ok(Outcome::BeyondBounds) } else { Err(Errno::ENOENT) };
        }
    }
    let mut is_empty = true;
    for page in munmap::pages(at, length) {
        let Some(mapping) = world.processes[owner].mappings[page] else { continue };
        is_empty = false;
        let registration = mapping.registration.ok_or(Errno::ENOENT)?;
        if !registration.modes.contains(Modes::WRITE_PROTECT) {
            return Err(Errno::ENOENT);
        }
        if switch == Switch::Off {
            let markers = &mut world.processes[owner].markers[page];
            *markers = markers.without(Markers::WRITE_PROTECTED);
        } else if !protect(world, Place { process: owner, page }, &mapping) {
            return Ok(Outcome::BeyondBounds);
        } else if policy.write_protection_is_of_the_file {
            protect_everywhere(world, mapping.backing);
        }
    }
    if is_empty {
        return Err(Errno::ENOENT);
    }
    if switch == Switch::Off {
        wake_range(world, owner, userfault, munmap::pages(at, length), policy);
    }
    Ok(Outcome::Success)
}

/// Write-protects a page of a file in every process that maps it.
fn protect_everywhere<M>(world: &mut World<M>, backing: Backing) {
    for process in &mut world.processes {
        for (mapping, markers) in process.mappings.iter().zip(&mut process.markers) {
            if backing != Backing::Anonymous && mapping.is_some_and(|it| it.backing == backing) {
                *markers = Markers::WRITE_PROTECTED;
            }
        }
    }
}

/// Write-protects a page; false if what that does is the kernel's free choice.
fn protect<M: Memory>(world: &mut World<M>, place: Place, mapping: &Mapping) -> bool {
    let userfault = mapping.registration.and_then(|it| world.userfaults[it.userfault]);
    let unpopulated = userfault.is_some_and(|Userfault { flags, .. }| {
        flags.intersects(HandlerFlags::UNPOPULATED_WP | HandlerFlags::ASYNC_WP)
    });
    let presence = wait::presence(world, place, mapping);
    let everywhere = unpopulated || mapping.backing != Backing::Anonymous;
    let markers = &mut world.processes[place.process].markers[place.page];
    if markers.is_empty() && (everywhere || presence == Presence::Present) {
        *markers = Markers::WRITE_PROTECTED;
    }
    everywhere || presence != Presence::Unknown
}
