//! `mapspec fuzz`: random programs, until somebody says stop.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use indicatif::ProgressBar;

use super::output::{finish, message, print};
use super::session;
use super::{Ending, Options};
use mapspec_model::op::Call;

use crate::campaign::{self, Campaign, Limits, Progress, State, StateError};
use crate::litmus::{Test, text};
use crate::report;
use crate::report::results::{Finding, Format, Printer, by_call, tests};

/// How often the status line is written where there is no terminal.
const PLAIN_STATUS: Duration = Duration::from_secs(10);

/// Run random programs and report where this kernel is not the model.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mapspec fuzz\n  mapspec fuzz --time 10m --jobs 2\n  \
                        mapspec fuzz --runs 100000 --seed 7 --state /tmp/campaign")]
pub struct Fuzz {
    /// Stop after so long: 30s, 10m, 8h.
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    time: Option<Duration>,

    /// Stop after so many programs.
    #[arg(long, value_name = "N")]
    runs: Option<u64>,

    /// Stop after so many different findings that no earlier session had.
    #[arg(long, value_name = "N")]
    findings: Option<usize>,

    /// The random choices start here; with one job, the same seed makes the same programs.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    /// Throw what nobody may notice, such as the advice `pageout`, between the statements of programs.
    #[arg(long)]
    adversity: bool,

    /// Calls that come more often than others.
    #[arg(long, value_name = "CALL,…", value_delimiter = ',', value_parser = call)]
    favor: Vec<Call>,

    /// The folder of the campaign; what is there is gone on with.
    #[arg(long, value_name = "FOLDER", default_value = "mapspec-state")]
    state: PathBuf,
}

fn call(name: &str) -> Result<Call, String> {
    let calls = || Call::ALL.iter().map(|call| call.text());
    let place = calls().position(|call| call == name);
    place.map(|place| Call::ALL[place]).ok_or_else(|| {
        format!("there is no such call; there are {}", calls().collect::<Vec<_>>().join(", "))
    })
}

impl Fuzz {
    /// Runs the campaign and prints its summary.
    pub fn run(&self, options: &Options) -> Result<Ending, Ending> {
        let start = Instant::now();
        let interrupted = on_interrupt();
        let session = session::start(options)?;
        let state = State::open(&self.state, &session.release).map_err(|it| complain(&it))?;
        let earlier = state.sessions();
        let limits = Limits { time: self.time, runs: self.runs, findings: self.findings };
        let campaign = Campaign::new(self.seed, self.favor.clone(), limits, state)
            .map_err(|it| complain(&it))?
            .under_adversity(self.adversity);
        let Progress { kept, behaviors, findings, .. } = campaign.progress();
        let (printer, text) = Printer::new(options.format, session.run("fuzz", tests()));
        print(text)?;
        let greeting = format!(
            "kernel {}, policy {}\nstate in {}: {kept} programs, {behaviors} behaviors, {} findings from {earlier} earlier sessions\n",
            session.release,
            session.policy_name,
            self.state.display(),
            findings.len()
        );
        match options.format {
            Format::Human => print(greeting)?,
            _ => message(greeting.trim_end()),
        }
        for StateError { path, why } in campaign.damaged() {
            message(format!(
                "warning: {}: {why}; it is left as it is and not counted as a finding; repair or remove it",
                path.display()
            ));
        }
        thread::scope(|scope| {
            for worker in 0..options.jobs() as u64 {
                let (campaign, differ) = (&campaign, session.differ());
                scope.spawn(move || campaign.work(differ, worker));
            }
            watch(&campaign, &interrupted);
        });
        let progress = campaign.progress();
        match options.format {
            Format::Human => print(summary(&progress, &self.state))?,
            _ => tell(printer, &progress, start)?,
        }
        if let Some(error) = campaign.take_error() {
            return Err(complain(&error));
        }
        match ending(&progress) {
            // It may have been a finding.
            Ending::Fine | Ending::Nothing if !campaign.damaged().is_empty() => Ok(Ending::Broken),
            ending => Ok(ending),
        }
    }
}

/// Prints what the campaign came to, as tests.
fn tell(mut printer: Printer, progress: &Progress, start: Instant) -> Result<(), Ending> {
    let findings = progress.findings.iter().map(|found| {
        let program = text(&Test::of_program("", &found.program()));
        let class = found.class.to_string();
        let details = format!("{class}\n{}\n{program}\n", history(found));
        Finding { call: found.class.call, class, details, program }
    });
    let broken: Vec<_> = progress.last_broken.iter().cloned().collect();
    for case in by_call("fuzz", &findings.collect::<Vec<_>>(), &broken) {
        print(printer.case(case))?;
    }
    finish(printer, start)
}

/// Becomes true when somebody asks for the end, from now on: a campaign that is still being opened
/// ends with a summary too.
pub fn on_interrupt() -> Arc<AtomicBool> {
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        if let Err(error) = signal_hook::flag::register(signal, Arc::clone(&interrupted)) {
            message(format!("warning: an interrupt will end without a summary: {error}"));
        }
    }
    interrupted
}

/// Shows how it goes until the campaign is over or interrupted.
fn watch(campaign: &Campaign, interrupted: &AtomicBool) {
    let bar = ProgressBar::new_spinner();
    let mut last = Instant::now();
    while !campaign.is_over() {
        if interrupted.load(Ordering::Relaxed) {
            campaign.stop();
        }
        bar.set_message(status(&campaign.progress()));
        if !std::io::stderr().is_terminal() && last.elapsed() >= PLAIN_STATUS {
            message(status(&campaign.progress()));
            last = Instant::now();
        }
        thread::sleep(Duration::from_millis(100));
    }
    bar.finish_and_clear();
}

fn status(progress: &Progress) -> String {
    let seconds = progress.elapsed.as_secs_f64().max(0.001);
    let findings: Vec<_> = progress
        .findings
        .iter()
        .map(|found| format!("{} × {}", found.count, found.class))
        .collect();
    format!(
        "{:.0} programs/s, {:.0} operations/s, {} behaviors (the newest {} ago), {} known, {} broken, {} findings{}{}",
        progress.runs as f64 / seconds,
        progress.operations as f64 / seconds,
        progress.behaviors,
        humantime::format_duration(Duration::from_secs(progress.since_new.as_secs())),
        progress.known.values().sum::<u64>(),
        progress.broken,
        findings.len(),
        if findings.is_empty() { "" } else { ": " },
        findings.join("; ")
    )
}

fn summary(progress: &Progress, state: &std::path::Path) -> String {
    let mut summary = String::new();
    let (bad, emphasis) = (report::bad(), report::emphasis());
    for found in &progress.findings {
        summary += &format!("\n{bad}diverge{bad:#}  {}\n  {}\n", found.class, history(found));
        for line in text(&Test::of_program("", &found.program())).lines() {
            summary += &format!("  {line}\n");
        }
    }
    for (bug, count) in &progress.known {
        summary += &format!("known    {count} × {bug}\n");
    }
    if let Some(reason) = &progress.last_broken {
        summary += &format!("\nthe last program that was not run to its end: {reason}\n");
    }
    if !progress.findings.is_empty() {
        summary += &format!("\neach is a litmus test in {}/divergences\n", state.display());
    }
    let elapsed = humantime::format_duration(Duration::from_secs(progress.elapsed.as_secs()));
    let new = progress.findings.iter().filter(|found| found.after.is_some()).count();
    summary += &format!(
        "\n{emphasis}{} programs, {} operations in {elapsed}: {} behaviors, {} programs kept, {} known, {} broken, {} findings, {new} new{emphasis:#}\n",
        progress.runs,
        progress.operations,
        progress.behaviors,
        progress.kept,
        progress.known.values().sum::<u64>(),
        progress.broken,
        progress.findings.len()
    );
    summary
}

/// In how many programs a finding showed, in which sessions, and how surely.
fn history(found: &campaign::Finding) -> String {
    let (differs, runs) = found.rate;
    let flaky = if differs < runs { ", flaky" } else { "" };
    let programs = match (found.after, found.count_here) {
        (Some(after), here) => {
            let after = Duration::from_millis(after.as_millis() as u64);
            format!("{here} programs, the first after {}", humantime::format_duration(after))
        }
        (None, 0) => format!("{} programs of earlier sessions, none of this one", found.count),
        (None, here) => format!("{here} programs, {} with those of earlier sessions", found.count),
    };
    format!("{programs}; {differs} of {runs} runs{flaky}")
}

/// A finding of an earlier session counts too: it is open until somebody removes its file.
fn ending(progress: &Progress) -> Ending {
    match progress {
        _ if !progress.findings.is_empty() => Ending::Different,
        _ if progress.broken > 0 => Ending::Broken,
        Progress { runs: 0, .. } => Ending::Nothing,
        _ => Ending::Fine,
    }
}

fn complain(StateError { path, why }: &StateError) -> Ending {
    message(format!(
        "error: {}: {why}; the campaign's state cannot be kept there, choose another folder with --state",
        path.display()
    ));
    Ending::Broken
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use mapspec_model::op::{Actor, Address, Op, Statement};
    use mapspec_model::outcome::Outcome;

    use super::*;
    use crate::differ::Class;
    use crate::shrink::Shrunk;

    /// A finding that showed in so many of ten runs, and in three programs.
    fn finding(differs: u32) -> campaign::Finding {
        let last = Statement { actor: Actor::A, op: Op::Load { at: Address(0) } };
        let (model, kernel) = (Outcome::Value(7), Outcome::Value(0));
        let class = Class::new(&last, model, kernel);
        let rate = (differs, 10);
        let shrunk = Shrunk { program: vec![last], model, kernel, class, beside: Vec::new(), rate };
        let path = PathBuf::new();
        let mut finding = campaign::Finding::new(&shrunk, "6.18", path, Duration::from_secs(1));
        finding.count();
        finding.count();
        finding
    }

    /// A campaign with a finding.
    fn found(finding: campaign::Finding) -> Progress {
        Progress {
            runs: 100,
            operations: 1000,
            known: std::iter::once(("tmpfs-post-eof".to_owned(), 4)).collect(),
            broken: 0,
            last_broken: None,
            behaviors: 20,
            kept: 10,
            findings: vec![finding],
            since_new: Duration::from_secs(2),
            elapsed: Duration::from_secs(10),
        }
    }

    #[test]
    fn the_status_line_says_how_it_goes() {
        assert_eq!(
            status(&found(finding(10))),
            "10 programs/s, 100 operations/s, 20 behaviors (the newest 2s ago), 4 known, 0 broken, \
             1 findings: 3 × Load: model value, kernel zero"
        );
    }

    #[test]
    fn what_does_not_show_each_time_is_flaky() {
        let [flaky, solid] =
            [7, 10].map(|differs| summary(&found(finding(differs)), Path::new("state")));
        assert!(flaky.contains("3 programs, the first after 1s; 7 of 10 runs, flaky\n"), "{flaky}");
        assert!(solid.contains("10 of 10 runs\n") && !solid.contains("flaky"), "{solid}");
    }

    #[test]
    fn what_earlier_sessions_found_is_told_apart_and_counts() -> Result<(), String> {
        let mut earlier = campaign::Finding::parse(&finding(10).text(), PathBuf::new())?;
        let unseen = found(earlier.clone());
        earlier.count();
        let seen = found(earlier);
        let new = found(finding(10));
        let texts = [&unseen, &seen, &new].map(|it| summary(it, Path::new("state")));
        assert!(texts[0].contains("\n  3 programs of earlier sessions, none of this one; 10 of"));
        assert!(texts[1].contains("\n  1 programs, 4 with those of earlier sessions; 10 of 10"));
        assert!(texts[2].contains("1 findings, 1 new") && texts[1].contains("1 findings, 0 new"));
        for progress in [unseen, seen, new] {
            assert!(matches!(ending(&progress), Ending::Different));
        }
        Ok(())
    }
}
