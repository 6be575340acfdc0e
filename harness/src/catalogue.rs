//! The catalogue of known bugs: a divergence that one of them explains is no news.

use mapspec_model::op::Statement;
use mapspec_model::outcome::Outcome;
use mapspec_model::policy::{FIELDS, Kind, Policy};

use crate::compare::{first_difference, model_trace};
use crate::corpus::Entry;

/// A known bug: a test of the corpus about a field of the policy that is a bug.
#[derive(Clone, Debug)]
pub struct KnownBug {
    /// Its name, the test's without the subject.
    pub id: String,
    /// What is wrong.
    pub about: String,
    /// The field of the policy that describes a kernel with the bug.
    pub field: String,
    /// The kernels that have it.
    pub affected: String,
    /// The commits or versions that ended it, or that it is open.
    pub fixed: String,
}

impl KnownBug {
    /// What to do about it, in a line.
    pub fn advice(&self) -> String {
        let Self { id, fixed, .. } = self;
        if fixed == "open" {
            format!("{id}: no kernel has a fix yet")
        } else {
            format!("{id}: you may lack {fixed}")
        }
    }
}

/// The known bugs that a corpus describes.
pub fn known_bugs(corpus: &[Entry]) -> Vec<KnownBug> {
    let is_bug = |name: &str| FIELDS.iter().any(|it| it.name == name && it.kind == Kind::Bug);
    corpus
        .iter()
        .filter_map(|Entry { test, .. }| {
            let field = test.field.clone().filter(|field| is_bug(field))?;
            let id = test.name.split_once('.').map_or(test.name.as_str(), |(_, id)| id);
            Some(KnownBug {
                id: id.to_owned(),
                about: test.about.clone(),
                field,
                affected: test.affected.clone(),
                fixed: test.fixed.clone(),
            })
        })
        .collect()
}

/// The known bugs that explain a kernel's trace: the model with the bug agrees. One bug is looked
/// for first, then two, then all of them together: a kernel that has some need not have the others.
/// Where a bug leads the program out of the bounds, nothing is claimed from there on.
pub fn explain<'a>(
    known: &'a [KnownBug],
    program: &[Statement],
    kernel: &[Outcome],
    policy: &Policy,
) -> Vec<&'a KnownBug> {
    let place = first_difference(&model_trace(program, policy), kernel);
    let agrees = |bugs: &[&KnownBug]| {
        let with_bugs = bugs.iter().try_fold(*policy, |policy, bug| policy.with(&bug.field, true));
        with_bugs.is_some_and(|policy| {
            let mut model = model_trace(program, &policy);
            let said = model.iter().take_while(|it| **it != Outcome::BeyondBounds).count();
            model.truncate(said);
            let kernel =
                if said < program.len() { &kernel[..said.min(kernel.len())] } else { kernel };
            place.is_some_and(|place| place <= said) && first_difference(&model, kernel).is_none()
        })
    };
    let one = known.iter().map(|bug| vec![bug]);
    let two = known.iter().enumerate().flat_map(|(place, first)| {
        known[place + 1..].iter().map(move |second| vec![first, second])
    });
    let all = std::iter::once(known.iter().collect());
    one.chain(two).chain(all).find(|bugs| agrees(bugs)).unwrap_or_default()
}
