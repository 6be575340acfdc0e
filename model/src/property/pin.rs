//! Pins: what is seen through them.

use super::{Property, Step, Verdict, verdict};
use crate::bounds::{PAGES, PINS, PROCESSES};
use crate::memory::{PageTableEntry, PinPlace, Place, Reference};
use crate::op::{Call, Op};
use crate::world::Pin;

pub const PIN_IS_RELIABLE: Property = Property {
    name: "a-pin-of-private-memory-is-reliable",
    says: "A pin of a page of a private mapping that was written stays with that page: no access and no \
           fork gives the process another one, as long as the page stays mapped. So the pin shows what \
           the process stores, and the process finds what arrives through the pin.",
    source: "commits a7f226604170, b6a2619c60b4 (Linux 5.19), \"reliable R/O pinning\"; mm/gup.c \
             gup_must_unshare(); mm/memory.c do_wp_page()",
    mistakes: &["copy_on_write_counts_references"],
    judge: |step| {
        if matches!(step.statement.op.call(), Call::Mmap | Call::Mremap | Call::UffdMove) {
            return Verdict::Silent;
        }
        // A store of what was there already separates them as well, but another one shows it.
        let is_store = matches!(step.statement.op, Op::Store { .. });
        let content = |frame| step.after.memory.frame(frame).content;
        let mut any = false;
        let reliable = every_pin(step, |at, pin| {
            let frame = step.before.memory.pinned(at);
            let is_pin = step.before.memory.reference(at) == Some(Reference::Pin);
            let (Some(process), Some(frame), true) = (pin.found_in, frame, is_pin) else {
                return true;
            };
            (0..PAGES).map(|page| Place { process, page }).all(|place| {
                let was_there = step.before.memory.has_frame(place, frame);
                any |= was_there && step.changed();
                let has_another = match step.after.memory.entry(place) {
                    PageTableEntry::Frame { frame: now, .. } => {
                        now != frame && !(is_store && content(now) == content(frame))
                    }
                    _ => false,
                };
                !was_there || !has_another
            })
        });
        if any || !reliable { verdict(reliable) } else { Verdict::Silent }
    },
};

pub const STORE_SPARES_PINS_OF_OTHERS: Property = Property {
    name: "a-private-store-spares-pins-of-others",
    says: "A store through a private mapping changes nothing that anybody sees through a pin of another \
           process's memory, or through a pipe that holds such memory.",
    source: "CVE-2020-29374; fork(2), \"memory writes … performed by one of the processes do not affect \
             the other\"",
    mistakes: &["copy_on_write_ignores_pins"],
    judge: |step| {
        let Op::Store { at, .. } = step.statement.op else { return Verdict::Silent };
        let process = step.before.alive(step.statement.actor);
        let (Some(process), Some(page)) = (process, at.index()) else { return Verdict::Silent };
        if step.before.processes[process].mappings[page].is_none_or(|mapping| mapping.shared) {
            return Verdict::Silent;
        }
        let mut any = false;
        let spared = every_pin(step, |at, pin| {
            let is_of_other = pin.found_in.is_some_and(|owner| owner != process);
            any |= is_of_other;
            let [before, after] = [step.before, step.after].map(|world| {
                world.memory.pinned(at).map(|frame| world.memory.frame(frame).content)
            });
            !is_of_other || before == after
        });
        if any || !spared { verdict(spared) } else { Verdict::Silent }
    },
};

/// Whether this is true of every pin before the step, that is there after it too.
fn every_pin(step: &Step<'_>, mut holds: impl FnMut(PinPlace, Pin) -> bool) -> bool {
    (0..PROCESSES * PINS).all(|at| {
        let at = PinPlace { process: at / PINS, pin: at % PINS };
        let [before, after] =
            [step.before, step.after].map(|it| it.processes[at.process].pins[at.pin]);
        match before {
            Some(pin) if after == before => holds(at, pin),
            _ => true,
        }
    })
}
