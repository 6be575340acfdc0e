//! Every clause of the invariant is false of some world: one that a program reaches, damaged.

use std::collections::HashSet;

use mapspec_model::invariant::{self, CLAUSES};
use mapspec_model::memory::{Cow, FRAMES, FrameKind, PageTableEntry};
use mapspec_model::op::{Cells, Handler, Name, Protection, Seals};
use mapspec_model::outcome::Outcome;
use mapspec_model::world::{
    Backing, Descriptor, File, FileBacking, Mapping, PinnedPage, Registration, Userfault, Waiting,
};
use mapspec_model::{FILES, PROCESSES, Policy, USERFAULTS, World};

use super::parts::Parts;
use super::world_after;

const ANONYMOUS: &str = "A: mmap(@0, 1p, rw, private|anon)\nA: store(@0, 1)\n";
const FORKED: &str = "A: mmap(@0, 1p, rw, private|anon)\nA: store(@0, 1)\nA: fork(B)\n";
const ZERO_PAGE: &str = "A: mmap(@0, 1p, rw, private|anon)\nA: load(@0)\n";
const SHARED: &str = "A: f = memfd_create(allow_sealing)\nA: ftruncate(f, 1p)\n\
                      A: mmap(@0, 1p, rw, shared, f, 0p)\nA: store(@0, 1)\n";
const PRIVATE_FILE: &str = "A: f = memfd_create()\nA: ftruncate(f, 1p)\n\
                            A: mmap(@0, 1p, rw, private, f, 0p)\nA: store(@0, 1)\n";
const PRIVATE_HOLE: &str = "A: f = memfd_create()\nA: ftruncate(f, 1p)\n\
                            A: mmap(@0, 1p, rw, private, f, 0p)\n";
const ALLOCATED: &str = "A: f = memfd_create()\nA: fallocate(f, allocate, 0p, 1p)\n";
const PAST_THE_END: &str = "A: f = memfd_create()\nA: fallocate(f, keep_size, 0p, 1p)\n";
const REGISTERED: &str = "A: mmap(@0, 1p, rw, private|anon)\nA: u = userfaultfd()\n\
                          A: uffd_register(u, @0, 1p, missing)\nA: fork(B)\n";
const WAITING: &str = "A: mmap(@0, 1p, rw, private|anon)\nA: u = userfaultfd()\n\
                       A: uffd_register(u, @0, 1p, missing)\nA: fork(B)\nA: load(@0)\n";
const BIRTH: &str = "A: mmap(@0, 1p, rw, private|anon)\nA: u = userfaultfd(fork_events)\n\
                     A: fork(C)\nA: uffd_register(u, @0, 1p, missing)\nA: fork(B)\n";
const PINNED: &str = "A: mmap(@0, 1p, rw, private|anon)\nA: store(@0, 1)\nA: p = vmsplice(@0)\n";
const PINNED_BY_THE_LAST: &str = "A: mmap(@0, 1p, rw, private|anon)\nA: store(@0, 1)\n\
                                  A: fork(C)\nC: q = vmsplice(@0)\n";
const PINNED_FILE: &str = "A: f = memfd_create()\nA: ftruncate(f, 1p)\n\
                           A: pwrite(f, 0p, 1p, 1)\nA: p = splice(f, 0p)\n";
const PINNED_HOLE: &str = "A: f = memfd_create()\nA: ftruncate(f, 1p)\nA: p = splice(f, 0p)\n";

type Damage = fn(&mut World<Cow>);

/// Each clause with a program, and what must be done to the world that it reaches for the clause to be
/// the first that is false.
const DAMAGES: &[(&str, &str, Damage)] = &[
    ("references-are-within-bounds", SHARED, |it| descriptor(it).as_mut().unwrap().file = FILES),
    ("references-are-within-bounds", SHARED, |it| mapping(it).backing = page_of(FILES)),
    ("references-are-within-bounds", REGISTERED, |it| registration(it).userfault = USERFAULTS),
    ("references-are-within-bounds", REGISTERED, |it| *handler(it) = Some(USERFAULTS)),
    ("references-are-within-bounds", WAITING, |it| *waited_for(it) = USERFAULTS),
    ("references-are-within-bounds", BIRTH, |it| *waited_for(it) = USERFAULTS),
    ("references-are-within-bounds", BIRTH, |it| *birth(it).0 = PROCESSES),
    ("references-are-within-bounds", BIRTH, |it| *birth(it).1 = USERFAULTS),
    ("references-are-within-bounds", ANONYMOUS, |it| parts(it, |it| *entry(it) = FRAMES as u8)),
    ("references-are-within-bounds", SHARED, |it| {
        parts(it, |it| it.cache[0][0] = Some(FRAMES as u8));
    }),
    ("references-are-within-bounds", PINNED, |it| {
        parts(it, |it| it.pins[0][0].as_mut().unwrap().frame = FRAMES as u8);
    }),
    ("the-dead-hold-nothing", ANONYMOUS, |it| it.processes[1].mappings = it.processes[0].mappings),
    ("the-dead-hold-nothing", SHARED, |it| {
        it.processes[1].descriptors = it.processes[0].descriptors;
    }),
    ("the-dead-hold-nothing", PINNED_HOLE, |it| it.processes[1].pins = it.processes[0].pins),
    ("the-dead-hold-nothing", ANONYMOUS, |it| it.processes[1].handlers[0] = Some(0)),
    ("the-dead-hold-nothing", ANONYMOUS, |it| it.processes[1].pending = Some(Waiting::Unborn)),
    ("userfaultfds-are-held", REGISTERED, |it| it.userfaults[0] = None),
    ("userfaultfds-are-held", REGISTERED, |it| it.userfaults[1] = it.userfaults[0]),
    ("userfaultfds-are-held", REGISTERED, |it| userfault(it).owner = Some(PROCESSES)),
    ("userfaultfds-are-held", REGISTERED, |it| userfault(it).owner = Some(2)),
    ("faults-are-told-to-the-process's-userfaultfd", REGISTERED, |it| userfault(it).owner = None),
    ("faults-are-told-to-the-process's-userfaultfd", REGISTERED, |it| {
        userfault(it).owner = Some(1);
    }),
    ("faults-are-told-to-the-process's-userfaultfd", WAITING, |it| *waited_for(it) = 1),
    ("forks-that-wait-have-a-child", FORKED, |it| it.processes[1].pending = Some(Waiting::Unborn)),
    ("forks-that-wait-have-a-child", BIRTH, |it| it.processes[1].pending = None),
    ("forks-that-wait-have-a-child", BIRTH, |it| {
        it.processes[1].pending = Some(Waiting::Done(Outcome::Success));
    }),
    ("forks-that-wait-have-a-child", BIRTH, |it| {
        let of_child = *birth(it).1;
        it.userfaults[of_child].as_mut().unwrap().owner = Some(2);
        it.processes[1].mappings[0].as_mut().unwrap().registration = None;
    }),
    ("forks-that-wait-have-a-child", BIRTH, |it| {
        it.processes[2].handlers[1] = Some(*birth(it).1);
    }),
    ("forks-that-wait-have-a-child", BIRTH, |it| {
        let userfault = it.processes[2].handlers[0].unwrap();
        it.userfaults[3] = Some(Userfault { owner: Some(2), ..it.userfaults[userfault].unwrap() });
        it.processes[1].handlers[1] = Some(3);
        it.processes[2].pending =
            Some(Waiting::ForFork { userfault: 3, child: 1, of_child: *birth(it).1 });
    }),
    ("files-are-referenced", ANONYMOUS, |it| it.files[0].size = Cells(1)),
    ("files-are-referenced", ANONYMOUS, |it| it.files[0].seals = Seals::SEAL),
    ("files-are-referenced", SHARED, |it| {
        *descriptor(it) = None;
        it.processes[0].mappings[0] = None;
        it.files[0] = it.files[1];
    }),
    ("files-are-referenced", SHARED, |it| it.files[0].size = Cells(File::SIZE_LIMIT.0 + 1)),
    ("files-are-referenced", SHARED, |it| it.files[0].cut_to_nothing = true),
    ("entries-have-a-private-mapping", ANONYMOUS, |it| it.processes[0].mappings[0] = None),
    ("entries-have-a-private-mapping", PRIVATE_FILE, |it| mapping(it).shared = true),
    ("entries-have-a-private-mapping", ZERO_PAGE, |it| it.processes[0].mappings[0] = None),
    ("entries-have-a-private-mapping", ZERO_PAGE, |it| {
        parts(it, |it| it.tables[0][0] = PageTableEntry::ZeroOverFile { writable: false });
    }),
    ("entries-have-a-private-mapping", SHARED, |it| {
        parts(it, |it| it.tables[0][0] = PageTableEntry::ZeroOverFile { writable: false });
    }),
    ("entries-have-a-private-mapping", PRIVATE_FILE, |it| {
        parts(it, |it| it.tables[0][0] = PageTableEntry::Zero);
    }),
    ("the-zero-page-is-zero", ZERO_PAGE, |it| parts(it, |it| it.zero_page = [0, 1])),
    ("the-zero-page-is-zero", PRIVATE_HOLE, |it| {
        parts(it, |it| it.tables[0][0] = PageTableEntry::ZeroOverFile { writable: true });
    }),
    ("anonymous-frames-are-mapped", ANONYMOUS, |it| {
        parts(it, |it| it.tables[0][0] = PageTableEntry::None);
    }),
    ("anonymous-frames-are-mapped", ANONYMOUS, |it| {
        parts(it, |it| it.frames[0].kind = FrameKind::Free);
    }),
    ("anonymous-frames-are-mapped", ANONYMOUS, |it| {
        parts(it, |it| it.frames[0].kind = FrameKind::File { filled: true });
    }),
    ("cached-pages-are-file-frames", SHARED, |it| {
        parts(it, |it| it.frames[0].kind = FrameKind::Free);
    }),
    ("cached-pages-are-file-frames", SHARED, |it| parts(it, |it| it.cache[0][0] = None)),
    ("cached-pages-are-file-frames", SHARED, |it| {
        parts(it, |it| it.cache[0][1] = it.cache[0][0]);
    }),
    ("pinned-pages-have-a-pin", PINNED, |it| it.processes[0].pins[0] = None),
    ("pinned-pages-have-a-pin", PINNED, |it| *pinned(it) = PinnedPage::Zero),
    ("pinned-pages-have-a-pin", PINNED, |it| *pinned(it) = PinnedPage::Copied(1)),
    ("pinned-pages-have-a-pin", PINNED, |it| {
        *pinned(it) = PinnedPage::OfFile { backing: FileBacking::Memory };
    }),
    ("pinned-pages-have-a-pin", PINNED_BY_THE_LAST, |it| it.processes[2].pins[1] = None),
    ("pinned-pages-have-a-pin", PINNED_FILE, |it| *pinned(it) = PinnedPage::Anonymous),
    ("pinned-pages-have-a-pin", PINNED_FILE, |it| parts(it, |it| it.pins[0][0] = None)),
    ("cached-pages-past-the-end-are-zero", PAST_THE_END, |it| {
        parts(it, |it| it.frames[0].content = [0, 1]);
    }),
    ("pages-that-nobody-filled-are-zero", ALLOCATED, |it| {
        parts(it, |it| it.frames[0].content = [0, 1]);
    }),
    ("an-exclusive-frame-is-mapped-once", FORKED, |it| {
        parts(it, |it| it.frames[0].kind = FrameKind::Anonymous { exclusive: true });
    }),
    ("a-writable-entry-is-exclusive", ANONYMOUS, |it| {
        parts(it, |it| it.frames[0].kind = FrameKind::Anonymous { exclusive: false });
    }),
    ("a-writable-mapping-may-write", ANONYMOUS, |it| mapping(it).may_write = false),
    ("a-writable-mapping-may-write", SHARED, |it| mapping(it).counted_writable = false),
    ("a-write-sealed-file-has-no-writer", SHARED, |it| it.files[0].seals = Seals::WRITE),
    ("a-write-sealed-file-has-no-writer", SHARED, |it| {
        it.files[0].seals = Seals::WRITE;
        mapping(it).protection = Protection::READ;
    }),
];

fn parts(world: &mut World<Cow>, damage: impl FnOnce(&mut Parts)) {
    let mut parts = Parts::of(&world.memory);
    damage(&mut parts);
    world.memory = parts.put_together(&world.memory);
}

fn entry(parts: &mut Parts) -> &mut u8 {
    match &mut parts.tables[0][0] {
        PageTableEntry::Frame { frame, .. } => frame,
        entry => panic!("{entry:?}"),
    }
}

fn descriptor(world: &mut World<Cow>) -> &mut Option<Descriptor> {
    &mut world.processes[0].descriptors[Name(0).index().unwrap()]
}

fn handler(world: &mut World<Cow>) -> &mut Option<usize> {
    &mut world.processes[0].handlers[Handler(0).index().unwrap()]
}

fn mapping(world: &mut World<Cow>) -> &mut Mapping {
    world.processes[0].mappings[0].as_mut().unwrap()
}

fn registration(world: &mut World<Cow>) -> &mut Registration {
    mapping(world).registration.as_mut().unwrap()
}

fn userfault(world: &mut World<Cow>) -> &mut Userfault {
    world.userfaults[0].as_mut().unwrap()
}

fn pinned(world: &mut World<Cow>) -> &mut PinnedPage {
    &mut world.processes[0].pins[0].as_mut().unwrap().page
}

fn waited_for(world: &mut World<Cow>) -> &mut usize {
    match world.processes[0].pending.as_mut().unwrap() {
        Waiting::For { userfault, .. } | Waiting::ForFork { userfault, .. } => userfault,
        pending => panic!("{pending:?}"),
    }
}

/// The child of the fork that waits, and the place of its userfaultfd.
fn birth(world: &mut World<Cow>) -> (&mut usize, &mut usize) {
    match world.processes[0].pending.as_mut().unwrap() {
        Waiting::ForFork { child, of_child, .. } => (child, of_child),
        pending => panic!("{pending:?}"),
    }
}

const fn page_of(file: usize) -> Backing {
    Backing::File { file, page: 0 }
}

#[test]
fn every_clause_is_false_of_a_world_that_is_damaged_so() {
    for (place, &(name, text, damage)) in DAMAGES.iter().enumerate() {
        let mut world = world_after(text, &Policy::default());
        assert!(invariant::holds(&world), "{text}");
        damage(&mut world);
        let broken = invariant::first_broken(&world).map(|clause| clause.name);
        assert_eq!(broken, Some(name), "damage {place} of\n{text}");
        assert!(!invariant::holds(&world));
    }
    let damaged: HashSet<_> = DAMAGES.iter().map(|(name, ..)| *name).collect();
    assert_eq!(damaged, CLAUSES.iter().map(|clause| clause.name).collect());
}
