//! Results for machines: other programs' readers must understand them.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use common::{assert_exit, mapspec};
use serde_json::Value;
use tempfile::TempDir;

/// Some tests of each kind: with this mistake in the model one of them diverges, one is a known
/// bug, one claims what is wrong, one shares its name, one is about another kernel.
fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    let tests = [
        ("a.litmus", "test: x.agrees\n\nA: load(@0) = SIGSEGV/MAPERR\n"),
        ("b.litmus", "test: x.agrees\n\nA: load(@1) = SIGSEGV/MAPERR\n"),
        ("c.litmus", "test: x.misclaims # here\n\nA: load(@0) = 7\n"),
        (
            "d.litmus",
            "test: y.diverges\nabout: <&>\n\nA: f = memfd_create()\nA: ftruncate(f, 1p)\n\
             A: mmap(@0, 1p, rw, private, f, 0p)\nA: store(@0, 7)\nA: ftruncate(f, 0p)\n\
             A: ftruncate(f, 1p)\nA: load(@0) = 0\n",
        ),
        (
            "e.litmus",
            "test: y.known\n\nA: f = memfd_create()\nA: ftruncate(f, 0.5p)\n\
             A: mmap(@0, 1p, rw, shared, f, 0p)\nA: store(@0.5, 7)\nA: ftruncate(f, 1p)\n\
             A: pread(f, 0.5p) = 0\n",
        ),
        ("f.litmus", "test: z.other\nkernel: freebsd\n\nA: f = memfd_create(exec) = EINVAL\n"),
    ];
    for (name, text) in tests {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn check(format: &str) -> String {
    let folder = folder();
    let wrong_rule = "detected,truncate_keeps_private_copies";
    let path = folder.path().to_str().unwrap();
    let output = mapspec(&["check", "--policy", wrong_rule, "--format", format, path]);
    assert_exit(&output, 1);
    String::from_utf8(output.stdout).unwrap()
}

fn enumerate(format: &str) -> String {
    let wrong_rule = "detected,write_seal_ignores_mappings";
    let arguments = ["enumerate", "--depth", "1", "--policy", wrong_rule, "--format", format];
    let output = mapspec(&arguments);
    assert_exit(&output, 1);
    String::from_utf8(output.stdout).unwrap()
}

fn fuzz(format: &str) -> String {
    let state = TempDir::new().unwrap();
    let state = state.path().to_str().unwrap();
    let output = mapspec(&["fuzz", "--runs", "100", "--state", state, "--format", format]);
    assert_exit(&output, 0);
    String::from_utf8(output.stdout).unwrap()
}

/// A test of KTAP: name, and whether it passed, failed or was skipped.
type Result = (String, &'static str, Vec<String>);

/// Reads KTAP by the rules of tools/testing/kunit/kunit_parser.py: version line, plan, and for each
/// number in turn a log, then `ok` or `not ok`, the number, the name, and maybe `# SKIP` with a
/// reason. The parser complains of anything that is checked here.
fn read_ktap(text: &str) -> Vec<Result> {
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("KTAP version 1"));
    let plan = lines.next().and_then(|line| line.strip_prefix("1..")).unwrap();
    let planned: usize = plan.parse().unwrap();
    let mut results: Vec<Result> = Vec::new();
    let mut log = Vec::new();
    for line in lines {
        assert!(line.chars().all(|letter| !letter.is_control()), "{line:?}");
        let (passed, rest) = match (line.strip_prefix("ok "), line.strip_prefix("not ok ")) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => {
                let diagnostic = line.strip_prefix("# ").unwrap_or_else(|| panic!("{line:?}"));
                assert!(!diagnostic.starts_with("Subtest: "), "{line:?}");
                log.push(diagnostic.to_owned());
                continue;
            }
        };
        let (number, rest) = rest.split_once(' ').unwrap();
        assert_eq!(number.parse(), Ok(results.len() + 1), "{line:?}");
        let (name, directive) = rest.split_once(" # ").unwrap_or((rest, ""));
        assert!(!name.is_empty() && !name.contains('#'), "{line:?}");
        let status = match directive.strip_prefix("SKIP ") {
            Some(reason) => {
                assert!(passed && !reason.is_empty(), "{line:?}");
                "skip"
            }
            None if passed => "ok",
            None => "not ok",
        };
        results.push((name.to_owned(), status, std::mem::take(&mut log)));
    }
    assert_eq!(results.len(), planned);
    let names: BTreeSet<_> = results.iter().map(|(name, ..)| name).collect();
    assert_eq!(names.len(), planned, "names that are not unique");
    results
}

#[test]
fn ktap_of_check_follows_the_rules_of_the_kernels_parser() {
    let results = read_ktap(&check("ktap"));
    let statuses: Vec<_> =
        results.iter().map(|(name, status, _)| (name.as_str(), *status)).collect();
    assert_eq!(
        statuses,
        [
            ("x.agrees", "ok"),
            ("x.agrees (2)", "ok"),
            ("x.misclaims", "not ok"),
            ("y.diverges", "not ok"),
            ("y.known", "skip"),
            ("z.other", "skip"),
        ]
    );
    let log = results[3].2.join("\n");
    assert!(log.contains("> A: load(@0)") && log.contains("kernel: 0"), "{log}");
}

#[test]
fn ktap_of_programs_has_a_test_for_each_call() {
    let results = read_ktap(&enumerate("ktap"));
    let failed: Vec<_> = results.iter().filter(|(_, status, _)| *status == "not ok").collect();
    assert!(!failed.is_empty(), "{results:?}");
    assert!(failed.iter().all(|(name, _, log)| name.contains('.') && log.len() > 3), "{failed:?}");
    let results = read_ktap(&fuzz("ktap"));
    assert!(results.iter().all(|(_, status, _)| *status == "ok"), "{results:?}");
    assert!(results.iter().any(|(name, ..)| name == "fuzz.mprotect"), "{results:?}");
}

#[test]
fn json_lines_have_the_documented_fields() {
    for text in [check("json"), fuzz("json")] {
        let records: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let (start, rest) = records.split_first().unwrap();
        let (end, tests) = rest.split_last().unwrap();
        assert_eq!(start["record"], "start");
        assert_eq!(start["schema"], 1);
        assert_eq!(start["tests"], tests.len());
        for key in ["command", "version", "kernel", "policy", "fields", "notes"] {
            assert!(!start[key].is_null(), "{key}");
        }
        for test in tests {
            assert_eq!(test["record"], "test");
            assert!(test["name"].is_string() && test["about"].is_string(), "{test}");
            let verdict = test["verdict"].as_str().unwrap();
            assert_eq!(verdict != "agree", test["note"].is_string(), "{test}");
            let is_different = ["diverge", "misclaim"].contains(&verdict);
            assert_eq!(is_different, test["programs"].is_array(), "{test}");
        }
        assert_eq!(end["record"], "end");
        let counted: u64 =
            end["counts"].as_object().unwrap().values().flat_map(Value::as_u64).sum();
        assert_eq!(counted, tests.len() as u64);
    }
}

/// The fields that the book documents for each kind of record, in one of its tables.
fn documented(table: &str) -> BTreeMap<String, BTreeSet<String>> {
    let page = fs::read_to_string("../docs/src/formats.md").unwrap();
    let rows = page.split_once(table).unwrap().1.lines().skip(2).take_while(|row| !row.is_empty());
    let words = |cell: &str| -> BTreeSet<String> {
        cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    };
    let mut fields = BTreeMap::new();
    for row in rows {
        let (_, cells) = row.split_once("| ").unwrap();
        let (kinds, described) = cells.split_once(" | ").unwrap();
        fields.extend(words(kinds).into_iter().map(|kind| (kind, words(described))));
    }
    fields
}

#[test]
fn each_field_of_a_record_is_documented() {
    let outputs = [
        ("| record | fields |", vec![check("json"), fuzz("json")]),
        ("| record of `enumerate` | fields |", vec![enumerate("json")]),
    ];
    for (table, texts) in outputs {
        let documented = documented(table);
        for line in texts.iter().flat_map(|text| text.lines()) {
            let record: Value = serde_json::from_str(line).unwrap();
            let fields = &documented[record["record"].as_str().unwrap()];
            for key in record.as_object().unwrap().keys().filter(|key| *key != "record") {
                assert!(fields.contains(key), "`{key}` is not documented: {line}");
            }
            assert!(record["record"] != "start" || record["schema"] == 1, "{line}");
        }
    }
}

#[test]
fn a_reader_of_tap_understands_ktap() {
    if Command::new("prove").arg("--version").output().is_err() {
        eprintln!("skipped: there is no prove; install Perl's Test::Harness to run this test");
        return;
    }
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("results");
    let cases = [
        (check("ktap"), "Failed tests:  3-4"),
        (enumerate("ktap"), "Failed test:"),
        (fuzz("ktap"), "All tests successful."),
    ];
    for (results, verdict) in cases {
        fs::write(&path, &results).unwrap();
        let output = Command::new("prove").args(["--exec", "cat"]).arg(&path).output().unwrap();
        let said = common::text(&output);
        assert!(said.contains(verdict) && !said.contains("Parse errors"), "{said}\n{results}");
    }
}

#[test]
fn a_program_in_json_diverges_again() {
    let text = check("json");
    let records = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let programs: Vec<_> = records
        .filter(|record| record["verdict"] == "diverge")
        .flat_map(|record| record["programs"].as_array().unwrap().clone())
        .collect();
    assert_eq!(programs.len(), 1);
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("again.litmus");
    fs::write(&path, programs[0].as_str().unwrap()).unwrap();
    let wrong_rule = "detected,truncate_keeps_private_copies";
    let output = mapspec(&["check", "--policy", wrong_rule, path.to_str().unwrap()]);
    assert_exit(&output, 1);
}

#[test]
fn readers_of_junit_understand_it() {
    let text = check("junit");
    let report = junit_parser::from_reader(text.as_bytes()).unwrap();
    assert_eq!((report.tests, report.failures, report.errors), (6, 2, 0));
    let suites: Vec<_> =
        report.suites.iter().map(|it| (it.name.as_str(), it.tests, it.skipped)).collect();
    assert_eq!(suites, [("x", 3, 0), ("y", 2, 1), ("z", 1, 1)]);
    let diverges = &report.suites[1].cases[0];
    assert_eq!(diverges.original_name, "y.diverges");
    let document = roxmltree::Document::parse(&text).unwrap();
    let failures = document.descendants().filter(|node| node.has_tag_name("failure"));
    let failures: Vec<_> = failures.map(|node| node.text().unwrap_or_default()).collect();
    assert!(failures[1].contains("> A: load(@0)\n  claim:  0\n"), "{failures:?}");

    for text in [enumerate("junit"), fuzz("junit")] {
        let report = junit_parser::from_reader(text.as_bytes()).unwrap();
        assert!(report.tests > 10, "{text}");
    }
}

#[test]
fn a_command_without_formats_says_so() {
    assert_exit(&mapspec(&["policy", "--format", "json"]), 2);
}
