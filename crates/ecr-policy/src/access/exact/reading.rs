//! Replaces the variables of a value, once it is chosen which keys are there.

use super::super::fresh::Fresh;
use super::super::rules::Cond;
use super::grammar::{ACCOUNT, ARN, BEFORE_NAME, CallerKind, NAME};
use super::pattern::{Pattern, PatternToken, Sign, pattern_of, written};
use super::problem::{ProblemPiece, View};
use crate::condition::{Family, ValuePart, is_multivalued, parts};

/// The presence of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Status {
    Absent,
    Empty,
    Fixed(String),
    /// A word that is looked for.
    Word,
    /// A value that stands in an order.
    Row,
}

/// A value after its variables were replaced.
pub(super) enum ReadValue {
    /// A variable has no value: it matches nothing.
    Dropped,
    Pattern(Pattern),
    /// A pattern of other fields than those of the key.
    Fields(View, Pattern),
    /// Just the text of another key.
    Equal(View),
    Open(Vec<ProblemPiece>),
    /// Something of it cannot be told.
    Unknown,
}

/// Replaces the variables of a value as far as their keys are known.
pub(super) fn filled(
    cond: &Cond,
    value: &str,
    status: &dyn Fn(&str) -> Status,
    view_of: &dyn Fn(&str) -> Option<View>,
    kind: CallerKind,
    fresh: &Fresh,
) -> ReadValue {
    let Some(parts) = parts(value) else {
        // What has not the form of a variable stands for itself.
        return ReadValue::Pattern(cond.pattern(&written(value)));
    };
    if cond.family() == Some(Family::Arn) && value == "*" {
        return ReadValue::Pattern(cond.pattern(&written(value)));
    }
    let mut pieces: Vec<ProblemPiece> = Vec::new();
    for part in parts {
        let exact =
            |text: &str| text.chars().map(|c| ProblemPiece::Sign(Sign::Exact(c))).collect::<Vec<ProblemPiece>>();
        match part {
            ValuePart::Written(text) => pieces.extend(written(text).into_iter().map(ProblemPiece::Sign)),
            ValuePart::Exact(text) => pieces.extend(exact(text)),
            ValuePart::Key(key, default) => {
                let status = if is_multivalued(&key) { Status::Absent } else { status(&key) };
                match (status, default) {
                    (Status::Fixed(text), _) => pieces.extend(exact(&text)),
                    (Status::Absent | Status::Empty, Some(text)) => pieces.extend(exact(text)),
                    (Status::Absent | Status::Empty, None) => return ReadValue::Dropped,
                    (Status::Word, _) => match view_of(&key) {
                        Some(view) => pieces.push(ProblemPiece::Variable(view)),
                        None => return ReadValue::Unknown,
                    },
                    (Status::Row, _) => return ReadValue::Unknown,
                }
            }
        }
    }
    if let [ProblemPiece::Variable(view)] = pieces.as_slice() {
        return ReadValue::Equal(*view);
    }
    let signs: Option<Vec<Sign>> =
        pieces.iter().map(|p| if let ProblemPiece::Sign(s) = p { Some(*s) } else { None }).collect();
    if let Some(signs) = signs {
        return ReadValue::Pattern(cond.pattern(&signs));
    }
    of_caller(cond, &pieces, view_of, kind, fresh).unwrap_or(ReadValue::Open(pieces))
}

/// A pattern of the caller's ARN with the caller's own account or name in it, as a pattern without them.
fn of_caller(
    cond: &Cond,
    pieces: &[ProblemPiece],
    view_of: &dyn Fn(&str) -> Option<View>,
    kind: CallerKind,
    fresh: &Fresh,
) -> Option<ReadValue> {
    let arn = view_of("aws:principalarn").filter(|view| cond.key == "aws:principalarn" && view.fields == ARN)?;
    // The name is the end of the ARN: the rest of the ARN is then held against the rest of the pattern.
    let (pieces, reads) = match pieces.split_last() {
        Some((ProblemPiece::Variable(view), rest))
            if view.cell == arn.cell && view.fields == NAME && kind == CallerKind::User =>
        {
            (rest, View { cell: arn.cell, fields: BEFORE_NAME })
        }
        _ => (pieces, arn),
    };
    let begin = format!("arn:{}:iam::", fresh.partition.as_str()).len();
    let mut signs: Vec<Sign> = Vec::new();
    let mut accounts: Vec<usize> = Vec::new();
    for piece in pieces {
        match piece {
            ProblemPiece::Sign(sign) => signs.push(*sign),
            ProblemPiece::Variable(view) if view.cell == arn.cell && view.fields == ACCOUNT => {
                let before = &signs;
                let is_at_field = before.iter().filter(|s| matches!(s, Sign::Written(':') | Sign::Exact(':'))).count()
                    == 4
                    && before.last().is_some_and(|s| matches!(s, Sign::Written(':') | Sign::Exact(':')));
                let is_at_place = before.len() == begin && !before.contains(&Sign::Written('*'));
                let is_there = if cond.family() == Some(Family::Arn) { is_at_field } else { is_at_place };
                if !is_there || !accounts.is_empty() {
                    return None;
                }
                accounts.push(signs.len());
                // Whatever stands there is the account.
                signs.extend([Sign::Exact('\0'); 12]);
            }
            ProblemPiece::Variable(_) => return None,
        }
    }
    let pattern = pattern_of(cond.family(), &signs);
    let pattern = pattern
        .into_iter()
        .map(|token| if token == PatternToken::Char('\0') { PatternToken::OneInField } else { token });
    Some(ReadValue::Fields(reads, pattern.collect()))
}
