//! Who gains and who loses between two policies.

use super::access::{Claim, Who, all_claims, sort};
use super::condition::normal_all;
use super::document::{Condition, Effect, Policy};

/// One gain or loss.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Who.
    pub who: Who,
    /// Action names without `ecr:`, in the order of the action table.
    pub actions: Vec<String>,
    /// Under which conditions.
    pub conditions: Vec<Condition>,
}

/// The difference in access between two policies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Delta {
    /// Who may do more.
    pub gains: Vec<Change>,
    /// Who may do less.
    pub losses: Vec<Change>,
}

impl Delta {
    /// Whether nobody gains or loses anything.
    pub fn is_empty(&self) -> bool {
        self.gains.is_empty() && self.losses.is_empty()
    }
}

/// Compares two policies; `None` is a repository without one.
///
/// Sound, not exact: whatever one policy allows and the other does not is in a line, but a line may also be there
/// when another statement voids it. An Allow that is new is a gain, a Deny that is new a loss, and the reverse.
pub fn delta(old: Option<&Policy>, new: Option<&Policy>) -> Delta {
    let claims = |policy: Option<&Policy>, effect| policy.map(|p| all_claims(p, effect)).unwrap_or_default();
    let (old_allows, new_allows) = (claims(old, Effect::Allow), claims(new, Effect::Allow));
    let (old_denies, new_denies) = (claims(old, Effect::Deny), claims(new, Effect::Deny));
    let mut delta = Delta::default();
    collect(&mut delta.gains, &new_allows, &old_allows);
    collect(&mut delta.gains, &old_denies, &new_denies);
    collect(&mut delta.losses, &old_allows, &new_allows);
    collect(&mut delta.losses, &new_denies, &old_denies);
    delta
}

/// What `claims` say and `others` do not.
fn collect(changes: &mut Vec<Change>, claims: &[Claim], others: &[Claim]) {
    for claim in claims {
        let covering: Vec<&Claim> = others.iter().filter(|other| claim.is_within(other)).collect();
        let missing = claim.actions.iter().filter(|a| !covering.iter().any(|c| c.actions.contains(a)));
        let actions: Vec<String> = missing.cloned().collect();
        if actions.is_empty() {
            continue;
        }
        let same = |c: &&mut Change| c.who == claim.who && normal_all(&c.conditions) == claim.key;
        if let Some(change) = changes.iter_mut().find(same) {
            change.actions.extend(actions);
            sort(&mut change.actions);
        } else {
            changes.push(Change { who: claim.who.clone(), actions, conditions: claim.conditions.clone() });
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ecr::AccountId;
    use crate::policy::access::{is_session_of, table};
    use crate::policy::principal::PrincipalKind;
    use crate::policy::testing::{Request, allows, document, request};

    fn policy(statements: &str) -> Policy {
        Policy::read(&format!("{{\"Version\":\"2012-10-17\",\"Statement\":[{statements}]}}")).unwrap()
    }

    fn statement(effect: &str, principal: &str, actions: &str, condition: &str) -> String {
        format!(r#"{{"Effect":"{effect}","Principal":{principal},"Action":{actions},"Condition":{condition}}}"#)
    }

    fn words(changes: &[Change]) -> Vec<String> {
        changes.iter().map(|c| format!("{} {} {}", c.who.words(), c.actions.join(","), c.conditions.len())).collect()
    }

    const PULL: &str = r#"["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]"#;

    #[test]
    fn a_new_grantee_gains_and_nobody_else_changes() {
        let old = policy(&statement("Allow", r#"{"AWS":"111111111111"}"#, PULL, "{}"));
        let new = policy(&statement(
            "Allow",
            r#"{"AWS":["arn:aws:iam::111111111111:root","arn:aws:iam::333333333333:role/ci"]}"#,
            PULL,
            "{}",
        ));
        let change = delta(Some(&old), Some(&new));
        assert_eq!(words(&change.gains), ["role ci of 333333333333 BatchGetImage,GetDownloadUrlForLayer 0"]);
        assert!(change.losses.is_empty());
        let back = delta(Some(&new), Some(&old));
        assert_eq!((back.gains, back.losses), (Vec::new(), change.gains));
        assert!(delta(Some(&new), Some(&new)).is_empty() && delta(None, None).is_empty());
    }

    #[test]
    fn a_wildcard_that_shrinks_is_a_loss_of_the_rest() {
        let old = policy(&statement("Allow", r#"{"AWS":"111111111111"}"#, "\"ecr:*\"", "{}"));
        let new = policy(&statement("Allow", r#"{"AWS":"111111111111"}"#, PULL, "{}"));
        assert_eq!(delta(Some(&old), Some(&new)).losses[0].actions.len(), 33);
        assert!(delta(Some(&old), Some(&new)).gains.is_empty());
    }

    #[test]
    fn an_organization_added_to_a_list_is_the_only_gain() {
        let with = |orgs: &str| {
            policy(&statement(
                "Allow",
                "\"*\"",
                PULL,
                &format!(r#"{{"StringEquals":{{"aws:PrincipalOrgID":{orgs}}}}}"#),
            ))
        };
        let change = delta(Some(&with("\"o-aaaaaaaaaa\"")), Some(&with(r#"["o-bbbbbbbbbb","o-aaaaaaaaaa"]"#)));
        assert_eq!(words(&change.gains), ["organization o-bbbbbbbbbb BatchGetImage,GetDownloadUrlForLayer 0"]);
        assert!(change.losses.is_empty());
    }

    #[test]
    fn a_dropped_condition_is_a_gain_and_a_new_deny_a_loss() {
        let bare = statement("Allow", r#"{"AWS":"111111111111"}"#, PULL, "{}");
        let bound =
            statement("Allow", r#"{"AWS":"111111111111"}"#, PULL, r#"{"StringEquals":{"aws:SourceVpce":"vpce-1"}}"#);
        let change = delta(Some(&policy(&bound)), Some(&policy(&bare)));
        assert_eq!(words(&change.gains), ["account 111111111111 BatchGetImage,GetDownloadUrlForLayer 0"]);
        assert!(change.losses.is_empty(), "what the old statement gave is within the new one");
        let deny = format!("{bare},{}", statement("Deny", "\"*\"", r#""ecr:BatchGetImage""#, "{}"));
        assert_eq!(words(&delta(Some(&policy(&bare)), Some(&policy(&deny))).losses), ["everyone BatchGetImage 0"]);
        assert_eq!(words(&delta(Some(&policy(&deny)), Some(&policy(&bare))).gains), ["everyone BatchGetImage 0"]);
    }

    #[test]
    fn another_partition_another_exception_and_another_version_are_changes() {
        let allow = |principal: &str| policy(&statement("Allow", principal, PULL, "{}"));
        let here = allow(r#"{"AWS":"arn:aws:iam::111111111111:root"}"#);
        let there = allow(r#"{"AWS":"arn:aws-cn:iam::111111111111:root"}"#);
        assert!(!delta(Some(&here), Some(&there)).gains.is_empty());
        let except =
            |ids: &str| policy(&statement("Allow", ids, PULL, "{}").replace("\"Principal\"", "\"NotPrincipal\""));
        let change = delta(Some(&except(r#"{"AWS":["111111111111"]}"#)), Some(&except(r#"{"AWS":["333333333333"]}"#)));
        assert!(!change.gains.is_empty() && !change.losses.is_empty());
        let variable = statement("Allow", "\"*\"", PULL, r#"{"StringLike":{"aws:PrincipalArn":"${aws:userid}"}}"#);
        let new = policy(&variable);
        let old = Policy::read(&format!("{{\"Version\":\"2008-10-17\",\"Statement\":{variable}}}")).unwrap();
        assert!(!delta(Some(&old), Some(&new)).is_empty());
    }

    fn reaches(change: &Change, request: &Request) -> bool {
        let arn_of = |who: &Who| match who {
            Who::Role(arn) => Some(PrincipalKind::Role(arn.clone())),
            Who::User(arn) => Some(PrincipalKind::User(arn.clone())),
            Who::Session(arn) => Some(PrincipalKind::Session(arn.clone())),
            _ => None,
        };
        let who = match &change.who {
            Who::Everyone | Who::Other(_) => true,
            Who::Organization(id) => request.organization == Some(id.as_str()),
            Who::Account(id) => request.principal.account().as_ref() == Some(id),
            Who::Role(role) => match &request.principal {
                PrincipalKind::Session(session) => is_session_of(session, role),
                other => arn_of(&change.who).as_ref() == Some(other),
            },
            who => arn_of(who).as_ref() == Some(&request.principal),
        };
        who && change.actions.iter().any(|a| a == request.action)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whatever_a_request_gains_or_loses_is_in_a_line(old in document(), new in document(), requests in prop::collection::vec(request(), 12)) {
            let (old, new) = (Policy::read(&old).unwrap(), Policy::read(&new).unwrap());
            let change = delta(Some(&old), Some(&new));
            for request in &requests {
                let (before, after) = (allows(&old, request), allows(&new, request));
                if after && !before {
                    prop_assert!(change.gains.iter().any(|c| reaches(c, request)), "{request:?} gains: {change:?}");
                }
                if before && !after {
                    prop_assert!(change.losses.iter().any(|c| reaches(c, request)), "{request:?} loses: {change:?}");
                }
            }
            let back = delta(Some(&new), Some(&old));
            prop_assert_eq!((&back.gains, &back.losses), (&change.losses, &change.gains));
        }

        #[test]
        fn whatever_is_allowed_is_in_the_table(text in document(), request in request()) {
            let policy = Policy::read(&text).unwrap();
            let table = table(&policy, &AccountId::parse("222222222222").unwrap());
            if allows(&policy, &request) {
                let there = table.rows.iter().any(|r| {
                    let change = Change { who: r.who.clone(), actions: r.effective(), conditions: Vec::new() };
                    reaches(&change, &request)
                });
                prop_assert!(there, "{request:?} is not in {table:?}");
            }
        }
    }
}
