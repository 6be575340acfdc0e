//! The model as stateright explores it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};

use mapspec_model::memory::{Cow, Ideal, Memory as _};
use mapspec_model::op::{Actor, Statement};
use mapspec_model::policy::Policy;
use mapspec_model::property::{Property, Step, Verdict};
use mapspec_model::{FILES, World, step};
use stateright::Model;

use super::alphabet::Alphabet;
use super::state::State;
use crate::litmus::{outcome_text, statement_text};

/// The property that is about two memories.
const REFINEMENT: &str = "copy-on-write-is-invisible";

/// The most properties of one exploration: the places in a set of them.
const MOST_PROPERTIES: usize = u32::BITS as usize;

/// A statement, which stateright shows as it is written in a litmus test.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Action(pub Statement);

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&statement_text(&self.0))
    }
}

/// An exploration: which operations, under which policy, judged by which properties.
#[derive(Clone, Debug)]
pub struct Exploration {
    /// What is tried.
    pub alphabet: Alphabet,
    /// The kernel that is explored.
    pub policy: Policy,
    /// The most files that exist in one world; a world with more is not visited.
    pub files: usize,
    properties: Vec<&'static Property>,
    /// The places of properties that were about some step so far.
    witnessed: Arc<AtomicU32>,
    /// How many statements were tried.
    tried: Arc<AtomicU64>,
    stopped: Arc<AtomicBool>,
}

impl Exploration {
    /// An exploration with so many properties at most as a set can hold.
    pub fn new(
        alphabet: Alphabet,
        policy: Policy,
        files: usize,
        properties: &[&'static Property],
    ) -> Self {
        let properties = properties.iter().copied().take(MOST_PROPERTIES).collect();
        let (witnessed, tried, stopped) = Default::default();
        Self { alphabet, policy, files, properties, witnessed, tried, stopped }
    }

    /// The properties.
    pub fn judged_by(&self) -> &[&'static Property] {
        &self.properties
    }

    /// Whether some step was one that the property in this place is about.
    pub fn is_witnessed(&self, place: usize) -> bool {
        self.witnessed.load(Relaxed) & 1 << place != 0
    }

    /// How many statements were tried so far.
    pub fn tried(&self) -> u64 {
        self.tried.load(Relaxed)
    }

    /// No state has successors any more, and so the exploration ends soon.
    pub fn stop(&self) {
        self.stopped.store(true, Relaxed);
    }

    /// The world in which nothing has happened.
    pub fn start(&self) -> State {
        let refines = self.properties.iter().any(|property| property.name == REFINEMENT);
        let ideal = refines.then(Ideal::new);
        State::new(World::new(), ideal)
    }

    /// The statements to try in a world: each process that is alive does everything.
    pub fn statements<'a>(&'a self, world: &'a World<Cow>) -> impl Iterator<Item = Statement> + 'a {
        let alive = Actor::ALL.into_iter().filter(|actor| world.alive(*actor).is_some());
        alive.flat_map(|actor| self.alphabet.ops.iter().map(move |&op| Statement { actor, op }))
    }

    /// The state after a statement, as it is; `None` if nothing has changed and nothing is violated.
    pub fn after(&self, state: &State, statement: Statement) -> Option<State> {
        let Statement { actor, ref op } = statement;
        let (mut next, mut ideal) = (state.clone(), state.ideal());
        let after = next.world_mut();
        let outcome = step(after, actor, op, &self.policy);
        let promised = ideal.as_mut().map(|ideal| step(ideal, actor, op, &self.policy));
        // Both memories stand under the same system calls.
        let is_alike = ideal.as_ref().is_none_or(|it| {
            it.processes == after.processes
                && it.files == after.files
                && it.userfaults == after.userfaults
        });
        let this = Step::new(state.world(), statement, outcome, after).beside(promised);
        let (mut failed, mut witnessed) = (0, 0);
        for (place, property) in self.properties.iter().enumerate() {
            let verdict = property.judge(&this);
            let fails = verdict == Verdict::Fails || !is_alike && property.name == REFINEMENT;
            failed |= u32::from(fails) << place;
            witnessed |= u32::from(verdict != Verdict::Silent) << place;
        }
        if self.witnessed.load(Relaxed) & witnessed != witnessed {
            self.witnessed.fetch_or(witnessed, Relaxed);
        }
        let changed = this.changed();
        next.conclude(ideal.map(|ideal| ideal.memory), failed);
        (changed || failed != 0 || next.memory() != state.memory()).then_some(next)
    }

    /// The same in its canonical form.
    pub fn next(&self, state: &State, statement: Statement) -> Option<State> {
        Some(self.after(state, statement)?.canonical(&self.alphabet.values))
    }
}

impl Model for Exploration {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![self.start()]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        if state.failed() == 0 && !self.stopped.load(Relaxed) {
            actions.extend(self.statements(state.world()).map(Action));
            self.tried.fetch_add(actions.len() as u64, Relaxed);
        }
    }

    fn next_state(&self, last: &State, Action(statement): Action) -> Option<State> {
        self.next(last, statement)
    }

    fn within_boundary(&self, state: &State) -> bool {
        let world = state.world();
        (0..FILES).filter(|file| world.is_referenced(*file)).count() <= self.files
    }

    fn format_step(&self, last: &State, Action(statement): Action) -> Option<String> {
        let mut world = *last.world();
        let outcome = step(&mut world, statement.actor, &statement.op, &self.policy);
        let next = self.next(last, statement)?;
        Some(format!("{}\n{next:?}", outcome_text(&statement.op, outcome)))
    }

    fn properties(&self) -> Vec<stateright::Property<Self>> {
        let conditions = self.properties.iter().zip(CONDITIONS);
        conditions.map(|(it, condition)| stateright::Property::always(it.name, condition)).collect()
    }
}

/// The property in this place is not violated.
fn holds<const PLACE: usize>(_: &Exploration, state: &State) -> bool {
    state.failed() & 1 << PLACE == 0
}

type Condition = fn(&Exploration, &State) -> bool;

macro_rules! conditions {
    ($($place:literal)+) => {
        /// For stateright a property's condition is a function without a context: one for each place.
        const CONDITIONS: [Condition; MOST_PROPERTIES] = [$(holds::<$place>),+];
    };
}

conditions! {
    0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
}
