//! Loads and stores.

use mapspec_model::op::Address;
use mapspec_model::outcome::{Cause, Outcome, Signal};

use super::cannot;
use crate::access::{self, Fault};
use crate::arena;
use crate::broken::Reason;

const SEGV_MAPERR: i32 = 1;
const SEGV_ACCERR: i32 = 2;
const SEGV_PKUERR: i32 = 4;
const BUS_ADRERR: i32 = 2;
const BUS_MCEERR_AR: i32 = 4;

pub fn load(at: Address) -> Result<Outcome, Reason> {
    access::load(arena::address(at)).map_or_else(signal, |value| Ok(Outcome::Value(value)))
}

pub fn store(at: Address, value: u8) -> Result<Outcome, Reason> {
    access::store(arena::address(at), value).map_or_else(signal, |()| Ok(Outcome::Success))
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
