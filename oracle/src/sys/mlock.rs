//! mlock(2), mlock2(2), munlock(2) and munlockall(2).

use std::ffi::c_void;

use mapspec_model::op::{Address, Cells, LockFlags};
use mapspec_model::outcome::Outcome;

use super::bits;
use super::memfd::last_error;
use crate::arena;

pub fn mlock(at: Address, length: Cells) -> Outcome {
    // SAFETY: faults pages in, and changes none.
    outcome(unsafe { libc::mlock(arena::address(at) as *const c_void, arena::bytes(length)) })
}

/// The raw system call: libc's does without it where there are no flags.
pub fn mlock2(at: Address, length: Cells, flags: LockFlags) -> Outcome {
    const NUMBERS: [(LockFlags, i32); 2] =
        [(LockFlags::ON_FAULT, libc::MLOCK_ONFAULT as i32), (LockFlags::UNKNOWN, 1 << 24)];
    let (address, length) = (arena::address(at), arena::bytes(length));
    // SAFETY: as for mlock.
    let result = unsafe { libc::syscall(libc::SYS_mlock2, address, length, bits(flags, &NUMBERS)) };
    outcome(if result == 0 { 0 } else { -1 })
}

pub fn munlock(at: Address, length: Cells) -> Outcome {
    // SAFETY: changes no page.
    outcome(unsafe { libc::munlock(arena::address(at) as *const c_void, arena::bytes(length)) })
}

pub fn munlockall() -> Outcome {
    // SAFETY: changes no page.
    outcome(unsafe { libc::munlockall() })
}

fn outcome(result: i32) -> Outcome {
    super::outcome(if result == 0 { Ok(()) } else { Err(last_error()) })
}
