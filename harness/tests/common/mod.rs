//! What the tests of the command share.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// The command.
pub const MAPSPEC: &str = env!("CARGO_BIN_EXE_mapspec");

/// Runs the command.
pub fn mapspec(arguments: &[&str]) -> Output {
    Command::new(MAPSPEC).args(arguments).output().unwrap()
}

/// Everything that it has printed.
pub fn text(output: &Output) -> String {
    let [out, error] = [&output.stdout, &output.stderr].map(|it| String::from_utf8_lossy(it));
    format!("{out}{error}")
}

/// The exit code must be this.
#[track_caller]
pub fn assert_exit(output: &Output, code: i32) {
    assert_eq!(output.status.code(), Some(code), "{}", text(output));
}

/// The processes, zombies apart, that have this in their environment.
pub fn processes_with(marker: &str) -> Vec<u32> {
    let processes = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    let has_marker = |path: &Path| {
        let environment = fs::read(path.join("environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable == marker.as_bytes())
    };
    processes
        .filter(|path| has_marker(path))
        .filter_map(|path| path.file_name()?.to_str()?.parse().ok())
        .collect()
}
