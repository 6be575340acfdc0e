//! memfd_create(2).

use super::{Result, descriptor};
use crate::memory::Memory;
use crate::op::{Cells, MemfdFlags, Mode, Name, Seals};
use crate::outcome::{Errno, Outcome};
use crate::policy::Policy;
use crate::world::{Descriptor, File, FileBacking, World};

/// A new file of size 0, open for reading and writing. Without `MFD_ALLOW_SEALING` it is sealed
/// against sealing; `MFD_NOEXEC_SEAL` allows sealing and seals the missing execute permission. With
/// `MFD_HUGETLB` it is of huge pages.
///
/// Wrong flags are found first, then the execute policy of the system, then a wrong name.
///
/// Source: memfd_create(2); mm/memfd.c `memfd_create()`.
pub fn create<M: Memory>(
    world: &mut World<M>,
    process: usize,
    name: Name,
    flags: MemfdFlags,
    policy: &Policy,
) -> Result {
    let either = MemfdFlags::EXECUTABLE | MemfdFlags::NO_EXECUTE_SEAL;
    if flags.contains(MemfdFlags::UNKNOWN)
        || flags.contains(either)
        || flags.intersects(either) && !policy.seal_exec_exists
    {
        return Err(Errno::EINVAL);
    }
    let executable = if flags.intersects(either) {
        flags.contains(MemfdFlags::EXECUTABLE)
    } else {
        !policy.memfd_is_not_executable_by_default
    };
    if executable && policy.executable_memfd_is_refused {
        return Err(Errno::EACCES);
    }
    if flags.contains(MemfdFlags::BAD_NAME) {
        return Err(Errno::EFAULT);
    }
    if flags.contains(MemfdFlags::LONG_NAME) {
        return Err(Errno::EINVAL);
    }
    let seals = match (executable, flags.contains(MemfdFlags::ALLOW_SEALING)) {
        (false, _) => Seals::EXECUTE,
        (true, true) => Seals::EMPTY,
        (true, false) => Seals::SEAL,
    };
    let Some(file) = world.unused_file() else {
        return Ok(Outcome::BeyondBounds);
    };
    let is_huge = flags.contains(MemfdFlags::HUGE);
    let backing = if is_huge { FileBacking::Huge } else { FileBacking::Memory };
    world.files[file] = File { size: Cells(0), seals, executable, backing };
    descriptor::bind(world, process, name, Some(Descriptor { file, mode: Mode::ReadWrite }))
}
