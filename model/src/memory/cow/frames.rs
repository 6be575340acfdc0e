//! Frames: physical pages.

use core::hash::{Hash, Hasher};
use core::ops::{Index, IndexMut};

use crate::bounds::{CELLS, FILE_PAGES, FILES, PAGES, PINS, PROCESSES};
use crate::sparse;
use crate::world::Content;

/// Every page of every process and of every file can have a frame of its own, and every pin.
pub const FRAMES: usize = PROCESSES * (PAGES + PINS) + FILES * FILE_PAGES;

/// A physical page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Frame {
    /// What it is used for.
    pub kind: FrameKind,
    /// What it holds.
    pub content: Content,
    /// Cells that may hold zero instead: it may be the page that came after one that was dropped.
    pub or_zero: [bool; CELLS],
}

/// What a frame is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FrameKind {
    /// Nothing.
    Free,
    /// A page of a file, in the page cache, or out of it and only pinned.
    File {
        /// `PG_uptodate`: somebody has filled it; one that fallocate has allocated holds zeros.
        filled: bool,
    },
    /// Anonymous memory.
    Anonymous {
        /// `PG_anon_exclusive`: the page belongs to one process for certain, which may write it in
        /// place.
        exclusive: bool,
    },
}

impl Frame {
    pub(super) const FREE: Self =
        Self { kind: FrameKind::Free, content: [0; CELLS], or_zero: [false; CELLS] };
}

/// All frames. Most worlds use few: those from `end` on are free, and need not be looked at.
#[derive(Clone, Copy, Debug)]
pub struct Frames {
    all: [Frame; FRAMES],
    end: usize,
}

impl Frames {
    /// All are free.
    pub const FREE: Self = Self { all: [Frame::FREE; FRAMES], end: 0 };

    /// These.
    pub const fn of(all: [Frame; FRAMES]) -> Self {
        Self { all, end: FRAMES }
    }

    /// The frame with this number.
    pub const fn get(&self, frame: u8) -> Frame {
        self.all[frame as usize]
    }

    /// Those that are used for something, with their numbers.
    pub fn in_use(&self) -> impl Iterator<Item = (u8, &Frame)> {
        (0..).zip(&self.all[..self.end]).filter(|(_, frame)| frame.kind != FrameKind::Free)
    }

    /// What they hold.
    pub fn contents(&mut self) -> impl Iterator<Item = &mut Content> {
        self.all[..self.end].iter_mut().map(|frame| &mut frame.content)
    }

    /// The first free one is used for this from now on.
    pub fn allocate(&mut self, kind: FrameKind, content: Content) -> u8 {
        let mut frame = 0;
        while (frame as usize) < FRAMES - 1 && self.get(frame).kind != FrameKind::Free {
            frame += 1;
        }
        self[frame] = Frame { kind, content, or_zero: [false; CELLS] };
        frame
    }
}

impl Index<u8> for Frames {
    type Output = Frame;

    fn index(&self, frame: u8) -> &Frame {
        &self.all[frame as usize]
    }
}

impl IndexMut<u8> for Frames {
    fn index_mut(&mut self, frame: u8) -> &mut Frame {
        self.end = self.end.max(frame as usize + 1);
        &mut self.all[frame as usize]
    }
}

impl PartialEq for Frames {
    fn eq(&self, other: &Self) -> bool {
        let end = self.end.max(other.end);
        self.all[..end] == other.all[..end]
    }
}

impl Eq for Frames {}

impl Hash for Frames {
    fn hash<H: Hasher>(&self, state: &mut H) {
        sparse::hash(&self.all[..self.end], Frame::FREE, state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_equal_wherever_the_last_one_was() {
        let mut frames = Frames::FREE;
        assert_eq!(frames, Frames::of([Frame::FREE; FRAMES]));
        let used = [0, 1].map(|_| frames.allocate(FrameKind::File { filled: true }, [1; CELLS]));
        assert_eq!(used, [0, 1]);
        assert_eq!(frames, Frames::of(frames.all));
        assert_ne!(frames, Frames::FREE);
        assert_eq!(frames.in_use().map(|(frame, _)| frame).max(), Some(1));
        frames[0] = Frame::FREE;
        assert_eq!(frames.in_use().count(), 1);
        frames[1] = Frame::FREE;
        assert_eq!(frames, Frames::FREE);
    }
}
