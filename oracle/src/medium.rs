//! Files that are not made by memfd_create: where they can be had. They have no name, so that
//! nothing is left behind, whatever becomes of a program.

use std::ffi::CStr;
use std::os::fd::OwnedFd;

use mapspec_model::op::Medium;
use rustix::fs::{FsWord, Mode, OFlags, StatVfsMountFlags};

use crate::arena::PAGE_SIZE;

/// Directories in which a file system may be found, the likeliest first.
const TMPFS: &[&CStr] = &[c"/dev/shm", c"/run", c"/tmp", c"/var/tmp", c"."];
const DISK: &[&CStr] = &[c"/var/tmp", c".", c"/tmp", c"/home", c"/root"];

/// `f_type` of statfs(2).
const TMPFS_MAGIC: FsWord = 0x0102_1994;
const EXT4_MAGIC: FsWord = 0xef53;

/// A new file without a name on this medium, or the device; open for reading and writing.
///
/// # Errors
/// Why there is none here.
pub fn open(medium: Medium) -> Result<OwnedFd, String> {
    match medium {
        Medium::Tmpfs => unnamed(TMPFS, TMPFS_MAGIC, "tmpfs"),
        Medium::Disk => unnamed(DISK, EXT4_MAGIC, "ext4"),
        Medium::Zero => {
            let flags = OFlags::RDWR | OFlags::CLOEXEC;
            rustix::fs::open(c"/dev/zero", flags, Mode::empty())
                .map_err(|error| format!("/dev/zero: {error}"))
        }
    }
}

fn unnamed(directories: &[&CStr], magic: FsWord, name: &str) -> Result<OwnedFd, String> {
    let mut refused = None;
    for directory in directories {
        let status = rustix::fs::statfs(*directory).ok();
        let Some(status) = status.filter(|status| status.f_type == magic) else { continue };
        let why = |why| format!("{}: {why}", directory.to_string_lossy());
        if status.f_bsize as usize != PAGE_SIZE {
            refused = Some(why(format!("blocks of {} bytes instead of pages", status.f_bsize)));
            continue;
        }
        let flags = OFlags::RDWR | OFlags::TMPFILE | OFlags::CLOEXEC;
        match rustix::fs::open(*directory, flags, Mode::RUSR | Mode::WUSR) {
            Ok(file) => return Ok(file),
            Err(error) => refused = Some(why(error.to_string())),
        }
    }
    Err(refused.unwrap_or_else(|| {
        let names: Vec<_> =
            directories.iter().map(|directory| directory.to_string_lossy()).collect();
        format!("none of {} is on {name}", names.join(", "))
    }))
}

/// Whether mappings of such a file may be executed; a mount can forbid it.
pub fn is_executable(medium: Medium) -> bool {
    open(medium).is_ok_and(|file| {
        rustix::fs::fstatvfs(&file)
            .is_ok_and(|status| !status.f_flag.contains(StatVfsMountFlags::NOEXEC))
    })
}
