//! `mapspec check`: judges litmus tests.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Instant;

use clap::Args;
use fastrand::Rng;
use indicatif::{ProgressBar, ProgressStyle};
use mapspec_model::flags::Choice as _;
use mapspec_model::op::Advice;
use mapspec_oracle::Sabotage;

use super::output::{finish, print};
use super::session::{self, complain};
use super::{Ending, Options};
use crate::adversity::{Adversity, Disturbance, INVISIBLE};
use crate::corpus::{self, Entry};
use crate::examine::{Examiner, Verdict};
use crate::litmus::Test;
use crate::report;
use crate::report::results::Printer;
use crate::session::Session;

/// Judge litmus tests on this kernel.
#[derive(Debug, Default, Args)]
#[command(after_help = "Examples:\n  mapspec check\n  \
                        mapspec check --format ktap corpus/seals mine.litmus")]
pub struct Check {
    /// Files and folders of litmus tests, `-` for the standard input; without any, the built-in
    /// corpus.
    paths: Vec<PathBuf>,

    /// Throw what nobody may notice, such as the advice `pageout`, between the statements of each
    /// test: no verdict may change.
    #[arg(long)]
    adversity: bool,

    /// The random choices of adversity start here.
    #[arg(long, value_name = "N", default_value_t = 1, requires = "adversity")]
    seed: u64,

    /// Throw in this advice instead, to see that the harness notices.
    #[arg(long, hide = true, value_name = "ADVICE,…", value_delimiter = ',',
          value_parser = advice, requires = "adversity")]
    advice: Vec<Advice>,

    /// Make the test with this name go wrong, to see that the harness notices.
    #[arg(long, hide = true, value_name = "KIND:TEST", value_parser = sabotage)]
    sabotage: Vec<(String, Sabotage)>,
}

fn advice(name: &str) -> Result<Advice, String> {
    let named = Advice::NAMED.iter().find(|(it, _)| *it == name);
    named.map(|(_, advice)| *advice).ok_or_else(|| "there is no such advice".to_owned())
}

fn sabotage(text: &str) -> Result<(String, Sabotage), String> {
    let (kind, test) = text.split_once(':').ok_or("KIND:TEST is expected")?;
    let kind = Sabotage::NAMES.iter().find(|(name, _)| *name == kind);
    kind.map(|(_, kind)| (test.to_owned(), *kind)).ok_or_else(|| {
        let names: Vec<_> = Sabotage::NAMES.iter().map(|(name, _)| *name).collect();
        format!("the kinds are {}", names.join(", "))
    })
}

impl Check {
    /// Judges the tests; prints a line for each, the divergences, a summary.
    pub fn run(&self, options: &Options) -> Result<Ending, Ending> {
        let start = Instant::now();
        let given = match self.paths.as_slice() {
            [] => None,
            paths => Some(corpus::from_paths(paths).map_err(|it| complain(&it, options))?),
        };
        let session = session::start(options)?;
        let entries = given.as_ref().unwrap_or(&session.corpus);
        let mut run = session.run("check", entries.len());
        if self.adversity {
            run.notes.push(format!("under adversity, seed {}", self.seed));
        }
        let (mut printer, text) = Printer::new(options.format, run);
        print(text)?;
        let verdicts = self.judge(&session, entries, options, &mut printer)?;
        finish(printer, start)?;
        Ok(ending(&verdicts))
    }

    /// The adversity under which a test is judged, the same in whatever order tests are.
    fn adversity(&self, test: &Test) -> Adversity {
        if !self.adversity {
            return Adversity::none();
        }
        let mut hasher = DefaultHasher::new();
        (self.seed, &test.name).hash(&mut hasher);
        let random = Rng::with_seed(hasher.finish());
        let chosen = self.advice.iter().copied().map(Disturbance::Advice);
        let disturbances =
            if self.advice.is_empty() { INVISIBLE.to_vec() } else { chosen.collect() };
        Adversity { disturbances, random }
    }

    /// Judges the tests side by side, and prints what is said of each in their order.
    fn judge(
        &self,
        session: &Session,
        entries: &[Entry],
        options: &Options,
        printer: &mut Printer,
    ) -> Result<Vec<Verdict>, Ending> {
        let progress = ProgressBar::new(entries.len() as u64);
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}") {
            progress.set_style(style);
        }
        let next = AtomicUsize::new(0);
        let (sender, receiver) = mpsc::channel();
        std::thread::scope(|scope| {
            for _ in 0..options.jobs().min(entries.len()) {
                let (sender, next) = (sender.clone(), &next);
                scope.spawn(move || {
                    let mut examiner = Examiner::new(session.differ());
                    loop {
                        let place = next.fetch_add(1, Ordering::Relaxed);
                        let Some(Entry { test, .. }) = entries.get(place) else { break };
                        let sabotage = self.sabotage.iter().find(|(name, _)| *name == test.name);
                        let sabotage = sabotage.map(|(_, kind)| *kind);
                        let begin = Instant::now();
                        let verdict = examiner.examine_under(self.adversity(test), test, sabotage);
                        let seconds = begin.elapsed().as_secs_f64();
                        if sender.send((place, (verdict, seconds))).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(sender);
            let mut waiting = BTreeMap::new();
            let mut verdicts = Vec::new();
            for (place, judged) in receiver {
                waiting.insert(place, judged);
                while let Some((verdict, seconds)) = waiting.remove(&verdicts.len()) {
                    let test = &entries[verdicts.len()].test;
                    let text = printer.case(report::case(test, &verdict, seconds));
                    progress.suspend(|| print(text))?;
                    progress.inc(1);
                    verdicts.push(verdict);
                }
            }
            progress.finish_and_clear();
            Ok(verdicts)
        })
    }
}

fn ending(verdicts: &[Verdict]) -> Ending {
    let any = |is: fn(&Verdict) -> bool| verdicts.iter().any(is);
    if any(|it| matches!(it, Verdict::Diverge(_) | Verdict::Misclaim(_))) {
        Ending::Different
    } else if any(|it| matches!(it, Verdict::Broken(..))) {
        Ending::Broken
    } else if any(|it| !matches!(it, Verdict::Skip(_))) {
        Ending::Fine
    } else {
        Ending::Nothing
    }
}
