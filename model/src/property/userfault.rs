//! What userfaultfds and guards leave in page tables.

use super::{Property, Step, Verdict, verdict};
use crate::bounds::PROCESSES;
use crate::world::{Markers, Waiting};

pub const MARKERS_ARE_OF_ONE_PROCESS: Property = Property {
    name: "markers-are-of-one-process",
    says: "Guards, write protection and poison change only in the memory of the process that does \
           something, of one that a userfaultfd of it is about, and of a new child; of others at most \
           poison goes, with the page of the file.",
    source: "UFFDIO_WRITEPROTECT(2const); mm/mprotect.c change_pte_range(), of one struct mm_struct",
    mistakes: &["write_protection_is_of_the_file"],
    judge: |step| {
        let without_poison = |markers: Markers| markers.without(Markers::POISONED);
        let changed = |process: usize| {
            step.before.processes[process].markers != step.after.processes[process].markers
        };
        let loses_poison = |process: usize| {
            let (before, after) = (&step.before.processes[process], &step.after.processes[process]);
            before.markers.map(without_poison) == after.markers.map(without_poison)
        };
        if !(0..PROCESSES).any(changed) {
            return Verdict::Silent;
        }
        verdict((0..PROCESSES).all(|it| !changed(it) || is_concerned(step, it) || loses_poison(it)))
    },
};

/// Whether the step is the process's own, or made through a userfaultfd about its memory, or the
/// process is new.
fn is_concerned(step: &Step<'_>, process: usize) -> bool {
    let actor = step.statement.actor.index();
    let is_new = !step.before.processes[process].alive
        || step.before.processes[process].pending == Some(Waiting::Unborn);
    let mut held = actor.iter().flat_map(|actor| step.before.processes[*actor].handlers).flatten();
    let is_about_it = |userfault: usize| {
        step.before.userfaults[userfault].is_some_and(|it| it.owner == Some(process))
    };
    actor == Some(process) || is_new || held.any(is_about_it)
}
