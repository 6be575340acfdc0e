//! `MAP_NOSIGBUS` as compositors emulate it, held to the proposal that it stands in for.

mod common;

use std::collections::BTreeSet;
use std::fs;

use common::{assert_exit, mapspec, text};
use fastrand::Rng;
use mapspec::corpus::built_in;
use mapspec::litmus::{self, Test};
use mapspec_oracle::capability::Capabilities;
use tempfile::TempDir;

const EMULATION: [&str; 3] = ["check", "--target", "emulation"];

/// What is said of one test.
fn verdict(arguments: &[&str], test: &str) -> (String, String) {
    let path = format!("../corpus/{}.litmus", test.replacen('.', "/", 1));
    let text = text(&mapspec(&[&EMULATION, arguments, &[path.as_str()]].concat()));
    let line = text.lines().find(|line| line.contains(test)).unwrap_or_else(|| panic!("{text}"));
    (line.split_whitespace().next().unwrap().to_owned(), text)
}

#[test]
fn it_departs_from_the_proposal_where_that_is_said_and_nowhere_else() {
    let capabilities = Capabilities::detect();
    let corpus = built_in().unwrap();
    let tests = corpus.iter().filter(|it| it.test.name.starts_with("nosigbus."));
    let possible = tests.filter(|it| capabilities.allow(&it.test.program()).is_ok());
    let expected: BTreeSet<_> = possible
        .filter(|it| it.test.name.starts_with("nosigbus.departs-"))
        .map(|it| it.test.name.clone())
        .collect();
    assert!(expected.len() >= 8, "{expected:?}");
    let output = mapspec(&[&EMULATION[..], &["../corpus/nosigbus"]].concat());
    assert_exit(&output, 1);
    let text = text(&output);
    let of = |verdict: &str| -> BTreeSet<_> {
        let lines =
            text.lines().filter_map(|line| line.strip_prefix(verdict)?.trim().split(':').next());
        lines.map(str::to_owned).collect()
    };
    assert_eq!(of("diverge "), expected, "{text}");
    assert!(of("agree ").len() >= 14, "{text}");
    assert!(of("broken ").is_empty() && of("misclaim ").is_empty(), "{text}");
}

/// Where nothing takes pages away or divides mappings, and the kernel itself stays out, no program
/// can tell the emulation from the proposal.
#[test]
fn programs_that_only_access_memory_and_grow_files_cannot_tell() {
    let folder = TempDir::new().unwrap();
    let alphabet = litmus::parse(
        "A: pwrite(f, 0p, 1p, 1)\nA: pwrite(f, 1p, 1p, 2)\nA: mmap(@0, 1p, r, private|nosigbus, f, 1p)\n\
         A: mmap(@0, 2p, rw, private|nosigbus, f, 0p)\nA: mmap(@1, 1p, rw, private, f, 0p)\n\
         A: mprotect(@0, 1p, r)\nA: mprotect(@0, 2p, rw)\nA: mprotect(@1, 1p, none)\nA: load(@0)\n\
         A: load(@1)\nA: store(@0, 3)\nA: store(@1.5, 4)\nA: cmpxchg(@1, 0, 5)\nA: munmap(@0, 1p)\n",
    );
    let alphabet = alphabet.unwrap().program();
    let first =
        litmus::parse("A: f = memfd_create()\nA: mmap(@0, 2p, rw, private|nosigbus, f, 0p)\n");
    let first = first.unwrap().program();
    let mut random = Rng::with_seed(1);
    for number in 0..400 {
        let drawn = (0..8).map(|_| alphabet[random.usize(..alphabet.len())]);
        let program: Vec<_> = first.iter().copied().chain(drawn).collect();
        let test = Test::of_program(&format!("emulation.{number}"), &program);
        fs::write(folder.path().join(format!("{number}.litmus")), litmus::text(&test)).unwrap();
    }
    let output = mapspec(&[&EMULATION[..], &[folder.path().to_str().unwrap()]].concat());
    assert_exit(&output, 0);
    assert!(text(&output).contains("400 tests: 400 agree"), "{}", text(&output));
}

#[test]
fn a_broken_emulation_is_noticed() {
    let idle = ["--sabotage", "idle-emulation:nosigbus.private-load-past-the-end"];
    assert_eq!(verdict(&[], "nosigbus.private-load-past-the-end").0, "agree");
    let (word, text) = verdict(&idle, "nosigbus.private-load-past-the-end");
    assert_eq!(word, "diverge", "{text}");
    assert!(text.contains("kernel SIGBUS/ADRERR"), "{text}");
}

/// As libwayland and wlroots do it.
#[test]
fn replacing_valid_pages_too_is_noticed() {
    let coarse = ["--sabotage", "coarse-emulation:nosigbus.compositor-when-the-client-shrinks"];
    assert_eq!(verdict(&[], "nosigbus.compositor-when-the-client-shrinks").0, "agree");
    let (word, text) = verdict(&coarse, "nosigbus.compositor-when-the-client-shrinks");
    assert_eq!(word, "diverge", "{text}");
    assert!(text.contains("model 7, kernel 0"), "{text}");
}

#[test]
fn no_kernel_is_asked_about_a_proposal() {
    let output = mapspec(&["check", "--policy", "nosigbus-private", "../corpus/nosigbus"]);
    assert_exit(&output, 4);
    let shown = text(&output);
    assert!(shown.contains("no kernel has `nosigbus`") && !shown.contains("agree "), "{shown}");
    let (word, shown) = verdict(&["--policy", "nosigbus-any"], "nosigbus.shared-load-past-the-end");
    assert_eq!(word, "skip", "{shown}");
    assert!(shown.contains("private mappings only"), "{shown}");
}

/// A campaign has mappings ask, or it would have nothing to compare.
#[test]
fn a_campaign_finds_the_departures() {
    let folder = TempDir::new().unwrap();
    let state = folder.path().join("state");
    let state = state.to_str().unwrap();
    let arguments =
        ["fuzz", "--target", "emulation", "--time", "5s", "--jobs", "1", "--state", state];
    let output = mapspec(&[&arguments[..], &["--favor", "mmap,load,process_vm_readv"]].concat());
    let text = text(&output);
    assert!(text.contains("nosigbus") && text.contains("EFAULT"), "{text}");
    assert_exit(&output, 1);
}
