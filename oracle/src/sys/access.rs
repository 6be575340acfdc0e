//! Loads, stores and what else a processor does with memory.

use mapspec_model::op::{Address, Protection};
use mapspec_model::outcome::{Cause, Outcome, Signal};

use super::emulation::with_emulation;
use super::{Process, cannot, observe};
use crate::access::{self, Fault};
use crate::arena;
use crate::broken::Reason;

const SEGV_MAPERR: i32 = 1;
const SEGV_ACCERR: i32 = 2;
const SEGV_PKUERR: i32 = 4;
const BUS_ADRERR: i32 = 2;
const BUS_MCEERR_AR: i32 = 4;

pub fn load(process: &mut Process<'_>, at: Address) -> Result<Outcome, Reason> {
    let loaded = with_emulation(process, || access::load(arena::address(at)))?;
    loaded.map_or_else(signal, |value| Ok(Outcome::Value(value)))
}

pub fn store(process: &mut Process<'_>, at: Address, value: u8) -> Result<Outcome, Reason> {
    let stored = with_emulation(process, || access::store(arena::address(at), value))?;
    stored.map_or_else(signal, |()| Ok(Outcome::Success))
}

pub fn compare_exchange(
    process: &mut Process<'_>,
    at: Address,
    old: u8,
    new: u8,
) -> Result<Outcome, Reason> {
    let exchange = || access::compare_exchange(arena::address(at), old, new);
    let found = with_emulation(process, exchange)?;
    found.map_or_else(signal, |value| Ok(Outcome::Value(value)))
}

/// Looks before it executes: what is no return instruction lies beyond the bounds.
pub fn execute(process: &mut Process<'_>, at: Address) -> Result<Outcome, Reason> {
    const RETURN: u8 = 0xc3;
    let address = arena::address(at);
    let permissions = observe::permissions_at(process, at)?;
    if permissions.is_some_and(|it| it.protection.contains(Protection::EXECUTE))
        && let Ok(value) = with_emulation(process, || access::load_in_spite_of_keys(address))?
        && value != RETURN
    {
        return Ok(Outcome::BeyondBounds);
    }
    // SAFETY: it is a return instruction, or there is nothing that could be executed.
    let done = with_emulation(process, || unsafe { access::execute(address) })?;
    done.map_or_else(signal, |()| Ok(Outcome::Success))
}

fn signal(fault: Fault) -> Result<Outcome, Reason> {
    let cause = match (fault.signal, fault.code) {
        (libc::SIGSEGV, SEGV_MAPERR) => Cause::NotMapped,
        (libc::SIGSEGV, SEGV_ACCERR) => Cause::NotAllowed,
        (libc::SIGSEGV, SEGV_PKUERR) => Cause::ProtectionKey,
        (libc::SIGBUS, BUS_ADRERR) => Cause::PastEnd,
        (libc::SIGBUS, BUS_MCEERR_AR) => Cause::MemoryFailure,
        _ => return Err(cannot("an access", format!("{fault:?}, which has no name here"))),
    };
    let at = arena::place(fault.address).ok_or_else(|| {
        cannot("an access", format!("{fault:?}, an address outside of the arena"))
    })?;
    Ok(Outcome::Signal(Signal { cause, at }))
}
