//! The table of all operations, as the book shows it: what each is, how many tests of the corpus use
//! it, on which backings they do, what it needs here, and in which fields of the policy kernels differ
//! in it.

use std::collections::BTreeSet;

use mapspec_model::memory::Cow;
use mapspec_model::op::{Actor, Address, Argument, Call, Statement};
use mapspec_model::policy::{FIELDS, Kind, Policy};
use mapspec_model::world::{Backing, FileBacking};
use mapspec_model::{World, step};
use mapspec_oracle::capability;

use crate::compare::model_trace;
use crate::corpus::Entry;

/// The table, in Markdown.
pub fn operations(corpus: &[Entry]) -> String {
    let mut table =
        "| call | what it is | tests | on | needs | kernels differ in |\n| --- | --- | ---: | --- | --- | --- |\n"
            .to_owned();
    let used: BTreeSet<_> = corpus.iter().flat_map(|it| backings(&it.test.program())).collect();
    for &call in Call::ALL {
        let about = call.about().split_whitespace().collect::<Vec<_>>().join(" ");
        let (syntax, about) = about.split_once("`: ").unwrap_or((&about, ""));
        let uses =
            |entry: &&Entry| entry.test.lines.iter().any(|line| line.statement.op.call() == call);
        let tests = corpus.iter().filter(uses).count();
        let fields: Vec<_> = differences(call, corpus).map(|it| format!("`{it}`")).collect();
        let row = [
            format!("{}`", syntax.trim_end_matches(['`', '.'])),
            about.to_owned(),
            tests.to_string(),
            used.iter()
                .filter(|(it, _)| *it == call)
                .map(|(_, name)| *name)
                .collect::<Vec<_>>()
                .join(", "),
            capability::needed_by(call).to_owned(),
            fields.join(", "),
        ];
        let row = row.map(|cell| cell.replace('|', "\\|"));
        table += &format!("| {} |\n", row.join(" | "));
    }
    table
}

/// On what each statement of a program works: the files of its descriptors, of one that it makes too, and
/// what is mapped at its addresses.
fn backings(program: &[Statement]) -> Vec<(Call, &'static str)> {
    let (mut world, mut all) = (World::<Cow>::new(), Vec::new());
    for statement in program {
        let before = world;
        step(&mut world, statement.actor, &statement.op, &Policy::default());
        for (field, argument) in statement.op.arguments() {
            let looked_at = if field.name == "name" { &world } else { &before };
            let backing = backing(looked_at, statement.actor, argument);
            all.extend(backing.map(|it| (statement.op.call(), it)));
        }
    }
    all
}

fn backing(world: &World<Cow>, actor: Actor, argument: Argument) -> Option<&'static str> {
    let mapped = |process: Actor, at: Address| {
        let process = &world.processes[world.alive(process)?];
        process.mappings[at.index()?].map(|mapping| mapping.backing)
    };
    let backing = match argument {
        Argument::Name(name) | Argument::OptionalName(Some(name)) => {
            let held = world.processes[world.alive(actor)?].descriptor(name)?;
            Backing::File { file: held.file, page: 0 }
        }
        Argument::Address(at) | Argument::OptionalAddress(Some(at)) => mapped(actor, at)?,
        Argument::Remote(of) => mapped(of.process, of.at)?,
        _ => return None,
    };
    Some(match backing {
        Backing::Anonymous => "anonymous",
        Backing::File { file, .. } => name_of(world.files[file].backing),
    })
}

const fn name_of(backing: FileBacking) -> &'static str {
    match backing {
        FileBacking::Memory => "memory",
        FileBacking::Tmpfs => "tmpfs",
        FileBacking::Disk => "disk",
        FileBacking::Zero => "/dev/zero",
        FileBacking::Huge => "hugetlb",
    }
}

/// The fields whose own tests come to different outcomes in a statement of this call first.
fn differences(call: Call, corpus: &[Entry]) -> impl Iterator<Item = &'static str> {
    let differs = move |name: &str| {
        let entry = corpus.iter().find(|entry| entry.test.field.as_deref() == Some(name))?;
        let program = entry.test.program();
        let trace = |value| Some(model_trace(&program, &Policy::default().with(name, value)?));
        let pairs = trace(false)?.into_iter().zip(trace(true)?);
        let place = pairs.into_iter().position(|(without, with)| without != with)?;
        Some(program[place].op.call() == call)
    };
    let choices = FIELDS.iter().filter(|field| field.kind != Kind::Bug);
    choices.map(|field| field.name).filter(move |name| differs(name).unwrap_or_default())
}
