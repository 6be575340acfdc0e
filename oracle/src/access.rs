//! Loads and stores that may fault.
//!
//! Each is a single instruction at the start of a function of its own. A fault handler notes the
//! signal and returns from that function; at any other instruction the fault is a stray one, and the
//! process dies of it. An instruction in the arena takes the place of such a function.

use std::arch::x86_64::__cpuid_count;
use std::arch::{asm, naked_asm};
use std::ffi::c_void;
use std::{io, ptr};

use crate::arena;
use crate::raw::system_call;

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

/// What an access function returns, in `rax` and `rdx`. After a fault the handler has put it there: it
/// writes to no memory but its stack, for of any other a child would have to make its own copy.
#[repr(C)]
struct Answer {
    /// The byte, or 0; [`Answer::FAULT`] and more, if it was refused.
    value: u64,
    /// Where the fault was; otherwise anything.
    address: usize,
}

impl Answer {
    /// Below it are the signal and its code, each in 16 bits.
    const FAULT: u64 = 1 << 32;

    const fn of_fault(signal: i32, code: i32, address: usize) -> Self {
        Self { value: Self::FAULT | (signal as u16 as u64) << 16 | code as u16 as u64, address }
    }

    const fn byte(self) -> Result<u8, Fault> {
        if self.value & Self::FAULT == 0 {
            return Ok(self.value as u8);
        }
        let signal = (self.value >> 16) as u16 as i32;
        Err(Fault { signal, code: self.value as i16 as i32, address: self.address })
    }
}

#[unsafe(naked)]
extern "C" fn load_byte(address: usize) -> Answer {
    naked_asm!("movzx eax, byte ptr [rdi]", "ret")
}

#[unsafe(naked)]
extern "C" fn store_byte(address: usize, value: u8) -> Answer {
    naked_asm!("mov byte ptr [rdi], sil", "xor eax, eax", "ret")
}

/// The value to compare with must be in `al` before the instruction.
#[unsafe(naked)]
extern "C" fn compare_exchange_byte(address: usize, old: u8, new: u8) -> Answer {
    naked_asm!("mov eax, esi", "jmp {exchange}", exchange = sym exchange_byte)
}

#[unsafe(naked)]
extern "C" fn exchange_byte() {
    naked_asm!("lock cmpxchg byte ptr [rdi], dl", "movzx eax, al", "ret")
}

/// The instruction at the address is executed in this function's place, and returns for it.
#[unsafe(naked)]
extern "C" fn execute_byte(address: usize) -> Answer {
    naked_asm!("xor eax, eax", "jmp rdi")
}

/// Where an access function goes on that was refused: it returns.
#[unsafe(naked)]
extern "C" fn return_at_once() {
    naked_asm!("ret")
}

/// Where the handler returns to: into the kernel. Libc has the same, in a page of its own.
#[unsafe(naked)]
extern "C" fn return_from_signal() {
    naked_asm!("mov eax, {number}", "syscall", number = const libc::SYS_rt_sigreturn)
}

/// Loads a byte.
pub fn load(address: usize) -> Result<u8, Fault> {
    load_byte(address).byte()
}

/// Stores a byte.
pub fn store(address: usize, value: u8) -> Result<(), Fault> {
    store_byte(address, value).byte().map(drop)
}

/// Stores a byte if another one is there; what was there.
pub fn compare_exchange(address: usize, old: u8, new: u8) -> Result<u8, Fault> {
    compare_exchange_byte(address, old, new).byte()
}

/// Executes a byte of the arena.
///
/// # Safety
/// It must be a return instruction, or must not be executable.
pub unsafe fn execute(address: usize) -> Result<(), Fault> {
    execute_byte(address).byte().map(drop)
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

/// The structure that rt_sigaction(2) takes.
#[repr(C)]
struct Action {
    handler: usize,
    flags: u64,
    restorer: usize,
    mask: u64,
}

/// Catches the faults of this process's accesses from now on, and of its children's. The handler runs
/// on the stack of what faulted: a stack of its own would be more pages that a child has to copy.
pub fn catch_faults() -> io::Result<()> {
    const RESTORER: u64 = 0x0400_0000;
    let action = Action {
        handler: handle as *const () as usize,
        flags: libc::SA_SIGINFO as u64 | RESTORER,
        restorer: return_from_signal as *const () as usize,
        mask: 0,
    };
    for signal in [libc::SIGSEGV, libc::SIGBUS] {
        // SAFETY: the handler has the signature that SA_SIGINFO asks for, and uses only what is
        // safe in a handler: its stack, and for a stray fault signal(2).
        unsafe { system_call!(rt_sigaction, signal, &raw const action, 0, size_of::<u64>()) }?;
    }
    Ok(())
}

extern "C" fn handle(signal: i32, info: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: the kernel gives a handler with SA_SIGINFO both structures, the context a ucontext_t.
    let (info, context) = unsafe { (&*info, &mut *context.cast::<libc::ucontext_t>()) };
    let registers = &mut context.uc_mcontext.gregs;
    let instruction = registers[libc::REG_RIP as usize];
    let accesses = [load_byte as *const (), store_byte as *const (), exchange_byte as *const ()];
    let is_in_arena = arena::place(instruction as usize).is_some();
    if !is_in_arena && !accesses.map(|access| access as i64).contains(&instruction) {
        // SAFETY: signal(2) is safe in a handler; the instruction faults again, now fatally.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
        return;
    }
    // SAFETY: SIGSEGV and SIGBUS that a fault raised have an address.
    let address = unsafe { info.si_addr() } as usize;
    let Answer { value, address } = Answer::of_fault(signal, info.si_code, address);
    registers[libc::REG_RAX as usize] = value as i64;
    registers[libc::REG_RDX as usize] = address as i64;
    registers[libc::REG_RIP as usize] = return_at_once as *const () as i64;
}

#[cfg(test)]
mod tests {
    use super::{Answer, Fault};

    #[test]
    fn a_fault_comes_through_two_registers() {
        let Err(Fault { signal, code, address }) =
            Answer::of_fault(libc::SIGBUS, -6, 0x10_0800).byte()
        else {
            panic!("no fault");
        };
        assert_eq!((signal, code, address), (libc::SIGBUS, -6, 0x10_0800));
        assert_eq!(Answer { value: 255, address: 7 }.byte().ok(), Some(255));
    }
}
