//! `mapspec explore`: what is exhausted, what is found, how it ends.

mod common;

use std::collections::HashSet;
use std::fs;
use std::ops::ControlFlow;
use std::time::Duration;

use common::{assert_exit, mapspec, text};
use mapspec::compare::model_trace;
use mapspec::explore::{self, Alphabet, Configuration, Ending, Exploration, Found, Limits};
use mapspec::litmus;
use mapspec_model::op::Call;
use mapspec_model::policy::{FIELDS, Kind, PRESETS, Policy};
use mapspec_model::property::{self, Property};
use tempfile::TempDir;

/// How many worlds the configuration `private` has. It changes with its alphabet.
const PRIVATE_STATES: usize = 11377;

/// How many worlds the small configurations have that are one group's alone.
const OTHERS: &[(&str, usize)] = &[
    ("writers", 13997),
    ("file-sizes", 14236),
    ("seal-writers", 7222),
    ("seal-pins", 45970),
    ("userfaultfd-move", 43642),
    ("pin-writers", 77074),
    ("fork-advice", 87330),
];

/// For each property and each mistake under which it fails: where, and the length of the shortest
/// program.
const TWINS: &[(&str, &str, &str, usize)] = &[
    ("private", "the-invariant-is-kept", "fork_does_not_write_protect", 3),
    ("seals", "failure-changes-nothing", "refused_mmap_removes_old_mapping", 4),
    ("private", "copy-on-write-is-invisible", "copy_on_write_ignores_other_owners", 5),
    ("private", "copy-on-write-is-invisible", "fork_does_not_write_protect", 5),
    ("file", "a-private-store-spares-files", "private_store_reaches_the_file", 4),
    ("private", "a-private-store-spares-others", "copy_on_write_ignores_other_owners", 4),
    ("private", "a-private-store-spares-others", "fork_does_not_write_protect", 4),
    ("file", "a-shared-store-is-seen", "shared_store_stays_private", 4),
    ("private", "the-zero-page-is-not-written", "zero_page_swallows_stores", 3),
    ("private", "fork-copies", "fork_forgets_private_pages", 3),
    ("private", "noreplace-keeps-what-is-there", "no_replace_is_ignored", 3),
    ("pins", "a-pin-of-private-memory-is-reliable", "copy_on_write_counts_references", 5),
    ("pins", "a-private-store-spares-pins-of-others", "copy_on_write_ignores_pins", 6),
    ("file", "sigbus-exactly-past-the-end", "pages_past_end_are_accessible", 3),
    ("file", "truncate-drops-private-copies", "truncate_keeps_private_copies", 5),
    ("file", "punching-keeps-private-copies", "punch_drops_private_copies", 5),
    ("userfaultfd", "markers-are-of-one-process", "write_protection_is_of_the_file", 6),
    ("file", "truncate-loses-what-it-cuts", "truncate_keeps_tail", 3),
    ("file", "growth-reads-zero", "bytes_past_end_survive_growth", 5),
    ("seals", "a-read-only-descriptor-never-writes", "read_only_descriptor_may_write", 3),
    ("seals", "seals-only-grow", "adding_seals_replaces_them", 3),
    ("seals", "f-seal-seal-freezes-seals", "seal_seal_does_not_bind", 3),
    ("seals", "f-seal-shrink-keeps-the-size", "shrink_seal_does_not_bind", 4),
    ("seals", "f-seal-grow-keeps-the-size", "grow_seal_does_not_bind_writes", 3),
    ("seals", "f-seal-write-leaves-no-writer", "write_seal_ignores_mappings", 3),
    ("seals", "f-seal-write-leaves-no-writer", "implied_write_seal_ignores_mappings", 3),
    ("seals", "sealed-content-never-changes", "write_seal_ignores_mappings", 5),
    ("seals", "sealed-content-never-changes", "implied_write_seal_ignores_mappings", 5),
    ("seals", "sealed-content-never-changes", "shrink_seal_does_not_bind", 4),
    ("seals", "f-seal-future-write-allows-no-new-writer", "future_write_seal_does_not_bind", 3),
    ("nosigbus", "no-sigbus-where-it-is-not-wanted", "nosigbus_is_for_loads", 3),
    ("nosigbus", "growth-spares-what-was-past-the-end", "nosigbus_follows_growth", 4),
    ("nosigbus", "fork-copies", "nosigbus_is_lost_by_fork", 4),
];

/// The kernel that makes the mistakes: what is only proposed needs the proposal.
fn without_mistakes(configuration: &str) -> Policy {
    let proposal = if configuration == "nosigbus" { "nosigbus-private" } else { "linux-7.2" };
    Policy::named(proposal).unwrap()
}

fn configuration(name: &str) -> Configuration {
    explore::all().unwrap().into_iter().find(|it| it.name == name).unwrap()
}

fn exploration(name: &str, policy: Policy, properties: &[&'static Property]) -> Exploration {
    let alphabet = Alphabet::new(&configuration(name).test);
    Exploration::new(alphabet, policy, 1, properties)
}

fn limits(jobs: usize) -> Limits {
    Limits { time: None, memory: u64::MAX, jobs }
}

fn search(exploration: &Exploration, limits: &Limits) -> Found {
    explore::search(exploration, limits, |_| ControlFlow::Continue(()))
}

#[test]
fn private_memory_is_exhausted_alike_by_any_number_of_jobs() {
    let properties = configuration("private").properties;
    for jobs in [1, 3] {
        let exploration = exploration("private", Policy::default(), &properties);
        let found = search(&exploration, &limits(jobs));
        assert_eq!(found.ending, Ending::Exhausted, "{jobs} jobs");
        assert_eq!(found.states, PRIVATE_STATES, "{jobs} jobs");
        assert!(found.silent.is_empty(), "{:?}", found.silent);
    }
}

#[test]
fn small_configurations_are_exhausted_with_a_witness_of_every_property() {
    for &(name, states) in OTHERS {
        let properties = configuration(name).properties;
        // The larger ones take too long to be repeated.
        let jobs: &[_] = if states < 25_000 { &[1, 2] } else { &[2] };
        for &jobs in jobs {
            let exploration = exploration(name, Policy::named("linux-6.18").unwrap(), &properties);
            let found = search(&exploration, &limits(jobs));
            assert_eq!(found.ending, Ending::Exhausted, "{name}, {jobs} jobs");
            assert_eq!(found.states, states, "{name}, {jobs} jobs");
            assert!(found.silent.is_empty(), "{name}: {:?}", found.silent);
        }
    }
}

#[test]
fn private_memory_is_right_under_the_oldest_and_the_newest_preset() {
    for (name, _) in PRESETS.first().into_iter().chain(PRESETS.last()) {
        let policy = Policy::named(name).unwrap();
        let properties = configuration("private").properties;
        let found = search(&exploration("private", policy, &properties), &limits(2));
        assert_eq!(found.ending, Ending::Exhausted, "{name}");
    }
}

#[test]
fn every_property_fails_under_its_mistakes_with_a_program_of_minimal_length() {
    for &(configuration, property, mistake, length) in TWINS {
        let property = property::named(property).unwrap();
        let policy = without_mistakes(configuration).with(mistake, true).unwrap();
        let exploration = exploration(configuration, policy, &[property]);
        let found = explore::shortest(&exploration, property, &limits(1)).unwrap();
        assert_eq!(found.program.len(), length, "{}, {mistake}: {found:?}", property.name);
        assert_eq!(found.trace, model_trace(&found.program, &policy));
        let text = litmus::text(&found.test());
        assert_eq!(litmus::parse(&text).unwrap().program(), found.program, "{text}");
    }
}

/// What copy-on-write was before Linux 5.19: by references, and by mappings alone.
#[test]
fn a_pin_is_reliable_since_pages_know_that_they_are_exclusive() {
    let reliable = property::named("a-pin-of-private-memory-is-reliable").unwrap();
    let spares = property::named("a-private-store-spares-pins-of-others").unwrap();
    for (kernel, property, length) in
        [("linux-5.10", reliable, 5), ("linux-5.7", reliable, 5), ("linux-5.7", spares, 6)]
    {
        let policy = Policy::named(kernel).unwrap();
        let exploration = exploration("pins", policy, &[property]);
        let found = explore::shortest(&exploration, property, &limits(1)).unwrap();
        assert_eq!(found.program.len(), length, "{kernel}, {}: {found:?}", property.name);
    }
    assert!(!reliable.is_expected(&Policy::named("linux-5.10").unwrap()));
    assert!(!spares.is_expected(&Policy::named("linux-5.7").unwrap()));
    for (kernel, _) in PRESETS.iter().filter(|(_, version)| *version >= (5, 19)) {
        assert!(reliable.is_expected(&Policy::named(kernel).unwrap()), "{kernel}");
    }
}

/// Under the same alphabet, without the changes of protection: all of it takes a minute.
#[test]
fn a_pin_is_reliable() {
    let mut test = configuration("pins").test;
    test.lines.retain(|line| line.statement.op.call() != Call::Mprotect);
    let properties = configuration("pins").properties;
    let exploration = Exploration::new(Alphabet::new(&test), Policy::default(), 1, &properties);
    let found = search(&exploration, &limits(2));
    assert_eq!(found.ending, Ending::Exhausted);
    assert!(found.silent.is_empty(), "{:?}", found.silent);
}

#[test]
fn every_mistake_of_a_property_has_its_test() {
    let tested: HashSet<_> =
        TWINS.iter().map(|(_, property, mistake, _)| (*property, *mistake)).collect();
    let stated =
        property::ALL.iter().flat_map(|it| it.mistakes.iter().map(|mistake| (it.name, *mistake)));
    assert_eq!(tested, stated.collect());
    for (_, mistake) in tested {
        let field = FIELDS.iter().find(|field| field.name == mistake).unwrap();
        let is_history = field.presets()[0] && !field.presets()[PRESETS.len() - 1];
        let is_wrong = matches!(field.kind, Kind::Bug | Kind::Proposal);
        assert!(is_wrong || is_history, "{mistake}");
    }
}

#[test]
fn what_is_stopped_is_not_exhausted() {
    let properties = configuration("file").properties;
    let exploration = exploration("file", Policy::default(), &properties);
    let found = search(&exploration, &Limits { time: Some(Duration::ZERO), ..limits(2) });
    assert_eq!(found.ending, Ending::Stopped("the time is over"));
    let output = mapspec(&["explore", "file", "--memory", "1", "--policy", "linux-6.18"]);
    assert_exit(&output, 3);
    let text = text(&output);
    assert!(text.contains("not exhausted: the memory is used up"), "{text}");
    assert!(text.contains("unknown") && !text.contains("  holds "), "{text}");
}

#[test]
fn a_violation_is_a_litmus_test_and_is_replayed() {
    let policy = "linux-6.18,copy_on_write_ignores_other_owners";
    let arguments =
        ["explore", "private", "--property", "copy-on-write-is-invisible", "--policy", policy];
    let output = mapspec(&arguments);
    assert_exit(&output, 1);
    let text = text(&output);
    assert!(text.contains("fails    copy-on-write-is-invisible"), "{text}");
    assert!(text.contains("# the manual pages promise 1 of the last statement"), "{text}");
    assert!(text.contains("# this kernel does something else"), "{text}");
    let test = text.split_once("\ntest:").unwrap().1;
    assert_eq!(litmus::parse(&format!("test:{test}")).unwrap().lines.len(), 5, "{text}");
}

#[test]
fn any_litmus_test_is_an_alphabet() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("mine.litmus");
    fs::write(&path, "test: mine.one\n\nA: mmap(@0, 1p, rw, private|anon)\nA: store(@0, 1)\n")
        .unwrap();
    let path = path.to_str().unwrap();
    let output = mapspec(&["explore", "--alphabet", path, "--policy", "linux-6.18"]);
    assert_exit(&output, 0);
    let text = text(&output);
    assert!(text.contains("exhausted: 3 states, 6 steps"), "{text}");
    assert!(text.contains("vacuous  fork-copies"), "{text}");
    assert_exit(&mapspec(&["explore", "nothing"]), 2);
    assert_exit(&mapspec(&["explore", "--property", "nothing"]), 2);
    assert_exit(&mapspec(&["explore", "--list"]), 0);
}
