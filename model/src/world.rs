//! The state of the world; only what cannot be derived.

use core::hash::{Hash, Hasher};

use crate::bounds::{
    CELLS, DESCRIPTORS, FILE_PAGES, FILES, HANDLERS, PAGES, PINS, PROCESSES, USERFAULTS,
};
pub use crate::file::{File, FileBacking};
use crate::flags::flag_set;
use crate::memory::{Memory, Place, Presence, Reference, Source};
use crate::op::{
    Actor, Address, Handler, HandlerFlags, Mode, Modes, Name, PinAccess, PinName, Protection,
};
use crate::outcome::{Fault, Outcome};
use crate::sparse;

/// Everything that processes, files and memory are at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct World<M> {
    /// The processes, by [`Actor::index`].
    pub processes: [Process; PROCESSES],
    /// The files, shared anonymous memory included.
    pub files: [File; FILES],
    /// The userfaultfds.
    pub userfaults: [Option<Userfault>; USERFAULTS],
    /// What the pages hold.
    pub memory: M,
}

/// A process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process {
    /// Whether it exists: `A` from the start, others from their fork; until their exit.
    pub alive: bool,
    /// For each page of the arena, what is mapped there. A VMA is a run of pages whose mappings
    /// are alike and follow each other in their file.
    pub mappings: [Option<Mapping>; PAGES],
    /// What the page table holds beside pages.
    pub markers: [Markers; PAGES],
    /// Whether guards were ever installed in its shared memory, or in that of a parent.
    pub guards_shared_memory: bool,
    /// What each [`Name`] holds.
    pub descriptors: [Option<Descriptor>; DESCRIPTORS],
    /// What each [`PinName`] holds.
    pub pins: [Option<Pin>; PINS],
    /// What each [`Handler`] holds: a place in [`World::userfaults`].
    pub handlers: [Option<usize>; HANDLERS],
    /// That it waits for a userfaultfd's handler, or has done so. The process does nothing else
    /// until it has resumed.
    pub pending: Option<Waiting>,
}

impl<M: Hash> Hash for World<M> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { processes, files, userfaults, memory } = self;
        processes.hash(state);
        sparse::hash(files, File::ABSENT, state);
        sparse::hash(userfaults, None, state);
        memory.hash(state);
    }
}

impl Hash for Process {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self {
            alive,
            mappings,
            markers,
            guards_shared_memory,
            descriptors,
            pins,
            handlers,
            pending,
        } = self;
        (alive, guards_shared_memory, pending).hash(state);
        sparse::hash(mappings, None, state);
        sparse::hash(markers, Markers::EMPTY, state);
        sparse::hash(descriptors, None, state);
        sparse::hash(pins, None, state);
        sparse::hash(handlers, None, state);
    }
}

// ANCHOR: mapping
/// The attributes of one mapped page: `struct vm_area_struct`, seen from a page of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mapping {
    /// What the processor may do: `VM_READ`, `VM_WRITE`, `VM_EXEC`.
    pub protection: Protection,
    /// Whether mprotect may ever allow writing: `VM_MAYWRITE`.
    pub may_write: bool,
    /// Whether it was made with `MAP_SHARED`: `VM_MAYSHARE`, the `s` of `/proc/self/maps`.
    pub shared: bool,
    /// Whether it is counted among the mappings through which its file may be written:
    /// `i_mmap_writable` of the file's `struct address_space`.
    pub counted_writable: bool,
    /// What else the mapping was told.
    pub attributes: Attributes,
    /// Which userfaultfd is told of faults.
    pub registration: Option<Registration>,
    /// What lies behind it.
    pub backing: Backing,
}
// ANCHOR_END: mapping

/// That a userfaultfd is told of a mapping's faults: `vm_userfaultfd_ctx`, `VM_UFFD_MISSING` and
/// its like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Registration {
    /// The userfaultfd's place in [`World::userfaults`].
    pub userfault: usize,
    /// Which faults.
    pub modes: Modes,
}

flag_set! {
    /// What calls other than mmap and mprotect say of a mapping.
    pub struct Attributes {
        /// mlock: `VM_LOCKED`.
        LOCKED = 0, "locked";
        /// mlock2 with `MLOCK_ONFAULT`: `VM_LOCKONFAULT`, beside `VM_LOCKED`.
        LOCKED_ON_FAULT = 1, "locked_on_fault";
        /// mseal: `VM_SEALED`.
        SEALED = 2, "sealed";
        /// `MADV_DONTFORK`: `VM_DONTCOPY`.
        NOT_FORKED = 3, "not_forked";
        /// `MADV_WIPEONFORK`: `VM_WIPEONFORK`.
        WIPED_ON_FORK = 4, "wiped_on_fork";
        /// `MAP_DROPPABLE`: `VM_DROPPABLE`.
        DROPPABLE = 5, "droppable";
        /// Some call had its edge between this page and the one before, so that the kernel may keep
        /// two VMAs even where the two are alike: see `syscall/vma.rs`.
        AFTER_EDGE = 6, "after_edge";
        /// `MADV_RANDOM`: `VM_RAND_READ`.
        RANDOM = 7, "random";
        /// `MADV_SEQUENTIAL`: `VM_SEQ_READ`.
        SEQUENTIAL = 8, "sequential";
        /// `MADV_MERGEABLE`: `VM_MERGEABLE`.
        MERGEABLE = 9, "mergeable";
        /// `MADV_HUGEPAGE`: `VM_HUGEPAGE`.
        HUGE = 10, "huge";
        /// `MADV_NOHUGEPAGE`: `VM_NOHUGEPAGE`.
        NOT_HUGE = 11, "not_huge";
        /// Anonymous memory of the device `/dev/zero`: `vm_file` is there all the same.
        OF_DEVICE = 12, "of_device";
        /// `MAP_NOSIGBUS`: `VM_NOSIGBUS`.
        NO_SIGBUS = 13, "no_sigbus";
    }
}

flag_set! {
    /// What a page table entry holds that is no page: they belong to one process, and survive their
    /// page.
    pub struct Markers {
        /// `MADV_GUARD_INSTALL`: `PTE_MARKER_GUARD`.
        GUARD = 0, "guard";
        /// userfaultfd's write protection: `PTE_MARKER_UFFD_WP`, or the bit of a present entry.
        WRITE_PROTECTED = 1, "write_protected";
        /// `UFFDIO_POISON`: `PTE_MARKER_POISONED`.
        POISONED = 2, "poisoned";
    }
}

/// What lies behind a mapped page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Backing {
    /// Nothing: private anonymous memory.
    Anonymous,
    /// A page of a file.
    File {
        /// The file's place in [`World::files`].
        file: usize,
        /// The page of the file, which may lie past its end and past [`FILE_PAGES`].
        page: u8,
    },
}

/// An open file description's part that matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Descriptor {
    /// The file's place in [`World::files`].
    pub file: usize,
    /// What it was opened for.
    pub mode: Mode,
}

/// A userfaultfd: `struct userfaultfd_ctx`. It exists while a process holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Userfault {
    /// The process that made it, whose memory it is about; `None`: that process is gone.
    pub owner: Option<usize>,
    /// Its features.
    pub flags: HandlerFlags,
}

/// An access by the processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Access {
    /// Where.
    pub at: Address,
    /// What is stored; `None`: it is a load.
    pub value: Option<u8>,
}

/// How far a process has come that had to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Waiting {
    /// Its access waits: `struct userfaultfd_wait_queue`.
    For {
        /// What is tried again when it is woken.
        access: Access,
        /// The userfaultfd's place in [`World::userfaults`].
        userfault: usize,
        /// Why.
        fault: Fault,
        /// Where, as the userfaultfd tells it.
        at: Address,
        /// Whether the userfaultfd has told it.
        told: bool,
    },
    /// Its fork waits until the userfaultfd has told it: `UFFD_EVENT_FORK`.
    ForFork {
        /// The userfaultfd's place in [`World::userfaults`].
        userfault: usize,
        /// The new process.
        child: usize,
        /// The place of the userfaultfd for the child's memory, which nobody holds yet.
        of_child: usize,
    },
    /// It is the child of a fork that waits: its memory is there, but it does nothing yet.
    Unborn,
    /// It was woken, and came to this.
    Done(Outcome),
}

/// A reference to a page, which lasts whatever becomes of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pin {
    /// What is pinned.
    pub page: PinnedPage,
    /// Which cell of it is looked at.
    pub cell: usize,
    /// Who holds it, and for how long.
    pub hold: Hold,
    /// The process whose memory it was found in, if it was in some.
    pub found_in: Option<usize>,
}

/// Who holds a pin, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hold {
    /// A pipe, until it is closed.
    Pipe,
    /// The kernel, for one transfer.
    Once(PinAccess),
    /// The kernel, for as many transfers as come: `FOLL_LONGTERM`.
    Lasting(PinAccess),
}

impl Hold {
    /// How the page is referred to.
    pub const fn reference(self) -> Reference {
        match self {
            Self::Pipe => Reference::Get,
            Self::Once(_) | Self::Lasting(_) => Reference::Pin,
        }
    }

    /// Whether what is pinned can be looked at: what is pinned to be written at once is only
    /// written.
    pub const fn reads(self) -> bool {
        !matches!(self, Self::Once(PinAccess::ReadWrite))
    }

    /// Whether what is pinned can be changed.
    pub const fn writes(self) -> bool {
        matches!(self, Self::Once(PinAccess::ReadWrite) | Self::Lasting(PinAccess::ReadWrite))
    }
}

/// What a pin holds a reference to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PinnedPage {
    /// The shared zero page, in the place of a hole.
    Zero,
    /// A page of the pipe's own, with a copy of this value.
    Copied(u8),
    /// A page of a file, which [`Memory`] knows.
    OfFile {
        /// What the file lies on.
        backing: FileBacking,
    },
    /// Anonymous memory of a process, or the zero page there, which [`Memory`] knows.
    Anonymous,
}

impl Process {
    const UNBORN: Self = Self {
        alive: false,
        mappings: [None; PAGES],
        markers: [Markers::EMPTY; PAGES],
        guards_shared_memory: false,
        descriptors: [None; DESCRIPTORS],
        pins: [None; PINS],
        handlers: [None; HANDLERS],
        pending: None,
    };

    /// Whether a guard lies on the page: nobody can access it, whatever the mapping allows.
    ///
    /// Source: madvise(2) `MADV_GUARD_INSTALL`.
    pub const fn is_guarded(&self, page: usize) -> bool {
        self.markers[page].contains(Markers::GUARD)
    }

    /// What a name holds, if anything.
    pub fn descriptor(&self, name: Name) -> Option<Descriptor> {
        self.descriptors[name.index()?]
    }

    /// The userfaultfd that a name holds, if any: its place in [`World::userfaults`].
    pub fn handler(&self, name: Handler) -> Option<usize> {
        self.handlers[name.index()?]
    }

    /// What a pin's name holds, if anything.
    pub fn pin(&self, name: PinName) -> Option<Pin> {
        self.pins[name.index()?]
    }
}

impl Attributes {
    /// Whatever mlock and mlock2 say: `VM_LOCKED_MASK`.
    pub const LOCKS: Self = Self::LOCKED.union(Self::LOCKED_ON_FAULT);
}

impl Mapping {
    /// The mapping of a page that lies so many pages further on in the same VMA.
    #[must_use]
    pub const fn advanced(mut self, pages: u8) -> Self {
        if let Backing::File { page, .. } = &mut self.backing {
            *page = page.saturating_add(pages);
        }
        self
    }

    /// Where the content of this page comes from.
    pub const fn source(&self) -> Source {
        match self.backing {
            Backing::Anonymous => Source::Anonymous,
            Backing::File { file, page } => {
                Source::File { file, page: page as usize, shared: self.shared }
            }
        }
    }
}

impl<M: Memory> World<M> {
    /// Only process `A` exists; it has no mapping and no descriptor.
    pub fn new() -> Self {
        let mut processes = [Process::UNBORN; PROCESSES];
        processes[0].alive = true;
        Self {
            processes,
            files: [File::ABSENT; FILES],
            userfaults: [None; USERFAULTS],
            memory: M::new(),
        }
    }

    /// The process's place, if it exists now, to itself and to others: the child of a fork that
    /// waits does not yet.
    pub fn alive(&self, actor: Actor) -> Option<usize> {
        actor.index().filter(|&process| {
            let Process { alive, pending, .. } = &self.processes[process];
            *alive && *pending != Some(Waiting::Unborn)
        })
    }

    /// Whether some descriptor or mapping keeps the file in existence.
    pub fn is_referenced(&self, file: usize) -> bool {
        self.processes.iter().any(|process| {
            process.descriptors.iter().flatten().any(|descriptor| descriptor.file == file)
                || process.mappings.iter().flatten().any(|mapping| mapping.maps(file))
        })
    }

    /// A place for a new file, if the bounds have one.
    pub(crate) fn unused_file(&self) -> Option<usize> {
        (0..FILES).find(|&file| !self.is_referenced(file))
    }

    /// A file that nothing refers to any more is gone, with its content.
    ///
    /// Source: memfd_create(2) "once all references to the file are dropped, it is automatically
    /// released".
    pub(crate) fn release_unreferenced_files(&mut self) {
        for file in 0..FILES {
            if self.files[file] != File::ABSENT && !self.is_referenced(file) {
                self.files[file] = File::ABSENT;
                for page in 0..FILE_PAGES {
                    self.memory.drop_file_page(file, page);
                }
            }
        }
    }

    /// A page of a file loses its content, and whoever has it mapped loses it from the page table;
    /// private copies stay, but not the zero page, which is none.
    ///
    /// Source: mm/memory.c `unmap_mapping_range()` without `even_cows`, `should_zap_folio()`.
    pub(crate) fn drop_file_page(&mut self, file: usize, page: usize) {
        self.memory.drop_file_page(file, page);
        for (process, Process { mappings, .. }) in self.processes.iter().enumerate() {
            for (at, mapping) in mappings.iter().enumerate() {
                let place = Place { process, page: at };
                let is_of_page = mapping.is_some_and(|it| {
                    matches!(it.backing, Backing::File { file: mapped, page: of_file }
                        if mapped == file && of_file as usize == page)
                });
                if is_of_page && self.memory.shows_zero_page(place) {
                    self.memory.zap(place);
                } else if is_of_page && !self.memory.has_own_copy(place) {
                    self.memory.set_presence(place, Presence::Absent);
                }
            }
        }
    }
}

impl<M> World<M> {
    /// What is mapped at an address of a process.
    pub fn mapped(&self, process: usize, at: Address) -> Option<(Place, Mapping)> {
        let page = at.index()?;
        Some((Place { process, page }, self.processes[process].mappings[page]?))
    }

    /// A place for a new userfaultfd, if the bounds have one.
    pub(crate) fn unused_userfault(&self) -> Option<usize> {
        self.userfaults.iter().position(Option::is_none)
    }

    /// Whether some process holds the userfaultfd, or is to get it.
    pub fn is_held(&self, userfault: usize) -> bool {
        self.processes.iter().any(|process| {
            let is_told = matches!(process.pending, Some(Waiting::ForFork { of_child, .. })
                if of_child == userfault);
            is_told || process.handlers.contains(&Some(userfault))
        })
    }
}

impl<M: Memory> Default for World<M> {
    fn default() -> Self {
        Self::new()
    }
}

impl Mapping {
    /// Whether this page maps some page of the file.
    pub fn maps(&self, file: usize) -> bool {
        matches!(self.backing, Backing::File { file: mapped, .. } if mapped == file)
    }
}

/// What a page holds.
pub type Content = [u8; CELLS];
