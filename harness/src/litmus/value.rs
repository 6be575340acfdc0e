//! How places, lengths and sets are written.

use mapspec_model::CELLS;
use mapspec_model::flags::Flags;
use mapspec_model::op::{Address, Cells, Protection, Remote};

/// A number of cells as a number of pages: `2`, or `0.5`.
fn pages_text(cells: Cells) -> String {
    let tenths = cells.within_page() * 10 / CELLS;
    if tenths == 0 { cells.page().to_string() } else { format!("{}.{tenths}", cells.page()) }
}

/// The number of cells that a number of pages is, if it is a whole one that the model can hold.
pub fn cells_of_pages(text: &str) -> Option<Cells> {
    let (pages, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let part = (0..CELLS).find(|part| (part * 10 / CELLS).to_string() == fraction)?;
    let cells = pages.parse::<usize>().ok()?.checked_mul(CELLS)?.checked_add(part)?;
    u8::try_from(cells).ok().map(Cells)
}

/// `2p`
pub fn length_text(cells: Cells) -> String {
    format!("{}p", pages_text(cells))
}

/// `@2`
pub fn place_text(at: Address) -> String {
    format!("@{}", pages_text(at.cells()))
}

/// `B@2`
pub fn place_of_text(Remote { process, at }: Remote) -> String {
    format!("{process:?}{}", place_text(at))
}

/// `rw`, or `none`.
pub fn protection_text(protection: Protection) -> String {
    joined(Protection::NAMES, protection.bits(), "")
}

/// `write|seal`, or `none`.
pub fn flags_text<F: Flags>(flags: F) -> String {
    set_text(F::NAMES, flags.as_bits())
}

/// The names of the bits that are set, or `none`.
pub fn set_text(names: &[&str], bits: u16) -> String {
    joined(names, bits, "|")
}

fn joined(names: &[&str], bits: u16, separator: &str) -> String {
    let chosen = names.iter().enumerate().filter(|(bit, _)| bits >> bit & 1 != 0);
    let names: Vec<_> = chosen.map(|(_, name)| *name).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(separator) }
}

/// The place of a name among others.
pub fn place_of_name(names: &[&str], name: &str) -> Option<u8> {
    names.iter().position(|it| *it == name).and_then(|place| u8::try_from(place).ok())
}

/// The value with this name.
pub fn named<T: Copy>(names: &[(&str, T)], name: &str) -> Option<T> {
    names.iter().find(|(it, _)| *it == name).map(|(_, value)| *value)
}

/// The name of this value.
pub fn name_of<T: Copy + PartialEq>(names: &[(&'static str, T)], value: T) -> Option<&'static str> {
    names.iter().find(|(_, it)| *it == value).map(|(name, _)| *name)
}

/// All names, for a message: `r, w or rw`.
pub fn choice(names: &[&str]) -> String {
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}
