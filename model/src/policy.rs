//! Everything in which kernels differ: one named field for each difference.
//!
//! A field is named for the behavior, not for a version, because stable kernels carry backports.
//! The presets are a starting point; what the running kernel does is found by its litmus test in
//! `corpus/policy/`. Fields of [`Kind::Bug`] are not choices: every preset leaves them off, and a
//! divergence that one of them explains is a known bug.

/// What kind of difference a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Kernels, processors or system settings may differ in it.
    Choice,
    /// Wrong wherever it is: a bug of some Linux, or a mistake of another kernel.
    Bug,
}

/// A field of the policy, as a value.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The field's name.
    pub name: &'static str,
    /// Choice or bug.
    pub kind: Kind,
    /// Its documentation.
    pub about: &'static str,
    presets: [bool; PRESETS.len()],
}

/// The kernels for which there is a preset, oldest first: name and version.
pub const PRESETS: [(&str, (u32, u32)); 5] = [
    ("linux-5.10", (5, 10)),
    ("linux-6.1", (6, 1)),
    ("linux-6.12", (6, 12)),
    ("linux-6.18", (6, 18)),
    ("linux-7.2", (7, 2)),
];

macro_rules! policy {
    ($($(#[doc = $about:literal])+ $kind:ident $field:ident = $presets:expr;)+) => {
        /// The behavior of one kernel.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct Policy {
            $($(#[doc = $about])+ pub $field: bool,)+
        }

        /// The fields, in the order of the struct.
        pub const FIELDS: &[Field] = &[$(Field {
            name: stringify!($field),
            kind: Kind::$kind,
            about: concat!($($about, "\n"),+),
            presets: $presets,
        }),+];

        impl Policy {
            const fn preset(index: usize) -> Self {
                Self { $($field: $presets[index],)+ }
            }

            /// The value of a field; `None` if there is no such field.
            pub fn get(&self, name: &str) -> Option<bool> {
                match name {
                    $(stringify!($field) => Some(self.$field),)+
                    _ => None,
                }
            }

            /// This policy with one field changed; `None` if there is no such field.
            pub fn with(mut self, name: &str, value: bool) -> Option<Self> {
                match name {
                    $(stringify!($field) => self.$field = value,)+
                    _ => return None,
                }
                Some(self)
            }
        }
    };
}

const NEVER: [bool; PRESETS.len()] = [false; PRESETS.len()];

policy! {
    /// `F_SEAL_EXEC`, `MFD_EXEC` and `MFD_NOEXEC_SEAL` exist; before, they are EINVAL.
    ///
    /// Source: commit 6fd7353829ca, Linux 6.3.
    Choice seal_exec_exists = [false, false, true, true, true];

    /// A memfd with `F_SEAL_WRITE` can be mapped shared if the mapping is read-only; it can never
    /// become writable then. Otherwise every shared mapping is refused with EPERM.
    ///
    /// Source: commits 28464bbb2ddc (6.7), 8ec396d05d1b (6.13), both with backports.
    Choice sealed_memfd_maps_read_only_shared = [false, true, true, true, true];

    /// Under `F_SEAL_FUTURE_WRITE` a new read-only shared mapping of a writable descriptor cannot
    /// be made writable, and yet it blocks `F_SEAL_WRITE`.
    ///
    /// Source: commit e8e17ee90eaf, Linux 6.7, with backports, ended it.
    Choice unwritable_shared_mapping_blocks_write_seal = [true, false, false, false, false];

    /// A write across the end of a file with `F_SEAL_GROW` writes the pages before the one in which
    /// the file ends, and is cut there. Otherwise it is refused as a whole.
    ///
    /// Source: mm/shmem.c `shmem_write_begin()`, asked once for each page or for the whole range.
    Choice sealed_growth_write_is_partial = [true, true, false, true, false];

    /// Memory with no other protection than execute cannot be read: a protection key guards it.
    ///
    /// Source: mprotect(2) `PROT_EXEC`; arch/x86/mm/pkeys.c `__execute_only_pkey()`; needs a
    /// processor with protection keys.
    Choice execute_only_memory_is_unreadable = [true, true, true, true, true];

    /// Without `MFD_EXEC` and `MFD_NOEXEC_SEAL`, `MFD_NOEXEC_SEAL` is meant.
    ///
    /// Source: sysctl `vm.memfd_noexec` of 1 or more; mm/memfd.c `check_sysctl_memfd_noexec()`.
    Choice memfd_is_not_executable_by_default = NEVER;

    /// memfd_create with `MFD_EXEC` is refused with EACCES.
    ///
    /// Source: sysctl `vm.memfd_noexec` of 2; mm/memfd.c `check_sysctl_memfd_noexec()`.
    Choice executable_memfd_is_refused = NEVER;

    /// `UFFD_USER_MODE_ONLY` exists; before, it is EINVAL.
    ///
    /// Source: commit 37cd0575b851, Linux 5.11.
    Choice userfaultfd_user_mode_only_exists = [false, true, true, true, true];

    /// `UFFD_FEATURE_EXACT_ADDRESS` exists; before, it is EINVAL.
    ///
    /// Source: commit 824ddc601adc, Linux 5.18.
    Choice userfaultfd_exact_address_exists = [false, true, true, true, true];

    /// Shared memory can be registered with a userfaultfd for minor faults; before, that is EINVAL.
    ///
    /// Source: commit c949b097ef2e, Linux 5.14.
    Choice userfaultfd_minor_mode_exists = [false, true, true, true, true];

    /// Shared memory can be registered with a userfaultfd for write protection; before, that is EINVAL.
    ///
    /// Source: commit b1f9e876862d, Linux 5.19.
    Choice userfaultfd_shmem_wp_exists = [false, true, true, true, true];

    /// `UFFD_FEATURE_WP_UNPOPULATED` exists; before, it is EINVAL.
    ///
    /// Source: commit 2bad466cc9d9, Linux 6.4.
    Choice userfaultfd_unpopulated_wp_exists = [false, false, true, true, true];

    /// `UFFD_FEATURE_WP_ASYNC` exists; before, it is EINVAL.
    ///
    /// Source: commit d61ea1cb0095, Linux 6.7.
    Choice userfaultfd_async_wp_exists = [false, false, true, true, true];

    /// `UFFDIO_WRITEPROTECT` takes a range of several mappings; before, that is ENOENT.
    ///
    /// Source: mm/userfaultfd.c `mwriteprotect_range()`, Linux 6.3.
    Choice userfaultfd_wp_spans_mappings = [false, false, true, true, true];

    /// `UFFDIO_POISON` exists; before, it is EINVAL.
    ///
    /// Source: commit fc71884a5f59, Linux 6.6.
    Choice userfaultfd_poison_exists = [false, false, true, true, true];

    /// `UFFDIO_MOVE` exists; before, it is EINVAL.
    ///
    /// Source: commit adef440691ba, Linux 6.8.
    Choice userfaultfd_move_exists = [false, false, true, true, true];

    /// `UFFDIO_UNREGISTER` ends what another userfaultfd of the same process has registered;
    /// otherwise it is EINVAL.
    ///
    /// Source: fs/userfaultfd.c `userfaultfd_unregister()`; Linux 6.17 ended it.
    Choice userfaultfd_unregisters_for_others = [true, true, true, false, false];

    /// `UFFDIO_COPY` past the end of a shared file is ENOMEM instead of EFAULT.
    ///
    /// Source: mm/shmem.c `shmem_mfill_atomic_pte()`; seen in Linux 7.2.
    Choice userfaultfd_fill_past_end_lacks_memory = [false, false, false, false, true];

    /// Accesses to memory that a userfaultfd poisoned raise `BUS_MCEERR_AR` instead of `BUS_ADRERR`.
    ///
    /// Source: UFFDIO_POISON(2const); arch/x86/mm/fault.c `do_sigbus()`; needs
    /// `CONFIG_MEMORY_FAILURE`.
    Choice poison_is_a_memory_failure = [false, false, true, true, true];

    /// Bytes that were stored past the end of a file, in its last page, become its content when it
    /// grows.
    ///
    /// Source: ftruncate(2) "the extended part reads as null bytes"; mm/shmem.c
    /// `shmem_setattr()` and `shmem_write_begin()` do not clear them.
    Bug bytes_past_end_survive_growth = NEVER;

    /// mmap that its file's seals refuse has removed the old mapping already.
    ///
    /// Source: mm/mmap.c `mmap_region()` asked `->mmap` after unmapping; the check came first in
    /// 6.13.
    Bug refused_mmap_removes_old_mapping = NEVER;

    /// The `F_SEAL_WRITE` that `F_SEAL_EXEC` implies is granted while a shared mapping may write the
    /// file.
    ///
    /// Source: commit c4f75bc8bd6b (6.3) implied it after the check; 3b041514cb6e mends it.
    Bug implied_write_seal_ignores_mappings = NEVER;

    /// `F_SEAL_WRITE` is granted while a shared mapping may write the file.
    ///
    /// Source: a mistake against fcntl(2) `F_SEAL_WRITE`, EBUSY.
    Bug write_seal_ignores_mappings = NEVER;

    /// A page shared since fork is written in place, by whoever comes first.
    ///
    /// Source: a mistake against fork(2) and mm/memory.c `wp_can_reuse_anon_folio()`.
    Bug copy_on_write_ignores_other_owners = NEVER;

    /// Private copies of pages that a truncate cuts off stay readable.
    ///
    /// Source: a mistake against mm/truncate.c `truncate_pagecache()`, `even_cows`.
    Bug truncate_keeps_private_copies = NEVER;

    /// A truncate inside a page leaves the bytes behind the new end.
    ///
    /// Source: a mistake against ftruncate(2), "the extra data is lost"; mm/shmem.c
    /// `shmem_truncate_range()`.
    Bug truncate_keeps_tail = NEVER;

    /// A shared mapping of a read-only descriptor can be made writable by mprotect.
    ///
    /// Source: a mistake against mprotect(2) EACCES; mm/mmap.c `do_mmap()` clears `VM_MAYWRITE`.
    Bug read_only_descriptor_may_write = NEVER;

    /// A mapping is refused for the file's seals before the descriptor's mode is looked at.
    ///
    /// Source: a mistake against mmap(2) EACCES; mm/mmap.c `do_mmap()` asks for seals last.
    Bug seals_come_before_descriptor_mode = NEVER;

    /// `MAP_FIXED_NOREPLACE` replaces.
    ///
    /// Source: a mistake against mmap(2) EEXIST.
    Bug no_replace_is_ignored = NEVER;

    /// mprotect of a range with a hole changes nothing.
    ///
    /// Source: a mistake against mm/mprotect.c `do_mprotect_pkey()`, which stops at the hole.
    Bug mprotect_looks_for_holes_first = NEVER;

    /// A write past the end grows a file in spite of `F_SEAL_GROW`.
    ///
    /// Source: a mistake against fcntl(2) `F_SEAL_GROW`.
    Bug grow_seal_does_not_bind_writes = NEVER;

    /// Pages past the end of a file can be accessed; they read zero.
    ///
    /// Source: a mistake against mmap(2) SIGBUS.
    Bug pages_past_end_are_accessible = NEVER;

    /// A store through a private mapping changes the file, unless the page was copied before.
    ///
    /// Source: a mistake against mmap(2) `MAP_PRIVATE`.
    Bug private_store_reaches_the_file = NEVER;
}

impl Policy {
    /// The policy of the preset with this name.
    pub fn named(name: &str) -> Option<Self> {
        (0..PRESETS.len()).find(|&index| PRESETS[index].0 == name).map(Self::preset)
    }

    /// The newest preset that is not newer than this version; the oldest one for older kernels.
    pub fn preset_for(version: (u32, u32)) -> (&'static str, Self) {
        let newest = (0..PRESETS.len()).rev().find(|&index| PRESETS[index].1 <= version);
        let index = newest.unwrap_or(0);
        (PRESETS[index].0, Self::preset(index))
    }
}

impl Default for Policy {
    /// The newest preset.
    fn default() -> Self {
        Self::preset(PRESETS.len() - 1)
    }
}

impl Field {
    /// The field's value in each of the [`PRESETS`].
    pub const fn presets(&self) -> [bool; PRESETS.len()] {
        self.presets
    }
}
