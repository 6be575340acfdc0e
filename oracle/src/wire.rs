//! The memory that oracle, zygote and children share: the program, how far it has come, and what
//! came of it.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU8, AtomicU32, Ordering};
use std::time::Duration;

use mapspec_model::PROCESSES;
use mapspec_model::op::{Cells, Op, Statement};
use mapspec_model::outcome::Outcome;
use postcard::ser_flavors::Flavor;
use rustix::fs::MemfdFlags;
use rustix::mm::{MapFlags, ProtFlags};
use rustix::thread::futex;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::Sabotage;
use crate::arena;
use crate::broken::Reason;
use crate::code;
use crate::waiting;

/// The most statements that a program can have.
pub const LONGEST_PROGRAM: usize = 512;

/// Programs that are submitted at a time, at most.
pub const SLOTS: usize = 256;

/// What the oracle asks of the zygote, beside the programs.
#[derive(Debug, Serialize, Deserialize)]
pub struct Request {
    /// How many slots hold programs.
    pub count: usize,
    /// How many programs one child runs, at most; a program that forks has a child for itself.
    pub batch: usize,
    /// How often each child runs its programs.
    pub rounds: usize,
    /// How long a program may go without finishing a statement.
    pub time_limit: Duration,
    /// What is to go wrong.
    pub sabotage: Option<Sabotage>,
    /// [`Oracle::mechanism`](crate::Oracle::mechanism).
    pub mechanism: Option<usize>,
    /// Whether processes emulate `MAP_NOSIGBUS`: [`Target::Emulation`](crate::Target::Emulation).
    pub emulates: bool,
}

/// The shared memory itself: only atomics, so that no process can make it invalid for another.
#[repr(C)]
pub struct Shared {
    /// Counts up while the zygote is alive.
    pub heartbeat: AtomicU32,
    /// The place of the slot that is being run.
    pub current: AtomicU32,
    /// The process ids of the running program's processes; 0: none.
    pub processes: [AtomicI32; PROCESSES],
    /// Which of them do a statement now that a userfaultfd may keep waiting; 0: not.
    pub busy: [AtomicU32; PROCESSES],
    /// The programs.
    pub slots: [Slot; SLOTS],
    /// What a call writes to a file. It is here because a process would have to make its heap its own
    /// first.
    written: [AtomicU8; LONGEST_WRITE],
}

/// Bytes that a call can write to a file at most.
const LONGEST_WRITE: usize = arena::bytes(Cells(u8::MAX));

/// A program, how far it has come, and what came of it.
#[repr(C)]
pub struct Slot {
    /// The place of the statement that is to be done next; a futex.
    pub turn: AtomicU32,
    length: AtomicU32,
    is_alone: AtomicBool,
    can_wait: AtomicBool,
    has_pins: AtomicBool,
    steps: [Step; LONGEST_PROGRAM],
    ending: Cargo<1022>,
}

/// A statement and what came of it, side by side: each page of a slot that a child touches costs it a
/// fault.
#[repr(C)]
struct Step {
    statement: Cargo<30>,
    outcome: Cargo<14>,
}

/// A serialized value in shared memory. A child reads one without touching its heap, of which each page
/// would have to be copied.
#[repr(C)]
struct Cargo<const SIZE: usize> {
    length: [AtomicU8; 2],
    bytes: [AtomicU8; SIZE],
}

impl<const SIZE: usize> Cargo<SIZE> {
    fn clear(&self) {
        self.set_length(0);
    }

    fn set_length(&self, length: u16) {
        for (place, byte) in self.length.iter().zip(length.to_le_bytes()) {
            place.store(byte, Ordering::Relaxed);
        }
    }

    fn store(&self, value: &(impl Serialize + ?Sized)) -> io::Result<()> {
        let loading = Loading { places: &self.bytes, length: 0 };
        let length = postcard::serialize_with_flavor(value, loading).map_err(io::Error::other)?;
        self.set_length(length);
        Ok(())
    }

    fn load<T: DeserializeOwned>(&self) -> Option<T> {
        let length =
            u16::from_le_bytes([0, 1].map(|byte| self.length[byte].load(Ordering::Relaxed)));
        let stored = self.bytes.get(..usize::from(length)).filter(|bytes| !bytes.is_empty())?;
        let mut bytes = [0; SIZE];
        for (byte, place) in bytes.iter_mut().zip(stored) {
            *byte = place.load(Ordering::Relaxed);
        }
        postcard::from_bytes(&bytes[..stored.len()]).ok()
    }
}

/// Where a value is serialized to, without a buffer: it would be another page to copy.
struct Loading<'a> {
    places: &'a [AtomicU8],
    length: u16,
}

impl Flavor for Loading<'_> {
    type Output = u16;

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        let place = self.places.get(usize::from(self.length));
        place.ok_or(postcard::Error::SerializeBufferFull)?.store(byte, Ordering::Relaxed);
        self.length += 1;
        Ok(())
    }

    fn finalize(self) -> postcard::Result<u16> {
        Ok(self.length)
    }
}

/// Whether a program with this statement needs processes of its own, be it in a batch: it makes
/// some, ends one, may have one wait for ever, has others hold its pages, or leaves mappings that
/// nothing but the end of a process removes.
pub fn must_be_alone(statement: &Statement) -> bool {
    matches!(statement.op, Op::Fork { .. } | Op::Exit {} | Op::Mseal { .. })
        || waiting::may_wait(statement)
        || pins(statement)
}

fn pins(statement: &Statement) -> bool {
    matches!(statement.op, Op::Pin { .. })
}

impl Shared {
    /// The slot that is being run.
    pub fn current(&self) -> &Slot {
        &self.slots[self.current.load(Ordering::Acquire) as usize % SLOTS]
    }

    /// So many bytes of this value, until somebody else asks for some.
    pub fn bytes_to_write(&self, length: Cells, value: u8) -> *const AtomicU8 {
        let bytes = &self.written[..arena::bytes(length)];
        bytes.iter().for_each(|byte| byte.store(value, Ordering::Relaxed));
        bytes.as_ptr()
    }

    /// The processes of the program that runs next are not known yet.
    pub fn forget_processes(&self) {
        self.processes.iter().for_each(|process| process.store(0, Ordering::Relaxed));
        self.busy.iter().for_each(|process| process.store(0, Ordering::Relaxed));
    }
}

impl Slot {
    fn submit(&self, program: &[Statement]) -> io::Result<()> {
        if program.len() > LONGEST_PROGRAM {
            return Err(io::Error::other("the program is too long"));
        }
        self.turn.store(0, Ordering::Relaxed);
        self.length.store(program.len() as u32, Ordering::Relaxed);
        self.is_alone.store(program.iter().any(must_be_alone), Ordering::Relaxed);
        self.can_wait.store(program.iter().any(waiting::may_wait), Ordering::Relaxed);
        self.has_pins.store(program.iter().any(pins), Ordering::Relaxed);
        self.ending.clear();
        self.steps.iter().zip(program).try_for_each(|(step, it)| step.statement.store(it))
    }

    /// Whether the last statement has been done.
    pub fn is_done(&self) -> bool {
        self.turn.load(Ordering::Acquire) as usize == self.length()
    }

    /// Whether the program needs processes of its own.
    pub fn is_alone(&self) -> bool {
        self.is_alone.load(Ordering::Relaxed)
    }

    /// Whether accesses of the program may wait for a userfaultfd's handler.
    pub fn can_wait(&self) -> bool {
        self.can_wait.load(Ordering::Relaxed)
    }

    /// Whether the program has pages pinned.
    pub fn has_pins(&self) -> bool {
        self.has_pins.load(Ordering::Relaxed)
    }

    /// How many statements the program has.
    pub fn length(&self) -> usize {
        self.length.load(Ordering::Relaxed) as usize
    }

    /// The program's statement at a place; `None` behind the last.
    pub fn statement(&self, place: usize) -> Option<Statement> {
        self.steps[..self.length().min(LONGEST_PROGRAM)].get(place)?.statement.load()
    }

    /// The statement whose turn it is has this outcome; the next one's turn has come.
    pub fn publish(&self, outcome: Outcome) -> io::Result<()> {
        let turn = self.turn.load(Ordering::Relaxed);
        self.steps[turn as usize].outcome.store(&outcome)?;
        self.turn.store(turn + 1, Ordering::Release);
        Ok(())
    }

    /// Whether somebody has said of the statement that its process waits.
    pub fn has_waited(&self, statement: usize) -> bool {
        self.turn.load(Ordering::Acquire) as usize > statement
            && self.steps[statement].outcome.load() == Some(Outcome::Blocked)
    }

    /// Wakes the processes that wait for their turn.
    pub fn wake(&self) {
        // The kernel takes the number for a signed one. That nobody sleeps is no error.
        const EVERYBODY: u32 = i32::MAX.cast_unsigned();
        let _ = futex::wake(&self.turn, futex::Flags::empty(), EVERYBODY);
    }

    /// How the program ended.
    pub fn end(&self, ending: &Result<(), Reason>) -> io::Result<()> {
        self.ending.store(ending)
    }

    /// How the program ended; `None`: it has not.
    pub fn ending(&self) -> Option<Result<(), Reason>> {
        self.ending.load()
    }

    /// The outcomes so far.
    pub fn trace(&self) -> Vec<Outcome> {
        let done = self.turn.load(Ordering::Acquire) as usize;
        self.steps.iter().take(done).map_while(|step| step.outcome.load()).collect()
    }
}

/// A mapping of the shared memory.
pub struct Ring {
    shared: NonNull<Shared>,
}

// SAFETY: the mapping belongs to the Ring, and what it holds are atomics.
unsafe impl Send for Ring {}

impl Ring {
    /// New shared memory, and the descriptor through which the zygote maps it too.
    pub fn create() -> io::Result<(Self, OwnedFd)> {
        let memory = rustix::fs::memfd_create("mapspec", MemfdFlags::CLOEXEC)?;
        let file = File::from(memory);
        file.set_len(size_of::<Shared>() as u64)?;
        Ok((Self::map(&file)?, file.into()))
    }

    /// Maps shared memory that another process has created: behind the program's variables, if there is
    /// room. A child has page tables for that place already.
    pub fn map(memory: &impl AsFd) -> io::Result<Self> {
        let size = size_of::<Shared>();
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        let place = code::end_of_variables();
        // SAFETY: without MAP_FIXED a mapping replaces no other; the address is a wish.
        let address =
            unsafe { rustix::mm::mmap(place, size, protection, MapFlags::SHARED, memory, 0)? };
        let shared = NonNull::new(address.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Self { shared })
    }

    /// What is shared.
    pub fn shared(&self) -> &Shared {
        // SAFETY: the mapping lasts as long as the Ring, is page aligned and as large as a Shared,
        // for which every content is valid; only atomic operations change it.
        unsafe { self.shared.as_ref() }
    }

    /// Puts programs into the slots, at most [`SLOTS`].
    pub fn submit(&self, programs: &[Vec<Statement>]) -> io::Result<()> {
        let slots = &self.shared().slots;
        slots.iter().zip(programs).try_for_each(|(slot, program)| slot.submit(program))
    }

    /// Changes while the zygote is alive.
    pub fn heartbeat(&self) -> u32 {
        self.shared().heartbeat.load(Ordering::Relaxed)
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        // SAFETY: mapped by `map` with this size; no reference into it outlives the Ring. That it
        // fails is impossible for a range that is mapped, and would change nothing here.
        let _ = unsafe { rustix::mm::munmap(self.shared.as_ptr().cast(), size_of::<Shared>()) };
    }
}
