//! Policies and requests made up for property tests: documents of a few statements, and requests as AWS would make them.

use ecr_policy::ecr::Arn;
use ecr_policy::evaluate::Request;
use ecr_policy::{IdentityPolicies, Who};
use proptest::prelude::*;
use serde_json::{Value, json};

/// The account that owns the repository of requests where an owner is asked for.
pub const OWNER: &str = "222222222222";

/// Many cases under `ECR_GRANT_LONG=1`, few otherwise.
pub fn cases() -> ProptestConfig {
    crate::cases::cases(300, 20_000)
}

fn some(values: &[&str], most: usize) -> impl Strategy<Value = Vec<String>> + use<> {
    let values: Vec<String> = values.iter().map(|v| (*v).to_owned()).collect();
    let most = most.min(values.len());
    prop::sample::subsequence(values, 1..=most)
}

fn one_of(values: &[&str]) -> impl Strategy<Value = String> + use<> {
    prop::sample::select(values.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>())
}

const PRINCIPALS: &[&str] = &[
    "111111111111",
    "arn:aws:iam::111111111111:root",
    "arn:aws:iam::333333333333:root",
    "222222222222",
    "arn:aws:iam::333333333333:role/team/ci",
    "arn:aws:iam::111111111111:role/ci",
    "arn:aws:iam::222222222222:role/ci",
    "arn:aws:iam::111111111111:user/ana",
    "arn:aws:sts::111111111111:assumed-role/ci/run",
    "arn:aws:sts::111111111111:federated-user/bob",
];

/// An element that names principals: name and value.
fn principal() -> impl Strategy<Value = (&'static str, Value)> {
    let services = some(&["lambda.amazonaws.com", "codebuild.amazonaws.com"], 2);
    prop_oneof![
        3 => Just(("Principal", json!("*"))),
        6 => some(PRINCIPALS, 3).prop_map(|p| ("Principal", json!({"AWS": p}))),
        1 => services.prop_map(|p| ("Principal", json!({"Service": p}))),
        1 => some(PRINCIPALS, 4).prop_map(|p| ("NotPrincipal", json!({"AWS": p}))),
    ]
}

const TEXT: &[&str] = &[
    "StringEquals",
    "StringLike",
    "StringNotEquals",
    "StringNotLike",
    "StringEqualsIfExists",
    "StringNotEqualsIfExists",
    "ForAllValues:StringLike",
    "ForAnyValue:StringEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
];
const ARN: &[&str] = &["ArnLike", "ArnNotLike", "StringLike", "StringNotLike", "ArnLikeIfExists"];
const LISTS: &[&str] = &[
    "ForAnyValue:StringLike",
    "ForAnyValue:StringNotLike",
    "ForAllValues:StringLike",
    "ForAllValues:StringNotEquals",
    "ForAnyValue:StringLikeIfExists",
];
const BOOL: &[&str] = &["Bool", "BoolIfExists"];
const TRUTHS: &[&str] = &["true", "false"];

/// Keys with the operators and the values that conditions on them have.
const KEYS: &[(&str, &[&str], &[&str])] = &[
    (
        "aws:PrincipalOrgID",
        TEXT,
        &["o-aaaaaaaaaa", "o-bbbbbbbbbb", "o-a*", "*", "o-?aaaaaaaaa", "${aws:ResourceOrgID}"],
    ),
    ("aws:PrincipalOrgPaths", LISTS, &["o-aaaaaaaaaa/r-ab12/*", "o-aaaaaaaaaa/*", "*/ou-1/*"]),
    (
        "aws:PrincipalArn",
        ARN,
        &[
            "arn:aws:iam::*:role/ci",
            "arn:aws:iam::111111111111:*",
            "arn:aws:iam::*:role/team/*",
            "arn:aws:iam::*:role/o*",
            "arn:aws:iam::1*:role/*",
            "arn:aws:iam::?11111111111:root",
            "arn:aws:iam::*:user/${aws:username}",
            "*",
        ],
    ),
    ("aws:PrincipalAccount", TEXT, &["111111111111", "222222222222", "4444????4444", "1*"]),
    (
        "aws:SourceIp",
        &["IpAddress", "NotIpAddress", "IpAddressIfExists", "NotIpAddressIfExists"],
        &["203.0.113.0/24", "203.0.113.7/32", "0.0.0.0/1", "128.0.0.0/1", "2001:db8::/32"],
    ),
    ("aws:VpcSourceIp", &["IpAddress", "NotIpAddress"], &["10.0.0.0/8", "10.1.0.0/16"]),
    ("aws:SourceVpce", TEXT, &["vpce-11111111", "vpce-22222222", "vpce-1*", "VPCE-11111111"]),
    (
        "aws:PrincipalTag/team",
        TEXT,
        &["red", "blue", "r*", "?ed", "*r", "RED", "${aws:username}", "${aws:PrincipalTag/other, 'red'}"],
    ),
    ("aws:PrincipalIsAWSService", BOOL, TRUTHS),
    ("aws:ViaAWSService", BOOL, TRUTHS),
    ("aws:SecureTransport", &["Bool"], TRUTHS),
    ("aws:PrincipalOrgID", &["Null"], TRUTHS),
    ("aws:SourceVpce", &["Null"], TRUTHS),
    ("aws:SourceAccount", &["Null"], TRUTHS),
    ("aws:PrincipalType", &["StringEquals", "StringNotEquals"], &["User", "AssumedRole", "Account"]),
    ("aws:username", TEXT, &["ana", "eve", "a*"]),
    ("aws:SourceAccount", TEXT, &["111111111111", "222222222222", "1*"]),
    ("aws:SourceArn", ARN, &["arn:aws:lambda:*:111111111111:function:*", "arn:aws:lambda:eu-west-2:*:function:thumbs"]),
    ("aws:TagKeys", LISTS, &["team", "cost", "t*"]),
    ("aws:MultiFactorAuthAge", &["NumericLessThan", "NumericNotEquals"], &["3600", "60", "3600.5"]),
    ("aws:CurrentTime", &["DateLessThan", "DateGreaterThan"], &["2027-01-01T00:00:00Z", "2030-01-01T00:00:00Z"]),
    ("aws:EpochTime", &["NumericLessThan", "NumericGreaterThanEquals"], &["1798761600", "1893456000"]),
];

/// A condition: operator, key and values.
fn condition() -> impl Strategy<Value = (String, &'static str, Vec<String>)> {
    prop::sample::select(KEYS.to_vec()).prop_flat_map(|(key, operators, values)| {
        let most = if values == TRUTHS { 1 } else { 2 };
        (one_of(operators), Just(key), some(values, most))
    })
}

fn statement() -> impl Strategy<Value = Value> {
    let actions = some(&["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:PutImage", "ecr:Batch*", "ecr:*"], 2);
    let effect = prop_oneof![3 => Just("Allow"), 2 => Just("Deny")];
    let parts = (effect, principal(), any::<u8>(), actions, prop::collection::vec(condition(), 0..3));
    parts.prop_map(|(effect, (element, who), negated, actions, conditions)| {
        let mut statement = json!({"Effect": effect});
        statement[element] = who;
        statement[if negated % 8 == 0 { "NotAction" } else { "Action" }] = json!(actions);
        for (operator, key, values) in conditions {
            statement["Condition"][operator][key] = json!(values);
        }
        statement
    })
}

/// One to four statements.
pub fn document() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(statement(), 1..5)
}

/// The text of a policy.
pub fn text_of(statements: &[Value], version: &str) -> String {
    json!({"Version": version, "Statement": statements}).to_string()
}

/// A second document that is the first with statements dropped, changed and added.
pub fn pair() -> impl Strategy<Value = (String, String)> {
    let more = prop::collection::vec(statement(), 0..3);
    (document(), more, prop::collection::vec(any::<bool>(), 5), any::<u8>()).prop_map(|(old, more, kept, version)| {
        let kept = old.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(s, _)| s.clone());
        let new: Vec<Value> = kept.chain(more).collect();
        let before = if version % 16 == 0 { "2008-10-17" } else { "2012-10-17" };
        (text_of(&old, before), text_of(&new, "2012-10-17"))
    })
}

/// A request as AWS would make it: what the caller tells agrees with the caller.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The request.
    pub request: Request,
    /// The caller's organization.
    pub organization: Option<String>,
    /// Where the caller's account is in it.
    pub path: Option<String>,
}

impl Asked {
    /// Whether a party is, or has in it, who asks.
    pub fn is_of(&self, who: &Who) -> bool {
        let caller = self.request.caller.arn();
        let is = |arn: &Arn| caller == Some(arn);
        match who {
            Who::Everyone | Who::Other(_) => true,
            Who::Organization(id) => self.organization.as_ref() == Some(id),
            Who::OrgUnit(path) => self.path.as_ref().is_some_and(|p| p.starts_with(path.trim_end_matches('*'))),
            Who::Account(id) => caller.is_some_and(|arn| arn.account == id.as_str()),
            Who::User(arn) | Who::Session(arn) => is(arn),
            Who::Role(role) => {
                let name = role.resource.rsplit('/').next().unwrap();
                is(role)
                    || caller.is_some_and(|arn| {
                        arn.account == role.account && arn.resource.starts_with(&format!("assumed-role/{name}/"))
                    })
            }
            Who::Service(name) => caller.is_none() && format!("{:?}", self.request.caller).contains(name),
            Who::Orphan(_) => false,
        }
    }

    /// The first value of a key of the request, asked in small letters.
    pub fn value(&self, key: &str) -> Option<&str> {
        let (_, values) = self.request.context.iter().find(|(k, _)| k == key)?;
        values.first().map(String::as_str)
    }
}

const CALLERS: &[&str] = &[
    "arn:aws:iam::111111111111:root",
    "arn:aws:iam::111111111111:role/ci",
    "arn:aws:iam::111111111111:role/other",
    "arn:aws:iam::333333333333:role/team/ci",
    "arn:aws:iam::555555555555:role/ci",
    "arn:aws:iam::555555555555:role/team/x",
    "arn:aws:iam::444400004444:role/web",
    "arn:aws:iam::199999999999:role/web",
    "arn:aws:iam::511111111111:root",
    "arn:aws:iam::111111111111:user/ana",
    "arn:aws:iam::555555555555:user/eve",
    "arn:aws:sts::111111111111:assumed-role/ci/run",
    "arn:aws:sts::111111111111:assumed-role/ci/walk",
    "arn:aws:sts::111111111111:federated-user/bob",
    "arn:aws:iam::222222222222:role/ci",
    "arn:aws:iam::222222222222:user/ana",
    "arn:aws:iam::222222222222:root",
    "lambda.amazonaws.com",
    "codebuild.amazonaws.com",
    "ec2.amazonaws.com",
];

/// Requests about a repository.
pub fn asked(repository: &'static str) -> impl Strategy<Value = Asked> {
    let org = prop::sample::select(vec![
        None,
        Some(("o-aaaaaaaaaa", "o-aaaaaaaaaa/r-ab12/ou-1/")),
        Some(("o-aaaaaaaaaa", "o-aaaaaaaaaa/r-zz99/")),
        Some(("o-bbbbbbbbbb", "o-bbbbbbbbbb/r-ab12/ou-1/")),
        Some(("o-a999999999", "o-a999999999/r-1/")),
        Some(("o-xaaaaaaaaa", "o-xaaaaaaaaa/r-1/ou-1/")),
    ]);
    let more = (
        prop::sample::select(vec![None, Some("10.1.2.3"), Some("10.9.9.9")]),
        prop::sample::select(vec!["false", "true"]),
        prop::sample::select(vec![None, Some(vec!["team"]), Some(vec!["team", "cost"]), Some(vec!["other"])]),
        prop::sample::select(vec![None, Some("5"), Some("60"), Some("3600.2"), Some("4000")]),
        prop::sample::select(vec![None, Some("o-aaaaaaaaaa"), Some("o-zzzzzzzzzz")]),
    );
    let free = (
        prop::sample::select(vec![
            None,
            Some("203.0.113.7"),
            Some("203.0.113.8"),
            Some("198.51.100.7"),
            Some("9.9.9.9"),
            Some("2001:db8::1"),
        ]),
        prop::sample::select(vec![
            None,
            Some("vpce-11111111"),
            Some("vpce-1zzz"),
            Some("vpce-33333333"),
            Some("VPCE-11111111"),
        ]),
        prop::sample::select(vec![None, Some("red"), Some("RED"), Some("ana"), Some("rust"), Some("green")]),
        prop::sample::select(vec![
            None,
            Some("arn:aws:lambda:eu-west-2:111111111111:function:thumbs"),
            Some("arn:aws:lambda:eu-west-2:333333333333:function:thumbs"),
            Some("arn:aws:lambda:us-east-1:222222222222:function:x"),
        ]),
        prop::sample::select(vec![
            ("2026-11-23T09:00:00Z", "1795424400"),
            ("2028-01-01T00:00:00Z", "1830297600"),
            ("2031-01-01T00:00:00Z", "1924992000"),
        ]),
    );
    let action = prop::sample::select(vec![
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
        "ecr:PutImage",
        "ecr:BatchDeleteImage",
        "ecr:SetRepositoryPolicy",
    ]);
    (prop::sample::select(CALLERS.to_vec()), action, org, free, more).prop_map(
        move |(caller, action, org, (ip, vpce, tag, source, time), (inner, via, tags, age, owner))| {
            let mut context: Vec<(&str, String)> = vec![
                ("aws:SecureTransport", "true".into()),
                ("aws:CurrentTime", time.0.into()),
                ("aws:EpochTime", time.1.into()),
            ];
            let mut give = |key, value: Option<&str>| context.extend(value.map(|v| (key, v.to_owned())));
            let person = Arn::parse(caller);
            give("aws:SourceIp", ip);
            give("aws:SourceVpce", vpce);
            give("aws:VpcSourceIp", inner);
            give("aws:ResourceOrgID", owner);
            give("aws:ViaAWSService", Some(if person.is_some() { via } else { "false" }));
            give("aws:PrincipalIsAWSService", Some(if person.is_some() { "false" } else { "true" }));
            let mut organization = None;
            if let Some(arn) = &person {
                let mut parts = arn.resource.split('/');
                let (kind, name) = (parts.next().unwrap(), parts.clone().next_back());
                let (kind, of) = match kind {
                    "root" => ("Account", None),
                    "user" => ("User", name),
                    "federated-user" => ("FederatedUser", None),
                    _ => ("AssumedRole", None),
                };
                give("aws:PrincipalType", Some(kind));
                give("aws:username", of);
                give("aws:PrincipalAccount", Some(&arn.account));
                let role = format!("arn:aws:iam::{}:role/{}", arn.account, parts.next().unwrap_or_default());
                give("aws:PrincipalArn", Some(if arn.resource.starts_with("assumed-role") { &role } else { caller }));
                give("aws:PrincipalOrgID", org.map(|o| o.0));
                give("aws:PrincipalOrgPaths", org.map(|o| o.1));
                give("aws:PrincipalTag/team", tag);
                give("aws:MultiFactorAuthAge", age);
                organization = org;
            } else {
                give("aws:PrincipalServiceName", Some(caller));
                give("aws:SourceArn", source);
                give("aws:SourceAccount", source.and_then(|s| s.split(':').nth(4)));
            }
            let mut context: Vec<(String, Vec<String>)> =
                context.into_iter().map(|(key, value)| (key.to_owned(), vec![value])).collect();
            let list = tags.map(|tags| tags.into_iter().map(str::to_owned).collect());
            context.extend(list.map(|tags| ("aws:TagKeys".to_owned(), tags)));
            let request = Request::new(caller, action, repository, IdentityPolicies::All, context).unwrap();
            let text = |t: Option<&str>| t.map(str::to_owned);
            Asked { request, organization: text(organization.map(|o| o.0)), path: text(organization.map(|o| o.1)) }
        },
    )
}
