//! Loads and stores that may fault.
//!
//! Each is a single instruction at the start of a function of its own. A fault handler on an
//! alternate stack notes the signal and returns from that function; at any other instruction the
//! fault is a stray one, and the process dies of it. An instruction in the arena takes the place of
//! such a function.

use std::arch::x86_64::__cpuid_count;
use std::arch::{asm, naked_asm};
use std::ffi::c_void;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use std::{io, mem, ptr};

use crate::arena;

/// A signal that an access raised.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// The signal's number.
    pub signal: i32,
    /// Its `si_code`.
    pub code: i32,
    /// Its `si_addr`.
    pub address: usize,
}

static SIGNAL: AtomicI32 = AtomicI32::new(0);
static CODE: AtomicI32 = AtomicI32::new(0);
static ADDRESS: AtomicUsize = AtomicUsize::new(0);

/// What the access functions return after a fault; no byte is that.
const REFUSED: i32 = -1;

#[unsafe(naked)]
extern "C" fn load_byte(address: usize) -> i32 {
    naked_asm!("movzx eax, byte ptr [rdi]", "ret")
}

#[unsafe(naked)]
extern "C" fn store_byte(address: usize, value: u8) -> i32 {
    naked_asm!("mov byte ptr [rdi], sil", "xor eax, eax", "ret")
}

/// The value to compare with must be in `al` before the instruction.
#[unsafe(naked)]
extern "C" fn compare_exchange_byte(address: usize, old: u8, new: u8) -> i32 {
    naked_asm!("mov eax, esi", "jmp {exchange}", exchange = sym exchange_byte)
}

#[unsafe(naked)]
extern "C" fn exchange_byte() {
    naked_asm!("lock cmpxchg byte ptr [rdi], dl", "movzx eax, al", "ret")
}

/// The instruction at the address is executed in this function's place, and returns for it.
#[unsafe(naked)]
extern "C" fn execute_byte(address: usize) -> i32 {
    naked_asm!("xor eax, eax", "jmp rdi")
}

#[unsafe(naked)]
extern "C" fn return_refused() -> i32 {
    naked_asm!("mov eax, {refused}", "ret", refused = const REFUSED)
}

/// Loads a byte.
pub fn load(address: usize) -> Result<u8, Fault> {
    u8::try_from(load_byte(address)).map_err(|_| last_fault())
}

/// Stores a byte.
pub fn store(address: usize, value: u8) -> Result<(), Fault> {
    if store_byte(address, value) == REFUSED { Err(last_fault()) } else { Ok(()) }
}

/// Stores a byte if another one is there; what was there.
pub fn compare_exchange(address: usize, old: u8, new: u8) -> Result<u8, Fault> {
    u8::try_from(compare_exchange_byte(address, old, new)).map_err(|_| last_fault())
}

/// Executes a byte of the arena.
///
/// # Safety
/// It must be a return instruction, or must not be executable.
pub unsafe fn execute(address: usize) -> Result<(), Fault> {
    if execute_byte(address) == REFUSED { Err(last_fault()) } else { Ok(()) }
}

/// Loads a byte although a protection key may forbid it.
pub fn load_in_spite_of_keys(address: usize) -> Result<u8, Fault> {
    if !has_protection_keys() {
        return load(address);
    }
    let rights: u32;
    // SAFETY: the processor has the register; reading it changes nothing but `edx`.
    unsafe { asm!("rdpkru", in("ecx") 0, out("eax") rights, out("edx") _) };
    // SAFETY: more rights than before break nothing, and those from before follow at once.
    unsafe { asm!("wrpkru", in("eax") 0, in("ecx") 0, in("edx") 0) };
    let value = load(address);
    // SAFETY: the rights that were there before.
    unsafe { asm!("wrpkru", in("eax") rights, in("ecx") 0, in("edx") 0) };
    value
}

/// Whether the system uses the processor's protection keys: `OSPKE`.
fn has_protection_keys() -> bool {
    __cpuid_count(7, 0).ecx >> 4 & 1 == 1
}

/// Faults where no access function is: how the handler's check is tested.
pub fn stray() {
    let nothing = ptr::without_provenance::<u8>(1);
    // SAFETY: not sound, on purpose: the load faults, and the process dies of it.
    unsafe { ptr::read_volatile(nothing) };
}

fn last_fault() -> Fault {
    Fault {
        signal: SIGNAL.load(Ordering::Relaxed),
        code: CODE.load(Ordering::Relaxed),
        address: ADDRESS.load(Ordering::Relaxed),
    }
}

/// Catches the faults of this process's accesses from now on, and of its children's.
pub fn catch_faults() -> io::Result<()> {
    const STACK_SIZE: usize = 64 * 1024;
    let stack = Box::leak(Box::new([0_u8; STACK_SIZE]));
    let stack =
        libc::stack_t { ss_sp: stack.as_mut_ptr().cast(), ss_flags: 0, ss_size: STACK_SIZE };
    // SAFETY: the stack is never freed, and nothing else uses it.
    if unsafe { libc::sigaltstack(&stack, ptr::null_mut()) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: all zeros is a sigaction: default, no flags, an empty mask.
    let mut action: libc::sigaction = unsafe { mem::zeroed() };
    action.sa_sigaction = handle as *const () as usize;
    action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
    for signal in [libc::SIGSEGV, libc::SIGBUS] {
        // SAFETY: the handler has the signature that SA_SIGINFO asks for, and uses only what is
        // safe in a handler: atomics, and for a stray fault signal(2).
        if unsafe { libc::sigaction(signal, &action, ptr::null_mut()) } != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

extern "C" fn handle(signal: i32, info: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: the kernel gives a handler with SA_SIGINFO both structures, the context a ucontext_t.
    let (info, context) = unsafe { (&*info, &mut *context.cast::<libc::ucontext_t>()) };
    let instruction = &mut context.uc_mcontext.gregs[libc::REG_RIP as usize];
    let accesses = [load_byte as *const (), store_byte as *const (), exchange_byte as *const ()];
    let is_in_arena = arena::place(*instruction as usize).is_some();
    if !is_in_arena && !accesses.map(|access| access as i64).contains(instruction) {
        // SAFETY: signal(2) is safe in a handler; the instruction faults again, now fatally.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
        return;
    }
    SIGNAL.store(signal, Ordering::Relaxed);
    CODE.store(info.si_code, Ordering::Relaxed);
    // SAFETY: SIGSEGV and SIGBUS that a fault raised have an address.
    ADDRESS.store(unsafe { info.si_addr() } as usize, Ordering::Relaxed);
    *instruction = return_refused as *const () as i64;
}
