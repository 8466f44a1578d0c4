//! Every place that speaks of a service principal says the same of it: `--to`, its caution, and the checks.

use ecr_policy::ecr::Grantee;
use ecr_policy::ecr::service::{ServiceInfo, all_services};
use ecr_policy::lint::{CheckOptions, check};

/// The ids and messages of what the checks find in a policy that lets a service pull, under a condition.
fn found(principal: &str, condition: &str) -> Vec<(&'static str, String)> {
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Principal": {{"Service": "{principal}"}},
            "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]{condition}}}]}}"#
    );
    check(&text, &CheckOptions::default()).into_iter().map(|f| (f.id, f.message)).collect()
}

fn has(found: &[(&str, String)], id: &str) -> bool {
    found.iter().any(|(other, _)| *other == id)
}

/// Both forms of the name: AWS's own, and that of its China partition.
fn names(info: &ServiceInfo) -> [String; 2] {
    [info.principal_name(), format!("{}.cn", info.principal_name())]
}

#[test]
fn a_grant_and_the_checks_agree_about_every_service() {
    let own = r#", "Condition": {"StringEquals": {"aws:SourceAccount": "222222222222"}}"#;
    let anybodys = r#", "Condition": {"StringLike": {"aws:SourceArn": "*"}}"#;
    for info in all_services() {
        for name in names(info) {
            let pulls = info.is_puller();
            let who = info.instead.clone().unwrap_or_default();

            let typed = Grantee::parse(&name);
            assert_eq!(typed.is_ok(), pulls, "--to {name}");
            if let Err(problem) = &typed {
                assert!(problem.next.starts_with(&who), "--to {name}: {}", problem.next);
            }
            let named = Grantee::parse(&format!("service:{name}")).unwrap();
            assert_eq!(named.caution_words().is_none(), pulls, "service:{name}");
            assert!(pulls || named.caution_words().unwrap().ends_with(&who), "service:{name}");
            assert_eq!(Grantee::parse(&named.to_string()), Ok(named), "service:{name}");

            for condition in ["", own, anybodys] {
                let found = found(&name, condition);
                assert_eq!(has(&found, "W221"), !pulls, "{name} {condition}: {found:?}");
                let says_who = |(id, message): &(&str, String)| *id == "W221" && message.ends_with(&who);
                assert!(pulls || found.iter().any(says_who), "{name}: {found:?}");
                assert_eq!(has(&found, "S105"), pulls && condition.is_empty(), "{name} {condition}: {found:?}");
                assert_eq!(has(&found, "S112"), pulls && condition == anybodys, "{name} {condition}: {found:?}");
                assert!(!has(&found, "E014"), "{name}: {found:?}");
            }
        }
    }
}
