//! Ideal against Cow: copy-on-write is invisible, under every preset. No kernel is involved.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use mapspec::fuzz_target::{refinement, selection};
use mapspec::policy::Selection;

static SELECTION: LazyLock<Selection> =
    LazyLock::new(|| selection().unwrap_or_else(|error| panic!("{error}")));

fuzz_target!(|bytes: &[u8]| {
    if let Err(failure) = refinement(bytes, &SELECTION) {
        panic!("{failure}");
    }
});
