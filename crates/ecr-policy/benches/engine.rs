//! The policy engine by itself: `cargo bench -p ecr-policy --bench engine`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a measurement fails by panicking"
)]
#![allow(missing_docs, reason = "the macros of criterion make items")]

mod adversary;
mod everyday;

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use ecr_policy::Policy;
use ecr_policy::delta::delta;
use ecr_policy::edit::grant;
use ecr_policy::evaluate::{IdentityPolicies, Request, evaluate};
use ecr_policy::lint::{CheckOptions, check};
use ecr_policy::syntax::parse;
use ecr_policy::{Wanted, WantedPrincipals};

const REPOSITORY: &str = "arn:aws:ecr:eu-west-2:222222222222:repository/vendorapp";

/// A policy of about 10,240 characters as they grow in practice: accounts, roles, an organization, an endpoint, a
/// service, and a fence around all of them. `skip` leaves out one account.
fn ten_kilobytes(skip: usize) -> String {
    let mut text = String::from("{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n");
    for number in (0..26).filter(|n| *n != skip) {
        let condition = match number % 4 {
            0 => "{\"StringEquals\": {\"aws:PrincipalOrgID\": \"o-a1b2c3d4e5\"}}",
            1 => "{\"IpAddress\": {\"aws:SourceIp\": [\"203.0.113.0/24\", \"198.51.100.0/24\"]}}",
            2 => "{\"StringEquals\": {\"aws:SourceVpce\": \"vpce-0123456789abcdef0\"}}",
            _ => "{\"StringLike\": {\"aws:PrincipalTag/team\": \"build-*\"}}",
        };
        writeln!(
            text,
            "    {{\n      \"Sid\": \"Team{number}\",\n      \"Effect\": \"Allow\",\n      \"Principal\": {{\"AWS\": [\
             \"arn:aws:iam::{:012}:root\", \"arn:aws:iam::{:012}:role/ci\"]}},\n      \"Action\": [\n        \
             \"ecr:BatchCheckLayerAvailability\",\n        \"ecr:BatchGetImage\",\n        \
             \"ecr:GetDownloadUrlForLayer\"\n      ],\n      \"Condition\": {condition}\n    }},",
            111_111_111_100 + number,
            333_333_333_300 + number,
        )
        .unwrap();
    }
    text.push_str(
        "    {\n      \"Sid\": \"Fence\",\n      \"Effect\": \"Deny\",\n      \"Principal\": \"*\",\n      \"Action\": \
         \"ecr:*\",\n      \"Condition\": {\"Bool\": {\"aws:SecureTransport\": \"false\"}}\n    }\n  ]\n}\n",
    );
    text
}

fn engine(c: &mut Criterion) {
    let text = ten_kilobytes(usize::MAX);
    assert!((9_000..=10_240).contains(&text.len()), "{}", text.len());
    let (policy, other) = (Policy::read(&text).unwrap(), Policy::read(&ten_kilobytes(11)).unwrap());
    let options = CheckOptions { owner: "222222222222".parse().ok(), ..CheckOptions::default() };
    assert!(!delta(Some(&policy), Some(&other)).is_empty());
    let context = vec![("aws:PrincipalOrgID".to_owned(), vec!["o-a1b2c3d4e5".to_owned()])];
    let role = "arn:aws:iam::111111111120:role/deploy";
    let request = Request::new(role, "ecr:BatchGetImage", REPOSITORY, IdentityPolicies::All, context).unwrap();
    let wanted = [Wanted {
        sid: "EcrGrantPull".to_owned(),
        principals: WantedPrincipals::Aws(vec!["arn:aws:iam::444444444444:root".to_owned()]),
        actions: vec!["ecr:BatchGetImage".to_owned(), "ecr:GetDownloadUrlForLayer".to_owned()],
        conditions: Vec::new(),
    }];

    let mut group = c.benchmark_group("10 kB policy");
    group.bench_function("parse", |b| b.iter(|| parse(black_box(&text))));
    group.bench_function("check (aim: 1 ms)", |b| b.iter(|| check(black_box(&text), &options)));
    group.bench_function("evaluate", |b| b.iter(|| evaluate(black_box(&policy), &request)));
    group.bench_function("delta (aim: 20 ms)", |b| b.iter(|| delta(Some(black_box(&policy)), Some(&other))));
    group.bench_function("delta of equals", |b| b.iter(|| delta(Some(black_box(&policy)), Some(&policy))));
    group.bench_function("grant", |b| b.iter(|| grant(Some(black_box(&text)), &wanted)));
    group.finish();
}

/// Policies as most repositories have them: each parsed, checked, and held against nothing.
fn everyday(c: &mut Criterion) {
    let options = CheckOptions { owner: "222222222222".parse().ok(), ..CheckOptions::default() };
    let mut group = c.benchmark_group("everyday policy");
    for (name, text) in everyday::everyday_policies() {
        let policy = Policy::read(&text).unwrap();
        group.bench_function(format!("parse: {name}"), |b| b.iter(|| parse(black_box(&text))));
        group.bench_function(format!("check: {name}"), |b| b.iter(|| check(black_box(&text), &options)));
        group.bench_function(format!("delta: {name}"), |b| b.iter(|| delta(None, Some(black_box(&policy)))));
    }
    group.finish();
}

/// Policies that are hard to analyse, each as long as ECR takes one: 50 ms for a check and 100 ms for a difference.
fn adversaries(c: &mut Criterion) {
    let options = CheckOptions { owner: "222222222222".parse().ok(), ..CheckOptions::default() };
    let mut group = c.benchmark_group("hard policy");
    group.sample_size(10);
    for adversary in adversary::adversaries() {
        let [policy, less] = [&adversary.text, &adversary.less].map(|text| Policy::read(text).unwrap());
        let name = adversary.name;
        group.bench_function(format!("check: {name}"), |b| b.iter(|| check(black_box(&adversary.text), &options)));
        group.bench_function(format!("delta: {name}"), |b| b.iter(|| delta(Some(black_box(&policy)), Some(&less))));
    }
    group.finish();
}

/// Texts beyond what ECR takes: half a second for 1 MB.
fn long_texts(c: &mut Criterion) {
    let options = CheckOptions { owner: "222222222222".parse().ok(), ..CheckOptions::default() };
    let one = ten_kilobytes(usize::MAX);
    let mut group = c.benchmark_group("long text");
    group.sample_size(10);
    for (name, times) in [("64 kB", 6), ("1 MB", 104)] {
        let statements = one.split_once('[').and_then(|(_, rest)| rest.rsplit_once(']')).unwrap().0;
        let all = vec![statements; times].join(",");
        let text = format!("{{\"Version\":\"2012-10-17\",\"Statement\":[{all}]}}");
        group.bench_function(name, |b| b.iter(|| check(black_box(&text), &options)));
    }
    group.finish();
}

criterion_group!(benches, engine, everyday, adversaries, long_texts);
criterion_main!(benches);
