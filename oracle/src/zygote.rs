//! The zygote: forks a child for each program, and watches it.

use std::env;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::atomic::Ordering;

use mapspec_model::op::Actor;
use mapspec_model::world::File;
use rustix::net::{RecvFlags, SendFlags};
use rustix::process::{Pid, Resource, Rlimit, Signal};
use rustix::thread::CpuSet;

use crate::broken::Reason;
use crate::observe::Frames;
use crate::pin::Keeper;
use crate::sabotage::Sabotage;
use crate::sys::{self, Surroundings};
use crate::wire::{Request, Ring, Shared};
use crate::{access, arena, baseline, children, code, lockstep, watchdog};

/// The name by which the zygote is called, `argv[0]`.
pub const NAME: &str = "mapspec-zygote";

/// Serves an oracle, and does not return, if an oracle has started this process, be it as its
/// zygote or to measure what a fork costs; must come first in `main`.
pub fn become_zygote_if_asked() {
    let name = env::args_os().next().unwrap_or_default();
    let result = if name == NAME {
        let (stdin, stdout) = (io::stdin(), io::stdout());
        serve(stdin.as_fd(), stdout.as_fd())
    } else if name == baseline::NAME {
        baseline::serve()
    } else {
        return;
    };
    if let Err(error) = &result {
        eprintln!("{}: {error}", name.display());
    }
    std::process::exit(i32::from(result.is_err()));
}

/// Runs programs until the oracle is gone, which closes its socket and changes this process's
/// parent; a signal for the parent's death would come with that of the thread that started it. The
/// oracle's socket comes as the standard input and the shared memory as the standard output: those
/// descriptors survive exec without unsafe code.
fn serve(socket: BorrowedFd<'_>, memory: BorrowedFd<'_>) -> io::Result<()> {
    let oracle = rustix::process::getppid();
    let ring = Ring::map(&memory)?;
    let frames = Frames::open();
    prepare()?;
    let mut message = [0; 128];
    loop {
        let length = rustix::net::recv(socket, &mut message, RecvFlags::empty())?.0;
        if length == 0 {
            return Ok(());
        }
        let request: Request =
            postcard::from_bytes(&message[..length]).map_err(io::Error::other)?;
        run(ring.shared(), &frames, &request, oracle)?;
        rustix::net::send(socket, &[0], SendFlags::NOSIGNAL)?;
    }
}

/// Keeps this process, and its children, to one of the processors that it may use: the one whose
/// place among them is the first argument, counted around. Where that cannot be, it is only slower.
fn keep_to_a_processor() {
    let place = env::args().nth(1).and_then(|place| place.parse().ok()).unwrap_or(0);
    if let Ok(all) = rustix::thread::sched_getaffinity(None) {
        let mut usable = (0..CpuSet::MAX_CPU).filter(|processor| all.is_set(*processor)).cycle();
        if let Some(processor) = usable.nth(place) {
            let mut one = CpuSet::new();
            one.set(processor);
            let _ = rustix::thread::sched_setaffinity(None, &one);
        }
    }
}

/// What the children inherit.
fn prepare() -> io::Result<()> {
    keep_to_a_processor();
    children::set_up_signals()?;
    access::catch_faults()?;
    let file_size = arena::bytes(File::SIZE_LIMIT) as u64;
    for (resource, limit) in [(Resource::Fsize, file_size), (Resource::Core, 0)] {
        rustix::process::setrlimit(
            resource,
            Rlimit { current: Some(limit), maximum: Some(limit) },
        )?;
    }
    // Where it cannot be, programs are only slower.
    let _ = code::move_to_huge_pages();
    rustix::thread::disable_transparent_huge_pages(true)?;
    Ok(())
}

/// Runs the programs, if the arena is free: the children are copies of this process, so that it is
/// free in them as well. Several at a time have one child, but for those that must have their own.
///
/// Between two children this process touches as little memory as it can: each page of it that it
/// writes has to be copied, as long as a child has it too.
fn run(shared: &Shared, frames: &Frames, request: &Request, oracle: Option<Pid>) -> io::Result<()> {
    if request.sabotage == Some(Sabotage::OccupyArena) {
        arena::occupy()?;
    }
    let is_free = match arena::is_occupied() {
        Ok(false) => Ok(()),
        Ok(true) => Err(Reason::ArenaOccupied),
        Err(error) => Err(Reason::Setup(format!("mapping the arena: {error}"))),
    };
    let is_alone = |place: &usize| request.batch == 1 || shared.slots[*place].is_alone();
    let (alone, together): (Vec<_>, Vec<_>) = (0..request.count).partition(is_alone);
    for group in together.chunks(request.batch.max(1)).chain(alone.chunks(1)) {
        let mut rest = run_group(shared, frames, request, group, &is_free, oracle)?;
        while !rest.is_empty() {
            rest = run_group(shared, frames, request, &rest, &is_free, oracle)?;
        }
    }
    if request.sabotage == Some(Sabotage::OccupyArena) {
        arena::clear()?;
    }
    Ok(())
}

/// Has one child run the programs in these slots. If one goes wrong, those that were not run are
/// left.
fn run_group(
    shared: &Shared,
    frames: &Frames,
    request: &Request,
    group: &[usize],
    is_free: &Result<(), Reason>,
    oracle: Option<Pid>,
) -> io::Result<Vec<usize>> {
    shared.forget_processes();
    shared.current.store(u32::try_from(group[0]).unwrap_or(0), Ordering::Release);
    let zygote = rustix::process::getpid();
    let has_pins = group.iter().any(|&place| shared.slots[place].has_pins());
    if has_pins {
        sys::pin::usable();
    }
    let keeper = has_pins.then(Keeper::start).transpose()?;
    let world = Surroundings { frames, keeper: keeper.as_ref(), zygote };
    let result = is_free.clone().and_then(|()| match children::fork(false) {
        Ok(None) => lockstep::be_first_process(shared, group, world, request),
        Ok(Some(child)) => watchdog::watch(shared, child, request.time_limit, oracle),
        Err(error) => Err(Reason::Setup(format!("fork: {error}"))),
    });
    drop(keeper);
    settle(shared, group, &result)
}

/// Says how each program of the group ended that was run: the current one may have gone wrong,
/// those that have come to their last statement are fine. What was not run is left.
fn settle(shared: &Shared, group: &[usize], result: &Result<(), Reason>) -> io::Result<Vec<usize>> {
    let current = shared.current.load(Ordering::Acquire) as usize;
    let mut rest = Vec::new();
    for &place in group {
        let slot = &shared.slots[place];
        match result {
            Ok(()) if slot.is_done() => slot.end(&Ok(()))?,
            Ok(()) => slot.end(&Err(Reason::Setup("the child ended without a word".into())))?,
            Err(reason) if place == current => slot.end(&Err(reason.clone()))?,
            Err(_) if slot.is_done() => slot.end(&Ok(()))?,
            Err(_) => rest.push(place),
        }
    }
    Ok(rest)
}

/// Ends every process of a program.
pub fn kill_all(first: Pid, others: impl Iterator<Item = Pid>) {
    // A process that is gone already is what is wanted.
    let _ = rustix::process::kill_process_group(first, Signal::KILL);
    for process in others.chain([first]) {
        let _ = rustix::process::kill_process(process, Signal::KILL);
    }
}

/// The program's process whose place in the shared table is this one.
pub fn actor(index: usize) -> Actor {
    Actor::ALL[index]
}
