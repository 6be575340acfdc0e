//! A test step by step: as text, and as a page in a real browser.

mod common;

use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;
use std::process::{Command, Output};

use common::{assert_exit, mapspec, text};
use tempfile::TempDir;

const TEST: &str = "../corpus/cow/anon.whole-page.litmus";

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
    assert!(text(&output).contains("= 9\n     the kernel: 7"), "{}", text(&output));
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

/// What a script that runs at the end of the page finds out, in a browser of this size: `report`.
fn found_out(browser: &str, page: &Path, size: &str, script: &str) -> serde_json::Value {
    let script = format!(
        "<script>{script}
        const text = document.createElement(\"pre\");
        text.textContent = JSON.stringify(report);
        document.body.replaceChildren(text);</script></body>"
    );
    let copy = page.with_extension("asked.html");
    fs::write(&copy, fs::read_to_string(page).unwrap().replace("</body>", &script)).unwrap();
    let output = open(browser, &copy, size, &["--dump-dom"]);
    let dom = String::from_utf8(output.stdout).unwrap();
    let report = dom.split_once("<pre>").and_then(|(_, rest)| rest.split_once("</pre>"));
    serde_json::from_str(report.unwrap_or_else(|| panic!("{dom}")).0).unwrap()
}

/// Writes down what is shown of the step: each box with its text, its place and size; each line with
/// the boxes at its ends; the width of the window.
const MEASURE: &str = r#"
    const place = (element) => element.getBoundingClientRect();
    const shown = document.querySelector("section.here svg");
    const boxes = [...shown.querySelectorAll("rect")].map((box) => {
        const text = box.nextElementSibling, { left, right, top, bottom } = place(box);
        return { kind: box.classList[0], text: text.textContent, left, right, top, bottom,
            letters: place(text).height };
    });
    const at = (x, y) => boxes.findIndex((box) => x > box.left - 1 && x < box.right + 1
        && y > box.top && y < box.bottom);
    const lines = [...shown.querySelectorAll("line")].map((line) => {
        const end = (number) => new DOMPoint(line["x" + number].baseVal.value,
            line["y" + number].baseVal.value).matrixTransform(line.getScreenCTM());
        return [1, 2].map(end).map(({ x, y }) => at(x, y));
    });
    const report = { boxes, lines, width: innerWidth };"#;

/// Presses keys, and writes down which step is shown after each.
const PRESS: &str = r#"
    const report = ["Home", "ArrowLeft", "ArrowRight", "ArrowDown", "ArrowUp", "End"].map((key) => {
        dispatchEvent(new KeyboardEvent("keydown", { key }));
        return [...document.querySelectorAll("section.here")].map((section) => section.id).join();
    });"#;

#[test]
fn the_page_of_a_pin_shows_the_frame_that_it_holds_and_the_one_that_the_mapping_has() {
    let Some(browser) = browser() else { return };
    let folder = TempDir::new().unwrap();
    let (test, page) = (folder.path().join("mine.litmus"), folder.path().join("page.html"));
    let program = "A: mmap(@0, 1p, rw, private|anon)\nA: store(@0, 1)\nA: p = vmsplice(@0)\n\
                   A: madvise(@0, 1p, dontneed)\nA: store(@0, 2)\nA: read_pin(p) = 1\n";
    fs::write(&test, program).unwrap();
    assert_exit(
        &mapspec(&["explain", test.to_str().unwrap(), "--html", page.to_str().unwrap()]),
        0,
    );
    for size in ["1000,900", "400,800"] {
        let seen = found_out(browser, &page, size, MEASURE);
        let boxes = seen["boxes"].as_array().unwrap();
        let texts: Vec<_> = boxes.iter().map(|it| it["text"].as_str().unwrap()).collect();
        let box_of = |text: &str| texts.iter().position(|it| *it == text).unwrap();
        let leads_to = |from: &str, to: &str| {
            let line = serde_json::json!([box_of(from), box_of(to)]);
            seen["lines"].as_array().unwrap().contains(&line)
        };
        assert!(leads_to("p: frame 0", "0: 1 0"), "{size}: {seen}");
        assert!(leads_to("@0 rw-p", "1: 2 0"), "{size}: {seen}");
        assert!(!leads_to("@0 rw-p", "0: 1 0"), "{size}: {seen}");
        for shown in boxes {
            let number = |key: &str| shown[key].as_f64().unwrap();
            let width = seen["width"].as_f64().unwrap();
            assert!(number("left") >= 0.0 && number("right") <= width, "{size}: {seen}");
            assert!(number("letters") >= 9.0, "{size}: {seen}");
        }
    }
}

/// Opens a page in a window of this size.
fn open(browser: &str, page: &Path, size: &str, arguments: &[&str]) -> Output {
    let output = Command::new("timeout")
        .args(["120", browser, "--headless", "--no-sandbox", "--disable-gpu"])
        .args(arguments)
        .arg(format!("--window-size={size}"))
        .arg(format!("--user-data-dir={}", page.with_extension("profile").display()))
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    assert_exit(&output, 0);
    output
}

/// How many pixels of a screenshot have each of these colors.
fn screenshot<const N: usize>(
    browser: &str,
    page: &Path,
    size: &str,
    is_dark: bool,
    colors: [[u8; 3]; N],
) -> [usize; N] {
    let image = page.with_extension("png");
    let path = format!("--screenshot={}", image.display());
    let scheme = if is_dark { "--force-dark-mode" } else { "--hide-scrollbars" };
    open(browser, page, size, &[&path, scheme]);
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
        let [pages, frames, different] = screenshot(browser, &page, size, false, colors);
        assert!(pages > 2 * frames - frames / 2 && frames > 1000, "{size}: {pages} {frames}");
        assert!(different > 100, "{size}: {different}");
    }
    let colors = [[0x0d, 0x11, 0x17], [0xff, 0xff, 0xff]];
    let [dark, light] = screenshot(browser, &page, "1000,900", true, colors);
    assert!(dark > 500_000 && light < 10_000, "{dark} {light}");
}

#[test]
fn keys_go_from_step_to_step() {
    let Some(browser) = browser() else { return };
    let folder = TempDir::new().unwrap();
    let page = folder.path().join("page.html");
    assert_exit(&mapspec(&["explain", "--html", page.to_str().unwrap(), TEST]), 0);
    let seen = found_out(browser, &page, "1000,900", PRESS);
    let last = fs::read_to_string(&page).unwrap().matches("<section ").count();
    let steps = [1, 1, 2, 3, 2, last].map(|step| format!("step-{step}"));
    assert_eq!(seen, serde_json::json!(steps));
}
