//! The command line: one file for each command.

mod bench;
mod check;
mod enumerate;
mod explore;
mod fuzz;
mod merge;
mod output;
mod policy;
mod session;
mod shrink;

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::{Args, ColorChoice, Parser, Subcommand};

use crate::policy::Selection;

/// How a run ended, as the exit code says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Ending {
    /// All tests agree, are skipped or known.
    Fine = 0,
    /// A divergence or a misclaim.
    Different = 1,
    /// Bad usage or bad input.
    Usage = 2,
    /// A test could not be run to its end.
    Broken = 3,
    /// Nothing ran.
    Nothing = 4,
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        Self::from(ending as u8)
    }
}

#[derive(Debug, Parser)]
#[command(
    version,
    about = "Holds the running kernel to a formal model of Linux memory mappings",
    after_help = "Without a command: `mapspec check` on the built-in corpus.\n\n\
                  Exit codes: 0 all agree, are skipped or known; 1 a divergence or a misclaim; \
                  2 bad usage or input; 3 a test could not be run to its end; 4 nothing ran."
)]
struct Command {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    options: Options,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Judge litmus tests on this kernel.
    Check(check::Check),
    /// Run random programs and report where this kernel is not the model.
    Fuzz(fuzz::Fuzz),
    /// Run every program of at most so many operations, from each starting point.
    Enumerate(enumerate::Enumerate),
    /// Join the results of all shards of an enumeration.
    Merge(merge::Merge),
    /// Visit every world that a small alphabet can reach, and judge every step.
    Explore(explore::Explore),
    /// Make a diverging program as small as it gets.
    Shrink(shrink::Shrink),
    /// Print the policy of this kernel: preset, what is detected, the difference.
    Policy(policy::Print),
    /// Measure how fast programs are run, in ratios.
    Bench(bench::Bench),
}

/// What behaves the same in every command.
#[derive(Debug, Args)]
struct Options {
    /// What kernels may differ in: `detected` or a preset, then fields, `!` before one turns it off.
    #[arg(long, global = true, value_name = "BASE,FIELD,!FIELD…", default_value = "detected")]
    policy: Selection,

    /// How many tests run side by side; as many as there are processors, if not given.
    #[arg(long, global = true, value_name = "N")]
    jobs: Option<std::num::NonZeroUsize>,

    /// Seconds after which a statement that does not end counts as hung.
    #[arg(long, global = true, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    timeout: Duration,

    /// When to color the output.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto",
          value_parser = PossibleValuesParser::new(["auto", "always", "never"]))]
    color: String,
}

impl Options {
    fn jobs(&self) -> usize {
        let processors = std::thread::available_parallelism();
        self.jobs.or(processors.ok()).map_or(1, std::num::NonZeroUsize::get)
    }

    /// Whether messages on the standard error are colored.
    fn colors_errors(&self) -> bool {
        match self.color.as_str() {
            "always" => true,
            "never" => false,
            _ => std::io::stderr().is_terminal(),
        }
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|duration| !duration.is_zero() && duration.as_secs() <= 3600)
        .ok_or_else(|| "more than 0 and at most 3600 seconds are possible".to_owned())
}

/// Does what the command line asks for.
pub fn run() -> ExitCode {
    let Command { action, options } = Command::parse();
    let choice = match options.color.as_str() {
        "always" => ColorChoice::Always,
        "never" => ColorChoice::Never,
        _ => ColorChoice::Auto,
    };
    match choice {
        ColorChoice::Always => anstream::ColorChoice::Always.write_global(),
        ColorChoice::Never => anstream::ColorChoice::Never.write_global(),
        ColorChoice::Auto => anstream::ColorChoice::Auto.write_global(),
    }
    let ending = match action {
        None => check::Check::default().run(&options),
        Some(Action::Check(check)) => check.run(&options),
        Some(Action::Fuzz(fuzz)) => fuzz.run(&options),
        Some(Action::Bench(bench)) => bench.run(&options),
        Some(Action::Shrink(shrink)) => shrink.run(&options),
        Some(Action::Enumerate(enumerate)) => enumerate.run(&options),
        Some(Action::Explore(explore)) => explore.run(&options),
        Some(Action::Merge(merge)) => merge.run(&options),
        Some(Action::Policy(print)) => print.run(&options),
    };
    ending.unwrap_or_else(|ending| ending).into()
}
