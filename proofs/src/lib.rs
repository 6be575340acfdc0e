//! Kani proof harnesses over the model: one inductive step each.
//!
//! A harness takes any world that satisfies the [invariant](mapspec_model::invariant), lets any
//! process do one operation of one kind with any arguments, and judges the step. Without Kani the
//! name `kani` is a stand-in that draws values at random, and each harness is a test.

#[cfg(any(test, kani))]
mod any;
#[cfg(any(test, kani))]
mod check;
#[cfg(any(test, kani))]
mod inductive;
#[cfg(any(test, kani))]
mod refuted;
#[cfg(test)]
mod table;
