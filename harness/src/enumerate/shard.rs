//! Shards: equal parts of the sequence, for job arrays.

use std::fmt;
use std::str::FromStr;

/// Part `number` of `count`; the first is 1. Every `count`-th program belongs to it, so that all
/// parts take about equally long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard {
    /// Which part, from 1 to `count`.
    number: u32,
    /// How many there are.
    count: u32,
}

impl Shard {
    /// Everything.
    pub const WHOLE: Self = Self { number: 1, count: 1 };

    /// All shards of so many.
    pub fn all(count: u32) -> impl Iterator<Item = Self> {
        (1..=count).map(move |number| Self { number, count })
    }

    /// Whether the program with this index belongs to it.
    pub fn includes(self, index: u64) -> bool {
        index % u64::from(self.count) == u64::from(self.number - 1)
    }

    /// How many shards there are.
    pub const fn count(self) -> u32 {
        self.count
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/');
        let numbers = parts.and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
        let (number, count): (u32, u32) =
            numbers.ok_or_else(|| "`i/n` is expected, for example 2/16".to_owned())?;
        match number {
            _ if count == 0 => Err("there is at least one shard".to_owned()),
            0 => Err(format!(
                "shards are counted from 1: the first is 1/{count}; add 1 to an index from 0"
            )),
            _ if number > count => Err(format!("the last of {count} shards is {count}/{count}")),
            _ => Ok(Self { number, count }),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_count_from_one() {
        assert_eq!("2/16".parse(), Ok(Shard { number: 2, count: 16 }));
        for (text, message) in [
            ("0/16", "the first is 1/16; add 1"),
            ("17/16", "the last of 16 shards is 16/16"),
            ("1/0", "at least one"),
            ("1", "`i/n` is expected"),
            ("-1/4", "`i/n` is expected"),
            ("1/4/4", "`i/n` is expected"),
        ] {
            let error = text.parse::<Shard>().unwrap_err();
            assert!(error.contains(message), "{text}: {error}");
        }
    }

    #[test]
    fn every_index_belongs_to_one_shard() {
        for index in 0..100 {
            assert_eq!(Shard::all(7).filter(|shard| shard.includes(index)).count(), 1);
        }
    }
}
