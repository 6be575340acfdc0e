//! Loads, stores and what else a processor does with memory. Where a signal may refuse one, the helper functions survive it.

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

pub fn compare_exchange(at: Address, old: u8, new: u8, faults: bool) -> Expression {
    let function = if faults { "compare_exchange_or_fault" } else { "compare_exchange" };
    Expression::new(format!("{function}({}, {old}, {new})", place(at)))
}

pub fn execute(at: Address, faults: bool) -> Expression {
    let at = place(at);
    if faults {
        Expression::new(format!("execute_or_fault({at})"))
    } else {
        Expression::nothing(format!("execute({at})"))
    }
}
