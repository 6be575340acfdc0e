//! The world as a picture: processes to the left, then frames, then files; a line leads from each
//! page to what it shows.

use std::fmt::Write as _;

use mapspec_model::op::Actor;

use super::Picture;

const ROW: usize = 46;
const BOX: usize = 38;
const COLUMN: usize = 220;
const WIDTH: usize = 172;
const TOP: usize = 34;

/// Where a box stands.
#[derive(Clone, Copy)]
struct Spot {
    x: usize,
    y: usize,
}

/// The picture of a world, an SVG element.
pub fn svg(picture: &Picture) -> String {
    let shown = |actor: &Actor| {
        picture.pages.iter().any(|page| page.process == *actor)
            || picture.pins.iter().any(|pin| pin.process == *actor)
    };
    let processes: Vec<_> = Actor::ALL.into_iter().filter(shown).collect();
    let columns = processes.len() + 1 + picture.files.len();
    let spot = |column: usize, row: usize| Spot { x: 10 + column * COLUMN, y: TOP + row * ROW };
    let (mut lines, mut boxes) = (String::new(), String::new());
    let frame_spot = |frame: u8| {
        let row = picture.frames.iter().position(|it| it.number == frame)?;
        Some(spot(processes.len(), row))
    };
    let file_spot = |number: usize, page: usize| {
        let place = picture.files.iter().position(|file| file.number == number)?;
        let is_there = page < picture.files[place].pages.len();
        is_there.then(|| spot(processes.len() + 1 + place, page))
    };
    for (column, process) in processes.iter().enumerate() {
        title(&mut boxes, spot(column, 0), &format!("process {process:?}"));
        let pages = picture.pages.iter().filter(|page| page.process == *process);
        for (row, page) in pages.enumerate() {
            let at = spot(column, row);
            let label = format!("{} {}", page.place, page.mapping);
            draw(&mut boxes, at, "page", &label, &page.entry);
            let target = match (page.frame, page.file) {
                (Some(frame), _) => frame_spot(frame),
                (None, Some((file, page))) => file_spot(file, page),
                (None, None) => None,
            };
            if let Some(target) = target {
                join(&mut lines, at, target);
            }
        }
        let pages = picture.pages.iter().filter(|page| page.process == *process).count();
        let pins = picture.pins.iter().filter(|pin| pin.process == *process);
        for (row, pin) in pins.enumerate() {
            let at = spot(column, pages + row);
            draw(&mut boxes, at, "pin", &format!("{}: {}", pin.name, pin.shows), &pin.hold);
            let file = pin.file.and_then(|(file, page)| file_spot(file, page));
            if let Some(target) = pin.frame.and_then(frame_spot).or(file) {
                join(&mut lines, at, target);
            }
        }
    }
    if !picture.frames.is_empty() {
        title(&mut boxes, spot(processes.len(), 0), "frames");
    }
    for frame in &picture.frames {
        if let Some(at) = frame_spot(frame.number) {
            let label = format!("{}: {}", frame.number, frame.content);
            draw(&mut boxes, at, "frame", &label, &frame.state);
        }
    }
    for (place, file) in picture.files.iter().enumerate() {
        let label = format!("{}, {}, {}", file.names, file.size, file.seals);
        title(&mut boxes, spot(processes.len() + 1 + place, 0), &label);
        for (row, page) in file.pages.iter().enumerate() {
            let at = spot(processes.len() + 1 + place, row);
            let (class, content) = page.as_deref().map_or(("hole", "hole"), |it| ("file", it));
            draw(&mut boxes, at, class, content, &format!("page {row}"));
        }
    }
    let pages = processes.iter().map(|process| {
        picture.pages.iter().filter(|page| page.process == *process).count()
            + picture.pins.iter().filter(|pin| pin.process == *process).count()
    });
    let files = picture.files.iter().map(|file| file.pages.len());
    let rows = pages.chain(files).chain([picture.frames.len()]).max().unwrap_or(1);
    let (width, height) = (20 + columns * COLUMN, TOP + rows * ROW + 6);
    format!(
        "<svg viewBox=\"0 0 {width} {height}\" style=\"max-width:{width}px\" role=\"img\" \
         aria-label=\"processes, pins, frames and files\">{lines}{boxes}</svg>"
    )
}

fn title(out: &mut String, Spot { x, y }: Spot, text: &str) {
    let _ = write!(out, "<text class=\"title\" x=\"{x}\" y=\"{}\">{}</text>", y - 12, escape(text));
}

fn draw(out: &mut String, Spot { x, y }: Spot, class: &str, label: &str, note: &str) {
    let _ = write!(
        out,
        "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{BOX}\" rx=\"4\"/>\
         <text x=\"{left}\" y=\"{first}\">{}</text>\
         <text class=\"note\" x=\"{left}\" y=\"{second}\">{}</text>",
        escape(label),
        escape(note),
        left = x + 8,
        first = y + 16,
        second = y + 31,
    );
}

fn join(out: &mut String, from: Spot, to: Spot) {
    let (x1, y1, y2) = (from.x + WIDTH, from.y + BOX / 2, to.y + BOX / 2);
    let _ = write!(out, "<line x1=\"{x1}\" y1=\"{y1}\" x2=\"{}\" y2=\"{y2}\"/>", to.x);
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
