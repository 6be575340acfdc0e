//! Files that are not made by memfd_create: where they can be had. They have no name, so that
//! nothing is left behind, whatever becomes of a program.

use std::os::fd::OwnedFd;

use mapspec_model::op::Medium;
use rustix::fs::{FsWord, Mode, OFlags, StatVfsMountFlags};

use crate::arena::PAGE_SIZE;

/// Directories in which a file system may be found, the likeliest first.
const TMPFS: &[&str] = &["/dev/shm", "/run", "/tmp", "/var/tmp", "."];
const DISK: &[&str] = &["/var/tmp", ".", "/tmp", "/home", "/root"];

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
            rustix::fs::open("/dev/zero", flags, Mode::empty())
                .map_err(|error| format!("/dev/zero: {error}"))
        }
    }
}

fn unnamed(directories: &[&str], magic: FsWord, name: &str) -> Result<OwnedFd, String> {
    let mut why = format!("none of {} is on {name}", directories.join(", "));
    for directory in directories {
        let status = rustix::fs::statfs(*directory).ok();
        let Some(status) = status.filter(|status| status.f_type == magic) else { continue };
        if status.f_bsize as usize != PAGE_SIZE {
            why = format!("{directory}: blocks of {} bytes instead of pages", status.f_bsize);
            continue;
        }
        let flags = OFlags::RDWR | OFlags::TMPFILE | OFlags::CLOEXEC;
        match rustix::fs::open(*directory, flags, Mode::RUSR | Mode::WUSR) {
            Ok(file) => return Ok(file),
            Err(error) => why = format!("{directory}: {error}"),
        }
    }
    Err(why)
}

/// Whether mappings of such a file may be executed; a mount can forbid it.
pub fn is_executable(medium: Medium) -> bool {
    open(medium).is_ok_and(|file| {
        rustix::fs::fstatvfs(&file)
            .is_ok_and(|status| !status.f_flag.contains(StatVfsMountFlags::NOEXEC))
    })
}
