//! What a handler puts in place of missing pages: `UFFDIO_COPY` and its like.

use super::super::{Result, munmap, vma};
use super::{check_range, expect_call, look_up_to_change, wait, wake_range};
use crate::bounds::CELLS;
use crate::memory::{Memory, Place, Presence, Source};
use crate::op::{Address, Cells, CopyMode, Handler, Modes, Protection};
use crate::outcome::{Errno, Outcome};
use crate::policy::Policy;
use crate::world::{Attributes, Backing, Mapping, Markers, World};

/// Why a page could not be filled.
enum Stop {
    /// The error.
    Error(Errno),
    /// Whether it can is the kernel's free choice.
    Unknown,
}

/// The userfaultfd whose memory is filled, the range, and what the mapping must be.
struct Target {
    name: Handler,
    at: Address,
    length: Cells,
    allows: fn(&Mapping) -> bool,
    wakes: bool,
}

/// A page with this value in every cell is put where nothing was. Through a shared mapping it is
/// the file's, whatever its seals and the mapping's protection say; a private one gets its own.
/// What is there already is EEXIST, be it in the page cache only; a marker gives way, a guard on
/// some kernels only, and so does write protection, unless the copy is to be protected.
///
/// Source: UFFDIO_COPY(2const); mm/userfaultfd.c `mfill_atomic_install_pte()`; mm/shmem.c
/// `shmem_mfill_atomic_pte()`.
pub fn copy<M: Memory>(
    world: &mut World<M>,
    process: usize,
    name: Handler,
    at: Address,
    value: u8,
    mode: CopyMode,
    policy: &Policy,
) -> Result {
    let protects = mode.contains(CopyMode::WRITE_PROTECT);
    let allows = |mapping: &Mapping| {
        mapping.registration.is_some_and(|it| it.modes.contains(Modes::WRITE_PROTECT))
    };
    let target = Target {
        name,
        at,
        length: Cells::pages(1),
        allows: if protects { allows } else { |_| true },
        wakes: !mode.contains(CopyMode::NO_WAKE),
    };
    fill(world, process, &target, policy, |world, place, mapping| {
        match mapping.source() {
            Source::File { file, page, shared }
                if shared || policy.userfaultfd_fills_files_through_private_mappings =>
            {
                fill_file(world, place, mapping, [file, page], value, policy)?;
                note_write(world, place, mapping);
            }
            _ => {
                if !is_of_device(mapping) || !policy.userfaultfd_copies_into_device_memory {
                    expect_within_file(world, mapping)?;
                }
                expect_no_guard(world, place, policy)?;
                expect_absent(world, place, mapping)?;
                world.memory.install(place, [value; CELLS]);
            }
        }
        let markers = if protects { Markers::WRITE_PROTECTED } else { Markers::EMPTY };
        world.processes[place.process].markers[place.page] = markers;
        Ok(())
    })
}

/// Zeros are put where nothing was: the zero page in private memory, a page of the file in shared.
/// There a marker gives way as for [`copy`]; in private memory it is EEXIST.
///
/// Source: UFFDIO_ZEROPAGE(2const); mm/userfaultfd.c `mfill_atomic_pte_zeropage()`.
pub fn zero<M: Memory>(
    world: &mut World<M>,
    process: usize,
    name: Handler,
    at: Address,
    length: Cells,
    policy: &Policy,
) -> Result {
    let target = Target { name, at, length, allows: |_| true, wakes: true };
    fill(world, process, &target, policy, |world, place, mapping| {
        let source = mapping.source();
        if let Source::File { file, page, shared: true } = source {
            fill_file(world, place, mapping, [file, page], 0, policy)?;
            note_write(world, place, mapping);
            world.processes[place.process].markers[place.page] = Markers::EMPTY;
        } else {
            expect_within_file(world, mapping)?;
            expect_no_marker(world, place)?;
            expect_absent(world, place, mapping)?;
            world.memory.install_zero(place, source);
        }
        Ok(())
    })
}

/// Pages that the page cache has are mapped, filled if they were only allocated: EFAULT, if it has
/// not; EINVAL past the end, or EFAULT as well.
///
/// Source: UFFDIO_CONTINUE(2const); mm/userfaultfd.c `mfill_atomic_pte_continue()`; mm/shmem.c
/// `shmem_get_folio_gfp()`, `SGP_NOALLOC`.
pub fn map_cached<M: Memory>(
    world: &mut World<M>,
    process: usize,
    name: Handler,
    at: Address,
    length: Cells,
    policy: &Policy,
) -> Result {
    expect_call(world, process, name, policy.userfaultfd_minor_mode_exists)?;
    let allows = |mapping: &Mapping| mapping.backing != Backing::Anonymous;
    let target = Target { name, at, length, allows, wakes: true };
    fill(world, process, &target, policy, |world, place, mapping| {
        match mapping.backing {
            Backing::File { file, page } if !world.files[file].has_page(page) => {
                let finds_nothing = policy.userfaultfd_continue_past_end_finds_nothing;
                return Err(Stop::Error(if finds_nothing { Errno::EFAULT } else { Errno::EINVAL }));
            }
            Backing::File { file, page } if !world.memory.has_file_page(file, page as usize) => {
                return Err(Stop::Error(Errno::EFAULT));
            }
            _ => {}
        }
        expect_no_guard(world, place, policy)?;
        expect_absent(world, place, mapping)?;
        world.memory.load(place, mapping.source(), 0);
        note_write(world, place, mapping);
        world.processes[place.process].markers[place.page] = Markers::EMPTY;
        Ok(())
    })
}

/// Accesses to the pages raise the signal of failed memory from now on, in this process only. It
/// must be told where no page is mapped, nor a marker; what the page cache has does not matter.
///
/// Source: UFFDIO_POISON(2const); mm/userfaultfd.c `mfill_atomic_pte_poison()`.
pub fn poison<M: Memory>(
    world: &mut World<M>,
    process: usize,
    name: Handler,
    at: Address,
    length: Cells,
    policy: &Policy,
) -> Result {
    let target = Target { name, at, length, allows: |_| true, wakes: true };
    expect_call(world, process, name, policy.userfaultfd_poison_exists)?;
    fill(world, process, &target, policy, |world, place, mapping| {
        expect_within_file(world, mapping)?;
        expect_no_marker(world, place)?;
        expect_absent(world, place, mapping)?;
        world.processes[place.process].markers[place.page] = Markers::POISONED;
        Ok(())
    })
}

/// Fills the pages of a range, one after the other, and wakes whoever waits for them. If the first
/// one fails, that is the error; if a later one, it is EAGAIN, and what came before stays.
///
/// The range must lie within one mapping that is registered, no matter with which userfaultfd.
///
/// Source: UFFDIO_ZEROPAGE(2const) EAGAIN; mm/userfaultfd.c `mfill_atomic()`.
fn fill<M: Memory>(
    world: &mut World<M>,
    process: usize,
    target: &Target,
    policy: &Policy,
    mut fill_page: impl FnMut(&mut World<M>, Place, &Mapping) -> core::result::Result<(), Stop>,
) -> Result {
    let &Target { name, at, length, allows, wakes } = target;
    let (userfault, handler) = look_up_to_change(world, process, name)?;
    check_range(at, length)?;
    let owner = handler.owner.ok_or(Errno::ESRCH)?;
    let pages = munmap::pages(at, length);
    let first = world.processes[owner].mappings[pages.start].ok_or(Errno::ENOENT)?;
    let is_one = vma::is_one(&world.processes[owner], pages.clone());
    if first.registration.is_none() || is_one == Some(false) {
        return Err(Errno::ENOENT);
    }
    if is_one.is_none() {
        return Ok(Outcome::BeyondBounds);
    }
    if !allows(&first) {
        return Err(Errno::EINVAL);
    }
    let mut filled = pages.start..pages.start;
    for page in pages.clone() {
        let Some(mapping) = world.processes[owner].mappings[page] else { break };
        match fill_page(world, Place { process: owner, page }, &mapping) {
            Ok(()) => filled.end = page + 1,
            Err(Stop::Unknown) => return Ok(Outcome::BeyondBounds),
            Err(Stop::Error(error)) if filled.is_empty() => return Err(error),
            Err(Stop::Error(_)) => break,
        }
    }
    let is_whole = filled == pages;
    if wakes {
        wake_range(world, owner, userfault, filled, policy);
    }
    if is_whole { Ok(Outcome::Success) } else { Err(Errno::EAGAIN) }
}

/// A page that is put in place counts as written through this mapping, whatever put it there; old
/// kernels leave out a shared one that may not be written.
///
/// Source: mm/userfaultfd.c `mfill_atomic_install_pte()`; mm/shmem.c `shmem_mfill_atomic_pte()` of
/// Linux 5.10.
fn note_write<M: Memory>(world: &mut World<M>, place: Place, mapping: &Mapping) {
    world.memory.entries_mut().write(place);
    if mapping.shared && !mapping.protection.contains(Protection::WRITE) {
        world.memory.entries_mut().doubt_soft_dirty(place);
    }
}

/// A page of a file that the page cache does not have gets this content.
fn fill_file<M: Memory>(
    world: &mut World<M>,
    place: Place,
    mapping: &Mapping,
    [file, page]: [usize; 2],
    value: u8,
    policy: &Policy,
) -> core::result::Result<(), Stop> {
    if expect_within_file(world, mapping).is_err() {
        let lacks_memory = policy.userfaultfd_fill_past_end_lacks_memory;
        return Err(Stop::Error(if lacks_memory { Errno::ENOMEM } else { Errno::EFAULT }));
    }
    if world.memory.has_file_page(file, page) {
        return Err(Stop::Error(Errno::EEXIST));
    }
    expect_no_guard(world, place, policy)?;
    (0..CELLS).for_each(|cell| world.memory.write_file(file, page, cell, value));
    Ok(())
}

/// What lies past the end of its file cannot be filled; a device has no size, so that all of its
/// memory does.
///
/// Source: mm/userfaultfd.c `mfill_file_over_size()`.
fn expect_within_file<M>(world: &World<M>, mapping: &Mapping) -> core::result::Result<(), Stop> {
    match mapping.backing {
        Backing::File { file, page } if !world.files[file].has_page(page) => {
            Err(Stop::Error(Errno::EFAULT))
        }
        _ if is_of_device(mapping) => Err(Stop::Error(Errno::EFAULT)),
        _ => Ok(()),
    }
}

fn is_of_device(mapping: &Mapping) -> bool {
    mapping.attributes.contains(Attributes::OF_DEVICE)
}

fn expect_no_guard<M>(
    world: &World<M>,
    place: Place,
    policy: &Policy,
) -> core::result::Result<(), Stop> {
    let stays = !policy.userfaultfd_copy_replaces_guards;
    let is_guarded = world.processes[place.process].is_guarded(place.page);
    if stays && is_guarded { Err(Stop::Error(Errno::EEXIST)) } else { Ok(()) }
}

fn expect_no_marker<M>(world: &World<M>, place: Place) -> core::result::Result<(), Stop> {
    let is_marked = !world.processes[place.process].markers[place.page].is_empty();
    if is_marked { Err(Stop::Error(Errno::EEXIST)) } else { Ok(()) }
}

fn expect_absent<M: Memory>(
    world: &World<M>,
    place: Place,
    mapping: &Mapping,
) -> core::result::Result<(), Stop> {
    match wait::presence(world, place, mapping) {
        Presence::Absent => Ok(()),
        Presence::Unknown => Err(Stop::Unknown),
        Presence::Present => Err(Stop::Error(Errno::EEXIST)),
    }
}
