//! The service's hooks for tests of other rooms.

use super::*;

#[test]
fn another_writer_can_come_in_between_two_calls() {
    let service = demo_service();
    let theirs = pull_for("555555555555");
    service.write_after("GetRepositoryPolicy", &repository_named("vendorapp"), Some(&theirs));
    let ask = json!({"repositoryName": "vendorapp"});
    // A call on another repository does not set it off.
    call_good(&service, "GetRepositoryPolicy", &json!({"repositoryName": "payments-api"}));
    assert_eq!(service.policy_of(&repository_named("vendorapp")), None);
    assert_eq!(call_ecr(&service, "GetRepositoryPolicy", &ask).0, 400);
    let text = call_good(&service, "GetRepositoryPolicy", &ask)["policyText"].as_str().unwrap().to_owned();
    assert!(text.contains("arn:aws:iam::555555555555:root"), "{text}");
    assert!(service.set_policy_directly(&repository_named("vendorapp"), None));
    assert!(!service.set_policy_directly(&repository_named("nowhere"), None));
    assert_eq!(service.policy_of(&repository_named("vendorapp")), None);
}

#[test]
fn trouble_comes_as_scripted_and_ends() {
    let service = demo_service();
    let ask = || call_ecr(&service, "DescribeRegistry", &json!({}));
    service.add_trouble(Some("DescribeRegistry"), 1, 1, Trouble::Throttled);
    assert_eq!(ask().0, 200);
    assert_eq!(refusal_of(ask()), (400, "ThrottlingException".to_owned(), "Rate exceeded".to_owned()));
    assert_eq!(ask().0, 200);
    service.add_trouble(None, 0, 1, Trouble::HtmlPage);
    let page = service.respond_to(&build_request(OWNER, "eu-west-2", "ecr", Some("DescribeRegistry"), "{}".to_owned()));
    assert_eq!(page.status().as_u16(), 500);
    assert!(page.body().starts_with(b"<!doctype html>"));
    service.add_trouble(None, 0, 9, Trouble::ServerError);
    assert_eq!(refusal_of(ask()).0, 500);
    service.end_trouble();
    assert_eq!(ask().0, 200);
}

#[test]
fn a_lost_answer_is_carried_out_all_the_same_and_a_broken_connection_is_not() {
    let service = demo_service();
    let text = pull_for("111111111111");
    let input = json!({"repositoryName": "vendorapp", "policyText": text}).to_string();
    let write = build_request(OWNER, "eu-west-2", "ecr", Some("SetRepositoryPolicy"), input);
    service.add_trouble(Some("SetRepositoryPolicy"), 0, 1, Trouble::Broken);
    assert!(matches!(service.answer_request(&write), WireAnswer::Broken));
    assert_eq!(service.policy_of(&repository_named("vendorapp")), None);
    service.add_trouble(Some("SetRepositoryPolicy"), 0, 1, Trouble::AnswerLost);
    assert!(matches!(service.answer_request(&write), WireAnswer::Broken));
    assert!(service.policy_of(&repository_named("vendorapp")).is_some());
    service.add_trouble(None, 0, 1, Trouble::Silence);
    assert!(matches!(service.answer_request(&write), WireAnswer::Silence));
}

#[test]
fn a_read_can_lag_behind_a_write() {
    let service = demo_service();
    set_policy(&service, "vendorapp", &pull_for("111111111111"));
    service.add_trouble(Some("GetRepositoryPolicy"), 0, 1, Trouble::StaleRead);
    let ask = json!({"repositoryName": "vendorapp"});
    assert_eq!(refusal_of(call_ecr(&service, "GetRepositoryPolicy", &ask)).1, "RepositoryPolicyNotFoundException");
    assert_eq!(call_ecr(&service, "GetRepositoryPolicy", &ask).0, 200);
}

#[test]
fn calls_are_recorded_with_what_matters_of_them() {
    let service = demo_service();
    set_policy(&service, "vendorapp", &pull_for("111111111111"));
    call_sts(&service, OWNER, "Action=GetCallerIdentity&Version=2011-06-15");
    let calls = service.recorded_calls();
    let shown: Vec<_> = calls.iter().map(|c| (c.operation.as_str(), c.repository.as_deref(), c.force)).collect();
    assert_eq!(shown, [("SetRepositoryPolicy", Some("vendorapp"), false), ("GetCallerIdentity", None, false)]);
    service.forget_calls();
    assert!(service.recorded_calls().is_empty());
}

#[test]
fn repositories_can_come_and_go() {
    let service = demo_service();
    let new = repository_named("team/brand-new");
    service.add_repository(&new);
    assert_eq!(call_ecr(&service, "DescribeRepositories", &json!({"repositoryNames": ["team/brand-new"]})).0, 200);
    assert!(service.remove_repository(&new) && !service.remove_repository(&new));
    assert_eq!(call_ecr(&service, "DescribeRepositories", &json!({"repositoryNames": ["team/brand-new"]})).0, 400);
}
