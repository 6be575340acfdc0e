//! `mapspec new`: a litmus test to begin with.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;

use clap::Args;

use super::output::{message, print};
use super::{Ending, Options};

/// Write a litmus test with comments, to begin with.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mapspec new mine.litmus && mapspec check mine.litmus\n  \
                        mapspec new | mapspec check -")]
pub struct New {
    /// The file, which must not exist; without it, the test is printed.
    path: Option<PathBuf>,
}

/// The test.
pub const TEMPLATE: &str = include_str!("../../templates/new.litmus");

impl New {
    /// Writes or prints the test.
    pub fn run(&self, _: &Options) -> Result<Ending, Ending> {
        let Some(path) = &self.path else {
            return print(TEMPLATE).map(|()| Ending::Fine);
        };
        let file = OpenOptions::new().write(true).create_new(true).open(path);
        file.and_then(|mut file| file.write_all(TEMPLATE.as_bytes())).map_err(|error| {
            let next = match error.kind() {
                ErrorKind::AlreadyExists => "; it stays as it is, name another file",
                ErrorKind::NotFound => "; its folder must be there",
                _ => "",
            };
            message(format!("error: {}: {error}{next}", path.display()));
            Ending::Usage
        })?;
        print(format!("next: mapspec check {0}, or mapspec explain {0}\n", path.display()))?;
        Ok(Ending::Fine)
    }
}
