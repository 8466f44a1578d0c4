//! Grants and revokes by edits of the text: all other bytes stay.
//!
//! `grant` adds what is not there yet (`existing` finds it); `revoke` takes grantees out (`grantee_match` finds them in a
//! statement, `remaining_access` tells what a revoke leaves); `merge` adds the statements of another policy; `size_limit`
//! offers ways to make a long grant fit; `narrow` cuts what others wrote down to what a pull needs.
//! `postpone` moves the end of a grant; `expired` takes out what has ended.
//! `text::layout` writes in the manner of the document.

mod existing;
mod expired;
mod grantee_match;
mod merge;
mod narrow;
mod postpone;
mod remaining_access;
mod revoke;
mod size_limit;
mod widen;

use super::condition::normal_all;
use super::lint::{Finding, unreadable_findings};
use super::model::document::{Effect, Policy, Statement};
use super::syntax::{Member, Node, Value, parse};
use crate::ecr::AccountId;
use crate::ecr::json_string::quote_string;
pub use expired::remove_expired;
pub use merge::merge_policy;
pub use narrow::{Cut, Kept, Narrowed, narrow_statements};
pub use remaining_access::{Left, Reach, Still, Why};
pub use revoke::{Removed, RevokeOptions, Revoked, remove_deleted, revoke};
pub use size_limit::Offer;

use crate::model::document::is_lambdas_own;
use crate::model::grant::type_name;
use crate::model::{ReadProblemKind, Wanted, WantedPrincipals};
use crate::text::layout::{Json, Layout, gap_text, line_indentation};
use existing::missing_principals;
use postpone::postpone_ours;
use widen::widen_ours;

/// The result of an edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// The new text.
    pub text: String,
    /// Tells whether it differs from the old one.
    pub changed: bool,
    /// Indexes, in the new text, of the statements that are new or were joined.
    pub touched: Vec<usize>,
    /// The ways to make a new text fit that is longer than ECR takes; none of them is done.
    pub offers: Vec<Offer>,
}

/// The statements that a grantee may join.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joins {
    /// Statements that this program wrote.
    Ours,
    /// Statements of others too; the user decides that.
    Anybodys,
}

/// The reasons why a text cannot be edited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditProblem {
    /// The text is no readable policy; the findings say where.
    #[error("the policy cannot be read: {}", .0.first().map_or("no reason known", |f| f.message.as_str()))]
    Unreadable(Vec<Finding>),
}

/// Adds what is wanted to a policy text, or begins a new one. All bytes outside the added places stay.
///
/// A party that already has all that is wanted, by whatever statements and conditions, is left out. A statement of ours
/// (Sid `EcrGrant...`) for nobody but wanted parties gets a later end that is wanted, and the actions that it lacks. The
/// rest joins one with the same
/// actions and conditions and a list of principals, or gets a statement of its own at the end.
pub fn grant(text: Option<&str>, wanted: &[Wanted]) -> Result<Edited, EditProblem> {
    grant_for(text, wanted, None)
}

/// The same for a repository of `owner`, where that is known: a role of another account has what its account has, and
/// needs no edit then.
pub fn grant_for(text: Option<&str>, wanted: &[Wanted], owner: Option<&AccountId>) -> Result<Edited, EditProblem> {
    let old = text.unwrap_or_default();
    let mut text = old.to_owned();
    let mut touched = Vec::new();
    for wanted in wanted {
        touched.extend(grant_by(&mut text, wanted, Joins::Ours, owner)?);
    }
    touched.sort_unstable();
    touched.dedup();
    let changed = text != old;
    let offers = if changed { size_limit::list_offers(old, wanted, &text, owner)? } else { Vec::new() };
    Ok(Edited { text, changed, touched, offers })
}

/// Adds one statement's worth; the indexes of the statements that are new, or were joined or widened.
fn grant_by(
    text: &mut String,
    wanted: &Wanted,
    whose: Joins,
    owner: Option<&AccountId>,
) -> Result<Vec<usize>, EditProblem> {
    if text.trim().is_empty() {
        let missing = missing_principals(None, wanted, owner);
        if missing.is_empty() || wanted.actions.is_empty() {
            return Ok(Vec::new());
        }
        let statement = new_statement(wanted, &wanted.sid, &missing);
        let document = Json::Object(vec![
            ("Version".to_owned(), Json::text("2012-10-17")),
            ("Statement".to_owned(), Json::List(vec![statement])),
        ]);
        *text = Layout::default().write_value(&document, "");
        return Ok(vec![0]);
    }
    let (policy, root) = read_policy(text)?;
    let Some(statements) = root.get("Statement").map(|m| &m.value) else {
        return Err(EditProblem::Unreadable(Vec::new()));
    };
    let missing = missing_principals(Some(&policy), wanted, owner);
    if missing.is_empty() || wanted.actions.is_empty() {
        return Ok(Vec::new());
    }
    let layout = Layout::detect(text, &root);
    let nodes = statements.one_or_many();
    let changed = postpone_ours(text, (&policy, nodes), wanted, &missing)
        .or_else(|| widen_ours(text, (&policy, nodes), wanted, &layout));
    if let Some(at) = changed {
        // Whoever else is wanted joins it, or gets a statement of their own.
        let rest = grant_by(text, wanted, whose, owner)?;
        return Ok(std::iter::once(at).chain(rest).collect());
    }
    let joinable = |whose| policy.statements.iter().zip(nodes).position(|(s, node)| can_join(s, node, wanted, whose));
    if let Some(at) = joinable(Joins::Ours).or_else(|| joinable(whose))
        && let Some(list) = nodes.get(at).and_then(|n| principal_list(n, &wanted.principals))
    {
        join_strings(text, list, &missing, &layout);
        return Ok(vec![at]);
    }
    let sid = free_sid(&policy, &wanted.sid);
    append_statement(text, statements, &new_statement(wanted, &sid, &missing), layout);
    Ok(vec![nodes.len()])
}

/// The policy of a text and its tree. An empty list of statements can be written into, though ECR would refuse it.
fn read_policy(text: &str) -> Result<(Policy, Node), EditProblem> {
    let parsed = parse(text);
    let read = Policy::read_tree(&parsed);
    let Some(root) = &parsed.root else { return Err(EditProblem::Unreadable(unreadable_findings(text, &parsed))) };
    let policy = match read {
        Ok(policy) => policy,
        Err(problems) => {
            let is_empty = |m: &Member| is_list(&m.value) && m.value.one_or_many().is_empty();
            let is_only_empty = problems.iter().all(|p| p.kind == ReadProblemKind::NoStatement)
                && root.get("Statement").is_some_and(is_empty);
            if !is_only_empty {
                return Err(EditProblem::Unreadable(unreadable_findings(text, &parsed)));
            }
            Policy::of_statements(root, Vec::new())
        }
    };
    Ok((policy, root.clone()))
}

/// Tells whether a statement is ours and says the same of others.
fn can_join(statement: &Statement, node: &Node, wanted: &Wanted, whose: Joins) -> bool {
    let set = |patterns: Vec<&str>| {
        let mut all: Vec<String> = patterns.into_iter().map(str::to_ascii_lowercase).collect();
        all.sort();
        all.dedup();
        all
    };
    let may = match whose {
        Joins::Ours => statement.is_ours() && principal_list(node, &wanted.principals).is_some_and(is_list),
        Joins::Anybodys => !is_lambdas_own(statement, None) && principal_list(node, &wanted.principals).is_some(),
    };
    may && statement.effect == Effect::Allow
        && !statement.principals.negated
        && !statement.actions.negated
        && statement.resource.is_none()
        && set(statement.actions.patterns.iter().map(|p| p.value.as_str()).collect())
            == set(wanted.actions.iter().map(String::as_str).collect())
        && normal_all(&statement.conditions) == normal_all(&wanted.conditions)
}

fn is_list(node: &Node) -> bool {
    matches!(node.value, Value::Array(_))
}

/// The principals of the wanted type, where it is the only type of the statement.
fn principal_list<'a>(node: &'a Node, principals: &WantedPrincipals) -> Option<&'a Node> {
    let name = type_name(principals);
    match node.get("Principal")?.value.members() {
        [only] if only.key.text == name => Some(&only.value),
        _ => None,
    }
}

/// Adds strings at the end of a list, set apart as its elements are; a single string becomes a list on its line.
fn join_strings(text: &mut String, list: &Node, added: &[String], layout: &Layout) {
    let elements = list.one_or_many();
    let quoted = added.iter().map(|a| quote_string(a));
    if !is_list(list) {
        let all: Vec<String> = std::iter::once(list.span.text_in(text).to_owned()).chain(quoted).collect();
        let pad = &layout.list_pad;
        text.replace_range(list.span.start..list.span.end, &format!("[{pad}{}{pad}]", all.join(&layout.comma)));
        return;
    }
    let (at, insert) = match elements {
        [] => (list.span.start + 1, quoted.collect::<Vec<_>>().join(&layout.comma)),
        [.., end] => {
            let before = elements.iter().rev().nth(1).map_or(list.span.start + 1, |e| e.span.end);
            let gap = gap_text(text, before, end.span.start);
            let blank = gap.trim_start_matches(|c: char| c != ',').strip_prefix(',').unwrap_or(&gap).to_owned();
            // One element on the line of its bracket tells nothing about commas.
            let blank =
                if elements.len() == 1 && !blank.contains(['\n', '\r']) { blank_after_comma(layout) } else { blank };
            (end.span.end, quoted.map(|q| [",", blank.as_str(), q.as_str()].concat()).collect::<Vec<_>>().concat())
        }
    };
    text.insert_str(at, &insert);
}

fn blank_after_comma(layout: &Layout) -> String {
    layout.comma.split_once(',').map_or_else(|| " ".to_owned(), |(_, after)| after.to_owned())
}

/// Adds a statement after the last one; a single object becomes a list.
fn append_statement(text: &mut String, statements: &Node, added: &Json, layout: Layout) {
    let nodes = statements.one_or_many();
    let Some(last) = nodes.last() else {
        append_first(text, statements, added, &layout);
        return;
    };
    let own_line = |text: &str, node: &Node| {
        let lead = line_indentation(text, node.span.start);
        let before = text.get(..node.span.start).unwrap_or_default();
        before.ends_with(['\n', '\r']) || before.strip_suffix(lead.as_str()).is_some_and(|b| b.ends_with(['\n', '\r']))
    };
    let written_flat = !last.span.text_in(text).contains(['\n', '\r']);
    let starts_line = own_line(text, last);
    let indent =
        if starts_line { line_indentation(text, last.span.start) } else { line_indentation(text, last.span.end) };
    let nl = layout.newline;
    let separator = match nl {
        // `}, {` on one line, as ECR prints it.
        Some(_) if !starts_line && !written_flat => ", ".to_owned(),
        Some(nl) if starts_line => format!(",{nl}{indent}"),
        _ => layout.comma.clone(),
    };
    let manner = if written_flat && starts_line { layout.on_one_line() } else { layout };
    let statement = manner.write_value(added, &indent);
    let is_list = matches!(statements.value, Value::Array(_));
    let close = if is_list { "" } else { "]" };
    text.insert_str(last.span.end, &format!("{separator}{statement}{close}"));
    if !is_list {
        text.insert(statements.span.start, '[');
    }
}

/// Writes the first statement into an empty list.
fn append_first(text: &mut String, list: &Node, added: &Json, layout: &Layout) {
    let indent = line_indentation(text, list.span.start);
    let inside = gap_text(text, list.span.start + 1, list.span.end.saturating_sub(1));
    let blank = !inside.is_empty() && !inside.contains(['\n', '\r']);
    let written = match layout.newline {
        // `[ {` and `} ]`, as ECR prints it, or on one line.
        _ if blank => inside + &layout.write_value(added, &indent),
        None => layout.write_value(added, &indent),
        Some(nl) => {
            let deeper = format!("{indent}{}", layout.unit);
            let end = if inside.is_empty() { format!("{nl}{indent}") } else { String::new() };
            format!("{nl}{deeper}{}{end}", layout.write_value(added, &deeper))
        }
    };
    text.insert_str(list.span.start + 1, &written);
}

fn new_statement(wanted: &Wanted, sid: &str, principals: &[String]) -> Json {
    let mut members = vec![
        ("Sid".to_owned(), Json::text(sid)),
        ("Effect".to_owned(), Json::text("Allow")),
        (
            "Principal".to_owned(),
            Json::Object(vec![(type_name(&wanted.principals).to_owned(), Json::text_list(principals))]),
        ),
        ("Action".to_owned(), Json::text_list(&wanted.actions)),
    ];
    let mut operators: Vec<(String, Json)> = Vec::new();
    for condition in &wanted.conditions {
        let entry = (condition.key.clone(), Json::one_or_list(&condition.values));
        match operators.iter_mut().find(|(name, _)| *name == condition.operator) {
            Some((_, Json::Object(keys))) => keys.push(entry),
            _ => operators.push((condition.operator.clone(), Json::Object(vec![entry]))),
        }
    }
    if !operators.is_empty() {
        members.push(("Condition".to_owned(), Json::Object(operators)));
    }
    Json::Object(members)
}

/// The Sid, with a number where it is taken.
fn free_sid(policy: &Policy, sid: &str) -> String {
    let taken = |s: &str| policy.statements.iter().any(|t| t.sid.as_ref().is_some_and(|t| t.value == s));
    if !taken(sid) {
        return sid.to_owned();
    }
    // One more number than there are statements: one of them is free.
    let numbered = (2..).map(|n| format!("{sid}{n}")).take(policy.statements.len() + 1);
    numbered.into_iter().find(|s| !taken(s)).unwrap_or_else(|| sid.to_owned())
}

#[cfg(test)]
mod tests;
