//! What is wrong with a text, and where.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// A mistake in a text: a place in it and what was expected there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The bytes of the text that are wrong.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What was expected instead.
    pub expected: String,
}

impl Diagnostic {
    /// A mistake at some bytes of a text.
    pub fn new(
        span: Range<usize>,
        message: impl Into<String>,
        expected: impl Into<String>,
    ) -> Self {
        Self { span, message: message.into(), expected: expected.into() }
    }

    /// The message for a person: file, line and column, the line with a caret, what was expected.
    pub fn render(&self, path: &str, text: &str, color: bool) -> String {
        let label = format!("expected {}", self.expected);
        let boundary = |from: usize| (from..text.len()).find(|&byte| text.is_char_boundary(byte));
        let start = boundary(self.span.start).unwrap_or(text.len());
        let end = boundary(self.span.end.max(start)).unwrap_or(text.len());
        let snippet = Snippet::source(text)
            .path(path)
            .annotation(AnnotationKind::Primary.span(start..end).label(&label));
        let report = [Level::ERROR.primary_title(&self.message).element(snippet)];
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&report)
    }
}
