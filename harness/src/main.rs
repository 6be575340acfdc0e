//! The command `mapspec`.

use std::process::ExitCode;

fn main() -> ExitCode {
    mapspec_oracle::become_zygote_if_asked();
    mapspec::cli::run()
}
