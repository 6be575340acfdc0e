//! What seals promise.

use super::content::{mapping, same_file_content};
use super::{Property, Step, Verdict, verdict, worse};
use crate::bounds::FILES;
use crate::memory::Place;
use crate::op::{Cells, Op, Protection, Seals};
use crate::outcome::Outcome;
use crate::world::{Backing, File};

pub const SEALS_ONLY_GROW: Property = Property {
    name: "seals-only-grow",
    says: "No operation takes a seal off a file.",
    source: "fcntl(2) F_ADD_SEALS, \"seals … cannot be removed\"",
    mistakes: &["adding_seals_replaces_them"],
    judge: |step| sealed(step, Seals::EMPTY, |_, before, after| after.seals.contains(before.seals)),
};

pub const SEAL_FREEZES_SEALS: Property = Property {
    name: "f-seal-seal-freezes-seals",
    says: "The seals of a file with F_SEAL_SEAL never change.",
    source: "fcntl(2) F_SEAL_SEAL",
    mistakes: &["seal_seal_does_not_bind"],
    judge: |step| sealed(step, Seals::SEAL, |_, before, after| after.seals == before.seals),
};

pub const SHRINK_SEALED_NEVER_SHRINKS: Property = Property {
    name: "f-seal-shrink-keeps-the-size",
    says: "A file with F_SEAL_SHRINK never gets smaller, so that an access within its size never \
           raises SIGBUS, now or later.",
    source: "fcntl(2) F_SEAL_SHRINK; what Wayland compositors rely on",
    mistakes: &["shrink_seal_does_not_bind"],
    judge: |step| sealed(step, Seals::SHRINK, |_, before, after| after.size >= before.size),
};

pub const GROW_SEALED_NEVER_GROWS: Property = Property {
    name: "f-seal-grow-keeps-the-size",
    says: "A file with F_SEAL_GROW never gets larger.",
    source: "fcntl(2) F_SEAL_GROW",
    mistakes: &["grow_seal_does_not_bind_writes"],
    judge: |step| sealed(step, Seals::GROW, |_, before, after| after.size <= before.size),
};

pub const WRITE_SEALED_HAS_NO_WRITER: Property = Property {
    name: "f-seal-write-leaves-no-writer",
    says: "When a file has F_SEAL_WRITE, no shared mapping of it may write.",
    source: "fcntl(2) F_SEAL_WRITE, EBUSY; mm/memfd.c memfd_add_seals()",
    mistakes: &["write_seal_ignores_mappings", "implied_write_seal_ignores_mappings"],
    judge: |step| {
        let mut judged = Verdict::Silent;
        for file in 0..FILES {
            if step.after.files[file].seals.contains(Seals::WRITE) {
                let processes = step.after.processes.iter();
                let mut mappings = processes.flat_map(|process| process.mappings.iter().flatten());
                let writes = mappings.any(|it| it.shared && it.may_write && it.maps(file));
                judged = worse(judged, verdict(!writes));
            }
        }
        judged
    },
};

pub const SEALED_CONTENT_NEVER_CHANGES: Property = Property {
    name: "sealed-content-never-changes",
    says: "With F_SEAL_WRITE, F_SEAL_SHRINK and F_SEAL_GROW, neither content nor size of a file ever \
           changes.",
    source: "fcntl(2) F_SEAL_WRITE, \"the contents of the file cannot be modified\"",
    mistakes: &[
        "write_seal_ignores_mappings",
        "implied_write_seal_ignores_mappings",
        "shrink_seal_does_not_bind",
    ],
    judge: |step| {
        let all = Seals::WRITE | Seals::SHRINK | Seals::GROW;
        sealed(step, all, |file, before, after| {
            before.size == after.size && same_file_content(step.before, step.after, file)
        })
    },
};

pub const FUTURE_WRITE_ALLOWS_NO_NEW_WRITER: Property = Property {
    name: "f-seal-future-write-allows-no-new-writer",
    says: "With F_SEAL_FUTURE_WRITE, nothing is written through a descriptor and no new shared mapping \
           may write; those that could before still can.",
    source: "fcntl(2) F_SEAL_FUTURE_WRITE; mm/memfd.c check_write_seal()",
    mistakes: &["future_write_seal_does_not_bind"],
    judge: |step| {
        let Some(process) = step.statement.actor.index() else { return Verdict::Silent };
        let descriptors = |name| step.before.processes[process].descriptor(name);
        let is_sealed = |file: usize| step.before.files[file].seals.contains(Seals::FUTURE_WRITE);
        match step.statement.op {
            Op::Pwrite { file, .. }
            | Op::Pwritev { file, .. }
            | Op::Write { file, .. }
            | Op::CopyFileRange { to: file, .. } => match descriptors(file) {
                Some(it) if is_sealed(it.file) => {
                    let written = matches!(step.outcome, Outcome::Length(it) if it > Cells(0));
                    verdict(!written)
                }
                _ => Verdict::Silent,
            },
            Op::Mmap { at, file: Some(_), .. }
                if matches!(step.outcome, Outcome::Success | Outcome::Address(_)) =>
            {
                let made = mapping(step.after, Place { process, page: at.index().unwrap_or(0) });
                match made.map(|made| (made, made.backing)) {
                    Some((made, Backing::File { file, .. })) if made.shared && is_sealed(file) => {
                        verdict(!made.may_write && !made.protection.contains(Protection::WRITE))
                    }
                    _ => Verdict::Silent,
                }
            }
            _ => Verdict::Silent,
        }
    },
};

/// Whether something holds of each file that had these seals before and is still there.
fn sealed(step: &Step<'_>, seals: Seals, holds: impl Fn(usize, File, File) -> bool) -> Verdict {
    let mut judged = Verdict::Silent;
    for file in 0..FILES {
        let (before, after) = (step.before.files[file], step.after.files[file]);
        let had = !before.seals.is_empty() && before.seals.contains(seals);
        if had && step.before.is_referenced(file) && step.after.is_referenced(file) {
            judged = worse(judged, verdict(holds(file, before, after)));
        }
    }
    judged
}
