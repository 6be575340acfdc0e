//! The table of all operations, as the book shows it: what each is, how many tests of the corpus use
//! it, and in which fields of the policy kernels differ in it.

use mapspec_model::op::Call;
use mapspec_model::policy::{FIELDS, Kind, Policy};

use crate::compare::model_trace;
use crate::corpus::Entry;

/// The table, in Markdown.
pub fn operations(corpus: &[Entry]) -> String {
    let mut table =
        "| call | what it is | tests | kernels differ in |\n| --- | --- | ---: | --- |\n"
            .to_owned();
    for &call in Call::ALL {
        let about = call.about().split_whitespace().collect::<Vec<_>>().join(" ");
        let (syntax, about) = about.split_once("`: ").unwrap_or((&about, ""));
        let uses =
            |entry: &&Entry| entry.test.lines.iter().any(|line| line.statement.op.call() == call);
        let tests = corpus.iter().filter(uses).count();
        let fields: Vec<_> = differences(call, corpus).map(|it| format!("`{it}`")).collect();
        let row = [
            format!("{}`", syntax.trim_end_matches(['`', '.'])),
            about.to_owned(),
            tests.to_string(),
            fields.join(", "),
        ];
        let row = row.map(|cell| cell.replace('|', "\\|"));
        table += &format!("| {} |\n", row.join(" | "));
    }
    table
}

/// The fields whose own tests come to different outcomes in a statement of this call first.
fn differences(call: Call, corpus: &[Entry]) -> impl Iterator<Item = &'static str> {
    let differs = move |name: &str| {
        let entry = corpus.iter().find(|entry| entry.test.field.as_deref() == Some(name))?;
        let program = entry.test.program();
        let trace = |value| Some(model_trace(&program, &Policy::default().with(name, value)?));
        let pairs = trace(false)?.into_iter().zip(trace(true)?);
        let place = pairs.into_iter().position(|(without, with)| without != with)?;
        Some(program[place].op.call() == call)
    };
    let choices = FIELDS.iter().filter(|field| field.kind == Kind::Choice);
    choices.map(|field| field.name).filter(move |name| differs(name).unwrap_or_default())
}
