//! Finds the parties that a text names: account ids, ARNs of IAM, organizations, services.

use super::pull_error::PullError;
use crate::ecr::{AccountId, Address, Arn, Grantee, split_words};
use crate::policy::{Policy, PrincipalKind};

/// Tells whether a text is a list of grantees and nothing else.
pub(super) fn is_list(text: &str) -> bool {
    let all = Grantee::parse_list(text);
    !all.is_empty() && all.iter().all(Result::is_ok)
}

/// Finds the parties of a text, each once. Of the error of a pull the caller counts alone, a session as its role and as
/// its account: the error does not tell the path of the role.
pub(super) fn find_grantees(text: &str, error: Option<&PullError>) -> Vec<Grantee> {
    if let Some(caller) = error.and_then(PullError::caller) {
        return of_caller(&caller);
    }
    let mut found: Vec<Grantee> = Vec::new();
    let words: Vec<&str> = split_words(text).collect();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let grouped = words.get(at..at + 3).and_then(grouped_id);
        at += if grouped.is_some() { 3 } else { 1 };
        let grantee = match grouped {
            Some(id) => Some(Grantee::Account { id, partition: None }),
            None if Address::of_word(word).is_some() => None,
            None => of_word(word),
        };
        if let Some(grantee) = grantee.filter(|grantee| !found.contains(grantee)) {
            found.push(grantee);
        }
    }
    // An account beside one of its own roles says the same account twice: both are told.
    found
}

fn of_caller(caller: &Arn) -> Vec<Grantee> {
    match Grantee::parse(&caller.to_string()) {
        Ok(session @ Grantee::Session(_)) => {
            let role = session.role_of_session().map(Grantee::Role);
            let account = caller.account_id().map(|id| Grantee::Account { id, partition: caller.known_partition() });
            role.into_iter().chain(account).collect()
        }
        Ok(grantee) => vec![grantee],
        Err(_) => Vec::new(),
    }
}

/// Reads `1111 1111 1111`, three words.
fn grouped_id(words: &[&str]) -> Option<AccountId> {
    let last = words.len().checked_sub(1)?;
    let is_group = |(at, word): (usize, &&str)| {
        let word = if at == last { word.trim_end_matches(['.', ':', '!', '?']) } else { word };
        word.len() == 4 && word.bytes().all(|b| b.is_ascii_digit())
    };
    let joined = words.concat();
    words
        .iter()
        .enumerate()
        .all(is_group)
        .then(|| AccountId::parse(joined.trim_end_matches(['.', ':', '!', '?'])).ok())?
}

/// Reads one word: `111111111111`, `id=1111-1111-1111`, the ARN of a role. A number behind `#` or `+` is none of an
/// account.
fn of_word(word: &str) -> Option<Grantee> {
    if word.starts_with(['#', '+']) {
        return None;
    }
    let word =
        word.trim_start_matches(['[', '{', '*', '_']).trim_end_matches(['.', ':', '!', '?', '…', ']', '}', '*', '_']);
    let bare = word.split_once('=').map_or(word, |(_, value)| value);
    let bare = match bare.split_once(':') {
        Some((label, rest)) if label != "arn" && label.bytes().all(|b| b.is_ascii_alphabetic()) => rest,
        _ => bare,
    };
    let is_id = bare.len() >= 12 && bare.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let is_party = is_id || bare.starts_with("arn:") || bare.starts_with("o-") || bare.ends_with(".amazonaws.com");
    is_party.then(|| Grantee::parse(bare).ok())?
}

/// Returns the parties that a policy's Allow statements name, as far as they can be granted to by themselves.
pub(super) fn of_policy(text: &str) -> Vec<Grantee> {
    let Ok(policy) = Policy::read(text) else { return Vec::new() };
    let mut found: Vec<Grantee> = Vec::new();
    let allows = policy.statements.iter().filter(|s| s.effect == crate::policy::Effect::Allow && !s.principals.negated);
    for principal in allows.flat_map(|statement| &statement.principals.entries) {
        let grantee = match principal.kind {
            PrincipalKind::Everyone => None,
            _ => Grantee::parse(&principal.text).ok(),
        };
        if let Some(grantee) = grantee.filter(|grantee| !found.contains(grantee)) {
            found.push(grantee);
        }
    }
    found
}
