//! Locked memory.

use mapspec_model::op::{Address, Cells, LockFlags};

use super::expression::Expression;
use super::value::{bytes, flag_table, joined, place};

flag_table! {
    LOCK_FLAGS: LockFlags = {
        ON_FAULT: "MLOCK_ONFAULT",
        UNKNOWN: "MLOCK_UNKNOWN",
    }
}

pub fn mlock(at: Address, length: Cells) -> Expression {
    Expression::new(format!("mlock({}, {})", place(at), bytes(length)))
}

pub fn mlock2(at: Address, length: Cells, flags: LockFlags) -> Expression {
    let flags = joined(LOCK_FLAGS, flags, "0");
    Expression::new(format!("mlock2({}, {}, {flags})", place(at), bytes(length)))
}

pub fn munlock(at: Address, length: Cells) -> Expression {
    Expression::new(format!("munlock({}, {})", place(at), bytes(length)))
}

pub fn munlockall() -> Expression {
    Expression::new("munlockall()".to_owned())
}
