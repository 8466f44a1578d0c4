//! Checks of what a statement means for the owner.

use std::cmp::Reverse;

use super::condition::{SOURCES, Test, keeps_out};
use super::principals::puller_instead;
use super::{Sink, Subject, Written};
use crate::access::{AccessRow, Class, Who, leaves_nobody};
use crate::ecr::text::make_visible;
use crate::ecr::{AccountId, ActionInfo, Arn, Risk, action};
use crate::model::Wanted;
use crate::model::WantedPrincipals;
use crate::model::actions::pattern_fits;
use crate::model::document::{Effect, Statement, is_lambdas_own};
use crate::model::principal::PrincipalKind;
use crate::syntax::Span;

fn allow_statement<'a>(statement: &'a Written) -> Option<&'a Statement> {
    statement.model.as_ref().filter(|m| m.effect == Effect::Allow)
}

/// The rows that a statement has a part in, Denies of the whole policy considered.
fn access_rows<'a>(subject: &'a Subject, statement: &Written) -> impl Iterator<Item = &'a AccessRow> {
    let at = statement.readable;
    subject.table().rows.iter().filter(move |r| at.is_some_and(|at| r.statements.contains(&at)))
}

/// The principal that says everyone, or the whole element.
fn everyone_span(model: &Statement) -> Span {
    let everyone = model.principals.entries.iter().find(|p| p.kind == PrincipalKind::Everyone);
    everyone.map_or(model.principals.span, |p| p.span)
}

/// Tells whether a statement names everyone.
pub(super) fn names_everyone(model: &Statement) -> bool {
    !model.principals.negated && model.principals.entries.iter().any(|p| p.kind == PrincipalKind::Everyone)
}

/// Tells whether an Allow lets everyone in, with every Deny of the policy around it.
pub(super) fn is_public(subject: &Subject, statement: &Written) -> bool {
    if allow_statement(statement).is_none_or(|m| !names_everyone(m)) {
        return false;
    }
    let alone = statement.readable.and_then(|at| subject.table().of_statements.get(at));
    alone == Some(&Class::Public)
}

pub(super) fn check_public(subject: &Subject, statement: &Written, sink: &mut Sink) {
    if let Some(model) = allow_statement(statement).filter(|m| m.conditions.is_empty())
        && is_public(subject, statement)
    {
        sink.report(everyone_span(model), "public: everyone with an AWS account has this access");
    }
}

pub(super) fn allow_with_not_principal(_: &Subject, statement: &Written, sink: &mut Sink) {
    if let Some(model) = allow_statement(statement).filter(|m| m.principals.negated) {
        sink.report(model.principals.span, "public: an Allow with `NotPrincipal` gives to everyone but these");
    }
}

pub(super) fn open_service(_: &Subject, statement: &Written, sink: &mut Sink) {
    let Some(model) = allow_statement(statement) else { return };
    let of_source: Vec<&Test> = statement.tests.iter().filter(|t| t.is_on(SOURCES)).collect();
    if of_source.iter().any(|t| t.does.is_none() || keeps_out(statement, t)) {
        return;
    }
    let lacking = match of_source.first() {
        Some(test) => format!("whose `{}` keeps no account out", make_visible(&test.member.key.text)),
        None => "without aws:SourceArn or aws:SourceAccount".to_owned(),
    };
    for principal in &model.principals.entries {
        // Where another one pulls, a condition would help nobody: W221 says who does.
        if let PrincipalKind::Service(name) = &principal.kind
            && puller_instead(name).is_none()
        {
            sink.report(principal.span, format!("{} {lacking}", make_visible(name)));
        }
    }
}

pub(super) fn check_takeover(subject: &Subject, statement: &Written, sink: &mut Sink) {
    let Some(model) = allow_statement(statement).filter(|m| !is_lambdas_own(m, subject.options.owner.as_ref())) else {
        return;
    };
    let owner = subject.options.owner.as_ref();
    let mut told: Vec<Who> = Vec::new();
    for row in access_rows(subject, statement) {
        let own = match &row.who {
            Who::Account(id) => owner == Some(id),
            Who::Role(arn) | Who::User(arn) | Who::Session(arn) => {
                owner.is_some() && arn.account_id().as_ref() == owner
            }
            Who::Orphan(_) => true,
            _ => false,
        };
        let given = row.remaining().filter(|name| statement.given.contains(name));
        let mut graves: Vec<&ActionInfo> =
            given.filter_map(action::find_action).filter(|info| info.risk >= Risk::Delete).collect();
        graves.sort_by_key(|info| Reverse(info.risk));
        let (Some(first), false) = (graves.first(), own || told.contains(&row.who)) else { continue };
        let more = graves.len() - 1;
        let what =
            if more == 0 { first.name.clone() } else { format!("{} and {more} more that are grave", first.name) };
        let span = model.actions.patterns.iter().find(|p| pattern_fits(&p.value, &first.name));
        sink.report(span.map_or(model.span, |p| p.span), format!("{} may {what}", row.who.words()));
        told.push(row.who.clone());
    }
}

/// Pushing by everyone, or by all accounts of an organization. Deletion and more are told by `takeover`.
pub(super) fn wide_push(subject: &Subject, statement: &Written, sink: &mut Sink) {
    let Some(model) = allow_statement(statement) else { return };
    let mut told: Vec<Who> = Vec::new();
    for row in access_rows(subject, statement) {
        let wide = matches!(row.who, Who::Everyone | Who::Organization(_) | Who::OrgUnit(_));
        if !wide || told.contains(&row.who) {
            continue;
        }
        let pushes = |name: &&str| {
            action::find_action(name).is_some_and(|info| info.risk == Risk::Push) && statement.given.contains(name)
        };
        let Some(name) = row.remaining().find(pushes) else { continue };
        let span = model.actions.patterns.iter().find(|p| pattern_fits(&p.value, name)).map_or(model.span, |p| p.span);
        sink.report(span, format!("{} may {name}: anybody there can put images in", row.who.words()));
        told.push(row.who.clone());
    }
}

pub(super) fn allow_with_not_action(_: &Subject, statement: &Written, sink: &mut Sink) {
    let negated = allow_statement(statement).is_some_and(|m| m.actions.negated);
    if let Some(member) = statement.node.get("NotAction").filter(|_| negated) {
        sink.report(
            member.key.span,
            "an Allow with `NotAction` gives everything else, the policy and deletion included",
        );
    }
}

/// A Deny that takes `ecr:SetRepositoryPolicy` from everybody in the owner's account, whatever the request. One that
/// somebody there gets around, as by an address, is left alone.
pub(super) fn lock_out(subject: &Subject, statement: &Written, sink: &mut Sink) {
    let Some(model) = statement.model.as_ref().filter(|m| m.effect == Effect::Deny) else { return };
    let owner = subject.options.owner.as_ref();
    let ours = |k: &PrincipalKind| owner.is_some() && k.account().as_ref() == owner;
    let whole =
        |k: &PrincipalKind| *k == PrincipalKind::Everyone || (matches!(k, PrincipalKind::Account(..)) && ours(k));
    let mut who = model.principals.entries.iter().map(|p| &p.kind);
    let reached = if model.principals.negated {
        owner.is_some() && !who.any(|k| *k == PrincipalKind::Everyone || ours(k))
    } else {
        who.any(whole)
    };
    let takes = statement.given.contains("SetRepositoryPolicy");
    // Without an owner only what hits every account is told.
    let told_of_all =
        owner.is_some() || model.conditions.iter().all(|c| c.key.eq_ignore_ascii_case("aws:SecureTransport"));
    let Some(account) = owner.cloned().or_else(|| AccountId::parse("000000000000").ok()) else { return };
    if !(reached && takes && told_of_all) {
        return;
    }
    if takes_all(subject, model, &Arn::account_root(subject.options.home_partition(), &account)) {
        let pattern = model.actions.patterns.iter().find(|p| pattern_fits(&p.value, "SetRepositoryPolicy"));
        let span = pattern.map_or_else(|| statement.node.opening_bracket(), |p| p.span);
        sink.report(span, "this Deny shuts the owner's own account out of the policy");
    }
}

/// Tells whether a Deny takes `ecr:SetRepositoryPolicy` from everybody in an account that an Allow would give it to.
fn takes_all(subject: &Subject, deny: &Statement, account: &Arn) -> bool {
    let own = Wanted {
        sid: String::new(),
        principals: WantedPrincipals::Aws(vec![account.to_string()]),
        actions: vec!["ecr:SetRepositoryPolicy".to_owned()],
        conditions: Vec::new(),
    };
    let owner = account.account_id();
    leaves_nobody(own.as_statement(), deny.clone(), owner.as_ref(), subject.steps_behind_table())
}
