//! copy_file_range(2).

use std::os::fd::BorrowedFd;

use mapspec_model::op::Cells;
use mapspec_model::outcome::Outcome;

use super::rw::length_outcome;
use crate::arena;
use crate::broken::Reason;

pub fn copy_file_range(
    from: BorrowedFd<'_>,
    offset: Cells,
    to: BorrowedFd<'_>,
    to_offset: Cells,
    length: Cells,
) -> Result<Outcome, Reason> {
    let mut offset = arena::bytes(offset) as u64;
    let mut to_offset = arena::bytes(to_offset) as u64;
    let copied = rustix::fs::copy_file_range(
        from,
        Some(&mut offset),
        to,
        Some(&mut to_offset),
        arena::bytes(length),
    );
    length_outcome("copy_file_range", copied)
}
