//! Pairs of policies that pile conditions on one key, on keys that tell of one thing, on variables, on keys with several
//! values, and on many patterns.

use serde_json::{Value, json};

use crate::dice::Dice;

/// The account that owns the repository where an owner is known.
pub const OWNER: &str = "222222222222";

/// A key with the operators and the values that conditions on it have.
struct KeyPool {
    key: &'static str,
    operators: &'static [&'static str],
    values: &'static [&'static str],
}

/// Keys that conditions pile up on, with the principals whom statements name.
pub struct Theme {
    pub name: &'static str,
    principals: &'static [&'static str],
    /// Those whom Denies name; none: everybody, most of the time.
    denied: &'static [&'static str],
    keys: &'static [KeyPool],
}

const TEXT: &[&str] = &[
    "StringEquals",
    "StringLike",
    "StringLike",
    "StringNotEquals",
    "StringNotLike",
    "StringNotLike",
    "StringLikeIfExists",
    "StringNotLikeIfExists",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
];
const ARNS: &[&str] = &[
    "ArnLike",
    "ArnNotLike",
    "StringLike",
    "StringNotLike",
    "ArnEquals",
    "ArnNotEquals",
    "ArnLikeIfExists",
    "StringEquals",
];
const LISTS: &[&str] = &[
    "ForAnyValue:StringLike",
    "ForAnyValue:StringNotLike",
    "ForAllValues:StringLike",
    "ForAllValues:StringNotLike",
    "ForAnyValue:StringEquals",
    "ForAllValues:StringNotEquals",
    "ForAnyValue:StringLikeIfExists",
];
const NULL: &[&str] = &["Null"];
const TRUTHS: &[&str] = &["true", "false"];
const NUMBERS: &[&str] =
    &["NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericEquals", "NumericNotEquals"];
const DATES: &[&str] =
    &["DateLessThan", "DateGreaterThan", "DateGreaterThanEquals", "DateNotEquals", "DateLessThanEquals"];
const ADDRESSES: &[&str] = &["IpAddress", "NotIpAddress", "IpAddressIfExists", "NotIpAddressIfExists"];

const EVERYONE: &str = r#""*""#;
const PEOPLE: &[&str] = &[
    EVERYONE,
    EVERYONE,
    r#"{"AWS":"111111111111"}"#,
    r#"{"AWS":["arn:aws:iam::111111111111:root","333333333333"]}"#,
    r#"{"AWS":"arn:aws:iam::111111111111:role/ci"}"#,
    r#"{"AWS":["111111111111","arn:aws:iam::111111111111:role/team/ci","arn:aws:iam::333333333333:user/ana"]}"#,
    r#"{"AWS":["arn:aws:iam::222222222222:role/ci","222222222222"]}"#,
    r#"{"AWS":["arn:aws:iam::111111111111:role/ci","arn:aws:sts::111111111111:assumed-role/ci/run"]}"#,
];
const SERVICES: &[&str] = &[
    EVERYONE,
    r#"{"Service":"lambda.amazonaws.com"}"#,
    r#"{"Service":["lambda.amazonaws.com","codebuild.amazonaws.com"]}"#,
];

macro_rules! pool {
    ($key:literal, $operators:expr, $($value:literal),+ $(,)?) => {
        KeyPool { key: $key, operators: $operators, values: &[$($value),+] }
    };
}

pub const THEMES: &[Theme] = &[
    Theme {
        name: "roles",
        principals: PEOPLE,
        denied: &[],
        keys: &[
            pool!(
                "aws:PrincipalArn",
                ARNS,
                "arn:aws:iam::*:role/ci-*",
                "arn:aws:iam::*:role/*-prod",
                "arn:aws:iam::*:role/team/*",
                "arn:aws:iam::*:role/team-?",
                "arn:aws:iam::111111111111:*",
                "arn:aws:iam::111111111111*",
                "arn:aws:iam::1*:role/ci",
                "arn:aws:iam::????33333333:user/*",
                "arn:aws:iam::333333333333:user/ana",
                "arn:aws:iam::111111111111?role/ci",
                "arn:*:iam::111111111111:role/x",
                "*:111111111111:role/ci",
                "*/team/*",
                "*:role/*web*",
                "arn:aws:iam::*:user/${aws:username}",
                "arn:aws:iam::*:root",
            ),
            pool!(
                "aws:PrincipalAccount",
                TEXT,
                "111111111111",
                "333333333333",
                "1*",
                "????33333333",
                "*11",
                "222222222222"
            ),
            pool!("aws:username", TEXT, "ana", "ci-*", "*-prod", "a?a", "ANA"),
            pool!("aws:PrincipalType", &["StringEquals", "StringNotEquals"], "User", "AssumedRole", "Account"),
            pool!("aws:username", NULL, "true", "false"),
        ],
    },
    Theme {
        name: "one key of a role",
        principals: &[EVERYONE],
        denied: &[],
        keys: &[pool!(
            "aws:PrincipalArn",
            ARNS,
            "arn:aws:iam::*:role/ci-*",
            "arn:aws:iam::*:role/*-prod",
            "arn:aws:iam::*:role/deploy/*",
            "arn:aws:iam::*:role/*build*",
            "arn:aws:iam::*:role/app/*/ci",
            "arn:aws:iam::*:role/prod-*-eu",
            "arn:aws:iam::*:role/team-?",
        )],
    },
    Theme {
        name: "sources",
        principals: SERVICES,
        denied: &[],
        keys: &[
            pool!(
                "aws:SourceArn",
                ARNS,
                "arn:aws:lambda:*:111111111111:function:*",
                "arn:aws:lambda:eu-*:*:function:*",
                "arn:aws:lambda:*:*:function:prod-*",
                "arn:aws:lambda:eu-west-2:333333333333:function:thumbs",
                "arn:aws:codebuild:*:333333333333:project/*",
                "arn:aws:lambda:*:function:*",
                "arn:aws:*:*:${aws:SourceAccount}:*",
            ),
            pool!(
                "aws:SourceAccount",
                TEXT,
                "111111111111",
                "333333333333",
                "1*",
                "${aws:ResourceAccount}",
                "222222222222"
            ),
            pool!("aws:SourceOrgID", TEXT, "o-aaaaaaaaaa", "o-bbbbbbbbbb", "o-a*", "${aws:ResourceOrgID}"),
            pool!("aws:SourceOrgPaths", LISTS, "o-aaaaaaaaaa/r-ab12/*", "o-aaaaaaaaaa/*", "*/ou-1/*"),
            pool!("aws:SourceArn", NULL, "true", "false"),
            pool!("aws:SourceAccount", NULL, "true", "false"),
        ],
    },
    Theme {
        name: "tags",
        principals: PEOPLE,
        denied: &[],
        keys: &[
            pool!(
                "aws:PrincipalTag/team",
                TEXT,
                "red",
                "blue",
                "r*",
                "?ed",
                "*-prod",
                "ab??",
                "?b*z",
                "RED",
                "${aws:PrincipalTag/owner}",
                "${aws:PrincipalTag/owner, 'red'}",
                "${aws:username}"
            ),
            pool!("aws:PrincipalTag/owner", TEXT, "red", "ana", "*d", "team-*", "ab*"),
            pool!("ecr:ResourceTag/team", TEXT, "${aws:PrincipalTag/team}", "red", "dev", "prod", "r*"),
            pool!("aws:PrincipalTag/team", NULL, "true", "false"),
            pool!("aws:PrincipalTag/owner", NULL, "true", "false"),
        ],
    },
    Theme {
        name: "organizations",
        principals: PEOPLE,
        denied: &[],
        keys: &[
            pool!(
                "aws:PrincipalOrgID",
                TEXT,
                "o-aaaaaaaaaa",
                "o-bbbbbbbbbb",
                "o-a*",
                "*",
                "${aws:ResourceOrgID}",
                "O-AAAAAAAAAA"
            ),
            pool!(
                "aws:PrincipalOrgPaths",
                LISTS,
                "o-aaaaaaaaaa/r-ab12/*",
                "o-aaaaaaaaaa/*",
                "*/ou-1/*",
                "*/ou-deep/",
                "o-bbbbbbbbbb/r-ab12/ou-1/",
                "*/ou-?/*"
            ),
            pool!("aws:ResourceOrgID", TEXT, "o-aaaaaaaaaa", "o-cccccccccc", "o-?*"),
            pool!("aws:PrincipalAccount", TEXT, "111111111111", "333333333333", "1*"),
            pool!("aws:PrincipalOrgID", NULL, "true", "false"),
        ],
    },
    Theme {
        name: "lists",
        principals: &[EVERYONE, r#"{"AWS":"111111111111"}"#],
        denied: &[],
        keys: &[
            pool!("aws:TagKeys", LISTS, "team", "cost", "env", "t*", "*e*", "??st", "aws:*", "*"),
            pool!("aws:TagKeys", NULL, "true", "false"),
        ],
    },
    Theme {
        name: "networks",
        principals: PEOPLE,
        denied: &[],
        keys: &[
            pool!(
                "aws:SourceIp",
                ADDRESSES,
                "203.0.113.0/24",
                "203.0.113.128/25",
                "203.0.113.7/32",
                "0.0.0.0/1",
                "128.0.0.0/1",
                "2001:db8::/32"
            ),
            pool!("aws:VpcSourceIp", ADDRESSES, "10.0.0.0/8", "10.1.0.0/16"),
            pool!("aws:SourceVpce", TEXT, "vpce-11111111", "vpce-22222222", "vpce-1*", "*", "VPCE-11111111"),
            pool!("aws:SourceVpce", NULL, "true", "false"),
            pool!("aws:ViaAWSService", &["Bool", "BoolIfExists"], "true", "false"),
        ],
    },
    Theme {
        name: "numbers and moments",
        principals: PEOPLE,
        denied: &[],
        keys: &[
            pool!("aws:MultiFactorAuthAge", NUMBERS, "60", "3600", "3600.5", "0"),
            pool!("aws:MultiFactorAuthAge", NULL, "true", "false"),
            pool!("aws:CurrentTime", DATES, "2027-01-01T00:00:00Z", "2030-01-01T00:00:00Z", "1830297600"),
            pool!("aws:EpochTime", NUMBERS, "1798761600", "1893456000", "1830297600"),
            pool!("aws:MultiFactorAuthPresent", &["Bool", "BoolIfExists"], "true", "false"),
        ],
    },
    // Sessions and federated users whom a Deny alone names, in one of the two policies or in both.
    Theme {
        name: "sessions",
        principals: &[
            EVERYONE,
            EVERYONE,
            r#"{"AWS":"111111111111"}"#,
            r#"{"AWS":["arn:aws:iam::111111111111:root","333333333333"]}"#,
            r#"{"AWS":["arn:aws:iam::111111111111:role/ci","333333333333"]}"#,
        ],
        denied: &[
            r#"{"AWS":"arn:aws:sts::111111111111:assumed-role/ci/run"}"#,
            r#"{"AWS":"arn:aws:sts::111111111111:federated-user/ana"}"#,
            r#"{"AWS":["arn:aws:sts::333333333333:assumed-role/web/run","arn:aws:sts::333333333333:federated-user/bo"]}"#,
            r#"{"AWS":"arn:aws:iam::111111111111:user/ana"}"#,
            EVERYONE,
        ],
        keys: &[
            pool!("aws:PrincipalTag/team", TEXT, "red", "r*", "blue"),
            pool!("aws:PrincipalArn", ARNS, "arn:aws:iam::*:role/ci", "arn:aws:sts::*:federated-user/*", "*:user/ana"),
            pool!("aws:PrincipalType", &["StringEquals", "StringNotEquals"], "FederatedUser", "AssumedRole", "User"),
            pool!("aws:username", TEXT, "ana", "b*"),
            pool!("aws:username", NULL, "true", "false"),
        ],
    },
];

const ACTIONS: &[&str] = &[
    r#""ecr:BatchGetImage""#,
    r#""ecr:BatchGetImage""#,
    r#"["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]"#,
    r#""ecr:PutImage""#,
    r#""ecr:*""#,
    r#"["ecr:Batch*","ecr:PutImage"]"#,
];

/// Two policies, as values of JSON so that a claim about one place can be tried out.
#[derive(Debug)]
pub struct Pair {
    pub old: Value,
    pub new: Value,
}

impl Theme {
    /// Makes a policy, and one that comes from it by a change or two.
    pub fn pair(&self, dice: &mut Dice) -> Pair {
        let old = self.policy(dice);
        let mut new = if dice.is_one_in(8) { self.policy(dice) } else { old.clone() };
        for _ in 0..=dice.roll(2) {
            self.change(dice, &mut new);
        }
        Pair { old, new }
    }

    fn policy(&self, dice: &mut Dice) -> Value {
        let count = 1 + dice.roll(4);
        let statements: Vec<Value> = (0..count).map(|at| self.statement(dice, at == 0)).collect();
        let version = if dice.is_one_in(16) { "2008-10-17" } else { "2012-10-17" };
        json!({ "Version": version, "Statement": statements })
    }

    fn statement(&self, dice: &mut Dice, is_first: bool) -> Value {
        let is_allow = is_first || dice.roll(5) < 2;
        let is_of_named = !is_allow && !self.denied.is_empty();
        // A fence is a Deny for everybody, most of the time.
        let principal = match is_of_named {
            true => dice.pick(self.denied),
            false if !is_allow && dice.roll(4) > 0 => EVERYONE,
            false => dice.pick(self.principals),
        };
        let action = if is_allow || dice.is_one_in(3) { dice.pick(ACTIONS) } else { r#""ecr:*""# };
        let mut one = json!({ "Effect": if is_allow { "Allow" } else { "Deny" } });
        let negated = dice.is_one_in(16) && principal.contains("AWS");
        one[if negated { "NotPrincipal" } else { "Principal" }] = serde_json::from_str(principal).unwrap();
        one["Action"] = serde_json::from_str(action).unwrap();
        let most = if is_allow { 4 } else { 3 };
        let most = if self.denied.is_empty() { most } else { 2 };
        for _ in 0..dice.roll(most) + usize::from(!is_allow && (!is_of_named || principal == EVERYONE)) {
            self.condition(dice, &mut one);
        }
        one
    }

    fn condition(&self, dice: &mut Dice, statement: &mut Value) {
        let pool = &self.keys[dice.roll(self.keys.len())];
        let operator = dice.pick(pool.operators);
        // Letter case of a key does not count, so that a key stands once under an operator.
        let there = statement["Condition"].get(operator).and_then(Value::as_object);
        let there = there.and_then(|keys| keys.keys().find(|k| k.eq_ignore_ascii_case(pool.key)).cloned());
        let key = if dice.is_one_in(4) { pool.key.to_lowercase() } else { pool.key.to_owned() };
        let key = there.unwrap_or(key);
        let is_plain = pool.values == TRUTHS || matches!(pool.operators, NUMBERS | DATES | ADDRESSES | NULL);
        let count = match dice.roll(12) {
            _ if matches!(pool.operators, NULL) || pool.values == TRUTHS => 1,
            0..6 => 1,
            6..10 => 2 + dice.roll(2),
            10 => 5 + dice.roll(6),
            _ if is_plain => 2,
            _ => 20 + dice.roll(8),
        };
        let mut values: Vec<String> = Vec::new();
        for _ in 0..count {
            let value = dice.pick(pool.values);
            let value = if is_plain || value.contains("${") { value.to_owned() } else { near_value(dice, value) };
            if !values.contains(&value) {
                values.push(value);
            }
        }
        statement["Condition"][operator][key] = match values.as_slice() {
            [only] if dice.is_one_in(2) => json!(only),
            many => json!(many),
        };
    }

    fn change(&self, dice: &mut Dice, policy: &mut Value) {
        let Some(statements) = policy["Statement"].as_array_mut() else { return };
        let at = dice.roll(statements.len());
        match dice.roll(7) {
            0 if statements.len() > 1 => drop(statements.remove(at)),
            0..3 => {
                let more = self.statement(dice, false);
                let at = dice.roll(statements.len() + 1);
                statements.insert(at, more);
            }
            3 => self.condition(dice, &mut statements[at]),
            4 => {
                let conditions = statements[at].get_mut("Condition").and_then(Value::as_object_mut);
                if let Some(all) = conditions.filter(|all| all.len() > 1) {
                    let operator = all.keys().nth(dice.roll(all.len())).unwrap().clone();
                    all.shift_remove(&operator);
                } else if let Some(statement) = statements[at].as_object_mut() {
                    statement.shift_remove("Condition");
                }
            }
            5 => {
                let effect = if statements[at]["Effect"] == "Allow" { "Deny" } else { "Allow" };
                statements[at]["Effect"] = effect.into();
            }
            _ => {
                let other = dice.pick(self.principals);
                if statements[at].get("Principal").is_some() {
                    statements[at]["Principal"] = serde_json::from_str(other).unwrap();
                }
            }
        }
    }
}

/// A value as it is, or with a place of it cut to a wildcard, dropped or written in capitals.
fn near_value(dice: &mut Dice, value: &str) -> String {
    let mut letters: Vec<char> = value.chars().collect();
    // The beginning of an ARN and of an id stays what it is.
    let from = value.rfind(['/', ':', '-']).map_or(0, |at| at + 1);
    let span = letters.len().saturating_sub(from);
    if span == 0 || dice.roll(2) == 0 {
        return value.to_owned();
    }
    let at = from + dice.roll(span);
    match dice.roll(5) {
        0 => letters[at] = '?',
        1 => letters.insert(at, '*'),
        2 => drop(letters.splice(at.., ['*'])),
        3 if value.starts_with("arn:") => letters.push('x'),
        _ => {
            let end = (at + 1 + dice.roll(3)).min(letters.len());
            drop(letters.splice(at..end, ['*']));
        }
    }
    letters.into_iter().collect()
}
