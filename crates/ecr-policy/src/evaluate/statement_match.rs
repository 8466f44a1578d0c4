//! Matches a request with the elements of a statement.

use super::caller::Caller;
use crate::condition::{Known, Truth, holds_noting};
use crate::ecr::Arn;
use crate::model::actions::pattern_fits;
use crate::model::document::{Actions, Effect, Principals, Statement};
use crate::model::principal::PrincipalKind;
use crate::model::principal::is_session_of;

/// One request, as far as it is known.
pub(crate) struct Asked<'a> {
    pub caller: &'a Caller,
    /// The partition of the repository, to which account ids without a partition belong.
    pub partition: &'a str,
    /// The action without `ecr:`.
    pub action: &'a str,
    /// Looks up a condition key, written in small letters.
    pub lookup: &'a dyn Fn(&str) -> Known,
}

/// The part of a statement that does not match a request, or that all parts match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// It is about somebody else.
    Principal,
    /// It is about other actions.
    Action,
    /// The condition with this index does not hold.
    Condition(usize),
    /// All parts match.
    All,
}

/// The result of holding a statement against a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Applied {
    /// Tells whether it speaks of it.
    pub truth: Truth,
    /// Tells whether only an entry for the whole account names the caller: that hands the decision to the account.
    pub account_only: bool,
    /// The first part that does not match.
    pub part: Part,
    /// The points that AWS's documentation leaves open.
    pub doubts: Vec<String>,
}

/// Tells whether a statement speaks of a request. Source: IAM user guide, policy evaluation logic and the elements'
/// pages.
pub(crate) fn applies(statement: &Statement, asked: &Asked) -> Applied {
    let mut doubts = Vec::new();
    let (meant, account_only) = is_meant(&statement.principals, asked, &mut doubts);
    let meant = if statement.principals.negated && statement.effect == Effect::Allow && meant > Truth::Unlikely {
        // Source: IAM user guide, `NotPrincipal`: with Allow it is not supported.
        doubts.push("AWS does not support NotPrincipal with Allow, and does not say what ECR makes of it".to_owned());
        meant.min(Truth::Likely)
    } else {
        meant
    };
    let acted = is_about(&statement.actions, asked.action);
    let mut part = match (meant, acted) {
        (Truth::No | Truth::Unlikely, _) => Part::Principal,
        (_, Truth::No | Truth::Unlikely) => Part::Action,
        _ => Part::All,
    };
    let mut truth = meant.min(acted);
    if truth != Truth::No {
        for (index, condition) in statement.conditions.iter().enumerate() {
            let holds = holds_noting(condition, statement.has_variables, asked.lookup, &mut doubts);
            if part == Part::All && holds < Truth::Unknown {
                part = Part::Condition(index);
            }
            truth = truth.min(holds);
        }
    }
    if !truth.is_open() {
        doubts.clear();
    }
    Applied { truth, account_only, part, doubts }
}

/// Tells whether principals name a caller under the better reading, and whether an entry for the whole account alone
/// does. `partition` is the repository's.
pub(crate) fn speaks_of(principals: &Principals, caller: &Caller, partition: &str) -> (bool, bool) {
    let asked = Asked { caller, partition, action: "", lookup: &|_| Known::Unknown };
    let (truth, account_only) = is_meant(principals, &asked, &mut Vec::new());
    (truth >= Truth::Likely, account_only)
}

/// Tells whether the actions hold this one. An empty list holds nothing: an empty `NotAction` leaves everything over.
fn is_about(actions: &Actions, action: &str) -> Truth {
    Truth::of(actions.patterns.iter().any(|p| pattern_fits(&p.value, action)) != actions.negated)
}

/// Tells whether the principals name the caller, and whether an account entry alone does.
fn is_meant(principals: &Principals, asked: &Asked, doubts: &mut Vec<String>) -> (Truth, bool) {
    if principals.negated {
        return (is_left_over(principals, asked, doubts), false);
    }
    let mut truth = Truth::No;
    let mut account = false;
    for entry in &principals.entries {
        match entry_names(&entry.kind, asked) {
            NamedBy::Directly => return (Truth::Yes, false),
            NamedBy::ByAccount => account = true,
            NamedBy::ButForCase if truth == Truth::No => {
                doubts.push(format!("AWS is not explicit about letter case in the role name of `{}`", entry.text));
                truth = Truth::Unlikely;
            }
            NamedBy::Perhaps if truth == Truth::No => {
                doubts.push(signed_in_words(&entry.text));
                truth = Truth::Unlikely;
            }
            NamedBy::ButForCase | NamedBy::Perhaps | NamedBy::Not => {}
        }
    }
    if account { (Truth::Yes, true) } else { (truth, false) }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NamedBy {
    Directly,
    /// With everybody in the account.
    ByAccount,
    /// It would be, did letter case not count.
    ButForCase,
    /// A user, who may have signed the federated user in.
    Perhaps,
    Not,
}

/// Tells whether an entry names the caller. Source: IAM user guide, AWS JSON policy elements: Principal.
fn entry_names(entry: &PrincipalKind, asked: &Asked) -> NamedBy {
    let exactly = |is: bool| if is { NamedBy::Directly } else { NamedBy::Not };
    match (entry, asked.caller) {
        (PrincipalKind::Everyone, _) => NamedBy::Directly,
        (PrincipalKind::Account(id, partition), caller) => {
            let named = partition.map_or(asked.partition, |p| p.as_str());
            let of_account = caller.arn().is_some_and(|a| a.account == id.as_str() && a.partition == named);
            if of_account { NamedBy::ByAccount } else { NamedBy::Not }
        }
        (PrincipalKind::Role(role), Caller::Role(caller)) => role_named(role, caller, role == caller),
        (PrincipalKind::Role(role), Caller::Session(session)) => {
            role_named(role, session, is_session_of(session, role))
        }
        (PrincipalKind::User(user), Caller::User(caller)) => exactly(user == caller),
        // Source: IAM user guide, session policies: what names the user counts before the session is made. The session's
        // ARN does not tell whose it is.
        (PrincipalKind::User(user), Caller::FederatedUser(caller))
            if user.account == caller.account && user.partition == caller.partition =>
        {
            NamedBy::Perhaps
        }
        (PrincipalKind::Session(session), Caller::Session(caller) | Caller::FederatedUser(caller)) => {
            exactly(session == caller)
        }
        (PrincipalKind::Service(name), Caller::Service(caller)) => exactly(name == caller),
        _ => NamedBy::Not,
    }
}

fn signed_in_words(user: &str) -> String {
    format!("AWS is not explicit about a federated user whom `{user}` may have signed in")
}

fn role_named(role: &Arn, caller: &Arn, is: bool) -> NamedBy {
    if is {
        return NamedBy::Directly;
    }
    if role.account != caller.account || role.partition != caller.partition {
        return NamedBy::Not;
    }
    let small = |arn: &Arn| Arn { resource: arn.resource.to_ascii_lowercase(), ..arn.clone() };
    if small(role) == small(caller) || is_session_of(&small(caller), &small(role)) {
        NamedBy::ButForCase
    } else {
        NamedBy::Not
    }
}

/// Tells whether `NotPrincipal` leaves the caller over, so that the statement speaks of it. It is surely spared only
/// where every level is named: the account and the user; the account and the role; the account, the role and the
/// session. Source: IAM user guide, `NotPrincipal` with Deny: naming less "might" deny.
fn is_left_over(principals: &Principals, asked: &Asked, doubts: &mut Vec<String>) -> Truth {
    let any = |test: &dyn Fn(&PrincipalKind) -> bool| principals.entries.iter().any(|p| test(&p.kind));
    if any(&|kind| *kind == PrincipalKind::Everyone) {
        return Truth::No;
    }
    let named = |kind: &PrincipalKind| entry_names(kind, asked) == NamedBy::Directly;
    let account = any(&|kind| entry_names(kind, asked) == NamedBy::ByAccount);
    let role = any(&|kind| matches!(kind, PrincipalKind::Role(_)) && named(kind));
    let own = any(&|kind| !matches!(kind, PrincipalKind::Role(_)) && named(kind));
    let levels: &[bool] = match asked.caller {
        Caller::Root(_) => &[account],
        Caller::User(_) | Caller::FederatedUser(_) => &[account, own],
        Caller::Role(_) => &[account, role],
        Caller::Session(_) => &[account, role, own],
        Caller::Service(_) => &[own],
        Caller::Anonymous => &[],
    };
    if levels.iter().any(|named| *named) {
        if levels.iter().all(|named| *named) {
            return Truth::No;
        }
        doubts.push(
            "NotPrincipal names the caller in part: AWS documents only naming the account together with the user, or with \
             the role and the session"
                .to_owned(),
        );
        return Truth::Likely;
    }
    let user = principals.entries.iter().find(|p| entry_names(&p.kind, asked) == NamedBy::Perhaps);
    if let Some(user) = user {
        doubts.push(signed_in_words(&user.text));
        return Truth::Likely;
    }
    Truth::Yes
}
