//! What this kernel and this user allow the oracle to see.

use mapspec_model::op::{Op, Statement};

use crate::{observe, sys};

/// What the oracle can do here.
#[derive(Clone, Debug)]
pub struct Capabilities {
    /// Whether this is the superuser.
    pub root: Result<(), String>,
    /// Whether page frame numbers can be seen, which `same_frame` compares.
    pub frame_numbers: Result<(), String>,
}

impl Capabilities {
    /// Looks what can be done here.
    pub fn detect() -> Self {
        let root = if rustix::process::geteuid().is_root() {
            Ok(())
        } else {
            Err("needs root; run as root".into())
        };
        Self { root, frame_numbers: observe::frame_numbers() }
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
        let handles_faults =
            program.iter().any(|statement| matches!(statement.op, Op::Userfaultfd { .. }));
        if handles_faults {
            sys::userfault::available()?;
        }
        Ok(())
    }
}

pub use observe::release as kernel_release;
