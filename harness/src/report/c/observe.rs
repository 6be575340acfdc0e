//! Observations, through `/proc`.

use mapspec_model::op::{Actor, Address, Remote};
use mapspec_model::outcome::PageStates;

use super::expression::Expression;
use super::value::{flag_table, place, process_id};

flag_table! {
    /// What the helper function says of a page.
    pub STATES: PageStates = {
        NONE: "PAGE_NONE",
        ZERO: "PAGE_ZERO",
        ANONYMOUS: "PAGE_ANON",
        FILE: "PAGE_FILE",
        GUARD: "PAGE_GUARD",
        MARKER: "PAGE_MARKER",
    }
}

pub fn page(at: Address) -> Expression {
    Expression::new(format!("page_state({})", place(at)))
}

pub fn scan(at: Address) -> Expression {
    Expression::new(format!("scanned_state({})", place(at)))
}

pub fn category(at: Address, category: &str) -> Expression {
    Expression::new(format!("has_category({}, {category})", place(at)))
}

pub fn mincore(at: Address) -> Expression {
    Expression::new(format!("is_in_memory({})", place(at)))
}

pub fn clear_refs() -> Expression {
    Expression::new("clear_soft_dirty()".to_owned())
}

pub fn soft_dirty(at: Address) -> Expression {
    Expression::new(format!("is_soft_dirty({})", place(at)))
}

pub fn maps(at: Address) -> Expression {
    Expression::new(format!("permissions({})", place(at)))
}

pub fn same_frame(actor: Actor, at: Address, Remote { process, at: there }: Remote) -> Expression {
    let (at, there) = (place(at), place(there));
    let process = process_id(actor, process);
    Expression::new(format!("same_frame({at}, {process}, {there})"))
}
