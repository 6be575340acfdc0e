//! `/sys/kernel/debug/gup_test`: a long-term pin, as the kernel's own tests take it.
//!
//! The kernel has one such pin, and whoever closes the file ends it, be it another's: so the file
//! is opened only by the one process that has the name of an abstract socket.
//!
//! Source: mm/gup_test.c `pin_longterm_test_ioctl()`, `gup_test_release()`, since Linux 6.2.

use std::io;
use std::os::fd::OwnedFd;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::{Duration, Instant};

use rustix::fs::{Access as May, Mode, OFlags};
use rustix::ioctl::{NoArg, Opcode, Setter, opcode};

use super::{Access, Answer, Request};
use crate::arena::PAGE_SIZE;

const PATH: &str = "/sys/kernel/debug/gup_test";

const START: Opcode = opcode::write::<Start>(b'g', 7);
const STOP: Opcode = opcode::none(b'g', 8);
const READ: Opcode = opcode::write::<u64>(b'g', 9);

/// How long another process may have the pin.
const PATIENCE: Duration = Duration::from_secs(1);

/// `struct pin_longterm_test`.
#[repr(C)]
struct Start {
    address: u64,
    size: u64,
    flags: u32,
}

/// The kernel's one pin.
pub struct Pin {
    file: OwnedFd,
    /// Where in the page the byte is.
    offset: usize,
    /// Closed after the file.
    _turn: UnixDatagram,
}

impl Pin {
    pub fn start(request: &Request) -> io::Result<Answer<Self>> {
        const WRITE: u32 = 1;
        const FAST: u32 = 2;
        let turn = take_turn()?;
        let file = rustix::fs::open(PATH, OFlags::RDWR | OFlags::CLOEXEC, Mode::empty())?;
        let offset = request.address % PAGE_SIZE;
        let start = Start {
            address: (request.address - offset) as u64,
            size: PAGE_SIZE as u64,
            flags: FAST | if request.access == Access::ReadWrite { WRITE } else { 0 },
        };
        // SAFETY: the code takes this structure. What it pins is not written through it.
        let started = unsafe { rustix::ioctl::ioctl(&file, Setter::<START, _>::new(start)) };
        Ok(started.map(|()| Self { file, offset, _turn: turn }))
    }

    pub fn read(&self) -> io::Result<u8> {
        let mut page = vec![0_u8; PAGE_SIZE];
        // SAFETY: the code takes an address, where a page is written: the buffer is one.
        unsafe {
            let address = page.as_mut_ptr() as u64;
            rustix::ioctl::ioctl(&self.file, Setter::<READ, _>::new(address))
        }?;
        Ok(page[self.offset])
    }

    pub fn release(&mut self) {
        // SAFETY: the code takes nothing. It does not fail.
        let _ = unsafe { rustix::ioctl::ioctl(&self.file, NoArg::<STOP>::new()) };
    }
}

/// Waits for other processes that have the pin.
fn take_turn() -> io::Result<UnixDatagram> {
    let start = Instant::now();
    let name = SocketAddr::from_abstract_name("mapspec/gup_test")?;
    loop {
        match UnixDatagram::bind_addr(&name) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                if start.elapsed() > PATIENCE {
                    return Err(io::ErrorKind::ResourceBusy.into());
                }
                std::thread::sleep(Duration::from_millis(1));
            }
            result => return result,
        }
    }
}

/// Whether it can be used here; if not, why.
pub fn available() -> Result<(), String> {
    rustix::fs::access(PATH, May::READ_OK | May::WRITE_OK).map_err(|error| {
        format!("{PATH}: {error}; it needs a kernel with CONFIG_GUP_TEST, debugfs, and root")
    })
}
