//! Any world, any operation.

use mapspec_model::bounds::{
    CELLS, DESCRIPTORS, FILE_PAGES, FILES, HANDLERS, PAGES, PINS, PROCESSES, USERFAULTS,
};
use mapspec_model::memory::{
    Cow, FRAMES, Frame, FrameKind, PageTableEntry, PinnedFrame, Reference,
};
use mapspec_model::op::{
    Actor, Address, Argument, Call, Cells, CopyMode, Field, Handler, HandlerFlags, MapFlags,
    MemfdFlags, Mode, Modes, Name, Op, OpenFlags, PinAccess, PinFlags, PinName, Protection, Remote,
    Seals, Shape,
};
use mapspec_model::outcome::{Fault, Outcome};
use mapspec_model::world::{
    Access, Attributes, Backing, Descriptor, File, FileBacking, Hold, Mapping, Markers, Pin,
    PinnedPage, Process, Registration, Userfault, Waiting,
};
use mapspec_model::{Policy, World, invariant, step};

/// The pages that operations use, in every build: as many as a proof's arena has.
const USED_PAGES: u8 = 2;

/// The descriptors that operations use.
const USED_NAMES: u8 = 2;

/// How often an operation is drawn until it is of the kind that is wanted.
const DRAWS: usize = 20;

/// Any world that satisfies the invariant. Where values are drawn, it is one that some program
/// reaches: of arbitrary parts hardly any fit together.
pub fn world(policy: &Policy) -> World<Cow> {
    let world = if cfg!(kani) { of_any_parts() } else { reachable(policy) };
    kani::assume(invariant::holds(&world) && have_asked_as_allowed(&world, policy));
    world
}

/// Whether only such mappings have asked for no SIGBUS as the policy lets ask.
fn have_asked_as_allowed(world: &World<Cow>, policy: &Policy) -> bool {
    let may_have_asked = |mapping: &Mapping| match mapping.shared {
        false => policy.nosigbus_for_private_mappings,
        true if mapping.may_write && policy.nosigbus_takes_may_write => false,
        true => {
            policy.nosigbus_for_read_only_shared_mappings
                || policy.nosigbus_for_writable_shared_mappings
        }
    };
    world.processes.iter().flat_map(|process| process.mappings.iter().flatten()).all(|mapping| {
        !mapping.attributes.contains(Attributes::NO_SIGBUS) || may_have_asked(mapping)
    })
}

/// Any operation of this kind, with arguments near the bounds. If it is drawn, it is often one that
/// fits what the others have done.
pub fn operation(call: Call, policy: &Policy) -> Op {
    if !cfg!(kani) && kani::any() {
        let mut drawn =
            (0..DRAWS).map(|_| if kani::any() { useful(policy) } else { useful_for_faults() });
        if let Some(op) = drawn.find(|op| op.call() == call) {
            return op;
        }
    }
    anything(call)
}

fn anything(call: Call) -> Op {
    let argument = |field| Ok::<_, ()>(argument(field));
    call.with(argument).unwrap_or(Op::Exit {})
}

/// Any process.
pub fn actor() -> Actor {
    Actor::ALL[below(2) as usize]
}

/// Any number below a limit. Drawn values are cut down rather than drawn again.
fn below(limit: u8) -> u8 {
    if cfg!(kani) { kani::any_where(|value| *value < limit) } else { kani::any::<u8>() % limit }
}

fn argument(field: Field) -> Argument {
    match field.shape {
        Shape::Name => Argument::Name(Name(below(USED_NAMES))),
        Shape::OptionalName => {
            let name = Name(below(USED_NAMES));
            Argument::OptionalName(kani::any::<bool>().then_some(name))
        }
        Shape::Pin => Argument::Pin(PinName(below(PINS as u8))),
        Shape::Handler => Argument::Handler(Handler(below(HANDLERS as u8))),
        Shape::Actor => Argument::Actor(actor()),
        Shape::Address => Argument::Address(address()),
        Shape::OptionalAddress => {
            let at = address();
            Argument::OptionalAddress(kani::any::<bool>().then_some(at))
        }
        Shape::Remote => Argument::Remote(Remote { process: actor(), at: address() }),
        Shape::Cells => Argument::Cells(Cells(cells(USED_PAGES + 1))),
        Shape::Byte => Argument::Byte(below(3)),
        Shape::Protection => Argument::Protection(Protection::from_bits(kani::any())),
        Shape::Set(names) => Argument::Set(bits(names.len() as u8)),
        Shape::Choice(names) => Argument::Choice(below(names.len() as u8)),
    }
}

fn address() -> Address {
    Address(cells(USED_PAGES))
}

/// Any number of cells in so many pages. If it is drawn, it is mostly one of whole pages.
fn cells(pages: u8) -> u8 {
    let cells = below(pages * CELLS as u8);
    if cfg!(kani) || below(4) == 0 { cells } else { Cells::pages(Cells(cells).page()).0 }
}

/// Any set. If it is drawn, it has at most two members.
fn bits(members: u8) -> u16 {
    match below(4) {
        _ if cfg!(kani) => kani::any(),
        0 => 0,
        _ => 1 << below(members) | 1 << below(members),
    }
}

/// The world after some of these operations, which are such that much can happen.
fn reachable(policy: &Policy) -> World<Cow> {
    let mut world = World::new();
    let file = Name(0);
    let start = [
        Op::MemfdCreate { name: file, flags: MemfdFlags::ALLOW_SEALING },
        Op::Ftruncate { file, size: Cells(1 + 2 * below(2) + below(2)) },
    ];
    if below(4) > 0 {
        for op in &start {
            step(&mut world, Actor::A, op, policy);
        }
    }
    let faults_are_told = below(3) == 0;
    if faults_are_told {
        for op in faulting() {
            step(&mut world, Actor::A, &op, policy);
        }
    }
    if !faults_are_told && below(4) == 0 {
        for (actor, op) in pinning() {
            step(&mut world, actor, &op, policy);
        }
    }
    for _ in 0..below(24) {
        let op =
            if faults_are_told && below(3) == 0 { useful_for_faults() } else { useful(policy) };
        step(&mut world, actor(), &op, policy);
    }
    world
}

fn useful(policy: &Policy) -> Op {
    let (file, at) = (Name(0), Address::page(below(USED_PAGES)));
    let mut flags = if kani::any() { MapFlags::PRIVATE } else { MapFlags::SHARED };
    if policy.has_nosigbus() && kani::any() {
        flags = flags | MapFlags::NO_SIGBUS;
    }
    let protection =
        if below(4) == 0 { Protection::READ } else { Protection::READ | Protection::WRITE };
    let length = Cells::pages(1);
    match below(20) {
        0 => Op::Munmap { at, length },
        1 | 2 => Op::Ftruncate { file, size: Cells(below(5)) },
        3 => Op::Pwrite { file, offset: Cells(below(3)), length: Cells(2), value: 1 },
        4 => Op::AddSeals { file, seals: Seals::from_bits(1 << below(6)) },
        5 => Op::Reopen { name: Name(1), from: file, mode: Mode::Read, flags: OpenFlags::EMPTY },
        6 => {
            let (flags, file, offset) = (flags | MapFlags::ANONYMOUS, None, Cells(0));
            Op::Mmap { at, length, protection, flags, file, offset }
        }
        7..=9 => {
            let (file, offset) = (Some(Name(below(USED_NAMES))), Cells::pages(below(2)));
            Op::Mmap { at, length, protection, flags, file, offset }
        }
        10 => Op::Mprotect { at, length, protection },
        11 | 12 => Op::Fork { child: Actor::B },
        13 => Op::Load { at },
        14 => match below(4) {
            0 => Op::Splice { name: PinName(0), file, offset: Cells(below(3)) },
            1 => Op::Vmsplice { name: PinName(0), at },
            kind => {
                let access = if kind == 2 { PinAccess::ReadOnly } else { PinAccess::ReadWrite };
                let page = Remote { process: actor(), at };
                let flags = PinFlags::from_bits(u16::from(below(2)));
                Op::Pin { name: PinName(0), page, access, flags }
            }
        },
        15 => Op::Mlock { at, length },
        16 | 17 => anything(Call::ALL[below(Call::ALL.len() as u8) as usize]),
        _ => Op::Store { at: Address(at.0 + below(2)), value: 1 + below(2) },
    }
}

/// A page that fork has shared is held in a pipe by one process, which may have unmapped it.
fn pinning() -> impl Iterator<Item = (Actor, Op)> {
    let (at, length, name) = (Address::page(0), Cells::pages(1), PinName(0));
    let protection = Protection::READ | Protection::WRITE;
    let (flags, file, offset) = (MapFlags::PRIVATE | MapFlags::ANONYMOUS, None, Cells(0));
    let steps = [
        (Actor::A, Op::Mmap { at, length, protection, flags, file, offset }),
        (Actor::A, Op::Store { at, value: 1 }),
        (Actor::A, Op::Fork { child: Actor::B }),
        (Actor::B, Op::Vmsplice { name, at }),
        (Actor::B, Op::Munmap { at, length }),
    ];
    steps.into_iter().take(4 + usize::from(below(2)))
}

/// Process `A` has registered memory with a userfaultfd, which another process may have too, and has
/// perhaps accessed it.
fn faulting() -> [Op; 5] {
    let (handler, at, protection) =
        (Handler(0), Address::page(0), Protection::READ | Protection::WRITE);
    let (all, length) = (Cells::pages(USED_PAGES), Cells::pages(1 + below(USED_PAGES)));
    let (flags, file) = match below(3) {
        0 => (MapFlags::PRIVATE | MapFlags::ANONYMOUS, None),
        1 => (MapFlags::SHARED, Some(Name(0))),
        _ => (MapFlags::PRIVATE, Some(Name(0))),
    };
    let features = if kani::any() { HandlerFlags::EMPTY } else { HandlerFlags::from_bits(bits(8)) };
    let modes = Modes::from_bits(1 + u16::from(below(7)));
    [
        Op::Mmap { at, length: all, protection, flags, file, offset: Cells(0) },
        Op::Userfaultfd { name: handler, flags: features },
        Op::Fork { child: Actor::B },
        Op::UffdRegister { handler, at, length, modes },
        if kani::any() {
            useful_for_faults()
        } else {
            Op::Store { at: Address::page(1), value: 1 }
        },
    ]
}

fn useful_for_faults() -> Op {
    let (handler, at) = (Handler(0), Address::page(below(USED_PAGES)));
    let length = Cells::pages(1);
    match below(12) {
        0 | 1 => Op::Load { at },
        2 | 3 => Op::Store { at, value: 1 },
        4 => Op::UffdCopy { handler, at, value: 2, mode: CopyMode::EMPTY },
        5 => Op::UffdZeropage { handler, at, length },
        6 => Op::UffdContinue { handler, at, length },
        7 => Op::UffdWake { handler, at, length },
        8 => Op::UffdEvent { handler },
        9 => Op::UffdFork { name: handler, handler },
        10 => Op::Fork { child: Actor::C },
        _ => Op::UffdMove { handler, to: Address::page(0), from: Address::page(1), length },
    }
}

fn of_any_parts() -> World<Cow> {
    let mut world = World::new();
    for process in 0..PROCESSES {
        world.processes[process] = process_of_any_parts();
    }
    for file in 0..FILES {
        let (size, seals) = (Cells(kani::any()), Seals::from_bits(kani::any()));
        let (executable, backing) = (kani::any(), backing());
        let cut_to_nothing = kani::any();
        world.files[file] = File { size, seals, executable, backing, cut_to_nothing };
    }
    for userfault in &mut world.userfaults {
        let (owner, flags) =
            (below(PROCESSES as u8) as usize, HandlerFlags::from_bits(kani::any()));
        let it = Userfault { owner: kani::any::<bool>().then_some(owner), flags };
        *userfault = kani::any::<bool>().then_some(it);
    }
    let mut tables = [[PageTableEntry::None; PAGES]; PROCESSES];
    for slot in tables.iter_mut().flatten() {
        *slot = entry();
    }
    let mut cache = [[None; FILE_PAGES]; FILES];
    for slot in cache.iter_mut().flatten() {
        let frame = below(FRAMES as u8);
        *slot = kani::any::<bool>().then_some(frame);
    }
    let free = Frame { kind: FrameKind::Free, content: [0; CELLS], or_zero: [false; CELLS] };
    let mut frames = [free; FRAMES];
    for frame in &mut frames {
        let or_zero = [kani::any(), kani::any()];
        *frame = Frame { kind: kind(), content: [below(3), below(3)], or_zero };
    }
    let mut pins = [[None; PINS]; PROCESSES];
    for slot in pins.iter_mut().flatten() {
        let reference = if kani::any() { Reference::Get } else { Reference::Pin };
        let pinned = PinnedFrame { frame: below(FRAMES as u8), reference };
        *slot = kani::any::<bool>().then_some(pinned);
    }
    let zero = [below(2), below(2)];
    world.memory = Cow::of_parts(tables, cache, frames, pins, zero);
    world
}

fn process_of_any_parts() -> Process {
    let mut descriptors = [None; DESCRIPTORS];
    for descriptor in &mut descriptors {
        let mode = match below(3) {
            0 => Mode::ReadWrite,
            1 => Mode::Read,
            _ => Mode::Write,
        };
        let held = Descriptor { file: below(FILES as u8) as usize, mode };
        *descriptor = kani::any::<bool>().then_some(held);
    }
    let mut mappings = [None; PAGES];
    for mapping in &mut mappings {
        let it = Mapping {
            protection: Protection::from_bits(kani::any()),
            may_write: kani::any(),
            shared: kani::any(),
            counted_writable: kani::any(),
            attributes: Attributes::from_bits(kani::any()),
            registration: kani::any::<bool>().then(|| Registration {
                userfault: userfault(),
                modes: Modes::from_bits(kani::any()),
            }),
            backing: if kani::any() {
                Backing::Anonymous
            } else {
                Backing::File { file: below(FILES as u8) as usize, page: below(4) }
            },
        };
        *mapping = kani::any::<bool>().then_some(it);
    }
    let mut pins = [None; PINS];
    for pin in &mut pins {
        let page = match below(4) {
            0 => PinnedPage::Zero,
            3 => PinnedPage::Copied(below(3)),
            1 => PinnedPage::OfFile { backing: backing() },
            _ => PinnedPage::Anonymous,
        };
        let access = if kani::any() { PinAccess::ReadOnly } else { PinAccess::ReadWrite };
        let hold = match below(3) {
            0 => Hold::Pipe,
            1 => Hold::Once(access),
            _ => Hold::Lasting(access),
        };
        let owner = below(PROCESSES as u8) as usize;
        let found_in = kani::any::<bool>().then_some(owner);
        let it = Pin { page, cell: below(CELLS as u8) as usize, hold, found_in };
        *pin = kani::any::<bool>().then_some(it);
    }
    let mut markers = [Markers::EMPTY; PAGES];
    for marker in &mut markers {
        *marker = Markers::from_bits(kani::any());
    }
    let mut handlers = [None; HANDLERS];
    for handler in &mut handlers {
        *handler = kani::any::<bool>().then(userfault);
    }
    let pending = kani::any::<bool>().then(pending);
    let (alive, guards_shared_memory) = (kani::any(), kani::any());
    Process { alive, mappings, markers, guards_shared_memory, descriptors, pins, handlers, pending }
}

fn userfault() -> usize {
    below(USERFAULTS as u8) as usize
}

fn pending() -> Waiting {
    let at = address();
    let value = kani::any::<bool>().then_some(1);
    match below(4) {
        0 => Waiting::Done(Outcome::Success),
        1 => Waiting::Unborn,
        2 => {
            let (child, of_child) = (below(PROCESSES as u8) as usize, userfault());
            Waiting::ForFork { userfault: userfault(), child, of_child }
        }
        _ => {
            let fault = match below(3) {
                0 => Fault::Missing,
                1 => Fault::Minor,
                _ => Fault::WriteProtected,
            };
            let access = Access { at, value };
            Waiting::For { access, userfault: userfault(), fault, at, told: kani::any() }
        }
    }
}

fn backing() -> FileBacking {
    match below(5) {
        0 => FileBacking::Memory,
        1 => FileBacking::Tmpfs,
        2 => FileBacking::Disk,
        3 => FileBacking::Huge,
        _ => FileBacking::Zero,
    }
}

fn entry() -> PageTableEntry {
    let (frame, writable) = (below(FRAMES as u8), kani::any());
    match below(5) {
        0 => PageTableEntry::None,
        1 => PageTableEntry::Zero,
        2 => PageTableEntry::ZeroOrNone,
        3 => PageTableEntry::ZeroOverFile { writable },
        _ => PageTableEntry::Frame { frame, writable, lazily_freed: kani::any() },
    }
}

fn kind() -> FrameKind {
    match below(4) {
        0 => FrameKind::Free,
        1 => FrameKind::File { filled: kani::any() },
        place => FrameKind::Anonymous { exclusive: place == 2 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// That a program reaches all worlds that the harnesses may start from is not asked; that what is
    /// drawn here satisfies the invariant is.
    #[test]
    fn what_a_program_reaches_satisfies_the_invariant() {
        kani::run("reachable", false, || {
            let world = reachable(&Policy::default());
            let broken = invariant::first_broken(&world).map(|clause| clause.name);
            assert_eq!(broken, None, "{world:?}");
        });
    }

    #[test]
    fn parts_that_do_not_fit_are_excluded() {
        kani::run("parts", false, || {
            let world = of_any_parts();
            kani::cover!(!invariant::holds(&world));
        });
    }
}
