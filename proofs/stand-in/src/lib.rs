//! The part of Kani's interface that the proofs use, without Kani: values are drawn at random, with
//! a seed that is the harness's own, and a harness is run many times. That is a test, no proof.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use fastrand::Rng;
pub use mapspec_kani_stand_in_macros::{proof, should_panic, solver, unwind};

/// How often a harness is run.
const RUNS: u32 = 6000;

/// How often one is run that must fail, until it does.
const MOST_RUNS: u32 = 10 * RUNS;

/// How often a value is drawn until it is one that is wanted.
const DRAWS: u32 = 1000;

/// What a run ends with whose values an assumption excludes.
struct Excluded;

thread_local! {
    static RANDOM: RefCell<Rng> = const { RefCell::new(Rng::with_seed(0)) };
    static COVERED: RefCell<BTreeMap<String, bool>> = const { RefCell::new(BTreeMap::new()) };
}

/// A type of which any value can be drawn.
pub trait Arbitrary: Sized {
    /// Some value.
    fn any() -> Self;

    /// An array of some values.
    fn any_array<const N: usize>() -> [Self; N] {
        std::array::from_fn(|_| Self::any())
    }
}

macro_rules! numbers {
    ($($number:ident),+) => {
        $(impl Arbitrary for $number {
            fn any() -> Self {
                RANDOM.with_borrow_mut(|random| random.$number(..))
            }
        })+
    };
}

numbers! { u8, u16, u32, u64, usize }

impl Arbitrary for bool {
    fn any() -> Self {
        RANDOM.with_borrow_mut(Rng::bool)
    }
}

/// Some value.
pub fn any<T: Arbitrary>() -> T {
    T::any()
}

/// Some value of which this is true.
pub fn any_where<T: Arbitrary>(is_wanted: impl Fn(&T) -> bool) -> T {
    for _ in 0..DRAWS {
        let value = T::any();
        if is_wanted(&value) {
            return value;
        }
    }
    resume_unwind(Box::new(Excluded))
}

/// Excludes the run, if this is not true.
pub fn assume(condition: bool) {
    if !condition {
        resume_unwind(Box::new(Excluded));
    }
}

/// This must be true of every run.
///
/// # Panics
/// It is not.
#[track_caller]
pub fn assert(condition: bool, message: &'static str) {
    assert!(condition, "{message}");
}

/// This must be true of some run.
pub fn cover(condition: bool, message: &'static str) {
    COVERED.with_borrow_mut(|covered| {
        *covered.entry(message.to_owned()).or_default() |= condition;
    });
}

/// The condition must be true of some run.
#[macro_export]
macro_rules! cover {
    () => {
        $crate::cover(true, concat!(file!(), ":", line!()))
    };
    ($condition:expr $(,)?) => {
        $crate::cover($condition, stringify!($condition))
    };
    ($condition:expr, $message:literal $(,)?) => {
        $crate::cover($condition, $message)
    };
}

/// Runs a harness many times. Every run that is not excluded must succeed, or, of a harness that
/// must fail, some run must not.
///
/// # Panics
/// It is not so, or all runs were excluded, or what should be covered is not.
pub fn run(name: &str, must_fail: bool, harness: impl Fn()) {
    let seed = name.bytes().fold(1, |seed: u64, byte| seed.wrapping_mul(257) ^ u64::from(byte));
    RANDOM.with_borrow_mut(|random| random.seed(seed));
    COVERED.take();
    let mut tried = 0_u32;
    for _ in 0..if must_fail { MOST_RUNS } else { RUNS } {
        match catch_unwind(AssertUnwindSafe(&harness)) {
            Ok(()) => tried += 1,
            Err(payload) if payload.is::<Excluded>() => {}
            Err(_) if must_fail => return,
            Err(payload) => resume_unwind(payload),
        }
    }
    assert!(!must_fail, "{name}: none of {tried} runs failed");
    assert!(tried > 0, "{name}: every run was excluded");
    let missing: Vec<_> =
        COVERED.take().into_iter().filter(|(_, is_covered)| !is_covered).collect();
    assert!(missing.is_empty(), "{name}: never true in {tried} runs: {missing:?}");
    println!("{name}: {tried} random runs, no proof");
}

#[cfg(test)]
mod tests {
    use super::{any, assert, assume, run};

    #[test]
    fn an_excluded_run_does_not_count() {
        run("even", false, || {
            let number: u8 = any();
            assume(number.is_multiple_of(2));
            cover!(number > 100);
            assert(number.is_multiple_of(2), "it is even");
        });
    }

    #[test]
    #[should_panic(expected = "every run was excluded")]
    fn excluding_everything_shows_nothing() {
        run("nothing", false, || assume(false));
    }

    #[test]
    #[should_panic(expected = "never true")]
    fn what_must_be_covered_is() {
        run("cover", false, || cover!(any::<u8>().checked_add(0).is_none()));
    }

    #[test]
    #[should_panic(expected = "none of")]
    fn a_harness_that_must_fail_does() {
        run("success", true, || {});
    }
}
