//! The sweep: after the last statement everything that can be seen is looked at.
//!
//! It consists of ordinary statements, so that a difference that only the sweep shows is a litmus
//! test too.

use mapspec_model::op::{Actor, Address, Cells, Name, Op, Statement};
use mapspec_model::world::File;
use mapspec_model::{CELLS, DESCRIPTORS, PAGES};

/// The statements that look at everything. In each process page states first, for looking at them
/// disturbs nothing; then every cell is loaded; then, if `frames`, which processes share a page; then
/// each file's size, seals and content.
pub fn sweep(program: &[Statement], frames: bool) -> Vec<Statement> {
    let alive = alive(program);
    let names = names(program);
    let mut statements = Vec::new();
    for &actor in &alive {
        statements.extend(
            addresses(1).flat_map(|at| {
                [Op::Page { at }, Op::Maps { at }].map(|op| Statement { actor, op })
            }),
        );
    }
    for &actor in &alive {
        statements.extend(addresses(CELLS).map(|at| Statement { actor, op: Op::Load { at } }));
    }
    for (first, &actor) in alive.iter().enumerate().filter(|_| frames) {
        for &process in &alive[first + 1..] {
            statements.extend(addresses(1).map(|at| {
                let op = Op::SameFrame { at, process, other: at };
                Statement { actor, op }
            }));
        }
    }
    for &actor in &alive {
        for &file in &names {
            statements.push(Statement { actor, op: Op::Size { file } });
            statements.push(Statement { actor, op: Op::GetSeals { file } });
            statements.extend((0..File::SIZE_LIMIT.0).map(|offset| {
                let op = Op::Pread { file, offset: Cells(offset) };
                Statement { actor, op }
            }));
        }
    }
    statements
}

/// So many places in each page of the arena.
fn addresses(in_page: usize) -> impl Iterator<Item = Address> {
    (0..PAGES * CELLS).step_by(CELLS / in_page).map(|cell| Address(cell as u8))
}

/// The processes that exist at the end of a program.
fn alive(program: &[Statement]) -> Vec<Actor> {
    let mut alive = vec![Actor::A];
    for statement in program {
        match statement.op {
            Op::Fork { child } => alive.push(child),
            Op::Exit => alive.retain(|&actor| actor != statement.actor),
            _ => {}
        }
    }
    alive.sort_unstable();
    alive
}

/// The names that a program gives to descriptors.
fn names(program: &[Statement]) -> Vec<Name> {
    let all = (0..DESCRIPTORS).map(|name| Name(name as u8));
    all.filter(|it| {
        program.iter().any(|statement| match statement.op {
            Op::MemfdCreate { name, .. } | Op::Reopen { name, .. } | Op::Dup { name, .. } => {
                name == *it
            }
            _ => false,
        })
    })
    .collect()
}
