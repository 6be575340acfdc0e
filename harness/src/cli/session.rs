//! The start of every command that meets the kernel.

use std::path::PathBuf;

use super::output::message;
use super::{Ending, Options};
use crate::corpus::{self, Entry, InputError};
use crate::session::Session;

/// Finds out about the running kernel, as the options say.
pub fn start(options: &Options) -> Result<Session, Ending> {
    let mut session = Session::start(&options.policy, options.timeout).map_err(|error| {
        message(format!("error: {error}"));
        Ending::Broken
    })?;
    session.aim_at(options.target.into());
    Ok(session)
}

/// Reads the one test of a file, and finds out about the running kernel.
pub fn start_with_test(path: &PathBuf, options: &Options) -> Result<(Session, Entry), Ending> {
    let entries = corpus::from_paths(std::slice::from_ref(path))
        .map_err(|errors| complain(&errors, options))?;
    let session = start(options)?;
    let Ok([entry]) = <[Entry; 1]>::try_from(entries) else {
        message("error: one test is expected; name the file of one");
        return Err(Ending::Usage);
    };
    Ok((session, entry))
}

/// Prints what is wrong with the input.
pub fn complain(errors: &[InputError], options: &Options) -> Ending {
    for error in errors {
        message(format!("{}\n", error.render(options.colors_errors())));
    }
    let files = if errors.len() == 1 { "file" } else { "files" };
    message(format!("nothing was run, because of {} {files}", errors.len()));
    Ending::Usage
}
