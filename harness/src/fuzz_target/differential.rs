//! The model against the kernel.

use std::time::Duration;

use super::{Failure, program};
use crate::examine::{Examiner, Verdict};
use crate::litmus::Test;
use crate::policy::Selection;
use crate::report;
use crate::session::{Session, SessionError};

/// After what time a statement counts as hung.
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// Holds the running kernel to a policy, with the catalogue's bugs known.
///
/// # Errors
/// Nothing can be found out about the kernel.
pub fn examiner(selection: &Selection) -> Result<Examiner, SessionError> {
    let session = Session::start(selection, TIME_LIMIT)?;
    Ok(Examiner::new(session.differ()))
}

/// The generated program does on the kernel what the model says, or what a known bug explains; if it
/// cannot be run to its end, it is tried once more.
///
/// # Errors
/// It does not, or cannot be run to its end.
pub fn differential(
    bytes: &[u8],
    mut examine: impl FnMut(&Test) -> Verdict,
) -> Result<(), Failure> {
    let test = Test::of_program("fuzz.differential", &program(bytes));
    let mut verdict = examine(&test);
    if matches!(verdict, Verdict::Broken(..)) {
        verdict = examine(&test);
    }
    let what = match verdict {
        Verdict::Agree | Verdict::ModelOnly(_) | Verdict::Known(_) | Verdict::Skip(_) => {
            return Ok(());
        }
        Verdict::Diverge(found) => {
            let report = report::divergence(&test, &found);
            anstream::adapter::strip_str(report.trim()).to_string()
        }
        Verdict::Broken(reason, statements) => {
            format!("broken twice, after {statements} statements: {reason}")
        }
        Verdict::Misclaim(misclaim) => format!("a test without claims has one: {misclaim:?}"),
    };
    Err(Failure::new(what, &test))
}
