//! The one comparator: what the model says of a program, against what a kernel did.

use mapspec_model::memory::{Cow, Memory};
use mapspec_model::op::Statement;
use mapspec_model::outcome::Outcome;
use mapspec_model::policy::Policy;
use mapspec_model::{World, step};
use mapspec_oracle::Trace;

use crate::litmus::Test;

/// The model's trace of a program.
pub fn model_trace(program: &[Statement], policy: &Policy) -> Trace {
    trace::<Cow>(program, policy)
}

/// The same, up to the first statement of which the model claims nothing.
pub fn model_trace_within_bounds(program: &[Statement], policy: &Policy) -> Trace {
    let mut trace = model_trace(program, policy);
    let bounds = trace.iter().position(|outcome| *outcome == Outcome::BeyondBounds);
    trace.truncate(bounds.unwrap_or(trace.len()));
    trace
}

/// The first statement that leaves kernels of two policies in different worlds.
pub fn first_parting(program: &[Statement], policies: [&Policy; 2]) -> Option<usize> {
    let mut worlds = [World::<Cow>::new(); 2];
    program.iter().position(|Statement { actor, op }| {
        for (world, policy) in worlds.iter_mut().zip(policies) {
            step(world, *actor, op, policy);
        }
        worlds[0] != worlds[1]
    })
}

/// The trace of a program over one of the model's memories.
pub fn trace<M: Memory>(program: &[Statement], policy: &Policy) -> Trace {
    let mut world = World::<M>::new();
    program.iter().map(|it| step(&mut world, it.actor, &it.op, policy)).collect()
}

/// The first statement in which the kernel did not do what the model says; `None` if they agree.
pub fn first_difference(model: &[Outcome], kernel: &[Outcome]) -> Option<usize> {
    let pairs = model.iter().zip(kernel);
    let shorter = model.len().min(kernel.len());
    pairs
        .into_iter()
        .position(|(model, kernel)| !model.permits(*kernel))
        .or((model.len() != kernel.len()).then_some(shorter))
}

/// A claim of a test that the model contradicts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misclaim {
    /// The place of the statement.
    pub place: usize,
    /// The statement.
    pub statement: Statement,
    /// What the test claims.
    pub claim: Outcome,
    /// What the model says.
    pub model: Outcome,
}

/// The first claim of a test that is not what the model says.
pub fn first_misclaim(test: &Test, model: &[Outcome], policy: &Policy) -> Option<Misclaim> {
    test.lines.iter().zip(model).enumerate().find_map(|(place, (line, &model))| {
        let claim = line.expectation.as_ref()?.claim(policy)?;
        let statement = line.statement;
        (!model.is_within(claim)).then_some(Misclaim { place, statement, claim, model })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mapspec_model::outcome::PageStates;

    #[test]
    fn a_kernel_may_be_in_any_state_that_the_model_allows() {
        let free = Outcome::Page(PageStates::NONE | PageStates::FILE);
        let seen = [PageStates::NONE, PageStates::FILE, PageStates::ZERO].map(Outcome::Page);
        assert_eq!(first_difference(&[free, free, free], &seen), Some(2));
    }

    #[test]
    fn a_kernel_may_show_either_value_that_the_model_allows() {
        let free = Outcome::OneOf(7, 0);
        let seen = [7, 0, 8].map(Outcome::Value);
        assert_eq!(first_difference(&[free, free, free], &seen), Some(2));
        assert!(free.is_within(Outcome::OneOf(0, 7)) && !free.is_within(Outcome::Value(7)));
        assert!(Outcome::Value(7).is_within(free) && !Outcome::Value(8).is_within(free));
    }

    #[test]
    fn a_missing_outcome_is_a_difference() {
        assert_eq!(first_difference(&[Outcome::Success], &[]), Some(0));
        assert_eq!(first_difference(&[], &[]), None);
    }
}
