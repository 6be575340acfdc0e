//! From text to test.

use std::ops::Range;

use mapspec_model::op::{Actor, Address, Call, Handler, Name, Op, PinName, Statement};
use mapspec_model::policy::{FIELDS, VARIANTS};
use pest::Parser as _;
use pest::error::{ErrorVariant, InputLocation};
use pest::iterators::Pair;
use pest_derive::Parser;

use super::arguments::{self, Arguments};
use super::call;
use super::diagnostic::Diagnostic;
use super::expectation::{Condition, Expectation};
use super::value::{cells_of_pages, choice, named};
use super::{LONGEST_TEST, Line, Need, Test, bounds, outcome};

/// The most bytes that a test's text can have.
pub const LONGEST_TEXT: usize = 64 * 1024;

#[derive(Parser)]
#[grammar = "litmus/grammar.pest"]
#[allow(missing_docs, reason = "the grammar documents its rules")]
struct Grammar;

type Result<T> = std::result::Result<T, Diagnostic>;

/// Reads a test.
///
/// # Errors
/// The first mistake of the text.
pub fn parse(text: &str) -> Result<Test> {
    if text.len() > LONGEST_TEXT {
        let message = format!("{} bytes are too much for a litmus test", text.len());
        return Err(Diagnostic::new(0..0, message, format!("at most {LONGEST_TEXT} bytes")));
    }
    let pairs = Grammar::parse(Rule::file, text).map_err(syntax)?;
    let mut test = Test::default();
    let (mut spans, mut comments) = (Vec::new(), Vec::new());
    for pair in pairs.flat_map(Pair::into_inner) {
        match pair.as_rule() {
            Rule::header => {
                comments.clear();
                read_header(&mut test, pair)?;
            }
            Rule::statement => {
                spans.push(range(&pair));
                let line = read_line(pair)?;
                test.lines.push(Line { comments: std::mem::take(&mut comments), ..line });
            }
            Rule::comment => {
                let remark = pair.as_str().trim_start_matches('#').trim().to_owned();
                let is_beside =
                    |span: &Range<usize>| !text[span.end..range(&pair).start].contains('\n');
                match test.lines.last_mut().filter(|_| spans.last().is_some_and(is_beside)) {
                    Some(line) => line.comments.push(remark),
                    None => comments.push(remark),
                }
            }
            _ => {}
        }
    }
    if test.lines.is_empty() {
        let expected = "a statement, like A: mmap(@0, 1p, rw, private|anon)";
        return Err(Diagnostic::new(text.len()..text.len(), "there is no statement", expected));
    }
    if let Some(span) = spans.get(LONGEST_TEST) {
        let expected = format!("at most {LONGEST_TEST} statements");
        return Err(Diagnostic::new(span.clone(), "the program is too long", expected));
    }
    let policy = test.kernel_policy().unwrap_or_default();
    bounds::check(&test.program(), &policy).map_err(|(place, expected)| {
        Diagnostic::new(spans[place].clone(), "this leaves the bounds of the model", expected)
    })?;
    Ok(test)
}

fn read_header(test: &mut Test, header: Pair<'_, Rule>) -> Result<()> {
    let mut parts = header.into_inner();
    let (Some(key), Some(value)) = (parts.next(), parts.next()) else {
        return Ok(());
    };
    let text = value.as_str().split_whitespace().collect::<Vec<_>>().join(" ");
    match key.as_str() {
        "test" => test.name = text,
        "about" => test.about = text,
        "ref" => test.reference = text,
        "affected" => test.affected = text,
        "fixed" => test.fixed = text,
        "field" => test.field = Some(read_field(&value)?),
        "kernel" => {
            let names = VARIANTS.iter().map(|variant| variant.name);
            let kernel = names.clone().find(|name| *name == text).ok_or_else(|| {
                let message = format!("`{text}` is no kernel that only the model knows");
                Diagnostic::new(range(&value), message, choice(&names.collect::<Vec<_>>()))
            })?;
            test.kernel = Some(kernel);
        }
        "needs" => {
            for name in text.split(", ") {
                let need = named(Need::NAMES, name).ok_or_else(|| {
                    let message = format!("`{name}` is no capability");
                    {
                        let names: Vec<_> = Need::NAMES.iter().map(|(name, _)| *name).collect();
                        Diagnostic::new(range(&value), message, choice(&names))
                    }
                })?;
                test.needs.push(need);
            }
        }
        other => {
            let keys = "test, about, ref, needs, kernel, field, affected or fixed";
            let message = format!("`{other}` is no key of a header");
            return Err(Diagnostic::new(range(&key), message, keys));
        }
    }
    Ok(())
}

fn read_line(statement: Pair<'_, Rule>) -> Result<Line> {
    let span = range(&statement);
    let mut parts = statement.into_inner().filter(|it| it.as_rule() != Rule::colon).peekable();
    let process = parts.next();
    let actor = process.as_ref().and_then(|process| actor(process.as_str())).ok_or_else(|| {
        Diagnostic::new(span.start..span.start + 1, "no such process", "A, B or C")
    })?;
    let binds = parts.next_if(|part| part.as_rule() == Rule::name);
    let Some(call) = parts.next() else {
        return Err(Diagnostic::new(span, "no call", "a call, like load(@0)"));
    };
    let op = read_call(actor, binds, call)?;
    let expectation = parts.next().map(|it| read_expectation(&op, it)).transpose()?;
    Ok(Line { statement: Statement { actor, op }, expectation, comments: Vec::new() })
}

fn read_call(actor: Actor, binds: Option<Pair<'_, Rule>>, call: Pair<'_, Rule>) -> Result<Op> {
    let Some(called) = call.clone().into_inner().next() else {
        return Err(Diagnostic::new(range(&call), "no call", "a call, like load(@0)"));
    };
    let mut arguments = Arguments::new(actor, call);
    let wrong =
        |message: String, expected: String| Err(Diagnostic::new(range(&called), message, expected));
    let text = called.as_str();
    let made = call::named(text).map(|call| (call, call::binds(call)));
    let op = match (made, &binds) {
        (Some((call, None)), None) => call::read(call, None, &mut arguments)?,
        (Some((call, Some(shape))), Some(binds)) => {
            let name = arguments::bound(shape, binds.as_str()).ok_or_else(|| {
                let message = format!("`{}` names nothing that this makes", binds.as_str());
                Diagnostic::new(range(binds), message, arguments::expected(shape))
            })?;
            call::read(call, Some(name), &mut arguments)?
        }
        (Some((_, Some(_))), None) => {
            let message = "what this makes has no name".to_owned();
            return wrong(message, format!("f = {text}(…)"));
        }
        (Some((_, None)), Some(_)) => {
            let expected = format!("{text}(…) without a name before it");
            return wrong(format!("`{text}` makes nothing that has a name"), expected);
        }
        (None, _) => {
            let is_alike = |call: Call| call::binds(call).is_some() == binds.is_some();
            let alike: Vec<_> = Call::ALL.iter().copied().filter(|call| is_alike(*call)).collect();
            let alike: Vec<_> = alike.into_iter().map(Call::text).collect();
            return wrong(
                format!("there is no call `{text}`"),
                format!("one of {}", alike.join(", ")),
            );
        }
    };
    arguments.end()?;
    Ok(op)
}

fn read_expectation(op: &Op, expectation: Pair<'_, Rule>) -> Result<Expectation> {
    let mut alternatives: Vec<(_, Option<Condition>)> = Vec::new();
    for alternative in expectation.into_inner() {
        if let Some((_, None)) = alternatives.last() {
            let expected = "`if FIELD` after every alternative but the last";
            let message = "this alternative is never the claim";
            return Err(Diagnostic::new(range(&alternative), message, expected));
        }
        let mut parts = alternative.into_inner();
        let Some(result) = parts.next() else { continue };
        let outcome = outcome::read(op, &result)?;
        let condition = parts.next().map(read_condition).transpose()?;
        alternatives.push((outcome, condition));
    }
    Ok(Expectation { alternatives })
}

fn read_condition(condition: Pair<'_, Rule>) -> Result<Condition> {
    let value = !condition.as_str().starts_with('!');
    let field = condition.into_inner().find(|part| part.as_rule() == Rule::field);
    let field = field.map(|field| read_field(&field)).transpose()?.unwrap_or_default();
    Ok(Condition { field, value })
}

fn read_field(pair: &Pair<'_, Rule>) -> Result<String> {
    let name = pair.as_str().trim();
    if FIELDS.iter().any(|field| field.name == name) {
        return Ok(name.to_owned());
    }
    let message = format!("`{name}` is no field of the policy");
    Err(Diagnostic::new(range(pair), message, "a field that `mapspec policy` lists"))
}

/// The process with this letter.
pub fn actor(text: &str) -> Option<Actor> {
    Actor::ALL.into_iter().find(|actor| format!("{actor:?}") == text)
}

/// The descriptor with this letter.
pub fn name(text: &str) -> Option<Name> {
    place_of_letter(&Name::LETTERS, text).map(Name)
}

/// The userfaultfd with this letter.
pub fn handler(text: &str) -> Option<Handler> {
    place_of_letter(&Handler::LETTERS, text).map(Handler)
}

fn place_of_letter(letters: &[char], text: &str) -> Option<u8> {
    let place = letters.iter().position(|letter| letter.to_string() == text)?;
    u8::try_from(place).ok()
}

/// The pin with this letter.
pub fn pin(text: &str) -> Option<PinName> {
    place_of_letter(&PinName::LETTERS, text).map(PinName)
}

/// The address that a place names, with or without a process before it.
pub fn address(place: &Pair<'_, Rule>) -> Option<Address> {
    let (_, pages) = place.as_str().split_once('@')?;
    cells_of_pages(pages).map(|cells| Address(cells.0))
}

/// The bytes of the text that a pair covers.
pub fn range(pair: &Pair<'_, Rule>) -> Range<usize> {
    pair.as_span().start()..pair.as_span().end()
}

fn syntax(error: pest::error::Error<Rule>) -> Diagnostic {
    let span = match error.location {
        InputLocation::Pos(place) => place..place + 1,
        InputLocation::Span((start, end)) => start..end,
    };
    let expected = match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => {
            let mut names: Vec<_> = positives.iter().map(rule_text).collect();
            names.sort_unstable();
            names.dedup();
            names.join(" or ")
        }
        ErrorVariant::CustomError { message } => message.clone(),
    };
    let expected = if expected.is_empty() { "something else".to_owned() } else { expected };
    Diagnostic::new(span, "this is no litmus test", expected)
}

/// What a rule of the grammar is called in a message.
fn rule_text(rule: &Rule) -> &'static str {
    match rule {
        Rule::header | Rule::key => "a header line like `about: …`",
        Rule::value => "a value",
        Rule::statement | Rule::process => "a statement like `A: load(@0)`",
        Rule::name => "the name of a descriptor or a pin",
        Rule::call | Rule::call_name => "a call like `load(@0)`",
        Rule::colon => "`:`",
        Rule::open => "`(`",
        Rule::close => "`)`",
        Rule::argument => "an argument",
        Rule::place => "a place like `@0`",
        Rule::length => "a length like `2p`",
        Rule::number | Rule::numbers => "a number",
        Rule::words | Rule::word => "a word",
        Rule::expectation | Rule::alternative | Rule::result => "an outcome",
        Rule::condition | Rule::field | Rule::negation => "a field of the policy",
        Rule::signal | Rule::signal_name => "a signal",
        Rule::event | Rule::event_name => "an event like `missing@0`",
        Rule::permissions => "permissions like `rw-p`",
        Rule::decimal => "a number of pages",
        Rule::EOI => "the end of the line",
        _ => "something else",
    }
}
