//! Whether FUSE's direct I/O takes pins here.

use std::io;
use std::ptr;
use std::sync::OnceLock;
use std::thread;

use rustix::io::Errno;
use rustix::mm::{MapFlags, ProtFlags};

use super::{Unanswered, serve, server};
use crate::arena::PAGE_SIZE;
use crate::pin::channel::Channel;
use crate::pin::io_uring::HELP;
use crate::pin::ring::Ring;
use crate::pin::{Access, Request};
use crate::sys::userfault;

/// Whether it can be used here; if not, why.
pub fn available() -> Result<(), String> {
    static AVAILABLE: OnceLock<Result<(), String>> = OnceLock::new();
    AVAILABLE.get_or_init(look).clone()
}

fn look() -> Result<(), String> {
    let ring = Ring::new().map_err(|error| format!("io_uring_setup: {error}; {HELP}"))?;
    if !ring.has_native_workers() {
        return Err("it needs io_uring as it is since Linux 5.12".into());
    }
    server::mount().map_err(|error| {
        format!("a FUSE file system: {error}; it needs CONFIG_FUSE_FS, and root")
    })?;
    match takes_pins() {
        Ok(true) => Ok(()),
        Ok(false) => Err("its direct I/O takes references, not pins; Linux 6.9 takes pins".into()),
        Err(error) => Err(format!("its direct I/O: {error}")),
    }
}

/// Holds a page of this process, with a thread as its server, and tries to move it: what is pinned
/// is not moved. Where nothing can be moved nothing is pinned either.
///
/// Source: mm/userfaultfd.c `move_pages_pte()`, since Linux 6.8: `EBUSY` if
/// `folio_maybe_dma_pinned()`.
fn takes_pins() -> io::Result<bool> {
    let (protection, flags) = (ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE);
    // SAFETY: a new mapping, where the kernel finds room.
    let pages =
        unsafe { rustix::mm::mmap_anonymous(ptr::null_mut(), 2 * PAGE_SIZE, protection, flags) }?;
    // SAFETY: the first page is this function's, and mapped.
    unsafe { pages.cast::<u8>().write_volatile(1) };
    let (from, to) = (pages as usize, pages as usize + PAGE_SIZE);
    let request =
        Request { process: None, address: from, access: Access::ReadOnly, longterm: false };
    let (ours, theirs) = Channel::pair()?;
    let moved = thread::scope(|scope| {
        scope.spawn(move || serve(&request, &theirs));
        let mut held = Unanswered::hold(ours, &request)??;
        let handler = userfault::open_for_processor()?;
        userfault::register_memory(&handler, to, PAGE_SIZE)?;
        // SAFETY: nothing refers to the pages.
        let moved = unsafe { userfault::move_memory(&handler, to, from, PAGE_SIZE) };
        held.release();
        io::Result::Ok(moved)
    });
    // SAFETY: nothing refers to the pages any more.
    unsafe { rustix::mm::munmap(pages, 2 * PAGE_SIZE) }?;
    Ok(moved? == Err(Errno::BUSY))
}
