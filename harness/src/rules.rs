//! The rules of the model, in their own words: the documentation of the function that is each
//! operation's rule. It is read from the model's source when this is built, so that a rule and what
//! is told of it are the same text.

use mapspec_model::op::Call;

/// The rule of an operation.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    call: &'static str,
    /// The file and function in the model's source.
    pub place: &'static str,
    text: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// The rule of a call.
pub fn of(call: Call) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.call == format!("{call:?}"))
}

impl Rule {
    /// What it says.
    pub fn statement(&self) -> String {
        self.text.split("Source:").next().unwrap_or_default().trim().to_owned()
    }

    /// Who says so: manual pages, kernel functions, commits.
    pub fn source(&self) -> String {
        let source = self.text.split_once("Source:").map_or("", |(_, source)| source);
        source.split_whitespace().collect::<Vec<_>>().join(" ").trim_end_matches('.').to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_has_a_rule_with_a_source() {
        for call in Call::ALL {
            let rule = of(*call).unwrap_or_else(|| panic!("{call:?} has no documented rule"));
            assert!(!rule.statement().is_empty(), "{call:?}: {rule:?}");
            assert!(!rule.source().is_empty(), "{call:?}: {rule:?}");
        }
    }
}
