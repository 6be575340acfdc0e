//! Watches the processes of a program until all of them are gone.

use std::fs;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use mapspec_model::op::{Actor, Op, Statement};
use mapspec_model::outcome::Outcome;
use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus};

use crate::broken::Reason;
use crate::waiting;
use crate::wire::Shared;
use crate::zygote::{actor, kill_all};

/// How long killed processes may take to die.
const DEATH: Duration = Duration::from_secs(5);

/// Microseconds between two looks, if no process ends.
const SLICE: u32 = 50_000;

/// The same for a program whose accesses may wait.
const SHORT_SLICE: u32 = 500;

/// Reaps every process of the programs that run; if one does not do what it should, or the oracle
/// is gone, kills and reaps them all.
pub fn watch(
    shared: &Shared,
    first: Pid,
    time_limit: Duration,
    oracle: Option<Pid>,
) -> Result<(), Reason> {
    let can_wait = shared.current().can_wait();
    let slice = if can_wait { SHORT_SLICE } else { SLICE };
    let mut progress = ((0, 0), Instant::now());
    crate::children::wait_for_sigchld(slice);
    loop {
        match reap() {
            Reaped::One(process, status) => {
                if let Err(reason) = judge(shared, first, process, status) {
                    return bury(shared, first).and(Err(reason));
                }
                if processes(shared).all(|(_, it)| it == process) {
                    return Ok(());
                }
            }
            Reaped::NoneLeft => return Ok(()),
            Reaped::NoneYet => {
                if can_wait && let Err(reason) = attend(shared) {
                    return bury(shared, first).and(Err(reason));
                }
                let current = shared.current.load(Ordering::Acquire);
                let turn = shared.current().turn.load(Ordering::Acquire);
                if (current, turn) != progress.0 {
                    progress = ((current, turn), Instant::now());
                } else if progress.1.elapsed() > time_limit {
                    let reason = hang(shared);
                    return bury(shared, first).and(Err(reason));
                }
                if rustix::process::getppid() != oracle {
                    let gone = Reason::Zygote("the oracle is gone".into());
                    return bury(shared, first).and(Err(gone));
                }
                shared.heartbeat.fetch_add(1, Ordering::Relaxed);
                crate::children::wait_for_sigchld(slice);
            }
        }
    }
}

/// Says of the process whose turn it is that it waits for a userfaultfd's handler, if it does.
/// After the last statement nobody will handle anything: who waits is killed. A process that was
/// never made, because the one that was to make it waits, does nothing.
fn attend(shared: &Shared) -> Result<(), Reason> {
    let Some(Statement { actor, .. }) = next_statement(shared) else {
        let waiting = processes(shared).filter(|(actor, _)| waiting::waits(shared, *actor));
        for (_, process) in waiting {
            // A process that is gone already is what is wanted.
            let _ = rustix::process::kill_process(process, Signal::KILL);
        }
        return Ok(());
    };
    let exists = actor == Actor::A || processes(shared).any(|(it, _)| it == actor);
    let outcome = if !exists {
        Outcome::BeyondBounds
    } else if waiting::waits(shared, actor) {
        waiting::settle(shared, actor);
        Outcome::Blocked
    } else {
        return Ok(());
    };
    let slot = shared.current();
    slot.publish(outcome).map_err(|error| Reason::Setup(error.to_string()))?;
    slot.wake();
    Ok(())
}

enum Reaped {
    One(Pid, WaitStatus),
    NoneYet,
    NoneLeft,
}

fn reap() -> Reaped {
    match rustix::process::wait(WaitOptions::NOHANG) {
        Ok(Some((process, status))) => Reaped::One(process, status),
        Ok(None) | Err(Errno::INTR) => Reaped::NoneYet,
        Err(_) => Reaped::NoneLeft,
    }
}

/// Whether this is how the process should have ended: in its `exit()`, which is over with this, or
/// at the end of the program.
fn judge(shared: &Shared, first: Pid, process: Pid, status: WaitStatus) -> Result<(), Reason> {
    if let Some(Err(reason)) = shared.current().ending() {
        return Err(reason);
    }
    let actor = processes(shared)
        .find(|&(_, it)| it == process)
        .map_or(if process == first { Actor::A } else { Actor::B }, |(actor, _)| actor);
    let is_over = shared.current().is_done();
    if let Some(signal) = status.terminating_signal() {
        if signal == libc::SIGKILL && is_over && waiting::is_busy(shared, actor) {
            return Ok(());
        }
        let faulted = [libc::SIGSEGV, libc::SIGBUS].contains(&signal);
        return Err(if faulted {
            Reason::StrayFault { actor, signal }
        } else {
            Reason::Killed { actor, signal }
        });
    }
    let slot = shared.current();
    match (status.exit_status(), next_statement(shared)) {
        (Some(0), None) => Ok(()),
        (Some(0), Some(statement)) if statement == (Statement { actor, op: Op::Exit {} }) => {
            waiting::settle(shared, actor);
            slot.publish(Outcome::Success).map_err(|error| Reason::Setup(error.to_string()))?;
            slot.wake();
            Ok(())
        }
        (status, _) => Err(Reason::Ended { actor, status: status.unwrap_or(-1) }),
    }
}

/// The statement of the running program whose turn it is; `None` at its end.
fn next_statement(shared: &Shared) -> Option<Statement> {
    let slot = shared.current();
    slot.statement(slot.turn.load(Ordering::Acquire) as usize)
}

fn hang(shared: &Shared) -> Reason {
    let actor = next_statement(shared).map_or(Actor::A, |statement| statement.actor);
    let process = processes(shared).find(|&(it, _)| it == actor);
    let state = process.map_or_else(
        || "it was never started".to_owned(),
        |(_, process)| state(process.as_raw_nonzero().get()),
    );
    Reason::Hang { actor, state }
}

/// What a process is doing, as far as `/proc` tells.
fn state(process: i32) -> String {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let state = match waiting::state(&stat) {
        Some('R') => "running",
        Some('S') => "asleep",
        Some('D') => "asleep, not to be interrupted",
        Some('T' | 't') => "stopped",
        Some('Z') => "dead",
        _ => "in an unknown state",
    };
    match waiting::sleeps_in(&format!("/proc/{process}")).first() {
        Some(function) => format!("{state} in {function}"),
        None => state.to_owned(),
    }
}

fn processes(shared: &Shared) -> impl Iterator<Item = (Actor, Pid)> {
    shared.processes.iter().enumerate().filter_map(|(index, process)| {
        Some((actor(index), Pid::from_raw(process.load(Ordering::Relaxed))?))
    })
}

/// Kills and reaps every process of the program.
fn bury(shared: &Shared, first: Pid) -> Result<(), Reason> {
    let start = Instant::now();
    loop {
        kill_all(first, processes(shared).map(|(_, process)| process));
        match reap() {
            Reaped::NoneLeft => return Ok(()),
            Reaped::NoneYet if start.elapsed() > DEATH => {
                return Err(Reason::Unkillable { process: first.as_raw_nonzero().get() });
            }
            Reaped::NoneYet => crate::children::wait_for_sigchld(SLICE),
            Reaped::One(..) => {}
        }
    }
}
