//! Comments: at the start of a program, and those of its test.

use super::Repro;
use crate::report::text::wrap;

/// Columns of a comment.
const WIDTH: usize = 72;

/// What the test shows, who says so, and how to run it.
pub fn comment(repro: &Repro<'_>) -> String {
    let test = repro.test;
    let mut paragraphs = vec![test.name.clone(), test.about.clone()];
    if !test.reference.is_empty() {
        paragraphs.push(format!("Specified by: {}", test.reference));
    }
    if !test.affected.is_empty() {
        paragraphs
            .push(format!("A known bug. Affected: {}. Fixed: {}.", test.affected, test.fixed));
    }
    paragraphs.push(format!("Expected under the policy {}.", repro.policy_name));
    paragraphs.push(
        "Exit status: 0 the kernel behaves as specified, 1 it does not, 4 that cannot be told."
            .to_owned(),
    );
    let mut text = "/*\n".to_owned();
    for (place, paragraph) in paragraphs.iter().filter(|it| !it.is_empty()).enumerate() {
        if place > 0 {
            text += " *\n";
        }
        for line in wrap(&harmless(paragraph), WIDTH) {
            text += &format!(" * {line}\n");
        }
    }
    text + " */\n"
}

/// The lines of a comment in the test, above the statement that it is about.
pub fn beside(comments: &[String]) -> Vec<String> {
    let lines = wrap(&harmless(&comments.join(" ")), WIDTH);
    match lines.as_slice() {
        [] => Vec::new(),
        [line] => vec![format!("/* {line} */")],
        lines => {
            let lines = lines.iter().map(|line| format!(" * {line}"));
            std::iter::once("/*".to_owned()).chain(lines).chain([" */".to_owned()]).collect()
        }
    }
}

/// A text that neither begins nor ends a comment.
fn harmless(text: &str) -> String {
    text.replace("*/", "* /").replace("/*", "/ *")
}
