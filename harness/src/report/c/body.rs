//! The program: what each process does, in its order.

mod held;
mod waiting;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use mapspec_model::memory::Cow;
use mapspec_model::op::{Actor, Argument, Name, Op, Statement};
use mapspec_model::outcome::Outcome;
use mapspec_model::world::File;
use mapspec_model::{PAGES, World, step};

use super::comment;
use super::expectation::{Force, outcome_comment, statement};
use super::expression::{Expression, Worth, expression};
use super::pins::Means;
use super::processes::{Family, Who, has_orphans};
use super::userfault::wakes;
use super::value::variable;
use super::{Inexpressible, Repro};

/// The C of a program but for helper functions and headers.
#[derive(Clone, Debug, Default)]
pub struct Body {
    /// The processes and their pipes, before the helper functions.
    pub pipes: String,
    /// The functions of the processes, before `main`.
    pub functions: String,
    /// What `main` does, without the preparations.
    pub main: Vec<String>,
    /// Whether there are several processes.
    pub is_several: bool,
    /// Whether files must be kept from growing past the model's bounds.
    pub limits_file_size: bool,
    /// Whether only root can run it.
    pub needs_root: bool,
    /// Whether forks may wait for a userfaultfd's handler.
    pub forks_wait: bool,
    /// Whether a process may outlive its parent.
    pub has_orphans: bool,
    /// The process that `main` is, in words of the program.
    pub first: String,
}

/// Writes the statements, one after the other, into the functions of their processes.
struct Writer<'a> {
    repro: &'a Repro<'a>,
    family: Family,
    /// The function that each process is in.
    current: BTreeMap<Who, usize>,
    functions: Vec<(String, Vec<String>)>,
    turn: Who,
    world: World<Cow>,
}

/// Writes a program.
///
/// # Errors
/// A statement has no C.
pub fn body(repro: &Repro<'_>) -> Result<Body, Inexpressible> {
    let family = Family::of(repro.program);
    let turn = family.first();
    let mut writer = Writer {
        repro,
        current: BTreeMap::from([(turn, 0)]),
        functions: vec![("main".to_owned(), Vec::new())],
        turn,
        family,
        world: World::new(),
    };
    writer.write()?;
    let Writer { family, mut functions, .. } = writer;
    let main = functions.remove(0).1;
    Ok(Body {
        pipes: pipes(&family),
        functions: functions.iter().rev().map(|(name, lines)| function(name, lines)).collect(),
        main,
        is_several: family.is_several(),
        limits_file_size: repro.program.iter().any(|it| reaches_the_limit(&it.op)),
        needs_root: repro.needs_root(),
        forks_wait: repro.program.iter().zip(repro.expected).any(|(statement, outcome)| {
            matches!(statement.op, Op::Fork { .. }) && *outcome == Outcome::Blocked
        }),
        has_orphans: has_orphans(repro.program),
        first: family.first().to_string(),
    })
}

impl Writer<'_> {
    fn write(&mut self) -> Result<(), Inexpressible> {
        if self.turn == Who::Parent {
            self.start(Actor::A);
        }
        for place in 0..self.repro.program.len() {
            let Statement { actor, op } = self.repro.program[place];
            self.give_turn(Who::Actor(actor));
            let own = self.repro.test.lines.get(place).filter(|line| line.statement.op == op);
            for line in own.map(|line| comment::beside(&line.comments)).unwrap_or_default() {
                self.line(line);
            }
            let held = self.held(actor);
            let inexpressible = |why| Inexpressible { statement: Statement { actor, op }, why };
            if self.repro.expected[place] == Outcome::BeyondBounds {
                return Err(inexpressible("leaves the model's bounds"));
            }
            match op {
                Op::Fork { child } => self.fork(place, child, &held).map_err(inexpressible)?,
                Op::Exit {} => {
                    self.release(&held, |means| means != Means::Pipe);
                    self.exit();
                }
                _ => self.statement(place).map_err(inexpressible)?,
            }
            let waiting = self.waiting();
            step(&mut self.world, actor, &op, self.repro.policy);
            for (who, _) in waiting.iter().filter(|(_, waiting)| wakes(&op, waiting)) {
                self.give_turn(*who);
                self.line("still_waits();");
            }
            if let Some((name, means)) = Means::made(&op) {
                let is_made = self.held(actor).contains(&(name, means));
                let old: Vec<_> = held.into_iter().filter(|(it, _)| *it == name).collect();
                self.release(&old, |old| is_made && old != means);
            }
        }
        self.give_turn(self.family.first());
        self.line(if self.family.is_several() {
            "finish(AS_SPECIFIED);"
        } else {
            "return AS_SPECIFIED;"
        });
        Ok(())
    }

    fn line(&mut self, line: impl Into<String>) {
        let place = self.current.get(&self.turn).copied().unwrap_or(0);
        self.functions[place].1.push(line.into());
    }

    fn give_turn(&mut self, next: Who) {
        if next != self.turn {
            let own = self.turn;
            self.line(format!("give_turn({next});"));
            self.line(format!("wait_for_turn({own});"));
            self.turn = next;
        }
    }

    fn start(&mut self, child: Actor) {
        let who = Who::Actor(child);
        let lives = self.functions.iter().filter(|(name, _)| name.starts_with(&who.function()));
        let name = match lives.count() {
            0 => who.function(),
            lives => format!("{}_{}", who.function(), lives + 1),
        };
        let start = if knows_processes(self.repro.program) {
            "start_known_process"
        } else {
            "start_process"
        };
        self.line(format!("{start}({child:?}, {name});"));
        self.current.insert(who, self.functions.len());
        self.functions.push((name, Vec::new()));
        self.family.fork(self.turn, who);
    }

    fn exit(&mut self) {
        let waits = self.family.exit(self.turn);
        self.line(format!("give_turn({waits});"));
        self.line("_exit(AS_SPECIFIED);");
        self.turn = waits;
        self.line("wait_for_end();");
    }

    fn statement(&mut self, place: usize) -> Result<(), &'static str> {
        let Statement { actor, op } = self.repro.program[place];
        let outcome = self.repro.expected[place];
        let means = |name| self.means(place, name);
        let written = expression(&self.repro.program[place], self.repro.faults(), means)?;
        let Some(expression) = written else { return Ok(()) };
        let seen = self.repro.seen.filter(|_| place + 1 == self.repro.program.len());
        if let Some((seen, kernel)) = seen {
            self.line(format!("/* {kernel} comes to {} here. */", outcome_comment(&op, seen)));
        }
        let force = self.force(place);
        let is_seen_to_wait = seen.is_some_and(|(seen, _)| seen == Outcome::Blocked);
        if op == (Op::Resume {}) && outcome == Outcome::Blocked {
            let expression = Expression::new("still_waits()".to_owned());
            self.write_if_any(statement(&op, &expression, Outcome::Value(1), force));
            return Ok(());
        }
        if outcome == Outcome::Blocked || is_seen_to_wait && op != (Op::Resume {}) {
            let Expression { text, worth } = expression;
            let result = if worth == Worth::Nothing { "" } else { "waiter.result = " };
            self.in_a_thread(place, |writer| writer.line(format!("{result}{text};")));
            return Ok(());
        }
        match bound(&op).filter(|_| outcome == Outcome::Success) {
            Some(name) => self.bind(actor, name, &expression, force),
            None => self.write_if_any(statement(&op, &expression, outcome, force)),
        }
        if let Op::Close { file } = op
            && outcome == Outcome::Success
            && self.repro.program[place + 1..].iter().any(|it| mentions(&it.op, file))
        {
            self.line(format!("{} = -1;", variable(file)));
        }
        Ok(())
    }

    fn write_if_any(&mut self, statement: Option<String>) {
        if let Some(line) = statement {
            self.line(line);
        }
    }

    fn force(&self, place: usize) -> Force {
        if self.repro.lenient && self.is_choice(place) { Force::May } else { Force::Must }
    }

    /// A new descriptor gets its name; what the name held is closed.
    fn bind(&mut self, actor: Actor, name: Name, expression: &Expression, force: Force) {
        debug_assert_eq!(expression.worth, Worth::Descriptor);
        let (variable, call) = (variable(name), &expression.text);
        let process = self.world.alive(actor).map(|process| &self.world.processes[process]);
        let is_held = process.is_some_and(|process| process.descriptor(name).is_some());
        let new = match force {
            Force::Must => format!("{variable} = EXPECT_DESCRIPTOR({call});"),
            Force::May => format!("ASSUME(({variable} = {call}) >= 0, 1);"),
        };
        if is_held {
            self.line("{");
            self.line(format!("\tint old = {variable};"));
            self.line("");
            self.line(format!("\t{new}"));
            self.line("\tclose(old);");
            self.line("}");
        } else {
            self.line(new);
        }
    }

    /// Whether the test says that kernels differ in this statement.
    fn is_choice(&self, place: usize) -> bool {
        let line = self.repro.test.lines.get(place);
        let expectation = line.and_then(|line| line.expectation.as_ref());
        expectation.is_some_and(|it| it.alternatives.iter().any(|(_, when)| when.is_some()))
    }
}

/// The descriptor that an operation makes.
fn bound(op: &Op) -> Option<Name> {
    op.arguments().find_map(|(field, argument)| match argument {
        Argument::Name(name) if field.name == "name" => Some(name),
        _ => None,
    })
}

fn mentions(op: &Op, name: Name) -> bool {
    op.arguments().any(|(_, argument)| {
        argument == Argument::Name(name) || argument == Argument::OptionalName(Some(name))
    })
}

/// Whether some statement speaks of a place of another process.
fn knows_processes(program: &[Statement]) -> bool {
    program.iter().any(|Statement { actor, op }| {
        op.arguments().any(|(_, it)| matches!(it, Argument::Remote(it) if it.process != *actor))
    })
}

/// Whether an operation on a file reaches past the largest size that the model has.
fn reaches_the_limit(op: &Op) -> bool {
    let lengths = op.arguments().map(|(_, argument)| match argument {
        Argument::Cells(cells) => u32::from(cells.0),
        _ => 0,
    });
    let has_file = op.arguments().any(|(_, argument)| matches!(argument, Argument::Name(_)));
    has_file && lengths.sum::<u32>() > u32::from(File::SIZE_LIMIT.0)
}

fn pipes(family: &Family) -> String {
    let mut text = String::new();
    if family.is_several() {
        let names: Vec<_> = family.all.iter().map(ToString::to_string).collect();
        let _ =
            writeln!(text, "/* The processes, and the pipes through which they get their turn. */");
        let _ = writeln!(text, "enum {{ {}, PROCESSES }};", names.join(", "));
        let _ = writeln!(text, "static int turns[PROCESSES][2];");
    }
    text
}

fn function(name: &str, lines: &[String]) -> String {
    format!("static void {name}(void)\n{{\n{}}}\n\n", indented(lines))
}

/// Lines as the body of a function.
pub fn indented(lines: &[String]) -> String {
    lines
        .iter()
        .map(|line| if line.is_empty() { "\n".to_owned() } else { format!("\t{line}\n") })
        .collect()
}

/// The pages of the area.
pub const AREA: usize = PAGES;
