//! Listings: repositories, images, tags, registry settings.

use super::*;

#[test]
fn pages_follow_each_other_without_a_gap_or_a_repetition() {
    let service = Service::with_many(257, Clock::Fixed(NOW));
    let mut names = Vec::new();
    let mut token: Option<String> = None;
    let mut pages = 0;
    loop {
        let answer = match &token {
            None => call_good(&service, "DescribeRepositories", &json!({})),
            Some(t) => call_good(&service, "DescribeRepositories", &json!({"nextToken": t})),
        };
        pages += 1;
        for entry in answer["repositories"].as_array().unwrap() {
            names.push(entry["repositoryName"].as_str().unwrap().to_owned());
        }
        token = answer["nextToken"].as_str().map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    assert_eq!((pages, names.len()), (3, 257));
    let mut sorted = names.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(sorted, names);
}

#[test]
fn the_last_full_page_has_no_token() {
    let service = Service::with_many(200, Clock::Fixed(NOW));
    let first = call_good(&service, "DescribeRepositories", &json!({"maxResults": 100}));
    let second =
        call_good(&service, "DescribeRepositories", &json!({"maxResults": 100, "nextToken": first["nextToken"]}));
    assert_eq!(second["repositories"].as_array().unwrap().len(), 100);
    assert!(second.get("nextToken").is_none());
    let all = call_good(&service, "DescribeRepositories", &json!({"maxResults": 1000}));
    assert_eq!(all["repositories"].as_array().unwrap().len(), 200);
}

#[test]
fn a_foreign_token_and_a_page_size_out_of_range_are_refused() {
    let service = demo_service();
    let page = call_good(&service, "DescribeRepositories", &json!({"maxResults": 5}));
    let token = page["nextToken"].clone();
    for input in [
        json!({"nextToken": "bogus"}),
        json!({"maxResults": 0}),
        json!({"maxResults": 1001}),
        json!({"maxResults": 10, "repositoryNames": ["vendorapp"]}),
        json!({"nextToken": token, "repositoryNames": ["vendorapp"]}),
    ] {
        let (status, code, _) = refusal_of(call_ecr(&service, "DescribeRepositories", &input));
        assert_eq!((status, code.as_str()), (400, "InvalidParameterException"), "{input}");
    }
    // A token of one Region means nothing in another.
    let (status, _) = ecr_in(&service, OWNER, "us-east-1", "DescribeRepositories", &json!({"nextToken": token}));
    assert_eq!(status, 400);
}

#[test]
fn a_named_repository_comes_with_all_that_aws_tells() {
    let answer = call_good(&demo_service(), "DescribeRepositories", &json!({"repositoryNames": ["payments-api"]}));
    let entry = &answer["repositories"][0];
    assert_eq!(entry["repositoryArn"], "arn:aws:ecr:eu-west-2:222222222222:repository/payments-api");
    assert_eq!(entry["repositoryUri"], "222222222222.dkr.ecr.eu-west-2.amazonaws.com/payments-api");
    assert_eq!(entry["registryId"], OWNER);
    assert_eq!(entry["imageTagMutability"], "IMMUTABLE");
    assert_eq!(entry["encryptionConfiguration"]["encryptionType"], "KMS");
    assert!(entry["createdAt"].is_f64());
    assert!(answer.get("nextToken").is_none());
}

#[test]
fn a_repository_that_is_not_there_is_named_in_the_refusal() {
    let input = json!({"repositoryNames": ["vendorapp", "nowhere"]});
    assert_eq!(
        refusal_of(call_ecr(&demo_service(), "DescribeRepositories", &input)),
        (
            400,
            "RepositoryNotFoundException".to_owned(),
            "The repository with name 'nowhere' does not exist in the registry with id '222222222222'".to_owned()
        )
    );
}

#[test]
fn each_account_and_region_has_its_own_registry() {
    let service = demo_service();
    let first = |key: &str, region: &str| {
        let (_, answer) = ecr_in(&service, key, region, "DescribeRepositories", &json!({}));
        answer["repositories"][0]["repositoryUri"].as_str().unwrap_or_default().to_owned()
    };
    assert!(first(OWNER, "eu-west-2").starts_with("222222222222.dkr.ecr.eu-west-2."));
    assert!(first(OWNER, "us-east-1").starts_with("222222222222.dkr.ecr.us-east-1."));
    assert!(first("333333333333", "eu-west-2").starts_with("333333333333.dkr.ecr.eu-west-2."));
    assert_eq!(first("123456789012", "eu-west-2"), "");
    assert_eq!(first(OWNER, "cn-north-1"), "");
}

#[test]
fn images_are_listed_filtered_and_paged() {
    let service = demo_service();
    let ask = |operation: &str, more: Value| {
        let mut input = json!({"repositoryName": "vendorapp"});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        call_ecr(&service, operation, &input)
    };
    let all = ask("DescribeImages", json!({})).1["imageDetails"].as_array().unwrap().clone();
    assert_eq!(all.len(), 6);
    let untagged = ask("DescribeImages", json!({"filter": {"tagStatus": "UNTAGGED"}})).1;
    assert_eq!(untagged["imageDetails"].as_array().unwrap().len(), 1);
    let archived = ask("ListImages", json!({"filter": {"imageStatus": "ARCHIVED"}})).1;
    assert_eq!(archived["imageIds"].as_array().unwrap().len(), 0);
    assert_eq!(ask("ListImages", json!({"filter": {"tagStatus": "SOME"}})).0, 400);
    let latest = ask("DescribeImages", json!({"imageIds": [{"imageTag": "latest"}]})).1;
    assert!(latest["imageDetails"][0]["imageDigest"].as_str().unwrap().starts_with("sha256:"));
    let (status, code, message) = refusal_of(ask("DescribeImages", json!({"imageIds": [{"imageTag": "nope"}]})));
    assert_eq!((status, code.as_str()), (400, "ImageNotFoundException"));
    assert!(message.contains("imageTag:'nope'"), "{message}");

    // Six images, one of them with two tags.
    let first = ask("ListImages", json!({"maxResults": 4})).1;
    let second = ask("ListImages", json!({"maxResults": 4, "nextToken": first["nextToken"]})).1;
    assert_eq!(first["imageIds"].as_array().unwrap().len() + second["imageIds"].as_array().unwrap().len(), 7);
    assert!(second.get("nextToken").is_none());
}

#[test]
fn tags_registry_replication_and_token_are_told() {
    let service = demo_service();
    let arn = "arn:aws:ecr:eu-west-2:222222222222:repository/platform/base-images/node";
    let tags = call_good(&service, "ListTagsForResource", &json!({"resourceArn": arn}));
    assert!(tags["tags"].as_array().unwrap().iter().any(|t| t["Key"] == "aws:cloudformation:stack-name"));

    let registry = call_good(&service, "DescribeRegistry", &json!({}));
    assert_eq!(registry["registryId"], OWNER);
    assert_eq!(registry["replicationConfiguration"]["rules"].as_array().unwrap().len(), 1);

    let policy = call_good(&service, "GetRegistryPolicy", &json!({}));
    assert!(policy["policyText"].as_str().unwrap().contains("ecr:ReplicateImage"));
    let (_, code, message) = refusal_of(ecr_in(&service, OWNER, "us-east-1", "GetRegistryPolicy", &json!({})));
    assert_eq!(code, "RegistryPolicyNotFoundException");
    assert_eq!(message, "Registry policy does not exist in the registry with id '222222222222'");

    let token = call_good(&service, "GetAuthorizationToken", &json!({}));
    let data = &token["authorizationData"][0];
    assert_eq!(data["proxyEndpoint"], "https://222222222222.dkr.ecr.eu-west-2.amazonaws.com");
    assert_eq!(data["expiresAt"].as_f64().unwrap() as i64, NOW + 12 * 3600);
}
