//! Runs a program of memory operations on the real kernel and says what came of it.
//!
//! An [`Oracle`] owns a *zygote*, a small process that is exec'd before anything large is
//! allocated. For each program the zygote forks a child that has nothing mapped in the arena;
//! further processes of the program are its siblings. They act in lockstep, in the order of the
//! statements, and write what they see into memory that they share with the oracle. The zygote
//! watches: a process that hangs, dies or goes astray is [`Broken`], never an outcome.
//!
//! The executable that uses an oracle is also the zygote: its `main` begins with
//! [`become_zygote_if_asked`].
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

mod access;
mod arena;
pub mod baseline;
mod broken;
pub mod capability;
mod children;
mod code;
mod lockstep;
mod mappings;
mod medium;
mod observe;
pub mod pin;
mod raw;
mod sabotage;
mod sys;
mod waiting;
mod watchdog;
mod wire;
mod zygote;

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use mapspec_model::op::Statement;
use mapspec_model::outcome::Outcome;
use rustix::io::Errno;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType};

pub use broken::{Broken, Reason};
pub use sabotage::Sabotage;
pub use sys::pin::mechanisms;
pub use wire::{LONGEST_PROGRAM, must_be_alone};
pub use zygote::become_zygote_if_asked;

use wire::{Request, Ring, SLOTS};

/// The outcomes of a program's statements, in order.
pub type Trace = Vec<Outcome>;

/// Programs that one child runs in a batch: enough for the fork to cost little, few enough to find
/// out soon what one of them has left behind.
const BATCH: usize = 64;

/// How long a zygote may be silent before it counts as hung, beyond the watchdog's own limit.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is between two programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// Each program has processes of its own.
    Each,
    /// One child runs several programs that do not fork, and cleans up in between. A divergence
    /// found so counts only if it is confirmed in isolation.
    Batch,
    /// As for a batch, but with as few children as possible, which run all programs so often: for
    /// measuring what isolation costs.
    Nothing {
        /// How often.
        rounds: usize,
    },
}

/// What runs the programs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Target {
    /// The kernel as it is. Flags of mmap that were only proposed it does not know.
    #[default]
    Kernel,
    /// The kernel, and `MAP_NOSIGBUS` for private mappings emulated in user space.
    Emulation,
}

/// Runs programs.
pub struct Oracle {
    /// How long a program may go without finishing a statement before it counts as hung.
    pub time_limit: Duration,
    /// Where several mechanisms can hold a pin, which of them does, by its place among those that
    /// can, counted around; `None`: any, but always the same for a program.
    pub mechanism: Option<usize>,
    /// What the programs are run on.
    pub target: Target,
    processor: usize,
    zygote: Option<Zygote>,
}

struct Zygote {
    process: Child,
    socket: OwnedFd,
    ring: Ring,
}

impl Oracle {
    /// An oracle; its zygote starts with the first program. Each keeps to a processor, the next
    /// one's to the next: a hand-over on one processor costs a tenth of one between two. Another
    /// program's begin with another.
    pub fn new(time_limit: Duration) -> Self {
        static ORACLES: AtomicUsize = AtomicUsize::new(0);
        let processor = std::process::id() as usize + ORACLES.fetch_add(1, Ordering::Relaxed);
        Self { time_limit, mechanism: None, target: Target::Kernel, processor, zygote: None }
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
        let results = self.submit(&[program.to_vec()], Isolation::Each, sabotage);
        results.into_iter().next().unwrap_or_else(|| Err(Broken::before_start("no result")))
    }

    /// Runs programs, and returns a result for each, in their order.
    pub fn run_all(
        &mut self,
        programs: &[Vec<Statement>],
        isolation: Isolation,
    ) -> Vec<Result<Trace, Broken>> {
        programs.chunks(SLOTS).flat_map(|some| self.submit(some, isolation, None)).collect()
    }

    fn submit(
        &mut self,
        programs: &[Vec<Statement>],
        isolation: Isolation,
        sabotage: Option<Sabotage>,
    ) -> Vec<Result<Trace, Broken>> {
        let (batch, rounds) = match isolation {
            Isolation::Each => (1, 1),
            Isolation::Batch => (BATCH, 1),
            Isolation::Nothing { rounds } => (SLOTS, rounds),
        };
        let count = programs.len();
        let Self { time_limit, mechanism, target, .. } = *self;
        let emulates = target == Target::Emulation;
        let request = Request { count, batch, rounds, time_limit, sabotage, mechanism, emulates };
        let zygote = match &mut self.zygote {
            Some(zygote) => zygote,
            none => match Zygote::start(self.processor) {
                Ok(zygote) => none.insert(zygote),
                Err(error) => return vec![Err(Broken::before_start(error)); count],
            },
        };
        match zygote.run(programs, &request) {
            Ok(()) => zygote.results(count, "it left no ending"),
            Err(reason) => {
                let results = zygote.results(count, &reason);
                self.zygote = None;
                results
            }
        }
    }
}

impl Zygote {
    fn start(processor: usize) -> io::Result<Self> {
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
            .arg(processor.to_string())
            .env("GLIBC_TUNABLES", "glibc.pthread.rseq=0")
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::from(memory))
            .spawn()?;
        Ok(Self { process, socket: ours, ring })
    }

    /// Has the programs run; an error is the zygote's end.
    fn run(&mut self, programs: &[Vec<Statement>], request: &Request) -> Result<(), String> {
        self.ring.submit(programs).map_err(|error| error.to_string())?;
        let message = postcard::to_allocvec(request).map_err(|error| error.to_string())?;
        let sent = rustix::net::send(&self.socket, &message, SendFlags::NOSIGNAL);
        sent.map_err(io::Error::from).and_then(|_| self.wait(request.time_limit)).map_err(|error| {
            match self.process.try_wait() {
                Ok(Some(status)) => status.to_string(),
                _ => error.to_string(),
            }
        })
    }

    /// What came of the programs; those without an ending went down with the zygote.
    fn results(&self, count: usize, why: &str) -> Vec<Result<Trace, Broken>> {
        let slots = self.ring.shared().slots.iter().take(count);
        slots
            .map(|slot| {
                let trace = slot.trace();
                match slot.ending() {
                    Some(Ok(())) => Ok(trace),
                    Some(Err(reason)) => Err(Broken { reason, trace }),
                    None => Err(Broken { reason: Reason::Zygote(why.to_owned()), trace }),
                }
            })
            .collect()
    }

    /// Waits until the zygote has finished, for as long as it shows signs of life.
    fn wait(&self, time_limit: Duration) -> io::Result<()> {
        let mut pulse = (self.ring.heartbeat(), Instant::now());
        loop {
            match rustix::net::recv(&self.socket, &mut [0; 1], RecvFlags::empty()) {
                Ok((1, _)) => return Ok(()),
                Ok(_) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => {
                    let now = self.ring.heartbeat();
                    if now != pulse.0 {
                        pulse = (now, Instant::now());
                    } else if pulse.1.elapsed() > time_limit + PATIENCE {
                        return Err(io::ErrorKind::TimedOut.into());
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl Drop for Zygote {
    fn drop(&mut self) {
        // Both fail only if the process is gone already, which is what is wanted.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
