//! What locked and sealed mappings refuse, as Linux 6.18 was measured to do.

use mapspec_model::flags::Choice as _;
use mapspec_model::memory::Cow;
use mapspec_model::op::{Actor, Address, Advice, Cells, MapFlags, Op, Protection};
use mapspec_model::outcome::{Errno, Outcome};
use mapspec_model::policy::Policy;
use mapspec_model::world::Attributes;
use mapspec_model::{World, step};

const READ_WRITE: Protection = Protection::READ.union(Protection::WRITE);

/// All advice with which one page of such a mapping is refused, and how.
fn refused(
    kind: MapFlags,
    protection: Protection,
    noted: Attributes,
) -> Vec<(&'static str, Errno)> {
    let policy = Policy::named("linux-6.18").unwrap();
    let advise = |&(name, advice): &(&'static str, Advice)| {
        let mut world = World::<Cow>::new();
        let (at, length, flags) = (Address::page(0), Cells::pages(1), kind | MapFlags::ANONYMOUS);
        let map = Op::Mmap { at, length, protection, flags, file: None, offset: Cells(0) };
        assert_eq!(step(&mut world, Actor::A, &map, &policy), Outcome::Success);
        world.processes[0].mappings[0].as_mut().unwrap().attributes = noted;
        let advice = Op::Madvise { at, length, advice };
        match step(&mut world, Actor::A, &advice, &policy) {
            Outcome::Error(errno) => Some((name, errno)),
            _ => None,
        }
    };
    Advice::NAMED.iter().filter_map(advise).collect()
}

#[test]
fn locked_memory_is_neither_thrown_away_nor_aged() {
    for noted in [Attributes::LOCKED, Attributes::LOCKED | Attributes::LOCKED_ON_FAULT] {
        let refused = refused(MapFlags::PRIVATE, READ_WRITE, noted);
        let names: Vec<_> = refused.iter().map(|(name, _)| *name).collect();
        let expected = [
            "dontneed",
            "free",
            "remove",
            "guard_install",
            "cold",
            "pageout",
            "collapse",
            "unknown",
        ];
        assert_eq!(names, expected);
        assert!(refused.iter().all(|(_, errno)| *errno == Errno::EINVAL), "{refused:?}");
    }
}

#[test]
fn sealed_memory_that_cannot_be_written_is_not_thrown_away() {
    let of = |kind, protection| {
        let refused = refused(kind, protection, Attributes::SEALED).into_iter();
        let refused = refused.filter(|(_, errno)| *errno == Errno::EPERM);
        refused.map(|(name, _)| name).collect::<Vec<_>>()
    };
    let expected = [
        "dontneed",
        "dontneed_locked",
        "free",
        "remove",
        "dontfork",
        "wipeonfork",
        "guard_install",
    ];
    assert_eq!(of(MapFlags::PRIVATE, Protection::READ), expected);
    assert_eq!(of(MapFlags::PRIVATE, READ_WRITE), [""; 0]);
    assert_eq!(of(MapFlags::SHARED, Protection::READ), [""; 0]);
}
