//! Mappings.

use mapspec_model::op::{
    Address, Cells, MapFlags, Name, Protection, RemapFlags, SealFlags, SyncFlags,
};

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
        HINT: "",
        POPULATE: "MAP_POPULATE",
        LOCKED: "MAP_LOCKED",
        NO_RESERVE: "MAP_NORESERVE",
        GROWS_DOWN: "MAP_GROWSDOWN",
        DROPPABLE: "MAP_DROPPABLE",
        SYNC: "MAP_SYNC",
        NO_SIGBUS: "MAP_NOSIGBUS",
    }
}

flag_table! {
    REMAP_FLAGS: RemapFlags = {
        MAY_MOVE: "MREMAP_MAYMOVE",
        FIXED: "MREMAP_FIXED",
        DONT_UNMAP: "MREMAP_DONTUNMAP",
        UNKNOWN: "MREMAP_UNKNOWN",
    }
}

flag_table! {
    SYNC_FLAGS: SyncFlags = {
        ASYNC: "MS_ASYNC",
        SYNC: "MS_SYNC",
        INVALIDATE: "MS_INVALIDATE",
        UNKNOWN: "MS_UNKNOWN",
    }
}

flag_table! {
    SEAL_FLAGS: SealFlags = {
        UNKNOWN: "MSEAL_UNKNOWN",
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
    if !flags.intersects(MapFlags::NO_REPLACE | MapFlags::HINT) {
        all.push("MAP_FIXED");
    }
    all.extend(names(MAP_FLAGS, flags.without(flags.kind())));
    if all.is_empty() { "0".to_owned() } else { all.join(" | ") }
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
    Expression::mapping(format!("mmap({})", arguments.join(", ")), at, bytes(length))
}

pub fn munmap(at: Address, length: Cells) -> Expression {
    Expression::new(format!("munmap({}, {})", place(at), bytes(length)))
}

pub fn mprotect(at: Address, length: Cells, protection: Protection) -> Expression {
    let protection = protection_text(protection);
    Expression::new(format!("mprotect({}, {}, {protection})", place(at), bytes(length)))
}

pub fn msync(at: Address, length: Cells, flags: SyncFlags) -> Expression {
    let flags = joined(SYNC_FLAGS, flags, "0");
    Expression::new(format!("msync({}, {}, {flags})", place(at), bytes(length)))
}

/// The C library's function takes a new address only with `MREMAP_FIXED`.
pub fn mremap(
    at: Address,
    length: Cells,
    new_length: Cells,
    flags: RemapFlags,
    to: Option<Address>,
) -> Expression {
    let is_fixed = flags.contains(RemapFlags::FIXED);
    let (at, new_length) = (place(at), bytes(new_length));
    let flags = joined(REMAP_FLAGS, flags, "0");
    let call = format!("{at}, {}, {new_length}, {flags}", bytes(length));
    let text = match to.map(place) {
        None if is_fixed => format!("mremap({call}, NULL)"),
        None => format!("mremap({call})"),
        Some(to) if is_fixed => format!("mremap({call}, {to})"),
        Some(to) => format!("(void *)syscall(SYS_mremap, {call}, {to})"),
    };
    Expression::mapping(text, at, new_length)
}

pub fn mseal(at: Address, length: Cells, flags: SealFlags) -> Expression {
    let flags = joined(SEAL_FLAGS, flags, "0");
    Expression::new(format!("syscall(SYS_mseal, {}, {}, {flags})", place(at), bytes(length)))
}
