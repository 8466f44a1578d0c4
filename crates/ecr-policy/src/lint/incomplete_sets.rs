//! Checks of what belongs together: the actions of a pull, those of a push, the two statements of a function's account.

use super::{Fix, MOST_COMPARED, Sink, Subject, Written};
use crate::condition::Operator;
use crate::ecr::action::{PULL, PUSH, only_of_push};
use crate::ecr::service::LAMBDA;
use crate::ecr::text::make_visible;
use crate::ecr::{AccountId, Arn, Partition};
use crate::model::actions::pattern_fits;
use crate::model::document::{Actions, Condition, Effect, Statement, is_lambdas_own};
use crate::model::principal::PrincipalKind;
use crate::syntax::{Span, Value};
use crate::text::TextEdit;
use crate::text::layout::{Json, join_quoted};

fn allow_statement<'a>(statement: &'a Written) -> Option<&'a Statement> {
    statement.model.as_ref().filter(|m| m.effect == Effect::Allow && !m.actions.negated && !m.principals.negated)
}

fn has_action(actions: &Actions, name: &str) -> bool {
    actions.patterns.iter().any(|p| pattern_fits(&p.value, name)) != actions.negated
}

/// Finds the actions of a set that a statement's parties get neither from it nor from another statement.
fn missing_actions<'n>(subject: &Subject, written: &Written, model: &Statement, set: &[&'n str]) -> Vec<&'n str> {
    let gives = |other: &Statement, name: &str| {
        other.effect == Effect::Allow
            && has_action(&other.actions, name)
            && !other.principals.negated
            && model.principals.entries.iter().all(|p| {
                other.principals.entries.iter().any(|q| q.kind == PrincipalKind::Everyone || p.kind.same_as(&q.kind))
            })
    };
    // A text with so many statements is far over the limit, and refused for that.
    if subject.statements.len() > MOST_COMPARED {
        return Vec::new();
    }
    let others = || subject.policy.iter().flat_map(|p| &p.statements);
    set.iter().filter(|n| !written.given.contains(n) && !others().any(|s| gives(s, n))).copied().collect()
}

/// Adds actions after one that is there.
fn add_actions(subject: &Subject, statement: &Written, after: Span, missing: &[&str]) -> Fix {
    let added = join_quoted(missing.iter().map(|n| format!("ecr:{n}")), ", ");
    let title = match missing {
        [one] => format!("add `ecr:{one}`"),
        _ => "add the missing actions".to_owned(),
    };
    let is_list = statement.node.get("Action").is_some_and(|m| matches!(m.value.value, Value::Array(_)));
    let written = after.text_in(subject.text);
    let text = if is_list { format!("{written}, {added}") } else { format!("[{written}, {added}]") };
    Fix::single_edit(title, after, text).changing_access()
}

/// One of the two actions of a pull without the other, unless another statement gives the other to the same parties.
pub(super) fn pull_set(subject: &Subject, statement: &Written, sink: &mut Sink) {
    let Some(model) = allow_statement(statement) else { return };
    let Some(there) = PULL.iter().find(|n| statement.given.contains(n)) else { return };
    let missing = missing_actions(subject, statement, model, PULL);
    let ([lacking], Some(pattern)) =
        (missing.as_slice(), model.actions.patterns.iter().find(|p| pattern_fits(&p.value, there)))
    else {
        return;
    };
    let fix = add_actions(subject, statement, pattern.span, &missing);
    sink.report_fix(pattern.span, format!("`{there}` without `{lacking}`: no image can be pulled"), Some(fix));
}

/// Some of the actions of a push without the rest. Who may only put manifests can still move tags.
pub(super) fn push_set(subject: &Subject, statement: &Written, sink: &mut Sink) {
    let Some(model) = allow_statement(statement) else { return };
    let Some(there) = only_of_push().find(|name| statement.given.contains(name)) else { return };
    let missing = missing_actions(subject, statement, model, PUSH);
    let Some(pattern) = model.actions.patterns.iter().find(|p| pattern_fits(&p.value, there)) else { return };
    let message = match missing.as_slice() {
        [] => return,
        [one] => format!("`{there}` without `{one}`: no image can be pushed"),
        [one, rest @ ..] => {
            format!("`{there}` without `{one}` and {} more: no image can be pushed", rest.len())
        }
    };
    sink.report_fix(pattern.span, message, Some(add_actions(subject, statement, pattern.span, &missing)));
}

/// The accounts whose functions a source condition names.
fn function_accounts(model: &Statement) -> Vec<(AccountId, Option<Partition>)> {
    let sources = model.conditions.iter().filter(|c| c.key.eq_ignore_ascii_case("aws:SourceArn"));
    let arns = sources.flat_map(|c| &c.values).filter_map(|v| Arn::parse(v)).filter(|a| a.service == "lambda");
    let mut found: Vec<_> = arns.filter_map(|a| Some((a.account_id()?, a.known_partition()))).collect();
    if found.is_empty() {
        let is_exact = |c: &&Condition| {
            let operator = Operator::parse(&c.operator).filter(|o| o.restricts());
            operator.is_some() && c.key.eq_ignore_ascii_case("aws:SourceAccount")
        };
        let ids = model.conditions.iter().filter(is_exact).flat_map(|c| &c.values);
        found.extend(ids.filter_map(|id| Some((AccountId::parse(id).ok()?, None))));
    }
    found.sort();
    found.dedup();
    found
}

/// Lambda may fetch an image for the functions of other accounts, but an account itself may not: creating the function
/// fails. One finding for all accounts, at the first statement. Source: Lambda developer guide, container images,
/// cross-account permissions.
pub(super) fn lambda_pair(subject: &Subject, sink: &mut Sink) {
    if subject.statements.len() > MOST_COMPARED {
        return;
    }
    let owner = subject.options.owner.as_ref();
    let mut first: Option<(&Written, Span)> = None;
    let mut lacking: Vec<(AccountId, Partition)> = Vec::new();
    for statement in &subject.statements {
        let Some((model, place)) = lambda_statement(statement, owner) else { continue };
        for (account, partition) in function_accounts(model).into_iter().filter(|(id, _)| owner != Some(id)) {
            let is_told = lacking.iter().any(|(id, _)| *id == account);
            if !is_told && !may_pull(subject, &account) {
                first.get_or_insert((statement, place));
                lacking.push((account, partition.unwrap_or(subject.options.home_partition())));
            }
        }
    }
    let Some((statement, place)) = first else { return };
    let unless = if owner.is_none() { ", unless it is the repository's own" } else { "" };
    let message = match lacking.as_slice() {
        [] => return,
        [(one, _)] => format!("account {one} itself may not pull: its functions cannot be created{unless}"),
        [(one, _), rest @ ..] => format!(
            "account {one} and {} more themselves may not pull: their functions cannot be created{unless}",
            rest.len()
        ),
    };
    let roots: Vec<String> =
        lacking.iter().map(|(id, partition)| make_visible(&Arn::account_root(*partition, id).to_string())).collect();
    sink.report_fix(place, message, pull_statement(subject, statement, &roots));
}

/// A statement that lets Lambda pull, with the place of the service; the one that Lambda writes itself, for functions of the
/// repository's own account, is none.
fn lambda_statement<'a>(statement: &'a Written, owner: Option<&AccountId>) -> Option<(&'a Statement, Span)> {
    let lambda = |k: &PrincipalKind| matches!(k, PrincipalKind::Service(name) if name == LAMBDA);
    let model =
        allow_statement(statement).filter(|m| has_action(&m.actions, "BatchGetImage") && !is_lambdas_own(m, owner))?;
    Some((model, model.principals.entries.iter().find(|p| lambda(&p.kind))?.span))
}

/// Tells whether a statement lets an account, or somebody in it, pull.
fn may_pull(subject: &Subject, account: &AccountId) -> bool {
    let is_of_account =
        |kind: &PrincipalKind| *kind == PrincipalKind::Everyone || kind.account().as_ref() == Some(account);
    subject.policy.iter().flat_map(|p| &p.statements).any(|s| {
        s.effect == Effect::Allow
            && has_action(&s.actions, "BatchGetImage")
            && (s.principals.negated || s.principals.entries.iter().any(|p| is_of_account(&p.kind)))
    })
}

/// A statement that lets accounts pull, after another in a list.
fn pull_statement(subject: &Subject, after: &Written, principals: &[String]) -> Option<Fix> {
    let list = &subject.root?.get("Statement")?.value;
    if !matches!(list.value, Value::Array(_)) {
        return None;
    }
    let start = after.node.span.start;
    let line = subject.text.get(..start)?.rsplit(['\n', '\r']).next()?;
    let between = if line.trim().is_empty() { format!(",\n{line}") } else { ", ".to_owned() };
    let actions: Vec<String> = PULL.iter().map(|n| format!("ecr:{n}")).collect();
    let added = Json::object([
        ("Effect", Json::text("Allow")),
        ("Principal", Json::object([("AWS", Json::text_list(principals))])),
        ("Action", Json::text_list(&actions)),
    ]);
    let text = between + &added.on_one_line();
    let end = after.node.span.end;
    let edits = vec![TextEdit { span: Span::new(end, end), text }];
    let title = if principals.len() == 1 { "let the account pull" } else { "let the accounts pull" };
    Some(Fix { title: title.to_owned(), changes_access: false, edits }.changing_access())
}
