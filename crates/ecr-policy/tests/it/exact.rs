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
        let request = gain.witness.as_ref().unwrap_or_else(|| panic!("unproved: {gain:?}")).request().unwrap();
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

/// Pieces of names, none of which is within another.
const PIECES: [&str; 7] = ["team", "prod", "eu", "web", "ci", "app", "x1"];

#[test]
fn any_number_of_fences_on_one_key_leaves_whoever_fits_them_all() {
    let everyone = allow(EVERYONE, "").replace(r#","Condition":{}"#, "");
    let functions = allow(SERVICE, r#""ArnLike":{"aws:SourceArn":"arn:aws:lambda:*:111111111111:function:*"}"#);
    // The last is how many fences are proved within the steps; beyond these the class is the widest left.
    let kinds = [
        (&everyone, Class::Public, "StringNotLike", "aws:PrincipalTag/team", "", 5),
        (&everyone, Class::Public, "ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:role/", 4),
        (&functions, Class::Service, "ArnNotLike", "aws:SourceArn", "arn:aws:lambda:*:*:function:", 3),
    ];
    for (allowing, class, operator, key, begin, proved) in kinds {
        let fence = |pattern: &str| deny(&format!(r#""{operator}":{{"{key}":"{begin}{pattern}"}}"#));
        for count in 1..=PIECES.len() {
            let mut statements = vec![allowing.clone()];
            statements.extend(PIECES.iter().take(count).map(|piece| fence(&format!("*{piece}*"))));
            let policy = read(&statements.join(","));
            let table = if count > proved { table(&policy, &owner()) } else { shown(&policy) };
            assert_eq!((table.class, count > proved || table.unproved.is_none()), (class, true), "{key} {count}");
            // One more that whoever fits the others does not.
            statements.push(fence("nobody"));
            let table = shown(&read(&statements.join(",")));
            assert_eq!((table.class, table.unproved), (Class::None, None), "{key} {count}");
            assert!(findings(&statements.join(",")).iter().any(|(id, _)| *id == "W220"), "{key} {count}");
        }
    }
}

#[test]
fn any_number_of_fences_around_units_leaves_accounts_with_a_path_in_each() {
    let unit = allow(EVERYONE, r#""StringEquals":{"aws:PrincipalOrgID":"o-aaaaaaaaaa"}"#);
    let fence =
        |piece: &str| deny(&format!(r#""ForAllValues:StringNotLike":{{"aws:PrincipalOrgPaths":"*/ou-{piece}/*"}}"#));
    for count in 1..=PIECES.len() {
        let mut statements = vec![unit.clone()];
        statements.extend(PIECES.iter().take(count).map(|piece| fence(piece)));
        let table = shown(&read(&statements.join(",")));
        assert_eq!((table.class, table.unproved), (Class::Organization, None), "{count}");
        statements.push(deny(r#""ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"*/ou-team/*"}"#));
        let table = shown(&read(&statements.join(",")));
        assert_eq!((table.class, table.unproved), (Class::None, None), "{count}");
    }
}

#[test]
fn patterns_of_account_numbers_are_told_digit_by_digit() {
    let digits = |text: &str| -> [Option<char>; 12] {
        let mut all = [None; 12];
        match text.split_once('*') {
            Some((begin, end)) => {
                begin.chars().enumerate().for_each(|(at, c)| all[at] = Some(c).filter(|c| *c != '?'));
                end.chars().rev().enumerate().for_each(|(at, c)| all[11 - at] = Some(c).filter(|c| *c != '?'));
            }
            None => text.chars().enumerate().for_each(|(at, c)| all[at] = Some(c).filter(|c| *c != '?')),
        }
        all
    };
    let patterns = ["1*", "2*", "*1", "*2", "?1*", "*2?", "1*2", "11111111111?", "????22222222", "?2*1", "*"];
    let everyone = allow(EVERYONE, "").replace(r#","Condition":{}"#, "");
    let fence =
        |key: &str, begin: &str, pattern: &str| deny(&format!(r#""StringNotLike":{{"{key}":"{begin}{pattern}"}}"#));
    for one in patterns {
        for other in patterns {
            let meet = digits(one).iter().zip(digits(other)).all(|(a, b)| a.is_none() || b.is_none() || *a == b);
            let class = if meet { Class::Public } else { Class::None };
            for key in ["aws:PrincipalAccount", "aws:PrincipalArn"] {
                // Of an ARN the root user's: a name could hold digits of its own.
                let of = |pattern: &str| match key {
                    "aws:PrincipalAccount" => fence(key, "", pattern),
                    _ => deny(&format!(r#""ArnNotLike":{{"{key}":"arn:aws:iam::{pattern}:root"}}"#)),
                };
                let table = shown(&read(&[everyone.clone(), of(one), of(other)].join(",")));
                assert_eq!((table.class, table.unproved), (class, None), "{key} {one} {other}");
            }
        }
    }
}

#[test]
fn case_and_length_leave_whatever_is_not_excluded() {
    let tag = |operator: &str, values: &[String]| {
        let values: Vec<String> = values.iter().map(|value| format!("\"{value}\"")).collect();
        format!(r#""{operator}":{{"aws:PrincipalTag/t":[{}]}}"#, values.join(","))
    };
    let spellings: Vec<String> = (0..8)
        .map(|bits| {
            let letter = |(at, c): (usize, char)| if bits >> at & 1 == 1 { c.to_ascii_uppercase() } else { c };
            "web".chars().enumerate().map(letter).collect()
        })
        .collect();
    let any_case = allow(EVERYONE, &tag("StringEqualsIgnoreCase", &["wEb".to_owned()]));
    for left in 0..=spellings.len() {
        let excluded: Vec<String> =
            spellings.iter().enumerate().filter(|(at, _)| *at != left).map(|(_, s)| s.clone()).collect();
        let table = shown(&read(&format!("{any_case},{}", deny(&tag("StringEquals", &excluded)))));
        let class = if left < spellings.len() { Class::Public } else { Class::None };
        assert_eq!((table.class, table.unproved), (class, None), "{excluded:?}");
    }
    for one in 1..8_usize {
        for other in 1..8 {
            let exactly = allow(EVERYONE, &tag("StringLike", &["?".repeat(one)]));
            for (pattern, meets) in [
                ("?".repeat(other), one == other),
                (format!("{}*", "?".repeat(other)), one >= other),
                (format!("a{}b", "?".repeat(other)), one == other + 2),
            ] {
                let table =
                    shown(&read(&format!("{exactly},{}", deny(&tag("StringNotLike", std::slice::from_ref(&pattern))))));
                let class = if meets { Class::Public } else { Class::None };
                assert_eq!((table.class, table.unproved), (class, None), "{one} {pattern}");
            }
        }
    }
}

fn findings(statement: &str) -> Vec<(&'static str, String)> {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
    let options = CheckOptions { owner: Some(owner()), ..CheckOptions::default() };
    check(&text, &options).into_iter().map(|f| (f.id, f.message)).collect()
}

#[test]
fn a_pattern_that_leaves_one_account_is_not_public_and_one_open_by_colons_says_why() {
    for id in ["111111111111", "333333333333", "012345678901"] {
        let arn = |operator: &str, pattern: String| {
            allow(EVERYONE, &format!(r#""{operator}":{{"aws:PrincipalArn":"{pattern}"}}"#))
        };
        for tail in ["*", ":*", ":role/*", "?role/ci", ":user/a*", ":r*"] {
            let one = arn("StringLike", format!("arn:aws:iam::{id}{tail}"));
            assert_eq!(shown(&read(&one)).class, Class::CrossAccount, "{tail}");
            assert!(findings(&one).iter().all(|(id, _)| !id.starts_with("S10")), "{:?}", findings(&one));
        }
        let account = allow(EVERYONE, &format!(r#""StringLike":{{"aws:PrincipalAccount":"{id}*"}}"#));
        assert_eq!(shown(&read(&account)).class, Class::CrossAccount);
        for begin in ["*", "arn:*", "arn:*:iam", "a*::", "arn:aws:*"] {
            for kind in ["role", "user"] {
                let pattern = format!("{begin}:{id}:{kind}/x").replace(":::", "::");
                let open = arn("StringLike", pattern.clone());
                assert_eq!(shown(&read(&open)).class, Class::Public, "{pattern}");
                let found = findings(&open);
                assert!(found.iter().any(|(id, why)| *id == "S102" && why.contains("colons")), "{pattern}: {found:?}");
            }
            // Field by field a `*` takes no colon.
            if begin.matches(':').count() == 2 {
                let closed = arn("ArnLike", format!("arn:*:iam::{id}:role/x"));
                assert_eq!(shown(&read(&closed)).class, Class::CrossAccount);
            }
        }
        // Nobody's ARN ends like the root user's of another account.
        assert_eq!(shown(&read(&arn("StringLike", format!("*:{id}:root")))).class, Class::CrossAccount);
        let session = arn("ArnLike", format!("arn:aws:sts::{id}:assumed-role/ci/*"));
        assert_eq!(shown(&read(&session)).class, Class::None);
        for one in [session.clone(), session.replace(EVERYONE, ACCOUNT), session.replace("Allow", "Deny")] {
            let found = findings(&one);
            assert!(found.iter().any(|(id, why)| *id == "W201" && why.contains(":role/")), "{one}: {found:?}");
        }
        // A federated user's ARN is one of STS.
        let federated = arn("ArnLike", format!("arn:aws:sts::{id}:federated-user/*"));
        assert_eq!(shown(&read(&federated)).class, Class::CrossAccount);
        assert!(findings(&federated).iter().all(|(id, _)| *id != "W201"));
    }
}

#[test]
fn a_source_of_no_account_never_matches_and_one_of_any_account_is_told() {
    let source = |operator: &str, pattern: &str| {
        let condition = format!(r#""{operator}":{{"aws:SourceArn":"{pattern}"}}"#);
        let statement = allow(SERVICE, &condition);
        (shown(&read(&statement)).class, findings(&statement))
    };
    for field in ["my-app", "11111111111", "1111111111111", "1111-1111-1111", "*a", "11111111111x"] {
        let (class, found) = source("ArnLike", &format!("arn:aws:lambda:eu-west-2:{field}:function:*"));
        assert_eq!(class, Class::None, "{field}");
        assert!(found.iter().any(|(id, _)| matches!(*id, "W201" | "E026")), "{field}: {found:?}");
    }
    for (operator, pattern) in [
        ("StringLike", "arn:aws:lambda:*:function:*"),
        ("StringLike", "arn:aws:lambda:*"),
        ("StringLike", "arn:aws:lambda:*:*:function:*"),
        ("StringLike", "arn:*:function:x"),
        ("ArnLike", "arn:aws:lambda:*:*:function:*"),
        ("ArnLike", "arn:aws:lambda:eu-west-2:????????????:function:*"),
    ] {
        let (class, found) = source(operator, pattern);
        assert_eq!(class, Class::Service, "{pattern}");
        assert!(found.iter().any(|(id, _)| *id == "S112"), "{operator} {pattern}: {found:?}");
    }
}
