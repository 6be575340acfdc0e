//! The sequence of programs. The model alone walks it, so counting is fast.

use std::ops::ControlFlow;

use mapspec_model::memory::Ideal;
use mapspec_model::op::{Actor, Statement};
use mapspec_model::outcome::Outcome;
use mapspec_model::policy::Policy;
use mapspec_model::{World, step};

use super::alphabet::{self, Scene};
use super::start::{self, Start};
use super::symmetry;
use crate::litmus::statement_text;

/// A program of the sequence.
#[derive(Clone, Copy, Debug)]
pub struct Program<'a> {
    /// Its place in the sequence.
    pub index: u64,
    /// How many operations come after the starting point.
    pub depth: usize,
    /// The starting point's name.
    pub start: &'static str,
    /// The statements, those of the starting point included.
    pub statements: &'a [Statement],
}

/// Visits every program of at most so many operations, in their order, until the visitor breaks off.
///
/// What is open and what is alive after a statement is what the default policy says, whatever the
/// running kernel does, so that the sequence is the same everywhere.
pub fn walk(
    depth: usize,
    mut visit: impl FnMut(&Program<'_>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let mut index = 0;
    for depth in 0..=depth {
        for start in start::all() {
            let mut world = World::new();
            let policy = Policy::default();
            for statement in &start.program {
                step(&mut world, statement.actor, &statement.op, &policy);
            }
            let own = start.program.len();
            let statements = start.program.clone();
            let mut walker = Walker { policy, statements, own, start: &start, depth, index };
            walker.descend(&world, depth, &mut visit)?;
            index = walker.index;
        }
    }
    ControlFlow::Continue(())
}

/// Tells alphabets apart: a number that depends on every starting point and operation.
pub fn fingerprint() -> String {
    // FNV-1a, which is the same everywhere and for ever.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let _ = walk(1, |program| {
        for statement in program.statements {
            for byte in statement_text(statement).bytes().chain([b'\n']) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
        ControlFlow::Continue(())
    });
    format!("{hash:016x}")
}

struct Walker<'a> {
    policy: Policy,
    statements: Vec<Statement>,
    /// How many of the statements are the starting point's.
    own: usize,
    start: &'a Start,
    depth: usize,
    index: u64,
}

impl Walker<'_> {
    /// Visits the programs that begin with the statements so far, and have so many more.
    fn descend(
        &mut self,
        world: &World<Ideal>,
        more: usize,
        visit: &mut impl FnMut(&Program<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        if more == 0 {
            return self.arrive(visit);
        }
        let value = u8::try_from(self.statements.len() + 1).unwrap_or(u8::MAX);
        let Start { regions, grows, pins, .. } = *self.start;
        let alive = |actor| Some((actor, world.alive(actor)?));
        for (actor, process) in Actor::ALL.into_iter().filter_map(alive) {
            let scene = Scene { world, process, regions, grows, pins, value };
            for op in alphabet::operations(&scene) {
                let mut next = *world;
                if step(&mut next, actor, &op, &self.policy) != Outcome::BeyondBounds {
                    self.statements.push(Statement { actor, op });
                    self.descend(&next, more - 1, visit)?;
                    self.statements.pop();
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn arrive(
        &mut self,
        visit: &mut impl FnMut(&Program<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let Self { ref statements, start, depth, index, own, .. } = *self;
        if !symmetry::is_representative(start, &statements[own..]) {
            return ControlFlow::Continue(());
        }
        self.index += 1;
        visit(&Program { index, depth, start: start.name, statements })
    }
}
