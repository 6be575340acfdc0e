//! What is true of all operations alike.

use super::{Property, Step, Verdict, verdict};
use crate::invariant;
use crate::op::{Call, MapFlags, Op};
use crate::outcome::Outcome;

pub const INVARIANT: Property = Property {
    name: "the-invariant-is-kept",
    says: "From a world that satisfies the invariant, every operation leads to one that does.",
    source: "mapspec_model::invariant, each clause with its own",
    mistakes: &["fork_does_not_write_protect"],
    judge: |step| {
        if step.changed() { verdict(invariant::holds(step.after)) } else { Verdict::Silent }
    },
};

pub const FAILURE_CHANGES_NOTHING: Property = Property {
    name: "failure-changes-nothing",
    says: "An operation that fails leaves the world unchanged, but for those that are known to stop \
           in the middle.",
    source: "the ERRORS of each manual page; mm/mprotect.c do_mprotect_pkey() stops in the middle",
    mistakes: &["refused_mmap_removes_old_mapping"],
    judge: |step| {
        let failed =
            matches!(step.outcome, Outcome::Error(_) | Outcome::Signal(_) | Outcome::BeyondBounds);
        let by_halves = step.outcome != Outcome::BeyondBounds && may_fail_by_halves(step);
        if failed && !by_halves { verdict(!step.changed()) } else { Verdict::Silent }
    },
};

pub const COPY_ON_WRITE_IS_INVISIBLE: Property = Property {
    name: "copy-on-write-is-invisible",
    says: "The outcome of every operation is one that the manual pages permit: memory with shared \
           frames cannot be told from memory without.",
    source: "fork(2) NOTES, \"copy-on-write\"; mmap(2) MAP_PRIVATE",
    mistakes: &["copy_on_write_ignores_other_owners", "fork_does_not_write_protect"],
    judge: |step| {
        let promised = step.promised.map(|promised| verdict(promised.permits(step.outcome)));
        promised.unwrap_or(Verdict::Silent)
    },
};

/// Whether the operation may change the world although it fails: up to a hole; mremap at its new
/// place; mmap of a file with `MAP_SYNC`, which is refused after the old mapping is gone; write,
/// which fills the hole that it was to write to; exec, which brings the page in; what a
/// userfaultfd's handler does page by page; a load that is refused, because it may have mapped the
/// page's neighbors; a store that a userfaultfd refuses, because it has faulted the page in;
/// resume, which tells what became of the access that waited.
fn may_fail_by_halves(step: &Step<'_>) -> bool {
    match step.statement.op {
        Op::Mmap { flags, file, .. } => flags.contains(MapFlags::SYNC) && file.is_some(),
        Op::Store { .. } => step.before.userfaults.iter().any(Option::is_some),
        op => matches!(
            op.call(),
            Call::Mprotect
                | Call::Msync
                | Call::Mlock
                | Call::Mlock2
                | Call::Munlock
                | Call::Mremap
                | Call::Madvise
                | Call::Load
                | Call::Write
                | Call::Execute
                | Call::ProcessVmReadv
                | Call::Vmsplice
                | Call::WritePipe
                | Call::ReadPipe
                | Call::Pin
                | Call::MemRead
                | Call::UffdZeropage
                | Call::UffdContinue
                | Call::UffdPoison
                | Call::UffdMove
                | Call::UffdWriteprotect
                | Call::Resume
        ),
    }
}
