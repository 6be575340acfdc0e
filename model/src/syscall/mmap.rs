//! mmap(2).

use super::seals::against_writing;
use super::{Result, descriptor, mseal, munmap, populate, soft_dirty, vma};
use crate::memory::Memory;
use crate::op::{Address, Cells, MapFlags, Name, Protection, Seals};
use crate::outcome::{Errno, Outcome};
use crate::policy::Policy;
use crate::world::{Attributes, Backing, Descriptor, File, FileBacking, Mapping, World};

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
/// page; a bad descriptor, which `MAP_ANONYMOUS` does not look at; `MAP_NOSIGBUS` of a mapping
/// that may not ask for it; no length, an address inside a
/// page, or inside a huge page of a file that has them, as every one of the arena is;
/// `MAP_FIXED_NOREPLACE` over something; the type and the descriptor's mode; the file's
/// seals; a sealed mapping; `MAP_SYNC` of a file whose disk is no persistent memory, which comes so
/// late that the old mapping is gone.
///
/// A hint is rounded down to a page, and taken where nothing is mapped in the range; otherwise the
/// kernel chooses a place, which lies outside of the arena. What that populates there nobody says.
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
    if !may_ask_for_no_sigbus(request, policy) {
        return Err(Errno::EINVAL);
    }
    let is_hint = flags.leaves_a_choice();
    if length == Cells(0) || !is_hint && !at.cells().is_page_aligned() {
        return Err(Errno::EINVAL);
    }
    if descriptor.is_some_and(|it| world.files[it.file].backing == FileBacking::Huge) {
        return if is_hint { Ok(Outcome::BeyondBounds) } else { Err(Errno::EINVAL) };
    }
    let pages = munmap::pages(at, length);
    let is_free = world.processes[process].mappings[pages.clone()].iter().all(Option::is_none);
    if flags.contains(MapFlags::NO_REPLACE) && !policy.no_replace_is_ignored && !is_free {
        return Err(Errno::EEXIST);
    }
    let mut mapping = match descriptor {
        Some(descriptor) => {
            let file = world.files[descriptor.file];
            let mapping = of_file(request, descriptor, file, policy)?;
            match file.backing {
                FileBacking::Zero => {
                    match of_zero_device(mapping, request, world.unused_file(), policy) {
                        Some(mapping) => mapping,
                        None => return Ok(Outcome::BeyondBounds),
                    }
                }
                _ => mapping,
            }
        }
        None => match anonymous(request, world.unused_file(), policy)? {
            Some(mapping) => mapping,
            None => return Ok(Outcome::BeyondBounds),
        },
    };
    if mapping.shared
        && mapping.attributes.contains(Attributes::NO_SIGBUS)
        && policy.nosigbus_takes_may_write
    {
        (mapping.may_write, mapping.counted_writable) = (false, false);
    }
    if let Some(descriptor) = descriptor
        && let Err(error) = seals_allow(&world.files[descriptor.file], &mapping, policy)
    {
        if policy.refused_mmap_removes_old_mapping {
            munmap::unmap(world, process, pages);
        }
        return Err(error);
    }
    if !is_hint && mseal::forbids(world, process, pages.clone()) {
        return Err(Errno::EPERM);
    }
    if let Some(descriptor) = descriptor
        && flags.contains(MapFlags::SYNC)
        && world.files[descriptor.file].backing == FileBacking::Disk
    {
        if !is_hint {
            munmap::unmap(world, process, pages);
        }
        return Err(Errno::EOPNOTSUPP);
    }
    let populates = flags.intersects(MapFlags::POPULATE | MapFlags::LOCKED);
    if flags.contains(MapFlags::GROWS_DOWN) || is_hint && !is_free && populates {
        return Ok(Outcome::BeyondBounds);
    }
    if is_hint && !is_free {
        return Ok(Outcome::Elsewhere);
    }
    if let Some(descriptor) = descriptor {
        restrict(&mut mapping, descriptor, world.files[descriptor.file].seals, policy);
    }
    munmap::unmap(world, process, pages.clone());
    if let Backing::File { file, .. } = mapping.backing
        && descriptor.is_none_or(|descriptor| descriptor.file != file)
    {
        let size = Cells::pages(length.round_up_to_pages());
        world.files[file] = File { size, ..File::ABSENT };
    }
    for (distance, page) in pages.clone().enumerate() {
        world.processes[process].mappings[page] = Some(mapping.advanced(distance as u8));
    }
    vma::mark_edges(&mut world.processes[process], pages.clone());
    soft_dirty::make(world, process, pages.clone());
    if populates {
        populate::populate(world, process, pages, policy);
    }
    Ok(if is_hint { Outcome::Address(Address::page(at.cells().page())) } else { Outcome::Success })
}

// ANCHOR: of_file
/// A mapping of a file needs a descriptor that can be read, whatever the protection, and to write
/// through a shared one the descriptor must be writable as well. No type at all is EINVAL, and so
/// is droppable memory; `MAP_SHARED_VALIDATE` refuses flags that it does not know,
/// `MAP_FIXED_NOREPLACE` among them, and `MAP_SYNC` of a file that is not on a disk. At last, a
/// file cannot grow down.
///
/// Source: mmap(2) EACCES, EINVAL, EOPNOTSUPP; mm/mmap.c `do_mmap()`, `LEGACY_MAP_MASK`.
fn of_file(
    request: &Request,
    descriptor: Descriptor,
    file: File,
    policy: &Policy,
) -> core::result::Result<Mapping, Errno> {
    let kind = request.flags.kind();
    let shared = kind.contains(MapFlags::SHARED);
    if kind.is_empty() || kind.contains(MapFlags::DROPPABLE) {
        return Err(Errno::EINVAL);
    }
    if kind == MapFlags::SHARED_VALIDATE
        && (request.flags.intersects(MapFlags::UNKNOWN | MapFlags::NO_REPLACE)
            || request.flags.contains(MapFlags::NO_SIGBUS) && !policy.has_shared_nosigbus()
            || request.flags.contains(MapFlags::SYNC) && file.backing != FileBacking::Disk)
    {
        return Err(Errno::EOPNOTSUPP);
    }
    let wants_to_write = shared && request.protection.contains(Protection::WRITE);
    let sealed = file.seals.intersects(against_writing(policy));
    if wants_to_write && sealed && policy.seals_come_before_descriptor_mode {
        return Err(Errno::EPERM);
    }
    if wants_to_write && !descriptor.mode.writes() || !descriptor.mode.reads() {
        return Err(Errno::EACCES);
    }
    if request.flags.contains(MapFlags::GROWS_DOWN) {
        return Err(Errno::EINVAL);
    }
    let may_write = !shared || descriptor.mode.writes() || policy.read_only_descriptor_may_write;
    Ok(Mapping {
        protection: request.protection,
        may_write,
        shared,
        counted_writable: shared && may_write,
        attributes: attributes(request.flags, policy),
        registration: None,
        backing: Backing::File { file: descriptor.file, page: request.offset.page() },
    })
}
// ANCHOR_END: of_file

/// Anonymous memory knows the types private, shared and droppable, and no other. Shared, it is a
/// mapping of an unnamed file of that length; `None` if the bounds have no place for one. Only
/// private memory can grow down, and what can be dropped cannot be locked.
///
/// Source: mmap(2) `MAP_DROPPABLE`, `MAP_GROWSDOWN`; mm/mmap.c `do_mmap()`; mm/shmem.c
/// `shmem_zero_setup()`.
fn anonymous(
    request: &Request,
    unused_file: Option<usize>,
    policy: &Policy,
) -> core::result::Result<Option<Mapping>, Errno> {
    let refused = match request.flags.kind() {
        MapFlags::PRIVATE => MapFlags::EMPTY,
        MapFlags::SHARED => MapFlags::GROWS_DOWN,
        MapFlags::DROPPABLE if policy.droppable_memory_exists => {
            MapFlags::GROWS_DOWN | MapFlags::LOCKED
        }
        _ => return Err(Errno::EINVAL),
    };
    if request.flags.intersects(refused) {
        return Err(Errno::EINVAL);
    }
    let shared = request.flags.contains(MapFlags::SHARED);
    let backing = if shared {
        unused_file.map(|file| Backing::File { file, page: 0 })
    } else {
        Some(Backing::Anonymous)
    };
    Ok(backing.map(|backing| Mapping {
        protection: request.protection,
        may_write: true,
        shared,
        counted_writable: shared,
        attributes: attributes(request.flags, policy),
        registration: None,
        backing,
    }))
}

/// A mapping of `/dev/zero` is anonymous memory. Shared, it is one of an unnamed file of that
/// length, in which the offset counts all the same: behind the start, the last pages lie past the
/// end. A shared one that can never be written needs no file on most kernels. `None` if the bounds
/// have no place for it.
///
/// Source: drivers/char/mem.c `mmap_zero_prepare()`, which asks for `VM_SHARED`: mm/mmap.c
/// `do_mmap()` has cleared that for a read-only descriptor; mm/shmem.c `shmem_zero_setup()`.
fn of_zero_device(
    mapping: Mapping,
    request: &Request,
    unused_file: Option<usize>,
    policy: &Policy,
) -> Option<Mapping> {
    let needs_file = mapping.may_write || !policy.unwritable_shared_zero_device_is_anonymous;
    let backing = if mapping.shared && needs_file {
        unused_file.map(|file| Backing::File { file, page: request.offset.page() })?
    } else {
        Backing::Anonymous
    };
    let attributes = match backing {
        Backing::Anonymous => mapping.attributes | Attributes::OF_DEVICE,
        Backing::File { .. } => mapping.attributes,
    };
    Some(Mapping { backing, attributes, ..mapping })
}

/// What the flags say of the mapping. What can be dropped is not copied by fork.
///
/// Source: mmap(2) `MAP_LOCKED`, `MAP_DROPPABLE`; for `MAP_NOSIGBUS` as for the policy.
fn attributes(flags: MapFlags, policy: &Policy) -> Attributes {
    let of = |flag, attributes: Attributes| {
        if flags.contains(flag) { attributes } else { Attributes::EMPTY }
    };
    let no_sigbus = if policy.has_nosigbus() { Attributes::NO_SIGBUS } else { Attributes::EMPTY };
    of(MapFlags::LOCKED, Attributes::LOCKED)
        | of(MapFlags::DROPPABLE, Attributes::DROPPABLE | Attributes::WIPED_ON_FORK)
        | of(MapFlags::NO_SIGBUS, no_sigbus)
}

// ANCHOR: may_ask_for_no_sigbus
/// Which mappings may ask for no SIGBUS is what the proposals differ in: private ones, shared ones
/// that are not writable, shared ones that are. Others are EINVAL. `MAP_SHARED_VALIDATE`, in whose
/// number that of `MAP_PRIVATE` is, gets past this where shared ones may not ask, but then it does
/// not know the flag. Where there is no such proposal nothing else knows it either: it is ignored,
/// and SIGBUS raised.
///
/// Source: Ming Lin, "\[PATCH v2 2/2\] mm: adds NOSIGBUS extension to mmap()", 4 June 2021,
/// `do_mmap()`; for shared mappings as for the policy; mmap(2) `MAP_SHARED_VALIDATE`.
fn may_ask_for_no_sigbus(request: &Request, policy: &Policy) -> bool {
    if !request.flags.contains(MapFlags::NO_SIGBUS) || !policy.has_nosigbus() {
        return true;
    }
    let is = |flag| request.flags.contains(flag);
    match (is(MapFlags::PRIVATE), is(MapFlags::SHARED)) {
        (true, false) => policy.nosigbus_for_private_mappings,
        (true, true) if !policy.has_shared_nosigbus() => true,
        (_, true) if request.protection.contains(Protection::WRITE) => {
            policy.nosigbus_for_writable_shared_mappings
        }
        (_, true) => policy.nosigbus_for_read_only_shared_mappings,
        (false, false) => false,
    }
}
// ANCHOR_END: may_ask_for_no_sigbus

/// A file sealed against writing cannot be mapped shared and writable, now or ever: a read-only
/// shared mapping of it is refused by older kernels. Private mappings do not care.
///
/// Source: fcntl(2) `F_SEAL_WRITE`, `F_SEAL_FUTURE_WRITE`; mm/memfd.c `memfd_check_seals_mmap()`.
fn seals_allow(file: &File, mapping: &Mapping, policy: &Policy) -> core::result::Result<(), Errno> {
    let sealed = file.seals.intersects(against_writing(policy));
    let writes = mapping.protection.contains(Protection::WRITE);
    let refused_read_only = file.seals.contains(Seals::WRITE)
        && mapping.counted_writable
        && !policy.sealed_memfd_maps_read_only_shared;
    if mapping.shared && (sealed && writes || refused_read_only) {
        let is_denied = policy.sealed_mapping_is_access_denied;
        return Err(if is_denied { Errno::EACCES } else { Errno::EPERM });
    }
    Ok(())
}

// ANCHOR: restrict
/// A read-only shared mapping of a file that is sealed against writing can never be made writable,
/// and so it does not count among the mappings that may write.
///
/// Source: mm/memfd.c `check_write_seal()` clears `VM_MAYWRITE`.
fn restrict(mapping: &mut Mapping, descriptor: Descriptor, seals: Seals, policy: &Policy) {
    let is_restricted = mapping.shared && seals.intersects(against_writing(policy));
    let by_mistake =
        policy.future_write_seal_shares_private_pages && seals.contains(Seals::FUTURE_WRITE);
    mapping.may_write &= mapping.shared || !by_mistake;
    if is_restricted {
        mapping.may_write = false;
        mapping.counted_writable =
            descriptor.mode.writes() && policy.unwritable_shared_mapping_blocks_write_seal;
    }
}
// ANCHOR_END: restrict
