//! A memory taken apart, so that it can be put together differently.

use std::array;

use mapspec_model::memory::{
    Cow, FRAMES, Frame, Memory as _, PageTableEntry, PinPlace, PinnedFrame, Place,
};
use mapspec_model::world::Content;
use mapspec_model::{FILE_PAGES, FILES, PAGES, PINS, PROCESSES};

/// All that a memory is, but what is known of page table entries beside it.
pub struct Parts {
    pub tables: [[PageTableEntry; PAGES]; PROCESSES],
    pub cache: [[Option<u8>; FILE_PAGES]; FILES],
    pub frames: [Frame; FRAMES],
    pub pins: [[Option<PinnedFrame>; PINS]; PROCESSES],
    pub zero_page: Content,
}

impl Parts {
    pub fn of(cow: &Cow) -> Self {
        let entries = |process| array::from_fn(|page| cow.entry(Place { process, page }));
        let pins = |process| {
            array::from_fn(|pin| {
                let place = PinPlace { process, pin };
                let pinned = cow.pinned(place).zip(cow.reference(place));
                pinned.map(|(frame, reference)| PinnedFrame { frame, reference })
            })
        };
        Self {
            tables: array::from_fn(entries),
            cache: array::from_fn(|file| array::from_fn(|page| cow.cached(file, page))),
            frames: array::from_fn(|frame| cow.frame(frame as u8)),
            pins: array::from_fn(pins),
            zero_page: cow.zero_page(),
        }
    }

    /// The memory of these parts, with what another one knows of page table entries.
    pub fn put_together(self, other: &Cow) -> Cow {
        let mut made =
            Cow::of_parts(self.tables, self.cache, self.frames, self.pins, self.zero_page);
        *made.entries_mut() = *other.entries();
        made
    }
}
