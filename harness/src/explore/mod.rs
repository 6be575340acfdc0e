//! The model, exhausted: every world that the operations of an alphabet can reach.
//!
//! An [alphabet](Alphabet) is a litmus test whose statements are not run in their order, but tried
//! by every process in every world, from the empty one on, until nothing new is found. Each step is
//! judged by every [property](mapspec_model::property). What cannot be told apart is one world: the
//! numbers of frames, the places of files, and values that the alphabet treats alike.

mod alphabet;
mod configuration;
mod counterexample;
mod draw;
mod model;
mod search;
mod state;

pub use alphabet::Alphabet;
pub use configuration::{Configuration, all};
pub use counterexample::Counterexample;
pub use model::{Action, Exploration};
pub use search::{Ending, Found, Limits, Progress, search, shortest};
pub use state::State;
