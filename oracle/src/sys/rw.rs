//! read(2) and write(2) of files, at an offset: pread(2), pwrite(2) and pwritev(2).

use std::io::IoSlice;
use std::os::fd::{AsRawFd as _, BorrowedFd};

use mapspec_model::op::{Address, Cells};
use mapspec_model::outcome::Outcome;

use super::{cannot, error_outcome};
use crate::arena;
use crate::broken::Reason;
use crate::raw::system_call;
use crate::wire::Shared;

pub fn pread(file: BorrowedFd<'_>, offset: Cells) -> Outcome {
    let mut byte = [0];
    match rustix::io::pread(file, &mut byte, arena::bytes(offset) as u64) {
        Ok(0) => Outcome::EndOfFile,
        Ok(_) => Outcome::Value(byte[0]),
        Err(error) => error_outcome(error),
    }
}

pub fn pwrite(
    shared: &Shared,
    file: BorrowedFd<'_>,
    offset: Cells,
    length: Cells,
    value: u8,
) -> Result<Outcome, Reason> {
    let bytes = shared.bytes_to_write(length, value);
    let (length, offset) = (arena::bytes(length), arena::bytes(offset));
    // SAFETY: the kernel only reads, and there are as many bytes.
    let result = unsafe { system_call!(pwrite64, file.as_raw_fd(), bytes, length, offset) };
    length_outcome("pwrite", result)
}

/// A buffer for each cell; they are not for the stack of every operation.
#[inline(never)]
pub fn pwritev(
    file: BorrowedFd<'_>,
    offset: Cells,
    length: Cells,
    value: u8,
) -> Result<Outcome, Reason> {
    let cell = [value; arena::CELL_SIZE];
    let buffers = [IoSlice::new(&cell); u8::MAX as usize];
    let buffers = &buffers[..usize::from(length.0)];
    length_outcome("pwritev", rustix::io::pwritev(file, buffers, arena::bytes(offset) as u64))
}

/// What the memory is, and whether it is there, is for the kernel to find out.
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
    let result = unsafe { system_call!(pread64, file.as_raw_fd(), address, length, offset) };
    length_outcome("pread", result)
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
    let result = unsafe { system_call!(pwrite64, file.as_raw_fd(), address, length, offset) };
    length_outcome("pwrite", result)
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
