//! The arena: where in the address space the model's pages lie.

use std::ffi::c_void;

use mapspec_model::op::{Address, Cells};
use mapspec_model::{CELLS, PAGES};
use rustix::io::{Errno, Result};
use rustix::mm::{MapFlags, ProtFlags};

/// Bytes in a page.
pub const PAGE_SIZE: usize = 4096;

/// Bytes in a cell.
pub const CELL_SIZE: usize = PAGE_SIZE / CELLS;

/// The arena's first address: the same in every process, below where programs begin and above what
/// the system keeps free of mappings, so that neither heap nor libraries ever come here. It lies in
/// the first gigabyte, where a program that is not relocated has page tables already: a child then
/// needs one of its own, not three.
const START: usize = 0x10_0000;

/// The address of a place in the arena, in bytes.
pub const fn address(at: Address) -> usize {
    START + bytes(at.cells())
}

/// The place in the arena that this address is, if it is the start of a cell there.
pub fn place(address: usize) -> Option<Address> {
    let offset = address.checked_sub(START)?;
    let cell = u8::try_from(offset / CELL_SIZE).ok()?;
    offset.is_multiple_of(CELL_SIZE).then_some(Address(cell))
}

/// A length in bytes.
pub const fn bytes(cells: Cells) -> usize {
    cells.0 as usize * CELL_SIZE
}

/// A length in cells, if it is a whole number of them.
pub fn cells(bytes: usize) -> Option<Cells> {
    let cells = u8::try_from(bytes / CELL_SIZE).ok()?;
    bytes.is_multiple_of(CELL_SIZE).then_some(Cells(cells))
}

/// Whether something is mapped in the arena.
pub fn is_occupied() -> Result<bool> {
    match occupy() {
        Ok(()) => clear().map(|()| false),
        Err(Errno::EXIST) => Ok(true),
        Err(error) => Err(error),
    }
}

/// Unmaps the whole arena.
pub fn clear() -> Result<()> {
    // SAFETY: nothing in this process refers to memory in the arena; only programs use it.
    unsafe { rustix::mm::munmap(START as *mut c_void, PAGES * PAGE_SIZE) }
}

/// Maps the whole arena, where nothing is mapped yet.
pub fn occupy() -> Result<()> {
    let place = START as *mut c_void;
    let flags = MapFlags::PRIVATE | MapFlags::FIXED_NOREPLACE;
    // SAFETY: MAP_FIXED_NOREPLACE replaces no mapping.
    unsafe { rustix::mm::mmap_anonymous(place, PAGES * PAGE_SIZE, ProtFlags::empty(), flags) }
        .map(drop)
}
