//! The start of every command that meets the kernel.

use super::output::message;
use super::{Ending, Options};
use crate::corpus::InputError;
use crate::session::Session;

/// Finds out about the running kernel, as the options say.
pub fn start(options: &Options) -> Result<Session, Ending> {
    Session::start(&options.policy, options.timeout).map_err(|error| {
        message(format!("error: {error}"));
        Ending::Broken
    })
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
