//! The one generator of programs: from bytes, by `arbitrary`, to a program that is legal to run.
//!
//! Wrong arguments are part of it, for the order of errors is semantics. The weights favor
//! interplay: few pages, few files, boundaries, forks in between. The model runs along, so that most
//! statements meet something that exists.

mod pin;
mod userfault;

use arbitrary::{Result, Unstructured};
use mapspec_model::memory::Ideal;
use mapspec_model::op::{
    Actor, Address, Advice, Argument, Call, Cells, FallocateMode, Handler, LockFlags, MapFlags,
    MemfdFlags, Mode, Name, Op, Protection, RemapFlags, Remote, Shape, Statement, SyncFlags,
};
use mapspec_model::outcome::Outcome;
use mapspec_model::policy::Policy;
use mapspec_model::world::File;
use mapspec_model::{CELLS, DESCRIPTORS, PAGES, World, step};

/// The most statements that a generated program has.
pub const LONGEST: usize = 16;

/// The value that `exec` executes.
const RETURN: u8 = 0xc3;

/// A program from a source of bytes, with more of the favored calls.
///
/// # Errors
/// None in practice: a source that runs dry gives zeros.
pub fn program(favored: &[Call], source: &mut Unstructured<'_>) -> Result<Vec<Statement>> {
    continue_program(&[], favored, source)
}

/// A program that begins like another one: as far as its statements are still legal, with one of them
/// left out now and then, and up to some place.
///
/// # Errors
/// As for [`program`].
pub fn mutation(
    parent: &[Statement],
    favored: &[Call],
    source: &mut Unstructured<'_>,
) -> Result<Vec<Statement>> {
    let mut start = parent[..source.int_in_range(0..=parent.len())?].to_vec();
    if start.len() > 1 && source.ratio(1, 3)? {
        start.remove(source.choose_index(start.len())?);
    }
    continue_program(&start, favored, source)
}

fn continue_program(
    start: &[Statement],
    favored: &[Call],
    source: &mut Unstructured<'_>,
) -> Result<Vec<Statement>> {
    let mut draft = Draft { world: World::new(), policy: Policy::default(), favored };
    let mut program = Vec::with_capacity(LONGEST);
    for statement in start {
        draft.take(&mut program, *statement);
    }
    let length = source.int_in_range(program.len().max(2)..=LONGEST.max(program.len()))?;
    while program.len() < length {
        let statement = draft.statement(source, program.len())?;
        if !draft.take(&mut program, statement) && source.is_empty() {
            break;
        }
    }
    Ok(program)
}

/// How often a call is drawn, in relation to the others.
const fn weight(call: Call) -> u32 {
    match call {
        Call::Store => 16,
        Call::Mmap => 14,
        Call::Load => 8,
        Call::Ftruncate | Call::Pwrite | Call::Fork | Call::Mprotect | Call::MemfdCreate => 6,
        Call::AddSeals | Call::Munmap | Call::Fallocate | Call::Mremap | Call::Madvise => 4,
        Call::Reopen | Call::Open => 3,
        Call::Mlock => 2,
        Call::Mlock2 | Call::Munlock | Call::Munlockall | Call::Mseal | Call::Mincore => 1,
        Call::Pread | Call::Exit | Call::Close | Call::Page | Call::SameFrame => 2,
        Call::CopyFileRange | Call::Splice | Call::ReadPin | Call::Vmsplice => 2,
        Call::Pin | Call::WritePin | Call::WritePipe | Call::ReadPipe => 1,
        // Nothing else is drawn for a process whose access waits.
        Call::Resume => 0,
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
        | Call::UffdClose => 1,
        Call::Dup | Call::GetSeals | Call::Size | Call::Maps => 1,
        Call::Pwritev | Call::Msync | Call::Sendfile | Call::Unpin => 1,
        Call::Read | Call::Write => 3,
        Call::CompareExchange | Call::ProcessVmReadv | Call::ProcessVmWritev => 2,
        Call::MemRead | Call::MemWrite => 2,
        Call::Execute | Call::Scan | Call::ClearRefs | Call::SoftDirty => 1,
        Call::Written | Call::WpAllowed => 1,
    }
}

/// A program in the making: the world as it is after the statements so far.
struct Draft<'a> {
    world: World<Ideal>,
    policy: Policy,
    favored: &'a [Call],
}

impl Draft<'_> {
    /// Adds the statement to the program, if it is legal; whether it is.
    fn take(&mut self, program: &mut Vec<Statement>, statement: Statement) -> bool {
        let outcome = step(&mut self.world, statement.actor, &statement.op, &self.policy);
        let is_legal = outcome != Outcome::BeyondBounds;
        if is_legal {
            program.push(statement);
        }
        is_legal
    }

    fn statement(&self, source: &mut Unstructured<'_>, place: usize) -> Result<Statement> {
        let alive: Vec<_> =
            Actor::ALL.into_iter().filter(|actor| self.world.alive(*actor).is_some()).collect();
        let actor = if alive.is_empty() { Actor::A } else { *source.choose(&alive)? };
        if place > 0 && userfault::is_favored(self.favored) && source.ratio(2, 3)? {
            let value = u8::try_from(place + 1).unwrap_or(u8::MAX);
            if let Some(statement) = userfault::next(&self.world, value, source)? {
                return Ok(statement);
            }
        }
        let waits = actor.index().is_some_and(|it| self.world.processes[it].pending.is_some());
        if waits {
            return Ok(Statement { actor, op: Op::Resume {} });
        }
        let has_file = self.names(actor).next().is_some();
        let call = if place == 0 || !has_file && source.ratio(1, 4)? {
            *source.choose(&[Call::MemfdCreate, Call::Mmap, Call::MemfdCreate, Call::Open])?
        } else if !self.favored.is_empty() && source.ratio(1, 3)? {
            *source.choose(self.favored)?
        } else {
            draw_call(source)?
        };
        Ok(Statement { actor, op: self.op(call, actor, place, source)? })
    }

    fn op(
        &self,
        call: Call,
        actor: Actor,
        place: usize,
        from: &mut Unstructured<'_>,
    ) -> Result<Op> {
        if call == Call::Mmap {
            return self.mmap(actor, from);
        }
        if call == Call::Mremap {
            return self.mremap(actor, from);
        }
        if call == Call::Pin {
            return pin::pin(&self.world, actor, self.cell(actor, from)?, from);
        }
        let moves_cells = matches!(call, Call::Read | Call::Write);
        let is_range = !moves_cells && call.fields().iter().any(|field| field.name == "length");
        let mut last = None;
        call.with(|field| {
            Ok(match field.shape {
                Shape::Name if field.name == "name" => Argument::Name(any_name(from)?),
                Shape::Name => Argument::Name(self.name(actor, from)?),
                Shape::OptionalName => Argument::OptionalName(Some(self.name(actor, from)?)),
                Shape::Pin => Argument::Pin(pin::name(&self.world, actor, field, from)?),
                Shape::Handler => Argument::Handler(Handler(*from.choose(&[0, 0, 0, 1])?)),
                Shape::Actor => Argument::Actor(*from.choose(&Actor::ALL)?),
                Shape::Address => {
                    let at =
                        if is_range { self.start(actor, from)? } else { self.cell(actor, from)? };
                    last = Some(at);
                    Argument::Address(at)
                }
                Shape::OptionalAddress => Argument::OptionalAddress(match from.ratio(1, 2)? {
                    true => Some(self.start(actor, from)?),
                    false => None,
                }),
                Shape::Remote => {
                    let at = match last {
                        Some(at) if from.ratio(3, 4)? => at,
                        _ => self.cell(actor, from)?,
                    };
                    Argument::Remote(Remote { process: *from.choose(&Actor::ALL)?, at })
                }
                Shape::Cells => Argument::Cells(match field.name {
                    "length" => length(from)?,
                    _ => size(from)?,
                }),
                Shape::Byte => Argument::Byte(match field.name {
                    "old" if from.ratio(1, 2)? => 0,
                    "old" => u8::try_from(from.int_in_range(0..=place)?).unwrap_or(0),
                    _ if from.ratio(1, 24)? => RETURN,
                    _ => u8::try_from(place + 1).unwrap_or(u8::MAX),
                }),
                Shape::Protection => Argument::Protection(protection(from)?),
                Shape::Set(names) => Argument::Set(set(call, names, from)?),
                Shape::Choice(names) => Argument::Choice(choice(call, names, from)?),
            })
        })
    }

    fn mmap(&self, actor: Actor, from: &mut Unstructured<'_>) -> Result<Op> {
        let page = match from.ratio(1, 2)? {
            true => self.page(actor, from)?,
            false => from.int_in_range(0..=3)?,
        };
        let (at, length) = (aligned(page, from)?, length(from)?);
        let anonymous = from.ratio(1, 3)?;
        let private = from.ratio(1, 2)?;
        let mut flags = if private { MapFlags::PRIVATE } else { MapFlags::SHARED };
        if anonymous {
            flags = flags | MapFlags::ANONYMOUS;
        }
        if from.ratio(1, 5)? {
            flags = odd_flags(flags, from)?;
        }
        let file = if anonymous { None } else { Some(self.name(actor, from)?) };
        let offset = if anonymous || from.ratio(1, 2)? { Cells(0) } else { offset(from)? };
        let protection = match from.int_in_range(0..=5)? {
            0..=3 => Protection::READ | Protection::WRITE,
            4 => Protection::READ,
            _ => protection(from)?,
        };
        Ok(Op::Mmap { at, length, protection, flags, file, offset })
    }

    fn mremap(&self, actor: Actor, from: &mut Unstructured<'_>) -> Result<Op> {
        let (at, length) = (self.start(actor, from)?, length(from)?);
        let new_length = if from.ratio(1, 2)? { length } else { self::length(from)? };
        let to = Some(Address::page(from.int_in_range(0..=5)?)).filter(|_| length.0 < 8);
        let to = if from.ratio(1, 16)? { Some(self.start(actor, from)?) } else { to };
        let (fixed, keep) = (RemapFlags::FIXED, RemapFlags::DONT_UNMAP);
        let flags = match from.int_in_range(0..=15)? {
            0..=2 => RemapFlags::EMPTY,
            3 | 4 => RemapFlags::MAY_MOVE,
            5..=9 => RemapFlags::MAY_MOVE | fixed,
            10..=12 => RemapFlags::MAY_MOVE | fixed | keep,
            13 | 14 => RemapFlags::MAY_MOVE | keep,
            _ => RemapFlags::from_bits(subset(RemapFlags::NAMES, from)?),
        };
        let to = to.filter(|_| flags.intersects(fixed | keep));
        Ok(Op::Mremap { at, length, new_length, flags, to })
    }

    /// The names that hold something.
    fn names(&self, actor: Actor) -> impl Iterator<Item = Name> {
        let names = (0..DESCRIPTORS).map(|name| Name(name as u8));
        names.filter(move |&name| {
            let process = actor.index().map(|index| &self.world.processes[index]);
            process.is_some_and(|process| process.descriptor(name).is_some())
        })
    }

    /// Mostly a name that holds something.
    fn name(&self, actor: Actor, source: &mut Unstructured<'_>) -> Result<Name> {
        let names: Vec<_> = self.names(actor).collect();
        if names.is_empty() || source.ratio(1, 24)? {
            return any_name(source);
        }
        source.choose(&names).copied()
    }

    /// Mostly a page that is mapped.
    fn page(&self, actor: Actor, source: &mut Unstructured<'_>) -> Result<u8> {
        let mapped: Vec<u8> = (0..PAGES)
            .filter(|&page| {
                let process = actor.index().map(|index| &self.world.processes[index]);
                process.is_some_and(|process| process.mappings[page].is_some())
            })
            .filter_map(|page| u8::try_from(page).ok())
            .collect();
        if mapped.is_empty() || source.ratio(1, 8)? {
            return source.int_in_range(0..=3);
        }
        source.choose(&mapped).copied()
    }

    fn cell(&self, actor: Actor, source: &mut Unstructured<'_>) -> Result<Address> {
        let within = source.int_in_range(0..=CELLS as u8 - 1)?;
        Ok(Address(Address::page(self.page(actor, source)?).0 + within))
    }

    /// The start of a range, mostly of what is mapped, seldom an odd one.
    fn start(&self, actor: Actor, source: &mut Unstructured<'_>) -> Result<Address> {
        aligned(self.page(actor, source)?, source)
    }
}

/// The start of a page, seldom an odd one.
fn aligned(page: u8, source: &mut Unstructured<'_>) -> Result<Address> {
    let odd = u8::from(source.ratio(1, 24)?);
    Ok(Address(Address::page(page).0 + odd))
}

fn draw_call(source: &mut Unstructured<'_>) -> Result<Call> {
    let total: u32 = Call::ALL.iter().map(|call| weight(*call)).sum();
    let mut drawn = source.int_in_range(0..=total - 1)?;
    for &call in Call::ALL {
        match drawn.checked_sub(weight(call)) {
            Some(rest) => drawn = rest,
            None => return Ok(call),
        }
    }
    Ok(Call::Store)
}

fn any_name(source: &mut Unstructured<'_>) -> Result<Name> {
    Ok(Name(*source.choose(&[0, 0, 1, 1, 2, 3])?))
}

/// A set of flags: what is usual for the call, or one of them, or any.
fn set(call: Call, names: &[&str], source: &mut Unstructured<'_>) -> Result<u16> {
    let usual = match call {
        Call::MemfdCreate => Some(MemfdFlags::ALLOW_SEALING.bits()),
        Call::Reopen => Some(0),
        Call::Msync => Some(SyncFlags::SYNC.bits()),
        Call::Mlock2 => Some(LockFlags::ON_FAULT.bits()),
        Call::Mseal => Some(0),
        _ => None,
    };
    match (source.int_in_range(0..=7)?, usual) {
        (0..=5, Some(usual)) => Ok(usual),
        (0..=6, _) => Ok(1 << source.choose_index(names.len())?),
        _ => subset(names, source),
    }
}

/// One of several values: what is usual for the call, or any.
fn choice(call: Call, names: &[&str], source: &mut Unstructured<'_>) -> Result<u8> {
    let usual = match call {
        Call::Reopen => Mode::Read as u8,
        Call::Fallocate => FallocateMode::PunchHole as u8,
        // Advice that shows comes first.
        Call::Madvise => source.int_in_range(0..=Advice::GuardRemove as u8)?,
        _ => return Ok(u8::try_from(source.choose_index(names.len())?).unwrap_or(0)),
    };
    if source.ratio(1, 3)? {
        return Ok(usual);
    }
    Ok(u8::try_from(source.choose_index(names.len())?).unwrap_or(0))
}

fn odd_flags(flags: MapFlags, source: &mut Unstructured<'_>) -> Result<MapFlags> {
    let odd = [
        MapFlags::NO_REPLACE,
        MapFlags::SHARED_VALIDATE,
        MapFlags::UNKNOWN,
        MapFlags::HINT,
        MapFlags::HINT,
        MapFlags::POPULATE,
        MapFlags::POPULATE,
        MapFlags::LOCKED,
        MapFlags::NO_RESERVE,
        MapFlags::GROWS_DOWN,
        MapFlags::SYNC,
    ];
    Ok(match source.int_in_range(0..=11)? {
        // No kernel knows the proposed flag from an unknown one: that one is enough.
        0 | 1 => MapFlags::from_bits(subset(MapFlags::NAMES, source)?).without(MapFlags::NO_SIGBUS),
        2 => flags.without(MapFlags::SHARED_VALIDATE) | MapFlags::DROPPABLE,
        _ => flags | *source.choose(&odd)?,
    })
}

/// Has some private mappings ask for no SIGBUS, where that means something.
pub fn ask_for_no_sigbus(program: &mut [Statement], mut asks: impl FnMut() -> bool) {
    for Statement { op, .. } in program {
        if let Op::Mmap { flags, .. } = op
            && !flags.contains(MapFlags::SHARED)
            && asks()
        {
            *flags = *flags | MapFlags::NO_SIGBUS;
        }
    }
}

fn protection(source: &mut Unstructured<'_>) -> Result<Protection> {
    let (read, write) = (Protection::READ, Protection::WRITE);
    Ok(match source.int_in_range(0..=8)? {
        0..=2 => read | write,
        3 | 4 => read,
        5 => Protection::EMPTY,
        6 => write,
        7 => Protection::ALL,
        _ => Protection::from_bits(subset(Protection::NAMES, source)?),
    })
}

fn subset(names: &[&str], source: &mut Unstructured<'_>) -> Result<u16> {
    (0..names.len())
        .try_fold(0, |all, bit| Ok(if source.ratio(1, 3)? { all | 1 << bit } else { all }))
}

/// A size of a file, or a place in it: mostly in its first pages.
fn size(source: &mut Unstructured<'_>) -> Result<Cells> {
    let limit = File::SIZE_LIMIT.0;
    Ok(Cells(match source.int_in_range(0..=15)? {
        0 => source.int_in_range(limit - 1..=limit + 1)?,
        1 | 2 => source.int_in_range(0..=limit)?,
        _ => source.int_in_range(0..=2 * CELLS as u8 + 1)?,
    }))
}

fn offset(source: &mut Unstructured<'_>) -> Result<Cells> {
    let odd = u8::from(source.ratio(1, 24)?);
    Ok(Cells(Cells::pages(source.int_in_range(0..=2)?).0 + odd))
}

/// A length: mostly one or two pages.
fn length(source: &mut Unstructured<'_>) -> Result<Cells> {
    let lengths = [2, 2, 2, 2, 4, 4, 4, 1, 3, 6, 8, 0];
    Ok(Cells(*source.choose(&lengths)?))
}
