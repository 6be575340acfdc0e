//! A process of a program: does its statements, each when its turn has come.

use std::sync::atomic::Ordering;

use mapspec_model::op::{Actor, Op, Statement};
use mapspec_model::outcome::Outcome;
use rustix::process::Pid;
use rustix::thread::{Timespec, futex};

use crate::broken::Reason;
use crate::observe::Frames;
use crate::sys::{self, Process};
use crate::wire::{Request, Shared};
use crate::{arena, children};

/// How often a process gives way to others before it sleeps.
const YIELDS: u32 = 100;

/// How long a process sleeps before it looks again, in nanoseconds.
const NAP: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// The zygote's child is process `A` of the program, and ends with it.
pub fn be_first_process(
    shared: &Shared,
    program: &[Statement],
    frames: &Frames,
    request: &Request,
    zygote: Pid,
) -> ! {
    children::lead_group(rustix::process::getpid());
    let mut process = Process::new(Actor::A, shared, frames, zygote);
    let result = enter(&process, request).and_then(|()| match arena::is_occupied() {
        Ok(false) => follow(&mut process, program, request),
        Ok(true) => Err(Reason::ArenaOccupied),
        Err(error) => Err(Reason::Setup(format!("mapping the arena: {error}"))),
    });
    leave(shared, result)
}

/// What a new process does first.
fn enter(process: &Process<'_>, request: &Request) -> Result<(), Reason> {
    let index = process.actor as usize;
    let id = rustix::process::getpid().as_raw_nonzero().get();
    process.shared.processes[index].store(id, Ordering::Relaxed);
    children::die_with_parent(Some(process.zygote)).map_err(|it| Reason::Setup(it.to_string()))?;
    if let Some(sabotage) = request.sabotage {
        sabotage.commit(process.actor);
    }
    Ok(())
}

/// Does this process's statements; other processes' are waited for.
fn follow(
    process: &mut Process<'_>,
    program: &[Statement],
    request: &Request,
) -> Result<(), Reason> {
    let mut next = 0;
    while next < program.len() {
        let Statement { actor, op } = program[next];
        if actor != process.actor {
            next += 1;
            continue;
        }
        await_turn(process.shared, next as u32);
        match op {
            Op::Exit => return Ok(()),
            Op::Fork { child } => {
                next += 1;
                if let Some(id) = sys::process::fork()? {
                    let id = id.as_raw_nonzero().get();
                    process.shared.processes[child as usize].store(id, Ordering::Relaxed);
                    publish(process.shared, Outcome::Success)?;
                } else {
                    await_turn(process.shared, next as u32);
                    process.become_child(child);
                    enter(process, request)?;
                }
            }
            _ => {
                let outcome = sys::perform(process, &op)?;
                publish(process.shared, outcome)?;
                next += 1;
            }
        }
    }
    await_turn(process.shared, program.len() as u32);
    Ok(())
}

fn publish(shared: &Shared, outcome: Outcome) -> Result<(), Reason> {
    shared.publish(outcome).map_err(|error| Reason::Setup(error.to_string()))?;
    if shared.processes[1].load(Ordering::Relaxed) != 0
        || shared.processes[2].load(Ordering::Relaxed) != 0
    {
        // That nobody sleeps is no error.
        let _ = futex::wake(&shared.turn, futex::Flags::empty(), u32::MAX);
    }
    Ok(())
}

/// Returns when the statement's turn has come, or a later one's.
fn await_turn(shared: &Shared, statement: u32) {
    let mut yields = 0;
    loop {
        let turn = shared.turn.load(Ordering::Acquire);
        if turn >= statement {
            return;
        }
        if yields < YIELDS {
            yields += 1;
            rustix::thread::sched_yield();
        } else {
            // Whatever ends the sleep, the turn is looked at again.
            let _ = futex::wait(&shared.turn, futex::Flags::empty(), turn, Some(&NAP));
        }
    }
}

fn leave(shared: &Shared, result: Result<(), Reason>) -> ! {
    if let Err(reason) = result {
        // If even this fails, the watchdog says that the process has ended too early.
        let _ = shared.end(&Err(reason));
    }
    // SAFETY: ends the process at once; it has nothing to clean up that the kernel does not.
    unsafe { libc::_exit(0) }
}
