//! What this kernel and this user allow the oracle to see.

use mapspec_model::flags::Choice as _;
use mapspec_model::op::{Argument, Medium, Op, Protection, Statement};

use crate::{medium, observe};

/// What the oracle can do here.
#[derive(Clone, Debug)]
pub struct Capabilities {
    /// Whether this is the superuser.
    pub root: Result<(), String>,
    /// Whether page frame numbers can be seen, which `same_frame` compares.
    pub frame_numbers: Result<(), String>,
    /// For each [`Medium`] whether there are files on it, and whether these can be executed.
    media: Vec<(Medium, Result<bool, String>)>,
}

impl Capabilities {
    /// Looks what can be done here.
    pub fn detect() -> Self {
        let root = if rustix::process::geteuid().is_root() {
            Ok(())
        } else {
            Err("needs root; run as root".into())
        };
        let media = Medium::NAMED.iter().map(|(_, medium)| {
            (*medium, medium::open(*medium).map(|_| medium::is_executable(*medium)))
        });
        Self { root, frame_numbers: observe::frame_numbers(), media: media.collect() }
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
        program.iter().try_for_each(|statement| match statement.op {
            Op::Open { medium, .. } => self.allow_medium(medium, program),
            _ => Ok(()),
        })
    }

    /// A mount that forbids execution refuses a mapping with that protection.
    fn allow_medium(&self, medium: Medium, program: &[Statement]) -> Result<(), String> {
        let executes = program.iter().flat_map(|statement| {
            let arguments = statement.op.arguments();
            arguments.map(|(_, argument)| match argument {
                Argument::Protection(protection) => protection.contains(Protection::EXECUTE),
                _ => false,
            })
        });
        let name = Medium::NAMES[medium as usize];
        match self.media.iter().find(|(it, _)| *it == medium) {
            Some((_, Err(why))) => Err(format!("open({name}): {why}")),
            Some((_, Ok(false))) if executes.into_iter().any(|it| it) => {
                Err(format!("open({name}): its file system is mounted noexec"))
            }
            _ => Ok(()),
        }
    }
}

pub use observe::release as kernel_release;
