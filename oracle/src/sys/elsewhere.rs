//! Access to the memory of any process of the program.

use std::ffi::c_void;
use std::fs::File;
use std::os::unix::fs::FileExt as _;

use mapspec_model::op::Address;
use mapspec_model::outcome::Outcome;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use super::{cannot, error_outcome};
use crate::arena;
use crate::broken::Reason;
use crate::raw::system_call;

pub fn process_vm_readv(process: i32, from: Address) -> Result<Outcome, Reason> {
    let mut byte = 0;
    let result = read_byte(process, arena::address(from), &mut byte);
    copied(result, Outcome::Value(byte))
}

pub fn process_vm_writev(process: i32, to: Address, value: u8) -> Result<Outcome, Reason> {
    let local = (&raw const value).cast_mut().cast();
    // SAFETY: the byte is here, and nothing refers to memory in the arena.
    let result = unsafe { copy(process, Direction::There, local, arena::address(to), 1) };
    copied(result, Outcome::Success)
}

pub fn mem_read(process: i32, from: Address) -> Result<Outcome, Reason> {
    let mut byte = [0];
    let memory = memory_of(process, OFlags::RDONLY)?;
    let result = rustix::io::pread(memory, &mut byte, arena::address(from) as u64);
    copied(result, Outcome::Value(byte[0]))
}

pub fn mem_write(process: i32, to: Address, value: u8) -> Result<Outcome, Reason> {
    let memory = memory_of(process, OFlags::WRONLY)?;
    let result = rustix::io::pwrite(memory, &[value], arena::address(to) as u64);
    copied(result, Outcome::Success)
}

fn memory_of(process: i32, flags: OFlags) -> Result<File, Reason> {
    let path = format!("/proc/{process}/mem");
    let descriptor = rustix::fs::open(&path, flags | OFlags::CLOEXEC, Mode::empty());
    Ok(descriptor.map_err(|error| cannot(&path, error))?.into())
}

fn read_byte(process: i32, address: usize, byte: &mut u8) -> rustix::io::Result<usize> {
    // SAFETY: the byte is this function's alone.
    unsafe { copy(process, Direction::Here, (&raw mut *byte).cast(), address, 1) }
}

/// Whose memory a copy changes.
#[derive(Clone, Copy)]
pub enum Direction {
    /// This process's: process_vm_readv(2).
    Here,
    /// The other one's: process_vm_writev(2).
    There,
}

/// Copies between this process's memory and another's; how many bytes were copied.
///
/// # Safety
/// The memory here must be there, and nothing may refer to what is changed.
pub unsafe fn copy(
    process: i32,
    direction: Direction,
    here: *mut c_void,
    there: usize,
    length: usize,
) -> rustix::io::Result<usize> {
    let local = libc::iovec { iov_base: here, iov_len: length };
    let remote = libc::iovec { iov_base: there as *mut _, iov_len: length };
    let (local, remote) = (&raw const local, &raw const remote);
    // SAFETY: as for this function; the kernel only reads the two descriptions.
    unsafe {
        match direction {
            Direction::Here => system_call!(process_vm_readv, process, local, 1, remote, 1, 0),
            Direction::There => system_call!(process_vm_writev, process, local, 1, remote, 1, 0),
        }
    }
}

/// A call that was to move one byte. That this user may not do it is no outcome.
fn copied(result: rustix::io::Result<usize>, outcome: Outcome) -> Result<Outcome, Reason> {
    match result {
        Ok(1) => Ok(outcome),
        Ok(bytes) => Err(cannot("copying a byte", format!("{bytes} were moved"))),
        Err(error @ (Errno::PERM | Errno::NOSYS)) => Err(cannot("copying a byte", error)),
        Err(error) => Ok(error_outcome(error)),
    }
}

/// Whether process_vm_readv can be called; if not, why.
pub fn process_vm() -> Result<(), String> {
    let (source, mut byte) = (1_u8, 0);
    let own = std::process::id().cast_signed();
    let result = read_byte(own, (&raw const source) as usize, &mut byte);
    result.map(drop).map_err(|error| {
        format!("process_vm_readv: {error}; a kernel with CONFIG_CROSS_MEMORY_ATTACH has it")
    })
}

/// Whether `/proc/PID/mem` can be read; if not, why.
pub fn memory_file() -> Result<(), String> {
    let (source, mut byte) = (1_u8, [0]);
    let address = (&raw const source) as u64;
    let opened = File::open("/proc/self/mem");
    let read = opened.and_then(|memory| memory.read_exact_at(&mut byte, address));
    read.map_err(|error| format!("/proc/self/mem: {error}"))
}

/// Whether this user may access other processes of its own; if not, why.
///
/// Source: ptrace(2), `/proc/sys/kernel/yama/ptrace_scope`; a process can allow others only where
/// that is 1 or less.
pub fn other_processes(is_root: bool) -> Result<(), String> {
    let scope = std::fs::read_to_string("/proc/sys/kernel/yama/ptrace_scope").unwrap_or_default();
    match scope.trim().parse().unwrap_or(0) {
        0 | 1 => Ok(()),
        2 if is_root => Ok(()),
        scope => Err(format!("kernel.yama.ptrace_scope is {scope}; set it to 1 or less")),
    }
}
