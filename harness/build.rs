//! The corpus is built into the command: a new test must rebuild it.

fn main() {
    println!("cargo::rerun-if-changed=../corpus");
}
