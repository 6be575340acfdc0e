//! The page about coverage: its table is made of `docs/coverage.tsv`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use mapspec::corpus;

/// What the experiments are about, by their first letter, and how many there are.
const FAMILIES: [(char, &str, usize); 10] = [
    ('A', "Arguments of mmap", 16),
    ('B', "Accesses and faults", 13),
    ('C', "Private mappings, truncate, punch, madvise", 21),
    ('D', "Seals", 20),
    ('E', "Copy-on-write, fork, the zero page", 18),
    ('F', "Pins", 48),
    ('G', "userfaultfd", 21),
    ('H', "mprotect, mremap, mappings", 16),
    ('I', "Odd corners", 14),
    ('P', "Pins by process_vm_readv and process_vm_writev", 42),
];

struct Experiment {
    id: String,
    title: String,
    tests: Vec<String>,
    remark: String,
}

fn experiments() -> Vec<Experiment> {
    let text = fs::read_to_string("../docs/coverage.tsv").unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("id\texperiment\ttests\twhat no test shows"));
    lines
        .map(|line| {
            let Ok([id, title, tests, remark]) =
                <[_; 4]>::try_from(line.split('\t').map(str::to_owned).collect::<Vec<_>>())
            else {
                panic!("not four columns: {line}")
            };
            let tests = tests.split_whitespace().map(str::to_owned).collect();
            Experiment { id, title, tests, remark }
        })
        .collect()
}

#[test]
fn each_experiment_is_there_once() {
    let experiments = experiments();
    assert!(experiments.is_sorted_by(|one, other| one.id < other.id));
    for (family, _, count) in FAMILIES {
        let found = experiments.iter().filter(|it| it.id.starts_with(family)).count();
        assert_eq!(found, count, "{family}");
    }
    assert_eq!(experiments.len(), FAMILIES.iter().map(|(_, _, count)| count).sum::<usize>());
}

#[test]
fn each_experiment_has_a_test_that_there_is_or_a_reason() {
    let corpus = corpus::built_in().unwrap_or_default();
    let names: BTreeSet<_> = corpus.iter().map(|entry| entry.test.name.as_str()).collect();
    for Experiment { id, tests, remark, .. } in experiments() {
        assert!(!tests.is_empty() || !remark.is_empty(), "{id}");
        for test in &tests {
            assert!(names.contains(test.as_str()), "{id}: there is no test {test}");
        }
        for refused in remark.split('`').filter_map(|word| word.strip_prefix("refused.")) {
            assert!(
                fs::exists(format!("tests/refused/{refused}.litmus")).unwrap(),
                "{id}: {refused}"
            );
        }
    }
}

#[test]
fn the_table_of_experiments_is_that_of_the_data() {
    super::check("../docs/src/coverage.md", &table(&experiments()));
}

fn table(experiments: &[Experiment]) -> String {
    let count = |filter: fn(&&Experiment) -> bool| experiments.iter().filter(filter).count();
    let mut table = format!(
        "{} experiments: {} are tests as a whole, {} in part, {} not.\n",
        experiments.len(),
        count(|it| !it.tests.is_empty() && it.remark.is_empty()),
        count(|it| !it.tests.is_empty() && !it.remark.is_empty()),
        count(|it| it.tests.is_empty()),
    );
    for (family, about, _) in FAMILIES {
        write!(table, "\n### {family}: {about}\n| | experiment | tests | what no test shows |\n")
            .unwrap();
        table += "| --- | --- | --- | --- |\n";
        for it in experiments.iter().filter(|it| it.id.starts_with(family)) {
            let tests: Vec<_> = it.tests.iter().map(|test| format!("`{test}`")).collect();
            let title = it.title.replace('|', "\\|").replace('<', "&lt;").replace('*', "\\*");
            writeln!(table, "| {} | {title} | {} | {} |", it.id, tests.join(", "), it.remark)
                .unwrap();
        }
    }
    table
}
