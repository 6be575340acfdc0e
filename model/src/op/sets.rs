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
