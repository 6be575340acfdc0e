//! Whatever happens to a child, the oracle says so, leaves nothing behind, and goes on.

use std::fs;
use std::process::{Command, ExitCode};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use libtest_mimic::{Arguments, Failed, Trial};
use mapspec_model::op::{
    Actor, Address, Cells, Handler, HandlerFlags, MapFlags, Modes, Op, PinAccess, PinFlags,
    PinName, Protection, Remote, Statement,
};
use mapspec_model::outcome::Outcome;
use mapspec_oracle::{Broken, Isolation, Oracle, Reason, Sabotage, Trace, capability, mechanisms};

const TIME_LIMIT: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    mapspec_oracle::become_zygote_if_asked();
    let mut arguments = Arguments::from_args();
    // The tests look at the processes and descriptors that are left: one after the other.
    arguments.test_threads = Some(1);
    let trials = vec![
        Trial::test("a_program_runs", || sound(&mut oracle())),
        Trial::test("a_fault_that_nobody_serves_is_a_hang", || {
            broken(Sabotage::UnservedFault, |reason| matches!(reason, Reason::Hang { .. }))
        }),
        Trial::test("a_stopped_child_is_a_hang", || {
            broken(
                Sabotage::Stop,
                |reason| matches!(reason, Reason::Hang { state, .. } if state.starts_with("stopped")),
            )
        }),
        Trial::test("a_stopped_sibling_is_a_hang", || {
            broken(Sabotage::StopSibling, |reason| {
                matches!(reason, Reason::Hang { actor: Actor::B, .. })
            })
        }),
        Trial::test("a_child_that_ends_is_noticed", || {
            broken(Sabotage::End, |reason| {
                matches!(reason, Reason::Ended { actor: Actor::A, status: 0 })
            })
        }),
        Trial::test("a_killed_child_is_noticed", || {
            broken(Sabotage::Kill, |reason| matches!(reason, Reason::Killed { signal: 9, .. }))
        }),
        Trial::test("a_stray_fault_is_not_an_outcome", || {
            broken(Sabotage::StrayFault, |reason| {
                matches!(reason, Reason::StrayFault { signal: 11, .. })
            })
        }),
        Trial::test("an_occupied_arena_is_refused", || {
            broken(Sabotage::OccupyArena, |reason| *reason == Reason::ArenaOccupied)
        }),
        Trial::test("a_child_killed_from_outside_is_noticed", child_killed_from_outside),
        Trial::test("a_killed_zygote_is_replaced", killed_zygote),
        Trial::test("pins_that_a_broken_program_leaves_are_released", abandoned_pins),
        Trial::test("an_access_that_waits_for_ever_leaves_nothing_behind", waits_for_ever),
    ];
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn oracle() -> Oracle {
    Oracle::new(TIME_LIMIT)
}

fn by(actor: Actor, op: Op) -> Statement {
    Statement { actor, op }
}

/// Maps a page, stores 7, forks, and loads the 7 in the child.
fn program() -> Vec<Statement> {
    let at = Address::page(0);
    let map = Op::Mmap {
        at,
        length: Cells::pages(1),
        protection: Protection::READ | Protection::WRITE,
        flags: MapFlags::PRIVATE | MapFlags::ANONYMOUS,
        file: None,
        offset: Cells(0),
    };
    vec![
        by(Actor::A, map),
        by(Actor::A, Op::Store { at, value: 7 }),
        by(Actor::A, Op::Fork { child: Actor::B }),
        by(Actor::B, Op::Load { at }),
    ]
}

fn expect(holds: bool, what: impl std::fmt::Debug) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(format!("{what:?}").into()) }
}

fn sound(oracle: &mut Oracle) -> Result<(), Failed> {
    let trace: Trace = oracle.run(&program()).map_err(|it| it.reason.to_string())?;
    expect(trace.last() == Some(&Outcome::Value(7)), trace)
}

fn broken(sabotage: Sabotage, is_right: fn(&Reason) -> bool) -> Result<(), Failed> {
    let descriptors = descriptors();
    let mut oracle = oracle();
    let several = vec![program(); 3];
    expect(oracle.run_all(&several, Isolation::Each).iter().all(Result::is_ok), "they run")?;
    let result = oracle.run_sabotaged(&program(), Some(sabotage));
    let reason = reason(result)?;
    expect(is_right(&reason), &reason)?;
    expect(!reason.to_string().is_empty(), "a reason has a text")?;
    expect(children(zygote(&oracle)?).is_empty(), "a child or a zombie is left")?;
    sound(&mut oracle)?;
    drop(oracle);
    nothing_left(descriptors)
}

fn reason(result: Result<Trace, Broken>) -> Result<Reason, Failed> {
    match result {
        Ok(trace) => Err(format!("it ran to its end: {trace:?}").into()),
        Err(Broken { reason, .. }) => Ok(reason),
    }
}

fn child_killed_from_outside() -> Result<(), Failed> {
    let mut oracle = Oracle::new(Duration::from_secs(30));
    sound(&mut oracle)?;
    let zygote = zygote(&oracle)?;
    let (sender, killed) = mpsc::channel();
    let killer = thread::spawn(move || {
        let child = wait_for(|| children(zygote).first().copied());
        let _ = sender.send(child.is_some_and(kill));
    });
    let result = oracle.run_sabotaged(&program(), Some(Sabotage::Stop));
    expect(killer.join().is_ok() && killed.recv() == Ok(true), "the child was not killed")?;
    let reason = reason(result)?;
    expect(matches!(reason, Reason::Killed { signal: 9, .. }), &reason)?;
    sound(&mut oracle)
}

fn killed_zygote() -> Result<(), Failed> {
    let descriptors = descriptors();
    let mut oracle = oracle();
    sound(&mut oracle)?;
    let first = zygote(&oracle)?;
    expect(kill(first), "the zygote was not killed")?;
    let reason = reason(oracle.run(&program()))?;
    expect(matches!(reason, Reason::Zygote(_)), &reason)?;
    sound(&mut oracle)?;
    expect(zygote(&oracle)? != first, "it is the same zygote")?;
    drop(oracle);
    nothing_left(descriptors)
}

/// Process `A` holds two pins while `B` hangs, and both are killed; and it holds them at its own end.
fn abandoned_pins() -> Result<(), Failed> {
    let mounts = || fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let (descriptors, before) = (descriptors(), mounts());
    for flags in [PinFlags::EMPTY, PinFlags::LONG_TERM] {
        let pin = |name| {
            let page = Remote { process: Actor::A, at: Address::page(0) };
            by(Actor::A, Op::Pin { name, page, access: PinAccess::ReadWrite, flags })
        };
        let Ok(mechanisms) = mechanisms(&pin(PinName(0))) else { continue };
        let mut program = program();
        program.splice(2..2, [pin(PinName(0)), pin(PinName(1))]);
        for mechanism in 0..mechanisms.len() {
            let mut oracle = oracle();
            oracle.mechanism = Some(mechanism);
            let trace = oracle.run(&program).map_err(|it| it.reason.to_string())?;
            expect(trace.last() == Some(&Outcome::Value(7)), trace)?;
            let reason = reason(oracle.run_sabotaged(&program, Some(Sabotage::StopSibling)))?;
            expect(matches!(reason, Reason::Hang { actor: Actor::B, .. }), &reason)?;
            expect(children(zygote(&oracle)?).is_empty(), "a child or a zombie is left")?;
            expect(mounts() == before, "something is still mounted")?;
            sound(&mut oracle)?;
        }
    }
    nothing_left(descriptors)
}

/// Both processes wait at the end, one of them after it was asked again.
fn waits_for_ever() -> Result<(), Failed> {
    if capability::Capabilities::detect().allow(&waiting_program()).is_err() {
        return Ok(());
    }
    let descriptors = descriptors();
    let mut oracle = oracle();
    for isolation in [Isolation::Each, Isolation::Batch] {
        for result in oracle.run_all(&vec![waiting_program(); 3], isolation) {
            let trace = result.map_err(|it| it.reason.to_string())?;
            let blocked = trace.iter().filter(|outcome| **outcome == Outcome::Blocked).count();
            expect(blocked == 3, trace)?;
        }
    }
    expect(children(zygote(&oracle)?).is_empty(), "a child or a zombie is left")?;
    sound(&mut oracle)?;
    drop(oracle);
    nothing_left(descriptors)
}

fn waiting_program() -> Vec<Statement> {
    let (at, length) = (Address::page(0), Cells::pages(1));
    let register = |actor, handler| {
        let (name, flags) = (handler, HandlerFlags::EMPTY);
        let modes = Modes::MISSING;
        [
            by(actor, Op::Userfaultfd { name, flags }),
            by(actor, Op::UffdRegister { handler, at, length, modes }),
        ]
    };
    let load = |actor| by(actor, Op::Load { at });
    let mut statements = vec![program()[0]];
    statements.extend(register(Actor::A, Handler(0)));
    statements.push(by(Actor::A, Op::Fork { child: Actor::B }));
    statements.extend(register(Actor::B, Handler(1)));
    statements.extend([load(Actor::B), load(Actor::A), by(Actor::B, Op::Resume {})]);
    statements
}

fn zygote(oracle: &Oracle) -> Result<u32, Failed> {
    oracle.zygote().ok_or_else(|| "there is no zygote".into())
}

fn children(process: u32) -> Vec<u32> {
    let path = format!("/proc/{process}/task/{process}/children");
    let text = fs::read_to_string(path).unwrap_or_default();
    text.split_whitespace().filter_map(|child| child.parse().ok()).collect()
}

fn kill(process: u32) -> bool {
    let status = Command::new("kill").args(["-s", "KILL", &process.to_string()]).status();
    status.is_ok_and(|status| status.success())
}

fn wait_for<T>(mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(10) {
        if let Some(found) = look() {
            return Some(found);
        }
        thread::yield_now();
    }
    None
}

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

/// No process, no zombie, no descriptor (a memfd among them) is left of an oracle.
fn nothing_left(descriptors_before: usize) -> Result<(), Failed> {
    let left = children(std::process::id());
    expect(left.is_empty(), format!("processes {left:?}"))?;
    expect(descriptors() == descriptors_before, "a descriptor is left")
}
