//! The pins of each process: which there are, and what becomes of them at its start and end.

use mapspec_model::op::{Actor, Op, PinName, Statement};

use super::super::pins::{self, Means};
use super::super::processes::Who;
use super::Writer;

impl Writer<'_> {
    /// The pins that a process holds.
    pub(super) fn held(&self, actor: Actor) -> Vec<(PinName, Means)> {
        let process = self.world.alive(actor).map(|process| &self.world.processes[process]);
        let pins = process.into_iter().flat_map(|process| process.pins.iter().zip(0..));
        pins.filter_map(|(pin, name)| pin.map(|pin| (PinName(name), Means::of(pin.hold)))).collect()
    }

    /// Ends those pins of the process that has the turn that are held by such means.
    pub(super) fn release(&mut self, held: &[(PinName, Means)], by: impl Fn(Means) -> bool) {
        for &(name, means) in held.iter().filter(|(_, means)| by(*means)) {
            self.line(format!("{};", pins::unpin(name, means).text));
        }
    }

    /// A new process has no pins, though it inherits pipes: it closes them before anything else is done.
    pub(super) fn forget(&mut self, child: Actor, held: &[(PinName, Means)]) {
        let place = self.current.get(&Who::Actor(child)).copied().unwrap_or(0);
        for (name, means) in held {
            self.functions[place].1.extend(means.forget(*name));
        }
        if held.iter().any(|(_, means)| *means == Means::Pipe) {
            self.give_turn(Who::Actor(child));
            self.release(held, |means| means == Means::Pipe);
        }
    }

    /// By what a pin is held, or was.
    pub(super) fn means(&self, place: usize, name: PinName) -> Means {
        let Statement { actor, op } = self.repro.program[place];
        let made = |op: &Op| Means::made(op).filter(|(it, _)| *it == name);
        let held = || self.held(actor).into_iter().find(|(it, _)| *it == name);
        let earlier = self.repro.program[..place].iter().rev().filter(|it| it.actor == actor);
        let was = || earlier.into_iter().find_map(|it| made(&it.op));
        made(&op).or_else(held).or_else(was).map_or(Means::Pipe, |(_, means)| means)
    }
}
