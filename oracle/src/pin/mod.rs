//! Pins: the ways in which a program can hold a page that the kernel has got hold of, and look
//! through it.
//!
//! A [`Held`] pin belongs to the process that took it with [`Keeper::hold`]. The page stays pinned
//! whatever that process does with its mappings; [`Held::read`] and [`Held::write`] say what the pin
//! sees, and let data land. A pin ends with [`Held::release`], with the [`Held`] being dropped, or with
//! the process, be it killed; it has ended when the first two return. After a fork the pin stays the
//! parent's: that the child drops what it has inherited ends nothing.
//!
//! Some mechanisms need a process that does not have the pages: a fork of the one under test would
//! share them. Such processes come from a [`Keeper`], which must be started before anything is mapped
//! in the arena, by a process of one thread that is an ancestor of the program's; these inherit it.
//! When all of them have ended, dropping the keeper where it was started waits for every process of
//! its own.
//!
//! | mechanism | pin | whose pages | lasts | looks |
//! | --- | --- | --- | --- | --- |
//! | [`Vmsplice`](Mechanism::Vmsplice) | reference (`FOLL_GET`), read-only | own | for as long as wanted | often |
//! | [`ProcessVm`](Mechanism::ProcessVm) | `FOLL_PIN`, by page table walk | anybody's | short term | once |

mod channel;
mod keeper;
pub(crate) mod pipe;
mod process_vm;

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
    /// Where the page is mapped in that process: the byte that is looked at.
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
            Self::Fuse | Self::IoUring | Self::GupTest => Err("it is not there yet".into()),
        }
    }

    /// Whether it can express this pin. For [`Mechanism::Vmsplice`] that is a read-only reference to an
    /// own page, of which the kernel has no notion of a term.
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

/// By what a page is held.
enum Means {
    Pipe(pipe::Pipe),
    ProcessVm(process_vm::Blocked),
}

impl Held {
    /// What the pin sees: the byte at its address.
    ///
    /// # Errors
    /// `EBADF` if the pin has ended; [`io::ErrorKind::Unsupported`] if such a pin is never read.
    pub fn read(&mut self) -> io::Result<u8> {
        match self.means.as_mut().ok_or(Errno::BADF)? {
            Means::Pipe(pipe) => Ok(pipe.peek()?),
            Means::ProcessVm(blocked) if blocked.access() == Access::ReadOnly => {
                let value = blocked.read();
                self.end();
                value
            }
            Means::ProcessVm(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// Lets a byte land at the pin's address.
    ///
    /// # Errors
    /// `EBADF` if the pin has ended; [`io::ErrorKind::Unsupported`] if such a pin is never written.
    pub fn write(&mut self, value: u8) -> io::Result<()> {
        match self.means.as_mut().ok_or(Errno::BADF)? {
            Means::ProcessVm(blocked) if blocked.access() == Access::ReadWrite => {
                let result = blocked.write(value);
                self.end();
                result
            }
            Means::Pipe(_) | Means::ProcessVm(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// Ends the pin, if nothing has yet. Nothing more is read or written through it.
    pub fn release(mut self) {
        self.end();
    }

    fn new(means: Means) -> Self {
        Self { owner: getpid(), means: Some(means) }
    }

    /// Ends the pin; but in a process that has only inherited it, nothing but its descriptors here.
    fn end(&mut self) {
        match self.means.take() {
            Some(Means::ProcessVm(mut blocked)) if self.owner == getpid() => blocked.release(),
            _ => {}
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.end();
    }
}

/// What the process that holds a page for another says about it.
#[derive(Debug, Serialize, Deserialize)]
enum Word {
    /// It is about to take the pin; the descriptors that come with this are how to end it. The number
    /// is an address of its own.
    Ready(u64),
    /// The call that held the page has ended with this error; 0: with none.
    Ended(i32),
    /// Something that should work did not.
    Cannot(String),
}

/// The error that a word stands for which should not have come.
fn unexpected(word: Word) -> io::Error {
    match word {
        Word::Cannot(why) => io::Error::other(why),
        other => io::Error::other(format!("{other:?} came out of turn")),
    }
}
