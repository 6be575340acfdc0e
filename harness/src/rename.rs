//! The same program with other names: descriptors, processes and pages exchanged throughout.

use mapspec_model::op::{Actor, Address, Name, Op, Statement};

/// How names are exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renaming {
    /// Two descriptors change places.
    Names(Name, Name),
    /// Two processes change places.
    Actors(Actor, Actor),
    /// Every address moves down by so many cells.
    Addresses(u8),
}

impl Renaming {
    /// The program with these names.
    pub fn of_program(self, program: &[Statement]) -> Vec<Statement> {
        program.iter().map(|it| self.of_statement(it)).collect()
    }

    fn of_statement(self, statement: &Statement) -> Statement {
        Statement { actor: self.actor(statement.actor), op: self.of_op(&statement.op) }
    }

    fn of_op(self, op: &Op) -> Op {
        let mut op = *op;
        match &mut op {
            Op::MemfdCreate { name: file, flags: _ }
            | Op::Close { file }
            | Op::Ftruncate { file, length: _ }
            | Op::Pread { file, offset: _ }
            | Op::Pwrite { file, offset: _, length: _, value: _ }
            | Op::AddSeals { file, seals: _ }
            | Op::GetSeals { file }
            | Op::Size { file } => *file = self.name(*file),
            Op::Reopen { name, from, mode: _ } | Op::Dup { name, from } => {
                (*name, *from) = (self.name(*name), self.name(*from));
            }
            Op::Mmap { at, file, length: _, protection: _, flags: _, offset: _ } => {
                (*at, *file) = (self.address(*at), file.map(|file| self.name(file)));
            }
            Op::Munmap { at, length: _ }
            | Op::Mprotect { at, length: _, protection: _ }
            | Op::Load { at }
            | Op::Store { at, value: _ }
            | Op::Page { at }
            | Op::Maps { at } => *at = self.address(*at),
            Op::SameFrame { at, process, other } => {
                (*at, *other) = (self.address(*at), self.address(*other));
                *process = self.actor(*process);
            }
            Op::Fork { child } => *child = self.actor(*child),
            Op::Exit => {}
        }
        op
    }

    fn name(self, name: Name) -> Name {
        match self {
            Self::Names(one, other) if name == one => other,
            Self::Names(one, other) if name == other => one,
            _ => name,
        }
    }

    fn actor(self, actor: Actor) -> Actor {
        match self {
            Self::Actors(one, other) if actor == one => other,
            Self::Actors(one, other) if actor == other => one,
            _ => actor,
        }
    }

    const fn address(self, at: Address) -> Address {
        match self {
            Self::Addresses(down) => Address(at.0.saturating_sub(down)),
            _ => at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::litmus::{parse, statement_text};

    #[test]
    fn a_renaming_is_made_throughout() {
        let text = "A: h = memfd_create()\nA: mmap(@3, 1p, rw, private, h, 0p)\nA: fork(C)\nC: load(@3.5)\n";
        let program = parse(text).unwrap().program();
        let (names, actors) =
            (Renaming::Names(Name(0), Name(2)), Renaming::Actors(Actor::B, Actor::C));
        let renamed = [names, actors, Renaming::Addresses(6)]
            .iter()
            .fold(program, |program, renaming| renaming.of_program(&program));
        let lines: Vec<_> = renamed.iter().map(statement_text).collect();
        let expected = [
            "A: f = memfd_create()",
            "A: mmap(@0, 1p, rw, private, f, 0p)",
            "A: fork(B)",
            "B: load(@0.5)",
        ];
        assert_eq!(lines, expected);
    }
}
