//! Ten thousand checks in one process: neither memory nor descriptors grow.

use std::fs;
use std::process::ExitCode;
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
use mapspec::corpus::{self, Entry};
use mapspec::differ::Differ;
use mapspec::examine::{Examiner, Verdict};
use mapspec::policy::detect;
use mapspec_oracle::Oracle;
use mapspec_oracle::capability::Capabilities;

const CHECKS: usize = 10_000;

/// Checks before memory is looked at for the first time: allocators keep what they have once had.
const WARM_UP: usize = 1_000;

/// Growth that is no leak, in KiB.
const TOLERANCE: usize = 512;

fn main() -> ExitCode {
    mapspec_oracle::become_zygote_if_asked();
    let trial = Trial::test("ten_thousand_checks_do_not_grow", ten_thousand_checks);
    libtest_mimic::run(&Arguments::from_args(), vec![trial]).exit_code()
}

fn ten_thousand_checks() -> Result<(), Failed> {
    let corpus = corpus::built_in().map_err(|_| "the corpus is malformed")?;
    let mut oracle = Oracle::new(Duration::from_secs(5));
    let (known, capabilities) = (Vec::new(), Capabilities::detect());
    let policy = detect(&mut oracle, &capabilities, &corpus, (6, 18)).policy;
    let differ = Differ { oracle, policy, known, frames: false, capabilities };
    let mut examiner = Examiner::new(differ);
    let mut before = None;
    for (count, Entry { test, .. }) in corpus.iter().cycle().take(CHECKS).enumerate() {
        if count == WARM_UP {
            before = Some(usage(&examiner)?);
        }
        if let Verdict::Broken(reason, _) = examiner.examine(test, None) {
            return Err(format!("{}: {reason}", test.name).into());
        }
    }
    let (before, after) = (before.unwrap_or_default(), usage(&examiner)?);
    let flat = before.iter().zip(&after).all(|(before, after)| {
        after.memory <= before.memory + TOLERANCE && after.descriptors <= before.descriptors
    });
    println!("before {before:?}, after {after:?}");
    if flat { Ok(()) } else { Err(format!("before {before:?}, after {after:?}").into()) }
}

#[derive(Debug)]
struct Usage {
    /// Resident memory, in KiB.
    memory: usize,
    descriptors: usize,
}

/// What this process and its zygote use.
fn usage(examiner: &Examiner) -> Result<Vec<Usage>, Failed> {
    let zygote = examiner.zygote().ok_or("there is no zygote")?;
    [std::process::id(), zygote].into_iter().map(|id| usage_of(id).map_err(Into::into)).collect()
}

fn usage_of(process: u32) -> Result<Usage, String> {
    let read = || -> std::io::Result<(String, usize)> {
        let status = fs::read_to_string(format!("/proc/{process}/status"))?;
        Ok((status, fs::read_dir(format!("/proc/{process}/fd"))?.count()))
    };
    let (status, descriptors) = read().map_err(|error| error.to_string())?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let memory = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    Ok(Usage { memory: memory.ok_or("no VmRSS")?, descriptors })
}
