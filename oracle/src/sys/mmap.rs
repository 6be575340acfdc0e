//! mmap(2), munmap(2) and mprotect(2).

use std::ffi::c_void;
use std::os::fd::AsRawFd as _;

use mapspec_model::op::{Address, Cells, MapFlags, Name, Protection};
use mapspec_model::outcome::Outcome;

use super::{Emulation, Process, bits, cannot, error_outcome, outcome};
use crate::arena;
use crate::broken::Reason;
use crate::raw::system_call;

pub fn mmap(
    process: &Process<'_>,
    at: Address,
    length: Cells,
    protection: Protection,
    flags: MapFlags,
    file: Option<Name>,
    offset: Cells,
) -> Result<Outcome, Reason> {
    const NUMBERS: [(MapFlags, i32); 11] = [
        (MapFlags::PRIVATE, libc::MAP_PRIVATE),
        (MapFlags::SHARED, libc::MAP_SHARED),
        (MapFlags::ANONYMOUS, libc::MAP_ANONYMOUS),
        (MapFlags::UNKNOWN, 1 << 24),
        (MapFlags::POPULATE, libc::MAP_POPULATE),
        (MapFlags::LOCKED, libc::MAP_LOCKED),
        (MapFlags::NO_RESERVE, libc::MAP_NORESERVE),
        (MapFlags::GROWS_DOWN, libc::MAP_GROWSDOWN),
        (MapFlags::DROPPABLE, libc::MAP_DROPPABLE),
        (MapFlags::SYNC, libc::MAP_SYNC),
        (MapFlags::NO_SIGBUS, 1 << 21),
    ];
    let place = if flags.contains(MapFlags::NO_REPLACE) {
        libc::MAP_FIXED_NOREPLACE
    } else if flags.contains(MapFlags::HINT) {
        0
    } else {
        libc::MAP_FIXED
    };
    let is_open = file.is_some_and(|name| process.holds(name));
    if process.emulation.is_some()
        && Emulation::refuses(flags)
        && offset.is_page_aligned()
        && (is_open || flags.contains(MapFlags::ANONYMOUS))
    {
        return Ok(error_outcome(rustix::io::Errno::INVAL));
    }
    let bits = place | bits(flags, &NUMBERS);
    let descriptor = file.map_or(-1, |name| process.descriptor(name).as_raw_fd());
    let address = arena::address(at);
    // SAFETY: maps pages of the arena, to which nothing in this process refers, or where nothing is
    // mapped; the parser and the model keep the range within the arena.
    let result = unsafe {
        system_call!(
            mmap,
            address,
            arena::bytes(length),
            prot(protection),
            bits,
            descriptor,
            arena::bytes(offset),
        )
    };
    match result {
        Err(error) => Ok(error_outcome(error)),
        Ok(found) if flags.leaves_a_choice() => mapped(found, length),
        Ok(mapped) if mapped == address => Ok(Outcome::Success),
        Ok(mapped) => Err(cannot("mmap", format!("it mapped {mapped:#x} instead of {address:#x}"))),
    }
}

/// Where the kernel has put a mapping. What lies outside of the arena is unmapped again, for a
/// program cannot speak of it, and the next program must not find it.
pub fn mapped(address: usize, length: Cells) -> Result<Outcome, Reason> {
    if let Some(at) = arena::place(address).filter(|at| at.index().is_some()) {
        return Ok(Outcome::Address(at));
    }
    // SAFETY: the kernel has just mapped this range, where nothing was.
    unsafe { rustix::mm::munmap(address as *mut c_void, arena::bytes(length)) }
        .map(|()| Outcome::Elsewhere)
        .map_err(|error| cannot("munmap", error))
}

pub fn munmap(at: Address, length: Cells) -> Outcome {
    let address = arena::address(at);
    // SAFETY: as for mmap.
    outcome(unsafe { system_call!(munmap, address, arena::bytes(length)) })
}

pub fn mprotect(at: Address, length: Cells, protection: Protection) -> Outcome {
    let (address, length) = (arena::address(at), arena::bytes(length));
    // SAFETY: as for mmap.
    outcome(unsafe { system_call!(mprotect, address, length, prot(protection)) })
}

pub fn prot(protection: Protection) -> i32 {
    const NUMBERS: [(Protection, i32); 3] = [
        (Protection::READ, libc::PROT_READ),
        (Protection::WRITE, libc::PROT_WRITE),
        (Protection::EXECUTE, libc::PROT_EXEC),
    ];
    bits(protection, &NUMBERS)
}
