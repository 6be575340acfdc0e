//! The running kernel and what it is held to: what everything that meets the kernel starts with.

use std::fmt;
use std::io;
use std::time::Duration;

use mapspec_model::policy::{FIELDS, Policy};
use mapspec_oracle::capability::{Capabilities, kernel_release};
use mapspec_oracle::{Oracle, Target};

use crate::catalogue::{KnownBug, known_bugs};
use crate::corpus::{self, Entry, InputError};
use crate::differ::Differ;
use crate::policy::{Base, Detected, Selection, detect, version};
use crate::report::results::{Run, SCHEMA};

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
    target: Target,
    known: Vec<KnownBug>,
    time_limit: Duration,
}

/// Nothing can be found out about the kernel.
#[derive(Debug)]
pub enum SessionError {
    /// The built-in corpus is malformed, which a test rules out.
    Corpus(Vec<InputError>),
    /// The kernel's version cannot be read.
    Unreadable(io::Error),
    /// It is no version of Linux.
    Version(String),
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Corpus(errors) => {
                errors.iter().try_for_each(|error| writeln!(f, "{}", error.render(false)))
            }
            Self::Unreadable(error) => {
                write!(f, "/proc is needed to tell the kernel's version: {error}")
            }
            Self::Version(release) => {
                write!(f, "`{release}` is no version of Linux that can be understood")
            }
        }
    }
}

impl Session {
    /// Finds out about the running kernel. A statement that takes longer than the limit counts as
    /// hung, now and in all that follows.
    ///
    /// # Errors
    /// Nothing can be found out.
    pub fn start(selection: &Selection, time_limit: Duration) -> Result<Self, SessionError> {
        let corpus = corpus::built_in().map_err(SessionError::Corpus)?;
        let release = kernel_release().map_err(SessionError::Unreadable)?;
        let version = version(&release).ok_or_else(|| SessionError::Version(release.clone()))?;
        let capabilities = Capabilities::detect();
        let (base, mut policy_name, detected) = match selection.base {
            Base::Preset(name, policy) => (policy, name.to_owned(), None),
            Base::Detected => {
                let mut oracle = Oracle::new(time_limit);
                let detected = detect(&mut oracle, &capabilities, &corpus, version);
                let name = format!("{}, detected", detected.preset);
                (detected.policy, name, Some(detected))
            }
        };
        for (field, value) in &selection.corrections {
            policy_name += if *value { ", " } else { ", !" };
            policy_name += field;
        }
        Ok(Self {
            known: known_bugs(&corpus),
            corpus,
            release,
            capabilities,
            policy: selection.correct(base),
            policy_name,
            detected,
            target: Target::Kernel,
            time_limit,
        })
    }

    /// Holds this target to the policy from now on. An emulation is of a proposal, which then is
    /// part of the policy.
    pub fn aim_at(&mut self, target: Target) {
        self.target = target;
        if target == Target::Emulation {
            self.policy.nosigbus_for_private_mappings = true;
            self.policy_name += ", nosigbus emulated";
        }
    }

    /// The known bugs.
    pub fn known(&self) -> &[KnownBug] {
        &self.known
    }

    /// What a command that runs so many tests tells of its run.
    pub fn run(&self, command: &'static str, tests: usize) -> Run {
        let detected = self.detected.iter();
        let corrections = detected.clone().flat_map(|it| it.corrections()).map(|it| {
            let value = if it.preset { "off" } else { "on" };
            format!("corrected: {} is {value}", it.field.name)
        });
        let unknown = detected.flat_map(|it| it.unknown()).map(|it| {
            let why = it.detected.as_ref().err().map(String::as_str).unwrap_or_default();
            format!("not detected: {}: {why}", it.field.name)
        });
        let is_on = |name: &&str| self.policy.get(name) == Some(true);
        Run {
            schema: SCHEMA,
            command,
            version: env!("CARGO_PKG_VERSION"),
            kernel: self.release.clone(),
            policy: self.policy_name.clone(),
            fields: FIELDS.iter().map(|field| field.name).filter(is_on).collect(),
            notes: corrections.chain(unknown).collect(),
            tests,
        }
    }

    /// Holds this kernel to this policy.
    pub fn differ(&self) -> Differ {
        let mut oracle = Oracle::new(self.time_limit);
        oracle.target = self.target;
        Differ {
            oracle,
            policy: self.policy,
            known: self.known.clone(),
            frames: self.capabilities.frame_numbers.is_ok(),
            capabilities: self.capabilities.clone(),
        }
    }
}
