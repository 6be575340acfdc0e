//! What the manual pages promise, without frames, page tables or sharing.

use super::presence::{Presence, PresenceTable};
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
    own: [[Option<Content>; PAGES]; PROCESSES],
    /// `None`: a hole that nothing has touched.
    files: [[Option<Content>; FILE_PAGES]; FILES],
    /// Which own pages were written since the last fork.
    exclusive: [[bool; PAGES]; PROCESSES],
    present: PresenceTable,
}

impl Ideal {
    fn content(&self, place: Place, source: Source) -> Content {
        match (self.own[place.process][place.page], source) {
            (Some(content), _) => content,
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
        Self {
            own: [[None; PAGES]; PROCESSES],
            files: [[None; FILE_PAGES]; FILES],
            exclusive: [[false; PAGES]; PROCESSES],
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

    fn store(&mut self, place: Place, source: Source, cell: usize, value: u8, policy: &Policy) {
        self.make_own(place, source, policy);
        let content = match (&mut self.own[place.process][place.page], source) {
            (Some(own), _) => own,
            (None, Source::File { file, page, .. }) => self.cached(file, page),
            (None, Source::Anonymous) => return,
        };
        content[cell] = value;
    }

    fn make_own(&mut self, place: Place, source: Source, _: &Policy) {
        self.present.set(place, Presence::Present);
        let content = self.content(place, source);
        if let Source::File { file, page, .. } = source
            && !self.has_own_copy(place)
        {
            self.cached(file, page);
        }
        if !matches!(source, Source::File { shared: true, .. }) {
            self.own[place.process][place.page] = Some(content);
            self.exclusive[place.process][place.page] = true;
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

    fn move_page(&mut self, from: Place, to: Place) {
        self.own[to.process][to.page] = self.own[from.process][from.page].take();
        self.exclusive[to.process][to.page] = self.exclusive[from.process][from.page];
        self.present.move_page(from, to);
    }

    fn fork(&mut self, parent: Place, child: Place) {
        self.own[child.process][child.page] = self.own[parent.process][parent.page];
        for place in [parent, child] {
            self.exclusive[place.process][place.page] = false;
        }
        self.present.fork(parent, child, self.has_own_copy(parent));
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

    fn install(&mut self, place: Place, content: Content) {
        self.own[place.process][place.page] = Some(content);
        self.exclusive[place.process][place.page] = true;
        self.present.set(place, Presence::Present);
    }

    fn install_zero(&mut self, place: Place, source: Source) {
        match source {
            Source::Anonymous => self.present.set(place, Presence::Present),
            Source::File { .. } => self.install(place, [0; CELLS]),
        }
    }

    fn is_exclusive(&self, place: Place) -> bool {
        self.exclusive[place.process][place.page]
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
