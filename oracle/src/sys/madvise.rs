//! madvise(2).

use mapspec_model::op::{Address, Advice, Cells};
use mapspec_model::outcome::Outcome;

use super::outcome;
use crate::arena;
use crate::raw::system_call;

pub fn madvise(at: Address, length: Cells, advice: Advice) -> Outcome {
    let (address, length) = (arena::address(at), arena::bytes(length));
    // SAFETY: concerns pages of the arena only, to which nothing in this process refers; the parser
    // and the model keep the range within it.
    outcome(unsafe { system_call!(madvise, address, length, number(advice)) })
}

const fn number(advice: Advice) -> i32 {
    const GUARD_INSTALL: i32 = 102;
    const GUARD_REMOVE: i32 = 103;
    const UNKNOWN: i32 = 1 << 24;
    match advice {
        Advice::DontNeed => libc::MADV_DONTNEED,
        Advice::DontNeedLocked => libc::MADV_DONTNEED_LOCKED,
        Advice::Free => libc::MADV_FREE,
        Advice::Remove => libc::MADV_REMOVE,
        Advice::DontFork => libc::MADV_DONTFORK,
        Advice::DoFork => libc::MADV_DOFORK,
        Advice::WipeOnFork => libc::MADV_WIPEONFORK,
        Advice::KeepOnFork => libc::MADV_KEEPONFORK,
        Advice::PopulateRead => libc::MADV_POPULATE_READ,
        Advice::PopulateWrite => libc::MADV_POPULATE_WRITE,
        Advice::GuardInstall => GUARD_INSTALL,
        Advice::GuardRemove => GUARD_REMOVE,
        Advice::Cold => libc::MADV_COLD,
        Advice::PageOut => libc::MADV_PAGEOUT,
        Advice::WillNeed => libc::MADV_WILLNEED,
        Advice::Normal => libc::MADV_NORMAL,
        Advice::Random => libc::MADV_RANDOM,
        Advice::Sequential => libc::MADV_SEQUENTIAL,
        Advice::Mergeable => libc::MADV_MERGEABLE,
        Advice::Unmergeable => libc::MADV_UNMERGEABLE,
        Advice::HugePage => libc::MADV_HUGEPAGE,
        Advice::NoHugePage => libc::MADV_NOHUGEPAGE,
        Advice::Collapse => libc::MADV_COLLAPSE,
        Advice::Unknown => UNKNOWN,
    }
}
