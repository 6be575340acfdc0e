//! A test step by step: as text, and as a page in a real browser.

mod common;

use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;
use std::process::Command;

use common::{assert_exit, mapspec, text};
use tempfile::TempDir;

const TEST: &str = "../corpus/cow/anon.child-store-splits.litmus";

#[test]
fn each_step_is_told_with_its_rule_and_the_world() {
    let output = mapspec(&["explain", TEST]);
    assert_exit(&output, 0);
    let text = text(&output);
    for part in ["model/src/syscall/mmap.rs mmap()", "Source: fork(2)", "frame 0, write-protected"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn where_the_kernel_differs_both_are_shown() {
    let wrong_rule = "detected,copy_on_write_ignores_other_owners";
    let output = mapspec(&["explain", "--policy", wrong_rule, TEST]);
    assert_exit(&output, 1);
    assert!(text(&output).contains("= 8\n     the kernel: 7"), "{}", text(&output));
}

#[test]
fn pins_are_told_with_the_frames_that_they_hold() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("mine.litmus");
    let program = "A: mmap(@0, 1p, rw, private|anon)\nA: store(@0, 1)\nA: fork(B)\n\
                   B: p = vmsplice(@0)\nB: munmap(@0, 1p)\nA: store(@0, 2)\n";
    fs::write(&path, format!("test: mine.pin\n\n{program}")).unwrap();
    let output = mapspec(&["explain", path.to_str().unwrap(), "--policy", "linux-6.18"]);
    assert_exit(&output, 0);
    let text = text(&output);
    for part in
        ["mapped 2 ×, pinned 1 ×", "A@0 B@0 B:p", "a pipe (FOLL_GET)", "mapped 0 ×, pinned 1 ×"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    let page = folder.path().join("page.html");
    let page_text = page.to_str().unwrap();
    let arguments =
        ["explain", path.to_str().unwrap(), "--policy", "linux-6.18", "--html", page_text];
    assert_exit(&mapspec(&arguments), 0);
    let html = fs::read_to_string(&page).unwrap();
    assert!(html.matches("<rect class=\"pin\"").count() == 3, "{html}");
}

/// The browser, if there is one.
fn browser() -> Option<&'static str> {
    let found = ["chromium", "chromium-browser", "google-chrome"].into_iter().find(|name| {
        Command::new(name).arg("--version").output().is_ok_and(|it| it.status.success())
    });
    if found.is_none() {
        eprintln!("skipped: there is no Chromium; install the distribution's to run this test");
    }
    found
}

/// How many pixels of a screenshot have each of these colors.
fn screenshot<const N: usize>(
    browser: &str,
    page: &Path,
    size: &str,
    colors: [[u8; 3]; N],
) -> [usize; N] {
    let image = page.with_extension("png");
    let output = Command::new("timeout")
        .args(["120", browser, "--headless", "--no-sandbox", "--disable-gpu"])
        .arg(format!("--window-size={size}"))
        .arg(format!("--user-data-dir={}", page.with_extension("profile").display()))
        .arg(format!("--screenshot={}", image.display()))
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    assert_exit(&output, 0);
    let mut decoder = png::Decoder::new(BufReader::new(File::open(image).unwrap()));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let samples = reader.next_frame(&mut pixels).unwrap().color_type.samples();
    let count = |color: [u8; 3]| pixels.chunks(samples).filter(|it| it[..3] == color).count();
    colors.map(count)
}

#[test]
fn the_page_shows_pages_frames_and_differences_in_a_browser() {
    let folder = TempDir::new().unwrap();
    let page = folder.path().join("page.html");
    let wrong_rule = "detected,copy_on_write_ignores_other_owners";
    let path = page.to_str().unwrap();
    assert_exit(&mapspec(&["explain", "--policy", wrong_rule, "--html", path, TEST]), 1);
    let html = fs::read_to_string(&page).unwrap();
    assert!(!html.contains("http://") && !html.contains("https://"), "the page needs a network");
    let Some(browser) = browser() else { return };
    let colors = [[0xdd, 0xf4, 0xff], [0xff, 0xf3, 0xc4], [0xcf, 0x22, 0x2e]];
    for size in ["1000,900", "400,800"] {
        let [pages, frames, different] = screenshot(browser, &page, size, colors);
        assert!(pages > 2 * frames - frames / 2 && frames > 1000, "{size}: {pages} {frames}");
        assert!(different > 100, "{size}: {different}");
    }
}
