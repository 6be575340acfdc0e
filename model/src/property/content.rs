//! What a world shows, without touching it.

use crate::bounds::{CELLS, FILE_PAGES, PAGES, PROCESSES};
use crate::memory::{Cow, Memory as _, PageTableEntry, Place};
use crate::world::{Backing, Content, Mapping, World};

/// Every page of every process.
pub fn places() -> impl Iterator<Item = Place> {
    (0..PROCESSES * PAGES).map(|at| Place { process: at / PAGES, page: at % PAGES })
}

/// The mapping at a place.
pub fn mapping(world: &World<Cow>, place: Place) -> Option<Mapping> {
    world.processes[place.process].mappings[place.page]
}

/// The content of a page of a file.
pub fn file_page(world: &World<Cow>, file: usize, page: usize) -> Content {
    core::array::from_fn(|cell| world.memory.read_file(file, page, cell))
}

/// The content of a mapped page, whatever its protection; `None` if no access can reach any.
pub fn page(world: &World<Cow>, place: Place) -> Option<Content> {
    let mapping = mapping(world, place)?;
    match (world.memory.entry(place), mapping.backing) {
        (PageTableEntry::Frame { frame, .. }, _) => Some(world.memory.frame(frame).content),
        (PageTableEntry::ZeroOverFile { .. }, _) | (_, Backing::Anonymous) => {
            Some(world.memory.zero_page())
        }
        (_, Backing::File { file, page }) => {
            world.files[file].has_page(page).then(|| file_page(world, file, page as usize))
        }
    }
}

/// Whether the files have the same content, as far as both are.
pub fn same_file_content(before: &World<Cow>, after: &World<Cow>, file: usize) -> bool {
    let size = before.files[file].size.min(after.files[file].size).0 as usize;
    (0..FILE_PAGES * CELLS).all(|cell| {
        let at = (file, cell / CELLS, cell % CELLS);
        cell >= size
            || before.memory.read_file(at.0, at.1, at.2) == after.memory.read_file(at.0, at.1, at.2)
    })
}
