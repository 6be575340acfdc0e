//! Where litmus tests come from: the corpus that is built in, or files.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};
use walkdir::WalkDir;

use crate::litmus::{self, Diagnostic, LONGEST_TEXT, Test};

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../corpus");

/// How the name of a litmus test's file ends.
const EXTENSION: &str = "litmus";

/// A test's file, read and understood.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Where it is.
    pub path: String,
    /// The test.
    pub test: Test,
}

/// A file that is no litmus test.
#[derive(Debug)]
pub enum InputError {
    /// It cannot be read, or nothing is there.
    Unreadable {
        /// The file or folder.
        path: String,
        /// Why.
        why: String,
    },
    /// Its text is wrong.
    Malformed {
        /// The file.
        path: String,
        /// Its text.
        text: String,
        /// The mistake.
        diagnostic: Diagnostic,
    },
}

impl InputError {
    /// The message for a person.
    pub fn render(&self, color: bool) -> String {
        match self {
            Self::Unreadable { path, why } => format!("error: {path}: {why}"),
            Self::Malformed { path, text, diagnostic } => diagnostic.render(path, text, color),
        }
    }

    fn unreadable(path: &Path, why: impl ToString) -> Self {
        Self::Unreadable { path: path.display().to_string(), why: why.to_string() }
    }
}

/// The corpus that is built in, by subject and name.
///
/// # Errors
/// A test of it is wrong, which a test of this crate rules out.
pub fn built_in() -> Result<Vec<Entry>, Vec<InputError>> {
    let mut files = Vec::new();
    collect(&BUILT_IN, &mut files);
    files.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    all(files.into_iter().map(|(path, bytes)| read(&path, bytes)))
}

fn collect(folder: &Dir<'static>, files: &mut Vec<(String, &'static [u8])>) {
    files.extend(
        folder
            .files()
            .filter(|file| is_litmus(file.path()))
            .map(|file| (format!("corpus/{}", file.path().display()), file.contents())),
    );
    folder.dirs().for_each(|folder| collect(folder, files));
}

/// The tests in these files, and in these folders and all below them; `-` is the standard input.
///
/// # Errors
/// All files that are no litmus tests, and folders in which there is none.
pub fn from_paths(paths: &[PathBuf]) -> Result<Vec<Entry>, Vec<InputError>> {
    all(paths.iter().flat_map(|path| from_path(path)))
}

fn from_path(path: &Path) -> Vec<Result<Entry, InputError>> {
    if path == Path::new("-") {
        return vec![read_from(Path::new("(standard input)"), io::stdin().lock())];
    }
    if !path.is_dir() {
        return vec![read_file(path)];
    }
    let files = WalkDir::new(path).sort_by_file_name().into_iter();
    let found: Vec<_> = files
        .filter(|entry| {
            entry.as_ref().map_or(true, |it| it.file_type().is_file() && is_litmus(it.path()))
        })
        .map(|entry| match entry {
            Ok(entry) => read_file(entry.path()),
            Err(error) => Err(InputError::unreadable(path, error)),
        })
        .collect();
    if found.is_empty() {
        return vec![Err(InputError::unreadable(path, "there is no .litmus file in this folder"))];
    }
    found
}

fn is_litmus(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == EXTENSION)
}

fn read_file(path: &Path) -> Result<Entry, InputError> {
    let file = File::open(path).map_err(|error| {
        let why = error.to_string();
        let help = format!("{why}; `mapspec new FILE` writes a test to begin with");
        let is_missing = error.kind() == io::ErrorKind::NotFound;
        InputError::unreadable(path, if is_missing { help } else { why })
    })?;
    read_from(path, file)
}

/// Reads no more than a litmus test can have, however long the input is.
fn read_from(path: &Path, input: impl io::Read) -> Result<Entry, InputError> {
    let mut bytes = Vec::new();
    let limit = LONGEST_TEXT as u64 + 1;
    input
        .take(limit)
        .read_to_end(&mut bytes)
        .map_err(|error| InputError::unreadable(path, error))?;
    if bytes.len() > LONGEST_TEXT {
        let why = format!("too long for a litmus test, which has at most {LONGEST_TEXT} bytes");
        return Err(InputError::unreadable(path, why));
    }
    read(&path.display().to_string(), &bytes)
}

fn read(path: &str, bytes: &[u8]) -> Result<Entry, InputError> {
    let text = std::str::from_utf8(bytes).map_err(|error| InputError::Unreadable {
        path: path.to_owned(),
        why: format!("not a text: byte {} is not UTF-8", error.valid_up_to() + 1),
    })?;
    match litmus::parse(text) {
        Ok(mut test) => {
            if test.name.is_empty() {
                test.name = path.to_owned();
            }
            Ok(Entry { path: path.to_owned(), test })
        }
        Err(diagnostic) => {
            Err(InputError::Malformed { path: path.to_owned(), text: text.to_owned(), diagnostic })
        }
    }
}

/// All entries, or all errors.
fn all(
    results: impl Iterator<Item = Result<Entry, InputError>>,
) -> Result<Vec<Entry>, Vec<InputError>> {
    let (mut entries, mut errors) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(entry) => entries.push(entry),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(entries) } else { Err(errors) }
}
