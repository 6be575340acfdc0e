//! The alphabet: which operations are tried, by every process in every world.

use std::collections::HashSet;

use mapspec_model::op::{Argument, Op};

use crate::litmus::Test;

/// The operations that are tried.
#[derive(Clone, Debug)]
pub struct Alphabet {
    /// The operations, in the order of the test.
    pub ops: Vec<Op>,
    /// The values that can be exchanged with each other, without changing the alphabet; none, if
    /// they cannot be.
    pub values: Vec<u8>,
}

impl Alphabet {
    /// The alphabet that a test's statements are. Who does what in the test does not matter.
    pub fn new(test: &Test) -> Self {
        let mut ops: Vec<_> = test.lines.iter().map(|line| line.statement.op).collect();
        let mut seen = HashSet::new();
        ops.retain(|op| seen.insert(*op));
        let values = if values_are_alike(&ops) { values(&ops) } else { Vec::new() };
        Self { ops, values }
    }
}

/// The values that are stored or written, but 0, which fresh memory has as well.
fn values(ops: &[Op]) -> Vec<u8> {
    let arguments = ops.iter().flat_map(Op::arguments);
    let mut values: Vec<_> = arguments
        .filter_map(|(_, argument)| match argument {
            Argument::Byte(value) if value != 0 => Some(value),
            _ => None,
        })
        .collect();
    values.sort_unstable();
    values.dedup();
    values
}

/// Whether exchanging two neighboring values gives the same operations. All other permutations are
/// made of such exchanges. What can be executed is one value only.
fn values_are_alike(ops: &[Op]) -> bool {
    if ops.iter().any(|op| matches!(op, Op::Execute { .. })) {
        return false;
    }
    let all: HashSet<_> = ops.iter().copied().collect();
    values(ops).windows(2).all(|pair| {
        let exchange = |value| match value {
            value if value == pair[0] => pair[1],
            value if value == pair[1] => pair[0],
            value => value,
        };
        let exchanged = ops.iter().map(|op| {
            op.map(|_, argument| match argument {
                Argument::Byte(value) => Argument::Byte(exchange(value)),
                argument => argument,
            })
        });
        exchanged.collect::<HashSet<_>>() == all
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::litmus::parse;

    fn alphabet(text: &str) -> Alphabet {
        Alphabet::new(&parse(text).unwrap())
    }

    #[test]
    fn values_are_alike_if_every_operation_has_all_of_them() {
        let alike = alphabet("A: store(@0, 1)\nA: store(@0, 7)\nA: load(@0)\nA: load(@0)\n");
        assert_eq!(alike.values, [1, 7]);
        assert_eq!(alike.ops.len(), 3);
        assert!(alphabet("A: store(@0, 1)\nA: store(@1, 7)\n").values.is_empty());
        assert!(alphabet("A: store(@0, 1)\nA: store(@0, 195)\nA: exec(@0)\n").values.is_empty());
    }
}
