//! The policy that a person asks for: `detected`, `linux-6.1`, `detected,!seal_exec_exists`,
//! `nosigbus-private`.

use std::fmt;
use std::str::FromStr;

use mapspec_model::policy::{FIELDS, PRESETS, Policy, Proposal, VARIANTS};

/// A base and corrections of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Where it starts.
    pub base: Base,
    /// Fields, and the values that they are to have.
    pub corrections: Vec<(&'static str, bool)>,
}

/// Where a policy starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// What is detected on the running kernel.
    Detected,
    /// A preset.
    Preset(&'static str, Policy),
}

impl Selection {
    /// The policy with the corrections made.
    pub fn correct(&self, policy: Policy) -> Policy {
        self.corrections
            .iter()
            .fold(policy, |policy, (field, value)| policy.with(field, *value).unwrap_or(policy))
    }
}

impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.base {
            Base::Detected => "detected",
            Base::Preset(name, _) => name,
        })?;
        self.corrections.iter().try_for_each(|(field, value)| {
            let not = if *value { "" } else { "!" };
            write!(f, ",{not}{field}")
        })
    }
}

impl FromStr for Selection {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut selection = Self { base: Base::Detected, corrections: Vec::new() };
        let presets = PRESETS.iter().map(|(name, _)| *name);
        let variants = VARIANTS.iter().map(|variant| variant.name);
        for (place, part) in text.split(',').enumerate() {
            let mut kernels = presets.clone().chain(variants.clone());
            if let Some(name) = kernels.find(|name| *name == part)
                && place == 0
            {
                let policy = Policy::named(name).unwrap_or_default();
                selection.base = Base::Preset(name, policy);
            } else if let Some(proposal) = Proposal::named(part) {
                selection.corrections.extend(proposal.fields.iter().map(|field| (*field, true)));
            } else if part != "detected" || place != 0 {
                let (name, value) = part.strip_prefix('!').map_or((part, true), |it| (it, false));
                let field = FIELDS.iter().find(|field| field.name == name).ok_or_else(|| {
                    format!(
                        "`{name}` is neither a preset, a proposal nor a field; \
                         `mapspec policy` lists them"
                    )
                })?;
                selection.corrections.push((field.name, value));
            }
        }
        Ok(selection)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selection_is_a_base_and_corrections() {
        let selection: Selection =
            "linux-6.1,truncate_keeps_tail,!seal_exec_exists".parse().unwrap();
        assert_eq!(selection.to_string(), "linux-6.1,truncate_keeps_tail,!seal_exec_exists");
        assert!(matches!(selection.base, Base::Preset("linux-6.1", _)));
        let corrected = selection.correct(Policy::default());
        assert!(corrected.truncate_keeps_tail && !corrected.seal_exec_exists);
        assert_eq!("detected".parse::<Selection>().unwrap().base, Base::Detected);
        assert!(matches!(
            "linux-5.7".parse::<Selection>().unwrap().base,
            Base::Preset("linux-5.7", _)
        ));
        let proposed: Selection = "nosigbus-private".parse().unwrap();
        assert_eq!(proposed.to_string(), "detected,nosigbus_for_private_mappings");
        assert_eq!(
            "linux-6.1,nosigbus-private".parse::<Selection>().unwrap().corrections,
            proposed.corrections
        );
        assert!("linux-9.9".parse::<Selection>().unwrap_err().contains("linux-9.9"));
    }
}
