//! What should come of an expression, as a statement that checks it.

use mapspec_model::op::Op;
use mapspec_model::outcome::{Answers, Cause, Errno, Outcome, Signal};

use super::body::AREA;
use super::expression::{Expression, Worth};
use super::files::SEALS;
use super::observe::STATES;
use super::userfault::event_text;
use super::value::{bytes, joined, place};
use crate::litmus::outcome_text;

/// How strictly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Force {
    /// A kernel that does something else is wrong.
    Must,
    /// A kernel that does something else differs by choice.
    May,
}

/// The statement, without what becomes of a new descriptor. `None` if everything is right.
pub fn statement(
    op: &Op,
    Expression { text, worth }: &Expression,
    outcome: Outcome,
    force: Force,
) -> Option<String> {
    let check = if force == Force::Must { "EXPECT" } else { "ASSUME" };
    let equals = |expected: &str| format!("{check}({text}, {expected});");
    Some(match outcome {
        Outcome::Success => match worth {
            Worth::Mapping { at, .. } => equals(at),
            Worth::Outcome | Worth::Descriptor => equals("0"),
            Worth::Nothing => format!("{text};"),
        },
        Outcome::Value(value) => equals(&value.to_string()),
        Outcome::OneOf(one, other) => {
            format!("{check}(either({text}, {one}, {other}), {one});")
        }
        Outcome::AnyValue => format!("{text};"),
        Outcome::Address(address) => equals(&place(address)),
        Outcome::Elsewhere => {
            let Worth::Mapping { length, .. } = worth else { return None };
            format!("{check}(unmap_elsewhere({text}, {length}, {AREA}), 0);")
        }
        Outcome::Length(length) => equals(&bytes(length)),
        Outcome::EndOfFile => equals("END_OF_FILE"),
        Outcome::Seals(seals) => equals(&joined(SEALS, seals, "0")),
        Outcome::Page(states) => {
            let states = joined(STATES, states, "0");
            match force {
                Force::Must => format!("EXPECT_ONE_OF({text}, {states});"),
                Force::May => format!("ASSUME(({text} & ({states})) != 0, 1);"),
            }
        }
        Outcome::Permissions(_) => {
            let letters = outcome_text(op, outcome);
            match force {
                Force::Must => format!("EXPECT_TEXT({text}, \"{letters}\");"),
                Force::May => format!("ASSUME(strcmp({text}, \"{letters}\"), 0);"),
            }
        }
        Outcome::Answer(answers) if answers == Answers::ALL => return None,
        Outcome::Answer(answers) => equals(if answers == Answers::YES { "1" } else { "0" }),
        Outcome::Error(errno) => {
            let check = if force == Force::Must { "EXPECT_ERROR" } else { "ASSUME_ERROR" };
            format!("{check}({text}, {});", error_text(errno))
        }
        Outcome::Signal(Signal { cause, at }) => match force {
            Force::Must => {
                let (number, code) = cause_text(cause);
                format!("EXPECT_FAULT({text}, {number}, {code}, {});", place(at))
            }
            Force::May => equals("-1"),
        },
        Outcome::Event(event) => match (event_text(event), force) {
            ((kind, Some(at)), Force::Must) => format!("EXPECT_EVENT({text}, {kind}, {at});"),
            ((kind, _), _) => equals(kind),
        },
        Outcome::Blocked | Outcome::BeyondBounds => return None,
    })
}

/// An outcome for a comment.
pub fn outcome_comment(op: &Op, outcome: Outcome) -> String {
    match outcome {
        Outcome::Length(length) => bytes(length),
        Outcome::Signal(Signal { cause, .. }) => {
            let (number, code) = cause_text(cause);
            format!("{number} with {code}")
        }
        outcome => outcome_text(op, outcome),
    }
}

fn error_text(errno: Errno) -> String {
    let named = Errno::NAMES.iter().find(|(_, it)| *it == errno);
    named.map_or_else(|| errno.0.to_string(), |(name, _)| (*name).to_owned())
}

const fn cause_text(cause: Cause) -> (&'static str, &'static str) {
    match cause {
        Cause::NotMapped => ("SIGSEGV", "SEGV_MAPERR"),
        Cause::NotAllowed => ("SIGSEGV", "SEGV_ACCERR"),
        Cause::ProtectionKey => ("SIGSEGV", "SEGV_PKUERR"),
        Cause::PastEnd => ("SIGBUS", "BUS_ADRERR"),
        Cause::MemoryFailure => ("SIGBUS", "BUS_MCEERR_AR"),
    }
}
