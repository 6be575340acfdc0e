//! Model against kernel for whole programs: what check, fuzz, enumerate and shrink have in common.

use std::fmt;

use mapspec_model::op::{Call, MapFlags, Op, Statement};
use mapspec_model::outcome::Outcome;
use mapspec_model::policy::Policy;
use mapspec_oracle::capability::Capabilities;
use mapspec_oracle::{Broken, Isolation, Oracle, Sabotage, Target, Trace};

use crate::catalogue::{Attribution, KnownBug};
use crate::compare::first_difference;
use crate::litmus::outcome_text;
use crate::sweep::Swept;

/// What a program comes to.
#[derive(Clone, Debug)]
pub enum Judgement {
    /// The kernel does what the model says.
    Agree,
    /// It does not, and known bugs explain it.
    Known(Attribution),
    /// It does not.
    Diverge(Difference),
    /// The program was not run to its end.
    Broken(Broken),
}

/// The first statement in which the kernel is not the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The program up to that statement, which may be one of the sweep.
    pub program: Vec<Statement>,
    /// How many of the statements are the program's own.
    pub own: usize,
    /// The known bugs that have shown before: the kernel is held to what it is with them.
    pub beside: Vec<KnownBug>,
    /// The policy that describes it.
    pub policy: Policy,
    /// What the model says of each statement but the last.
    pub trace: Trace,
    /// What the model says of the last statement.
    pub model: Outcome,
    /// What the kernel did.
    pub kernel: Outcome,
    /// What it has in common with other divergences of the same cause.
    pub class: Class,
}

impl Difference {
    /// Whether it is in one of the program's own statements.
    pub const fn is_own(&self) -> bool {
        self.own == self.program.len()
    }

    /// The program without the steps of the sweep that came before the difference.
    pub fn shown(&self) -> Vec<Statement> {
        let last = self.program.len().saturating_sub(1);
        let is_shown = |place: usize| place < self.own || place == last;
        let all = self.program.iter().enumerate();
        all.filter(|(place, _)| is_shown(*place)).map(|(_, statement)| *statement).collect()
    }
}

/// What divergences of the same cause have in common: the call, and the kind of both outcomes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Class {
    /// The call.
    pub call: Call,
    /// What the model says; a value is just a value.
    pub model: String,
    /// What the kernel did.
    pub kernel: String,
}

impl Class {
    /// The class of a difference in a statement.
    pub fn new(statement: &Statement, model: Outcome, kernel: Outcome) -> Self {
        let kind = |outcome| match outcome {
            Outcome::Value(0) => "zero".to_owned(),
            Outcome::Value(_) => "value".to_owned(),
            Outcome::OneOf(..) => "one of two values".to_owned(),
            Outcome::Length(_) => "length".to_owned(),
            Outcome::Seals(_) => "seals".to_owned(),
            Outcome::Permissions(Some(_)) => "permissions".to_owned(),
            other => outcome_text(&statement.op, other),
        };
        let (model, kernel) = (kind(model), kind(kernel));
        Self { call: statement.op.call(), model, kernel }
    }

    /// The class that is displayed like this.
    pub fn parse(text: &str) -> Option<Self> {
        let (call, kinds) = text.split_once(": model ")?;
        let (model, kernel) = kinds.split_once(", kernel ")?;
        let call = Call::ALL.iter().find(|it| format!("{it:?}") == call)?;
        Some(Self { call: *call, model: model.to_owned(), kernel: kernel.to_owned() })
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: model {}, kernel {}", self.call, self.model, self.kernel)
    }
}

/// Holds the running kernel to a policy.
pub struct Differ {
    /// Runs the programs.
    pub oracle: Oracle,
    /// What the kernel is held to.
    pub policy: Policy,
    /// The divergences that are no news.
    pub known: Vec<KnownBug>,
    /// Whether physical pages can be compared.
    pub frames: bool,
    /// What else can be seen here: programs that need more are not for this kernel, or this user.
    pub capabilities: Capabilities,
}

impl Differ {
    /// The program with its sweep, and what the model says of it.
    pub fn swept(&self, program: &[Statement]) -> Swept {
        Swept::new(program, &self.policy, self.frames)
    }

    /// Why a program cannot be run here, if it cannot.
    ///
    /// # Errors
    /// The reason, and what would help.
    pub fn allow(&self, program: &[Statement]) -> Result<(), String> {
        if self.policy.has_nosigbus() {
            program.iter().try_for_each(|statement| self.allow_no_sigbus(&statement.op))?;
        }
        self.capabilities.allow(program)
    }

    /// What a policy proposes, no kernel does.
    fn allow_no_sigbus(&self, op: &Op) -> Result<(), String> {
        let Op::Mmap { flags, .. } = op else { return Ok(()) };
        match self.oracle.target {
            _ if !flags.contains(MapFlags::NO_SIGBUS) => Ok(()),
            Target::Kernel => Err("mmap: no kernel has `nosigbus`, which the policy proposes; \
                                   --target emulation has it in user space"
                .to_owned()),
            Target::Emulation
                if flags.contains(MapFlags::SHARED) && self.policy.has_shared_nosigbus() =>
            {
                Err("mmap: `nosigbus` is emulated for private mappings only".to_owned())
            }
            Target::Emulation => Ok(()),
        }
    }

    /// Judges a program in processes of its own, with something going wrong if asked for.
    pub fn judge(&mut self, swept: &Swept, sabotage: Option<Sabotage>) -> Judgement {
        let kernel = self.oracle.run_sabotaged(&swept.program, sabotage);
        self.compare(swept, kernel)
    }

    /// Judges programs in batches. What is not an agreement is judged again in isolation, and only
    /// that counts.
    pub fn judge_all(&mut self, programs: &[Swept]) -> Vec<Judgement> {
        let statements: Vec<_> = programs.iter().map(|swept| swept.program.clone()).collect();
        let results = self.oracle.run_all(&statements, Isolation::Batch);
        let judge = |(swept, result): (&Swept, Result<Trace, Broken>)| match first_difference(
            &swept.model,
            result.as_deref().unwrap_or_default(),
        ) {
            None => Judgement::Agree,
            Some(_) => self.judge(swept, None),
        };
        programs.iter().zip(results).map(judge).collect()
    }

    fn compare(&mut self, swept: &Swept, kernel: Result<Trace, Broken>) -> Judgement {
        match kernel {
            Ok(kernel) if first_difference(&swept.model, &kernel).is_none() => Judgement::Agree,
            Ok(kernel) => self.attribute(swept, &kernel),
            Err(broken) => Judgement::Broken(broken),
        }
    }

    /// In how many of so many runs, each in isolation, the program's last statement differs.
    pub fn rate(&mut self, program: &[Statement], model: Outcome, runs: u32) -> u32 {
        let differs = |_: &u32| match self.oracle.run(program) {
            Ok(kernel) => kernel.last().is_none_or(|kernel| !model.permits(*kernel)),
            Err(_) => false,
        };
        u32::try_from((0..runs).filter(differs).count()).unwrap_or(runs)
    }
}
