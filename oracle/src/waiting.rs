//! Which processes of a program wait for a userfaultfd's handler.
//!
//! A process says in shared memory that it does a statement; that it sleeps in the kernel's
//! `handle_userfault()`, or in a fork of which an event tells, is seen in `/proc`. What wakes it is
//! a call of another process, after which it no longer sleeps there: so no time limit has to tell
//! waiting from being slow.

use std::fs;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use mapspec_model::op::{Actor, Op, Statement};
use rustix::process::Pid;

use crate::wire::Shared;

/// Whether a program with this statement has accesses that may wait.
pub const fn may_wait(statement: &Statement) -> bool {
    matches!(statement.op, Op::Userfaultfd { .. })
}

/// The kernel's functions in which who waits sleeps.
const SLEEPS: [&str; 2] = ["handle_userfault", "userfaultfd_event_wait_completion"];

/// Whether the process does a statement, and waits in it for a userfaultfd's handler.
pub fn waits(shared: &Shared, actor: Actor) -> bool {
    let process = shared.processes[actor as usize].load(Ordering::Acquire);
    is_busy(shared, actor)
        && process != 0
        && fs::read_to_string(format!("/proc/{process}/wchan"))
            .is_ok_and(|function| SLEEPS.iter().any(|sleep| function.starts_with(sleep)))
}

/// Whether the process does a statement.
pub fn is_busy(shared: &Shared, actor: Actor) -> bool {
    shared.busy[actor as usize].load(Ordering::Acquire) != 0
}

/// How long a process may take to do what it was woken for, before it is left to the watchdog.
const PATIENCE: Duration = Duration::from_secs(5);

/// Returns when a new process has said who it is.
pub fn expect(shared: &Shared, actor: Actor, id: Pid) {
    let (start, id) = (Instant::now(), id.as_raw_nonzero().get());
    let is_there = || shared.processes[actor as usize].load(Ordering::Acquire) == id;
    while !is_there() && start.elapsed() < PATIENCE {
        std::thread::yield_now();
    }
}

/// Returns when every process but one has done what it was woken for, or waits again.
pub fn settle(shared: &Shared, but: Actor) {
    let start = Instant::now();
    for actor in Actor::ALL.into_iter().filter(|actor| *actor != but) {
        while is_busy(shared, actor) && !waits(shared, actor) && start.elapsed() < PATIENCE {
            std::thread::yield_now();
        }
    }
}
