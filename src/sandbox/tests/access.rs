//! Access: the callers of each operation, and the words of a refusal in each protocol.

use super::*;

#[test]
fn another_accounts_registry_is_denied_as_aws_words_it() {
    let service = demo_service();
    let input = json!({"registryId": "333333333333", "repositoryName": "airflow-dags"});
    let (status, code, message) = refusal_of(call_ecr(&service, "GetRepositoryPolicy", &input));
    assert_eq!((status, code.as_str()), (400, "AccessDeniedException"));
    assert_eq!(
        message,
        "User: arn:aws:sts::222222222222:assumed-role/Admin/sandbox is not authorized to perform: \
         ecr:GetRepositoryPolicy on resource: arn:aws:ecr:eu-west-2:333333333333:repository/airflow-dags because no \
         resource-based policy allows the ecr:GetRepositoryPolicy action"
    );
    // One that does not exist is denied in the same words: nothing is given away.
    let input = json!({"registryId": "333333333333", "repositoryName": "nowhere"});
    assert_eq!(refusal_of(call_ecr(&service, "GetRepositoryPolicy", &input)).1, "AccessDeniedException");
    let input = json!({"registryId": "333333333333"});
    assert_eq!(refusal_of(call_ecr(&service, "DescribeRepositories", &input)).1, "AccessDeniedException");
    assert_eq!(
        refusal_of(call_ecr(&service, "DescribeRepositories", &json!({"registryId": "3333"}))).1,
        "InvalidParameterException"
    );
}

#[test]
fn the_auditor_may_read_and_not_write() {
    let service = demo_service();
    let key = "ASIADEMO0AUDITOR";
    assert_eq!(ecr_in(&service, key, "eu-west-2", "DescribeRepositories", &json!({})).0, 200);
    let input = json!({"repositoryName": "vendorapp", "policyText": pull_for("111111111111")});
    let (status, code, message) = refusal_of(ecr_in(&service, key, "eu-west-2", "SetRepositoryPolicy", &input));
    assert_eq!((status, code.as_str()), (400, "AccessDeniedException"));
    assert!(
        message.starts_with("User: arn:aws:sts::222222222222:assumed-role/Auditor/ana is not authorized to perform: ecr:SetRepositoryPolicy")
            && message.ends_with("because no identity-based policy allows the ecr:SetRepositoryPolicy action"),
        "{message}"
    );
    assert_eq!(service.policy_of(&repository_named("vendorapp")), None);
}

#[test]
fn the_build_agent_may_not_list() {
    let answer = ecr_in(&demo_service(), "ASIADEMO0BUILDAGENT", "eu-west-2", "DescribeRepositories", &json!({}));
    let (_, code, message) = refusal_of(answer);
    assert_eq!(code, "AccessDeniedException");
    assert!(message.contains("on resource: arn:aws:ecr:eu-west-2:222222222222:repository/* "), "{message}");
}

#[test]
fn keys_that_are_expired_or_unknown_are_refused_in_each_protocols_words() {
    let service = demo_service();
    let by = |key: &str| refusal_of(ecr_in(&service, key, "eu-west-2", "DescribeRegistry", &json!({})));
    let identity = "Action=GetCallerIdentity&Version=2011-06-15";
    assert_eq!(by("ASIADEMO0LASTWEEK").1, "ExpiredTokenException");
    let (status, body) = call_sts(&service, "ASIADEMO0LASTWEEK", identity);
    assert!(status == 403 && body.contains("<Code>ExpiredToken</Code>"), "{status} {body}");
    assert_eq!(
        by("AKIADEMO0DELETED"),
        (
            400,
            "UnrecognizedClientException".to_owned(),
            "The security token included in the request is invalid.".to_owned()
        )
    );
    let (status, body) = call_sts(&service, "AKIADEMO0DELETED", identity);
    assert!(status == 403 && body.contains("<Code>InvalidClientTokenId</Code>"), "{status} {body}");
    let (status, body) = call_sts(&service, "ASIADEMO0BREAKGLASS", identity);
    assert!(status == 403 && body.contains("MultiFactorAuthentication failed"), "{status} {body}");
}

#[test]
fn a_request_without_signature_and_an_unknown_operation_are_refused() {
    let service = demo_service();
    let mut bare = build_request(OWNER, "eu-west-2", "ecr", Some("DescribeRegistry"), "{}".to_owned());
    bare.headers_mut().remove("authorization");
    let body: Value = serde_json::from_slice(service.respond_to(&bare).body()).unwrap();
    assert_eq!(body["__type"], "MissingAuthenticationTokenException");

    let (status, code, message) = refusal_of(call_ecr(&service, "CreateRepository", &json!({})));
    assert_eq!((status, code.as_str()), (400, "UnknownOperationException"));
    assert!(message.starts_with("the sandbox of ecr-grant has no CreateRepository of ECR; it has"), "{message}");
    let (status, body) = call_sts(&service, OWNER, "Action=GetFederationToken&Version=2011-06-15");
    assert_eq!(status, 400);
    assert!(
        body.contains("<Code>InvalidAction</Code>") && body.contains("GetFederationToken for version 2011-06-15"),
        "{body}"
    );
    let wrong = build_request(OWNER, "eu-west-2", "s3", Some("DescribeRegistry"), "{}".to_owned());
    assert_eq!(service.respond_to(&wrong).status().as_u16(), 400);
}

#[test]
fn input_that_is_no_json_or_of_the_wrong_type_is_a_serialization_error() {
    let service = demo_service();
    let broken =
        build_request(OWNER, "eu-west-2", "ecr", Some("GetRepositoryPolicy"), "{\"repositoryName\":".to_owned());
    let body: Value = serde_json::from_slice(service.respond_to(&broken).body()).unwrap();
    assert_eq!(body["__type"], "SerializationException");
    for input in [json!({"repositoryName": 7}), json!({"repositoryName": ["vendorapp"]})] {
        assert_eq!(refusal_of(call_ecr(&service, "GetRepositoryPolicy", &input)).1, "SerializationException");
    }
    for input in [json!({}), json!({"repositoryName": "Vendor App"})] {
        assert_eq!(refusal_of(call_ecr(&service, "GetRepositoryPolicy", &input)).1, "InvalidParameterException");
    }
}

#[test]
fn sts_tells_who_calls_and_gives_the_keys_of_a_role() {
    let service = demo_service();
    let (status, body) = call_sts(&service, "ASIADEMO0RELEASEOWNER", "Action=GetCallerIdentity&Version=2011-06-15");
    assert_eq!(status, 200);
    assert!(body.contains("<Arn>arn:aws:sts::222222222222:assumed-role/PlatformAdmin/ana</Arn>"), "{body}");
    assert!(body.contains("<Account>222222222222</Account>") && body.contains("<RequestId>"), "{body}");

    let form = |role: &str, session: &str| {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("Action", "AssumeRole"),
                ("Version", "2011-06-15"),
                ("RoleArn", role),
                ("RoleSessionName", session),
            ])
            .finish()
    };
    let (status, body) = call_sts(&service, OWNER, &form("arn:aws:iam::333333333333:role/DataAdmin", "ana"));
    assert_eq!(status, 200, "{body}");
    let between = |open: &str, close: &str| body.split_once(open).unwrap().1.split_once(close).unwrap().0.to_owned();
    let key = between("<AccessKeyId>", "</AccessKeyId>");
    assert_eq!(between("<Expiration>", "</Expiration>"), "2026-11-23T01:00:00Z");
    let mut listing = build_request(&key, "eu-west-2", "ecr", Some("DescribeRegistry"), "{}".to_owned());
    listing.headers_mut().insert("x-amz-security-token", between("<SessionToken>", "</SessionToken>").parse().unwrap());
    let answer: Value = serde_json::from_slice(service.respond_to(&listing).body()).unwrap();
    assert_eq!(answer["registryId"], "333333333333");
    service.advance_clock(3600);
    let answer: Value = serde_json::from_slice(service.respond_to(&listing).body()).unwrap();
    assert_eq!(answer["__type"], "ExpiredTokenException");

    let (status, body) = call_sts(&service, OWNER, &form("arn:aws:iam::222222222222:role/Nobody", "ana"));
    assert!(
        status == 403
            && body.contains(
                "is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::222222222222:role/Nobody"
            ),
        "{body}"
    );
    let (status, body) = call_sts(&service, OWNER, &form("arn:aws:iam::222222222222:role/BreakGlass", "ana"));
    assert!(status == 403 && body.contains("MultiFactorAuthentication failed"), "{body}");
    assert_eq!(call_sts(&service, OWNER, &form("arn:aws:iam::222222222222:role/Auditor", "a b")).0, 400);
}
