//! Whether a program stays within the model's bounds.

use mapspec_model::memory::Cow;
use mapspec_model::op::{MapFlags, Op, RemapFlags, Remote, Statement};
use mapspec_model::outcome::Outcome;
use mapspec_model::policy::Policy;
use mapspec_model::syscall::is_left_open;
use mapspec_model::{FILE_PAGES, FILES, USERFAULTS, World, step};

/// The first statement that leaves the bounds, by its place, and what was expected.
pub fn check(program: &[Statement], policy: &Policy) -> Result<(), (usize, String)> {
    let mut world = World::<Cow>::new();
    for (place, Statement { actor, op }) in program.iter().enumerate() {
        let exists = world.alive(*actor).is_some();
        let is_waiting =
            world.alive(*actor).is_some_and(|it| world.processes[it].pending.is_some());
        if step(&mut world, *actor, op, policy) == Outcome::BeyondBounds {
            let expected = match op {
                _ if !exists => format!("a process that exists; {actor:?} does not, here"),
                _ if is_waiting && !matches!(op, Op::Resume {}) => {
                    format!("{actor:?}: resume(), for its access or fork waits")
                }
                Op::Resume {} => "an access or a fork of the process that has waited".to_owned(),
                _ if !op.is_within_bounds() => "pages of the arena, @0 to @7".to_owned(),
                Op::Fork { child } if world.alive(*child).is_some() => {
                    format!("a new process; {child:?} exists already")
                }
                Op::Fork { .. } => {
                    "at most one userfaultfd that tells of a fork, and no poison in \
                                    shared memory of which it is not certain whether its mapping \
                                    has guards"
                        .to_owned()
                }
                Op::SameFrame { other: Remote { process, .. }, .. } => {
                    format!("a process that exists; {process:?} does not, here")
                }
                _ if is_left_open(&world, *actor, op) => {
                    "no memory that is registered with a userfaultfd or poisoned, and no access \
                     that waits, for calls that reach for memory; and no pin of memory, for calls \
                     that it keeps from being done"
                        .to_owned()
                }
                Op::ReadPin { .. } | Op::WritePin { .. } => {
                    "a pin of which something is claimed: a page of a file on a disk can be zeroed \
                     when the file loses it"
                        .to_owned()
                }
                Op::Pin { .. } | Op::WritePipe { .. } => {
                    "readable memory that was not freed lazily, of a process that exists; of \
                     another one it is pinned only to be read, and not for long"
                        .to_owned()
                }
                Op::Fallocate { .. } => format!("a file of at most {FILE_PAGES} pages"),
                Op::Mremap { flags, to: None, .. } if flags.contains(RemapFlags::FIXED) => {
                    "a new place for `fixed`, like @4".to_owned()
                }
                Op::Mremap { .. } => {
                    "pages of the arena, @0 to @7, and a range that is one mapping for certain, \
                     because one call has made it and no other has divided it"
                        .to_owned()
                }
                Op::Mmap { flags, .. } if flags.contains(MapFlags::GROWS_DOWN) => {
                    "memory that does not grow by itself".to_owned()
                }
                Op::Mmap { flags, .. } if flags.leaves_a_choice() => {
                    format!("a free place to populate, or at most {FILES} files at a time")
                }
                _ if stores(op) && world.files.iter().any(|file| file.cut_to_nothing) => {
                    "nothing past the end of a file on a disk that was cut to nothing: it is zeroed \
                     when somebody closes the file"
                        .to_owned()
                }
                _ if is_about_userfaultfds(op) => {
                    "a page of which it is certain whether it is mapped".to_owned()
                }
                Op::Userfaultfd { .. } => format!("at most {USERFAULTS} userfaultfds at a time"),
                _ => format!("at most {FILES} files at a time"),
            };
            return Err((place, expected));
        }
    }
    Ok(())
}

/// Whether the operation stores to what is mapped.
fn stores(op: &Op) -> bool {
    matches!(op, Op::Store { .. } | Op::CompareExchange { .. } | Op::Read { .. })
        || matches!(op, Op::ReadPipe { .. } | Op::ProcessVmWritev { .. } | Op::MemWrite { .. })
}

/// Whether the operation's outcome may depend on what is in a page table.
fn is_about_userfaultfds(op: &Op) -> bool {
    matches!(op, Op::Load { .. } | Op::Store { .. } | Op::UffdPoison { .. } | Op::UffdMove { .. })
        || matches!(op, Op::UffdContinue { .. } | Op::UffdCopy { .. } | Op::UffdZeropage { .. })
        || matches!(op, Op::UffdRegister { .. } | Op::UffdWriteprotect { .. })
}
