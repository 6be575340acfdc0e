//! The sweep: after the last statement everything that can be seen is looked at.
//!
//! It consists of ordinary statements, so that a difference that only the sweep shows is a litmus
//! test too.

use mapspec_model::memory::Cow;
use mapspec_model::op::{Actor, Address, Cells, Handler, Name, Op, PinName, Remote, Statement};
use mapspec_model::outcome::Outcome;
use mapspec_model::policy::Policy;
use mapspec_model::world::File;
use mapspec_model::{CELLS, DESCRIPTORS, HANDLERS, PAGES, PINS, World, step};
use mapspec_oracle::Trace;

/// A program with its sweep, and what the model says of both. A program that leaves the model's bounds
/// ends before the statement with which it does.
#[derive(Clone, Debug)]
pub struct Swept {
    /// The program's statements, then the sweep's.
    pub program: Vec<Statement>,
    /// The model's outcome of each.
    pub model: Trace,
    /// How many of the statements are the program's own.
    pub own: usize,
}

impl Swept {
    /// Runs the model on a program and sweeps the world in which it ends. With `frames`, the sweep
    /// also asks which processes share a page.
    pub fn new(program: &[Statement], policy: &Policy, frames: bool) -> Self {
        let mut world = World::<Cow>::new();
        let mut model = run(&mut world, program, policy);
        let own = model.len();
        let mut all = program[..own].to_vec();
        let may_wait = world.userfaults.iter().any(Option::is_some);
        let clears = all.iter().any(|it| it.op == Op::ClearRefs {});
        for statement in sweep(&world, frames, clears) {
            let before = may_wait.then_some(world);
            let outcome = step(&mut world, statement.actor, &statement.op, policy);
            if leads_on(&statement, outcome) {
                model.push(outcome);
                all.push(statement);
            } else if let Some(before) = before {
                world = before;
            }
        }
        Self { program: all, model, own }
    }
}

/// The model's outcomes, up to the first statement of which it claims nothing.
fn run(world: &mut World<Cow>, program: &[Statement], policy: &Policy) -> Trace {
    let outcomes = program.iter().map(|it| step(world, it.actor, &it.op, policy));
    outcomes.take_while(|outcome| *outcome != Outcome::BeyondBounds).collect()
}

/// Whether the sweep can go on behind this statement: what nothing is claimed of is left out, an
/// access that waits for a userfaultfd's handler, and what a process could do only if it did not wait.
fn leads_on(statement: &Statement, outcome: Outcome) -> bool {
    match outcome {
        Outcome::BeyondBounds => false,
        Outcome::Blocked => matches!(statement.op, Op::Resume {}),
        _ => true,
    }
}

/// The statements that look at everything. Accesses that have waited come first; then in each process
/// page states, which pages are in memory and, if the program `clears` the soft-dirty bits, which have
/// theirs, for looking at them disturbs nothing; then every cell of what is mapped is loaded; then, if
/// `frames`, which processes share a page; then what pins hold and userfaultfds have to say; then each
/// file's size, seals and content.
///
/// Of a page that the model has unmapped only that is asked, by mincore(2), which costs less than to
/// look into `/proc`; of a file, the content once.
fn sweep(world: &World<Cow>, frames: bool, clears: bool) -> Vec<Statement> {
    let alive = || Actor::ALL.into_iter().filter_map(|it| Some((it, world.alive(it)?)));
    let mapped = |process: usize, page: usize| world.processes[process].mappings[page].is_some();
    let mut statements = Vec::with_capacity(64);
    for (actor, process) in alive() {
        if world.processes[process].pending.is_some() {
            statements.push(Statement { actor, op: Op::Resume {} });
        }
    }
    for (actor, process) in alive() {
        for page in 0..PAGES {
            let at = Address::page(page as u8);
            statements.push(Statement { actor, op: Op::Mincore { at } });
            if mapped(process, page) {
                statements.push(Statement { actor, op: Op::Maps { at } });
                statements.push(Statement { actor, op: Op::Page { at } });
                if clears {
                    statements.push(Statement { actor, op: Op::SoftDirty { at } });
                }
            }
        }
    }
    for (actor, process) in alive() {
        for page in (0..PAGES).filter(|page| mapped(process, *page)) {
            let first = Address::page(page as u8).0;
            let cells = (first..).take(CELLS).map(Address);
            statements.extend(cells.map(|at| Statement { actor, op: Op::Load { at } }));
        }
    }
    for (actor, own) in alive().filter(|_| frames) {
        for (process, other) in alive().filter(|(_, other)| *other > own) {
            let shared = (0..PAGES).filter(|page| mapped(own, *page) && mapped(other, *page));
            statements.extend(shared.map(|page| {
                let at = Address::page(page as u8);
                Statement { actor, op: Op::SameFrame { at, other: Remote { process, at } } }
            }));
        }
    }
    for (actor, process) in alive() {
        let pins = (0..PINS).map(|pin| PinName(pin as u8));
        let held = pins.filter(|pin| world.processes[process].pin(*pin).is_some());
        statements.extend(held.map(|pin| Statement { actor, op: Op::ReadPin { pin } }));
        let handlers = (0..HANDLERS).map(|name| Handler(name as u8));
        let held = handlers.filter(|name| world.processes[process].handler(*name).is_some());
        statements.extend(held.map(|handler| Statement { actor, op: Op::UffdEvent { handler } }));
    }
    let mut read = [false; mapspec_model::FILES];
    for (actor, process) in alive() {
        for name in (0..DESCRIPTORS).map(|name| Name(name as u8)) {
            let Some(descriptor) = world.processes[process].descriptor(name) else { continue };
            statements.push(Statement { actor, op: Op::Size { file: name } });
            statements.push(Statement { actor, op: Op::GetSeals { file: name } });
            if descriptor.mode.reads() && !read[descriptor.file] {
                read[descriptor.file] = true;
                let end = world.files[descriptor.file].size.min(File::SIZE_LIMIT).0;
                statements.extend((0..=end).map(|offset| {
                    let op = Op::Pread { file: name, offset: Cells(offset) };
                    Statement { actor, op }
                }));
            }
        }
    }
    statements
}
