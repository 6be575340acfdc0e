//! Pages of the test's own memory.

use std::ptr;

use rustix::mm::{MapFlags, ProtFlags};

/// A page of private anonymous memory.
pub struct Page(*mut u8);

/// Bytes in a page.
const SIZE: usize = 4096;

impl Page {
    pub fn new() -> Self {
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: a new mapping, where the kernel finds room.
        let page = unsafe {
            rustix::mm::mmap_anonymous(ptr::null_mut(), SIZE, protection, MapFlags::PRIVATE)
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
}
