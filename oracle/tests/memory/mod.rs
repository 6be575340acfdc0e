//! Memory of the test's own, and processes that have it too.

use std::ffi::c_void;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::fs::FileExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use rustix::ioctl::{Opcode, Updater, ioctl, opcode};
use rustix::mm::{Advice, MapFlags, MprotectFlags, ProtFlags, UserfaultfdFlags};
use rustix::process::{Pid, Signal, WaitOptions};

/// Bytes in a page.
pub const SIZE: usize = 4096;

/// A page of memory.
pub struct Page(*mut u8);

impl Page {
    /// A private anonymous page with a byte in it.
    pub fn new(value: u8) -> Self {
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: a new mapping, where the kernel finds room.
        let page = unsafe {
            rustix::mm::mmap_anonymous(ptr::null_mut(), SIZE, protection, MapFlags::PRIVATE)
        };
        let page = Self(page.expect("a page").cast());
        page.store(value);
        page
    }

    /// The first page of a file, shared.
    pub fn of_file(file: BorrowedFd<'_>) -> Self {
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: a new mapping, where the kernel finds room.
        let page = unsafe {
            rustix::mm::mmap(ptr::null_mut(), SIZE, protection, MapFlags::SHARED, file, 0)
        };
        Self(page.expect("a page").cast())
    }

    pub fn address(&self) -> usize {
        self.0 as usize
    }

    pub fn store(&self, value: u8) {
        // SAFETY: the page is this value's alone, and mapped as long as it lives.
        unsafe { self.0.write_volatile(value) };
    }

    pub fn load(&self) -> u8 {
        // SAFETY: as for a store.
        unsafe { self.0.read_volatile() }
    }

    pub fn discard(&self) {
        // SAFETY: the page is this value's alone, and holds nothing but bytes.
        unsafe { rustix::mm::madvise(self.start(), SIZE, Advice::LinuxDontNeed) }.expect("madvise");
    }

    pub fn protect(&self, protection: MprotectFlags) {
        // SAFETY: the page is this value's alone; who takes access away does not access it.
        unsafe { rustix::mm::mprotect(self.start(), SIZE, protection) }.expect("mprotect");
    }

    /// The page is missing from now on, and whoever needs it waits for ever; the kernel does so only if
    /// this is root, or others are allowed to have it wait.
    pub fn lose(&self) -> rustix::io::Result<OwnedFd> {
        const API: Opcode = opcode::read_write::<[u64; 3]>(0xaa, 0x3f);
        const REGISTER: Opcode = opcode::read_write::<[u64; 4]>(0xaa, 0);
        self.discard();
        // SAFETY: it is for this page only. The codes take structures of so many numbers.
        unsafe {
            let handler = rustix::mm::userfaultfd(UserfaultfdFlags::CLOEXEC)?;
            let mut api = [0xaa_u64, 0, 0];
            ioctl(&handler, Updater::<API, _>::new(&mut api))?;
            let mut missing = [self.address() as u64, SIZE as u64, 1, 0];
            ioctl(&handler, Updater::<REGISTER, _>::new(&mut missing))?;
            Ok(handler)
        }
    }

    /// The page frame that is mapped, which only root sees.
    pub fn frame(&self) -> Option<u64> {
        let mut entry = [0; 8];
        let pagemap = std::fs::File::open("/proc/self/pagemap").ok()?;
        pagemap.read_exact_at(&mut entry, (self.address() / SIZE * 8) as u64).ok()?;
        Some(u64::from_ne_bytes(entry) & ((1 << 55) - 1)).filter(|frame| *frame != 0)
    }

    fn start(&self) -> *mut c_void {
        self.0.cast()
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // SAFETY: nothing refers to the page when its value is gone.
        unsafe { rustix::mm::munmap(self.start(), SIZE) }.expect("munmap");
    }
}

/// A child of this process.
pub struct Child(Pid);

impl Child {
    /// Forks; the child does this, and waits to be killed.
    pub fn that(act: impl FnOnce() -> io::Result<()>) -> Self {
        Self::fork(|| {
            act()?;
            loop {
                // SAFETY: it only waits.
                unsafe { libc::pause() };
            }
        })
    }

    /// Forks; the child does this, and ends.
    pub fn fork(act: impl FnOnce() -> io::Result<()>) -> Self {
        // SAFETY: this process has one thread, so that no lock is held by another.
        match unsafe { libc::fork() } {
            -1 => panic!("fork: {}", io::Error::last_os_error()),
            0 => {
                // What the child has of the test goes no further.
                if let Ok(Err(error)) = catch_unwind(AssertUnwindSafe(act)) {
                    eprintln!("a child: {error}");
                }
                // SAFETY: it does not return, and runs no code of this process.
                unsafe { libc::_exit(0) };
            }
            child => Self(Pid::from_raw(child).expect("a child")),
        }
    }

    pub fn id(&self) -> i32 {
        self.0.as_raw_nonzero().get()
    }

    /// A byte of its memory, at an address that this process has too.
    pub fn load(&self, page: &Page) -> u8 {
        let mut byte = 0_u8;
        let local = libc::iovec { iov_base: (&raw mut byte).cast(), iov_len: 1 };
        let remote = libc::iovec { iov_base: page.start(), iov_len: 1 };
        // SAFETY: the kernel writes the byte, and only reads the child's memory.
        let moved = unsafe { libc::process_vm_readv(self.id(), &local, 1, &remote, 1, 0) };
        assert_eq!(moved, 1, "{}", io::Error::last_os_error());
        byte
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It is there: nobody else reaps it.
        rustix::process::kill_process(self.0, Signal::KILL).expect("kill");
        rustix::process::waitpid(Some(self.0), WaitOptions::empty()).expect("waitpid");
    }
}

/// A pipe by which a child says that it has come somewhere.
pub struct Gate {
    reader: OwnedFd,
    writer: OwnedFd,
}

impl Gate {
    pub fn new() -> Self {
        let (reader, writer) = rustix::pipe::pipe().expect("a pipe");
        Self { reader, writer }
    }

    pub fn open(&self) -> io::Result<()> {
        Ok(rustix::io::write(&self.writer, &[1]).map(drop)?)
    }

    pub fn wait(&self) {
        assert_eq!(rustix::io::read(&self.reader, &mut [0; 1]), Ok(1));
    }
}
