//! What can go wrong with a child, on purpose: every detector has a test in which it detects.

use std::ptr;

use mapspec_model::op::Actor;
use rustix::ioctl::opcode;
use rustix::mm::{MapFlags, ProtFlags, UserfaultfdFlags};
use rustix::process::Signal;
use serde::{Deserialize, Serialize};

use crate::sys::ioctl;
use crate::{access, arena};

/// Something that goes wrong in a process, before its first statement: in `A`, if nothing else is
/// said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sabotage {
    /// A load in a page that is registered for a fault that nobody serves.
    UnservedFault,
    /// The process stops itself.
    Stop,
    /// Process `B` stops itself.
    StopSibling,
    /// The process is killed.
    Kill,
    /// Something is mapped in the arena.
    OccupyArena,
    /// A load outside of the access functions, where nothing is mapped.
    StrayFault,
    /// The process ends.
    End,
    /// The emulation of `MAP_NOSIGBUS` maps nothing.
    IdleEmulation,
    /// It replaces all neighbors that have asked, as compositors do.
    CoarseEmulation,
}

impl Sabotage {
    /// Every sabotage with its name on the command line.
    pub const NAMES: &'static [(&'static str, Self)] = &[
        ("unserved-fault", Self::UnservedFault),
        ("stop", Self::Stop),
        ("stop-sibling", Self::StopSibling),
        ("kill", Self::Kill),
        ("occupy-arena", Self::OccupyArena),
        ("stray-fault", Self::StrayFault),
        ("end", Self::End),
        ("idle-emulation", Self::IdleEmulation),
        ("coarse-emulation", Self::CoarseEmulation),
    ];

    /// Does it, if this is the process in which it is to be done.
    pub(crate) fn commit(self, actor: Actor) {
        let victim = if self == Self::StopSibling { Actor::B } else { Actor::A };
        if actor != victim {
            return;
        }
        let result = match self {
            Self::UnservedFault => wait_for_nobody(),
            Self::Stop | Self::StopSibling => {
                rustix::process::kill_process(rustix::process::getpid(), Signal::STOP)
            }
            Self::Kill => rustix::process::kill_process(rustix::process::getpid(), Signal::KILL),
            // The zygote has done so, or the emulation will.
            Self::OccupyArena | Self::IdleEmulation | Self::CoarseEmulation => Ok(()),
            Self::StrayFault => {
                access::stray();
                Ok(())
            }
            Self::End => std::process::exit(0),
        };
        if let Err(error) = result {
            eprintln!("mapspec: cannot sabotage: {error}");
        }
    }
}

/// The arguments of `UFFDIO_API`.
#[repr(C)]
struct Api {
    api: u64,
    features: u64,
    ioctls: u64,
}

/// The arguments of `UFFDIO_REGISTER`.
#[repr(C)]
struct Register {
    start: u64,
    length: u64,
    mode: u64,
    ioctls: u64,
}

fn wait_for_nobody() -> rustix::io::Result<()> {
    const USER_MODE_ONLY: u32 = 1;
    const MISSING: u64 = 1;

    let flags = UserfaultfdFlags::from_bits_retain(USER_MODE_ONLY);
    // SAFETY: the descriptor serves the page below, which nothing else knows.
    let descriptor = unsafe { rustix::mm::userfaultfd(flags)? };
    let (protection, private) = (ProtFlags::READ, MapFlags::PRIVATE);
    // SAFETY: a new mapping, at an address that the kernel chooses.
    let page = unsafe {
        rustix::mm::mmap_anonymous(ptr::null_mut(), arena::PAGE_SIZE, protection, private)?
    };
    let mut api = Api { api: 0xaa, features: 0, ioctls: 0 };
    // SAFETY: UFFDIO_API takes this structure.
    unsafe { ioctl::<{ opcode::read_write::<Api>(0xaa, 0x3f) }, _>(&descriptor, &mut api)? };
    let (start, length) = (page as u64, arena::PAGE_SIZE as u64);
    let mut register = Register { start, length, mode: MISSING, ioctls: 0 };
    // SAFETY: UFFDIO_REGISTER takes this structure.
    unsafe {
        ioctl::<{ opcode::read_write::<Register>(0xaa, 0) }, _>(&descriptor, &mut register)?;
    }
    access::load(page as usize).map(drop).or(Err(rustix::io::Errno::FAULT))
}
