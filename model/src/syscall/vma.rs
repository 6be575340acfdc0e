//! Where a VMA may begin, as far as a model that keeps no VMAs can know.
//!
//! Two neighboring pages that differ lie in two VMAs for certain. Two that are alike lie in one, if
//! every call so far had both in its range, or neither. Where some call had its edge between them,
//! the kernel has split its VMA, or was given a new one beside the old: whether it has merged them
//! since depends on open file descriptions, on accounting and on the history of faults
//! (`struct anon_vma`), which no manual page promises. There nothing is known, and a rule for which
//! it matters claims nothing.
//!
//! Source: mm/vma.c `vma_modify()`, `can_vma_merge_left()`, `is_mergeable_vma()`,
//! `is_mergeable_anon_vma()`.

use core::ops::Range;

use crate::bounds::PAGES;
use crate::world::{Attributes, Backing, Mapping, Process};

/// What is known of two neighboring pages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Joint {
    /// One VMA has both.
    Whole,
    /// They lie in two VMAs, or one of them in none.
    Apart,
    /// Either may be.
    Unknown,
}

// ANCHOR: joint
/// What is known of a page and the one before.
///
/// A call that `mseal` refuses may already have split a VMA at its edge, so that beside sealed
/// pages nothing is certain.
///
/// Source: mm/vma.c `vms_gather_munmap_vmas()`.
pub fn joint(process: &Process, page: usize) -> Joint {
    let before = page.checked_sub(1).and_then(|before| process.mappings[before]);
    let (Some(before), Some(mapping)) = (before, process.mappings[page]) else {
        return Joint::Apart;
    };
    let sealed = |it: &Mapping| it.attributes.contains(Attributes::SEALED);
    if !is_continued(before, mapping) {
        Joint::Apart
    } else if mapping.attributes.contains(Attributes::AFTER_EDGE)
        || process.mappings.iter().flatten().any(sealed)
    {
        Joint::Unknown
    } else {
        Joint::Whole
    }
}
// ANCHOR_END: joint

/// Whether a page could lie in the VMA of the page before it.
pub fn is_continued(before: Mapping, mapping: Mapping) -> bool {
    let backing = match (before.backing, mapping.backing) {
        (Backing::File { file, page }, Backing::File { file: other, page: next }) => {
            file == other && page.saturating_add(1) == next
        }
        (before, after) => before == after,
    };
    let comparable = |mapping: Mapping| Mapping {
        attributes: mapping.attributes.without(Attributes::AFTER_EDGE),
        backing: Backing::Anonymous,
        ..mapping
    };
    backing && comparable(before) == comparable(mapping)
}

/// Whether a range lies in one VMA; `None` if that cannot be known.
pub fn is_one(process: &Process, pages: Range<usize>) -> Option<bool> {
    let inner = || pages.clone().skip(1).map(|page| joint(process, page));
    if pages.clone().any(|page| process.mappings[page].is_none())
        || inner().any(|joint| joint == Joint::Apart)
    {
        Some(false)
    } else if inner().any(|joint| joint == Joint::Unknown) {
        None
    } else {
        Some(true)
    }
}

/// The range, extended to whole VMAs; `None` if their edges cannot be known.
pub fn around(process: &Process, pages: Range<usize>) -> Option<Range<usize>> {
    let Range { mut start, mut end } = pages;
    while start > 0 && joint(process, start) == Joint::Whole {
        start -= 1;
    }
    while end < PAGES && joint(process, end) == Joint::Whole {
        end += 1;
    }
    let is_edge = |page: usize| page >= PAGES || joint(process, page) == Joint::Apart;
    (is_edge(start) && is_edge(end)).then_some(start..end)
}

/// A call has made or changed the mappings of a range, and no others.
pub fn mark_edges(process: &mut Process, pages: Range<usize>) {
    if !pages.is_empty() {
        mark_edge(process, pages.start);
        mark_edge(process, pages.end);
    }
}

/// The edge of a call lies before this page. It matters only where something is mapped on both
/// sides.
pub fn mark_edge(process: &mut Process, page: usize) {
    let follows = page > 0 && process.mappings[page - 1].is_some();
    if let Some(mapping) = process.mappings.get_mut(page).and_then(Option::as_mut) {
        let rest = mapping.attributes.without(Attributes::AFTER_EDGE);
        mapping.attributes = if follows { rest | Attributes::AFTER_EDGE } else { rest };
    }
}
