//! Protections, flags, seals and modes: the arguments that have names.

use crate::flags::{choice, flag_set};

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
        /// No `MAP_FIXED`: the address is a hint.
        HINT = 5, "hint";
        /// `MAP_POPULATE`
        POPULATE = 6, "populate";
        /// `MAP_LOCKED`
        LOCKED = 7, "locked";
        /// `MAP_NORESERVE`
        NO_RESERVE = 8, "noreserve";
        /// `MAP_GROWSDOWN`
        GROWS_DOWN = 9, "growsdown";
        /// `MAP_DROPPABLE`, a type like private and shared.
        DROPPABLE = 10, "droppable";
        /// `MAP_SYNC`
        SYNC = 11, "sync";
        /// `MAP_NOSIGBUS`, which was proposed: no kernel knows it.
        NO_SIGBUS = 12, "nosigbus";
    }
}

impl MapFlags {
    /// `MAP_SHARED_VALIDATE`: the numbers are such that it is the other two types together.
    pub const SHARED_VALIDATE: Self = Self::PRIVATE.union(Self::SHARED);

    /// `MAP_TYPE`: the part that says private, shared, validated shared, droppable, or nothing.
    pub const fn kind(self) -> Self {
        self.intersection(Self::SHARED_VALIDATE.union(Self::DROPPABLE))
    }

    /// Whether the kernel may choose another place than the one that is named.
    pub const fn leaves_a_choice(self) -> bool {
        self.contains(Self::HINT) && !self.contains(Self::NO_REPLACE)
    }
}

flag_set! {
    /// Flags of mremap(2).
    pub struct RemapFlags {
        /// `MREMAP_MAYMOVE`
        MAY_MOVE = 0, "maymove";
        /// `MREMAP_FIXED`
        FIXED = 1, "fixed";
        /// `MREMAP_DONTUNMAP`
        DONT_UNMAP = 2, "dontunmap";
        /// A flag that no kernel knows.
        UNKNOWN = 3, "unknown";
    }
}

flag_set! {
    /// Flags of mlock2(2).
    pub struct LockFlags {
        /// `MLOCK_ONFAULT`
        ON_FAULT = 0, "onfault";
        /// A flag that no kernel knows.
        UNKNOWN = 1, "unknown";
    }
}

flag_set! {
    /// Flags of mseal(2): there are none yet.
    pub struct SealFlags {
        /// A flag that no kernel knows.
        UNKNOWN = 0, "unknown";
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
        /// There is no name: its address is null.
        BAD_NAME = 6, "bad_name";
        /// `MFD_HUGETLB`
        HUGE = 7, "hugetlb";
        /// The name has no byte.
        EMPTY_NAME = 8, "empty_name";
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

choice! {
    /// How a file is opened: which of reading and writing the descriptor allows.
    pub enum Mode {
        /// `O_RDWR`
        ReadWrite = "rw",
        /// `O_RDONLY`
        Read = "r",
        /// `O_WRONLY`
        Write = "w",
    }
}

impl Mode {
    /// Whether the descriptor may be read from: `FMODE_READ`.
    pub const fn reads(self) -> bool {
        !matches!(self, Self::Write)
    }

    /// Whether the descriptor may be written to: `FMODE_WRITE`.
    pub const fn writes(self) -> bool {
        !matches!(self, Self::Read)
    }
}

flag_set! {
    /// Flags of open(2), beside the mode.
    pub struct OpenFlags {
        /// `O_TRUNC`
        TRUNCATE = 0, "truncate";
    }
}

choice! {
    /// What a file lies on that open(2) opens.
    pub enum Medium {
        /// A new file without a name, of a tmpfs.
        Tmpfs = "tmpfs",
        /// A new file without a name, of a file system on a disk: ext4.
        Disk = "disk",
        /// The device `/dev/zero`.
        Zero = "zero",
    }
}

choice! {
    /// The mode of fallocate(2).
    pub enum FallocateMode {
        /// No flag.
        Allocate = "allocate",
        /// `FALLOC_FL_KEEP_SIZE`
        KeepSize = "keep_size",
        /// `FALLOC_FL_PUNCH_HOLE` with `FALLOC_FL_KEEP_SIZE`
        PunchHole = "punch_hole",
        /// `FALLOC_FL_ZERO_RANGE`
        Zero = "zero",
        /// `FALLOC_FL_ZERO_RANGE` with `FALLOC_FL_KEEP_SIZE`
        ZeroKeepSize = "zero_keep_size",
        /// `FALLOC_FL_COLLAPSE_RANGE`
        Collapse = "collapse",
        /// `FALLOC_FL_INSERT_RANGE`
        Insert = "insert",
        /// `FALLOC_FL_PUNCH_HOLE` without `FALLOC_FL_KEEP_SIZE`, which no kernel takes.
        PunchHoleAlone = "punch_hole_alone",
        /// A flag that no kernel knows.
        Unknown = "unknown",
    }
}

flag_set! {
    /// Flags of msync(2).
    pub struct SyncFlags {
        /// `MS_ASYNC`
        ASYNC = 0, "async";
        /// `MS_SYNC`
        SYNC = 1, "sync";
        /// `MS_INVALIDATE`
        INVALIDATE = 2, "invalidate";
        /// A flag that no kernel knows.
        UNKNOWN = 3, "unknown";
    }
}
choice! {
    /// What madvise(2) is told of a range.
    pub enum Advice {
        /// `MADV_DONTNEED`
        DontNeed = "dontneed",
        /// `MADV_DONTNEED_LOCKED`
        DontNeedLocked = "dontneed_locked",
        /// `MADV_FREE`
        Free = "free",
        /// `MADV_REMOVE`
        Remove = "remove",
        /// `MADV_DONTFORK`
        DontFork = "dontfork",
        /// `MADV_DOFORK`
        DoFork = "dofork",
        /// `MADV_WIPEONFORK`
        WipeOnFork = "wipeonfork",
        /// `MADV_KEEPONFORK`
        KeepOnFork = "keeponfork",
        /// `MADV_POPULATE_READ`
        PopulateRead = "populate_read",
        /// `MADV_POPULATE_WRITE`
        PopulateWrite = "populate_write",
        /// `MADV_GUARD_INSTALL`
        GuardInstall = "guard_install",
        /// `MADV_GUARD_REMOVE`
        GuardRemove = "guard_remove",
        /// `MADV_COLD`
        Cold = "cold",
        /// `MADV_PAGEOUT`
        PageOut = "pageout",
        /// `MADV_WILLNEED`
        WillNeed = "willneed",
        /// `MADV_NORMAL`
        Normal = "normal",
        /// `MADV_RANDOM`
        Random = "random",
        /// `MADV_SEQUENTIAL`
        Sequential = "sequential",
        /// `MADV_MERGEABLE`
        Mergeable = "mergeable",
        /// `MADV_UNMERGEABLE`
        Unmergeable = "unmergeable",
        /// `MADV_HUGEPAGE`
        HugePage = "hugepage",
        /// `MADV_NOHUGEPAGE`
        NoHugePage = "nohugepage",
        /// `MADV_COLLAPSE`
        Collapse = "collapse",
        /// An advice that no kernel knows.
        Unknown = "unknown",
    }
}

flag_set! {
    /// Flags of userfaultfd(2), and the features that `UFFDIO_API` is asked for.
    pub struct HandlerFlags {
        /// `UFFD_FEATURE_SIGBUS`: an access is refused with a signal instead of waiting.
        SIGBUS = 0, "sigbus";
        /// `UFFD_FEATURE_WP_UNPOPULATED`: anonymous memory can be write-protected where no page is.
        UNPOPULATED_WP = 1, "unpopulated_wp";
        /// `UFFD_FEATURE_WP_ASYNC`: a store ends the write protection of its page and goes on.
        ASYNC_WP = 2, "async_wp";
        /// `UFFD_FEATURE_EXACT_ADDRESS`: an event tells the address of the access, not of the page.
        EXACT_ADDRESS = 3, "exact_address";
        /// `UFFD_USER_MODE_ONLY`: what the kernel itself accesses does not wait.
        USER_MODE_ONLY = 4, "user_mode_only";
        /// A flag that no kernel knows.
        UNKNOWN = 5, "unknown";
        /// A feature that no kernel knows.
        UNKNOWN_FEATURE = 6, "unknown_feature";
        /// `UFFD_FEATURE_EVENT_FORK`: what is registered stays so in a child, of which an event
        /// tells.
        FORK_EVENTS = 7, "fork_events";
    }
}

flag_set! {
    /// What a userfaultfd is told of in a range: the modes of `UFFDIO_REGISTER`.
    pub struct Modes {
        /// `UFFDIO_REGISTER_MODE_MISSING`: accesses where no page is.
        MISSING = 0, "missing";
        /// `UFFDIO_REGISTER_MODE_WP`: stores to write-protected pages.
        WRITE_PROTECT = 1, "wp";
        /// `UFFDIO_REGISTER_MODE_MINOR`: accesses to pages of the page cache that are not mapped.
        MINOR = 2, "minor";
    }
}

flag_set! {
    /// The mode of `UFFDIO_COPY`.
    pub struct CopyMode {
        /// `UFFDIO_COPY_MODE_DONTWAKE`: whoever waits for the page still waits.
        NO_WAKE = 0, "dontwake";
        /// `UFFDIO_COPY_MODE_WP`: the new page is write-protected.
        WRITE_PROTECT = 1, "wp";
    }
}

choice! {
    /// Whether something is to be so from now on.
    pub enum Switch {
        /// It is.
        On = "on",
        /// It is not.
        Off = "off",
    }
}

choice! {
    /// What a page is pinned for.
    pub enum PinAccess {
        /// Looking at it.
        ReadOnly = "ro",
        /// Changing it: `FOLL_WRITE`.
        ReadWrite = "rw",
    }
}

flag_set! {
    /// What else there is to a pin.
    pub struct PinFlags {
        /// It may last: `FOLL_LONGTERM`.
        LONG_TERM = 0, "longterm";
    }
}
