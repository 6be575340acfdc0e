//! As much of the FUSE protocol as a server of one file needs.
//!
//! Source: fuse(4); include/uapi/linux/fuse.h.

/// Bytes that a server must have room for: `FUSE_MIN_READ_BUFFER`.
pub const LONGEST_QUERY: usize = 8192;

/// `enum fuse_opcode`.
pub mod operation {
    pub const FORGET: u32 = 2;
    pub const GETATTR: u32 = 3;
    pub const OPEN: u32 = 14;
    pub const READ: u32 = 15;
    pub const WRITE: u32 = 16;
    pub const FLUSH: u32 = 25;
    pub const INIT: u32 = 26;
    pub const INTERRUPT: u32 = 36;
    pub const BATCH_FORGET: u32 = 42;
}

/// `FUSE_ROOT_ID`.
const ROOT: u64 = 1;
/// The root is a regular file.
pub const ROOT_MODE: u32 = 0o10_0644;
/// The version that the answers are laid out for.
const VERSION: [u32; 2] = [7, 31];
/// `FUSE_ASYNC_DIO`.
const ASYNCHRONOUS: u32 = 1 << 15;
/// `FOPEN_DIRECT_IO`.
const DIRECT_IO: u32 = 1;
/// Bytes of `struct fuse_in_header`.
const HEADER: usize = 40;
/// Bytes of `struct fuse_write_in`.
const WRITE_HEADER: usize = 40;

/// A request of the kernel's.
pub struct Query<'a> {
    /// What it wants.
    pub operation: u32,
    unique: u64,
    body: &'a [u8],
}

impl<'a> Query<'a> {
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let operation = u32::from_ne_bytes(bytes.get(4..8)?.try_into().ok()?);
        let unique = u64::from_ne_bytes(bytes.get(8..16)?.try_into().ok()?);
        Some(Self { operation, unique, body: bytes.get(HEADER..)? })
    }

    /// What is to be written, if anything is.
    pub fn payload(&self) -> &'a [u8] {
        self.body.get(WRITE_HEADER..).unwrap_or_default()
    }

    /// Whether nobody waits for an answer.
    pub const fn is_news(&self) -> bool {
        use operation::{BATCH_FORGET, FORGET, INTERRUPT};
        matches!(self.operation, FORGET | BATCH_FORGET | INTERRUPT)
    }

    /// The answer: `struct fuse_out_header`, and what follows it.
    pub fn answer(&self, result: Result<Body, i32>) -> Vec<u8> {
        let (error, Body(body)) = match result {
            Ok(body) => (0, body),
            Err(error) => (-error, Body(Vec::new())),
        };
        let length = u32::try_from(16 + body.len()).unwrap_or(u32::MAX);
        Body::new().u32s(&[length, error.cast_unsigned()]).u64s(&[self.unique]).bytes(&body).0
    }
}

/// The fields of an answer, one after the other.
pub struct Body(Vec<u8>);

impl Body {
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    pub fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend(bytes);
        self
    }

    fn u32s(self, values: &[u32]) -> Self {
        values.iter().fold(self, |body, value| body.bytes(&value.to_ne_bytes()))
    }

    fn u64s(self, values: &[u64]) -> Self {
        values.iter().fold(self, |body, value| body.bytes(&value.to_ne_bytes()))
    }

    /// `struct fuse_init_out`: direct I/O may be asynchronous; a page is the most that is written
    /// at once.
    pub fn initialized(page: u32) -> Self {
        let (read_ahead, background, time_granularity) = (0, 0, 1);
        Self::new()
            .u32s(&VERSION)
            .u32s(&[read_ahead, ASYNCHRONOUS, background, page, time_granularity])
            .u32s(&[0; 9])
    }

    /// `struct fuse_attr_out`: the file is so large, and it stays so.
    pub fn attributes(size: u32) -> Self {
        const FOR_EVER: u64 = 1 << 30;
        let times = [0; 3];
        Self::new()
            .u64s(&[FOR_EVER])
            .u32s(&[0; 2])
            .u64s(&[ROOT, size.into(), 1])
            .u64s(&times)
            .u32s(&[0; 3])
            .u32s(&[ROOT_MODE, 1])
            .u32s(&[0; 3])
            .u32s(&[size, 0])
    }

    /// `struct fuse_open_out`: whatever is done with the file goes past the page cache.
    pub fn opened() -> Self {
        Self::new().u64s(&[0]).u32s(&[DIRECT_IO, 0])
    }

    /// `struct fuse_write_out`.
    pub fn written(bytes: u32) -> Self {
        Self::new().u32s(&[bytes, 0])
    }
}
