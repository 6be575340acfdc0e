//! Processes: who has the turn, and who waits for whom.
//!
//! A program with one process needs none of this. Otherwise each process sleeps until it is given the
//! turn through its pipe. The process that was started first ends the test; where `A` itself exits,
//! that is one more process, its parent.

use std::fmt;

use mapspec_model::op::{Actor, Op, Statement};

/// A process of the C program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// A process of the test.
    Actor(Actor),
    /// The one that only waits.
    Parent,
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Actor(actor) => write!(f, "{actor:?}"),
            Self::Parent => f.write_str("PARENT"),
        }
    }
}

impl Who {
    /// The name of the function that it runs.
    pub fn function(self) -> String {
        format!("process_{self}").to_lowercase()
    }
}

/// Which processes there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    /// All of them, the first one first.
    pub all: Vec<Who>,
    parents: Vec<(Who, Who)>,
    gone: Vec<Who>,
}

impl Family {
    /// The processes of a program, before its first statement.
    pub fn of(program: &[Statement]) -> Self {
        let exits = program.contains(&Statement { actor: Actor::A, op: Op::Exit {} });
        let first = if exits { vec![Who::Parent] } else { Vec::new() };
        let is_there = |actor: &Actor| {
            *actor == Actor::A || program.iter().any(|it| it.op == Op::Fork { child: *actor })
        };
        let actors = Actor::ALL.into_iter().filter(is_there).map(Who::Actor);
        let all = first.into_iter().chain(actors).collect();
        Self { all, parents: vec![(Who::Actor(Actor::A), Who::Parent)], gone: Vec::new() }
    }

    /// The process that `main` is.
    pub fn first(&self) -> Who {
        self.all[0]
    }

    /// Whether there is more than one.
    pub fn is_several(&self) -> bool {
        self.all.len() > 1
    }

    /// Adds a child of a process. One that was there before may be forked again.
    pub fn fork(&mut self, parent: Who, child: Who) {
        self.gone.retain(|it| *it != child);
        self.parents.retain(|(it, _)| *it != child);
        self.parents.push((child, parent));
    }

    /// The process that waits for this one's end: its parent, or where that is gone, the first.
    pub fn exit(&mut self, who: Who) -> Who {
        self.gone.push(who);
        let parent = self.parents.iter().find(|(it, _)| *it == who).map(|(_, parent)| *parent);
        parent.filter(|it| !self.gone.contains(it)).unwrap_or_else(|| self.first())
    }
}

/// Whether some process outlives its parent, whose own parent must then wait for it.
pub fn has_orphans(program: &[Statement]) -> bool {
    let mut family = Family::of(program);
    program.iter().any(|Statement { actor, op }| {
        let who = Who::Actor(*actor);
        match op {
            Op::Fork { child } => family.fork(who, Who::Actor(*child)),
            Op::Exit {} => {
                let parent = family.parents.iter().find(|(it, _)| *it == who).map(|it| it.1);
                return parent != Some(family.exit(who));
            }
            _ => {}
        }
        false
    })
}
