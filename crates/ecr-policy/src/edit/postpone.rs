//! Moving the end of a statement of ours: a second grant for the same grantees with a later end is the same statement with
//! another date, in place of a second statement beside the first.

use super::{Policy, principal_list};
use crate::condition::normal_all;
use crate::ecr::AccessEnd;
use crate::ecr::json_string::quote_string;
use crate::model::actions::ActionSet;
use crate::model::document::{Condition, Effect, Statement};
use crate::model::grant::{principal_entries, wanted_actions};
use crate::model::principal::PrincipalKind;
use crate::model::{Wanted, WantedPrincipals};
use crate::syntax::{Node, Value};

/// Writes the wanted end into the first statement of ours that gives nothing but a part of what is wanted, to nobody but
/// grantees who lack it, and ends earlier. Returns its index; `None`: there is none, and the text is as it was.
pub(super) fn postpone_ours(
    text: &mut String,
    (policy, nodes): (&Policy, &[Node]),
    wanted: &Wanted,
    missing: &[String],
) -> Option<usize> {
    let (end, _) = split_end(&wanted.conditions)?;
    let missing = match &wanted.principals {
        WantedPrincipals::Aws(_) => WantedPrincipals::Aws(missing.to_vec()),
        WantedPrincipals::Service(_) => WantedPrincipals::Service(missing.to_vec()),
    };
    let lacking: Vec<PrincipalKind> = principal_entries(&missing).into_iter().map(|(_, kind)| kind).collect();
    let can = |(statement, node): (&Statement, &Node)| can_postpone(statement, node, wanted, &lacking);
    let at = policy.statements.iter().zip(nodes).position(can)?;
    let value = end_node(nodes.get(at)?)?;
    text.replace_range(value.span.start..value.span.end, &quote_string(&end.policy_value()));
    Some(at)
}

fn can_postpone(statement: &Statement, node: &Node, wanted: &Wanted, lacking: &[PrincipalKind]) -> bool {
    let is_lacking = |kind: &PrincipalKind| lacking.iter().any(|lacks| lacks.same_as(kind));
    let ends = split_end(&statement.conditions).zip(split_end(&wanted.conditions));
    statement.is_ours()
        && statement.effect == Effect::Allow
        && !statement.principals.negated
        && !statement.actions.negated
        && statement.resource.is_none()
        && principal_list(node, &wanted.principals).is_some()
        && !statement.principals.entries.is_empty()
        && statement.principals.entries.iter().all(|entry| is_lacking(&entry.kind))
        && ActionSet::of(&statement.actions).is_within(&ActionSet::of(&wanted_actions(wanted)))
        && end_node(node).is_some()
        && ends.is_some_and(|((old, others), (new, rest))| old < new && normal_all(&others) == normal_all(&rest))
}

/// Returns the end that conditions have in the form that this program writes, and the other conditions. None: there is no
/// such end, or more than one.
fn split_end(conditions: &[Condition]) -> Option<(AccessEnd, Vec<Condition>)> {
    let (ends, others): (Vec<&Condition>, Vec<&Condition>) =
        conditions.iter().partition(|condition| is_end(&condition.operator, &condition.key));
    match ends.as_slice() {
        [end] => match end.values.as_slice() {
            [value] => Some((AccessEnd::read_value(value)?, others.into_iter().cloned().collect())),
            _ => None,
        },
        _ => None,
    }
}

fn is_end(operator: &str, key: &str) -> bool {
    operator.eq_ignore_ascii_case(AccessEnd::OPERATOR) && key.eq_ignore_ascii_case(AccessEnd::KEY)
}

/// Finds the text of the end in the tree of a statement.
fn end_node(statement: &Node) -> Option<&Node> {
    let mut keys = statement.get("Condition")?.value.members().iter().flat_map(|operator| {
        let keys = operator.value.members().iter();
        keys.filter(|key| is_end(&operator.key.text, &key.key.text)).map(|key| &key.value)
    });
    match (keys.next()?.one_or_many(), keys.next()) {
        ([value], None) if matches!(value.value, Value::String(_)) => Some(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::grant;

    const PULL: &[&str] = &["BatchGetImage", "GetDownloadUrlForLayer"];

    /// A grant to accounts, for an organization alone perhaps, until a year begins; without a year it has no end.
    fn wanted(accounts: &[&str], actions: &[&str], organization: Option<&str>, year: Option<&str>) -> Wanted {
        let of = |operator: &str, key: &str, value: String| Condition {
            operator: operator.to_owned(),
            key: key.to_owned(),
            values: vec![value],
        };
        let organization = organization.map(|id| of("StringEquals", "aws:PrincipalOrgID", id.to_owned()));
        let end = year.map(|year| of(AccessEnd::OPERATOR, AccessEnd::KEY, format!("{year}-01-01T00:00:00Z")));
        Wanted {
            sid: "EcrGrantPullUntil".to_owned(),
            principals: WantedPrincipals::Aws(accounts.iter().map(|id| format!("arn:aws:iam::{id}:root")).collect()),
            actions: actions.iter().map(|name| format!("ecr:{name}")).collect(),
            conditions: organization.into_iter().chain(end).collect(),
        }
    }

    const A: &[&str] = &["111111111111"];
    const BOTH: &[&str] = &["111111111111", "333333333333"];

    fn granted(text: Option<&str>, wanted: &Wanted) -> String {
        grant(text, std::slice::from_ref(wanted)).unwrap().text
    }

    #[test]
    fn a_later_end_for_the_same_grantee_is_another_date_in_the_same_bytes() {
        let text = granted(None, &wanted(A, PULL, None, Some("2027")));
        let edited = grant(Some(&text), &[wanted(A, PULL, None, Some("2028"))]).unwrap();
        assert_eq!((edited.text, edited.touched), (text.replace("2027-01", "2028-01"), vec![0]));
        // Of two grantees with the same end both move at once; in a list of one the date moves too.
        let text = granted(None, &wanted(BOTH, PULL, Some("o-a1b2c3d4e5"), Some("2027")))
            .replace("\"2027-01-01T00:00:00Z\"", "[\"2027-01-01T00:00:00Z\"]");
        let later = granted(Some(&text), &wanted(BOTH, PULL, Some("o-a1b2c3d4e5"), Some("2028")));
        assert_eq!(later, text.replace("2027-01", "2028-01"));
    }

    #[test]
    fn more_actions_with_a_later_end_are_one_statement_still() {
        let text = granted(None, &wanted(A, PULL, None, Some("2027")));
        let more = ["BatchGetImage", "DescribeImages", "GetDownloadUrlForLayer"];
        let later = granted(Some(&text), &wanted(A, &more, None, Some("2028")));
        assert_eq!(later.matches("\"Sid\"").count(), 1, "{later}");
        assert!(later.contains("DescribeImages") && later.contains("2028-01") && !later.contains("2027-01"), "{later}");
    }

    #[test]
    fn nothing_changes_for_whoever_has_it_longer_or_without_an_end() {
        for has in [None, Some("2028"), Some("2027")] {
            let text = granted(None, &wanted(A, PULL, None, has));
            assert_eq!(granted(Some(&text), &wanted(A, PULL, None, Some("2027"))), text, "{has:?}");
        }
    }

    #[test]
    fn no_date_moves_for_another_grantee_for_other_actions_or_in_another_s_statement() {
        let two = granted(None, &wanted(BOTH, PULL, None, Some("2027")));
        let more = ["BatchGetImage", "DescribeImages", "GetDownloadUrlForLayer"];
        let wider = granted(None, &wanted(A, &more, None, Some("2027")));
        let theirs = granted(None, &wanted(A, PULL, None, Some("2027"))).replace("EcrGrant", "Team");
        let elsewhere = granted(None, &wanted(A, PULL, Some("o-a1b2c3d4e5"), Some("2027")));
        let forever = granted(None, &wanted(A, &["BatchGetImage"], None, None));
        for text in [two, wider, theirs, elsewhere, forever] {
            let edited = grant(Some(&text), &[wanted(A, PULL, None, Some("2028"))]).unwrap();
            // Whatever stood there stands there still, and one statement came behind it.
            assert_eq!(edited.touched, [1], "{}", edited.text);
            assert!(edited.text.starts_with(text.trim_end_matches(['}', ']', '\n', ' '])), "{}", edited.text);
        }
    }

    #[test]
    fn a_grant_without_an_end_stands_beside_one_that_ends() {
        let ending = granted(None, &wanted(A, PULL, None, Some("2027")));
        let both = granted(Some(&ending), &wanted(A, PULL, None, None));
        assert_eq!((both.matches("\"Sid\"").count(), both.matches("2027-01").count()), (2, 1), "{both}");
        assert!(both.contains("\"EcrGrantPullUntil2\""), "the Sid is a free one: {both}");
    }
}
