//! What the manual pages promise, without frames, page tables or sharing.

mod pin;
mod pins;

use core::hash::{Hash, Hasher};

pub use pin::Latitude;
use pin::{Pin, View};

use super::{
    Cow, EntryTable, Frame, FrameKind, Memory, PageTableEntry, PinPlace, Place, Presence,
    Reference, Seen, Source,
};
use crate::bounds::{CELLS, FILE_PAGES, FILES, PAGES, PINS, PROCESSES};
use crate::canonical::FileOrder;
use crate::outcome::{Answers, PageStates};
use crate::policy::Policy;
use crate::sparse;
use crate::world::Content;

/// Anonymous memory is its process's own and reads zero. A private page that was written is its
/// process's own copy. Every other page *is* the file's page. Fork copies.
///
/// Source: mmap(2) `MAP_PRIVATE`, `MAP_SHARED`, `MAP_ANONYMOUS`; fork(2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ideal {
    own: [[Option<Own>; PAGES]; PROCESSES],
    /// `None`: a hole that nothing has touched.
    files: [[Option<CachedPage>; FILE_PAGES]; FILES],
    pins: [[Option<Pin>; PINS]; PROCESSES],
    entries: EntryTable,
}

impl Hash for Ideal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { own, files, pins, entries } = self;
        sparse::hash(own.as_flattened(), None, state);
        sparse::hash(files.as_flattened(), None, state);
        sparse::hash(pins.as_flattened(), None, state);
        entries.hash(state);
    }
}

/// A page of a file, in the page cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct CachedPage {
    content: Content,
    /// Whether anybody has filled it; one that was only allocated holds zeros.
    filled: bool,
}

/// A page that is the process's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Own {
    content: Content,
    /// Cells that may be zero instead: the page may have been dropped before it was written.
    or_zero: [bool; CELLS],
    /// Whether the page may be dropped, or has been.
    lazily_freed: bool,
    /// Whether it is the shared zero page, until it is written.
    is_zero_page: bool,
    /// Whether it was written since the last fork.
    exclusive: bool,
}

impl Own {
    const fn of(content: Content) -> Self {
        let or_zero = [false; CELLS];
        Self { content, or_zero, lazily_freed: false, is_zero_page: false, exclusive: true }
    }

    const ZERO_PAGE: Self = Self { is_zero_page: true, exclusive: false, ..Self::of([0; CELLS]) };
}

impl Ideal {
    /// What [`Cow`] holds, without how it holds it.
    pub fn of(cow: &Cow) -> Self {
        let mut ideal = Self { entries: *cow.entries(), ..Self::new() };
        for process in 0..PROCESSES {
            for page in 0..PAGES {
                let place = Place { process, page };
                ideal.own[process][page] = match cow.entry(place) {
                    PageTableEntry::Frame { frame, lazily_freed, .. } => {
                        let Frame { content, or_zero, .. } = cow.frame(frame);
                        let exclusive = cow.is_exclusive(place);
                        Some(Own { or_zero, lazily_freed, exclusive, ..Own::of(content) })
                    }
                    PageTableEntry::ZeroOverFile { .. } => Some(Own::ZERO_PAGE),
                    _ => None,
                };
            }
        }
        for file in 0..FILES {
            for page in 0..FILE_PAGES {
                ideal.files[file][page] = cow.cached(file, page).map(|frame| CachedPage {
                    content: cow.frame(frame).content,
                    filled: cow.frame(frame).kind == FrameKind::File { filled: true },
                });
            }
        }
        for process in 0..PROCESSES {
            for pin in 0..PINS {
                ideal.pins[process][pin] = Pin::of(cow, PinPlace { process, pin });
            }
        }
        ideal
    }

    fn content(&self, place: Place, source: Source) -> Content {
        match (self.own[place.process][place.page], source) {
            (Some(own), _) => own.content,
            (None, Source::Anonymous) => [0; CELLS],
            (None, Source::File { file, page, .. }) => self.file_content(file, page),
        }
    }

    fn file_content(&self, file: usize, page: usize) -> Content {
        self.files[file][page].map_or([0; CELLS], |cached| cached.content)
    }

    /// The file's page; a hole is filled.
    fn cached(&mut self, file: usize, page: usize) -> &mut Content {
        let content = self.file_content(file, page);
        &mut self.files[file][page].insert(CachedPage { content, filled: true }).content
    }
}

impl Memory for Ideal {
    fn new() -> Self {
        Self {
            own: [[None; PAGES]; PROCESSES],
            files: [[None; FILE_PAGES]; FILES],
            pins: [[None; PINS]; PROCESSES],
            entries: EntryTable::EMPTY,
        }
    }

    fn load(&mut self, place: Place, source: Source, cell: usize) -> u8 {
        self.entries.set_presence(place, Presence::Present);
        if let (false, Source::File { file, page, .. }) = (self.has_own_copy(place), source) {
            self.cached(file, page);
        }
        self.content(place, source)[cell]
    }

    fn may_be_zero(&self, place: Place, cell: usize) -> bool {
        let own = self.own[place.process][place.page];
        own.is_some_and(|own| own.lazily_freed || own.or_zero[cell])
    }

    fn store(&mut self, place: Place, source: Source, cell: usize, value: u8, policy: &Policy) {
        self.make_own(place, source, policy);
        if let Some(own) = &mut self.own[place.process][place.page] {
            own.content[cell] = value;
            own.or_zero[cell] = false;
        } else if let Source::File { file, page, .. } = source {
            self.cached(file, page)[cell] = value;
        }
    }

    // ANCHOR: make_own
    fn make_own(&mut self, place: Place, source: Source, policy: &Policy) {
        self.entries.write(place);
        self.lose_pins(place, policy);
        if let Some(own) = &mut self.own[place.process][place.page] {
            if own.lazily_freed {
                (own.or_zero, own.lazily_freed) = ([true; CELLS], false);
            }
            (own.is_zero_page, own.exclusive) = (false, true);
            return;
        }
        let content = self.content(place, source);
        if let Source::File { file, page, .. } = source {
            self.cached(file, page);
        }
        if !matches!(source, Source::File { shared: true, .. }) {
            self.own[place.process][place.page] = Some(Own::of(content));
        }
    }
    // ANCHOR_END: make_own

    fn unshare(&mut self, place: Place, _: &Policy) {
        if let Some(own) = &mut self.own[place.process][place.page] {
            own.exclusive = !own.is_zero_page;
        }
    }

    fn has_own_copy(&self, place: Place) -> bool {
        self.own[place.process][place.page].is_some()
    }

    fn write_protect(&mut self, place: Place) {
        self.pins_of(place).for_each(|pin| pin.write_protected = true);
    }

    fn zap(&mut self, place: Place) {
        self.unmap_pins(place);
        self.own[place.process][place.page] = None;
        self.entries.set_presence(place, Presence::Absent);
    }

    fn free_lazily(&mut self, place: Place) {
        if let Some(own) = &mut self.own[place.process][place.page] {
            own.lazily_freed = true;
        }
    }

    fn move_page(&mut self, from: Place, to: Place) {
        self.own[to.process][to.page] = self.own[from.process][from.page].take();
        self.pins_of(from).for_each(|pin| pin.mapped = Some(to));
        self.entries.move_page(from, to);
    }

    fn fork(&mut self, parent: Place, child: Place, policy: &Policy) {
        let mut copy = self.own[parent.process][parent.page];
        if self.is_pinned(parent) && policy.fork_copies_pinned_pages {
            copy = copy.map(|own| Own { exclusive: true, ..own });
        } else {
            self.share_pins(parent);
            copy = copy.map(|own| Own { exclusive: false, ..own });
            self.own[parent.process][parent.page] = copy;
        }
        self.own[child.process][child.page] = copy;
        self.entries.fork(parent, child, self.has_own_copy(parent));
    }

    fn read_file(&self, file: usize, page: usize, cell: usize) -> u8 {
        self.file_content(file, page)[cell]
    }

    fn write_file(&mut self, file: usize, page: usize, cell: usize, value: u8) {
        self.cached(file, page)[cell] = value;
    }

    fn allocate_file_page(&mut self, file: usize, page: usize) {
        let allocated = CachedPage { content: [0; CELLS], filled: false };
        self.files[file][page].get_or_insert(allocated);
    }

    fn has_file_page(&self, file: usize, page: usize) -> bool {
        self.files[file][page].is_some()
    }

    fn has_filled_file_page(&self, file: usize, page: usize) -> bool {
        self.files[file][page].is_some_and(|cached| cached.filled)
    }

    fn drop_file_page(&mut self, file: usize, page: usize) {
        self.orphan_pins(file, page);
        self.files[file][page] = None;
    }

    fn renumber(&mut self, order: FileOrder) {
        let files = self.files;
        for file in 0..FILES {
            self.files[order[file]] = files[file];
        }
        for view in self.views() {
            if let View::Cached { file, .. } = view {
                *file = order[*file];
            }
        }
    }

    fn replace_values(&mut self, mut replace: impl FnMut(u8) -> u8) {
        let mut replace = |content: &mut Content| *content = content.map(&mut replace);
        let own = self.own.as_flattened_mut().iter_mut().flatten();
        own.for_each(|own| replace(&mut own.content));
        let files = self.files.as_flattened_mut().iter_mut().flatten();
        files.for_each(|cached| replace(&mut cached.content));
        for view in self.views() {
            if let View::Held { content, .. } = view {
                replace(content);
            }
        }
    }

    fn pin_file_page(&mut self, pin: PinPlace, file: usize, page: usize) {
        self.cached(file, page);
        self.pins[pin.process][pin.pin] = Some(Pin::of_file(file, page));
    }

    fn pin_page(
        &mut self,
        pin: PinPlace,
        place: Place,
        source: Source,
        reference: Reference,
        policy: &Policy,
    ) {
        let new = self.new_pin(place, source, reference, policy);
        self.pins[pin.process][pin.pin] = Some(new);
    }

    fn read_pin(&self, pin: PinPlace, cell: usize) -> Seen {
        self.pins[pin.process][pin.pin].map_or(Seen::Value(0), |pin| self.seen(pin, cell))
    }

    fn write_pin(&mut self, pin: PinPlace, cell: usize, value: u8) {
        self.write_through(pin, cell, value);
    }

    fn unpin(&mut self, pin: PinPlace) {
        self.forget_pin(pin);
    }

    fn is_file_page_pinned(&self, file: usize, page: usize) -> bool {
        let cached = View::Cached { file, page };
        self.pins.as_flattened().iter().flatten().any(|pin| pin.shows(cached))
    }

    fn is_pinned_at(&self, place: Place) -> bool {
        self.is_pinned(place)
    }

    fn is_orphan(&self, pin: PinPlace) -> bool {
        self.pins[pin.process][pin.pin].is_some_and(|pin| pin.is_orphan())
    }

    fn install(&mut self, place: Place, content: Content) {
        self.own[place.process][place.page] = Some(Own::of(content));
        self.entries.write(place);
    }

    fn install_zero(&mut self, place: Place, source: Source) {
        match source {
            Source::Anonymous => self.entries.set_presence(place, Presence::Present),
            Source::File { .. } => {
                self.own[place.process][place.page] = Some(Own::ZERO_PAGE);
                self.entries.set_presence(place, Presence::Present);
            }
        }
    }

    fn shows_zero_page(&self, place: Place) -> bool {
        self.own[place.process][place.page].is_some_and(|own| own.is_zero_page)
    }

    fn is_exclusive(&self, place: Place) -> bool {
        self.own[place.process][place.page].is_some_and(|own| own.exclusive)
    }

    fn entries(&self) -> &EntryTable {
        &self.entries
    }

    fn entries_mut(&mut self) -> &mut EntryTable {
        &mut self.entries
    }

    /// No manual page speaks of page tables: all is permitted.
    fn states(&self, _: Place, _: Source) -> PageStates {
        PageStates::ALL
    }

    /// No manual page speaks of frames: all is permitted.
    fn same_frame(&self, _: [Place; 2], _: [Source; 2]) -> Answers {
        Answers::ALL
    }
}
