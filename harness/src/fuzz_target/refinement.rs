//! Ideal against Cow: copy-on-write is invisible.

use mapspec_model::memory::{Cow, Ideal};
use mapspec_model::op::Statement;
use mapspec_model::outcome::Outcome;
use mapspec_model::policy::{PRESETS, Policy};

use super::{Failure, program};
use crate::compare::{first_difference, trace};
use crate::litmus::{Expectation, Test};
use crate::policy::{Base, Selection};
use crate::sweep::Swept;

/// Of each statement of the generated program and its sweep, Ideal permits Cow's outcome. The first
/// byte chooses a preset, unless the selection names one; the rest is the program.
///
/// # Errors
/// Ideal does not permit it. The claim of the failure's last statement is what Ideal says.
pub fn refinement(bytes: &[u8], selection: &Selection) -> Result<(), Failure> {
    let (choice, bytes) = bytes.split_first().unwrap_or((&0, &[]));
    let (name, base) = match selection.base {
        Base::Preset(name, policy) => (name, policy),
        Base::Detected => {
            let name = PRESETS[usize::from(*choice) % PRESETS.len()].0;
            (name, Policy::named(name).unwrap_or_default())
        }
    };
    let policy = selection.correct(base);
    let swept = Swept::new(&program(bytes), &policy, true);
    match counterexample(&swept.program, &policy) {
        None => Ok(()),
        Some(found) => {
            let (program, ideal) = smallest(found, &policy);
            Err(failure(name, selection, &program, ideal))
        }
    }
}

/// The program up to the statement of which Ideal does not permit Cow's outcome, and what Ideal says
/// of that.
fn counterexample(program: &[Statement], policy: &Policy) -> Option<(Vec<Statement>, Outcome)> {
    let ideal = trace::<Ideal>(program, policy);
    let place = first_difference(&ideal, &trace::<Cow>(program, policy))?;
    Some((program[..=place].to_vec(), ideal[place]))
}

/// The counterexample without the statements that it does not need.
fn smallest(mut found: (Vec<Statement>, Outcome), policy: &Policy) -> (Vec<Statement>, Outcome) {
    for place in (0..found.0.len()).rev() {
        let mut without = found.0.clone();
        if place < without.len() {
            without.remove(place);
        }
        found = counterexample(&without, policy).unwrap_or(found);
    }
    found
}

fn failure(preset: &str, selection: &Selection, program: &[Statement], ideal: Outcome) -> Failure {
    let mut test = Test::of_program("fuzz.refinement", program);
    if let Some(last) = test.lines.last_mut() {
        last.expectation = Some(Expectation { alternatives: vec![(ideal, None)] });
    }
    let mut policy = preset.to_owned();
    for (field, value) in &selection.corrections {
        policy += if *value { "," } else { ",!" };
        policy += field;
    }
    let what = format!(
        "copy-on-write is visible: the last claim is Ideal's, and Cow's outcome is another.\n\
         mapspec check --policy {policy}"
    );
    Failure::new(what, &test)
}
