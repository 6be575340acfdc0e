//! Tracking of writes by a userfaultfd's write protection, as `PAGEMAP_SCAN` tells it.

use super::{Result, userfault};
use crate::memory::{Memory, Place, Presence};
use crate::op::{Address, HandlerFlags, Modes};
use crate::outcome::{Answers, Outcome, PageStates};
use crate::policy::Policy;
use crate::world::{Mapping, Markers, World};

// ANCHOR: written
/// Whether a page was written since it was write-protected: whether it is there, and not
/// write-protected. Where no page is, it depends on whether there is a page table; so the kernel is free.
/// Of what no userfaultfd protects nothing is written, or else whatever is there.
///
/// Source: Documentation/admin-guide/mm/pagemap.rst `PAGE_IS_WRITTEN`; fs/proc/task_mmu.c
/// `pagemap_page_category()`.
pub fn written<M: Memory>(
    world: &World<M>,
    process: usize,
    at: Address,
    policy: &Policy,
) -> Result {
    let answers = match world.mapped(process, at) {
        Some((place, mapping)) => {
            let is_tracked = mapping
                .registration
                .is_some_and(|registration| registration.modes.contains(Modes::WRITE_PROTECT));
            let markers = world.processes[process].markers[place.page];
            if markers.contains(Markers::WRITE_PROTECTED)
                || !is_tracked && policy.only_tracked_pages_count_as_written
            {
                Answers::NO
            } else if is_there(world, place, &mapping) {
                Answers::YES
            } else {
                Answers::ALL
            }
        }
        None => Answers::NO,
    };
    Ok(Outcome::Answer(answers))
}
// ANCHOR_END: written

/// Whether stores end the write protection of a page by themselves, so that they can be tracked without
/// anybody who waits for them.
///
/// Source: UFFDIO_API(2const) `UFFD_FEATURE_WP_ASYNC`; fs/proc/task_mmu.c `pagemap_scan_test_walk()`.
pub fn wp_allowed<M: Memory>(world: &World<M>, process: usize, at: Address) -> Result {
    let registration = world.mapped(process, at).and_then(|(_, mapping)| mapping.registration);
    let is_allowed = registration.is_some_and(|registration| {
        let userfault = &world.userfaults[registration.userfault];
        registration.modes.contains(Modes::WRITE_PROTECT)
            && userfault.is_some_and(|it| it.flags.contains(HandlerFlags::ASYNC_WP))
    });
    Ok(Outcome::Answer(Answers::from(is_allowed)))
}

/// Whether the page table holds something for certain: a page, or what stands in its place.
fn is_there<M: Memory>(world: &World<M>, place: Place, mapping: &Mapping) -> bool {
    let markers = world.processes[place.process].markers[place.page];
    markers.intersects(Markers::GUARD | Markers::POISONED)
        || !world.memory.states(place, mapping.source()).contains(PageStates::NONE)
        || userfault::presence(world, place, mapping) == Presence::Present
}
