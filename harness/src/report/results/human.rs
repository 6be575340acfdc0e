//! Results for a person: a line for each test, then the differences, then a summary.

use std::fmt::Write as _;

use anstyle::Style;

use super::{Case, Run, Word};
use crate::report::style::{bad, emphasis, good, warn};

const fn style(word: Word) -> Style {
    match word {
        Word::Agree => good(),
        Word::ModelOnly | Word::Known | Word::Skip => warn(),
        Word::Diverge | Word::Misclaim | Word::Broken => bad(),
    }
}

/// The line: verdict, name, note.
pub fn case(Case { name, verdict, note, .. }: &Case) -> String {
    let style = style(*verdict);
    let note = note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
    format!("{style}{:<8}{style:#} {name}{note}\n", verdict.text())
}

/// Kernel, policy, and how many tests came to what.
pub fn end(run: &Run, counts: &[(Word, usize)], seconds: f64) -> String {
    let met = counts.iter().filter(|(_, count)| *count > 0);
    let met: Vec<_> = met.map(|(word, count)| format!("{count} {}", word.text())).collect();
    let tests: usize = counts.iter().map(|(_, count)| count).sum();
    let emphasis = emphasis();
    let mut text = format!("\nkernel {}, policy {}\n", run.kernel, run.policy);
    for note in &run.notes {
        let _ = writeln!(text, "  {note}");
    }
    let counts = met.join(", ");
    let _ = writeln!(text, "{emphasis}{tests} tests: {counts}{emphasis:#}; {seconds:.2} s");
    text
}
