//! A channel between two processes, for words and descriptors.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::cmsg_space;
use rustix::event::{PollFd, PollFlags};
use rustix::io::retry_on_intr;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Bytes of the longest word.
const LONGEST: usize = 256;

/// An end of a channel.
pub struct Channel(OwnedFd);

impl Channel {
    /// Both ends of a new channel.
    pub fn pair() -> io::Result<(Self, Self)> {
        let (one, other) = rustix::net::socketpair(
            AddressFamily::UNIX,
            SocketType::SEQPACKET,
            SocketFlags::CLOEXEC,
            None,
        )?;
        Ok((Self(one), Self(other)))
    }

    /// Sends a word, and up to two descriptors.
    pub fn send(&self, word: &impl Serialize, descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
        let mut buffer = [0; LONGEST];
        let bytes = postcard::to_slice(word, &mut buffer).map_err(io::Error::other)?;
        let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(2))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        if !descriptors.is_empty() {
            ancillary.push(SendAncillaryMessage::ScmRights(descriptors));
        }
        let bytes = [IoSlice::new(bytes)];
        rustix::net::sendmsg(&self.0, &bytes, &mut ancillary, SendFlags::NOSIGNAL)?;
        Ok(())
    }

    /// Waits for a word, and the descriptors that come with it.
    ///
    /// # Errors
    /// [`io::ErrorKind::UnexpectedEof`] if nobody has the other end.
    pub fn receive<T: DeserializeOwned>(&self) -> io::Result<(T, Vec<OwnedFd>)> {
        let mut buffer = [0; LONGEST];
        let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(2))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let length = retry_on_intr(|| {
            let buffers = &mut [IoSliceMut::new(&mut buffer)];
            rustix::net::recvmsg(&self.0, buffers, &mut ancillary, RecvFlags::CMSG_CLOEXEC)
        })?
        .bytes;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let descriptors = ancillary.drain().flat_map(|message| match message {
            RecvAncillaryMessage::ScmRights(descriptors) => descriptors.collect(),
            _ => Vec::new(),
        });
        let descriptors = descriptors.collect();
        let word = postcard::from_bytes(&buffer[..length]).map_err(io::Error::other)?;
        Ok((word, descriptors))
    }

    /// Waits until nobody has the other end; what still comes is not looked at.
    pub fn await_end(&self) {
        while matches!(
            retry_on_intr(|| rustix::net::recv(&self.0, &mut [0; 1], RecvFlags::empty())),
            Ok((1.., _))
        ) {}
    }
}

/// Waits until one of two descriptors has something to say; which of them have.
pub fn await_either(one: &impl AsFd, other: &impl AsFd) -> io::Result<(bool, bool)> {
    let mut events = [PollFd::new(one, PollFlags::IN), PollFd::new(other, PollFlags::IN)];
    retry_on_intr(|| rustix::event::poll(&mut events, None))?;
    Ok((!events[0].revents().is_empty(), !events[1].revents().is_empty()))
}

impl AsFd for Channel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl From<OwnedFd> for Channel {
    fn from(descriptor: OwnedFd) -> Self {
        Self(descriptor)
    }
}
