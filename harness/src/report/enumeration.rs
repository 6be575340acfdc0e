//! An enumeration: what is run, what is found, what came of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use mapspec_model::op::Call;

use super::results::{Finding, Format, Printer, Run, SCHEMA, by_call, tests};
use super::style::{bad, emphasis};
use crate::enumerate::record::{Broken, Divergence, Part, Record, Start, Tally, Whole};

/// Says of each record what is written: a person reads a text, `mapspec merge` reads the records
/// themselves as JSON lines, and a machine that runs tests sees one for each call.
pub struct Enumeration {
    format: Format,
    printer: Option<Printer>,
    findings: Vec<Finding>,
    broken: Vec<String>,
}

impl Enumeration {
    /// Nothing was told yet.
    pub const fn new(format: Format) -> Self {
        Self { format, printer: None, findings: Vec::new(), broken: Vec::new() }
    }

    /// What is written of a record.
    ///
    /// # Errors
    /// The form cannot hold it.
    pub fn record(&mut self, record: &Record) -> Result<String, String> {
        match self.format {
            Format::Human => Ok(text(record)),
            Format::Json => serde_json::to_string(record)
                .map(|line| line + "\n")
                .map_err(|error| error.to_string()),
            Format::Ktap | Format::Junit => self.tests(record),
        }
    }

    fn tests(&mut self, record: &Record) -> Result<String, String> {
        match record {
            Record::Start(start) => {
                let (printer, text) = Printer::new(self.format, run(start));
                self.printer = Some(printer);
                return Ok(text);
            }
            Record::Divergence(found) => self.findings.extend(of_record(found)),
            Record::Broken(found) => self.broken.push(found.reason.clone()),
            Record::SoFar(_) => {}
            Record::End(tally) => {
                if let Some(mut printer) = self.printer.take() {
                    let cases = by_call("enumerate", &self.findings, &self.broken);
                    let text: String = cases.into_iter().map(|it| printer.case(it)).collect();
                    return Ok(text + &printer.end(tally.seconds)?);
                }
            }
        }
        Ok(String::new())
    }
}

fn run(Start { part, whole }: &Start) -> Run {
    let is_on = |name: &&str| whole.fields.iter().any(|it| it == name);
    let fields = mapspec_model::policy::FIELDS.iter().map(|it| it.name).filter(is_on);
    Run {
        schema: SCHEMA,
        command: "enumerate",
        version: env!("CARGO_PKG_VERSION"),
        kernel: whole.kernel.clone(),
        policy: whole.policy.clone(),
        fields: fields.collect(),
        notes: vec![format!("programs of {}: {}", part.shard, counts_by_depth(&part.planned))],
        tests: tests(),
    }
}

/// The finding that a record tells of: its class begins with the call.
fn of_record(found: &Divergence) -> Option<Finding> {
    let is_of = |call: &&Call| found.class.starts_with(&format!("{call:?}: "));
    Some(Finding {
        call: *Call::ALL.iter().find(is_of)?,
        class: found.class.clone(),
        program: found.program.clone(),
        details: finding(found),
    })
}

/// The text of a record; a tally in between has none.
fn text(record: &Record) -> String {
    match record {
        Record::Start(start) => beginning(start),
        Record::Divergence(divergence) => finding(divergence),
        Record::Broken(broken) => unfinished(broken),
        Record::SoFar(_) => String::new(),
        Record::End(tally) => ending(tally),
    }
}

/// `depth 0: 5, depth 1: 187; 192 in all`.
pub fn counts_by_depth(counts: &[u64]) -> String {
    let depths: Vec<_> =
        counts.iter().enumerate().map(|(depth, count)| format!("depth {depth}: {count}")).collect();
    let all = counts.iter().fold(0_u64, |all, count| all.saturating_add(*count));
    format!("{}; {all} in all", depths.join(", "))
}

fn beginning(start: &Start) -> String {
    let Start {
        part: Part { shard, from, planned },
        whole: Whole { kernel, policy, programs, .. },
    } = start;
    let mut text = format!("kernel {kernel}, policy {policy}\n");
    if planned != programs {
        let from = if *from == 0 { String::new() } else { format!(", from program {from} on") };
        let _ = writeln!(text, "programs: {}", counts_by_depth(programs));
        let _ = writeln!(text, "of these: shard {shard}{from}");
    }
    let _ = writeln!(text, "to run:   {}", counts_by_depth(planned));
    text
}

fn finding(found: &Divergence) -> String {
    let Divergence { class, index, start, program, model, kernel, rate: (differs, runs) } = found;
    let bad = bad();
    let mut text = format!("\n{bad}diverge{bad:#}  {class}\n\n");
    let mut lines = program.lines().peekable();
    while let Some(line) = lines.next() {
        let mark = if lines.peek().is_none() { '>' } else { ' ' };
        let _ = writeln!(text, "  {mark} {line}");
    }
    let _ = writeln!(text, "  model:  {model}");
    let _ = writeln!(text, "  kernel: {kernel}  (not the model's in {differs} of {runs} runs)");
    let _ = writeln!(text, "  program {index}, starting point `{start}`");
    text
}

fn unfinished(broken: &Broken) -> String {
    let Broken { reason, index, start, program, at } = broken;
    let bad = bad();
    let mut text = format!("\n{bad}broken{bad:#}   {reason}\n\n");
    for line in program.lines() {
        let _ = writeln!(text, "    {line}");
    }
    let _ = writeln!(text, "  at {at}\n  program {index}, starting point `{start}`");
    text
}

fn ending(tally: &Tally) -> String {
    let emphasis = emphasis();
    let shown = !tally.diverge.is_empty() || !tally.broken.is_empty();
    let mut text = if shown { "\n".to_owned() } else { String::new() };
    let _ = writeln!(text, "ran:      {}", counts_by_depth(&tally.run));
    let findings =
        [("diverge", &tally.diverge), ("known", &tally.known), ("broken", &tally.broken)];
    for (word, counts) in findings {
        for (name, count) in counts {
            let _ = writeln!(text, "{word:<9} {count} × {name}");
        }
    }
    let sum = |counts: &BTreeMap<_, u64>| {
        counts.values().fold(0_u64, |sum, count| sum.saturating_add(*count))
    };
    let counts = [
        ("agree", tally.agree),
        ("diverge", sum(&tally.diverge)),
        ("known", sum(&tally.known)),
        ("broken", sum(&tally.broken)),
        ("beyond the model's bounds", tally.beyond),
    ];
    let counts = counts.iter().filter(|(_, count)| *count > 0);
    let counts: Vec<_> = counts.map(|(word, count)| format!("{count} {word}")).collect();
    let (total, counts) = (tally.total(), counts.join(", "));
    let seconds = tally.seconds;
    let _ = writeln!(text, "{emphasis}{total} programs: {counts}{emphasis:#}; {seconds:.2} s");
    text
}
