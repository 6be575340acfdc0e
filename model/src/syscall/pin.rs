//! Pins: references to pages that last whatever becomes of the page. So far those that a pipe holds,
//! after splice(2) and sendfile(2).

use super::{Result, descriptor};
use crate::memory::{Memory, PinPlace};
use crate::op::{Cells, Name, PinName};
use crate::outcome::{Errno, Outcome};
use crate::policy::Policy;
use crate::world::{File, FileBacking, Pin, PinnedPage, World};

/// A cell of a file goes into a pipe: not its content, but a reference to its page. A hole of a file
/// of tmpfs is the zero page for good, and so is `/dev/zero`; of a file of huge pages it is EINVAL. Behind the end there is nothing, and no
/// pin is made.
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
    if !backing.is_written() {
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
    let pin = Pin { page: pinned, cell: offset.within_page() };
    world.processes[process].pins[place.pin] = Some(pin);
    Ok(Outcome::Length(Cells(1)))
}

/// What the pinned cell holds now. A page that its file has lost since keeps what it held, but nothing
/// is claimed of a file on a disk: there the page can be part of a large folio, which is zeroed in
/// place because it cannot be split.
///
/// Source: splice(2); mm/truncate.c `truncate_inode_partial_folio()`.
pub fn read<M: Memory>(world: &World<M>, process: usize, name: PinName) -> Result {
    let pin = world.processes[process].pin(name).ok_or(Errno::EBADF)?;
    let place = place(process, name).ok_or(Errno::EBADF)?;
    Ok(match pin.page {
        PinnedPage::Zero => Outcome::Value(0),
        PinnedPage::OfFile { backing: FileBacking::Disk } if world.memory.is_orphan(place) => {
            Outcome::BeyondBounds
        }
        PinnedPage::OfFile { .. } => Outcome::Value(world.memory.read_pin(place, pin.cell)),
    })
}

/// The reference is given back.
///
/// Source: close(2) of the pipe's descriptors.
pub fn unpin<M: Memory>(world: &mut World<M>, process: usize, name: PinName) -> Result {
    world.processes[process].pin(name).ok_or(Errno::EBADF)?;
    if let Some(place) = place(process, name) {
        world.memory.unpin(place);
        world.processes[process].pins[place.pin] = None;
    }
    Ok(Outcome::Success)
}

fn place(process: usize, name: PinName) -> Option<PinPlace> {
    Some(PinPlace { process, pin: name.index()? })
}
