//! The command as somebody meets it for the first time.

mod common;

use std::fs;
use std::process::Command;

use common::{assert_exit, mapspec, text};
use tempfile::TempDir;

const COMMANDS: [&str; 14] = [
    "check",
    "fuzz",
    "enumerate",
    "merge",
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
    assert_exit(&mapspec(&["new", path]), 2);
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
