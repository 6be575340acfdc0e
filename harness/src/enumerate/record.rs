//! What a run tells: records, one JSON object a line.
//!
//! A run begins with a `start`; a finding follows when it is first met; now and then, and as the
//! `end`, comes a tally of everything so far. A run that was cut off is good up to its last tally.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::run::Judged;
use crate::differ::Judgement;
use crate::litmus::{Test, outcome_text, statement_text, text};

/// The version of the records' form.
pub const SCHEMA: u32 = 1;

/// A line of results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "kebab-case")]
pub enum Record {
    /// A run begins.
    Start(Start),
    /// A divergence of a class that was not met before.
    Divergence(Divergence),
    /// A program that was not run to its end, for a reason that was not met before.
    Broken(Broken),
    /// What was run so far.
    SoFar(Tally),
    /// What was run in all; the last line.
    End(Tally),
}

/// What a run is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// Which part of the sequence is run.
    #[serde(flatten)]
    pub part: Part,
    /// What it is a part of.
    #[serde(flatten)]
    pub whole: Whole,
}

/// A part of the sequence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// `i/n`.
    pub shard: String,
    /// The first index.
    pub from: u64,
    /// How many programs are run, for each depth from 0 on.
    pub planned: Vec<u64>,
}

/// What all parts have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whole {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The version of mapspec.
    pub version: String,
    /// The [fingerprint](super::fingerprint) of the alphabet.
    pub alphabet: String,
    /// `uname -r`.
    pub kernel: String,
    /// The name of the policy.
    pub policy: String,
    /// The fields of the policy that are on.
    pub fields: Vec<String>,
    /// Whether physical pages were compared.
    pub frames: bool,
    /// The most operations after a starting point.
    pub depth: usize,
    /// How many programs there are, for each depth from 0 on.
    pub programs: Vec<u64>,
}

/// A divergence, the first of its class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Divergence {
    /// What divergences of the same cause have in common.
    pub class: String,
    /// The program's place in the sequence.
    pub index: u64,
    /// The starting point.
    pub start: String,
    /// The program as a litmus test; the last statement is the one that differs, be it the sweep's.
    pub program: String,
    /// What the model says.
    pub model: String,
    /// What the kernel did.
    pub kernel: String,
    /// In how many runs it differed, and of how many, each in processes of its own.
    pub rate: (u32, u32),
}

/// A program that was not run to its end, the first with this reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broken {
    /// Why.
    pub reason: String,
    /// The program's place in the sequence.
    pub index: u64,
    /// The starting point.
    pub start: String,
    /// The program as a litmus test.
    pub program: String,
    /// The statement that was not finished.
    pub at: String,
}

/// What was run, and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// The index up to which everything that is planned was run.
    pub next: u64,
    /// How many programs were run, for each depth from 0 on.
    pub run: Vec<u64>,
    /// How many agreed.
    pub agree: u64,
    /// How many leave the model's bounds under this policy, and were left out.
    pub beyond: u64,
    /// How many are known bugs, by their names.
    pub known: BTreeMap<String, u64>,
    /// How many diverged, by class.
    pub diverge: BTreeMap<String, u64>,
    /// How many were not run to their end, by reason.
    pub broken: BTreeMap<String, u64>,
    /// How long it took.
    pub seconds: f64,
}

impl Tally {
    /// A tally of nothing.
    pub fn new(depth: usize) -> Self {
        Self { run: vec![0; depth + 1], ..Self::default() }
    }

    /// How many programs were run.
    pub fn total(&self) -> u64 {
        self.run.iter().fold(0, |all, count| all.saturating_add(*count))
    }

    /// Counts a program; whether it is the first of a new finding.
    pub fn count(&mut self, judged: &Judged) -> bool {
        self.next = judged.task.index + 1;
        self.run[judged.task.depth] += 1;
        let (counts, name) = match &judged.judgement {
            Some(Judgement::Agree) => {
                self.agree += 1;
                return false;
            }
            None => {
                self.beyond += 1;
                return false;
            }
            Some(Judgement::Known(attribution)) => {
                *self.known.entry(attribution.name()).or_default() += 1;
                return false;
            }
            Some(Judgement::Diverge(found)) => (&mut self.diverge, found.class.to_string()),
            Some(Judgement::Broken(broken)) => (&mut self.broken, broken.reason.to_string()),
        };
        let count = counts.entry(name).or_default();
        *count += 1;
        *count == 1
    }

    /// Adds what another part came to.
    pub fn add(&mut self, other: &Self) {
        self.next = self.next.max(other.next);
        add_all(&mut self.run, &other.run);
        self.agree = self.agree.saturating_add(other.agree);
        self.beyond = self.beyond.saturating_add(other.beyond);
        for (all, part) in [
            (&mut self.known, &other.known),
            (&mut self.diverge, &other.diverge),
            (&mut self.broken, &other.broken),
        ] {
            for (name, count) in part {
                let all = all.entry(name.clone()).or_default();
                *all = all.saturating_add(*count);
            }
        }
        self.seconds += other.seconds;
    }
}

/// Adds counts, place by place.
fn add_all(all: &mut [u64], part: &[u64]) {
    all.iter_mut().zip(part).for_each(|(all, part)| *all = all.saturating_add(*part));
}

impl Record {
    /// What is told of the first program of a finding, with the rate of a divergence.
    pub fn of_finding(judged: &Judged, rate: (u32, u32)) -> Option<Self> {
        let (index, start) = (judged.task.index, judged.task.start.to_owned());
        match judged.judgement.as_ref()? {
            Judgement::Agree | Judgement::Known(_) => None,
            Judgement::Diverge(found) => {
                let op = &found.program.last()?.op;
                Some(Self::Divergence(Divergence {
                    class: found.class.to_string(),
                    index,
                    start,
                    program: text(&Test::of_program("", &found.shown())),
                    model: outcome_text(op, found.model),
                    kernel: outcome_text(op, found.kernel),
                    rate,
                }))
            }
            Judgement::Broken(broken) => {
                let swept = &judged.swept;
                let done = swept.program.get(broken.trace.len());
                let at = done.map(statement_text).unwrap_or_default();
                let program = text(&Test::of_program("", &swept.program[..swept.own]));
                let reason = broken.reason.to_string();
                Some(Self::Broken(Broken { reason, index, start, program, at }))
            }
        }
    }
}
