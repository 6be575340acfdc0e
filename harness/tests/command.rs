//! The command as a person meets it: output, exit codes, what it leaves behind.

mod common;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use common::{MAPSPEC, assert_exit, mapspec, processes_with, text};
use mapspec::corpus::built_in;
use mapspec_oracle::capability::Capabilities;
use tempfile::TempDir;

fn mapspec_with_input(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(MAPSPEC)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A child that has read enough closes its end.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|it| std::os::unix::fs::MetadataExt::uid(&it) == 0)
}

#[test]
fn the_corpus_agrees_on_this_kernel() {
    let start = Instant::now();
    let output = mapspec(&[]);
    assert_exit(&output, 0);
    let text = text(&output);
    assert!(text.contains("known    known.tmpfs-post-eof"), "{text}");
    assert!(text.contains("kernel "), "{text}");
    assert!(start.elapsed().as_secs() < 15, "{:?}", start.elapsed());
}

#[test]
fn an_ordinary_user_sees_what_is_skipped_and_why() {
    if !is_root() {
        eprintln!("skipped: only root can become another user; the other tests run as this one");
        return;
    }
    let folder = TempDir::new().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let copy = folder.path().join("mapspec");
    fs::copy(MAPSPEC, &copy).unwrap();
    let nobody = |arguments: &[&str]| {
        Command::new(&copy).args(arguments).uid(65534).gid(65534).current_dir("/").output().unwrap()
    };
    let output = nobody(&[]);
    assert_exit(&output, 0);
    let text = text(&output);
    assert!(text.contains("skip     cow."), "{text}");
    assert!(text.contains("run as root"), "{text}");
    let only_for_root = folder.path().join("root.litmus");
    fs::write(&only_for_root, "test: x.root\nneeds: root\n\nA: load(@0)\n").unwrap();
    assert_exit(&nobody(&["check", only_for_root.to_str().unwrap()]), 4);
}

#[test]
fn a_wrong_rule_of_the_model_is_found() {
    let wrong_rules = [
        "write_seal_ignores_mappings",
        "copy_on_write_ignores_other_owners",
        "truncate_keeps_private_copies",
        "truncate_keeps_tail",
        "read_only_descriptor_may_write",
        "dontneed_keeps_private_memory",
        "dontneed_removes_guards",
    ];
    for rule in wrong_rules {
        let output = mapspec(&["check", "--policy", &format!("detected,{rule}")]);
        assert_exit(&output, 1);
        let text = text(&output);
        assert!(text.contains("\ndiverge  "), "{rule}: {text}");
        assert!(text.contains("\n  model:  ") && text.contains("\n  kernel: "), "{rule}: {text}");
        assert!(text.contains("\nbefore ") && text.contains("\nafter "), "{rule}: {text}");
    }
}

#[test]
fn a_claim_that_model_and_kernel_contradict_is_a_misclaim() {
    let output = mapspec_with_input(&["check", "-"], b"A: load(@0) = 7\n");
    assert_exit(&output, 1);
    assert!(
        text(&output).contains("claimed 7, model and kernel SIGSEGV/MAPERR"),
        "{}",
        text(&output)
    );
}

/// This kernel would say EFAULT.
#[test]
fn of_another_kernel_only_the_model_is_asked() {
    let check = |claim: &str| {
        let test = "test: x.other\nkernel: freebsd\n\nA: f = memfd_create(bad_name) = ".to_owned();
        mapspec_with_input(&["check", "-"], (test + claim + "\n").as_bytes())
    };
    let right = check("EBADF");
    assert_exit(&right, 0);
    assert!(text(&right).contains("model-only x.other: of freebsd"), "{}", text(&right));
    assert!(text(&right).contains("\n1 tests: 1 model-only;"), "{}", text(&right));
    let wrong = check("EFAULT");
    assert_exit(&wrong, 1);
    assert!(text(&wrong).contains("claimed EFAULT, model EBADF"), "{}", text(&wrong));
    let nobodys = mapspec_with_input(&["check", "-"], b"kernel: linux-6.1\n\nA: load(@0)\n");
    assert_exit(&nobodys, 2);
    let message = String::from_utf8_lossy(&nobodys.stderr);
    assert!(message.contains("expected linux-5.7 or freebsd"), "{message}");
}

#[test]
fn a_program_that_goes_wrong_is_broken_and_the_next_tests_run() {
    let sabotages = [
        ("unserved-fault", "hangs: asleep"),
        ("stop", "hangs: stopped"),
        ("kill", "killed by signal 9"),
        ("occupy-arena", "addresses are occupied"),
        ("stray-fault", "signal 11 outside of its accesses"),
        ("end", "ended too early"),
    ];
    for (kind, reason) in sabotages {
        let test = "policy.executable_memfd_is_refused";
        let sabotage = format!("{kind}:{test}");
        let marker = format!("MAPSPEC_TEST_MARKER={kind}-{}", std::process::id());
        let (name, value) = marker.split_once('=').unwrap();
        let output = Command::new(MAPSPEC)
            .args(["check", "--jobs", "1", "--timeout", "2", "--sabotage", &sabotage])
            .env(name, value)
            .output()
            .unwrap();
        assert_exit(&output, 3);
        let text = text(&output);
        let line = text.lines().find(|line| line.starts_with("broken ")).unwrap();
        assert!(line.contains(test) && line.contains(reason), "{kind}: {line}");
        assert!(text.lines().any(|line| line.starts_with("agree    zero-page.")), "{kind}: {text}");
        assert!(text.contains(" 1 broken"), "{kind}: {text}");
        assert_eq!(processes_with(&marker), Vec::<u32>::new(), "{kind}");
    }
}

#[test]
fn malformed_input_is_refused_and_nothing_is_run() {
    let statements = "A: mmap(@0, 1p, rw, private|anon)\n".repeat(200);
    let cases: [(&[u8], &str); 8] = [
        (b"", "there is no statement"),
        (b"A: load(@0", "1:11"),
        (b"test: x.y\n\nA: lod(@0)\n", "there is no call `lod`"),
        (b"A: load(@9)\n", "pages of the arena, @0 to @7"),
        (b"B: load(@0)\n", "B does not, here"),
        (b"A: load(@0) = EBADF\n", "no outcome of this call"),
        (b"A: load(@0)\n\xff\xfe\0\0", "byte 13 is not UTF-8"),
        (statements.as_bytes(), "at most 128 statements"),
    ];
    for (input, message) in cases {
        let output = mapspec_with_input(&["check", "-"], input);
        assert_exit(&output, 2);
        let text = text(&output);
        assert!(text.contains(message), "{message}: {text}");
        assert!(text.contains("nothing was run") && output.stdout.is_empty(), "{text}");
    }
}

#[test]
fn a_huge_input_is_refused_without_reading_it_all() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("huge.litmus");
    fs::File::create(&path).unwrap().set_len(100 << 20).unwrap();
    let good = folder.path().join("good.litmus");
    fs::write(&good, "A: load(@0) = SIGSEGV/MAPERR\n").unwrap();
    assert_exit(&mapspec(&["check", good.to_str().unwrap()]), 0);
    let output = mapspec(&["check", folder.path().to_str().unwrap()]);
    assert_exit(&output, 2);
    assert!(text(&output).contains("too long for a litmus test"), "{}", text(&output));
    assert!(output.stdout.is_empty());
}

#[test]
fn bad_usage_is_refused() {
    let folder = TempDir::new().unwrap();
    let empty = folder.path().to_str().unwrap();
    let cases: [(&[&str], &str); 6] = [
        (&["check", "/nonexistent.litmus"], "No such file"),
        (&["check", empty], "no .litmus file"),
        (&["check", "--policy", "linux-9.9"], "neither a preset, a proposal nor a field"),
        (&["check", "--target", "linux"], "kernel, emulation"),
        (&["check", "--timeout", "0"], "more than 0"),
        (&["chekc"], "chekc"),
    ];
    for (arguments, message) in cases {
        let output = mapspec(arguments);
        assert_exit(&output, 2);
        assert!(text(&output).contains(message), "{arguments:?}: {}", text(&output));
    }
}

#[test]
fn results_that_cannot_be_written_are_a_failure() {
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = Command::new(MAPSPEC).stdout(full).stderr(Stdio::piped()).output().unwrap();
    assert_exit(&output, 3);
    assert!(text(&output).contains("cannot be written"), "{}", text(&output));
}

#[test]
fn the_policy_names_preset_detection_and_difference() {
    let output = mapspec(&["policy"]);
    assert_exit(&output, 0);
    let text = text(&output);
    for field in mapspec_model::policy::FIELDS {
        let is_choice = field.kind == mapspec_model::policy::Kind::Choice;
        assert_eq!(text.contains(field.name), is_choice, "{}: {text}", field.name);
    }
    let (corpus, capabilities) = (built_in().unwrap(), Capabilities::detect());
    for line in text.lines().filter(|line| line.contains(" ? ")) {
        let name = format!("policy.{}", line.split_whitespace().next().unwrap());
        let entry = corpus.iter().find(|entry| entry.test.name == name).unwrap();
        assert!(capabilities.allow(&entry.test.program()).is_err(), "it can be detected: {line}");
    }
}

#[test]
fn the_bench_prints_ratios() {
    let output = mapspec(&["bench", "--rounds", "1"]);
    assert_exit(&output, 0);
    let text = text(&output);
    for what in ["isolated, to a bare fork", "batched, to no isolation", "two jobs, to one"] {
        let line = text.lines().find(|line| line.contains(what)).unwrap();
        let ratio: f64 = line.split_whitespace().next().unwrap().parse().unwrap();
        assert!(ratio > 0.0 && ratio < 100.0, "{text}");
    }
}
