//! Evidence for one divergence: everything that somebody needs to believe it and to find its cause.

mod machine;
mod text;

use mapspec_model::op::Statement;
use mapspec_model::outcome::Outcome;
use mapspec_model::policy::Policy;
use serde::Serialize;

pub use machine::Machine;
pub use text::text;

use super::c::{self, Inexpressible};
use crate::catalogue::KnownBug;
use crate::compare::model_trace;
use crate::differ::Difference;
use crate::litmus::{self, Expectation, Line, Test, outcome_text, statement_text};
use crate::rules;

/// A divergence with all that belongs to it.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The test: its last statement is the one that differs, with the model's outcome as its claim.
    pub test: Test,
    /// What the model says of each statement.
    pub model: Vec<Outcome>,
    /// What the kernel did.
    pub kernel: Vec<Outcome>,
    /// In how many of how many runs the kernel was not the model.
    pub rate: (u32, u32),
    /// The known bugs that explain it.
    pub known: Vec<KnownBug>,
    /// Where it was seen.
    pub machine: Machine,
    /// What the kernel was held to.
    pub policy: Policy,
    /// Its name.
    pub policy_name: String,
}

impl Evidence {
    /// The test of a divergence that was found in another test: with `whole`, all of the sweep that
    /// came before it, because it matters.
    pub fn test_of(test: &Test, found: &Difference, whole: bool, policy: &Policy) -> Test {
        let program = if whole { found.program.clone() } else { found.shown() };
        let model = model_trace(&program, policy);
        let last = program.len().saturating_sub(1);
        let line = |(place, statement): (usize, &Statement)| {
            let own = test.lines.get(place).filter(|line| line.statement == *statement);
            let claim = |outcome| Expectation { alternatives: vec![(outcome, None)] };
            let expectation = match own {
                _ if place == last => Some(claim(model[place])),
                Some(line) => line.expectation.clone(),
                None => None,
            };
            let comments = own.map(|line| line.comments.clone()).unwrap_or_default();
            Line { statement: *statement, expectation, comments }
        };
        let lines = program.iter().enumerate().map(line).collect();
        Test { lines, ..test.clone() }
    }

    /// The statement that differs, as an operation and both outcomes.
    fn difference(&self) -> (Statement, Outcome, Outcome) {
        let last = self.test.lines.len() - 1;
        (self.test.lines[last].statement, self.model[last], self.kernel[last])
    }

    /// What is wrong, in one line.
    pub fn summary(&self) -> String {
        let (statement, model, kernel) = self.difference();
        let op = &statement.op;
        format!(
            "{} is {}, not {}",
            statement_text(&statement),
            outcome_text(op, kernel),
            outcome_text(op, model)
        )
    }

    /// Who says what should happen: the test, or else the rule of the model.
    pub fn reference(&self) -> String {
        let (statement, ..) = self.difference();
        if self.test.reference.is_empty() {
            rules::of(statement.op.call()).map(|rule| rule.source()).unwrap_or_default()
        } else {
            self.test.reference.clone()
        }
    }

    /// The C program that shows it.
    ///
    /// # Errors
    /// A statement has no C.
    pub fn repro(&self) -> Result<String, Inexpressible> {
        let program = self.test.program();
        let (_, _, kernel) = self.difference();
        c::source(&c::Repro {
            test: &self.test,
            program: &program,
            expected: &self.model,
            seen: Some((kernel, &format!("Linux {}", self.machine.release))),
            policy: &self.policy,
            policy_name: &self.policy_name,
            lenient: false,
        })
    }

    /// The litmus test that shows it.
    pub fn litmus(&self) -> String {
        litmus::text(&self.test)
    }

    /// Everything, for a program.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn json(&self) -> serde_json::Result<String> {
        #[derive(Serialize)]
        struct Step {
            statement: String,
            model: String,
            kernel: String,
        }
        #[derive(Serialize)]
        struct Trace<'a> {
            schema: u32,
            version: &'static str,
            test: &'a str,
            policy: &'a str,
            machine: &'a Machine,
            known: Vec<&'a str>,
            rate: (u32, u32),
            steps: Vec<Step>,
        }
        let steps = self.test.lines.iter().zip(&self.model).zip(&self.kernel);
        let step =
            |((Line { statement, .. }, model), kernel): ((&Line, &Outcome), &Outcome)| Step {
                statement: statement_text(statement),
                model: outcome_text(&statement.op, *model),
                kernel: outcome_text(&statement.op, *kernel),
            };
        let trace = Trace {
            schema: 1,
            version: env!("CARGO_PKG_VERSION"),
            test: &self.test.name,
            policy: &self.policy_name,
            machine: &self.machine,
            known: self.known.iter().map(|bug| bug.id.as_str()).collect(),
            rate: self.rate,
            steps: steps.map(step).collect(),
        };
        serde_json::to_string_pretty(&trace).map(|text| text + "\n")
    }
}
