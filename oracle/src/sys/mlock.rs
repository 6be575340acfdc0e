//! mlock(2), mlock2(2), munlock(2) and munlockall(2).

use mapspec_model::op::{Address, Cells, LockFlags};
use mapspec_model::outcome::Outcome;

use super::{bits, outcome};
use crate::arena;
use crate::raw::system_call;

pub fn mlock(at: Address, length: Cells) -> Outcome {
    // SAFETY: faults pages in, and changes none.
    outcome(unsafe { system_call!(mlock, arena::address(at), arena::bytes(length)) })
}

pub fn mlock2(at: Address, length: Cells, flags: LockFlags) -> Outcome {
    const NUMBERS: [(LockFlags, i32); 2] =
        [(LockFlags::ON_FAULT, libc::MLOCK_ONFAULT as i32), (LockFlags::UNKNOWN, 1 << 24)];
    let (address, length) = (arena::address(at), arena::bytes(length));
    // SAFETY: as for mlock.
    outcome(unsafe { system_call!(mlock2, address, length, bits(flags, &NUMBERS)) })
}

pub fn munlock(at: Address, length: Cells) -> Outcome {
    // SAFETY: changes no page.
    outcome(unsafe { system_call!(munlock, arena::address(at), arena::bytes(length)) })
}

pub fn munlockall() -> Outcome {
    // SAFETY: changes no page.
    outcome(unsafe { system_call!(munlockall) })
}
