//! A counterexample as a program.

use mapspec_model::op::Statement;
use mapspec_model::outcome::Outcome;
use mapspec_model::property::Property;

use super::model::Exploration;
use super::state::State;
use crate::compare::{model_trace, trace};
use crate::litmus::{Expectation, Line, Test, outcome_text};
use mapspec_model::memory::Ideal;

/// A program whose last step violates a property.
#[derive(Clone, Debug)]
pub struct Counterexample {
    /// The property.
    pub property: &'static Property,
    /// The program.
    pub program: Vec<Statement>,
    /// What the model says of it.
    pub trace: Vec<Outcome>,
    /// What the manual pages promise of the last statement, if it is something else.
    pub promised: Option<String>,
}

impl Counterexample {
    /// The program that passes through these states, from the first one on. A state is a canonical
    /// form, in which things may have other names than in the state before; so at each step that
    /// statement is taken which leads from the program's own world to the next form.
    pub fn new(
        exploration: &Exploration,
        property: &'static Property,
        states: &[State],
    ) -> Option<Self> {
        let mut current = exploration.start();
        let mut program = Vec::new();
        for state in states.iter().skip(1) {
            let statements: Vec<_> = exploration.statements(current.world()).collect();
            let (statement, next) = statements.into_iter().find_map(|statement| {
                let next = exploration.after(&current, statement)?;
                let form = next.clone().canonical(&exploration.alphabet.values);
                (form == *state).then_some((statement, next))
            })?;
            program.push(statement);
            current = next;
        }
        let trace_of_model = model_trace(&program, &exploration.policy);
        let promised = trace::<Ideal>(&program, &exploration.policy);
        let promised = promised.last().zip(trace_of_model.last()).zip(program.last());
        let promised = promised.and_then(|((promised, outcome), statement)| {
            let differs = !promised.permits(*outcome);
            differs.then(|| outcome_text(&statement.op, *promised))
        });
        Some(Self { property, program, trace: trace_of_model, promised })
    }

    /// The program as a litmus test that claims what the model says.
    pub fn test(&self) -> Test {
        let lines = self.program.iter().zip(&self.trace).map(|(&statement, &outcome)| {
            let expectation = Some(Expectation { alternatives: vec![(outcome, None)] });
            Line { statement, expectation, comments: Vec::new() }
        });
        Test {
            name: format!("explore.{}", self.property.name),
            about: format!("Violates: {}", self.property.says),
            reference: self.property.source.to_owned(),
            lines: lines.collect(),
            ..Test::default()
        }
    }
}
