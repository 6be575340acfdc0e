//! Looks at page tables and mappings through `/proc`, without touching a page.

use std::fs::{self, File};
use std::io::{self, Read as _};

use mapspec_model::op::Address;
use mapspec_model::outcome::{PageStates, Permissions};
use rustix::ioctl::opcode;

use crate::arena::{self, PAGE_SIZE};
use crate::mappings::{mappings, protection};
use crate::sys::ioctl;

/// What is known about physical pages: `/proc/kpageflags`, where it may be read.
pub struct Frames {
    flags: Option<File>,
}

impl Frames {
    /// Opens what may be opened.
    pub fn open() -> Self {
        Self { flags: File::open("/proc/kpageflags").ok() }
    }

    /// Whether the frame is the zero page; `None` if that cannot be known.
    fn is_zero_page(&self, frame: u64) -> Option<bool> {
        const ZERO_PAGE: u64 = 1 << 24;
        let flags = self.flags.as_ref().filter(|_| frame != 0)?;
        Some(number_at(flags, frame).ok()? & ZERO_PAGE != 0)
    }
}

/// The number in this place of a file of numbers.
fn number_at(file: &File, place: u64) -> io::Result<u64> {
    let mut number = [0; size_of::<u64>()];
    let offset = place * number.len() as u64;
    match rustix::io::pread(file, &mut number, offset)? {
        length if length == number.len() => Ok(u64::from_ne_bytes(number)),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// An entry of pagemap, as proc_pid_pagemap(5) describes it.
#[derive(Clone, Copy)]
pub struct Entry(u64);

impl Entry {
    /// The entry of a page of a process, through that process's open pagemap.
    pub fn read(pagemap: &File, at: Address) -> io::Result<Self> {
        number_at(pagemap, (arena::address(at) / PAGE_SIZE) as u64).map(Self)
    }

    /// The page frame number; `None` if there is no page, or it may not be known.
    pub fn frame(self) -> Option<u64> {
        let number = self.0 & ((1 << 55) - 1);
        (self.has(63) && number != 0).then_some(number)
    }

    /// What the page is; two possibilities where it cannot be known whether it is the zero page.
    pub fn states(self, pagemap: &File, at: Address, frames: &Frames) -> PageStates {
        let (present, of_file, guard) = (self.has(63), self.has(61), self.has(58));
        if present && of_file {
            PageStates::FILE
        } else if present {
            let frame = self.frame().unwrap_or(0);
            match frames
                .is_zero_page(frame)
                .or_else(|| has_category(pagemap, at, PAGE_IS_PFNZERO).ok())
            {
                Some(true) => PageStates::ZERO,
                Some(false) => PageStates::ANONYMOUS,
                None => PageStates::ZERO | PageStates::ANONYMOUS,
            }
        } else if guard {
            PageStates::GUARD
        } else if self.is_swapped() {
            // A marker looks like a page that was swapped out.
            PageStates::ANONYMOUS | PageStates::MARKER
        } else {
            PageStates::NONE
        }
    }

    /// Whether the page is paged out; a guard is noted like a page that is.
    pub const fn is_swapped(self) -> bool {
        self.has(62) && !self.has(58)
    }

    /// Whether the page was written since the bits were cleared, or mapped.
    pub const fn is_soft_dirty(self) -> bool {
        self.has(55)
    }

    const fn has(self, bit: u32) -> bool {
        self.0 >> bit & 1 == 1
    }
}

/// The arguments of `PAGEMAP_SCAN`.
#[repr(C)]
#[derive(Default)]
struct Scan {
    size: u64,
    flags: u64,
    start: u64,
    end: u64,
    walk_end: u64,
    regions: u64,
    regions_length: u64,
    max_pages: u64,
    inverted: u64,
    required: u64,
    required_any: u64,
    returned: u64,
}

/// A range that `PAGEMAP_SCAN` found.
#[repr(C)]
#[derive(Default)]
struct Region {
    start: u64,
    end: u64,
    categories: u64,
}

// The categories that tell whether writes to a page are tracked.
pub const PAGE_IS_WPALLOWED: u64 = 1 << 0;
pub const PAGE_IS_WRITTEN: u64 = 1 << 1;

// The categories that tell what a page is.
const PAGE_IS_FILE: u64 = 1 << 2;
const PAGE_IS_PRESENT: u64 = 1 << 3;
const PAGE_IS_SWAPPED: u64 = 1 << 4;
const PAGE_IS_PFNZERO: u64 = 1 << 5;
const PAGE_IS_GUARD: u64 = 1 << 8;

/// What a page is, by its categories. Kernels that do not know `PAGE_IS_GUARD` refuse to be asked
/// for it.
pub fn scan(pagemap: &File, at: Address) -> rustix::io::Result<PageStates> {
    let known = PAGE_IS_FILE | PAGE_IS_PRESENT | PAGE_IS_SWAPPED | PAGE_IS_PFNZERO;
    let categories = match categories(pagemap, at, known | PAGE_IS_GUARD) {
        Err(rustix::io::Errno::INVAL) => categories(pagemap, at, known)?,
        result => result?,
    };
    let states = [
        (PAGE_IS_GUARD, PageStates::GUARD),
        (PAGE_IS_FILE, PageStates::FILE),
        (PAGE_IS_PFNZERO, PageStates::ZERO),
        (PAGE_IS_PRESENT, PageStates::ANONYMOUS),
        (PAGE_IS_SWAPPED, PageStates::ANONYMOUS | PageStates::MARKER),
    ];
    let state = states.into_iter().find(|(category, _)| categories & category != 0);
    Ok(state.map_or(PageStates::NONE, |(_, state)| state))
}

/// Whether this kernel has `PAGEMAP_SCAN`; if not, why.
pub fn pagemap_scan() -> Result<(), String> {
    let pagemap =
        File::open("/proc/self/pagemap").map_err(|it| format!("/proc/self/pagemap: {it}"))?;
    let found = categories(&pagemap, Address::page(0), PAGE_IS_PRESENT);
    found.map(drop).map_err(|error| format!("PAGEMAP_SCAN: {error}; Linux 6.7 has it"))
}

/// Whether a page has a category.
pub fn has_category(pagemap: &File, at: Address, category: u64) -> rustix::io::Result<bool> {
    Ok(categories(pagemap, at, category)? != 0)
}

/// Which of these categories a page has: `PAGEMAP_SCAN`, which needs no privilege, but Linux 6.7.
fn categories(pagemap: &File, at: Address, wanted: u64) -> rustix::io::Result<u64> {
    let start = arena::address(Address::page(at.cells().page())) as u64;
    let mut region = Region::default();
    let mut scan = Scan {
        size: size_of::<Scan>() as u64,
        start,
        end: start + PAGE_SIZE as u64,
        regions: (&raw mut region) as u64,
        regions_length: 1,
        required_any: wanted,
        returned: wanted,
        ..Scan::default()
    };
    // SAFETY: PAGEMAP_SCAN takes this structure, and writes one region to the place it names.
    unsafe { ioctl::<{ opcode::read_write::<Scan>(b'f', 16) }, _>(pagemap, &mut scan) }?;
    // SAFETY: the kernel may have written it behind the compiler's back.
    let region = unsafe { (&raw const region).read_volatile() };
    Ok(region.categories)
}

/// The arguments of `PROCMAP_QUERY`.
#[repr(C)]
#[derive(Default)]
struct Query {
    size: u64,
    flags: u64,
    address: u64,
    start: u64,
    end: u64,
    vma_flags: u64,
    page_size: u64,
    offset: u64,
    inode: u64,
    device: [u32; 2],
    name_size: u32,
    build_id_size: u32,
    name: u64,
    build_id: u64,
}

/// The permissions of the mapping at a page: through `PROCMAP_QUERY` (Linux 6.11), or by reading.
pub fn permissions(maps: &File, at: Address) -> io::Result<Option<Permissions>> {
    let mut query = Query {
        size: size_of::<Query>() as u64,
        address: arena::address(at) as u64,
        ..Query::default()
    };
    // SAFETY: PROCMAP_QUERY takes this structure; it names no other place to write to.
    match unsafe { ioctl::<{ opcode::read_write::<Query>(b'f', 17) }, _>(maps, &mut query) } {
        Ok(()) => Ok(Some(Permissions {
            protection: protection([0, 1, 2].map(|bit| query.vma_flags >> bit & 1 == 1)),
            shared: query.vma_flags >> 3 & 1 == 1,
        })),
        Err(rustix::io::Errno::NOENT) => Ok(None),
        Err(rustix::io::Errno::NOTTY) => read_permissions(at),
        Err(error) => Err(error.into()),
    }
}

fn read_permissions(at: Address) -> io::Result<Option<Permissions>> {
    let mut text = String::new();
    File::open("/proc/self/maps")?.read_to_string(&mut text)?;
    let address = arena::address(at);
    let found = mappings(&text).find(|mapping| mapping.addresses.contains(&address));
    Ok(found.map(|mapping| mapping.permissions))
}

/// Whether this process may learn page frame numbers; if not, why.
pub fn frame_numbers() -> Result<(), String> {
    match entry_of_written_page() {
        Ok(entry) if entry.frame().is_some() => Ok(()),
        Ok(_) => Err("page frame numbers are hidden; run as root (CAP_SYS_ADMIN)".into()),
        Err(error) => Err(format!("/proc/self/pagemap: {error}")),
    }
}

/// Whether this kernel tracks which pages are written; if not, why.
pub fn soft_dirty() -> Result<(), String> {
    match entry_of_written_page() {
        Ok(entry) if entry.is_soft_dirty() => Ok(()),
        Ok(_) => Err("no page has the bit; it needs a kernel with CONFIG_MEM_SOFT_DIRTY".into()),
        Err(error) => Err(format!("/proc/self/pagemap: {error}")),
    }
}

/// The entry of a page that was just written, and never cleared.
fn entry_of_written_page() -> io::Result<Entry> {
    let page = Box::new([1_u8; PAGE_SIZE]);
    let address = (&raw const page[0]) as u64;
    number_at(&File::open("/proc/self/pagemap")?, address / PAGE_SIZE as u64).map(Entry)
}

/// No page of this process is soft-dirty from now on.
pub fn clear_soft_dirty() -> io::Result<()> {
    fs::write("/proc/self/clear_refs", "4")
}

/// The running kernel's release, as `uname -r` prints it.
pub fn release() -> io::Result<String> {
    fs::read_to_string("/proc/sys/kernel/osrelease").map(|release| release.trim().to_owned())
}
