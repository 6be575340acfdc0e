//! What nothing is claimed of: each file of `tests/refused` is a program whose last statement leaves
//! the model's bounds, so that the parser refuses it.

use std::fs;

use mapspec::litmus::parse;
use mapspec_model::op::{Actor, Statement};
use mapspec_model::outcome::Outcome;
use mapspec_model::{Policy, step};

use super::world_after;

/// Each program with the place where its last statement begins, and the name of its file.
fn refused() -> impl Iterator<Item = (String, usize, String)> {
    fs::read_dir("tests/refused").unwrap().map(|entry| {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let last = text.trim_end().rfind('\n').unwrap() + 1;
        (text, last, path.file_stem().unwrap().to_str().unwrap().to_owned())
    })
}

#[test]
fn the_last_statement_leaves_the_bounds_and_no_other() {
    let mut files = 0;
    for (text, last, name) in refused() {
        let refusal = parse(&text).expect_err(&format!("{name} is claimed"));
        let shown = refusal.render(&name, &text, false);
        assert_eq!(refusal.message, "this leaves the bounds of the model", "{shown}");
        assert_eq!(refusal.span.start, last, "{shown}");
        assert!(text.starts_with(&format!("test:  refused.{name}\nabout: ")), "{text}");
        files += 1;
    }
    assert!(files > 30, "{files}");
}

/// The last statement is read alone, where most leave no bounds: as the first of its program.
#[test]
fn what_leaves_the_bounds_changes_nothing() {
    let mut statements = 0;
    for (text, last, name) in refused() {
        let actor = Actor::ALL.into_iter().find(|it| text[last..].starts_with(&format!("{it:?}:")));
        let (start, alone) = (parse(&text[..last]), parse(&format!("A{}", &text[last + 1..])));
        let (Ok(_), Ok(alone)) = (start, alone) else { continue };
        let before = world_after(&text[..last], &Policy::default());
        let mut after = before;
        let Statement { op, .. } = alone.program()[0];
        let outcome = step(&mut after, actor.unwrap(), &op, &Policy::default());
        assert_eq!(outcome, Outcome::BeyondBounds, "{name}");
        assert!(after == before, "{name}");
        statements += 1;
    }
    assert!(statements > 20, "{statements}");
}
