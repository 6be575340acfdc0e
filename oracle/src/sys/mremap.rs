//! mremap(2).

use mapspec_model::op::{Address, Cells, RemapFlags};
use mapspec_model::outcome::Outcome;

use super::{bits, error_outcome, mmap};
use crate::arena;
use crate::broken::Reason;
use crate::raw::system_call;

pub fn mremap(
    at: Address,
    length: Cells,
    new_length: Cells,
    flags: RemapFlags,
    to: Option<Address>,
) -> Result<Outcome, Reason> {
    const NUMBERS: [(RemapFlags, i32); 4] = [
        (RemapFlags::MAY_MOVE, libc::MREMAP_MAYMOVE),
        (RemapFlags::FIXED, libc::MREMAP_FIXED),
        (RemapFlags::DONT_UNMAP, libc::MREMAP_DONTUNMAP),
        (RemapFlags::UNKNOWN, 1 << 24),
    ];
    // SAFETY: unmaps and replaces pages of the arena only, to which nothing in this process refers;
    // the model keeps the ranges within it, and gives a fixed place.
    let result = unsafe {
        system_call!(
            mremap,
            arena::address(at),
            arena::bytes(length),
            arena::bytes(new_length),
            bits(flags, &NUMBERS),
            to.map_or(0, arena::address),
        )
    };
    match result {
        Ok(address) => mmap::mapped(address, new_length),
        Err(error) => Ok(error_outcome(error)),
    }
}
