//! What is said of a verdict.

use super::results::Word;
use crate::differ::Difference;
use crate::examine::Verdict;
use crate::litmus::{Test, outcome_text, statement_text};

/// The verdict's word.
pub const fn word(verdict: &Verdict) -> Word {
    match verdict {
        Verdict::Agree => Word::Agree,
        Verdict::Diverge(_) => Word::Diverge,
        Verdict::Misclaim(_) => Word::Misclaim,
        Verdict::ModelOnly(_) => Word::ModelOnly,
        Verdict::Known(_) => Word::Known,
        Verdict::Skip(_) => Word::Skip,
        Verdict::Broken(..) => Word::Broken,
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
            let Difference { program, model, kernel, .. } = &divergence.difference;
            program.last().map(|last| {
                format!(
                    "{}: model {}, kernel {}",
                    statement_text(last),
                    outcome_text(&last.op, *model),
                    outcome_text(&last.op, *kernel)
                )
            })
        }
        Verdict::Misclaim(misclaim) => {
            let op = &misclaim.statement.op;
            let asked = if test.kernel.is_some() { "model" } else { "model and kernel" };
            Some(format!(
                "{}: claimed {}, {asked} {}",
                statement_text(&misclaim.statement),
                outcome_text(op, misclaim.claim),
                outcome_text(op, misclaim.model)
            ))
        }
        Verdict::ModelOnly(kernel) => Some(format!("of {kernel}, which was not asked")),
        Verdict::Known(attribution) => Some(attribution.advice()),
        Verdict::Skip(reason) => Some(reason.clone()),
        Verdict::Broken(reason, place) => Some(format!("{}: {reason}", statement(*place))),
    }
}
