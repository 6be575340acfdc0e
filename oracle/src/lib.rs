//! Runs a program of memory operations on the real kernel and says what came of it.
//!
//! An [`Oracle`] owns a *zygote*, a small process that is exec'd before anything large is allocated.
//! For each program the zygote forks a child that has nothing mapped in the arena; further
//! processes of the program are its siblings. They act in lockstep, in the order of the statements,
//! and write what they see into memory that they share with the oracle. The zygote watches: a
//! process that hangs, dies or goes astray is [`Broken`], never an outcome.
//!
//! The executable that uses an oracle is also the zygote: its `main` begins with
//! [`become_zygote_if_asked`].
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

mod access;
mod arena;
mod broken;
pub mod capability;
mod children;
mod lockstep;
mod observe;
mod sabotage;
mod sys;
mod watchdog;
mod wire;
mod zygote;

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use mapspec_model::op::Statement;
use mapspec_model::outcome::Outcome;
use rustix::io::Errno;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType};

pub use broken::{Broken, Reason};
pub use sabotage::Sabotage;
pub use wire::LONGEST_PROGRAM;
pub use zygote::become_zygote_if_asked;

use wire::{Request, Ring};

/// The outcomes of a program's statements, in order.
pub type Trace = Vec<Outcome>;

/// How long a zygote may be silent before it counts as hung, beyond the watchdog's own limit.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs programs, one after the other.
pub struct Oracle {
    /// How long a program may go without finishing a statement before it counts as hung.
    pub time_limit: Duration,
    zygote: Option<Zygote>,
}

struct Zygote {
    process: Child,
    socket: OwnedFd,
    ring: Ring,
}

impl Oracle {
    /// An oracle; its zygote starts with the first program.
    pub fn new(time_limit: Duration) -> Self {
        Self { time_limit, zygote: None }
    }

    /// The process id of the zygote, while there is one.
    pub fn zygote(&self) -> Option<u32> {
        self.zygote.as_ref().map(|zygote| zygote.process.id())
    }

    /// Runs a program of at most [`LONGEST_PROGRAM`] statements in processes of its own.
    ///
    /// # Errors
    /// The program could not be run to its end; the oracle can be used again all the same.
    pub fn run(&mut self, program: &[Statement]) -> Result<Trace, Broken> {
        self.run_sabotaged(program, None)
    }

    /// The same, with something going wrong on purpose: how the harness is tested.
    ///
    /// # Errors
    /// As for [`Oracle::run`].
    pub fn run_sabotaged(
        &mut self,
        program: &[Statement],
        sabotage: Option<Sabotage>,
    ) -> Result<Trace, Broken> {
        let zygote = match &mut self.zygote {
            Some(zygote) => zygote,
            none => none.insert(Zygote::start().map_err(Broken::before_start)?),
        };
        let result = zygote.run(program, &Request { time_limit: self.time_limit, sabotage });
        if matches!(&result, Err(Broken { reason: Reason::Zygote(_), .. })) {
            self.zygote = None;
        }
        result
    }
}

impl Zygote {
    fn start() -> io::Result<Self> {
        let (ours, theirs) = rustix::net::socketpair(
            AddressFamily::UNIX,
            SocketType::SEQPACKET,
            SocketFlags::CLOEXEC,
            None,
        )?;
        let slice = Some(Duration::from_millis(100));
        rustix::net::sockopt::set_socket_timeout(
            &ours,
            rustix::net::sockopt::Timeout::Recv,
            slice,
        )?;
        let (ring, memory) = Ring::create()?;
        let process = Command::new("/proc/self/exe")
            .arg0(zygote::NAME)
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::from(memory))
            .spawn()?;
        Ok(Self { process, socket: ours, ring })
    }

    fn run(&mut self, program: &[Statement], request: &Request) -> Result<Trace, Broken> {
        self.ring.submit(program).map_err(Broken::before_start)?;
        let message = postcard::to_allocvec(request)
            .map_err(|error| Broken::before_start(io::Error::other(error)))?;
        match rustix::net::send(&self.socket, &message, SendFlags::NOSIGNAL) {
            Ok(_) => self.wait(request.time_limit)?,
            Err(error) => return Err(self.lost(error.into())),
        }
        let trace = self.ring.trace();
        match self.ring.ending() {
            Some(Ok(())) => Ok(trace),
            Some(Err(reason)) => Err(Broken { reason, trace }),
            None => Err(self.lost(io::Error::other("it left no ending"))),
        }
    }

    /// Waits until the zygote has finished the program, for as long as it shows signs of life.
    fn wait(&mut self, time_limit: Duration) -> Result<(), Broken> {
        let mut pulse = (self.ring.heartbeat(), Instant::now());
        loop {
            match rustix::net::recv(&self.socket, &mut [0; 1], RecvFlags::empty()) {
                Ok((1, _)) => return Ok(()),
                Ok(_) => return Err(self.lost(io::ErrorKind::UnexpectedEof.into())),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => {
                    let now = self.ring.heartbeat();
                    if now != pulse.0 {
                        pulse = (now, Instant::now());
                    } else if pulse.1.elapsed() > time_limit + PATIENCE {
                        return Err(self.lost(io::ErrorKind::TimedOut.into()));
                    }
                }
                Err(error) => return Err(self.lost(error.into())),
            }
        }
    }

    fn lost(&mut self, error: io::Error) -> Broken {
        let text = match self.process.try_wait() {
            Ok(Some(status)) => status.to_string(),
            _ => error.to_string(),
        };
        Broken { reason: Reason::Zygote(text), trace: self.ring.trace() }
    }
}

impl Drop for Zygote {
    fn drop(&mut self) {
        // Both fail only if the process is gone already, which is what is wanted.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
