//! What the model does in a program, step by step, and the kernel beside it.

mod html;
mod picture;
mod svg;
mod text;

use mapspec_model::memory::Cow;
use mapspec_model::op::Statement;
use mapspec_model::outcome::Outcome;
use mapspec_model::policy::Policy;
use mapspec_model::{World, step};

use crate::litmus::{outcome_text, statement_text};
use crate::rules::{self, Rule};

pub use html::html;
pub use picture::{Frame, Page, Picture, Pin};
pub use text::text;

/// A step of a program.
#[derive(Clone, Debug)]
pub struct Step {
    /// The statement.
    pub statement: String,
    /// What the model says of it.
    pub model: String,
    /// What the kernel did, if it was asked.
    pub kernel: Option<String>,
    /// Whether the model forbids that.
    pub differs: bool,
    /// The rule that the model followed.
    pub rule: Option<&'static Rule>,
    /// The world afterwards.
    pub picture: Picture,
}

/// The steps of a program under a policy; the kernel's trace may be shorter, or empty.
pub fn steps(program: &[Statement], kernel: &[Outcome], policy: &Policy) -> Vec<Step> {
    let mut world = World::<Cow>::new();
    let explain = |(place, statement): (usize, &Statement)| {
        let Statement { actor, op } = statement;
        let model = step(&mut world, *actor, op, policy);
        let kernel = kernel.get(place);
        Step {
            statement: statement_text(statement),
            model: outcome_text(op, model),
            kernel: kernel.map(|kernel| outcome_text(op, *kernel)),
            differs: kernel.is_some_and(|kernel| !model.permits(*kernel)),
            rule: rules::of(op.call()),
            picture: Picture::of(&world),
        }
    };
    program.iter().enumerate().map(explain).collect()
}
