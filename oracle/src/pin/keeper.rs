//! The keeper: makes processes that hold pages for others.
//!
//! It is forked while the arena is empty, and so are its own children: they share no page with a
//! program. Each holds one page for one process of a program, to which it has a channel. That
//! process's end closes the channel and whatever else it was given, which ends the pin and then the
//! child.

use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::{Pid, PidfdFlags, Signal, WaitOptions, getpid};
use serde::{Deserialize, Serialize};

use super::channel::Channel;
use super::pipe::Pipe;
use super::word::Word;
use super::{Answer, Held, Means, Mechanism, Request, fuse, gup_test, io_uring, process_vm};
use crate::children;

/// How long the keeper and its children may take to end, once nobody needs them.
const PATIENCE: Duration = Duration::from_secs(5);

/// Takes pins, with the processes that some mechanisms need.
pub struct Keeper {
    process: Pid,
    starter: Pid,
    /// `None`: closed.
    orders: Option<Channel>,
}

/// What the keeper is asked for; the channel to the one who asks comes with it.
#[derive(Serialize, Deserialize)]
struct Order {
    mechanism: Mechanism,
    request: Request,
}

impl Keeper {
    /// Starts a keeper, from a process of one thread that has nothing mapped in the arena. wait(2)
    /// does not see it unless it is asked to.
    ///
    /// # Errors
    /// There can be no further process.
    pub fn start() -> io::Result<Self> {
        let starter = getpid();
        let (ours, theirs) = Channel::pair()?;
        match children::fork_unnoticed()? {
            Some(process) => Ok(Self { process, starter, orders: Some(ours) }),
            None => {
                drop(ours);
                // Nobody is there to be told; those who ask for pins see the channel's end.
                let _ = serve(starter, &theirs);
                children::exit_at_once()
            }
        }
    }

    /// Takes a pin that the mechanism can express ([`Mechanism::can`]) where it is available.
    ///
    /// # Errors
    /// With an error number, the kernel has refused the pin: `EFAULT`. Without one, the pin could
    /// not be tried.
    pub fn hold(&self, mechanism: Mechanism, request: &Request) -> io::Result<Held> {
        if !mechanism.can(request) {
            return Err(io::ErrorKind::Unsupported.into());
        }
        match self.attempt(mechanism, request) {
            Ok(Ok(means)) => Ok(Held::new(means)),
            Ok(Err(refusal)) => Err(refusal.into()),
            Err(error) => Err(io::Error::other(format!("{mechanism:?}: {error}"))),
        }
    }

    fn attempt(&self, mechanism: Mechanism, request: &Request) -> io::Result<Answer<Means>> {
        let Request { access, address, .. } = *request;
        let process = request.process.or(Some(own()));
        let request = &Request { process, ..*request };
        if matches!(mechanism, Mechanism::ProcessVm | Mechanism::Fuse) {
            process_vm::rehearse(request);
        }
        Ok(match mechanism {
            Mechanism::Vmsplice => Pipe::of_memory(address)?.map(Means::Pipe),
            Mechanism::ProcessVm => {
                let channel = self.order(mechanism, *request)?;
                process_vm::Blocked::hold(channel, access)?.map(Means::ProcessVm)
            }
            Mechanism::Fuse => {
                let channel = self.order(mechanism, *request)?;
                fuse::Unanswered::hold(channel, request)?.map(Means::Fuse)
            }
            Mechanism::IoUring => io_uring::Buffer::register(address)?.map(Means::IoUring),
            Mechanism::GupTest => gup_test::Pin::start(request)?.map(Means::GupTest),
        })
    }

    /// Has a process of its own made for a request; a channel to it.
    fn order(&self, mechanism: Mechanism, request: Request) -> io::Result<Channel> {
        let (ours, theirs) = Channel::pair()?;
        let orders = self.orders.as_ref().ok_or(io::ErrorKind::NotConnected);
        orders?.send(&Order { mechanism, request }, &[theirs.as_fd()])?;
        Ok(ours)
    }
}

impl Drop for Keeper {
    /// Waits until the keeper and its children are gone; a process that has only inherited it
    /// leaves it alone.
    fn drop(&mut self) {
        if self.starter != getpid() {
            return;
        }
        self.orders = None;
        let pidfd = rustix::process::pidfd_open(self.process, PidfdFlags::empty());
        let ended = pidfd.and_then(|it| {
            let limit = Timespec::try_from(PATIENCE).ok();
            let mut events = [PollFd::new(&it, PollFlags::IN)];
            rustix::io::retry_on_intr(|| rustix::event::poll(&mut events, limit.as_ref()))
        });
        if ended != Ok(1) {
            // Its children die with it. That it is gone already is what is wanted.
            let _ = rustix::process::kill_process(self.process, Signal::KILL);
        }
        children::wait_for(self.process);
    }
}

fn own() -> i32 {
    getpid().as_raw_nonzero().get()
}

/// The keeper: makes a child for each order, until nobody can give any; then waits for the
/// children.
fn serve(starter: Pid, orders: &Channel) -> io::Result<()> {
    children::die_with(starter)?;
    children::reap_automatically();
    let keeper = getpid();
    while let Ok((Order { mechanism, request }, descriptors)) = orders.receive() {
        if children::fork(false)?.is_none() {
            let result = children::die_with(keeper).and_then(|()| {
                let channel: OwnedFd =
                    descriptors.into_iter().next().ok_or(io::ErrorKind::InvalidData)?;
                work(mechanism, &request, &channel.into())
            });
            // Nobody is there to be told.
            let _ = result;
            children::exit_at_once();
        }
    }
    // Fails when there is none left.
    while rustix::process::wait(WaitOptions::empty()).is_ok() {}
    Ok(())
}

/// A child of the keeper: holds a page for the process at the channel's other end.
fn work(mechanism: Mechanism, request: &Request, channel: &Channel) -> io::Result<()> {
    let result = match mechanism {
        Mechanism::ProcessVm => process_vm::block(request, channel),
        Mechanism::Fuse => fuse::serve(request, channel),
        _ => Err(io::ErrorKind::Unsupported.into()),
    };
    result.or_else(|error| channel.send(&Word::Cannot(error.to_string()), &[]))
}
