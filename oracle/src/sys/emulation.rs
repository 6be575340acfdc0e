//! `MAP_NOSIGBUS` in user space, as Wayland compositors do it: when an access past the end of a file raises
//! SIGBUS, a page of anonymous memory is mapped there, and the access is done again.
//!
//! The kernel knows nothing of it: there are two mappings then where there was one, and its own
//! accesses to memory, for a system call or for another process, raise no signal but fail.
//!
//! Source: libwayland src/wayland-shm.c `sigbus_handler()`; wlroots types/wlr_shm.c
//! `handle_sigbus()`. Both replace all of a pool at the first fault, where this replaces one page.

use std::ffi::c_void;
use std::ops::Range;

use mapspec_model::PAGES;
use mapspec_model::op::{Address, Cells, MapFlags, Op};
use mapspec_model::outcome::Outcome;
use rustix::mm;

use super::{Process, cannot, mmap, observe};
use crate::access::Fault;
use crate::arena;
use crate::broken::Reason;
use crate::sabotage::Sabotage;

/// What the emulation of a process knows.
#[derive(Clone, Copy)]
pub struct Emulation {
    /// For each page of the arena, whether what was last mapped there has asked for no SIGBUS.
    has_asked: [bool; PAGES],
    /// What is wrong with it, on purpose.
    sabotage: Option<Sabotage>,
}

impl Emulation {
    pub const fn new(sabotage: Option<Sabotage>) -> Self {
        Self { has_asked: [false; PAGES], sabotage }
    }

    /// Whether it refuses a mapping with EINVAL, and the kernel is not asked: a copy of the page is
    /// no use to one that is not private.
    pub fn refuses(flags: MapFlags) -> bool {
        flags.contains(MapFlags::NO_SIGBUS) && !flags.contains(MapFlags::PRIVATE)
    }

    /// Keeps in mind what mappings have asked for. What is not mapped raises no SIGBUS.
    pub fn note(&mut self, op: &Op, outcome: Outcome) {
        match (*op, outcome) {
            (Op::Mmap { length, flags, .. }, Outcome::Address(at))
            | (Op::Mmap { at, length, flags, .. }, Outcome::Success) => {
                self.has_asked[pages(at, length)].fill(flags.contains(MapFlags::NO_SIGBUS));
            }
            (Op::Mremap { at, length, new_length, .. }, Outcome::Address(to)) => {
                let before = self.has_asked;
                let from = pages(at, length);
                for (distance, page) in pages(to, new_length).enumerate() {
                    let last = from.end.saturating_sub(1).max(from.start);
                    self.has_asked[page] = before[(from.start + distance).min(last)];
                }
            }
            _ => {}
        }
    }
}

/// An access, which is done again if the emulation has given it a page.
pub fn with_emulation<T>(
    process: &mut Process<'_>,
    access: impl Fn() -> Result<T, Fault>,
) -> Result<Result<T, Fault>, Reason> {
    match access() {
        Err(fault) if is_handled(process, fault)? => Ok(access()),
        result => Ok(result),
    }
}

fn is_handled(process: &mut Process<'_>, fault: Fault) -> Result<bool, Reason> {
    let Some(Emulation { has_asked, sabotage }) = process.emulation else { return Ok(false) };
    let page = arena::place(fault.address).and_then(Address::index);
    let is_past_end = fault.signal == libc::SIGBUS && fault.code == libc::BUS_ADRERR;
    let Some(page) = page.filter(|&page| is_past_end && has_asked[page]) else { return Ok(false) };
    if sabotage == Some(Sabotage::IdleEmulation) {
        return Ok(false);
    }
    let replaced = match sabotage {
        Some(Sabotage::CoarseEmulation) => {
            let asked = |page: &usize| has_asked[*page];
            let first = (0..=page).rev().take_while(asked).last().unwrap_or(page);
            first..first + (first..PAGES).take_while(asked).count()
        }
        _ => page..page + 1,
    };
    replace(process, Address::page(page as u8), replaced)
}

/// Maps anonymous memory over pages, with the protection that one of them has now, unless they are
/// sealed.
fn replace(process: &mut Process<'_>, at: Address, pages: Range<usize>) -> Result<bool, Reason> {
    let permissions = observe::permissions_at(process, at)?;
    let protection = permissions.map(|it| it.protection).unwrap_or_default();
    let protection = mm::ProtFlags::from_bits_retain(mmap::prot(protection).cast_unsigned());
    let start = arena::address(Address::page(pages.start as u8)) as *mut c_void;
    let flags = mm::MapFlags::PRIVATE | mm::MapFlags::FIXED;
    // SAFETY: nothing in this process refers to memory in the arena; only programs use it.
    match unsafe { mm::mmap_anonymous(start, pages.len() * arena::PAGE_SIZE, protection, flags) } {
        Ok(_) => Ok(true),
        Err(rustix::io::Errno::PERM) => Ok(false),
        Err(error) => Err(cannot("the emulation", error)),
    }
}

/// The pages of the arena that a range touches.
fn pages(at: Address, length: Cells) -> Range<usize> {
    let start = at.cells().page() as usize;
    let end = start + length.round_up_to_pages() as usize;
    start.min(PAGES)..end.min(PAGES)
}
