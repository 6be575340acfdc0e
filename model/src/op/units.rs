//! Who, where and how much: processes, descriptors, places and lengths.

use crate::bounds::{CELLS, DESCRIPTORS, HANDLERS, PAGES, PINS, PROCESSES};

/// A process of a program. `A` exists from the start; the others are made by
/// [`Op::Fork`](super::Op::Fork).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[repr(u8)]
pub enum Actor {
    /// The first process.
    #[default]
    A,
    /// The second.
    B,
    /// The third.
    C,
}

impl Actor {
    /// All processes, in order.
    pub const ALL: [Self; 3] = [Self::A, Self::B, Self::C];

    /// The process's place in [`World::processes`](crate::World::processes), if the bounds have
    /// one.
    pub const fn index(self) -> Option<usize> {
        let index = self as usize;
        if index < PROCESSES { Some(index) } else { None }
    }
}

/// A name for a descriptor, `f`, `g`, `h` or `i`. Each process has its own; fork copies them.
///
/// An operation that makes a descriptor gives it a name; what the name held before is closed then,
/// as by dup2(2). A name that holds nothing is a bad descriptor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Name(pub u8);

impl Name {
    /// How the names are written, in order.
    pub const LETTERS: [char; 4] = ['f', 'g', 'h', 'i'];

    /// The name's place in a process's table, if the bounds have one.
    pub const fn index(self) -> Option<usize> {
        let index = self.0 as usize;
        if index < DESCRIPTORS { Some(index) } else { None }
    }
}

/// A name for a pin, `p` or `q`: a reference to a page, which a process holds whatever becomes of
/// the page. Each process has its own; fork does not hand them on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PinName(pub u8);

impl PinName {
    /// How the names are written, in order.
    pub const LETTERS: [char; 2] = ['p', 'q'];

    /// The name's place in a process's table, if the bounds have one.
    pub const fn index(self) -> Option<usize> {
        let index = self.0 as usize;
        if index < PINS { Some(index) } else { None }
    }
}

/// A name for a userfaultfd, `u` or `v`. Like a [`Name`], but what it holds is no file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Handler(pub u8);

impl Handler {
    /// How the names are written, in order.
    pub const LETTERS: [char; 2] = ['u', 'v'];

    /// The name's place in a process's table, if the bounds have one.
    pub const fn index(self) -> Option<usize> {
        let index = self.0 as usize;
        if index < HANDLERS { Some(index) } else { None }
    }
}

/// A length, a file offset or a file size, in cells (half pages).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Cells(pub u8);

impl Cells {
    /// So many whole pages; at most 127.
    pub const fn pages(pages: u8) -> Self {
        Self(pages.saturating_mul(CELLS as u8))
    }

    /// The page in which the cell at this offset lies.
    pub const fn page(self) -> u8 {
        self.0 / CELLS as u8
    }

    /// The cell's place within its page.
    pub const fn within_page(self) -> usize {
        self.0 as usize % CELLS
    }

    /// Whether this is a whole number of pages.
    pub const fn is_page_aligned(self) -> bool {
        self.within_page() == 0
    }

    /// The number of pages that hold so many cells: `PAGE_ALIGN`.
    pub const fn round_up_to_pages(self) -> u8 {
        self.0.div_ceil(CELLS as u8)
    }
}

/// A place in the arena, in cells from its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Address(pub u8);

impl Address {
    /// The start of a page, `@page`.
    pub const fn page(page: u8) -> Self {
        Self(Cells::pages(page).0)
    }

    /// The place as an offset from the start of the arena.
    pub const fn cells(self) -> Cells {
        Cells(self.0)
    }

    /// The place's page in a process's table, if it lies in the arena.
    pub const fn index(self) -> Option<usize> {
        let page = self.cells().page() as usize;
        if page < PAGES { Some(page) } else { None }
    }
}

/// A place in the arena of a process, maybe another one: `B@2`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Remote {
    /// Whose arena.
    pub process: Actor,
    /// Where in it.
    pub at: Address,
}
