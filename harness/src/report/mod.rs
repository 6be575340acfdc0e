//! What a person reads.

mod divergence;
mod enumeration;
mod exploration;
mod line;
mod operations;
mod style;

pub use divergence::divergence;
pub use enumeration::{counts_by_depth, enumeration};
pub use exploration::{counterexample, exploration, found};
pub use line::{note, verdict_line, verdict_name};
pub use operations::operations;
pub use style::{bad, emphasis, faint, good, warn};
