//! `mapspec completions` and `mapspec man`: what the command line says of itself, for a shell and for
//! man(1).

use std::io::Write as _;

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::output::{message, print};
use super::{Command, Ending, Options};

/// Print what a shell needs to complete the command line.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mapspec completions bash > \
                        ~/.local/share/bash-completion/completions/mapspec")]
pub struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    /// Prints the shell's program.
    pub fn run(&self, _: &Options) -> Result<Ending, Ending> {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut Command::command(), "mapspec", &mut text);
        print(String::from_utf8_lossy(&text)).map(|()| Ending::Fine)
    }
}

/// Print the manual page.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mapspec man > mapspec.1 && man ./mapspec.1")]
pub struct Man {}

impl Man {
    /// Prints a page for the command, then one for each of its commands, as one text for man(1).
    pub fn run(&self, _: &Options) -> Result<Ending, Ending> {
        let mut text = Vec::new();
        let command = Command::command();
        let mut write = |command: &clap::Command| {
            let page = clap_mangen::Man::new(command.clone());
            page.render(&mut text).and_then(|()| text.write_all(b"\n"))
        };
        let commands = command.get_subcommands().map(|it| {
            let name = format!("mapspec {}", it.get_name());
            it.clone().display_name(name.clone()).bin_name(name)
        });
        let result =
            write(&command).and_then(|()| commands.into_iter().try_for_each(|it| write(&it)));
        result.map_err(|error| {
            message(format!("error: the page cannot be written: {error}"));
            Ending::Broken
        })?;
        print(String::from_utf8_lossy(&text)).map(|()| Ending::Fine)
    }
}
