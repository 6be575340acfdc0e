//! File seals.

use std::os::fd::{AsRawFd as _, BorrowedFd};

use mapspec_model::op::Seals;
use mapspec_model::outcome::Outcome;

use super::{bits, cannot, error_outcome, outcome};
use crate::broken::Reason;
use crate::raw::system_call;

const NUMBERS: [(Seals, i32); 7] = [
    (Seals::SEAL, libc::F_SEAL_SEAL),
    (Seals::SHRINK, libc::F_SEAL_SHRINK),
    (Seals::GROW, libc::F_SEAL_GROW),
    (Seals::WRITE, libc::F_SEAL_WRITE),
    (Seals::FUTURE_WRITE, libc::F_SEAL_FUTURE_WRITE),
    (Seals::EXECUTE, 0x20),
    (Seals::UNKNOWN, 0x400),
];

/// The raw call: unknown seals are part of the language.
pub fn add(file: BorrowedFd<'_>, seals: Seals) -> Outcome {
    let bits = bits(seals, &NUMBERS);
    // SAFETY: F_ADD_SEALS takes an integer.
    outcome(unsafe { system_call!(fcntl, file.as_raw_fd(), libc::F_ADD_SEALS, bits) })
}

pub fn get(file: BorrowedFd<'_>) -> Result<Outcome, Reason> {
    // SAFETY: F_GET_SEALS takes nothing.
    let bits = match unsafe { system_call!(fcntl, file.as_raw_fd(), libc::F_GET_SEALS) } {
        Ok(bits) => bits as i32,
        Err(error) => return Ok(error_outcome(error)),
    };
    if bits & !super::bits(Seals::ALL, &NUMBERS) != 0 {
        return Err(cannot("F_GET_SEALS", format!("{bits:#x} has seals without a name here")));
    }
    let seals = NUMBERS.into_iter().filter(|&(_, bit)| bits & bit != 0);
    Ok(Outcome::Seals(seals.fold(Seals::EMPTY, |all, (seal, _)| all | seal)))
}
