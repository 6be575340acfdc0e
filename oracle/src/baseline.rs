//! What a fork costs at the least: the measure of everything that isolates by forking.

use std::io::{self, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::WaitOptions;

use crate::children;

/// The name by which the baseline's process is called, `argv[0]`.
pub const NAME: &str = "mapspec-fork-baseline";

/// How long a process that has done nothing else takes for fork, exit and wait, so often.
///
/// # Errors
/// The process cannot be started, or fails.
pub fn fork_exit_wait(times: u32) -> io::Result<Duration> {
    let output = Command::new("/proc/self/exe")
        .arg0(NAME)
        .arg(times.to_string())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().map(Duration::from_nanos).map_err(io::Error::other)
}

/// Forks so often as the first argument says, and prints the nanoseconds that it took.
pub fn serve() -> io::Result<()> {
    let times: u32 = std::env::args().nth(1).and_then(|times| times.parse().ok()).unwrap_or(0);
    let start = Instant::now();
    for _ in 0..times {
        if children::fork(false)?.is_none() {
            children::exit_at_once();
        }
        while rustix::process::wait(WaitOptions::empty())?.is_none() {}
    }
    writeln!(io::stdout(), "{}", start.elapsed().as_nanos())
}
