//! fallocate(2).

use std::os::fd::{AsRawFd as _, BorrowedFd};

use mapspec_model::op::{Cells, FallocateMode};
use mapspec_model::outcome::Outcome;

use super::outcome;
use crate::arena;
use crate::raw::system_call;

pub fn fallocate(
    file: BorrowedFd<'_>,
    mode: FallocateMode,
    offset: Cells,
    length: Cells,
) -> Outcome {
    let mode = match mode {
        FallocateMode::Allocate => 0,
        FallocateMode::KeepSize => libc::FALLOC_FL_KEEP_SIZE,
        FallocateMode::PunchHole => libc::FALLOC_FL_PUNCH_HOLE | libc::FALLOC_FL_KEEP_SIZE,
        FallocateMode::Zero => libc::FALLOC_FL_ZERO_RANGE,
        FallocateMode::ZeroKeepSize => libc::FALLOC_FL_ZERO_RANGE | libc::FALLOC_FL_KEEP_SIZE,
        FallocateMode::Collapse => libc::FALLOC_FL_COLLAPSE_RANGE,
        FallocateMode::Insert => libc::FALLOC_FL_INSERT_RANGE,
        FallocateMode::PunchHoleAlone => libc::FALLOC_FL_PUNCH_HOLE,
        FallocateMode::Unknown => 1 << 20,
    };
    let (offset, length) = (arena::bytes(offset), arena::bytes(length));
    // SAFETY: the call takes numbers only.
    outcome(unsafe { system_call!(fallocate, file.as_raw_fd(), mode, offset, length) })
}
