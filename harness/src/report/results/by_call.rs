//! What random or enumerated programs came to, as tests whose names are the same in each run: one
//! for each call, which fails if some program diverged in it, and one that says whether all
//! programs were run to their end.

use mapspec_model::op::Call;

use super::{Case, Word};

/// A divergence of some program.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The call in which it diverged.
    pub call: Call,
    /// What differs.
    pub class: String,
    /// The program, a litmus test.
    pub program: String,
    /// Everything that a person wants to know.
    pub details: String,
}

/// How many tests there are.
pub const fn tests() -> usize {
    Call::ALL.len() + 1
}

/// The tests of a command that ran programs, from its findings and from the reasons why programs
/// were not run to their end.
pub fn by_call(command: &str, findings: &[Finding], broken: &[String]) -> Vec<Case> {
    let of_call = |call: &Call| {
        let found: Vec<_> = findings.iter().filter(|it| it.call == *call).collect();
        let classes: Vec<_> = found.iter().map(|it| it.class.as_str()).collect();
        Case {
            name: format!("{command}.{}", call.text()),
            about: format!("No program diverges in {}.", call.text()),
            verdict: if found.is_empty() { Word::Agree } else { Word::Diverge },
            note: (!found.is_empty()).then(|| classes.join("; ")),
            seconds: None,
            programs: found.iter().map(|it| it.program.clone()).collect(),
            details: found.iter().map(|it| it.details.as_str()).collect(),
        }
    };
    let ran = Case {
        name: format!("{command}.every-program-was-run"),
        about: "Each program was run to its end.".to_owned(),
        verdict: if broken.is_empty() { Word::Agree } else { Word::Broken },
        note: (!broken.is_empty()).then(|| broken.join("; ")),
        seconds: None,
        programs: Vec::new(),
        details: String::new(),
    };
    Call::ALL.iter().map(of_call).chain([ran]).collect()
}
