//! What pins see, by each mechanism, and that nothing is left of them.

use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use mapspec_oracle::pin::{Access, Keeper, Mechanism, Request};

mod memory;

use memory::Page;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // Each test forks: no other may run beside it.
    arguments.test_threads = Some(1);
    let trials = Mechanism::ALL.into_iter().flat_map(|mechanism| {
        let test = move |name: &str, run: fn(Mechanism) -> Result<(), Failed>| {
            let test = Trial::test(format!("{mechanism:?}::{name}"), move || run(mechanism));
            test.with_ignored_flag(mechanism.available().is_err())
        };
        [test("a_store_is_seen", a_store_is_seen)]
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

fn request(page: &Page, mechanism: Mechanism, access: Access) -> Request {
    let short = Request { process: None, address: page.address(), access, longterm: false };
    let longterm = !mechanism.can(&short);
    let it = Request { longterm, ..short };
    if mechanism.can(&it) { it } else { Request { access: Access::ReadWrite, ..it } }
}

fn a_store_is_seen(mechanism: Mechanism) -> Result<(), Failed> {
    let keeper = Keeper::start()?;
    let page = Page::new();
    page.store(1);
    let mut held = keeper.hold(mechanism, &request(&page, mechanism, Access::ReadOnly))?;
    page.store(2);
    assert_eq!(held.read()?, 2);
    assert_eq!(page.load(), 2);
    Ok(())
}
