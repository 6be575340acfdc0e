//! Joins the results of the parts of an enumeration. The outcome is what one run would have told.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, Read as _};

use super::Shard;
use super::record::{Divergence, Part, Record, SCHEMA, Start, Tally, Whole};

/// The most bytes that a line of results has.
const LONGEST_LINE: u64 = 1 << 20;

/// Why results are not joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// They are no results, or not of the same enumeration.
    Bad(String),
    /// Some are missing.
    Incomplete(String),
}

/// The results of one part.
#[derive(Clone, Debug)]
pub struct Results {
    /// Where they come from.
    path: String,
    start: Start,
    shard: Shard,
    /// The first program of each finding.
    findings: Vec<Record>,
    tally: Tally,
    /// Whether the last line is there.
    is_whole: bool,
}

/// Reads the results of one part after the other. Without its last line a part is good up to its
/// last tally.
///
/// # Errors
/// Something that no run has written.
pub fn read(path: &str, mut input: impl BufRead) -> Result<Vec<Results>, Problem> {
    let mut all: Vec<Results> = Vec::new();
    for number in 1_u64.. {
        let bad = |what: String| Problem::Bad(format!("{path}:{number}: {what}"));
        let mut line = Vec::new();
        let length = input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line);
        if length.map_err(|error| bad(error.to_string()))? == 0 {
            break;
        }
        let record = match serde_json::from_slice(&line) {
            Ok(record) => record,
            // A line that does not even end: the run was cut off while writing it.
            Err(_) if !line.ends_with(b"\n") && !all.is_empty() => break,
            Err(error) => return Err(bad(format!("no result of `mapspec enumerate`: {error}"))),
        };
        match (record, all.last_mut()) {
            (Record::Start(start), _) => all.push(Results::new(path, start).map_err(bad)?),
            (record, Some(results)) if !results.is_whole => results.add(record).map_err(bad)?,
            _ => return Err(bad("there is no `start` before this line".to_owned())),
        }
    }
    if all.is_empty() {
        return Err(Problem::Bad(format!("{path}: there is no result in this file")));
    }
    all.iter().try_for_each(Results::check)?;
    Ok(all)
}

impl Results {
    fn new(path: &str, start: Start) -> Result<Self, String> {
        let Start { part, whole } = &start;
        if whole.schema != SCHEMA {
            return Err(format!("schema {}, but only {SCHEMA} is known here", whole.schema));
        }
        let depths = whole.depth.saturating_add(1);
        if whole.programs.len() != depths || part.planned.len() != depths {
            return Err(format!("counts for {depths} depths are expected"));
        }
        let shard = part.shard.parse()?;
        let tally = Tally { next: part.from, ..Tally::new(whole.depth) };
        let path = path.to_owned();
        Ok(Self { path, start, shard, findings: Vec::new(), tally, is_whole: false })
    }

    fn add(&mut self, record: Record) -> Result<(), String> {
        match record {
            Record::SoFar(tally) => self.tally = self.checked(tally)?,
            Record::End(tally) => {
                self.tally = self.checked(tally)?;
                self.is_whole = true;
            }
            finding => self.findings.push(finding),
        }
        Ok(())
    }

    fn checked(&self, tally: Tally) -> Result<Tally, String> {
        let outcomes = [&tally.known, &tally.diverge, &tally.broken];
        let counts = outcomes.into_iter().flat_map(BTreeMap::values);
        let sum = counts.fold(tally.agree, |sum, count| sum.saturating_add(*count));
        if tally.run.len() != self.tally.run.len()
            || tally.next < self.tally.next
            || sum.saturating_add(tally.beyond) != tally.total()
        {
            return Err("the counts do not add up".to_owned());
        }
        Ok(tally)
    }

    /// Each class that was counted has its program.
    fn check(&self) -> Result<(), Problem> {
        let shown: BTreeSet<_> = self.findings().map(|(key, _)| key).collect();
        let diverge = self.tally.diverge.keys().map(|class| (Kind::Divergence, class.as_str()));
        let broken = self.tally.broken.keys().map(|reason| (Kind::Broken, reason.as_str()));
        match diverge.chain(broken).find(|key| !shown.contains(key)) {
            Some((_, name)) => {
                Err(Problem::Bad(format!("{}: there is no program for `{name}`", self.path)))
            }
            None => Ok(()),
        }
    }

    /// The findings up to the last tally, each with what tells it from others.
    fn findings(&self) -> impl Iterator<Item = ((Kind, &str), &Record)> {
        self.findings.iter().filter_map(|record| match record {
            Record::Divergence(Divergence { class, index, .. }) if *index < self.tally.next => {
                Some(((Kind::Divergence, class.as_str()), record))
            }
            Record::Broken(broken) if broken.index < self.tally.next => {
                Some(((Kind::Broken, broken.reason.as_str()), record))
            }
            _ => None,
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Divergence,
    Broken,
}

/// Joins the parts of one enumeration: its start, each finding with its first program, its end.
///
/// # Errors
/// The parts are not of one enumeration, overlap, or do not make up the whole.
pub fn merge(mut parts: Vec<Results>) -> Result<(Start, Vec<Record>, Tally), Problem> {
    parts.sort_by_key(|part| (part.shard, part.start.part.from));
    let Some(first) = parts.first() else {
        return Err(Problem::Incomplete("there is nothing to merge".to_owned()));
    };
    let whole = first.start.whole.clone();
    parts.iter().try_for_each(|part| is_same_enumeration(first, part))?;
    is_complete(&parts)?;

    let mut tally = Tally::new(whole.depth);
    let mut findings = BTreeMap::new();
    for part in &parts {
        tally.add(&part.tally);
        for (key, record) in part.findings() {
            let first = findings.entry(key).or_insert(record);
            if index(record) < index(first) {
                *first = record;
            }
        }
    }
    if tally.run != whole.programs {
        let (run, programs) = (&tally.run, &whole.programs);
        return Err(Problem::Incomplete(format!(
            "all parts together ran {run:?} programs by depth, not {programs:?}"
        )));
    }
    let mut findings: Vec<_> = findings.into_values().cloned().collect();
    findings.sort_by_key(index);
    let planned = whole.programs.clone();
    let part = Part { shard: Shard::WHOLE.to_string(), from: 0, planned };
    Ok((Start { part, whole }, findings, tally))
}

fn index(record: &Record) -> Option<u64> {
    match record {
        Record::Divergence(divergence) => Some(divergence.index),
        Record::Broken(broken) => Some(broken.index),
        Record::Start(_) | Record::SoFar(_) | Record::End(_) => None,
    }
}

fn is_same_enumeration(first: &Results, part: &Results) -> Result<(), Problem> {
    let describe = |whole: &Whole, shard: Shard| {
        let Whole { version, alphabet, kernel, policy, fields, frames, depth, programs, .. } =
            whole.clone();
        [
            ("depth", depth.to_string()),
            ("number of shards", shard.count().to_string()),
            ("kernel", kernel),
            ("policy", policy),
            ("policy's fields", fields.join(", ")),
            ("comparison of physical pages", frames.to_string()),
            ("version of mapspec", version),
            ("alphabet", alphabet),
            ("counts of programs", format!("{programs:?}")),
        ]
    };
    let ours = describe(&first.start.whole, first.shard);
    let theirs = describe(&part.start.whole, part.shard);
    match ours.iter().zip(&theirs).find(|(one, other)| one != other) {
        Some(((what, one), (_, other))) => Err(Problem::Bad(format!(
            "not the same enumeration: {what} is `{one}` in {}, `{other}` in {}",
            first.path, part.path
        ))),
        None => Ok(()),
    }
}

/// Each shard is there from its first program to its last, once. The parts are sorted.
fn is_complete(parts: &[Results]) -> Result<(), Problem> {
    let present: BTreeSet<_> = parts.iter().map(|part| part.shard).collect();
    let count = parts.first().map_or(0, |part| part.shard.count());
    let missing: Vec<_> = Shard::all(count)
        .filter(|it| !present.contains(it))
        .take(5)
        .map(|it| it.to_string())
        .collect();
    if !missing.is_empty() {
        let more = count as usize - present.len() - missing.len();
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let missing = missing.join(", ");
        return Err(Problem::Incomplete(format!("there is no result of shard {missing}{more}")));
    }
    for parts in parts.chunk_by(|one, other| one.shard == other.shard) {
        let (mut next, mut before): (_, Option<&Results>) = (Some(0), None);
        for part in parts {
            let (path, shard, from) = (&part.path, &part.shard, part.start.part.from);
            match (next, before) {
                (Some(next), _) if next == from => {}
                (Some(next), Some(before)) if next < from => return Err(truncated(before)),
                (Some(next), None) if next < from => {
                    return Err(Problem::Incomplete(format!(
                        "{path} has shard {shard} only from program {from} on"
                    )));
                }
                (_, before) => {
                    let before = before.map_or(path, |before| &before.path);
                    return Err(Problem::Bad(format!(
                        "{before} and {path} both have shard {shard} from program {from} on"
                    )));
                }
            }
            next = (!part.is_whole).then_some(part.tally.next);
            before = Some(part);
        }
        if let Some(last) = before.filter(|last| !last.is_whole) {
            return Err(truncated(last));
        }
    }
    Ok(())
}

fn truncated(part: &Results) -> Problem {
    let Results { path, shard, tally: Tally { next, .. }, .. } = part;
    Problem::Incomplete(format!(
        "{path} is cut off, its last line is missing; what is left of shard {shard} is run with \
         `--shard {shard} --from {next}`, into another file"
    ))
}
