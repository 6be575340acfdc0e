//! fork(2), as a sibling: the zygote is the parent of every process of a program.

use rustix::process::Pid;

use super::cannot;
use crate::broken::Reason;
use crate::children;

/// The child's id in the parent, `None` in the child.
pub fn fork() -> Result<Option<Pid>, Reason> {
    children::fork(true).map_err(|error| cannot("fork", error))
}
