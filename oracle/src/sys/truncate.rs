//! ftruncate(2).

use std::os::fd::BorrowedFd;

use mapspec_model::op::Cells;
use mapspec_model::outcome::Outcome;

use crate::arena;

pub fn ftruncate(file: BorrowedFd<'_>, length: Cells) -> Outcome {
    super::outcome(rustix::fs::ftruncate(file, arena::bytes(length) as u64))
}
