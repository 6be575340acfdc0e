//! What this kernel and this user allow the oracle to see.

use mapspec_model::op::{Actor, Op, Statement};

use crate::observe;
use crate::sys::elsewhere;

/// What the oracle can do here.
#[derive(Clone, Debug)]
pub struct Capabilities {
    /// Whether this is the superuser.
    pub root: Result<(), String>,
    /// Whether page frame numbers can be seen, which `same_frame` compares.
    pub frame_numbers: Result<(), String>,
    /// Whether there is `PAGEMAP_SCAN`.
    pub pagemap_scan: Result<(), String>,
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
        Self {
            frame_numbers: observe::frame_numbers(),
            pagemap_scan: observe::pagemap_scan(),
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
            self.needed(statement).map_err(|why| format!("{call}: {why}"))
        })
    }

    fn needed(&self, Statement { actor, op }: &Statement) -> Result<(), String> {
        let reach = |process: Actor| {
            if process == *actor { Ok(()) } else { self.other_processes.clone() }
        };
        match op {
            Op::SameFrame { .. } => self.frame_numbers.clone(),
            Op::Scan { .. } => self.pagemap_scan.clone(),
            Op::ProcessVmReadv { from: it } | Op::ProcessVmWritev { to: it, .. } => {
                self.process_vm.clone().and_then(|()| reach(it.process))
            }
            Op::MemRead { from: it } | Op::MemWrite { to: it, .. } => {
                self.memory_file.clone().and_then(|()| reach(it.process))
            }
            _ => Ok(()),
        }
    }
}

pub use observe::release as kernel_release;

#[cfg(test)]
mod tests {
    use mapspec_model::op::{Address, Remote};

    use super::*;

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
