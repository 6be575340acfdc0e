//! What the manual pages promise, without frames, page tables or sharing.

use super::{Cow, Memory, PageTableEntry, Place, Source};
use crate::bounds::{CELLS, FILE_PAGES, FILES, PAGES, PROCESSES};
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
    own: [[Option<Content>; PAGES]; PROCESSES],
    /// `None`: a hole that nothing has touched.
    files: [[Option<Content>; FILE_PAGES]; FILES],
}

impl Ideal {
    /// What [`Cow`] holds, without how it holds it.
    pub fn of(cow: &Cow) -> Self {
        let mut ideal = Self::new();
        for process in 0..PROCESSES {
            for page in 0..PAGES {
                let entry = cow.entry(Place { process, page });
                if let PageTableEntry::Frame { frame, .. } = entry {
                    ideal.own[process][page] = Some(cow.frame(frame).content);
                }
            }
        }
        for file in 0..FILES {
            for page in 0..FILE_PAGES {
                ideal.files[file][page] =
                    cow.cached(file, page).map(|frame| cow.frame(frame).content);
            }
        }
        ideal
    }

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
        Self { own: [[None; PAGES]; PROCESSES], files: [[None; FILE_PAGES]; FILES] }
    }

    fn load(&mut self, place: Place, source: Source, cell: usize) -> u8 {
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
        let content = self.content(place, source);
        if let Source::File { file, page, .. } = source
            && !self.has_own_copy(place)
        {
            self.cached(file, page);
        }
        if !matches!(source, Source::File { shared: true, .. }) {
            self.own[place.process][place.page] = Some(content);
        }
    }

    fn has_own_copy(&self, place: Place) -> bool {
        self.own[place.process][place.page].is_some()
    }

    fn write_protect(&mut self, _: Place) {}

    fn zap(&mut self, place: Place) {
        self.own[place.process][place.page] = None;
    }

    fn move_page(&mut self, from: Place, to: Place) {
        self.own[to.process][to.page] = self.own[from.process][from.page].take();
    }

    fn fork(&mut self, parent: Place, child: Place, _: &Policy) {
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

    fn renumber(&mut self, order: FileOrder) {
        let files = self.files;
        for file in 0..FILES {
            self.files[order[file]] = files[file];
        }
    }

    fn replace_values(&mut self, mut replace: impl FnMut(u8) -> u8) {
        let contents = self.own.iter_mut().flatten().chain(self.files.iter_mut().flatten());
        for value in contents.flatten().flatten() {
            *value = replace(*value);
        }
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
