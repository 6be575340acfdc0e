//! One line for one test.

use anstyle::Style;

use super::style::{bad, good, warn};
use crate::examine::Verdict;
use crate::litmus::{Test, outcome_text, statement_text};

/// The verdict's word.
pub const fn verdict_name(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Agree => "agree",
        Verdict::Diverge(_) => "diverge",
        Verdict::Misclaim(_) => "misclaim",
        Verdict::Known(_) => "known",
        Verdict::Skip(_) => "skip",
        Verdict::Broken(..) => "broken",
    }
}

const fn style(verdict: &Verdict) -> Style {
    match verdict {
        Verdict::Agree => good(),
        Verdict::Known(_) | Verdict::Skip(_) => warn(),
        Verdict::Diverge(_) | Verdict::Misclaim(_) | Verdict::Broken(..) => bad(),
    }
}

/// What is to be said beside the word, if anything.
pub fn note(test: &Test, verdict: &Verdict) -> Option<String> {
    let statement = |place: usize| {
        let line = test.lines.get(place).map(|line| statement_text(&line.statement));
        line.unwrap_or_else(|| "the sweep".to_owned())
    };
    match verdict {
        Verdict::Agree => None,
        Verdict::Diverge(divergence) => {
            let (model, kernel) = (divergence.model, divergence.kernel);
            divergence.program.last().map(|last| {
                format!(
                    "{}: model {}, kernel {}",
                    statement_text(last),
                    outcome_text(&last.op, model),
                    outcome_text(&last.op, kernel)
                )
            })
        }
        Verdict::Misclaim(misclaim) => {
            let op = &misclaim.statement.op;
            Some(format!(
                "{}: claimed {}, model and kernel {}",
                statement_text(&misclaim.statement),
                outcome_text(op, misclaim.claim),
                outcome_text(op, misclaim.model)
            ))
        }
        Verdict::Known(bugs) => {
            Some(bugs.iter().map(|bug| bug.id.as_str()).collect::<Vec<_>>().join(", "))
        }
        Verdict::Skip(reason) => Some(reason.clone()),
        Verdict::Broken(reason, place) => Some(format!("{}: {reason}", statement(*place))),
    }
}

/// The line: verdict, name, note.
pub fn verdict_line(test: &Test, verdict: &Verdict) -> String {
    let style = style(verdict);
    let word = verdict_name(verdict);
    let note = note(test, verdict).map(|note| format!(": {note}")).unwrap_or_default();
    format!("{style}{word:<9}{style:#}{}{note}", test.name)
}
