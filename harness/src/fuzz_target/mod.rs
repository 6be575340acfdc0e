//! What the libFuzzer targets of `harness/fuzz` check: one function for each target, from the bytes
//! of an input to a failure that can be saved and run.

mod differential;
mod litmus;
mod refinement;

use std::fmt;

use arbitrary::Unstructured;
use mapspec_model::op::Statement;

use crate::generate;
use crate::litmus::{Test, text};
use crate::policy::Selection;

pub use differential::{differential, examiner};
pub use litmus::{is_in_place, litmus, round_trip};
pub use refinement::refinement;

/// The variable of the environment that corrects the policy, as `--policy` does for the command.
pub const POLICY: &str = "MAPSPEC_POLICY";

/// What is wrong with an input.
///
/// Its display is a litmus test with what is wrong in comments, between a line that starts with
/// `# reproducer` and one that starts with `# end`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What is wrong.
    pub what: String,
    /// The litmus test that shows it.
    pub text: String,
}

impl Failure {
    fn new(what: String, test: &Test) -> Self {
        Self { what, text: text(test) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n# reproducer")?;
        for line in self.what.lines() {
            writeln!(f, "{}", format!("# {line}").trim_end())?;
        }
        writeln!(f, "{}\n# end of the reproducer", self.text.trim_end())
    }
}

/// The policy that the environment asks for.
///
/// # Errors
/// It asks for something that does not exist.
pub fn selection() -> Result<Selection, String> {
    match std::env::var(POLICY) {
        Ok(text) => text.parse().map_err(|error| format!("{POLICY}: {error}")),
        Err(_) => "detected".parse(),
    }
}

/// The program that these bytes stand for.
fn program(bytes: &[u8]) -> Vec<Statement> {
    generate::program(&[], &mut Unstructured::new(bytes)).unwrap_or_default()
}
