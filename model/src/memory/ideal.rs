//! What the manual pages promise, without frames, page tables or sharing.

use super::presence::{Presence, PresenceTable};
use super::{Cow, Frame, FrameKind, Memory, PageTableEntry, PinPlace, Place, Source};
use crate::bounds::{CELLS, FILE_PAGES, FILES, PAGES, PINS, PROCESSES};
use crate::canonical::FileOrder;
use crate::outcome::{Answers, PageStates};
use crate::policy::Policy;
use crate::world::Content;

/// Anonymous memory is its process's own and reads zero. A private page that was written is its
/// process's own copy. Every other page *is* the file's page. Fork copies.
///
/// Source: mmap(2) `MAP_PRIVATE`, `MAP_SHARED`, `MAP_ANONYMOUS`; fork(2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ideal {
    own: [[Option<Own>; PAGES]; PROCESSES],
    /// `None`: a hole that nothing has touched.
    files: [[Option<CachedPage>; FILE_PAGES]; FILES],
    pins: [[Option<PinnedPage>; PINS]; PROCESSES],
    present: PresenceTable,
}

/// A page of a file, in the page cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct CachedPage {
    content: Content,
    /// Whether anybody has filled it; one that was only allocated holds zeros.
    filled: bool,
}

/// A page of a file that is pinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum PinnedPage {
    /// It is still the file's.
    Cached { file: usize, page: usize },
    /// The file has lost it; this is what it held.
    Orphan(Content),
}

/// A page that is the process's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Own {
    content: Content,
    /// Cells that may be zero instead: the page may have been dropped before it was written.
    or_zero: [bool; CELLS],
    /// Whether the page may be dropped, or has been.
    lazily_freed: bool,
    /// Whether it was written since the last fork.
    exclusive: bool,
}

impl Own {
    const fn of(content: Content) -> Self {
        Self { content, or_zero: [false; CELLS], lazily_freed: false, exclusive: true }
    }

    const ZERO_PAGE: Self = Self { exclusive: false, ..Self::of([0; CELLS]) };
}

impl Ideal {
    /// What [`Cow`] holds, without how it holds it.
    pub fn of(cow: &Cow) -> Self {
        let mut ideal = Self::new();
        for process in 0..PROCESSES {
            for page in 0..PAGES {
                let place = Place { process, page };
                ideal.own[process][page] = match cow.entry(place) {
                    PageTableEntry::Frame { frame, lazily_freed, .. } => {
                        let Frame { content, or_zero, .. } = cow.frame(frame);
                        let exclusive = cow.is_exclusive(place);
                        Some(Own { content, or_zero, lazily_freed, exclusive })
                    }
                    PageTableEntry::ZeroOverFile => Some(Own::ZERO_PAGE),
                    _ => None,
                };
                ideal.present.set(place, cow.presence(place));
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
                ideal.pins[process][pin] = cow.pinned(PinPlace { process, pin }).map(|frame| {
                    match cow.place_in_cache(frame) {
                        Some([file, page]) => PinnedPage::Cached { file, page },
                        None => PinnedPage::Orphan(cow.frame(frame).content),
                    }
                });
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
            present: PresenceTable::new(),
        }
    }

    fn load(&mut self, place: Place, source: Source, cell: usize) -> u8 {
        self.present.set(place, Presence::Present);
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
        if let Source::File { file, page, shared: true } = source {
            self.cached(file, page)[cell] = value;
        }
        if let Some(own) = &mut self.own[place.process][place.page] {
            own.content[cell] = value;
            own.or_zero[cell] = false;
        }
    }

    // ANCHOR: make_own
    fn make_own(&mut self, place: Place, source: Source, _: &Policy) {
        self.present.set(place, Presence::Present);
        if let Some(own) = &mut self.own[place.process][place.page] {
            if own.lazily_freed {
                (own.or_zero, own.lazily_freed) = ([true; CELLS], false);
            }
            own.exclusive = true;
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
            own.exclusive = true;
        }
    }

    fn has_own_copy(&self, place: Place) -> bool {
        self.own[place.process][place.page].is_some()
    }

    fn write_protect(&mut self, _: Place) {}

    fn zap(&mut self, place: Place) {
        self.own[place.process][place.page] = None;
        self.present.set(place, Presence::Absent);
    }

    fn free_lazily(&mut self, place: Place) {
        if let Some(own) = &mut self.own[place.process][place.page] {
            own.lazily_freed = true;
        }
    }

    fn move_page(&mut self, from: Place, to: Place) {
        self.own[to.process][to.page] = self.own[from.process][from.page].take();
        self.present.move_page(from, to);
    }

    fn fork(&mut self, parent: Place, child: Place, _: &Policy) {
        if let Some(own) = &mut self.own[parent.process][parent.page] {
            own.exclusive = false;
        }
        self.own[child.process][child.page] = self.own[parent.process][parent.page];
        self.present.fork(parent, child, self.has_own_copy(parent));
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
        let orphan = PinnedPage::Orphan(self.file_content(file, page));
        let cached = PinnedPage::Cached { file, page };
        for pin in self.pins.iter_mut().flatten() {
            if *pin == Some(cached) {
                *pin = Some(orphan);
            }
        }
        self.files[file][page] = None;
    }

    fn renumber(&mut self, order: FileOrder) {
        let files = self.files;
        for file in 0..FILES {
            self.files[order[file]] = files[file];
        }
        for pin in self.pins.iter_mut().flatten().flatten() {
            if let PinnedPage::Cached { file, .. } = pin {
                *file = order[*file];
            }
        }
    }

    fn replace_values(&mut self, mut replace: impl FnMut(u8) -> u8) {
        let own = self.own.iter_mut().flatten().flatten().map(|own| &mut own.content);
        let files = self.files.iter_mut().flatten().flatten().map(|cached| &mut cached.content);
        let pins = self.pins.iter_mut().flatten().flatten();
        let orphans = pins.filter_map(|pin| match pin {
            PinnedPage::Orphan(content) => Some(content),
            PinnedPage::Cached { .. } => None,
        });
        for value in own.chain(files).chain(orphans).flatten() {
            *value = replace(*value);
        }
    }

    fn pin_file_page(&mut self, pin: PinPlace, file: usize, page: usize) {
        self.cached(file, page);
        self.pins[pin.process][pin.pin] = Some(PinnedPage::Cached { file, page });
    }

    fn read_pin(&self, pin: PinPlace, cell: usize) -> u8 {
        self.pins[pin.process][pin.pin].map_or(0, |pinned| match pinned {
            PinnedPage::Cached { file, page } => self.read_file(file, page, cell),
            PinnedPage::Orphan(content) => content[cell],
        })
    }

    fn unpin(&mut self, pin: PinPlace) {
        self.pins[pin.process][pin.pin] = None;
    }

    fn is_file_page_pinned(&self, file: usize, page: usize) -> bool {
        let cached = PinnedPage::Cached { file, page };
        self.pins.iter().flatten().any(|pin| *pin == Some(cached))
    }

    fn is_orphan(&self, pin: PinPlace) -> bool {
        matches!(self.pins[pin.process][pin.pin], Some(PinnedPage::Orphan(_)))
    }

    fn install(&mut self, place: Place, content: Content) {
        self.own[place.process][place.page] = Some(Own::of(content));
        self.present.set(place, Presence::Present);
    }

    fn install_zero(&mut self, place: Place, source: Source) {
        match source {
            Source::Anonymous => self.present.set(place, Presence::Present),
            Source::File { .. } => {
                self.own[place.process][place.page] = Some(Own::ZERO_PAGE);
                self.present.set(place, Presence::Present);
            }
        }
    }

    fn is_exclusive(&self, place: Place) -> bool {
        self.own[place.process][place.page].is_some_and(|own| own.exclusive)
    }

    fn presence(&self, place: Place) -> Presence {
        self.present.get(place)
    }

    fn set_presence(&mut self, place: Place, presence: Presence) {
        self.present.set(place, presence);
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
