//! A ring of io_uring(7) that does one thing at a time.

use std::io;
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd};

use io_uring::IoUring;
use io_uring::squeue::Entry;
use rustix::io::Errno;

use super::Answer;

/// A ring. What a process inherits of it by fork(2) it can only drop.
pub struct Ring {
    ring: IoUring,
    /// Whether something goes on.
    busy: bool,
}

impl Ring {
    /// A ring in which nothing goes on.
    pub fn new() -> io::Result<Self> {
        Ok(Self { ring: IoUring::new(1)?, busy: false })
    }

    /// Whether work is done by threads of this process, with its memory, and its end waits for
    /// none.
    ///
    /// Source: io_uring_setup(2) `IORING_FEAT_NATIVE_WORKERS`, since Linux 5.12;
    /// io_uring/io_uring.c `io_uring_files_cancel()`.
    pub fn has_native_workers(&self) -> bool {
        self.ring.params().is_feature_native_workers()
    }

    /// Registers a byte of memory, whose page is pinned then until [`Ring::unregister`]; in the
    /// operations that use it, its number is 0.
    pub fn register(&self, address: usize) -> Answer<()> {
        let buffer = libc::iovec { iov_base: address as *mut _, iov_len: 1 };
        // SAFETY: the kernel checks the address. The page is in the arena, to which nothing refers,
        // and what else may come to lie at the address is not what was registered.
        unsafe { self.ring.submitter().register_buffers(&[buffer]) }
            .map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))
    }

    /// Returns when the page is no longer pinned.
    ///
    /// Source: io_uring/rsrc.c `io_sqe_buffers_unregister()`, which waits where it has to.
    pub fn unregister(&self) -> io::Result<()> {
        self.ring.submitter().unregister_buffers()
    }

    /// Keeps a file open that operations can use, whose number is 0.
    pub fn take(&self, file: &OwnedFd) -> io::Result<()> {
        self.ring.submitter().register_files(&[file.as_raw_fd()])
    }

    /// Begins something.
    ///
    /// # Safety
    /// Memory that it writes must be the arena's, or stay the operation's alone until it is over.
    pub unsafe fn begin(&mut self, operation: &Entry) -> io::Result<()> {
        // SAFETY: the caller's promise is the one that is asked for.
        unsafe { self.ring.submission().push(operation) }.map_err(io::Error::other)?;
        self.ring.submit()?;
        self.busy = true;
        Ok(())
    }

    /// Waits for its end: what it returns. Nothing may go on.
    pub fn finish(&mut self) -> io::Result<Answer<u32>> {
        if !std::mem::take(&mut self.busy) {
            return Err(io::ErrorKind::NotFound.into());
        }
        self.ring.submit_and_wait(1)?;
        let completion = self.ring.completion().next();
        let result = completion.ok_or(io::ErrorKind::UnexpectedEof)?.result();
        Ok(u32::try_from(result).map_err(|_| Errno::from_raw_os_error(-result)))
    }
}

/// Can be read when something is over.
impl AsFd for Ring {
    fn as_fd(&self) -> BorrowedFd<'_> {
        // SAFETY: the ring keeps its descriptor open as long as it lives.
        unsafe { BorrowedFd::borrow_raw(self.ring.as_raw_fd()) }
    }
}
