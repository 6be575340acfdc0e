//! Direct I/O on a file whose server does not answer: a short-term pin, through the fast walk.
//!
//! A write has the page pinned read-only until the server has read the request, which then holds
//! what the pin saw; a read has it pinned read-write, until the server answers with what is to
//! land. Both are asynchronous: io_uring(7) begins them, and no thread waits. The file system is
//! mounted nowhere, so that it is gone with the last descriptor; when the server is gone, which
//! goes with the holder, the kernel gives up what was begun.
//!
//! Source: fs/fuse/file.c `fuse_direct_IO()`, `fuse_get_user_pages()`, by
//! `iov_iter_extract_pages()`, which pins (`FOLL_PIN`) by `pin_user_pages_fast()`; before Linux 6.9
//! (commit 738adade96b2) it took a reference (`FOLL_GET`).

mod available;
mod protocol;
mod server;

use std::io;
use std::os::fd::AsRawFd as _;

use io_uring::squeue::Flags;
use io_uring::{opcode, types};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use super::channel::{Channel, await_either};
use super::ring::Ring;
use super::word::{Word, unexpected};
use super::{Access, Answer, Request};

pub use available::available;
pub use server::serve;

/// A call that the server has not answered.
pub struct Unanswered {
    channel: Channel,
    ring: Ring,
    access: Access,
}

impl Unanswered {
    /// Waits until the page is pinned.
    pub fn hold(channel: Channel, request: &Request) -> io::Result<Answer<Self>> {
        let mut ring = Ring::new()?;
        give_file(&channel, &ring)?;
        let (file, address) = (types::Fixed(0), request.address as *mut u8);
        let call = match request.access {
            Access::ReadOnly => opcode::Write::new(file, address, 1).build(),
            Access::ReadWrite => opcode::Read::new(file, address, 1).build(),
        };
        // SAFETY: what it writes is the page that it pins, which is in the arena.
        unsafe { ring.begin(&call.flags(Flags::ASYNC)) }?;
        let (is_over, _) = await_either(&ring, &channel)?;
        if is_over {
            return match ring.finish()? {
                Err(error @ (Errno::NOTCONN | Errno::CONNABORTED)) => Err(error.into()),
                Err(error) => Ok(Err(error)),
                Ok(moved) => Err(io::Error::other(format!("{moved} bytes were moved at once"))),
            };
        }
        match channel.receive()?.0 {
            Word::Pinned => Ok(Ok(Self { channel, ring, access: request.access })),
            word => Err(unexpected(&word)),
        }
    }

    pub const fn access(&self) -> Access {
        self.access
    }

    /// Has the server read the request, and answer.
    pub fn read(&mut self) -> io::Result<u8> {
        self.channel.send(&Word::Look, &[])?;
        let (word, _) = self.channel.receive()?;
        match (word, self.ring.finish()??) {
            (Word::Saw(value), 1) => Ok(value),
            (word, _) => Err(unexpected(&word)),
        }
    }

    /// Has the server answer with this.
    pub fn write(&mut self, value: u8) -> io::Result<()> {
        self.channel.send(&Word::Land(value), &[])?;
        self.ring.finish()?.map(drop).map_err(io::Error::from)
    }

    /// Has the server answer with an error.
    pub fn release(&mut self) {
        // Should the server be gone, then so is its file system, and the call is over all the same.
        let _ = self.channel.send(&Word::LetGo, &[]);
        let _ = self.ring.finish();
    }
}

/// Opens the file for the ring. The kernel is made to ask everything that it would ask before a
/// read or write, or when a descriptor is closed: what it knows, or knows to be unknown (`ENOSYS`),
/// it does not ask again.
fn give_file(channel: &Channel, ring: &Ring) -> io::Result<()> {
    let (word, descriptors) = channel.receive()?;
    let (Word::Ready(_), [mount]) = (&word, &*descriptors) else {
        return Err(unexpected(&word));
    };
    let path = format!("/proc/self/fd/{}", mount.as_raw_fd());
    let file =
        rustix::fs::open(path, OFlags::RDWR | OFlags::DIRECT | OFlags::CLOEXEC, Mode::empty())?;
    rustix::fs::fstat(&file)?;
    rustix::event::poll(&mut [PollFd::new(&file, PollFlags::IN)], Some(&Timespec::default()))?;
    ring.take(&file)
}
