//! What a person or a machine reads.

pub mod c;
mod case;
mod divergence;
mod enumeration;
pub mod evidence;
mod exploration;
mod line;
mod operations;
pub mod results;
mod style;
pub mod text;

pub use case::case;
pub use divergence::divergence;
pub use enumeration::{Enumeration, counts_by_depth};
pub use exploration::{counterexample, exploration, found};
pub use line::{note, word};
pub use operations::operations;
pub use style::{bad, emphasis, faint, good, warn};
