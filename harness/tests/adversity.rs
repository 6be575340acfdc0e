//! Adversity does not show, and what shows is no adversity.

mod common;

use common::{assert_exit, mapspec, text};

#[test]
fn no_verdict_of_the_corpus_changes() {
    for seed in 1..=10 {
        let seed = seed.to_string();
        let output = mapspec(&["check", "--adversity", "--seed", &seed, "--timeout", "60"]);
        assert_exit(&output, 0);
        let text = text(&output);
        assert!(text.contains(&format!("under adversity, seed {seed}\n")), "{text}");
        assert!(text.contains("known    known.tmpfs-post-eof: tmpfs-post-eof"), "{text}");
    }
}

#[test]
fn a_wrong_rule_of_the_model_is_found_all_the_same() {
    let wrong_rules = [
        ("copy_on_write_ignores_other_owners", "../corpus/fork"),
        ("truncate_keeps_private_copies", "../corpus/truncate"),
        ("dontneed_removes_guards", "../corpus/guard"),
    ];
    for (rule, tests) in wrong_rules {
        let policy = format!("detected,{rule}");
        let output = mapspec(&["check", "--adversity", "--policy", &policy, tests]);
        assert_exit(&output, 1);
        assert!(text(&output).contains("\ndiverge  "), "{rule}: {}", text(&output));
    }
}

#[test]
fn advice_that_shows_is_found() {
    let showing = [
        ("dontneed", "private"),
        ("free", "fork"),
        ("remove", "fork"),
        ("dontfork", "fork"),
        ("wipeonfork", "fork"),
        ("populate_write", "private"),
        ("guard_install", "private"),
    ];
    for (advice, subject) in showing {
        let tests = format!("../corpus/{subject}");
        let output = mapspec(&["check", "--adversity", "--advice", advice, &tests]);
        assert_exit(&output, 1);
        let text = text(&output);
        let shown = text.lines().filter(|line| line.starts_with("misclaim ")).count();
        assert!(shown > 3 && !text.contains("\ndiverge "), "{advice}: {text}");
    }
}

/// Where the model is wrong about the advice as well, the kernel is not the model.
#[test]
fn advice_that_shows_is_found_where_the_model_believes_it_does_not() {
    let policy = "detected,dontneed_keeps_private_memory";
    let private = "../corpus/private";
    let output =
        mapspec(&["check", "--adversity", "--advice", "dontneed", "--policy", policy, private]);
    assert_exit(&output, 1);
    let text = text(&output);
    let line = text.lines().find(|line| line.starts_with("diverge  private.")).unwrap_or_default();
    assert!(line.contains("model ") && line.contains("kernel "), "{text}");
}

#[test]
fn the_same_seed_is_the_same_adversity() {
    let arguments = ["check", "--adversity", "--advice", "dontneed", "--seed", "7"];
    let [one, two] = ["1", "2"].map(|jobs| {
        let output = mapspec(&[&arguments[..], &["../corpus/private", "--jobs", jobs]].concat());
        let text = text(&output);
        text.lines().filter(|line| line.starts_with("misclaim ")).map(str::to_owned).collect()
    });
    let one: Vec<String> = one;
    assert!(!one.is_empty());
    assert_eq!(one, two);
}
