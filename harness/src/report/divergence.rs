//! A divergence, so that one sees what happened: the program with the differing step, both outcomes,
//! both worlds before and after.

use std::fmt::Write as _;

use super::style::{bad, emphasis, faint};
use crate::catalogue::names;
use crate::examine::Divergence;
use crate::litmus::{Test, outcome_text, statement_text};

/// The text of a divergence of a test. The program in it is a litmus test that can be saved and run.
pub fn divergence(test: &Test, divergence: &Divergence) -> String {
    let found = &divergence.difference;
    let mut text = String::new();
    let (emphasis, bad, faint) = (emphasis(), bad(), faint());
    let _ = writeln!(text, "\n{emphasis}{}{emphasis:#}  {}", test.name, test.about);
    let last = found.program.len() - 1;
    for (place, statement) in found.program.iter().enumerate() {
        if place >= found.own && place < last {
            continue;
        }
        let written = statement_text(statement);
        if place == last {
            let seen = if place < found.own { "" } else { "  # the sweep" };
            let _ = writeln!(text, "{bad}> {written}{bad:#}{seen}");
        } else {
            let outcome = outcome_text(&statement.op, found.trace[place]);
            let _ = writeln!(text, "  {written:39} {faint}= {outcome}{faint:#}");
        }
    }
    let op = &found.program[last].op;
    if let Some(claim) = divergence.claim {
        let _ = writeln!(text, "  claim:  {}", outcome_text(op, claim));
    }
    let _ = writeln!(text, "  model:  {}", outcome_text(op, found.model));
    let (differs, runs) = divergence.rate;
    let kernel = outcome_text(op, found.kernel);
    let _ = writeln!(text, "  kernel: {kernel}  (not the model's in {differs} of {runs} runs)");
    if !found.beside.is_empty() {
        let names = names(&found.beside);
        let _ = writeln!(text, "  known:  {names}; it has shown before, and the model is with it");
    }
    if let Some(mechanism) = divergence.mechanism {
        let _ = writeln!(text, "  pins:   held by {mechanism}; others are tried as well");
    }
    let step = last.min(found.own.saturating_sub(1));
    let step = statement_text(&found.program[step]);
    let _ = write!(text, "{emphasis}before{emphasis:#} {step}\n{}", divergence.before.table());
    let _ = write!(text, "{emphasis}after{emphasis:#} {step}\n{}", divergence.after.table());
    text
}
