//! What is explored: worlds in their canonical form.

use std::fmt;

use mapspec_model::World;
use mapspec_model::memory::{Cow, Ideal, Memory as _};

use super::draw::draw;

/// A world that can be reached, in its canonical form.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct State {
    inner: Box<Inner>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Inner {
    world: World<Cow>,
    ideal: Option<Ideal>,
    failed: u32,
}

impl State {
    /// A world; beside it what [`Ideal`] holds after the same steps, where the two are compared.
    pub fn new(world: World<Cow>, ideal: Option<Ideal>) -> Self {
        Self { inner: Box::new(Inner { world, ideal, failed: 0 }) }
    }

    /// The canonical form. The values are renamed in the order of their appearance, if there are any
    /// that can be.
    #[must_use]
    pub fn canonical(mut self, values: &[u8]) -> Self {
        let Inner { world, ideal, .. } = &mut *self.inner;
        let order = world.file_order();
        world.renumber(order);
        if let Some(ideal) = ideal {
            ideal.renumber(order);
        }
        if values.len() > 1 {
            let mut names = Names { values, seen: Vec::new() };
            world.memory.replace_values(|value| names.of(value));
            if let Some(ideal) = ideal {
                ideal.replace_values(|value| names.of(value));
            }
        }
        self
    }

    /// The world.
    pub fn world(&self) -> &World<Cow> {
        &self.inner.world
    }

    /// What [`Ideal`] holds.
    pub fn memory(&self) -> Option<&Ideal> {
        self.inner.ideal.as_ref()
    }

    /// What [`Ideal`] holds, with the same processes and files.
    pub fn ideal(&self) -> Option<World<Ideal>> {
        let World { processes, files, userfaults, .. } = &self.inner.world;
        self.inner.ideal.as_ref().map(|memory| World {
            processes: *processes,
            files: *files,
            userfaults: *userfaults,
            memory: *memory,
        })
    }

    /// The world, to be changed by a step, which ends with [`conclude`](Self::conclude).
    pub(super) fn world_mut(&mut self) -> &mut World<Cow> {
        &mut self.inner.world
    }

    /// What [`Ideal`] holds after the step, and which properties it has violated, a set of places.
    pub(super) fn conclude(&mut self, ideal: Option<Ideal>, failed: u32) {
        (self.inner.ideal, self.inner.failed) = (ideal, failed);
    }

    /// Which properties the last step has violated, by their places.
    pub fn failed(&self) -> u32 {
        self.inner.failed
    }
}

/// New names for values.
struct Names<'a> {
    values: &'a [u8],
    seen: Vec<u8>,
}

impl Names<'_> {
    fn of(&mut self, value: u8) -> u8 {
        if value == 0 {
            return 0;
        }
        let place = self.seen.iter().position(|seen| *seen == value).unwrap_or_else(|| {
            self.seen.push(value);
            self.seen.len() - 1
        });
        self.values.get(place).copied().unwrap_or(value)
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&draw(self.world()))
    }
}
