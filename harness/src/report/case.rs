//! A judged test as a case of a run.

use super::results::Case;
use super::{divergence, note, word};
use crate::examine::Verdict;
use crate::litmus::{Test, text};

/// The case of a test that was judged in so many seconds.
pub fn case(test: &Test, verdict: &Verdict, seconds: f64) -> Case {
    let (programs, details) = match verdict {
        Verdict::Diverge(found) => {
            (vec![text(&Test::of_program("", &found.difference.shown()))], divergence(test, found))
        }
        Verdict::Misclaim(_) => (vec![text(test)], String::new()),
        _ => (Vec::new(), String::new()),
    };
    Case {
        name: test.name.clone(),
        about: test.about.clone(),
        verdict: word(verdict),
        note: note(test, verdict),
        seconds: Some(seconds),
        programs,
        details,
    }
}
