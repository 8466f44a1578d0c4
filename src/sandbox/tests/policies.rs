//! Repository policies: set, read, delete, and refusals.

use super::*;

#[test]
fn no_policy_is_an_error_with_the_repositorys_name() {
    assert_eq!(
        refusal_of(call_ecr(&demo_service(), "GetRepositoryPolicy", &json!({"repositoryName": "vendorapp"}))),
        (
            400,
            "RepositoryPolicyNotFoundException".to_owned(),
            "Repository policy does not exist for the repository with name 'vendorapp' in the registry with id '222222222222'"
                .to_owned()
        )
    );
}

#[test]
fn a_policy_is_set_printed_anew_read_and_deleted() {
    let service = demo_service();
    let (status, answer) = set_policy(&service, "vendorapp", &pull_for("111111111111"));
    assert_eq!(status, 200, "{answer}");
    let stored = answer["policyText"].as_str().unwrap();
    assert_eq!(
        stored,
        "{\n  \"Version\" : \"2012-10-17\",\n  \"Statement\" : [ {\n    \"Sid\" : \"EcrGrantPull\",\n    \"Effect\" : \
         \"Allow\",\n    \"Principal\" : {\n      \"AWS\" : [ \"arn:aws:iam::111111111111:root\" ]\n    },\n    \
         \"Action\" : [ \"ecr:BatchGetImage\", \"ecr:GetDownloadUrlForLayer\" ]\n  } ]\n}"
    );
    let read = call_good(&service, "GetRepositoryPolicy", &json!({"repositoryName": "vendorapp"}));
    assert_eq!(read, answer);
    let deleted = call_good(&service, "DeleteRepositoryPolicy", &json!({"repositoryName": "vendorapp"}));
    assert_eq!(deleted["policyText"], *stored);
    let again = call_ecr(&service, "DeleteRepositoryPolicy", &json!({"repositoryName": "vendorapp"}));
    assert_eq!(refusal_of(again).1, "RepositoryPolicyNotFoundException");
}

#[test]
fn whatever_is_wrong_with_the_text_the_words_are_the_same() {
    let service = demo_service();
    for text in [
        "",
        "not json",
        "[]",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"ecr:BatchGetImage","Resource":"*"}]}"#,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"allow","Principal":{"AWS":"*"},"Action":"ecr:BatchGetImage"}]}"#,
        r#"{"Version":"2020-01-01","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"ecr:BatchGetImage"}]}"#,
        &pull_for("arn:aws:iam::111111111111:*"),
        &pull_for("hello"),
        &pull_for("999999999999"),
        &pull_for("arn:aws:iam::999999999999:role/x"),
        &pull_for("arn:aws-cn:iam::111111111111:root"),
        &pull_for("AROA5X7QD2KLMN4PRSTUV"),
    ] {
        let (status, code, message) = refusal_of(set_policy(&service, "vendorapp", text));
        assert_eq!((status, code.as_str(), message.as_str()), (400, "InvalidParameterException", CATCH_ALL), "{text}");
    }
    assert_eq!(service.policy_of(&repository_named("vendorapp")), None);
}

#[test]
fn roles_and_users_must_exist_and_accounts_only_must_not_be_missing() {
    let service = demo_service();
    for known in [
        "555555555555",
        "arn:aws:iam::012345678901:root",
        "arn:aws:iam::777777777777:role/eks/node-group",
        "arn:aws:iam::111111111111:user/release-puller",
        "arn:aws:sts::222222222222:assumed-role/Auditor/on-call",
    ] {
        let (status, answer) = set_policy(&service, "vendorapp", &pull_for(known));
        assert_eq!(status, 200, "{known}: {answer}");
    }
    for unknown in [
        "arn:aws:iam::777777777777:role/node-group",
        "arn:aws:iam::111111111111:user/nobody",
        "arn:aws:iam::555555555555:role/old-ci-runner",
        "arn:aws:sts::222222222222:assumed-role/Nobody/on-call",
    ] {
        let (_, code, message) = refusal_of(set_policy(&service, "vendorapp", &pull_for(unknown)));
        assert_eq!((code.as_str(), message.as_str()), ("InvalidParameterException", PRINCIPAL_NOT_FOUND), "{unknown}");
    }
}

#[test]
fn the_limit_counts_the_characters_of_the_text_that_is_sent() {
    let service = demo_service();
    let text = pull_for("111111111111");
    let padded = |length: usize| format!("{text}{}", " ".repeat(length - text.len()));
    assert_eq!(set_policy(&service, "vendorapp", &padded(10_240)).0, 200);
    let (status, code, message) = refusal_of(set_policy(&service, "vendorapp", &padded(10_241)));
    assert_eq!((status, code.as_str()), (400, "InvalidParameterException"));
    assert!(message.contains("10240"), "{message}");
}

#[test]
fn a_deleted_principal_comes_back_as_an_id_and_blocks_the_next_set() {
    let service = demo_service();
    let name = "platform/ci/renovate";
    let read = call_good(&service, "GetRepositoryPolicy", &json!({"repositoryName": name}));
    let text = read["policyText"].as_str().unwrap();
    assert!(text.contains("\"AROA5X7QD2KLMN4PRSTUV\""), "{text}");
    assert_eq!(refusal_of(set_policy(&service, name, text)).2, CATCH_ALL);
    let mended = text.replace("\"AROA5X7QD2KLMN4PRSTUV\", ", "").replace(", \"AROA5X7QD2KLMN4PRSTUV\"", "");
    assert_eq!(set_policy(&service, name, &mended).0, 200);

    let role = "arn:aws:iam::777777777777:role/eks/node-group";
    assert!(service.policy_of(&repository_named("platform/ingress-nginx")).unwrap().contains(role));
    service.delete_principal(role);
    assert!(service.policy_of(&repository_named("platform/ingress-nginx")).unwrap().contains("AROA777AAAAAAAAAAAAA1"));
}

#[test]
fn a_lock_out_needs_force_and_is_real_afterwards() {
    let service = demo_service();
    let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"ecr:*"}]}"#;
    let (status, code, message) = refusal_of(set_policy(&service, "vendorapp", text));
    assert_eq!((status, code.as_str()), (400, "InvalidParameterException"));
    assert!(message.contains("force") && message != CATCH_ALL, "{message}");
    let input = json!({"repositoryName": "vendorapp", "policyText": text, "force": true});
    assert_eq!(call_ecr(&service, "SetRepositoryPolicy", &input).0, 200);
    let (_, code, message) = refusal_of(set_policy(&service, "vendorapp", &pull_for("111111111111")));
    assert_eq!(code, "AccessDeniedException");
    assert!(message.ends_with("with an explicit deny in a resource-based policy"), "{message}");
}

#[test]
fn a_deny_that_spares_the_caller_is_no_lock_out() {
    let service = demo_service();
    let text = service.policy_of(&repository_named("platform/policy-agent")).unwrap();
    let input = json!({"repositoryName": "platform/policy-agent", "policyText": text});
    let by = |key: &str| ecr_in(&service, key, "eu-west-2", "SetRepositoryPolicy", &input);
    assert_eq!(by("ASIADEMO0RELEASEOWNER").0, 200);
    assert_eq!(refusal_of(by(OWNER)).1, "AccessDeniedException");
}

#[test]
fn every_policy_of_the_demo_is_one_that_the_service_would_take() {
    let service = demo_service();
    for (reference, stored) in registries::Registries::demo_registries().all_repositories() {
        let Some(text) = &stored.policy else { continue };
        // What is stored already would never be refused: the text comes as a new one.
        assert!(service.set_policy_directly(&reference, None));
        let orphaned = text.contains("old-ci-runner") || text.contains("legacy-pusher");
        let input = json!({"repositoryName": reference.name.as_str(), "policyText": text});
        let key = match reference.account.as_str() {
            OWNER => "ASIADEMO0RELEASEOWNER",
            other => other,
        };
        let (status, answer) = ecr_in(&service, key, reference.region.as_str(), "SetRepositoryPolicy", &input);
        if orphaned {
            assert_eq!(status, 400, "{reference}");
        } else {
            assert_eq!(status, 200, "{reference}: {answer}");
            assert_eq!(answer["policyText"], *text, "{reference}");
        }
    }
}
