//! Rich policies, made up, in any layout.

use std::fmt::Write as _;

use ecr_policy::syntax::tokens;
use proptest::prelude::*;
use serde_json::{Value, json};

pub(super) const UNIT: &str = "o-aaaaaaaaaa/r-ab12/ou-ab12-11111111/";

pub(super) const ROLE: &str = "arn:aws:iam::111111111111:role/team/ci";

pub(super) const PRINCIPALS: &[&str] = &[
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

pub(super) fn pick(values: &[&str]) -> impl Strategy<Value = String> + use<> {
    prop::sample::select(values.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>())
}

/// One or several values, alone or in a list.
pub(super) fn some(values: &[&str], most: usize) -> impl Strategy<Value = Value> + use<> {
    let values: Vec<String> = values.iter().map(|v| (*v).to_owned()).collect();
    let most = most.min(values.len());
    (prop::sample::subsequence(values, 1..=most).prop_shuffle(), any::<bool>()).prop_map(
        |(chosen, single)| match chosen.as_slice() {
            [only] if single => json!(only),
            many => json!(many),
        },
    )
}

pub(super) fn principal_element() -> impl Strategy<Value = (&'static str, Value)> {
    let services = || some(&["lambda.amazonaws.com", "codebuild.amazonaws.com"], 2);
    prop_oneof![
        2 => Just(("Principal", json!("*"))),
        6 => some(PRINCIPALS, 4).prop_map(|p| ("Principal", json!({ "AWS": p }))),
        2 => services().prop_map(|s| ("Principal", json!({ "Service": s }))),
        1 => (some(PRINCIPALS, 3), services()).prop_map(|(p, s)| ("Principal", json!({ "AWS": p, "Service": s }))),
        1 => some(PRINCIPALS, 3).prop_map(|p| ("NotPrincipal", json!({ "AWS": p }))),
    ]
}

pub(super) fn condition() -> impl Strategy<Value = (String, &'static str, Value)> {
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

pub(super) fn statement() -> impl Strategy<Value = Value> {
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
pub(super) fn ours() -> impl Strategy<Value = Value> {
    (some(PRINCIPALS, 3), any::<bool>()).prop_map(|(who, push)| {
        let list = if who.is_array() { who } else { json!([who]) };
        let (sid, action) = if push { ("EcrGrantPush", "ecr:PutImage") } else { ("EcrGrantPull", "ecr:BatchGetImage") };
        json!({ "Sid": sid, "Effect": "Allow", "Principal": { "AWS": list }, "Action": [action] })
    })
}

/// How a text is laid out.
pub(super) fn laid_out(value: &Value, manner: u8, dice: &[u8]) -> String {
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
pub(super) fn by_a_strange_hand(text: &str, dice: &[u8]) -> String {
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
pub(super) fn policy() -> impl Strategy<Value = String> {
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
