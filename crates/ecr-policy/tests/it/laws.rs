//! The laws of the edits, each held against the exact difference in access (`delta`), over rich made up policies and over
//! the sample policies. `ECR_GRANT_LONG=1` runs many more cases.
//!
//! `delta` says what differs; to say that nothing differs *for anybody else*, both texts get a Deny for whoever is meant:
//! what is left of the difference then is somebody else's.

use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::{Value, json};

use ecr_policy::access::{given, table};
use ecr_policy::canonical::same_meaning;
use ecr_policy::delta::{delta, delta_for};
use ecr_policy::ecr::{AccountId, Grantee, POLICY_LIMIT, Partition, recipe};
use ecr_policy::edit::{Why, grant, grant_for, narrow_statements, revoke};
use ecr_policy::lint::{apply_fix, check};
use ecr_policy::syntax::tokens;
use ecr_policy::{
    CheckOptions, Condition, Delta, Effect, Policy, Principal, PrincipalKind, ReadProblemKind, RevokeOptions,
    Statement, Wanted, WantedPrincipals,
};
use ecr_policy::{format, minify};

fn is_long() -> bool {
    std::env::var_os("ECR_GRANT_LONG").is_some()
}

fn cases(short: u32) -> ProptestConfig {
    ProptestConfig {
        cases: if is_long() { short * 60 } else { short },
        failure_persistence: None,
        max_global_rejects: u32::MAX,
        ..ProptestConfig::default()
    }
}

const UNIT: &str = "o-aaaaaaaaaa/r-ab12/ou-ab12-11111111/";
const ROLE: &str = "arn:aws:iam::111111111111:role/team/ci";

const PRINCIPALS: &[&str] = &[
    "111111111111",
    "arn:aws:iam::111111111111:root",
    "arn:aws-cn:iam::111111111111:root",
    "333333333333",
    "arn:aws:iam::333333333333:root",
    ROLE,
    "arn:aws:iam::333333333333:role/ci",
    "arn:aws:iam::111111111111:user/ana",
    "arn:aws:sts::111111111111:assumed-role/ci/run",
    "arn:aws:sts::111111111111:federated-user/bob",
    "AROAEXAMPLEEXAMPLEEX1",
    "*",
];

/// Who may be granted to and revoked from.
const GRANTEES: &[&str] = &[
    "111111111111",
    "333333333333",
    "987654321098",
    ROLE,
    "arn:aws:iam::333333333333:role/ci",
    "arn:aws:iam::111111111111:user/ana",
    "arn:aws:sts::111111111111:assumed-role/ci/run",
    "o-aaaaaaaaaa",
    UNIT,
    "lambda.amazonaws.com",
    "*",
];

fn pick(values: &[&str]) -> impl Strategy<Value = String> + use<> {
    prop::sample::select(values.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>())
}

/// One or several values, alone or in a list.
fn some(values: &[&str], most: usize) -> impl Strategy<Value = Value> + use<> {
    let values: Vec<String> = values.iter().map(|v| (*v).to_owned()).collect();
    let most = most.min(values.len());
    (prop::sample::subsequence(values, 1..=most).prop_shuffle(), any::<bool>()).prop_map(
        |(chosen, single)| match chosen.as_slice() {
            [only] if single => json!(only),
            many => json!(many),
        },
    )
}

fn principal_element() -> impl Strategy<Value = (&'static str, Value)> {
    let services = || some(&["lambda.amazonaws.com", "codebuild.amazonaws.com"], 2);
    prop_oneof![
        2 => Just(("Principal", json!("*"))),
        6 => some(PRINCIPALS, 4).prop_map(|p| ("Principal", json!({ "AWS": p }))),
        2 => services().prop_map(|s| ("Principal", json!({ "Service": s }))),
        1 => (some(PRINCIPALS, 3), services()).prop_map(|(p, s)| ("Principal", json!({ "AWS": p, "Service": s }))),
        1 => some(PRINCIPALS, 3).prop_map(|p| ("NotPrincipal", json!({ "AWS": p }))),
    ]
}

fn condition() -> impl Strategy<Value = (String, &'static str, Value)> {
    let on =
        |operators: &[&str], key: &'static str, values: &[&str]| (pick(operators), Just(key), some(values, 3)).boxed();
    let text = &["StringEquals", "StringLike", "StringNotEquals", "StringEqualsIfExists", "StringEqualsIgnoreCase"];
    let arn = &["ArnLike", "ArnEquals", "ArnNotLike", "StringLike", "StringEquals"];
    let any = &["ForAnyValue:StringLike", "ForAnyValue:StringEquals", "ForAllValues:StringLike"];
    prop_oneof![
        on(text, "aws:PrincipalOrgID", &["o-aaaaaaaaaa", "o-bbbbbbbbbb", "o-a*"]),
        on(any, "aws:PrincipalOrgPaths", &[&format!("{UNIT}*"), "o-aaaaaaaaaa/*", "o-bbbbbbbbbb/r-cd34/*"]),
        on(text, "aws:PrincipalAccount", &["111111111111", "333333333333", "444444444444"]),
        on(
            arn,
            "aws:principalarn",
            &[ROLE, "arn:aws:iam::111111111111:*", "arn:aws:iam::333333333333:role/*", "arn:aws:iam::*:role/ci"]
        ),
        on(text, "aws:SourceAccount", &["111111111111", "333333333333"]),
        on(
            arn,
            "aws:sourceArn",
            &["arn:aws:lambda:eu-west-2:111111111111:function:*", "arn:aws:lambda:*:333333333333:function:*"]
        ),
        on(text, "aws:SourceOrgID", &["o-aaaaaaaaaa", "o-bbbbbbbbbb"]),
        on(&["IpAddress", "NotIpAddress"], "aws:SourceIp", &["203.0.113.0/24", "203.0.113.0/25", "2001:db8::/32"]),
        on(&["StringEquals", "StringLike"], "aws:PrincipalTag/team", &["${aws:username}", "ünï*", "r?d"]),
        on(&["Bool"], "aws:SecureTransport", &["true", "false"]),
        on(&["Null"], "aws:PrincipalOrgID", &["true", "false"]),
    ]
}

fn statement() -> impl Strategy<Value = Value> {
    let sid = prop::option::of(pick(&[
        "EcrGrantPull",
        "EcrGrantPush",
        "LambdaECRImageRetrievalPolicy",
        "Ünï \"c\" \\ 漢 {[,:]} \u{202e}",
        "",
    ]));
    let action = some(
        &["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:PutImage", "ecr:batch*", "ecr:Get*", "ecr:*", "*"],
        3,
    );
    let parts = (sid, 0..4_u8, principal_element(), 0..10_u8, action, prop::collection::vec(condition(), 0..3));
    parts.prop_map(|(sid, effect, (element, who), negated, action, conditions)| {
        let mut statement = json!({ "Effect": if effect == 0 { "Deny" } else { "Allow" } });
        statement[element] = who;
        statement[if negated == 0 { "NotAction" } else { "Action" }] = action;
        if let Some(sid) = sid {
            statement["Sid"] = sid.into();
        }
        for (operator, key, values) in conditions {
            statement["Condition"][operator][key] = values;
        }
        statement
    })
}

/// A statement as `grant` writes it.
fn ours() -> impl Strategy<Value = Value> {
    (some(PRINCIPALS, 3), any::<bool>()).prop_map(|(who, push)| {
        let list = if who.is_array() { who } else { json!([who]) };
        let (sid, action) = if push { ("EcrGrantPush", "ecr:PutImage") } else { ("EcrGrantPull", "ecr:BatchGetImage") };
        json!({ "Sid": sid, "Effect": "Allow", "Principal": { "AWS": list }, "Action": [action] })
    })
}

/// How a text is laid out.
fn laid_out(value: &Value, manner: u8, dice: &[u8]) -> String {
    let pretty = serde_json::to_string_pretty(value).unwrap();
    let indented = |unit: &str| {
        let line = |line: &str| {
            let text = line.trim_start();
            unit.repeat((line.len() - text.len()) / 2) + text
        };
        pretty.lines().map(line).collect::<Vec<_>>().join("\n")
    };
    match manner {
        0 => value.to_string(),
        1 => indented("\t").replace('\n', "\r\n"),
        2 => indented(" ").replace('\n', "\r"),
        3 => indented("   ") + "\n",
        4 => indented("    ") + "\n\n  ",
        5 => indented("        "),
        6 => value.to_string().replace("\":", "\": ").replace("\",\"", "\", \""),
        // As ECR prints it.
        7 => pretty
            .replace("\": ", "\" : ")
            .replace("[\n    {", "[ {")
            .replace("},\n    {", "}, {")
            .replace("}\n  ]", "} ]"),
        8 | 9 => by_a_strange_hand(&value.to_string(), dice),
        _ => pretty,
    }
}

/// The tokens of a text with blanks between them, and their letters escaped, as the dice fall.
fn by_a_strange_hand(text: &str, dice: &[u8]) -> String {
    let blanks = ["", "", "", " ", "\n", "\r\n", "\t", "\r", "  \n\t", "\n\n"];
    let mut dice = dice.iter().cycle().enumerate().map(|(at, die)| usize::from(*die) + at / dice.len());
    let mut roll = move || dice.next().unwrap_or_default();
    let mut out = String::new();
    for token in tokens(text) {
        let written = token.span.text_in(text);
        let plain = written.starts_with('"') && !written.contains('\\');
        for c in written.chars() {
            match roll() % 24 {
                0 if plain && c != '"' && (c as u32) < 0x1_0000 => write!(out, "\\u{:04x}", c as u32).unwrap(),
                1 if plain && c == '/' => out += "\\/",
                _ => out.push(c),
            }
        }
        out += blanks[roll() % blanks.len()];
    }
    out
}

/// Policies: statements of all kinds, ours among them, in any layout.
fn policy() -> impl Strategy<Value = String> {
    let one = prop_oneof![4 => statement(), 1 => ours()];
    let dice = prop::collection::vec(any::<u8>(), 1..200);
    let version = prop::sample::select(vec![Some("2012-10-17"), Some("2012-10-17"), Some("2008-10-17"), None]);
    (prop::collection::vec(one, 0..5), 0..12_u8, any::<bool>(), dice, version).prop_map(
        |(statements, manner, single, dice, version)| {
            let mut value = json!({});
            if let Some(version) = version {
                value["Version"] = version.into();
            }
            value["Statement"] = match statements.as_slice() {
                [only] if single => only.clone(),
                many => json!(many),
            };
            if dice[0] % 4 == 0 {
                value["Id"] = "Ünï".into();
            }
            laid_out(&value, manner, &dice)
        },
    )
}

fn wanted_of(name: &str, actions: &[&str], conditions: Vec<Condition>) -> Wanted {
    let grantee = Grantee::parse(name).unwrap();
    let of = |operator: &str, key: &str, value: String| Condition {
        operator: operator.to_owned(),
        key: key.to_owned(),
        values: vec![value],
    };
    let star = WantedPrincipals::Aws(vec!["*".to_owned()]);
    let (principals, own) = match &grantee {
        Grantee::Organization(id) => (star, Some(of("StringEquals", "aws:PrincipalOrgID", id.clone()))),
        Grantee::OrgUnit(path) => {
            (star, Some(of("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", format!("{path}*"))))
        }
        Grantee::Service(name) => (
            WantedPrincipals::Service(vec![name.clone()]),
            Some(of("StringEquals", "aws:SourceAccount", "222222222222".to_owned())),
        ),
        Grantee::Account { id, .. } => (WantedPrincipals::Aws(vec![format!("arn:aws:iam::{id}:root")]), None),
        other => (WantedPrincipals::Aws(vec![other.to_string()]), None),
    };
    let actions = actions.iter().map(|a| (*a).to_owned()).collect();
    let conditions = own.into_iter().chain(conditions).collect();
    Wanted { sid: "EcrGrantPull".to_owned(), principals, actions, conditions }
}

/// A grantee's name, and what is wanted for it.
fn wanted() -> impl Strategy<Value = (String, Wanted)> {
    let extra = |operator: &str, key: &str, value: &str| Condition {
        operator: operator.to_owned(),
        key: key.to_owned(),
        values: vec![value.to_owned()],
    };
    let conditions = prop::sample::select(vec![
        vec![],
        vec![],
        vec![],
        vec![extra("IpAddress", "aws:SourceIp", "203.0.113.0/25")],
        vec![extra("StringEquals", "aws:SourceVpce", "vpce-11111111")],
    ]);
    let actions = prop::sample::select(vec![
        vec!["ecr:BatchGetImage"],
        vec!["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        vec!["ecr:PutImage"],
    ]);
    (pick(GRANTEES), actions, conditions).prop_map(|(name, actions, conditions)| {
        let wanted = wanted_of(&name, &actions, conditions);
        (name, wanted)
    })
}

fn options() -> impl Strategy<Value = RevokeOptions> {
    any::<(bool, bool)>().prop_map(|(and_principals, own)| RevokeOptions { and_principals, and_lambdas_own: own })
}

/// A policy; one with an empty list of statements too, which ECR would refuse.
fn read(text: &str) -> Policy {
    Policy::read(text).unwrap_or_else(|findings| {
        assert!(
            findings.iter().all(|f| f.kind == ReadProblemKind::NoStatement && f.message.contains("empty")),
            "{text}: {findings:?}"
        );
        let one = r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"*"}]}"#;
        Policy { statements: Vec::new(), ..Policy::read(one).unwrap() }
    })
}

/// A policy with more statements; none is one without any.
fn with(policy: Option<&Policy>, more: &[Statement]) -> Policy {
    let mut policy = policy.cloned().unwrap_or_else(|| read(r#"{"Statement":[]}"#));
    policy.statements.extend_from_slice(more);
    policy
}

/// The statement that is wanted, as an Allow or as a Deny of just that.
fn alone(wanted: &Wanted, effect: Effect) -> Vec<Statement> {
    let mut statements = read(&grant(None, std::slice::from_ref(wanted)).unwrap().text).statements;
    for statement in &mut statements {
        statement.effect = effect;
    }
    statements
}

fn deny(who: &Value, condition: &Value) -> Value {
    json!({ "Effect": "Deny", "Principal": who, "Action": "*", "Condition": condition })
}

fn statements(values: &[Value]) -> Vec<Statement> {
    read(&json!({ "Version": "2012-10-17", "Statement": values }).to_string()).statements
}

/// Deny statements for a grantee and for services that act for it: what they take away, it has.
fn reaching(grantee: &Grantee) -> Vec<Statement> {
    let Grantee::Account { id, .. } = grantee else { return without(grantee) };
    // Both keys tell of one resource.
    let source = json!({
        "StringEquals": { "aws:SourceAccount": id.as_str() },
        "ArnLike": { "aws:SourceArn": format!("arn:*:*:*:{id}:*") },
    });
    let roots = Partition::ALL.map(|p| format!("arn:{p}:iam::{id}:root"));
    statements(&[deny(&json!({ "AWS": roots }), &json!({})), deny(&json!("*"), &source)])
}

/// Deny statements that take everything from a grantee, from what belongs to it, and from services that act for it.
fn without(grantee: &Grantee) -> Vec<Statement> {
    let star = |operator: &str, key: &str, values: Value| deny(&json!("*"), &json!({ operator: { key: values } }));
    let taken: Vec<Value> = match grantee {
        Grantee::Account { id, .. } => vec![
            deny(&json!({ "AWS": Partition::ALL.map(|p| format!("arn:{p}:iam::{id}:root")) }), &json!({})),
            star("StringEquals", "aws:SourceAccount", json!(id.as_str())),
            star("ArnLike", "aws:SourceArn", json!(format!("arn:*:*:*:{id}:*"))),
        ],
        Grantee::Organization(id) => ["Principal", "Source"]
            .into_iter()
            .flat_map(|side| {
                let paths = json!([format!("{id}/*")]);
                [
                    star("StringEquals", &format!("aws:{side}OrgID"), json!(id)),
                    star("ForAnyValue:StringLike", &format!("aws:{side}OrgPaths"), paths),
                ]
            })
            .collect(),
        Grantee::OrgUnit(path) => ["aws:PrincipalOrgPaths", "aws:SourceOrgPaths"]
            .map(|key| star("ForAnyValue:StringLike", key, json!([path, format!("{path}*")])))
            .into(),
        Grantee::Service(name) => vec![
            deny(&json!({ "Service": name }), &json!({})),
            star("StringEquals", "aws:PrincipalServiceName", json!(name)),
        ],
        Grantee::Everyone => vec![deny(&json!("*"), &json!({}))],
        arn => vec![deny(&json!({ "AWS": arn.to_string() }), &json!({}))],
    };
    statements(&taken)
}

/// Whether the characters of a text stand in another one, in order.
fn is_within(part: &str, whole: &str) -> bool {
    let mut left = whole.chars();
    part.chars().all(|c| left.any(|d| d == c))
}

/// How often each check stops a save.
fn stops(text: &str) -> Vec<&'static str> {
    let mut ids: Vec<&str> = check(text, &CheckOptions::default()).iter().filter(|f| f.stops).map(|f| f.id).collect();
    ids.sort_unstable();
    ids
}

/// Whether nothing stops a save that did not stop it before, check by check.
fn stops_no_more(before: &[&'static str], after: &[&'static str]) -> bool {
    let count = |ids: &[&str], id: &str| ids.iter().filter(|i| **i == id).count();
    after.iter().all(|id| count(after, id) <= count(before, id))
}

/// The laws of a grant where the owner is known: its own account's rules count.
fn grant_for_holds(text: &str, wanted: &Wanted, owner: &AccountId) -> Result<(), TestCaseError> {
    let old = read(text);
    let edited = grant_for(Some(text), std::slice::from_ref(wanted), Some(owner)).unwrap();
    let new = read(&edited.text);
    let allow = alone(wanted, Effect::Allow);
    let differs = |a: &Policy, b: &Policy| !delta_for(Some(a), Some(b), Some(owner)).is_empty();
    prop_assert!(!differs(&new, &with(Some(&new), &allow)), "not everything was given: {}", edited.text);
    let again = grant_for(Some(&edited.text), std::slice::from_ref(wanted), Some(owner)).unwrap();
    prop_assert!(!again.changed, "granted twice: {}", edited.text);
    let mut giving = old.clone();
    giving.statements.retain(|s| s.effect == Effect::Allow && !s.principals.negated && s.resource.is_none());
    let denies: Vec<Statement> = old.statements.iter().filter(|s| s.effect == Effect::Deny).cloned().collect();
    let asked = with(None, &allow);
    // What is void anyhow, by a Deny or since the account is the owner's, is written as it was asked for.
    let is_void = differs(&asked, &with(Some(&asked), &denies)) || !differs(&with(None, &[]), &asked);
    let is_there = !differs(&giving, &with(Some(&giving), &allow));
    prop_assert!(is_void || is_there != edited.changed, "there already: {is_there}: {}", edited.text);
    Ok(())
}

/// The accounts that principals belong to.
fn accounts(policy: &Policy) -> Vec<AccountId> {
    let entries = policy.statements.iter().flat_map(|s| &s.principals.entries);
    let mut all: Vec<AccountId> = entries.filter_map(|p| p.kind.account()).collect();
    all.sort();
    all.dedup();
    all
}

/// The laws of a grant. `Err`: which one does not hold, and why.
fn grant_holds(text: &str, wanted: &Wanted) -> Result<(), TestCaseError> {
    let old = read(text);
    let edited = grant(Some(text), std::slice::from_ref(wanted)).unwrap();
    let new = read(&edited.text);
    prop_assert_eq!(edited.changed, edited.text != text);
    prop_assert!(is_within(text, &edited.text), "more than insertions: {}", edited.text);
    for (at, (was, is)) in old.statements.iter().zip(&new.statements).enumerate() {
        let same = was.span.text_in(text) == is.span.text_in(&edited.text);
        prop_assert!(same || edited.touched.contains(&at), "statement {at} was touched: {}", edited.text);
    }
    let again = grant(Some(&edited.text), std::slice::from_ref(wanted)).unwrap();
    prop_assert!(!again.changed, "granted twice: {}", edited.text);
    prop_assert!(stops_no_more(&stops(text), &stops(&edited.text)), "a new error: {}", edited.text);

    // What other statements give already, whoever owns the repository, is no edit.
    let mut giving = old.clone();
    giving.statements.retain(|s| s.effect == Effect::Allow && !s.principals.negated && s.resource.is_none());
    let more = with(Some(&giving), &alone(wanted, Effect::Allow));
    let mut owners = accounts(&more).into_iter().map(Some).chain([None]);
    let gives = |owner: Option<AccountId>| delta_for(Some(&giving), Some(&more), owner.as_ref()).is_empty();
    let is_there = owners.all(gives);

    let change = delta(Some(&old), Some(&new));
    prop_assert!(change.losses.is_empty(), "{change:?}: {}", edited.text);
    let (allow, deny) = (alone(wanted, Effect::Allow), alone(wanted, Effect::Deny));
    let more = delta(Some(&new), Some(&with(Some(&new), &allow)));
    prop_assert!(more.is_empty(), "not everything was given: {more:?}: {}", edited.text);
    let besides = delta(Some(&with(Some(&old), &deny)), Some(&with(Some(&new), &deny)));
    prop_assert!(besides.is_empty(), "somebody else, or something else: {besides:?}: {}", edited.text);

    // Whoever has not all of it is told which statement takes it.
    let denies: Vec<Statement> = new.statements.iter().filter(|s| s.effect == Effect::Deny).cloned().collect();
    let mut asked = new.clone();
    asked.statements = allow;
    let taken = delta(Some(&asked), Some(&with(Some(&asked), &denies)));
    // A policy that names principals of two partitions can be no repository's.
    let is_foreign = |p: &Principal| matches!(p.kind, PrincipalKind::Account(_, Some(Partition::China)));
    let mixed = old.statements.iter().flat_map(|s| &s.principals.entries).any(is_foreign);
    prop_assert!(!taken.is_empty() || is_there != edited.changed, "there already: {is_there}: {}", edited.text);
    let told = mixed || given(&new, wanted).iter().any(|row| !row.blocked.is_empty());
    prop_assert!(told || taken.is_empty(), "a Deny takes it untold: {}", edited.text);
    Ok(())
}

/// The laws of a revoke.
fn revoke_holds(text: &str, grantee: &Grantee, options: RevokeOptions) -> Result<(), TestCaseError> {
    let old = read(text);
    let revoked = revoke(Some(text), std::slice::from_ref(grantee), options).unwrap();
    prop_assert_eq!(revoked.changed, revoked.text.as_deref() != Some(text));
    let new = revoked.text.as_deref().map(read);
    if let (Some(rest), Some(new)) = (&revoked.text, &new) {
        prop_assert!(is_within(rest, text), "more than deletions: {rest}");
        prop_assert!(stops_no_more(&stops(text), &stops(rest)), "a new error: {rest}");
        let stay: Vec<usize> = (0..old.statements.len()).filter(|at| !revoked.emptied.contains(at)).collect();
        prop_assert_eq!(stay.len(), new.statements.len());
        for (now, before) in stay.iter().enumerate() {
            let same = old.statements[*before].span.text_in(text) == new.statements[now].span.text_in(rest);
            prop_assert_eq!(same, !revoked.touched.contains(&now), "statement {}: {}", before, rest);
        }
        let again = revoke(Some(rest), std::slice::from_ref(grantee), options).unwrap();
        prop_assert!(!again.changed, "revoked twice: {rest}");
    }
    let change = delta(Some(&old), new.as_ref());
    prop_assert!(change.gains.is_empty(), "{change:?}: {:?}", revoked.text);
    let without = without(grantee);
    let besides = delta(Some(&with(Some(&old), &without)), Some(&with(new.as_ref(), &without)));
    prop_assert!(besides.is_empty(), "somebody else loses: {besides:?}: {:?}", revoked.text);

    // What the grantee keeps is told. Which accounts are in an organization is not in the text.
    let kept = delta(Some(&with(new.as_ref(), &reaching(grantee))), new.as_ref());
    let in_the_text = !matches!(grantee, Grantee::Organization(_) | Grantee::OrgUnit(_) | Grantee::Everyone);
    let told = !revoked.still.is_empty() || revoked.left.iter().any(|left| left.why == Why::LambdasOwn);
    prop_assert!(told || kept.is_empty() || !in_the_text, "kept untold: {kept:?}: {:?}", revoked.text);
    Ok(())
}

/// A grant to somebody who is not in the text, taken back.
fn back_and_forth_holds(text: &str, name: &str, asked: &Wanted, options: RevokeOptions) -> Result<(), TestCaseError> {
    let grantee = [Grantee::parse(name).unwrap()];
    if revoke(Some(text), &grantee, RevokeOptions { and_lambdas_own: true, ..options }).unwrap().changed {
        return Ok(());
    }
    let given_text = grant(Some(text), std::slice::from_ref(asked)).unwrap().text;
    let back = revoke(Some(&given_text), &grantee, options).unwrap().text;
    let Some(back) = back else {
        prop_assert!(read(text).statements.is_empty(), "all of it went");
        return Ok(());
    };
    let was_list = read(text).statement_is_list;
    prop_assert!(back == text || (!was_list && same_meaning(&back, text)), "{given_text}\nback to\n{back}");
    Ok(())
}

/// Narrowing to a recipe: nobody gains, and nobody loses what the recipe allows.
fn narrow_holds(text: &str, name: &str) -> Result<(), TestCaseError> {
    let purpose = recipe::find_recipe(name).unwrap();
    let old = read(text);
    let all: Vec<usize> = (0..old.statements.len()).collect();
    let narrowed = narrow_statements(text, &all, purpose).unwrap();
    let new = read(&narrowed.text);
    let change = delta(Some(&old), Some(&new));
    prop_assert!(change.gains.is_empty(), "{change:?}: {}", narrowed.text);
    let needed = |name: &String| purpose.repository_actions().any(|a| a.name == *name);
    prop_assert!(!change.losses.iter().flat_map(|l| &l.actions).any(needed), "{change:?}: {}", narrowed.text);
    prop_assert!(narrowed.has_changed() || narrowed.text == text);
    prop_assert!(stops_no_more(&stops(text), &stops(&narrowed.text)), "a new error: {}", narrowed.text);
    // Of what is left in a statement that could be cut, nothing is more than is needed.
    let again = narrow_statements(&narrowed.text, &(0..new.statements.len()).collect::<Vec<_>>(), purpose).unwrap();
    prop_assert!(!again.has_changed(), "narrowed twice: {}", again.text);
    let owner = AccountId::parse("222222222222").unwrap();
    for (at, statement) in new.statements.iter().enumerate() {
        let alone = Policy { statements: vec![statement.clone()], ..new.clone() };
        let rows = table(&alone, &owner).rows;
        let kept = statement.effect == Effect::Deny || again.kept.iter().any(|kept| kept.statement == at);
        prop_assert!(kept || rows.iter().flat_map(|row| &row.actions).all(needed), "statement {at}: {}", narrowed.text);
    }
    Ok(())
}

/// A fix never creates a new error, nor makes a policy that can be read one that cannot.
fn fixes_hold(text: &str) -> Result<usize, TestCaseError> {
    let before = stops(text);
    let mut held = 0;
    for finding in check(text, &CheckOptions::default()) {
        let Some(fix) = &finding.fix else { continue };
        let fixed = apply_fix(text, fix);
        prop_assert!(fixed != text, "{finding:?} does nothing");
        if Policy::read(text).is_ok() {
            prop_assert!(Policy::read(&fixed).is_ok(), "{finding:?}: {fixed}");
            prop_assert!(stops_no_more(&before, &stops(&fixed)), "{finding:?} makes a new error: {fixed}");
            if !fix.changes_access {
                let change: Delta = delta(Some(&read(text)), Some(&read(&fixed)));
                prop_assert!(change.is_empty(), "{finding:?} changes access: {change:?}: {fixed}");
            }
        }
        held += 1;
    }
    Ok(held)
}

/// The ways to make a grant fit give what the grant gives, in as many characters as ECR takes.
fn room_holds(text: &str, wanted: &Wanted) -> Result<(), TestCaseError> {
    let edited = grant(Some(text), std::slice::from_ref(wanted)).unwrap();
    let is_long = edited.text.chars().count() > POLICY_LIMIT;
    prop_assert!(is_long || edited.offers.is_empty(), "offered where nothing forces it");
    for offer in &edited.offers {
        prop_assert_eq!(offer.length, offer.text.chars().count());
        prop_assert!(offer.length <= POLICY_LIMIT && edited.changed);
        let change = delta(Some(&read(&edited.text)), Some(&read(&offer.text)));
        prop_assert!(change.is_empty(), "{}: {change:?}", offer.words());
        prop_assert!(offer.minified == (minify(&offer.text).as_ref() == Some(&offer.text)) || !offer.minified);
        prop_assert!(offer.minified || is_within(text, &offer.text), "{}", offer.text);
        prop_assert!(stops_no_more(&stops(text), &stops(&offer.text)), "a new error: {}", offer.text);
    }
    Ok(())
}

/// Layout alone changes nothing.
fn layout_holds(text: &str) -> Result<(), TestCaseError> {
    for other in [format(text).unwrap(), minify(text).unwrap()] {
        prop_assert!(same_meaning(text, &other), "{other}");
        prop_assert!(delta(Some(&read(text)), Some(&read(&other))).is_empty(), "{other}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(80))]

    #[test]
    fn a_grant_gives_exactly_what_was_asked(text in policy(), (_, wanted) in wanted()) {
        grant_holds(&text, &wanted)?;
    }

    #[test]
    fn a_grant_at_a_known_owner_counts_what_the_account_has(
        text in policy(), (_, wanted) in wanted(), owner in pick(&["111111111111", "222222222222", "333333333333"])
    ) {
        grant_for_holds(&text, &wanted, &AccountId::parse(&owner).unwrap())?;
    }

    #[test]
    fn a_revoke_takes_from_nobody_else_and_gives_nobody_anything(
        text in policy(), grantee in pick(GRANTEES), options in options()
    ) {
        revoke_holds(&text, &Grantee::parse(&grantee).unwrap(), options)?;
    }

    #[test]
    fn a_grant_that_is_revoked_leaves_the_bytes_from_before(text in policy(), (name, wanted) in wanted(), options in options()) {
        back_and_forth_holds(&text, &name, &wanted, options)?;
    }

    #[test]
    fn narrowing_leaves_what_is_needed(text in policy(), recipe in pick(&["pull", "release", "push-pull"])) {
        narrow_holds(&text, &recipe)?;
    }

    #[test]
    fn a_fix_never_creates_a_new_error(text in policy()) {
        fixes_hold(&text)?;
    }

    #[test]
    fn whatever_is_offered_to_make_a_grant_fit_gives_the_same(text in policy(), (_, wanted) in wanted(), over in 0..600_usize, fill in pick(&["x", "漢", " "])) {
        // A Sid or a run of blanks that leaves little room.
        let count = text.chars().count();
        let room = (POLICY_LIMIT + 100).saturating_sub(count + over);
        let statement = r#"{"Sid":"FILL","Effect":"Deny","Principal":{"AWS":"444444444444"},"Action":"ecr:PutImage"}"#;
        let mut value: Value = serde_json::from_str(&text).unwrap();
        let filler: Value = serde_json::from_str(&statement.replace("FILL", &if fill == " " { String::new() } else { fill.repeat(room) })).unwrap();
        let theirs = value["Statement"].take();
        let mut all = theirs.as_array().cloned().unwrap_or_else(|| vec![theirs]);
        all.push(filler);
        value["Statement"] = all.into();
        let mut long = if count % 2 == 0 { value.to_string() } else { serde_json::to_string_pretty(&value).unwrap() };
        if fill == " " {
            long.insert_str(1, &" ".repeat(room));
        }
        room_holds(&long, &wanted)?;
    }

    #[test]
    fn layout_changes_nothing(text in policy()) {
        layout_holds(&text)?;
    }
}

/// The sample policies: id and text.
fn samples() -> Vec<(String, String)> {
    let line = |line: &str| {
        let sample: Value = serde_json::from_str(line).unwrap();
        (sample["id"].as_str().unwrap().to_owned(), sample["text"].as_str().unwrap().to_owned())
    };
    include_str!("../cases/policies.jsonl").lines().map(line).collect()
}

#[test]
fn every_law_holds_over_the_sample_policies() {
    let (mut read, mut fixes) = (0, 0);
    for (id, text) in samples() {
        let held = |result: Result<(), TestCaseError>, law: &str| {
            result.unwrap_or_else(|problem| panic!("{id}, {law}: {problem}"));
        };
        fixes += fixes_hold(&text).unwrap_or_else(|problem| panic!("{id}: {problem}"));
        if Policy::read(&text).is_err() {
            continue;
        }
        for name in GRANTEES.iter().step_by(if is_long() { 1 } else { 3 }) {
            let wanted = wanted_of(name, &["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], Vec::new());
            held(grant_holds(&text, &wanted), name);
            for and_principals in [false, true] {
                let options = RevokeOptions { and_principals, ..RevokeOptions::default() };
                held(revoke_holds(&text, &Grantee::parse(name).unwrap(), options), name);
                held(back_and_forth_holds(&text, name, &wanted, options), name);
            }
        }
        held(narrow_holds(&text, "pull"), "narrow");
        held(layout_holds(&text), "layout");
        read += 1;
    }
    assert!(read > 50 && fixes > 40, "{read} policies, {fixes} fixes");
}

/// A policy of about so many bytes, by one of several ways to be long.
fn huge(bytes: usize, manner: usize) -> String {
    let entry = |n: usize| format!("arn:aws:iam::{:012}:root", 200_000_000_000 + n);
    let statement = |sid: &str, who: Value, condition: Value| json!({ "Sid": sid, "Effect": "Allow", "Principal": { "AWS": who }, "Action": ["ecr:BatchGetImage"], "Condition": condition });
    let many = |each: usize| bytes / each;
    let statements: Vec<Value> = match manner {
        // Many statements; ours, which a grant could join; one long list; long conditions; one long Sid.
        0 => (0..many(180)).map(|n| statement(&format!("S{n}"), json!(entry(n)), json!({}))).collect(),
        1 => (0..many(180)).map(|n| statement(&format!("EcrGrantPull{n}"), json!([entry(n)]), json!({}))).collect(),
        2 => vec![statement("EcrGrantPull", (0..many(34)).map(entry).collect::<Vec<_>>().into(), json!({}))],
        3 => {
            let ids: Vec<String> = (0..many(15)).map(|n| format!("{:012}", 200_000_000_000 + n)).collect();
            vec![statement("S", json!("*"), json!({ "StringEquals": { "aws:SourceAccount": ids } }))]
        }
        _ => vec![statement(&"漢".repeat(many(3)), json!("111111111111"), json!({}))],
    };
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

#[test]
fn a_text_of_a_megabyte_is_edited_like_any_other() {
    let bytes = if is_long() { 1_000_000 } else { 100_000 };
    for manner in 0..5 {
        let text = huge(bytes, manner);
        assert!(text.len() > bytes / 2, "{manner}: {}", text.len());
        let wanted = wanted_of("987654321098", &["ecr:BatchGetImage"], Vec::new());
        let grantee = [Grantee::parse("987654321098").unwrap()];
        let edited = grant(Some(&text), std::slice::from_ref(&wanted)).unwrap();
        assert!(edited.changed && edited.offers.is_empty(), "{manner}");
        assert!(!grant(Some(&edited.text), &[wanted]).unwrap().changed, "{manner}");
        let back = revoke(Some(&edited.text), &grantee, RevokeOptions::default()).unwrap();
        assert!(back.text.as_deref() == Some(&text), "{manner}");
        let first = [Grantee::parse("200000000000").unwrap()];
        assert_eq!(revoke(Some(&text), &first, RevokeOptions::default()).unwrap().changed, manner < 4, "{manner}");
        let narrowed = narrow_statements(&text, &[0], recipe::find_recipe("pull").unwrap()).unwrap();
        assert!(!narrowed.has_changed(), "{manner}");
        let pretty = format(&text).unwrap();
        assert!(minify(&pretty).unwrap() == text && same_meaning(&pretty, &text), "{manner}");
    }
}
