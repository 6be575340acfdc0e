//! Whose doing a difference is: what a known bug explains is no news, and what it does not is.

use std::process::ExitCode;
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
use mapspec::campaign::finding_test;
use mapspec::catalogue::Attribution;
use mapspec::differ::{Differ, Difference, Judgement};
use mapspec::examine::{Examiner, Verdict};
use mapspec::litmus::{Test, parse, text};
use mapspec::session::Session;
use mapspec::shrink::{Shrunk, shrink};
use mapspec_model::op::{Actor, Call, Op, Statement};

/// A test, and what it is given.
type Case = fn(&mut Setting) -> Result<(), String>;

const CASES: &[(&str, Case)] = &[
    ("a_bug_that_leads_out_of_the_bounds_is_blamed", leads_out_of_the_bounds),
    ("a_bug_is_blamed_for_what_only_the_sweep_shows", shows_in_the_sweep),
    ("what_differs_without_the_bug_too_is_a_divergence", differs_without_the_bug),
    ("what_differs_after_a_bug_has_shown_is_a_divergence", differs_beside_the_bug),
    ("a_finding_names_the_bugs_that_have_shown_before", finding_names_the_bug),
    ("a_bug_that_the_kernel_has_not_is_not_blamed", kernel_has_not_the_bug),
    ("what_leaves_the_bounds_is_judged_up_to_there", leaves_the_bounds),
];

fn main() -> ExitCode {
    mapspec_oracle::become_zygote_if_asked();
    let run = |case: Case| Ok(case(&mut Setting::new()?)?);
    let trials = CASES.iter().map(|&(name, case)| Trial::test(name, move || run(case)));
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

/// The running kernel.
struct Setting {
    session: Session,
    differ: Differ,
}

impl Setting {
    fn new() -> Result<Self, Failed> {
        let selection = "detected".parse().map_err(|error| format!("{error:?}"))?;
        let session = Session::start(&selection, Duration::from_secs(5));
        let session = session.map_err(|error| error.to_string())?;
        Ok(Self { differ: session.differ(), session })
    }

    fn judge(&mut self, program: &[Statement]) -> Judgement {
        let swept = self.differ.swept(program);
        self.differ.judge(&swept, None)
    }

    /// A mistake in the model: `F_SEAL_WRITE` is granted while a mapping may write the file.
    fn plant(&mut self) {
        self.differ.policy.write_seal_ignores_mappings = true;
    }

    /// Whether the kernel has a known bug: the bug's own test shows it.
    fn has(&mut self, id: &str) -> bool {
        let name = format!("known.{id}");
        let entry = self.session.corpus.iter().find(|entry| entry.test.name == name);
        let program = entry.map(|entry| entry.test.program()).unwrap_or_default();
        matches!(self.judge(&program), Judgement::Known(_))
    }
}

fn program(text: &str) -> Result<Vec<Statement>, String> {
    Ok(parse(text).map_err(|diagnostic| format!("{diagnostic:?}"))?.program())
}

fn ensure(condition: bool, found: impl std::fmt::Debug) -> Result<(), String> {
    if condition { Ok(()) } else { Err(format!("{found:?}")) }
}

/// The failed write has made room for a page, which is then mapped without a word. Nothing is claimed of
/// paging it out.
const LEADS_OUT: &str = "A: f = memfd_create(allow_sealing)\n\
                         A: write(f, 1p, @7, 1p)\n\
                         A: mmap(@0, 1p, rw, shared|populate, f, 0p)\n\
                         A: madvise(@0, 1p, pageout)\n";

fn leads_out_of_the_bounds(on: &mut Setting) -> Result<(), String> {
    let has_bug = on.has("failed-write-grows");
    match on.judge(&program(&format!("{LEADS_OUT}A: size(f)\n"))?) {
        Judgement::Known(Attribution { bugs, until: Some(until) }) if has_bug => {
            ensure(bugs.len() == 1 && bugs[0].id == "failed-write-grows", &bugs)?;
            ensure(until.op.call() == Call::Madvise, until)
        }
        judgement => ensure(!has_bug && matches!(judgement, Judgement::Agree), judgement),
    }
}

fn shows_in_the_sweep(on: &mut Setting) -> Result<(), String> {
    let has_bug = on.has("failed-write-grows");
    match on.judge(&program(LEADS_OUT)?) {
        Judgement::Known(Attribution { bugs, .. }) if has_bug => {
            ensure(bugs.len() == 1 && bugs[0].id == "failed-write-grows", &bugs)
        }
        judgement => ensure(!has_bug && matches!(judgement, Judgement::Agree), judgement),
    }
}

/// The difference is told, and shrunk, of the program without the bug.
fn differs_without_the_bug(on: &mut Setting) -> Result<(), String> {
    let has_bug = on.has("failed-write-grows");
    on.plant();
    let whole = program(&format!("{LEADS_OUT}A: add_seals(f, write)\nA: size(f)\n"))?;
    let judgement = on.judge(&whole);
    let Judgement::Diverge(Difference { program, class, beside, .. }) = judgement else {
        return Err(format!("{judgement:?}"));
    };
    ensure(class.call == Call::AddSeals && beside.is_empty(), &class)?;
    let writes = |program: &[Statement]| program.iter().any(|it| it.op.call() == Call::Write);
    ensure(writes(&program) != has_bug, &program)?;
    let shrunk = shrink(&mut on.differ, &whole).ok_or("it does not diverge")?;
    ensure(shrunk.class == class && shrunk.program.len() == 3, &shrunk)?;
    ensure(!writes(&shrunk.program) && shrunk.rate == (10, 10), &shrunk)
}

/// The bug shows in `size`, the mistake after it: the report is about the mistake.
fn differs_beside_the_bug(on: &mut Setting) -> Result<(), String> {
    let has_bug = on.has("failed-write-grows");
    on.plant();
    let whole = "A: f = memfd_create(allow_sealing)\n\
                 A: write(f, 1p, @7, 1p)\n\
                 A: size(f)\n\
                 A: mmap(@0, 1p, rw, shared, f, 0p)\n\
                 A: add_seals(f, write)\n";
    let judgement = on.judge(&program(whole)?);
    let Judgement::Diverge(Difference { program, class, beside, .. }) = judgement else {
        return Err(format!("{judgement:?}"));
    };
    ensure(class.call == Call::AddSeals && program.len() == 5, &class)?;
    let names: Vec<_> = beside.iter().map(|bug| bug.id.as_str()).collect();
    ensure(if has_bug { names == ["failed-write-grows"] } else { names.is_empty() }, names)
}

/// A finding in which a bug has shown before says so.
fn finding_names_the_bug(on: &mut Setting) -> Result<(), String> {
    let has_bug = on.has("failed-write-grows");
    on.differ.policy.pages_past_end_are_accessible = true;
    let whole = "A: f = memfd_create()\n\
                 A: write(f, 1p, @7, 1p)\n\
                 A: size(f)\n\
                 A: mmap(@0, 2p, rw, shared, f, 0p)\n\
                 A: load(@1)\n";
    let judgement = on.judge(&program(whole)?);
    let Judgement::Diverge(difference) = judgement else { return Err(format!("{judgement:?}")) };
    let Difference { program, model, kernel, class, beside, .. } = difference;
    let shrunk = Shrunk { program, model, kernel, class, beside, rate: (10, 10) };
    let about = finding_test(&shrunk, "6.18").about;
    ensure(about.contains("The model is with failed-write-grows, which") == has_bug, about)
}

/// A kernel with CVE-2018-18397 would have a page of zeros in the file, and nothing is claimed of
/// paging it out. This kernel has no such page, and is to be judged.
fn kernel_has_not_the_bug(on: &mut Setting) -> Result<(), String> {
    let whole = program(
        "A: f = memfd_create(allow_sealing)\n\
         A: ftruncate(f, 1p)\n\
         A: mmap(@0, 1p, rw, private, f, 0p)\n\
         A: u = userfaultfd()\n\
         A: uffd_register(u, @0, 1p, missing)\n\
         A: uffd_copy(u, @0, 0)\n\
         A: uffd_close(u)\n\
         A: mmap(@1, 1p, rw, shared, f, 0p)\n\
         A: madvise(@1, 1p, pageout)\n\
         A: add_seals(f, write)\n",
    )?;
    if on.differ.allow(&whole).is_err() || on.has("cve-2018-18397") {
        return Ok(());
    }
    let judgement = on.judge(&whole);
    ensure(matches!(judgement, Judgement::Agree), judgement)?;
    on.plant();
    let judgement = on.judge(&whole);
    let is_found = match &judgement {
        Judgement::Diverge(found) => found.class.call == Call::AddSeals && found.program == whole,
        _ => false,
    };
    ensure(is_found, judgement)
}

/// What the kernel does from there on is compared with nothing, and is no known bug's doing. Nor does
/// the model contradict what is claimed there.
fn leaves_the_bounds(on: &mut Setting) -> Result<(), String> {
    let mut test = parse("test: x\n\nA: f = memfd_create()\nA: size(f) = 0p\nA: size(f) = 1p\n")
        .map_err(|diagnostic| format!("{diagnostic:?}"))?;
    test.lines[1].statement = Statement { actor: Actor::A, op: Op::Resume {} };
    let judgement = on.judge(&test.program());
    ensure(matches!(judgement, Judgement::Agree), judgement)?;
    let verdict = Examiner::new(on.session.differ()).examine(&test, None);
    ensure(matches!(verdict, Verdict::Agree), verdict)?;
    on.plant();
    let differing = "A: mmap(@0, 1p, rw, shared, f, 0p)\nA: add_seals(f, write)\n";
    let mut test = parse(&format!("A: f = memfd_create(allow_sealing)\n{differing}A: size(f)\n"))
        .map_err(|diagnostic| format!("{diagnostic:?}"))?;
    test.lines[3].statement = Statement { actor: Actor::A, op: Op::Resume {} };
    let judgement = on.judge(&test.program());
    let is_found = matches!(&judgement, Judgement::Diverge(found) if found.program.len() == 3);
    ensure(is_found, text(&Test::of_program("", &test.program())))
}
