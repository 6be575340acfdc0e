//! madvise(2) `MADV_POPULATE_READ` and `MADV_POPULATE_WRITE`.

use super::access;
use crate::memory::{Memory, Place};
use crate::op::{Address, Protection};
use crate::outcome::{Cause, Errno};
use crate::policy::Policy;
use crate::world::{Mapping, World};

/// One page becomes as if it were loaded from, or stored to, without changing: to read, the mapping
/// must be readable, and to write, writable (EINVAL), whatever the processor would allow. Where the
/// access would raise another signal, that is EFAULT.
///
/// Source: madvise(2) `MADV_POPULATE_READ`, `MADV_POPULATE_WRITE`; mm/gup.c `faultin_page_range()`,
/// `check_vma_flags()`; mm/madvise.c `madvise_populate()`.
pub fn populate<M: Memory>(
    world: &mut World<M>,
    place: Place,
    mapping: Mapping,
    write: bool,
    policy: &Policy,
) -> Result<(), Errno> {
    let wanted = if write { Protection::WRITE } else { Protection::READ };
    if !mapping.protection.contains(wanted) {
        return Err(Errno::EINVAL);
    }
    let at = Address::page(place.page as u8);
    access::allow(world, place.process, at, write, policy).map_err(|cause| match cause {
        Cause::NotAllowed | Cause::ProtectionKey => Errno::EINVAL,
        Cause::NotMapped | Cause::PastEnd => Errno::EFAULT,
    })?;
    if write {
        world.memory.make_own(place, mapping.source(), policy);
    } else {
        world.memory.load(place, mapping.source(), 0);
    }
    Ok(())
}
