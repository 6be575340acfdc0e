//! One litmus test, judged: kernel, model and claim.

use mapspec_model::op::Statement;
use mapspec_model::outcome::Outcome;
use mapspec_model::policy::Policy;
use mapspec_oracle::pin::Mechanism;
use mapspec_oracle::{Broken, Reason, Sabotage};

use crate::adversity::{Adversity, first_shown};
use crate::catalogue::Attribution;
use crate::compare::{Misclaim, first_misclaim, model_trace};
use crate::differ::{Differ, Difference, Judgement};
use crate::litmus::{Need, Test};
use crate::sweep::Swept;
use crate::view::View;

/// How often a diverging program is run in all.
const CONFIRMATIONS: u32 = 10;

/// What a test comes to.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// Kernel, model and claims say the same.
    Agree,
    /// The kernel is not the model.
    Diverge(Box<Divergence>),
    /// The model is not what the test claims; the kernel, if it was asked, agrees with the model.
    Misclaim(Misclaim),
    /// Model and claims say the same of this kernel, which is not the running one.
    ModelOnly(&'static str),
    /// The kernel is not the model, and known bugs explain it.
    Known(Attribution),
    /// The test cannot be run here: why, and what would help.
    Skip(String),
    /// The test could not be run to its end: why, and after how many statements.
    Broken(Reason, usize),
}

/// A difference between kernel and model.
#[derive(Clone, Debug)]
pub struct Divergence {
    /// The difference.
    pub difference: Difference,
    /// What the test claims of the statement that differs, if anything.
    pub claim: Option<Outcome>,
    /// What held the pins, where there was a choice.
    pub mechanism: Option<Mechanism>,
    /// In how many of how many runs the kernel was not the model.
    pub rate: (u32, u32),
    /// Model and kernel before the last of the test's own statements that were run.
    pub before: View,
    /// The same after it.
    pub after: View,
}

/// Judges tests on the running kernel.
pub struct Examiner {
    differ: Differ,
}

impl Examiner {
    /// An examiner.
    pub const fn new(differ: Differ) -> Self {
        Self { differ }
    }

    /// The process id of the oracle's zygote, while there is one.
    pub fn zygote(&self) -> Option<u32> {
        self.differ.oracle.zygote()
    }

    /// Judges a test, with something going wrong in its run if asked for.
    pub fn examine(&mut self, test: &Test, sabotage: Option<Sabotage>) -> Verdict {
        self.examine_under(Adversity::none(), test, sabotage)
    }

    /// The same, under adversity.
    pub fn examine_under(
        &mut self,
        mut adversity: Adversity,
        test: &Test,
        sabotage: Option<Sabotage>,
    ) -> Verdict {
        if let Some((kernel, policy)) = test.kernel.zip(test.kernel_policy()) {
            let model = model_trace(&test.program(), &policy);
            return first_misclaim(test, &model, &policy)
                .map_or(Verdict::ModelOnly(kernel), Verdict::Misclaim);
        }
        let policy = self.differ.policy;
        let plain = self.differ.swept(&test.program());
        let program = &plain.program[..plain.own];
        if let Err(reason) = self.allow(test, program) {
            return Verdict::Skip(reason);
        }
        let adverse = adversity.throw_into(program, &policy, &self.differ.capabilities);
        let swept = self.differ.swept(&adverse.program);
        let choices = mechanisms(program);
        let mut judgement = Judgement::Agree;
        for choice in 0..choices.len().max(1) {
            self.differ.oracle.mechanism = Some(choice);
            judgement = self.differ.judge(&swept, sabotage);
            if !matches!(judgement, Judgement::Agree) {
                break;
            }
        }
        match judgement {
            Judgement::Agree => first_misclaim(test, &plain.model[..plain.own], &policy)
                .or_else(|| first_shown(&plain, &adverse, &swept))
                .map_or(Verdict::Agree, Verdict::Misclaim),
            Judgement::Known(attribution) => Verdict::Known(attribution),
            Judgement::Broken(Broken { reason, trace }) => {
                Verdict::Broken(reason, adverse.place_in_program(trace.len()))
            }
            Judgement::Diverge(difference) => {
                let place = difference.program.len() - 1;
                let is_of_test = adverse.program.starts_with(&difference.program);
                let place = adverse.places.get(place).copied().flatten().filter(|_| is_of_test);
                let line = place.and_then(|place| test.lines.get(place));
                let expectation = line.and_then(|line| line.expectation.as_ref());
                let claim = expectation.and_then(|expectation| expectation.claim(&policy));
                let mechanism = self.differ.oracle.mechanism.and_then(|it| choices.get(it));
                let mechanism = mechanism.copied();
                let divergence = self.diverge(difference, claim);
                Verdict::Diverge(Box::new(Divergence { mechanism, ..divergence }))
            }
        }
    }

    fn allow(&self, test: &Test, program: &[Statement]) -> Result<(), String> {
        for need in &test.needs {
            match need {
                Need::Root => self.differ.capabilities.root.clone()?,
                Need::Mechanism(mechanism) => mechanism.available()?,
            }
        }
        self.differ.allow(program)
    }

    fn diverge(&mut self, difference: Difference, claim: Option<Outcome>) -> Divergence {
        let Difference { program, own, policy, .. } = &difference;
        let differs = 1 + self.differ.rate(program, difference.model, CONFIRMATIONS - 1);
        let (last, own) = (program.len() - 1, *own);
        let last = last.min(own.saturating_sub(1));
        Divergence {
            rate: (differs, CONFIRMATIONS),
            before: self.view(&program[..last], policy),
            after: self.view(&program[..=last], policy),
            claim,
            mechanism: None,
            difference,
        }
    }

    /// What model and kernel look like after a program.
    fn view(&mut self, program: &[Statement], policy: &Policy) -> View {
        let Swept { program, model, own } = Swept::new(program, policy, self.differ.frames);
        let kernel = self.differ.oracle.run(&program).unwrap_or_default();
        View::new(&program[own..], &model[own..], kernel.get(own..).unwrap_or_default())
    }
}

/// What can hold the pins of a program, where there is a choice: each must agree with the model, and so
/// with the others.
fn mechanisms(program: &[Statement]) -> Vec<Mechanism> {
    let choices = program.iter().filter_map(|it| mapspec_oracle::mechanisms(it).ok());
    choices.max_by_key(Vec::len).filter(|it| it.len() > 1).unwrap_or_default()
}
