//! Finds how long access lasts that is granted already.

use super::request::{Request, wanted_statements};
use crate::ecr::AccessEnd;
use crate::policy::edit::grant_for;
use crate::policy::{Policy, statement_end};

/// The end that access has which is granted already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasting {
    /// It has none.
    Forever,
    /// It ends then, which is no sooner than asked for.
    Until(AccessEnd),
}

/// Returns how long all of a request lasts that a text grants already and that asks for an end; none: it asks for none.
pub(super) fn how_long(stored: Option<&str>, request: &Request) -> Option<Lasting> {
    let asked = request.until?;
    let is_there = |until: Option<AccessEnd>| {
        let request = Request { until, ..request.clone() };
        let edited = grant_for(stored, &wanted_statements(&request), Some(&request.owner));
        edited.is_ok_and(|edited| !edited.changed)
    };
    if is_there(None) {
        return Some(Lasting::Forever);
    }
    let policy = stored.and_then(|text| Policy::read(text).ok());
    let mut ends: Vec<AccessEnd> =
        policy.iter().flat_map(|policy| &policy.statements).filter_map(statement_end).collect();
    ends.sort_unstable();
    ends.dedup();
    let longest = ends.into_iter().rev().filter(|end| *end > asked).find(|end| is_there(Some(*end)));
    Some(Lasting::Until(longest.unwrap_or(asked)))
}
