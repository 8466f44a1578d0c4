//! Words about a Deny: for whom it does not hold. And about parties that are gone.

use super::{Limit, limit_of};
use crate::access::{DenyRow, EXCEPT, Who};
use crate::ecr::text::make_visible;
use crate::ecr::{AccountId, Arn};
use crate::model::document::Condition;
use crate::model::principal::{PrincipalKind, is_session_of};

/// Returns who a party is, in words. A deleted role or user is told by its kind, which the first letters of its id tell.
/// Source: IAM user guide, IAM identifiers, unique ids.
pub fn party_words(who: &Who) -> String {
    match who {
        Who::Orphan(id) if id.starts_with("AROA") => format!("deleted role {}", make_visible(id)),
        Who::Orphan(id) if id.starts_with("AIDA") => format!("deleted user {}", make_visible(id)),
        other => other.words(),
    }
}

/// Says for whom a Deny does not hold, or for whom alone it does: a clause each, such as `not from organization
/// o-a1b2c3d4e5`. Each clause holds by itself. Empty: it holds for all that it names.
pub fn denial_limits(row: &DenyRow) -> Vec<String> {
    row.conditions.iter().flat_map(limit_clauses).collect()
}

fn limit_clauses(condition: &Condition) -> Vec<String> {
    if condition.operator == EXCEPT {
        return spared_clauses(&condition.values);
    }
    vec![match limit_of(condition) {
        Limit::Only(words) | Limit::Time(words) => format!("only {words}"),
        Limit::Unless(words) => format!("not {words}"),
        Limit::When(words) => format!("only when {words}"),
    }]
}

/// Says whom `NotPrincipal` spares. An account alone spares its root user, a user or role has to be named with its account,
/// and a session with its role too. Source: IAM user guide, `NotPrincipal` with Deny.
fn spared_clauses(entries: &[String]) -> Vec<String> {
    let kind_of = |text: &String| match PrincipalKind::classify_aws(text) {
        PrincipalKind::Malformed(text) if text.contains('.') && !text.contains(':') => PrincipalKind::Service(text),
        kind => kind,
    };
    let kinds: Vec<PrincipalKind> = entries.iter().map(kind_of).collect();
    let has_account =
        |id: &AccountId| kinds.iter().any(|kind| matches!(kind, PrincipalKind::Account(named, _) if named == id));
    let has_role = |session: &Arn| {
        kinds.iter().any(|kind| matches!(kind, PrincipalKind::Role(role) if is_session_of(session, role)))
    };
    let clause = |kind: &PrincipalKind| {
        let named = |who: Who| {
            let words = who.words();
            match (kind.account(), kind) {
                (Some(id), _) if !has_account(&id) => format!("perhaps not for {words}, whose account is not named"),
                (_, PrincipalKind::Role(_)) => format!("not for {words}, but perhaps for its sessions"),
                (_, PrincipalKind::Session(session)) if !has_role(session) => {
                    format!("perhaps not for {words}, whose role is not named")
                }
                _ => format!("not for {words}"),
            }
        };
        match kind {
            PrincipalKind::Everyone => "not for anybody".to_owned(),
            PrincipalKind::Account(id, _) => format!("not for the root user of {id}"),
            PrincipalKind::Role(arn) => named(Who::Role(arn.clone())),
            PrincipalKind::User(arn) => named(Who::User(arn.clone())),
            PrincipalKind::Session(arn) => named(Who::Session(arn.clone())),
            PrincipalKind::Service(name) => named(Who::Service(name.clone())),
            PrincipalKind::Orphan(id) => named(Who::Orphan(id.clone())),
            PrincipalKind::Federated(text) | PrincipalKind::Canonical(text) | PrincipalKind::Malformed(text) => {
                format!("not for {}", make_visible(text))
            }
        }
    };
    kinds.iter().map(clause).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::table;
    use crate::evaluate::{Answer, IdentityPolicies, Request, evaluate};
    use crate::model::document::Policy;

    fn limits(statement: &str) -> Vec<String> {
        let policy =
            Policy::read(&format!("{{\"Statement\":[{{\"Effect\":\"Deny\",\"Action\":\"ecr:*\",{statement}}}]}}"))
                .unwrap();
        table(&policy, &AccountId::parse("222222222222").unwrap()).denies.iter().flat_map(denial_limits).collect()
    }

    #[test]
    fn a_deny_says_for_whom_it_does_not_hold() {
        let everyone = |condition: &str| limits(&format!(r#""Principal":"*","Condition":{{{condition}}}"#));
        assert_eq!(limits(r#""Principal":"*""#), Vec::<String>::new());
        assert_eq!(
            everyone(r#""StringNotEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}"#),
            ["not from organization o-a1b2c3d4e5"]
        );
        assert_eq!(everyone(r#""Bool":{"aws:SecureTransport":"false"}"#), ["not over TLS"]);
        assert_eq!(everyone(r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#), ["only from address 203.0.113.0/24"]);
        assert_eq!(everyone(r#""StringEquals":{"aws:userid":"x"}"#), ["only when aws:userid StringEquals x"]);
        assert_eq!(
            limits(
                r#""NotPrincipal":{"AWS":["333333333333","arn:aws:iam::333333333333:role/ci/deploy","arn:aws:iam::444444444444:user/ana"]}"#
            ),
            [
                "not for the root user of 333333333333",
                "not for role deploy of 333333333333, but perhaps for its sessions",
                "perhaps not for user ana of 444444444444, whose account is not named",
            ]
        );
    }

    /// The words are held to the evaluator: it surely spares whom they spare, and nobody whom they leave out.
    #[test]
    fn whom_the_words_spare_the_evaluator_spares() {
        let role = "arn:aws:iam::333333333333:role/ci";
        let session = "arn:aws:sts::333333333333:assumed-role/ci/build";
        let (ana, bo) = ("arn:aws:iam::333333333333:user/ana", "arn:aws:iam::444444444444:user/bo");
        let named = ["333333333333", ana, bo, role, session];
        let callers = ["arn:aws:iam::333333333333:root", ana, bo, session];
        let words = ["the root user of 333333333333", "user ana of 333333333333", "user bo of 444444444444"];
        let session_words = Who::Session(Arn::parse(session).unwrap()).words();
        let words: Vec<&str> = words.into_iter().chain([session_words.as_str()]).collect();
        for mask in 1..32_usize {
            let chosen: Vec<&str> =
                named.iter().enumerate().filter(|(at, _)| mask & (1 << at) != 0).map(|(_, n)| *n).collect();
            let entries: Vec<String> = chosen.iter().map(|n| format!("\"{n}\"")).collect();
            let deny = format!(r#""NotPrincipal":{{"AWS":[{}]}}"#, entries.join(","));
            let said = limits(&deny);
            let text = format!(r#"{{"Statement":[{{"Effect":"Deny","Action":"ecr:*",{deny}}}]}}"#);
            let policy = Policy::read(&text).unwrap();
            for (caller, words) in callers.iter().zip(&words) {
                let repository = "arn:aws:ecr:eu-west-2:222222222222:repository/vendorapp";
                let asked = Request::new(caller, "ecr:BatchGetImage", repository, IdentityPolicies::All, Vec::new());
                let decision = evaluate(&policy, &asked.unwrap());
                let is_spared = decision.answer != Answer::ExplicitDeny && decision.unsure.is_empty();
                assert_eq!(said.contains(&format!("not for {words}")), is_spared, "{caller}: {said:?} {decision:?}");
            }
        }
    }

    #[test]
    fn a_deleted_party_is_told_by_its_kind() {
        let words = |id: &str| party_words(&Who::Orphan(id.to_owned()));
        assert_eq!(words("AROAEXAMPLEID12345678"), "deleted role AROAEXAMPLEID12345678");
        assert_eq!(words("AIDAEXAMPLEID12345678"), "deleted user AIDAEXAMPLEID12345678");
        assert_eq!(words("ANPAEXAMPLEID12345678"), "deleted principal ANPAEXAMPLEID12345678");
    }
}
