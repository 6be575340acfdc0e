//! memfd_create(2).

use std::os::fd::{FromRawFd as _, OwnedFd};
use std::ptr;

use mapspec_model::op::MemfdFlags;

use super::bits;
use crate::raw::system_call;

/// A null name and unknown flags are part of the language.
pub fn create(flags: MemfdFlags) -> rustix::io::Result<OwnedFd> {
    const NUMBERS: [(MemfdFlags, i32); 5] = [
        (MemfdFlags::ALLOW_SEALING, libc::MFD_ALLOW_SEALING as i32),
        (MemfdFlags::NO_EXECUTE_SEAL, libc::MFD_NOEXEC_SEAL as i32),
        (MemfdFlags::EXECUTABLE, libc::MFD_EXEC as i32),
        (MemfdFlags::UNKNOWN, 1 << 20),
        (MemfdFlags::HUGE, libc::MFD_HUGETLB as i32),
    ];
    let bits = libc::MFD_CLOEXEC as i32 | bits(flags, &NUMBERS);
    let length = if flags.contains(MemfdFlags::LONG_NAME) {
        250
    } else if flags.contains(MemfdFlags::LONGEST_NAME) {
        249
    } else {
        usize::from(!flags.contains(MemfdFlags::EMPTY_NAME))
    };
    let mut name = [b'f'; 251];
    name[length] = 0;
    let name = if flags.contains(MemfdFlags::BAD_NAME) { ptr::null() } else { name.as_ptr() };
    // SAFETY: the name is a string, or null, which the kernel refuses.
    let descriptor = unsafe { system_call!(memfd_create, name, bits) }?;
    // SAFETY: the kernel has just made this descriptor, and nobody else knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor as i32) })
}

/// Whether there are files of huge pages; if not, why.
pub fn huge_pages() -> Result<(), String> {
    let created = create(MemfdFlags::HUGE);
    created.map(drop).map_err(|error| format!("huge pages: {error}; it needs CONFIG_HUGETLBFS"))
}
