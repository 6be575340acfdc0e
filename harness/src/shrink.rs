//! From a diverging program to a small one: no operation can be removed and no argument made simpler
//! while the same divergence stays.

use mapspec_model::op::{
    Actor, Address, Argument, Cells, Field, Handler, MapFlags, Name, Op, PinName, Protection,
    Remote, Statement,
};
use mapspec_model::outcome::Outcome;
use mapspec_model::{DESCRIPTORS, PAGES};

use crate::catalogue::KnownBug;
use crate::differ::{Class, Differ, Difference, Judgement};
use crate::rename::Renaming;

/// How often a program is run to say how often it diverges.
const RUNS: u32 = 10;

/// How often a candidate is run before it counts as not diverging, if the divergence is flaky.
const TRIES: u32 = 5;

/// A shrunk program.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// The program; the divergence shows in its last statement.
    pub program: Vec<Statement>,
    /// What the model says of the last statement.
    pub model: Outcome,
    /// What the kernel did.
    pub kernel: Outcome,
    /// What the divergence is.
    pub class: Class,
    /// The known bugs that have shown before; the model is with them.
    pub beside: Vec<KnownBug>,
    /// In how many of how many runs the kernel was not the model.
    pub rate: (u32, u32),
}

/// Shrinks a program; `None` if it does not diverge.
pub fn shrink(differ: &mut Differ, program: &[Statement]) -> Option<Shrunk> {
    let within_bounds = differ.swept(program).own;
    let Difference { program: whole, model, class, .. } =
        (0..TRIES).find_map(|_| judge(differ, &program[..within_bounds]))?;
    let rate = differ.rate(&whole, model, RUNS);
    let tries = if rate == RUNS { 1 } else { TRIES };
    let mut shrinker = Shrinker { differ, class, tries };
    let mut smallest = whole;
    loop {
        let before = smallest.clone();
        smallest = shrinker.remove_statements(smallest);
        smallest = shrinker.remove_forks(smallest);
        smallest = shrinker.simplify_arguments(smallest);
        smallest = shrinker.simplify_names(smallest);
        if smallest == before {
            break;
        }
    }
    let Shrinker { class, tries, .. } = shrinker;
    let Difference { program, model, kernel, beside, .. } =
        (0..tries).find_map(|_| judge(differ, &smallest))?;
    let rate = (differ.rate(&program, model, RUNS), RUNS);
    Some(Shrunk { program, model, kernel, class, beside, rate })
}

/// What differs, with the program up to the statement that does, which may be one of the sweep: only
/// that one, if it differs without the rest of the sweep. A program that leaves the bounds is no
/// candidate, for what it is cut to may be what it was made from.
fn judge(differ: &mut Differ, program: &[Statement]) -> Option<Difference> {
    let swept = differ.swept(program);
    if swept.own < program.len() {
        return None;
    }
    let Judgement::Diverge(difference) = differ.judge(&swept, None) else { return None };
    if difference.is_own() {
        return Some(difference);
    }
    let swept = differ.swept(&difference.shown());
    match differ.judge(&swept, None) {
        Judgement::Diverge(again) if again.class == difference.class && again.is_own() => {
            Some(again)
        }
        _ => Some(difference),
    }
}

struct Shrinker<'a> {
    differ: &'a mut Differ,
    class: Class,
    tries: u32,
}

impl Shrinker<'_> {
    /// The candidate, cut after the statement that differs, if the same divergence stays.
    fn accept(&mut self, candidate: &[Statement]) -> Option<Vec<Statement>> {
        (0..self.tries).find_map(|_| {
            let Difference { program, class, .. } = judge(self.differ, candidate)?;
            (class == self.class && program.len() <= candidate.len()).then_some(program)
        })
    }

    /// Tries to remove runs of statements, the longest first.
    fn remove_statements(&mut self, mut program: Vec<Statement>) -> Vec<Statement> {
        let mut length = program.len() / 2;
        while length > 0 {
            let mut start = 0;
            while start + length <= program.len() {
                let candidate = [&program[..start], &program[start + length..]].concat();
                match self.accept(&candidate) {
                    Some(smaller) => program = smaller,
                    None => start += 1,
                }
            }
            length /= 2;
        }
        program
    }

    /// Tries to have a parent do what its child does.
    fn remove_forks(&mut self, mut program: Vec<Statement>) -> Vec<Statement> {
        let mut place = 0;
        while let Some(&Statement { actor: parent, op }) = program.get(place) {
            if let Op::Fork { child } = op {
                let mut candidate = program.clone();
                candidate.remove(place);
                for statement in candidate.iter_mut().filter(|it| it.actor == child) {
                    statement.actor = parent;
                }
                if let Some(smaller) = self.accept(&candidate) {
                    program = smaller;
                    continue;
                }
            }
            place += 1;
        }
        program
    }

    /// Tries every simpler form of every statement.
    fn simplify_arguments(&mut self, mut program: Vec<Statement>) -> Vec<Statement> {
        let mut place = 0;
        while place < program.len() {
            let simpler = simpler(&program[place]).into_iter().find_map(|statement| {
                let mut candidate = program.clone();
                candidate[place] = statement;
                self.accept(&candidate)
            });
            match simpler {
                Some(smaller) => program = smaller,
                None => place += 1,
            }
        }
        program
    }

    /// Tries to use the first names, processes and pages throughout.
    fn simplify_names(&mut self, mut program: Vec<Statement>) -> Vec<Statement> {
        for renaming in renamings() {
            let candidate = renaming.of_program(&program);
            if candidate < program
                && let Some(renamed) = self.accept(&candidate)
            {
                program = renamed;
            }
        }
        program
    }
}

/// All renamings that can lead to simpler names.
fn renamings() -> Vec<Renaming> {
    let names = (1..DESCRIPTORS as u8).flat_map(|other| (0..other).map(move |one| (one, other)));
    let names = names.map(|(one, other)| Renaming::Names(Name(one), Name(other)));
    let down = (1..PAGES as u8).rev().map(|pages| Renaming::Addresses(Cells::pages(pages).0));
    let actors = [Renaming::Actors(Actor::B, Actor::C), Renaming::Actors(Actor::A, Actor::B)];
    let pins = [Renaming::Pins(PinName(0), PinName(1))];
    names.chain(pins).chain(down).chain(actors).collect()
}

/// The statements that are simpler than this one in one argument. Each step leads towards a simplest
/// form, so that a chain of them ends.
fn simpler(statement: &Statement) -> Vec<Statement> {
    let Statement { actor, op } = *statement;
    let actors = actors(actor).map(|actor| Statement { actor, op });
    let ops = without_file(&op).into_iter().chain(simpler_ops(&op));
    actors.chain(ops.map(|op| Statement { actor, op })).collect()
}

/// A mapping of a file as one of anonymous memory.
fn without_file(op: &Op) -> Option<Op> {
    let mut simpler = *op;
    match &mut simpler {
        Op::Mmap { file: file @ Some(_), flags, offset, .. } => {
            (*file, *flags, *offset) = (None, *flags | MapFlags::ANONYMOUS, Cells(0));
            Some(simpler)
        }
        _ => None,
    }
}

/// The operation with one argument replaced by each of its simpler values.
fn simpler_ops(op: &Op) -> Vec<Op> {
    let arguments = op.arguments().enumerate();
    let simpler = arguments.flat_map(|(place, (field, argument))| {
        let values = simpler_arguments(field, argument).into_iter();
        values.map(move |value| (place, value))
    });
    let with = |(place, value)| {
        let mut places = 0..;
        op.map(|_, argument| if places.next() == Some(place) { value } else { argument })
    };
    simpler.map(with).collect()
}

fn simpler_arguments(field: Field, argument: Argument) -> Vec<Argument> {
    match argument {
        Argument::Name(name) => names(name).map(Argument::Name).collect(),
        Argument::OptionalName(Some(name)) => {
            names(name).map(|name| Argument::OptionalName(Some(name))).collect()
        }
        Argument::Pin(pin) => (0..pin.0).map(|it| Argument::Pin(PinName(it))).collect(),
        Argument::Handler(Handler(place)) => {
            (0..place).map(Handler).map(Argument::Handler).collect()
        }
        Argument::Actor(actor) => actors(actor).map(Argument::Actor).collect(),
        Argument::Address(at) => addresses(at).map(Argument::Address).collect(),
        Argument::OptionalAddress(Some(at)) => {
            addresses(at).map(|at| Argument::OptionalAddress(Some(at))).collect()
        }
        Argument::Remote(Remote { process, at }) => {
            let processes = actors(process).map(|process| Remote { process, at });
            let places = addresses(at).map(|at| Remote { process, at });
            processes.chain(places).map(Argument::Remote).collect()
        }
        Argument::Cells(length) if field.name == "length" => {
            lengths(length).map(Argument::Cells).collect()
        }
        Argument::Cells(offset) => (0..offset.0).map(Cells).map(Argument::Cells).collect(),
        Argument::Byte(value) => (1..value).take(3).map(Argument::Byte).collect(),
        Argument::Protection(protection) => {
            protections(protection).map(Argument::Protection).collect()
        }
        Argument::Set(bits) => {
            let set = (0..u16::BITS).map(|bit| 1 << bit).filter(|bit| bits & bit != 0);
            set.map(|bit| Argument::Set(bits & !bit)).collect()
        }
        Argument::Choice(place) => (0..place).map(Argument::Choice).collect(),
        Argument::OptionalName(None) | Argument::OptionalAddress(None) => vec![],
    }
}

fn actors(actor: Actor) -> impl Iterator<Item = Actor> {
    Actor::ALL.into_iter().filter(move |simpler| *simpler < actor)
}

fn names(name: Name) -> impl Iterator<Item = Name> {
    (0..name.0).map(Name)
}

fn addresses(at: Address) -> impl Iterator<Item = Address> {
    (0..at.0).map(Address)
}

/// A page is the simplest length, then whole pages.
fn lengths(length: Cells) -> impl Iterator<Item = Cells> {
    let rank = |cells: Cells| (cells != Cells::pages(1), !cells.is_page_aligned(), cells);
    (0..=length.0.max(2)).map(Cells).filter(move |simpler| rank(*simpler) < rank(length))
}

/// Read and write is the simplest protection, then less of it.
fn protections(protection: Protection) -> impl Iterator<Item = Protection> {
    let read = Protection::READ;
    let all = [read | Protection::WRITE, read, Protection::WRITE, Protection::EMPTY];
    all.into_iter().take_while(move |simpler| *simpler != protection)
}
