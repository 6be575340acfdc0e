//! Files under mappings: truncation, growth, the descriptor's mode.

use super::content::{self, mapping};
use super::{Property, Step, Verdict, verdict, worse};
use crate::bounds::{CELLS, FILE_PAGES};
use crate::memory::{Memory as _, Place};
use crate::op::{Cells, FallocateMode, Mode, Op, Protection};
use crate::outcome::Outcome;
use crate::world::Backing;

pub const TRUNCATE_DROPS_PRIVATE_COPIES: Property = Property {
    name: "truncate-drops-private-copies",
    says: "After ftruncate that does not make the file larger no process has a private copy of a page \
           that lies past the new end.",
    source: "mm/memory.c unmap_mapping_range(), even_cows; mm/truncate.c truncate_pagecache()",
    mistakes: &["truncate_keeps_private_copies"],
    judge: |step| match truncated(step) {
        Some((file, size)) if size <= step.before.files[file].size => {
            let has_copy = |world: &crate::World<_>| {
                content::places().any(|place| {
                    let backing = mapping(world, place).map(|mapping| mapping.backing);
                    let is_cut = matches!(backing, Some(Backing::File { file: of, page })
                        if of == file && page >= size.round_up_to_pages());
                    is_cut && world.memory.has_own_copy(place)
                })
            };
            if has_copy(step.before) { verdict(!has_copy(step.after)) } else { Verdict::Silent }
        }
        _ => Verdict::Silent,
    },
};

pub const PUNCHING_KEEPS_PRIVATE_COPIES: Property = Property {
    name: "punching-keeps-private-copies",
    says: "A hole that fallocate punches in a file takes no private copy of its pages away, nor changes \
           one.",
    source: "mmap(2) MAP_PRIVATE; mm/shmem.c shmem_fallocate(): unmap_mapping_range() without even_cows",
    mistakes: &["punch_drops_private_copies"],
    judge: |step| {
        let Op::Fallocate { file, mode: FallocateMode::PunchHole, offset, length } =
            step.statement.op
        else {
            return Verdict::Silent;
        };
        let process = step.statement.actor.index();
        let descriptor = process.and_then(|it| step.before.processes[it].descriptor(file));
        let end = Cells(offset.0.saturating_add(length.0)).round_up_to_pages();
        let is_punched = |place| {
            let backing = mapping(step.before, place).map(|it| it.backing);
            matches!((backing, descriptor), (Some(Backing::File { file, page }), Some(of))
                if of.file == file && (offset.page()..end).contains(&page))
        };
        let mut judged = Verdict::Silent;
        for place in content::places() {
            let has_copy = step.before.memory.has_own_copy(place)
                && !step.before.memory.shows_zero_page(place);
            if has_copy && is_punched(place) {
                let is_kept = step.after.memory.has_own_copy(place)
                    && content::page(step.before, place) == content::page(step.after, place);
                judged = worse(judged, verdict(is_kept));
            }
        }
        judged
    },
};

pub const TRUNCATE_LOSES_WHAT_IT_CUTS: Property = Property {
    name: "truncate-loses-what-it-cuts",
    says: "After ftruncate nothing of the file is left behind its end.",
    source: "ftruncate(2), \"the extra data is lost\"; mm/shmem.c shmem_truncate_range()",
    mistakes: &["truncate_keeps_tail"],
    judge: |step| match truncated(step) {
        Some((file, size)) => verdict(is_zero_from(step, file, size)),
        None => Verdict::Silent,
    },
};

pub const GROWTH_READS_ZERO: Property = Property {
    name: "growth-reads-zero",
    says: "When ftruncate makes a file larger, what is new reads zero.",
    source: "ftruncate(2), \"the extended part reads as null bytes\"",
    mistakes: &["bytes_past_end_survive_growth"],
    judge: |step| match truncated(step) {
        Some((file, size)) if size > step.before.files[file].size => {
            verdict(is_zero_from(step, file, step.before.files[file].size))
        }
        _ => Verdict::Silent,
    },
};

pub const READ_ONLY_DESCRIPTOR_NEVER_WRITES: Property = Property {
    name: "a-read-only-descriptor-never-writes",
    says: "A shared mapping that was made through a read-only descriptor can never be made writable.",
    source: "mprotect(2) EACCES; mm/mmap.c do_mmap() clears VM_MAYWRITE",
    mistakes: &["read_only_descriptor_may_write"],
    judge: |step| {
        let process = step.statement.actor.index();
        match (step.statement.op, process) {
            (Op::Mmap { at, file: Some(name), .. }, Some(process))
                if matches!(step.outcome, Outcome::Success | Outcome::Address(_)) =>
            {
                let descriptor = step.before.processes[process].descriptor(name);
                let page = at.index().unwrap_or(0);
                let made = mapping(step.after, Place { process, page });
                match (descriptor, made) {
                    (Some(descriptor), Some(made))
                        if descriptor.mode == Mode::Read
                            && made.shared
                            && made.maps(descriptor.file) =>
                    {
                        verdict(!made.may_write)
                    }
                    _ => Verdict::Silent,
                }
            }
            (Op::Mprotect { at, protection, .. }, Some(process))
                if protection.contains(Protection::WRITE) =>
            {
                let place = Place { process, page: at.index().unwrap_or(0) };
                match mapping(step.before, place) {
                    Some(was) if !was.may_write => {
                        let is = mapping(step.after, place);
                        verdict(is.is_some_and(|is| !is.protection.contains(Protection::WRITE)))
                    }
                    _ => Verdict::Silent,
                }
            }
            _ => Verdict::Silent,
        }
    },
};

/// The file that was truncated, and its size now.
fn truncated(step: &Step<'_>) -> Option<(usize, Cells)> {
    let Op::Ftruncate { file, size } = step.statement.op else { return None };
    let process = step.statement.actor.index()?;
    let descriptor = step.before.processes[process].descriptor(file)?;
    (step.outcome == Outcome::Success).then_some((descriptor.file, size))
}

/// Whether every cell of the file from there on is zero now.
fn is_zero_from(step: &Step<'_>, file: usize, from: Cells) -> bool {
    (from.0 as usize..FILE_PAGES * CELLS)
        .all(|cell| step.after.memory.read_file(file, cell / CELLS, cell % CELLS) == 0)
}
