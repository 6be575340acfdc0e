//! The arguments of a call, taken one after the other.

use mapspec_model::flags::Flags;
use mapspec_model::op::{Actor, Address, Cells, Name, Protection};
use pest::iterators::Pair;

use super::diagnostic::Diagnostic;
use super::parse::{Rule, actor, address, name, range};
use super::value::{cells_of_pages, choice, named};

type Result<T> = std::result::Result<T, Diagnostic>;

/// Takes the arguments of one call; each method says what it expects.
pub struct Arguments<'i> {
    call: Pair<'i, Rule>,
    rest: std::vec::IntoIter<Pair<'i, Rule>>,
}

impl<'i> Arguments<'i> {
    /// The arguments of this call.
    pub fn new(call: Pair<'i, Rule>) -> Self {
        let arguments = call.clone().into_inner().filter(|it| it.as_rule() == Rule::argument);
        let rest = arguments.collect::<Vec<_>>().into_iter();
        Self { call, rest }
    }

    fn next(&mut self, expected: &str) -> Result<Pair<'i, Rule>> {
        let argument = self.rest.next().and_then(|argument| argument.into_inner().next());
        argument.ok_or_else(|| {
            let end = self.call.as_span().end();
            Diagnostic::new(end - 1..end, "an argument is missing", expected)
        })
    }

    fn take<T>(
        &mut self,
        expected: &str,
        read: impl Fn(&Pair<'i, Rule>) -> Option<T>,
    ) -> Result<T> {
        let argument = self.next(expected)?;
        read(&argument).ok_or_else(|| {
            let message = format!("`{}` does not fit here", argument.as_str());
            Diagnostic::new(range(&argument), message, expected)
        })
    }

    /// A place in the arena, `@2` or `@2.5`.
    pub fn address(&mut self) -> Result<Address> {
        self.take("a place in the arena, like @2 or @2.5", |it| {
            address(it).filter(|_| it.as_str().starts_with('@'))
        })
    }

    /// A place in another process's arena, `B@2`.
    pub fn place(&mut self) -> Result<(Actor, Address)> {
        self.take("a place of a process, like B@2", |it| {
            Some((actor(it.as_str().split('@').next()?)?, address(it)?))
        })
    }

    /// A length or an offset, `2p` or `0.5p`.
    pub fn length(&mut self) -> Result<Cells> {
        self.take("a number of pages, like 2p or 0.5p, at most 127.5p", |it| {
            (it.as_rule() == Rule::length)
                .then(|| cells_of_pages(it.as_str().strip_suffix('p')?))?
        })
    }

    /// A value of a cell.
    pub fn value(&mut self) -> Result<u8> {
        self.take("a value from 0 to 255", |it| it.as_str().parse().ok())
    }

    /// A descriptor.
    pub fn name(&mut self) -> Result<Name> {
        self.take("a descriptor: f, g, h or i", |it| name(it.as_str()))
    }

    /// A descriptor, or `none`.
    pub fn name_or_none(&mut self) -> Result<Option<Name>> {
        self.take("a descriptor: f, g, h or i, or none", |it| match it.as_str() {
            "none" => Some(None),
            text => name(text).map(Some),
        })
    }

    /// A process.
    pub fn actor(&mut self) -> Result<Actor> {
        self.take("a process: A, B or C", |it| actor(it.as_str()))
    }

    /// A protection, `rw` or `none`.
    pub fn protection(&mut self) -> Result<Protection> {
        self.take("a protection: letters of rwx, or none", |it| {
            let mut letters = it.as_str().chars().filter(|_| it.as_str() != "none");
            letters.try_fold(Protection::EMPTY, |all, letter| {
                Some(all | named(Protection::NAMED, &letter.to_string())?)
            })
        })
    }

    /// One of several named values.
    pub fn one_of<T: Copy>(&mut self, names: &[(&str, T)]) -> Result<T> {
        self.take(&choice(names), |it| named(names, it.as_str()))
    }

    /// A set of flags, `private|anon`.
    pub fn flags<F: Flags>(&mut self) -> Result<F> {
        self.take(&format!("{} (joined by |), or none", choice(F::NAMED)), |it| flags(it))
    }

    /// A set of flags, which may be left out.
    pub fn optional_flags<F: Flags>(&mut self) -> Result<F> {
        if self.is_at_end() { Ok(F::NONE) } else { self.flags() }
    }

    /// Whether no argument is left.
    pub fn is_at_end(&self) -> bool {
        self.rest.as_slice().is_empty()
    }

    /// No argument must be left.
    pub fn end(mut self) -> Result<()> {
        match self.rest.next() {
            None => Ok(()),
            Some(extra) => Err(Diagnostic::new(range(&extra), "an argument too many", "`)`")),
        }
    }
}

/// A set of flags; `none` is the empty one.
pub fn flags<F: Flags>(words: &Pair<'_, Rule>) -> Option<F> {
    if words.as_rule() != Rule::words {
        return None;
    }
    if words.as_str() == "none" && named(F::NAMED, "none").is_none() {
        return Some(F::NONE);
    }
    words
        .clone()
        .into_inner()
        .try_fold(F::NONE, |all, word| Some(all.and(named(F::NAMED, word.as_str())?)))
}
