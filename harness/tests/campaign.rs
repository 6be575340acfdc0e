//! Fuzzing campaigns: they find what is planted, can be killed at any moment, and go on.

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use std::{env, fs};

use common::{MAPSPEC, assert_exit, mapspec, processes_with, text};
use mapspec::campaign::Finding;
use mapspec::catalogue::known_bugs;
use mapspec::corpus;
use mapspec_model::policy::{FIELDS, Kind};
use tempfile::TempDir;

/// Wrong rules that no kernel is known for.
fn planted() -> impl Iterator<Item = &'static str> {
    let corpus = corpus::built_in().unwrap_or_default();
    let known: Vec<_> = known_bugs(&corpus).into_iter().map(|bug| bug.field).collect();
    let bugs = FIELDS.iter().filter(|field| field.kind == Kind::Bug).map(|field| field.name);
    bugs.filter(move |name| !known.iter().any(|field| field == name))
}

fn fuzz(state: &Path, arguments: &[&str]) -> Output {
    mapspec(&[&["fuzz", "--state", state.to_str().unwrap()], arguments].concat())
}

/// How many files a part of the state has, if it was made yet.
fn files(state: &Path, part: &str) -> usize {
    fs::read_dir(state.join(part)).map_or(0, Iterator::count)
}

/// The same; each must be a litmus test.
fn litmus_tests(state: &Path, part: &str) -> usize {
    let mut count = 0;
    for entry in fs::read_dir(state.join(part)).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(mapspec::litmus::parse(&text).is_ok(), "{text}");
        count += 1;
    }
    count
}

#[test]
fn each_planted_fault_is_found_and_shrunk_to_at_most_six_operations() {
    assert!(planted().count() >= 12);
    for fault in planted() {
        // Which way a fault shows first is chance, and some ways need a pin more than others.
        let lengths: Vec<_> =
            (0..3).map(|_| shortest_finding(fault)).take_while(|it| *it > 6).collect();
        assert!(lengths.len() < 3, "{fault}: {lengths:?} operations");
    }
}

/// What shows only after several calls of one family is looked for among these.
const FAVORED: &[(&str, &str)] =
    &[("write_protection_is_of_the_file", "userfaultfd,uffd_register,uffd_writeprotect,mmap,fork")];

/// Lets a campaign find a fault; how many operations it is shrunk to.
fn shortest_finding(fault: &str) -> usize {
    let folder = TempDir::new().unwrap();
    let policy = format!("detected,{fault}");
    // 30 seconds are enough, but for an unoptimized build on a busy machine.
    let mut arguments = vec!["--findings", "1", "--time", "90s", "--policy", &policy];
    let favored = FAVORED.iter().find(|(name, _)| *name == fault);
    arguments.extend(favored.iter().flat_map(|(_, calls)| ["--favor", *calls]));
    let output = fuzz(folder.path(), &arguments);
    assert_exit(&output, 1);
    let findings = fs::read_dir(folder.path().join("divergences")).unwrap().map(|entry| {
        let found = fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(found.contains("in 10 of 10 runs"), "{fault}: {found}");
        mapspec::litmus::parse(&found).unwrap().lines.len()
    });
    findings.min().expect("a finding is a file")
}

#[test]
fn the_right_model_agrees_and_the_same_seed_makes_the_same_programs() {
    let runs = ["--runs", "2000", "--jobs", "1", "--seed", "5"];
    let folders = [TempDir::new().unwrap(), TempDir::new().unwrap()];
    let kept = folders.each_ref().map(|folder| {
        assert_exit(&fuzz(folder.path(), &runs), 0);
        let corpus = fs::read_dir(folder.path().join("corpus")).unwrap();
        let mut names: Vec<_> = corpus.map(|entry| entry.unwrap().file_name()).collect();
        names.sort_unstable();
        names
    });
    assert!(kept[0].len() > 100, "{}", kept[0].len());
    assert_eq!(kept[0], kept[1]);
}

#[test]
fn a_campaign_is_resumed() {
    let folder = TempDir::new().unwrap();
    assert_exit(&fuzz(folder.path(), &["--runs", "500"]), 0);
    let before = litmus_tests(folder.path(), "corpus");
    fs::write(folder.path().join("corpus/foreign.litmus"), "A: load(").unwrap();
    let output = fuzz(folder.path(), &["--runs", "500"]);
    assert_exit(&output, 0);
    let text = text(&output);
    assert!(text.contains(&format!(": {before} programs, ")), "{text}");
    assert!(text.contains(", 0 findings from 1 earlier sessions"), "{text}");
}

/// A fault that shows at once, in several classes.
const PLANTED: [&str; 2] = ["--policy", "detected,no_replace_is_ignored"];

/// The files of the findings.
fn findings(state: &Path) -> BTreeMap<PathBuf, Finding> {
    let entries = fs::read_dir(state.join("divergences")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let finding = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let finding = Finding::parse(&text, path.clone()).unwrap();
        (path, finding)
    };
    paths.map(finding).collect()
}

#[test]
fn a_class_is_counted_over_all_sessions_and_never_grows() {
    let folder = TempDir::new().unwrap();
    let session = |seed| {
        let campaign = ["--runs", "512", "--jobs", "1", "--seed", seed];
        let output = fuzz(folder.path(), &[&campaign[..], &PLANTED].concat());
        assert_exit(&output, 1);
        text(&output)
    };
    session("1");
    let mut before = findings(folder.path());
    assert!(!before.is_empty());
    for seed in ["2", "3"] {
        // One that somebody has made longer is given up for a smaller one, and never the other way.
        let (path, longer) = before.pop_first().unwrap();
        let program = mapspec::litmus::text(&longer.test);
        let mut padded = longer.clone();
        let first = longer.test.lines[0].clone();
        padded.test.lines.splice(0..0, [first.clone(), first.clone(), first]);
        fs::write(&path, padded.text()).unwrap();
        let text = session(seed);
        assert!(text.contains(&format!(" {} findings from ", before.len() + 1)), "{text}");
        let after = findings(folder.path());
        let shrunk = &after[&path];
        assert!(shrunk.test.lines.len() <= longer.test.lines.len(), "{program}\n{text}");
        assert!(shrunk.count > longer.count, "{text}");
        let again = format!("{} with those of earlier sessions", shrunk.count);
        assert!(text.contains(&again), "{text}");
        for (path, finding) in &before {
            let now = &after[path];
            assert!(now.count >= finding.count, "{text}");
            assert!(now.test.lines.len() <= finding.test.lines.len(), "{text}");
        }
        before = after;
    }
}

#[test]
fn the_same_seed_finds_the_same_smallest_programs() {
    let folders = [TempDir::new().unwrap(), TempDir::new().unwrap()];
    let found = folders.each_ref().map(|folder| {
        let campaign = ["--runs", "1024", "--jobs", "1", "--seed", "5"];
        assert_exit(&fuzz(folder.path(), &[&campaign[..], &PLANTED].concat()), 1);
        let files = findings(folder.path()).into_iter();
        files.map(|(_, finding)| finding.text()).collect::<Vec<_>>()
    });
    assert!(!found[0].is_empty());
    assert_eq!(found[0], found[1]);
}

#[test]
fn a_finding_stays_open_until_its_file_is_removed_and_a_damaged_one_is_left_alone() {
    let folder = TempDir::new().unwrap();
    let planted = [&["--findings", "1", "--jobs", "1"][..], &PLANTED].concat();
    assert_exit(&fuzz(folder.path(), &planted), 1);
    let (path, finding) = findings(folder.path()).pop_first().unwrap();

    // The right model does not see it again.
    let right = ["--runs", "300", "--jobs", "1"];
    let output = fuzz(folder.path(), &right);
    assert_exit(&output, 1);
    let unseen = format!("{} programs of earlier sessions, none of this one", finding.count);
    assert!(text(&output).contains(&unseen), "{}", text(&output));
    assert_eq!(fs::read_to_string(&path).unwrap(), finding.text());

    let half = &finding.text()[..finding.text().len() - 12];
    fs::write(&path, half).unwrap();
    let output = fuzz(folder.path(), &right);
    assert_exit(&output, 3);
    let warning = format!("warning: {}: it is no litmus test; it is left", path.display());
    assert!(text(&output).contains(&warning), "{}", text(&output));
    assert!(text(&output).contains(" 0 findings from "), "{}", text(&output));

    // Found again, it has a file of its own.
    assert_exit(
        &fuzz(folder.path(), &[&["--runs", "1024", "--jobs", "1"][..], &PLANTED].concat()),
        1,
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), half);
    assert!(path.with_extension("2.litmus").exists());

    fs::remove_dir_all(folder.path().join("divergences")).unwrap();
    assert_exit(&fuzz(folder.path(), &right), 0);
}

/// The seed of a test's random choices, which a failure shows; that of the environment repeats them.
fn seed() -> u64 {
    let given = env::var("MAPSPEC_TEST_SEED").ok();
    let seed = given.map_or_else(|| fastrand::u64(..), |seed| seed.parse().unwrap());
    println!("MAPSPEC_TEST_SEED={seed} repeats the random choices");
    seed
}

#[test]
fn a_campaign_survives_being_killed_at_any_moment() {
    let folder = TempDir::new().unwrap();
    let marker = format!("MAPSPEC_TEST_MARKER=killed-{}", std::process::id());
    let mut random = fastrand::Rng::with_seed(seed());
    let (mut kept, mut sessions) = (0, 0);
    for round in 0..50 {
        // All choices come before what may take longer or shorter.
        let waits_for_session = random.u8(..5) != 0;
        let delay = Duration::from_micros(random.u64(..200_000));
        let (kills_fuzzer, choice) = (random.u8(..3) == 0, random.usize(..));
        let mut fuzzer = start(folder.path(), &marker);
        // From before the first program to well within the campaign.
        wait_until(|| !waits_for_session || files(folder.path(), "sessions") > sessions);
        thread::sleep(delay);
        let everybody = processes_with(&marker);
        let others: Vec<_> = everybody.into_iter().filter(|it| *it != fuzzer.id()).collect();
        let victim = match others.get(choice % others.len().max(1)) {
            Some(zygote_or_child) if !kills_fuzzer => *zygote_or_child,
            _ => fuzzer.id(),
        };
        signal(victim, "KILL");
        thread::sleep(Duration::from_millis(20));
        signal(fuzzer.id(), "INT");
        let status = fuzzer.wait().unwrap();
        if victim != fuzzer.id() {
            // 4: the interrupt came before the first program.
            assert!(matches!(status.code(), Some(0 | 4)), "round {round}: {status}");
        }
        wait_until(|| processes_with(&marker).is_empty());
        let now = files(folder.path(), "corpus");
        assert!(now >= kept, "round {round}: {now} of {kept}");
        (kept, sessions) = (now, files(folder.path(), "sessions"));
    }
    assert!(kept > 0 && litmus_tests(folder.path(), "corpus") == kept);
    assert_exit(&fuzz(folder.path(), &["--runs", "200"]), 0);
}

fn start(state: &Path, marker: &str) -> Child {
    command(state, marker).spawn().unwrap()
}

/// A campaign that can be told by its environment.
fn command(state: &Path, marker: &str) -> Command {
    let (name, value) = marker.split_once('=').unwrap();
    let mut command = Command::new(MAPSPEC);
    // The limit is for a test that fails and leaves it behind.
    command.args(["fuzz", "--time", "5m", "--state", state.to_str().unwrap()]).env(name, value);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn signal(process: u32, name: &str) {
    // That the process is gone already is as good.
    let _ = Command::new("kill")
        .args(["-s", name, &process.to_string()])
        .stderr(Stdio::null())
        .status();
}

/// On a busy machine a campaign may take a minute until it has found out what the kernel does.
#[track_caller]
fn wait_until(condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(100), "it takes too long");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn an_interrupted_campaign_ends_with_a_summary_and_needs_little_memory() {
    let folder = TempDir::new().unwrap();
    let marker = format!("MAPSPEC_TEST_MARKER=interrupted-{}", std::process::id());
    let mut command = command(folder.path(), &marker);
    let fuzzer = command.stdout(Stdio::piped()).spawn().unwrap();
    wait_until(|| files(folder.path(), "corpus") > 500);
    // Pages that a process shares with another count for both.
    let memory: u64 = processes_with(&marker).into_iter().map(resident_kilobytes).sum();
    assert!(memory > 0 && memory < 100 * 1024, "{memory} KiB");
    signal(fuzzer.id(), "INT");
    let output = fuzzer.wait_with_output().unwrap();
    assert_exit(&output, 0);
    assert!(text(&output).contains(" programs kept, "), "{}", text(&output));
}

/// The resident memory of a process, if it is there.
fn resident_kilobytes(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

#[test]
fn a_state_that_cannot_be_kept_is_a_failure() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let output = fuzz(&file, &["--runs", "10"]);
    assert_exit(&output, 3);
    assert!(text(&output).contains("choose another folder with --state"), "{}", text(&output));
}

#[test]
fn a_diverging_test_is_shrunk_and_an_agreeing_one_is_not() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("long.litmus");
    let program = "A: f = memfd_create(allow_sealing)\nA: g = dup(f)\nA: ftruncate(g, 3p)\n\
                   A: mmap(@4, 2p, rw, private, g, 1p)\nA: fork(C)\nC: store(@5, 9)\nC: load(@5)\n\
                   A: ftruncate(f, 0.5p)\nA: size(f)\nC: load(@5)\n";
    fs::write(&path, program).unwrap();
    let path = path.to_str().unwrap();
    assert_exit(&mapspec(&["shrink", path]), 4);
    let output = mapspec(&["shrink", path, "--policy", "detected,truncate_keeps_private_copies"]);
    assert_exit(&output, 1);
    let shrunk = mapspec::litmus::parse(&String::from_utf8_lossy(&output.stdout)).unwrap();
    assert!(shrunk.lines.len() <= 6, "{}", text(&output));
    assert!(!text(&output).contains("fork"), "{}", text(&output));
}

/// B does not exist, so that it is not simpler than C, although the sweep then shows the same of C.
#[test]
fn a_program_does_not_shrink_out_of_the_bounds() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("forked.litmus");
    let program = "A: mmap(@0, 1p, rw, private|anon)\nA: store(@0, 1)\nA: fork(C)\n\
                   A: process_vm_readv(C@0)\nA: same_frame(@0, C@0)\n";
    fs::write(&path, program).unwrap();
    let wrong = "detected,fork_does_not_write_protect";
    let output = mapspec(&["shrink", path.to_str().unwrap(), "--policy", wrong]);
    // 4: one may not see frames here, so that nothing differs.
    assert!(matches!(output.status.code(), Some(1 | 4)), "{}", text(&output));
}
