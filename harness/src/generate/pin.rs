//! Pins: mostly such as can be held, and names that hold some.

use arbitrary::{Result, Unstructured};
use mapspec_model::memory::Ideal;
use mapspec_model::op::{Actor, Address, Field, Op, PinAccess, PinFlags, PinName, Remote};
use mapspec_model::{PINS, World};

/// A pin of a place: mostly of the process's own memory; one to last is mostly for writing, because
/// hardly any kernel offers another.
pub fn pin(
    world: &World<Ideal>,
    actor: Actor,
    at: Address,
    source: &mut Unstructured<'_>,
) -> Result<Op> {
    let others = |it: &Actor| *it != actor && world.alive(*it).is_some();
    let others: Vec<_> = Actor::ALL.into_iter().filter(others).collect();
    let process = match others.is_empty() || source.ratio(2, 3)? {
        true => actor,
        false => *source.choose(&others)?,
    };
    let access = *source.choose(&[PinAccess::ReadOnly, PinAccess::ReadWrite])?;
    let may_last = process == actor && access == PinAccess::ReadWrite;
    let lasts = if may_last { source.ratio(1, 3)? } else { source.ratio(1, 48)? };
    let flags = if lasts { PinFlags::LONG_TERM } else { PinFlags::EMPTY };
    let (name, page) = (any_name(source)?, Remote { process, at });
    Ok(Op::Pin { name, page, access, flags })
}

/// The name of a pin: where one is used, mostly one that holds something.
pub fn name(
    world: &World<Ideal>,
    actor: Actor,
    field: Field,
    source: &mut Unstructured<'_>,
) -> Result<PinName> {
    let held: Vec<_> = (0..PINS as u8)
        .map(PinName)
        .filter(|name| {
            let process = actor.index().map(|process| &world.processes[process]);
            process.is_some_and(|process| process.pin(*name).is_some())
        })
        .collect();
    if field.name == "name" || held.is_empty() || source.ratio(1, 24)? {
        return any_name(source);
    }
    source.choose(&held).copied()
}

fn any_name(source: &mut Unstructured<'_>) -> Result<PinName> {
    Ok(PinName(u8::from(source.ratio(1, 4)?)))
}
