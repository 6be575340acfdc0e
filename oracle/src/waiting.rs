//! Which processes of a program wait for a userfaultfd's handler.
//!
//! A process says in shared memory that it does a statement; that it sleeps in the kernel's
//! `handle_userfault()`, or in a fork of which an event tells, is seen in `/proc`. What wakes it is
//! a call of another process, after which it no longer sleeps there: so no time limit has to tell
//! waiting from being slow.

use std::fs;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use mapspec_model::op::{Actor, Op, Statement};
use rustix::process::Pid;

use crate::wire::Shared;

/// Whether a program with this statement has accesses that may wait.
pub const fn may_wait(statement: &Statement) -> bool {
    matches!(statement.op, Op::Userfaultfd { .. })
}

/// The kernel's functions in which who waits sleeps.
const SLEEPS: [&str; 2] = ["handle_userfault", "userfaultfd_event_wait_completion"];

/// Whether the process does a statement, and waits in it for a userfaultfd's handler.
pub fn waits(shared: &Shared, actor: Actor) -> bool {
    let process = shared.processes[actor as usize].load(Ordering::Acquire);
    is_busy(shared, actor) && process != 0 && {
        let functions = sleeps_in(&format!("/proc/{process}"));
        functions.iter().any(|function| SLEEPS.iter().any(|sleep| function.starts_with(sleep)))
    }
}

/// The function of the kernel in which the process or thread of this folder sleeps; where the kernel
/// does not tell it, those of its stack, the innermost first, which only root may see. Nothing, if
/// it does not sleep.
///
/// Source: proc_pid_wchan(5), proc_pid_stack(5); before commit bc9bbb81730e (Linux 5.16) `get_wchan()`
/// needs frame pointers.
pub fn sleeps_in(folder: &str) -> Vec<String> {
    let read = |file| fs::read_to_string(format!("{folder}/{file}")).unwrap_or_default();
    let function = read("wchan");
    if !matches!(function.as_str(), "" | "0") {
        return vec![function];
    }
    // The stack of what was woken is still that of its sleep.
    if !matches!(state(&read("stat")), Some('S' | 'D')) {
        return Vec::new();
    }
    let names = |line: &str| line.split_whitespace().nth(1).map(str::to_owned);
    read("stack").lines().filter_map(names).collect()
}

/// The letter for what a process does, in the text of its `/proc/PID/stat`.
///
/// Source: proc_pid_stat(5).
pub fn state(stat: &str) -> Option<char> {
    stat.rsplit(") ").next()?.chars().next()
}

/// How long somebody who sleeps may go unseen: the scheduler can have it among those that run for a
/// while yet, and then the kernel does not tell.
///
/// Source: kernel/sched/core.c `get_wchan()`, `on_rq`; kernel/sched/fair.c, "delayed dequeue".
const UNSEEN: Duration = Duration::from_millis(250);

/// Whether it can be seen here in which function somebody sleeps: a thread that waits is looked at.
pub fn is_seen() -> bool {
    let (say, hear) = mpsc::channel();
    let (end, ended) = mpsc::channel::<()>();
    let sleeper = thread::spawn(move || {
        // Nobody sends: it ends when the other side does.
        let _ = say.send(rustix::thread::gettid()).is_ok() && ended.recv().is_ok();
    });
    let start = Instant::now();
    let is_seen = hear.recv().is_ok_and(|thread| {
        let folder = format!("/proc/self/task/{thread}");
        loop {
            if !sleeps_in(&folder).is_empty() {
                return true;
            }
            if start.elapsed() > UNSEEN {
                return false;
            }
            thread::yield_now();
        }
    });
    drop(end);
    let _ = sleeper.join();
    is_seen
}

/// Whether the process does a statement.
pub fn is_busy(shared: &Shared, actor: Actor) -> bool {
    shared.busy[actor as usize].load(Ordering::Acquire) != 0
}

/// How long a process may take to do what it was woken for, before it is left to the watchdog.
const PATIENCE: Duration = Duration::from_secs(5);

/// Returns when a new process has said who it is.
pub fn expect(shared: &Shared, actor: Actor, id: Pid) {
    let (start, id) = (Instant::now(), id.as_raw_nonzero().get());
    let is_there = || shared.processes[actor as usize].load(Ordering::Acquire) == id;
    while !is_there() && start.elapsed() < PATIENCE {
        std::thread::yield_now();
    }
}

/// Returns when every process but one has done what it was woken for, or waits again.
pub fn settle(shared: &Shared, but: Actor) {
    let start = Instant::now();
    for actor in Actor::ALL.into_iter().filter(|actor| *actor != but) {
        while is_busy(shared, actor) && !waits(shared, actor) && start.elapsed() < PATIENCE {
            std::thread::yield_now();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a kernel without frame pointers tells of a process in this state, before Linux 5.16.
    fn told(state: char) -> Vec<String> {
        let folder = std::env::temp_dir().join(format!("mapspec-{}-{state}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let stack = "[<0>] handle_userfault+0x2ce/0x510\n[<0>] do_anonymous_page+0x1a/0x30\n";
        let stat = format!("7 (a) b) {state} 1");
        for (file, text) in [("wchan", "0"), ("stat", stat.as_str()), ("stack", stack)] {
            fs::write(folder.join(file), text).unwrap();
        }
        let functions = sleeps_in(folder.to_str().unwrap());
        fs::remove_dir_all(folder).unwrap();
        functions
    }

    #[test]
    fn the_stack_tells_where_a_process_sleeps_if_nothing_else_does() {
        assert!(told('S')[0].starts_with(SLEEPS[0]), "{:?}", told('S'));
        assert_eq!(told('D').len(), 2);
    }

    #[test]
    fn who_was_woken_sleeps_nowhere() {
        assert_eq!(told('R'), Vec::<String>::new());
    }

    #[test]
    fn who_sleeps_here_is_seen() {
        assert!(is_seen());
    }
}
