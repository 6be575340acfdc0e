//! What an operation can come to.

use crate::flags::flag_set;
use crate::op::{Address, Cells, Protection, Seals};

/// The outcome of one operation.
///
/// Where the kernel is free, the model's outcome is a set and the kernel's must lie in it: see
/// [`Outcome::permits`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Outcome {
    /// Success with nothing to tell, `0`; mmap at its fixed place included.
    Success,
    /// The value of a cell, 0 to 255.
    Value(u8),
    /// The value of a cell: one of these two.
    OneOf(u8, u8),
    /// The value of a cell: any.
    AnyValue,
    /// A length or a size, in cells.
    Length(Cells),
    /// Where a mapping is now.
    Address(Address),
    /// The kernel chose a place outside of the arena, of which a program cannot speak; what it put
    /// there is unmapped again.
    Elsewhere,
    /// pread at or past the end of the file.
    EndOfFile,
    /// The seals of a file.
    Seals(Seals),
    /// What a page table entry holds: one of these.
    Page(PageStates),
    /// The permissions of the page's mapping; `None` where nothing is mapped.
    Permissions(Option<Permissions>),
    /// The answer to a question: one of these.
    Answer(Answers),
    /// What a userfaultfd had to say.
    Event(Event),
    /// The access waits for its userfaultfd's handler.
    Blocked,
    /// The call failed.
    Error(Errno),
    /// The access was refused by a signal.
    Signal(Signal),
    /// The operation leaves the model's bounds; nothing was changed and nothing is claimed.
    BeyondBounds,
}

impl Outcome {
    /// Whether a kernel that shows `observed` does what this outcome, the model's, says.
    ///
    /// Equality, but for sets: there some state that the kernel may be in (an oracle without
    /// privilege cannot tell all of them apart) must be one that the model allows.
    pub fn permits(self, observed: Self) -> bool {
        match (self, observed) {
            (Self::Page(allowed), Self::Page(seen)) => allowed.intersects(seen),
            (Self::Answer(allowed), Self::Answer(seen)) => allowed.intersects(seen),
            (Self::OneOf(one, other), Self::Value(seen)) => seen == one || seen == other,
            (Self::AnyValue, Self::Value(_)) => true,
            _ => self == observed,
        }
    }

    /// Whether everything that this outcome allows is allowed by `claim` too.
    pub fn is_within(self, claim: Self) -> bool {
        match (self, claim) {
            (Self::Page(states), Self::Page(claimed)) => claimed.contains(states),
            (Self::Answer(answers), Self::Answer(claimed)) => claimed.contains(answers),
            (Self::OneOf(one, other), _) => {
                claim.permits(Self::Value(one)) && claim.permits(Self::Value(other))
            }
            _ => claim.permits(self),
        }
    }
}

flag_set! {
    /// States of a page table entry, a set of possibilities.
    pub struct PageStates {
        /// No page is there.
        NONE = 0, "none";
        /// The shared zero page.
        ZERO = 1, "zero";
        /// An anonymous page.
        ANONYMOUS = 2, "anon";
        /// A page of a file, shared anonymous memory included.
        FILE = 3, "file";
        /// A guard marker.
        GUARD = 4, "guard";
        /// A userfaultfd's marker: of write protection where no page is, or of poison.
        MARKER = 5, "marker";
    }
}

flag_set! {
    /// Answers to a question, a set of possibilities.
    pub struct Answers {
        /// Yes.
        YES = 0, "yes";
        /// No.
        NO = 1, "no";
    }
}

impl From<bool> for Answers {
    fn from(yes: bool) -> Self {
        if yes { Self::YES } else { Self::NO }
    }
}

/// The permissions that `/proc/self/maps` shows, `rw-p`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Permissions {
    /// What accesses are allowed now.
    pub protection: Protection,
    /// `s`: the mapping was made with `MAP_SHARED`, be it writable or not.
    pub shared: bool,
}

/// A message of a userfaultfd: `struct uffd_msg`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Event {
    /// There is none.
    None,
    /// An access waits, at this place and for this reason.
    Fault(Fault, Address),
    /// The process forks.
    Fork,
}

/// Why an access waits for a userfaultfd's handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[repr(u8)]
pub enum Fault {
    /// No page is there.
    Missing,
    /// The page is in the page cache, but not mapped: `UFFD_PAGEFAULT_FLAG_MINOR`.
    Minor,
    /// A store to a write-protected page: `UFFD_PAGEFAULT_FLAG_WP`.
    WriteProtected,
}

impl Fault {
    /// Each reason with its name in the litmus language.
    pub const NAMES: &'static [(&'static str, Self)] =
        &[("missing", Self::Missing), ("minor", Self::Minor), ("wp", Self::WriteProtected)];
}

/// A signal that an access raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Signal {
    /// The signal and its code.
    pub cause: Cause,
    /// `si_addr`, the address that the kernel blames.
    pub at: Address,
}

/// A signal and its `si_code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[repr(u8)]
pub enum Cause {
    /// `SIGSEGV`, `SEGV_MAPERR`: nothing is mapped there.
    NotMapped,
    /// `SIGSEGV`, `SEGV_ACCERR`: the mapping does not allow the access.
    NotAllowed,
    /// `SIGSEGV`, `SEGV_PKUERR`: a protection key does not allow the access.
    ProtectionKey,
    /// `SIGBUS`, `BUS_ADRERR`: the page lies past the end of its file, or a userfaultfd refuses.
    PastEnd,
    /// `SIGBUS`, `BUS_MCEERR_AR`: the memory is said to have failed.
    MemoryFailure,
}

impl Cause {
    /// Each cause with its name in the litmus language.
    pub const NAMES: &'static [(&'static str, Self)] = &[
        ("SIGSEGV/MAPERR", Self::NotMapped),
        ("SIGSEGV/ACCERR", Self::NotAllowed),
        ("SIGSEGV/PKUERR", Self::ProtectionKey),
        ("SIGBUS/ADRERR", Self::PastEnd),
        ("SIGBUS/MCEERR_AR", Self::MemoryFailure),
    ];
}

/// An error number of Linux. Numbers that the model never gives can still come from a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Errno(pub u8);

macro_rules! errnos {
    ($($name:ident = $number:literal),* $(,)?) => {
        #[allow(missing_docs, reason = "errno(3) is their documentation")]
        impl Errno {
            $(pub const $name: Self = Self($number);)*

            /// The numbers that have a name here.
            pub const NAMES: &'static [(&'static str, Self)] =
                &[$((stringify!($name), Self::$name)),*];
        }
    };
}

errnos! {
    EPERM = 1, ENOENT = 2, ESRCH = 3, EINTR = 4, EIO = 5, EBADF = 9, EAGAIN = 11, ENOMEM = 12, EACCES = 13,
    EFAULT = 14, EBUSY = 16, EEXIST = 17, EXDEV = 18, ENODEV = 19, EINVAL = 22, ENFILE = 23, EMFILE = 24,
    ETXTBSY = 26, EFBIG = 27, ENOSPC = 28, ENOSYS = 38, EOVERFLOW = 75, EOPNOTSUPP = 95,
}
