//! Examples of access that chosen sample values missed, each held against the evaluator.

use std::fmt::Write as _;

use ecr_policy::access::{table, table_for};
use ecr_policy::delta::{delta, delta_for};
use ecr_policy::ecr::AccountId;
use ecr_policy::evaluate::evaluate;
use ecr_policy::lint::{CheckOptions, check};
use ecr_policy::{AccessTable, Answer, Class, Policy};

fn owner() -> AccountId {
    AccountId::parse("222222222222").unwrap()
}

fn read(statements: &str) -> Policy {
    Policy::read(&format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)).unwrap()
}

fn allow(principal: &str, condition: &str) -> String {
    format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"ecr:BatchGetImage","Condition":{{{condition}}}}}"#)
}

fn deny(condition: &str) -> String {
    format!(r#"{{"Effect":"Deny","Principal":"*","Action":"ecr:*","Condition":{{{condition}}}}}"#)
}

/// The table, after every line of the difference from nothing was replayed.
fn shown(policy: &Policy) -> AccessTable {
    let table = table(policy, &owner());
    let gains = delta_for(None, Some(policy), Some(&owner())).gains;
    for gain in &gains {
        let request = gain.witness.as_ref().expect("proved").request().unwrap();
        assert_eq!(evaluate(policy, &request).answer, Answer::Allow, "{gain:?}");
    }
    assert!(gains.is_empty() || table.class != Class::None, "{gains:?}");
    table
}

const SERVICE: &str = r#"{"Service":"lambda.amazonaws.com"}"#;
const ACCOUNT: &str = r#"{"AWS":"111111111111"}"#;
const EVERYONE: &str = r#""*""#;

#[test]
fn what_samples_missed_is_found() {
    let tags: Vec<String> = (0..25).map(|n| format!("\"t{n:02}-*\"")).collect();
    let units: Vec<String> = (0..13).map(|n| format!("\"o-aaaaaaaaaa/r-ab12/ou-ab12-{n:02}/*\"")).collect();
    let arn = |operator: &str, pattern: &str| format!(r#""{operator}":{{"aws:PrincipalArn":"{pattern}"}}"#);
    let source = |operator: &str, pattern: &str| format!(r#""{operator}":{{"aws:SourceArn":"{pattern}"}}"#);
    let without = |key: &str| deny(&format!(r#""ForAllValues:StringNotEquals":{{"aws:TagKeys":"{key}"}}"#));
    for (statements, class) in [
        (
            vec![
                allow(EVERYONE, &arn("ArnLike", "arn:aws:iam::*:role/ci-*")),
                deny(&arn("ArnNotLike", "arn:aws:iam::*:role/*-prod")),
            ],
            Class::Public,
        ),
        (
            vec![
                allow(SERVICE, &source("ArnLike", "arn:aws:lambda:*:111111111111:function:*")),
                deny(&source("ArnNotLike", "arn:aws:lambda:eu-*:*:function:*")),
                deny(&source("ArnNotLike", "arn:aws:lambda:*:*:function:prod-*")),
            ],
            Class::Service,
        ),
        (
            vec![
                allow(EVERYONE, &format!(r#""StringLike":{{"aws:PrincipalTag/team":[{}]}}"#, tags.join(","))),
                deny(r#""StringNotLike":{"aws:PrincipalTag/team":"*-prod"}"#),
            ],
            Class::Public,
        ),
        (
            vec![
                allow(
                    EVERYONE,
                    &format!(r#""ForAnyValue:StringLike":{{"aws:PrincipalOrgPaths":[{}]}}"#, units.join(",")),
                ),
                deny(r#""ForAllValues:StringNotLike":{"aws:PrincipalOrgPaths":"*/ou-ab12-deep/"}"#),
            ],
            Class::Organization,
        ),
        (
            vec![
                allow(EVERYONE, "").replace(r#","Condition":{}"#, "").replace("BatchGetImage", "TagResource"),
                without("team"),
                without("env"),
                without("cost"),
                deny(r#""ForAnyValue:StringLike":{"aws:TagKeys":"aws:*"}"#),
            ],
            Class::Public,
        ),
        (
            vec![allow(
                ACCOUNT,
                r#""StringLike":{"aws:username":"ci-*"},"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111111111111:user/build/*"}"#,
            )],
            Class::CrossAccount,
        ),
        (vec![allow(SERVICE, r#""StringEquals":{"aws:SourceAccount":"${aws:ResourceAccount}"}"#)], Class::Service),
        (
            vec![
                allow(ACCOUNT, r#""StringEquals":{"ecr:ResourceTag/team":"${aws:PrincipalTag/team}"}"#),
                deny(r#""StringNotEquals":{"ecr:ResourceTag/team":["dev","prod"]}"#),
            ],
            Class::CrossAccount,
        ),
        (
            vec![
                allow(ACCOUNT, r#""StringEquals":{"ecr:ResourceTag/team":"${aws:PrincipalTag/team}"}"#),
                deny(r#""StringNotEquals":{"aws:PrincipalTag/team":["dev","prod"]}"#),
            ],
            Class::CrossAccount,
        ),
        (
            vec![
                allow(EVERYONE, r#""StringLike":{"aws:PrincipalTag/t":"ab??"}"#),
                deny(r#""StringNotLike":{"aws:PrincipalTag/t":"?b*z"}"#),
            ],
            Class::Public,
        ),
        (
            vec![
                allow(EVERYONE, r#""StringEqualsIgnoreCase":{"aws:PrincipalTag/t":"team"}"#),
                deny(r#""StringEquals":{"aws:PrincipalTag/t":["team","TEAM","Team"]}"#),
            ],
            Class::Public,
        ),
        // An account alone, however the pattern goes on.
        (vec![allow(EVERYONE, &arn("StringLike", "arn:aws:iam::111111111111*"))], Class::CrossAccount),
        (vec![allow(EVERYONE, r#""StringLike":{"aws:PrincipalAccount":"111111111111*"}"#)], Class::CrossAccount),
        (vec![allow(EVERYONE, &arn("StringLike", "arn:aws:iam::111111111111?role/ci"))], Class::CrossAccount),
        (vec![allow(EVERYONE, &arn("StringLike", "*:111111111111:root"))], Class::CrossAccount),
        // A path may hold colons, so that a stranger's role fits.
        (vec![allow(EVERYONE, &arn("StringLike", "*:111111111111:role/ci"))], Class::Public),
        (vec![allow(EVERYONE, &arn("StringLike", "arn:*:iam::111111111111:role/x"))], Class::Public),
        (vec![allow(EVERYONE, &arn("ArnLike", "*:*:*:*:111111111111:role/ci"))], Class::CrossAccount),
        // What no request has.
        (vec![allow(EVERYONE, r#""StringEquals":{"kms:CallerAccount":"111111111111"}"#)], Class::None),
        (vec![allow(SERVICE, &source("ArnLike", "arn:aws:lambda:eu-west-2:my-app:function:*"))], Class::None),
        (vec![allow(EVERYONE, &arn("ArnLike", "arn:aws:sts::111111111111:assumed-role/ci/*"))], Class::None),
        (vec![allow(SERVICE, &source("ArnLike", "arn:aws:lambda:*:11111111111:function:*"))], Class::None),
    ] {
        let text = statements.join(",");
        let table = shown(&read(&text));
        assert_eq!((table.class, table.unproved), (class, None), "{text}");
    }
}

#[test]
fn a_fence_that_goes_is_a_difference() {
    let guarded = read(&allow(SERVICE, r#""StringEquals":{"aws:SourceAccount":"${aws:ResourceAccount}"}"#));
    let open = read(&allow(SERVICE, "").replace(r#","Condition":{}"#, ""));
    let change = delta_for(Some(&guarded), Some(&open), Some(&owner()));
    assert!(change.losses.is_empty() && change.gains.iter().all(|g| g.witness.is_some()) && !change.gains.is_empty());
    let star = allow(EVERYONE, "").replace(r#","Condition":{}"#, "");
    let team = deny(r#""StringNotLike":{"aws:PrincipalArn":"*/team/*"}"#);
    let web = deny(r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*web*"}"#);
    let change = delta(Some(&read(&format!("{star},{team}"))), Some(&read(&format!("{star},{team},{web}"))));
    assert!(change.gains.is_empty() && change.losses.iter().all(|l| l.witness.is_some()) && !change.losses.is_empty());
}

/// Everyday patterns of role names.
const ROLES: [&str; 18] = [
    "ci-*",
    "*-prod",
    "deploy/*",
    "deploy-*",
    "*-ci",
    "team-?",
    "*",
    "ci",
    "prod-*-eu",
    "*build*",
    "app/*/ci",
    "GitHub*",
    "*-readonly",
    "ci-?-prod",
    "web",
    "*/web",
    "aws-reserved/*",
    "ci-*-prod",
];

#[test]
fn every_pair_of_everyday_fences_is_told_right() {
    let star = allow(EVERYONE, "").replace(r#","Condition":{}"#, "");
    let fence = |operator: &str, pattern: &str| {
        deny(&format!(r#""{operator}":{{"aws:PrincipalArn":"arn:aws:iam::*:role/{pattern}"}}"#))
    };
    for operator in ["ArnNotLike", "StringNotLike"] {
        for one in ROLES {
            let alone = format!("{star},{}", fence(operator, one));
            for other in ROLES.iter().filter(|other| **other != one) {
                let both = format!("{alone},{}", fence(operator, other));
                let (before, after) = (read(&alone), read(&both));
                let change = delta(Some(&before), Some(&after));
                // Whoever fits the one and not the other loses it; none where the other takes in the one.
                let is_within = |narrow: &str, wide: &str| {
                    wide == "*"
                        || matches!(
                            (narrow, wide),
                            ("ci-?-prod" | "ci-*-prod", "ci-*" | "*-prod")
                                | ("ci-?-prod", "ci-*-prod")
                                | ("*/web", "*web")
                        )
                };
                assert!(change.gains.is_empty());
                assert_eq!(change.losses.is_empty(), is_within(one, other), "{operator} {one} {other}");
                for line in &change.losses {
                    let request = line.witness.as_ref().expect("proved").request().unwrap();
                    let answers = [&before, &after].map(|p| evaluate(p, &request).answer);
                    assert_eq!(answers, [Answer::Allow, Answer::ExplicitDeny], "{line:?}");
                }
                let class = table_for(&after, None);
                let meets = !matches!((one, *other), ("ci" | "web" | "team-?", "ci" | "web" | "team-?"));
                assert!(class.unproved.is_none() && (meets || class.class == Class::None), "{one} {other}");
            }
        }
    }
}

#[test]
fn what_is_not_proved_is_said_and_claims_nothing() {
    // Names that count their letters from behind in three ways: more states than are looked at.
    let fence =
        |letter: char| deny(&format!(r#""StringNotLike":{{"aws:PrincipalTag/x":"*{letter}{}"}}"#, "?".repeat(28)));
    let text = [allow(EVERYONE, "").replace(r#","Condition":{}"#, ""), fence('a'), fence('b'), fence('c')].join(",");
    let hard = read(&text);
    let table = table_for(&hard, None);
    let change = delta(None, Some(&hard));
    if table.unproved.is_some() {
        assert_eq!(table.class, Class::Public, "the widest that is not excluded");
        assert!(change.gains.iter().any(|line| line.witness.is_none()));
    } else {
        assert_ne!(table.class, Class::Public, "one letter cannot be three");
    }
    let whole = format!(r#"{{"Version":"2012-10-17","Statement":[{text}]}}"#);
    assert!(check(&whole, &CheckOptions::default()).iter().all(|f| table.unproved.is_none() || f.id != "W220"));
    // A number and wildcards on one key.
    let mixed = r#""StringLike":{"aws:MultiFactorAuthAge":"1*9*"},"NumericLessThan":{"aws:MultiFactorAuthAge":"15"}"#;
    let table = table_for(&read(&allow(EVERYONE, mixed)), None);
    assert!(table.class == Class::Public || table.unproved.is_some());
}

#[test]
fn long_lists_take_few_steps() {
    let mut accounts = String::new();
    let mut patterns = String::new();
    (0..255).for_each(|n| write!(accounts, "\"{}\",", 100_000_000_000u64 + n).unwrap());
    (0..380).for_each(|n| write!(patterns, "\"*:role/ci-{n:03}-*\",").unwrap());
    let text = format!(
        "{},{}",
        allow(&format!(r#"{{"AWS":[{}]}}"#, accounts.trim_end_matches(',')), "").replace(r#","Condition":{}"#, ""),
        deny(&format!(r#""StringNotLike":{{"aws:PrincipalArn":[{}]}}"#, patterns.trim_end_matches(',')))
    );
    let table = shown(&read(&text));
    assert_eq!((table.class, table.unproved, table.rows.len()), (Class::CrossAccount, None, 255));
}
