//! Places, lengths, descriptors and sets of flags, as C writes them.

use mapspec_model::CELLS;
use mapspec_model::flags::Flags;
use mapspec_model::op::{Actor, Address, Cells, Name};

/// The names of flags in C. A flag without a name is an error of the compiler here; an empty name
/// is for what is no flag in C.
macro_rules! flag_table {
    (
        $(#[$meta:meta])*
        $visibility:vis $table:ident: $set:ident = { $($flag:ident: $name:literal,)+ }
    ) => {
        $(#[$meta])*
        $visibility const $table: &[($set, &str)] = &[$(($set::$flag, $name)),+];
        const _: () = assert!(
            $set::ALL.bits() == $($set::$flag.bits() |)+ 0,
            "a flag has no name in C"
        );
    };
}
pub(super) use flag_table;

/// The names of the flags that are set.
pub fn names<F: Flags>(table: &[(F, &'static str)], set: F) -> Vec<&'static str> {
    let is_set = |flag: &F| set.as_bits() & flag.as_bits() != 0;
    let set = table.iter().filter(|(flag, name)| is_set(flag) && !name.is_empty());
    set.map(|(_, name)| *name).collect()
}

/// The flags that are set, joined; `none` if there is none.
pub fn joined<F: Flags>(table: &[(F, &'static str)], set: F, none: &str) -> String {
    let names = names(table, set);
    if names.is_empty() { none.to_owned() } else { names.join(" | ") }
}

/// The variable of a descriptor.
pub fn variable(name: Name) -> String {
    Name::LETTERS.get(usize::from(name.0)).map_or_else(|| "f".to_owned(), ToString::to_string)
}

/// The id of a process, as another one knows it.
pub fn process_id(actor: Actor, process: Actor) -> String {
    if process == actor { "getpid()".to_owned() } else { format!("pids[{process:?}]") }
}

/// A number of bytes: `2 * page + page / 2`.
pub fn bytes(cells: Cells) -> String {
    let part = match cells.within_page() {
        0 => None,
        1 => Some(format!("page / {CELLS}")),
        part => Some(format!("{part} * page / {CELLS}")),
    };
    match (cells.page(), part) {
        (0, None) => "0".to_owned(),
        (0, Some(part)) => part,
        (pages, part) => {
            let pages = if pages == 1 { "page".to_owned() } else { format!("{pages} * page") };
            part.map_or(pages.clone(), |part| format!("{pages} + {part}"))
        }
    }
}

/// A place in the area.
pub fn place(at: Address) -> String {
    match at.cells() {
        Cells(0) => "area".to_owned(),
        cells => format!("area + {}", bytes(cells)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_places_are_counted_in_pages() {
        let texts = [0, 1, 2, 3, 4, 5].map(|cells| bytes(Cells(cells)));
        let expected =
            ["0", "page / 2", "page", "page + page / 2", "2 * page", "2 * page + page / 2"];
        assert_eq!(texts, expected);
        assert_eq!(place(Address(3)), "area + page + page / 2");
    }
}
