//! Evidence for a divergence: what is in the folder, and that it shows what it says.

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::{MAPSPEC, assert_exit, mapspec, text};
use tempfile::TempDir;

/// Divergences of different kinds: what differs, a mistake in the model, and a test that shows it.
const DIVERGENCES: [(&str, &str, &str); 20] = [
    ("value", "truncate_keeps_tail", "truncate/same-size.zeroes-the-tail"),
    ("value past the end", "bytes_past_end_survive_growth", "truncate/grow.reads-zero"),
    ("error", "implied_write_seal_ignores_mappings", "known/exec-seal-skips-busy"),
    ("error of mmap", "no_replace_is_ignored", "mmap/noreplace-counts-whole-pages"),
    (
        "error of mprotect",
        "read_only_descriptor_may_write",
        "mprotect/shared-mapping-of-read-only-descriptor-may-not",
    ),
    ("address", "mremap_of_no_length_takes_private_mappings", "known/mremap-zero-private"),
    ("signal that does not come", "refused_mmap_removes_old_mapping", "known/fixed-mmap-gap"),
    ("signal", "pages_past_end_are_accessible", "access/empty-file-has-no-page"),
    (
        "signal of truncate",
        "truncate_keeps_private_copies",
        "truncate/private-copy.dropped-at-once",
    ),
    ("permissions", "mprotect_looks_for_holes_first", "mprotect/rounding-up-may-meet-a-hole"),
    ("page state", "zero_page_swallows_stores", "zero-page/store-replaces-it"),
    ("frame", "fork_does_not_write_protect", "cow/anon.parent-store-splits"),
    ("two processes", "copy_on_write_ignores_other_owners", "cow/anon.child-store-splits"),
    ("seal and a child", "write_seal_ignores_mappings", "seals/write.busy-while-a-child-maps"),
    ("length of a write", "grow_seal_does_not_bind_writes", "seals/grow.refuses-growth-not-writes"),
    ("content of a file", "private_store_reaches_the_file", "private/store-never-reaches-the-file"),
    ("splice", "writes_to_pipes_reach_spliced_pages", "known/cve-2022-0847"),
    ("reference", "copy_on_write_ignores_pins", "known/copy-on-write-ignores-pins"),
    ("pin", "!pins_unshare_pages", "pins/of-another-process"),
    (
        "userfaultfd",
        "userfaultfd_fills_files_through_private_mappings",
        "uffd/copy-over-private-page-of-file",
    ),
];

fn compile_and_run(compiler: &str, folder: &Path) -> Option<i32> {
    let program = folder.join(format!("repro-{compiler}"));
    let output = Command::new(compiler)
        .args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-O2", "-o"])
        .arg(&program)
        .arg(folder.join("repro.c"))
        .output();
    let Ok(output) = output else {
        eprintln!("skipped: {compiler} is not installed; install it to run this test");
        return None;
    };
    assert_exit(&output, 0);
    Some(Command::new(program).output().unwrap().status.code().unwrap_or(-1))
}

#[test]
fn the_c_program_of_a_divergence_shows_it() {
    let folder = TempDir::new().unwrap();
    let mut reported = 0;
    for (kind, wrong_rule, test) in DIVERGENCES {
        let output_folder = folder.path().join(wrong_rule);
        let output = Command::new(MAPSPEC)
            .args(["report", "--policy", &format!("detected,{wrong_rule}"), "--output"])
            .arg(&output_folder)
            .arg(format!("../corpus/{test}.litmus"))
            .output()
            .unwrap();
        if output.status.code() == Some(4) {
            continue;
        }
        assert_exit(&output, 1);
        reported += 1;
        for compiler in ["gcc", "clang"] {
            let status = compile_and_run(compiler, &output_folder);
            assert!(status.is_none_or(|status| status == 1), "{kind}: {wrong_rule}: {status:?}");
        }
    }
    assert!(reported >= 10, "{reported}");
}

#[test]
fn a_known_bug_is_reported_with_everything() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().to_str().unwrap();
    let output = mapspec(&["report", "--output", path, "../corpus/known/tmpfs-post-eof.litmus"]);
    if text(&output).contains("nothing to report") {
        eprintln!("skipped: this kernel has no known bug to report");
        return;
    }
    assert_exit(&output, 0);
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let report = read("report.txt");
    assert!(report.starts_with("A: pread(f, 0.5p) is 7, not 0\n"), "{report}");
    for line in report.lines() {
        assert!(line.chars().count() <= 72, "{line}");
    }
    let parts = [
        "Reference: ftruncate(2)",
        "Seen in 10 of 10 runs",
        "known: tmpfs-post-eof",
        "> A: pread(f, 0.5p)",
        "x86_64",
        "taint",
        "affected: all;",
        "2p is the length of two pages",
        "policy linux-",
    ];
    for part in parts {
        assert!(report.contains(part), "{part}: {report}");
    }
    assert!(
        report.contains("CONFIG_SHMEM") || report.contains("the configuration is not known"),
        "{report}"
    );
    let trace: serde_json::Value = serde_json::from_str(&read("trace.json")).unwrap();
    assert_eq!(trace["steps"][5]["model"], "0");
    assert_eq!(trace["steps"][5]["kernel"], "7");
    assert_eq!(trace["known"][0], "tmpfs-post-eof");
    let litmus = folder.path().join("test.litmus");
    let again = mapspec(&["check", litmus.to_str().unwrap()]);
    assert_exit(&again, 0);
    assert!(text(&again).contains("known    known.tmpfs-post-eof"), "{}", text(&again));
    assert!(read("repro.c").contains("comes to 7 here"));
}

#[test]
fn agreement_is_nothing_to_report() {
    let output = mapspec(&["report", "../corpus/access/nothing-mapped-is-maperr.litmus"]);
    assert_exit(&output, 4);
    assert!(text(&output).contains("this kernel does what the model says"), "{}", text(&output));
}
