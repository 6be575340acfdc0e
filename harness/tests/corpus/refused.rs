//! What nothing is claimed of: each file of `tests/refused` is a program whose last statement leaves
//! the model's bounds, so that the parser refuses it.

use std::fs;

use mapspec::litmus::parse;

#[test]
fn the_last_statement_leaves_the_bounds_and_no_other() {
    let mut files = 0;
    for entry in fs::read_dir("tests/refused").unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let last = text.trim_end().rfind('\n').unwrap() + 1;
        let refusal = parse(&text).expect_err(&format!("{} is claimed", path.display()));
        let shown = refusal.render(&path.display().to_string(), &text, false);
        assert_eq!(refusal.message, "this leaves the bounds of the model", "{shown}");
        assert_eq!(refusal.span.start, last, "{shown}");
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(text.starts_with(&format!("test:  refused.{name}\nabout: ")), "{text}");
        files += 1;
    }
    assert!(files > 30, "{files}");
}
