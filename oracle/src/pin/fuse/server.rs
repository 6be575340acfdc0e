//! The server: a process of the keeper's, for one pin.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd};

use rustix::fs::{Mode, OFlags};
use rustix::mount::{FsMountFlags, FsOpenFlags, MountAttrFlags};

use super::protocol::{Body, LONGEST_QUERY, Query, ROOT_MODE, operation};
use crate::arena::PAGE_SIZE;
use crate::pin::channel::{Channel, await_either};
use crate::pin::word::{Word, unexpected};
use crate::pin::{Access, Request};

const PAGE: u32 = PAGE_SIZE as u32;

/// Serves a file until the pin is over. The kernel's requests are read in their order, and one that
/// waits has pinned the page: so everything else that it may want must be over before. The last of
/// it is that a descriptor was closed.
pub fn serve(request: &Request, channel: &Channel) -> io::Result<()> {
    let (device, mount) = mount()?;
    let mut server = Server { device, channel };
    server.answer_until(operation::INIT)?;
    channel.send(&Word::Ready(0), &[mount.as_fd()])?;
    server.answer_until(operation::FLUSH)?;
    if !server.await_request()? {
        return Ok(());
    }
    channel.send(&Word::Pinned, &[])?;
    // The holder may be gone instead: then the request ends with this process.
    let Ok((word, _)) = channel.receive() else {
        return Ok(());
    };
    server.end(request.access, &word)
}

/// A file system that is mounted nowhere, and the server's end of it.
pub fn mount() -> io::Result<(File, OwnedFd)> {
    let flags = OFlags::RDWR | OFlags::CLOEXEC;
    let device = rustix::fs::open("/dev/fuse", flags, Mode::empty())?;
    let context = rustix::mount::fsopen("fuse", FsOpenFlags::FSOPEN_CLOEXEC)?;
    for (key, value) in [
        ("fd", device.as_raw_fd().to_string()),
        ("rootmode", format!("{ROOT_MODE:o}")),
        ("user_id", rustix::process::geteuid().as_raw().to_string()),
        ("group_id", rustix::process::getegid().as_raw().to_string()),
    ] {
        rustix::mount::fsconfig_set_string(context.as_fd(), key, value)?;
    }
    rustix::mount::fsconfig_create(context.as_fd())?;
    let attributes = MountAttrFlags::MOUNT_ATTR_NOSUID | MountAttrFlags::MOUNT_ATTR_NODEV;
    let mount = rustix::mount::fsmount(context.as_fd(), FsMountFlags::FSMOUNT_CLOEXEC, attributes)?;
    Ok((device.into(), mount))
}

struct Server<'a> {
    device: File,
    channel: &'a Channel,
}

impl Server<'_> {
    /// Answers what the kernel wants, until it has wanted this.
    fn answer_until(&mut self, last: u32) -> io::Result<()> {
        loop {
            if !self.await_request()? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let mut buffer = [0; LONGEST_QUERY];
            let query = self.next(&mut buffer)?;
            let result = match query.operation {
                operation::INIT => Ok(Body::initialized(PAGE)),
                operation::GETATTR => Ok(Body::attributes(PAGE)),
                operation::OPEN => Ok(Body::opened()),
                _ => Err(libc::ENOSYS),
            };
            if !query.is_news() {
                self.device.write_all(&query.answer(result))?;
            }
            if query.operation == last {
                return Ok(());
            }
        }
    }

    /// Waits until the kernel wants something; `false`: the holder does, or is gone.
    fn await_request(&self) -> io::Result<bool> {
        let (_, holder_wants) = await_either(&self.device, self.channel)?;
        Ok(!holder_wants)
    }

    /// Answers the request that has pinned the page.
    fn end(&mut self, access: Access, word: &Word) -> io::Result<()> {
        let mut buffer = [0; LONGEST_QUERY];
        let query = self.next(&mut buffer)?;
        let result = match (word, access, query.operation, query.payload()) {
            (Word::Look, Access::ReadOnly, operation::WRITE, [value, ..]) => {
                self.channel.send(&Word::Saw(*value), &[])?;
                Ok(Body::written(1))
            }
            (Word::Land(value), Access::ReadWrite, operation::READ, _) => {
                Ok(Body::new().bytes(&[*value]))
            }
            (Word::LetGo, ..) => Err(libc::EIO),
            (word, _, operation, _) => {
                let why = format!("{} when operation {operation} was asked for", unexpected(word));
                self.channel.send(&Word::Cannot(why), &[])?;
                Err(libc::EIO)
            }
        };
        self.device.write_all(&query.answer(result))
    }

    fn next<'a>(&mut self, buffer: &'a mut [u8]) -> io::Result<Query<'a>> {
        let length = self.device.read(buffer)?;
        let query = buffer.get(..length).and_then(Query::parse);
        query.ok_or_else(|| io::Error::other("a request that is too short"))
    }
}
