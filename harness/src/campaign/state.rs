//! The folder in which a campaign keeps what it has learned. Every file appears whole or not at all,
//! so that the campaign can be killed at any moment.
//!
//! - `corpus/HASH.litmus`: programs that reached a new behavior;
//! - `divergences/CLASS.litmus`: the findings, each with its smallest program;
//! - `sessions/N`: one empty file for each session, so that none repeats the random choices of another.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use mapspec_model::op::Statement;
use tempfile::NamedTempFile;

use super::Finding;
use crate::catalogue::names;
use crate::litmus::{Test, outcome_text, parse, text};
use crate::shrink::Shrunk;

/// The folder.
#[derive(Debug)]
pub struct State {
    folder: PathBuf,
    kernel: String,
    sessions: u64,
}

/// The state cannot be read or written.
#[derive(Debug)]
pub struct StateError {
    /// The file or folder.
    pub path: PathBuf,
    /// Why.
    pub why: io::Error,
}

impl State {
    /// Opens a folder, or makes it; findings will name the kernel.
    ///
    /// # Errors
    /// It cannot be made or written.
    pub fn open(folder: &Path, kernel: &str) -> Result<Self, StateError> {
        for part in ["corpus", "divergences", "sessions"] {
            let path = folder.join(part);
            fs::create_dir_all(&path).map_err(|why| StateError { path, why })?;
        }
        let mut state = Self { folder: folder.to_owned(), kernel: kernel.to_owned(), sessions: 0 };
        state.sessions = state.entries("sessions")?.len() as u64;
        state.write(&folder.join(format!("sessions/{}", state.sessions)), "")?;
        Ok(state)
    }

    /// How many sessions there were before.
    pub const fn sessions(&self) -> u64 {
        self.sessions
    }

    /// The findings of earlier sessions, and what is wrong with the files that hold none.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn findings(&self) -> Result<(Vec<Finding>, Vec<StateError>), StateError> {
        let (mut findings, mut damaged) = (Vec::new(), Vec::new());
        for path in self.entries("divergences")? {
            let content = fs::read_to_string(&path);
            let finding = content.and_then(|content| {
                Finding::parse(&content, path.clone())
                    .map_err(|why| io::Error::new(io::ErrorKind::InvalidData, why))
            });
            match finding {
                Ok(finding) => findings.push(finding),
                Err(why) => damaged.push(StateError { path, why }),
            }
        }
        Ok((findings, damaged))
    }

    /// The programs that were kept. A file that is no litmus test is passed over: somebody else's.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn corpus(&self) -> Result<Vec<Vec<Statement>>, StateError> {
        let texts =
            self.entries("corpus")?.into_iter().filter_map(|path| fs::read_to_string(path).ok());
        Ok(texts.filter_map(|text| parse(&text).ok()).map(|test| test.program()).collect())
    }

    /// Keeps a program.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn keep(&self, program: &[Statement]) -> Result<(), StateError> {
        let mut hasher = DefaultHasher::new();
        program.hash(&mut hasher);
        let name = format!("{:016x}", hasher.finish());
        let test = Test::of_program(&format!("kept.{name}"), program);
        self.write(&self.folder.join(format!("corpus/{name}.litmus")), &text(&test))
    }

    /// A new finding. Its file is one that does not exist yet: what is there stays, whatever it is.
    pub fn finding(&self, shrunk: &Shrunk, after: Duration) -> Finding {
        let name = slug(&format!("found.{}", shrunk.class));
        let names = std::iter::once(name.clone()).chain((2_u32..).map(|it| format!("{name}.{it}")));
        let mut paths = names.map(|it| self.folder.join(format!("divergences/{it}.litmus")));
        let path = paths.find(|path| !path.exists()).unwrap_or_default();
        Finding::new(shrunk, &self.kernel, path, after)
    }

    /// Has a finding take a program, if it is smaller than its own.
    pub fn offer(&self, finding: &mut Finding, shrunk: &Shrunk) -> bool {
        finding.offer(shrunk, &self.kernel)
    }

    /// Writes a finding to its file, if there is news of it.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn save(&self, finding: &mut Finding) -> Result<(), StateError> {
        if !finding.is_saved {
            self.write(&finding.path, &finding.text())?;
            finding.is_saved = true;
        }
        Ok(())
    }

    fn entries(&self, part: &str) -> Result<Vec<PathBuf>, StateError> {
        let path = self.folder.join(part);
        let read = || -> io::Result<Vec<PathBuf>> {
            let mut entries: Vec<_> =
                fs::read_dir(&path)?.map(|it| it.map(|it| it.path())).collect::<Result<_, _>>()?;
            entries.sort_unstable();
            Ok(entries)
        };
        read().map_err(|why| StateError { path: path.clone(), why })
    }

    fn write(&self, path: &Path, text: &str) -> Result<(), StateError> {
        let write = || -> io::Result<()> {
            let mut file = NamedTempFile::new_in(&self.folder)?;
            file.write_all(text.as_bytes())?;
            file.persist(path)?;
            Ok(())
        };
        write().map_err(|why| StateError { path: path.to_owned(), why })
    }
}

/// A finding as a litmus test: the model's outcome of the last statement is the claim.
pub fn finding_test(shrunk: &Shrunk, kernel: &str) -> Test {
    let mut test = Test::of_program(&slug(&format!("found.{}", shrunk.class)), &shrunk.program);
    let (differs, runs) = shrunk.rate;
    if let Some(line) = test.lines.last() {
        let op = &line.statement.op;
        let [model, kernels] = [shrunk.model, shrunk.kernel].map(|it| outcome_text(op, it));
        let beside = if shrunk.beside.is_empty() {
            String::new()
        } else {
            format!(" The model is with {}, which has shown before.", names(&shrunk.beside))
        };
        test.about = format!(
            "The model says {model}, Linux {kernel} did {kernels}, in {differs} of {runs} runs.{beside}"
        );
    }
    test
}

fn slug(text: &str) -> String {
    let mut slug = String::new();
    for letter in text.chars() {
        match letter {
            'a'..='z' | '0'..='9' | '.' => slug.push(letter),
            'A'..='Z' => slug.push(letter.to_ascii_lowercase()),
            _ if slug.ends_with('-') => {}
            _ => slug.push('-'),
        }
    }
    slug
}
