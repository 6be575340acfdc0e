//! pread(2) and pwrite(2).

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
    match rustix::io::pwrite(file, &bytes, arena::bytes(offset) as u64) {
        Ok(written) => arena::cells(written)
            .map(Outcome::Length)
            .ok_or_else(|| cannot("pwrite", format!("{written} bytes are no whole cells"))),
        Err(error) => Ok(error_outcome(error)),
    }
}
