//! What the running kernel does, found by a litmus test for each field of the policy.

use mapspec_model::policy::{FIELDS, Field, Kind, Policy};
use mapspec_oracle::Oracle;
use mapspec_oracle::capability::Capabilities;

use crate::compare::{first_difference, model_trace};
use crate::corpus::Entry;

/// The policy of a kernel, and how it was found.
#[derive(Clone, Debug)]
pub struct Detected {
    /// The preset from which detection started.
    pub preset: &'static str,
    /// The preset, corrected.
    pub policy: Policy,
    /// What was found of each choice.
    pub detections: Vec<Detection>,
}

/// What was found of one field.
#[derive(Clone, Debug)]
pub struct Detection {
    /// The field.
    pub field: &'static Field,
    /// What the preset says.
    pub preset: bool,
    /// What the kernel does; or why that is not known, and the preset stands.
    pub detected: Result<bool, String>,
}

impl Detected {
    /// The fields in which the kernel is not the preset.
    pub fn corrections(&self) -> impl Iterator<Item = &Detection> {
        self.detections.iter().filter(|it| it.detected.as_ref().is_ok_and(|is| *is != it.preset))
    }

    /// The fields of which nothing could be found.
    pub fn unknown(&self) -> impl Iterator<Item = &Detection> {
        self.detections.iter().filter(|it| it.detected.is_err())
    }
}

/// The first two numbers of a release, `uname -r`.
pub fn version(release: &str) -> Option<(u32, u32)> {
    let mut numbers = release.split(['.', '-']).map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// Finds every choice of the policy on the running kernel. The corpus has a test about each; the
/// kernel's trace of it must be the model's with the field, or the model's without. Where both are
/// the same, because the kernel lacks what the field is about, the preset stands.
pub fn detect(
    oracle: &mut Oracle,
    capabilities: &Capabilities,
    corpus: &[Entry],
    version: (u32, u32),
) -> Detected {
    let (preset, start) = Policy::preset_for(version);
    let mut policy = start;
    let mut detections = Vec::new();
    for field in FIELDS.iter().filter(|field| field.kind == Kind::Choice) {
        let detected = detect_field(oracle, capabilities, corpus, field, &policy);
        if let Ok(value) = detected {
            policy = policy.with(field.name, value).unwrap_or(policy);
        }
        let preset = start.get(field.name).unwrap_or_default();
        detections.push(Detection { field, preset, detected });
    }
    Detected { preset, policy, detections }
}

fn detect_field(
    oracle: &mut Oracle,
    capabilities: &Capabilities,
    corpus: &[Entry],
    field: &Field,
    policy: &Policy,
) -> Result<bool, String> {
    let entry = corpus.iter().find(|entry| entry.test.field.as_deref() == Some(field.name));
    let program = entry.ok_or("the corpus has no test about it")?.test.program();
    capabilities.allow(&program)?;
    // Twice, lest a passing trouble, such as a killed process, leave the wrong policy for all that
    // follows.
    let kernel = oracle.run(&program).or_else(|_| oracle.run(&program));
    let kernel = kernel.map_err(|broken| broken.reason.to_string())?;
    let agrees = |value| {
        policy.with(field.name, value).is_some_and(|policy| {
            first_difference(&model_trace(&program, &policy), &kernel).is_none()
        })
    };
    match (agrees(true), agrees(false)) {
        (true, false) => Ok(true),
        (false, true) => Ok(false),
        (true, true) => Ok(policy.get(field.name).unwrap_or_default()),
        (false, false) => Err("the kernel does neither".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn a_version_is_the_first_two_numbers() {
        assert_eq!(version("6.18.44-fc-v595"), Some((6, 18)));
        assert_eq!(version("7.2-rc1"), Some((7, 2)));
        assert_eq!(version("linux"), None);
    }
}
