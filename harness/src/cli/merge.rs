//! `mapspec merge`: joins the results of shards.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use clap::Args;

use super::enumerate::{ending, tell};
use super::output::message;
use super::{Ending, Options};
use crate::enumerate::merge::{Problem, Results, merge, read};
use crate::enumerate::record::Record;
use crate::report::Enumeration;

/// Join the results of all shards of an enumeration.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mapspec merge 1.jsonl 2.jsonl")]
pub struct Merge {
    /// What `mapspec enumerate --format json` has written, `-` for the standard input. A file can
    /// hold several results, one after the other.
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

impl Merge {
    /// Reads the files and prints what one run would have printed.
    pub fn run(&self, options: &Options) -> Result<Ending, Ending> {
        let parts: Result<Vec<_>, _> = self.files.iter().map(|path| from_path(path)).collect();
        let parts = parts.map_err(complain)?.into_iter().flatten().collect();
        let (start, findings, tally) = merge(parts).map_err(complain)?;
        let ending = ending(&start, &tally);
        let mut results = Enumeration::new(options.format);
        tell(&mut results, &Record::Start(start))?;
        findings.iter().try_for_each(|finding| tell(&mut results, finding))?;
        tell(&mut results, &Record::End(tally))?;
        Ok(ending)
    }
}

fn from_path(path: &Path) -> Result<Vec<Results>, Problem> {
    if path == Path::new("-") {
        return read("(standard input)", io::stdin().lock());
    }
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| Problem::Bad(format!("{name}: {error}")))?;
    read(&name, BufReader::new(file))
}

fn complain(problem: Problem) -> Ending {
    let (what, ending) = match problem {
        Problem::Bad(what) => (what, Ending::Usage),
        Problem::Incomplete(what) => (what, Ending::Broken),
    };
    message(format!("error: {what}"));
    ending
}
