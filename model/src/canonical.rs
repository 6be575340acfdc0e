//! Worlds that no program can tell apart have one canonical form.
//!
//! The numbers of frames and the places of files come from the order in which they were made, which
//! no operation asks for. In the canonical form they are numbered in the order in which page
//! tables, descriptors and mappings refer to them.

use crate::bounds::{FILES, PROCESSES};
use crate::memory::Memory;
use crate::world::{Backing, World};

/// The new number of each file.
pub type FileOrder = [usize; FILES];

impl<M: Memory> World<M> {
    /// The world with its files and frames numbered in the order of their references.
    #[must_use]
    pub fn canonical(mut self) -> Self {
        let order = self.file_order();
        self.renumber(order);
        self
    }

    /// The files come into this order, which is the world's own.
    pub fn renumber(&mut self, order: FileOrder) {
        let files = self.files;
        for file in 0..FILES {
            self.files[order[file]] = files[file];
        }
        for process in &mut self.processes {
            for descriptor in process.descriptors.iter_mut().flatten() {
                descriptor.file = order[descriptor.file];
            }
            for mapping in process.mappings.iter_mut().flatten() {
                if let Backing::File { file, .. } = &mut mapping.backing {
                    *file = order[*file];
                }
            }
        }
        self.memory.renumber(order);
    }

    /// Files in the order in which descriptors and mappings refer to them; the others follow, in
    /// their own.
    pub fn file_order(&self) -> FileOrder {
        let mut order = [FILES; FILES];
        let mut next = 0;
        let mut number = |file: usize| {
            if order[file] == FILES {
                order[file] = next;
                next += 1;
            }
        };
        for process in 0..PROCESSES {
            let process = &self.processes[process];
            process.descriptors.iter().flatten().for_each(|descriptor| number(descriptor.file));
            for mapping in process.mappings.iter().flatten() {
                if let Backing::File { file, .. } = mapping.backing {
                    number(file);
                }
            }
        }
        (0..FILES).for_each(number);
        order
    }
}

#[cfg(test)]
mod tests {
    use crate::memory::{Cow, Ideal, Memory};
    use crate::op::{Actor, Address, Cells, MapFlags, Op, Protection};
    use crate::{Policy, World, step};

    fn run<M: Memory>(ops: &[(Actor, Op)]) -> World<M> {
        let mut world = World::new();
        for (actor, op) in ops {
            step(&mut world, *actor, op, &Policy::default());
        }
        world
    }

    const fn map(page: u8, flags: MapFlags) -> (Actor, Op) {
        let protection = Protection::READ.union(Protection::WRITE);
        let (at, length) = (Address::page(page), Cells::pages(1));
        let (file, offset) = (None, Cells(0));
        (Actor::A, Op::Mmap { at, length, protection, flags, file, offset })
    }

    const fn store(page: u8) -> (Actor, Op) {
        (Actor::A, Op::Store { at: Address::page(page), value: page + 1 })
    }

    /// Two worlds that differ in the order in which their pages were made.
    fn in_both_orders<M: Memory + PartialEq>(kind: MapFlags) -> [World<M>; 2] {
        let flags = kind.union(MapFlags::ANONYMOUS);
        let one = run(&[map(0, flags), map(1, flags), store(0), store(1)]);
        let other = run(&[map(1, flags), map(0, flags), store(1), store(0)]);
        assert!(one.canonical() == other.canonical());
        assert!(one.canonical() == one.canonical().canonical());
        [one, other]
    }

    #[test]
    fn the_order_of_making_is_forgotten() {
        let [one, other] = in_both_orders::<Cow>(MapFlags::PRIVATE);
        assert_ne!(one, other);
        let [one, other] = in_both_orders::<Cow>(MapFlags::SHARED);
        assert_ne!(one, other);
        let [one, other] = in_both_orders::<Ideal>(MapFlags::SHARED);
        assert_ne!(one, other);
    }

    #[test]
    fn unlike_worlds_stay_unlike() {
        let flags = MapFlags::PRIVATE | MapFlags::ANONYMOUS;
        let one: World<Cow> = run(&[map(0, flags), map(1, flags), store(0)]);
        let other = run(&[map(0, flags), map(1, flags), store(1)]);
        assert_ne!(one.canonical(), other.canonical());
    }
}
