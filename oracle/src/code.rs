//! The zygote's code lies in huge pages. A child inherits them with its page tables; the pages of a file
//! it has to find again, some at a time, which costs more than most of its statements.

use std::ffi::c_void;
use std::ops::Range;
use std::{fs, io, ptr};

use mapspec_model::op::Protection;
use rustix::mm::{MapFlags, MprotectFlags, MremapFlags, ProtFlags};

use crate::arena::PAGE_SIZE;
use crate::mappings::{Mapping, mappings};
use crate::raw::system_call;

/// Bytes in a huge page.
const HUGE_PAGE: usize = 2 << 20;

unsafe extern "C" {
    /// Set by the linker behind the program's variables.
    static end: u8;
}

/// The first page behind this program's variables.
pub fn end_of_variables() -> *mut c_void {
    (&raw const end).map_addr(|address| address.next_multiple_of(PAGE_SIZE)).cast_mut().cast()
}

/// Moves this program's code and constants to huge pages. Where the linker has put something else beside
/// them, from which `.cargo/config.toml` keeps it, they stay where they are.
///
/// # Errors
/// The kernel gives no huge pages: it has none, is older than Linux 6.1, or lacks memory. What was not
/// moved is as it was.
pub fn move_to_huge_pages() -> io::Result<()> {
    let program = fs::read_link("/proc/self/exe")?;
    let maps = fs::read_to_string("/proc/self/maps")?;
    let all: Vec<_> = mappings(&maps).collect();
    let is_constant = |mapping: &&Mapping<'_>| {
        let protection = mapping.permissions.protection;
        let is_readable = protection.contains(Protection::READ);
        is_readable
            && !protection.contains(Protection::WRITE)
            && program.as_os_str() == mapping.name
    };
    for mapping in all.iter().filter(is_constant) {
        let place = surrounding_huge_pages(&mapping.addresses);
        let is_alone = all.iter().all(|it| it == mapping || !overlap(&it.addresses, &place));
        if is_alone {
            move_mapping(mapping, &place)?;
        }
    }
    Ok(())
}

fn surrounding_huge_pages(addresses: &Range<usize>) -> Range<usize> {
    addresses.start / HUGE_PAGE * HUGE_PAGE..addresses.end.next_multiple_of(HUGE_PAGE)
}

fn overlap(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}

/// Puts a copy of the mapping, in huge pages, into its place.
fn move_mapping(mapping: &Mapping<'_>, place: &Range<usize>) -> io::Result<()> {
    let Mapping { addresses, permissions, .. } = mapping;
    let length = place.len();
    let protection = ProtFlags::READ | ProtFlags::WRITE;
    // Huge pages begin at multiples of their size: one more, so that there is such a place in it.
    let room = length + HUGE_PAGE;
    // SAFETY: without MAP_FIXED a mapping replaces no other.
    let memory = unsafe {
        rustix::mm::mmap_anonymous(ptr::null_mut(), room, protection, MapFlags::PRIVATE)
    }?;
    let copy = memory.map_addr(|address| address.next_multiple_of(HUGE_PAGE));
    let original = ptr::with_exposed_provenance::<u8>(addresses.start);
    let is_executable = permissions.protection.contains(Protection::EXECUTE);
    let execute = if is_executable { MprotectFlags::EXEC } else { MprotectFlags::empty() };
    let target = ptr::with_exposed_provenance_mut::<c_void>(place.start);
    // SAFETY: the original may be read, and nobody writes it; the copy, which is this function's own,
    // has as much room from its first huge page on as the original has around it. In the place that it
    // takes, at one stroke, is nothing but the original, whose bytes keep their addresses.
    let result = unsafe {
        let first = copy.cast::<u8>().add(addresses.start - place.start);
        ptr::copy_nonoverlapping(original, first, addresses.len());
        system_call!(madvise, copy.addr(), length, libc::MADV_COLLAPSE)
            .and_then(|_| rustix::mm::mprotect(copy, length, MprotectFlags::READ | execute))
            .and_then(|()| {
                rustix::mm::mremap_fixed(copy, length, length, MremapFlags::MAYMOVE, target)
            })
    };
    // SAFETY: nothing refers to what is left of the new memory.
    unsafe { rustix::mm::munmap(memory, room) }?;
    Ok(result.map(drop)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_runs_on_where_it_was_moved() {
        if let Err(error) = move_to_huge_pages() {
            eprintln!("skipped: no huge pages: {error}");
            return;
        }
        let maps = fs::read_to_string("/proc/self/maps").unwrap();
        let here = move_to_huge_pages as *const () as usize;
        let found = mappings(&maps).find(|mapping| mapping.addresses.contains(&here)).unwrap();
        assert_eq!(found.name, "", "{found:?}");
        assert!(found.permissions.protection.contains(Protection::EXECUTE), "{found:?}");
        assert!(found.addresses.len().is_multiple_of(HUGE_PAGE), "{found:?}");
    }

    #[test]
    fn a_mapping_lies_in_whole_huge_pages() {
        assert_eq!(surrounding_huge_pages(&(0x45_3000..0x60_1000)), 0x40_0000..0x80_0000);
        assert_eq!(surrounding_huge_pages(&(0x40_0000..0x60_0000)), 0x40_0000..0x60_0000);
    }

    #[test]
    fn ranges_that_touch_do_not_overlap() {
        assert!(!overlap(&(0..2), &(2..4)));
        assert!(overlap(&(0..3), &(2..4)));
    }
}
