//! Adversity: calls that nobody may notice, thrown between the statements of a program: advice, and the
//! locking of pages that are there.
//!
//! In the model such advice checks its arguments, and leaves a note in the mapping at most, so that a
//! kernel on which it shows is not the model. What may show for all that is the model's to say: it
//! changes how much page states and frames are left to the kernel, see `may_be_merged` in the model's
//! `syscall::observe`. Whatever else the model says of the program's own statements must be what it
//! says without.
//!
//! A note sets pages apart from their neighbors, which have none. Where a statement notices, by the
//! model, that one mapping has become two, the program gets only advice that leaves no note. A page
//! of a file that is paged out may leave the page table, of which userfaultfds tell: where a
//! statement still notices, nothing is paged out.

use fastrand::Rng;
use mapspec_model::memory::Cow;
use mapspec_model::op::{Actor, Address, Advice, Cells, Op, Statement};
use mapspec_model::outcome::Outcome;
use mapspec_model::policy::Policy;
use mapspec_model::world::{Attributes, Mapping};
use mapspec_model::{World, step};
use mapspec_oracle::capability::Capabilities;

use crate::compare::{Misclaim, model_trace};
use crate::litmus::LONGEST_TEST;
use crate::sweep::Swept;

/// Something to throw in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disturbance {
    /// madvise(2).
    Advice(Advice),
    /// mlock(2) and, at once, munlock(2).
    Lock,
}

impl Disturbance {
    fn calls(self, actor: Actor, at: Address, length: Cells) -> Vec<Statement> {
        let statement = |op| Statement { actor, op };
        match self {
            Self::Advice(advice) => vec![statement(Op::Madvise { at, length, advice })],
            Self::Lock => {
                [Op::Mlock { at, length }, Op::Munlock { at, length }].map(statement).into()
            }
        }
    }
}

/// What nobody may notice.
pub const INVISIBLE: [Disturbance; 12] = [
    Disturbance::Advice(Advice::Cold),
    Disturbance::Advice(Advice::PageOut),
    Disturbance::Advice(Advice::WillNeed),
    Disturbance::Advice(Advice::Normal),
    Disturbance::Advice(Advice::Random),
    Disturbance::Advice(Advice::Sequential),
    Disturbance::Advice(Advice::Mergeable),
    Disturbance::Advice(Advice::Unmergeable),
    Disturbance::Advice(Advice::HugePage),
    Disturbance::Advice(Advice::NoHugePage),
    Disturbance::Advice(Advice::Collapse),
    Disturbance::Lock,
];

/// A source of adversity.
#[derive(Clone, Debug)]
pub struct Adversity {
    /// What is thrown in.
    pub disturbances: Vec<Disturbance>,
    /// Where.
    pub random: Rng,
}

/// A program with disturbances between its statements.
#[derive(Clone, Debug)]
pub struct Adverse {
    /// All statements.
    pub program: Vec<Statement>,
    /// For each statement its place in the program without disturbances; `None`: it is one.
    pub places: Vec<Option<usize>>,
}

impl Adversity {
    /// None at all.
    pub fn none() -> Self {
        Self { disturbances: Vec::new(), random: Rng::with_seed(0) }
    }

    /// The program with disturbances that can be had here, about as many as it has statements.
    pub fn throw_into(
        &mut self,
        program: &[Statement],
        policy: &Policy,
        capabilities: &Capabilities,
    ) -> Adverse {
        if capabilities.locks.is_err() {
            self.disturbances.retain(|it| *it != Disturbance::Lock);
        }
        let mut adverse = self.throw(program, policy);
        let plain = model_trace(program, policy);
        for may_show in [leaves_note, pages_out] {
            if !adverse.shows(&plain, policy) {
                break;
            }
            adverse = adverse.without(may_show);
        }
        adverse
    }

    fn throw(&mut self, program: &[Statement], policy: &Policy) -> Adverse {
        let mut world = World::<Cow>::new();
        let mut all = Vec::with_capacity(2 * program.len() + 1);
        let mut room = LONGEST_TEST.saturating_sub(program.len());
        for (place, statement) in program.iter().enumerate() {
            self.disturb(&world, policy, &mut room, &mut all);
            step(&mut world, statement.actor, &statement.op, policy);
            all.push((*statement, Some(place)));
        }
        self.disturb(&world, policy, &mut room, &mut all);
        let (program, places) = all.into_iter().unzip();
        Adverse { program, places }
    }

    /// Adds disturbances of pages that are mapped, half the time some.
    fn disturb(
        &mut self,
        world: &World<Cow>,
        policy: &Policy,
        room: &mut usize,
        all: &mut Vec<(Statement, Option<usize>)>,
    ) {
        let pages: Vec<_> = mapped(world).collect();
        while *room > 0
            && self.random.bool()
            && let Some(&(actor, page)) = self.random.choice(&pages)
            && let Some(&disturbance) = self.random.choice(&self.disturbances)
        {
            let follow = |next: &u8| pages.contains(&(actor, *next));
            let longest = (page..).take_while(follow).count();
            let pages = self.random.usize(1..=longest) as u8;
            let (at, length) = (Address::page(page), Cells::pages(pages));
            let calls = disturbance.calls(actor, at, length);
            if calls.len() <= *room && stays_hidden(world, &calls, policy) {
                *room -= calls.len();
                all.extend(calls.into_iter().map(|statement| (statement, None)));
            }
        }
    }
}

impl Adverse {
    /// Whether the model says other things of the program's own statements than without disturbances.
    fn shows(&self, plain: &[Outcome], policy: &Policy) -> bool {
        let with = model_trace(&self.program, policy);
        let own = self.places.iter().zip(&with);
        own.filter_map(|(place, with)| Some((plain[(*place)?], *with)))
            .any(|(plain, with)| !is_hidden(plain, with))
    }

    /// The program without some of the disturbances.
    fn without(self, is_out: fn(&Op) -> bool) -> Self {
        let both = self.program.into_iter().zip(self.places);
        let is_in = |(statement, place): &(Statement, Option<usize>)| {
            place.is_some() || !is_out(&statement.op)
        };
        let (program, places) = both.filter(is_in).unzip();
        Self { program, places }
    }

    /// The place in the program without disturbances of the statement at a place, or of the one that
    /// comes after it.
    pub fn place_in_program(&self, place: usize) -> usize {
        self.places.iter().take(place).flatten().count()
    }
}

/// The pages that are mapped, of each process.
fn mapped(world: &World<Cow>) -> impl Iterator<Item = (Actor, u8)> {
    let alive = Actor::ALL.into_iter().filter_map(|it| Some((it, world.alive(it)?)));
    alive.flat_map(|(actor, process)| {
        let mappings = world.processes[process].mappings.iter().zip(0..);
        mappings.filter_map(move |(mapping, page)| mapping.map(|_| (actor, page)))
    })
}

/// Whether nobody may notice the calls here: they stay within the model's bounds, and page out nothing
/// that can be dropped. Locking leaves the world as it was: all pages are there, and none was locked.
fn stays_hidden(world: &World<Cow>, calls: &[Statement], policy: &Policy) -> bool {
    let mut after = *world;
    calls.iter().all(|Statement { actor, op }| {
        let is_known = step(&mut after, *actor, op, policy) != Outcome::BeyondBounds;
        let is_unlocked =
            !matches!(op, Op::Munlock { .. }) || without_edges(&after) == without_edges(world);
        is_known && is_unlocked && !(pages_out(op) && has_droppable(world, *actor))
    })
}

fn has_droppable(world: &World<Cow>, actor: Actor) -> bool {
    let is_droppable = |mapping: &Mapping| mapping.attributes.contains(Attributes::DROPPABLE);
    world
        .alive(actor)
        .is_some_and(|process| world.processes[process].mappings.iter().flatten().any(is_droppable))
}

/// The world without what calls have left at the edges of their ranges.
fn without_edges(world: &World<Cow>) -> World<Cow> {
    let mut world = *world;
    for mapping in world.processes.iter_mut().flat_map(|it| &mut it.mappings).flatten() {
        mapping.attributes = mapping.attributes.without(Attributes::AFTER_EDGE);
    }
    world
}

/// Whether the model says the same with disturbances as without. Of page states and frames one may leave
/// the kernel more choice than the other.
fn is_hidden(plain: Outcome, with: Outcome) -> bool {
    match plain {
        Outcome::Page(_) | Outcome::Answer(_) => plain.is_within(with) || with.is_within(plain),
        _ => plain == with,
    }
}

/// What stays in the mapping may make one mapping two.
const fn leaves_note(op: &Op) -> bool {
    let Op::Madvise { advice, .. } = op else { return true };
    matches!(
        advice,
        Advice::Normal
            | Advice::Random
            | Advice::Sequential
            | Advice::Mergeable
            | Advice::Unmergeable
            | Advice::HugePage
            | Advice::NoHugePage
    )
}

const fn pages_out(op: &Op) -> bool {
    matches!(op, Op::Madvise { advice: Advice::PageOut, .. })
}

/// The first of a program's own statements, or of its sweep's, of which the model says another thing
/// with disturbances than without.
pub fn first_shown(plain: &Swept, adverse: &Adverse, swept: &Swept) -> Option<Misclaim> {
    let own = adverse.places.iter().enumerate();
    let own = own.filter_map(|(with, place)| Some((with, (*place)?)));
    let sweep = (swept.own..swept.program.len()).zip(plain.own..plain.program.len());
    let shown = |(with, place): (usize, usize)| {
        let (claim, model) = (plain.model[place], swept.model[with]);
        let is_same = plain.program[place] == swept.program[with] && is_hidden(claim, model);
        let statement = plain.program[place];
        (!is_same).then_some(Misclaim { place, statement, claim, model })
    };
    own.chain(sweep).find_map(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world(text: &str) -> World<Cow> {
        let mut world = World::new();
        for Statement { actor, op } in crate::litmus::parse(text).unwrap().program() {
            step(&mut world, actor, &op, &Policy::default());
        }
        world
    }

    #[test]
    fn only_pages_that_are_there_are_locked_and_none_that_is_locked_is_unlocked() {
        let calls = Disturbance::Lock.calls(Actor::A, Address::page(0), Cells::pages(1));
        let is_hidden = |text: &str| stays_hidden(&world(text), &calls, &Policy::default());
        let map = "A: mmap(@0, 2p, rw, private|anon)\n";
        assert!(is_hidden(&format!("{map}A: store(@0, 1)\n")));
        assert!(!is_hidden(map));
        assert!(!is_hidden(&format!("{map}A: load(@0)\n")));
        assert!(!is_hidden(&format!("{map}A: store(@0, 1)\nA: mlock(@0, 1p)\n")));
        assert!(!is_hidden(&format!("{map}A: store(@0, 1)\nA: fork(B)\n")));
    }
}
