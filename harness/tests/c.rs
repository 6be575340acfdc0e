//! Exported C programs: both compilers take them without a warning, and they say what the tool says.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{assert_exit, mapspec, text};
use serde_json::Value;
use tempfile::TempDir;

const FLAGS: [&str; 4] = ["-std=c11", "-Wall", "-Wextra", "-Werror"];

/// Whether a compiler is there; the test says so if not.
fn has(compiler: &str) -> bool {
    let is_there = Command::new(compiler).arg("--version").output().is_ok();
    if !is_there {
        eprintln!("skipped: {compiler} is not installed; install it to run this test");
    }
    is_there
}

fn programs(folder: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut programs: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|it| it == "c")).collect();
    programs.sort();
    programs
}

/// The verdict of each of these tests, or of the corpus.
fn verdicts(paths: &[&str]) -> BTreeMap<String, String> {
    let output = mapspec(&[&["check", "--format", "json"], paths].concat());
    assert_exit(&output, 0);
    let lines = String::from_utf8(output.stdout).unwrap();
    let records = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let tests = records.filter(|record| record["record"] == "test");
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    tests.map(|test| (word(&test["name"]), word(&test["verdict"]))).collect()
}

#[test]
fn the_corpus_as_c_says_what_the_tool_says() {
    if !has("gcc") || !has("make") {
        return;
    }
    let folder = TempDir::new().unwrap();
    let path = folder.path().to_str().unwrap();
    let exported = mapspec(&["export", "--c", path]);
    assert_exit(&exported, 0);
    let told = text(&exported);
    let without = told.matches("no C program: ").count();
    assert_eq!(without, told.matches("no C program: it is about freebsd").count(), "{told}");
    let make = |target: &str| {
        let flags = format!("CFLAGS={}", FLAGS.join(" "));
        Command::new("make")
            .args(["-C", path, "-j2", "-s", "CC=gcc", &flags, target])
            .output()
            .unwrap()
    };
    assert_exit(&make("all"), 0);
    let ktap = text(&make("check"));
    let verdicts = verdicts(&[]);
    assert!(ktap.contains(&format!("\n1..{}\n", verdicts.len())), "{ktap}");
    for (name, verdict) in verdicts {
        let is_result = |line: &&str| line.starts_with("ok ") || line.starts_with("not ok ");
        let of_test = |line: &&str| line.split(' ').any(|word| word == name);
        let line = ktap.lines().filter(is_result).find(of_test);
        let line = line.unwrap_or_else(|| panic!("{name} is missing: {ktap}"));
        match verdict.as_str() {
            "agree" => assert!(line.starts_with("ok ") && !line.contains('#'), "{ktap}"),
            "skip" => assert!(line.starts_with("ok "), "{line}"),
            "model-only" => assert!(line.starts_with("ok ") && line.contains("# SKIP"), "{line}"),
            _ => assert!(line.starts_with("not ok "), "{line}"),
        }
    }
}

#[test]
fn random_programs_as_c_agree_too() {
    if !has("gcc") || !has("make") {
        return;
    }
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (state, some, pack) = (path("state"), path("some"), path("pack"));
    let favor = "pin,read_pin,write_pin,fork,userfaultfd,uffd_register,uffd_copy,load,store";
    let arguments =
        ["--runs", "1000", "--jobs", "1", "--seed", "7", "--favor", favor, "--state", &state];
    assert_exit(&mapspec(&[&["fuzz"], &arguments[..]].concat()), 0);
    let mut kept: Vec<_> = std::fs::read_dir(format!("{state}/corpus"))
        .unwrap()
        .map(|it| it.unwrap().path())
        .collect();
    kept.sort();
    std::fs::create_dir(&some).unwrap();
    for file in kept.iter().take(80) {
        std::fs::copy(file, Path::new(&some).join(file.file_name().unwrap())).unwrap();
    }
    assert_agree_as_c(&some, &pack);
}

#[test]
fn waiting_accesses_leave_nothing_behind_and_kill_nobody() {
    if !has("gcc") || !has("make") {
        return;
    }
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let register = "A: mmap(@0, 2p, rw, private|anon)\nA: u = userfaultfd()\n\
                    A: uffd_register(u, @0, 2p, missing)\nA: fork(B)\n";
    let store_after_load = "A: load(@0)\nB: uffd_copy(u, @0, 7)\nA: resume()\n\
                            A: store(@1, 9)\nB: uffd_zeropage(u, @1, 1p)\nA: resume()\n";
    let nobody_asks = "A: store(@1, 9)\nB: uffd_poison(u, @1, 1p)\n";
    std::fs::create_dir(path("some")).unwrap();
    for (name, rest) in [("store-after-load", store_after_load), ("nobody-asks", nobody_asks)] {
        let test = format!("test: waiting.{name}\n\n{register}{rest}");
        std::fs::write(path(&format!("some/{name}.litmus")), test).unwrap();
    }
    assert_agree_as_c(&path("some"), &path("pack"));
}

/// What agrees of these tests must do so as C, which is put into another folder.
fn assert_agree_as_c(tests: &str, pack: &str) {
    assert_exit(&mapspec(&["export", "--c", pack, tests]), 0);
    let flags = format!("CFLAGS={}", FLAGS.join(" "));
    let arguments = ["-C", pack, "-j2", "-s", "CC=gcc", &flags, "all"];
    assert_exit(&Command::new("make").args(arguments).output().unwrap(), 0);
    let verdicts = verdicts(&[tests]);
    for (name, _) in verdicts.iter().filter(|(_, verdict)| *verdict == "agree") {
        let program = format!("{pack}/{name}");
        if Path::new(&format!("{program}.skip")).exists() {
            continue;
        }
        let output = Command::new(program).output().unwrap();
        let code = output.status.code();
        assert!(matches!(code, Some(0 | 4)), "{name}: {code:?}: {}", text(&output));
    }
}

#[test]
fn clang_takes_every_word_of_the_corpus_without_a_warning() {
    if !has("clang") {
        return;
    }
    let folder = TempDir::new().unwrap();
    assert_exit(&mapspec(&["export", "--c", folder.path().to_str().unwrap()]), 0);
    let mut programs = programs(folder.path());
    assert!(programs.len() > 200);
    let mut words = BTreeSet::new();
    programs.retain(|path| {
        let text = std::fs::read_to_string(path).unwrap();
        let (_, code) = text.split_once("*/").unwrap();
        let is_in_word = |letter: char| letter.is_alphanumeric() || letter == '_';
        let before = words.len();
        words.extend(code.split(|letter| !is_in_word(letter)).map(ToOwned::to_owned));
        words.len() > before
    });
    let output =
        Command::new("clang").args(FLAGS).arg("-fsyntax-only").args(programs).output().unwrap();
    assert_exit(&output, 0);
}

#[test]
fn a_program_is_what_a_person_would_write() {
    let folder = TempDir::new().unwrap();
    let file = "../corpus/known/tmpfs-post-eof.litmus";
    assert_exit(&mapspec(&["export", "--c", folder.path().to_str().unwrap(), file]), 0);
    let text = std::fs::read_to_string(folder.path().join("known.tmpfs-post-eof.c")).unwrap();
    let (_, main) = text.split_once("int main(void)\n{\n").unwrap();
    let expected = "\treserve(8);\n\
         \n\
         \tf = EXPECT_DESCRIPTOR(memfd_create(\"f\", MFD_CLOEXEC));\n\
         \tEXPECT(ftruncate(f, page / 2), 0);\n\
         \tEXPECT(mmap(area, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, f, 0), area);\n\
         \tstore(area + page / 2, 7);\n\
         \tEXPECT(ftruncate(f, page), 0);\n\
         \tEXPECT(read_byte(f, page / 2), 0);\n\
         \treturn AS_SPECIFIED;\n}\n";
    assert_eq!(main, expected);
    assert!(!text.contains("fork") && !text.contains("pagemap"), "{text}");
}

#[test]
fn the_comments_of_a_test_are_in_its_program() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("mine.litmus");
    let test = "test: x.y\n\n# Nothing is mapped: /* no file,\n# no memory. */\nA: load(@0) # It faults.\n\
                # Another one.\nA: fork(B)\n";
    std::fs::write(&file, test).unwrap();
    let path = folder.path().to_str().unwrap();
    assert_exit(&mapspec(&["export", "--c", path, file.to_str().unwrap()]), 0);
    let program = std::fs::read_to_string(folder.path().join("x.y.c")).unwrap();
    let (_, main) = program.split_once("int main(void)\n{\n").unwrap();
    let comment =
        "/* Nothing is mapped: / * no file, no memory. * / It faults. */\n\tEXPECT_FAULT(";
    assert!(main.contains(comment), "{main}");
    assert!(main.contains("/* Another one. */\n\tstart_process("), "{main}");
}
