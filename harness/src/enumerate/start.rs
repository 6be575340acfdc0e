//! The starting points: small worlds in which the next few operations have something to meet.

use mapspec_model::op::{
    Actor, Address, Cells, MapFlags, MemfdFlags, Name, Op, Protection, Statement,
};

/// A world to start from.
#[derive(Clone, Debug)]
pub struct Start {
    /// Its name.
    pub name: &'static str,
    /// The first page of each of its regions; a region has two pages.
    pub regions: &'static [u8],
    /// Whether more files and processes are made from here. Where two processes act from the beginning
    /// there are enough programs without, and the slowest ones.
    pub grows: bool,
    /// Whether pipes hold pages of memory.
    pub pins: bool,
    /// How the world comes about.
    pub program: Vec<Statement>,
}

impl Start {
    /// Whether its pages are all alike, because nothing is mapped.
    pub fn maps_nothing(&self) -> bool {
        self.program.iter().all(|statement| !matches!(statement.op, Op::Mmap { .. }))
    }
}

/// All starting points, in the order of the enumeration.
pub fn all() -> Vec<Start> {
    vec![empty(), anonymous(), file(), mapped(), forked(), piped()]
}

/// Nothing at all.
fn empty() -> Start {
    Start { name: "empty", regions: &[0], grows: true, pins: false, program: vec![] }
}

/// Private memory: one page written, the next untouched.
fn anonymous() -> Start {
    let map = map(0, 2, MapFlags::PRIVATE | MapFlags::ANONYMOUS, None);
    Start {
        name: "anonymous",
        regions: &[0],
        grows: true,
        pins: false,
        program: by_a([map, store(0, 2)]),
    }
}

/// A file that ends in the middle of its second page, not mapped.
fn file() -> Start {
    Start { name: "file", regions: &[0], grows: true, pins: false, program: by_a(sealable_file()) }
}

/// The same file, mapped shared, and mapped private with a copy of the page in which it ends.
fn mapped() -> Start {
    let shared = map(0, 2, MapFlags::SHARED, Some(Name(0)));
    let private = map(2, 2, MapFlags::PRIVATE, Some(Name(0)));
    let program = sealable_file().into_iter().chain([shared, private, store(3, 5)]);
    Start { name: "mapped", regions: &[0, 2], grows: true, pins: false, program: by_a(program) }
}

/// Two processes that share a page to be copied when written, and one that stays common.
fn forked() -> Start {
    let private = map(0, 1, MapFlags::PRIVATE | MapFlags::ANONYMOUS, None);
    let shared = map(1, 1, MapFlags::SHARED | MapFlags::ANONYMOUS, None);
    let program = [private, shared, store(0, 3), Op::Fork { child: Actor::B }];
    Start { name: "forked", regions: &[0], grows: false, pins: false, program: by_a(program) }
}

/// Two processes that share a page, which either may hold in a pipe.
fn piped() -> Start {
    let private = map(0, 1, MapFlags::PRIVATE | MapFlags::ANONYMOUS, None);
    let program = by_a([private, store(0, 3), Op::Fork { child: Actor::B }]);
    Start { name: "piped", regions: &[0], grows: false, pins: true, program }
}

fn by_a(ops: impl IntoIterator<Item = Op>) -> Vec<Statement> {
    ops.into_iter().map(|op| Statement { actor: Actor::A, op }).collect()
}

fn sealable_file() -> [Op; 2] {
    let file = Name(0);
    let create = Op::MemfdCreate { name: file, flags: MemfdFlags::ALLOW_SEALING };
    [create, Op::Pwrite { file, offset: Cells(0), length: Cells(3), value: 2 }]
}

fn store(page: u8, value: u8) -> Op {
    Op::Store { at: Address::page(page), value }
}

fn map(page: u8, pages: u8, flags: MapFlags, file: Option<Name>) -> Op {
    let protection = Protection::READ | Protection::WRITE;
    let (at, length) = (Address::page(page), Cells::pages(pages));
    Op::Mmap { at, length, protection, flags, file, offset: Cells(0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::litmus::statement_text;

    #[test]
    fn the_documentation_shows_them() {
        let book = include_str!("../../../docs/src/enumerate.md");
        for start in all() {
            let text: String =
                start.program.iter().map(|it| format!("    {}\n", statement_text(it))).collect();
            assert!(book.contains(&format!("`{}`", start.name)), "{}", start.name);
            assert!(book.contains(&text), "{}:\n{text}", start.name);
        }
    }
}
