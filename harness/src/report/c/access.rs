//! Loads and stores. Where a signal may refuse one, the helper functions survive it.

use mapspec_model::op::Address;

use super::expression::Expression;
use super::value::place;

pub fn load(at: Address, faults: bool) -> Expression {
    let function = if faults { "load_or_fault" } else { "load" };
    Expression::new(format!("{function}({})", place(at)))
}

pub fn store(at: Address, value: u8, faults: bool) -> Expression {
    let at = place(at);
    if faults {
        Expression::new(format!("store_or_fault({at}, {value})"))
    } else {
        Expression::nothing(format!("store({at}, {value})"))
    }
}
