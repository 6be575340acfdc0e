//! How outcomes are read and written. What a text means depends on the operation: `0` is a value of
//! `pread`, and success of `store`.

use mapspec_model::flags::Flags;
use mapspec_model::op::{Op, Protection};
use mapspec_model::outcome::{Answers, Cause, Errno, Outcome, PageStates, Permissions, Signal};
use pest::iterators::Pair;

use super::arguments::flags;
use super::diagnostic::Diagnostic;
use super::parse::{Rule, address, range};
use super::value::{cells_of_pages, length_text, name_of, named, place_text, set_text};

/// Writes the outcome of an operation.
pub fn text(op: &Op, outcome: Outcome) -> String {
    match outcome {
        Outcome::Success => "0".to_owned(),
        Outcome::Value(value) => value.to_string(),
        Outcome::Length(length) => length_text(length),
        Outcome::EndOfFile => "EOF".to_owned(),
        Outcome::Seals(seals) => set_text(seals),
        Outcome::Page(states) => set_text(states),
        Outcome::Permissions(None) => "none".to_owned(),
        Outcome::Permissions(Some(permissions)) => permissions_text(permissions),
        Outcome::Answer(answers) => set_text(answers),
        Outcome::Error(errno) => {
            name_of(Errno::NAMES, errno).map_or(format!("errno-{}", errno.0), ToOwned::to_owned)
        }
        Outcome::Signal(signal) => signal_text(op, signal),
        Outcome::BeyondBounds => "beyond-bounds".to_owned(),
    }
}

/// The address is written only where it is not the one that was accessed.
fn signal_text(op: &Op, Signal { cause, at }: Signal) -> String {
    let name = name_of(Cause::NAMES, cause).unwrap_or("?");
    match op {
        Op::Load { at: accessed } | Op::Store { at: accessed, .. } if *accessed == at => {
            name.to_owned()
        }
        _ => format!("{name}{}", place_text(at)),
    }
}

fn permissions_text(Permissions { protection, shared }: Permissions) -> String {
    let letters = Protection::NAMED;
    let mut text: String =
        letters.iter().map(|(name, flag)| if protection.has(*flag) { name } else { "-" }).collect();
    text.push(if shared { 's' } else { 'p' });
    text
}

/// What an operation has to tell when it succeeds, for a message.
fn expected(op: &Op) -> &'static str {
    match op {
        Op::Load { .. } => "a value, or a signal like SIGBUS/ADRERR",
        Op::Store { .. } => "0, or a signal like SIGSEGV/ACCERR",
        Op::Pread { .. } => "a value, EOF or an error like EBADF",
        Op::Pwrite { .. } | Op::Size { .. } => "a length like 2p, or an error like EBADF",
        Op::GetSeals { .. } => "seals, none or an error like EBADF",
        Op::Page { .. } => "none, zero, anon, file or guard",
        Op::Maps { .. } => "permissions like rw-p, or none",
        Op::SameFrame { .. } => "yes or no",
        Op::Fork { .. } | Op::Exit => "0",
        _ => "0, or an error like EINVAL",
    }
}

/// Reads the outcome of an operation.
pub fn read(op: &Op, result: &Pair<'_, Rule>) -> Result<Outcome, Diagnostic> {
    let Some(inner) = result.clone().into_inner().next() else {
        return Err(Diagnostic::new(range(result), "an outcome is missing", expected(op)));
    };
    read_inner(op, &inner).ok_or_else(|| {
        let message = format!("`{}` is no outcome of this call", inner.as_str());
        Diagnostic::new(range(&inner), message, expected(op))
    })
}

fn read_inner(op: &Op, result: &Pair<'_, Rule>) -> Option<Outcome> {
    let text = result.as_str();
    if let Some(errno) = read_errno(text)
        && !is_observation(op)
    {
        return Some(Outcome::Error(errno));
    }
    match op {
        Op::Load { at } | Op::Store { at, .. } if result.as_rule() == Rule::signal => {
            let mut parts = result.clone().into_inner();
            let cause = named(Cause::NAMES, parts.next()?.as_str())?;
            let at = parts.next().map_or(Some(*at), |place| address(&place))?;
            Some(Outcome::Signal(Signal { cause, at }))
        }
        Op::Pread { .. } if text == "EOF" => Some(Outcome::EndOfFile),
        Op::Load { .. } | Op::Pread { .. } => text.parse().ok().map(Outcome::Value),
        Op::Pwrite { .. } | Op::Size { .. } => {
            cells_of_pages(text.strip_suffix('p')?).map(Outcome::Length)
        }
        Op::GetSeals { .. } => flags(result).map(Outcome::Seals),
        Op::Page { .. } => {
            flags(result).filter(|states| *states != PageStates::EMPTY).map(Outcome::Page)
        }
        Op::Maps { .. } if text == "none" => Some(Outcome::Permissions(None)),
        Op::Maps { .. } => read_permissions(result).map(|it| Outcome::Permissions(Some(it))),
        Op::SameFrame { .. } => {
            flags(result).filter(|answers| *answers != Answers::EMPTY).map(Outcome::Answer)
        }
        _ => (text == "0").then_some(Outcome::Success),
    }
}

/// Whether the operation cannot fail.
fn is_observation(op: &Op) -> bool {
    matches!(
        op,
        Op::Load { .. }
            | Op::Store { .. }
            | Op::Page { .. }
            | Op::Maps { .. }
            | Op::SameFrame { .. }
    )
}

fn read_errno(text: &str) -> Option<Errno> {
    match text.strip_prefix("errno-") {
        Some(number) => number.parse().ok().map(Errno),
        None => named(Errno::NAMES, text),
    }
}

fn read_permissions(result: &Pair<'_, Rule>) -> Option<Permissions> {
    if result.as_rule() != Rule::permissions {
        return None;
    }
    let (letters, kind) = result.as_str().split_at(3);
    let protection = letters
        .chars()
        .filter(|letter| *letter != '-')
        .try_fold(Protection::EMPTY, |all, letter| {
            Some(all | named(Protection::NAMED, &letter.to_string())?)
        })?;
    Some(Permissions { protection, shared: kind == "s" })
}
