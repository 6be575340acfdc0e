//! Private and shared memory, the zero page, fork.

use super::content::{file_page, mapping, page, places};
use super::{Property, Step, Verdict, verdict};
use crate::bounds::{CELLS, FILE_PAGES, FILES, PAGES};
use crate::memory::{Cow, FrameKind, Memory as _, PageTableEntry, Place};
use crate::op::{Actor, MapFlags, Op};
use crate::outcome::Outcome;
use crate::world::{Attributes, Backing, Mapping, Markers, World};

pub const PRIVATE_STORE_SPARES_FILES: Property = Property {
    name: "a-private-store-spares-files",
    says: "A store through a private mapping changes no file.",
    source: "mmap(2) MAP_PRIVATE, \"not carried through to the underlying file\"",
    mistakes: &["private_store_reaches_the_file"],
    judge: |step| match store(step) {
        Some((_, Mapping { shared: false, backing: Backing::File { .. }, .. })) => {
            verdict((0..FILES).all(|file| {
                (0..FILE_PAGES)
                    .all(|at| file_page(step.before, file, at) == file_page(step.after, file, at))
            }))
        }
        _ => Verdict::Silent,
    },
};

pub const PRIVATE_STORE_SPARES_OTHERS: Property = Property {
    name: "a-private-store-spares-others",
    says: "A store through a private mapping changes no memory of another process.",
    source: "fork(2), \"memory writes … performed by one of the processes do not affect the other\"",
    mistakes: &["copy_on_write_ignores_other_owners", "fork_does_not_write_protect"],
    judge: |step| match store(step) {
        Some((place, Mapping { shared: false, .. })) => {
            let mut any = false;
            let spared = places().all(|other| {
                let is_other = other.process != place.process;
                any |= is_other && mapping(step.before, other).is_some();
                !is_other || page(step.before, other) == page(step.after, other)
            });
            if any || !spared { verdict(spared) } else { Verdict::Silent }
        }
        _ => Verdict::Silent,
    },
};

pub const SHARED_STORE_IS_SEEN: Property = Property {
    name: "a-shared-store-is-seen",
    says: "A store through a shared mapping is seen at once by pread and through every mapping of \
           the page that is not a private copy.",
    source: "mmap(2) MAP_SHARED, \"visible to other processes\"; shmem_overview(7), one page cache",
    mistakes: &["shared_store_stays_private"],
    judge: |step| {
        let Some((_, Mapping { shared: true, backing, .. })) = store(step) else {
            return Verdict::Silent;
        };
        let Op::Store { at, value } = step.statement.op else { return Verdict::Silent };
        let cell = at.cells().within_page();
        let in_file = matches!(backing, Backing::File { file, page: page @ ..FILE_END }
            if file_page(step.after, file, page as usize)[cell] == value);
        verdict(
            in_file
                && places().all(|place| {
                    let Some(mapping) =
                        mapping(step.after, place).filter(|it| it.backing == backing)
                    else {
                        return true;
                    };
                    let is_copy = !mapping.shared && step.after.memory.has_own_copy(place);
                    is_copy || page(step.after, place).is_some_and(|content| content[cell] == value)
                }),
        )
    },
};

pub const ZERO_PAGE_IS_NOT_WRITTEN: Property = Property {
    name: "the-zero-page-is-not-written",
    says: "The zero page is never written and never mapped writable: a store to it goes to a frame of the \
           process's own, and the zero page still reads zero everywhere.",
    source: "mm/memory.c do_wp_page(), is_zero_pfn()",
    mistakes: &["zero_page_swallows_stores"],
    judge: |step| {
        let is_writable = |place| {
            step.after.memory.entry(place) == PageTableEntry::ZeroOverFile { writable: true }
        };
        if step.after.memory.zero_page() != [0; CELLS] || !places().all(|place| !is_writable(place))
        {
            return Verdict::Fails;
        }
        match store(step) {
            Some((place, _))
                if matches!(
                    step.before.memory.entry(place),
                    PageTableEntry::Zero
                        | PageTableEntry::ZeroOrNone
                        | PageTableEntry::ZeroOverFile { .. }
                ) =>
            {
                let own = FrameKind::Anonymous { exclusive: true };
                let has_own = matches!(step.after.memory.entry(place), PageTableEntry::Frame { frame, .. }
                    if step.after.memory.frame(frame).kind == own);
                verdict(
                    has_own
                        && places().all(|other| {
                            other == place || page(step.before, other) == page(step.after, other)
                        }),
                )
            }
            _ => Verdict::Silent,
        }
    },
};

pub const FORK_COPIES: Property = Property {
    name: "fork-copies",
    says: "After fork the child has the parent's descriptors, mappings and content, but no pin, no \
           lock, nothing that a userfaultfd is told of, no mapping that is not to be forked, and zeros \
           and no guard where the mapping is to be wiped, and of shared memory no poison but where \
           guards were; the parent has what it had.",
    source: "fork(2), \"memory locks\"; madvise(2) MADV_DONTFORK, MADV_WIPEONFORK; kernel/fork.c \
             dup_mmap(); fs/userfaultfd.c dup_userfaultfd()",
    mistakes: &["fork_forgets_private_pages", "nosigbus_is_lost_by_fork"],
    judge: |step| match (step.statement.op, step.before.alive(step.statement.actor)) {
        (Op::Fork { child }, Some(parent)) if step.outcome == Outcome::Success => {
            let Some(child) = child.index() else { return Verdict::Silent };
            let [of_parent, of_child] = [parent, child].map(|at| step.after.processes[at]);
            verdict(
                of_child.descriptors == of_parent.descriptors
                    && of_child.handlers == of_parent.handlers
                    && of_child.pins.iter().all(Option::is_none)
                    && of_parent == step.before.processes[parent]
                    && (0..PAGES).all(|at| {
                        let places = [parent, child].map(|process| Place { process, page: at });
                        page(step.before, places[0]) == page(step.after, places[0])
                            && is_forked(step, places)
                    }),
            )
        }
        _ => Verdict::Silent,
    },
};

/// Whether a page of a child is what fork makes of the parent's.
fn is_forked(step: &Step<'_>, [parent, child]: [Place; 2]) -> bool {
    let [markers, of_child] =
        [parent, child].map(|place| step.after.processes[place.process].markers[place.page]);
    let (content, in_child) = (page(step.after, parent), page(step.after, child));
    let was = mapping(step.after, parent);
    let attributes = was.map_or(Attributes::EMPTY, |it| it.attributes);
    let kept = was.filter(|_| !attributes.contains(Attributes::NOT_FORKED)).map(|mut mapping| {
        mapping.attributes = attributes.without(Attributes::LOCKS);
        mapping.registration = None;
        mapping
    });
    let of_page = if kept.is_some_and(|it| it.shared) { Markers::POISONED } else { Markers::EMPTY };
    let markers = markers.without(Markers::WRITE_PROTECTED);
    let guards_shared_memory = step.after.processes[parent.process].guards_shared_memory;
    let inherits_markers =
        of_child == markers.without(of_page) || guards_shared_memory && of_child == markers;
    mapping(step.after, child) == kept
        && if kept.is_none() {
            in_child.is_none()
        } else if attributes.contains(Attributes::WIPED_ON_FORK) {
            in_child == Some([0; CELLS]) && of_child.is_empty()
        } else {
            in_child == content && inherits_markers
        }
}

pub const NO_REPLACE_KEEPS: Property = Property {
    name: "noreplace-keeps-what-is-there",
    says: "mmap with MAP_FIXED_NOREPLACE changes no page at which something is mapped, but that a new \
           neighbor may have come.",
    source: "mmap(2) MAP_FIXED_NOREPLACE, EEXIST",
    mistakes: &["no_replace_is_ignored"],
    judge: |step| match step.statement.op {
        Op::Mmap { flags, .. } if flags.contains(MapFlags::NO_REPLACE) => {
            let mut any = false;
            let kept = places().all(|place| {
                any |= mapping(step.before, place).is_some();
                mapping(step.before, place).is_none()
                    || apart_from_edges(step.before, place) == apart_from_edges(step.after, place)
                        && page(step.before, place) == page(step.after, place)
            });
            if any { verdict(kept) } else { Verdict::Silent }
        }
        _ => Verdict::Silent,
    },
};

/// The mapping at a place, whether or not the kernel may keep it apart from the one before it.
fn apart_from_edges(world: &World<Cow>, place: Place) -> Option<Mapping> {
    mapping(world, place).map(|mut mapping| {
        mapping.attributes = mapping.attributes.without(Attributes::AFTER_EDGE);
        mapping
    })
}

/// The first page that no file has.
const FILE_END: u8 = FILE_PAGES as u8;

/// Where a successful store went.
fn store(step: &Step<'_>) -> Option<(Place, Mapping)> {
    let Op::Store { at, .. } = step.statement.op else { return None };
    if step.outcome != Outcome::Success {
        return None;
    }
    let process = Actor::index(step.statement.actor)?;
    let place = Place { process, page: at.index()? };
    Some((place, mapping(step.before, place)?))
}
