//! The report as plain text that can be mailed as it is.

use std::fmt::Write as _;

use super::{Evidence, Machine};
use crate::litmus::{outcome_text, statement_text};
use crate::report::text::wrap;

/// Columns of a mail.
const WIDTH: usize = 72;

/// What a reader must know who has never seen a litmus test.
const NOTATION: &str = "A, B and C are processes; @0 to @7 are the pages of an area of memory, and @0.5 is \
    the middle of the first; 2p is the length of two pages; values are those of one byte. A \
    call like store() is an access of the processor.";

/// The report.
pub fn text(evidence: &Evidence) -> String {
    let mut text = String::new();
    paragraph(&mut text, "", &evidence.summary());
    text.push('\n');
    paragraph(&mut text, "", &evidence.test.about);
    let (statement, model, kernel) = evidence.difference();
    let op = &statement.op;
    let (differs, runs) = evidence.rate;

    heading(&mut text, "What should happen");
    let call = statement_text(&statement);
    paragraph(&mut text, "  ", &format!("{call} comes to {}.", outcome_text(op, model)));
    paragraph(&mut text, "  ", &format!("Reference: {}", evidence.reference()));

    heading(&mut text, "What happens");
    paragraph(&mut text, "  ", &format!("{call} comes to {}.", outcome_text(op, kernel)));
    paragraph(
        &mut text,
        "  ",
        &format!("Seen in {differs} of {runs} runs, each in new processes."),
    );

    if !evidence.known.is_empty() {
        heading(&mut text, "Known");
        for bug in &evidence.known {
            paragraph(&mut text, "  ", &format!("known: {}", bug.advice()));
            paragraph(&mut text, "  ", &format!("affected: {}", bug.affected));
        }
    }

    heading(&mut text, "Steps");
    text += &steps(evidence);
    paragraph(&mut text, "  ", NOTATION);

    heading(&mut text, "Where it was seen");
    text += &machine(&evidence.machine);
    let version = env!("CARGO_PKG_VERSION");
    let policy = &evidence.policy_name;
    paragraph(&mut text, "  ", &format!("mapspec {version}, policy {policy}"));

    heading(&mut text, "How to see it");
    let program = match evidence.repro() {
        Ok(_) => {
            text += "  cc -std=c11 -pthread -o repro repro.c && ./repro; echo $?\n";
            "The program exits with 0 if the kernel behaves as specified, with 1 if it does not, with 4 \
             if it cannot tell."
                .to_owned()
        }
        Err(why) => format!("{why}."),
    };
    text += "  mapspec check test.litmus\n";
    paragraph(&mut text, "  ", &format!("{program} trace.json holds every outcome."));
    text
}

fn heading(text: &mut String, heading: &str) {
    let _ = writeln!(text, "\n{heading}");
}

fn paragraph(text: &mut String, indent: &str, words: &str) {
    for line in wrap(words, WIDTH - indent.len()) {
        let _ = writeln!(text, "{indent}{line}");
    }
}

/// The statements with their outcomes; of the last one, both.
fn steps(evidence: &Evidence) -> String {
    let last = evidence.test.lines.len() - 1;
    let mut text = String::new();
    for (place, line) in evidence.test.lines.iter().enumerate() {
        let op = &line.statement.op;
        let statement = statement_text(&line.statement);
        let kernel = outcome_text(op, evidence.kernel[place]);
        if place < last {
            let _ = writeln!(text, "    {statement:40} = {kernel}");
        } else {
            let model = outcome_text(op, evidence.model[place]);
            let _ = writeln!(text, "  > {statement}");
            let _ = writeln!(text, "      expected: {model}\n      observed: {kernel}");
        }
    }
    text
}

fn machine(machine: &Machine) -> String {
    let mut text = String::new();
    let Machine { release, version, architecture, processor, taint, options } = machine;
    paragraph(&mut text, "  ", &format!("Linux {release} {version}"));
    paragraph(&mut text, "  ", &format!("{architecture}, {processor}; {taint}"));
    paragraph(&mut text, "  ", &options.join(", "));
    text
}
