//! The policy of a kernel: chosen by name, detected, or both.

mod detect;
mod select;

pub use detect::{Detected, Detection, detect, version};
pub use select::{Base, Selection};
