//! The memory of any process, one byte at a time.

use mapspec_model::op::{Actor, Remote};

use super::expression::Expression;
use super::value::{place, process_id};

pub fn read(function: &str, actor: Actor, Remote { process, at }: Remote) -> Expression {
    Expression::new(format!("{function}({}, {})", process_id(actor, process), place(at)))
}

pub fn write(
    function: &str,
    actor: Actor,
    Remote { process, at }: Remote,
    value: u8,
) -> Expression {
    Expression::new(format!("{function}({}, {}, {value})", process_id(actor, process), place(at)))
}
