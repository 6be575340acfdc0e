//! read(2) and write(2) of files, at an offset: pread(2), pwrite(2) and pwritev(2).

use std::io::IoSlice;
use std::os::fd::{AsRawFd as _, BorrowedFd};

use mapspec_model::op::{Address, Cells};
use mapspec_model::outcome::Outcome;

use super::memfd::last_error;
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

/// The raw system calls: what the memory is, and whether it is there, is for the kernel to find
/// out.
pub fn read(
    file: BorrowedFd<'_>,
    offset: Cells,
    at: Address,
    length: Cells,
) -> Result<Outcome, Reason> {
    let (address, offset) = (arena::address(at), arena::bytes(offset));
    let length = arena::bytes(length);
    // SAFETY: the kernel writes to the arena only, to which nothing in this process refers; the
    // parser and the model keep the range within it.
    let result =
        unsafe { libc::syscall(libc::SYS_pread64, file.as_raw_fd(), address, length, offset) };
    length_outcome("pread", usize::try_from(result).map_err(|_| last_error()))
}

pub fn write(
    file: BorrowedFd<'_>,
    offset: Cells,
    at: Address,
    length: Cells,
) -> Result<Outcome, Reason> {
    let (address, offset) = (arena::address(at), arena::bytes(offset));
    let length = arena::bytes(length);
    // SAFETY: the kernel reads the arena, and copes with what it does not find there.
    let result =
        unsafe { libc::syscall(libc::SYS_pwrite64, file.as_raw_fd(), address, length, offset) };
    length_outcome("pwrite", usize::try_from(result).map_err(|_| last_error()))
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
