//! The zygote: forks a child for each program, and watches it.

use std::env;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use mapspec_model::op::Actor;
use rustix::net::{RecvFlags, SendFlags};
use rustix::process::{Pid, Resource, Rlimit, Signal};

use mapspec_model::world::File;

use crate::broken::Reason;
use crate::observe::Frames;
use crate::wire::{Request, Ring};
use crate::{access, arena, children, lockstep, watchdog};

/// The name by which the zygote is called, `argv[0]`.
pub const NAME: &str = "mapspec-zygote";

/// Serves an oracle, and does not return, if an oracle has started this process; must come first in
/// `main`.
pub fn become_zygote_if_asked() {
    if env::args_os().next().is_some_and(|name| name == NAME) {
        let (stdin, stdout) = (io::stdin(), io::stdout());
        let status = match serve(stdin.as_fd(), stdout.as_fd()) {
            Ok(()) => 0,
            Err(error) => {
                eprintln!("{NAME}: {error}");
                1
            }
        };
        std::process::exit(status);
    }
}

/// Runs programs until the oracle is gone. The oracle's socket comes as the standard input and the
/// shared memory as the standard output: those descriptors survive exec without unsafe code.
fn serve(socket: BorrowedFd<'_>, memory: BorrowedFd<'_>) -> io::Result<()> {
    let ring = Ring::map(&memory)?;
    let frames = Frames::open();
    prepare()?;
    let mut message = [0; 64];
    loop {
        let length = rustix::net::recv(socket, &mut message, RecvFlags::empty())?.0;
        if length == 0 {
            return Ok(());
        }
        let request: Request =
            postcard::from_bytes(&message[..length]).map_err(io::Error::other)?;
        let ending = run(&ring, &frames, &request);
        ring.shared().end(&ending)?;
        rustix::net::send(socket, &[0], SendFlags::NOSIGNAL)?;
    }
}

/// What the children inherit.
fn prepare() -> io::Result<()> {
    children::die_with_parent(None)?;
    children::set_up_signals()?;
    access::catch_faults()?;
    let file_size = arena::bytes(File::SIZE_LIMIT) as u64;
    for (resource, limit) in [(Resource::Fsize, file_size), (Resource::Core, 0)] {
        rustix::process::setrlimit(
            resource,
            Rlimit { current: Some(limit), maximum: Some(limit) },
        )?;
    }
    rustix::thread::disable_transparent_huge_pages(true)?;
    Ok(())
}

fn run(ring: &Ring, frames: &Frames, request: &Request) -> Result<(), Reason> {
    let shared = ring.shared();
    let program = shared.program().ok_or_else(|| Reason::Setup("no program came".into()))?;
    let zygote = rustix::process::getpid();
    match children::fork(false) {
        Ok(None) => lockstep::be_first_process(shared, &program, frames, request, zygote),
        Ok(Some(child)) => {
            children::lead_group(child);
            watchdog::watch(shared, &program, child, request.time_limit)
        }
        Err(error) => Err(Reason::Setup(format!("fork: {error}"))),
    }
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
