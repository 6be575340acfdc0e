//! What pages hold. One syscall layer stands on two memories, which must not be told apart.
//!
//! The central theorem of the model: for every operation the outcome of [`Cow`] is one that
//! [`Ideal`] permits. Copy-on-write is invisible.

mod cow;
mod entries;
mod ideal;
mod presence;
mod soft_dirty;

pub use cow::{Cow, FRAMES, Frame, FrameKind, PageTableEntry, PinnedFrame};
pub use entries::EntryTable;
pub use ideal::{Ideal, Latitude};
pub use presence::Presence;
pub use soft_dirty::SoftDirty;

use crate::canonical::FileOrder;
use crate::outcome::{Answers, Outcome, PageStates};
use crate::policy::Policy;
use crate::world::Content;

/// A page of a process: both indices, of the process and of its page of the arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The process, by [`Actor::index`](crate::op::Actor::index).
    pub process: usize,
    /// The page of the arena.
    pub page: usize,
}

/// A pin of a process: both indices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinPlace {
    /// The process, by [`Actor::index`](crate::op::Actor::index).
    pub process: usize,
    /// The pin, by [`PinName::index`](crate::op::PinName::index).
    pub pin: usize,
}

/// How a page is referred to that stays where it is, whatever becomes of its mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reference {
    /// `FOLL_GET`: the page is only counted once more.
    Get,
    /// `FOLL_PIN`: it is seen of the page that somebody works with its content.
    Pin,
}

/// What is found in a cell through a pin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// This value.
    Value(u8),
    /// One of these two.
    OneOf(u8, u8),
    /// Nothing is promised.
    Any,
}

impl From<Seen> for Outcome {
    fn from(seen: Seen) -> Self {
        match seen {
            Seen::Value(value) => Self::Value(value),
            Seen::OneOf(one, other) => Self::OneOf(one, other),
            Seen::Any => Self::AnyValue,
        }
    }
}

/// Where the content of a mapped page comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Private anonymous memory.
    Anonymous,
    /// A page of a file.
    File {
        /// The file's place in the world.
        file: usize,
        /// Its page; less than [`FILE_PAGES`](crate::FILE_PAGES) wherever content is asked for.
        page: usize,
        /// Whether stores go to the file.
        shared: bool,
    },
}

/// The content of mapped pages and of files.
///
/// The syscall layer decides whether an access is allowed; a memory only says what it finds there.
pub trait Memory: Copy {
    /// Nothing is mapped, no file has content.
    fn new() -> Self;

    /// The value that a load finds in a cell of a page.
    fn load(&mut self, place: Place, source: Source, cell: usize) -> u8;

    /// Whether the kernel may have dropped what [`load`](Self::load) finds in a cell, which is zero
    /// then: the page was freed lazily.
    fn may_be_zero(&self, place: Place, cell: usize) -> bool;

    /// A store to a cell of a page. A private page becomes the process's own.
    fn store(&mut self, place: Place, source: Source, cell: usize, value: u8, policy: &Policy);

    /// The page becomes as if it were written, unchanged: a private page is the process's own from
    /// now on, a hole of a file is filled.
    fn make_own(&mut self, place: Place, source: Source, policy: &Policy);

    /// Something that is to see the process's later stores is going to read the page: an anonymous
    /// page is shared with no other process from now on.
    fn unshare(&mut self, place: Place, policy: &Policy);

    /// Whether the process has its own copy of this page, which no file can change.
    fn has_own_copy(&self, place: Place) -> bool;

    /// Writing to the page was forbidden: the next store faults, even if it is allowed again.
    fn write_protect(&mut self, place: Place);

    /// The page is unmapped; an own copy is lost.
    fn zap(&mut self, place: Place);

    /// From now on, until it is written again, the kernel may drop an own anonymous page at any
    /// moment.
    fn free_lazily(&mut self, place: Place);

    /// The page moves to another place of the same process, where nothing is.
    fn move_page(&mut self, from: Place, to: Place);

    /// Fork gives the child a copy of the parent's page.
    fn fork(&mut self, parent: Place, child: Place, policy: &Policy);

    /// The value of a cell of a file, as read(2) finds it; 0 in a hole.
    fn read_file(&self, file: usize, page: usize, cell: usize) -> u8;

    /// Writes a cell of a file, as write(2) does.
    fn write_file(&mut self, file: usize, page: usize, cell: usize, value: u8);

    /// The page cache gets a page of a file that nobody has filled yet, unless it has one.
    fn allocate_file_page(&mut self, file: usize, page: usize);

    /// Whether the page cache has a page of a file; a hole that nothing has touched is none.
    fn has_file_page(&self, file: usize, page: usize) -> bool;

    /// Whether the page cache has a page of a file that was filled, if only with zeros.
    fn has_filled_file_page(&self, file: usize, page: usize) -> bool;

    /// A page of a file loses its content: a hole is left. Pins keep the page, and what it holds.
    fn drop_file_page(&mut self, file: usize, page: usize);

    /// Files have other places from now on, and what is inside is in the order of its references:
    /// memories that cannot be told apart are equal then.
    fn renumber(&mut self, order: FileOrder);

    /// Each value that some cell holds is replaced, in an order that no number of a frame decides.
    fn replace_values(&mut self, replace: impl FnMut(u8) -> u8);

    /// A reference to the page cache's page of a file; a hole is filled.
    fn pin_file_page(&mut self, pin: PinPlace, file: usize, page: usize);

    /// A reference to the page that is mapped at a place, where something is.
    fn pin_page(
        &mut self,
        pin: PinPlace,
        place: Place,
        source: Source,
        reference: Reference,
        policy: &Policy,
    );

    /// What a pinned page holds in a cell.
    fn read_pin(&self, pin: PinPlace, cell: usize) -> Seen;

    /// A cell of a pinned page is written, whatever the page is by now.
    fn write_pin(&mut self, pin: PinPlace, cell: usize, value: u8);

    /// The reference is given back, if there is one.
    fn unpin(&mut self, pin: PinPlace);

    /// Whether something pins the page cache's page of a file.
    fn is_file_page_pinned(&self, file: usize, page: usize) -> bool;

    /// Whether somebody works with the process's own page at a place.
    ///
    /// Source: include/linux/mm.h `folio_maybe_dma_pinned()`.
    fn is_pinned_at(&self, place: Place) -> bool;

    /// Whether a pinned page of a file is no longer the page cache's.
    fn is_orphan(&self, pin: PinPlace) -> bool;

    /// A private page that nothing was mapped for is the process's own from now on, with this
    /// content.
    fn install(&mut self, place: Place, content: Content);

    /// The shared zero page is mapped where nothing was, whatever the file behind the mapping
    /// holds.
    fn install_zero(&mut self, place: Place, source: Source);

    /// Whether the zero page is mapped there, whatever the file behind the mapping holds.
    fn shows_zero_page(&self, place: Place) -> bool;

    /// Whether the process's own copy is its alone, for certain: it was written since the last
    /// fork.
    fn is_exclusive(&self, place: Place) -> bool;

    /// What is known of page table entries.
    fn entries(&self) -> &EntryTable;

    /// The same, to be changed.
    fn entries_mut(&mut self) -> &mut EntryTable;

    /// Whether the page is in the page table.
    fn presence(&self, place: Place) -> Presence {
        self.entries().presence(place)
    }

    /// The page is in the page table from now on, or is not, or may be.
    fn set_presence(&mut self, place: Place, presence: Presence) {
        self.entries_mut().set_presence(place, presence);
    }

    /// What the page table may hold for a mapped page.
    fn states(&self, place: Place, source: Source) -> PageStates;

    /// Whether two mapped pages may be the same physical page.
    fn same_frame(&self, places: [Place; 2], sources: [Source; 2]) -> Answers;
}
