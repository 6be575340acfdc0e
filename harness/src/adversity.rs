//! Adversity: advice that nobody may notice, thrown between the statements of a program.
//!
//! In the model such advice checks its arguments, and leaves a note in the mapping at most, so that a
//! kernel on which it shows is not the model. What may show for all that is the model's to say: it
//! changes how much page states and frames are left to the kernel, see `may_be_merged` in the model's
//! `syscall::observe`. Whatever else the model says of the program's own statements must be what it
//! says without the advice.
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

use crate::compare::{Misclaim, model_trace};
use crate::litmus::LONGEST_TEST;
use crate::sweep::Swept;

/// The advice that nobody may notice.
pub const INVISIBLE: [Advice; 11] = [
    Advice::Cold,
    Advice::PageOut,
    Advice::WillNeed,
    Advice::Normal,
    Advice::Random,
    Advice::Sequential,
    Advice::Mergeable,
    Advice::Unmergeable,
    Advice::HugePage,
    Advice::NoHugePage,
    Advice::Collapse,
];

/// A source of adversity.
#[derive(Clone, Debug)]
pub struct Adversity {
    /// What is thrown in.
    pub advice: Vec<Advice>,
    /// Where.
    pub random: Rng,
}

/// A program with advice between its statements.
#[derive(Clone, Debug)]
pub struct Adverse {
    /// All statements.
    pub program: Vec<Statement>,
    /// For each statement its place in the program without advice; `None`: it is advice.
    pub places: Vec<Option<usize>>,
}

impl Adversity {
    /// None at all.
    pub fn none() -> Self {
        Self { advice: Vec::new(), random: Rng::with_seed(0) }
    }

    /// The program with advice, about as many pieces as it has statements.
    pub fn throw_into(&mut self, program: &[Statement], policy: &Policy) -> Adverse {
        let mut adverse = self.throw(program, policy);
        let plain = model_trace(program, policy);
        for may_show in [leaves_note, |advice| advice == Advice::PageOut] {
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
            self.advise(&world, policy, &mut room, &mut all);
            step(&mut world, statement.actor, &statement.op, policy);
            all.push((*statement, Some(place)));
        }
        self.advise(&world, policy, &mut room, &mut all);
        let (program, places) = all.into_iter().unzip();
        Adverse { program, places }
    }

    /// Adds advice on pages that are mapped, half the time some.
    fn advise(
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
            && let Some(&advice) = self.random.choice(&self.advice)
        {
            let follow = |next: &u8| pages.contains(&(actor, *next));
            let longest = (page..).take_while(follow).count();
            let pages = self.random.usize(1..=longest) as u8;
            let (at, length) = (Address::page(page), Cells::pages(pages));
            let op = Op::Madvise { at, length, advice };
            if stays_hidden(world, actor, &op, policy) {
                all.push((Statement { actor, op }, None));
                *room -= 1;
            }
        }
    }
}

impl Adverse {
    /// Whether the model says other things of the program's own statements than without advice.
    fn shows(&self, plain: &[Outcome], policy: &Policy) -> bool {
        let with = model_trace(&self.program, policy);
        let own = self.places.iter().zip(&with);
        own.filter_map(|(place, with)| Some((plain[(*place)?], *with)))
            .any(|(plain, with)| !is_hidden(plain, with))
    }

    /// The program without some of the advice.
    fn without(self, is_out: fn(Advice) -> bool) -> Self {
        let both = self.program.into_iter().zip(self.places);
        let is_in = |(statement, place): &(Statement, Option<usize>)| match statement.op {
            Op::Madvise { advice, .. } => place.is_some() || !is_out(advice),
            _ => true,
        };
        let (program, places) = both.filter(is_in).unzip();
        Self { program, places }
    }

    /// The place in the program without advice of the statement at a place, or of the one that comes
    /// after it.
    pub fn place_without_advice(&self, place: usize) -> usize {
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

/// Whether nobody may notice the advice here: it stays within the model's bounds, and pages out nothing
/// that can be dropped.
fn stays_hidden(world: &World<Cow>, actor: Actor, op: &Op, policy: &Policy) -> bool {
    let droppable = |mapping: &Mapping| mapping.attributes.contains(Attributes::DROPPABLE);
    let process = world.alive(actor).map(|process| world.processes[process]);
    let has_droppable =
        process.is_some_and(|process| process.mappings.iter().flatten().any(droppable));
    let pages_out = matches!(op, Op::Madvise { advice: Advice::PageOut, .. });
    !(pages_out && has_droppable)
        && step(&mut { *world }, actor, op, policy) != Outcome::BeyondBounds
}

/// Whether the model says the same with advice as without. Of page states and frames one may leave the
/// kernel more choice than the other.
fn is_hidden(plain: Outcome, with: Outcome) -> bool {
    match plain {
        Outcome::Page(_) | Outcome::Answer(_) => plain.is_within(with) || with.is_within(plain),
        _ => plain == with,
    }
}

const fn leaves_note(advice: Advice) -> bool {
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

/// The first of a program's own statements, or of its sweep's, of which the model says another thing
/// with advice than without.
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
