//! Results as JUnit XML: a suite for each subject. A difference is a failure, a test that was not
//! run to its end an error.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use super::{Case, Run, Word, plain};

/// Collects results: the counts come first in a report.
pub struct Junit {
    name: String,
    properties: Vec<Property>,
    suites: Vec<TestSuite>,
}

impl Junit {
    /// A report of a run.
    pub fn new(run: &Run) -> Self {
        let fields = run.fields.join(" ");
        let properties = [
            ("version", run.version),
            ("kernel", &run.kernel),
            ("policy", &run.policy),
            ("fields", &fields),
        ];
        Self {
            name: format!("mapspec {}", run.command),
            properties: properties.map(|(name, value)| Property::new(name, value)).into(),
            suites: Vec::new(),
        }
    }

    /// Adds a test to the suite of its subject.
    pub fn add(&mut self, case: &Case) {
        let subject = case.name.split_once('.').map_or("mapspec", |(subject, _)| subject);
        let place = match self.suites.iter().position(|suite| suite.name.as_str() == subject) {
            Some(place) => place,
            None => {
                let mut suite = TestSuite::new(subject);
                suite.properties.extend(self.properties.iter().cloned());
                self.suites.push(suite);
                self.suites.len() - 1
            }
        };
        self.suites[place].add_test_case(test_case(subject, case));
    }

    /// The report.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn end(self, seconds: f64) -> Result<String, String> {
        let mut report = Report::new(self.name);
        report.set_time(Duration::from_secs_f64(seconds)).add_test_suites(self.suites);
        report.to_string().map(|text| text + "\n").map_err(|error| error.to_string())
    }
}

fn test_case(subject: &str, case: &Case) -> TestCase {
    let note = plain(case.note.as_deref().unwrap_or_default());
    let mut status = match case.verdict {
        Word::Agree => TestCaseStatus::success(),
        Word::ModelOnly | Word::Skip | Word::Known => TestCaseStatus::skipped(),
        Word::Diverge | Word::Misclaim => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Word::Broken => TestCaseStatus::non_success(NonSuccessKind::Error),
    };
    if case.verdict != Word::Agree {
        status.set_message(format!("{}: {note}", case.verdict.text()));
    }
    if matches!(case.verdict, Word::Diverge | Word::Misclaim | Word::Broken) {
        status.set_type(case.verdict.text()).set_description(plain(&case.details));
    }
    let mut test = TestCase::new(&case.name, status);
    test.set_classname(subject);
    if let Some(seconds) = case.seconds {
        test.set_time(Duration::from_secs_f64(seconds));
    }
    test
}
