//! Tells whether a policy would shut the caller out of changing it again, or of anything else.

use super::condition::{Known, Truth};
use super::evaluate::{Asked, Caller, applies, hangs_on_path};
use super::model::document::{Effect, Policy, Statement};
use crate::ecr::Identity;

/// The first Deny statement that may take `ecr:SetRepositoryPolicy` from the caller. `context` holds the condition
/// keys that are known of the caller's requests (a key several times: several values); what the identity itself tells
/// is known too. A Deny that depends on anything else counts as one that may.
/// Source: `force` of the `SetRepositoryPolicy` API, which exists for this.
pub fn locks_out(policy: &Policy, caller: &Identity, context: &[(&str, &str)]) -> Option<usize> {
    locking_out(policy, caller, context).next()
}

/// Every such statement.
pub fn locking_out<'a>(
    policy: &'a Policy,
    caller: &'a Identity,
    context: &'a [(&'a str, &'a str)],
) -> impl Iterator<Item = usize> + 'a {
    denying_statements(policy, caller, context, "SetRepositoryPolicy")
}

/// Every Deny statement that may take another action, a name without `ecr:`, from the caller; `context` as above.
pub fn denying_statements<'a>(
    policy: &'a Policy,
    caller: &'a Identity,
    context: &'a [(&'a str, &'a str)],
    action: &'a str,
) -> impl Iterator<Item = usize> + 'a {
    speaking_statements(policy, caller, context, action, Effect::Deny).map(|(index, _)| index)
}

/// The certainty with which an Allow statement gives an action to a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gives {
    /// Whatever else is not known of its requests.
    Surely,
    /// It depends on what is not known.
    Perhaps,
}

/// Every Allow statement that may give an action, a name without `ecr:`, to the caller; `context` as above. To a caller of
/// another account than the repository's nothing else does, its own policies alone being not enough.
/// Source: IAM user guide, policy evaluation logic across accounts.
pub fn allowing_statements<'a>(
    policy: &'a Policy,
    caller: &'a Identity,
    context: &'a [(&'a str, &'a str)],
    action: &'a str,
) -> impl Iterator<Item = (usize, Gives)> + 'a {
    let gives = |truth: Truth| if truth >= Truth::Likely { Gives::Surely } else { Gives::Perhaps };
    speaking_statements(policy, caller, context, action, Effect::Allow).map(move |(index, truth)| (index, gives(truth)))
}

/// The statements of one effect that may speak of an action of the caller, and whether they do.
fn speaking_statements<'a>(
    policy: &'a Policy,
    caller: &'a Identity,
    context: &'a [(&'a str, &'a str)],
    action: &'a str,
    effect: Effect,
) -> impl Iterator<Item = (usize, Truth)> + 'a {
    let who = Caller::of(caller);
    let truth = move |statement: &Statement| {
        let lookup = |key: &str| {
            let given: Vec<String> =
                context.iter().filter(|(k, _)| k.eq_ignore_ascii_case(key)).map(|(_, v)| (*v).to_owned()).collect();
            if !given.is_empty() {
                return Known::Values(given);
            }
            who.known(key)
        };
        let partition = &caller.arn.partition;
        let asked = Asked { caller: &who, partition, action, lookup: &lookup };
        let is_given = context.iter().any(|(key, _)| key.eq_ignore_ascii_case("aws:PrincipalArn"));
        match &who {
            // A role's path is lost in its session's ARN.
            Caller::Session(session) if !is_given && hangs_on_path(statement, &asked, session) => Truth::Unknown,
            _ => applies(statement, &asked).truth,
        }
    };
    let of_effect = policy.statements.iter().enumerate().filter(move |(_, s)| s.effect == effect);
    of_effect.map(move |(index, s)| (index, truth(s))).filter(|(_, truth)| *truth != Truth::No)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecr::{AccountId, Arn};

    const ROLE: &str = "arn:aws:sts::222222222222:assumed-role/Admin/ana";
    const USER: &str = "arn:aws:iam::222222222222:user/ana";
    const ROOT: &str = "arn:aws:iam::222222222222:root";

    fn locked(arn: &str, who: &str, actions: &str, condition: &str, context: &[(&str, &str)]) -> bool {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[
                {{"Effect":"Allow","Principal":"*","Action":"ecr:*"}},
                {{"Effect":"Deny",{who},{actions},"Condition":{{{condition}}}}}]}}"#
        );
        let caller = Identity { account: AccountId::parse("222222222222").unwrap(), arn: Arn::parse(arn).unwrap() };
        locks_out(&Policy::read(&text).unwrap(), &caller, context).map(|at| assert_eq!(at, 1)).is_some()
    }

    const ALL: &str = r#""Principal":"*""#;
    const ANY: &str = r#""Action":"ecr:*""#;

    #[test]
    fn actions_are_matched_with_wildcards_and_by_exclusion() {
        for (actions, expected) in [
            (r#""Action":"ecr:SetRepositoryPolicy""#, true),
            (r#""Action":["ecr:BatchGetImage","ecr:setrepo*"]"#, true),
            (r#""Action":"*""#, true),
            (r#""Action":"ecr:BatchGetImage""#, false),
            (r#""NotAction":"ecr:BatchGetImage""#, true),
            (r#""NotAction":["ecr:*Policy"]"#, false),
        ] {
            assert_eq!(locked(ROLE, ALL, actions, "", &[]), expected, "{actions}");
        }
    }

    #[test]
    fn reading_and_deleting_are_asked_for_by_their_names() {
        let text = r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"ecr:Get*"},
            {"Effect":"Deny","Principal":"*","NotAction":["ecr:Get*","ecr:Set*"]}]}"#;
        let policy = Policy::read(text).unwrap();
        let caller = Identity { account: AccountId::parse("222222222222").unwrap(), arn: Arn::parse(ROLE).unwrap() };
        let of = |action| denying_statements(&policy, &caller, &[], action).collect::<Vec<_>>();
        assert_eq!((of("GetRepositoryPolicy"), of("DeleteRepositoryPolicy")), (vec![0], vec![1]));
        assert!(of("SetRepositoryPolicy").is_empty());
    }

    #[test]
    fn a_caller_of_another_account_has_what_an_allow_gives_it() {
        let caller = Identity { account: AccountId::parse("222222222222").unwrap(), arn: Arn::parse(ROLE).unwrap() };
        for (principal, action, condition, expected) in [
            (r#"{"AWS":"222222222222"}"#, "ecr:*", "", Some(Gives::Surely)),
            (r#"{"AWS":"arn:aws:iam::222222222222:role/Admin"}"#, "ecr:Set*", "", Some(Gives::Surely)),
            (r#""*""#, "ecr:SetRepositoryPolicy", r#""Bool":{"aws:SecureTransport":"true"}"#, Some(Gives::Surely)),
            (r#""*""#, "ecr:*", r#""StringEquals":{"aws:PrincipalOrgID":"o-aaaaaaaaaa"}"#, Some(Gives::Perhaps)),
            (r#""*""#, "ecr:*", r#""StringEquals":{"aws:PrincipalAccount":"111111111111"}"#, None),
            (r#"{"AWS":"222222222222"}"#, "ecr:Get*", "", None),
            (r#"{"AWS":"111111111111"}"#, "ecr:*", "", None),
        ] {
            let text = format!(
                r#"{{"Version":"2012-10-17","Statement":[
                    {{"Effect":"Deny","Principal":"*","Action":"ecr:SetRepositoryPolicy"}},
                    {{"Effect":"Allow","Principal":{principal},"Action":"{action}","Condition":{{{condition}}}}}]}}"#
            );
            let policy = Policy::read(&text).unwrap();
            let all: Vec<_> = allowing_statements(&policy, &caller, &[], "SetRepositoryPolicy").collect();
            assert_eq!(all, expected.map(|gives| (1, gives)).into_iter().collect::<Vec<_>>(), "{text}");
        }
    }

    #[test]
    fn principals_are_matched_at_every_level() {
        let role = r#""Principal":{"AWS":"arn:aws:iam::222222222222:role/team/Admin"}"#;
        let account = r#""Principal":{"AWS":["111111111111","222222222222"]}"#;
        let user = r#""Principal":{"AWS":"arn:aws:iam::222222222222:user/ana"}"#;
        assert!(locked(ROLE, role, ANY, "", &[]) && !locked(USER, role, ANY, "", &[]));
        assert!(locked(ROLE, account, ANY, "", &[]) && locked(ROOT, account, ANY, "", &[]));
        assert!(locked(USER, user, ANY, "", &[]) && !locked(ROLE, user, ANY, "", &[]));
        assert!(!locked(ROLE, r#""Principal":{"AWS":"111111111111"}"#, ANY, "", &[]));
        assert!(!locked(ROLE, r#""Principal":{"Service":"lambda.amazonaws.com"}"#, ANY, "", &[]));
    }

    #[test]
    fn not_principal_spares_only_who_is_named_at_every_level() {
        let only_account = r#""NotPrincipal":{"AWS":"222222222222"}"#;
        assert!(locked(ROLE, only_account, ANY, "", &[]) && !locked(ROOT, only_account, ANY, "", &[]));
        let all = format!(r#""NotPrincipal":{{"AWS":["{ROOT}","arn:aws:iam::222222222222:role/Admin","{ROLE}"]}}"#);
        assert!(!locked(ROLE, &all, ANY, "", &[]));
        assert!(!locked(USER, &format!(r#""NotPrincipal":{{"AWS":["{ROOT}","{USER}"]}}"#), ANY, "", &[]));
    }

    #[test]
    fn conditions_count_only_where_they_surely_fail() {
        let cases: &[(&str, bool)] = &[
            (r#""StringNotEquals":{"aws:PrincipalAccount":"222222222222"}"#, false),
            (r#""StringNotEquals":{"aws:PrincipalAccount":"111111111111"}"#, true),
            (r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/Admin"}"#, false),
            (r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/Other"}"#, true),
            (r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/team/Admin"}"#, true),
            (r#""Bool":{"aws:SecureTransport":"false"}"#, false),
            (r#""BoolIfExists":{"aws:PrincipalIsAWSService":"true"}"#, false),
            (r#""StringNotEquals":{"aws:SourceVpce":"vpce-1"}"#, true),
            (r#""NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#, true),
            (r#""StringEquals":{"aws:SourceAccount":"111111111111"}"#, false),
            (r#""StringEquals":{"aws:Something":"x"}"#, true),
            (r#""StringIs":{"aws:PrincipalAccount":"111111111111"}"#, true),
        ];
        for (condition, expected) in cases {
            assert_eq!(locked(ROLE, ALL, ANY, condition, &[]), *expected, "{condition}");
        }
        let outside = r#""NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#;
        assert!(!locked(ROLE, ALL, ANY, outside, &[("aws:sourceip", "203.0.113.7")]));
        assert!(locked(ROLE, ALL, ANY, outside, &[("aws:SourceIp", "198.51.100.7")]));
    }
}
