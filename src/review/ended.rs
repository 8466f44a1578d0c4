//! Finds access that has ended by the time of a review, and access that ends soon. Access that goes on by another statement
//! is no end.

use super::finding::{ENDED_ACCESS, ENDING_ACCESS, ReviewFinding};
use super::grantee_access::GranteeAccess;
use crate::ecr::AccessEnd;

/// The time before an end in which it is told as a finding, in seconds: two weeks.
const SOON: i64 = 14 * DAY;
const DAY: i64 = 24 * 60 * 60;

/// Tells of each access that has ended: the statement stays until somebody takes it out.
pub(super) fn ended_findings(ended: &[GranteeAccess], present: &[GranteeAccess]) -> Vec<ReviewFinding> {
    let finding = |access: &GranteeAccess| {
        let when = access.end().map(|end| format!(" on {}", end.words())).unwrap_or_default();
        let goes_on = access.continuing_statements(present).map(|numbers| still_words(&numbers)).unwrap_or_default();
        let message = format!("the access of {} ended{when}{goes_on}", access.party_words());
        let finding = ReviewFinding::of_rule(&ENDED_ACCESS, message, access.statements.first().copied());
        ReviewFinding { grantee: Some(access.who.id()), ..finding }
    };
    ended.iter().map(finding).collect()
}

/// Tells of each access that ends within two weeks from `now`, in seconds since 1970.
pub(super) fn ending_findings(present: &[GranteeAccess], now: i64) -> Vec<ReviewFinding> {
    let finding = |access: &GranteeAccess| {
        let end: AccessEnd = access.end().filter(|end| end.seconds() - now <= SOON)?;
        if access.continuing_statements(present).is_some() {
            return None;
        }
        let left = remaining_words(end, now);
        let message = format!("the access of {} ends on {}: {left}", access.party_words(), end.words());
        let finding = ReviewFinding::of_rule(&ENDING_ACCESS, message, access.statements.first().copied());
        Some(ReviewFinding { grantee: Some(access.who.id()), ..finding })
    };
    present.iter().filter_map(finding).collect()
}

/// Returns how long it is from `now` to an end, or since it, in words.
pub(super) fn remaining_words(end: AccessEnd, now: i64) -> String {
    let left = end.seconds() - now;
    let days = |count: i64| if count == 1 { "1 day".to_owned() } else { format!("{count} days") };
    match left.abs() / DAY {
        0 if left <= 0 => "ended less than a day ago".to_owned(),
        0 => "less than a day left".to_owned(),
        count if left <= 0 => format!("ended {} ago", days(count)),
        count => format!("{} left", days(count)),
    }
}

fn still_words(statements: &[usize]) -> String {
    let numbers: Vec<String> = statements.iter().map(usize::to_string).collect();
    let word = if numbers.len() == 1 { "statement" } else { "statements" };
    format!("; it goes on by {word} {}", numbers.join(", "))
}
