//! Pins: pipes that hold a page by reference.

use mapspec_model::op::{Address, Argument, Cells, Field, Name, Op, PinName, Statement};

use super::expression::Expression;
use super::value::{bytes, place, variable};

fn pin_variable(pin: PinName) -> String {
    PinName::LETTERS.get(usize::from(pin.0)).map_or_else(|| "p".to_owned(), ToString::to_string)
}

pub fn make(function: &str, pin: PinName, file: Name, offset: Cells) -> Expression {
    let (pin, file, offset) = (pin_variable(pin), variable(file), bytes(offset));
    Expression::new(format!("{function}({pin}, {file}, {offset})"))
}

pub fn vmsplice(pin: PinName, at: Address) -> Expression {
    Expression::new(format!("pin_by_vmsplice({}, {})", pin_variable(pin), place(at)))
}

pub fn write_pipe(pin: PinName, at: Address) -> Expression {
    Expression::new(format!("write_pipe({}, {})", pin_variable(pin), place(at)))
}

pub fn read_pipe(pin: PinName, at: Address) -> Expression {
    Expression::new(format!("read_pipe({}, {})", pin_variable(pin), place(at)))
}

pub fn read(pin: PinName) -> Expression {
    Expression::new(format!("read_pin({})", pin_variable(pin)))
}

pub fn unpin(pin: PinName) -> Expression {
    Expression::new(format!("unpin({})", pin_variable(pin)))
}

/// Whether a process forks that may hold a pin: its child would hold the pipe too.
pub fn are_inherited(before: &[Statement], Statement { actor, op }: &Statement) -> bool {
    let makes = |it: &Statement| {
        let is_made = |(field, argument): (Field, Argument)| {
            field.name == "name" && matches!(argument, Argument::Pin(_))
        };
        it.actor == *actor && it.op.arguments().any(is_made)
    };
    matches!(op, Op::Fork { .. }) && before.iter().any(makes)
}
