//! What every command that meets the kernel starts with: the corpus, the kernel's policy.

use mapspec_model::policy::Policy;
use mapspec_oracle::Oracle;
use mapspec_oracle::capability::{Capabilities, kernel_release};

use super::output::message;
use super::{Ending, Options};
use crate::catalogue::{KnownBug, known_bugs};
use crate::corpus::{self, Entry, InputError};
use crate::differ::Differ;
use crate::policy::{Base, Detected, detect, version};

/// The running kernel, and what it is held to.
pub struct Session {
    /// The built-in corpus.
    pub corpus: Vec<Entry>,
    /// `uname -r`.
    pub release: String,
    /// What can be seen here.
    pub capabilities: Capabilities,
    /// The policy.
    pub policy: Policy,
    /// Its name: a preset's, or how it was detected.
    pub policy_name: String,
    /// How it was detected, if it was.
    pub detected: Option<Detected>,
    known: Vec<KnownBug>,
}

impl Session {
    /// Finds out about the running kernel.
    pub fn start(options: &Options) -> Result<Self, Ending> {
        let corpus = corpus::built_in().map_err(|errors| complain(&errors, options))?;
        let release = kernel_release().map_err(|error| {
            message(format!("error: /proc is needed to tell the kernel's version: {error}"));
            Ending::Broken
        })?;
        let version = version(&release).ok_or_else(|| {
            message(format!("error: `{release}` is no version of Linux that I understand"));
            Ending::Broken
        })?;
        let mut session = Self {
            known: known_bugs(&corpus),
            corpus,
            release,
            capabilities: Capabilities::detect(),
            policy: Policy::default(),
            policy_name: String::new(),
            detected: None,
        };
        let base = match options.policy.base {
            Base::Preset(name, policy) => {
                name.clone_into(&mut session.policy_name);
                policy
            }
            Base::Detected => {
                let detected = detect(&mut Oracle::new(options.timeout), &session.corpus, version);
                session.policy_name = format!("{}, detected", detected.preset);
                session.detected.insert(detected).policy
            }
        };
        session.policy = options.policy.correct(base);
        for (field, value) in &options.policy.corrections {
            let not = if *value { "" } else { "!" };
            session.policy_name.push_str(&format!(", {not}{field}"));
        }
        Ok(session)
    }

    /// Holds this kernel to this policy.
    pub fn differ(&self, options: &Options) -> Differ {
        Differ {
            oracle: Oracle::new(options.timeout),
            policy: self.policy,
            known: self.known.clone(),
            frames: self.capabilities.frame_numbers.is_ok(),
        }
    }
}

/// Prints what is wrong with the input.
pub fn complain(errors: &[InputError], options: &Options) -> Ending {
    for error in errors {
        message(format!("{}\n", error.render(options.colors_errors())));
    }
    let files = if errors.len() == 1 { "file" } else { "files" };
    message(format!("nothing was run, because of {} {files}", errors.len()));
    Ending::Usage
}
