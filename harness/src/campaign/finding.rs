//! A class of divergences as a campaign keeps it: its smallest program, a litmus test, which says in
//! the comments above its first statement what a later session must know.

use std::path::PathBuf;
use std::time::Duration;

use mapspec_model::op::Statement;

use super::state::finding_test;
use crate::differ::Class;
use crate::litmus::{Test, parse, text};
use crate::shrink::Shrunk;

/// So many programs of a class are shrunk in a session, whatever their length: another way to the same
/// divergence can be the shorter one.
const SHRUNK: u32 = 4;

/// So many are, if they are shorter than the smallest before they are shrunk.
const SHRUNK_IF_SHORTER: u32 = 16;

/// A class of divergences, with its smallest program.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What they have in common.
    pub class: Class,
    /// The smallest program.
    pub test: Test,
    /// In how many of how many runs it differed.
    pub rate: (u32, u32),
    /// How many programs showed it, in all sessions.
    pub count: u64,
    /// How many of them in this session.
    pub count_here: u64,
    /// How long this session had run when it showed first; `None` if an earlier session found it.
    pub after: Option<Duration>,
    pub(super) path: PathBuf,
    pub(super) is_saved: bool,
    shrunk: u32,
}

impl Finding {
    /// What a first program shows, to be kept in a file.
    pub fn new(shrunk: &Shrunk, kernel: &str, path: PathBuf, after: Duration) -> Self {
        Self {
            class: shrunk.class.clone(),
            test: finding_test(shrunk, kernel),
            rate: shrunk.rate,
            count: 1,
            count_here: 1,
            after: Some(after),
            path,
            is_saved: false,
            shrunk: 1,
        }
    }

    /// One of an earlier session, from its file.
    ///
    /// # Errors
    /// What the text lacks.
    pub fn parse(content: &str, path: PathBuf) -> Result<Self, String> {
        let mut test = parse(content).map_err(|_| "it is no litmus test".to_owned())?;
        let comments = test.lines.first_mut().map(|line| std::mem::take(&mut line.comments));
        let comments = comments.unwrap_or_default();
        let value = |key: &str| {
            let mut values =
                comments.iter().filter_map(|it| it.strip_prefix(key)?.strip_prefix(": "));
            values.next().ok_or_else(|| format!("it has no line `# {key}: …`"))
        };
        let number =
            |key: &str| value(key)?.parse().map_err(|_| format!("its `# {key}: …` is no number"));
        let class = Class::parse(value("class")?).ok_or("its `# class: …` is none")?;
        let (differs, runs) = value("differs")?
            .split_once(" of ")
            .and_then(|(differs, runs)| Some((differs.parse().ok()?, runs.parse().ok()?)))
            .ok_or("its `# differs: …` is not `N of N`")?;
        let operations: u64 = number("operations")?;
        let last = test.lines.last().map(|line| line.statement.op.call());
        if operations != test.lines.len() as u64 || last != Some(class.call) {
            return Err("its program is not whole".to_owned());
        }
        Ok(Self {
            count: number("programs")?,
            class,
            test,
            rate: (differs, runs),
            count_here: 0,
            after: None,
            path,
            is_saved: true,
            shrunk: 0,
        })
    }

    /// The text of its file.
    pub fn text(&self) -> String {
        let mut test = self.test.clone();
        let operations = test.lines.len();
        let (differs, runs) = self.rate;
        if let Some(line) = test.lines.first_mut() {
            line.comments = vec![
                format!("class: {}", self.class),
                format!("differs: {differs} of {runs}"),
                format!("programs: {}", self.count),
                format!("operations: {operations}"),
            ];
        }
        text(&test)
    }

    /// The smallest program.
    pub fn program(&self) -> Vec<Statement> {
        self.test.program()
    }

    /// Whether another program of the class, of so many statements, is to be shrunk too.
    pub fn gives_a_chance(&mut self, length: usize) -> bool {
        let is_shorter = length < self.test.lines.len();
        let limit = if is_shorter { SHRUNK_IF_SHORTER } else { SHRUNK };
        let chance = self.shrunk < limit;
        self.shrunk += u32::from(chance);
        chance
    }

    /// Counts a program that showed it.
    pub const fn count(&mut self) {
        self.count += 1;
        self.count_here += 1;
        self.is_saved = false;
    }

    /// Takes a smaller program in place of its own: one of fewer operations, or of as many simpler
    /// ones. What shows less often is not taken, as small as it may be. Whether it was taken.
    pub fn offer(&mut self, shrunk: &Shrunk, kernel: &str) -> bool {
        let size = |program: Vec<Statement>| (program.len(), program);
        let is_smaller = size(shrunk.program.clone()) < size(self.program());
        let is_taken = is_smaller && shrunk.rate.0 >= self.rate.0;
        if is_taken {
            self.test = finding_test(shrunk, kernel);
            self.rate = shrunk.rate;
            self.is_saved = false;
        }
        is_taken
    }
}

#[cfg(test)]
mod tests {
    use mapspec_model::op::Call;
    use mapspec_model::outcome::Outcome;

    use super::*;

    fn shrunk(program: &str, differs: u32) -> Shrunk {
        let program = parse(program).expect("it is a litmus test").program();
        let (model, kernel) = (Outcome::Value(7), Outcome::Value(0));
        let class = Class::new(program.last().expect("it is not empty"), model, kernel);
        Shrunk { program, model, kernel, class, beside: Vec::new(), rate: (differs, 10) }
    }

    fn finding() -> Finding {
        let program = "A: mmap(@1, 1p, rw, private|anon)\nA: store(@1, 1)\nA: load(@1)\n";
        Finding::new(&shrunk(program, 10), "6.18", PathBuf::new(), Duration::ZERO)
    }

    #[test]
    fn a_later_session_knows_all_of_it() {
        let mut finding = finding();
        finding.count();
        let again = Finding::parse(&finding.text(), PathBuf::new()).expect("it is whole");
        assert_eq!((again.class, again.test), (finding.class.clone(), finding.test.clone()));
        assert_eq!((again.rate, again.count, again.count_here), ((10, 10), 2, 0));
        assert_eq!(finding.class.call, Call::Load);
    }

    #[test]
    fn what_is_cut_off_anywhere_is_not_taken_for_a_finding() {
        let whole = finding().text();
        assert!(Finding::parse(&whole, PathBuf::new()).is_ok());
        // Without the last newline nothing is missing, without the last letter the `)` is.
        for length in 0..whole.trim_end().len() {
            assert!(Finding::parse(&whole[..length], PathBuf::new()).is_err(), "{length}: {whole}");
        }
    }

    #[test]
    fn only_a_smaller_program_that_shows_as_often_is_taken() {
        let smaller = "A: mmap(@0, 1p, rw, private|anon)\nA: store(@0, 1)\nA: load(@0)\n";
        let fewer = "A: mmap(@1, 1p, rw, private|anon)\nA: load(@1)\n";
        let more =
            "A: mmap(@0, 1p, rw, private|anon)\nA: store(@0, 1)\nA: store(@0, 2)\nA: load(@0)\n";
        let mut finding = finding();
        let takes =
            [(more, 10), (smaller, 9), (smaller, 10), (smaller, 10), (fewer, 10), (smaller, 10)]
                .map(|(program, differs)| finding.offer(&shrunk(program, differs), "6.18"));
        assert_eq!(takes, [false, false, true, false, true, false]);
        assert_eq!(finding.program().len(), 2);
    }

    #[test]
    fn the_work_for_a_class_is_bounded_and_shorter_programs_come_first() {
        let mut finding = finding();
        let chances = |finding: &mut Finding, length| {
            (0..100).filter(|_| finding.gives_a_chance(length)).count() as u32
        };
        assert_eq!(chances(&mut finding, 20), SHRUNK - 1);
        assert_eq!(chances(&mut finding, 2), SHRUNK_IF_SHORTER - SHRUNK);
    }
}
