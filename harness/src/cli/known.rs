//! `mapspec known`: the catalogue of known bugs, and which of them this kernel has.

use clap::Args;
use comfy_table::{Table, presets};

use super::output::print;
use super::session;
use super::{Ending, Options};
use crate::catalogue::KnownBug;
use crate::corpus::Entry;
use crate::examine::{Examiner, Verdict};

/// List the known bugs, and whether this kernel has them.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mapspec known")]
pub struct Known {}

impl Known {
    /// Prints a line for each bug, then what the bugs are.
    pub fn run(&self, options: &Options) -> Result<Ending, Ending> {
        let session = session::start(options)?;
        let mut examiner = Examiner::new(session.differ());
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_header(["bug", "this kernel", "affected", "fixed"]);
        let mut about = String::new();
        for bug in session.known() {
            let state = state(&mut examiner, &session.corpus, bug);
            let KnownBug { id, affected, fixed, .. } = bug;
            table.add_row([id, &state, affected, fixed]);
            about += &format!("{id}: {}\n", bug.about);
        }
        print(format!("kernel {}, policy {}\n\n", session.release, session.policy_name))?;
        for line in table.lines() {
            print(format!("{}\n", line.trim_end()))?;
        }
        print(format!("\n{about}"))?;
        Ok(Ending::Fine)
    }
}

/// Whether the kernel has a bug: its own test says so.
fn state(examiner: &mut Examiner, corpus: &[Entry], bug: &KnownBug) -> String {
    let is_its_own = |entry: &&Entry| entry.test.field.as_ref() == Some(&bug.field);
    let Some(entry) = corpus.iter().find(is_its_own) else {
        return "cannot tell: it has no test".to_owned();
    };
    match examiner.examine(&entry.test, None) {
        Verdict::Agree | Verdict::Misclaim(_) => "absent".to_owned(),
        Verdict::Known(found) if found.bugs.iter().any(|it| it.id == bug.id) => {
            "present".to_owned()
        }
        Verdict::Known(_) | Verdict::Diverge(_) => {
            "cannot tell: its test diverges in another way".to_owned()
        }
        Verdict::ModelOnly(kernel) => format!("cannot tell: its test is about {kernel}"),
        Verdict::Skip(reason) => format!("cannot tell: {reason}"),
        Verdict::Broken(reason, _) => format!("cannot tell: {reason}"),
    }
}
