//! The world at one moment, in words: mappings, page table entries, frames, pins, files.

use std::collections::BTreeMap;

use mapspec_model::flags::Flags;
use mapspec_model::memory::{Cow, FrameKind, Memory as _, PageTableEntry, PinPlace, Place};
use mapspec_model::op::{Actor, Address, Cells, Name, PinAccess, PinName, Protection};
use mapspec_model::world::{Backing, Hold, Mapping};
use mapspec_model::{CELLS, FILE_PAGES, FILES, PAGES, World};

use crate::litmus::{length_text, place_text};

/// A world.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// The mapped pages of all processes.
    pub pages: Vec<Page>,
    /// The frames that are not the page cache's: anonymous ones, and those that only pins have.
    pub frames: Vec<Frame>,
    /// The pins of all processes.
    pub pins: Vec<Pin>,
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

/// A pin of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The process.
    pub process: Actor,
    /// Its name, `p`.
    pub name: char,
    /// Who holds it, and what for.
    pub hold: String,
    /// What it shows.
    pub shows: String,
    /// The frame that it shows, if that is no page of a file.
    pub frame: Option<u8>,
    /// The page of a file that it shows: which file, which page.
    pub file: Option<(usize, usize)>,
}

/// A frame that is not the page cache's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Its number.
    pub number: u8,
    /// Whether it is exclusive, and how many page table entries and pins refer to it.
    pub state: String,
    /// Who they are: `A@0 B@0 A:p`.
    pub owners: String,
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
        let pins = pins(world);
        for frame in pins.iter().filter_map(|pin| pin.frame) {
            frames.insert(frame, of_frame(world, frame));
        }
        let files = (0..FILES).filter(|file| world.is_referenced(*file));
        let files = files.map(|file| of_file(world, file)).collect();
        Self { pages, frames: frames.into_values().collect(), pins, files }
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
        PageTableEntry::ZeroOverFile { writable: false } => {
            ("zero page over the file's".to_owned(), None)
        }
        PageTableEntry::ZeroOverFile { writable: true } => {
            ("zero page over the file's, writable".to_owned(), None)
        }
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
    let kind = match frame.kind {
        FrameKind::Anonymous { exclusive: true } => "exclusive, ",
        FrameKind::File { .. } => "lost by its file, ",
        _ => "",
    };
    let pinned = match world.memory.pin_count(number) {
        0 => String::new(),
        pins => format!(", pinned {pins} ×"),
    };
    Frame {
        number,
        state: format!("{kind}mapped {} ×{pinned}", world.memory.map_count(number)),
        owners: owners(world, number),
        content: frame.content.map(|value| value.to_string()).join(" "),
    }
}

/// The pages that have the frame, and the pins.
fn owners(world: &World<Cow>, frame: u8) -> String {
    let mut owners = Vec::new();
    for (process, actor) in Actor::ALL.into_iter().enumerate() {
        let pages =
            (0..PAGES).filter(|page| world.memory.has_frame(Place { process, page: *page }, frame));
        owners.extend(pages.map(|page| format!("{actor:?}@{page}")));
        let pins = PinName::LETTERS
            .iter()
            .enumerate()
            .filter(|(pin, _)| world.memory.pinned(PinPlace { process, pin: *pin }) == Some(frame));
        owners.extend(pins.map(|(_, name)| format!("{actor:?}:{name}")));
    }
    owners.join(" ")
}

fn pins(world: &World<Cow>) -> Vec<Pin> {
    let mut pins = Vec::new();
    for (place, process) in Actor::ALL.into_iter().enumerate() {
        for (number, &name) in PinName::LETTERS.iter().enumerate() {
            let Some(pin) = world.processes[place].pins[number] else { continue };
            let frame = world.memory.pinned(PinPlace { process: place, pin: number });
            let file = frame.and_then(|frame| world.memory.place_in_cache(frame));
            let shows = match (frame, file) {
                (None, _) => "the zero page".to_owned(),
                (_, Some([file, page])) => format!("file {file}, page {page}"),
                (Some(frame), None) => format!("frame {frame}"),
            };
            let access = |access| if access == PinAccess::ReadOnly { "ro" } else { "rw" };
            let hold = match pin.hold {
                Hold::Pipe => "a pipe (FOLL_GET)".to_owned(),
                Hold::Once(it) => format!("FOLL_PIN, {}, one transfer", access(it)),
                Hold::Lasting(it) => format!("FOLL_PIN, {}, FOLL_LONGTERM", access(it)),
            };
            let frame = frame.filter(|_| file.is_none());
            let file = file.map(|[file, page]| (file, page));
            pins.push(Pin { process, name, hold, shows, frame, file });
        }
    }
    pins
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
