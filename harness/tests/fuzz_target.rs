//! What the fuzz targets check: each finds what is planted, and says it with a test that runs.

use mapspec::catalogue::{Attribution, KnownBug};
use mapspec::compare::{first_misclaim, model_trace};
use mapspec::differ::{Class, Difference};
use mapspec::examine::{Divergence, Verdict};
use mapspec::fuzz_target::{differential, is_in_place, litmus, refinement, round_trip};
use mapspec::litmus::{Diagnostic, Test, parse, text};
use mapspec::view::View;
use mapspec_model::op::Actor;
use mapspec_model::outcome::Outcome;
use mapspec_model::policy::Policy;
use mapspec_oracle::Reason;
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;

/// Inputs for the targets, the same ones in each run.
fn inputs() -> impl Iterator<Item = Vec<u8>> {
    let mut runner = TestRunner::deterministic();
    let bytes = vec(any::<u8>(), 256);
    std::iter::repeat_with(move || bytes.new_tree(&mut runner).unwrap().current())
}

#[test]
fn refinement_finds_a_wrong_copy_on_write() {
    let planted = "linux-6.18,copy_on_write_ignores_other_owners".parse().unwrap();
    let failure = inputs().take(20_000).find_map(|bytes| refinement(&bytes, &planted).err());
    let failure = failure.expect("some program forks and stores");
    let test = parse(&failure.to_string()).unwrap();
    assert!(test.lines.len() < 10, "{failure}");
    let policy = planted.correct(Policy::named("linux-6.18").unwrap());
    let last = test.lines.len() - 1;
    let wrong = first_misclaim(&test, &model_trace(&test.program(), &policy), &policy).unwrap();
    assert_eq!(wrong.place, last, "{failure}");
    let right = Policy::named("linux-6.18").unwrap();
    assert_eq!(first_misclaim(&test, &model_trace(&test.program(), &right), &right), None);
    assert!(failure.what.ends_with("--policy linux-6.18,copy_on_write_ignores_other_owners"));
}

#[test]
fn litmus_accepts_what_the_generator_and_the_parser_do() {
    for bytes in inputs().take(500) {
        assert_eq!(litmus(&bytes), Ok(()));
    }
}

#[test]
fn litmus_finds_a_printer_that_forgets_or_garbles() {
    let test = parse("test: x\n\nA: f = memfd_create()\nA: close(f) = 0\n").unwrap();
    let forgets = |test: &Test| text(test).replace(" = 0", "");
    assert!(round_trip(&test, forgets).unwrap_err().what.contains("another"));
    let garbles = |test: &Test| text(test).replace("close(f)", "close(");
    let failure = round_trip(&test, garbles).unwrap_err();
    assert!(failure.what.contains("expected") && failure.text.contains("close("), "{failure}");
}

#[test]
fn litmus_finds_a_mistake_that_is_nowhere() {
    let text = "A: close(f)\n";
    assert_eq!(is_in_place(&Diagnostic::new(3..8, "wrong", "a call"), text), Ok(()));
    let nowhere = Diagnostic::new(3..99, "wrong", "a call");
    assert!(is_in_place(&nowhere, text).unwrap_err().what.contains("nowhere"));
}

/// What the differential target makes of verdicts that come one after the other.
fn judged(verdicts: Vec<Verdict>) -> Result<(), String> {
    let mut verdicts = verdicts.into_iter();
    let input = inputs().next().unwrap();
    let result = differential(&input, |_| verdicts.next().expect("no more tries"));
    assert_eq!(verdicts.next().map(|_| ()), None, "too few tries");
    result.map_err(|failure| {
        assert!(!parse(&failure.to_string()).unwrap().lines.is_empty(), "{failure}");
        failure.what
    })
}

#[test]
fn differential_passes_what_agrees_is_known_or_cannot_be_seen() {
    let bug = KnownBug {
        id: "x".into(),
        about: String::new(),
        field: "y".into(),
        affected: String::new(),
        fixed: String::new(),
    };
    assert_eq!(judged(vec![Verdict::Agree]), Ok(()));
    assert_eq!(judged(vec![Verdict::Known(Attribution { bugs: vec![bug], until: None })]), Ok(()));
    assert_eq!(judged(vec![Verdict::Skip("needs root".into())]), Ok(()));
}

#[test]
fn differential_tries_a_broken_program_once_more() {
    let broken = || Verdict::Broken(Reason::Killed { actor: Actor::A, signal: 9 }, 1);
    assert_eq!(judged(vec![broken(), Verdict::Agree]), Ok(()));
    assert!(judged(vec![broken(), broken()]).unwrap_err().contains("killed by signal 9"));
}

#[test]
fn differential_reports_a_divergence_without_colors() {
    let program = parse("A: f = memfd_create()\nA: close(f)\n").unwrap().program();
    let (model, kernel) = (Outcome::Success, Outcome::EndOfFile);
    let difference = Difference {
        own: program.len(),
        class: Class::new(&program[1], model, kernel),
        program,
        beside: Vec::new(),
        policy: Policy::default(),
        trace: vec![Outcome::Success],
        model,
        kernel,
    };
    let found = Divergence {
        difference,
        claim: None,
        mechanism: None,
        rate: (7, 10),
        before: View::default(),
        after: View::default(),
    };
    let what = judged(vec![Verdict::Diverge(Box::new(found))]).unwrap_err();
    assert!(what.contains("kernel: EOF  (not the model's in 7 of 10 runs)"), "{what}");
    assert!(!what.contains('\u{1b}'), "{what}");
}
