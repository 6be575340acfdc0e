//! Opening, opening again, and closing.

use std::os::fd::{AsRawFd as _, BorrowedFd, OwnedFd};

use mapspec_model::op::{Medium, Mode, Name, OpenFlags};
use mapspec_model::outcome::{Errno, Outcome};
use rustix::fs::OFlags;

use super::{Process, cannot};
use crate::broken::Reason;
use crate::medium;

pub fn open(medium: Medium) -> Result<OwnedFd, Reason> {
    medium::open(medium).map_err(|error| cannot("open", error))
}

pub fn reopen(from: BorrowedFd<'_>, mode: Mode, flags: OpenFlags) -> rustix::io::Result<OwnedFd> {
    let truncate =
        if flags.contains(OpenFlags::TRUNCATE) { OFlags::TRUNC } else { OFlags::empty() };
    let mode = match mode {
        Mode::Read => OFlags::RDONLY,
        Mode::Write => OFlags::WRONLY,
        Mode::ReadWrite => OFlags::RDWR,
    };
    let link = format!("/proc/self/fd/{}", from.as_raw_fd());
    rustix::fs::open(link, mode | truncate | OFlags::CLOEXEC, rustix::fs::Mode::empty())
}

pub fn close(process: &mut Process<'_>, name: Name) -> Outcome {
    let held = name.index().and_then(|index| process.descriptors[index].take());
    match held {
        Some(_) => Outcome::Success,
        None => Outcome::Error(Errno::EBADF),
    }
}
