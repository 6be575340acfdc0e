//! `mapspec enumerate` and `mapspec merge`: the sequence of programs, its parts, their results.

use std::collections::HashSet;
use std::fs;
use std::io::Write as _;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use mapspec::enumerate::{Plan, Shard, walk};
use mapspec::litmus::{self, Test};
use mapspec_model::memory::Cow;
use mapspec_model::op::{Call, Statement};
use mapspec_model::outcome::Outcome;
use mapspec_model::policy::Policy;
use mapspec_model::{World, step};
use serde_json::{Value, json};
use tempfile::TempDir;

const MAPSPEC: &str = env!("CARGO_BIN_EXE_mapspec");

/// How many programs of depth 0, 1 and 2 there are. They change with the alphabet.
const COUNTS: [u64; 3] = [6, 192, 7691];

const WRONG_RULE: &str = "detected,truncate_keeps_private_copies";

fn mapspec(arguments: &[&str]) -> Output {
    Command::new(MAPSPEC).args(arguments).output().unwrap()
}

fn out(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

#[track_caller]
fn assert_exit(output: &Output, code: i32, message: &str) {
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{}{error}", out(output));
    assert!(error.contains(message), "`{message}`: {error}");
}

fn programs(depth: usize) -> Vec<(usize, Vec<Statement>)> {
    let mut programs = Vec::new();
    let _ = walk(depth, |program| {
        assert_eq!(program.index, programs.len() as u64);
        programs.push((program.depth, program.statements.to_vec()));
        ControlFlow::Continue(())
    });
    programs
}

fn plan(shard: &str, from: u64) -> Plan {
    Plan { depth: 2, shard: shard.parse().unwrap(), from }
}

#[test]
fn the_sequence_is_what_it_always_was() {
    assert_eq!(plan("1/1", 0).counts(), (COUNTS.to_vec(), COUNTS.to_vec()));
    let (shorter, longer) = (programs(1), programs(2));
    assert_eq!(shorter, longer[..shorter.len()], "an index is the same for every depth");
    assert!(longer.is_sorted_by_key(|(depth, _)| *depth));
}

#[test]
fn no_program_comes_twice_and_each_can_be_run() {
    let mut seen = HashSet::new();
    let mut calls = HashSet::new();
    for (_, program) in programs(2) {
        let mut world = World::<Cow>::new();
        for statement in &program {
            calls.insert(statement.op.call());
            let outcome = step(&mut world, statement.actor, &statement.op, &Policy::default());
            assert_ne!(outcome, Outcome::BeyondBounds, "{program:?}");
        }
        let text = litmus::text(&Test::of_program("", &program));
        assert!(program.is_empty() || litmus::parse(&text).unwrap().program() == program);
        assert!(seen.insert(program), "{text}");
    }
    use Call::{
        AddSeals, Close, Dup, Exit, Fork, Ftruncate, Load, MemfdCreate, Mmap, Mprotect, Munmap,
    };
    use Call::{Pwrite, Reopen, Store, Unpin, Vmsplice};
    let tried = [
        AddSeals,
        Close,
        Dup,
        Exit,
        Fork,
        Ftruncate,
        Load,
        MemfdCreate,
        Mmap,
        Mprotect,
        Munmap,
        Pwrite,
        Reopen,
        Store,
        Unpin,
        Vmsplice,
    ];
    for call in Call::ALL {
        assert_eq!(calls.contains(call), tried.contains(call), "{call:?}");
    }
}

#[test]
fn shards_are_the_whole() {
    let mut sum = [0; 3];
    for shard in Shard::all(7) {
        let (_, planned) = plan(&shard.to_string(), 0).counts();
        assert!(planned[2] >= COUNTS[2] / 7, "they are about equal: {planned:?}");
        sum.iter_mut().zip(planned).for_each(|(sum, count)| *sum += count);
    }
    assert_eq!(sum, COUNTS);
    assert_eq!(plan("1/1", 100).counts().1, [0, 98, COUNTS[2]]);
}

#[test]
fn a_list_goes_on_where_it_is_told_to() {
    let list = |arguments: &str| {
        let arguments: Vec<_> = arguments.split(' ').collect();
        let output = mapspec(&[&["enumerate", "--list", "--depth", "1"], &arguments[..]].concat());
        out(&output).split_terminator("\n\n").map(str::to_owned).collect::<Vec<_>>()
    };
    let all = list("--from 0");
    assert_eq!(all.len(), 198);
    assert_eq!(list("--from 100"), all[100..]);
    let third: Vec<_> = all.iter().skip(2).step_by(4).skip(5).cloned().collect();
    assert_eq!(list("--shard 3/4 --from 20"), third);
}

#[test]
fn this_kernel_agrees_and_the_counts_are_equal() {
    let output = mapspec(&["enumerate", "--depth", "2"]);
    assert_exit(&output, 0, "");
    let counts = "depth 0: 6, depth 1: 192, depth 2: 7691; 7889 in all\n";
    for line in [format!("to run:   {counts}"), format!("ran:      {counts}")] {
        assert!(out(&output).contains(&line), "{}", out(&output));
    }
}

#[test]
fn a_wrong_rule_of_the_model_is_found_with_a_program_that_can_be_run() {
    let output =
        mapspec(&["enumerate", "--depth", "1", "--policy", WRONG_RULE, "--format", "json"]);
    assert_exit(&output, 1, "");
    let records: Vec<Value> = lines(&output);
    let found = records.iter().find(|it| it["record"] == "divergence").unwrap();
    assert_eq!(found["rate"], json!([10, 10]));
    assert!(
        records.last().unwrap()["diverge"][found["class"].as_str().unwrap()].as_u64() > Some(1)
    );
    let mut check = Command::new(MAPSPEC)
        .args(["check", "--policy", WRONG_RULE, "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    check.stdin.take().unwrap().write_all(found["program"].as_str().unwrap().as_bytes()).unwrap();
    assert_eq!(check.wait().unwrap().code(), Some(1));

    let human = mapspec(&["enumerate", "--depth", "1", "--policy", WRONG_RULE]);
    assert_exit(&human, 1, "");
    for text in ["\ndiverge  ", "in 10 of 10 runs", "starting point `mapped`", "\n  > A: "] {
        assert!(out(&human).contains(text), "{text}: {}", out(&human));
    }
}

#[test]
fn bad_parts_are_refused_and_an_empty_one_is_nothing() {
    for (arguments, code, message) in [
        (["--shard", "0/4"], 2, "the first is 1/4"),
        (["--shard", "5/4"], 2, "the last of 4"),
        (["--depth", "9"], 2, "9 is not in"),
        (["--from", "100000"], 4, ""),
    ] {
        let arguments = [&["enumerate", "--depth", "1"], &arguments[..]].concat();
        let arguments = if message.starts_with('9') { &arguments[..1] } else { &arguments[..] };
        let arguments = if arguments.len() == 1 {
            vec!["enumerate", "--depth", "9"]
        } else {
            arguments.to_vec()
        };
        assert_exit(&mapspec(&arguments), code, message);
    }
}

/// Lines of JSON, without what differs from run to run.
fn json_lines(text: &str) -> Vec<Value> {
    let parse = |line: &str| {
        let mut value: Value = serde_json::from_str(line).unwrap();
        value.as_object_mut().unwrap().remove("seconds");
        value
    };
    text.lines().map(parse).collect()
}

fn lines(output: &Output) -> Vec<Value> {
    json_lines(out(output))
}

/// Results of an enumeration of depth 1, with divergences, in files.
struct Files {
    folder: TempDir,
}

impl Files {
    fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, name: &str, arguments: &[&str]) -> String {
        let common = ["enumerate", "--depth", "1", "--policy", WRONG_RULE, "--format", "json"];
        let output = mapspec(&[&common, arguments].concat());
        fs::write(self.path(name), &output.stdout).unwrap();
        out(&output).to_owned()
    }

    fn merge(&self, names: &[&str]) -> Output {
        let paths: Vec<_> = names.iter().map(|name| self.path(name)).collect();
        let paths = paths.iter().map(|path| path.to_str().unwrap());
        mapspec(&["merge", "--format", "json"].into_iter().chain(paths).collect::<Vec<_>>())
    }
}

#[test]
fn merged_shards_are_what_one_run_tells_with_any_number_of_jobs() {
    let files = Files::new();
    let shards = ["1/3", "2/3", "3/3"];
    let names = ["one", "two", "three"];
    for (name, shard) in names.iter().zip(shards) {
        files.run(name, &["--shard", shard, "--jobs", "1"]);
    }
    let one_run = files.run("whole", &["--jobs", "3"]);
    let whole = files.merge(&["whole"]);
    assert_exit(&whole, 1, "");
    let merged = files.merge(&["two", "three", "one"]);
    assert_exit(&merged, 1, "");
    assert_eq!(lines(&merged), lines(&whole));
    assert_eq!(lines(&whole), json_lines(&one_run), "one whole is merged to itself");
    let together: String =
        names.iter().map(|name| fs::read_to_string(files.path(name)).unwrap()).collect();
    fs::write(files.path("together"), together).unwrap();
    assert_eq!(lines(&files.merge(&["together"])), lines(&whole), "several results in a file");
}

#[test]
fn what_does_not_make_up_the_whole_is_not_merged() {
    let files = Files::new();
    files.run("one", &["--shard", "1/2"]);
    let two = files.run("two", &["--shard", "2/2"]);
    let depth_0 = ["enumerate", "--depth", "0", "--shard", "2/2", "--format", "json"];
    fs::write(files.path("shallow"), mapspec(&depth_0).stdout).unwrap();
    files.run("thirds", &["--shard", "3/3"]);
    files.run("late", &["--shard", "2/2", "--from", "100"]);
    let write = |name: &str, text: &str| fs::write(files.path(name), text).unwrap();
    write("cut-line", &two[..two.len() - 20]);
    let (rest, _) = two.trim_end().rsplit_once('\n').unwrap();
    write("cut", &format!("{rest}\n"));
    write("empty", "");
    write("garbage", "\u{0}\u{1}\nA: load(@0)\n");
    write("headless", two.split_once('\n').unwrap().1);
    write("wrong-sum", &two.replace("\"agree\":", "\"agree\":1"));
    write("other-kernel", &two.replacen("\"kernel\":\"", "\"kernel\":\"9.", 1));
    write("other-schema", &two.replacen("\"schema\":1", "\"schema\":99", 1));
    write("endless-line", &"9".repeat(3 << 20));
    for (names, code, message) in [
        (&["one"][..], 3, "no result of shard 2/2"),
        (&["one", "cut"], 3, "`--shard 2/2 --from 0`"),
        (&["one", "cut-line"], 3, "its last line is missing"),
        (&["one", "late"], 3, "only from program 100 on"),
        (&["one", "two", "two"], 2, "both have shard 2/2"),
        (&["one", "two", "late"], 2, "both have shard 2/2"),
        (&["one", "shallow"], 2, "depth is `1`"),
        (&["one", "thirds"], 2, "number of shards is `2`"),
        (&["one", "other-kernel"], 2, "kernel is `"),
        (&["one", "other-schema"], 2, "schema 99"),
        (&["one", "empty"], 2, "no result in this file"),
        (&["one", "garbage"], 2, "garbage:1: no result of `mapspec enumerate`"),
        (&["one", "headless"], 2, "no `start`"),
        (&["one", "wrong-sum"], 2, "do not add up"),
        (&["one", "endless-line"], 2, "endless-line:1"),
        (&["one", "missing"], 2, "No such file"),
    ] {
        let output = files.merge(names);
        assert_exit(&output, code, message);
        assert!(output.stdout.is_empty(), "{names:?}");
    }
}

#[test]
fn what_was_cut_off_is_gone_on_with() {
    let files = Files::new();
    files.run("whole", &[]);
    let whole = lines(&files.merge(&["whole"]));
    let rest = json_lines(&files.run("rest", &["--from", "100"]));
    // What a run that ends at program 100 has told: whole, less the rest.
    let (start, end, rest) = (&whole[0], whole.last().unwrap(), rest.last().unwrap());
    let mut tally = end.clone();
    tally["record"] = json!("so-far");
    tally["next"] = json!(100);
    tally["run"] = json!([6, 94]);
    tally["seconds"] = json!(1.5);
    tally["agree"] = json!(end["agree"].as_u64().unwrap() - rest["agree"].as_u64().unwrap());
    let classes = end["diverge"].as_object().unwrap().iter();
    tally["diverge"] = classes
        .map(|(class, count)| {
            let rest = rest["diverge"][class].as_u64().unwrap_or(0);
            (class.clone(), json!(count.as_u64().unwrap() - rest))
        })
        .filter(|(_, count)| *count != json!(0))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let findings = &whole[1..whole.len() - 1];
    let records = [start].into_iter().chain(findings).chain([&tally]);
    let text: String = records.map(|record| format!("{record}\n")).collect();
    fs::write(files.path("cut"), format!("{text}{{\"record\":\"diver")).unwrap();

    assert_exit(&files.merge(&["cut"]), 3, "`--shard 1/1 --from 100`");
    let merged = files.merge(&["rest", "cut"]);
    assert_exit(&merged, 1, "");
    assert_eq!(lines(&merged), whole);
}
