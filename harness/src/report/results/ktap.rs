//! Results in the kernel's test anything protocol, version 1: the plan first, flat names, and what
//! is to be said of a test before its line, where the kernel's own parser looks for it.
//!
//! Source: Documentation/dev-tools/ktap.rst; tools/testing/kunit/kunit_parser.py.

use std::fmt::Write as _;

use super::{Case, Run, Word, plain};

/// Version and plan, then kernel and policy.
pub fn start(run: &Run) -> String {
    let mut text = format!("KTAP version 1\n1..{}\n", run.tests);
    text += &diagnostics(&format!("kernel {}, policy {}", run.kernel, run.policy));
    run.notes.iter().for_each(|note| text += &diagnostics(note));
    text
}

/// The lines of a test. A known bug counts as skipped: it is no news, but the kernel is not as
/// specified either. So does what is about another kernel: this one was not tested.
pub fn case(number: usize, case: &Case) -> String {
    let Case { name, verdict, note, details, .. } = case;
    let name = one_line(name);
    let note = one_line(note.as_deref().unwrap_or_default());
    let mut text = String::new();
    match verdict {
        Word::Agree => {
            let _ = writeln!(text, "ok {number} {name}");
        }
        Word::Skip => {
            let _ = writeln!(text, "ok {number} {name} # SKIP {note}");
        }
        Word::ModelOnly => {
            let _ = writeln!(text, "ok {number} {name} # SKIP model only: {note}");
        }
        Word::Known => {
            let _ = writeln!(text, "ok {number} {name} # SKIP known bug: {note}");
        }
        Word::Diverge | Word::Misclaim | Word::Broken => {
            text += &diagnostics(&format!("{name}: {}: {note}", verdict.text()));
            text += &diagnostics(&plain(details));
            let _ = writeln!(text, "not ok {number} {name}");
        }
    }
    text
}

/// Totals, as the kernel's own tests print them.
pub fn end(counts: &[(Word, usize)]) -> String {
    let sum = |words: &[Word]| -> usize {
        counts.iter().filter(|(word, _)| words.contains(word)).map(|(_, count)| count).sum()
    };
    let pass = sum(&[Word::Agree]);
    let fail = sum(&[Word::Diverge, Word::Misclaim]);
    let (known, skip, error) =
        (sum(&[Word::Known]), sum(&[Word::Skip, Word::ModelOnly]), sum(&[Word::Broken]));
    format!("# Totals: pass:{pass} fail:{fail} xfail:{known} xpass:0 skip:{skip} error:{error}\n")
}

/// Each line as a diagnostic, which nothing in it can turn into a result.
fn diagnostics(text: &str) -> String {
    text.lines().filter(|line| !line.trim().is_empty()).map(|line| format!("# {line}\n")).collect()
}

fn one_line(text: &str) -> String {
    plain(text).split_whitespace().collect::<Vec<_>>().join(" ").replace('#', "")
}
