//! The model against the kernel: a generated program, its sweep included, does what the model says.
//!
//! This executable is also the oracle's zygote. The oracle starts it again under the zygote's name;
//! libFuzzer's `main` calls the initialization below before it does anything else, which then does
//! not return.
#![no_main]

use std::cell::RefCell;

use libfuzzer_sys::fuzz_target;
use mapspec::examine::Examiner;
use mapspec::fuzz_target::{differential, examiner, selection};

thread_local! {
    static EXAMINER: RefCell<Examiner> = RefCell::new(
        selection()
            .and_then(|selection| examiner(&selection).map_err(|error| error.to_string()))
            .unwrap_or_else(|error| panic!("{error}")),
    );
}

fuzz_target!(init: mapspec_oracle::become_zygote_if_asked(), |bytes: &[u8]| {
    let examine = |test: &_| EXAMINER.with_borrow_mut(|examiner| examiner.examine(test, None));
    if let Err(failure) = differential(bytes, examine) {
        panic!("{failure}");
    }
});
