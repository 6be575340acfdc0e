//! A registered buffer of io_uring(7): a long-term pin, for reading and writing.
//!
//! It is looked at with the operations that take a registered buffer: `WRITE_FIXED` takes from it
//! into a pipe, `READ_FIXED` puts into it from one. They use the pinned page, whatever is mapped at
//! the address meanwhile.
//!
//! Source: io_uring_register(2) `IORING_REGISTER_BUFFERS`; io_uring/rsrc.c
//! `io_sqe_buffer_register()`, io_uring/memmap.c `io_pin_pages()`: `pin_user_pages_fast()` with
//! `FOLL_WRITE | FOLL_LONGTERM`. Older kernels, as 6.1, have it by `pin_user_pages()`, and refuse
//! files that are not in memory.

use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::sync::OnceLock;

use io_uring::{opcode, types};
use rustix::pipe::PipeFlags;

use super::Answer;
use super::ring::Ring;

/// A byte of memory that is registered.
pub struct Buffer {
    ring: Ring,
    address: usize,
}

impl Buffer {
    pub fn register(address: usize) -> io::Result<Answer<Self>> {
        let ring = Ring::new()?;
        Ok(ring.register(address).map(|()| Self { ring, address }))
    }

    pub fn read(&mut self) -> io::Result<u8> {
        let (reader, writer) = pipe()?;
        let file = types::Fd(writer.as_raw_fd());
        let take = opcode::WriteFixed::new(file, self.address as *const u8, 1, 0).build();
        // SAFETY: it writes no memory.
        unsafe { self.ring.begin(&take) }?;
        self.finish()?;
        let mut byte = [0];
        rustix::io::read(&reader, &mut byte)?;
        Ok(byte[0])
    }

    pub fn write(&mut self, value: u8) -> io::Result<()> {
        let (reader, writer) = pipe()?;
        rustix::io::write(&writer, &[value])?;
        let file = types::Fd(reader.as_raw_fd());
        let put = opcode::ReadFixed::new(file, self.address as *mut u8, 1, 0).build();
        // SAFETY: what it writes is the page that was registered, which was the arena's.
        unsafe { self.ring.begin(&put) }?;
        self.finish()
    }

    pub fn release(&mut self) {
        // It fails only if nothing is registered.
        let _ = self.ring.unregister();
    }

    fn finish(&mut self) -> io::Result<()> {
        match self.ring.finish()?? {
            1 => Ok(()),
            other => Err(io::Error::other(format!("{other} bytes were moved"))),
        }
    }
}

fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(rustix::pipe::pipe_with(PipeFlags::CLOEXEC)?)
}

/// Whether it can be used here; if not, why.
pub fn available() -> Result<(), String> {
    static AVAILABLE: OnceLock<Result<(), String>> = OnceLock::new();
    let look = || {
        let ring = Ring::new().map_err(|error| format!("io_uring_setup: {error}; {HELP}"))?;
        let byte = 0_u8;
        ring.register(&raw const byte as usize).map_err(|error| {
            format!("io_uring_register: {error}; one page must be allowed to be locked")
        })
    };
    AVAILABLE.get_or_init(look).clone()
}

/// What makes io_uring available.
pub const HELP: &str = "it needs CONFIG_IO_URING, and kernel.io_uring_disabled=0";
