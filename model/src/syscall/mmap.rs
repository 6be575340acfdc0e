//! mmap(2) at a fixed place.

use super::{Result, descriptor, munmap};
use crate::memory::Memory;
use crate::op::{Address, Cells, MapFlags, Name, Protection, Seals};
use crate::outcome::{Errno, Outcome};
use crate::policy::Policy;
use crate::world::{Attributes, Backing, Descriptor, File, Mapping, World};

/// The arguments of mmap(2).
pub struct Request {
    pub at: Address,
    pub length: Cells,
    pub protection: Protection,
    pub flags: MapFlags,
    pub file: Option<Name>,
    pub offset: Cells,
}

/// Replaces whatever is mapped in the range. Errors are found in this order: an offset inside a
/// page; a bad descriptor, which `MAP_ANONYMOUS` does not look at; no length, an address inside a
/// page; `MAP_FIXED_NOREPLACE` over something; the type and the descriptor's mode; the file's
/// seals.
///
/// Source: mmap(2) ERRORS; arch/x86/kernel/sys_x86_64.c `mmap`, mm/mmap.c `ksys_mmap_pgoff()`,
/// `do_mmap()`.
pub fn mmap<M: Memory>(
    world: &mut World<M>,
    process: usize,
    request: &Request,
    policy: &Policy,
) -> Result {
    let Request { at, length, flags, .. } = *request;
    if !request.offset.is_page_aligned() {
        return Err(Errno::EINVAL);
    }
    let descriptor = if flags.contains(MapFlags::ANONYMOUS) {
        None
    } else {
        let name = request.file.ok_or(Errno::EBADF)?;
        Some(descriptor::look_up(world, process, name)?)
    };
    if length == Cells(0) || !at.cells().is_page_aligned() {
        return Err(Errno::EINVAL);
    }
    if flags.contains(MapFlags::NO_REPLACE)
        && !policy.no_replace_is_ignored
        && munmap::pages(at, length).any(|page| world.processes[process].mappings[page].is_some())
    {
        return Err(Errno::EEXIST);
    }
    let mut mapping = match descriptor {
        Some(descriptor) => {
            let sealed = world.files[descriptor.file].seals;
            of_file(request, descriptor, sealed, policy)?
        }
        None => match anonymous(request, world.unused_file())? {
            Some(mapping) => mapping,
            None => return Ok(Outcome::BeyondBounds),
        },
    };
    if let Some(descriptor) = descriptor
        && let Err(error) = seals_allow(&world.files[descriptor.file], &mapping, policy)
    {
        if policy.refused_mmap_removes_old_mapping {
            munmap::unmap(world, process, at, length);
        }
        return Err(error);
    }
    if let Some(descriptor) = descriptor {
        restrict(&mut mapping, descriptor, world.files[descriptor.file].seals, policy);
    }
    munmap::unmap(world, process, at, length);
    if let Backing::File { file, .. } = mapping.backing
        && descriptor.is_none()
    {
        let size = Cells::pages(length.round_up_to_pages());
        world.files[file] = File { size, seals: Seals::SEAL, executable: true };
    }
    for page in munmap::pages(at, length) {
        world.processes[process].mappings[page] = Some(mapping);
        world.processes[process].joined[page] = page > at.cells().page() as usize;
        if let Backing::File { page, .. } = &mut mapping.backing {
            *page += 1;
        }
    }
    Ok(Outcome::Success)
}

/// A mapping of a file needs a descriptor that can be read, whatever the protection, and to write
/// through a shared one the descriptor must be writable as well. No type at all is EINVAL;
/// `MAP_SHARED_VALIDATE` refuses flags that it does not know, `MAP_FIXED_NOREPLACE` among them.
///
/// Source: mmap(2) EACCES, EINVAL, EOPNOTSUPP; mm/mmap.c `do_mmap()`, `LEGACY_MAP_MASK`.
fn of_file(
    request: &Request,
    descriptor: Descriptor,
    seals: Seals,
    policy: &Policy,
) -> core::result::Result<Mapping, Errno> {
    let kind = request.flags.kind();
    let shared = kind.contains(MapFlags::SHARED);
    if kind.is_empty() {
        return Err(Errno::EINVAL);
    }
    if kind == MapFlags::SHARED_VALIDATE
        && request.flags.intersects(MapFlags::UNKNOWN | MapFlags::NO_REPLACE)
    {
        return Err(Errno::EOPNOTSUPP);
    }
    let wants_to_write = shared && request.protection.contains(Protection::WRITE);
    let sealed = seals.intersects(Seals::WRITE | Seals::FUTURE_WRITE);
    if wants_to_write && sealed && policy.seals_come_before_descriptor_mode {
        return Err(Errno::EPERM);
    }
    if wants_to_write && !descriptor.mode.writes() || !descriptor.mode.reads() {
        return Err(Errno::EACCES);
    }
    let may_write = !shared || descriptor.mode.writes() || policy.read_only_descriptor_may_write;
    Ok(Mapping {
        protection: request.protection,
        may_write,
        shared,
        counted_writable: shared && may_write,
        attributes: Attributes::EMPTY,
        registration: None,
        backing: Backing::File { file: descriptor.file, page: request.offset.page() },
    })
}

/// Anonymous memory knows the types private and shared, and no other. Shared, it is a mapping of an
/// unnamed file of that length; `None` if the bounds have no place for one.
///
/// Source: mm/mmap.c `do_mmap()`; mm/shmem.c `shmem_zero_setup()`.
fn anonymous(
    request: &Request,
    unused_file: Option<usize>,
) -> core::result::Result<Option<Mapping>, Errno> {
    let backing = match request.flags.kind() {
        MapFlags::PRIVATE => Some(Backing::Anonymous),
        MapFlags::SHARED => unused_file.map(|file| Backing::File { file, page: 0 }),
        _ => return Err(Errno::EINVAL),
    };
    let shared = request.flags.contains(MapFlags::SHARED);
    Ok(backing.map(|backing| Mapping {
        protection: request.protection,
        may_write: true,
        shared,
        counted_writable: shared,
        attributes: Attributes::EMPTY,
        registration: None,
        backing,
    }))
}

/// A file sealed against writing cannot be mapped shared and writable, now or ever: a read-only
/// shared mapping of it is refused by older kernels. Private mappings do not care.
///
/// Source: fcntl(2) `F_SEAL_WRITE`, `F_SEAL_FUTURE_WRITE`; mm/memfd.c `memfd_check_seals_mmap()`.
fn seals_allow(file: &File, mapping: &Mapping, policy: &Policy) -> core::result::Result<(), Errno> {
    let sealed = file.seals.intersects(Seals::WRITE | Seals::FUTURE_WRITE);
    let writes = mapping.protection.contains(Protection::WRITE);
    let refused_read_only = file.seals.contains(Seals::WRITE)
        && mapping.counted_writable
        && !policy.sealed_memfd_maps_read_only_shared;
    if mapping.shared && (sealed && writes || refused_read_only) {
        return Err(Errno::EPERM);
    }
    Ok(())
}

/// A read-only shared mapping of a file that is sealed against writing can never be made writable,
/// and so it does not count among the mappings that may write.
///
/// Source: mm/memfd.c `check_write_seal()` clears `VM_MAYWRITE`.
fn restrict(mapping: &mut Mapping, descriptor: Descriptor, seals: Seals, policy: &Policy) {
    if mapping.shared && seals.intersects(Seals::WRITE | Seals::FUTURE_WRITE) {
        mapping.may_write = false;
        mapping.counted_writable =
            descriptor.mode.writes() && policy.unwritable_shared_mapping_blocks_write_seal;
    }
}
