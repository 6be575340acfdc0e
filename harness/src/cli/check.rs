//! `mapspec check`: judges litmus tests.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Instant;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use mapspec_oracle::Sabotage;

use super::output::{finish, print};
use super::session::{self, complain};
use super::{Ending, Options};
use crate::corpus::{self, Entry};
use crate::examine::{Examiner, Verdict};
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

    /// Make the test with this name go wrong, to see that the harness notices.
    #[arg(long, hide = true, value_name = "KIND:TEST", value_parser = sabotage)]
    sabotage: Vec<(String, Sabotage)>,
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
        let (mut printer, text) = Printer::new(options.format, session.run("check", entries.len()));
        print(text)?;
        let verdicts = self.judge(&session, entries, options, &mut printer)?;
        finish(printer, start)?;
        Ok(ending(&verdicts))
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
                    let capabilities = session.capabilities.clone();
                    let mut examiner = Examiner::new(session.differ(), capabilities);
                    loop {
                        let place = next.fetch_add(1, Ordering::Relaxed);
                        let Some(Entry { test, .. }) = entries.get(place) else { break };
                        let sabotage = self.sabotage.iter().find(|(name, _)| *name == test.name);
                        let begin = Instant::now();
                        let verdict = examiner.examine(test, sabotage.map(|(_, kind)| *kind));
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
