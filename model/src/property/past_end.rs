//! Pages of a mapping that lie past the end of its file.

use super::content::{mapping, page, places};
use super::{Property, Step, Verdict, verdict};
use crate::bounds::CELLS;
use crate::memory::{Memory as _, PageTableEntry, Place};
use crate::op::Op;
use crate::outcome::{Cause, Outcome, Signal};
use crate::world::{Attributes, Backing, Mapping, Markers, World};

pub const SIGBUS_EXACTLY_PAST_THE_END: Property = Property {
    name: "sigbus-exactly-past-the-end",
    says: "An access that the mapping's protection allows, that no userfaultfd has a say in, and for which \
           nobody has asked for no SIGBUS, raises SIGBUS exactly if the page lies past the end of its \
           file and is not the process's own copy.",
    source: "mmap(2) SIGBUS; mm/shmem.c shmem_get_folio_gfp()",
    mistakes: &["pages_past_end_are_accessible"],
    judge: |step| match access(step) {
        Some(it) if !it.has_asked => verdict(it.raised == it.finds_nothing),
        _ => Verdict::Silent,
    },
};

pub const NO_SIGBUS_WHERE_IT_IS_NOT_WANTED: Property = Property {
    name: "no-sigbus-where-it-is-not-wanted",
    says: "An access to a mapping that has asked for no SIGBUS, which its protection allows, and that no \
           userfaultfd has a say in, raises none: past the end of the file it finds zeros.",
    source: "Linus Torvalds, \"you will get zero pages\", \"Sealed memfd & no-fault mmap\", 31 May 2021",
    mistakes: &["nosigbus_is_for_loads"],
    judge: |step| match access(step) {
        Some(it) if it.has_asked && (it.finds_nothing || it.raised) => {
            verdict(!it.raised && matches!(step.outcome, Outcome::Success | Outcome::Value(0)))
        }
        _ => Verdict::Silent,
    },
};

pub const GROWTH_SPARES_WHAT_WAS_PAST_THE_END: Property = Property {
    name: "growth-spares-what-was-past-the-end",
    says: "When a file grows, a mapping that has asked for no SIGBUS goes on showing what it has shown past \
           the end: it is not coherent with the file there.",
    source: "Linus Torvalds, \"they will NOT BE SYNCHRONIZED with the backing store possibly later being \
             updated\", \"Sealed memfd & no-fault mmap\", 31 May 2021",
    mistakes: &["nosigbus_follows_growth"],
    judge: |step| {
        let (mut any, mut spared) = (false, true);
        for place in places() {
            let Some((was, file)) =
                mapping(step.before, place).and_then(|it| Some((it, file(it)?)))
            else {
                continue;
            };
            let [before, after] = [step.before, step.after].map(|it| it.files[file].size);
            if after > before
                && was.attributes.contains(Attributes::NO_SIGBUS)
                && is_past_end(step.before, was)
                && step.before.memory.entry(place) != PageTableEntry::None
            {
                any = true;
                spared &= page(step.before, place) == page(step.after, place);
            }
        }
        if any { verdict(spared) } else { Verdict::Silent }
    },
};

/// An access by the processor to a mapping of a file, as far as neither poison nor a userfaultfd
/// nor its protection decides what comes of it.
struct Access {
    /// Whether the mapping has asked for no SIGBUS.
    has_asked: bool,
    /// Whether there was nothing: neither a page of the file nor a copy of the process's own.
    finds_nothing: bool,
    /// Whether it raised SIGBUS.
    raised: bool,
}

fn access(step: &Step<'_>) -> Option<Access> {
    let (Op::Load { at } | Op::Store { at, .. } | Op::CompareExchange { at, .. }) =
        step.statement.op
    else {
        return None;
    };
    let place = Place { process: step.statement.actor.index()?, page: at.index()? };
    let mapping = mapping(step.before, place)?;
    file(mapping)?;
    let markers = step.before.processes[place.process].markers[place.page];
    if mapping.registration.is_some() || markers.contains(Markers::POISONED) {
        return None;
    }
    let raised = match step.outcome {
        Outcome::Signal(Signal { cause: Cause::PastEnd, .. }) => true,
        Outcome::Signal(_) | Outcome::BeyondBounds => return None,
        _ => false,
    };
    let has_asked = mapping.attributes.contains(Attributes::NO_SIGBUS);
    let is_own = step.before.memory.has_own_copy(place);
    Some(Access { has_asked, finds_nothing: is_past_end(step.before, mapping) && !is_own, raised })
}

/// The file behind a mapping.
const fn file(mapping: Mapping) -> Option<usize> {
    match mapping.backing {
        Backing::File { file, .. } => Some(file),
        Backing::Anonymous => None,
    }
}

/// Whether the whole page lies past the end of its file.
fn is_past_end<M>(world: &World<M>, mapping: Mapping) -> bool {
    matches!(mapping.backing, Backing::File { file, page }
        if page as usize * CELLS >= world.files[file].size.0 as usize)
}
