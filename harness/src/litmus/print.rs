//! From test to text.

use std::fmt::Write as _;

use mapspec_model::op::Statement;

use super::{Expectation, Line, Need, Test, call, outcome, value};

/// The column in which the `=` of an expectation stands, where the call leaves room.
const EXPECTATION_COLUMN: usize = 40;

/// The text of a test. It ends with a newline, and parses to the same test.
pub fn text(test: &Test) -> String {
    let needs: Vec<_> =
        test.needs.iter().filter_map(|need| value::name_of(Need::NAMES, *need)).collect();
    let header = [
        ("test", test.name.as_str()),
        ("about", &test.about),
        ("ref", &test.reference),
        ("needs", &needs.join(", ")),
        ("kernel", test.kernel.unwrap_or_default()),
        ("field", test.field.as_deref().unwrap_or_default()),
        ("affected", &test.affected),
        ("fixed", &test.fixed),
    ];
    let keys = header.iter().filter(|(_, value)| !value.is_empty()).map(|(key, _)| key.len());
    let width = keys.max().unwrap_or_default().max("about".len()) + ": ".len();
    let mut text = String::new();
    for (key, value) in header.into_iter().filter(|(_, value)| !value.is_empty()) {
        let key = format!("{key}:");
        let _ = writeln!(text, "{key:width$}{value}");
    }
    if !text.is_empty() {
        text.push('\n');
    }
    for line in &test.lines {
        for comment in &line.comments {
            text.push_str(format!("# {comment}").trim_end());
            text.push('\n');
        }
        text.push_str(&line_text(line));
        text.push('\n');
    }
    text
}

fn line_text(line: &Line) -> String {
    let statement = statement_text(&line.statement);
    match &line.expectation {
        Some(expectation) => {
            let claim = expectation_text(line, expectation);
            format!("{statement:width$} = {claim}", width = EXPECTATION_COLUMN - 1)
        }
        None => statement,
    }
}

/// A statement without its claim.
pub fn statement_text(statement: &Statement) -> String {
    let written = call::write(statement.actor, &statement.op);
    let arguments = written.arguments.join(", ");
    let name = written.binds.map(|name| format!("{name} = "));
    format!("{:?}: {}{}({arguments})", statement.actor, name.unwrap_or_default(), written.call)
}

fn expectation_text(line: &Line, expectation: &Expectation) -> String {
    let alternatives = expectation.alternatives.iter().map(|(outcome, condition)| {
        let outcome = outcome::text(&line.statement.op, *outcome);
        match condition {
            Some(condition) => {
                let not = if condition.value { "" } else { "!" };
                format!("{outcome} if {not}{}", condition.field)
            }
            None => outcome,
        }
    });
    alternatives.collect::<Vec<_>>().join(" | ")
}
