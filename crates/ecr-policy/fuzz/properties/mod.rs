//! Properties of the engine over arbitrary texts. Each is one function, shared by the fuzz target of its name and by
//! `tests/it/fuzzed.rs`; it panics where a text breaks it.
//!
//! Parts of an input stand one after the other, with U+0001 between them: see [`Input`].

pub mod check;
pub mod delta;
pub mod edit;
pub mod evaluate;
pub mod parse;

use ecr_policy::ecr::{AccountId, Partition};
use ecr_policy::evaluate::{Answer, Request, evaluate};
use ecr_policy::lint::{CheckOptions, PolicyKind};
use ecr_policy::{IdentityPolicies, Policy, Statement};

/// A property of arbitrary texts.
pub type Property = fn(&str);

/// The properties by the names of their targets.
pub const ALL: [(&str, Property); 5] = [
    ("parse", parse::check_text),
    ("check", check::check_text),
    ("evaluate", evaluate::check_text),
    ("edit", edit::check_text),
    ("delta", delta::check_text),
];

/// Longer policies are left to the laws that need no `delta`.
const COMPARED: usize = 1_600;

/// A text with what stands beside it: `text`, then another text, then an account, each after U+0001 where it is there.
pub struct Input<'t> {
    pub text: &'t str,
    /// The text that is stored, or that comes after.
    pub other: Option<&'t str>,
    /// The owner: the account that is written, or one of a few as the length of the text has it.
    pub owner: Option<AccountId>,
    pub die: usize,
}

impl<'t> Input<'t> {
    pub fn new(input: &'t str) -> Self {
        let mut parts = input.splitn(3, '\u{1}');
        let text = parts.next().unwrap_or_default();
        let other = parts.next().filter(|other| !other.is_empty());
        let die = text.len();
        let usual = [None, Some("222222222222"), Some("111111111111"), Some("333333333333")];
        let owner = parts.next().or_else(|| usual.get(die % 4).copied().flatten());
        Self { text, other, owner: owner.and_then(|id| AccountId::parse(id).ok()), die }
    }

    /// What a check knows beside the text.
    pub fn options(&self) -> CheckOptions {
        let partition = Partition::ALL.get((self.die / 4) % (Partition::ALL.len() + 1)).copied();
        let kind = if (self.die / 64).is_multiple_of(4) { PolicyKind::Registry } else { PolicyKind::Repository };
        CheckOptions {
            owner: self.owner.clone(),
            partition,
            kind,
            stored: self.other.map(str::to_owned),
            ..CheckOptions::default()
        }
    }
}

const CALLERS: [&str; 8] = [
    "arn:aws:iam::111111111111:root",
    "arn:aws:iam::111111111111:role/ci",
    "arn:aws:sts::111111111111:assumed-role/ci/run",
    "arn:aws:iam::222222222222:user/ana",
    "arn:aws:iam::222222222222:root",
    "arn:aws:iam::333333333333:user/ana",
    "arn:aws:iam::999999999999:role/other",
    "lambda.amazonaws.com",
];

/// Plain requests to a repository of an account, with all that each of them has at AWS: others are none that could be.
fn plain_requests(owner: &str, policies: &[&Policy]) -> Vec<Request> {
    let repository = format!("arn:aws:ecr:eu-west-2:{owner}:repository/vendorapp");
    let mut all = Vec::new();
    for caller in CALLERS {
        for organization in ["o-a1b2c3d4e5", "o-bbbbbbbbbb"] {
            let mut context: Vec<(String, Vec<String>)> = [
                ("aws:SourceIp", "203.0.113.7"),
                ("aws:CurrentTime", "2026-11-23T09:00:00Z"),
                ("aws:EpochTime", "1795424400"),
                ("aws:SecureTransport", "true"),
            ]
            .map(|(key, value)| (key.to_owned(), vec![value.to_owned()]))
            .into();
            if caller.starts_with("arn:") {
                context.push(("aws:PrincipalOrgID".to_owned(), vec![organization.to_owned()]));
                context.push(("aws:PrincipalOrgPaths".to_owned(), vec![format!("{organization}/r-ab12/")]));
            }
            let identity = IdentityPolicies::All;
            let Ok(mut request) = Request::new(caller, "ecr:BatchGetImage", &repository, identity, context) else {
                continue;
            };
            for policy in policies {
                request.add_what_the_caller_tells(policy);
                request.add_what_the_repository_tells(policy);
            }
            all.push(request);
        }
    }
    all
}

fn allows(policy: &Policy, request: &Request) -> bool {
    evaluate(policy, request).answer == Answer::Allow
}

fn read(text: &str) -> Policy {
    Policy::read(text).unwrap_or_else(|findings| panic!("{text}: {findings:?}"))
}

fn with(policy: &Policy, more: &[Statement]) -> Policy {
    let mut policy = policy.clone();
    policy.statements.extend_from_slice(more);
    policy
}

/// Tells whether the characters of a text stand in another one, in order.
fn is_within(part: &str, whole: &str) -> bool {
    let mut left = whole.chars();
    part.chars().all(|c| left.any(|d| d == c))
}
