//! `mapspec policy`: what the running kernel does where kernels differ.

use clap::Args;
use comfy_table::{Table, presets};
use mapspec_model::policy::{PRESETS, PROPOSALS, Proposal, VARIANTS};

use super::output::print;
use super::session;
use super::{Ending, Options};

/// Print the policy of this kernel.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mapspec policy\n  mapspec policy --policy linux-6.1")]
pub struct Print {}

impl Print {
    /// Prints preset, detected value and difference of each choice.
    pub fn run(&self, options: &Options) -> Result<Ending, Ending> {
        let session = session::start(options)?;
        let names: Vec<_> = PRESETS.iter().map(|(name, _)| *name).collect();
        let (release, policy_name) = (&session.release, &session.policy_name);
        print(format!("kernel {release}, policy {policy_name}\n"))?;
        let others: Vec<_> = VARIANTS.iter().map(|variant| variant.name).collect();
        print(format!("presets: {}; others: {}\n", names.join(", "), others.join(", ")))?;
        for Proposal { name, says, .. } in PROPOSALS {
            print(format!("proposal: {name}: {says}\n"))?;
        }
        print("\n")?;
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_header(["field", "preset", "detected", ""]);
        let on = |value| if value { "on" } else { "off" };
        for it in session.detected.iter().flat_map(|detected| &detected.detections) {
            let (detected, difference) = match &it.detected {
                Ok(value) if *value == it.preset => (on(*value), String::new()),
                Ok(value) => (on(*value), "differs".to_owned()),
                Err(why) => ("?", why.clone()),
            };
            table.add_row([it.field.name, on(it.preset), detected, &difference]);
        }
        for line in table.lines() {
            print(format!("{}\n", line.trim_end()))?;
        }
        Ok(Ending::Fine)
    }
}
