//! Where results and messages go; neither a full disk nor a reader that is gone is a panic.

use std::io::{ErrorKind, Write as _};
use std::time::Instant;

use super::Ending;
use crate::report::results::Printer;

/// Prints a result.
///
/// # Errors
/// Results that cannot be written are a failure of the run. It is told, unless the reader has left.
pub fn print(text: impl AsRef<str>) -> Result<(), Ending> {
    let mut out = anstream::stdout();
    out.write_all(text.as_ref().as_bytes()).and_then(|()| out.flush()).map_err(|error| {
        if error.kind() != ErrorKind::BrokenPipe {
            message(format!("error: the results cannot be written: {error}"));
        }
        Ending::Broken
    })
}

/// Prints the end of the results of a run that began at this time.
///
/// # Errors
/// As for [`print`].
pub fn finish(printer: Printer, begin: Instant) -> Result<(), Ending> {
    let text = printer.end(begin.elapsed().as_secs_f64()).map_err(|error| {
        message(format!("error: the results cannot be written: {error}"));
        Ending::Broken
    })?;
    print(text)
}

/// Tells something that is not a result. That nobody can be told is no reason to stop.
pub fn message(text: impl AsRef<str>) {
    let _ = writeln!(anstream::stderr(), "{}", text.as_ref());
}
