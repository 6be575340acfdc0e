//! The calls of the language: how each operation is read and written.

use mapspec_model::op::{Actor, Argument, Call, Field, Handler, Name, Op, PinName, Remote, Shape};

use super::arguments::{Arguments, nothing};
use super::diagnostic::Diagnostic;
use super::value::{length_text, place_of_text, place_text, protection_text, set_text};

/// A call, written: the name that it binds, its own name, its arguments.
pub struct Written {
    /// The descriptor, the pin or the userfaultfd that it makes.
    pub binds: Option<String>,
    /// What is called.
    pub call: &'static str,
    /// With what.
    pub arguments: Vec<String>,
}

/// The call with this name.
pub fn named(name: &str) -> Option<Call> {
    Call::ALL.iter().copied().find(|call| call.text() == name)
}

/// What the call makes, if it makes something, and so has a name and `=` before it.
pub fn binds(call: Call) -> Option<Shape> {
    call.fields().iter().find(|field| is_bound(field)).map(|field| field.shape)
}

fn is_bound(field: &Field) -> bool {
    field.name == "name"
}

/// Writes an operation of a process. The arguments that may be left out are, together, if they say nothing.
pub fn write(actor: Actor, op: &Op) -> Written {
    let (bound, others): (Vec<_>, Vec<_>) = op.arguments().partition(|(field, _)| is_bound(field));
    let says_nothing =
        others.iter().all(|(field, it)| !field.optional || *it == nothing(field.shape));
    Written {
        binds: bound.first().map(|(field, argument)| argument_text(actor, field, *argument)),
        call: op.call().text(),
        arguments: others
            .iter()
            .filter(|(field, _)| !(field.optional && says_nothing))
            .map(|(field, argument)| argument_text(actor, field, *argument))
            .collect(),
    }
}

/// Reads the arguments of a call, which makes something that has this name.
pub fn read(
    call: Call,
    name: Option<Argument>,
    arguments: &mut Arguments<'_>,
) -> Result<Op, Diagnostic> {
    call.with(|field| match name {
        Some(name) if is_bound(&field) => Ok(name),
        _ => arguments.take(field),
    })
}

fn argument_text(actor: Actor, field: &Field, argument: Argument) -> String {
    match argument {
        Argument::Name(name) | Argument::OptionalName(Some(name)) => name_text(name),
        Argument::Handler(Handler(place)) => letter(&Handler::LETTERS, place),
        Argument::OptionalName(None) | Argument::OptionalAddress(None) => "none".to_owned(),
        Argument::Pin(PinName(place)) => letter(&PinName::LETTERS, place),
        Argument::Actor(actor) => format!("{actor:?}"),
        Argument::Address(at) | Argument::OptionalAddress(Some(at)) => place_text(at),
        // Whose page is pinned is said only if it is another process's.
        Argument::Remote(Remote { process, at }) if process == actor && field.name == "page" => {
            place_text(at)
        }
        Argument::Remote(remote) => place_of_text(remote),
        Argument::Cells(cells) => length_text(cells),
        Argument::Byte(value) => value.to_string(),
        Argument::Protection(protection) => protection_text(protection),
        Argument::Set(bits) => match field.shape {
            Shape::Set(names) => set_text(names, bits),
            _ => bits.to_string(),
        },
        Argument::Choice(place) => match field.shape {
            Shape::Choice(names) => names.get(place as usize).map_or("?", |name| name).to_owned(),
            _ => place.to_string(),
        },
    }
}

/// How a descriptor is written.
fn name_text(name: Name) -> String {
    letter(&Name::LETTERS, name.0)
}

fn letter(letters: &[char], place: u8) -> String {
    letters.get(place as usize).map_or("?".to_owned(), ToString::to_string)
}
