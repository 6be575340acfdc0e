//! How outcomes are read and written. What a text means depends on the operation: `0` is a value of
//! `pread`, and success of `store`.

use mapspec_model::flags::Flags;
use mapspec_model::op::{Address, Argument, Op, Protection, Tells};
use mapspec_model::outcome::{
    Answers, Cause, Errno, Event, Fault, Outcome, PageStates, Permissions, Signal,
};
use pest::iterators::Pair;

use super::arguments::flags;
use super::diagnostic::Diagnostic;
use super::parse::{Rule, address, range};
use super::value::{cells_of_pages, flags_text, length_text, name_of, named, place_text};

/// A place outside of the arena.
const ELSEWHERE: &str = "elsewhere";

/// Writes the outcome of an operation.
pub fn text(op: &Op, outcome: Outcome) -> String {
    match outcome {
        Outcome::Success => "0".to_owned(),
        Outcome::Value(value) => value.to_string(),
        Outcome::OneOf(one, other) => format!("{one}|{other}"),
        Outcome::AnyValue => "any value".to_owned(),
        Outcome::Length(length) => length_text(length),
        Outcome::Address(at) => place_text(at),
        Outcome::Elsewhere => ELSEWHERE.to_owned(),
        Outcome::EndOfFile => "EOF".to_owned(),
        Outcome::Seals(seals) => flags_text(seals),
        Outcome::Page(states) => flags_text(states),
        Outcome::Permissions(None) => "none".to_owned(),
        Outcome::Permissions(Some(permissions)) => permissions_text(permissions),
        Outcome::Answer(answers) => flags_text(answers),
        Outcome::Event(Event::None) => "none".to_owned(),
        Outcome::Event(Event::Fork) => "fork".to_owned(),
        Outcome::Event(Event::Fault(fault, at)) => {
            format!("{}{}", name_of(Fault::NAMES, fault).unwrap_or("?"), place_text(at))
        }
        Outcome::Blocked => "blocked".to_owned(),
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
    if accessed(op) == Some(at) { name.to_owned() } else { format!("{name}{}", place_text(at)) }
}

/// The place of an access.
fn accessed(op: &Op) -> Option<Address> {
    op.arguments().find_map(|(_, argument)| match argument {
        Argument::Address(at) => Some(at),
        _ => None,
    })
}

fn permissions_text(Permissions { protection, shared }: Permissions) -> String {
    let letters = Protection::NAMED;
    let mut text: String = letters
        .iter()
        .map(|(name, flag)| if protection.contains(*flag) { name } else { "-" })
        .collect();
    text.push(if shared { 's' } else { 'p' });
    text
}

/// What an operation has to tell, for a message.
fn expected(op: &Op) -> &'static str {
    match op.call().tells() {
        Tells::Nothing => "0, or an error like EINVAL",
        Tells::Forked => "0 or blocked",
        Tells::Stored => "0, blocked or a signal like SIGSEGV/ACCERR",
        Tells::Loaded | Tells::Resumed => "a value, blocked or a signal like SIGBUS/ADRERR",
        Tells::Read => "a value, EOF or an error like EBADF",
        Tells::Copied => "a value, or an error like EFAULT",
        Tells::Length => "a length like 2p, or an error like EBADF",
        Tells::Address => "an address like @2, elsewhere, 0, or an error like ENOMEM",
        Tells::Seals => "seals, none or an error like EBADF",
        Tells::Page => "none, zero, anon, file, guard or marker",
        Tells::Permissions => "permissions like rw-p, or none",
        Tells::Answer => "yes or no",
        Tells::Found => "yes, no or an error like ENOMEM",
        Tells::Event => "a fault like missing@2, fork or none",
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
    let (text, tells) = (result.as_str(), op.call().tells());
    if let Some(errno) = read_errno(text)
        && can_fail(tells)
    {
        return Some(Outcome::Error(errno));
    }
    match tells {
        Tells::Loaded | Tells::Stored | Tells::Resumed if result.as_rule() == Rule::signal => {
            let mut parts = result.clone().into_inner();
            let cause = named(Cause::NAMES, parts.next()?.as_str())?;
            let at = parts.next().map_or(accessed(op), |place| address(&place))?;
            Some(Outcome::Signal(Signal { cause, at }))
        }
        Tells::Address if result.as_rule() == Rule::place => address(result).map(Outcome::Address),
        Tells::Address if text == ELSEWHERE => Some(Outcome::Elsewhere),
        Tells::Loaded | Tells::Stored | Tells::Forked | Tells::Resumed if text == "blocked" => {
            Some(Outcome::Blocked)
        }
        Tells::Nothing | Tells::Stored | Tells::Forked | Tells::Address => {
            (text == "0").then_some(Outcome::Success)
        }
        Tells::Read if text == "EOF" => Some(Outcome::EndOfFile),
        Tells::Loaded if result.as_rule() == Rule::numbers => {
            let (one, other) = text.split_once('|')?;
            Some(Outcome::OneOf(one.trim().parse().ok()?, other.trim().parse().ok()?))
        }
        Tells::Loaded | Tells::Resumed | Tells::Read | Tells::Copied => {
            text.parse().ok().map(Outcome::Value)
        }
        Tells::Event if text == "none" => Some(Outcome::Event(Event::None)),
        Tells::Event if text == "fork" => Some(Outcome::Event(Event::Fork)),
        Tells::Event => read_event(result).map(Outcome::Event),
        Tells::Length => cells_of_pages(text.strip_suffix('p')?).map(Outcome::Length),
        Tells::Seals => flags(result).map(Outcome::Seals),
        Tells::Page => {
            flags(result).filter(|states| *states != PageStates::EMPTY).map(Outcome::Page)
        }
        Tells::Permissions if text == "none" => Some(Outcome::Permissions(None)),
        Tells::Permissions => read_permissions(result).map(|it| Outcome::Permissions(Some(it))),
        Tells::Answer | Tells::Found => {
            flags(result).filter(|answers| *answers != Answers::EMPTY).map(Outcome::Answer)
        }
    }
}

/// Whether there are errors beside what is told.
fn can_fail(tells: Tells) -> bool {
    match tells {
        Tells::Nothing
        | Tells::Forked
        | Tells::Read
        | Tells::Length
        | Tells::Address
        | Tells::Seals
        | Tells::Copied
        | Tells::Found
        | Tells::Event => true,
        Tells::Stored
        | Tells::Loaded
        | Tells::Resumed
        | Tells::Page
        | Tells::Permissions
        | Tells::Answer => false,
    }
}

fn read_errno(text: &str) -> Option<Errno> {
    match text.strip_prefix("errno-") {
        Some(number) => number.parse().ok().map(Errno),
        None => named(Errno::NAMES, text),
    }
}

fn read_event(event: &Pair<'_, Rule>) -> Option<Event> {
    if event.as_rule() != Rule::event {
        return None;
    }
    let mut parts = event.clone().into_inner();
    let fault = named(Fault::NAMES, parts.next()?.as_str())?;
    Some(Event::Fault(fault, address(&parts.next()?)?))
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
