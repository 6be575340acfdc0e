//! A fuzzing campaign: programs by the million, guided by what they make the model do.

mod behavior;
mod finding;
mod state;
mod worker;

use std::collections::{BTreeMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use mapspec_model::op::{Call, Statement};

use crate::differ::{Class, Differ, Difference};
use crate::shrink::Shrunk;

pub use behavior::behaviors;
pub use finding::Finding;
pub use state::{State, StateError, finding_test};

/// When a campaign ends by itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// After so long.
    pub time: Option<Duration>,
    /// After so many programs.
    pub runs: Option<u64>,
    /// After so many findings that no earlier session had.
    pub findings: Option<usize>,
}

/// What all workers know.
pub struct Campaign {
    start: Instant,
    limits: Limits,
    seed: u64,
    favored: Vec<Call>,
    adversity: bool,
    state: State,
    damaged: Vec<StateError>,
    stop: AtomicBool,
    runs: AtomicU64,
    operations: AtomicU64,
    broken: AtomicU64,
    shared: Mutex<Shared>,
}

#[derive(Default)]
struct Shared {
    behaviors: HashSet<u64>,
    corpus: Vec<Vec<Statement>>,
    findings: BTreeMap<Class, Finding>,
    known: BTreeMap<String, u64>,
    newest: Duration,
    error: Option<StateError>,
    last_broken: Option<String>,
}

/// Numbers of a campaign at one moment.
#[derive(Clone, Debug)]
pub struct Progress {
    /// Programs run in this session.
    pub runs: u64,
    /// Their statements, without the sweeps.
    pub operations: u64,
    /// For each known bug, or bugs together, by its name, in how many programs it showed.
    pub known: BTreeMap<String, u64>,
    /// Programs that could not be run to their end, twice.
    pub broken: u64,
    /// Why the last of those was not.
    pub last_broken: Option<String>,
    /// Different behaviors of the model that were reached.
    pub behaviors: usize,
    /// Programs kept for having reached a new one.
    pub kept: usize,
    /// The findings of all sessions.
    pub findings: Vec<Finding>,
    /// How long ago the newest behavior was reached.
    pub since_new: Duration,
    /// How long the session has run.
    pub elapsed: Duration,
}

impl Campaign {
    /// A campaign that goes on from a state. Its programs have more of the favored
    /// calls than of others.
    ///
    /// # Errors
    /// The state cannot be read.
    pub fn new(
        seed: u64,
        favored: Vec<Call>,
        limits: Limits,
        state: State,
    ) -> Result<Self, StateError> {
        let mut shared = Shared::default();
        for program in state.corpus()? {
            shared.behaviors.extend(behaviors(&program));
            shared.corpus.push(program);
        }
        let (findings, damaged) = state.findings()?;
        shared.findings = findings.into_iter().map(|it| (it.class.clone(), it)).collect();
        let seed = seed.wrapping_add(state.sessions());
        Ok(Self {
            start: Instant::now(),
            limits,
            seed,
            favored,
            adversity: false,
            state,
            damaged,
            stop: AtomicBool::new(false),
            runs: AtomicU64::new(0),
            operations: AtomicU64::new(0),
            broken: AtomicU64::new(0),
            shared: Mutex::new(shared),
        })
    }

    /// The same, with advice thrown into each program that nobody may notice.
    #[must_use]
    pub fn under_adversity(self, adversity: bool) -> Self {
        Self { adversity, ..self }
    }

    /// Runs one worker until the campaign ends; the number tells its random choices from the others'.
    pub fn work(&self, differ: Differ, worker: u64) {
        worker::work(self, differ, worker);
    }

    /// Ends the campaign: the workers finish the programs in flight.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Whether the campaign has come to its end.
    pub fn is_over(&self) -> bool {
        let runs = self.runs.load(Ordering::Relaxed);
        self.stop.load(Ordering::Relaxed)
            || self.limits.time.is_some_and(|limit| self.start.elapsed() >= limit)
            || self.limits.runs.is_some_and(|limit| runs >= limit)
    }

    /// The numbers now.
    pub fn progress(&self) -> Progress {
        let shared = self.lock();
        let elapsed = self.start.elapsed();
        Progress {
            runs: self.runs.load(Ordering::Relaxed),
            operations: self.operations.load(Ordering::Relaxed),
            known: shared.known.clone(),
            broken: self.broken.load(Ordering::Relaxed),
            last_broken: shared.last_broken.clone(),
            behaviors: shared.behaviors.len(),
            kept: shared.corpus.len(),
            findings: shared.findings.values().cloned().collect(),
            since_new: elapsed.saturating_sub(shared.newest),
            elapsed,
        }
    }

    /// Files among the findings that hold none. They are left as they are.
    pub fn damaged(&self) -> &[StateError] {
        &self.damaged
    }

    /// Why nothing could be kept, if so.
    pub fn take_error(&self) -> Option<StateError> {
        self.lock().error.take()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Keeps a program if it reached a new behavior.
    fn learn(&self, program: &[Statement], reached: &[u64]) {
        let mut shared = self.lock();
        let before = shared.behaviors.len();
        shared.behaviors.extend(reached);
        if shared.behaviors.len() > before {
            shared.newest = self.start.elapsed();
            shared.corpus.push(program.to_vec());
            let kept = self.state.keep(program);
            self.note(&mut shared, kept);
        }
    }

    /// Whether a program that shows a divergence is to be shrunk: the class is new, or the program may
    /// become smaller than the smallest.
    fn gives_a_chance(&self, difference: &Difference) -> bool {
        let mut shared = self.lock();
        let finding = shared.findings.get_mut(&difference.class);
        finding.is_none_or(|finding| finding.gives_a_chance(difference.shown().len()))
    }

    /// Counts a divergence; if it was shrunk, it is a new finding, or may be smaller than the known
    /// one. That is written at once, the count with the next [`save`](Self::save).
    fn found(&self, class: &Class, shrunk: Option<&Shrunk>) {
        let mut shared = self.lock();
        let class = shrunk.map_or(class, |shrunk| &shrunk.class);
        let is_new = !shared.findings.contains_key(class);
        let is_smaller = match (shared.findings.get_mut(class), shrunk) {
            (Some(finding), shrunk) => {
                finding.count();
                shrunk.is_some_and(|shrunk| self.state.offer(finding, shrunk))
            }
            (None, Some(shrunk)) => {
                let finding = self.state.finding(shrunk, self.start.elapsed());
                shared.findings.insert(class.clone(), finding);
                true
            }
            // It did not show again.
            (None, None) => false,
        };
        if is_smaller {
            self.save_all(&mut shared);
        }
        let new = shared.findings.values().filter(|it| it.after.is_some()).count();
        if is_new && self.limits.findings.is_some_and(|limit| new >= limit) {
            self.stop();
        }
    }

    /// Writes the findings that have grown.
    fn save(&self) {
        self.save_all(&mut self.lock());
    }

    fn save_all(&self, shared: &mut Shared) {
        let saved = shared.findings.values_mut().try_for_each(|it| self.state.save(it));
        self.note(shared, saved);
    }

    /// A state that cannot be written ends the campaign: what it finds would be lost.
    fn note(&self, shared: &mut Shared, result: Result<(), StateError>) {
        if let Err(error) = result {
            shared.error = Some(error);
            self.stop();
        }
    }
}
