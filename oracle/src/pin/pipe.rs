//! Pipes that hold a page by reference (`FOLL_GET`).

use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd};

use rustix::pipe::{PipeFlags, SpliceFlags};

use super::Answer;
use crate::arena::PAGE_SIZE;
use crate::raw::system_call;

/// A pipe with something in it.
pub struct Pipe {
    reader: OwnedFd,
    /// The end to fill it through.
    pub writer: OwnedFd,
}

impl Pipe {
    /// An empty pipe.
    pub fn new() -> rustix::io::Result<Self> {
        let (reader, writer) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?;
        Ok(Self { reader, writer })
    }

    /// An empty pipe in which every place has been used, as they are in a pipe that has been in use for a
    /// while: what a write has left behind must not matter.
    ///
    /// Source: CVE-2022-0847; lib/iov_iter.c `copy_page_to_iter_pipe()`, `PIPE_BUF_FLAG_CAN_MERGE`.
    pub fn used() -> rustix::io::Result<Self> {
        const PLACES: usize = 2;
        let pipe = Self::new()?;
        rustix::pipe::fcntl_setpipe_size(&pipe.writer, PLACES * PAGE_SIZE)?;
        for _ in 0..PLACES {
            rustix::io::write(&pipe.writer, &[0])?;
            rustix::io::read(&pipe.reader, &mut [0])?;
        }
        Ok(pipe)
    }

    /// A pipe with a byte of this process's memory, which it refers to.
    ///
    /// Source: vmsplice(2); fs/splice.c `vmsplice_to_pipe()`, `iter_to_pipe()`.
    pub fn of_memory(address: usize) -> io::Result<Answer<Self>> {
        let pipe = Self::new()?;
        let memory = libc::iovec { iov_base: address as *mut _, iov_len: 1 };
        // SAFETY: the kernel checks the address, and only reads there.
        let spliced =
            unsafe { system_call!(vmsplice, pipe.writer.as_raw_fd(), &raw const memory, 1, 0) };
        Ok(spliced.map(|_| pipe))
    }

    /// A pipe with a copy of a byte of this process's memory.
    pub fn copied(address: usize) -> io::Result<Answer<Self>> {
        let pipe = Self::new()?;
        Ok(pipe.put(address).map(|()| pipe))
    }

    /// Puts a copy of a byte of this process's memory behind what is in the pipe.
    pub fn put(&self, address: usize) -> Answer<()> {
        // SAFETY: the kernel checks the address, and only reads there.
        unsafe { system_call!(write, self.writer.as_raw_fd(), address, 1) }.map(drop)
    }

    /// Takes the first byte out of the pipe, to memory of the arena.
    pub fn take(&self, address: usize) -> rustix::io::Result<()> {
        // SAFETY: the kernel checks the address; nothing in this process refers to the arena.
        unsafe { system_call!(read, self.reader.as_raw_fd(), address, 1) }.map(drop)
    }

    /// The first byte. It is read from a duplicate of what is in the pipe, so that it stays there.
    pub fn peek(&self) -> rustix::io::Result<u8> {
        let copy = Self::new()?;
        let mut byte = [0];
        rustix::pipe::tee(&self.reader, &copy.writer, 1, SpliceFlags::NONBLOCK)?;
        rustix::io::read(&copy.reader, &mut byte)?;
        Ok(byte[0])
    }
}
