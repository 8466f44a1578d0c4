//! The decision procedure behind the search.
//!
//! `pattern` has patterns of texts, `acceptor` sets of texts as automata; `grammar` the words of fields that a request can
//! hold; `example` words that patterns spell out, `excluded` tests that exclude one another; `walk` goes through automata and words at once. `listed` has values in an
//! order. `keys` tells which keys tell of one thing, `cast` what
//! callers there are; `problem` finds words that variables tie together, `component` (with `presence`, `reading` and
//! `building`) the values of keys under which conditions hold and others do not.

mod acceptor;
mod building;
mod cast;
mod component;
mod example;
mod excluded;
mod grammar;
mod keys;
mod listed;
mod pattern;
mod places;
mod presence;
mod problem;
mod reading;
mod walk;

pub(super) use cast::{Cast, Names, Standing};
pub(super) use component::{Ask, Components, Feasible, Solution, Values};
pub(super) use grammar::{ACCOUNT, CallerKind, Word};
pub(crate) use keys::{are_together, is_of_caller};
pub(super) use pattern::{Pattern, Sign, pattern_of};
pub(super) use walk::Steps;

/// The reason why an answer could not be proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unproved {
    /// There is more to go through than the steps that are taken.
    Steps,
    /// A variable stands inside a pattern, and not all that it may stand for can be tried.
    Variable,
    /// One key is compared in ways that do not go together, such as a number with wildcards.
    Values,
}

impl Unproved {
    /// Returns why, as a clause.
    pub fn words(self) -> &'static str {
        match self {
            Self::Steps => "there are more kinds of requests than are looked at",
            Self::Variable => "a variable stands for more values than can be tried",
            Self::Values => "a condition key is compared in ways that do not go together",
        }
    }
}
