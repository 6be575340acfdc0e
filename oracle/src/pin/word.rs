//! What a process that takes a pin, and the one that helps it to, say to each other.

use std::io;

use serde::{Deserialize, Serialize};

/// A word on their channel.
#[derive(Debug, Serialize, Deserialize)]
pub enum Word {
    /// From the helper: everything is there; descriptors come with it. The number is an address of
    /// its own, where it needs one.
    Ready(u64),
    /// From the helper: the page is pinned.
    Pinned,
    /// From the helper: the call that held the page has ended with this error; 0: with none.
    Ended(i32),
    /// From the helper: something that should work did not.
    Cannot(String),
    /// To the helper: say what the pin sees.
    Look,
    /// From the helper: this.
    Saw(u8),
    /// To the helper: let this land.
    Land(u8),
    /// To the helper: end it.
    LetGo,
}

/// The error that a word stands for which should not have come.
pub fn unexpected(word: &Word) -> io::Error {
    match word {
        Word::Cannot(why) => io::Error::other(why.clone()),
        other => io::Error::other(format!("{other:?} came out of turn")),
    }
}
