//! What the manual pages promise, without frames, page tables or sharing.

use super::{Memory, Place, Source};
use crate::bounds::{CELLS, FILE_PAGES, FILES, PAGES, PROCESSES};
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
    files: [[Option<Content>; FILE_PAGES]; FILES],
}

/// A page that is the process's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Own {
    content: Content,
    /// Cells that may be zero instead: the page may have been dropped before it was written.
    or_zero: [bool; CELLS],
    /// Whether the page may be dropped, or has been.
    lazily_freed: bool,
}

impl Ideal {
    fn content(&self, place: Place, source: Source) -> Content {
        match (self.own[place.process][place.page], source) {
            (Some(own), _) => own.content,
            (None, Source::Anonymous) => [0; CELLS],
            (None, Source::File { file, page, .. }) => self.files[file][page].unwrap_or([0; CELLS]),
        }
    }

    /// The file's page; a hole is filled.
    fn cached(&mut self, file: usize, page: usize) -> &mut Content {
        self.files[file][page].get_or_insert([0; CELLS])
    }
}

impl Memory for Ideal {
    fn new() -> Self {
        Self { own: [[None; PAGES]; PROCESSES], files: [[None; FILE_PAGES]; FILES] }
    }

    fn load(&mut self, place: Place, source: Source, cell: usize) -> u8 {
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
        match (&mut self.own[place.process][place.page], source) {
            (Some(own), _) => {
                own.content[cell] = value;
                own.or_zero[cell] = false;
            }
            (None, Source::File { file, page, .. }) => self.cached(file, page)[cell] = value,
            (None, Source::Anonymous) => {}
        }
    }

    fn make_own(&mut self, place: Place, source: Source, _: &Policy) {
        if let Some(own) = &mut self.own[place.process][place.page] {
            if own.lazily_freed {
                (own.or_zero, own.lazily_freed) = ([true; CELLS], false);
            }
            return;
        }
        let content = self.content(place, source);
        if let Source::File { file, page, .. } = source {
            self.cached(file, page);
        }
        if !matches!(source, Source::File { shared: true, .. }) {
            let own = Own { content, or_zero: [false; CELLS], lazily_freed: false };
            self.own[place.process][place.page] = Some(own);
        }
    }

    fn has_own_copy(&self, place: Place) -> bool {
        self.own[place.process][place.page].is_some()
    }

    fn write_protect(&mut self, _: Place) {}

    fn zap(&mut self, place: Place) {
        self.own[place.process][place.page] = None;
    }

    fn free_lazily(&mut self, place: Place) {
        if let Some(own) = &mut self.own[place.process][place.page] {
            own.lazily_freed = true;
        }
    }

    fn move_page(&mut self, from: Place, to: Place) {
        self.own[to.process][to.page] = self.own[from.process][from.page].take();
    }

    fn fork(&mut self, parent: Place, child: Place) {
        self.own[child.process][child.page] = self.own[parent.process][parent.page];
    }

    fn read_file(&self, file: usize, page: usize, cell: usize) -> u8 {
        self.files[file][page].map_or(0, |content| content[cell])
    }

    fn write_file(&mut self, file: usize, page: usize, cell: usize, value: u8) {
        self.cached(file, page)[cell] = value;
    }

    fn has_file_page(&self, file: usize, page: usize) -> bool {
        self.files[file][page].is_some()
    }

    fn drop_file_page(&mut self, file: usize, page: usize) {
        self.files[file][page] = None;
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
