//! userfaultfd(2) and its ioctls, and accesses that wait for a handler.

use mapspec_model::op::{Address, Cells, CopyMode, Handler, HandlerFlags, Modes, Op, Switch};
use mapspec_model::outcome::{Event, Fault};
use mapspec_model::world::Waiting;

use super::expression::Expression;
use super::value::{bytes, flag_table, joined, names, place};

flag_table! {
    HANDLER_FLAGS: HandlerFlags = {
        SIGBUS: "UFFD_FEATURE_SIGBUS",
        UNPOPULATED_WP: "UFFD_FEATURE_WP_UNPOPULATED",
        ASYNC_WP: "UFFD_FEATURE_WP_ASYNC",
        EXACT_ADDRESS: "UFFD_FEATURE_EXACT_ADDRESS",
        USER_MODE_ONLY: "UFFD_USER_MODE_ONLY",
        UNKNOWN: "UFFD_FLAG_UNKNOWN",
        UNKNOWN_FEATURE: "UFFD_FEATURE_UNKNOWN",
        FORK_EVENTS: "UFFD_FEATURE_EVENT_FORK",
    }
}

flag_table! {
    MODES: Modes = {
        MISSING: "UFFDIO_REGISTER_MODE_MISSING",
        WRITE_PROTECT: "UFFDIO_REGISTER_MODE_WP",
        MINOR: "UFFDIO_REGISTER_MODE_MINOR",
    }
}

flag_table! {
    COPY_MODES: CopyMode = {
        NO_WAKE: "UFFDIO_COPY_MODE_DONTWAKE",
        WRITE_PROTECT: "UFFDIO_COPY_MODE_WP",
    }
}

fn variable(handler: Handler) -> String {
    let letter = Handler::LETTERS.get(usize::from(handler.0));
    letter.map_or_else(|| "u".to_owned(), ToString::to_string)
}

pub fn make(handler: Handler, flags: HandlerFlags) -> Expression {
    let (features, flags): (Vec<_>, Vec<_>) =
        names(HANDLER_FLAGS, flags).into_iter().partition(|name| name.starts_with("UFFD_FEATURE"));
    let text = |names: Vec<&str>| if names.is_empty() { "0".to_owned() } else { names.join(" | ") };
    let (handler, flags, features) = (variable(handler), text(flags), text(features));
    Expression::new(format!("make_userfaultfd(&{handler}, {flags}, {features})"))
}

pub fn close(handler: Handler) -> Expression {
    Expression::new(format!("close_userfaultfd(&{})", variable(handler)))
}

/// A call about a range.
pub fn on_range(function: &str, handler: Handler, at: Address, length: Cells) -> Expression {
    let (handler, at, length) = (variable(handler), place(at), bytes(length));
    Expression::new(format!("{function}({handler}, {at}, {length})"))
}

pub fn register(handler: Handler, at: Address, length: Cells, modes: Modes) -> Expression {
    let (handler, at, length) = (variable(handler), place(at), bytes(length));
    let modes = joined(MODES, modes, "0");
    Expression::new(format!("register_range({handler}, {at}, {length}, {modes})"))
}

pub fn copy(handler: Handler, at: Address, value: u8, mode: CopyMode) -> Expression {
    let (handler, at, mode) = (variable(handler), place(at), joined(COPY_MODES, mode, "0"));
    Expression::new(format!("copy_page({handler}, {at}, {value}, {mode})"))
}

pub fn write_protect(handler: Handler, at: Address, length: Cells, switch: Switch) -> Expression {
    let (handler, at, length) = (variable(handler), place(at), bytes(length));
    let mode = if switch == Switch::On { "UFFDIO_WRITEPROTECT_MODE_WP" } else { "0" };
    Expression::new(format!("write_protect({handler}, {at}, {length}, {mode})"))
}

pub fn transfer(handler: Handler, to: Address, from: Address, length: Cells) -> Expression {
    let (handler, to, from, length) = (variable(handler), place(to), place(from), bytes(length));
    Expression::new(format!("move_range({handler}, {to}, {from}, {length})"))
}

pub fn event(of_child: Option<Handler>, handler: Handler) -> Expression {
    let of_child = of_child.map_or("NULL".to_owned(), |it| format!("&{}", variable(it)));
    Expression::new(format!("next_event({}, {of_child})", variable(handler)))
}

/// What an event is called in the program, and where it is.
pub fn event_text(event: Event) -> (&'static str, Option<String>) {
    match event {
        Event::None => ("NO_EVENT", None),
        Event::Fork => ("FORKED", None),
        Event::Fault(Fault::Missing, at) => ("FAULT_MISSING", Some(place(at))),
        Event::Fault(Fault::Minor, at) => ("FAULT_MINOR", Some(place(at))),
        Event::Fault(Fault::WriteProtected, at) => ("FAULT_WRITE_PROTECTED", Some(place(at))),
    }
}

/// Whether an operation may let a process go on that waits.
pub const fn wakes(op: &Op, waiting: &Waiting) -> bool {
    match op {
        Op::UffdEvent { .. } | Op::UffdFork { .. } => matches!(waiting, Waiting::ForFork { .. }),
        Op::Userfaultfd { .. }
        | Op::UffdUnregister { .. }
        | Op::UffdCopy { .. }
        | Op::UffdZeropage { .. }
        | Op::UffdContinue { .. }
        | Op::UffdWriteprotect { .. }
        | Op::UffdPoison { .. }
        | Op::UffdMove { .. }
        | Op::UffdWake { .. }
        | Op::UffdClose { .. }
        | Op::Exit {} => !matches!(waiting, Waiting::Unborn),
        _ => false,
    }
}
