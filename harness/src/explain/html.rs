//! The steps as one page that needs no network.

use askama::Template;

use super::Step;
use super::svg::svg;
use crate::litmus::Test;

#[derive(Template)]
#[template(path = "explain.html")]
struct Page<'a> {
    test: &'a Test,
    about_kernel: &'a str,
    steps: Vec<Shown<'a>>,
}

struct Shown<'a> {
    number: usize,
    step: &'a Step,
    kernel: &'a str,
    rule: String,
    source: String,
    place: &'static str,
    svg: String,
}

/// The page of a test.
///
/// # Errors
/// It cannot be written.
pub fn html(test: &Test, steps: &[Step], about_kernel: &str) -> Result<String, askama::Error> {
    let shown = |(place, step): (usize, &'_ Step)| Shown {
        number: place + 1,
        kernel: "",
        rule: step.rule.map(|rule| rule.statement()).unwrap_or_default(),
        source: step.rule.map(|rule| rule.source()).unwrap_or_default(),
        place: step.rule.map_or("", |rule| rule.place),
        svg: svg(&step.picture),
        step: &steps[place],
    };
    let mut all: Vec<_> = steps.iter().enumerate().map(shown).collect();
    for shown in &mut all {
        shown.kernel = shown.step.kernel.as_deref().unwrap_or("not asked");
    }
    Page { test, about_kernel, steps: all }.render()
}
