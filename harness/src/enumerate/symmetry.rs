//! Pages that are alike.
//!
//! From a starting point that maps nothing, a program that leaves the first page of the region
//! alone does the same as the one a page lower, which is there too: for each operation on the
//! second page alone the alphabet has its like on the first. Where something is mapped, pages are
//! told apart, by their place in a file or in a mapping.

use mapspec_model::op::{Address, Argument, Op, Statement};

use super::start::Start;

/// Whether the program stands for all that differ from it only in which pages they use.
pub fn is_representative(start: &Start, own: &[Statement]) -> bool {
    let first = own.iter().filter_map(|statement| first_page(&statement.op)).min();
    !start.maps_nothing() || first.is_none_or(|page| start.regions.contains(&page))
}

/// The first page that an operation is about.
fn first_page(op: &Op) -> Option<u8> {
    let place = |(_, argument)| match argument {
        Argument::Address(at) | Argument::OptionalAddress(Some(at)) => Some(at),
        Argument::Remote(remote) => Some(remote.at),
        _ => None,
    };
    op.arguments().filter_map(place).map(|at: Address| at.cells().page()).min()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::ops::ControlFlow;

    use mapspec_model::op::{Actor, Cells};
    use mapspec_model::policy::Policy;
    use mapspec_model::{World, step};

    use super::super::alphabet::{Scene, operations};
    use super::super::{start, walk};
    use super::*;
    use crate::rename::Renaming;

    #[test]
    fn what_is_left_out_is_there_a_page_lower() {
        let mut all = HashSet::new();
        let _ = walk(2, |program| {
            all.insert(program.statements.to_vec());
            ControlFlow::Continue(())
        });
        let mut left_out = 0;
        for start in start::all().iter().filter(|start| start.maps_nothing()) {
            for program in pairs(start) {
                let own = &program[start.program.len()..];
                if !is_representative(start, own) {
                    left_out += 1;
                    let lower = Renaming::Addresses(Cells::pages(1).0).of_program(&program);
                    assert!(all.contains(&lower), "{program:?}");
                }
            }
        }
        assert!(left_out > 0);
    }

    /// All programs of two operations of the first process.
    fn pairs(start: &Start) -> Vec<Vec<Statement>> {
        let mut programs = vec![start.program.clone()];
        for _ in 0..2 {
            programs = programs.iter().flat_map(|program| longer(start, program)).collect();
        }
        programs
    }

    fn longer(start: &Start, program: &[Statement]) -> Vec<Vec<Statement>> {
        let (mut world, policy) = (World::new(), Policy::default());
        for statement in program {
            step(&mut world, statement.actor, &statement.op, &policy);
        }
        let Start { regions, grows, .. } = *start;
        let value = program.len() as u8 + 1;
        let ops =
            operations(&Scene { world: &world, process: 0, regions, grows, pins: true, value });
        let longer = |op| [program, &[Statement { actor: Actor::A, op }]].concat();
        ops.into_iter().map(longer).collect()
    }
}
