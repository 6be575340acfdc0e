//! The same program with other names: descriptors, processes and pages exchanged throughout.

use mapspec_model::op::{Actor, Address, Argument, Name, Op, PinName, Remote, Statement};

/// How names are exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renaming {
    /// Two descriptors change places.
    Names(Name, Name),
    /// Two pins change places.
    Pins(PinName, PinName),
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
        op.map(|_, argument| match argument {
            Argument::Name(name) => Argument::Name(self.name(name)),
            Argument::OptionalName(name) => Argument::OptionalName(name.map(|it| self.name(it))),
            Argument::Pin(pin) => Argument::Pin(self.pin(pin)),
            Argument::Actor(actor) => Argument::Actor(self.actor(actor)),
            Argument::Address(at) => Argument::Address(self.address(at)),
            Argument::OptionalAddress(at) => {
                Argument::OptionalAddress(at.map(|at| self.address(at)))
            }
            Argument::Remote(Remote { process, at }) => {
                Argument::Remote(Remote { process: self.actor(process), at: self.address(at) })
            }
            Argument::Handler(_)
            | Argument::Cells(_)
            | Argument::Byte(_)
            | Argument::Protection(_)
            | Argument::Set(_)
            | Argument::Choice(_) => argument,
        })
    }

    fn name(self, name: Name) -> Name {
        match self {
            Self::Names(one, other) if name == one => other,
            Self::Names(one, other) if name == other => one,
            _ => name,
        }
    }

    fn pin(self, pin: PinName) -> PinName {
        match self {
            Self::Pins(one, other) if pin == one => other,
            Self::Pins(one, other) if pin == other => one,
            _ => pin,
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
        let text = "A: h = memfd_create()\nA: mmap(@3, 1p, rw, private, h, 0p)\nA: q = splice(h, 0p)\nA: fork(C)\nC: load(@3.5)\n";
        let program = parse(text).unwrap().program();
        let (names, actors) =
            (Renaming::Names(Name(0), Name(2)), Renaming::Actors(Actor::B, Actor::C));
        let pins = Renaming::Pins(PinName(0), PinName(1));
        let renamed = [names, pins, actors, Renaming::Addresses(6)]
            .iter()
            .fold(program, |program, renaming| renaming.of_program(&program));
        let lines: Vec<_> = renamed.iter().map(statement_text).collect();
        let expected = [
            "A: f = memfd_create()",
            "A: mmap(@0, 1p, rw, private, f, 0p)",
            "A: p = splice(f, 0p)",
            "A: fork(B)",
            "B: load(@0.5)",
        ];
        assert_eq!(lines, expected);
    }
}
