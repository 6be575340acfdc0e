//! Making processes, and what every one of them needs.

use std::{io, mem, ptr};

use rustix::process::{PTracer, Pid, Signal};

use crate::raw::system_call;

/// Forks this single-threaded process; `None` in the child. A sibling is a child of this process's
/// own parent, which then is the one to wait for it.
///
/// The raw system call, because fork(3) cannot make siblings: clone(2) `CLONE_PARENT`.
pub fn fork(sibling: bool) -> io::Result<Option<Pid>> {
    clone(libc::SIGCHLD | if sibling { libc::CLONE_PARENT } else { 0 })
}

/// The same, but a child whose end raises no signal, and which only [`wait_for`] sees.
pub fn fork_unnoticed() -> io::Result<Option<Pid>> {
    clone(0)
}

fn clone(flags: i32) -> io::Result<Option<Pid>> {
    // SAFETY: without CLONE_VM and a stack the child gets a copy of everything, as from fork(2);
    // the process has one thread, so no lock can be held by another.
    let child = unsafe { system_call!(clone, flags, 0, 0, 0, 0) }?;
    Ok(Pid::from_raw(child as i32))
}

/// Ends this process; nothing is cleaned up that the kernel does not.
pub fn exit_at_once() -> ! {
    loop {
        // SAFETY: it does not return, and runs no code of this process.
        let _ = unsafe { system_call!(exit_group, 0) };
    }
}

/// Waits for the end of a child, of whatever kind.
pub fn wait_for(child: Pid) {
    let id = child.as_raw_nonzero().get();
    // SAFETY: no status is asked for. It fails only if there is no such child, or for a signal.
    while unsafe { libc::waitpid(id, ptr::null_mut(), libc::__WALL) } < 0
        && io::Error::last_os_error().kind() == io::ErrorKind::Interrupted
    {}
}

/// Children of this process leave no zombies.
pub fn reap_automatically() {
    // SAFETY: ignoring a signal runs no code of ours.
    unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) };
}

/// Makes this process die when its parent, a process of one thread, does; or has done so already.
#[inline]
pub fn die_with(parent: Pid) -> io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    if rustix::process::getppid() != Some(parent) {
        return Err(io::Error::other("the zygote is gone"));
    }
    Ok(())
}

/// Lets every process of the same user access this one's memory, where Yama would let only its
/// ancestors.
pub fn allow_access() {
    // Where there is no Yama it fails, and nothing is needed.
    let _ = rustix::process::set_ptracer(PTracer::Any);
}

/// Makes this process the leader of a group, in which its descendants will be too.
pub fn lead_group() {
    // A new child is no leader of a session, so that it cannot fail.
    let _ = rustix::process::setpgid(None, None);
}

/// Blocks SIGCHLD, to be waited for, and nothing else; a file that gets too large is an error, not
/// a signal; an interrupt from the terminal is for the oracle to handle.
pub fn set_up_signals() -> io::Result<()> {
    let blocked = only_sigchld();
    // SAFETY: both sets are valid; ignoring a signal runs no code of ours.
    unsafe {
        if libc::sigprocmask(libc::SIG_SETMASK, &blocked, ptr::null_mut()) != 0 {
            return Err(io::Error::last_os_error());
        }
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
        libc::signal(libc::SIGINT, libc::SIG_IGN);
        libc::signal(libc::SIGCHLD, libc::SIG_DFL);
    }
    Ok(())
}

/// Waits until a child has ended or the time is over.
pub fn wait_for_sigchld(microseconds: u32) {
    let set = only_sigchld();
    let limit = libc::timespec {
        tv_sec: i64::from(microseconds / 1_000_000),
        tv_nsec: i64::from(microseconds % 1_000_000) * 1000,
    };
    // SAFETY: both are valid; no information about the signal is asked for. Whatever the reason for
    // returning, the caller looks for itself.
    unsafe { libc::sigtimedwait(&set, ptr::null_mut(), &limit) };
}

fn only_sigchld() -> libc::sigset_t {
    // SAFETY: sigemptyset makes it a valid set, to which sigaddset adds a valid signal.
    unsafe {
        let mut set = mem::zeroed();
        libc::sigemptyset(&mut set);
        libc::sigaddset(&mut set, libc::SIGCHLD);
        set
    }
}
