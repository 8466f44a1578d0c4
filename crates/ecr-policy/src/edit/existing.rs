//! Finds the principals of a grant that already have the access, by whatever statements.

use crate::condition::normal_all;
use crate::delta::delta_for;
use crate::ecr::{AccountId, POLICY_LIMIT};
use crate::model::Wanted;
use crate::model::actions::ActionSet;
use crate::model::document::{Effect, Policy, Statement};
use crate::model::grant::principal_entries;
use crate::model::principal::PrincipalKind;

/// A policy of more bytes is longer than ECR takes, whatever its characters: it is not worth comparing.
const LONGEST: usize = 4 * POLICY_LIMIT;

/// The wanted principals that lack some of what is wanted, each once. What a Deny voids is there only where a statement
/// says it in as many words: `access::given` names the Deny then.
pub(super) fn missing_principals(policy: Option<&Policy>, wanted: &Wanted, owner: Option<&AccountId>) -> Vec<String> {
    let mut kept: Vec<(String, PrincipalKind)> = Vec::new();
    for (text, kind) in principal_entries(&wanted.principals) {
        let is_there = || {
            policy
                .is_some_and(|policy| is_word_for_word(policy, &kind, wanted) || is_given(policy, &kind, wanted, owner))
        };
        if !kept.iter().any(|(_, k)| k.same_as(&kind)) && !is_there() {
            kept.push((text.to_owned(), kind));
        }
    }
    kept.into_iter().map(|(text, _)| text).collect()
}

/// Tells whether statements that name the principal, or everyone, allow every wanted action under no other conditions.
fn is_word_for_word(policy: &Policy, kind: &PrincipalKind, wanted: &Wanted) -> bool {
    let conditions = normal_all(&wanted.conditions);
    let giving = policy.statements.iter().filter(|s| {
        is_allow(s)
            && s.principals.entries.iter().any(|p| p.kind == PrincipalKind::Everyone || p.kind.same_as(kind))
            && normal_all(&s.conditions).iter().all(|c| conditions.contains(c))
    });
    let given: Vec<ActionSet> = giving.map(|s| ActionSet::of(&s.actions)).collect();
    let names = ActionSet::of(&wanted.as_statement().actions);
    !names.is_empty() && names.iter().all(|name| given.iter().any(|set| set.contains(name)))
}

fn is_allow(statement: &Statement) -> bool {
    statement.effect == Effect::Allow && !statement.principals.negated && statement.resource.is_none()
}

/// Tells whether a statement of its own would give the principal nothing. An account's role has what its account has,
/// unless the repository is that account's; where the owner is not known, it is given only if it is for every owner.
fn is_given(policy: &Policy, kind: &PrincipalKind, wanted: &Wanted, owner: Option<&AccountId>) -> bool {
    let reaches = |entry: &PrincipalKind| match (entry, kind) {
        (PrincipalKind::Everyone, _) => true,
        (_, PrincipalKind::Everyone) => false,
        (PrincipalKind::Service(a), PrincipalKind::Service(b)) => a == b,
        (a, b) => a.account().is_some() && a.account() == b.account(),
    };
    if policy.span.end - policy.span.start > LONGEST {
        return false;
    }
    let names = ActionSet::of(&wanted.as_statement().actions);
    let near = |statement: &Statement| {
        let mut near = statement.clone();
        near.principals.entries.retain(|p| reaches(&p.kind));
        let helps = is_allow(&near) && !near.principals.entries.is_empty();
        (helps && ActionSet::of(&near.actions).iter().any(|name| names.contains(name))).then_some(near)
    };
    let before = Policy { statements: policy.statements.iter().filter_map(near).collect(), ..policy.clone() };
    if before.statements.is_empty() {
        return false;
    }
    let mut alone = wanted.as_statement();
    alone.principals.entries.retain(|p| p.kind.same_as(kind));
    let (mut empty, mut after) = (before.clone(), before.clone());
    empty.statements.clear();
    after.statements.push(alone.clone());
    let alone = Policy { statements: vec![alone], ..empty.clone() };
    let gains = |old, new, owner| !delta_for(Some(old), Some(new), owner).gains.is_empty();
    // What nobody can ever meet, or what a Deny takes, is not there because it changes nothing.
    let mut left = alone.clone();
    left.statements.extend(policy.statements.iter().filter(|s| s.effect == Effect::Deny).cloned());
    let account = kind.account();
    !gains(&before, &after, owner)
        && (owner.is_some() || !gains(&before, &after, account.as_ref()))
        && gains(&empty, &alone, owner)
        && !gains(&left, &alone, owner)
}

#[cfg(test)]
mod tests {
    use super::super::{grant, grant_for};
    use super::*;
    use crate::model::WantedPrincipals;
    use crate::model::document::Condition;

    const A: &str = r#"{"AWS":"111111111111"}"#;

    fn statement(principal: &str, action: &str, condition: &str) -> String {
        format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":{action},"Condition":{{{condition}}}}}"#)
    }

    fn address(values: &str) -> String {
        format!(r#""IpAddress":{{"aws:SourceIp":{values}}}"#)
    }

    /// Tells whether a pull, for a principal and from an address where one is named, is there in the statements.
    fn is_there(statements: &[String], principal: &str, from: Option<&str>) -> bool {
        let (text, wanted) = asked(statements, principal, from);
        !grant(Some(&text), &[wanted]).unwrap().changed
    }

    fn asked(statements: &[String], principal: &str, from: Option<&str>) -> (String, Wanted) {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
        let source = |range: &str| Condition {
            operator: "IpAddress".to_owned(),
            key: "aws:SourceIp".to_owned(),
            values: vec![range.to_owned()],
        };
        let wanted = Wanted {
            sid: "EcrGrantPull".to_owned(),
            principals: WantedPrincipals::Aws(vec![principal.to_owned()]),
            actions: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"].map(str::to_owned).to_vec(),
            conditions: from.map(source).into_iter().collect(),
        };
        (text, wanted)
    }

    #[test]
    fn a_weaker_condition_gives_it_and_a_stronger_one_does_not() {
        let root = "arn:aws:iam::111111111111:root";
        let from = |values: &str| [statement(A, "\"ecr:*\"", &address(values))];
        assert!(is_there(&from("\"203.0.113.0/24\""), root, Some("203.0.113.0/25")), "a wider network");
        assert!(is_there(&from(r#"["198.51.100.0/24","203.0.113.0/25"]"#), root, Some("203.0.113.0/25")), "one of two");
        assert!(!is_there(&from("\"203.0.113.0/25\""), root, Some("203.0.113.0/24")), "half of it");
        assert!(!is_there(&from("\"203.0.113.0/24\""), root, None));
        let both = r#""StringEquals":{"aws:SourceVpce":"vpce-1"},"#.to_owned() + &address("\"203.0.113.0/24\"");
        assert!(!is_there(&[statement(A, "\"ecr:*\"", &both)], root, Some("203.0.113.0/25")), "a condition more");
    }

    #[test]
    fn several_statements_give_it_together() {
        let root = "arn:aws:iam::111111111111:root";
        let half = |action: &str, condition: &str| statement(A, action, condition);
        assert!(is_there(&[half("\"ecr:Batch*\"", ""), half("\"ecr:Get*\"", "")], root, None));
        let halves = [address("\"0.0.0.0/1\""), address("\"128.0.0.0/1\"")].map(|a| half("\"ecr:*\"", &a));
        assert!(is_there(&halves, root, Some("203.0.113.0/24")));
        let all_but = r#"{"Effect":"Allow","Principal":{"AWS":"111111111111"},"NotAction":"ecr:PutImage"}"#;
        assert!(is_there(&[all_but.to_owned()], root, None));
        assert!(!is_there(&[all_but.replace("PutImage", "Batch*")], root, None));
    }

    #[test]
    fn what_a_deny_takes_is_written_out_so_that_the_deny_can_be_named() {
        let root = "arn:aws:iam::111111111111:root";
        let wider = statement(A, "\"ecr:*\"", &address("\"203.0.113.0/24\""));
        let deny = |action: &str| statement("\"*\"", action, "").replace("Allow", "Deny");
        let from = Some("203.0.113.0/25");
        assert!(!is_there(&[wider.clone(), deny("\"ecr:BatchGetImage\"")], root, from));
        assert!(is_there(&[wider, deny("\"ecr:PutImage\"")], root, from), "another action");
    }

    #[test]
    fn a_role_is_given_by_name_or_by_everyone_since_the_repository_may_be_its_own_accounts() {
        let role = "arn:aws:iam::111111111111:role/ci";
        let account = [statement(A, "\"ecr:*\"", "")];
        assert!(!is_there(&account, role, None), "by its account only from elsewhere");
        let (text, wanted) = asked(&account, role, None);
        for (owner, changed) in [("222222222222", false), ("111111111111", true)] {
            let edited =
                grant_for(Some(&text), std::slice::from_ref(&wanted), AccountId::parse(owner).ok().as_ref()).unwrap();
            assert_eq!(edited.changed, changed, "{owner}");
        }
        let star = |condition: &str| statement("\"*\"", "\"ecr:*\"", condition);
        let of_account = r#""StringEquals":{"aws:PrincipalAccount":["111111111111","333333333333"]}"#;
        assert!(is_there(&[star("")], role, None) && is_there(&[star(of_account)], role, None));
        let of_others = r#""StringNotEquals":{"aws:PrincipalAccount":"333333333333"}"#;
        assert!(is_there(&[star(of_others)], role, None));
        assert!(!is_there(&[star(&of_others.replace('3', "1"))], role, None));
    }
}
