//! memfd_create(2).

use super::{Result, descriptor};
use crate::memory::Memory;
use crate::op::{MemfdFlags, Mode, Name, Seals};
use crate::outcome::{Errno, Outcome};
use crate::policy::Policy;
use crate::world::{Descriptor, File, FileBacking, World};

/// A new file of size 0, open for reading and writing. Without `MFD_ALLOW_SEALING` it is sealed
/// against sealing; `MFD_NOEXEC_SEAL` allows sealing and seals the missing execute permission. With
/// `MFD_HUGETLB` it is of huge pages.
///
/// Wrong flags are found first, then the execute policy of the system, then a wrong name, but where
/// the name comes first.
///
/// Source: memfd_create(2); mm/memfd.c `memfd_create()`.
pub fn create<M: Memory>(
    world: &mut World<M>,
    process: usize,
    name: Name,
    flags: MemfdFlags,
    policy: &Policy,
) -> Result {
    if policy.memfd_name_comes_first {
        check_name(flags, policy)?;
    }
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
    check_name(flags, policy)?;
    let is_huge = flags.contains(MemfdFlags::HUGE);
    if is_huge && policy.memfd_needs_size_of_huge_pages {
        return Err(Errno::EOPNOTSUPP);
    }
    let seals = match (executable, flags.contains(MemfdFlags::ALLOW_SEALING)) {
        (false, _) => Seals::EXECUTE,
        (true, true) => Seals::EMPTY,
        (true, false) => Seals::SEAL,
    };
    let Some(file) = world.unused_file() else {
        return Ok(Outcome::BeyondBounds);
    };
    let backing = if is_huge { FileBacking::Huge } else { FileBacking::Memory };
    world.files[file] = File { seals, executable, backing, ..File::ABSENT };
    descriptor::bind(world, process, name, Some(Descriptor { file, mode: Mode::ReadWrite }))
}

/// There must be a name, of at most 249 bytes, which `memfd:` precedes; it may be empty.
///
/// Source: memfd_create(2) EFAULT, EINVAL; mm/memfd.c `alloc_name()`, `MFD_NAME_MAX_LEN`.
const fn check_name(flags: MemfdFlags, policy: &Policy) -> core::result::Result<(), Errno> {
    if flags.contains(MemfdFlags::BAD_NAME) {
        let is_bad_descriptor = policy.memfd_without_name_is_bad_descriptor;
        return Err(if is_bad_descriptor { Errno::EBADF } else { Errno::EFAULT });
    }
    if flags.contains(MemfdFlags::LONG_NAME) {
        return Err(Errno::EINVAL);
    }
    Ok(())
}
