//! What a person reads.

mod divergence;
mod line;
mod style;

pub use divergence::divergence;
pub use line::{note, verdict_line, verdict_name};
pub use style::{bad, emphasis, faint, good, warn};
