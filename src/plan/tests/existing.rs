//! The access that is there already, beside the plan for the same request.

use super::*;

fn statement(effect: &str, principal: &str, action: &str, condition: &str) -> String {
    format!(
        r#"{{"Effect":"{effect}","Principal":{{"AWS":"{principal}"}},"Action":[{action}],"Condition":{{{condition}}}}}"#
    )
}

fn policy_text(statements: &[String]) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

const PULL: &str = r#""ecr:BatchCheckLayerAvailability","ecr:BatchGetImage","ecr:GetDownloadUrlForLayer""#;
const FROM: &str = r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#;

fn found(stored: Option<&str>, grantee: &str, actions: &[&str]) -> ExistingAccess {
    let [found] = find_existing(&target("vendorapp", stored), &request(&[grantee], actions)).try_into().unwrap();
    found
}

#[test]
fn nothing_would_change_exactly_where_the_plan_writes_nothing() {
    let root = "arn:aws:iam::111111111111:root";
    let role = "arn:aws:iam::111111111111:role/ci";
    let parts = [
        statement("Allow", root, PULL, ""),
        statement("Allow", role, PULL, ""),
        statement("Allow", root, r#""ecr:BatchGetImage""#, ""),
        statement("Allow", root, r#""ecr:GetDownloadUrlForLayer","ecr:BatchCheckLayerAvailability""#, ""),
        statement("Allow", root, r#""ecr:*""#, FROM),
        statement("Allow", "*", PULL, r#""StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}"#),
        statement("Deny", root, r#""ecr:BatchGetImage""#, ""),
        statement("Deny", "*", r#""ecr:*""#, FROM),
    ];
    let grantees = ["111111111111", role, "333333333333", "o-a1b2c3d4e5", "codebuild.amazonaws.com", "*"];
    let mut counts = [0; 4];
    for subset in 0_u32..1 << parts.len() {
        // Every policy of up to two statements.
        if subset.count_ones() > 2 {
            continue;
        }
        let chosen: Vec<String> =
            parts.iter().enumerate().filter(|(at, _)| subset & (1 << at) != 0).map(|(_, part)| part.clone()).collect();
        let text = policy_text(&chosen);
        let stored = (!chosen.is_empty()).then_some(text.as_str());
        for grantee in grantees {
            for actions in [&[] as &[&str], &["BatchGetImage"]] {
                let plan = planned(stored, &[grantee], actions);
                let case = format!("{grantee} {actions:?} {text}");
                let is_stored = plan.text.as_deref() == stored;
                match found(stored, grantee, actions) {
                    ExistingAccess::Whole => {
                        counts[0] += 1;
                        assert_eq!(plan.verdict, Verdict::AlreadyGranted, "{case}");
                        assert!(plan.blocked.is_empty(), "{case}");
                    }
                    ExistingAccess::Doubtful(clauses) => {
                        counts[1] += 1;
                        assert!(is_stored && !plan.blocked.is_empty(), "{case}");
                        assert_eq!(clauses, plan.denied_words(), "{case}");
                    }
                    ExistingAccess::Partial(clauses) => {
                        counts[2] += 1;
                        assert!(!is_stored && !clauses.is_empty(), "{case}");
                    }
                    ExistingAccess::Missing => {
                        counts[3] += 1;
                        assert!(!is_stored, "{case}");
                    }
                    ExistingAccess::Unreadable => panic!("{case}"),
                }
            }
        }
    }
    assert!(counts.iter().all(|count| *count > 5), "{counts:?}");
}

#[test]
fn a_part_is_told_with_its_conditions() {
    let root = "arn:aws:iam::111111111111:root";
    let parts = |statements: &[String], grantee| match found(Some(&policy_text(statements)), grantee, &[]) {
        ExistingAccess::Partial(clauses) => clauses,
        other => panic!("{other:?}"),
    };
    let from_address = [statement("Allow", root, PULL, FROM)];
    assert_eq!(parts(&from_address, "111111111111"), ["pull only from address 203.0.113.0/24"]);
    assert_eq!(parts(&from_address, "arn:aws:iam::111111111111:role/ci"), ["pull only from address 203.0.113.0/24"]);
    let half = [statement("Allow", root, r#""ecr:BatchGetImage""#, "")];
    assert_eq!(parts(&half, "111111111111"), ["BatchGetImage"]);
    assert_eq!(found(Some(&policy_text(&half)), "333333333333", &[]), ExistingAccess::Missing);
}

#[test]
fn a_text_that_is_no_policy_and_a_registry_that_was_not_read_are_said() {
    assert_eq!(found(Some("{"), "111111111111", &[]), ExistingAccess::Unreadable);
    let text = policy_text(&[statement("Allow", "arn:aws:iam::111111111111:root", PULL, "")]);
    let unread =
        Target { registry: RegistryPolicy::of_read(Err("not allowed".to_owned())), ..target("vendorapp", Some(&text)) };
    let found = find_existing(&unread, &request(&["111111111111", "333333333333"], &[]));
    let [ExistingAccess::Doubtful(clauses), ExistingAccess::Missing] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(clauses, &plan_grant(&unread, &request(&["111111111111"], &[]), None).unknown_words());
}
