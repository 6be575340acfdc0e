//! `mapspec shrink`: the smallest program that diverges like a given one.

use std::path::PathBuf;

use clap::Args;

use super::output::{message, print};
use super::session::{self, complain};
use super::{Ending, Options};
use crate::campaign::finding_test;
use crate::corpus;
use crate::litmus;
use crate::shrink::shrink;

/// Make a diverging program as small as it gets.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mapspec shrink mapspec-state/divergences/1.litmus")]
pub struct Shrink {
    /// The litmus test, `-` for the standard input.
    path: PathBuf,
}

impl Shrink {
    /// Prints the smallest program, a litmus test.
    pub fn run(&self, options: &Options) -> Result<Ending, Ending> {
        let entries = corpus::from_paths(std::slice::from_ref(&self.path))
            .map_err(|errors| complain(&errors, options))?;
        let session = session::start(options)?;
        let mut differ = session.differ();
        let mut ending = Ending::Nothing;
        for entry in &entries {
            if let Some(kernel) = entry.test.kernel {
                message(format!("{}: it is about {kernel}", entry.test.name));
                continue;
            }
            match shrink(&mut differ, &entry.test.program()) {
                Some(shrunk) => {
                    print(litmus::text(&finding_test(&shrunk, &session.release)))?;
                    ending = Ending::Different;
                }
                None => message(format!(
                    "{}: this kernel does what the model says, or a known bug explains it; there is nothing to shrink",
                    entry.test.name
                )),
            }
        }
        Ok(ending)
    }
}
