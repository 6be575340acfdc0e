//! The machine on which something was observed: what a maintainer asks for first.

use std::fs::{self, File};
use std::io::Read as _;

use flate2::read::GzDecoder;
use serde::Serialize;

/// Options of the kernel's configuration that have a part in memory mappings.
const OPTIONS: [&str; 14] = [
    "CONFIG_MEMFD_CREATE",
    "CONFIG_SHMEM",
    "CONFIG_TMPFS",
    "CONFIG_TRANSPARENT_HUGEPAGE",
    "CONFIG_HUGETLBFS",
    "CONFIG_KSM",
    "CONFIG_USERFAULTFD",
    "CONFIG_SWAP",
    "CONFIG_MEM_SOFT_DIRTY",
    "CONFIG_PTE_MARKER_UFFD_WP",
    "CONFIG_NUMA_BALANCING",
    "CONFIG_PER_VMA_LOCK",
    "CONFIG_LRU_GEN",
    "CONFIG_DEBUG_VM",
];

/// The letters of /proc/sys/kernel/tainted, from the lowest bit on.
///
/// Source: Documentation/admin-guide/tainted-kernels.rst.
const TAINTS: &str = "PFSRMBUDAWCIOELKXTNJ";

/// What is known about the machine.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    /// `uname -r`.
    pub release: String,
    /// `uname -v`.
    pub version: String,
    /// `uname -m`.
    pub architecture: &'static str,
    /// The name of the processor.
    pub processor: String,
    /// The letters of the kernel's taint.
    pub taint: String,
    /// The options of the configuration that matter here, or a line that says why they are not known.
    pub options: Vec<String>,
}

impl Machine {
    /// Looks at this machine.
    pub fn look(release: &str) -> Self {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default().trim().to_owned();
        let processor = read("/proc/cpuinfo");
        let processor = processor.lines().find_map(|line| line.strip_prefix("model name"));
        let processor = processor.map(|name| name.trim_start_matches([' ', '\t', ':']));
        Self {
            release: release.to_owned(),
            version: read("/proc/sys/kernel/version"),
            architecture: std::env::consts::ARCH,
            processor: processor.unwrap_or("unknown").to_owned(),
            taint: taint(&read("/proc/sys/kernel/tainted")),
            options: configuration(release).map_or_else(|why| vec![why], |text| options(&text)),
        }
    }
}

fn taint(number: &str) -> String {
    let Ok(bits) = number.parse::<u64>() else { return "unknown".to_owned() };
    let letters = TAINTS.chars().enumerate().filter(|(bit, _)| bits >> bit & 1 == 1);
    let letters: String = letters.map(|(_, letter)| letter).collect();
    match (bits, letters.as_str()) {
        (0, _) => "not tainted".to_owned(),
        (_, "") => format!("tainted: {bits}"),
        _ => format!("tainted: {letters} ({bits})"),
    }
}

/// The text of the kernel's configuration.
fn configuration(release: &str) -> Result<String, String> {
    let mut text = String::new();
    if let Ok(file) = File::open("/proc/config.gz")
        && GzDecoder::new(file).read_to_string(&mut text).is_ok()
    {
        return Ok(text);
    }
    let path = format!("/boot/config-{release}");
    fs::read_to_string(&path).map_err(|_| {
        format!("the configuration is not known: neither /proc/config.gz nor {path} is there")
    })
}

fn options(text: &str) -> Vec<String> {
    let value = |option: &str| {
        let lines = text.lines().filter_map(|line| line.split_once('='));
        let value = lines.into_iter().find(|(name, _)| *name == option);
        value.map_or_else(
            || format!("{option} is not set"),
            |(_, value)| format!("{option}={value}"),
        )
    };
    OPTIONS.iter().map(|option| value(option)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taint_is_told_in_letters() {
        assert_eq!(taint("0"), "not tainted");
        assert_eq!(taint("4097"), "tainted: PO (4097)");
        assert_eq!(taint(""), "unknown");
    }

    #[test]
    fn options_are_found_in_the_configuration() {
        let found = options("# CONFIG_KSM is not set\nCONFIG_SHMEM=y\nCONFIG_SHMEM_X=n\n");
        assert!(found.contains(&"CONFIG_SHMEM=y".to_owned()));
        assert!(found.contains(&"CONFIG_KSM is not set".to_owned()));
    }
}
