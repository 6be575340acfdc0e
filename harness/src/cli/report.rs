//! `mapspec report`: evidence for a divergence.

use std::path::{Path, PathBuf};

use clap::Args;

use super::export::{file_name, write};
use super::output::{message, print};
use super::session;
use super::{Ending, Options};
use crate::compare::model_trace;
use crate::differ::{Differ, Judgement};
use crate::examine::{Divergence, Examiner, Verdict};
use crate::explain;
use crate::litmus::Test;
use crate::report::evidence::{Evidence, Machine, text};
use crate::session::Session;

/// Write all evidence for a divergence into a folder.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mapspec report mapspec-state/divergences/1.litmus\n  \
                        mapspec report --output evidence corpus/known/tmpfs-post-eof.litmus")]
pub struct Report {
    /// The litmus test that diverges, `-` for the standard input.
    path: PathBuf,

    /// The folder; without it, one that is named for the test.
    #[arg(long, value_name = "FOLDER")]
    output: Option<PathBuf>,
}

impl Report {
    /// Writes the folder.
    pub fn run(&self, options: &Options) -> Result<Ending, Ending> {
        let (session, entry) = session::start_with_test(&self.path, options)?;
        let found = examine(&session, &entry.test)?;
        let evidence = evidence(&session, &entry.test, &found)?;
        let name = file_name(&entry.test.name);
        let folder = self.output.clone().unwrap_or_else(|| {
            PathBuf::from(format!("mapspec-report-{}", name.trim_end_matches(".c")))
        });
        save(&folder, &evidence)?;
        print(format!("{}\nthe evidence is in {}\n", evidence.summary(), folder.display()))?;
        Ok(if evidence.known.is_empty() { Ending::Different } else { Ending::Fine })
    }
}

/// The divergence of a test, be it known or not.
fn examine(session: &Session, test: &Test) -> Result<Divergence, Ending> {
    let differ = Differ { known: Vec::new(), ..session.differ() };
    let verdict = Examiner::new(differ).examine(test, None);
    let (why, ending) = match verdict {
        Verdict::Diverge(found) => return Ok(*found),
        Verdict::ModelOnly(kernel) => (format!("it is about {kernel}"), Ending::Nothing),
        Verdict::Skip(reason) => (format!("it is skipped here: {reason}"), Ending::Nothing),
        Verdict::Broken(reason, _) => {
            (format!("it was not run to its end: {reason}"), Ending::Broken)
        }
        Verdict::Agree | Verdict::Misclaim(_) | Verdict::Known(_) => {
            ("this kernel does what the model says".to_owned(), Ending::Nothing)
        }
    };
    message(format!("{}: there is nothing to report: {why}", test.name));
    Err(ending)
}

fn evidence(session: &Session, test: &Test, divergence: &Divergence) -> Result<Evidence, Ending> {
    let mut differ = session.differ();
    let swept = differ.swept(&test.program());
    let known = match differ.judge(&swept, None) {
        Judgement::Known(attribution) => attribution.bugs,
        _ => Vec::new(),
    };
    let found = &divergence.difference;
    let matters = differ.rate(&found.shown(), found.model, 1) == 0;
    let test = Evidence::test_of(test, found, matters, &session.policy);
    let program = test.program();
    let kernel = differ.oracle.run(&program).map_err(|broken| {
        message(format!("error: the program was not run to its end: {}", broken.reason));
        Ending::Broken
    })?;
    Ok(Evidence {
        model: model_trace(&program, &session.policy),
        test,
        kernel,
        rate: divergence.rate,
        known,
        machine: Machine::look(&session.release),
        policy: session.policy,
        policy_name: session.policy_name.clone(),
    })
}

fn save(folder: &Path, evidence: &Evidence) -> Result<(), Ending> {
    let json = evidence.json().map_err(|error| {
        message(format!("error: the trace cannot be written: {error}"));
        Ending::Broken
    })?;
    let steps = explain::steps(&evidence.test.program(), &evidence.kernel, &evidence.policy);
    let about = format!("kernel {}, policy {}", evidence.machine.release, evidence.policy_name);
    let page = explain::html(&evidence.test, &steps, &about).map_err(|error| {
        message(format!("error: the page cannot be written: {error}"));
        Ending::Broken
    })?;
    write(&folder.join("report.html"), &page)?;
    write(&folder.join("report.txt"), &text(evidence))?;
    write(&folder.join("test.litmus"), &evidence.litmus())?;
    write(&folder.join("trace.json"), &json)?;
    match evidence.repro() {
        Ok(repro) => write(&folder.join("repro.c"), &repro),
        Err(why) => {
            message(why.to_string());
            Ok(())
        }
    }
}
