//! The properties: what is true of every step, as named values.
//!
//! A property looks at one step and says whether it is [about](Verdict) it, and if so, whether it
//! holds. So a run that met no step that a property is about has shown nothing, and it can be seen.
//! Under each of its [mistakes](Property::mistakes), a field of the policy that is a bug or what
//! older kernels did, a property fails: that it can fail is tested. It holds under every preset of
//! the [policy](crate::policy) that makes none of them.

mod content;
mod file;
mod memory;
mod past_end;
mod pin;
mod seal;
mod structure;
mod userfault;

use crate::memory::Cow;
use crate::op::Statement;
use crate::outcome::Outcome;
use crate::policy::Policy;
use crate::world::World;

/// One step of the model.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// The world before.
    pub before: &'a World<Cow>,
    /// Who did what.
    pub statement: Statement,
    /// What came of it.
    pub outcome: Outcome,
    /// The world after.
    pub after: &'a World<Cow>,
    /// What [`Ideal`](crate::memory::Ideal) says of the same statement, where it stands beside.
    pub promised: Option<Outcome>,
    /// Whether the two worlds differ: several properties ask.
    changed: bool,
}

impl<'a> Step<'a> {
    /// A step from one world to another, with nothing beside it.
    pub fn new(
        before: &'a World<Cow>,
        statement: Statement,
        outcome: Outcome,
        after: &'a World<Cow>,
    ) -> Self {
        Self { before, statement, outcome, after, promised: None, changed: before != after }
    }

    /// The same with what [`Ideal`](crate::memory::Ideal) says of it.
    #[must_use]
    pub const fn beside(self, promised: Option<Outcome>) -> Self {
        Self { promised, ..self }
    }

    /// Whether the world is another one afterwards.
    pub const fn changed(&self) -> bool {
        self.changed
    }
}

/// What a property says of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is about other steps.
    Silent,
    /// It is about this one, and true of it: a witness that it is not empty.
    Holds,
    /// It is about this one, and not true of it.
    Fails,
}

/// A property, as a value.
#[derive(Clone, Copy, Debug)]
pub struct Property {
    /// Its name.
    pub name: &'static str,
    /// Its sentence.
    pub says: &'static str,
    /// Where Linux or its manual pages say so.
    pub source: &'static str,
    /// The fields of the policy under each of which it fails; those that are proposals change one
    /// that is right.
    pub mistakes: &'static [&'static str],
    judge: fn(&Step<'_>) -> Verdict,
}

impl Property {
    /// Whether a kernel with this policy makes none of the mistakes under which it fails.
    pub fn is_expected(&self, policy: &Policy) -> bool {
        self.mistakes.iter().all(|mistake| policy.get(mistake) != Some(true))
    }

    /// What it says of a step.
    pub fn judge(&self, step: &Step<'_>) -> Verdict {
        (self.judge)(step)
    }
}

/// All properties, by subject.
pub const ALL: &[Property] = &[
    structure::INVARIANT,
    structure::FAILURE_CHANGES_NOTHING,
    structure::COPY_ON_WRITE_IS_INVISIBLE,
    memory::PRIVATE_STORE_SPARES_FILES,
    memory::PRIVATE_STORE_SPARES_OTHERS,
    memory::SHARED_STORE_IS_SEEN,
    memory::ZERO_PAGE_IS_NOT_WRITTEN,
    memory::FORK_COPIES,
    memory::NO_REPLACE_KEEPS,
    pin::PIN_IS_RELIABLE,
    pin::STORE_SPARES_PINS_OF_OTHERS,
    past_end::SIGBUS_EXACTLY_PAST_THE_END,
    past_end::NO_SIGBUS_WHERE_IT_IS_NOT_WANTED,
    past_end::GROWTH_SPARES_WHAT_WAS_PAST_THE_END,
    file::TRUNCATE_DROPS_PRIVATE_COPIES,
    file::PUNCHING_KEEPS_PRIVATE_COPIES,
    file::TRUNCATE_LOSES_WHAT_IT_CUTS,
    file::GROWTH_READS_ZERO,
    file::READ_ONLY_DESCRIPTOR_NEVER_WRITES,
    seal::SEALS_ONLY_GROW,
    seal::SEAL_FREEZES_SEALS,
    seal::SHRINK_SEALED_NEVER_SHRINKS,
    seal::GROW_SEALED_NEVER_GROWS,
    seal::WRITE_SEALED_HAS_NO_WRITER,
    seal::SEALED_CONTENT_NEVER_CHANGES,
    seal::FUTURE_WRITE_ALLOWS_NO_NEW_WRITER,
    userfault::MARKERS_ARE_OF_ONE_PROCESS,
];

/// The property with this name.
pub fn named(name: &str) -> Option<&'static Property> {
    ALL.iter().find(|property| property.name == name)
}

/// [`Verdict::Holds`] or [`Verdict::Fails`].
const fn verdict(holds: bool) -> Verdict {
    if holds { Verdict::Holds } else { Verdict::Fails }
}

/// What is said of two cases together.
fn worse(one: Verdict, other: Verdict) -> Verdict {
    if one == Verdict::Fails { one } else { other }
}
