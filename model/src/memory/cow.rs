//! What Linux does: frames with owners, page table entries, the zero page, copy-on-write.

mod frames;
mod pin;
mod zero;

use core::hash::{Hash, Hasher};

use frames::Frames;
pub use frames::{FRAMES, Frame, FrameKind};
pub use pin::PinnedFrame;

use super::{EntryTable, Memory, PinPlace, Place, Presence, Reference, Seen, Source};
use crate::bounds::{CELLS, FILE_PAGES, FILES, PAGES, PINS, PROCESSES};
use crate::canonical::FileOrder;
use crate::outcome::{Answers, PageStates};
use crate::policy::Policy;
use crate::sparse;
use crate::world::Content;

/// Physical pages and the three things that refer to them: page tables, the page cache and pins.
///
/// Page table entries of file pages are not kept. Such a page *is* the page cache's, and whether
/// an entry exists is mostly the kernel's free choice (fault-around, reclaim, fork); where it is
/// not, [`Presence`] says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cow {
    tables: [[PageTableEntry; PAGES]; PROCESSES],
    cache: [[Option<u8>; FILE_PAGES]; FILES],
    frames: Frames,
    pins: [[Option<PinnedFrame>; PINS]; PROCESSES],
    /// What the zero page holds: zeros, or all is lost.
    zero: Content,
    entries: EntryTable,
}

impl Hash for Cow {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { tables, cache, frames, pins, zero, entries } = self;
        sparse::hash(tables.as_flattened(), PageTableEntry::None, state);
        sparse::hash(cache.as_flattened(), None, state);
        sparse::hash(pins.as_flattened(), None, state);
        (frames, zero, entries).hash(state);
    }
}

/// A page table entry of a private page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PageTableEntry {
    /// Nothing, or a page of the file behind the mapping.
    None,
    /// The shared zero page: a load found nothing. Never writable.
    Zero,
    /// The zero page or nothing. Fork copies an entry of the zero page only if its VMA ever had an
    /// anonymous page, which the model does not keep.
    ///
    /// Source: mm/memory.c `vma_needs_copy()`.
    ZeroOrNone,
    /// The shared zero page in a mapping of a file, which a userfaultfd puts there, in a private
    /// one, or a fault past the end, in one that has asked for no SIGBUS.
    ZeroOverFile {
        /// Whether a store needs no fault, which must never be.
        writable: bool,
    },
    /// An anonymous page.
    Frame {
        /// Its place among the frames.
        frame: u8,
        /// Whether a store needs no fault.
        writable: bool,
        /// `MADV_FREE`: the entry is clean, so that the kernel may drop it, or has. As long as it
        /// has not been written, nobody can tell.
        ///
        /// Source: mm/rmap.c `try_to_unmap_one()`, `folio_test_swapbacked()`.
        lazily_freed: bool,
    },
}

impl Cow {
    /// A memory of these parts, which need not make sense together: see
    /// [`invariant`](crate::invariant).
    pub const fn of_parts(
        tables: [[PageTableEntry; PAGES]; PROCESSES],
        cache: [[Option<u8>; FILE_PAGES]; FILES],
        frames: [Frame; FRAMES],
        pins: [[Option<PinnedFrame>; PINS]; PROCESSES],
        zero: Content,
    ) -> Self {
        let (frames, entries) = (Frames::of(frames), EntryTable::EMPTY);
        Self { tables, cache, frames, pins, zero, entries }
    }

    /// The entry of a page.
    pub const fn entry(&self, place: Place) -> PageTableEntry {
        self.tables[place.process][place.page]
    }

    /// The frame with this number.
    pub const fn frame(&self, frame: u8) -> Frame {
        self.frames.get(frame)
    }

    /// The page cache's frame for a page of a file, if it has one.
    pub const fn cached(&self, file: usize, page: usize) -> Option<u8> {
        self.cache[file][page]
    }

    /// Which page of which file the frame is, if the page cache has it.
    pub fn place_in_cache(&self, frame: u8) -> Option<[usize; 2]> {
        let mut places = (0..FILES).flat_map(|file| (0..FILE_PAGES).map(move |page| [file, page]));
        places.find(|&[file, page]| self.cache[file][page] == Some(frame))
    }

    /// How many page table entries refer to the frame.
    ///
    /// Source: include/linux/mm.h `folio_mapcount()`.
    pub fn map_count(&self, frame: u8) -> usize {
        let entries = self.tables.as_flattened().iter();
        entries
            .filter(|entry| matches!(entry, PageTableEntry::Frame { frame: mapped, .. } if *mapped == frame))
            .count()
    }

    /// How many pages of files the page cache has in the frame.
    pub fn cache_count(&self, frame: u8) -> usize {
        self.cache.as_flattened().iter().filter(|cached| **cached == Some(frame)).count()
    }

    /// The frames that are used for something, with their numbers.
    pub fn frames_in_use(&self) -> impl Iterator<Item = (u8, Frame)> + '_ {
        self.frames.in_use().map(|(at, frame)| (at, *frame))
    }

    /// An exclusive copy of an anonymous frame.
    fn copy(&mut self, frame: u8) -> u8 {
        let Frame { content, or_zero, .. } = self.frames[frame];
        let copy = self.frames.allocate(FrameKind::Anonymous { exclusive: true }, content);
        self.frames[copy].or_zero = or_zero;
        copy
    }

    /// The page cache's frame for a page of a file; a hole is filled with a zeroed frame.
    ///
    /// Source: mm/shmem.c `shmem_fault()`, `SGP_CACHE`: a hole is filled even by a read.
    fn fill_cache(&mut self, file: usize, page: usize) -> u8 {
        self.allocate_file_page(file, page);
        let frame = self.cache[file][page].unwrap_or_default();
        self.frames[frame].kind = FrameKind::File { filled: true };
        frame
    }

    /// A frame that no page table, neither the page cache nor a pin refers to is free.
    fn release_frame(&mut self, frame: u8) {
        let uses = self.map_count(frame) + self.cache_count(frame) + self.pin_count(frame);
        if uses == 0 {
            self.frames[frame] = Frame::FREE;
        }
    }

    // ANCHOR: write_fault
    /// A write fault on a private page: afterwards the page is an anonymous frame that the process
    /// may write in place.
    ///
    /// Source: mm/memory.c `do_anonymous_page()`, `do_cow_fault()`, `do_wp_page()`.
    fn write_fault(&mut self, place: Place, source: Source, policy: &Policy) -> u8 {
        let exclusive = FrameKind::Anonymous { exclusive: true };
        let mut dropped = false;
        let frame = match self.entry(place) {
            PageTableEntry::Frame { frame, writable, lazily_freed } => {
                dropped = lazily_freed;
                if writable {
                    frame
                } else if self.may_reuse(frame, policy) {
                    self.frames[frame].kind = exclusive;
                    frame
                } else {
                    self.copy(frame)
                }
            }
            PageTableEntry::ZeroOverFile { .. } => self.frames.allocate(exclusive, [0; CELLS]),
            _ => {
                let content = match source {
                    Source::Anonymous => [0; CELLS],
                    Source::File { file, page, .. } => {
                        let cached = self.fill_cache(file, page);
                        self.frames[cached].content
                    }
                };
                self.frames.allocate(exclusive, content)
            }
        };
        if dropped {
            self.frames[frame].or_zero = [true; CELLS];
        }
        self.replace(place, PageTableEntry::Frame { frame, writable: true, lazily_freed: false });
        frame
    }
    // ANCHOR_END: write_fault

    // ANCHOR: may_reuse
    /// Whether a write-protected anonymous page may be written in place instead of being copied: it
    /// is marked exclusive, where there is such a mark, or nothing else refers to it any more, be
    /// it a page table or a pin.
    ///
    /// Source: mm/memory.c `do_wp_page()`, `wp_can_reuse_anon_folio()`; commits 09854ba94c6a,
    /// 6c287605fd56.
    fn may_reuse(&self, frame: u8, policy: &Policy) -> bool {
        let is_marked = !policy.copy_on_write_counts_references
            && !policy.copy_on_write_ignores_pins
            && self.frames[frame].kind == FrameKind::Anonymous { exclusive: true };
        let pins = if policy.copy_on_write_ignores_pins { 0 } else { self.pin_count(frame) };
        is_marked || self.map_count(frame) + pins == 1 || policy.copy_on_write_ignores_other_owners
    }
    // ANCHOR_END: may_reuse
}

impl Memory for Cow {
    fn new() -> Self {
        Self {
            tables: [[PageTableEntry::None; PAGES]; PROCESSES],
            cache: [[None; FILE_PAGES]; FILES],
            frames: Frames::FREE,
            pins: [[None; PINS]; PROCESSES],
            zero: [0; CELLS],
            entries: EntryTable::EMPTY,
        }
    }

    /// A load of untouched anonymous memory maps the zero page.
    ///
    /// Source: mm/memory.c `do_anonymous_page()`, `do_read_fault()`.
    fn load(&mut self, place: Place, source: Source, cell: usize) -> u8 {
        self.entries.set_presence(place, Presence::Present);
        match self.entry(place) {
            PageTableEntry::Frame { frame, .. } => {
                return self.frames[frame].content[cell];
            }
            PageTableEntry::ZeroOverFile { .. } => return self.zero[cell],
            _ => {}
        }
        match source {
            Source::Anonymous => {
                self.tables[place.process][place.page] = PageTableEntry::Zero;
                self.zero[cell]
            }
            Source::File { file, page, .. } => {
                let cached = self.fill_cache(file, page);
                self.frames[cached].content[cell]
            }
        }
    }

    fn may_be_zero(&self, place: Place, cell: usize) -> bool {
        match self.entry(place) {
            PageTableEntry::Frame { frame, lazily_freed, .. } => {
                lazily_freed || self.frames[frame].or_zero[cell]
            }
            _ => false,
        }
    }

    fn store(&mut self, place: Place, source: Source, cell: usize, value: u8, policy: &Policy) {
        if policy.zero_page_swallows_stores && self.entry(place) == PageTableEntry::Zero {
            return;
        }
        self.entries.write(place);
        if self.write_fault_on_zero_page(place, source) {
            self.zero[cell] = value;
            return;
        }
        let frame = match source {
            Source::File { file, page, shared: true } if !policy.shared_store_stays_private => {
                self.fill_cache(file, page)
            }
            Source::File { file, page, .. }
                if policy.private_store_reaches_the_file && !self.has_own_copy(place) =>
            {
                self.fill_cache(file, page)
            }
            _ => self.write_fault(place, source, policy),
        };
        self.frames[frame].content[cell] = value;
        self.frames[frame].or_zero[cell] = false;
    }

    fn make_own(&mut self, place: Place, source: Source, policy: &Policy) {
        self.entries.write(place);
        if !self.write_fault_on_zero_page(place, source) {
            match source {
                Source::File { file, page, shared: true } => self.fill_cache(file, page),
                _ => self.write_fault(place, source, policy),
            };
        }
    }

    /// The page is exclusive afterwards, but no more writable than it was.
    ///
    /// Source: mm/memory.c `do_wp_page()`, `wp_page_copy()` with `FAULT_FLAG_UNSHARE`.
    fn unshare(&mut self, place: Place, policy: &Policy) {
        let exclusive = FrameKind::Anonymous { exclusive: true };
        if let PageTableEntry::Frame { frame, writable, lazily_freed } = self.entry(place)
            && self.frames[frame].kind != exclusive
        {
            let frame = if self.may_reuse(frame, policy) {
                self.frames[frame].kind = exclusive;
                frame
            } else {
                self.copy(frame)
            };
            self.replace(place, PageTableEntry::Frame { frame, writable, lazily_freed });
        }
    }

    fn has_own_copy(&self, place: Place) -> bool {
        let entry = self.entry(place);
        matches!(entry, PageTableEntry::Frame { .. } | PageTableEntry::ZeroOverFile { .. })
    }

    fn write_protect(&mut self, place: Place) {
        if let PageTableEntry::Frame { writable, .. } | PageTableEntry::ZeroOverFile { writable } =
            &mut self.tables[place.process][place.page]
        {
            *writable = false;
        }
    }

    fn zap(&mut self, place: Place) {
        self.entries.set_presence(place, Presence::Absent);
        self.replace(place, PageTableEntry::None);
    }

    /// Only this process's entry becomes clean: others that share the page keep it.
    ///
    /// Source: mm/madvise.c `madvise_free_pte_range()`, `clear_young_dirty_ptes()`.
    fn free_lazily(&mut self, place: Place) {
        if let PageTableEntry::Frame { lazily_freed, .. } =
            &mut self.tables[place.process][place.page]
        {
            *lazily_freed = true;
        }
    }

    fn move_page(&mut self, from: Place, to: Place) {
        self.tables[to.process][to.page] = self.entry(from);
        self.tables[from.process][from.page] = PageTableEntry::None;
        self.entries.move_page(from, to);
    }

    /// An anonymous page is shared from now on: it is exclusive to nobody, and write-protected in
    /// both processes. Of one that is pinned the child has a copy at once, and the parent keeps it.
    ///
    /// Source: mm/memory.c `copy_present_ptes()`, `copy_present_page()`; include/linux/rmap.h
    /// `folio_try_dup_anon_rmap_ptes()`; include/linux/mm.h `folio_needs_cow_for_dma()`.
    fn fork(&mut self, parent: Place, child: Place, policy: &Policy) {
        let entry = match self.entry(parent) {
            PageTableEntry::Frame { .. } if policy.fork_forgets_private_pages => {
                PageTableEntry::None
            }
            PageTableEntry::Frame { frame, lazily_freed, .. }
                if policy.fork_copies_pinned_pages && self.is_pinned(frame) =>
            {
                let frame = self.copy(frame);
                PageTableEntry::Frame { frame, writable: true, lazily_freed }
            }
            PageTableEntry::Frame { frame, lazily_freed, .. } => {
                if !policy.fork_does_not_write_protect {
                    self.frames[frame].kind = FrameKind::Anonymous { exclusive: false };
                    self.write_protect(parent);
                }
                PageTableEntry::Frame { frame, writable: false, lazily_freed }
            }
            PageTableEntry::Zero | PageTableEntry::ZeroOrNone => PageTableEntry::ZeroOrNone,
            PageTableEntry::ZeroOverFile { writable } => PageTableEntry::ZeroOverFile { writable },
            PageTableEntry::None => PageTableEntry::None,
        };
        self.entries.fork(parent, child, self.has_own_copy(parent));
        self.tables[child.process][child.page] = entry;
    }

    fn read_file(&self, file: usize, page: usize, cell: usize) -> u8 {
        self.cache[file][page].map_or(0, |frame| self.frames[frame].content[cell])
    }

    fn write_file(&mut self, file: usize, page: usize, cell: usize, value: u8) {
        let cached = self.fill_cache(file, page);
        self.frames[cached].content[cell] = value;
    }

    fn allocate_file_page(&mut self, file: usize, page: usize) {
        if self.cache[file][page].is_none() {
            let frame = self.frames.allocate(FrameKind::File { filled: false }, [0; CELLS]);
            self.cache[file][page] = Some(frame);
        }
    }

    fn has_file_page(&self, file: usize, page: usize) -> bool {
        self.cache[file][page].is_some()
    }

    fn has_filled_file_page(&self, file: usize, page: usize) -> bool {
        self.cache[file][page]
            .is_some_and(|frame| self.frames[frame].kind == FrameKind::File { filled: true })
    }

    fn drop_file_page(&mut self, file: usize, page: usize) {
        if let Some(frame) = self.cache[file][page].take() {
            self.release_frame(frame);
        }
    }

    fn renumber(&mut self, order: FileOrder) {
        let (cache, frames) = (self.cache, self.frames);
        for file in 0..FILES {
            self.cache[order[file]] = cache[file];
        }
        self.frames = Frames::FREE;
        let mut numbers = [None; FRAMES];
        let mut next = 0;
        let mut renumber = |frame: &mut u8| {
            let old = *frame;
            *frame = *numbers[old as usize].get_or_insert(next);
            if *frame == next {
                self.frames[next] = frames[old];
                next += 1;
            }
        };
        for entry in self.tables.as_flattened_mut() {
            if let PageTableEntry::Frame { frame, .. } = entry {
                renumber(frame);
            }
        }
        self.cache.as_flattened_mut().iter_mut().flatten().for_each(&mut renumber);
        let pins = self.pins.as_flattened_mut().iter_mut().flatten();
        pins.for_each(|pin| renumber(&mut pin.frame));
    }

    /// Once the frames are numbered in the order of their references, that order is the same for
    /// worlds that differ in values.
    fn replace_values(&mut self, mut replace: impl FnMut(u8) -> u8) {
        for content in self.frames.contents().chain([&mut self.zero]) {
            *content = content.map(&mut replace);
        }
    }

    fn pin_file_page(&mut self, pin: PinPlace, file: usize, page: usize) {
        let frame = self.fill_cache(file, page);
        self.refer(pin, frame, Reference::Get);
    }

    fn pin_page(
        &mut self,
        pin: PinPlace,
        place: Place,
        source: Source,
        reference: Reference,
        _: &Policy,
    ) {
        if let Some(frame) = self.frame_at(place, source) {
            self.refer(pin, frame, reference);
        }
    }

    fn read_pin(&self, pin: PinPlace, cell: usize) -> Seen {
        let frame = self.pinned(pin);
        Seen::Value(frame.map_or(0, |frame| self.frames[frame].content[cell]))
    }

    fn write_pin(&mut self, pin: PinPlace, cell: usize, value: u8) {
        if let Some(frame) = self.pinned(pin) {
            self.frames[frame].content[cell] = value;
        }
    }

    fn unpin(&mut self, pin: PinPlace) {
        if let Some(PinnedFrame { frame, .. }) = self.pins[pin.process][pin.pin].take() {
            self.release_frame(frame);
        }
    }

    fn is_file_page_pinned(&self, file: usize, page: usize) -> bool {
        self.cache[file][page].is_some_and(|frame| self.pin_count(frame) > 0)
    }

    fn is_pinned_at(&self, place: Place) -> bool {
        matches!(self.entry(place), PageTableEntry::Frame { frame, .. } if self.is_pinned(frame))
    }

    fn is_orphan(&self, pin: PinPlace) -> bool {
        self.pinned(pin).is_some_and(|frame| self.place_in_cache(frame).is_none())
    }

    fn install(&mut self, place: Place, content: Content) {
        let frame = self.frames.allocate(FrameKind::Anonymous { exclusive: true }, content);
        self.tables[place.process][place.page] =
            PageTableEntry::Frame { frame, writable: true, lazily_freed: false };
        self.entries.write(place);
    }

    fn install_zero(&mut self, place: Place, source: Source) {
        self.tables[place.process][place.page] = match source {
            Source::Anonymous => PageTableEntry::Zero,
            Source::File { .. } => PageTableEntry::ZeroOverFile { writable: false },
        };
        self.entries.set_presence(place, Presence::Present);
    }

    fn shows_zero_page(&self, place: Place) -> bool {
        matches!(self.entry(place), PageTableEntry::ZeroOverFile { .. })
    }

    fn is_exclusive(&self, place: Place) -> bool {
        let exclusive = FrameKind::Anonymous { exclusive: true };
        matches!(self.entry(place), PageTableEntry::Frame { frame, .. }
            if self.frames[frame].kind == exclusive)
    }

    fn entries(&self) -> &EntryTable {
        &self.entries
    }

    fn entries_mut(&mut self) -> &mut EntryTable {
        &mut self.entries
    }

    fn states(&self, place: Place, source: Source) -> PageStates {
        match (self.entry(place), source) {
            (PageTableEntry::Frame { lazily_freed: true, .. }, _) => {
                PageStates::ANONYMOUS | PageStates::NONE | PageStates::ZERO
            }
            (PageTableEntry::Frame { .. }, _) => PageStates::ANONYMOUS,
            (PageTableEntry::ZeroOverFile { .. }, _) => PageStates::ZERO,
            (_, Source::File { .. }) => PageStates::NONE | PageStates::FILE,
            (PageTableEntry::Zero, _) => PageStates::ZERO,
            (PageTableEntry::ZeroOrNone, _) => PageStates::NONE | PageStates::ZERO,
            (PageTableEntry::None, _) => PageStates::NONE,
        }
    }

    fn same_frame(&self, places: [Place; 2], sources: [Source; 2]) -> Answers {
        let states = [self.states(places[0], sources[0]), self.states(places[1], sources[1])];
        let frame = |place| match self.entry(place) {
            PageTableEntry::Frame { frame, lazily_freed: false, .. } => Some(frame),
            _ => None,
        };
        match (frame(places[0]), frame(places[1])) {
            (Some(first), Some(second)) => Answers::from(first == second),
            _ if states[0] == PageStates::ZERO && states[1] == PageStates::ZERO => Answers::YES,
            _ => {
                let common = states[0].intersection(states[1]).without(PageStates::NONE);
                if common.is_empty() { Answers::NO } else { Answers::ALL }
            }
        }
    }
}
