//! The command as somebody meets it for the first time.

mod common;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use common::{MAPSPEC, assert_exit, mapspec, text};
use tempfile::TempDir;

const COMMANDS: [&str; 15] = [
    "check",
    "fuzz",
    "enumerate",
    "merge",
    "explore",
    "shrink",
    "export",
    "explain",
    "report",
    "known",
    "new",
    "completions",
    "man",
    "policy",
    "bench",
];

#[test]
fn each_command_has_help_with_examples() {
    let help = text(&mapspec(&["--help"]));
    for command in COMMANDS {
        assert!(help.contains(&format!("\n  {command} ")), "{command}: {help}");
        let output = mapspec(&[command, "--help"]);
        assert_exit(&output, 0);
        let example = format!("Examples:\n  mapspec {command}");
        assert!(text(&output).contains(&example), "{}", text(&output));
    }
}

#[test]
fn the_new_test_agrees_and_is_not_overwritten() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("mine.litmus");
    let path = path.to_str().unwrap();
    assert_exit(&mapspec(&["new", path]), 0);
    let checked = mapspec(&["check", path]);
    assert_exit(&checked, 0);
    assert!(text(&checked).contains("agree    mine."), "{}", text(&checked));
    let again = mapspec(&["new", path]);
    assert_exit(&again, 2);
    assert!(text(&again).contains("name another file"), "{}", text(&again));
    assert_eq!(fs::read_to_string(path).unwrap(), text(&mapspec(&["new"])));
}

#[test]
fn shells_and_man_understand_what_is_generated() {
    let folder = TempDir::new().unwrap();
    let completions = folder.path().join("completions");
    fs::write(&completions, text(&mapspec(&["completions", "bash"]))).unwrap();
    let bash = Command::new("bash").arg("-n").arg(&completions).output().unwrap();
    assert_exit(&bash, 0);
    let man = text(&mapspec(&["man"]));
    for command in COMMANDS {
        let heading = format!("mapspec {command}").replace('-', "\\-");
        assert!(
            man.contains(&heading) || man.contains(&format!("mapspec\\-{command}")),
            "{command}"
        );
    }
}

#[test]
fn known_bugs_are_listed_with_their_state() {
    let output = mapspec(&["known"]);
    assert_exit(&output, 0);
    let text = text(&output);
    for bug in ["tmpfs-post-eof", "fixed-mmap-gap", "exec-seal-skips-busy"] {
        let line = text.lines().find(|line| line.trim_start().starts_with(bug)).unwrap();
        let states = ["present", "absent", "cannot tell: "];
        assert!(states.iter().any(|state| line.contains(state)), "{line}");
    }
}

#[test]
fn what_is_not_there_is_told_with_what_to_do_next() {
    let cases: [(&[&str], &str); 5] = [
        (&["check", "/nonexistent.litmus"], "`mapspec new FILE` writes a test to begin with"),
        (&["new", "/nonexistent/mine.litmus"], "its folder must be there"),
        (&["chekc"], "a similar subcommand exists: 'check'"),
        (&["fuzz", "--time", "5"], "time unit needed, for example"),
        (&["enumerate", "--shard", "5/2"], "the last of 2 shards is 2/2"),
    ];
    for (arguments, message) in cases {
        let output = mapspec(arguments);
        assert_exit(&output, 2);
        assert!(text(&output).contains(message), "{arguments:?}: {}", text(&output));
    }
}

#[test]
fn a_full_disk_is_a_failure_whatever_is_printed() {
    let cases: [&[&str]; 6] =
        [&["--help"], &["--version"], &["man"], &["new"], &["completions", "bash"], &["known"]];
    for arguments in cases {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = Command::new(MAPSPEC).args(arguments).stdout(full).output().unwrap();
        assert_exit(&output, 3);
        assert!(text(&output).contains("cannot be written"), "{arguments:?}: {}", text(&output));
    }
}

#[test]
fn a_reader_that_leaves_is_no_news() {
    let cases: [&[&str]; 4] = [&[], &["known"], &["man"], &["enumerate", "--depth", "1"]];
    for arguments in cases {
        let mut child = Command::new(MAPSPEC)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::with_capacity(16, child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "{arguments:?}");
        let output = child.wait_with_output().unwrap();
        assert!(matches!(output.status.code(), Some(0 | 3)), "{arguments:?}: {:?}", output.status);
        assert_eq!(text(&output), "", "{arguments:?}");
    }
}
