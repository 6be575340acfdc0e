//! The command line: one file for each command.

mod bench;
mod check;
mod completions;
mod enumerate;
mod explain;
mod explore;
mod export;
mod fuzz;
mod known;
mod merge;
mod new;
mod output;
mod policy;
mod report;
mod session;
mod shrink;

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};
use mapspec_oracle::Target;

use crate::policy::Selection;
use crate::report::results::Format;

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
    name = "mapspec",
    version,
    about = "Holds the running kernel to a formal model of Linux memory mappings",
    after_help = "Examples:\n  mapspec\n  mapspec new mine.litmus && mapspec explain mine.litmus\n  \
                  mapspec fuzz --time 10m\n\n\
                  Without a command: `mapspec check` on the built-in corpus.\n\n\
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
    /// Write litmus tests as C programs that need nothing of mapspec.
    Export(export::Export),
    /// Show step by step what the model does in a test and why, and the kernel beside it.
    Explain(explain::Explain),
    /// Write all evidence for a divergence into a folder.
    Report(report::Report),
    /// List the known bugs, and whether this kernel has them.
    Known(known::Known),
    /// Write a litmus test with comments, to begin with.
    New(new::New),
    /// Print what a shell needs to complete the command line.
    Completions(completions::Completions),
    /// Print the manual page.
    Man(completions::Man),
    /// Print the policy of this kernel: preset, what is detected, the difference.
    Policy(policy::Print),
    /// Measure how fast programs are run, in ratios.
    Bench(bench::Bench),
}

impl Action {
    /// Whether its results can be written in each of the formats.
    const fn has_formats(&self) -> bool {
        matches!(self, Self::Check(_) | Self::Fuzz(_) | Self::Enumerate(_) | Self::Merge(_))
    }
}

/// What behaves the same in every command.
#[derive(Debug, Args)]
struct Options {
    /// What kernels may differ in: `detected` or a preset, then fields, `!` before one turns it off.
    #[arg(long, global = true, value_name = "BASE,FIELD,!FIELD…", default_value = "detected")]
    policy: Selection,

    /// What is held to the policy: the kernel, or the kernel with what compositors do in user space
    /// where `nosigbus` was only proposed.
    #[arg(long, global = true, value_name = "TARGET", value_enum, default_value_t)]
    target: TargetName,

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

    /// How results are written, by check, fuzz, enumerate and merge.
    #[arg(long, global = true, value_name = "FORMAT", value_enum, default_value_t)]
    format: Format,
}

/// What programs are run on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum TargetName {
    /// The kernel as it is.
    #[default]
    Kernel,
    /// An emulation of `nosigbus` for private mappings, on top of the kernel.
    Emulation,
}

impl From<TargetName> for Target {
    fn from(name: TargetName) -> Self {
        match name {
            TargetName::Kernel => Self::Kernel,
            TargetName::Emulation => Self::Emulation,
        }
    }
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
    let Command { action, options } = match Command::try_parse() {
        Ok(command) => command,
        Err(error) if error.use_stderr() => error.exit(),
        Err(help) => {
            let printed = output::print(help.render().ansi().to_string());
            return printed.map_or_else(|ending| ending, |()| Ending::Fine).into();
        }
    };
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
    if options.format != Format::Human && action.as_ref().is_some_and(|it| !it.has_formats()) {
        output::message("error: --format is for check, fuzz, enumerate and merge");
        return Ending::Usage.into();
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
        Some(Action::Export(export)) => export.run(&options),
        Some(Action::Explain(explain)) => explain.run(&options),
        Some(Action::Known(known)) => known.run(&options),
        Some(Action::New(new)) => new.run(&options),
        Some(Action::Completions(completions)) => completions.run(&options),
        Some(Action::Man(man)) => man.run(&options),
        Some(Action::Report(report)) => report.run(&options),
        Some(Action::Policy(print)) => print.run(&options),
    };
    ending.unwrap_or_else(|ending| ending).into()
}
