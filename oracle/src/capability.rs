//! What this kernel and this user allow the oracle to see.

use mapspec_model::PAGES;
use mapspec_model::flags::Choice as _;
use mapspec_model::op::{
    Actor, Argument, Call, HandlerFlags, MapFlags, Medium, MemfdFlags, Op, Protection, Statement,
};
use rustix::process::Resource;

use crate::arena::PAGE_SIZE;
use crate::sys::{self, elsewhere, pin, userfault};
use crate::{medium, observe};

/// What the oracle can do here.
#[derive(Clone, Debug)]
pub struct Capabilities {
    /// Whether this is the superuser.
    pub root: Result<(), String>,
    /// Whether page frame numbers can be seen, which `same_frame` compares.
    pub frame_numbers: Result<(), String>,
    /// For each [`Medium`] whether there are files on it, and whether these can be executed.
    media: Vec<(Medium, Result<bool, String>)>,
    /// Whether there are files of huge pages.
    pub huge_pages: Result<(), String>,
    /// Whether all of the arena can be locked.
    pub locks: Result<(), String>,
    /// Whether there is `PAGEMAP_SCAN`.
    pub pagemap_scan: Result<(), String>,
    /// Whether the kernel tracks which pages are written.
    pub soft_dirty: Result<(), String>,
    /// Whether there is process_vm_readv(2).
    pub process_vm: Result<(), String>,
    /// Whether there is `/proc/PID/mem`.
    pub memory_file: Result<(), String>,
    /// Whether processes of a program may access each other's memory.
    pub other_processes: Result<(), String>,
}

impl Capabilities {
    /// Looks what can be done here.
    pub fn detect() -> Self {
        let root = if rustix::process::geteuid().is_root() {
            Ok(())
        } else {
            Err("needs root; run as root".into())
        };
        let media = Medium::NAMED.iter().map(|(_, medium)| {
            (*medium, medium::open(*medium).map(|_| medium::is_executable(*medium)))
        });
        let media = media.collect();
        let locks = match rustix::process::getrlimit(Resource::Memlock).current {
            Some(limit) if limit < ARENA && root.is_err() => {
                Err(format!("only {limit} bytes can be locked; `ulimit -l {}`", ARENA / 1024))
            }
            _ => Ok(()),
        };
        Self {
            frame_numbers: observe::frame_numbers(),
            media,
            huge_pages: sys::memfd::huge_pages(),
            locks,
            pagemap_scan: observe::pagemap_scan(),
            soft_dirty: observe::soft_dirty(),
            process_vm: elsewhere::process_vm(),
            memory_file: elsewhere::memory_file(),
            other_processes: elsewhere::other_processes(root.is_ok()),
            root,
        }
    }

    /// Why a program cannot be run here, if it cannot.
    ///
    /// # Errors
    /// The reason, and what would help.
    pub fn allow(&self, program: &[Statement]) -> Result<(), String> {
        program.iter().try_for_each(|statement| {
            let call = statement.op.call().text();
            self.needed(statement, program).map_err(|why| format!("{call}: {why}"))
        })
    }

    fn needed(&self, statement: &Statement, program: &[Statement]) -> Result<(), String> {
        let Statement { actor, op } = statement;
        let reach = |process: Actor| {
            if process == *actor { Ok(()) } else { self.other_processes.clone() }
        };
        match op {
            Op::SameFrame { .. } => self.frame_numbers.clone(),
            Op::Scan { .. } | Op::Written { .. } | Op::WpAllowed { .. } => {
                self.pagemap_scan.clone()
            }
            Op::ClearRefs {} | Op::SoftDirty { .. } => self.soft_dirty.clone(),
            Op::ProcessVmReadv { from: it } | Op::ProcessVmWritev { to: it, .. } => {
                self.process_vm.clone().and_then(|()| reach(it.process))
            }
            Op::MemRead { from: it } | Op::MemWrite { to: it, .. } => {
                self.memory_file.clone().and_then(|()| reach(it.process))
            }
            Op::Userfaultfd { flags, .. } => userfault::available().and_then(|()| {
                if flags.contains(HandlerFlags::FORK_EVENTS) { self.root.clone() } else { Ok(()) }
            }),
            Op::Pin { page, .. } => pin::mechanisms(statement).and_then(|_| reach(page.process)),
            Op::MemfdCreate { flags, .. } if flags.contains(MemfdFlags::HUGE) => {
                self.huge_pages.clone()
            }
            Op::Open { medium, .. } => self.allow_medium(*medium, program),
            op if locks(op) => self.locks.clone(),
            _ => Ok(()),
        }
    }

    /// A mount that forbids execution refuses a mapping with that protection.
    fn allow_medium(&self, medium: Medium, program: &[Statement]) -> Result<(), String> {
        let executes = program.iter().flat_map(|statement| {
            let arguments = statement.op.arguments();
            arguments.map(|(_, argument)| match argument {
                Argument::Protection(protection) => protection.contains(Protection::EXECUTE),
                _ => false,
            })
        });
        let name = Medium::NAMES[medium as usize];
        match self.media.iter().find(|(it, _)| *it == medium) {
            Some((_, Err(why))) => Err(format!("{name}: {why}")),
            Some((_, Ok(false))) if executes.into_iter().any(|it| it) => {
                Err(format!("{name}: its file system is mounted noexec"))
            }
            _ => Ok(()),
        }
    }
}

/// What a call needs beside a kernel that has it, in a word for the documentation; empty: nothing.
pub const fn needed_by(call: Call) -> &'static str {
    match call {
        Call::SameFrame => "root",
        Call::Scan | Call::Written | Call::WpAllowed => "`PAGEMAP_SCAN`, Linux 6.7",
        Call::ClearRefs | Call::SoftDirty => "`CONFIG_MEM_SOFT_DIRTY`",
        Call::ProcessVmReadv | Call::ProcessVmWritev => "of others: permission to trace them",
        Call::MemRead | Call::MemWrite => "`/proc`; of others: permission to trace them",
        Call::Userfaultfd => "`CONFIG_USERFAULTFD`, root or Linux 5.16; `fork_events`: root",
        Call::Pin => "userfaultfd and process_vm_readv, FUSE, io_uring or gup_test",
        Call::MemfdCreate => "`hugetlb`: `CONFIG_HUGETLBFS`",
        Call::Open => "a file system of the kind",
        Call::Mlock | Call::Mlock2 => "`RLIMIT_MEMLOCK` of the arena",
        Call::Mmap => "`locked`: `RLIMIT_MEMLOCK` of the arena",
        _ => "",
    }
}

/// Bytes of the arena.
const ARENA: u64 = (PAGES * PAGE_SIZE) as u64;

fn locks(op: &Op) -> bool {
    match op {
        Op::Mlock { .. } | Op::Mlock2 { .. } => true,
        Op::Mmap { flags, .. } => flags.contains(MapFlags::LOCKED),
        _ => false,
    }
}

pub use observe::release as kernel_release;

#[cfg(test)]
mod tests {
    use mapspec_model::op::{Address, Remote, Shape};

    use super::*;

    /// What a call that fails for want of a capability needs is said.
    #[test]
    fn what_may_be_missing_is_told() {
        let no = || Err("missing".to_owned());
        let capabilities = Capabilities {
            root: no(),
            frame_numbers: no(),
            media: Medium::NAMED
                .iter()
                .map(|(_, medium)| (*medium, Err("missing".into())))
                .collect(),
            huge_pages: no(),
            locks: no(),
            pagemap_scan: no(),
            soft_dirty: no(),
            process_vm: no(),
            memory_file: no(),
            other_processes: no(),
        };
        for &call in Call::ALL {
            let all_flags = |field: mapspec_model::op::Field| match field.shape {
                Shape::Set(_) => Ok::<_, ()>(Argument::Set(u16::MAX)),
                _ => Err(()),
            };
            let op = call.with(|field| all_flags(field).or(Ok::<_, ()>(Argument::Byte(0))));
            let statement = Statement { actor: Actor::A, op: op.unwrap_or(Op::Exit {}) };
            let is_missing = capabilities.allow(&[statement]).is_err();
            assert!(!is_missing || !needed_by(call).is_empty(), "{call:?}");
        }
    }

    #[test]
    fn only_the_memory_of_others_needs_their_permission() {
        let no = || Err("forbidden".to_owned());
        let capabilities = Capabilities { other_processes: no(), ..Capabilities::detect() };
        let read = |process| {
            let from = Remote { process, at: Address::page(0) };
            capabilities.allow(&[Statement { actor: Actor::B, op: Op::MemRead { from } }])
        };
        assert_eq!(read(Actor::B), Ok(()));
        assert_eq!(read(Actor::A), Err("mem_read: forbidden".to_owned()));
    }
}
