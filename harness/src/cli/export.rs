//! `mapspec export`: litmus tests as C programs.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::output::{message, print};
use super::session::{self, complain};
use super::{Ending, Options};
use crate::compare::model_trace;
use crate::corpus;
use crate::report::c;

/// Write litmus tests as C programs that need nothing of mapspec.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mapspec export --c pack && make -C pack check\n  \
                        mapspec export --c pack --policy linux-6.1 corpus/seals")]
pub struct Export {
    /// The folder for the C programs, a Makefile, and a script that runs them and prints KTAP.
    #[arg(long, value_name = "FOLDER")]
    c: PathBuf,

    /// Files and folders of litmus tests; without any, the built-in corpus.
    paths: Vec<PathBuf>,
}

impl Export {
    /// Writes the folder.
    pub fn run(&self, options: &Options) -> Result<Ending, Ending> {
        let given = match self.paths.as_slice() {
            [] => None,
            paths => Some(corpus::from_paths(paths).map_err(|it| complain(&it, options))?),
        };
        let session = session::start(options)?;
        let entries = given.as_ref().unwrap_or(&session.corpus);
        let (mut written, mut skipped) = (0, 0);
        for entry in entries {
            let program = entry.test.program();
            let repro = c::Repro {
                test: &entry.test,
                program: &program,
                expected: &model_trace(&program, &session.policy),
                seen: None,
                policy: &session.policy,
                policy_name: &session.policy_name,
                lenient: true,
            };
            let path = self.c.join(file_name(&entry.test.name));
            let source = match entry.test.kernel {
                Some(kernel) => Err(format!("no C program: it is about {kernel}")),
                None => c::source(&repro).map_err(|why| why.to_string()),
            };
            match source {
                Ok(text) => {
                    write(&path, &text)?;
                    written += 1;
                }
                Err(why) => {
                    message(format!("{}: {why}", entry.test.name));
                    write(&path.with_extension("skip"), &format!("{why}\n"))?;
                    skipped += 1;
                }
            }
        }
        write(&self.c.join("Makefile"), c::MAKEFILE)?;
        let run = self.c.join("run");
        write(&run, c::RUN)?;
        fs::set_permissions(&run, fs::Permissions::from_mode(0o755))
            .map_err(|error| cannot_write(&run, error))?;
        let skipped =
            if skipped == 0 { String::new() } else { format!(", {skipped} tests without one") };
        print(format!(
            "{written} programs in {0}{skipped}; to run them: make -C {0} check\n",
            self.c.display()
        ))?;
        Ok(if written == 0 { Ending::Nothing } else { Ending::Fine })
    }
}

/// The name of a test as that of a file in one folder.
pub fn file_name(test: &str) -> String {
    let plain = |letter: char| {
        if letter.is_ascii_alphanumeric() || "._-".contains(letter) { letter } else { '-' }
    };
    let name: String = test.trim_end_matches(".litmus").chars().map(plain).collect();
    format!("{}.c", name.trim_start_matches(['-', '.']))
}

/// Writes a file, and the folders above it.
pub fn write(path: &Path, text: &str) -> Result<(), Ending> {
    let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
    folder.and_then(|()| fs::write(path, text)).map_err(|error| cannot_write(path, error))
}

fn cannot_write(path: &Path, error: std::io::Error) -> Ending {
    message(format!("error: {}: {error}", path.display()));
    Ending::Broken
}
