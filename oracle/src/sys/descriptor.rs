//! Opening again, and closing.

use std::os::fd::{AsRawFd as _, BorrowedFd, OwnedFd};

use mapspec_model::op::{Mode, Name};
use mapspec_model::outcome::{Errno, Outcome};
use rustix::fs::OFlags;

use super::Process;

pub fn reopen(from: BorrowedFd<'_>, mode: Mode) -> rustix::io::Result<OwnedFd> {
    let flags = match mode {
        Mode::Read => OFlags::RDONLY,
        Mode::Write => OFlags::WRONLY,
        Mode::ReadWrite => OFlags::RDWR,
    };
    let link = format!("/proc/self/fd/{}", from.as_raw_fd());
    rustix::fs::open(link, flags | OFlags::CLOEXEC, rustix::fs::Mode::empty())
}

pub fn close(process: &mut Process<'_>, name: Name) -> Outcome {
    let held = name.index().and_then(|index| process.descriptors[index].take());
    match held {
        Some(_) => Outcome::Success,
        None => Outcome::Error(Errno::EBADF),
    }
}
