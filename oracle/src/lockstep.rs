//! A process of a program: does its statements, each when its turn has come.

use std::sync::atomic::Ordering;

use mapspec_model::op::{Actor, Op, Statement};
use mapspec_model::outcome::Outcome;
use rustix::thread::{Timespec, futex};

use crate::broken::Reason;
use crate::children;
use crate::sys::{self, Process, Surroundings};
use crate::waiting;
use crate::wire::{Request, Shared, Slot};

/// How long a process sleeps before it looks again, in nanoseconds.
const NAP: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// The zygote's child is process `A` of each program of the group, and ends with the last.
pub fn be_first_process(
    shared: &Shared,
    group: &[usize],
    surroundings: Surroundings<'_>,
    request: &Request,
) -> ! {
    children::lead_group();
    let mut process = Process::new(Actor::A, shared, surroundings, request);
    announce(&process);
    let result = enter(&process, request).and_then(|()| run_programs(&mut process, group, request));
    if let Err(reason) = result {
        // If even this fails, the watchdog says that the process has ended too early.
        let _ = shared.current().end(&Err(reason));
    }
    children::exit_at_once()
}

/// Runs the group's programs one after the other; what one has made is gone before the next starts.
fn run_programs(
    process: &mut Process<'_>,
    group: &[usize],
    request: &Request,
) -> Result<(), Reason> {
    for _ in 0..request.rounds {
        for &place in group {
            process.shared.slots[place].turn.store(0, Ordering::Relaxed);
            process.shared.current.store(u32::try_from(place).unwrap_or(0), Ordering::Release);
            follow(process, request)?;
            if group.len() > 1 {
                process.forget_everything()?;
            }
        }
    }
    Ok(())
}

/// Lets the others know a new process, and access it.
fn announce(process: &Process<'_>) {
    let index = process.actor as usize;
    let id = rustix::process::getpid().as_raw_nonzero().get();
    process.shared.processes[index].store(id, Ordering::Relaxed);
    children::allow_access();
}

/// What a new process does before its first statement.
fn enter(process: &Process<'_>, request: &Request) -> Result<(), Reason> {
    children::die_with(process.surroundings.zygote).map_err(|it| Reason::Setup(it.to_string()))?;
    if let Some(sabotage) = request.sabotage {
        sabotage.commit(process.actor);
    }
    Ok(())
}

/// Does this process's statements; other processes' are waited for.
fn follow(process: &mut Process<'_>, request: &Request) -> Result<(), Reason> {
    let slot = process.shared.current();
    let can_wait = slot.can_wait();
    let mut next = 0;
    while next < slot.length() {
        let statement = slot.statement(next);
        let Statement { actor, op } =
            statement.ok_or_else(|| Reason::Setup("the program did not arrive".into()))?;
        if actor != process.actor {
            next += 1;
            continue;
        }
        if await_turn(slot, next as u32) > next as u32 {
            // The watchdog has said that it waits still.
            next += 1;
            continue;
        }
        match op {
            Op::Exit {} => {
                process.release_pins();
                children::exit_at_once()
            }
            Op::Fork { child } => {
                let busy = &process.shared.busy[process.actor as usize];
                busy.store(u32::from(can_wait), Ordering::Release);
                let forked = sys::process::fork()?;
                next += 1;
                if let Some(id) = forked {
                    if slot.has_waited(next - 1) {
                        // Nobody else waits until the child says who it is.
                        waiting::expect(process.shared, child, id);
                    }
                    busy.store(0, Ordering::Release);
                    // The child says who it is, and when the fork is done: what it does not inherit
                    // it has closed. This process may come to run when that child is gone already,
                    // and another has its name.
                    await_turn(slot, next as u32);
                    process.resumed = slot.has_waited(next - 1).then_some(Outcome::Success);
                } else {
                    process.become_child(child);
                    announce(process);
                    if !slot.has_waited(next - 1) {
                        publish(process.shared, Outcome::Success)?;
                        slot.wake();
                    }
                    enter(process, request)?;
                    await_turn(slot, next as u32);
                }
            }
            _ => {
                let busy = &process.shared.busy[process.actor as usize];
                busy.store(u32::from(can_wait), Ordering::Release);
                let outcome = sys::perform(process, &op);
                if slot.turn.load(Ordering::Acquire) > next as u32 {
                    process.resumed = Some(outcome?);
                } else {
                    if can_wait {
                        waiting::settle(process.shared, process.actor);
                    }
                    publish(process.shared, outcome?)?;
                }
                busy.store(0, Ordering::Release);
                next += 1;
            }
        }
    }
    await_turn(slot, slot.length() as u32);
    Ok(())
}

fn publish(shared: &Shared, outcome: Outcome) -> Result<(), Reason> {
    let slot = shared.current();
    slot.publish(outcome).map_err(|error| Reason::Setup(error.to_string()))?;
    if shared.processes[1].load(Ordering::Relaxed) != 0
        || shared.processes[2].load(Ordering::Relaxed) != 0
    {
        slot.wake();
    }
    Ok(())
}

/// Returns when the statement's turn has come, or a later one's, with that. It sleeps at once: to give
/// way instead would be a little quicker where nobody else wants the processor, and slow where somebody
/// does.
fn await_turn(slot: &Slot, statement: u32) -> u32 {
    loop {
        let turn = slot.turn.load(Ordering::Acquire);
        if turn >= statement {
            return turn;
        }
        // Whatever ends the sleep, the turn is looked at again.
        let _ = futex::wait(&slot.turn, futex::Flags::empty(), turn, Some(&NAP));
    }
}
