//! The alphabet: what is tried next, after a starting point.
//!
//! Names are not tried out, they follow. A new descriptor takes the first free name; fork makes the
//! first process that does not exist; a value is its statement's place in the program, counted from
//! 1, so that no two are alike. Of descriptors that one process has open on one file in one mode
//! only the first acts, and a file is reopened through the first that it has: the others would do
//! the same. A name that holds nothing is not used.
//!
//! Not alike, and all tried: parent and child, two files, and the orders in which several
//! processes act.

use mapspec_model::memory::Ideal;
use mapspec_model::op::{
    Actor, Address, Call, Cells, MapFlags, MemfdFlags, Mode, Name, Op, OpenFlags, PinName,
    Protection, Seals,
};
use mapspec_model::world::Descriptor;
use mapspec_model::{DESCRIPTORS, World};

/// Where the next operation is to happen.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The world as it is.
    pub world: &'a World<Ideal>,
    /// The place of the process that acts.
    pub process: usize,
    /// The first page of each region of two pages; new mappings are made in the first.
    pub regions: &'a [u8],
    /// Whether more files and processes are made.
    pub grows: bool,
    /// Whether pipes hold pages of memory.
    pub pins: bool,
    /// The value that is stored or written.
    pub value: u8,
}

// Lengths, in pages.
const HALF: Cells = Cells(1);
const ONE: Cells = Cells(2);
const ONE_AND_A_HALF: Cells = Cells(3);
const TWO: Cells = Cells(4);

const READ_WRITE: Protection = Protection::READ.union(Protection::WRITE);

/// The operations to try, in the order of [`Call::ALL`]. Some may lie beyond the model's bounds.
pub fn operations(scene: &Scene<'_>) -> Vec<Op> {
    let mut ops = Vec::with_capacity(64);
    Call::ALL.iter().for_each(|&call| add(call, scene, &mut ops));
    ops
}

fn add(call: Call, scene: &Scene<'_>, ops: &mut Vec<Op>) {
    let value = scene.value;
    match call {
        Call::MemfdCreate => {
            let flags = [MemfdFlags::ALLOW_SEALING, MemfdFlags::EMPTY];
            let new = |name| flags.map(|flags| Op::MemfdCreate { name, flags });
            ops.extend(scene.free_name().filter(|_| scene.grows).into_iter().flat_map(new));
        }
        Call::Reopen => {
            let new = |name| {
                let modes = move |from| [Mode::Read, Mode::Write].map(|mode| (from, mode));
                let from = scene.files().flat_map(modes);
                from.map(move |(from, mode)| Op::Reopen {
                    name,
                    from,
                    mode,
                    flags: OpenFlags::EMPTY,
                })
            };
            ops.extend(scene.free_name().into_iter().flat_map(new));
        }
        Call::Dup => {
            let new = |name| scene.descriptors().map(move |from| Op::Dup { name, from });
            ops.extend(scene.free_name().into_iter().flat_map(new));
        }
        Call::Close => ops.extend(scene.descriptors().map(|file| Op::Close { file })),
        Call::Ftruncate => ops.extend(scene.descriptors().flat_map(|file| {
            let sizes = [Cells(0), HALF, ONE, ONE_AND_A_HALF, TWO];
            sizes.map(|size| Op::Ftruncate { file, size })
        })),
        Call::Pwrite => ops.extend(scene.descriptors().flat_map(|file| {
            [HALF, ONE].map(|offset| Op::Pwrite { file, offset, length: ONE, value })
        })),
        Call::AddSeals => ops.extend(scene.descriptors().flat_map(|file| {
            let seals = [
                Seals::SEAL,
                Seals::SHRINK,
                Seals::GROW,
                Seals::WRITE,
                Seals::FUTURE_WRITE,
                Seals::EXECUTE,
            ];
            seals.map(|seals| Op::AddSeals { file, seals })
        })),
        Call::Mmap => {
            let first = scene.regions.first().copied().unwrap_or(0);
            ops.extend(anonymous_mappings(first));
            ops.extend(scene.descriptors().flat_map(|file| file_mappings(first, file)));
        }
        Call::Munmap => ops.extend(scene.regions.iter().flat_map(|&first| {
            let ranges = [(first, HALF), (first + 1, HALF), (first, ONE_AND_A_HALF)];
            ranges.map(|(page, length)| Op::Munmap { at: Address::page(page), length })
        })),
        Call::Mprotect => ops.extend(scene.regions.iter().flat_map(|&first| {
            let changes = [
                (first, ONE, Protection::READ),
                (first + 1, ONE, Protection::READ),
                (first, TWO, READ_WRITE),
                (first, TWO, Protection::EMPTY),
            ];
            changes.map(|(page, length, protection)| {
                let at = Address::page(page);
                Op::Mprotect { at, length, protection }
            })
        })),
        // A load maps the zero page, or fills a hole of a file: it is no mere observation.
        Call::Load => ops.extend(scene.regions.iter().flat_map(|&first| {
            [first, first + 1].map(|page| Op::Load { at: Address::page(page) })
        })),
        // To the second cell of a page, behind the end of a file that ends in its middle.
        Call::Store => ops.extend(scene.regions.iter().flat_map(|&first| {
            [first, first + 1].map(|page| {
                let at = Address(Address::page(page).0 + 1);
                Op::Store { at, value }
            })
        })),
        Call::Fork => {
            let child = Actor::ALL.into_iter().find(|it| scene.world.alive(*it).is_none());
            ops.extend(child.filter(|_| scene.grows).map(|child| Op::Fork { child }));
        }
        // After the last process's end nobody is left to see anything.
        Call::Exit => {
            let alive = Actor::ALL.into_iter().filter(|it| scene.world.alive(*it).is_some());
            ops.extend((alive.count() > 1).then_some(Op::Exit {}));
        }
        Call::Vmsplice if scene.pins => ops.extend(
            scene
                .regions
                .iter()
                .map(|&first| Op::Vmsplice { name: PinName(0), at: Address::page(first) }),
        ),
        Call::Unpin if scene.pins => ops.extend(scene.pin().map(|pin| Op::Unpin { pin })),
        // What they add is tried at random, not exhausted.
        Call::Open
        | Call::Pwritev
        | Call::Fallocate
        | Call::CopyFileRange
        | Call::Splice
        | Call::Sendfile
        | Call::Vmsplice
        | Call::WritePipe
        | Call::ReadPipe
        | Call::Pin
        | Call::ReadPin
        | Call::WritePin
        | Call::Unpin
        | Call::Msync => {}
        // They change nothing, and the sweep after every program asks all of them.
        Call::Mincore
        | Call::Pread
        | Call::GetSeals
        | Call::Size
        | Call::Page
        | Call::Maps
        | Call::SameFrame => {}
        Call::Mremap
        | Call::Mlock
        | Call::Mlock2
        | Call::Munlock
        | Call::Munlockall
        | Call::Mseal
        | Call::Madvise
        | Call::CompareExchange
        | Call::Execute
        | Call::Read
        | Call::Write
        | Call::ProcessVmReadv
        | Call::ProcessVmWritev
        | Call::MemRead
        | Call::MemWrite
        | Call::Scan
        | Call::Written
        | Call::WpAllowed
        | Call::ClearRefs
        | Call::SoftDirty => {}
        Call::Userfaultfd
        | Call::UffdRegister
        | Call::UffdUnregister
        | Call::UffdCopy
        | Call::UffdZeropage
        | Call::UffdContinue
        | Call::UffdWriteprotect
        | Call::UffdPoison
        | Call::UffdMove
        | Call::UffdWake
        | Call::UffdEvent
        | Call::UffdFork
        | Call::UffdClose
        | Call::Resume => {}
    }
}

/// New anonymous memory over a region: whole, page by page, shared, and only where nothing is.
fn anonymous_mappings(first: u8) -> [Op; 5] {
    let private = MapFlags::PRIVATE | MapFlags::ANONYMOUS;
    let mappings = [
        (first, ONE, private),
        (first + 1, ONE, private),
        (first, TWO, private),
        (first, TWO, private | MapFlags::NO_REPLACE),
        (first, TWO, MapFlags::SHARED | MapFlags::ANONYMOUS),
    ];
    mappings.map(|(page, length, flags)| {
        let (at, protection) = (Address::page(page), READ_WRITE);
        Op::Mmap { at, length, protection, flags, file: None, offset: Cells(0) }
    })
}

/// A file over a region: private, whole and page by page; shared, writable or not, from its start
/// and from its second page.
fn file_mappings(first: u8, file: Name) -> [Op; 6] {
    let (private, shared) = (MapFlags::PRIVATE, MapFlags::SHARED);
    let mappings = [
        (first, ONE, READ_WRITE, private, Cells(0)),
        (first + 1, ONE, READ_WRITE, private, Cells(0)),
        (first, TWO, READ_WRITE, private, Cells(0)),
        (first, TWO, READ_WRITE, shared, Cells(0)),
        (first, TWO, Protection::READ, shared, Cells(0)),
        (first, TWO, READ_WRITE, shared, ONE),
    ];
    mappings.map(|(page, length, protection, flags, offset)| {
        let at = Address::page(page);
        Op::Mmap { at, length, protection, flags, file: Some(file), offset }
    })
}

impl Scene<'_> {
    /// The pin that the process holds.
    fn pin(&self) -> Option<PinName> {
        let process = &self.world.processes[self.process];
        Some(PinName(0)).filter(|name| process.pin(*name).is_some())
    }

    fn descriptor(&self, name: Name) -> Option<Descriptor> {
        self.world.processes[self.process].descriptor(name)
    }

    /// The names that hold something unlike, in this respect, what each name before it holds.
    fn unlike<T: PartialEq>(
        &self,
        respect: impl Fn(Descriptor) -> T,
    ) -> impl Iterator<Item = Name> {
        let held = move |name| self.descriptor(name).map(&respect);
        names().filter(move |&name| {
            held(name).is_some()
                && names().take_while(|it| *it < name).all(|it| held(it) != held(name))
        })
    }

    /// The descriptors that act: one for each file and mode.
    fn descriptors(&self) -> impl Iterator<Item = Name> {
        self.unlike(|descriptor| descriptor)
    }

    /// One descriptor of each file.
    fn files(&self) -> impl Iterator<Item = Name> {
        self.unlike(|descriptor| descriptor.file)
    }

    /// The name that a new descriptor takes.
    fn free_name(&self) -> Option<Name> {
        names().find(|name| self.descriptor(*name).is_none())
    }
}

fn names() -> impl Iterator<Item = Name> {
    (0..DESCRIPTORS).map(|name| Name(name as u8))
}
