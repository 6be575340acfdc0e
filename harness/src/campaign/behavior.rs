//! What a program makes the model do, as a set of numbers.
//!
//! A behavior is a triple: an operation, the kind of its outcome, and one aspect: of the state of what
//! it is about, such as a page's entry in the page table, or of what its rule has changed. The rules of
//! the model decide by just these aspects, and differ in what they change, so that a program with a new
//! behavior has met another rule, or a rule in a new way, and is kept.

use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::mem::{Discriminant, discriminant};

use mapspec_model::flags::Flags as _;
use mapspec_model::memory::{Cow, FrameKind, Memory as _, PageTableEntry, PinPlace, Place};
use mapspec_model::op::{
    Address, Argument, Call, Cells, Handler, Name, Op, PinName, Seals, Statement,
};
use mapspec_model::outcome::{Event, Outcome};
use mapspec_model::policy::Policy;
use mapspec_model::world::{Attributes, Backing, Descriptor, File, Waiting};
use mapspec_model::{PAGES, PROCESSES, World, step};

/// The behaviors of a program.
pub fn behaviors(program: &[Statement]) -> Vec<u64> {
    let mut world = World::<Cow>::new();
    let policy = Policy::default();
    let mut behaviors = Vec::with_capacity(8 * program.len());
    for Statement { actor, op } in program {
        let before = world;
        let outcome = step(&mut world, *actor, op, &policy);
        let mut aspects = Aspects { pair: (op.call(), kind(outcome)), behaviors: &mut behaviors };
        aspects.note("alone", ());
        if let Some(process) = before.alive(*actor) {
            describe(&before, process, op, &mut aspects);
            describe_changes(&before, &world, process, &mut aspects);
        }
    }
    behaviors
}

/// Takes the aspects of one statement.
struct Aspects<'a> {
    pair: (Call, (u8, u8)),
    behaviors: &'a mut Vec<u64>,
}

impl Aspects<'_> {
    fn note(&mut self, name: &str, aspect: impl Hash) {
        let mut hasher = DefaultHasher::new();
        (self.pair, name, aspect).hash(&mut hasher);
        self.behaviors.push(hasher.finish());
    }
}

/// The outcome, without values.
fn kind(outcome: Outcome) -> (u8, u8) {
    match outcome {
        Outcome::Success => (0, 0),
        Outcome::Value(value) => (1, u8::from(value != 0)),
        Outcome::Length(_) => (2, 0),
        Outcome::EndOfFile => (3, 0),
        Outcome::Seals(_) => (4, 0),
        Outcome::Page(_) => (5, 0),
        Outcome::Permissions(permissions) => (6, u8::from(permissions.is_some())),
        Outcome::Answer(_) => (7, 0),
        Outcome::Error(errno) => (8, errno.0),
        Outcome::Signal(signal) => (9, signal.cause as u8),
        Outcome::BeyondBounds => (10, 0),
        Outcome::Address(_) => (11, 0),
        Outcome::Elsewhere => (12, 0),
        Outcome::OneOf(..) | Outcome::AnyValue => (13, 0),
        Outcome::Blocked => (14, 0),
        Outcome::Event(Event::None) => (15, 0),
        Outcome::Event(Event::Fault(fault, _)) => (16, fault as u8),
        Outcome::Event(Event::Fork) => (16, u8::MAX),
    }
}

/// What the operation is about, as it is before: each argument, and what it names.
fn describe(world: &World<Cow>, process: usize, op: &Op, aspects: &mut Aspects<'_>) {
    let (mut at, mut file, mut offset) = (None, None, Cells(0));
    for (field, argument) in op.arguments() {
        match argument {
            Argument::Name(name) | Argument::OptionalName(Some(name)) if field.name != "name" => {
                file = Some(name);
                describe_file(world, process, name, aspects);
            }
            Argument::Address(address) | Argument::OptionalAddress(Some(address)) => {
                at = Some(address);
                describe_page(world, process, address, aspects);
            }
            Argument::Pin(pin) if field.name != "name" => {
                describe_pin(world, process, pin, aspects)
            }
            Argument::Remote(remote) => {
                if let Some(peer) = world.alive(remote.process) {
                    describe_page(world, peer, remote.at, aspects);
                }
            }
            Argument::Cells(cells) => {
                aspects.note(field.name, cells.is_page_aligned());
                match (at, file) {
                    (Some(at), _) if field.name == "length" => {
                        describe_range(world, process, at, cells, aspects);
                    }
                    (_, Some(file)) => {
                        let place = Cells(offset.0.saturating_add(cells.0));
                        describe_end(world, process, file, place, aspects);
                        offset = cells;
                    }
                    _ => {}
                }
            }
            Argument::Protection(protection) => aspects.note("protection", protection),
            Argument::Set(bits) => {
                aspects.note(field.name, bits);
                (0..u16::BITS).filter(|bit| bits >> bit & 1 != 0).for_each(|bit| {
                    aspects.note("flag", bit);
                });
            }
            Argument::Choice(place) => aspects.note(field.name, place),
            Argument::Handler(handler) => describe_handler(world, process, handler, aspects),
            Argument::Name(_)
            | Argument::OptionalName(_)
            | Argument::Pin(_)
            | Argument::OptionalAddress(None)
            | Argument::Actor(_)
            | Argument::Byte(_) => {}
        }
    }
    if matches!(op, Op::Fork { .. } | Op::Exit {}) {
        let alive = world.processes.iter().filter(|process| process.alive).count();
        aspects.note("alive", alive);
        for page in (0..PAGES).map(|page| Address::page(page as u8)) {
            describe_page(world, process, page, aspects);
        }
    }
}

/// What the rule has changed: of pages what they have become, of files and processes which part.
fn describe_changes(
    before: &World<Cow>,
    after: &World<Cow>,
    process: usize,
    aspects: &mut Aspects<'_>,
) {
    let places = (0..PROCESSES * PAGES).map(|at| Place { process: at / PAGES, page: at % PAGES });
    for place in places {
        let whose = place.process == process;
        let change = [before, after].map(|world| entry(world, place));
        if change[0] != change[1] {
            aspects.note("entry becomes", (whose, change));
        }
        let change =
            [before, after].map(|world| world.processes[place.process].markers[place.page]);
        if change[0] != change[1] {
            aspects.note("markers become", (whose, change));
        }
        let change =
            [before, after].map(|world| world.processes[place.process].mappings[place.page]);
        if change[0] != change[1] {
            let is_there = change.map(|mapping| mapping.is_some());
            aspects.note("mapping becomes", (whose, is_there));
        }
    }
    for (before, after) in before.files.iter().zip(&after.files).filter(|(old, new)| old != new) {
        let seals = after.seals.without(before.seals);
        aspects.note("file becomes", (after.size.cmp(&before.size), seals));
    }
    for (place, (before, after)) in before.processes.iter().zip(&after.processes).enumerate() {
        let changes = [
            before.alive != after.alive,
            before.descriptors != after.descriptors,
            before.pins != after.pins,
            before.handlers != after.handlers,
            before.pending != after.pending,
        ];
        aspects.note("process", (place == process, changes));
    }
    aspects.note("userfaults", before.userfaults != after.userfaults);
}

/// What the page table holds for a page, without the frame's name.
fn entry(world: &World<Cow>, place: Place) -> (Discriminant<PageTableEntry>, [bool; 3]) {
    let entry = world.memory.entry(place);
    let bits = match entry {
        PageTableEntry::Frame { frame, writable, lazily_freed } => {
            [writable, lazily_freed, is_exclusive(world, frame)]
        }
        PageTableEntry::ZeroOverFile { writable } => [writable, false, false],
        PageTableEntry::None | PageTableEntry::Zero | PageTableEntry::ZeroOrNone => [false; 3],
    };
    (discriminant(&entry), bits)
}

fn is_exclusive(world: &World<Cow>, frame: u8) -> bool {
    world.memory.frame(frame).kind == FrameKind::Anonymous { exclusive: true }
}

/// A page: its mapping, and what the page table holds with where it lies in its file.
fn describe_page(world: &World<Cow>, process: usize, at: Address, aspects: &mut Aspects<'_>) {
    let Some(page) = at.index() else { return };
    let mapping = world.processes[process].mappings[page];
    aspects.note("mapping", mapping.map(|it| (it.protection, it.may_write, it.shared)));
    let attributes = mapping.map_or(Attributes::EMPTY, |it| it.attributes);
    for (name, _) in Attributes::NAMED.iter().filter(|(_, it)| attributes.contains(*it)) {
        aspects.note("attribute", name);
    }
    aspects.note("markers", world.processes[process].markers[page]);
    if let Some(registration) = mapping.and_then(|it| it.registration) {
        let place = Place { process, page };
        let presence = world.memory.presence(place);
        let markers = world.processes[process].markers[page];
        aspects.note("registration", (registration.modes, presence, markers));
    }
    let in_file = mapping.and_then(|mapping| match mapping.backing {
        Backing::Anonymous => None,
        Backing::File { file, page } => {
            let File { size, seals, .. } = world.files[file];
            aspects.note("seals", seals.intersects(Seals::WRITE | Seals::FUTURE_WRITE));
            Some((world.files[file].has_page(page), size.page().cmp(&page)))
        }
    });
    match world.memory.entry(Place { process, page }) {
        PageTableEntry::Frame { frame, writable, lazily_freed } => {
            let owners = world.memory.map_count(frame);
            aspects.note("frame", (writable, owners, is_exclusive(world, frame), in_file));
            aspects.note("lazily freed", (lazily_freed, owners));
        }
        entry => aspects.note("entry", (entry, in_file)),
    }
}

/// A userfaultfd: what it is like, and whether somebody waits for it. The pages of its calls are its
/// owner's.
fn describe_handler(
    world: &World<Cow>,
    process: usize,
    handler: Handler,
    aspects: &mut Aspects<'_>,
) {
    let held = world.processes[process].handler(handler).and_then(|it| world.userfaults[it]);
    let owner = held.and_then(|held| held.owner);
    let waits = owner.map(|owner| match world.processes[owner].pending {
        Some(Waiting::For { access, .. }) => Some(access.value.is_some()),
        pending => pending.map(|_| false),
    });
    aspects.note("userfault", (held.map(|held| held.flags), owner == Some(process), waits));
}

/// The first and the last page of a range, and how it is cut.
fn describe_range(
    world: &World<Cow>,
    process: usize,
    at: Address,
    length: Cells,
    aspects: &mut Aspects<'_>,
) {
    let aligned = (at.cells().is_page_aligned(), length.is_page_aligned());
    aspects.note("range", (aligned, length.0.min(3)));
    let last = at.0.saturating_add(length.0.saturating_sub(1));
    describe_page(world, process, Address(last), aspects);
}

/// A file: how it is open, its seals, who maps it.
fn describe_file(world: &World<Cow>, process: usize, name: Name, aspects: &mut Aspects<'_>) {
    let Some(Descriptor { file, mode }) = world.processes[process].descriptor(name) else {
        return aspects.note("no file", ());
    };
    let File { seals, executable, backing, .. } = world.files[file];
    aspects.note("backing", backing);
    for (_, seal) in Seals::NAMED.iter().filter(|(_, seal)| seals.contains(*seal)) {
        aspects.note("sealed", (mode, seal, executable));
    }
    let mappings = || world.processes.iter().flat_map(|it| it.mappings.iter().flatten());
    let maps = |counted: bool| {
        mappings().any(|mapping| mapping.maps(file) && mapping.counted_writable == counted)
    };
    aspects.note("mappings", (mode, maps(true), maps(false)));
}

/// A pin: what it refers to, and whether the file has lost the page.
fn describe_pin(world: &World<Cow>, process: usize, name: PinName, aspects: &mut Aspects<'_>) {
    let pinned = world.processes[process].pin(name).map(|pin| pin.page);
    let is_orphan = name.index().map(|pin| world.memory.is_orphan(PinPlace { process, pin }));
    aspects.note("pinned", (pinned, is_orphan));
}

/// A place in a file, in relation to its end.
fn describe_end(
    world: &World<Cow>,
    process: usize,
    name: Name,
    at: Cells,
    aspects: &mut Aspects<'_>,
) {
    if let Some(descriptor) = world.processes[process].descriptor(name) {
        let size = world.files[descriptor.file].size;
        let relation = (at.cmp(&size), at.page().cmp(&size.page()));
        aspects.note("end", (relation, at.is_page_aligned(), size.is_page_aligned()));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::behaviors;

    fn of(text: &str) -> HashSet<u64> {
        let program = crate::litmus::parse(text).unwrap().program();
        behaviors(&program).into_iter().collect()
    }

    /// The first and the last page of both ranges are alike.
    #[test]
    fn a_rule_that_changes_something_else_is_a_new_behavior() {
        let map = "A: mmap(@0, 3p, rw, private|anon)\n";
        let (store, unmap) = ("A: store(@1, 1)\n", "A: munmap(@0, 3p)\n");
        let known = &of(&format!("{map}{store}")) | &of(&format!("{map}{unmap}"));
        assert!(!of(&format!("{map}{store}{unmap}")).is_subset(&known));
        assert!(of(&format!("{map}{store}")).is_subset(&known));
    }
}
