//! The executable specification of what Linux memory mappings mean.
//!
//! The whole idea is one function, [`step`]: a [`World`], an actor, an operation and a policy go
//! in, the [`Outcome`] comes out and the world has moved on. It is total and deterministic, it
//! never panics, and it needs neither an allocator nor a kernel.
//!
//! ```
//! use mapspec_model::{memory::Cow, op::*, step, Outcome, Policy, World};
//!
//! let mut world = World::<Cow>::new();
//! let policy = Policy::default();
//! let map = Op::Mmap {
//!     at: Address::page(0),
//!     length: Cells::pages(1),
//!     protection: Protection::READ | Protection::WRITE,
//!     flags: MapFlags::PRIVATE | MapFlags::ANONYMOUS,
//!     file: None,
//!     offset: Cells(0),
//! };
//! assert_eq!(step(&mut world, Actor::A, &map, &policy), Outcome::Success);
//! let load = Op::Load { at: Address::page(0) };
//! assert_eq!(step(&mut world, Actor::A, &load, &policy), Outcome::Value(0));
//! ```
//!
//! # How to read it
//! 1. [`op`]: the alphabet, everything that a process can do.
//! 2. [`world`]: the state; only what cannot be derived.
//! 3. [`step`], then [`syscall`]: one file for each family of calls, each rule with its source.
//! 4. [`memory`]: what a page holds. [`memory::Ideal`] is what the manual pages promise,
//!    [`memory::Cow`] is what Linux does; the syscall layer above them is the same.
//! 5. [`policy`]: everything in which kernels differ, and the bugs that they are known for.
//! 6. [`invariant`] and [`property`]: what is true of every world, and of every step.
//!
//! # Units
//! Content is counted in *cells*, half pages ([`op::Cells`]); a page has [`CELLS`] of them, so a
//! file can end in the middle of a page. Addresses count cells from the start of the *arena*, the
//! fixed window of [`PAGES`] pages in which all mappings of a program live.
#![no_std]
#![warn(missing_docs)]

pub mod bounds;
pub mod canonical;
pub mod file;
pub mod flags;
pub mod invariant;
pub mod memory;
pub mod op;
pub mod outcome;
pub mod policy;
pub mod property;
mod sparse;
pub mod syscall;
pub mod world;

pub use bounds::{
    CELLS, DESCRIPTORS, FILE_PAGES, FILES, HANDLERS, PAGES, PINS, PROCESSES, USERFAULTS,
};
pub use outcome::Outcome;
pub use policy::Policy;
pub use syscall::step;
pub use world::World;
