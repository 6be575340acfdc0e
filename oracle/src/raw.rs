//! System calls as the kernel knows them. Libc's wrappers refuse some arguments themselves, change
//! others, and note an error in memory of which a child would need its own copy.

use rustix::io::{Errno, Result};

/// Makes the system call of this name; what the kernel answers.
///
/// # Safety
/// As for the system call: whatever the kernel reads or writes for it must be there to be read or
/// written.
macro_rules! system_call {
    ($name:ident $(, $argument:expr)* $(,)?) => {
        $crate::raw::answer(syscalls::syscall!(syscalls::Sysno::$name $(, $argument)*))
    };
}

pub(crate) use system_call;

/// The error as the rest of this crate names it.
pub fn answer(result: std::result::Result<usize, syscalls::Errno>) -> Result<usize> {
    result.map_err(|error| Errno::from_raw_os_error(error.into_raw()))
}
