//! Mappings.

use mapspec_model::op::{Address, Cells, MapFlags, Name, Protection};

use super::expression::Expression;
use super::value::{bytes, flag_table, joined, names, place, variable};

flag_table! {
    PROTECTIONS: Protection = {
        READ: "PROT_READ",
        WRITE: "PROT_WRITE",
        EXECUTE: "PROT_EXEC",
    }
}

flag_table! {
    MAP_FLAGS: MapFlags = {
        PRIVATE: "MAP_PRIVATE",
        SHARED: "MAP_SHARED",
        ANONYMOUS: "MAP_ANONYMOUS",
        NO_REPLACE: "MAP_FIXED_NOREPLACE",
        UNKNOWN: "MAP_UNKNOWN",
    }
}

fn protection_text(protection: Protection) -> String {
    joined(PROTECTIONS, protection, "PROT_NONE")
}

fn flags_text(flags: MapFlags) -> String {
    let mut all = if flags.kind() == MapFlags::SHARED_VALIDATE {
        vec!["MAP_SHARED_VALIDATE"]
    } else {
        names(MAP_FLAGS, flags.kind())
    };
    if !flags.contains(MapFlags::NO_REPLACE) {
        all.push("MAP_FIXED");
    }
    all.extend(names(MAP_FLAGS, flags.without(MapFlags::SHARED_VALIDATE)));
    all.join(" | ")
}

pub fn mmap(
    at: Address,
    length: Cells,
    protection: Protection,
    flags: MapFlags,
    file: Option<Name>,
    offset: Cells,
) -> Expression {
    let at = place(at);
    let file = file.map_or("-1".to_owned(), variable);
    let arguments = [
        at.clone(),
        bytes(length),
        protection_text(protection),
        flags_text(flags),
        file,
        bytes(offset),
    ];
    Expression::address(format!("mmap({})", arguments.join(", ")), at)
}

pub fn munmap(at: Address, length: Cells) -> Expression {
    Expression::new(format!("munmap({}, {})", place(at), bytes(length)))
}

pub fn mprotect(at: Address, length: Cells, protection: Protection) -> Expression {
    let protection = protection_text(protection);
    Expression::new(format!("mprotect({}, {}, {protection})", place(at), bytes(length)))
}
