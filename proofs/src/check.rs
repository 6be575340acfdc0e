//! What a harness does: one step from any world, judged.

use mapspec_model::memory::Ideal;
use mapspec_model::op::{Call, Statement};
use mapspec_model::outcome::Outcome;
use mapspec_model::property::{Property, Step, Verdict};
use mapspec_model::{Policy, World, step};

use crate::any;

/// What a harness is: the table of the documentation is made of these.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(kani, allow(dead_code))]
pub struct Harness {
    /// The name of the function.
    pub name: &'static str,
    /// The properties.
    pub properties: &'static [&'static str],
    /// The mistake of the policy under which it must fail, if it must.
    pub mistake: Option<&'static str>,
    /// The proposal that it is about, if it is about one.
    pub proposal: Option<&'static str>,
}

/// One operation of this kind keeps the property, in any world of a kernel that makes no mistake.
pub fn keeps(call: Call, property: &Property, right: &Policy, policy: &Policy) {
    let before = any::world(right);
    let statement = Statement { actor: any::actor(), op: any::operation(call, right) };
    let mut after = before;
    let outcome = step(&mut after, statement.actor, &statement.op, policy);
    let this = Step::new(&before, statement, outcome, &after);
    let verdict = property.judge(&this);
    kani::cover!(verdict == Verdict::Holds, "the property is about the step");
    kani::assert(verdict != Verdict::Fails, "the property holds");
}

/// One operation of this kind has an outcome that Ideal permits, and afterwards both memories hold
/// the same.
pub fn refines(call: Call, policy: &Policy) {
    let before = any::world(&Policy::default());
    let (actor, op) = (any::actor(), any::operation(call, policy));
    let World { processes, files, userfaults, ref memory } = before;
    let mut ideal = World { processes, files, userfaults, memory: Ideal::of(memory) };
    let mut after = before;
    let outcome = step(&mut after, actor, &op, policy);
    let promised = step(&mut ideal, actor, &op, policy);
    kani::cover!(!matches!(outcome, Outcome::Error(_) | Outcome::BeyondBounds), "it succeeds");
    kani::assert(promised.permits(outcome), "Ideal permits the outcome");
    kani::assert(
        ideal.processes == after.processes
            && ideal.files == after.files
            && ideal.userfaults == after.userfaults
            && ideal.memory.permits(&Ideal::of(&after.memory)),
        "both memories hold the same",
    );
}

/// The policy of a kernel that makes no mistake, and has the first of these proposals.
pub fn right(proposals: &[&str]) -> Policy {
    proposals.first().and_then(|proposal| Policy::named(proposal)).unwrap_or_default()
}

/// A policy with one mistake.
pub fn mistaken(right: &Policy, field: &str) -> Policy {
    right.with(field, true).unwrap_or_default()
}
