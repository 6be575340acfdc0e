//! `UFFDIO_MOVE`.

use super::super::{Result, munmap, vma};
use super::{check_range, expect_call, look_up_to_change, registered_with, wait};
use crate::memory::{Memory, Place, Presence};
use crate::op::{Address, Cells, Handler, Protection};
use crate::outcome::{Errno, Outcome};
use crate::policy::Policy;
use crate::world::{Attributes, Backing, Mapping, Markers, World};

/// Where pages are moved from and to.
struct Route {
    owner: usize,
    to: Address,
    from: Address,
    length: Cells,
}

/// Moves pages of private anonymous memory, without a copy, to where nothing is; only the process
/// itself can (EINVAL). Both ranges lie within one mapping each, that of the target is registered
/// with this userfaultfd, both have the same protection and can be written. A page that fork has
/// shared, and nobody has written since, is EBUSY; nothing to move is ENOENT.
///
/// If a page fails after others were moved, it is EAGAIN, and they stay moved.
///
/// Source: UFFDIO_MOVE(2const); fs/userfaultfd.c `userfaultfd_move()`; mm/userfaultfd.c
/// `move_pages()`, `validate_move_areas()`.
pub fn transfer<M: Memory>(
    world: &mut World<M>,
    process: usize,
    name: Handler,
    [to, from]: [Address; 2],
    length: Cells,
    policy: &Policy,
) -> Result {
    expect_call(world, process, name, policy.userfaultfd_move_exists)?;
    let (userfault, handler) = look_up_to_change(world, process, name)?;
    if handler.owner != Some(process) {
        return Err(Errno::EINVAL);
    }
    check_range(to, length)?;
    check_range(from, length)?;
    check_mappings(world, userfault, &Route { owner: process, to, from, length })?;
    let is_one = |at| vma::is_one(&world.processes[process], munmap::pages(at, length));
    if is_one(to).is_none() || is_one(from).is_none() {
        return Ok(Outcome::BeyondBounds);
    }
    let (targets, sources) = (munmap::pages(to, length), munmap::pages(from, length));
    let first = targets.start;
    for (target, source) in targets.zip(sources) {
        let [target, source] = [target, source].map(|page| Place { process, page });
        match move_page(world, target, source) {
            Some(Ok(())) => {}
            Some(Err(error)) => {
                return Err(if target.page == first { error } else { Errno::EAGAIN });
            }
            None => return Ok(Outcome::BeyondBounds),
        }
    }
    Ok(Outcome::Success)
}

fn check_mappings<M>(
    world: &World<M>,
    userfault: usize,
    &Route { owner, to, from, length }: &Route,
) -> core::result::Result<(), Errno> {
    let mapping = |at: Address| at.index().and_then(|page| world.processes[owner].mappings[page]);
    let target = mapping(to).ok_or(Errno::ENOENT)?;
    let source = mapping(from).ok_or(Errno::ENOENT)?;
    let is_plain = |mapping: &Mapping| mapping.backing == Backing::Anonymous;
    let is_locked = |mapping: &Mapping| mapping.attributes.contains(Attributes::LOCKED);
    let is_apart =
        |at| vma::is_one(&world.processes[owner], munmap::pages(at, length)) == Some(false);
    let fits = !is_apart(to)
        && !is_apart(from)
        && is_plain(&target)
        && is_plain(&source)
        && is_locked(&target) == is_locked(&source)
        && target.protection == source.protection
        && source.protection.contains(Protection::WRITE)
        && registered_with(Some(target)) == Some(userfault);
    if fits { Ok(()) } else { Err(Errno::EINVAL) }
}

/// Moves a page; `None` if whether it can be is the kernel's free choice.
fn move_page<M: Memory>(
    world: &mut World<M>,
    target: Place,
    source: Place,
) -> Option<core::result::Result<(), Errno>> {
    let state = |place: Place| {
        let process = &world.processes[place.process];
        let mapping = process.mappings[place.page]?;
        Some((wait::presence(world, place, &mapping), process.markers[place.page]))
    };
    let ((there, there_marked), (here, here_marked)) = (state(target)?, state(source)?);
    let error = match (there, here) {
        _ if !there_marked.is_empty() => Some(Errno::EEXIST),
        (Presence::Present, _) => Some(Errno::EEXIST),
        (Presence::Unknown, _) => return None,
        (_, Presence::Absent) if here_marked.is_empty() => Some(Errno::ENOENT),
        (_, Presence::Absent) => Some(Errno::EFAULT),
        (_, Presence::Unknown) => return None,
        _ if world.memory.has_own_copy(source) && !world.memory.is_exclusive(source) => {
            Some(Errno::EBUSY)
        }
        _ => None,
    };
    if let Some(error) = error {
        return Some(Err(error));
    }
    world.memory.move_page(source, target);
    let markers = &mut world.processes[source.process].markers[source.page];
    *markers = markers.without(Markers::WRITE_PROTECTED);
    Some(Ok(()))
}
