//! Statements that lead to a fault and its handling: chance alone seldom puts them in order.

use arbitrary::{Result, Unstructured};
use mapspec_model::memory::Ideal;
use mapspec_model::op::{
    Actor, Address, Call, Cells, CopyMode, Handler, HandlerFlags, Modes, Op, Shape, Statement,
    Switch,
};
use mapspec_model::outcome::Fault;
use mapspec_model::world::Waiting;
use mapspec_model::{HANDLERS, PAGES, World};

/// Whether calls of userfaultfds are favored.
pub fn is_favored(favored: &[Call]) -> bool {
    favored.iter().any(|call| call.fields().iter().any(|it| it.shape == Shape::Handler))
}

/// A statement that fits to how far the program has come: something is mapped, a userfaultfd made,
/// a range registered, a process forked, an access waits, and is served.
pub fn next(
    world: &World<Ideal>,
    value: u8,
    source: &mut Unstructured<'_>,
) -> Result<Option<Statement>> {
    let alive: Vec<_> =
        Actor::ALL.into_iter().filter_map(|actor| Some((actor, world.alive(actor)?))).collect();
    for &(actor, process) in &alive {
        if let Some(state) = world.processes[process].pending {
            let resumes = matches!(state, Waiting::Done(_)) || source.ratio(1, 4)?;
            return match state {
                Waiting::For { userfault, fault, at, .. } if !resumes => {
                    serve(world, userfault, fault, at, value, source)
                }
                Waiting::ForFork { userfault, .. } if !resumes => {
                    Ok(holder(world, userfault).map(|(actor, handler)| {
                        let name = Handler((handler.0 + 1) % HANDLERS as u8);
                        Statement { actor, op: Op::UffdFork { name, handler } }
                    }))
                }
                _ => Ok(Some(Statement { actor, op: Op::Resume {} })),
            };
        }
    }
    let Some(&(actor, process)) = alive.first() else { return Ok(None) };
    let pages = |wanted: &dyn Fn(bool) -> bool| -> Vec<u8> {
        (0..PAGES as u8)
            .filter(|page| {
                let mapping = world.processes[process].mappings[usize::from(*page)];
                mapping.is_some_and(|it| wanted(it.registration.is_some()))
            })
            .collect()
    };
    let held = (0..HANDLERS as u8).map(Handler);
    let mut held = held.filter(|it| world.processes[process].handler(*it).is_some());
    let (handler, registered, others) = (held.next_back(), pages(&|it| it), pages(&|it| !it));
    let op = match handler {
        None if others.is_empty() => return Ok(None),
        None => Op::Userfaultfd { name: Handler(0), flags: flags(source)? },
        Some(handler) if registered.is_empty() && !others.is_empty() => {
            let at = Address::page(*source.choose(&others)?);
            let length = Cells::pages(source.int_in_range(1..=3)?);
            let modes = Modes::from_bits(*source.choose(&[1, 1, 2, 3, 4, 5, 6, 7])?);
            Op::UffdRegister { handler, at, length, modes }
        }
        Some(_) if alive.len() == 1 && source.ratio(1, 2)? => Op::Fork { child: Actor::B },
        Some(_) if alive.len() == 2 && source.ratio(1, 8)? => Op::Fork { child: Actor::C },
        Some(handler) if !registered.is_empty() => {
            let at = Address::page(*source.choose(&registered)?);
            let length = Cells::pages(source.int_in_range(1..=2)?);
            match source.int_in_range(0..=7)? {
                0..=2 => Op::Load { at },
                3..=5 => Op::Store { at, value },
                6 => Op::UffdWriteprotect { handler, at, length, switch: Switch::On },
                _ => Op::UffdPoison { handler, at, length },
            }
        }
        Some(_) => return Ok(None),
    };
    Ok(Some(Statement { actor, op }))
}

/// What the handler of a fault does.
fn serve(
    world: &World<Ideal>,
    userfault: usize,
    fault: Fault,
    at: Address,
    value: u8,
    source: &mut Unstructured<'_>,
) -> Result<Option<Statement>> {
    let Some((actor, handler)) = holder(world, userfault) else { return Ok(None) };
    let (at, length) = (Address::page(at.cells().page()), Cells::pages(1));
    let op = match (source.int_in_range(0..=9)?, fault) {
        (0, _) => Op::UffdEvent { handler },
        (1, _) => Op::UffdWake { handler, at, length },
        (2, _) => Op::UffdUnregister { handler, at, length },
        (3, _) => return Ok(None),
        (4, _) => Op::UffdPoison { handler, at, length },
        (5, Fault::Missing) => Op::UffdZeropage { handler, at, length },
        (_, Fault::Missing) => {
            let mode = CopyMode::from_bits(*source.choose(&[0, 0, 0, 1, 2])?);
            Op::UffdCopy { handler, at, value, mode }
        }
        (_, Fault::Minor) => Op::UffdContinue { handler, at, length },
        (_, Fault::WriteProtected) => {
            Op::UffdWriteprotect { handler, at, length, switch: Switch::Off }
        }
    };
    Ok(Some(Statement { actor, op }))
}

/// A process that holds the userfaultfd and can act, and what it calls it.
fn holder(world: &World<Ideal>, userfault: usize) -> Option<(Actor, Handler)> {
    let holds = |actor: Actor| {
        let process = world.alive(actor).map(|process| &world.processes[process]);
        process.filter(|it| it.pending.is_none()).and_then(|process| {
            let held = process.handlers.iter().position(|it| *it == Some(userfault))?;
            u8::try_from(held).ok().map(Handler)
        })
    };
    Actor::ALL.into_iter().find_map(|actor| Some((actor, holds(actor)?)))
}

fn flags(source: &mut Unstructured<'_>) -> Result<HandlerFlags> {
    let flags = [
        HandlerFlags::EMPTY,
        HandlerFlags::EMPTY,
        HandlerFlags::EMPTY,
        HandlerFlags::UNPOPULATED_WP,
        HandlerFlags::UNPOPULATED_WP,
        HandlerFlags::ASYNC_WP,
        HandlerFlags::EXACT_ADDRESS,
        HandlerFlags::SIGBUS,
        HandlerFlags::FORK_EVENTS,
        HandlerFlags::FORK_EVENTS | HandlerFlags::UNPOPULATED_WP,
    ];
    source.choose(&flags).copied()
}
