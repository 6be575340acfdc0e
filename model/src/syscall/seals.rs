//! File seals: fcntl(2) `F_ADD_SEALS` and `F_GET_SEALS`.

use super::{Result, descriptor};
use crate::bounds::FILE_PAGES;
use crate::memory::Memory;
use crate::op::{Name, Seals};
use crate::outcome::{Errno, Outcome};
use crate::policy::Policy;
use crate::world::World;

// ANCHOR: add
/// Adds seals to a file, all of them or none. The descriptor must be open for writing (EPERM), the
/// seals known and the file one that has seals (EINVAL), and not sealed against sealing (EPERM);
/// and to add `F_SEAL_WRITE` no shared mapping may exist through which the file may be written, nor
/// may anything pin one of its pages (EBUSY).
///
/// Source: fcntl(2) `F_ADD_SEALS`; mm/memfd.c `memfd_add_seals()`, `memfd_wait_for_pins()`.
pub fn add<M: Memory>(
    world: &mut World<M>,
    process: usize,
    name: Name,
    seals: Seals,
    policy: &Policy,
) -> Result {
    let descriptor = descriptor::look_up(world, process, name)?;
    if !descriptor.mode.writes() {
        return Err(Errno::EPERM);
    }
    let exec = if policy.seal_exec_exists { Seals::EMPTY } else { Seals::EXECUTE };
    let unknown = Seals::UNKNOWN | exec;
    if seals.intersects(unknown) && !policy.unknown_seals_are_kept
        || !world.files[descriptor.file].backing.has_seals(policy)
    {
        return Err(Errno::EINVAL);
    }
    let current = world.files[descriptor.file].seals;
    if current.contains(Seals::SEAL) && !policy.seal_seal_does_not_bind {
        return Err(Errno::EPERM);
    }
    let implied = implied(seals.without(unknown), world.files[descriptor.file].executable);
    let added = seals | implied;
    let asked = if policy.implied_write_seal_ignores_mappings { seals } else { added };
    if asked.without(current).contains(Seals::WRITE)
        && (may_be_written_through_mappings(world, descriptor.file)
            || is_pinned(world, descriptor.file))
        && !policy.write_seal_ignores_mappings
    {
        return Err(Errno::EBUSY);
    }
    let kept = if policy.adding_seals_replaces_them { Seals::EMPTY } else { current };
    world.files[descriptor.file].seals = kept | added;
    Ok(Outcome::Success)
}
// ANCHOR_END: add

/// What `F_SEAL_EXEC` adds to a file that may be executed: its content and size are sealed as well.
///
/// Source: commits c4f75bc8bd6b, 3b041514cb6e; mm/memfd.c `memfd_add_seals()`.
fn implied(seals: Seals, executable: bool) -> Seals {
    if executable && seals.contains(Seals::EXECUTE) {
        Seals::SHRINK | Seals::GROW | Seals::WRITE | Seals::FUTURE_WRITE
    } else {
        Seals::EMPTY
    }
}

/// The seals that refuse new writers.
///
/// Source: fcntl(2) `F_SEAL_WRITE`, `F_SEAL_FUTURE_WRITE`.
pub fn against_writing(policy: &Policy) -> Seals {
    if policy.future_write_seal_does_not_bind {
        Seals::WRITE
    } else {
        Seals::WRITE | Seals::FUTURE_WRITE
    }
}

// ANCHOR: writers
/// Whether some process has a shared mapping of the file that is, or may be made, writable.
///
/// Source: include/linux/fs.h `mapping_deny_writable()`, `i_mmap_writable`.
fn may_be_written_through_mappings<M>(world: &World<M>, file: usize) -> bool {
    let mappings = world.processes.iter().flat_map(|process| process.mappings.iter().flatten());
    mappings.into_iter().any(|mapping| mapping.counted_writable && mapping.maps(file))
}
// ANCHOR_END: writers

// ANCHOR: is_pinned
/// Whether some page of the file is pinned; those that the file has lost since do not count.
///
/// Source: mm/memfd.c `memfd_wait_for_pins()`.
fn is_pinned<M: Memory>(world: &World<M>, file: usize) -> bool {
    (0..FILE_PAGES).any(|page| world.memory.is_file_page_pinned(file, page))
}
// ANCHOR_END: is_pinned

/// The file's seals, through any descriptor; a file that cannot have any is EINVAL.
///
/// Source: fcntl(2) `F_GET_SEALS`; mm/memfd.c `memfd_get_seals()`.
pub fn get<M: Memory>(world: &World<M>, process: usize, name: Name, policy: &Policy) -> Result {
    let descriptor = descriptor::look_up(world, process, name)?;
    let file = &world.files[descriptor.file];
    if !file.backing.has_seals(policy) {
        return Err(Errno::EINVAL);
    }
    Ok(Outcome::Seals(file.seals))
}
