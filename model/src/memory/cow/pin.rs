//! Pins of frames: references that are neither a page table's nor the page cache's.

use super::{Cow, FrameKind, PageTableEntry, PinPlace, Place, Reference, Source};

/// A frame that is pinned. That it is the zero page is not kept: nobody can change that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PinnedFrame {
    /// Its place among the frames.
    pub frame: u8,
    /// How it is referred to.
    pub reference: Reference,
}

impl Cow {
    /// The frame that a pin refers to, if it is not the zero page.
    pub fn pinned(&self, pin: PinPlace) -> Option<u8> {
        self.pins[pin.process][pin.pin].map(|pin| pin.frame)
    }

    /// How a pin refers to its frame.
    pub fn reference(&self, pin: PinPlace) -> Option<Reference> {
        self.pins[pin.process][pin.pin].map(|pin| pin.reference)
    }

    /// Whether the page table has this frame at a place.
    pub fn has_frame(&self, place: Place, frame: u8) -> bool {
        matches!(self.entry(place), PageTableEntry::Frame { frame: it, .. } if it == frame)
    }

    /// How many pins refer to the frame.
    ///
    /// Source: include/linux/mm.h `folio_ref_count()`.
    pub fn pin_count(&self, frame: u8) -> usize {
        self.pins.as_flattened().iter().flatten().filter(|pin| pin.frame == frame).count()
    }

    /// Whether somebody works with what the frame holds.
    ///
    /// Source: include/linux/mm.h `folio_maybe_dma_pinned()`.
    pub(super) fn is_pinned(&self, frame: u8) -> bool {
        let is_pin = |pin: &PinnedFrame| pin.frame == frame && pin.reference == Reference::Pin;
        self.pins.as_flattened().iter().flatten().any(is_pin)
    }

    pub(super) fn refer(&mut self, pin: PinPlace, frame: u8, reference: Reference) {
        self.pins[pin.process][pin.pin] = Some(PinnedFrame { frame, reference });
    }

    /// The frame that shows at a place, if it is not the zero page.
    pub(super) fn frame_at(&self, place: Place, source: Source) -> Option<u8> {
        match (self.entry(place), source) {
            (PageTableEntry::Frame { frame, .. }, _) => Some(frame),
            (PageTableEntry::None, Source::File { file, page, .. }) => self.cached(file, page),
            _ => None,
        }
    }

    /// The entry of a page is another. A frame that only pins refer to now is marked exclusive no
    /// more: nothing asks for the mark until it is free.
    pub(super) fn replace(&mut self, place: Place, entry: PageTableEntry) {
        let before = self.entry(place);
        self.tables[place.process][place.page] = entry;
        if let PageTableEntry::Frame { frame, .. } = before
            && self.map_count(frame) == 0
        {
            self.frames[frame].kind = FrameKind::Anonymous { exclusive: false };
            self.release_frame(frame);
        }
    }
}
