//! The parser and the printer.

use mapspec_model::policy::Policy;

use super::{Failure, program};
use crate::compare::model_trace;
use crate::litmus::{Diagnostic, Expectation, Test, parse, text};

/// The bytes, read as a text, are understood or refused at some place; and what is understood, as
/// well as the program that the bytes stand for, prints and parses back to itself.
///
/// # Errors
/// They are not, or it does not. A panic of the parser is its own report; the input is the text.
pub fn litmus(bytes: &[u8]) -> Result<(), Failure> {
    let read = String::from_utf8_lossy(bytes);
    match parse(&read) {
        Ok(test) => round_trip(&test, text)?,
        Err(diagnostic) => is_in_place(&diagnostic, &read)?,
    }
    round_trip(&claiming(bytes), text)
}

/// The mistake lies in the text, and the message says what was expected there.
///
/// # Errors
/// It does not.
pub fn is_in_place(diagnostic: &Diagnostic, text: &str) -> Result<(), Failure> {
    let message = diagnostic.render("input", text, false);
    if diagnostic.span.end <= text.len() + 1 && message.contains("expected") {
        return Ok(());
    }
    let what = format!("a mistake that is nowhere: {diagnostic:?}\n{message}");
    Err(Failure { what, text: text.to_owned() })
}

/// The generated program, with the model's outcomes as its claims.
fn claiming(bytes: &[u8]) -> Test {
    let program = program(bytes);
    let mut test = Test::of_program("fuzz.litmus", &program);
    for (line, outcome) in test.lines.iter_mut().zip(model_trace(&program, &Policy::default())) {
        line.expectation = Some(Expectation { alternatives: vec![(outcome, None)] });
    }
    test
}

/// The test prints and parses back to itself.
///
/// # Errors
/// It does not.
pub fn round_trip(test: &Test, print: impl Fn(&Test) -> String) -> Result<(), Failure> {
    let printed = print(test);
    let what = match parse(&printed) {
        Ok(parsed) if parsed == *test => return Ok(()),
        Ok(parsed) => format!("printed and parsed, the test is another:\n{parsed:?}\n{test:?}"),
        Err(diagnostic) => diagnostic.render("printed", &printed, false),
    };
    Err(Failure { what, text: printed })
}
