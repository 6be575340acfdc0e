//! `mapspec explore`: every world that a small alphabet can reach.

use std::io::IsTerminal as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use clap::Args;
use indicatif::ProgressBar;
use mapspec_model::policy::Policy;
use mapspec_model::property::{self, Property};
use stateright::Model as _;

use super::fuzz::on_interrupt;
use super::output::{message, print};
use super::session::{self, complain};
use super::{Ending, Options};
use crate::corpus;
use crate::examine::{Examiner, Verdict};
use crate::explore::{
    self, Alphabet, Configuration, Counterexample, Ending as End, Exploration, Limits, Progress,
};
use crate::policy::Base;
use crate::report;
use crate::session::Session;

/// How often the status line is written where there is no terminal.
const PLAIN_STATUS: Duration = Duration::from_secs(10);

const MEBIBYTE: u64 = 1 << 20;

/// Visit every world that the operations of an alphabet can reach, and judge every step.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mapspec explore\n  mapspec explore private --jobs 1\n  \
                        mapspec explore --policy linux-6.18,truncate_keeps_tail file\n  \
                        mapspec explore --alphabet mine.litmus --serve 3000\n\n\
                        Exit codes: 0 all is visited and every property holds; 1 a property fails; \
                        2 bad usage or input; 3 not exhausted; 4 no property was about any step.")]
pub struct Explore {
    /// The configurations to explore; all, if none is named.
    #[arg(value_name = "CONFIGURATION")]
    names: Vec<String>,

    /// Explore the statements of this litmus test instead, with every property.
    #[arg(long, value_name = "FILE", conflicts_with = "names")]
    alphabet: Option<PathBuf>,

    /// The most files that exist at one time; worlds with more are not visited.
    #[arg(long, value_name = "N", default_value_t = 1)]
    files: usize,

    /// Judge by this property alone; may be repeated.
    #[arg(long, value_name = "NAME", value_parser = property_named)]
    property: Vec<&'static Property>,

    /// Print the configurations, and explore nothing.
    #[arg(long)]
    list: bool,

    /// Stop each exploration after so long: 30s, 10m. Then it is not exhausted.
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    time: Option<Duration>,

    /// Stop when so much memory is used.
    #[arg(long, value_name = "MIB", default_value_t = 8192)]
    memory: u64,

    /// Open stateright's Explorer on this port of the loopback interface.
    #[arg(long, value_name = "PORT")]
    serve: Option<u16>,

    /// Do not run counterexamples on this kernel.
    #[arg(long)]
    no_replay: bool,
}

fn property_named(name: &str) -> Result<&'static Property, String> {
    property::named(name).ok_or_else(|| {
        let names: Vec<_> = property::ALL.iter().map(|property| property.name).collect();
        format!("there is no such property; there are {}", names.join(", "))
    })
}

impl Explore {
    /// Explores each configuration in turn.
    pub fn run(&self, options: &Options) -> Result<Ending, Ending> {
        let configurations = self.configurations(options)?;
        if self.list {
            configurations.iter().try_for_each(|it| print(list(it)))?;
            return Ok(Ending::Fine);
        }
        let mut session = None;
        let (policy, name) = match options.policy.base {
            Base::Preset(name, policy) => (options.policy.correct(policy), name.to_owned()),
            Base::Detected => {
                let session = session.insert(session::start(options)?);
                (session.policy, session.policy_name.clone())
            }
        };
        let name = session.as_ref().map_or_else(|| options.policy.to_string(), |_| name);
        if let Some(port) = self.serve {
            return self.serve(&configurations, policy, port);
        }
        let interrupted = on_interrupt();
        let mut ending = Ending::Nothing;
        for configuration in &configurations {
            if interrupted.load(Ordering::Relaxed) {
                message("not explored: ".to_owned() + &configuration.name);
                ending = worse(ending, Ending::Broken);
                continue;
            }
            let exploration = self.exploration(configuration, policy);
            print(report::exploration(configuration, &exploration, &name))?;
            let limits = Limits {
                time: self.time,
                memory: self.memory.saturating_mul(MEBIBYTE),
                jobs: options.jobs(),
            };
            let mut status = Status::new();
            let found = explore::search(&exploration, &limits, |progress| {
                status.tell(progress);
                match interrupted.load(Ordering::Relaxed) {
                    true => ControlFlow::Break("interrupted"),
                    false => ControlFlow::Continue(()),
                }
            });
            status.bar.finish_and_clear();
            print(report::found(&exploration, &found))?;
            for &violated in &found.violated {
                match explore::shortest(&exploration, violated, &limits) {
                    Some(shortest) => {
                        print(report::counterexample(&shortest))?;
                        if !self.no_replay {
                            print(replay(&shortest, &mut session, options, policy))?;
                        }
                    }
                    None => {
                        message(format!("{}: no shortest program within the bounds", violated.name))
                    }
                }
            }
            let all_silent = found.silent.len() == exploration.judged_by().len();
            ending = worse(
                ending,
                match found.ending {
                    End::Violated => Ending::Different,
                    End::Stopped(_) => Ending::Broken,
                    End::Exhausted if all_silent => Ending::Nothing,
                    End::Exhausted => Ending::Fine,
                },
            );
        }
        Ok(ending)
    }

    fn configurations(&self, options: &Options) -> Result<Vec<Configuration>, Ending> {
        if let Some(path) = &self.alphabet {
            let entries = corpus::from_paths(std::slice::from_ref(path))
                .map_err(|errors| complain(&errors, options))?;
            return Ok(entries.into_iter().map(|it| Configuration::of_test(it.test)).collect());
        }
        let mut all = explore::all().map_err(|error| {
            message(format!("error: a built-in alphabet is malformed: {}", error.message));
            Ending::Broken
        })?;
        let unknown = self.names.iter().find(|name| all.iter().all(|it| it.name != **name));
        if let Some(unknown) = unknown {
            let names: Vec<_> = all.iter().map(|it| it.name.as_str()).collect();
            message(format!(
                "error: there is no configuration `{unknown}`; there are {}",
                names.join(", ")
            ));
            return Err(Ending::Usage);
        }
        all.retain(|it| self.names.is_empty() || self.names.contains(&it.name));
        Ok(all)
    }

    fn exploration(&self, configuration: &Configuration, policy: Policy) -> Exploration {
        let properties =
            if self.property.is_empty() { &configuration.properties } else { &self.property };
        Exploration::new(Alphabet::new(&configuration.test), policy, self.files, properties)
    }

    /// Opens the Explorer, until somebody ends the program.
    fn serve(
        &self,
        configurations: &[Configuration],
        policy: Policy,
        port: u16,
    ) -> Result<Ending, Ending> {
        let [configuration] = configurations else {
            message("error: --serve shows one configuration; name it");
            return Err(Ending::Usage);
        };
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        // Whether the port can be had is found out here, for the Explorer does not say so kindly.
        let address =
            TcpListener::bind(address).and_then(|it| it.local_addr()).map_err(|error| {
                message(format!("error: {address} cannot be listened at: {error}"));
                Ending::Broken
            })?;
        print(format!("{}: the Explorer is at http://{address}\n", configuration.name))?;
        let _checker = self.exploration(configuration, policy).checker().serve(address);
        Ok(Ending::Fine)
    }
}

/// A violation is said first, then that not all is known.
fn worse(one: Ending, other: Ending) -> Ending {
    let rank = |ending| match ending {
        Ending::Different => 4,
        Ending::Broken => 3,
        Ending::Usage => 2,
        Ending::Fine => 1,
        Ending::Nothing => 0,
    };
    if rank(other) > rank(one) { other } else { one }
}

fn list(configuration: &Configuration) -> String {
    let text = crate::litmus::text(&configuration.test);
    let properties: Vec<_> = configuration.properties.iter().map(|it| it.name).collect();
    format!("{text}# properties: {}\n\n", properties.join(", "))
}

/// Runs a counterexample on this kernel, and says what came of it.
fn replay(
    found: &Counterexample,
    session: &mut Option<Session>,
    options: &Options,
    policy: Policy,
) -> String {
    if session.is_none() {
        *session = Session::start(&options.policy, options.timeout).ok();
    }
    let Some(session) = session else {
        return "on this kernel: not run, nothing can be found out about it\n".to_owned();
    };
    let differ = crate::differ::Differ { policy, ..session.differ() };
    let mut examiner = Examiner::new(differ);
    let test = found.test();
    let verdict = examiner.examine(&test, None);
    let note = report::note(&test, &verdict).map(|note| format!(": {note}")).unwrap_or_default();
    let text = match verdict {
        Verdict::Agree => "does the same: the property fails here too",
        Verdict::Diverge(_) => "does something else",
        Verdict::Known(_) => "does something else, which known bugs explain",
        Verdict::Misclaim(_) => "does what the model says",
        Verdict::ModelOnly(_) | Verdict::Skip(_) => "was not asked",
        Verdict::Broken(..) => "was not asked to the end",
    };
    format!("# this kernel {text}{note}\n\n")
}

/// How far the search is, for somebody who waits.
struct Status {
    bar: ProgressBar,
    last: Instant,
}

impl Status {
    fn new() -> Self {
        Self { bar: ProgressBar::new_spinner(), last: Instant::now() }
    }

    fn tell(&mut self, progress: &Progress) {
        let is_terminal = std::io::stderr().is_terminal();
        let period = if is_terminal { Duration::from_millis(100) } else { PLAIN_STATUS };
        if self.last.elapsed() < period {
            return;
        }
        self.last = Instant::now();
        let Progress { states, depth, elapsed } = *progress;
        let rate = states as f64 / elapsed.as_secs_f64().max(0.001);
        let text = format!("{states} states, {depth} statements deep, {rate:.0} states/s");
        if is_terminal { self.bar.set_message(text) } else { message(text) }
    }
}
