//! Pages of files in pipes: splice(2) and sendfile(2).

use super::super::{Result, descriptor};
use super::{content, held, place};
use crate::memory::{Memory, Seen};
use crate::op::{Cells, Name, PinName};
use crate::outcome::{Errno, Outcome};
use crate::policy::Policy;
use crate::world::{File, Hold, Pin, PinnedPage, World};

/// A cell of a file goes into a pipe: not its content, but a reference to its page. A hole of a
/// file of tmpfs is the zero page for good, and so is `/dev/zero`, if it can be spliced; of a file
/// of huge pages it is EINVAL. Behind the end there is nothing, and no pin is made.
///
/// Source: splice(2), sendfile(2) EBADF; mm/shmem.c `shmem_file_splice_read()`; mm/filemap.c
/// `filemap_splice_read()`.
pub fn splice<M: Memory>(
    world: &mut World<M>,
    process: usize,
    name: PinName,
    file: Name,
    offset: Cells,
    policy: &Policy,
) -> Result {
    let descriptor = descriptor::look_up(world, process, file)?;
    if !descriptor.mode.reads() {
        return Err(Errno::EBADF);
    }
    let (file, page) = (descriptor.file, offset.page() as usize);
    let File { size, backing, .. } = world.files[file];
    let is_spliced = backing.is_regular() || policy.zero_device_can_be_spliced;
    if !backing.is_written() || !is_spliced {
        return Err(Errno::EINVAL);
    }
    if backing.is_regular() && offset >= size {
        return Ok(Outcome::Length(Cells(0)));
    }
    let place = place(process, name).ok_or(Errno::EBADF)?;
    world.memory.unpin(place);
    let by_reference = backing.is_regular()
        && (backing.splice_fills_holes(policy) || world.memory.has_filled_file_page(file, page));
    let pinned = if by_reference {
        world.memory.pin_file_page(place, file, page);
        PinnedPage::OfFile { backing }
    } else {
        PinnedPage::Zero
    };
    let cell = offset.within_page();
    let pin = Pin { page: pinned, cell, hold: Hold::Pipe, found_in: None };
    world.processes[process].pins[place.pin] = Some(pin);
    Ok(Outcome::Length(Cells(1)))
}

/// Splices, or copies: then the pipe holds what the cell held at that moment.
///
/// Source: sendfile(2); fs/read_write.c `do_sendfile()`, `splice_file_to_pipe()`, before Linux 5.12
/// fs/splice.c `do_splice_direct()`, `iter_file_splice_write()`.
pub fn sendfile<M: Memory>(
    world: &mut World<M>,
    process: usize,
    name: PinName,
    file: Name,
    offset: Cells,
    policy: &Policy,
) -> Result {
    let outcome = splice(world, process, name, file, offset, policy)?;
    if policy.sendfile_copies_into_pipes
        && outcome == Outcome::Length(Cells(1))
        && let Ok((place, pin)) = held(world, process, name, |_| true)
        && let Seen::Value(value) = content(world, place, pin)
    {
        world.memory.unpin(place);
        world.processes[process].pins[place.pin] =
            Some(Pin { page: PinnedPage::Copied(value), ..pin });
    }
    Ok(outcome)
}
