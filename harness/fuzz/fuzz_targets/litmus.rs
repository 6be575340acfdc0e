//! The parser never panics, and what it understands prints and parses back to itself. No kernel is
//! involved.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mapspec::fuzz_target::litmus;

fuzz_target!(|bytes: &[u8]| {
    if let Err(failure) = litmus(bytes) {
        panic!("{failure}");
    }
});
