//! Pins: the ways in which a program can hold a page that the kernel has got hold of, and look
//! through it.
//!
//! A [`Held`] pin belongs to the process that took it with [`Keeper::hold`]. The page stays pinned
//! whatever that process does with its mappings; [`Held::read`] and [`Held::write`] say what the
//! pin sees, and let data land. A pin ends with [`Held::release`], with the [`Held`] being dropped,
//! or with the process, be it killed. When the first two return it has ended; after the process's
//! end that may take a while, so that a process whose end is looked at should drop its pins before.
//! After a fork the pin stays the parent's: that the child drops what it has inherited ends
//! nothing.
//!
//! Some mechanisms need a process that does not have the pages: a fork of the one under test would
//! share them. Such processes come from a [`Keeper`], which must be started before anything is
//! mapped in the arena, by a process of one thread that is an ancestor of the program's; these
//! inherit it. When all of them have ended, dropping the keeper where it was started waits for
//! every process of its own.
//!
//! Where the page has first to be faulted in from a userfaultfd, the caller of [`Keeper::hold`]
//! waits in the kernel for its handler, as it does for an access.
//!
//! | mechanism | pin | whose pages | lasts | looks |
//! | --- | --- | --- | --- | --- |
//! | [`Vmsplice`](Mechanism::Vmsplice) | reference (`FOLL_GET`), read-only | own | for as long as wanted | often |
//! | [`ProcessVm`](Mechanism::ProcessVm) | `FOLL_PIN`, by page table walk | anybody's | short term | once |
//! | [`Fuse`](Mechanism::Fuse) | `FOLL_PIN`, by the fast walk | own | short term | once |
//! | [`IoUring`](Mechanism::IoUring) | `FOLL_PIN`, by the fast walk, read-write | own | long term | often |
//! | [`GupTest`](Mechanism::GupTest) | `FOLL_PIN`, by the fast walk | own | long term | reads, often |

mod channel;
mod fuse;
mod gup_test;
mod io_uring;
mod keeper;
pub(crate) mod pipe;
mod process_vm;
mod ring;
mod word;

use std::fmt;
use std::io;

use rustix::io::Errno;
use rustix::process::{Pid, getpid};
use serde::{Deserialize, Serialize};

pub use keeper::Keeper;

/// What a pin is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Access {
    /// The page is only to be read.
    ReadOnly,
    /// Data are to land in the page.
    ReadWrite,
}

/// A pin that somebody wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The process whose page it is; `None`: the caller's own.
    pub process: Option<i32>,
    /// Where the page is mapped in that process: the byte that is looked at, the first of a cell.
    pub address: usize,
    /// What it is for.
    pub access: Access,
    /// Whether it is to last (`FOLL_LONGTERM`).
    pub longterm: bool,
}

/// A way to hold a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Mechanism {
    /// vmsplice(2): a reference (`FOLL_GET`), which is no pin (`FOLL_PIN`).
    Vmsplice,
    /// process_vm_readv(2) and process_vm_writev(2), blocked on their local page.
    ProcessVm,
    /// Direct I/O on a file of a FUSE server of our own.
    Fuse,
    /// Registered buffers of io_uring(7).
    IoUring,
    /// `/sys/kernel/debug/gup_test`.
    GupTest,
}

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Vmsplice => "vmsplice",
            Self::ProcessVm => "process_vm_readv and process_vm_writev",
            Self::Fuse => "FUSE",
            Self::IoUring => "io_uring",
            Self::GupTest => "gup_test",
        })
    }
}

/// How often a pin can be read, or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Times {
    /// It cannot.
    Never,
    /// Once: the pin ends with it.
    Once,
    /// As long as it is held.
    Often,
}

impl Mechanism {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Vmsplice, Self::ProcessVm, Self::Fuse, Self::IoUring, Self::GupTest];

    /// Whether it can be used here.
    ///
    /// # Errors
    /// Why it cannot, and what would help.
    pub fn available(self) -> Result<(), String> {
        match self {
            Self::Vmsplice => Ok(()),
            Self::ProcessVm => process_vm::available(),
            Self::Fuse => fuse::available(),
            Self::IoUring => io_uring::available(),
            Self::GupTest => gup_test::available(),
        }
    }

    /// Whether it can express this pin. For [`Mechanism::Vmsplice`] that is a read-only reference
    /// to an own page, of which the kernel has no notion of a term.
    pub fn can(self, request: &Request) -> bool {
        let Request { process, access, longterm, .. } = *request;
        let own = process.is_none();
        match self {
            Self::Vmsplice => own && access == Access::ReadOnly,
            Self::ProcessVm => !longterm,
            Self::Fuse => own && !longterm,
            Self::IoUring => own && longterm && access == Access::ReadWrite,
            Self::GupTest => own && longterm,
        }
    }

    /// How often such a pin can be read.
    pub fn reads(self, access: Access) -> Times {
        match (self, access) {
            (Self::Vmsplice | Self::IoUring | Self::GupTest, _) => Times::Often,
            (Self::ProcessVm | Self::Fuse, Access::ReadOnly) => Times::Once,
            (Self::ProcessVm | Self::Fuse, Access::ReadWrite) => Times::Never,
        }
    }

    /// How often such a pin can be written.
    pub fn writes(self, access: Access) -> Times {
        match (self, access) {
            (_, Access::ReadOnly) | (Self::Vmsplice | Self::GupTest, _) => Times::Never,
            (Self::ProcessVm | Self::Fuse, _) => Times::Once,
            (Self::IoUring, _) => Times::Often,
        }
    }
}

/// A page that is held.
pub struct Held {
    /// The process that holds it.
    owner: Pid,
    /// `None`: no longer.
    means: Option<Means>,
}

/// What the kernel has said to an attempt that could be made.
type Answer<T> = Result<T, Errno>;

/// By what a page is held.
enum Means {
    Pipe(pipe::Pipe),
    ProcessVm(process_vm::Blocked),
    Fuse(fuse::Unanswered),
    IoUring(io_uring::Buffer),
    GupTest(gup_test::Pin),
}

impl Held {
    /// What the pin sees: the byte at its address.
    ///
    /// # Errors
    /// `EBADF` if the pin has ended; [`io::ErrorKind::Unsupported`] if such a pin is never read.
    pub fn read(&mut self) -> io::Result<u8> {
        let (times, result) = match self.means.as_mut().ok_or(Errno::BADF)? {
            Means::Pipe(pipe) => (Times::Often, pipe.peek().map_err(io::Error::from)),
            Means::IoUring(buffer) => (Times::Often, buffer.read()),
            Means::GupTest(pin) => (Times::Often, pin.read()),
            Means::ProcessVm(it) if it.access() == Access::ReadOnly => (Times::Once, it.read()),
            Means::Fuse(it) if it.access() == Access::ReadOnly => (Times::Once, it.read()),
            Means::ProcessVm(_) | Means::Fuse(_) => return Err(io::ErrorKind::Unsupported.into()),
        };
        self.used(times, result)
    }

    /// Lets a byte land at the pin's address.
    ///
    /// # Errors
    /// `EBADF` if the pin has ended; [`io::ErrorKind::Unsupported`] if such a pin is never written.
    pub fn write(&mut self, value: u8) -> io::Result<()> {
        let (times, result) = match self.means.as_mut().ok_or(Errno::BADF)? {
            Means::IoUring(buffer) => (Times::Often, buffer.write(value)),
            Means::ProcessVm(it) if it.access() == Access::ReadWrite => {
                (Times::Once, it.write(value))
            }
            Means::Fuse(it) if it.access() == Access::ReadWrite => (Times::Once, it.write(value)),
            _ => {
                return Err(io::ErrorKind::Unsupported.into());
            }
        };
        self.used(times, result)
    }

    /// Ends the pin, if nothing has yet. Nothing more is read or written through it.
    pub fn release(mut self) {
        self.end();
    }

    fn new(means: Means) -> Self {
        Self { owner: getpid(), means: Some(means) }
    }

    /// A pin that can be used once has ended with that, if it went well.
    fn used<T>(&mut self, times: Times, result: io::Result<T>) -> io::Result<T> {
        if times == Times::Once && result.is_ok() {
            self.means = None;
        }
        result
    }

    /// Ends the pin; but in a process that has only inherited it, nothing but its descriptors here.
    fn end(&mut self) {
        match self.means.take().filter(|_| self.owner == getpid()) {
            Some(Means::ProcessVm(mut blocked)) => blocked.release(),
            Some(Means::Fuse(mut unanswered)) => unanswered.release(),
            Some(Means::IoUring(mut buffer)) => buffer.release(),
            Some(Means::GupTest(mut pin)) => pin.release(),
            Some(Means::Pipe(_)) | None => {}
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.end();
    }
}
