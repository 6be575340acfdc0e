//! Why a program could not be run to its end. None of these is a divergence.

use std::fmt;

use mapspec_model::op::Actor;
use serde::{Deserialize, Serialize};

use crate::Trace;

/// A program that was not run to its end.
#[derive(Clone, Debug)]
pub struct Broken {
    /// Why.
    pub reason: Reason,
    /// The outcomes of the statements before.
    pub trace: Trace,
}

/// Why a program was not run to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reason {
    /// A statement did not end within the time limit.
    Hang {
        /// The process whose turn it was.
        actor: Actor,
        /// What it was doing, from `/proc/PID/stat` and `/proc/PID/wchan`.
        state: String,
    },
    /// A process was killed by a signal.
    Killed {
        /// Which.
        actor: Actor,
        /// The signal's number.
        signal: i32,
    },
    /// A process faulted, but not in an access of its program.
    StrayFault {
        /// Which.
        actor: Actor,
        /// The signal's number.
        signal: i32,
    },
    /// A process ended before its program did.
    Ended {
        /// Which.
        actor: Actor,
        /// Its exit status.
        status: i32,
    },
    /// Something is mapped where the arena should be.
    ArenaOccupied,
    /// The child could not be prepared, or an operation could not be tried: what, and the error.
    Setup(String),
    /// The zygote is gone, or does not answer.
    Zygote(String),
    /// A process survived being killed; it is left behind.
    Unkillable {
        /// Its process id.
        process: i32,
    },
}

impl Broken {
    pub(crate) fn before_start(error: impl fmt::Display) -> Self {
        Self { reason: Reason::Setup(error.to_string()), trace: Vec::new() }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hang { actor, state } => write!(f, "process {actor:?} hangs: {state}"),
            Self::Killed { actor, signal } => {
                write!(f, "process {actor:?} was killed by signal {signal}")
            }
            Self::StrayFault { actor, signal } => write!(
                f,
                "process {actor:?} got signal {signal} outside of its accesses, a fault of the harness"
            ),
            Self::Ended { actor, status } => {
                write!(f, "process {actor:?} ended too early, with status {status}")
            }
            Self::ArenaOccupied => write!(
                f,
                "the arena's addresses are occupied in a new process; is a preloaded library mapped there?"
            ),
            Self::Setup(what) => write!(f, "the program could not be started: {what}"),
            Self::Zygote(what) => write!(f, "the zygote process is gone: {what}"),
            Self::Unkillable { process } => {
                write!(f, "process {process} does not die; it is stuck in the kernel")
            }
        }
    }
}
