//! What a pin should show, and where Linux is known to show something else.
//!
//! A pin shows what the mapping that it was found through holds, for as long as the page stays
//! mapped there, and then what it held last. A page of a file that no process has made its own is
//! the file's: a pin of it follows the file until the file loses the page. A page that was lost stays
//! one page to all that refer to it.

use super::pins::Pins;
use super::{Ideal, Own};
use crate::bounds::{CELLS, PAGES, PINS, PROCESSES};
use crate::memory::{Cow, FrameKind, Memory as _, PinPlace, Place, Reference, Seen, Source};
use crate::policy::Policy;
use crate::world::Content;

/// A pin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pin {
    reference: Reference,
    /// Where its page is mapped still. What is promised is what is found there, if it is the
    /// process's own.
    pub mapped: Option<Place>,
    /// What is promised otherwise.
    promise: Option<View>,
    /// What it may show instead, and why; as long as its page is not the process's own, this is all
    /// that there is.
    departure: Option<(Latitude, View)>,
    /// Whether writing to its page was forbidden since it was made.
    pub write_protected: bool,
}

/// What a pin shows, apart from its process's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum View {
    /// The page of a file.
    Cached {
        /// The file.
        file: usize,
        /// Its page.
        page: usize,
    },
    /// What a page holds since whoever had it lost it.
    Held {
        /// What it holds.
        content: Content,
        /// The pins that it stays one page to: what is written through one of them, all show. None,
        /// if nothing that refers to it can write it.
        by: Pins,
    },
}

impl View {
    /// What a page holds that nothing writes any more.
    const fn frozen(content: Content) -> Self {
        Self::Held { content, by: Pins::NONE }
    }

    /// Whether this permits the other one, where some pins may show something else instead: those
    /// that really have the page are among those that it is promised to, and all of the latter that
    /// nothing else is permitted to.
    fn covers(self, other: Self, departing: Pins) -> bool {
        let (Self::Held { content, by: promised }, Self::Held { content: held, by: real }) =
            (self, other)
        else {
            return self == other;
        };
        let is_one_page = real.is_within(promised) && promised.without(departing).is_within(real);
        content == held && (promised == Pins::NONE || is_one_page)
    }
}

const ZERO_PAGE: (Latitude, View) = (Latitude::ZeroPage, View::frozen([0; CELLS]));

/// A departure from the promise that Linux is known to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Latitude {
    /// What was never written is the zero page, and a pin that is not to last stays with that when
    /// the page is written.
    ///
    /// Source: mm/gup.c `gup_must_unshare()`, "We only care about R/O long-term pining: R/O
    /// short-term pinning does not have the semantics to observe successive changes through the
    /// process page tables"; the tests E10, F06.
    ZeroPage,
    /// The page of a file behind a private mapping that was not written stays the file's for a pin
    /// that is not to last.
    ///
    /// Source: the same.
    FilePage,
    /// A mere reference unshares nothing: it stays with the page that fork shares, and the process
    /// that writes gets another.
    ///
    /// Source: mm/gup.c `gup_must_unshare()`, "FOLL_PIN"; vmsplice(2); mm/memory.c `do_wp_page()`.
    Reference,
    /// Where a page that something else refers to is copied when it is written, any pin stays with
    /// the old page, and any write protection is enough for that.
    ///
    /// Source: commit 09854ba94c6a, until 6c287605fd56 (Linux 5.19).
    CountedReferences,
}

impl Pin {
    /// A pin that shows this, found through no mapping.
    const fn of_view(view: View) -> Self {
        Self {
            reference: Reference::Get,
            mapped: None,
            promise: Some(view),
            departure: None,
            write_protected: false,
        }
    }

    /// The page cache's page of a file, found through the file.
    pub const fn of_file(file: usize, page: usize) -> Self {
        Self::of_view(View::Cached { file, page })
    }

    /// What [`Cow`] holds of a pin: the one thing that it shows.
    pub fn of(cow: &Cow, pin: PinPlace) -> Option<Self> {
        let frame = cow.pinned(pin)?;
        let place = |at: usize| Place { process: at / PAGES, page: at % PAGES };
        let exclusive = FrameKind::Anonymous { exclusive: true };
        let mapped = (0..PROCESSES * PAGES)
            .map(place)
            .find(|place| cow.frame(frame).kind == exclusive && cow.has_frame(*place, frame));
        let by = |frame| match cow.map_count(frame) {
            0 => pins_where(|pin| cow.pinned(pin) == Some(frame)),
            _ => Pins::NONE,
        };
        let promise = match cow.place_in_cache(frame) {
            Some([file, page]) => Some(View::Cached { file, page }),
            None if mapped.is_some() => None,
            None => Some(View::Held { content: cow.frame(frame).content, by: by(frame) }),
        };
        let reference = cow.reference(pin)?;
        Some(Self { reference, mapped, promise, departure: None, write_protected: false })
    }

    /// What it shows apart from its process's memory.
    pub fn views(&mut self) -> impl Iterator<Item = &mut View> {
        let departure = self.departure.as_mut().map(|(_, view)| view);
        self.promise.iter_mut().chain(departure)
    }

    /// Whether it may show this.
    pub fn shows(self, view: View) -> bool {
        self.promise == Some(view) || self.departure.is_some_and(|(_, it)| it == view)
    }

    /// Whether it is certain that it no longer shows a page of a file.
    pub fn is_orphan(mut self) -> bool {
        self.views().all(|view| matches!(view, View::Held { .. }))
    }

    /// Whether everything that the other one shows is something that this one may show.
    fn covers(mut self, other: Self, departing: Pins) -> bool {
        if matches!(self.departure, Some((Latitude::CountedReferences, _))) {
            return true;
        }
        match other.promise {
            Some(view) => self.views().any(|it| it.covers(view, departing)),
            None => self.promise.is_none() && self.mapped == other.mapped,
        }
    }
}

impl Ideal {
    /// Whether everything that another one holds is something that this one permits: they are
    /// equal, but that pins of this one may show more.
    pub fn permits(&self, other: &Self) -> bool {
        let pins = self.pins.as_flattened().iter().zip(other.pins.as_flattened());
        let zero = Pin::of_view(View::frozen([0; CELLS]));
        let departing = self.pins_that(|pin| pin.departure.is_some());
        let mut pins = pins.map(|(one, other)| (one.unwrap_or(zero), other.unwrap_or(zero)));
        pins.all(|(one, other)| one.covers(other, departing))
            && Self { pins: self.pins, ..*other } == *self
    }

    /// A pin of what is mapped at a place.
    pub(super) fn new_pin(
        &self,
        place: Place,
        source: Source,
        reference: Reference,
        policy: &Policy,
    ) -> Pin {
        let own = self.own[place.process][place.page];
        let is_counted = policy.copy_on_write_counts_references;
        let departure = match (own, source) {
            (Some(Own { is_zero_page: true, .. }), _) => Some(ZERO_PAGE),
            (Some(Own { content, .. }), _) if is_counted => {
                Some((Latitude::CountedReferences, View::frozen(content)))
            }
            (Some(Own { content, .. }), _)
                if reference == Reference::Get && !self.is_exclusive(place) =>
            {
                Some((Latitude::Reference, View::frozen(content)))
            }
            (Some(_), _) => None,
            (None, Source::Anonymous) => Some(ZERO_PAGE),
            (None, Source::File { file, page, shared: false }) => {
                Some((Latitude::FilePage, View::Cached { file, page }))
            }
            (None, Source::File { file, page, shared: true }) => return Pin::of_file(file, page),
        };
        let mapped = Some(place);
        Pin { reference, mapped, promise: None, departure, write_protected: false }
    }

    /// The pins of what is mapped at a place.
    pub(super) fn pins_of(&mut self, place: Place) -> impl Iterator<Item = &mut Pin> {
        let pins = self.pins.as_flattened_mut().iter_mut().flatten();
        pins.filter(move |pin| pin.mapped == Some(place))
    }

    /// The pins of which this is true.
    fn pins_that(&self, is_one: impl Fn(&Pin) -> bool) -> Pins {
        pins_where(|pin| self.pins[pin.process][pin.pin].as_ref().is_some_and(&is_one))
    }

    /// What pins show apart from their processes' memory.
    pub(super) fn views(&mut self) -> impl Iterator<Item = &mut View> {
        self.pins.as_flattened_mut().iter_mut().flatten().flat_map(Pin::views)
    }

    /// Whether somebody works with the process's own page at a place.
    pub(super) fn is_pinned(&self, place: Place) -> bool {
        let mut pins = self.pins.as_flattened().iter().flatten();
        pins.any(|pin| {
            let shows_it = pin.departure.is_none_or(|(it, _)| it == Latitude::CountedReferences);
            pin.mapped == Some(place) && pin.reference == Reference::Pin && shows_it
        })
    }

    /// Fork shares the page at a place: mere references stay with it.
    pub(super) fn share_pins(&mut self, place: Place) {
        let Some(own) = self.own[place.process][place.page] else { return };
        for pin in self.pins_of(place) {
            pin.write_protected = true;
            if pin.reference == Reference::Get && pin.departure.is_none() {
                pin.departure = Some((Latitude::Reference, View::frozen(own.content)));
            }
        }
    }

    /// The page at a place is unmapped: its pins keep it.
    pub(super) fn unmap_pins(&mut self, place: Place) {
        self.detach_pins(place, |_| true);
    }

    /// The page at a place is written: under [`Latitude::CountedReferences`] the process gets
    /// another.
    pub(super) fn lose_pins(&mut self, place: Place, policy: &Policy) {
        if self.has_own_copy(place) && policy.copy_on_write_counts_references {
            self.detach_pins(place, |pin| pin.write_protected);
        }
    }

    /// The place has lost its page: these pins keep it.
    fn detach_pins(&mut self, place: Place, is_one: impl Fn(&Pin) -> bool) {
        let own = self.own[place.process][place.page];
        let by = self.pins_that(|pin| pin.mapped == Some(place) && is_one(pin));
        for pin in self.pins_of(place).filter(|pin| is_one(pin)) {
            pin.mapped = None;
            pin.promise = own.map(|Own { content, .. }| View::Held { content, by });
        }
    }

    /// A file loses a page: its pins keep it, and what is mapped where the page was is not theirs.
    pub(super) fn orphan_pins(&mut self, file: usize, page: usize) {
        let cached = View::Cached { file, page };
        let by = self.pins_that(|pin| pin.shows(cached));
        let orphan = View::Held { content: self.file_content(file, page), by };
        let own = self.own;
        for pin in self.pins.as_flattened_mut().iter_mut().flatten() {
            if pin.shows(cached) {
                pin.mapped = pin.mapped.filter(|it| own[it.process][it.page].is_some());
            }
            pin.views().filter(|view| **view == cached).for_each(|view| *view = orphan);
        }
    }

    /// A reference is given back: what it had of a page that was lost, the others have.
    pub(super) fn forget_pin(&mut self, pin: PinPlace) {
        self.pins[pin.process][pin.pin] = None;
        for view in self.views() {
            if let View::Held { by, .. } = view {
                *by = by.without(Pins::one(pin));
            }
        }
    }

    /// What a pin shows in a cell.
    pub(super) fn seen(&self, pin: Pin, cell: usize) -> Seen {
        let value = |view| match view {
            View::Cached { file, page } => self.read_file(file, page, cell),
            View::Held { content, .. } => content[cell],
        };
        let own = pin.mapped.and_then(|place| self.own[place.process][place.page]);
        let promised = own.map(|own| own.content[cell]).or(pin.promise.map(value));
        match (promised, pin.departure) {
            (Some(_), Some((Latitude::CountedReferences, _))) => Seen::Any,
            (Some(promised), Some((_, view))) if value(view) != promised => {
                Seen::OneOf(promised, value(view))
            }
            (Some(promised), _) => Seen::Value(promised),
            (None, departure) => Seen::Value(departure.map_or(0, |(_, view)| value(view))),
        }
    }

    /// A cell is written through a pin: whatever has the page shows it. What writes has lost no more
    /// than one page, and so one set of pins is one page.
    pub(super) fn write_through(&mut self, pin: PinPlace, cell: usize, value: u8) {
        let Some(Pin { mapped, promise, .. }) = self.pins[pin.process][pin.pin] else { return };
        if let Some(place) = mapped
            && let Some(own) = &mut self.own[place.process][place.page]
        {
            own.content[cell] = value;
            return;
        }
        let Some(promise) = promise else { return };
        match promise {
            View::Cached { file, page } => self.cached(file, page)[cell] = value,
            View::Held { by: one, .. } => self.views().for_each(|view| match view {
                View::Held { content, by } if *by == one => content[cell] = value,
                _ => {}
            }),
        }
    }
}

/// The pins whose places are such.
fn pins_where(is_one: impl Fn(PinPlace) -> bool) -> Pins {
    let places =
        (0..PROCESSES).flat_map(|process| (0..PINS).map(move |pin| PinPlace { process, pin }));
    places.filter(|pin| is_one(*pin)).fold(Pins::NONE, |pins, pin| pins.union(Pins::one(pin)))
}
