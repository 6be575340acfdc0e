//! What a test claims of a statement's outcome.

use mapspec_model::outcome::Outcome;
use mapspec_model::policy::Policy;

/// A claim with its alternatives: the first whose condition holds is the claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// Outcomes and their conditions, in order.
    pub alternatives: Vec<(Outcome, Option<Condition>)>,
}

/// `FIELD` or `!FIELD` of the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The field's name.
    pub field: String,
    /// The value that it must have.
    pub value: bool,
}

impl Expectation {
    /// The claim under a policy, if some condition holds.
    pub fn claim(&self, policy: &Policy) -> Option<Outcome> {
        let holds = |condition: &Condition| policy.get(&condition.field) == Some(condition.value);
        self.alternatives
            .iter()
            .find(|(_, condition)| condition.as_ref().is_none_or(holds))
            .map(|(outcome, _)| *outcome)
    }
}
