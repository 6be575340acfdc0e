//! How fast it is, in ratios: rates depend on the machine, ratios on the design.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use arbitrary::Unstructured;
use fastrand::Rng;
use mapspec_model::memory::Cow;
use mapspec_model::op::Statement;
use mapspec_model::policy::Policy;
use mapspec_model::{World, step};
use mapspec_oracle::{Isolation, Oracle, baseline, must_be_alone};

use crate::generate;
use crate::sweep::Swept;

/// Programs that each way runs in a round; 64 of them are different.
const PROGRAMS: u32 = 1024;

/// Different programs.
const DIFFERENT: usize = 64;

/// Ways of running programs, in the order in which they are measured in each round.
pub const WAYS: [&str; 7] =
    ["fork", "direct", "direct, 2 jobs", "isolated", "batched", "batched, 2 jobs", "model"];

/// What one round measured of each of the [`WAYS`]: how many a second. Of the model it is statements,
/// of all others programs.
pub type Round = [f64; WAYS.len()];

/// Measures every way once, one after the other.
pub struct Bench {
    programs: Vec<Vec<Statement>>,
    policy: Policy,
    oracles: [Oracle; 2],
}

impl Bench {
    /// Programs that a batch can run, with their sweeps, always the same.
    pub fn new(policy: Policy, frames: bool, time_limit: Duration) -> Self {
        let mut random = Rng::with_seed(1);
        let mut programs = Vec::new();
        while programs.len() < DIFFERENT {
            let mut entropy = [0; 512];
            random.fill(&mut entropy);
            let program =
                generate::program(&[], &mut Unstructured::new(&entropy)).unwrap_or_default();
            if !program.iter().any(must_be_alone) {
                programs.push(Swept::new(&program, &policy, frames).program);
            }
        }
        Self { programs, policy, oracles: [Oracle::new(time_limit), Oracle::new(time_limit)] }
    }

    /// Statements of a program on the average, the sweep's included.
    pub fn statements(&self) -> f64 {
        self.programs.iter().map(Vec::len).sum::<usize>() as f64 / self.programs.len() as f64
    }

    /// One round.
    ///
    /// # Errors
    /// A process cannot be started, or a program did not come to its end.
    pub fn round(&mut self) -> io::Result<Round> {
        let fork = rate(PROGRAMS, baseline::fork_exit_wait(PROGRAMS)?);
        let rounds = PROGRAMS as usize / DIFFERENT;
        let [one, other] = &mut self.oracles;
        let nothing = Isolation::Nothing { rounds };
        let direct = timed(|| run(one, &self.programs, nothing))?;
        let direct_twice = timed(|| run_twice([one, other], &self.programs, nothing))?;
        let many: Vec<_> = self.programs.iter().cycle().take(PROGRAMS as usize).cloned().collect();
        let isolated = timed(|| run(one, &many, Isolation::Each))?;
        let batched = timed(|| run(one, &many, Isolation::Batch))?;
        let batched_twice = timed(|| run_twice([one, other], &many, Isolation::Batch))?;
        let (statements, model) = self.model();
        Ok([
            fork,
            rate(PROGRAMS, direct),
            rate(2 * PROGRAMS, direct_twice),
            rate(PROGRAMS, isolated),
            rate(PROGRAMS, batched),
            rate(2 * PROGRAMS, batched_twice),
            rate(statements, model),
        ])
    }

    /// Runs the programs on the model alone; how many statements in what time.
    fn model(&self) -> (u32, Duration) {
        let start = Instant::now();
        let mut statements = 0;
        for program in self.programs.iter().cycle().take(PROGRAMS as usize) {
            let mut world = World::<Cow>::new();
            for Statement { actor, op } in program {
                std::hint::black_box(step(&mut world, *actor, op, &self.policy));
                statements += 1;
            }
        }
        (statements, start.elapsed())
    }
}

fn run(oracle: &mut Oracle, programs: &[Vec<Statement>], isolation: Isolation) -> io::Result<()> {
    for result in oracle.run_all(programs, isolation) {
        result.map_err(|broken| io::Error::other(broken.reason.to_string()))?;
    }
    Ok(())
}

/// The same in two jobs, side by side.
fn run_twice(
    [one, other]: [&mut Oracle; 2],
    programs: &[Vec<Statement>],
    isolation: Isolation,
) -> io::Result<()> {
    thread::scope(|scope| {
        let second = scope.spawn(|| run(other, programs, isolation));
        run(one, programs, isolation)?;
        second.join().map_err(|_| io::Error::other("a job failed"))?
    })
}

fn timed(run: impl FnOnce() -> io::Result<()>) -> io::Result<Duration> {
    let start = Instant::now();
    run().map(|()| start.elapsed())
}

fn rate(count: u32, time: Duration) -> f64 {
    f64::from(count) / time.as_secs_f64().max(1e-9)
}

/// The median of what the rounds measured of one way.
pub fn median(rounds: &[Round], way: usize) -> f64 {
    let mut rates: Vec<_> = rounds.iter().map(|round| round[way]).collect();
    rates.sort_unstable_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{WAYS, median};

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        let rounds = [[3.0; WAYS.len()], [1.0; WAYS.len()], [2.0; WAYS.len()]];
        assert!((median(&rounds, 2) - 2.0).abs() < f64::EPSILON);
        assert!(median(&[], 0).abs() < f64::EPSILON);
    }
}
