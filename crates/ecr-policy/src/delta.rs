//! Compares two policies: finds the parties that gain and those that lose.

use super::access::{Unproved, Who, changes};
use super::evaluate::{Answer, IdentityPolicies, Request, evaluate};
use super::model::document::{Condition, Policy};
use super::syntax::Span;
use crate::ecr::AccountId;

/// One gain or loss. Two are equal when they say the same of the same party, whatever their witnesses.
#[derive(Debug, Clone)]
pub struct Change {
    /// The party.
    pub who: Who,
    /// Action names without `ecr:`, in the order of the action table.
    pub actions: Vec<String>,
    /// Under which conditions.
    pub conditions: Vec<Condition>,
    /// A request that shows it. None: unproved; the change may be there, and nothing else is missing.
    pub witness: Option<Witness>,
    /// The reason why it is not proved; none: it is.
    pub unproved: Option<Unproved>,
}

impl PartialEq for Change {
    fn eq(&self, other: &Self) -> bool {
        self.who == other.who && self.actions == other.actions && self.conditions == other.conditions
    }
}

impl Eq for Change {}

/// A request that one policy allows and the other does not, in the forms of `can` and of the evaluation cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// The caller: an ARN, or the name of a service.
    pub principal: String,
    /// The action, `ecr:Name`.
    pub action: String,
    /// The ARN of a repository; its account owns it. Where the owner is not known, one that no policy names.
    pub resource: String,
    /// The answer of the caller's own policies.
    pub identity: IdentityPolicies,
    /// The condition keys of the request with their values; any other is absent or does not matter.
    pub context: Vec<(String, Vec<String>)>,
}

impl Witness {
    /// The request itself. `Err`: what cannot be understood of it, in words.
    pub fn request(&self) -> Result<Request, String> {
        Request::new(&self.principal, &self.action, &self.resource, self.identity, self.context.clone())
    }

    /// Tells whether one policy allows it and the other does not; no policy at all is an empty one.
    fn shows(&self, before: Option<&Policy>, after: Option<&Policy>) -> bool {
        let Ok(request) = self.request() else { return false };
        let none =
            Policy { version: None, id: None, statements: Vec::new(), statement_is_list: true, span: Span::default() };
        let allows = |policy: Option<&Policy>| evaluate(policy.unwrap_or(&none), &request).answer == Answer::Allow;
        allows(after) && !allows(before)
    }
}

/// The difference in access between two policies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Delta {
    /// The parties that may do more.
    pub gains: Vec<Change>,
    /// The parties that may do less.
    pub losses: Vec<Change>,
}

impl Delta {
    /// Tells whether nobody gains or loses anything.
    pub fn is_empty(&self) -> bool {
        self.gains.is_empty() && self.losses.is_empty()
    }
}

/// Compares two policies on a repository of an account that neither names; `None` is a repository without one.
pub fn delta(old: Option<&Policy>, new: Option<&Policy>) -> Delta {
    delta_for(old, new, None)
}

/// Compares two policies; `None` is a repository without one. `owner`: the account that owns the repository, where known:
/// there a caller's own policies are enough, so only what names the caller itself, and every Deny, makes a difference.
///
/// Exact: whatever one policy allows and the other does not is in a line, and each line with a witness is such a
/// difference. What cannot be decided is a line without one, which says why.
/// Each statement counts as one about the repository: of a registry policy give what `RegistryPolicy::around` returns.
/// Source of the method: the papers on Zelkova and on string solvers, at the size of a repository policy.
pub fn delta_for(old: Option<&Policy>, new: Option<&Policy>, owner: Option<&AccountId>) -> Delta {
    let [gains, losses] = changes(old, new, owner);
    let proved = |line: super::access::ChangeLine, before, after| {
        let witness = line.sample.map(|sample| Witness {
            principal: sample.principal,
            action: format!("ecr:{}", sample.action),
            resource: sample.resource,
            identity: if sample.own_policies { IdentityPolicies::All } else { IdentityPolicies::None },
            context: sample.context,
        });
        let witness = witness.filter(|witness| witness.shows(before, after));
        let unproved = witness.is_none().then(|| line.unproved.unwrap_or(Unproved::Values));
        let conditions = std::rc::Rc::unwrap_or_clone(line.conditions);
        Change { who: line.who, actions: line.actions, conditions, witness, unproved }
    };
    Delta {
        gains: gains.into_iter().map(|line| proved(line, old, new)).collect(),
        losses: losses.into_iter().map(|line| proved(line, new, old)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::access::table;
    use crate::ecr::AccountId;
    use crate::model::principal::PrincipalKind;
    use crate::model::principal::is_session_of;
    use crate::testing::{RandomRequest, allows, document, request};

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
    fn moments_beyond_all_calendars_make_a_difference_too() {
        for moment in ["0", "999999999999", "9223372036854775807"] {
            let statement = |operator: &str| {
                policy(&format!(
                    r#"{{"Effect":"Allow","Principal":"*","Action":"ecr:*","Condition":{{"{operator}":{{"aws:CurrentTime":"{moment}"}}}}}}"#
                ))
            };
            let gains = |operator: &str| delta(None, Some(&statement(operator))).gains.len();
            assert_eq!((gains("DateLessThanEquals"), gains("DateGreaterThanEquals")), (1, 1), "{moment}");
        }
    }

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
        let one = ["account 111111111111 BatchGetImage 0"];
        assert_eq!(words(&delta(Some(&policy(&bare)), Some(&policy(&deny))).losses), one, "nobody else had it");
        assert_eq!(words(&delta(Some(&policy(&deny)), Some(&policy(&bare))).gains), one);
    }

    #[test]
    fn whoever_a_deny_alone_named_gains_by_the_account_that_everybody_else_had_it_by() {
        for arn in [
            "arn:aws:sts::111111111111:assumed-role/ci/run",
            "arn:aws:sts::111111111111:federated-user/bob",
            "arn:aws:iam::111111111111:user/ana",
            "arn:aws:iam::111111111111:role/ci",
        ] {
            let deny = statement("Deny", &format!(r#"{{"AWS":"{arn}"}}"#), PULL, "{}");
            let old = policy(&format!("{deny},{}", statement("Allow", "\"*\"", PULL, "{}")));
            let new = policy(&statement("Allow", r#"{"AWS":"111111111111"}"#, PULL, "{}"));
            let gains = delta(Some(&old), Some(&new)).gains;
            let [gain] = gains.as_slice() else { panic!("{arn}: {gains:?}") };
            assert!(matches!(&gain.who, Who::Account(id) if id.as_str() == "111111111111"), "{gain:?}");
            assert_eq!(gain.witness.as_ref().unwrap().principal, arn);
        }
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

    fn reaches(change: &Change, request: &RandomRequest) -> bool {
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
        #![proptest_config(crate::testing::fixed_cases(512))]

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
                    let change = Change { who: r.who.clone(), actions: r.effective(), conditions: Vec::new(), witness: None, unproved: None };
                    reaches(&change, &request)
                });
                prop_assert!(there, "{request:?} is not in {table:?}");
            }
        }
    }
}
