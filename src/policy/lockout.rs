//! Whether a policy would shut the caller out of changing it again.

use super::access::{EXCEPT, fits, is_session_of};
use super::condition::{Known, Truth, holds};
use super::document::{Condition, Effect, Policy, Principals, Statement};
use super::principal::{Principal, PrincipalKind};
use crate::ecr::{Arn, Identity};

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
    let variables = policy.has_variables();
    let locks = move |statement: &Statement| {
        let named = statement.actions.patterns.iter().any(|p| fits(&p.value, "SetRepositoryPolicy"));
        statement.effect == Effect::Deny
            && named != statement.actions.negated
            && may_be_meant(&statement.principals, caller)
            && statement.conditions.iter().all(|c| condition_may_hold(c, variables, caller, context))
    };
    policy.statements.iter().enumerate().filter(move |(_, s)| locks(s)).map(|(index, _)| index)
}

fn may_be_meant(principals: &Principals, caller: &Identity) -> bool {
    if !principals.negated {
        return principals.entries.iter().any(|p| is_caller(p, caller));
    }
    // NotPrincipal spares the caller surely only where every level is named: the account and the user, or the account,
    // the role and the session. Source: IAM user guide, NotPrincipal with Deny.
    let names = |test: &dyn Fn(&PrincipalKind) -> bool| principals.entries.iter().any(|p| test(&p.kind));
    if names(&|k| *k == PrincipalKind::Everyone) {
        return false;
    }
    let account = names(&|k| matches!(k, PrincipalKind::Account(..)) && is_kind_caller(k, caller));
    let own = |k: &PrincipalKind| {
        matches!(k, PrincipalKind::User(_) | PrincipalKind::Session(_)) && is_kind_caller(k, caller)
    };
    let role = names(&|k| matches!(k, PrincipalKind::Role(_)) && is_kind_caller(k, caller));
    let spared = match kind_of(caller) {
        Caller::Root => account,
        Caller::Role => account && role && names(&own),
        Caller::User => account && names(&own),
        Caller::Other => false,
    };
    !spared
}

enum Caller {
    Root,
    User,
    Role,
    Other,
}

fn kind_of(caller: &Identity) -> Caller {
    match caller.arn.resource.split('/').next() {
        Some("root") => Caller::Root,
        Some("user" | "federated-user") => Caller::User,
        Some("assumed-role") => Caller::Role,
        _ => Caller::Other,
    }
}

fn is_caller(principal: &Principal, caller: &Identity) -> bool {
    is_kind_caller(&principal.kind, caller)
}

fn is_kind_caller(kind: &PrincipalKind, caller: &Identity) -> bool {
    match kind {
        PrincipalKind::Everyone => true,
        PrincipalKind::Account(id, partition) => {
            *id == caller.account && partition.is_none_or(|p| p.as_str() == caller.arn.partition)
        }
        PrincipalKind::Role(role) => is_session_of(&caller.arn, role) || *role == caller.arn,
        PrincipalKind::User(arn) | PrincipalKind::Session(arn) => *arn == caller.arn,
        _ => false,
    }
}

fn condition_may_hold(condition: &Condition, variables: bool, caller: &Identity, context: &[(&str, &str)]) -> bool {
    debug_assert!(condition.operator != EXCEPT, "a condition as the document has it");
    let truth = holds(condition, variables, &|key| known(key, caller, context));
    // A role's path is lost in its session ARN: a pattern that fits the name alone may still fit the whole.
    let role_by_path = condition.key.eq_ignore_ascii_case("aws:PrincipalArn")
        && !context.iter().any(|(k, _)| k.eq_ignore_ascii_case("aws:PrincipalArn"))
        && matches!(kind_of(caller), Caller::Role)
        && condition.values.iter().any(|v| v.matches('/').count() > 1);
    truth != Truth::No || role_by_path
}

/// What is known of a key of the caller's requests: the context, then what the identity tells.
fn known(key: &str, caller: &Identity, context: &[(&str, &str)]) -> Known {
    let given: Vec<String> =
        context.iter().filter(|(k, _)| k.eq_ignore_ascii_case(key)).map(|(_, v)| (*v).to_owned()).collect();
    if !given.is_empty() {
        return Known::Values(given);
    }
    let one = |text: String| Known::Values(vec![text]);
    match key {
        "aws:principalaccount" => one(caller.account.to_string()),
        "aws:principalarn" => match kind_of(caller) {
            Caller::Role => {
                let role = caller.arn.resource.split('/').nth(1).unwrap_or_default();
                let arn = Arn { service: "iam".to_owned(), resource: format!("role/{role}"), ..caller.arn.clone() };
                one(arn.to_string())
            }
            _ => one(caller.arn.to_string()),
        },
        "aws:principaltype" => match kind_of(caller) {
            Caller::Root => one("Account".to_owned()),
            Caller::User if caller.arn.service == "iam" => one("User".to_owned()),
            Caller::Role => one("AssumedRole".to_owned()),
            _ => Known::Unknown,
        },
        "aws:username" => match kind_of(caller) {
            Caller::User if caller.arn.service == "iam" => {
                one(caller.arn.resource.rsplit('/').next().unwrap_or_default().to_owned())
            }
            Caller::User => Known::Unknown,
            _ => Known::Absent,
        },
        "aws:principalisawsservice" | "aws:viaawsservice" => one("false".to_owned()),
        // Every ECR endpoint is HTTPS.
        "aws:securetransport" => one("true".to_owned()),
        // Only calls of AWS services on behalf of a resource carry these.
        "aws:sourcearn"
        | "aws:sourceaccount"
        | "aws:sourceorgid"
        | "aws:sourceorgpaths"
        | "aws:principalservicename"
        | "aws:principalservicenameslist" => Known::Absent,
        _ => Known::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecr::AccountId;

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
