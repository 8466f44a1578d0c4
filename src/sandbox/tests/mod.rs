//! The service by its wire protocols, as a client sees it.

mod access;
mod hooks;
mod listing;
mod loopback;
mod policies;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};

use super::*;
use crate::ecr::RepositoryRef;

/// 2026-11-23 00:00 UTC.
const NOW: i64 = 1_795_392_000;
const OWNER: &str = "222222222222";

fn demo_service() -> Service {
    Service::demo(Clock::Fixed(NOW))
}

fn build_request(key: &str, region: &str, service: &str, target: Option<&str>, body: String) -> Request<Bytes> {
    let mut builder = Request::post("/").header(
        "authorization",
        format!("AWS4-HMAC-SHA256 Credential={key}/20261123/{region}/{service}/aws4_request, SignedHeaders=host, Signature=00"),
    );
    if let Some(target) = target {
        builder = builder.header("x-amz-target", format!("AmazonEC2ContainerRegistry_V20150921.{target}"));
    }
    builder.body(Bytes::from(body)).unwrap()
}

fn ecr_in(service: &Service, key: &str, region: &str, operation: &str, input: &Value) -> (u16, Value) {
    let response = service.respond_to(&build_request(key, region, "ecr", Some(operation), input.to_string()));
    assert!(response.headers().contains_key("x-amzn-requestid"));
    (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
}

/// Calls an operation of ECR as the owner's administrator in eu-west-2.
fn call_ecr(service: &Service, operation: &str, input: &Value) -> (u16, Value) {
    ecr_in(service, OWNER, "eu-west-2", operation, input)
}

/// Returns the answer of an operation that must work.
fn call_good(service: &Service, operation: &str, input: &Value) -> Value {
    let (status, answer) = call_ecr(service, operation, input);
    assert_eq!(status, 200, "{answer}");
    answer
}

/// Returns status, code and message of an operation that must fail.
fn refusal_of((status, answer): (u16, Value)) -> (u16, String, String) {
    assert_ne!(status, 200, "{answer}");
    let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
    (status, text("__type"), text("message"))
}

fn call_sts(service: &Service, key: &str, form: &str) -> (u16, String) {
    let response: Response<Bytes> = service.respond_to(&build_request(key, "eu-west-2", "sts", None, form.to_owned()));
    (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())
}

fn repository_named(name: &str) -> RepositoryRef {
    RepositoryRef {
        account: OWNER.parse().unwrap(),
        region: "eu-west-2".parse().unwrap(),
        name: crate::ecr::RepositoryName::parse(name).unwrap(),
    }
}

fn pull_for(principal: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": [{"Sid": "EcrGrantPull", "Effect": "Allow",
        "Principal": {"AWS": [principal]}, "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]}]})
    .to_string()
}

fn set_policy(service: &Service, name: &str, text: &str) -> (u16, Value) {
    call_ecr(service, "SetRepositoryPolicy", &json!({"repositoryName": name, "policyText": text}))
}

const CATCH_ALL: &str =
    "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository policy provided'";
const PRINCIPAL_NOT_FOUND: &str =
    "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Principal not found'";
