//! Bounded-exhaustive testing: every program of at most so many operations over a small alphabet.
//!
//! From an empty world three operations do little, so there are several [starting points](start),
//! and the depth counts what comes after them. The programs are a fixed sequence: by depth, then by
//! starting point, then as the [alphabet] has it. A program's place in it, its index, is the same
//! on every machine and for every policy, and the same for every larger depth; shards and a resumed
//! run are parts of it.
//!
//! Programs that differ in names only are one program: see [`alphabet`] for descriptors, processes
//! and values, [`symmetry`] for pages.

pub mod alphabet;
pub mod merge;
pub mod record;
pub mod run;
pub mod shard;
pub mod start;
pub mod symmetry;
mod walk;

pub use shard::Shard;
pub use walk::{Program, fingerprint, walk};

/// Which programs of the sequence a run is about.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// The most operations after a starting point.
    pub depth: usize,
    /// Which part of them.
    pub shard: Shard,
    /// The first index; what comes before was run already.
    pub from: u64,
}

impl Plan {
    /// Whether the program with this index is run.
    pub fn includes(&self, index: u64) -> bool {
        index >= self.from && self.shard.includes(index)
    }

    /// How many programs there are for each depth from 0 on, and how many of them are run.
    pub fn counts(&self) -> (Vec<u64>, Vec<u64>) {
        let (mut all, mut planned) = (vec![0; self.depth + 1], vec![0; self.depth + 1]);
        // The visitor never breaks off.
        let _ = walk(self.depth, |program| {
            all[program.depth] += 1;
            planned[program.depth] += u64::from(self.includes(program.index));
            std::ops::ControlFlow::Continue(())
        });
        (all, planned)
    }
}
