//! What a run of tests came to, in the form that was asked for.
//!
//! A command tells its run, then each test, then the end; the [`Printer`] says what is written at
//! each of these moments.

mod by_call;
mod human;
mod json;
mod junit;
mod ktap;

use std::collections::BTreeMap;

use serde::Serialize;

pub use by_call::{Finding, by_call, tests};
use junit::Junit;

/// The version of the JSON lines' form.
pub const SCHEMA: u32 = 1;

/// How results are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For a person.
    #[default]
    Human,
    /// JSON lines: one object for each thing that is told.
    Json,
    /// The kernel's test anything protocol.
    Ktap,
    /// JUnit XML.
    Junit,
}

/// What a run is about.
#[derive(Clone, Debug, Serialize)]
pub struct Run {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The command.
    pub command: &'static str,
    /// The version of mapspec.
    pub version: &'static str,
    /// `uname -r`.
    pub kernel: String,
    /// The name of the policy.
    pub policy: String,
    /// The fields of the policy that are on.
    pub fields: Vec<&'static str>,
    /// What is to be said of the policy: corrections of the preset, fields that were not detected.
    pub notes: Vec<String>,
    /// How many tests there are.
    pub tests: usize,
}

/// What a test came to, as a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Word {
    /// Kernel, model and claims say the same.
    Agree,
    /// The kernel is not the model.
    Diverge,
    /// The model is not what the test claims.
    Misclaim,
    /// Model and claims say the same of a kernel that was not asked.
    ModelOnly,
    /// The kernel is not the model, and known bugs explain it.
    Known,
    /// The test cannot be run here.
    Skip,
    /// The test could not be run to its end.
    Broken,
}

impl Word {
    /// All of them, in the order in which they are counted.
    pub const ALL: [Self; 7] = [
        Self::Agree,
        Self::Diverge,
        Self::Misclaim,
        Self::ModelOnly,
        Self::Known,
        Self::Skip,
        Self::Broken,
    ];

    /// How it is written.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Agree => "agree",
            Self::Diverge => "diverge",
            Self::Misclaim => "misclaim",
            Self::ModelOnly => "model-only",
            Self::Known => "known",
            Self::Skip => "skip",
            Self::Broken => "broken",
        }
    }
}

/// A test, and what it came to.
#[derive(Clone, Debug, Serialize)]
pub struct Case {
    /// Its name, which no other test of the run has.
    pub name: String,
    /// What it shows.
    pub about: String,
    /// What it came to.
    pub verdict: Word,
    /// What is to be said beside the word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// How long it took, if it was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// The programs that diverge, as litmus tests.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub programs: Vec<String>,
    /// Everything that a person wants to know of a difference.
    #[serde(skip)]
    pub details: String,
}

/// Writes results.
pub struct Printer {
    format: Format,
    run: Run,
    names: BTreeMap<String, usize>,
    number: usize,
    counts: [usize; Word::ALL.len()],
    details: String,
    junit: Junit,
}

impl Printer {
    /// A printer of a run, and what is written first.
    pub fn new(format: Format, run: Run) -> (Self, String) {
        let text = match format {
            Format::Human | Format::Junit => String::new(),
            Format::Json => json::start(&run),
            Format::Ktap => ktap::start(&run),
        };
        let junit = Junit::new(&run);
        let counts = [0; Word::ALL.len()];
        let names = BTreeMap::new();
        (Self { format, run, names, number: 0, counts, details: String::new(), junit }, text)
    }

    /// What is written of a test; a person reads the details at the end. A name that was there
    /// before gets a number.
    pub fn case(&mut self, mut case: Case) -> String {
        self.number += 1;
        let same = self.names.entry(case.name.clone()).or_default();
        *same += 1;
        if *same > 1 {
            case.name = format!("{} ({same})", case.name);
        }
        self.counts[case.verdict as usize] += 1;
        match self.format {
            Format::Human => {
                self.details += &case.details;
                human::case(&case)
            }
            Format::Json => json::case(&case),
            Format::Ktap => ktap::case(self.number, &case),
            Format::Junit => {
                self.junit.add(&case);
                String::new()
            }
        }
    }

    /// What is written at the end, after so many seconds.
    ///
    /// # Errors
    /// The form cannot hold it.
    pub fn end(self, seconds: f64) -> Result<String, String> {
        let counts: Vec<_> = Word::ALL.into_iter().zip(self.counts).collect();
        match self.format {
            Format::Human => Ok(self.details + &human::end(&self.run, &counts, seconds)),
            Format::Json => Ok(json::end(&counts, seconds)),
            Format::Ktap => Ok(ktap::end(&counts)),
            Format::Junit => self.junit.end(seconds),
        }
    }
}

/// Text without colors.
fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}
