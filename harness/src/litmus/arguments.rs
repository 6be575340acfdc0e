//! The arguments of a call, taken one after the other.

use mapspec_model::flags::Flags;
use mapspec_model::op::{Actor, Argument, Cells, Field, Protection, Remote, Shape};
use pest::iterators::Pair;

use super::diagnostic::Diagnostic;
use super::parse::{Rule, actor, address, handler, name, pin, range};
use super::value::{cells_of_pages, choice, named, place_of_name};

type Result<T> = std::result::Result<T, Diagnostic>;

/// Takes the arguments of one call.
pub struct Arguments<'i> {
    actor: Actor,
    call: Pair<'i, Rule>,
    rest: std::vec::IntoIter<Pair<'i, Rule>>,
    left_out: bool,
}

impl<'i> Arguments<'i> {
    /// The arguments of this call of a process.
    pub fn new(actor: Actor, call: Pair<'i, Rule>) -> Self {
        let arguments = call.clone().into_inner().filter(|it| it.as_rule() == Rule::argument);
        let rest = arguments.collect::<Vec<_>>().into_iter();
        Self { actor, call, rest, left_out: true }
    }

    /// The next argument. Those that may be left out are left out together.
    pub fn take(&mut self, field: Field) -> Result<Argument> {
        let expected = expected(field.shape);
        if field.optional && self.left_out && self.rest.as_slice().is_empty() {
            return Ok(nothing(field.shape));
        }
        self.left_out &= !field.optional;
        let argument = self.rest.next().and_then(|argument| argument.into_inner().next());
        let argument = argument.ok_or_else(|| {
            let end = self.call.as_span().end();
            Diagnostic::new(end - 1..end, "an argument is missing", expected.as_str())
        })?;
        read(self.actor, field.shape, &argument).ok_or_else(|| {
            let message = format!("`{}` does not fit here", argument.as_str());
            Diagnostic::new(range(&argument), message, expected.as_str())
        })
    }

    /// No argument must be left.
    pub fn end(mut self) -> Result<()> {
        match self.rest.next() {
            None => Ok(()),
            Some(extra) => Err(Diagnostic::new(range(&extra), "an argument too many", "`)`")),
        }
    }
}

/// What an argument is that is left out: none, zero or empty.
pub fn nothing(shape: Shape) -> Argument {
    match shape {
        Shape::OptionalName => Argument::OptionalName(None),
        Shape::OptionalAddress => Argument::OptionalAddress(None),
        Shape::Set(_) => Argument::Set(0),
        Shape::Choice(_) => Argument::Choice(0),
        _ => Argument::Cells(Cells(0)),
    }
}

fn read(own: Actor, shape: Shape, argument: &Pair<'_, Rule>) -> Option<Argument> {
    let text = argument.as_str();
    match shape {
        Shape::Name => name(text).map(Argument::Name),
        Shape::OptionalName if text == "none" => Some(Argument::OptionalName(None)),
        Shape::OptionalName => name(text).map(|name| Argument::OptionalName(Some(name))),
        Shape::Pin => pin(text).map(Argument::Pin),
        Shape::Handler => handler(text).map(Argument::Handler),
        Shape::Actor => actor(text).map(Argument::Actor),
        Shape::OptionalAddress if text == "none" => Some(Argument::OptionalAddress(None)),
        Shape::Address | Shape::OptionalAddress => {
            let at = address(argument).filter(|_| text.starts_with('@'))?;
            Some(match shape {
                Shape::Address => Argument::Address(at),
                _ => Argument::OptionalAddress(Some(at)),
            })
        }
        Shape::Remote => {
            let process = text.split('@').next()?;
            let process = if process.is_empty() { own } else { actor(process)? };
            Some(Argument::Remote(Remote { process, at: address(argument)? }))
        }
        Shape::Cells => (argument.as_rule() == Rule::length)
            .then(|| cells_of_pages(text.strip_suffix('p')?).map(Argument::Cells))?,
        Shape::Byte => text.parse().ok().map(Argument::Byte),
        Shape::Protection => {
            let mut letters = text.chars().filter(|_| text != "none");
            let protection = letters.try_fold(Protection::EMPTY, |all, letter| {
                Some(all | named(Protection::NAMED, &letter.to_string())?)
            });
            protection.map(Argument::Protection)
        }
        Shape::Set(names) => set(names, argument).map(Argument::Set),
        Shape::Choice(names) => place_of_name(names, text).map(Argument::Choice),
    }
}

/// The name of what a call makes, as the argument for its place.
pub fn bound(shape: Shape, text: &str) -> Option<Argument> {
    match shape {
        Shape::Pin => pin(text).map(Argument::Pin),
        Shape::Handler => handler(text).map(Argument::Handler),
        _ => name(text).map(Argument::Name),
    }
}

/// What must be there, for a message.
pub fn expected(shape: Shape) -> String {
    let text = match shape {
        Shape::Name => "a descriptor: f, g, h or i",
        Shape::OptionalName => "a descriptor: f, g, h or i, or none",
        Shape::Pin => "a pin: p or q",
        Shape::Handler => "a userfaultfd: u or v",
        Shape::Actor => "a process: A, B or C",
        Shape::Address => "a place in the arena, like @2 or @2.5",
        Shape::OptionalAddress => "a place in the arena, like @2 or @2.5, or none",
        Shape::Remote => "a place of a process, like B@2, or of this one, like @2",
        Shape::Cells => "a number of pages, like 2p or 0.5p, at most 127.5p",
        Shape::Byte => "a value from 0 to 255",
        Shape::Protection => "a protection: letters of rwx, or none",
        Shape::Set(names) => return format!("{} (joined by |), or none", choice(names)),
        Shape::Choice(names) => return choice(names),
    };
    text.to_owned()
}

/// The bits of a set of flags; `none` is the empty one.
fn set(names: &[&str], words: &Pair<'_, Rule>) -> Option<u16> {
    if words.as_rule() != Rule::words {
        return None;
    }
    if words.as_str() == "none" && !names.contains(&"none") {
        return Some(0);
    }
    let mut words = words.clone().into_inner();
    words.try_fold(0, |all, word| Some(all | 1 << place_of_name(names, word.as_str())?))
}

/// A set of flags.
pub fn flags<F: Flags>(words: &Pair<'_, Rule>) -> Option<F> {
    set(F::NAMES, words).map(F::of_bits)
}
