//! What this kernel and this user allow the oracle to see.

use mapspec_model::PAGES;
use mapspec_model::op::{MapFlags, Op, Statement};
use rustix::process::Resource;

use crate::arena::PAGE_SIZE;
use crate::observe;

/// What the oracle can do here.
#[derive(Clone, Debug)]
pub struct Capabilities {
    /// Whether this is the superuser.
    pub root: Result<(), String>,
    /// Whether page frame numbers can be seen, which `same_frame` compares.
    pub frame_numbers: Result<(), String>,
    /// Whether all of the arena can be locked.
    pub locks: Result<(), String>,
}

impl Capabilities {
    /// Looks what can be done here.
    pub fn detect() -> Self {
        let root = if rustix::process::geteuid().is_root() {
            Ok(())
        } else {
            Err("needs root; run as root".into())
        };
        let locks = match rustix::process::getrlimit(Resource::Memlock).current {
            Some(limit) if limit < ARENA && root.is_err() => {
                Err(format!("only {limit} bytes can be locked; `ulimit -l {}`", ARENA / 1024))
            }
            _ => Ok(()),
        };
        Self { root, frame_numbers: observe::frame_numbers(), locks }
    }

    /// Why a program cannot be run here, if it cannot.
    ///
    /// # Errors
    /// The reason, and what would help.
    pub fn allow(&self, program: &[Statement]) -> Result<(), String> {
        let compares_frames =
            program.iter().any(|statement| matches!(statement.op, Op::SameFrame { .. }));
        if compares_frames {
            self.frame_numbers.clone().map_err(|why| format!("same_frame: {why}"))?;
        }
        if program.iter().any(|statement| locks(&statement.op)) {
            self.locks.clone()?;
        }
        Ok(())
    }
}

/// Bytes of the arena.
const ARENA: u64 = (PAGES * PAGE_SIZE) as u64;

fn locks(op: &Op) -> bool {
    match op {
        Op::Mlock { .. } | Op::Mlock2 { .. } => true,
        Op::Mmap { flags, .. } => flags.contains(MapFlags::LOCKED),
        _ => false,
    }
}

pub use observe::release as kernel_release;
