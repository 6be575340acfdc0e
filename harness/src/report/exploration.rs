//! An exploration for a person: what is explored, what came of it, the counterexamples.

use std::fmt::Write as _;

use super::style::{bad, emphasis, good, warn};
use crate::explore::{Configuration, Counterexample, Ending, Exploration, Found};
use crate::litmus;

/// What is about to be explored.
pub fn exploration(
    configuration: &Configuration,
    exploration: &Exploration,
    policy: &str,
) -> String {
    let emphasis = emphasis();
    let about = &configuration.test.about;
    let values = if exploration.alphabet.values.len() > 1 { ", values" } else { "" };
    format!(
        "{emphasis}{}{emphasis:#}  {about}\n  policy {policy}; {} operations, files at one time: {}; up to \
         frame numbers, places of files{values}\n",
        configuration.name,
        exploration.alphabet.ops.len(),
        exploration.files,
    )
}

/// What came of it.
pub fn found(exploration: &Exploration, found: &Found) -> String {
    let (good, bad, warn) = (good(), bad(), warn());
    let mut text = String::new();
    for property in exploration.judged_by() {
        let is = |all: &[&mapspec_model::property::Property]| {
            all.iter().any(|it| it.name == property.name)
        };
        let (style, word) = match found.ending {
            _ if is(&found.violated) => (bad, "fails"),
            Ending::Exhausted if is(&found.silent) => (warn, "vacuous"),
            Ending::Exhausted => (good, "holds"),
            _ => (warn, "unknown"),
        };
        let _ = writeln!(text, "  {style}{word:<8}{style:#} {}", property.name);
    }
    let (states, tried, seconds) = (found.states, found.tried, found.elapsed.as_secs_f64());
    let ending = match found.ending {
        Ending::Exhausted => "exhausted".to_owned(),
        Ending::Violated => "ended by a violation".to_owned(),
        Ending::Stopped(reason) => format!("not exhausted: {reason}"),
    };
    let emphasis = emphasis();
    let _ = writeln!(
        text,
        "  {emphasis}{ending}{emphasis:#}: {states} states, {tried} steps; {seconds:.1} s, {:.0} states/s",
        states as f64 / seconds.max(0.001)
    );
    text
}

/// A program that violates a property.
pub fn counterexample(found: &Counterexample) -> String {
    let mut text = format!("\n{}", litmus::text(&found.test()));
    if let Some(promised) = &found.promised {
        let _ = writeln!(text, "# the manual pages promise {promised} of the last statement");
    }
    text
}
