//! `mapspec explore --serve`: stateright's Explorer shows worlds, and ends by a signal.

mod common;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use common::{MAPSPEC, assert_exit, mapspec, processes_with};

const ALPHABET: &str = "private";
const PATIENCE: Duration = Duration::from_secs(60);
const SIGTERM: i32 = 15;

/// The Explorer, which is gone whatever becomes of the test.
struct Explorer(Child);

impl Drop for Explorer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What is at this path.
fn fetch(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{path}: {answer}");
    answer
}

#[test]
fn the_explorer_shows_worlds_and_ends_by_a_signal() {
    let marker = format!("MAPSPEC_SERVE_TEST={}", std::process::id());
    let (name, value) = marker.split_once('=').unwrap();
    let mut command = Command::new(MAPSPEC);
    command.args(["explore", ALPHABET, "--policy", "linux-6.18", "--serve", "0"]);
    let child = command.env(name, value).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let mut explorer = Explorer(child.unwrap());
    let mut line = String::new();
    BufReader::new(explorer.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().split_once("the Explorer is at http://").expect(&line).1.to_owned();
    assert!(address.starts_with("127.0.0.1:"), "{address}");
    await_listener(&address);

    assert!(fetch(&address, "/").contains("<html"));
    assert!(fetch(&address, "/.status").contains("copy-on-write-is-invisible"));
    // The path is that of the steps' places: 0 is the start, 0/0 what the first statement leads to.
    let steps = fetch(&address, "/.states/0");
    assert!(steps.contains(r#""action":"A: mmap(@0, 1p, rw, private|anon)""#), "{steps}");
    assert!(steps.contains(r#""state":"A:\n  @0 r|w private\n""#), "{steps}");
    assert!(fetch(&address, "/.states/0/0").contains("@0 r|w private, zero page"));

    let process = explorer.0.id().to_string();
    assert!(Command::new("kill").arg(&process).status().unwrap().success());
    assert_eq!(explorer.0.wait().unwrap().signal(), Some(SIGTERM));
    assert!(processes_with(&marker).is_empty());
    TcpStream::connect(&address).unwrap_err();
}

/// The port is known before it is listened at.
fn await_listener(address: &str) {
    let begin = Instant::now();
    while TcpStream::connect(address).is_err() {
        assert!(begin.elapsed() < PATIENCE, "nobody listens at {address}");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn the_explorer_shows_one_configuration() {
    assert_exit(&mapspec(&["explore", "--serve", "0", "--policy", "linux-6.18"]), 2);
}
