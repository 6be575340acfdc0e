//! Kani proof harnesses over the model.
//!
//! There are none yet: nothing is proved here so far.
