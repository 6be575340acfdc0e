//! The book: what it shows is what there is.

mod anchors;
mod coverage;
mod nosigbus;
mod properties;

use std::{env, fs};

use mapspec::{corpus, report};

/// Where a page's generated part begins.
const GENERATED: &str = "<!-- generated -->\n";

#[test]
fn the_table_of_operations_is_that_of_the_model() {
    let corpus = corpus::built_in().unwrap_or_default();
    check("../docs/src/operations.md", &report::operations(&corpus));
}

/// The generated part of a page; with `MAPSPEC_BLESS` in the environment it is written anew.
fn check(page: &str, generated: &str) {
    let text = fs::read_to_string(page).unwrap();
    let (written, shown) = text.split_once(GENERATED).unwrap();
    if env::var_os("MAPSPEC_BLESS").is_some() {
        fs::write(page, format!("{written}{GENERATED}{generated}")).unwrap();
    } else {
        assert_eq!(shown, generated, "{page} is old: run this test with MAPSPEC_BLESS=1");
    }
}
