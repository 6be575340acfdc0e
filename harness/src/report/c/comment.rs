//! The comment at the start of a program.

use super::Repro;
use crate::report::text::wrap;

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
        for line in wrap(&paragraph.replace("*/", "* /"), 72) {
            text += &format!(" * {line}\n");
        }
    }
    text + " */\n"
}
