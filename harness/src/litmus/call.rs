//! The calls of the language: how each operation is read and written.

use mapspec_model::op::{Mode, Name, Op};

use super::arguments::Arguments;
use super::diagnostic::Diagnostic;
use super::value::{length_text, name_of, place_of_text, place_text, protection_text, set_text};

/// A call, written: the name that it binds, its own name, its arguments.
pub struct Written {
    /// The descriptor that it makes.
    pub binds: Option<Name>,
    /// What is called.
    pub call: &'static str,
    /// With what.
    pub arguments: Vec<String>,
}

/// The calls that make a descriptor, and so have a name and `=` before them.
pub const BINDING: &[&str] = &["memfd_create", "reopen", "dup"];

/// All other calls.
pub const PLAIN: &[&str] = &[
    "close",
    "ftruncate",
    "pread",
    "pwrite",
    "add_seals",
    "get_seals",
    "size",
    "mmap",
    "munmap",
    "mprotect",
    "load",
    "store",
    "fork",
    "exit",
    "page",
    "maps",
    "same_frame",
];

/// How a descriptor is written.
pub fn name_text(name: Name) -> String {
    Name::LETTERS.get(name.0 as usize).map_or("?".to_owned(), ToString::to_string)
}

/// Writes an operation.
pub fn write(op: &Op) -> Written {
    let (binds, call, arguments) = match *op {
        Op::MemfdCreate { name, flags } => {
            let flags = set_text(flags);
            let arguments = if flags == "none" { vec![] } else { vec![flags] };
            (Some(name), "memfd_create", arguments)
        }
        Op::Reopen { name, from, mode } => {
            let mode = name_of(Mode::NAMES, mode).unwrap_or("?").to_owned();
            (Some(name), "reopen", vec![name_text(from), mode])
        }
        Op::Dup { name, from } => (Some(name), "dup", vec![name_text(from)]),
        Op::Close { file } => (None, "close", vec![name_text(file)]),
        Op::Ftruncate { file, length } => {
            (None, "ftruncate", vec![name_text(file), length_text(length)])
        }
        Op::Pread { file, offset } => (None, "pread", vec![name_text(file), length_text(offset)]),
        Op::Pwrite { file, offset, length, value } => {
            let (offset, length) = (length_text(offset), length_text(length));
            (None, "pwrite", vec![name_text(file), offset, length, value.to_string()])
        }
        Op::AddSeals { file, seals } => (None, "add_seals", vec![name_text(file), set_text(seals)]),
        Op::GetSeals { file } => (None, "get_seals", vec![name_text(file)]),
        Op::Size { file } => (None, "size", vec![name_text(file)]),
        Op::Mmap { at, length, protection, flags, file, offset } => {
            let mut arguments = vec![
                place_text(at),
                length_text(length),
                protection_text(protection),
                set_text(flags),
            ];
            if file.is_some() || offset.0 != 0 {
                arguments.push(file.map_or("none".to_owned(), name_text));
                arguments.push(length_text(offset));
            }
            (None, "mmap", arguments)
        }
        Op::Munmap { at, length } => (None, "munmap", vec![place_text(at), length_text(length)]),
        Op::Mprotect { at, length, protection } => {
            let arguments = vec![place_text(at), length_text(length), protection_text(protection)];
            (None, "mprotect", arguments)
        }
        Op::Load { at } => (None, "load", vec![place_text(at)]),
        Op::Store { at, value } => (None, "store", vec![place_text(at), value.to_string()]),
        Op::Fork { child } => (None, "fork", vec![format!("{child:?}")]),
        Op::Exit => (None, "exit", vec![]),
        Op::Page { at } => (None, "page", vec![place_text(at)]),
        Op::Maps { at } => (None, "maps", vec![place_text(at)]),
        Op::SameFrame { at, process, other } => {
            (None, "same_frame", vec![place_text(at), place_of_text(process, other)])
        }
    };
    Written { binds, call, arguments }
}

/// Reads a call that makes a descriptor; `None` if there is no such call.
pub fn read_binding(
    name: Name,
    call: &str,
    arguments: &mut Arguments<'_>,
) -> Option<Result<Op, Diagnostic>> {
    Some(match call {
        "memfd_create" => arguments.optional_flags().map(|flags| Op::MemfdCreate { name, flags }),
        "reopen" => (|| {
            Ok(Op::Reopen { name, from: arguments.name()?, mode: arguments.one_of(Mode::NAMES)? })
        })(),
        "dup" => arguments.name().map(|from| Op::Dup { name, from }),
        _ => return None,
    })
}

/// Reads any other call; `None` if there is no such call.
pub fn read_plain(call: &str, from: &mut Arguments<'_>) -> Option<Result<Op, Diagnostic>> {
    let mut read = || {
        Ok(Some(match call {
            "close" => Op::Close { file: from.name()? },
            "ftruncate" => Op::Ftruncate { file: from.name()?, length: from.length()? },
            "pread" => Op::Pread { file: from.name()?, offset: from.length()? },
            "pwrite" => Op::Pwrite {
                file: from.name()?,
                offset: from.length()?,
                length: from.length()?,
                value: from.value()?,
            },
            "add_seals" => Op::AddSeals { file: from.name()?, seals: from.flags()? },
            "get_seals" => Op::GetSeals { file: from.name()? },
            "size" => Op::Size { file: from.name()? },
            "mmap" => read_mmap(from)?,
            "munmap" => Op::Munmap { at: from.address()?, length: from.length()? },
            "mprotect" => Op::Mprotect {
                at: from.address()?,
                length: from.length()?,
                protection: from.protection()?,
            },
            "load" => Op::Load { at: from.address()? },
            "store" => Op::Store { at: from.address()?, value: from.value()? },
            "fork" => Op::Fork { child: from.actor()? },
            "exit" => Op::Exit,
            "page" => Op::Page { at: from.address()? },
            "maps" => Op::Maps { at: from.address()? },
            "same_frame" => {
                let at = from.address()?;
                let (process, other) = from.place()?;
                Op::SameFrame { at, process, other }
            }
            _ => return Ok(None),
        }))
    };
    read().transpose()
}

/// The file and the offset may be left out, both.
fn read_mmap(from: &mut Arguments<'_>) -> Result<Op, Diagnostic> {
    let (at, length) = (from.address()?, from.length()?);
    let (protection, flags) = (from.protection()?, from.flags()?);
    let (file, offset) = if from.is_at_end() {
        (None, Default::default())
    } else {
        (from.name_or_none()?, from.length()?)
    };
    Ok(Op::Mmap { at, length, protection, flags, file, offset })
}
