//! pread(2), pwrite(2) and pwritev(2).

use std::io::IoSlice;
use std::os::fd::BorrowedFd;

use mapspec_model::op::Cells;
use mapspec_model::outcome::Outcome;

use super::{cannot, error_outcome};
use crate::arena;
use crate::broken::Reason;

pub fn pread(file: BorrowedFd<'_>, offset: Cells) -> Outcome {
    let mut byte = [0];
    match rustix::io::pread(file, &mut byte, arena::bytes(offset) as u64) {
        Ok(0) => Outcome::EndOfFile,
        Ok(_) => Outcome::Value(byte[0]),
        Err(error) => error_outcome(error),
    }
}

pub fn pwrite(
    file: BorrowedFd<'_>,
    offset: Cells,
    length: Cells,
    value: u8,
) -> Result<Outcome, Reason> {
    let bytes = vec![value; arena::bytes(length)];
    length_outcome("pwrite", rustix::io::pwrite(file, &bytes, arena::bytes(offset) as u64))
}

/// A buffer for each cell.
pub fn pwritev(
    file: BorrowedFd<'_>,
    offset: Cells,
    length: Cells,
    value: u8,
) -> Result<Outcome, Reason> {
    let cell = [value; arena::CELL_SIZE];
    let buffers = vec![IoSlice::new(&cell); length.0 as usize];
    length_outcome("pwritev", rustix::io::pwritev(file, &buffers, arena::bytes(offset) as u64))
}

/// A number of bytes, which must be whole cells, or an error.
pub fn length_outcome(call: &str, result: rustix::io::Result<usize>) -> Result<Outcome, Reason> {
    match result {
        Ok(bytes) => arena::cells(bytes)
            .map(Outcome::Length)
            .ok_or_else(|| cannot(call, format!("{bytes} bytes are no whole cells"))),
        Err(error) => Ok(error_outcome(error)),
    }
}
