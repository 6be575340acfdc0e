//! The world as a picture: processes to the left, then frames, then files; a line leads from each
//! page to what it shows.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use mapspec_model::op::Actor;

use super::Picture;

const ROW: usize = 46;
const BOX: usize = 38;
const COLUMN: usize = 220;
const WIDTH: usize = 172;
const TITLE: usize = 34;
/// How much smaller the picture may become; what does not fit then is scrolled to.
const READABLE: (usize, usize) = (3, 4);

/// Where a box stands.
#[derive(Clone, Copy)]
struct Spot {
    x: usize,
    y: usize,
}

/// Boxes below each other, with titles.
struct Column {
    x: usize,
    y: usize,
}

impl Column {
    const fn new(number: usize) -> Self {
        Self { x: 10 + number * COLUMN, y: 0 }
    }

    fn title(&mut self, out: &mut String, text: &str) {
        let (x, y) = (self.x, self.y + TITLE - 12);
        let _ = write!(out, "<text class=\"title\" x=\"{x}\" y=\"{y}\">{}</text>", escape(text));
        self.y += TITLE;
    }

    fn draw(&mut self, out: &mut String, class: &str, label: &str, note: &str) -> Spot {
        let spot = Spot { x: self.x, y: self.y };
        draw(out, spot, class, label, note);
        self.y += ROW;
        spot
    }
}

/// The picture of a world, an SVG element.
pub fn svg(picture: &Picture) -> String {
    let (mut lines, mut boxes) = (String::new(), String::new());
    let mut next = 1..;
    let mut column =
        |is_used: bool| Column::new(if is_used { next.next().unwrap_or(1) } else { 0 });
    let (mut frames, mut files) =
        (column(!picture.frames.is_empty()), column(!picture.files.is_empty()));
    let mut frame_spots = BTreeMap::new();
    if !picture.frames.is_empty() {
        frames.title(&mut boxes, "frames");
    }
    for frame in &picture.frames {
        let label = format!("{}: {}", frame.number, frame.content);
        let spot = frames.draw(&mut boxes, "frame", &label, &frame.state);
        frame_spots.insert(frame.number, spot);
    }
    let mut file_spots = BTreeMap::new();
    for file in &picture.files {
        files.title(&mut boxes, &format!("{}, {}, {}", file.names, file.size, file.seals));
        for (row, page) in file.pages.iter().enumerate() {
            let (class, content) = page.as_deref().map_or(("hole", "hole"), |it| ("file", it));
            let spot = files.draw(&mut boxes, class, content, &format!("page {row}"));
            file_spots.insert((file.number, row), spot);
        }
    }
    let shown_in = |frame: Option<u8>, file: Option<(usize, usize)>| match (frame, file) {
        (Some(frame), _) => frame_spots.get(&frame),
        (None, Some(page)) => file_spots.get(&page),
        (None, None) => None,
    };
    let mut processes = Column::new(0);
    for process in Actor::ALL {
        let pages: Vec<_> = picture.pages.iter().filter(|it| it.process == process).collect();
        let pins: Vec<_> = picture.pins.iter().filter(|it| it.process == process).collect();
        if pages.is_empty() && pins.is_empty() {
            continue;
        }
        processes.title(&mut boxes, &format!("process {process:?}"));
        for page in pages {
            let label = format!("{} {}", page.place, page.mapping);
            let spot = processes.draw(&mut boxes, "page", &label, &page.entry);
            join(&mut lines, spot, shown_in(page.frame, page.file));
        }
        for pin in pins {
            let label = format!("{}: {}", pin.name, pin.shows);
            let spot = processes.draw(&mut boxes, "pin", &label, &pin.hold);
            join(&mut lines, spot, shown_in(pin.frame, pin.file));
        }
    }
    let width = 10 + frames.x.max(files.x) + COLUMN;
    let height = processes.y.max(frames.y).max(files.y).max(TITLE) + 6;
    format!(
        "<svg viewBox=\"0 0 {width} {height}\" style=\"max-width:{width}px;min-width:{}px\" \
         role=\"img\" aria-label=\"processes, pins, frames and files\">{lines}{boxes}</svg>",
        width * READABLE.0 / READABLE.1,
    )
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

fn join(out: &mut String, from: Spot, to: Option<&Spot>) {
    let Some(to) = to else { return };
    let (x1, y1, y2) = (from.x + WIDTH, from.y + BOX / 2, to.y + BOX / 2);
    let _ = write!(out, "<line x1=\"{x1}\" y1=\"{y1}\" x2=\"{}\" y2=\"{y2}\"/>", to.x);
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
