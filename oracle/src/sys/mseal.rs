//! mseal(2).

use mapspec_model::op::{Address, Cells, SealFlags};
use mapspec_model::outcome::Outcome;

use super::{bits, outcome};
use crate::arena;
use crate::raw::system_call;

pub fn mseal(at: Address, length: Cells, flags: SealFlags) -> Outcome {
    const NUMBERS: [(SealFlags, i32); 1] = [(SealFlags::UNKNOWN, 1 << 24)];
    let (address, length) = (arena::address(at), arena::bytes(length));
    // SAFETY: seals pages of the arena only, in a process that runs no other program after this
    // one.
    outcome(unsafe { system_call!(mseal, address, length, bits(flags, &NUMBERS)) })
}
