//! A world as it can be seen: the sweep's outcomes, of model and kernel, as a table.

use std::collections::BTreeMap;

use comfy_table::{Table, presets};
use mapspec_model::op::{Actor, Op, Statement};
use mapspec_model::outcome::{Outcome, PageStates};

use crate::litmus::{outcome_text, place_text};

/// Both worlds at one moment.
#[derive(Clone, Debug, Default)]
pub struct View {
    model: World,
    kernel: World,
}

/// For each place of a process, a page or a descriptor, what its columns show.
type World = BTreeMap<Place, [Vec<String>; 3]>;

/// A row: a page of the arena, or a descriptor.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Page(Actor, u8),
    File(Actor, u8),
}

impl View {
    /// What a sweep showed of the model and of the kernel; the kernel's may be missing.
    pub fn new(sweep: &[Statement], model: &[Outcome], kernel: &[Outcome]) -> Self {
        Self { model: world(sweep, model), kernel: world(sweep, kernel) }
    }

    /// The table: a row for each mapped page and open descriptor; where the kernel differs, its side
    /// is shown behind the model's.
    pub fn table(&self) -> String {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_header(["", "mapping or size", "page or seals", "content"]);
        for (place, model) in &self.model {
            let kernel = self.kernel.get(place).unwrap_or(model);
            if is_empty(model) && is_empty(kernel) {
                continue;
            }
            let cells = model.iter().zip(kernel).map(|(model, kernel)| {
                let (model, kernel) = (model.join(" "), kernel.join(" "));
                if permits(&model, &kernel) {
                    model
                } else {
                    format!("{model}  (kernel: {kernel})")
                }
            });
            table.add_row([place.text()].into_iter().chain(cells));
        }
        if table.row_count() == 0 {
            return "  nothing is mapped, no file is open\n".to_owned();
        }
        let lines = table.lines().map(|line| format!("  {}\n", line.trim_end()));
        lines.collect()
    }
}

impl Place {
    fn text(&self) -> String {
        match self {
            Self::Page(actor, page) => {
                format!("{actor:?}{}", place_text(mapspec_model::op::Address::page(*page)))
            }
            Self::File(actor, name) => {
                format!("{actor:?}:{}", mapspec_model::op::Name::LETTERS[usize::from(*name)])
            }
        }
    }
}

/// Whether a cell of the kernel's is one that the model's allows: `none|file` allows `file`.
fn permits(model: &str, kernel: &str) -> bool {
    model == kernel || model.split('|').any(|it| kernel.split('|').any(|other| it == other))
}

/// Whether nothing is mapped there, or no descriptor held.
fn is_empty(columns: &[Vec<String>; 3]) -> bool {
    columns.iter().all(|column| {
        column.iter().all(|text| ["none", "SIGSEGV/MAPERR", "EBADF"].contains(&text.as_str()))
    })
}

fn world(sweep: &[Statement], outcomes: &[Outcome]) -> World {
    let mut world = World::new();
    for (Statement { actor, op }, outcome) in sweep.iter().zip(outcomes) {
        let (place, column) = match *op {
            Op::Maps { at } => (Place::Page(*actor, at.cells().page()), 0),
            Op::Page { at } => (Place::Page(*actor, at.cells().page()), 1),
            Op::Load { at } => (Place::Page(*actor, at.cells().page()), 2),
            Op::Size { file } => (Place::File(*actor, file.0), 0),
            Op::GetSeals { file } => (Place::File(*actor, file.0), 1),
            Op::Pread { file, .. } => (Place::File(*actor, file.0), 2),
            _ => continue,
        };
        let shown = &mut world.entry(place).or_default()[column];
        let text = outcome_text(op, *outcome);
        let repeats = shown.last() == Some(&text) && (text == "EOF" || text.starts_with('S'));
        if !repeats && *outcome != Outcome::Page(PageStates::EMPTY) {
            shown.push(text);
        }
    }
    world
}
