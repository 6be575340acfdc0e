//! Observations.

use std::ffi::CStr;
use std::fs::File;
use std::os::fd::BorrowedFd;

use mapspec_model::op::{Address, Remote};
use mapspec_model::outcome::{Answers, Outcome, Permissions};

use rustix::fs::{Mode, OFlags};

use super::{Process, cannot, error_outcome};
use crate::arena;
use crate::broken::Reason;
use crate::observe::{self, Entry};
use crate::raw::system_call;

pub fn size(file: BorrowedFd<'_>) -> Result<Outcome, Reason> {
    match rustix::fs::fstat(file) {
        Ok(status) => usize::try_from(status.st_size)
            .ok()
            .and_then(arena::cells)
            .map(Outcome::Length)
            .ok_or_else(|| cannot("fstat", format!("{} is no size in cells", status.st_size))),
        Err(error) => Ok(error_outcome(error)),
    }
}

pub fn page(process: &mut Process<'_>, at: Address) -> Result<Outcome, Reason> {
    let pagemap = opened(&mut process.pagemap, c"/proc/self/pagemap")?;
    let entry = Entry::read(pagemap, at).map_err(|error| cannot("/proc/self/pagemap", error))?;
    Ok(Outcome::Page(entry.states(pagemap, at, process.surroundings.frames)))
}

pub fn scan(process: &mut Process<'_>, at: Address) -> Result<Outcome, Reason> {
    let pagemap = opened(&mut process.pagemap, c"/proc/self/pagemap")?;
    let states = observe::scan(pagemap, at).map_err(|error| cannot("PAGEMAP_SCAN", error))?;
    Ok(Outcome::Page(states))
}

pub fn category(process: &mut Process<'_>, at: Address, category: u64) -> Result<Outcome, Reason> {
    let pagemap = opened(&mut process.pagemap, c"/proc/self/pagemap")?;
    let has = observe::has_category(pagemap, at, category)
        .map_err(|error| cannot("PAGEMAP_SCAN", error))?;
    Ok(Outcome::Answer(Answers::from(has)))
}

pub fn maps(process: &mut Process<'_>, at: Address) -> Result<Outcome, Reason> {
    permissions_at(process, at).map(Outcome::Permissions)
}

pub fn permissions_at(
    process: &mut Process<'_>,
    at: Address,
) -> Result<Option<Permissions>, Reason> {
    let maps = opened(&mut process.maps, c"/proc/self/maps")?;
    observe::permissions(maps, at).map_err(|error| cannot("/proc/self/maps", error))
}

pub fn mincore(at: Address) -> Outcome {
    let mut residence = 0_u8;
    let address = arena::address(at);
    // SAFETY: the kernel writes one byte for one page.
    match unsafe { system_call!(mincore, address, arena::PAGE_SIZE, &raw mut residence) } {
        Ok(_) => Outcome::Answer(Answers::from(residence & 1 != 0)),
        Err(error) => error_outcome(error),
    }
}

pub fn clear_refs() -> Result<Outcome, Reason> {
    observe::clear_soft_dirty().map_err(|error| cannot("/proc/self/clear_refs", error))?;
    Ok(Outcome::Success)
}

pub fn soft_dirty(process: &mut Process<'_>, at: Address) -> Result<Outcome, Reason> {
    let pagemap = opened(&mut process.pagemap, c"/proc/self/pagemap")?;
    let entry = Entry::read(pagemap, at).map_err(|error| cannot("/proc/self/pagemap", error))?;
    Ok(Outcome::Answer(Answers::from(entry.is_soft_dirty())))
}

pub fn same_frame(
    process: &mut Process<'_>,
    at: Address,
    other: Remote,
) -> Result<Outcome, Reason> {
    let id = process.id(other);
    let own = opened(&mut process.pagemap, c"/proc/self/pagemap")?;
    let path = format!("/proc/{id}/pagemap");
    let theirs = File::open(&path).map_err(|error| cannot(&path, error))?;
    let entries = Entry::read(own, at).and_then(|it| Ok((it, Entry::read(&theirs, other.at)?)));
    let (own, theirs) = entries.map_err(|error| cannot(&path, error))?;
    Ok(Outcome::Answer(match (own.frame(), theirs.frame()) {
        (Some(own), Some(theirs)) => Answers::from(own == theirs),
        // What is paged out, as MADV_PAGEOUT may do, has no frame to compare.
        _ if own.is_swapped() || theirs.is_swapped() => Answers::ALL,
        _ => Answers::NO,
    }))
}

fn opened<'a>(file: &'a mut Option<File>, path: &CStr) -> Result<&'a File, Reason> {
    if file.is_none() {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        let descriptor = rustix::fs::open(path, flags, Mode::empty());
        *file = Some(descriptor.map_err(|error| cannot(&path.to_string_lossy(), error))?.into());
    }
    file.as_ref().ok_or_else(|| cannot(&path.to_string_lossy(), "not open"))
}
