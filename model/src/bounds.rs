//! The capacities of the model: constants, so that a proof can unroll every loop over them.
//!
//! A statement that needs more has the outcome
//! [`Outcome::BeyondBounds`](crate::outcome::Outcome::BeyondBounds) and changes nothing.

/// Cells in a page.
pub const CELLS: usize = 2;

/// Pages of the arena, `@0` to `@7`.
pub const PAGES: usize = if cfg!(kani) { 2 } else { 8 };

/// Processes of a program, `A`, `B` and `C`.
pub const PROCESSES: usize = if cfg!(kani) { 2 } else { 3 };

/// Files that exist at one time, shared anonymous mappings included.
pub const FILES: usize = if cfg!(kani) { 1 } else { 4 };

/// Pages that a file can hold; also the process's `RLIMIT_FSIZE`.
pub const FILE_PAGES: usize = PAGES;

/// Descriptors of a process, `f`, `g`, `h` and `i`.
pub const DESCRIPTORS: usize = if cfg!(kani) { 2 } else { 4 };

/// Pins of a process, `p` and `q`.
pub const PINS: usize = if cfg!(kani) { 1 } else { 2 };

/// Userfaultfds of a process, `u` and `v`; descriptors of their own kind.
pub const HANDLERS: usize = if cfg!(kani) { 1 } else { 2 };

/// Userfaultfds that exist at one time, in all processes.
pub const USERFAULTS: usize = if cfg!(kani) { 1 } else { 4 };
