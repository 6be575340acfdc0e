//! The page about `MAP_NOSIGBUS`: what holds of each proposal is what an exploration finds.

use std::fmt::Write as _;
use std::ops::ControlFlow;

use mapspec::compare::model_trace;
use mapspec::corpus::{self, Entry};
use mapspec::explore::{
    self, Alphabet, Configuration, Counterexample, Ending, Exploration, Limits,
};
use mapspec::litmus::{outcome_text, statement_text, text};
use mapspec_model::policy::{PROPOSALS, Policy, Proposal};
use mapspec_model::property::Property;

const LIMITS: Limits = Limits { time: None, memory: u64::MAX, jobs: 2 };

/// What is found of a proposal: the shortest counterexample of each property that fails.
struct Found {
    proposal: &'static Proposal,
    states: usize,
    steps: u64,
    refuted: Vec<Counterexample>,
}

/// Explores without the properties that were refuted so far, until all that are left hold.
fn explored(configuration: &Configuration, proposal: &'static Proposal) -> Found {
    let policy = Policy::named(proposal.name).unwrap();
    let mut left = configuration.properties.clone();
    let mut refuted = Vec::new();
    loop {
        let exploration = Exploration::new(Alphabet::new(&configuration.test), policy, 1, &left);
        let found = explore::search(&exploration, &LIMITS, |_| ControlFlow::Continue(()));
        match found.ending {
            Ending::Exhausted => {
                assert!(found.silent.is_empty(), "{}: {:?}", proposal.name, found.silent);
                return Found { proposal, states: found.states, steps: found.tried, refuted };
            }
            Ending::Violated => {
                left.retain(|it| found.violated.iter().all(|violated| violated.name != it.name));
                let shortest = |it| explore::shortest(&exploration, it, &LIMITS).unwrap();
                refuted.extend(found.violated.into_iter().map(shortest));
            }
            Ending::Stopped(why) => panic!("{why}"),
        }
    }
}

#[test]
fn the_tables_of_proposals_are_what_is_found() {
    let configuration = explore::all().unwrap().into_iter().find(|it| it.name == "nosigbus");
    let configuration = configuration.unwrap();
    let found: Vec<_> =
        PROPOSALS.iter().map(|proposal| explored(&configuration, proposal)).collect();
    let corpus = corpus::built_in().unwrap_or_default();
    let mut page = properties(&configuration.properties, &found);
    page += &counterexamples(&found);
    page += &outcomes(&corpus);
    page += &departures(&corpus);
    super::check("../docs/src/nosigbus.md", &page);
}

fn columns(first: &str, cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<_> = cells.collect();
    format!("| {first} | {} |\n", cells.join(" | "))
}

fn header(first: &str, names: impl Iterator<Item = String>) -> String {
    let row = columns(first, names);
    let rule = "| --- ".repeat(row.matches('|').count() - 1) + "|\n";
    row + &rule
}

fn properties(properties: &[&'static Property], found: &[Found]) -> String {
    let mut page =
        "## What holds\nUnder the alphabet `nosigbus` of `mapspec explore`; for a property that \
                    fails, how many statements its shortest counterexample has.\n\n"
            .to_owned();
    page += &header("property", found.iter().map(|it| format!("`{}`", it.proposal.name)));
    for property in properties {
        let cell = |it: &Found| match it.refuted.iter().find(|it| it.property.name == property.name)
        {
            Some(counterexample) => format!("**fails**: {}", counterexample.program.len()),
            None => "holds".to_owned(),
        };
        page += &columns(&format!("`{}`", property.name), found.iter().map(cell));
    }
    page += &columns("states, exhausted", found.iter().map(|it| it.states.to_string()));
    page += &columns("steps", found.iter().map(|it| it.steps.to_string()));
    page
}

fn counterexamples(found: &[Found]) -> String {
    let mut page = "\n## The shortest counterexamples\n".to_owned();
    for Found { proposal, refuted, .. } in found {
        for counterexample in refuted {
            let program = text(&counterexample.test());
            let (_, statements) = program.split_once("\n\n").unwrap();
            writeln!(page, "\n`{}`, `{}`:\n", proposal.name, counterexample.property.name).unwrap();
            statements.lines().for_each(|line| writeln!(page, "    {line}").unwrap());
        }
    }
    page
}

/// The statements of a compositor's tests of which the proposals say different things.
fn outcomes(corpus: &[Entry]) -> String {
    let mut page = "\n## What a compositor gets\n".to_owned();
    let policies: Vec<_> = std::iter::once(("none", Policy::default()))
        .chain(PROPOSALS.iter().map(|it| (it.name, Policy::named(it.name).unwrap())))
        .collect();
    for Entry { test, .. } in corpus {
        if !test.name.starts_with("nosigbus.compositor-") {
            continue;
        }
        writeln!(page, "\n`{}`: {}\n", test.name, test.about).unwrap();
        page += &header("statement", policies.iter().map(|(name, _)| format!("`{name}`")));
        let program = test.program();
        let traces: Vec<_> =
            policies.iter().map(|(_, policy)| model_trace(&program, policy)).collect();
        for (place, statement) in program.iter().enumerate() {
            let outcomes = traces.iter().map(|trace| outcome_text(&statement.op, trace[place]));
            let outcomes: Vec<_> = outcomes.collect();
            if outcomes.iter().any(|it| *it != outcomes[0]) {
                let statement = statement_text(statement).replace('|', "\\|");
                let cells = outcomes.into_iter().map(|it| it.replace('|', "\\|"));
                page += &columns(&format!("`{statement}`"), cells);
            }
        }
    }
    page
}

/// What an emulation does otherwise; that it does is tested beside.
fn departures(corpus: &[Entry]) -> String {
    let mut page =
        "\n## Where the emulation is something else\n| test | |\n| --- | --- |\n".to_owned();
    for Entry { test, .. } in corpus {
        if test.name.starts_with("nosigbus.departs-") {
            writeln!(page, "| `{}` | {} |", test.name, test.about).unwrap();
        }
    }
    page
}
