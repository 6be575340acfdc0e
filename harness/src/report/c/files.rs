//! Files: what takes a descriptor.

use mapspec_model::op::{Cells, MemfdFlags, Mode, Name, Seals};

use super::expression::Expression;
use super::value::{bytes, flag_table, joined, variable};

flag_table! {
    MEMFD: MemfdFlags = {
        ALLOW_SEALING: "MFD_ALLOW_SEALING",
        NO_EXECUTE_SEAL: "MFD_NOEXEC_SEAL",
        EXECUTABLE: "MFD_EXEC",
        UNKNOWN: "MFD_UNKNOWN",
        LONGEST_NAME: "",
        LONG_NAME: "",
        BAD_NAME: "",
    }
}

flag_table! {
    /// The seals.
    pub SEALS: Seals = {
        SEAL: "F_SEAL_SEAL",
        SHRINK: "F_SEAL_SHRINK",
        GROW: "F_SEAL_GROW",
        WRITE: "F_SEAL_WRITE",
        FUTURE_WRITE: "F_SEAL_FUTURE_WRITE",
        EXECUTE: "F_SEAL_EXEC",
        UNKNOWN: "F_SEAL_UNKNOWN",
    }
}

pub fn memfd_create(flags: MemfdFlags) -> Expression {
    let name = if flags.contains(MemfdFlags::BAD_NAME) {
        "NULL"
    } else if flags.contains(MemfdFlags::LONG_NAME) {
        "name_of_length(NAME_MAX - strlen(\"memfd:\") + 1)"
    } else if flags.contains(MemfdFlags::LONGEST_NAME) {
        "name_of_length(NAME_MAX - strlen(\"memfd:\"))"
    } else {
        "\"f\""
    };
    let flags = [vec!["MFD_CLOEXEC"], super::value::names(MEMFD, flags)].concat().join(" | ");
    Expression::descriptor(format!("memfd_create({name}, {flags})"))
}

pub fn reopen(from: Name, mode: Mode) -> Expression {
    let mode = match mode {
        Mode::ReadWrite => "O_RDWR",
        Mode::Read => "O_RDONLY",
        Mode::Write => "O_WRONLY",
    };
    Expression::descriptor(format!("reopen({}, {mode})", variable(from)))
}

pub fn dup(from: Name) -> Expression {
    Expression::descriptor(format!("dup({})", variable(from)))
}

pub fn close(file: Name) -> Expression {
    Expression::new(format!("close({})", variable(file)))
}

pub fn ftruncate(file: Name, size: Cells) -> Expression {
    Expression::new(format!("ftruncate({}, {})", variable(file), bytes(size)))
}

pub fn pread(file: Name, offset: Cells) -> Expression {
    Expression::new(format!("read_byte({}, {})", variable(file), bytes(offset)))
}

pub fn pwrite(file: Name, offset: Cells, length: Cells, value: u8) -> Expression {
    let (offset, length) = (bytes(offset), bytes(length));
    Expression::new(format!("fill({}, {offset}, {length}, {value})", variable(file)))
}

pub fn add_seals(file: Name, seals: Seals) -> Expression {
    let seals = joined(SEALS, seals, "0");
    Expression::new(format!("fcntl({}, F_ADD_SEALS, {seals})", variable(file)))
}

pub fn get_seals(file: Name) -> Expression {
    Expression::new(format!("fcntl({}, F_GET_SEALS)", variable(file)))
}

pub fn size(file: Name) -> Expression {
    Expression::new(format!("size_of_file({})", variable(file)))
}
