//! Files: what takes a descriptor.

use mapspec_model::op::{
    Address, Cells, FallocateMode, Medium, MemfdFlags, Mode, Name, OpenFlags, Seals,
};

use super::expression::Expression;
use super::value::{bytes, flag_table, joined, place, variable};

flag_table! {
    MEMFD: MemfdFlags = {
        ALLOW_SEALING: "MFD_ALLOW_SEALING",
        NO_EXECUTE_SEAL: "MFD_NOEXEC_SEAL",
        EXECUTABLE: "MFD_EXEC",
        UNKNOWN: "MFD_UNKNOWN",
        LONGEST_NAME: "",
        LONG_NAME: "",
        BAD_NAME: "",
        HUGE: "MFD_HUGETLB",
        EMPTY_NAME: "",
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
    } else if flags.contains(MemfdFlags::EMPTY_NAME) {
        "\"\""
    } else {
        "\"f\""
    };
    let flags = [vec!["MFD_CLOEXEC"], super::value::names(MEMFD, flags)].concat().join(" | ");
    Expression::descriptor(format!("memfd_create({name}, {flags})"))
}

pub fn open(medium: Medium) -> Expression {
    Expression::descriptor(match medium {
        Medium::Tmpfs => "open_unnamed(TMPFS_MAGIC)".to_owned(),
        Medium::Disk => "open_unnamed(EXT4_SUPER_MAGIC)".to_owned(),
        Medium::Zero => "open(\"/dev/zero\", O_RDWR | O_CLOEXEC)".to_owned(),
    })
}

pub fn reopen(from: Name, mode: Mode, flags: OpenFlags) -> Expression {
    let mode = match mode {
        Mode::ReadWrite => "O_RDWR",
        Mode::Read => "O_RDONLY",
        Mode::Write => "O_WRONLY",
    };
    let truncate = if flags.contains(OpenFlags::TRUNCATE) { " | O_TRUNC" } else { "" };
    Expression::descriptor(format!("reopen({}, {mode}{truncate})", variable(from)))
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

/// With a buffer for each cell.
pub fn pwritev(file: Name, offset: Cells, length: Cells, value: u8) -> Expression {
    let (offset, length) = (bytes(offset), bytes(length));
    Expression::new(format!("fill_in_halves({}, {offset}, {length}, {value})", variable(file)))
}

pub fn fallocate(file: Name, mode: FallocateMode, offset: Cells, length: Cells) -> Expression {
    let mode = match mode {
        FallocateMode::Allocate => "0",
        FallocateMode::KeepSize => "FALLOC_FL_KEEP_SIZE",
        FallocateMode::PunchHole => "FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE",
        FallocateMode::Zero => "FALLOC_FL_ZERO_RANGE",
        FallocateMode::ZeroKeepSize => "FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE",
        FallocateMode::Collapse => "FALLOC_FL_COLLAPSE_RANGE",
        FallocateMode::Insert => "FALLOC_FL_INSERT_RANGE",
        FallocateMode::PunchHoleAlone => "FALLOC_FL_PUNCH_HOLE",
        FallocateMode::Unknown => "FALLOC_FL_UNKNOWN",
    };
    let (offset, length) = (bytes(offset), bytes(length));
    Expression::new(format!("fallocate({}, {mode}, {offset}, {length})", variable(file)))
}

pub fn copy_file_range(
    from: Name,
    offset: Cells,
    to: Name,
    to_offset: Cells,
    length: Cells,
) -> Expression {
    let place = |offset| format!("&(loff_t){{ {} }}", bytes(offset));
    let arguments = [
        variable(from),
        place(offset),
        variable(to),
        place(to_offset),
        bytes(length),
        "0".to_owned(),
    ];
    Expression::new(format!("copy_file_range({})", arguments.join(", ")))
}

pub fn read(file: Name, offset: Cells, at: Address, length: Cells) -> Expression {
    let (at, length, offset) = (place(at), bytes(length), bytes(offset));
    Expression::new(format!("pread({}, {at}, {length}, {offset})", variable(file)))
}

pub fn write(file: Name, offset: Cells, at: Address, length: Cells) -> Expression {
    let (at, length, offset) = (place(at), bytes(length), bytes(offset));
    Expression::new(format!("pwrite({}, {at}, {length}, {offset})", variable(file)))
}
