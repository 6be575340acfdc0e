//! A litmus test as a stand-alone C program, as a person would write it.
//!
//! An operation's C is an expression, written in the file of its family; what must come of it is
//! written in one place for all. Helper functions, headers and definitions are chosen by the words
//! that are used, so that nothing is there in vain.

mod access;
mod address_space;
mod advice;
mod body;
mod comment;
mod elsewhere;
mod expectation;
mod expression;
mod files;
mod memory_locks;
mod observe;
mod parts;
mod pins;
mod processes;
mod userfault;
mod value;

use std::fmt;

use mapspec_model::op::{Actor, Statement};
use mapspec_model::outcome::Outcome;
use mapspec_model::policy::Policy;

use crate::litmus::{Need, Test, statement_text};

/// What a C program is about.
#[derive(Clone, Copy, Debug)]
pub struct Repro<'a> {
    /// The test: name, explanation, needs.
    pub test: &'a Test,
    /// The statements.
    pub program: &'a [Statement],
    /// What should come of each.
    pub expected: &'a [Outcome],
    /// What came of the last one, and on which kernel, if that is something else.
    pub seen: Option<(Outcome, &'a str)>,
    /// The policy under which this should come of it.
    pub policy: &'a Policy,
    /// Its name.
    pub policy_name: &'a str,
    /// Whether kernels that differ by choice are not judged: the test must say where.
    pub lenient: bool,
}

/// A statement that has no C, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inexpressible {
    statement: Statement,
    why: &'static str,
}

impl fmt::Display for Inexpressible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no C program: `{}` {}", statement_text(&self.statement), self.why)
    }
}

impl Repro<'_> {
    /// Whether some access is refused by a signal, or may be: nobody asks what came of one that
    /// waited.
    fn faults(&self) -> bool {
        let mut outcomes = self.expected.iter().copied().chain(self.seen.map(|(seen, _)| seen));
        outcomes.any(|outcome| matches!(outcome, Outcome::Signal(_)))
            || Actor::ALL.into_iter().any(|actor| self.leaves_waiting(actor))
    }

    /// Whether the last that this process is expected to do is to wait.
    fn leaves_waiting(&self, actor: Actor) -> bool {
        let mut outcomes = self.program.iter().zip(self.expected);
        outcomes
            .rfind(|(statement, _)| statement.actor == actor)
            .is_some_and(|(_, outcome)| *outcome == Outcome::Blocked)
    }

    fn needs_root(&self) -> bool {
        self.test.needs.contains(&Need::Root)
    }
}

/// The C program. Its exit status is 0 if the kernel does what is expected, 1 if not, 4 if that
/// cannot be told.
///
/// # Errors
/// A statement has no C.
pub fn source(repro: &Repro<'_>) -> Result<String, Inexpressible> {
    let body = body::body(repro)?;
    Ok(comment::comment(repro) + &parts::assemble(&body))
}

/// Builds exported programs.
pub const MAKEFILE: &str = include_str!("Makefile");

/// Runs exported programs.
pub const RUN: &str = include_str!("run");
