//! `mapspec bench`: how fast it is here.

use clap::Args;
use comfy_table::{CellAlignment, Table, presets};

use super::output::{message, print};
use super::session;
use super::{Ending, Options};
use crate::bench::{self, WAYS, median};

/// Measure how fast programs are run, in ratios.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mapspec bench\n  mapspec bench --rounds 3")]
pub struct Bench {
    /// How often everything is measured, in turns; the medians are printed.
    #[arg(long, value_name = "N", default_value_t = 9, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: u32,
}

/// Ratios that say something: one way, in relation to another, and what it shows.
const RATIOS: [(usize, usize, &str); 4] = [
    (3, 0, "isolated, to a bare fork, exit and wait"),
    (4, 1, "batched, to no isolation at all"),
    (5, 4, "two jobs, to one, batched"),
    (2, 1, "two jobs, to one, with no isolation: what this machine and its kernel give"),
];

impl Bench {
    /// Prints rates and ratios.
    pub fn run(&self, options: &Options) -> Result<Ending, Ending> {
        let session = session::start(options)?;
        let frames = session.capabilities.frame_numbers.is_ok();
        let mut bench = bench::Bench::new(session.policy, frames, options.timeout);
        let rounds: Vec<_> =
            (0..self.rounds).map(|_| bench.round()).collect::<Result<_, _>>().map_err(|error| {
                message(format!("error: a measurement failed: {error}"));
                Ending::Broken
            })?;
        print(format!(
            "kernel {}, {} rounds, programs of {:.0} statements with their sweeps\n\n",
            session.release,
            self.rounds,
            bench.statements()
        ))?;
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_header(["", "per second", "slowest", "fastest"]);
        for (way, name) in WAYS.iter().enumerate() {
            let rates = || rounds.iter().map(|round| round[way]);
            let (slowest, fastest) =
                (rates().fold(f64::INFINITY, f64::min), rates().fold(0.0, f64::max));
            let rates = [median(&rounds, way), slowest, fastest].map(|rate| format!("{rate:.0}"));
            table.add_row([(*name).to_owned()].into_iter().chain(rates));
        }
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        for line in table.lines() {
            print(format!("{}\n", line.trim_end()))?;
        }
        print("\n")?;
        for (way, base, what) in RATIOS {
            let ratios: Vec<_> =
                rounds.iter().map(|round| [round[way] / round[base]; WAYS.len()]).collect();
            print(format!("{:.2}  {what}\n", median(&ratios, 0)))?;
        }
        Ok(Ending::Fine)
    }
}
