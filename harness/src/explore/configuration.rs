//! What is explored: alphabets, and the properties that each is about.

use mapspec_model::property::{self, Property};

use crate::litmus::{self, Diagnostic, Test};

/// A stated configuration.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// Its name.
    pub name: String,
    /// Its alphabet, as a litmus test.
    pub test: Test,
    /// The properties that it is about.
    pub properties: Vec<&'static Property>,
}

/// Alphabets, each with the names of the properties that it must be a witness of.
const BUILT_IN: &[(&str, &[&str])] = &[
    (
        include_str!("alphabet/private.litmus"),
        &[
            "the-invariant-is-kept",
            "failure-changes-nothing",
            "copy-on-write-is-invisible",
            "a-private-store-spares-others",
            "the-zero-page-is-not-written",
            "fork-copies",
            "noreplace-keeps-what-is-there",
        ],
    ),
    (
        include_str!("alphabet/copies.litmus"),
        &[
            "the-invariant-is-kept",
            "failure-changes-nothing",
            "copy-on-write-is-invisible",
            "a-private-store-spares-files",
            "a-private-store-spares-others",
            "the-zero-page-is-not-written",
            "fork-copies",
            "noreplace-keeps-what-is-there",
        ],
    ),
    (
        include_str!("alphabet/three.litmus"),
        &[
            "the-invariant-is-kept",
            "failure-changes-nothing",
            "copy-on-write-is-invisible",
            "a-private-store-spares-others",
            "the-zero-page-is-not-written",
            "fork-copies",
        ],
    ),
    (
        include_str!("alphabet/pins.litmus"),
        &[
            "the-invariant-is-kept",
            "failure-changes-nothing",
            "copy-on-write-is-invisible",
            "a-private-store-spares-others",
            "fork-copies",
            "a-pin-of-private-memory-is-reliable",
            "a-private-store-spares-pins-of-others",
        ],
    ),
    (
        include_str!("alphabet/pinned-file.litmus"),
        &[
            "the-invariant-is-kept",
            "failure-changes-nothing",
            "copy-on-write-is-invisible",
            "a-private-store-spares-others",
            "a-shared-store-is-seen",
            "fork-copies",
            "a-pin-of-private-memory-is-reliable",
            "a-private-store-spares-pins-of-others",
        ],
    ),
    (
        include_str!("alphabet/file.litmus"),
        &[
            "the-invariant-is-kept",
            "failure-changes-nothing",
            "copy-on-write-is-invisible",
            "a-private-store-spares-files",
            "a-private-store-spares-others",
            "a-shared-store-is-seen",
            "fork-copies",
            "sigbus-exactly-past-the-end",
            "truncate-drops-private-copies",
            "punching-keeps-private-copies",
            "truncate-loses-what-it-cuts",
            "growth-reads-zero",
        ],
    ),
    (
        include_str!("alphabet/userfaultfd.litmus"),
        &[
            "the-invariant-is-kept",
            "failure-changes-nothing",
            "copy-on-write-is-invisible",
            "fork-copies",
            "markers-are-of-one-process",
        ],
    ),
    (
        include_str!("alphabet/seals.litmus"),
        &[
            "the-invariant-is-kept",
            "failure-changes-nothing",
            "copy-on-write-is-invisible",
            "a-shared-store-is-seen",
            "sigbus-exactly-past-the-end",
            "a-read-only-descriptor-never-writes",
            "seals-only-grow",
            "f-seal-seal-freezes-seals",
            "f-seal-shrink-keeps-the-size",
            "f-seal-grow-keeps-the-size",
            "f-seal-write-leaves-no-writer",
            "sealed-content-never-changes",
            "f-seal-future-write-allows-no-new-writer",
        ],
    ),
    (
        include_str!("alphabet/nosigbus.litmus"),
        &[
            "the-invariant-is-kept",
            "failure-changes-nothing",
            "copy-on-write-is-invisible",
            "a-private-store-spares-files",
            "a-private-store-spares-others",
            "a-shared-store-is-seen",
            "the-zero-page-is-not-written",
            "fork-copies",
            "sigbus-exactly-past-the-end",
            "no-sigbus-where-it-is-not-wanted",
            "growth-spares-what-was-past-the-end",
            "truncate-drops-private-copies",
        ],
    ),
    (
        include_str!("alphabet/fork-advice.litmus"),
        &[
            "the-invariant-is-kept",
            "failure-changes-nothing",
            "copy-on-write-is-invisible",
            "a-private-store-spares-others",
            "fork-copies",
            "markers-are-of-one-process",
        ],
    ),
    (
        include_str!("alphabet/writers.litmus"),
        &[
            "the-invariant-is-kept",
            "failure-changes-nothing",
            "copy-on-write-is-invisible",
            "a-private-store-spares-files",
            "a-private-store-spares-others",
            "a-shared-store-is-seen",
            "the-zero-page-is-not-written",
            "fork-copies",
            "sigbus-exactly-past-the-end",
        ],
    ),
    (
        include_str!("alphabet/pin-writers.litmus"),
        &[
            "the-invariant-is-kept",
            "failure-changes-nothing",
            "copy-on-write-is-invisible",
            "a-private-store-spares-others",
            "fork-copies",
            "a-pin-of-private-memory-is-reliable",
            "a-private-store-spares-pins-of-others",
        ],
    ),
    (
        include_str!("alphabet/file-sizes.litmus"),
        &[
            "the-invariant-is-kept",
            "failure-changes-nothing",
            "copy-on-write-is-invisible",
            "fork-copies",
            "sigbus-exactly-past-the-end",
            "punching-keeps-private-copies",
            "truncate-loses-what-it-cuts",
            "growth-reads-zero",
        ],
    ),
    (
        include_str!("alphabet/userfaultfd-fill.litmus"),
        &[
            "the-invariant-is-kept",
            "failure-changes-nothing",
            "copy-on-write-is-invisible",
            "fork-copies",
            "markers-are-of-one-process",
        ],
    ),
    (
        include_str!("alphabet/userfaultfd-move.litmus"),
        &[
            "the-invariant-is-kept",
            "failure-changes-nothing",
            "copy-on-write-is-invisible",
            "a-private-store-spares-others",
            "fork-copies",
        ],
    ),
    (
        include_str!("alphabet/seal-writers.litmus"),
        &[
            "the-invariant-is-kept",
            "failure-changes-nothing",
            "copy-on-write-is-invisible",
            "sigbus-exactly-past-the-end",
            "a-read-only-descriptor-never-writes",
            "seals-only-grow",
            "f-seal-shrink-keeps-the-size",
            "f-seal-grow-keeps-the-size",
            "f-seal-write-leaves-no-writer",
            "sealed-content-never-changes",
            "f-seal-future-write-allows-no-new-writer",
        ],
    ),
    (
        include_str!("alphabet/seal-pins.litmus"),
        &[
            "the-invariant-is-kept",
            "failure-changes-nothing",
            "copy-on-write-is-invisible",
            "a-shared-store-is-seen",
            "sigbus-exactly-past-the-end",
            "seals-only-grow",
            "f-seal-shrink-keeps-the-size",
            "f-seal-grow-keeps-the-size",
            "f-seal-write-leaves-no-writer",
            "sealed-content-never-changes",
        ],
    ),
];

/// The built-in configurations.
///
/// # Errors
/// An alphabet is malformed, which a test rules out.
pub fn all() -> Result<Vec<Configuration>, Diagnostic> {
    BUILT_IN
        .iter()
        .map(|(text, names)| {
            let test = litmus::parse(text)?;
            let properties = names.iter().filter_map(|name| property::named(name)).collect();
            Ok(Configuration { properties, ..Configuration::of_test(test) })
        })
        .collect()
}

impl Configuration {
    /// The statements of a test as an alphabet, with every property.
    pub fn of_test(test: Test) -> Self {
        let name = test.name.strip_prefix("explore.").unwrap_or(&test.name).to_owned();
        Self { name, test, properties: property::ALL.iter().collect() }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_property_is_explored_by_some_configuration() {
        let configurations = all().unwrap();
        let explored: HashSet<_> =
            configurations.iter().flat_map(|it| it.properties.iter().map(|it| it.name)).collect();
        let known: HashSet<_> = property::ALL.iter().map(|property| property.name).collect();
        assert_eq!(explored, known);
        for (configuration, (_, names)) in configurations.iter().zip(BUILT_IN) {
            assert_eq!(configuration.properties.len(), names.len(), "{}", configuration.name);
        }
    }
}
