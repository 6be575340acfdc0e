//! Descriptors: a second one on a file, and their end.

use super::{Result, truncate};
use crate::memory::Memory;
use crate::op::{Cells, Medium, Mode, Name, OpenFlags, Seals};
use crate::outcome::{Errno, Outcome};
use crate::policy::Policy;
use crate::world::{Descriptor, File, World};

/// What a name holds; a name that holds nothing is EBADF.
pub fn look_up<M: Memory>(
    world: &World<M>,
    process: usize,
    name: Name,
) -> core::result::Result<Descriptor, Errno> {
    world.processes[process].descriptor(name).ok_or(Errno::EBADF)
}

/// The name holds the descriptor from now on; what it held before is closed.
///
/// Source: dup2(2).
pub fn bind<M: Memory>(
    world: &mut World<M>,
    process: usize,
    name: Name,
    descriptor: Option<Descriptor>,
) -> Result {
    if let Some(index) = name.index() {
        world.processes[process].descriptors[index] = descriptor;
        world.release_unreferenced_files();
    }
    Ok(Outcome::Success)
}

/// A new file, or a device: open for reading and writing.
///
/// Source: open(2) `O_TMPFILE`; null(4).
pub fn open<M: Memory>(world: &mut World<M>, process: usize, name: Name, medium: Medium) -> Result {
    let Some(file) = world.unused_file() else {
        return Ok(Outcome::BeyondBounds);
    };
    world.files[file] = File::opened(medium);
    bind(world, process, name, Some(Descriptor { file, mode: Mode::ReadWrite }))
}

/// A new open file description of the same file, for reading, writing or both. Seals do not
/// matter, nor what the old descriptor was opened for. Without the old one, the link is not there.
///
/// `O_TRUNC` cuts the file to nothing, even if it is opened for reading; `F_SEAL_SHRINK` refuses
/// it.
///
/// Source: proc_pid_fd(5); open(2) ENOENT, `O_TRUNC`; memfd_create(2), "File sealing", on
/// reopening; fs/namei.c `do_open()`, `handle_truncate()`.
pub fn reopen<M: Memory>(
    world: &mut World<M>,
    process: usize,
    name: Name,
    from: Name,
    mode: Mode,
    flags: OpenFlags,
    policy: &Policy,
) -> Result {
    let Descriptor { file, .. } = look_up(world, process, from).or(Err(Errno::ENOENT))?;
    let File { size, seals, backing, .. } = world.files[file];
    if flags.contains(OpenFlags::TRUNCATE) && backing.is_regular() {
        if size > Cells(0) && seals.contains(Seals::SHRINK) {
            return Err(Errno::EPERM);
        }
        truncate::cut(world, file, Cells(0), policy);
    }
    bind(world, process, name, Some(Descriptor { file, mode }))
}

/// A second descriptor of the same open file description.
///
/// Source: dup(2).
pub fn dup<M: Memory>(world: &mut World<M>, process: usize, name: Name, from: Name) -> Result {
    let descriptor = look_up(world, process, from)?;
    bind(world, process, name, Some(descriptor))
}

/// The descriptor is gone; mappings of the file stay.
///
/// Source: close(2); mmap(2), "closing the file descriptor does not unmap the region" (munmap(2)).
pub fn close<M: Memory>(world: &mut World<M>, process: usize, name: Name) -> Result {
    look_up(world, process, name)?;
    bind(world, process, name, None)
}
