//! Results as JSON lines; `record` says what a line is.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Case, Run, Word};

#[derive(Serialize)]
#[serde(tag = "record", rename_all = "kebab-case")]
enum Record<'a> {
    Start(&'a Run),
    Test(&'a Case),
    End { counts: BTreeMap<&'static str, usize>, seconds: f64 },
}

/// The first line.
pub fn start(run: &Run) -> String {
    line(&Record::Start(run))
}

/// The line of a test.
pub fn case(case: &Case) -> String {
    line(&Record::Test(case))
}

/// The last line: how many tests came to each verdict.
pub fn end(counts: &[(Word, usize)], seconds: f64) -> String {
    let counts = counts.iter().map(|(word, count)| (word.text(), *count)).collect();
    line(&Record::End { counts, seconds })
}

/// Strings, numbers and maps with strings for keys can always be written.
fn line(record: &Record<'_>) -> String {
    serde_json::to_string(record).map(|line| line + "\n").unwrap_or_default()
}
