//! What pins see, by each mechanism, and that nothing is left of them.

mod memory;

use std::fs;
use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use libtest_mimic::{Arguments, Failed, Trial};
use mapspec_oracle::pin::{Access, Held, Keeper, Mechanism, Request, Times};
use rustix::fs::{MemfdFlags, SealFlags};
use rustix::io::Errno;
use rustix::mm::MprotectFlags;
use rustix::process::{Pid, Signal, WaitOptions};

use memory::{Child, Gate, Page};

type Outcome = Result<(), Failed>;

/// A mechanism, and what the pin is for.
#[derive(Clone, Copy)]
struct Case {
    mechanism: Mechanism,
    access: Access,
    longterm: bool,
}

/// A test, and whether there is such a case.
type Test = (&'static str, fn(Case) -> Outcome, fn(Case) -> bool);

const TESTS: [Test; 16] = [
    ("a_store_is_seen", a_store_is_seen, |_| true),
    ("a_discarded_page_keeps_its_bytes", a_discarded_page, |_| true),
    ("a_store_after_a_fork_is_seen_through_a_pin", a_store_after_a_fork, |_| true),
    ("a_pinned_page_is_copied_at_fork", a_pinned_page_is_copied, |_| true),
    ("memory_without_access_is_refused", memory_without_access, |_| true),
    ("data_land", data_land, |_| true),
    ("what_can_be_used_once_is_over_then", use_ends_it, Case::is_used_once),
    ("a_release_is_over_at_once", a_release_is_over_at_once, |_| true),
    ("several_pins_of_a_page_are_independent", several_pins, Case::may_be_several),
    ("a_child_that_drops_a_pin_ends_nothing", a_child_that_drops_a_pin, |_| true),
    ("another_process_has_the_page", another_process_has_the_page, |_| true),
    ("locked_memory_is_given_back", locked_memory_is_given_back, |_| true),
    ("a_page_that_is_missing_is_waited_for", a_page_that_is_missing, Case::is_helped),
    ("a_killed_holder_leaves_nothing", a_killed_holder_leaves_nothing, |_| true),
    ("a_holder_that_ends_leaves_nothing", a_holder_that_ends_leaves_nothing, |_| true),
    ("a_killed_keeper_is_no_hang", a_killed_keeper_is_no_hang, Case::is_helped),
];

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // Each test forks: no other may run beside it.
    arguments.test_threads = Some(1);
    let mut trials = vec![Trial::test("nobody_waits_for_the_keeper", nobody_waits_for_the_keeper)];
    for mechanism in Mechanism::ALL {
        let available = mechanism.available();
        if let Err(why) = &available {
            eprintln!("{mechanism:?} is skipped: {why}");
        }
        for case in cases(mechanism) {
            for (name, test, _) in TESTS.iter().filter(|(_, _, exists)| exists(case)) {
                let name = format!("{mechanism:?}::{:?}::{name}", case.access);
                let trial = Trial::test(name, move || test(case));
                trials.push(trial.with_ignored_flag(available.is_err()));
            }
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// What a mechanism can do with an own page.
fn cases(mechanism: Mechanism) -> impl Iterator<Item = Case> {
    [
        (Access::ReadOnly, false),
        (Access::ReadOnly, true),
        (Access::ReadWrite, false),
        (Access::ReadWrite, true),
    ]
    .into_iter()
    .map(move |(access, longterm)| Case { mechanism, access, longterm })
    .filter(move |case| mechanism.can(&case.request(0)))
    .filter(move |case| mechanism != Mechanism::Vmsplice || !case.longterm)
}

impl Case {
    fn request(self, address: usize) -> Request {
        let Self { access, longterm, .. } = self;
        Request { process: None, address, access, longterm }
    }

    fn hold(self, keeper: &Keeper, page: &Page) -> io::Result<Held> {
        keeper.hold(self.mechanism, &self.request(page.address()))
    }

    fn reads(self) -> Times {
        self.mechanism.reads(self.access)
    }

    fn writes(self) -> Times {
        self.mechanism.writes(self.access)
    }

    /// Whether it needs a process of the keeper's.
    fn is_helped(self) -> bool {
        matches!(self.mechanism, Mechanism::ProcessVm | Mechanism::Fuse)
    }

    fn is_used_once(self) -> bool {
        self.reads().max(self.writes()) == Times::Once
    }

    /// Whether there can be several.
    fn may_be_several(self) -> bool {
        self.mechanism != Mechanism::GupTest
    }

    /// Whether it takes a pin, not only a reference.
    fn pins(self) -> bool {
        self.mechanism != Mechanism::Vmsplice
    }
}

/// What the pin sees, if it can be read; and if it can be written, what is in the page then, to which 9
/// was written.
fn look(case: Case, held: &mut Held, page: &Page, seen: u8, landed: u8) -> Outcome {
    for _ in 0..case.reads() as u8 {
        expect(held.read()?, seen)?;
    }
    for _ in 0..case.writes() as u8 {
        held.write(9)?;
        expect(page.load(), landed)?;
        if case.reads() > Times::Never {
            expect(held.read()?, 9)?;
        }
    }
    Ok(())
}

fn expect<T: PartialEq + std::fmt::Debug>(found: T, expected: T) -> Outcome {
    if found == expected { Ok(()) } else { Err(format!("{found:?}, not {expected:?}").into()) }
}

/// So that a watchdog can wait for all of a program's processes.
fn nobody_waits_for_the_keeper() -> Outcome {
    let keeper = Keeper::start()?;
    expect(children(std::process::id()).len(), 1)?;
    expect(rustix::process::wait(WaitOptions::NOHANG).err(), Some(Errno::CHILD))?;
    drop(keeper);
    expect(children(std::process::id()).len(), 0)
}

fn a_store_is_seen(case: Case) -> Outcome {
    let keeper = Keeper::start()?;
    let page = Page::new(1);
    let mut held = case.hold(&keeper, &page)?;
    page.store(2);
    look(case, &mut held, &page, 2, 9)
}

fn a_discarded_page(case: Case) -> Outcome {
    let keeper = Keeper::start()?;
    let page = Page::new(1);
    let mut held = case.hold(&keeper, &page)?;
    page.discard();
    look(case, &mut held, &page, 1, 0)?;
    expect(page.load(), 0)
}

/// A page that is pinned is copied at once for the child; one that is only referred to is shared, and
/// the store goes to a copy.
fn a_store_after_a_fork(case: Case) -> Outcome {
    let keeper = Keeper::start()?;
    let page = Page::new(1);
    let mut held = case.hold(&keeper, &page)?;
    let child = Child::that(|| Ok(()));
    page.store(2);
    look(case, &mut held, &page, if case.pins() { 2 } else { 1 }, 9)?;
    expect(child.load(&page), 1)
}

/// Which shows how long a page is pinned, to root: nobody else sees page frames.
fn a_pinned_page_is_copied(case: Case) -> Outcome {
    if Page::new(1).frame().is_none() {
        return Ok(());
    }
    let keeper = Keeper::start()?;
    let page = Page::new(1);
    expect(is_copied_at_fork(&page)?, false)?;
    let mut held = case.hold(&keeper, &page)?;
    expect(is_copied_at_fork(&page)?, case.pins())?;
    look(case, &mut held, &page, 1, 9)?;
    expect(is_copied_at_fork(&page)?, case.pins() && !case.is_used_once())?;
    held.release();
    expect(is_copied_at_fork(&page)?, false)?;
    let dropped = case.hold(&keeper, &page)?;
    expect(is_copied_at_fork(&page)?, case.pins())?;
    drop(dropped);
    expect(is_copied_at_fork(&page)?, false)
}

/// Whether a child gets a page of its own.
fn is_copied_at_fork(page: &Page) -> Result<bool, Failed> {
    let frame = page.frame();
    let (answer, question) = rustix::pipe::pipe()?;
    let _child = Child::that(|| {
        let same = page.frame() == frame;
        Ok(rustix::io::write(&question, &[u8::from(same)]).map(drop)?)
    });
    let mut same = [0];
    rustix::io::read(&answer, &mut same)?;
    Ok(same[0] == 0)
}

fn memory_without_access(case: Case) -> Outcome {
    let keeper = Keeper::start()?;
    let page = Page::new(1);
    let refusal = |protection| {
        page.protect(protection);
        case.hold(&keeper, &page).err().and_then(|error| error.raw_os_error())
    };
    let fault = Some(Errno::FAULT.raw_os_error());
    expect(refusal(MprotectFlags::empty()), fault)?;
    expect(refusal(MprotectFlags::READ), fault.filter(|_| case.access == Access::ReadWrite))
}

fn data_land(case: Case) -> Outcome {
    let keeper = Keeper::start()?;
    let page = Page::new(1);
    let mut held = case.hold(&keeper, &page)?;
    if case.writes() == Times::Never {
        let refusal = held.write(9).err().map(|error| error.kind());
        return expect(refusal, Some(io::ErrorKind::Unsupported));
    }
    expect(page.load(), 1)?;
    held.write(9)?;
    expect(page.load(), 9)?;
    if case.writes() == Times::Often {
        held.write(8)?;
        expect(page.load(), 8)?;
    }
    Ok(())
}

fn use_ends_it(case: Case) -> Outcome {
    let keeper = Keeper::start()?;
    let page = Page::new(1);
    let mut held = case.hold(&keeper, &page)?;
    look(case, &mut held, &page, 1, 9)?;
    for error in [held.read().err(), held.write(3).err()] {
        let error = error.and_then(|it| it.raw_os_error());
        expect(error, Some(Errno::BADF.raw_os_error()))?;
    }
    Ok(())
}

/// The kernel seals a file against writing if nobody else holds its page.
fn a_release_is_over_at_once(case: Case) -> Outcome {
    let keeper = Keeper::start()?;
    let file = file_with_a_page()?;
    let page = Page::of_file(file.as_fd());
    let held = case.hold(&keeper, &page)?;
    drop(page);
    expect(is_sealed(&file)?, false)?;
    held.release();
    expect(is_sealed(&file)?, true)?;
    expect(first_byte(&file)?, 1)
}

fn several_pins(case: Case) -> Outcome {
    let keeper = Keeper::start()?;
    let page = Page::new(1);
    let hold = || case.hold(&keeper, &page);
    let [mut first, mut second, mut third] = [hold()?, hold()?, hold()?];
    page.store(2);
    look(case, &mut second, &page, 2, 9)?;
    page.store(3);
    look(case, &mut first, &page, 3, 9)?;
    drop((second, first));
    page.store(4);
    look(case, &mut third, &page, 4, 9)
}

fn a_child_that_drops_a_pin(case: Case) -> Outcome {
    let keeper = Keeper::start()?;
    let page = Page::new(1);
    let mut held = Some(case.hold(&keeper, &page)?);
    let dropped = Gate::new();
    let child = Child::that(|| {
        held = None;
        dropped.open()
    });
    dropped.wait();
    drop(child);
    let mut held = held.ok_or("the parent's pin is gone")?;
    look(case, &mut held, &page, 1, 9)
}

fn another_process_has_the_page(case: Case) -> Outcome {
    let keeper = Keeper::start()?;
    let page = Page::new(1);
    let stored = Gate::new();
    let child = Child::that(|| {
        page.store(2);
        stored.open()
    });
    stored.wait();
    let request = Request { process: Some(child.id()), ..case.request(page.address()) };
    if !case.mechanism.can(&request) {
        let refusal = keeper.hold(case.mechanism, &request).err().map(|error| error.kind());
        return expect(refusal, Some(io::ErrorKind::Unsupported));
    }
    let mut held = keeper.hold(case.mechanism, &request)?;
    look(case, &mut held, &page, 2, 1)?;
    let landed = if case.writes() > Times::Never { 9 } else { 2 };
    expect(child.load(&page), landed)
}

/// The holder itself does, which can be seen.
fn a_page_that_is_missing(case: Case) -> Outcome {
    if Page::new(1).lose().is_err() {
        return Ok(());
    }
    let keeper = Keeper::start()?;
    let page = Page::new(1);
    let holder = Child::that(|| {
        let _handler = page.lose()?;
        case.hold(&keeper, &page).map(drop)
    });
    let stack = format!("/proc/{}/stack", holder.id());
    let waits = || fs::read_to_string(&stack).is_ok_and(|it| it.contains("handle_userfault"));
    eventually(waits, "the holder does not wait")
}

fn a_killed_holder_leaves_nothing(case: Case) -> Outcome {
    leaves_nothing(case, |act| Child::that(act), |_| true)
}

fn a_holder_that_ends_leaves_nothing(case: Case) -> Outcome {
    let is_gone = |holder: &Child| is_gone(holder.id().unsigned_abs());
    leaves_nothing(case, |act| Child::fork(act), is_gone)
}

/// A child takes a pin, no longer maps the page, and is killed when it is where it should be.
fn leaves_nothing(
    case: Case,
    fork: fn(&mut dyn FnMut() -> io::Result<()>) -> Child,
    is_there: fn(&Child) -> bool,
) -> Outcome {
    let mounts = fs::read_to_string("/proc/self/mountinfo")?;
    let keeper = Keeper::start()?;
    let helper = only(&children(std::process::id()))?;
    let file = file_with_a_page()?;
    let (held, seen) = (Gate::new(), Gate::new());
    let holder = fork(&mut || {
        let page = Page::of_file(file.as_fd());
        std::mem::forget(case.hold(&keeper, &page)?);
        drop(page);
        held.open()?;
        seen.wait();
        Ok(())
    });
    held.wait();
    expect(children(helper).len(), usize::from(case.is_helped()))?;
    expect(is_sealed(&file)?, false)?;
    seen.open()?;
    eventually(|| is_there(&holder), "the holder does not end")?;
    drop(holder);
    eventually(|| is_sealed(&file).is_ok_and(|it| it), "the page is held")?;
    eventually(|| children(helper).is_empty(), "a helper is left")?;
    expect(first_byte(&file)?, 1)?;
    drop(keeper);
    expect(children(std::process::id()).len(), 0)?;
    expect(fs::read_to_string("/proc/self/mountinfo")? == mounts, true)
}

fn locked_memory_is_given_back(case: Case) -> Outcome {
    let locked = || {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let of = |name: &str| status.lines().find(|line| line.starts_with(name)).map(str::to_owned);
        [of("VmLck:"), of("VmPin:")]
    };
    let before = locked();
    let keeper = Keeper::start()?;
    let page = Page::new(1);
    drop(case.hold(&keeper, &page)?);
    expect(locked(), before)
}

fn a_killed_keeper_is_no_hang(case: Case) -> Outcome {
    let keeper = Keeper::start()?;
    let helper = only(&children(std::process::id()))?;
    let page = Page::new(1);
    let mut held = case.hold(&keeper, &page)?;
    let helpers = children(helper);
    let id = i32::try_from(helper).ok().and_then(Pid::from_raw).ok_or("no id")?;
    rustix::process::kill_process(id, Signal::KILL)?;
    eventually(|| helpers.iter().all(|it| is_gone(*it)), "a helper is left")?;
    expect(look(case, &mut held, &page, 1, 9).is_err(), true)?;
    drop(held);
    expect(page.load(), 1)
}

fn file_with_a_page() -> io::Result<OwnedFd> {
    let file = rustix::fs::memfd_create("held", MemfdFlags::ALLOW_SEALING)?;
    rustix::fs::ftruncate(&file, memory::SIZE as u64)?;
    rustix::io::pwrite(&file, &[1], 0)?;
    Ok(file)
}

fn first_byte(file: &OwnedFd) -> io::Result<u8> {
    let mut byte = [0];
    rustix::io::pread(file, &mut byte, 0)?;
    Ok(byte[0])
}

/// Seals a file against writing; whether that could be done.
fn is_sealed(file: &OwnedFd) -> io::Result<bool> {
    match rustix::fs::fcntl_add_seals(file, SealFlags::WRITE) {
        Ok(()) => Ok(true),
        Err(Errno::BUSY) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn children(process: u32) -> Vec<u32> {
    let path = format!("/proc/{process}/task/{process}/children");
    let text = fs::read_to_string(path).unwrap_or_default();
    text.split_whitespace().filter_map(|child| child.parse().ok()).collect()
}

fn only(processes: &[u32]) -> Result<u32, Failed> {
    match processes {
        [one] => Ok(*one),
        other => Err(format!("processes {other:?}").into()),
    }
}

/// Whether a process has ended; nobody here can reap it.
fn is_gone(process: u32) -> bool {
    fs::read_to_string(format!("/proc/{process}/stat"))
        .map_or(true, |stat| stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with('Z')))
}

fn eventually(mut holds: impl FnMut() -> bool, otherwise: &str) -> Outcome {
    let start = Instant::now();
    while !holds() {
        if start.elapsed() > Duration::from_secs(5) {
            return Err(otherwise.into());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}
