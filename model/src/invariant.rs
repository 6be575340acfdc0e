//! The invariant: what is true of every world that a program can reach.
//!
//! [`step`](crate::step) keeps it, under every policy that describes a correct kernel.

use crate::bounds::{CELLS, FILE_PAGES, FILES, PAGES, PINS, PROCESSES, USERFAULTS};
use crate::memory::{
    Cow, FRAMES, Frame, FrameKind, Memory as _, PageTableEntry, PinPlace, Place, Source,
};
use crate::op::{Protection, Seals};
use crate::world::{
    Attributes, Backing, Descriptor, File, FileBacking, Mapping, PinnedPage, Userfault, Waiting,
    World,
};

/// A part of the invariant.
#[derive(Clone, Copy, Debug)]
pub struct Clause {
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub says: &'static str,
    /// Where Linux says so.
    pub source: &'static str,
    holds: fn(&World<Cow>) -> bool,
}

impl Clause {
    /// Whether it is true of a world.
    pub fn holds(&self, world: &World<Cow>) -> bool {
        (self.holds)(world)
    }
}

/// The invariant's parts. The first ones say that every reference is within its array; the others
/// rely on them.
pub const CLAUSES: &[Clause] = &[
    Clause {
        name: "references-are-within-bounds",
        says: "Descriptors and mappings refer to files, page tables, page cache and pins to frames, \
               and registrations to userfaultfds, that the model has.",
        source: "the arrays of World and Cow",
        holds: references_are_within_bounds,
    },
    Clause {
        name: "the-dead-hold-nothing",
        says: "A process that does not exist has no descriptor, no mapping and no pin, and waits for \
               nothing.",
        source: "_exit(2)",
        holds: the_dead_hold_nothing,
    },
    Clause {
        name: "userfaultfds-are-held",
        says: "A userfaultfd exists while a process holds it, and its owner while it is known.",
        source: "userfaultfd(2), \"When the last file descriptor\"; fs/userfaultfd.c \
                 userfaultfd_release()",
        holds: userfaultfds_are_held,
    },
    Clause {
        name: "faults-are-told-to-the-process's-userfaultfd",
        says: "What a process has registered, and what it waits for, belongs to a userfaultfd of its \
               own memory.",
        source: "fs/userfaultfd.c userfaultfd_register(), ctx->mm; dup_userfaultfd()",
        holds: faults_are_told_to_the_processs_userfaultfd,
    },
    Clause {
        name: "forks-that-wait-have-a-child",
        says: "A process that does nothing yet is the child of one fork that waits, and nobody holds \
               the userfaultfd of its memory.",
        source: "fs/userfaultfd.c userfaultfd_event_wait_completion(), UFFD_EVENT_FORK",
        holds: forks_that_wait_have_a_child,
    },
    Clause {
        name: "files-are-referenced",
        says: "A file to which nothing refers has no size, no seal and no page; a size is at most \
               the limit; only of a file on a disk it is kept that it was cut to nothing.",
        source: "memfd_create(2), \"automatically released\"",
        holds: files_are_referenced,
    },
    Clause {
        name: "entries-have-a-private-mapping",
        says: "A page table entry lies behind a private mapping, and the zero page behind an \
               anonymous one, or where a userfaultfd has put it, or a fault past the end of a mapping \
               that has asked for no SIGBUS.",
        source: "mm/memory.c unmap_vmas(), do_anonymous_page(); mm/userfaultfd.c \
                 mfill_atomic_pte_zeropage()",
        holds: entries_have_a_private_mapping,
    },
    Clause {
        name: "the-zero-page-is-zero",
        says: "The zero page holds zeros, and no page table entry allows writing it.",
        source: "mm/memory.c do_anonymous_page(), pte_mkspecial(); include/linux/pgtable.h my_zero_pfn()",
        holds: the_zero_page_is_zero,
    },
    Clause {
        name: "anonymous-frames-are-mapped",
        says: "A frame of anonymous memory is mapped or pinned, and nothing but anonymous frames is \
               mapped.",
        source: "mm/rmap.c folio_remove_rmap_pte(); mm/swap.c folio_put()",
        holds: anonymous_frames_are_mapped,
    },
    Clause {
        name: "cached-pages-are-file-frames",
        says: "A frame of a file is in the page cache, once, or pinned, and the page cache holds \
               nothing else.",
        source: "mm/filemap.c filemap_add_folio()",
        holds: cached_pages_are_file_frames,
    },
    Clause {
        name: "pinned-pages-have-a-pin",
        says: "A pin of a file has a frame of a file, one of anonymous memory has an anonymous one or \
               the zero page, and nothing else has any.",
        source: "fs/splice.c filemap_splice_read(); include/linux/pipe_fs_i.h pipe_buf_release(); \
                 mm/gup.c unpin_user_page()",
        holds: pinned_pages_have_a_pin,
    },
    Clause {
        name: "cached-pages-past-the-end-are-zero",
        says: "A page that the page cache holds past the end of its file, as fallocate may have \
               allocated one, holds zeros.",
        source: "mm/shmem.c shmem_truncate_range(); fallocate(2) FALLOC_FL_KEEP_SIZE",
        holds: cached_pages_past_the_end_are_zero,
    },
    Clause {
        name: "pages-that-nobody-filled-are-zero",
        says: "A page of a file that is allocated and not filled holds zeros.",
        source: "fallocate(2), \"will be initialized to zero\"; mm/shmem.c shmem_fallocate()",
        holds: pages_that_nobody_filled_are_zero,
    },
    Clause {
        name: "an-exclusive-frame-is-mapped-once",
        says: "A frame that is exclusive to a process has one page table entry.",
        source: "include/linux/page-flags.h PG_anon_exclusive; commit 6c287605fd56",
        holds: an_exclusive_frame_is_mapped_once,
    },
    Clause {
        name: "a-writable-entry-is-exclusive",
        says: "A page table entry that allows writing refers to an exclusive frame.",
        source: "mm/memory.c do_wp_page(); mm/mprotect.c can_change_private_pte_writable()",
        holds: a_writable_entry_is_exclusive,
    },
    Clause {
        name: "a-writable-mapping-may-write",
        says: "A mapping that allows writing may, and a shared one that may write a file is counted.",
        source: "mm/mmap.c do_mmap(), VM_MAYWRITE; include/linux/fs.h i_mmap_writable",
        holds: a_writable_mapping_may_write,
    },
    Clause {
        name: "a-write-sealed-file-has-no-writer",
        says: "No shared mapping of a file with F_SEAL_WRITE may write.",
        source: "fcntl(2) F_SEAL_WRITE, EBUSY and EPERM; mm/memfd.c",
        holds: a_write_sealed_file_has_no_writer,
    },
];

/// The first part of the invariant that is not true of a world.
pub fn first_broken(world: &World<Cow>) -> Option<&'static Clause> {
    CLAUSES.iter().find(|clause| !clause.holds(world))
}

/// Whether the invariant is true of a world.
pub fn holds(world: &World<Cow>) -> bool {
    first_broken(world).is_none()
}

fn every_entry(world: &World<Cow>, mut holds: impl FnMut(Place, PageTableEntry) -> bool) -> bool {
    (0..PROCESSES).all(|process| {
        (0..PAGES).all(|page| {
            let place = Place { process, page };
            holds(place, world.memory.entry(place))
        })
    })
}

fn every_mapping(world: &World<Cow>, mut holds: impl FnMut(&Mapping) -> bool) -> bool {
    world.processes.iter().all(|process| process.mappings.iter().flatten().all(&mut holds))
}

fn every_pin(world: &World<Cow>, mut holds: impl FnMut(PinPlace, u8) -> bool) -> bool {
    (0..PROCESSES).all(|process| {
        (0..PINS).all(|pin| {
            let place = PinPlace { process, pin };
            world.memory.pinned(place).is_none_or(|frame| holds(place, frame))
        })
    })
}

fn every_frame(world: &World<Cow>, mut holds: impl FnMut(u8, FrameKind) -> bool) -> bool {
    world.memory.frames_in_use().all(|(frame, Frame { kind, .. })| holds(frame, kind))
}

fn every_file_page(world: &World<Cow>, mut holds: impl FnMut(usize, usize, u8) -> bool) -> bool {
    (0..FILES).all(|file| {
        (0..FILE_PAGES).all(|page| {
            world.memory.cached(file, page).is_none_or(|frame| holds(file, page, frame))
        })
    })
}

fn references_are_within_bounds(world: &World<Cow>) -> bool {
    let is_of_file = |descriptor: &Descriptor| descriptor.file < FILES;
    world.processes.iter().all(|it| it.descriptors.iter().flatten().all(is_of_file))
        && every_mapping(world, |Mapping { backing, registration, .. }| {
            let is_there = match backing {
                Backing::File { file, .. } => *file < FILES,
                Backing::Anonymous => true,
            };
            is_there && registration.is_none_or(|it| it.userfault < USERFAULTS)
        })
        && world.processes.iter().all(|process| {
            let mut handlers = process.handlers.iter().flatten();
            handlers.all(|place| *place < USERFAULTS)
                && waited_for(process.pending).is_none_or(|place| place < USERFAULTS)
                && birth(process.pending)
                    .is_none_or(|(child, place)| child < PROCESSES && place < USERFAULTS)
        })
        && every_entry(world, |_, entry| match entry {
            PageTableEntry::Frame { frame, .. } => (frame as usize) < FRAMES,
            _ => true,
        })
        && every_file_page(world, |_, _, frame| (frame as usize) < FRAMES)
        && every_pin(world, |_, frame| (frame as usize) < FRAMES)
}

fn the_dead_hold_nothing(world: &World<Cow>) -> bool {
    world.processes.iter().all(|process| {
        process.alive
            || process.mappings.iter().all(Option::is_none)
                && process.descriptors.iter().all(Option::is_none)
                && process.pins.iter().all(Option::is_none)
                && process.handlers.iter().all(Option::is_none)
                && process.pending.is_none()
    })
}

fn waited_for(pending: Option<Waiting>) -> Option<usize> {
    match pending? {
        Waiting::For { userfault, .. } | Waiting::ForFork { userfault, .. } => Some(userfault),
        Waiting::Unborn | Waiting::Done(_) => None,
    }
}

/// The child of a fork that waits, and its userfaultfd.
fn birth(pending: Option<Waiting>) -> Option<(usize, usize)> {
    match pending? {
        Waiting::ForFork { child, of_child, .. } => Some((child, of_child)),
        _ => None,
    }
}

fn forks_that_wait_have_a_child(world: &World<Cow>) -> bool {
    let births = || world.processes.iter().filter_map(|process| birth(process.pending));
    let is_child = |index: usize| births().filter(|(child, _)| *child == index).count() == 1;
    let are_unborn = (0..PROCESSES).all(|index| {
        let is_unborn = world.processes[index].pending == Some(Waiting::Unborn);
        is_unborn == births().any(|(child, _)| child == index) && (!is_unborn || is_child(index))
    });
    are_unborn
        && births().all(|(child, of_child)| {
            let is_childs = world.userfaults[of_child].is_some_and(|it| it.owner == Some(child));
            is_childs && world.processes.iter().all(|it| !it.handlers.contains(&Some(of_child)))
        })
}

fn userfaultfds_are_held(world: &World<Cow>) -> bool {
    (0..USERFAULTS).all(|place| match world.userfaults[place] {
        Some(Userfault { owner, .. }) => {
            world.is_held(place)
                && owner.is_none_or(|it| it < PROCESSES && world.processes[it].alive)
        }
        None => !world.is_held(place),
    })
}

fn faults_are_told_to_the_processs_userfaultfd(world: &World<Cow>) -> bool {
    (0..PROCESSES).all(|index| {
        let process = &world.processes[index];
        let is_of_process = |place: usize| {
            world.userfaults[place].is_some_and(|userfault| userfault.owner == Some(index))
        };
        let mut registrations = process.mappings.iter().flatten().filter_map(|it| it.registration);
        registrations.all(|it| is_of_process(it.userfault))
            && waited_for(process.pending).is_none_or(is_of_process)
    })
}

fn files_are_referenced(world: &World<Cow>) -> bool {
    (0..FILES).all(|file| {
        let held = world.files[file];
        let has_page = (0..FILE_PAGES).any(|page| world.memory.has_file_page(file, page));
        let is_absent = held == File::ABSENT && !has_page;
        held.size <= File::SIZE_LIMIT
            && (is_absent || world.is_referenced(file))
            && (!held.cut_to_nothing || held.backing == FileBacking::Disk)
    })
}

fn entries_have_a_private_mapping(world: &World<Cow>) -> bool {
    every_entry(world, |Place { process, page }, entry| {
        let mapping = world.processes[process].mappings[page];
        let source = mapping.map(|mapping| mapping.source());
        match (entry, source) {
            (PageTableEntry::None, _) => true,
            (PageTableEntry::ZeroOverFile { .. }, source) => {
                let asked = mapping.is_some_and(|it| it.attributes.contains(Attributes::NO_SIGBUS));
                matches!(source, Some(Source::File { shared, .. }) if !shared || asked)
            }
            (PageTableEntry::Frame { .. }, Some(Source::File { shared: false, .. })) => true,
            (_, source) => source == Some(Source::Anonymous),
        }
    })
}

fn the_zero_page_is_zero(world: &World<Cow>) -> bool {
    world.memory.zero_page() == [0; CELLS]
        && every_entry(world, |_, entry| entry != PageTableEntry::ZeroOverFile { writable: true })
}

fn anonymous_frames_are_mapped(world: &World<Cow>) -> bool {
    let is_anonymous = |kind| matches!(kind, FrameKind::Anonymous { .. });
    let entries_are = every_entry(world, |_, entry| match entry {
        PageTableEntry::Frame { frame, .. } => is_anonymous(world.memory.frame(frame).kind),
        _ => true,
    });
    entries_are
        && every_frame(world, |frame, kind| {
            let uses = world.memory.map_count(frame) + world.memory.pin_count(frame);
            !is_anonymous(kind) || uses > 0
        })
}

fn cached_pages_are_file_frames(world: &World<Cow>) -> bool {
    let is_of_file = |kind| matches!(kind, FrameKind::File { .. });
    every_file_page(world, |_, _, frame| is_of_file(world.memory.frame(frame).kind))
        && every_frame(world, |frame, kind| match world.memory.cache_count(frame) {
            0 => !is_of_file(kind) || world.memory.pin_count(frame) > 0,
            uses => uses == 1,
        })
}

fn pinned_pages_have_a_pin(world: &World<Cow>) -> bool {
    (0..PROCESSES * PINS).all(|at| {
        let place = PinPlace { process: at / PINS, pin: at % PINS };
        let pin = world.processes[place.process].pins[place.pin].map(|pin| pin.page);
        let kind = world.memory.pinned(place).map(|frame| world.memory.frame(frame).kind);
        match pin {
            None | Some(PinnedPage::Zero | PinnedPage::Copied(_)) => kind.is_none(),
            Some(PinnedPage::OfFile { .. }) => matches!(kind, Some(FrameKind::File { .. })),
            Some(PinnedPage::Anonymous) => {
                matches!(kind, None | Some(FrameKind::Anonymous { .. }))
            }
        }
    })
}

fn cached_pages_past_the_end_are_zero(world: &World<Cow>) -> bool {
    every_file_page(world, |file, page, frame| {
        world.files[file].has_page(page as u8) || world.memory.frame(frame).content == [0; CELLS]
    })
}

fn pages_that_nobody_filled_are_zero(world: &World<Cow>) -> bool {
    every_file_page(world, |_, _, frame| {
        let Frame { kind, content, .. } = world.memory.frame(frame);
        kind != FrameKind::File { filled: false } || content == [0; CELLS]
    })
}

fn an_exclusive_frame_is_mapped_once(world: &World<Cow>) -> bool {
    let exclusive = FrameKind::Anonymous { exclusive: true };
    every_frame(world, |frame, kind| kind != exclusive || world.memory.map_count(frame) == 1)
}

fn a_writable_entry_is_exclusive(world: &World<Cow>) -> bool {
    every_entry(world, |_, entry| match entry {
        PageTableEntry::Frame { frame, writable: true, .. } => {
            world.memory.frame(frame).kind == FrameKind::Anonymous { exclusive: true }
        }
        _ => true,
    })
}

fn a_writable_mapping_may_write(world: &World<Cow>) -> bool {
    every_mapping(world, |mapping| {
        let &Mapping { protection, may_write, shared, counted_writable, .. } = mapping;
        let writes = protection.contains(Protection::WRITE);
        (may_write || !writes) && (!shared || !may_write || counted_writable)
    })
}

fn a_write_sealed_file_has_no_writer(world: &World<Cow>) -> bool {
    every_mapping(world, |mapping| match mapping.backing {
        Backing::File { file, .. } => {
            let sealed = world.files[file].seals.contains(Seals::WRITE);
            !(mapping.shared && mapping.may_write && sealed)
        }
        Backing::Anonymous => true,
    })
}
