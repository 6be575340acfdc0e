//! `mapspec enumerate`: every small program.

use std::io::IsTerminal as _;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use mapspec_model::policy::FIELDS;

use super::output::{message, print};
use super::session;
use super::{Ending, Options};
use crate::differ::{Differ, Judgement};
use crate::enumerate::record::{Part, Record, SCHEMA, Start, Tally, Whole};
use crate::enumerate::run::{Judged, run};
use crate::enumerate::{Plan, Shard, fingerprint, walk};
use crate::litmus::{self, Test};
use crate::report::{Enumeration, counts_by_depth};
use crate::session::Session;

/// How often the diverging program of a new finding is run in all.
const CONFIRMATIONS: u32 = 10;

/// Programs between two tallies in the results.
const TALLY: u64 = 1 << 16;

/// How often it is told how far the run is, where there is no terminal.
const PLAIN_PROGRESS: Duration = Duration::from_secs(10);

/// Run every program of at most so many operations, from each starting point.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mapspec enumerate\n  \
                        mapspec enumerate --depth 4 --shard 2/16 --format json > 2.jsonl\n  \
                        mapspec merge *.jsonl")]
pub struct Enumerate {
    /// The most operations after a starting point.
    #[arg(long, value_name = "N", default_value = "3",
          value_parser = clap::value_parser!(u8).range(..=8))]
    depth: u8,

    /// Run only part i of n equal parts; the first is 1/n.
    #[arg(long, value_name = "i/n", default_value_t = Shard::WHOLE)]
    shard: Shard,

    /// Go on with the program of this index.
    #[arg(long, value_name = "INDEX", default_value = "0")]
    from: u64,

    /// Print the programs, and run nothing.
    #[arg(long)]
    list: bool,
}

impl Enumerate {
    /// Runs the programs; prints how many there are, what is found, how many were run.
    pub fn run(&self, options: &Options) -> Result<Ending, Ending> {
        let plan = Plan { depth: self.depth.into(), shard: self.shard, from: self.from };
        if self.list {
            return list(&plan);
        }
        let session = session::start(options)?;
        let mut differ = session.differ();
        let start = self.start(&plan, &session, &differ);
        let mut results = Enumeration::new(options.format);
        tell(&mut results, &Record::Start(start.clone()))?;
        let begin = Instant::now();
        let mut tally = Tally { next: self.from, ..Tally::new(plan.depth) };
        let mut progress = Progress::new(start.part.planned.iter().sum());
        run(
            &plan,
            options.jobs(),
            || session.differ(),
            |portion| {
                for judged in &portion {
                    let is_new = tally.count(judged);
                    if let Some(finding) = is_new.then(|| finding(judged, &mut differ)).flatten() {
                        progress.bar.suspend(|| tell(&mut results, &finding))?;
                    }
                    if tally.total().is_multiple_of(TALLY) {
                        tally.seconds = begin.elapsed().as_secs_f64();
                        let record = Record::SoFar(tally.clone());
                        progress.bar.suspend(|| tell(&mut results, &record))?;
                    }
                }
                progress.advance(portion.len() as u64, &tally);
                Ok(())
            },
        )?;
        progress.bar.finish_and_clear();
        tally.seconds = begin.elapsed().as_secs_f64();
        let ending = ending(&start, &tally);
        tell(&mut results, &Record::End(tally))?;
        Ok(ending)
    }

    fn start(&self, plan: &Plan, session: &Session, differ: &Differ) -> Start {
        let (programs, planned) = plan.counts();
        let is_on = |name: &&str| differ.policy.get(name) == Some(true);
        let fields = FIELDS.iter().map(|field| field.name).filter(is_on);
        let part = Part { shard: self.shard.to_string(), from: self.from, planned };
        let whole = Whole {
            schema: SCHEMA,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            alphabet: fingerprint(),
            kernel: session.release.clone(),
            policy: session.policy_name.clone(),
            fields: fields.map(ToOwned::to_owned).collect(),
            frames: differ.frames,
            depth: plan.depth,
            programs,
        };
        Start { part, whole }
    }
}

/// Prints a record.
pub fn tell(results: &mut Enumeration, record: &Record) -> Result<(), Ending> {
    let text = results.record(record).map_err(|error| {
        message(format!("error: a result cannot be written: {error}"));
        Ending::Broken
    })?;
    print(text)
}

/// What is told of a new finding; how often it differs is found out first.
fn finding(judged: &Judged, differ: &mut Differ) -> Option<Record> {
    let mut rate = (1, CONFIRMATIONS);
    if let Some(Judgement::Diverge(found)) = &judged.judgement {
        rate.0 += differ.rate(&found.program, found.model, CONFIRMATIONS - 1);
    }
    Record::of_finding(judged, rate)
}

/// How a run ends, or runs that were joined.
pub fn ending(start: &Start, tally: &Tally) -> Ending {
    let planned = &start.part.planned;
    if tally.run != *planned {
        let (planned, run) = (counts_by_depth(planned), counts_by_depth(&tally.run));
        message(format!("error: not all programs were run: planned {planned}; ran {run}"));
    }
    if !tally.diverge.is_empty() {
        Ending::Different
    } else if !tally.broken.is_empty() || tally.run != *planned {
        Ending::Broken
    } else if tally.total() == tally.beyond {
        Ending::Nothing
    } else {
        Ending::Fine
    }
}

/// Prints the programs as litmus tests, with an empty line in between.
fn list(plan: &Plan) -> Result<Ending, Ending> {
    let mut result = Ok(Ending::Nothing);
    // What breaks off is that nothing can be written any more.
    let _ = walk(plan.depth, |program| {
        if !plan.includes(program.index) {
            return ControlFlow::Continue(());
        }
        let test = litmus::text(&Test::of_program("", program.statements));
        let text = format!("# {}: {}\n{test}\n", program.index, program.start);
        result = print(text).map(|()| Ending::Fine);
        if result.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    result
}

/// How far the run is, for somebody who waits.
struct Progress {
    bar: ProgressBar,
    total: u64,
    is_plain: bool,
    last: Instant,
}

impl Progress {
    fn new(total: u64) -> Self {
        let bar = ProgressBar::new(total);
        let template = "{bar:40} {pos}/{len} {per_sec:.0} {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        let is_plain = !std::io::stderr().is_terminal();
        Self { bar, total, is_plain, last: Instant::now() }
    }

    fn advance(&mut self, programs: u64, tally: &Tally) {
        self.bar.inc(programs);
        if self.is_plain && self.last.elapsed() >= PLAIN_PROGRESS {
            self.last = Instant::now();
            let findings = tally.diverge.len() + tally.broken.len();
            message(format!(
                "{} of {} programs, {findings} findings; to go on from here: --from {}",
                tally.total(),
                self.total,
                tally.next
            ));
        }
    }
}
