//! The alphabet: everything that a process of a program can do.

use crate::bounds::{CELLS, DESCRIPTORS, PAGES, PROCESSES};
use crate::flags::flag_set;

/// A process of a program. `A` exists from the start; the others are made by [`Op::Fork`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[repr(u8)]
pub enum Actor {
    /// The first process.
    A,
    /// The second.
    B,
    /// The third.
    C,
}

impl Actor {
    /// All processes, in order.
    pub const ALL: [Self; 3] = [Self::A, Self::B, Self::C];

    /// The process's place in [`World::processes`](crate::World::processes), if the bounds have one.
    pub const fn index(self) -> Option<usize> {
        let index = self as usize;
        if index < PROCESSES { Some(index) } else { None }
    }
}

/// A name for a descriptor, `f`, `g`, `h` or `i`. Each process has its own; fork copies them.
///
/// An operation that makes a descriptor gives it a name; what the name held before is closed then,
/// as by dup2(2). A name that holds nothing is a bad descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Name(pub u8);

impl Name {
    /// How the names are written, in order.
    pub const LETTERS: [char; 4] = ['f', 'g', 'h', 'i'];

    /// The name's place in a process's table, if the bounds have one.
    pub const fn index(self) -> Option<usize> {
        let index = self.0 as usize;
        if index < DESCRIPTORS { Some(index) } else { None }
    }
}

/// A length, a file offset or a file size, in cells (half pages).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Cells(pub u8);

impl Cells {
    /// So many whole pages; at most 127.
    pub const fn pages(pages: u8) -> Self {
        Self(pages.saturating_mul(CELLS as u8))
    }

    /// The page in which the cell at this offset lies.
    pub const fn page(self) -> u8 {
        self.0 / CELLS as u8
    }

    /// The cell's place within its page.
    pub const fn within_page(self) -> usize {
        self.0 as usize % CELLS
    }

    /// Whether this is a whole number of pages.
    pub const fn is_page_aligned(self) -> bool {
        self.within_page() == 0
    }

    /// The number of pages that hold so many cells: `PAGE_ALIGN`.
    pub const fn round_up_to_pages(self) -> u8 {
        self.0.div_ceil(CELLS as u8)
    }
}

/// A place in the arena, in cells from its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Address(pub u8);

impl Address {
    /// The start of a page, `@page`.
    pub const fn page(page: u8) -> Self {
        Self(Cells::pages(page).0)
    }

    /// The place as an offset from the start of the arena.
    pub const fn cells(self) -> Cells {
        Cells(self.0)
    }

    /// The place's page in a process's table, if it lies in the arena.
    pub const fn index(self) -> Option<usize> {
        let page = self.cells().page() as usize;
        if page < PAGES { Some(page) } else { None }
    }
}

flag_set! {
    /// Protection of a mapping, as mmap(2) and mprotect(2) take it. Empty: `PROT_NONE`.
    pub struct Protection {
        /// `PROT_READ`
        READ = 0, "r";
        /// `PROT_WRITE`
        WRITE = 1, "w";
        /// `PROT_EXEC`
        EXECUTE = 2, "x";
    }
}

flag_set! {
    /// Flags of mmap(2). `MAP_FIXED` is meant unless `NO_REPLACE` is there.
    pub struct MapFlags {
        /// `MAP_PRIVATE`
        PRIVATE = 0, "private";
        /// `MAP_SHARED`. With `MAP_PRIVATE` it is `MAP_SHARED_VALIDATE`.
        SHARED = 1, "shared";
        /// `MAP_ANONYMOUS`
        ANONYMOUS = 2, "anon";
        /// `MAP_FIXED_NOREPLACE`
        NO_REPLACE = 3, "noreplace";
        /// A flag that no kernel knows.
        UNKNOWN = 4, "unknown";
    }
}

impl MapFlags {
    /// `MAP_SHARED_VALIDATE`: the numbers are such that it is the other two types together.
    pub const SHARED_VALIDATE: Self = Self::PRIVATE.union(Self::SHARED);

    /// `MAP_TYPE`: the part that says private, shared, validated shared, or nothing.
    pub const fn kind(self) -> Self {
        self.intersection(Self::SHARED_VALIDATE)
    }
}

flag_set! {
    /// Flags of memfd_create(2), and what can be wrong with its name.
    pub struct MemfdFlags {
        /// `MFD_ALLOW_SEALING`
        ALLOW_SEALING = 0, "allow_sealing";
        /// `MFD_NOEXEC_SEAL`
        NO_EXECUTE_SEAL = 1, "noexec_seal";
        /// `MFD_EXEC`
        EXECUTABLE = 2, "exec";
        /// A flag that no kernel knows.
        UNKNOWN = 3, "unknown";
        /// The name has 249 bytes, the most that fit.
        LONGEST_NAME = 4, "longest_name";
        /// The name has 250 bytes.
        LONG_NAME = 5, "long_name";
        /// The name's address is not mapped.
        BAD_NAME = 6, "bad_name";
    }
}

flag_set! {
    /// Seals of a file, as fcntl(2) `F_ADD_SEALS` takes them.
    pub struct Seals {
        /// `F_SEAL_SEAL`
        SEAL = 0, "seal";
        /// `F_SEAL_SHRINK`
        SHRINK = 1, "shrink";
        /// `F_SEAL_GROW`
        GROW = 2, "grow";
        /// `F_SEAL_WRITE`
        WRITE = 3, "write";
        /// `F_SEAL_FUTURE_WRITE`
        FUTURE_WRITE = 4, "future_write";
        /// `F_SEAL_EXEC`
        EXECUTE = 5, "exec";
        /// A seal that no kernel knows.
        UNKNOWN = 6, "unknown";
    }
}

/// How a file is opened: which of reading and writing the descriptor allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[repr(u8)]
pub enum Mode {
    /// `O_RDONLY`
    Read,
    /// `O_WRONLY`
    Write,
    /// `O_RDWR`
    ReadWrite,
}

impl Mode {
    /// Each mode with its name in the litmus language.
    pub const NAMES: &'static [(&'static str, Self)] =
        &[("r", Self::Read), ("w", Self::Write), ("rw", Self::ReadWrite)];

    /// Whether the descriptor may be read from: `FMODE_READ`.
    pub const fn reads(self) -> bool {
        !matches!(self, Self::Write)
    }

    /// Whether the descriptor may be written to: `FMODE_WRITE`.
    pub const fn writes(self) -> bool {
        !matches!(self, Self::Read)
    }
}

/// An operation of one process. System calls keep their names; their arguments may be wrong on
/// purpose, for the order in which errors are found is semantics too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[allow(missing_docs, reason = "the fields are the arguments, in the order of the manual page")]
pub enum Op {
    /// `NAME = memfd_create(FLAGS)`: a new file of size 0, open for reading and writing.
    MemfdCreate { name: Name, flags: MemfdFlags },
    /// `NAME = reopen(FROM, MODE)`: open(2) of `/proc/self/fd/N`, a new open file description.
    Reopen { name: Name, from: Name, mode: Mode },
    /// `NAME = dup(FROM)`.
    Dup { name: Name, from: Name },
    /// `close(FILE)`.
    Close { file: Name },
    /// `ftruncate(FILE, LENGTH)`.
    Ftruncate { file: Name, length: Cells },
    /// `pread(FILE, OFFSET)`: reads the first byte of the cell.
    Pread { file: Name, offset: Cells },
    /// `pwrite(FILE, OFFSET, LENGTH, VALUE)`: the value in every byte of the range.
    Pwrite { file: Name, offset: Cells, length: Cells, value: u8 },
    /// `add_seals(FILE, SEALS)`: fcntl(2) `F_ADD_SEALS`.
    AddSeals { file: Name, seals: Seals },
    /// `get_seals(FILE)`: fcntl(2) `F_GET_SEALS`.
    GetSeals { file: Name },
    /// `size(FILE)`: `st_size` of fstat(2).
    Size { file: Name },
    /// `mmap(AT, LENGTH, PROTECTION, FLAGS, FILE, OFFSET)`; without a file the descriptor is -1.
    Mmap {
        at: Address,
        length: Cells,
        protection: Protection,
        flags: MapFlags,
        file: Option<Name>,
        offset: Cells,
    },
    /// `munmap(AT, LENGTH)`.
    Munmap { at: Address, length: Cells },
    /// `mprotect(AT, LENGTH, PROTECTION)`.
    Mprotect { at: Address, length: Cells, protection: Protection },
    /// `load(AT)`: the processor reads the first byte of the cell.
    Load { at: Address },
    /// `store(AT, VALUE)`: the processor writes the first byte of the cell.
    Store { at: Address, value: u8 },
    /// `fork(CHILD)`.
    Fork { child: Actor },
    /// `exit()`: the process ends; the next statement comes after its last mapping is gone.
    Exit,
    /// `page(AT)`: what the page table holds there; looking disturbs nothing.
    Page { at: Address },
    /// `maps(AT)`: the permissions that `/proc/self/maps` shows for the page.
    Maps { at: Address },
    /// `same_frame(AT, OTHER@ADDRESS)`: whether both places are the same physical page now.
    SameFrame { at: Address, process: Actor, other: Address },
}

macro_rules! calls {
    ($($call:ident),+ $(,)?) => {
        /// An operation without its arguments.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "they are those of Op")]
        pub enum Call {
            $($call),+
        }

        impl Call {
            /// All of them, in the order of [`Op`].
            pub const ALL: &'static [Self] = &[$(Self::$call),+];
        }

        impl Op {
            /// The operation without its arguments.
            pub const fn call(&self) -> Call {
                match self {
                    $(Self::$call { .. } => Call::$call),+
                }
            }
        }
    };
}

calls! {
    MemfdCreate, Reopen, Dup, Close, Ftruncate, Pread, Pwrite, AddSeals, GetSeals, Size, Mmap, Munmap,
    Mprotect, Load, Store, Fork, Exit, Page, Maps, SameFrame,
}

/// An operation and the process that does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Statement {
    /// Who.
    pub actor: Actor,
    /// What.
    pub op: Op,
}

impl Op {
    /// Whether every page, name and process of the operation lies within the model's
    /// [bounds](crate::bounds). Wrong arguments are within them: an odd address, a length of zero.
    pub fn is_within_bounds(&self) -> bool {
        let names = |first: Name, second: Name| first.index().is_some() && second.index().is_some();
        match *self {
            Self::MemfdCreate { name, .. } => names(name, name),
            Self::Reopen { name, from, .. } | Self::Dup { name, from } => names(name, from),
            Self::Close { file }
            | Self::Ftruncate { file, .. }
            | Self::Pread { file, .. }
            | Self::Pwrite { file, .. }
            | Self::AddSeals { file, .. }
            | Self::GetSeals { file }
            | Self::Size { file } => names(file, file),
            Self::Mmap { at, length, file, .. } => {
                is_within_arena(at, length) && file.is_none_or(|file| names(file, file))
            }
            Self::Munmap { at, length } | Self::Mprotect { at, length, .. } => {
                is_within_arena(at, length)
            }
            Self::Load { at } | Self::Store { at, .. } | Self::Page { at } | Self::Maps { at } => {
                at.index().is_some()
            }
            Self::Fork { child } => child.index().is_some(),
            Self::Exit => true,
            Self::SameFrame { at, process, other } => {
                at.index().is_some() && process.index().is_some() && other.index().is_some()
            }
        }
    }
}

/// Whether the pages that a call with this range touches all lie in the arena.
fn is_within_arena(at: Address, length: Cells) -> bool {
    let end = at.0 as usize + Cells::pages(length.round_up_to_pages()).0 as usize;
    at.index().is_some() && end <= PAGES * CELLS
}
