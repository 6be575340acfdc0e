//! msync(2).

use mapspec_model::op::{Address, Cells, SyncFlags};
use mapspec_model::outcome::Outcome;

use super::{bits, outcome};
use crate::arena;
use crate::raw::system_call;

pub fn msync(at: Address, length: Cells, flags: SyncFlags) -> Outcome {
    const NUMBERS: [(SyncFlags, i32); 4] = [
        (SyncFlags::ASYNC, libc::MS_ASYNC),
        (SyncFlags::INVALIDATE, libc::MS_INVALIDATE),
        (SyncFlags::SYNC, libc::MS_SYNC),
        (SyncFlags::UNKNOWN, 1 << 20),
    ];
    let (address, length) = (arena::address(at), arena::bytes(length));
    // SAFETY: the call changes no memory, but for bytes behind the end of a file, of which nothing
    // in this process knows.
    outcome(unsafe { system_call!(msync, address, length, bits(flags, &NUMBERS)) })
}
