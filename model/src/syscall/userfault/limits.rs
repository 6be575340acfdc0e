//! Of which operations nothing is said beside userfaultfds.

use crate::op::{Advice, Op};
use crate::world::{Attributes, Markers, World};

// ANCHOR: is_left_open
/// While memory is registered with a userfaultfd, an access waits, or a page is poisoned, nothing
/// is claimed of operations that reach for memory other than by a load or a store of the processor,
/// or that carry registrations, protection and poison elsewhere: they are beyond the bounds.
///
/// Where a page is missing, the kernel itself waits for the handler in the midst of such a call, or
/// fails, or does half of it, as the call was written; a program of statements that follow each
/// other could say nothing of that.
///
/// Source: userfaultfd(2), "handle page-faults"; fs/userfaultfd.c `handle_userfault()`, from
/// mm/gup.c `faultin_page()` and from copies of user memory; `mremap_userfaultfd_prep()`.
pub fn is_left_open<M>(world: &World<M>, op: &Op) -> bool {
    reaches_for_memory(world, op)
        && world.processes.iter().any(|process| {
            process.pending.is_some()
                || process.markers.iter().any(|it| it.contains(Markers::POISONED))
                || process.mappings.iter().flatten().any(|it| it.registration.is_some())
        })
}
// ANCHOR_END: is_left_open

fn reaches_for_memory<M>(world: &World<M>, op: &Op) -> bool {
    match *op {
        Op::Read { .. }
        | Op::Write { .. }
        | Op::ProcessVmReadv { .. }
        | Op::ProcessVmWritev { .. }
        | Op::MemRead { .. }
        | Op::MemWrite { .. }
        | Op::CompareExchange { .. }
        | Op::Execute { .. }
        | Op::Mremap { .. }
        | Op::Vmsplice { .. }
        | Op::WritePipe { .. }
        | Op::ReadPipe { .. }
        | Op::Pin { .. }
        | Op::Mlock { .. }
        | Op::Mlock2 { .. } => true,
        Op::Madvise { advice, .. } => advice != Advice::DontNeed,
        // Locked memory is faulted in when it becomes writable.
        Op::Mprotect { .. } => {
            let mut mappings = world.processes.iter().flat_map(|it| it.mappings).flatten();
            mappings.any(|it| it.attributes.intersects(Attributes::LOCKS))
        }
        _ => false,
    }
}
