//! A property sees a wrong world wherever it is wrong: in each cell, through each pin.

use mapspec::litmus;
use mapspec_model::op::PinName;
use mapspec_model::property::{self, Step, Verdict};
use mapspec_model::{CELLS, FILE_PAGES, Policy, World, step};

use super::world_after;

/// What a property says if after a program and one statement the world is as after another program.
fn judge(property: &str, before: &str, statement: &str, after: &str) -> Verdict {
    let policy = Policy::default();
    let before_text = format!("{before}{statement}\n");
    let statement = *litmus::parse(&before_text).unwrap().program().last().unwrap();
    let (before, after) = (world_after(before, &policy), world_after(after, &policy));
    let outcome = step(&mut before.clone(), statement.actor, &statement.op, &policy);
    let this = Step::new(&before, statement, outcome, &after);
    property::named(property).unwrap().judge(&this)
}

/// Where a cell lies, in pages.
fn offset(cell: usize) -> String {
    format!("{}{}p", cell / CELLS, if cell.is_multiple_of(CELLS) { "" } else { ".5" })
}

#[test]
fn sealed_content_is_compared_cell_by_cell() {
    for cell in 0..FILE_PAGES * CELLS {
        let file = format!("A: f = memfd_create(allow_sealing)\nA: ftruncate(f, {FILE_PAGES}p)\n");
        let seals = "A: add_seals(f, write|shrink|grow)\n";
        let written = format!("{file}A: pwrite(f, {}, 0.5p, 7)\n{seals}", offset(cell));
        let sealed = format!("{file}{seals}");
        let judge =
            |after| judge("sealed-content-never-changes", &sealed, "A: pread(f, 0p)", after);
        assert_eq!(judge(&sealed), Verdict::Holds);
        assert_eq!(judge(&written), Verdict::Fails, "cell {cell}");
    }
}

#[test]
fn the_pins_of_every_process_are_looked_through() {
    for (owner, storing) in [("A", "B"), ("B", "A"), ("C", "A")] {
        for pin in PinName::LETTERS {
            let before = format!(
                "A: mmap(@0, 1p, rw, private|anon)\nA: store(@0, 1)\nA: fork(B)\nA: fork(C)\n\
                 {owner}: {pin} = vmsplice(@0)\n"
            );
            let judge = |after: &str| {
                let statement = format!("{storing}: store(@0, 2)");
                judge("a-private-store-spares-pins-of-others", &before, &statement, after)
            };
            assert_eq!(judge(&before), Verdict::Holds);
            let changed = before.replace("store(@0, 1)", "store(@0, 3)");
            assert_eq!(judge(&changed), Verdict::Fails, "{owner}: {pin}");
        }
    }
}

#[test]
fn what_has_become_of_a_pin_matters_as_long_as_there_is_one() {
    let pinned =
        "A: mmap(@0, 2p, rw, private|anon)\nA: store(@0, 1)\nA: p = pin(@0, rw, longterm)\n";
    let after = |more: &str| format!("{pinned}{more}\n");
    let judge = |statement: &str, after: &str| {
        judge("a-pin-of-private-memory-is-reliable", pinned, statement, after)
    };
    let store = "A: store(@1, 1)";
    let replaced = "A: madvise(@0, 1p, dontneed)\nA: store(@0, 2)";
    assert_eq!(judge("A: load(@0)", pinned), Verdict::Silent);
    assert_eq!(judge(store, &after(store)), Verdict::Holds);
    assert_eq!(judge(store, &after(replaced)), Verdict::Fails);
    assert_eq!(judge(store, &after(&format!("{replaced}\nA: unpin(p)"))), Verdict::Silent);
}

#[test]
fn what_is_cut_is_gone_cell_by_cell() {
    let file = format!("A: f = memfd_create()\nA: ftruncate(f, {FILE_PAGES}p)\n");
    for cell in 0..FILE_PAGES * CELLS {
        let kept = format!("{file}A: pwrite(f, {}, 0.5p, 7)\n", offset(cell));
        let verdict = judge("truncate-loses-what-it-cuts", &file, "A: ftruncate(f, 0p)", &kept);
        assert_eq!(verdict, Verdict::Fails, "{cell}");
    }
}

#[test]
fn a_store_to_the_zero_page_makes_one_page_and_changes_no_other() {
    let before = "A: mmap(@0, 2p, rw, private|anon)\nA: load(@0)\nA: load(@1)\n";
    let judge = |after: &str| {
        let after = format!("{before}{after}");
        judge("the-zero-page-is-not-written", before, "A: store(@0, 1)", &after)
    };
    assert_eq!(judge("A: store(@0, 1)\n"), Verdict::Holds);
    assert_eq!(judge(""), Verdict::Fails);
    assert_eq!(judge("A: store(@0, 1)\nA: store(@1, 1)\n"), Verdict::Fails);
}

#[test]
fn each_thing_that_fork_should_copy_is_compared() {
    let before = "A: mmap(@0, 2p, rw, private|anon)\nA: store(@0, 1)\nA: f = memfd_create()\n\
                  A: u = userfaultfd()\n";
    let fork = "A: fork(B)";
    let judge =
        |more: &str| judge("fork-copies", before, fork, &format!("{before}{fork}\n{more}\n"));
    assert_eq!(judge(""), Verdict::Holds);
    let wrong = [
        "B: close(f)",
        "B: uffd_close(u)",
        "B: p = vmsplice(@0)",
        "B: munmap(@1, 1p)",
        "B: store(@0, 2)",
        "A: close(f)",
        "A: store(@0, 2)",
        "A: munmap(@1, 1p)",
    ];
    for wrong in wrong {
        assert_eq!(judge(wrong), Verdict::Fails, "{wrong}");
    }
}

#[test]
fn a_mapping_that_was_kept_has_its_protection() {
    let before = "A: mmap(@0, 1p, rw, private|anon)\n";
    let statement = "A: mmap(@0, 1p, rw, private|anon|noreplace)";
    let judge = |after: &str| judge("noreplace-keeps-what-is-there", before, statement, after);
    assert_eq!(judge(before), Verdict::Holds);
    assert_eq!(judge(&format!("{before}A: mprotect(@0, 1p, r)\n")), Verdict::Fails);
}

#[test]
fn memory_of_no_file_has_no_end() {
    let before = "A: mmap(@0, 1p, rw, private|anon)\n";
    let verdict = judge("sigbus-exactly-past-the-end", before, "A: load(@0)", before);
    assert_eq!(verdict, Verdict::Silent);
}

#[test]
fn a_zero_page_that_could_be_written_is_seen_before_it_is() {
    let policy = Policy::named("nosigbus-any").unwrap();
    let program = "A: f = memfd_create()\nA: mmap(@0, 1p, rw, shared|nosigbus, f, 0p)\n\
                   A: load(@0)\nA: madvise(@0, 1p, populate_write)\n";
    let (zero_page, mut after) = (property::named("the-zero-page-is-not-written"), World::new());
    let verdicts = litmus::parse(program).unwrap().program().into_iter().map(|statement| {
        let before = after;
        let outcome = step(&mut after, statement.actor, &statement.op, &policy);
        let this = Step::new(&before, statement, outcome, &after);
        zero_page.unwrap().judge(&this)
    });
    let verdicts: Vec<_> = verdicts.collect();
    assert_eq!(verdicts, [Verdict::Silent, Verdict::Silent, Verdict::Silent, Verdict::Fails]);
}
