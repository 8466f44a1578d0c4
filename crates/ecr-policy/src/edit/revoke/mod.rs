//! Taking grantees out of a policy text.

use super::grantee_match::{self, MatchedParts};
use super::remaining_access::{Left, Still, left_statements, still_reached};
use super::{EditProblem, read_policy};
use crate::ecr::text::make_visible;
use crate::ecr::{AccessEnd, Grantee};
use crate::model::document::{Effect, Policy, Statement, is_lambdas_own, statement_words};
use crate::model::principal::{Principal, PrincipalKind};
use crate::syntax::{Member, Node, Span, Value};
use crate::text::{TextEdit, edits};

/// The reach of a revoke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RevokeOptions {
    /// Also what belongs to the grantee: the roles, users and sessions of an account, the sessions of a role, the units
    /// of an organization, whether named as a principal or by a condition.
    pub and_principals: bool,
    /// Also from the statement that AWS Lambda keeps by itself (Sid `LambdaECRImageRetrievalPolicy`).
    pub and_lambdas_own: bool,
}

/// The result of a revoke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revoked {
    /// The new text; `None`: nothing is left of the policy, delete it.
    pub text: Option<String>,
    /// Tells whether anything was taken out.
    pub changed: bool,
    /// The parts that were taken out, in document order.
    pub removed: Vec<Removed>,
    /// Indexes, in the old text, of the statements that went whole because nobody was left in them.
    pub emptied: Vec<usize>,
    /// Indexes, in the new text, of the statements that were changed and stay.
    pub touched: Vec<usize>,
    /// The access that the grantees still have; indexes in the new text.
    pub still: Vec<Still>,
    /// Statements that name the grantees and were left as they are; indexes in the new text.
    pub left: Vec<Left>,
}

/// One thing that was taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// Index of the statement in the old text.
    pub statement: usize,
    /// Its Sid.
    pub sid: Option<String>,
    /// The key of the condition that it was a value of; `None`: it was a principal.
    pub key: Option<String>,
    /// The principal or value as the document had it, unescaped; of a `NotPrincipal` that goes whole, all but whom.
    pub text: String,
    /// The moment at which the access ended that was taken out for that; none: it was taken out for another reason.
    pub ended: Option<AccessEnd>,
}

impl Removed {
    /// Returns what was taken out of where, in one clause.
    pub fn words(&self) -> String {
        let from = statement_words(self.statement, self.sid.as_deref());
        let end = self.ended.map(|end| format!(", which ended on {}", end.words())).unwrap_or_default();
        match &self.key {
            None => format!("{} from {from}{end}", make_visible(&self.text)),
            Some(key) => format!("{} from {} of {from}{end}", make_visible(&self.text), make_visible(key)),
        }
    }
}

pub(super) fn statement_sid(statement: &Statement) -> Option<String> {
    statement.sid.as_ref().map(|sid| sid.value.clone())
}

/// Takes grantees out of every Allow statement that names them; all other bytes stay. Nobody else gains or loses.
///
/// An account goes in every spelling, and so do services that act for its resources (`aws:SourceAccount`,
/// `aws:SourceArn`). Who is named by a condition (`aws:PrincipalOrgID`, `aws:PrincipalAccount`, `aws:PrincipalArn` and
/// their like) goes out of it. A statement that nobody is left in
/// goes whole, and so does a policy without statements. Deny statements stay as they are: without the grantee they
/// would let it in.
pub fn revoke(text: Option<&str>, grantees: &[Grantee], options: RevokeOptions) -> Result<Revoked, EditProblem> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        return Ok(unchanged_text(text, None, grantees, options));
    };
    let (policy, root) = read_policy(text)?;
    let statements = root.get("Statement").ok_or_else(|| EditProblem::Unreadable(Vec::new()))?;
    let nodes = statements.value.one_or_many();
    let found: Vec<MatchedParts> = policy
        .statements
        .iter()
        .map(|s| {
            if is_spared(s, options) {
                MatchedParts::default()
            } else {
                grantee_match::find_grantees(s, grantees, options)
            }
        })
        .collect();
    let still = |policy: &Policy| {
        (still_reached(policy, grantees, options), left_statements(&policy.statements, grantees, options))
    };
    edited_without(text, &policy, nodes, &found, still)
}

/// Takes deleted roles and users (`AROA...`, `AIDA...`) out of every statement; all other bytes stay. Nobody gains or
/// loses: AWS gives such an id to nobody again. ECR refuses every text that names one, so that they block each save.
///
/// A `NotPrincipal` that names nobody else is left.
pub fn remove_deleted(text: Option<&str>) -> Result<Revoked, EditProblem> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        return Ok(nothing_removed(text));
    };
    let (policy, root) = read_policy(text)?;
    let statements = root.get("Statement").ok_or_else(|| EditProblem::Unreadable(Vec::new()))?;
    let deleted = |statement: &Statement| {
        let entries = &statement.principals.entries;
        let is_deleted = |p: &Principal| matches!(p.kind, PrincipalKind::Orphan(_));
        let goes: Vec<usize> = entries.iter().enumerate().filter(|(_, p)| is_deleted(p)).map(|(at, _)| at).collect();
        let all = !goes.is_empty() && goes.len() == entries.len();
        if all && statement.principals.negated {
            return MatchedParts::default();
        }
        MatchedParts { entries: goes, values: Vec::new(), all }
    };
    let found: Vec<MatchedParts> = policy.statements.iter().map(deleted).collect();
    edited_without(text, &policy, statements.value.one_or_many(), &found, |_| (Vec::new(), Vec::new()))
}

/// Cuts the parts out of a policy's text. `still`: finds what the new policy still gives, and what was left.
pub(super) fn edited_without(
    text: &str,
    policy: &Policy,
    nodes: &[Node],
    found: &[MatchedParts],
    still: impl Fn(&Policy) -> (Vec<Still>, Vec<Left>),
) -> Result<Revoked, EditProblem> {
    let empty = Revoked {
        text: None,
        changed: false,
        removed: Vec::new(),
        emptied: Vec::new(),
        touched: Vec::new(),
        still: Vec::new(),
        left: Vec::new(),
    };
    if found.iter().all(MatchedParts::is_empty) {
        let (still, left) = still(policy);
        return Ok(Revoked { text: Some(text.to_owned()), still, left, ..empty });
    }
    let removed =
        policy.statements.iter().zip(found).enumerate().flat_map(|(at, (s, f))| removed_parts(at, s, f)).collect();
    let goes = |at: usize| found.get(at).is_some_and(|f| f.all);
    let emptied: Vec<usize> = (0..nodes.len()).filter(|at| goes(*at)).collect();
    if emptied.len() == nodes.len() {
        return Ok(Revoked { changed: true, removed, emptied, ..empty });
    }
    let mut cuts = edits::cut_ranges(&nodes.iter().map(|n| n.span).collect::<Vec<_>>(), goes);
    for (node, found) in nodes.iter().zip(found).filter(|(_, f)| !f.all) {
        cuts.extend(cuts_within(node, found));
    }
    let text = edits::apply_edits(text, &cuts.into_iter().map(TextEdit::removing).collect::<Vec<_>>());
    let stays = || (0..nodes.len()).filter(|at| !goes(*at));
    let was_cut = |at: &usize| found.get(*at).is_some_and(|f| !f.is_empty());
    let touched = stays().enumerate().filter(|(_, old)| was_cut(old)).map(|(new, _)| new).collect();
    let (policy, _) = read_policy(&text)?;
    let (still, left) = still(&policy);
    Ok(Revoked { text: Some(text), changed: true, removed, emptied, touched, still, left })
}

/// Returns the result of a removal that found nothing, and asked after nobody.
pub(super) fn nothing_removed(text: Option<&str>) -> Revoked {
    unchanged_text(text, None, &[], RevokeOptions::default())
}

fn unchanged_text(
    text: Option<&str>,
    policy: Option<&Policy>,
    grantees: &[Grantee],
    options: RevokeOptions,
) -> Revoked {
    Revoked {
        text: text.map(str::to_owned),
        changed: false,
        removed: Vec::new(),
        emptied: Vec::new(),
        touched: Vec::new(),
        still: policy.map(|p| still_reached(p, grantees, options)).unwrap_or_default(),
        left: policy.map(|p| left_statements(&p.statements, grantees, options)).unwrap_or_default(),
    }
}

/// Tells whether a statement is never changed by a revoke.
pub(super) fn is_spared(statement: &Statement, options: RevokeOptions) -> bool {
    statement.effect == Effect::Deny
        || statement.principals.negated
        || (is_lambdas_own(statement, None) && !options.and_lambdas_own)
}

fn removed_parts(at: usize, statement: &Statement, found: &MatchedParts) -> Vec<Removed> {
    let one = |key: Option<&str>, text: &str| Removed {
        statement: at,
        sid: statement_sid(statement),
        key: key.map(str::to_owned),
        text: text.to_owned(),
        ended: None,
    };
    let entries = found.entries.iter().filter_map(|i| statement.principals.entries.get(*i)).map(|p| one(None, &p.text));
    let values = found.values.iter().filter_map(|(at, values)| Some((statement.conditions.get(*at)?, values)));
    let values = values.flat_map(|(condition, values)| {
        values.iter().filter_map(|i| condition.values.get(*i)).map(|v| one(Some(&condition.key), v))
    });
    entries.chain(values).collect()
}

/// The ranges of a statement that go, where something of it stays.
fn cuts_within(node: &Node, found: &MatchedParts) -> Vec<Span> {
    let mut cuts = Vec::new();
    let principals = node.get("Principal").or_else(|| node.get("NotPrincipal"));
    let types = principals.map(|m| m.value.members()).unwrap_or_default();
    let goes = |first: usize, i: usize| found.entries.contains(&(first + i));
    // The numbers of the first entries of each type.
    let mut firsts = Vec::new();
    let mut first = 0;
    for member in types {
        firsts.push(first);
        first += member.value.one_or_many().len();
    }
    let is_whole = |at: usize| {
        types.get(at).zip(firsts.get(at)).is_some_and(|(member, first)| {
            let count = member.value.one_or_many().len();
            count > 0 && (0..count).all(|i| goes(*first, i))
        })
    };
    cuts.extend(edits::cut_ranges(&types.iter().map(member_span).collect::<Vec<_>>(), is_whole));
    for (at, (member, first)) in types.iter().zip(&firsts).enumerate() {
        if !is_whole(at) {
            cuts.extend(edits::cut_ranges(&element_spans(&member.value), |i| goes(*first, i)));
        }
    }
    let operators = node.get("Condition").map(|m| m.value.members()).unwrap_or_default();
    let conditions = operators.iter().flat_map(|operator| operator.value.members());
    for (at, condition) in conditions.enumerate() {
        if let Some((_, values)) = found.values.iter().find(|(i, _)| *i == at) {
            cuts.extend(edits::cut_ranges(&element_spans(&condition.value), |i| values.contains(&i)));
        }
    }
    cuts
}

fn member_span(member: &Member) -> Span {
    Span::new(member.key.span.start, member.value.span.end)
}

/// The elements of a list; a single value has none that can go by itself.
fn element_spans(node: &Node) -> Vec<Span> {
    match &node.value {
        Value::Array(elements) => elements.iter().map(|e| e.span).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
