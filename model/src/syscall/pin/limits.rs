//! Of which operations nothing is said beside pins.

use crate::op::{Actor, Advice, Op};
use crate::world::{Hold, Pin, World};

/// While a page of memory is pinned, nothing is claimed of operations that treat such a page in a
/// way of their own choice, or that its pin delays: to free it lazily, to move it by a userfaultfd,
/// and the end of a process whose page another one has pinned for a transfer, if it shares memory
/// with write access or uses a userfaultfd. All that it has mapped is mapped until the transfer is
/// done.
///
/// Source: mm/vmscan.c `shrink_folio_list()`; mm/userfaultfd.c `move_present_ptes()`;
/// mm/process_vm_access.c `process_vm_rw_core()`, `mm_access()`.
pub fn is_left_open<M>(world: &World<M>, actor: Actor, op: &Op) -> bool {
    let is_own = |process| Some(process) == actor.index();
    match *op {
        Op::Madvise { advice: Advice::Free, .. } => is_memory_pinned(world),
        Op::UffdMove { .. } => pins(world).any(|pin| pin.found_in.is_some_and(is_own)),
        Op::Exit {} => actor.index().is_some_and(|process| is_delayed(world, process)),
        _ => false,
    }
}

/// Whether a page that was found in the memory of some process is pinned.
pub fn is_memory_pinned<M>(world: &World<M>) -> bool {
    pins(world).any(|pin| pin.found_in.is_some())
}

fn pins<M>(world: &World<M>) -> impl Iterator<Item = Pin> + '_ {
    world.processes.iter().flat_map(|process| process.pins).flatten()
}

fn is_delayed<M>(world: &World<M>, process: usize) -> bool {
    let others = world.processes.iter().enumerate().filter(|(other, _)| *other != process);
    let mut pins = others.flat_map(|(_, other)| other.pins).flatten();
    let is_held =
        pins.any(|pin| pin.found_in == Some(process) && matches!(pin.hold, Hold::Once(_)));
    let mut mappings = world.processes[process].mappings.iter().flatten();
    is_held
        && (mappings.any(|mapping| mapping.counted_writable)
            || world.userfaults.iter().any(Option::is_some))
}
