//! What may have to wait for the handler of a userfaultfd: a thread does it, in a function of its own.

use mapspec_model::op::{Actor, PinName};
use mapspec_model::outcome::Outcome;
use mapspec_model::world::Waiting;

use super::super::expectation::Force;
use super::super::pins::Means;
use super::super::processes::Who;
use super::Writer;

impl Writer<'_> {
    /// The processes that wait for a userfaultfd's handler.
    pub(super) fn waiting(&self) -> Vec<(Who, Waiting)> {
        let waiting = |actor: Actor| {
            let process = &self.world.processes[self.world.alive(actor)?];
            process.pending.map(|waiting| (Who::Actor(actor), waiting))
        };
        Actor::ALL.into_iter().filter_map(waiting).collect()
    }

    pub(super) fn fork(
        &mut self,
        place: usize,
        child: Actor,
        held: &[(PinName, Means)],
    ) -> Result<(), &'static str> {
        if self.repro.expected[place] != Outcome::Blocked {
            self.start(child);
            self.forget(child, held);
        } else if held.is_empty() {
            self.in_a_thread(place, |writer| writer.start(child));
        } else {
            return Err("waits, and gives the child what its parent has pinned");
        }
        Ok(())
    }

    /// What may have to wait is done by a thread, in a function of its own.
    pub(super) fn in_a_thread(&mut self, place: usize, write: impl FnOnce(&mut Self)) {
        let earlier = self.functions.iter().filter(|(name, _)| name.starts_with("access_"));
        let name = format!("access_{}", earlier.count() + 1);
        let own = self.current.insert(self.turn, self.functions.len());
        self.functions.push((name.clone(), Vec::new()));
        write(self);
        self.current.insert(self.turn, own.unwrap_or(0));
        let check = if self.force(place) == Force::Must { "EXPECT" } else { "ASSUME" };
        let waits = u8::from(self.repro.expected[place] == Outcome::Blocked);
        self.line(format!("{check}(waits({name}), {waits});"));
    }
}
