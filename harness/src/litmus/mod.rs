//! The litmus language: a small program in text, with the outcomes that it asserts.
//!
//! `text → parse → Test → print → text` is a round trip.

mod arguments;
mod bounds;
mod call;
mod diagnostic;
mod expectation;
mod outcome;
mod parse;
mod print;
mod value;

use mapspec_model::op::Statement;
use mapspec_model::policy::Policy;
use mapspec_oracle::pin::Mechanism;

pub use diagnostic::Diagnostic;
pub use expectation::{Condition, Expectation};
pub use parse::{LONGEST_TEXT, parse};
pub use print::{statement_text, text};

pub use outcome::text as outcome_text;
pub use value::{length_text, place_text};

/// The most statements that a test can have.
pub const LONGEST_TEST: usize = 128;

/// A litmus test.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Test {
    /// `test:` the name, `subject.what-it-shows`.
    pub name: String,
    /// `about:` what the test shows, in a sentence.
    pub about: String,
    /// `ref:` the manual page, kernel function or commit that says so.
    pub reference: String,
    /// `needs:` what the machine must have, beyond what the statements themselves need.
    pub needs: Vec<Need>,
    /// `kernel:` the kernel that the test is about, one of
    /// [`VARIANTS`](mapspec_model::policy::VARIANTS). None such runs here: only the model is asked.
    pub kernel: Option<&'static str>,
    /// `field:` the policy's field that this test is about: its detection, or the known bug.
    pub field: Option<String>,
    /// `affected:` the kernels that have the bug.
    pub affected: String,
    /// `fixed:` the commits or versions that ended it.
    pub fixed: String,
    /// The program.
    pub lines: Vec<Line>,
}

/// A statement of a test, and what the test claims of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Who does what.
    pub statement: Statement,
    /// What should come of it; without a claim, what the model says.
    pub expectation: Option<Expectation>,
    /// The comments above it, then the one beside it, without their `#`.
    pub comments: Vec<String>,
}

/// Something that a test needs of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The superuser.
    Root,
    /// A way to hold pins.
    Mechanism(Mechanism),
}

impl Need {
    /// Each need with its name in the header.
    pub const NAMES: &'static [(&'static str, Self)] = &[
        ("root", Self::Root),
        ("process_vm", Self::Mechanism(Mechanism::ProcessVm)),
        ("fuse", Self::Mechanism(Mechanism::Fuse)),
        ("io_uring", Self::Mechanism(Mechanism::IoUring)),
        ("gup_test", Self::Mechanism(Mechanism::GupTest)),
    ];
}

impl Test {
    /// The statements without the claims.
    pub fn program(&self) -> Vec<Statement> {
        self.lines.iter().map(|line| line.statement).collect()
    }

    /// The policy of the kernel that the test is about, if that is not the running one.
    pub fn kernel_policy(&self) -> Option<Policy> {
        self.kernel.and_then(Policy::named)
    }

    /// A test without a header that claims nothing.
    pub fn of_program(name: &str, program: &[Statement]) -> Self {
        let line = |&statement| Line { statement, expectation: None, comments: Vec::new() };
        Self { name: name.to_owned(), lines: program.iter().map(line).collect(), ..Self::default() }
    }
}
