//! The alphabet: everything that a process of a program can do.

mod argument;
mod sets;
mod units;

pub use argument::{Argument, Field, Shape, Type};
pub use sets::{
    Advice, CopyMode, FallocateMode, HandlerFlags, LockFlags, MapFlags, Medium, MemfdFlags, Mode,
    Modes, OpenFlags, PinAccess, PinFlags, Protection, RemapFlags, SealFlags, Seals, Switch,
    SyncFlags,
};
pub use units::{Actor, Address, Cells, Handler, Name, PinName, Remote};

use crate::bounds::{CELLS, PAGES};

/// What an operation tells when it succeeds. But for accesses and observations, all can fail with
/// an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tells {
    /// Nothing.
    Nothing,
    /// Nothing, of a fork, which may have to wait.
    Forked,
    /// Nothing, of an access, which a signal can refuse.
    Stored,
    /// The value of a cell, of an access, which a signal can refuse.
    Loaded,
    /// The value of a cell, or that the file ends before it.
    Read,
    /// The value of a cell, of a call that copies it from there.
    Copied,
    /// A length or a size.
    Length,
    /// An address; nothing of an mmap that leaves the kernel no choice.
    Address,
    /// The seals of a file.
    Seals,
    /// The state of a page: an observation.
    Page,
    /// The permissions of a mapping: an observation.
    Permissions,
    /// The answer to a question: an observation.
    Answer,
    /// The answer to a question, of a call that can fail: an observation.
    Found,
    /// What a userfaultfd has to say, or that it is nothing.
    Event,
    /// What an access that waited comes to.
    Resumed,
}

/// The most arguments that an operation has.
const ARGUMENTS: usize = 6;

macro_rules! is_optional {
    () => {
        false
    };
    (optional) => {
        true
    };
}

macro_rules! operations {
    ($(
        $(#[doc = $about:literal])+
        $call:ident $text:literal ($($field:ident $([$optional:ident])?: $type:ty),*) -> $tells:ident;
    )+) => {
        /// An operation of one process. System calls keep their names; their arguments may be wrong
        /// on purpose, for the order in which errors are found is semantics too.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[allow(missing_docs, reason = "the fields are the arguments, in the order of the call")]
        pub enum Op {
            $($(#[doc = $about])+ $call { $($field: $type),* },)+
        }

        /// An operation without its arguments.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "they are those of Op")]
        pub enum Call {
            $($call),+
        }

        impl Call {
            /// All of them, in the order of [`Op`].
            pub const ALL: &'static [Self] = &[$(Self::$call),+];

            /// Its name in the litmus language.
            pub const fn text(self) -> &'static str {
                match self {
                    $(Self::$call => $text),+
                }
            }

            /// What it is: the first paragraph of the documentation in [`Op`].
            pub const fn about(self) -> &'static str {
                match self {
                    $(Self::$call => concat!($($about, "\n"),+)),+
                }
            }

            /// What it tells.
            pub const fn tells(self) -> Tells {
                match self {
                    $(Self::$call => Tells::$tells),+
                }
            }

            /// The places for its arguments.
            pub const fn fields(self) -> &'static [Field] {
                match self {
                    $(Self::$call => &[$(Field {
                        name: stringify!($field),
                        optional: is_optional!($($optional)?),
                        shape: <$type as Type>::SHAPE,
                    }),*]),+
                }
            }

            /// The operation with these arguments, which are asked for in their order. One of
            /// another shape than the field's counts as zero, empty or the first.
            ///
            /// # Errors
            /// Those of the argument.
            #[allow(unused_mut, unused_variables, reason = "an operation may have no argument")]
            pub fn with<E>(
                self,
                mut argument: impl FnMut(Field) -> Result<Argument, E>,
            ) -> Result<Op, E> {
                let mut fields = self.fields().iter();
                let mut next = || fields.next().map(|field| argument(*field)).transpose();
                Ok(match self {
                    $(Self::$call => Op::$call {
                        $($field: next()?.and_then(<$type as Type>::of).unwrap_or_default()),*
                    }),+
                })
            }
        }

        impl Op {
            /// The operation without its arguments.
            pub const fn call(&self) -> Call {
                match self {
                    $(Self::$call { .. } => Call::$call),+
                }
            }

            /// The arguments, in their order, with their fields.
            pub fn arguments(&self) -> impl Iterator<Item = (Field, Argument)> + Clone {
                let mut all = [None; ARGUMENTS];
                match *self {
                    $(Self::$call { $($field),* } => {
                        let arguments: &[Argument] = &[$($field.argument()),*];
                        for (place, argument) in all.iter_mut().zip(arguments) {
                            *place = Some(*argument);
                        }
                    })+
                }
                self.call().fields().iter().copied().zip(all.into_iter().flatten())
            }
        }
    };
}

operations! {
    /// `NAME = memfd_create(FLAGS)`: a new file of size 0, open for reading and writing.
    MemfdCreate "memfd_create" (name: Name, flags [optional]: MemfdFlags) -> Nothing;

    /// `NAME = open(MEDIUM)`: a new file of size 0 without a name, or a device, open for reading
    /// and writing.
    Open "open" (name: Name, medium: Medium) -> Nothing;

    /// `NAME = reopen(FROM, MODE, FLAGS)`: open(2) of `/proc/self/fd/N`, a new open file
    /// description.
    Reopen "reopen" (name: Name, from: Name, mode: Mode, flags [optional]: OpenFlags) -> Nothing;

    /// `NAME = dup(FROM)`: a second descriptor of the same open file description.
    Dup "dup" (name: Name, from: Name) -> Nothing;

    /// `close(FILE)`: the descriptor is gone; mappings of the file stay.
    Close "close" (file: Name) -> Nothing;

    /// `ftruncate(FILE, SIZE)`: sets the size; what is cut off is lost.
    Ftruncate "ftruncate" (file: Name, size: Cells) -> Nothing;

    /// `pread(FILE, OFFSET)`: reads the first byte of the cell.
    Pread "pread" (file: Name, offset: Cells) -> Read;

    /// `pwrite(FILE, OFFSET, LENGTH, VALUE)`: the value in every byte of the range.
    Pwrite "pwrite" (file: Name, offset: Cells, length: Cells, value: u8) -> Length;

    /// `pwritev(FILE, OFFSET, LENGTH, VALUE)`: the same, with a buffer for each cell.
    Pwritev "pwritev" (file: Name, offset: Cells, length: Cells, value: u8) -> Length;

    /// `fallocate(FILE, MODE, OFFSET, LENGTH)`: sets room aside, punches a hole, zeroes, cuts a
    /// range out or makes room for one.
    Fallocate "fallocate" (file: Name, mode: FallocateMode, offset: Cells, length: Cells) -> Nothing;

    /// `copy_file_range(FROM, OFFSET, TO, TO_OFFSET, LENGTH)`: copies within the kernel, as far as
    /// the source goes.
    CopyFileRange "copy_file_range" (from: Name, offset: Cells, to: Name, to_offset: Cells, length: Cells) -> Length;

    /// `NAME = splice(FILE, OFFSET)`: a cell of a file goes into a new pipe, by reference to its
    /// page. Where nothing is to be had there is no new pipe.
    Splice "splice" (name: PinName, file: Name, offset: Cells) -> Length;

    /// `NAME = sendfile(FILE, OFFSET)`: the same, by sendfile(2).
    Sendfile "sendfile" (name: PinName, file: Name, offset: Cells) -> Length;

    /// `NAME = vmsplice(AT)`: a cell of memory goes into a new pipe, by reference to its page.
    Vmsplice "vmsplice" (name: PinName, at: Address) -> Nothing;

    /// `NAME = write_pipe(AT)`: write(2) of the first byte of the cell into the pipe of that name, or a
    /// new one.
    WritePipe "write_pipe" (name: PinName, at: Address) -> Nothing;

    /// `read_pipe(PIN, AT)`: read(2) of a byte of the pipe into the first byte of the cell; then
    /// the pipe is closed.
    ReadPipe "read_pipe" (pin: PinName, at: Address) -> Nothing;

    /// `NAME = pin(PAGE, ACCESS, FLAGS)`: the kernel pins the page of a cell, as it does while
    /// it transfers data to or from it. The pin is for one transfer, but with `longterm` for many.
    Pin "pin" (name: PinName, page: Remote, access: PinAccess, flags [optional]: PinFlags) -> Nothing;

    /// `read_pin(PIN)`: what the pinned cell holds now. The pin stays, but one that is for one
    /// transfer has had it.
    ReadPin "read_pin" (pin: PinName) -> Read;

    /// `write_pin(PIN, VALUE)`: the value goes to the pinned cell; the same as for `read_pin`.
    WritePin "write_pin" (pin: PinName, value: u8) -> Nothing;

    /// `unpin(PIN)`: the pin ends.
    Unpin "unpin" (pin: PinName) -> Nothing;

    /// `add_seals(FILE, SEALS)`: fcntl(2) `F_ADD_SEALS`.
    AddSeals "add_seals" (file: Name, seals: Seals) -> Nothing;

    /// `get_seals(FILE)`: fcntl(2) `F_GET_SEALS`.
    GetSeals "get_seals" (file: Name) -> Seals;

    /// `size(FILE)`: `st_size` of fstat(2).
    Size "size" (file: Name) -> Length;

    /// `mmap(AT, LENGTH, PROTECTION, FLAGS, FILE, OFFSET)`: maps pages, at this place unless it is
    /// a hint; without a file the descriptor is -1.
    Mmap "mmap" (at: Address, length: Cells, protection: Protection, flags: MapFlags, file [optional]: Option<Name>, offset [optional]: Cells) -> Address;

    /// `munmap(AT, LENGTH)`: nothing is mapped in the range any more.
    Munmap "munmap" (at: Address, length: Cells) -> Nothing;

    /// `mprotect(AT, LENGTH, PROTECTION)`: sets what accesses are allowed.
    Mprotect "mprotect" (at: Address, length: Cells, protection: Protection) -> Nothing;

    /// `msync(AT, LENGTH, FLAGS)`: writes back, which nobody sees here; its errors are.
    Msync "msync" (at: Address, length: Cells, flags: SyncFlags) -> Nothing;

    /// `mremap(AT, LENGTH, NEW_LENGTH, FLAGS, TO)`: resizes or moves a mapping. What the kernel
    /// moves out of the arena is unmapped there at once.
    Mremap "mremap" (at: Address, length: Cells, new_length: Cells, flags: RemapFlags, to [optional]: Option<Address>) -> Address;

    /// `mlock(AT, LENGTH)`: faults the pages in, and keeps them.
    Mlock "mlock" (at: Address, length: Cells) -> Nothing;

    /// `mlock2(AT, LENGTH, FLAGS)`: the same, or keeps only what is faulted in later.
    Mlock2 "mlock2" (at: Address, length: Cells, flags [optional]: LockFlags) -> Nothing;

    /// `munlock(AT, LENGTH)`: the pages are locked no more.
    Munlock "munlock" (at: Address, length: Cells) -> Nothing;

    /// `munlockall()`: nothing of the process is locked any more.
    Munlockall "munlockall" () -> Nothing;

    /// `mseal(AT, LENGTH, FLAGS)`: the mappings cannot be changed any more.
    Mseal "mseal" (at: Address, length: Cells, flags [optional]: SealFlags) -> Nothing;

    /// `madvise(AT, LENGTH, ADVICE)`: 24 kinds of advice; some change what is there, some nobody
    /// notices.
    Madvise "madvise" (at: Address, length: Cells, advice: Advice) -> Nothing;

    /// `load(AT)`: the processor reads the first byte of the cell.
    Load "load" (at: Address) -> Loaded;

    /// `store(AT, VALUE)`: the processor writes the first byte of the cell.
    Store "store" (at: Address, value: u8) -> Stored;

    /// `cmpxchg(AT, OLD, NEW)`: the processor puts NEW into the first byte of the cell if OLD is
    /// there, in one step; it tells what was there.
    CompareExchange "cmpxchg" (at: Address, old: u8, new: u8) -> Loaded;

    /// `exec(AT)`: the processor executes the first byte of the cell, which must be a return
    /// instruction, 195, if it may be executed at all.
    Execute "exec" (at: Address) -> Stored;

    /// `read(FILE, OFFSET, AT, LENGTH)`: pread(2) into memory of the arena.
    Read "read" (file: Name, offset: Cells, at: Address, length: Cells) -> Length;

    /// `write(FILE, OFFSET, AT, LENGTH)`: pwrite(2) from memory of the arena.
    Write "write" (file: Name, offset: Cells, at: Address, length: Cells) -> Length;

    /// `process_vm_readv(PROCESS@ADDRESS)`: copies the first byte of the cell from there.
    ProcessVmReadv "process_vm_readv" (from: Remote) -> Copied;

    /// `process_vm_writev(PROCESS@ADDRESS, VALUE)`: copies the value to the first byte of the cell
    /// there.
    ProcessVmWritev "process_vm_writev" (to: Remote, value: u8) -> Nothing;

    /// `mem_read(PROCESS@ADDRESS)`: pread(2) of `/proc/PID/mem`, the first byte of the cell.
    MemRead "mem_read" (from: Remote) -> Copied;

    /// `mem_write(PROCESS@ADDRESS, VALUE)`: pwrite(2) of `/proc/PID/mem`, the first byte of the
    /// cell.
    MemWrite "mem_write" (to: Remote, value: u8) -> Nothing;

    /// `fork(CHILD)`: a new process, with a copy of everything.
    Fork "fork" (child: Actor) -> Forked;

    /// `exit()`: the process ends; the next statement comes after its last mapping is gone.
    Exit "exit" () -> Nothing;

    /// `page(AT)`: what the page table holds there; looking disturbs nothing.
    Page "page" (at: Address) -> Page;

    /// `scan(AT)`: the same, as the categories of `PAGEMAP_SCAN` tell it.
    Scan "scan" (at: Address) -> Page;

    /// `written(AT)`: whether the page was written since it was write-protected: the category
    /// `PAGE_IS_WRITTEN` of `PAGEMAP_SCAN`.
    Written "written" (at: Address) -> Answer;

    /// `wp_allowed(AT)`: whether stores end the write protection of the page by themselves: the category
    /// `PAGE_IS_WPALLOWED` of `PAGEMAP_SCAN`.
    WpAllowed "wp_allowed" (at: Address) -> Answer;

    /// `maps(AT)`: the permissions that `/proc/self/maps` shows for the page.
    Maps "maps" (at: Address) -> Permissions;

    /// `mincore(AT)`: whether the page is in memory.
    Mincore "mincore" (at: Address) -> Found;

    /// `clear_refs()`: writes 4 to `/proc/self/clear_refs`: no page of the process is soft-dirty from
    /// now on.
    ClearRefs "clear_refs" () -> Nothing;

    /// `soft_dirty(AT)`: whether the page was written since `clear_refs`, or mapped.
    SoftDirty "soft_dirty" (at: Address) -> Answer;

    /// `same_frame(AT, OTHER@ADDRESS)`: whether both places are the same physical page now.
    SameFrame "same_frame" (at: Address, other: Remote) -> Answer;

    /// `NAME = userfaultfd(FLAGS)`: userfaultfd(2) with `UFFDIO_API`; a descriptor for faults of
    /// this process, also in the hands of others.
    Userfaultfd "userfaultfd" (name: Handler, flags [optional]: HandlerFlags) -> Nothing;

    /// `uffd_register(HANDLER, AT, LENGTH, MODES)`: `UFFDIO_REGISTER`. Like all calls that take a
    /// userfaultfd, it is about the memory of the process that made it.
    UffdRegister "uffd_register" (handler: Handler, at: Address, length: Cells, modes: Modes) -> Nothing;

    /// `uffd_unregister(HANDLER, AT, LENGTH)`: `UFFDIO_UNREGISTER`.
    UffdUnregister "uffd_unregister" (handler: Handler, at: Address, length: Cells) -> Nothing;

    /// `uffd_copy(HANDLER, AT, VALUE, MODE)`: `UFFDIO_COPY` of a page with the value in every byte.
    UffdCopy "uffd_copy" (handler: Handler, at: Address, value: u8, mode [optional]: CopyMode) -> Nothing;

    /// `uffd_zeropage(HANDLER, AT, LENGTH)`: `UFFDIO_ZEROPAGE`.
    UffdZeropage "uffd_zeropage" (handler: Handler, at: Address, length: Cells) -> Nothing;

    /// `uffd_continue(HANDLER, AT, LENGTH)`: `UFFDIO_CONTINUE`.
    UffdContinue "uffd_continue" (handler: Handler, at: Address, length: Cells) -> Nothing;

    /// `uffd_writeprotect(HANDLER, AT, LENGTH, SWITCH)`: `UFFDIO_WRITEPROTECT`.
    UffdWriteprotect "uffd_writeprotect" (handler: Handler, at: Address, length: Cells, switch: Switch) -> Nothing;

    /// `uffd_poison(HANDLER, AT, LENGTH)`: `UFFDIO_POISON`.
    UffdPoison "uffd_poison" (handler: Handler, at: Address, length: Cells) -> Nothing;

    /// `uffd_move(HANDLER, TO, FROM, LENGTH)`: `UFFDIO_MOVE`.
    UffdMove "uffd_move" (handler: Handler, to: Address, from: Address, length: Cells) -> Nothing;

    /// `uffd_wake(HANDLER, AT, LENGTH)`: `UFFDIO_WAKE`.
    UffdWake "uffd_wake" (handler: Handler, at: Address, length: Cells) -> Nothing;

    /// `uffd_event(HANDLER)`: read(2) of the userfaultfd, without waiting. The descriptor that
    /// comes with a fork is closed at once.
    UffdEvent "uffd_event" (handler: Handler) -> Event;

    /// `NAME = uffd_fork(HANDLER)`: the same, and keeps the descriptor that comes with a fork: a
    /// userfaultfd for the child's memory.
    UffdFork "uffd_fork" (name: Handler, handler: Handler) -> Event;

    /// `uffd_close(HANDLER)`: close(2) of the userfaultfd.
    UffdClose "uffd_close" (handler: Handler) -> Nothing;

    /// `resume()`: what the access or the fork comes to that was `blocked`; one that was done is
    /// `0`.
    Resume "resume" () -> Resumed;
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
        let (mut at, mut from) = (None, None);
        self.arguments().all(|(field, argument)| match argument {
            Argument::Name(name) | Argument::OptionalName(Some(name)) => name.index().is_some(),
            Argument::Pin(pin) => pin.index().is_some(),
            Argument::Handler(handler) => handler.index().is_some(),
            Argument::Actor(actor) => actor.index().is_some(),
            Argument::Address(address) | Argument::OptionalAddress(Some(address)) => {
                (from, at) = (at, Some(address));
                address.index().is_some()
            }
            Argument::Remote(Remote { process, at }) => {
                process.index().is_some() && at.index().is_some()
            }
            Argument::Cells(length) if field.name == "length" => {
                [at, from].into_iter().flatten().all(|at| is_within_arena(at, length))
            }
            _ => true,
        })
    }

    /// The operation with each argument replaced.
    #[must_use]
    pub fn map(&self, mut replace: impl FnMut(Field, Argument) -> Argument) -> Self {
        let mut arguments = self.arguments();
        let next =
            |field| arguments.next().map(|(_, argument)| replace(field, argument)).ok_or(*self);
        self.call().with(next).unwrap_or_else(|same| same)
    }
}

/// Whether the pages that a call with this range touches all lie in the arena.
fn is_within_arena(at: Address, length: Cells) -> bool {
    let end = at.0 as usize + Cells::pages(length.round_up_to_pages()).0 as usize;
    at.index().is_some() && end <= PAGES * CELLS
}
