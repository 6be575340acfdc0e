//! The world at one moment, in words: mappings, page table entries, frames, files.

use std::collections::BTreeMap;

use mapspec_model::flags::Flags;
use mapspec_model::memory::{Cow, FrameKind, Memory as _, PageTableEntry, Place};
use mapspec_model::op::{Actor, Address, Cells, Name, Protection};
use mapspec_model::world::{Backing, Mapping};
use mapspec_model::{CELLS, FILE_PAGES, FILES, PAGES, World};

use crate::litmus::{length_text, place_text};

/// A world.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// The mapped pages of all processes.
    pub pages: Vec<Page>,
    /// The anonymous frames.
    pub frames: Vec<Frame>,
    /// The files.
    pub files: Vec<File>,
}

/// A mapped page of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The process.
    pub process: Actor,
    /// Its place, `@2`.
    pub place: String,
    /// The number of the page in the arena.
    pub number: usize,
    /// `rw-p`, and what else the mapping was told.
    pub mapping: String,
    /// The page of a file behind it: which file, which page.
    pub file: Option<(usize, usize)>,
    /// What the page table holds.
    pub entry: String,
    /// The anonymous frame in the page table.
    pub frame: Option<u8>,
}

/// An anonymous frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Its number.
    pub number: u8,
    /// Whether it is exclusive, and how many page table entries refer to it.
    pub state: String,
    /// The value of each cell.
    pub content: String,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its place in the world.
    pub number: usize,
    /// The descriptors that refer to it, `A:f`.
    pub names: String,
    /// Its size.
    pub size: String,
    /// Its seals.
    pub seals: String,
    /// For each page, its content; a hole has none.
    pub pages: Vec<Option<String>>,
}

impl Picture {
    /// What a world looks like.
    pub fn of(world: &World<Cow>) -> Self {
        let mut frames = BTreeMap::new();
        let mut pages = Vec::new();
        for actor in Actor::ALL {
            let Some(process) = world.alive(actor) else { continue };
            for number in 0..PAGES {
                let Some(mapping) = world.processes[process].mappings[number] else { continue };
                let entry = world.memory.entry(Place { process, page: number });
                if let PageTableEntry::Frame { frame, .. } = entry {
                    frames.insert(frame, of_frame(world, frame));
                }
                let markers = names(world.processes[process].markers[number]);
                pages.push(of_page(actor, number, &mapping, entry, &markers));
            }
        }
        let files = (0..FILES).filter(|file| world.is_referenced(*file));
        let files = files.map(|file| of_file(world, file)).collect();
        Self { pages, frames: frames.into_values().collect(), files }
    }
}

/// The names of flags, each with a space before it.
fn names<F: Flags>(set: F) -> String {
    let names = F::NAMES.iter().enumerate();
    let set = names.filter(|(bit, _)| set.as_bits() >> bit & 1 == 1);
    set.map(|(_, name)| format!(" {name}")).collect()
}

fn of_page(
    process: Actor,
    number: usize,
    mapping: &Mapping,
    entry: PageTableEntry,
    markers: &str,
) -> Page {
    let letter = |flag: Protection, letter| {
        if mapping.protection.contains(flag) { letter } else { '-' }
    };
    let shared = if mapping.shared { 's' } else { 'p' };
    let letters = [
        letter(Protection::READ, 'r'),
        letter(Protection::WRITE, 'w'),
        letter(Protection::EXECUTE, 'x'),
        shared,
    ];
    let never = if mapping.may_write { "" } else { " never-write" };
    let file = match mapping.backing {
        Backing::Anonymous => None,
        Backing::File { file, page } => Some((file, usize::from(page))),
    };
    let (entry, frame) = match entry {
        PageTableEntry::None if file.is_some() => ("the file's page, or none".to_owned(), None),
        PageTableEntry::None => ("none".to_owned(), None),
        PageTableEntry::Zero => ("zero page".to_owned(), None),
        PageTableEntry::ZeroOrNone => ("zero page, or none".to_owned(), None),
        PageTableEntry::ZeroOverFile => ("zero page over the file's".to_owned(), None),
        PageTableEntry::Frame { frame, writable, lazily_freed } => {
            let access = if writable { "writable" } else { "write-protected" };
            let freed = if lazily_freed { ", lazily freed" } else { "" };
            (format!("frame {frame}, {access}{freed}"), Some(frame))
        }
    };
    Page {
        process,
        place: place_text(Address::page(u8::try_from(number).unwrap_or(u8::MAX))),
        number,
        mapping: letters.iter().collect::<String>() + never + &names(mapping.attributes),
        file,
        entry: entry + markers,
        frame,
    }
}

fn of_frame(world: &World<Cow>, number: u8) -> Frame {
    let frame = world.memory.frame(number);
    let exclusive = frame.kind == FrameKind::Anonymous { exclusive: true };
    let exclusive = if exclusive { "exclusive, " } else { "" };
    Frame {
        number,
        state: format!("{exclusive}mapped {} ×", world.memory.map_count(number)),
        content: frame.content.map(|value| value.to_string()).join(" "),
    }
}

fn of_file(world: &World<Cow>, number: usize) -> File {
    let file = world.files[number];
    let mut holders = Vec::new();
    for actor in Actor::ALL {
        let Some(process) = world.alive(actor) else { continue };
        for (place, letter) in Name::LETTERS.iter().enumerate() {
            let name = Name(u8::try_from(place).unwrap_or(u8::MAX));
            let descriptor = world.processes[process].descriptor(name);
            if descriptor.is_some_and(|descriptor| descriptor.file == number) {
                holders.push(format!("{actor:?}:{letter}"));
            }
        }
    }
    let cells = |page: usize| {
        let value = |cell| world.memory.read_file(number, page, cell).to_string();
        (0..CELLS).map(value).collect::<Vec<_>>().join(" ")
    };
    let page = |page: usize| world.memory.has_file_page(number, page).then(|| cells(page));
    let last = usize::from(file.size.round_up_to_pages()).min(FILE_PAGES);
    let seals = names(file.seals);
    File {
        number,
        names: if holders.is_empty() { "no descriptor".to_owned() } else { holders.join(" ") },
        size: length_text(Cells(file.size.0)),
        seals: if seals.is_empty() { "none".to_owned() } else { seals.trim().to_owned() },
        pages: (0..last).map(page).collect(),
    }
}
