//! Policies and requests made up for property tests; the evaluator is what the engine's other claims are held against.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::evaluate::{self, Answer, Caller, IdentityPolicies, evaluate};
use super::model::document::{Condition, Policy};
use super::model::principal::PrincipalKind;
use crate::ecr::{Arn, Partition};

/// Policies that are hard to analyse, those of the measurement.
#[path = "../benches/adversary/mod.rs"]
pub(crate) mod adversary;

/// The configuration of a property test with so many cases, the same ones each time; `tests/it` looks further.
pub(crate) fn fixed_cases(cases: u32) -> ProptestConfig {
    let rng_seed = RngSeed::Fixed(20_261_123);
    ProptestConfig { cases, rng_seed, failure_persistence: None, ..ProptestConfig::default() }
}

/// A whole account.
pub(crate) const ACCOUNT: &str = "arn:aws:iam::111111111111:root";
/// A role of another account.
pub(crate) const ROLE: &str = "arn:aws:iam::333333333333:role/ci";
const SESSION: &str = "arn:aws:sts::111111111111:assumed-role/ci/run";

pub(crate) fn principal() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "111111111111",
        ACCOUNT,
        ROLE,
        "arn:aws:iam::444444444444:root",
        "arn:aws:iam::111111111111:user/ana",
        SESSION,
        "*",
    ])
}

pub(crate) fn actions() -> impl Strategy<Value = Vec<String>> {
    let names =
        vec!["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:PutImage", "ecr:DescribeImages", "ecr:Batch*"];
    prop::sample::subsequence(names, 1..4).prop_map(|v| v.into_iter().map(str::to_owned).collect())
}

pub(crate) fn conditions() -> impl Strategy<Value = Vec<Condition>> {
    let condition = |operator: &str, key: &str, value: &str| Condition {
        operator: operator.to_owned(),
        key: key.to_owned(),
        values: vec![value.to_owned()],
    };
    prop::sample::select(vec![
        vec![],
        vec![],
        vec![condition("StringEquals", "aws:PrincipalOrgID", "o-aaaaaaaaaa")],
        vec![condition("IpAddress", "aws:SourceIp", "203.0.113.0/24")],
        vec![
            condition("StringLike", "aws:PrincipalArn", "arn:aws:iam::*:role/x"),
            condition("StringLike", "aws:userid", "a"),
        ],
    ])
}

/// Texts that JSON has to escape or that readers take for something else: control characters, quotes, line ends of
/// Unicode, characters beyond U+FFFF.
pub(crate) fn odd_text() -> impl Strategy<Value = String> {
    let odd = "[\0-\u{1f}\u{7f}-\u{9f}\"\\\\/\u{a0}\u{2028}\u{2029}\u{202e}\u{d7ff}\u{e000}\u{feff}\u{fffd}\u{ffff}\u{1f600}\u{e0041}\u{10ffff}a ,:{}\\[\\]]{0,12}";
    prop_oneof![odd, any::<String>()]
}

/// Statements of others as JSON values: each principal form, single or list, with and without Sid.
pub(crate) fn theirs() -> impl Strategy<Value = serde_json::Value> {
    let form = |mut list: Vec<String>, single: bool| -> serde_json::Value {
        if single && list.len() == 1 { list.remove(0).into() } else { list.into() }
    };
    let parts = (
        prop::option::of("(EcrGrantPull|EcrGrantPull2|Other)"),
        any::<bool>(),
        prop::collection::vec(principal(), 1..3),
        actions(),
        conditions(),
        any::<(bool, bool)>(),
    );
    parts.prop_map(move |(sid, deny, who, actions, conditions, (single, negated))| {
        let mut s = serde_json::Map::new();
        if let Some(sid) = sid {
            s.insert("Sid".into(), sid.into());
        }
        s.insert("Effect".into(), if deny { "Deny" } else { "Allow" }.into());
        let who: Vec<String> = who.into_iter().map(str::to_owned).collect();
        s.insert("Principal".into(), serde_json::json!({ "AWS": form(who, single) }));
        s.insert(if negated { "NotAction" } else { "Action" }.into(), form(actions, single));
        let mut block = serde_json::Map::new();
        for c in conditions {
            let keys = block.entry(c.operator).or_insert_with(|| serde_json::json!({}));
            keys[c.key] = form(c.values, single);
        }
        s.insert("Condition".into(), block.into());
        s.into()
    })
}

pub(crate) fn document() -> impl Strategy<Value = String> {
    (prop::collection::vec(theirs(), 1..4), 0..5).prop_map(|(statements, manner)| {
        let statement = if manner == 4 && statements.len() == 1 { statements[0].clone() } else { statements.into() };
        let value = serde_json::json!({ "Version": "2012-10-17", "Statement": statement });
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        match manner {
            0 => value.to_string(),
            1 => pretty.replace('\n', "\r\n"),
            2 => pretty.replace("  ", "\t"),
            3 => pretty.replace("[\n    {", "[ {").replace("},\n    {", "}, {").replace("\": ", "\" : "),
            _ => pretty,
        }
    })
}

/// A request: who, which action (without `ecr:`), the organization, the address.
#[derive(Debug, Clone)]
pub(crate) struct RandomRequest {
    pub principal: PrincipalKind,
    pub action: &'static str,
    pub organization: Option<&'static str>,
    pub address: &'static str,
}

pub(crate) fn request() -> impl Strategy<Value = RandomRequest> {
    let principal = prop::sample::select(vec![
        ACCOUNT,
        ROLE,
        "arn:aws:iam::111111111111:user/ana",
        "arn:aws:iam::111111111111:role/x",
        SESSION,
        "arn:aws:iam::999999999999:role/other",
    ]);
    let action = prop::sample::select(vec![
        "BatchGetImage",
        "GetDownloadUrlForLayer",
        "PutImage",
        "DescribeImages",
        "BatchDeleteImage",
        "SetRepositoryPolicy",
    ]);
    let organization = prop::sample::select(vec![None, Some("o-aaaaaaaaaa"), Some("o-bbbbbbbbbb")]);
    let address = prop::sample::select(vec!["203.0.113.7", "198.51.100.7"]);
    (principal, action, organization, address).prop_map(|(principal, action, organization, address)| RandomRequest {
        principal: PrincipalKind::classify_aws(principal),
        action,
        organization,
        address,
    })
}

/// Tells whether a policy of a third account's repository allows a request of somebody whose own account allows
/// everything.
pub(crate) fn allows(policy: &Policy, request: &RandomRequest) -> bool {
    let caller = match request.principal.clone() {
        PrincipalKind::Account(id, partition) => {
            Caller::Root(Arn::account_root(partition.unwrap_or(Partition::Aws), &id))
        }
        PrincipalKind::Role(arn) => Caller::Role(arn),
        PrincipalKind::User(arn) => Caller::User(arn),
        PrincipalKind::Session(arn) => Caller::Session(arn),
        other => panic!("{other:?} asks for nothing"),
    };
    let mut context = vec![("aws:sourceip", request.address.to_owned()), ("aws:userid", "a".to_owned())];
    context.extend(request.organization.map(|id| ("aws:principalorgid", id.to_owned())));
    if let PrincipalKind::Role(arn) | PrincipalKind::User(arn) = &request.principal {
        context.push(("aws:principalarn", arn.to_string()));
    }
    let asked = evaluate::Request {
        caller,
        action: request.action.to_owned(),
        repository: Arn::parse("arn:aws:ecr:eu-west-2:555555555555:repository/vendorapp").unwrap(),
        identity: IdentityPolicies::All,
        context: context.into_iter().map(|(key, value)| (key.to_owned(), vec![value])).collect(),
        lacks_path: false,
    };
    evaluate(policy, &asked).answer == Answer::Allow
}
