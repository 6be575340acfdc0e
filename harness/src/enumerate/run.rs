//! Runs a plan: one thread walks the sequence, others judge, the caller gets results in order.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, mpsc};

use mapspec_model::op::Statement;

use super::{Plan, walk};
use crate::differ::{Differ, Judgement};
use crate::sweep::Swept;

/// Programs that a thread takes at a time. Which programs are judged together follows from the plan
/// alone, not from the number of threads.
const PORTION: usize = 256;

/// A program to be judged.
#[derive(Clone, Debug)]
pub struct Task {
    /// Its place in the sequence.
    pub index: u64,
    /// How many operations come after the starting point.
    pub depth: usize,
    /// The starting point's name.
    pub start: &'static str,
    /// The program.
    pub program: Vec<Statement>,
}

/// A program that was judged.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The program.
    pub task: Task,
    /// The program with its sweep.
    pub swept: Swept,
    /// What came of it; `None` if it leaves the model's bounds under the policy that it was held to.
    pub judgement: Option<Judgement>,
}

/// Judges the programs of a plan with so many threads, each with a differ of its own. `take` gets
/// portions of results in the order of the sequence, whatever the number of threads.
///
/// # Errors
/// The first one of `take`; then nothing more is run.
pub fn run<E>(
    plan: &Plan,
    jobs: usize,
    differ: impl Fn() -> Differ + Sync,
    mut take: impl FnMut(Vec<Judged>) -> Result<(), E>,
) -> Result<(), E> {
    let (tasks, waiting_tasks) = mpsc::sync_channel(2 * jobs);
    let (results, waiting_results) = mpsc::channel();
    let waiting_tasks = Arc::new(Mutex::new(waiting_tasks));
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut portions = 0_usize;
            // What breaks off is that nobody judges any more.
            let _ = portions_of(plan, |portion| {
                portions += 1;
                match tasks.send((portions - 1, portion)) {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(_) => ControlFlow::Break(()),
                }
            });
        });
        for _ in 0..jobs {
            let (tasks, results) = (Arc::clone(&waiting_tasks), results.clone());
            let differ = &differ;
            scope.spawn(move || {
                let mut differ = differ();
                while let Some((number, portion)) = receive(&tasks) {
                    if results.send((number, judge(&mut differ, portion))).is_err() {
                        break;
                    }
                }
            });
        }
        // Both ends are the threads' own now: when the last one is gone, the others learn of it.
        drop((waiting_tasks, results));
        let mut early = BTreeMap::new();
        let mut next = 0;
        for (number, portion) in waiting_results {
            early.insert(number, portion);
            while let Some(portion) = early.remove(&next) {
                next += 1;
                take(portion)?;
            }
        }
        Ok(())
    })
}

fn receive<T>(tasks: &Mutex<mpsc::Receiver<T>>) -> Option<T> {
    tasks.lock().ok()?.recv().ok()
}

fn portions_of(plan: &Plan, mut send: impl FnMut(Vec<Task>) -> ControlFlow<()>) -> ControlFlow<()> {
    let mut portion = Vec::with_capacity(PORTION);
    walk(plan.depth, |program| {
        if plan.includes(program.index) {
            portion.push(Task {
                index: program.index,
                depth: program.depth,
                start: program.start,
                program: program.statements.to_vec(),
            });
        }
        if portion.len() < PORTION {
            return ControlFlow::Continue(());
        }
        send(std::mem::replace(&mut portion, Vec::with_capacity(PORTION)))
    })?;
    if portion.is_empty() { ControlFlow::Continue(()) } else { send(portion) }
}

fn judge(differ: &mut Differ, portion: Vec<Task>) -> Vec<Judged> {
    let swept: Vec<_> = portion.iter().map(|task| differ.swept(&task.program)).collect();
    let is_claimed = |task: &Task, swept: &Swept| swept.own == task.program.len();
    let both = portion.iter().zip(&swept);
    let claimed: Vec<_> =
        both.filter(|(task, swept)| is_claimed(task, swept)).map(|(_, it)| it.clone()).collect();
    let mut judgements = differ.judge_all(&claimed).into_iter();
    let judged = portion.into_iter().zip(swept).map(|(task, swept)| {
        let judgement = if is_claimed(&task, &swept) { Some(judgements.next()?) } else { None };
        Some(Judged { task, swept, judgement })
    });
    judged.map_while(|it| it).collect()
}
