//! A fuzzing campaign: programs by the million, guided by what they make the model do.

mod behavior;
mod state;
mod worker;

use std::collections::{BTreeMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use mapspec_model::op::{Call, Statement};

use crate::differ::{Class, Differ};
use crate::shrink::Shrunk;

pub use behavior::behaviors;
pub use state::{State, StateError, finding_test};

/// When a campaign ends by itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// After so long.
    pub time: Option<Duration>,
    /// After so many programs.
    pub runs: Option<u64>,
    /// After so many different findings.
    pub findings: Option<usize>,
}

/// A class of divergences, with its smallest program.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The smallest program.
    pub shrunk: Shrunk,
    /// How many programs showed it.
    pub count: u64,
    /// How long the campaign had run when it was found.
    pub after: Duration,
}

/// What all workers know.
pub struct Campaign {
    start: Instant,
    limits: Limits,
    seed: u64,
    favored: Vec<Call>,
    adversity: bool,
    state: Option<State>,
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
    /// For each class how many programs showed it.
    pub findings: Vec<(Class, Finding)>,
    /// How long ago the newest behavior was reached.
    pub since_new: Duration,
    /// How long the session has run.
    pub elapsed: Duration,
}

impl Campaign {
    /// A campaign that goes on from a state, if there is one. Its programs have more of the favored
    /// calls than of others.
    ///
    /// # Errors
    /// The state cannot be read.
    pub fn new(
        seed: u64,
        favored: Vec<Call>,
        limits: Limits,
        state: Option<State>,
    ) -> Result<Self, StateError> {
        let mut shared = Shared::default();
        for program in state.as_ref().map(State::corpus).transpose()?.unwrap_or_default() {
            shared.behaviors.extend(behaviors(&program));
            shared.corpus.push(program);
        }
        let seed = seed.wrapping_add(state.as_ref().map_or(0, State::sessions));
        Ok(Self {
            start: Instant::now(),
            limits,
            seed,
            favored,
            adversity: false,
            state,
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
        let findings = shared.findings.iter();
        Progress {
            runs: self.runs.load(Ordering::Relaxed),
            operations: self.operations.load(Ordering::Relaxed),
            known: shared.known.clone(),
            broken: self.broken.load(Ordering::Relaxed),
            last_broken: shared.last_broken.clone(),
            behaviors: shared.behaviors.len(),
            kept: shared.corpus.len(),
            findings: findings.map(|(class, found)| (class.clone(), found.clone())).collect(),
            since_new: elapsed.saturating_sub(shared.newest),
            elapsed,
        }
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
            let kept = self.state.as_ref().map(|state| state.keep(program));
            self.note(&mut shared, kept);
        }
    }

    /// Counts a divergence of a class that is known already; whether it is.
    fn count(&self, class: &Class) -> bool {
        let mut shared = self.lock();
        let finding = shared.findings.get_mut(class);
        finding.map(|finding| finding.count += 1).is_some()
    }

    /// Adds a finding, or counts it, if another worker was faster.
    fn found(&self, shrunk: Shrunk) {
        let mut shared = self.lock();
        let after = self.start.elapsed();
        let class = shrunk.class.clone();
        let finding =
            shared.findings.entry(class).or_insert_with(|| Finding { shrunk, count: 0, after });
        finding.count += 1;
        let finding = finding.clone();
        let kept = self.state.as_ref().map(|state| state.report(&finding.shrunk));
        self.note(&mut shared, kept);
        if self.limits.findings.is_some_and(|limit| shared.findings.len() >= limit) {
            self.stop();
        }
    }

    /// A state that cannot be written ends the campaign: what it finds would be lost.
    fn note(&self, shared: &mut Shared, result: Option<Result<(), StateError>>) {
        if let Some(Err(error)) = result {
            shared.error = Some(error);
            self.stop();
        }
    }
}
