//! The search itself: stateright's checker, its bounds, its progress.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use mapspec_model::property::Property;
use stateright::{Checker as _, HasDiscoveries, Model as _};

use super::counterexample::Counterexample;
use super::model::Exploration;

/// How often the bounds are looked at.
const PERIOD: Duration = Duration::from_millis(20);

/// What a search may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The time, if it is limited.
    pub time: Option<Duration>,
    /// The memory of this program, in bytes.
    pub memory: u64,
    /// Threads.
    pub jobs: usize,
}

/// How far a search is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// The states found so far.
    pub states: usize,
    /// The most statements that led to one of them.
    pub depth: usize,
    /// How long it has taken.
    pub elapsed: Duration,
}

/// How a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Every reachable state was visited.
    Exhausted,
    /// Some step violates a property.
    Violated,
    /// A bound was hit, this one: nothing is known of what was not visited.
    Stopped(&'static str),
}

/// What a search has found.
#[derive(Clone, Debug)]
pub struct Found {
    /// How it ended.
    pub ending: Ending,
    /// Distinct states.
    pub states: usize,
    /// Statements that were tried.
    pub tried: u64,
    /// How long it took.
    pub elapsed: Duration,
    /// The properties that some step violates, of those before the search ended.
    pub violated: Vec<&'static Property>,
    /// The properties that no step was about.
    pub silent: Vec<&'static Property>,
}

/// Visits every reachable state, until a property is violated or a bound is hit.
pub fn search(
    exploration: &Exploration,
    limits: &Limits,
    mut tell: impl FnMut(&Progress) -> ControlFlow<&'static str>,
) -> Found {
    let begin = Instant::now();
    let checker = exploration
        .clone()
        .checker()
        .threads(limits.jobs)
        .finish_when(HasDiscoveries::AnyFailures)
        .spawn_bfs();
    let mut stopped = None;
    while !checker.is_done() {
        std::thread::sleep(PERIOD);
        let elapsed = begin.elapsed();
        let progress = || Progress {
            states: checker.unique_state_count(),
            depth: checker.max_depth().saturating_sub(1),
            elapsed,
        };
        let reason = if limits.time.is_some_and(|limit| elapsed >= limit) {
            Some("the time is over")
        } else if resident_memory().is_some_and(|used| used > limits.memory) {
            Some("the memory is used up")
        } else {
            tell(&progress()).break_value()
        };
        if let Some(reason) = reason.filter(|_| stopped.is_none()) {
            stopped = Some(reason);
            exploration.stop();
        }
    }
    let checker = checker.join();
    let found = checker.discoveries();
    let properties = exploration.judged_by();
    let violated: Vec<_> =
        properties.iter().copied().filter(|it| found.contains_key(it.name)).collect();
    let silent =
        properties.iter().enumerate().filter(|(place, _)| !exploration.is_witnessed(*place));
    Found {
        ending: match stopped {
            _ if !violated.is_empty() => Ending::Violated,
            Some(reason) => Ending::Stopped(reason),
            None => Ending::Exhausted,
        },
        states: checker.unique_state_count(),
        tried: exploration.tried(),
        elapsed: begin.elapsed(),
        silent: silent.map(|(_, property)| *property).collect(),
        violated,
    }
}

/// The shortest program that violates a property, if there is one within the bounds. One thread
/// alone visits states strictly by the number of statements that lead to them.
pub fn shortest(
    exploration: &Exploration,
    property: &'static Property,
    limits: &Limits,
) -> Option<Counterexample> {
    let Exploration { alphabet, policy, files, .. } = exploration;
    let exploration = Exploration::new(alphabet.clone(), *policy, *files, &[property]);
    let begin = Instant::now();
    let checker =
        exploration.clone().checker().finish_when(HasDiscoveries::AnyFailures).spawn_bfs();
    while !checker.is_done() {
        std::thread::sleep(PERIOD);
        if limits.time.is_some_and(|limit| begin.elapsed() >= limit)
            || resident_memory().is_some_and(|used| used > limits.memory)
        {
            exploration.stop();
        }
    }
    let path = checker.join().discoveries().remove(property.name)?;
    let states = path.into_states();
    Counterexample::new(&exploration, property, &states)
}

/// How much memory this program has, in bytes.
fn resident_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024)
}
