//! Advice.

use mapspec_model::op::{Address, Advice, Cells};

use super::expression::Expression;
use super::value::{bytes, place};

pub fn madvise(at: Address, length: Cells, advice: Advice) -> Expression {
    let (at, length, advice) = (place(at), bytes(length), advice_text(advice));
    Expression::new(format!("madvise({at}, {length}, {advice})"))
}

const fn advice_text(advice: Advice) -> &'static str {
    match advice {
        Advice::DontNeed => "MADV_DONTNEED",
        Advice::DontNeedLocked => "MADV_DONTNEED_LOCKED",
        Advice::Free => "MADV_FREE",
        Advice::Remove => "MADV_REMOVE",
        Advice::DontFork => "MADV_DONTFORK",
        Advice::DoFork => "MADV_DOFORK",
        Advice::WipeOnFork => "MADV_WIPEONFORK",
        Advice::KeepOnFork => "MADV_KEEPONFORK",
        Advice::PopulateRead => "MADV_POPULATE_READ",
        Advice::PopulateWrite => "MADV_POPULATE_WRITE",
        Advice::GuardInstall => "MADV_GUARD_INSTALL",
        Advice::GuardRemove => "MADV_GUARD_REMOVE",
        Advice::Cold => "MADV_COLD",
        Advice::PageOut => "MADV_PAGEOUT",
        Advice::WillNeed => "MADV_WILLNEED",
        Advice::Normal => "MADV_NORMAL",
        Advice::Random => "MADV_RANDOM",
        Advice::Sequential => "MADV_SEQUENTIAL",
        Advice::Mergeable => "MADV_MERGEABLE",
        Advice::Unmergeable => "MADV_UNMERGEABLE",
        Advice::HugePage => "MADV_HUGEPAGE",
        Advice::NoHugePage => "MADV_NOHUGEPAGE",
        Advice::Collapse => "MADV_COLLAPSE",
        Advice::Unknown => "MADV_UNKNOWN",
    }
}
