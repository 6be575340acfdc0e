//! process_vm_readv(2) and process_vm_writev(2), blocked in the middle.
//!
//! The kernel pins the page of the other process, then copies from or to the caller's own memory.
//! That is a page of a memfd which is missing, and registered with a userfaultfd: the copy sleeps
//! in its fault until the holder, who has both descriptors, lets it go on.
//!
//! As soon as it sleeps the memfd is made empty. Should the userfaultfd be closed now, for instance
//! because its holder was killed, then the fault finds no file under the page, and nothing is
//! copied.
//!
//! Source: mm/process_vm_access.c `process_vm_rw_single_vec()`; fs/userfaultfd.c
//! `handle_userfault()`.

use std::ffi::c_void;
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::ptr;
use std::sync::OnceLock;

use rustix::fs::MemfdFlags;
use rustix::io::Errno;
use rustix::mm::{MapFlags, ProtFlags};

use super::channel::{Channel, await_either};
use super::word::{Word, unexpected};
use super::{Access, Answer, Request};
use crate::arena::PAGE_SIZE;
use crate::sys::elsewhere::{self, Direction};
use crate::sys::userfault;

/// A copy that is blocked, in a process of the keeper's.
pub struct Blocked {
    channel: Channel,
    handler: OwnedFd,
    file: OwnedFd,
    /// Where that process has mapped the file.
    page: usize,
    access: Access,
}

impl Blocked {
    /// Waits until the page is pinned.
    pub fn hold(channel: Channel, access: Access) -> io::Result<Answer<Self>> {
        let (word, descriptors) = channel.receive()?;
        let (Word::Ready(page), Ok([handler, file])) = (&word, <[_; 2]>::try_from(descriptors))
        else {
            return Err(unexpected(&word));
        };
        let page = usize::try_from(*page).map_err(io::Error::other)?;
        let blocked = Self { channel, handler, file, page, access };
        let (faulted, _) = await_either(&blocked.handler, &blocked.channel)?;
        if !faulted {
            return match blocked.channel.receive()?.0 {
                Word::Ended(libc::EPERM) => Err(Errno::PERM.into()),
                Word::Ended(error @ 1..) => Ok(Err(Errno::from_raw_os_error(error))),
                word => Err(unexpected(&word)),
            };
        }
        rustix::fs::ftruncate(&blocked.file, 0)?;
        Ok(Ok(blocked))
    }

    pub const fn access(&self) -> Access {
        self.access
    }

    /// Lets the copy arrive, and looks at it.
    pub fn read(&mut self) -> io::Result<u8> {
        rustix::fs::ftruncate(&self.file, PAGE_SIZE as u64)?;
        self.finish()?;
        let mut byte = [0];
        rustix::io::pread(&self.file, &mut byte, 0)?;
        Ok(byte[0])
    }

    /// Gives the copy something to take.
    pub fn write(&mut self, value: u8) -> io::Result<()> {
        rustix::io::pwrite(&self.file, &[value], 0)?;
        rustix::fs::ftruncate(&self.file, PAGE_SIZE as u64)?;
        self.finish()
    }

    /// Lets the copy fail.
    pub fn release(&mut self) {
        // The fault finds an empty file; its process ends in any case.
        let _ = self.resume();
        self.channel.await_end();
    }

    fn finish(&self) -> io::Result<()> {
        self.resume()?;
        match self.channel.receive()?.0 {
            Word::Ended(0) => Ok(()),
            word => Err(unexpected(&word)),
        }
    }

    /// The fault is no longer the holder's to handle.
    fn resume(&self) -> io::Result<()> {
        Ok(userfault::unregister_memory(&self.handler, self.page, PAGE_SIZE)?)
    }
}

/// The process that is blocked. The handler is not its own to keep: it must end with the holder.
pub fn block(request: &Request, channel: &Channel) -> io::Result<()> {
    let file = rustix::fs::memfd_create("mapspec-pin", MemfdFlags::CLOEXEC)?;
    rustix::fs::ftruncate(&file, PAGE_SIZE as u64)?;
    let page = map(file.as_fd())?;
    let handler = userfault::open_for_all_accesses()?;
    userfault::register_memory(&handler, page as usize, PAGE_SIZE)?;
    channel.send(&Word::Ready(page as u64), &[handler.as_fd(), file.as_fd()])?;
    drop((handler, file));
    let ended = match copy(request, page) {
        Ok(()) => 0,
        Err(error) => error.raw_os_error(),
    };
    channel.send(&Word::Ended(ended), &[])
}

fn map(file: BorrowedFd<'_>) -> io::Result<*mut c_void> {
    let protection = ProtFlags::READ | ProtFlags::WRITE;
    // SAFETY: a new mapping, where the kernel finds room.
    let page = unsafe {
        rustix::mm::mmap(ptr::null_mut(), PAGE_SIZE, protection, MapFlags::SHARED, file, 0)
    };
    Ok(page?)
}

/// Pins the page and lets go of it again, in the caller's own name: nothing can be copied from or
/// to address 0. If the page has to be faulted in from a userfaultfd, it is the caller that waits,
/// as it does for an access; whoever pins it next does not.
pub fn rehearse(request: &Request) {
    // That it fails is what is wanted, whether it be at the page or at the address.
    let _ = copy(request, ptr::null_mut());
}

/// The call itself.
///
/// What the copy has loaded before its store faults is what arrives, however late the fault is
/// over. Short copies are a load and a store; of those of 64 bytes or more each step is a string
/// instruction, which begins anew with its load.
///
/// Source: arch/x86/lib/copy_user_64.S `rep_movs_alternative()`.
fn copy(request: &Request, page: *mut c_void) -> Answer<()> {
    const LONG: usize = 64;
    let process = request.process.ok_or(Errno::SRCH)?;
    let rest_of_page = PAGE_SIZE - request.address % PAGE_SIZE;
    let (direction, length) = match request.access {
        Access::ReadOnly => (Direction::Here, LONG.min(rest_of_page)),
        Access::ReadWrite => (Direction::There, 1),
    };
    // SAFETY: the local page is this function's alone; the other process's memory is in the arena,
    // to which nothing refers there.
    let moved = unsafe { elsewhere::copy(process, direction, page, request.address, length) };
    moved.map(drop)
}

/// Whether it can be used here; if not, why.
pub fn available() -> Result<(), String> {
    static AVAILABLE: OnceLock<Result<(), String>> = OnceLock::new();
    let look = || {
        elsewhere::process_vm()?;
        elsewhere::other_processes(rustix::process::geteuid().is_root())?;
        userfault::open_for_all_accesses().map(drop).map_err(|error| {
            format!(
                "userfaultfd: {error}; the kernel's own accesses are caught by root, or with \
                 vm.unprivileged_userfaultfd=1"
            )
        })
    };
    AVAILABLE.get_or_init(look).clone()
}
