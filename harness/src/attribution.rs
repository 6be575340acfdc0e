//! Whose doing a difference is: a known bug's, or nobody's that is known.
//!
//! A difference is known if the model with the bugs does what the kernel did. A bug can lead a program
//! to where the model claims nothing of a kernel that has it. It is blamed for what comes after only if
//! it was seen at work before, and what it left unseen is looked at in the program without it.

use mapspec_model::outcome::Outcome;

use crate::catalogue::{Attribution, Suspicion, suspicions};
use crate::compare::{first_difference, first_parting, model_trace_within_bounds};
use crate::differ::{Class, Differ, Difference, Judgement};
use crate::sweep::Swept;

impl Differ {
    /// Judges a difference between the model and what the kernel did.
    pub(crate) fn attribute(&mut self, swept: &Swept, kernel: &[Outcome]) -> Judgement {
        let known = self.known.clone();
        let policy = self.policy;
        let mut differing = Vec::new();
        let mut leaving = Vec::new();
        for suspicion in suspicions(&known, &swept.program, kernel, &policy) {
            match suspicion.difference {
                Some(_) => differing.push(suspicion),
                None if suspicion.model.len() < swept.program.len() => leaving.push(suspicion),
                None => return Judgement::Known(attribution(swept, &suspicion)),
            }
        }
        // Who can tell the most comes first.
        leaving.sort_by_key(|suspicion| std::cmp::Reverse(suspicion.model.len()));
        let place = first_difference(&swept.model, kernel);
        let explains = |suspicion: &Suspicion<'_>| place < Some(suspicion.model.len());
        let blamed = leaving.iter().find(|it| explains(it) || self.is_at_work(swept, it));
        if let Some(suspicion) = blamed {
            return match self.judge_without(swept, suspicion) {
                Some(divergence @ Judgement::Diverge(_)) => divergence,
                _ => Judgement::Known(attribution(swept, suspicion)),
            };
        }
        differing.sort_by_key(|suspicion| std::cmp::Reverse(suspicion.difference));
        Judgement::Diverge(difference(swept, kernel, &differing[0]))
    }

    /// Whether the kernel is seen to have the bugs before they lead out of the bounds: what it did up
    /// to there, and the sweep of the world that they have made, are theirs and not the model's.
    fn is_at_work(&mut self, swept: &Swept, suspicion: &Suspicion<'_>) -> bool {
        let own = &swept.program[..swept.own.min(suspicion.model.len())];
        let before = Swept::new(own, &suspicion.policy, self.frames);
        let Ok(kernel) = self.oracle.run(&before.program) else { return false };
        let plain = model_trace_within_bounds(&before.program, &self.policy);
        first_difference(&before.model, &kernel).is_none()
            && first_difference(&plain, &kernel[..plain.len()]).is_some()
    }

    /// Judges the program without the statement in which the bugs are first at work.
    fn judge_without(&mut self, swept: &Swept, suspicion: &Suspicion<'_>) -> Option<Judgement> {
        let mut program = swept.program[..swept.own].to_vec();
        let place = first_parting(&program, [&self.policy, &suspicion.policy])?;
        program.remove(place);
        let swept = self.swept(&program);
        Some(self.judge(&swept, None))
    }
}

fn attribution(swept: &Swept, suspicion: &Suspicion<'_>) -> Attribution {
    Attribution {
        bugs: suspicion.known(),
        until: swept.program.get(suspicion.model.len()).copied(),
    }
}

/// Where a kernel differs from what is suspected of it.
fn difference(swept: &Swept, kernel: &[Outcome], suspicion: &Suspicion<'_>) -> Difference {
    let place = suspicion.difference.unwrap_or_default();
    let (model, kernel) = (suspicion.model[place], kernel[place]);
    Difference {
        program: swept.program[..=place].to_vec(),
        own: swept.own.min(place + 1),
        beside: suspicion.known(),
        policy: suspicion.policy,
        trace: suspicion.model[..place].to_vec(),
        model,
        kernel,
        class: Class::new(&swept.program[place], model, kernel),
    }
}
