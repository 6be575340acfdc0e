//! The steps for a terminal.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use comfy_table::{Table, presets};

use super::{Picture, Step};
use crate::report::text::wrap;
use crate::report::{bad, emphasis, faint};

/// Columns of the prose.
const WIDTH: usize = 92;

/// All steps, each with its rule and, where it changed, the world.
pub fn text(steps: &[Step]) -> String {
    let (emphasis, bad, faint) = (emphasis(), bad(), faint());
    let mut text = String::new();
    let mut told = BTreeSet::new();
    let mut before = Picture::default();
    for (number, step) in steps.iter().enumerate() {
        let Step { statement, model, kernel, differs, rule, picture } = step;
        let _ = writeln!(text, "{emphasis}{:>3}  {statement:39}{emphasis:#} = {model}", number + 1);
        if *differs {
            let kernel = kernel.as_deref().unwrap_or_default();
            let _ = writeln!(text, "     {bad}the kernel: {kernel}{bad:#}");
        }
        if let Some(rule) = rule {
            let _ = writeln!(text, "     {faint}{}{faint:#}", rule.place);
            if told.insert(rule.place) {
                let words = format!("{} Source: {}.", rule.statement(), rule.source());
                for line in wrap(&words, WIDTH) {
                    let _ = writeln!(text, "     {faint}{line}{faint:#}");
                }
            }
        }
        if *picture != before {
            text += &world(picture);
            before = picture.clone();
        }
        text.push('\n');
    }
    text
}

fn world(picture: &Picture) -> String {
    let mut text = String::new();
    let pages = picture.pages.iter().map(|page| {
        let file = page
            .file
            .map_or("anonymous".to_owned(), |(file, page)| format!("file {file}, page {page}"));
        vec![
            format!("{:?}{}", page.process, page.place),
            page.mapping.clone(),
            file,
            page.entry.clone(),
        ]
    });
    text += &table(&["page", "mapping", "of", "page table"], pages);
    let frames = picture.frames.iter().map(|frame| {
        let number = frame.number.to_string();
        vec![number, frame.state.clone(), frame.owners.clone(), frame.content.clone()]
    });
    text += &table(&["frame", "state", "of", "content"], frames);
    let pins = picture.pins.iter().map(|pin| {
        vec![format!("{:?}:{}", pin.process, pin.name), pin.hold.clone(), pin.shows.clone()]
    });
    text += &table(&["pin", "held by", "shows"], pins);
    let files = picture.files.iter().map(|file| {
        let pages = file.pages.iter().map(|page| page.as_deref().unwrap_or("hole"));
        let pages = pages.collect::<Vec<_>>().join(" | ");
        vec![
            file.number.to_string(),
            file.names.clone(),
            file.size.clone(),
            file.seals.clone(),
            pages,
        ]
    });
    text += &table(&["file", "descriptors", "size", "seals", "content"], files);
    text
}

/// A table, if there is some row.
fn table(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(header);
    rows.for_each(|row| {
        table.add_row(row);
    });
    if table.row_count() == 0 {
        return String::new();
    }
    table.lines().map(|line| format!("      {}\n", line.trim_end())).collect()
}
