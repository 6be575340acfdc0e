//! `mapspec explain`: a test, step by step.

use std::path::PathBuf;

use clap::Args;

use super::export::write;
use super::output::{message, print};
use super::session;
use super::{Ending, Options};
use crate::explain;
use crate::litmus::Test;
use crate::session::Session;

/// Show step by step what the model does in a test and why, and the kernel beside it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mapspec explain corpus/known/tmpfs-post-eof.litmus\n  \
                        mapspec explain --html page.html test.litmus")]
pub struct Explain {
    /// The litmus test, `-` for the standard input.
    path: PathBuf,

    /// Write a page for a browser, which needs no network.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

impl Explain {
    /// Prints the steps, or writes the page.
    pub fn run(&self, options: &Options) -> Result<Ending, Ending> {
        let (session, entry) = session::start_with_test(&self.path, options)?;
        let test = &entry.test;
        let (kernel, about_kernel) = trace(&session, test);
        let policy = test.kernel_policy().unwrap_or(session.policy);
        let steps = explain::steps(&test.program(), &kernel, &policy);
        match &self.html {
            None => {
                print(format!("{}\n{}\n{about_kernel}\n\n", test.name, test.about))?;
                print(explain::text(&steps))?;
            }
            Some(path) => {
                let page = explain::html(test, &steps, &about_kernel).map_err(|error| {
                    message(format!("error: the page cannot be written: {error}"));
                    Ending::Broken
                })?;
                write(path, &page)?;
                print(format!("the page is in {}\n", path.display()))?;
            }
        }
        let differs = steps.iter().any(|step| step.differs);
        Ok(if differs { Ending::Different } else { Ending::Fine })
    }
}

/// What the kernel does, and a line about it.
pub fn trace(session: &Session, test: &Test) -> (mapspec_oracle::Trace, String) {
    if let Some(kernel) = test.kernel {
        return (Vec::new(), format!("the model of {kernel}, which was not asked"));
    }
    let program = test.program();
    let held = format!("kernel {}, policy {}", session.release, session.policy_name);
    let mut differ = session.differ();
    if let Err(reason) = differ.allow(&program) {
        return (Vec::new(), format!("{held}; the kernel was not asked: {reason}"));
    }
    match differ.oracle.run(&program) {
        Ok(trace) => (trace, held),
        Err(broken) => {
            let line = format!("{held}; the kernel did not come to the end: {}", broken.reason);
            (broken.trace, line)
        }
    }
}
