//! The catalogue of known bugs: a divergence that one of them explains is no news.

use mapspec_model::op::Statement;
use mapspec_model::outcome::Outcome;
use mapspec_model::policy::{FIELDS, Kind, Policy};
use mapspec_oracle::Trace;

use crate::compare::{first_difference, model_trace_within_bounds};
use crate::corpus::Entry;
use crate::litmus::statement_text;

/// A known bug: a test of the corpus about a field of the policy that is a bug.
#[derive(Clone, Debug, PartialEq, Eq)]
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

/// A kernel that has some of the known bugs, or none of them.
#[derive(Clone, Debug)]
pub struct Suspicion<'a> {
    /// The bugs.
    pub bugs: Vec<&'a KnownBug>,
    /// The policy that describes a kernel with them.
    pub policy: Policy,
    /// What the model says of it, up to where a bug leads the program out of the bounds.
    pub model: Trace,
    /// The first statement in which the kernel is not like that.
    pub difference: Option<usize>,
}

impl Suspicion<'_> {
    /// The bugs, for keeps.
    pub fn known(&self) -> Vec<KnownBug> {
        self.bugs.iter().map(|bug| (*bug).clone()).collect()
    }
}

/// What can be suspected of the kernel that showed a trace, the simplest first: no bug, one, two, all
/// of them together. A kernel that has some need not have the others.
pub fn suspicions<'a>(
    known: &'a [KnownBug],
    program: &'a [Statement],
    kernel: &'a [Outcome],
    policy: &'a Policy,
) -> impl Iterator<Item = Suspicion<'a>> {
    let one = known.iter().map(|bug| vec![bug]);
    let two = known.iter().enumerate().flat_map(|(place, first)| {
        known[place + 1..].iter().map(move |second| vec![first, second])
    });
    let all = std::iter::once(known.iter().collect());
    let sets = std::iter::once(vec![]).chain(one).chain(two).chain(all);
    sets.filter_map(move |bugs: Vec<&KnownBug>| {
        let policy = bugs.iter().try_fold(*policy, |policy, bug| policy.with(&bug.field, true))?;
        let model = model_trace_within_bounds(program, &policy);
        let is_cut = model.len() < program.len();
        let seen = if is_cut { &kernel[..model.len().min(kernel.len())] } else { kernel };
        let difference = first_difference(&model, seen);
        Some(Suspicion { bugs, policy, model, difference })
    })
}

/// The known bugs that explain a difference.
#[derive(Clone, Debug)]
pub struct Attribution {
    /// The bugs.
    pub bugs: Vec<KnownBug>,
    /// The statement with which they lead the program out of the model's bounds: nothing is claimed
    /// of the kernel from there on.
    pub until: Option<Statement>,
}

impl Attribution {
    /// What to do about the bugs, in a line, and how far they were seen.
    pub fn advice(&self) -> String {
        let advice = self.bugs.iter().map(KnownBug::advice).collect::<Vec<_>>().join(", ");
        match &self.until {
            Some(until) => {
                let until = statement_text(until);
                format!("{advice}; with it nothing is claimed from {until} on")
            }
            None => advice,
        }
    }

    /// What it is counted as: the names of the bugs, and that they were not seen to the end.
    pub fn name(&self) -> String {
        let names = names(&self.bugs);
        if self.until.is_some() { format!("{names} (then nothing is claimed)") } else { names }
    }
}

/// The names of bugs.
pub fn names(bugs: &[KnownBug]) -> String {
    bugs.iter().map(|bug| bug.id.as_str()).collect::<Vec<_>>().join(", ")
}
