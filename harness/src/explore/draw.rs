//! A world, drawn readably: a line for each file, each mapped page and each descriptor.

use std::fmt::Write as _;

use mapspec_model::flags::Flags;
use mapspec_model::memory::{Cow, FrameKind, Memory as _, PageTableEntry, PinPlace, Place};
use mapspec_model::op::{Actor, Mode, Name, PinName};
use mapspec_model::world::{Backing, Mapping};
use mapspec_model::{CELLS, DESCRIPTORS, FILE_PAGES, FILES, PAGES, World};

use crate::litmus::length_text;

/// The text of a world.
pub fn draw(world: &World<Cow>) -> String {
    let mut text = String::new();
    for file in (0..FILES).filter(|file| world.is_referenced(*file)) {
        let _ = writeln!(text, "file {file}: {}", file_text(world, file));
    }
    for actor in Actor::ALL {
        let Some(process) = world.alive(actor) else { continue };
        let _ = writeln!(text, "{actor:?}:{}", descriptors(world, process));
        for (pin, letter) in PinName::LETTERS.iter().enumerate() {
            if world.processes[process].pins[pin].is_some() {
                let frame = world.memory.pinned(PinPlace { process, pin });
                let frame = frame.map_or("zero page".to_owned(), |it| format!("frame {it}"));
                let _ = writeln!(text, "  {letter} {frame}");
            }
        }
        for page in 0..PAGES {
            let place = Place { process, page };
            if let Some(mapping) = world.processes[process].mappings[page] {
                let _ = writeln!(text, "  @{page} {}", mapping_text(world, place, &mapping));
            }
        }
    }
    if text.is_empty() { "nobody is alive\n".to_owned() } else { text }
}

fn file_text(world: &World<Cow>, file: usize) -> String {
    let it = &world.files[file];
    let seals = names(it.seals);
    let pages = (0..FILE_PAGES).filter(|page| world.memory.has_file_page(file, *page));
    let pages = pages.map(|page| {
        let cells = (0..CELLS).map(|cell| world.memory.read_file(file, page, cell).to_string());
        format!(" page {page} [{}]", cells.collect::<Vec<_>>().join(" "))
    });
    format!("size {}, seals {seals};{}", length_text(it.size), pages.collect::<String>())
}

/// The names of a set's flags, as in the litmus language.
fn names<T: Flags>(set: T) -> String {
    let names = T::NAMES.iter().zip(0..).filter(|(_, bit)| set.as_bits() & 1 << bit != 0);
    let names: Vec<_> = names.map(|(name, _)| *name).collect();
    if names.is_empty() { "none".to_owned() } else { names.join("|") }
}

fn descriptors(world: &World<Cow>, process: usize) -> String {
    let names = (0..DESCRIPTORS).filter_map(|name| {
        let held = world.processes[process].descriptor(Name(name as u8))?;
        let mode = Mode::NAMES[held.mode as usize];
        Some(format!(" {} = file {} {mode}", Name::LETTERS[name], held.file))
    });
    names.collect::<Vec<_>>().join(",")
}

fn mapping_text(world: &World<Cow>, place: Place, mapping: &Mapping) -> String {
    let mut text = names(mapping.protection);
    text += if mapping.shared { " shared" } else { " private" };
    if !mapping.may_write {
        text += ", may not write";
    }
    if let Backing::File { file, page } = mapping.backing {
        let _ = write!(text, ", file {file} page {page}");
    }
    match world.memory.entry(place) {
        PageTableEntry::None => {}
        PageTableEntry::Zero => text += ", zero page",
        PageTableEntry::ZeroOrNone => text += ", zero page or nothing",
        PageTableEntry::ZeroOverFile { writable } => {
            text += ", zero page over the file's";
            if writable {
                text += " writable";
            }
        }
        PageTableEntry::Frame { frame, writable, lazily_freed } => {
            let held = world.memory.frame(frame);
            let [first, second] = held.content;
            let _ = write!(text, ", frame {frame} [{first} {second}]");
            if held.kind == (FrameKind::Anonymous { exclusive: true }) {
                text += " exclusive";
            }
            if writable {
                text += " writable";
            }
            if lazily_freed {
                text += " lazily freed";
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use mapspec_model::{Policy, step};

    use super::*;
    use crate::litmus::parse;

    #[test]
    fn a_world_is_drawn_readably() {
        let program = "A: f = memfd_create(allow_sealing)\nA: pwrite(f, 0p, 1.5p, 7)\n\
                       A: add_seals(f, shrink|grow)\nA: mmap(@0, 1p, rw, private, f, 0p)\n\
                       A: store(@0, 2)\nA: mmap(@1, 1p, r, private|anon)\nA: load(@1)\nA: fork(B)\n";
        let mut world = World::new();
        for statement in parse(program).unwrap().program() {
            step(&mut world, statement.actor, &statement.op, &Policy::default());
        }
        let expected = "file 0: size 1.5p, seals shrink|grow; page 0 [7 7] page 1 [7 0]\n\
                        A: f = file 0 rw\n  @0 r|w private, file 0 page 0, frame 2 [2 7]\n  \
                        @1 r private, zero page\n\
                        B: f = file 0 rw\n  @0 r|w private, file 0 page 0, frame 2 [2 7]\n  \
                        @1 r private, zero page or nothing\n";
        assert_eq!(draw(&world), expected);
    }
}
