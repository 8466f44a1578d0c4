//! Policies that are hard to analyse, each as long as ECR takes one: lists that exclude one another, fences that cross,
//! wildcards that count. The measurement and the test of the steps use the same.

/// The longest policy that ECR takes, in characters.
const LONGEST: usize = 10_240;

/// A policy, and the kind of difficulty that it is made of.
pub struct Adversary {
    /// The kind.
    pub name: &'static str,
    /// The policy.
    pub text: String,
    /// The policy with one statement or one value less.
    pub less: String,
}

const PULL: &str = r#""Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]"#;

fn statement(effect: &str, principal: &str, conditions: &str) -> String {
    let conditions = if conditions.is_empty() { String::new() } else { format!(r#","Condition":{{{conditions}}}"#) };
    format!(r#"{{"Effect":"{effect}",{principal},{PULL}{conditions}}}"#)
}

fn allow(conditions: &str) -> String {
    statement("Allow", r#""Principal":"*""#, conditions)
}

fn deny(conditions: &str) -> String {
    statement("Deny", r#""Principal":"*""#, conditions)
}

/// A list of as many texts.
fn list(count: usize, text: impl Fn(usize) -> String) -> String {
    let texts: Vec<String> = (0..count).map(|at| format!("\"{}\"", text(at))).collect();
    format!("[{}]", texts.join(","))
}

fn aws(count: usize, text: impl Fn(usize) -> String) -> String {
    format!(r#""Principal":{{"AWS":{}}}"#, list(count, text))
}

fn on(operator: &str, key: &str, values: &str) -> String {
    format!(r#""{operator}":{{"{key}":{values}}}"#)
}

fn account(at: usize) -> String {
    (100_000_000_000 + at).to_string()
}

/// A word that differs from the others early and late.
fn word(at: usize) -> String {
    let letters = b"abcdefghijklmnop";
    let letter = |shift: usize| char::from(letters[(at >> shift) % 16]);
    format!("{}{}{}", letter(0), letter(4), letter(8))
}

/// The longest policy of a kind; `make` returns its statements for a size.
fn longest(name: &'static str, make: impl Fn(usize) -> Vec<String>) -> Adversary {
    let text =
        |statements: &[String]| format!("{{\"Version\":\"2012-10-17\",\"Statement\":[{}]}}", statements.join(","));
    let is_short = |size: &usize| text(&make(*size)).len() <= LONGEST;
    let mut size = 1;
    while is_short(&(size * 2)) {
        size *= 2;
    }
    let size = (size..size * 2).rev().find(is_short).unwrap_or(size);
    let statements = make(size);
    let mut less = statements.clone();
    if less.len() > 2 {
        less.remove(less.len() / 2);
    } else {
        less = make(size - 1);
    }
    Adversary { name, text: text(&statements), less: text(&less) }
}

/// All of them.
pub fn adversaries() -> Vec<Adversary> {
    let patterns =
        |n: usize, begin: &'static str, end: &'static str| list(n, move |at| format!("{begin}{}{end}", word(at)));
    vec![
        longest("accounts and a fence of patterns", |n| {
            vec![
                statement("Allow", &aws(n, account), ""),
                deny(&on("StringNotLike", "aws:PrincipalArn", &patterns(n, "arn:aws:iam::*:role/", "-*"))),
            ]
        }),
        longest("accounts and a Deny of patterns", |n| {
            vec![
                statement("Allow", &aws(n, account), ""),
                deny(&on("StringLike", "aws:PrincipalArn", &patterns(n, "*", "*"))),
            ]
        }),
        longest("role patterns", |n| {
            vec![
                allow(&on("ArnLike", "aws:PrincipalArn", &patterns(n, "arn:aws:iam::*:role/ci-*", "*"))),
                deny(&on("ArnNotLike", "aws:PrincipalArn", &patterns(n, "arn:aws:iam::*:role/*", "-prod"))),
            ]
        }),
        longest("role patterns that exclude one another", |n| {
            vec![
                allow(&on("ArnLike", "aws:PrincipalArn", &patterns(n, "arn:aws:iam::*:role/*", "a"))),
                deny(&on(
                    "ArnLike",
                    "aws:PrincipalArn",
                    &list(n, |at| format!("arn:aws:iam::*:role/*{}?", &word(at)[1..])),
                )),
                deny(&on("ArnNotLike", "aws:PrincipalArn", "\"*-b\"")),
            ]
        }),
        longest("places in an organization", |n| {
            let paths = |n: usize, end: &'static str| {
                list(n, move |at| format!("o-aaaaaaaaaa/r-ab12/*/ou-ab12-{}/{end}", word(at)))
            };
            vec![
                allow(&on("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", &paths(n, "*"))),
                deny(&on("ForAllValues:StringNotLike", "aws:PrincipalOrgPaths", &paths(n, "*/deep/"))),
            ]
        }),
        longest("places, a Deny for each", |n| {
            let mut all = vec![allow(&on("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "\"o-aaaaaaaaaa/*\""))];
            all.extend((0..n).map(|at| {
                deny(&on("ForAllValues:StringNotLike", "aws:PrincipalOrgPaths", &format!("\"*/ou-{}/*\"", word(at))))
            }));
            all
        }),
        longest("patterns of tags", |n| {
            vec![
                allow(&on("StringLike", "aws:PrincipalTag/team", &patterns(n, "t*", "*x"))),
                deny(&on("StringNotLike", "aws:PrincipalTag/team", &patterns(n, "*y", "*"))),
                deny(&on("StringLike", "aws:PrincipalTag/team", &patterns(n, "*-", "x"))),
            ]
        }),
        longest("tags of many names", |n| {
            let mut all = vec![allow("")];
            all.extend((0..n).map(|at| {
                let key = |side: &str| format!("aws:PrincipalTag/{side}{}", word(at));
                deny(&format!(
                    "{},{}",
                    on("StringNotLike", &key("a"), "\"x*\""),
                    on("StringNotEquals", &key("b"), "\"${aws:PrincipalTag/c}\"")
                ))
            }));
            all
        }),
        longest("named roles and a fence", |n| {
            vec![
                statement("Allow", &aws(n, |at| format!("arn:aws:iam::{}:role/{}", account(at), word(at))), ""),
                deny(&on("StringNotLike", "aws:PrincipalArn", &patterns(n / 4, "arn:aws:iam::*:role/", "*"))),
            ]
        }),
        longest("named roles and many fences", |n| {
            let mut all =
                vec![statement("Allow", &aws(n, |at| format!("arn:aws:iam::{}:role/{}", account(at), word(at))), "")];
            all.extend((0..n / 8).map(|at| {
                deny(&format!(
                    "{},{}",
                    on("StringNotLike", "aws:PrincipalArn", &format!("\"*{}*\"", word(at))),
                    on("StringNotEquals", "aws:PrincipalTag/team", &format!("\"{}\"", word(at)))
                ))
            }));
            all
        }),
        longest("fences on one key", |n| {
            let mut all = vec![allow("")];
            all.extend(
                (0..n).map(|at| deny(&on("StringNotLike", "aws:PrincipalTag/team", &format!("\"*{}*\"", word(at))))),
            );
            all
        }),
        longest("fences on the caller", |n| {
            let mut all = vec![statement("Allow", &aws(n, account), "")];
            all.extend((0..n).map(|at| deny(&on("StringNotLike", "aws:PrincipalArn", &format!("\"*{}*\"", word(at))))));
            all
        }),
        longest("roles of all partitions", |n| {
            let partitions = ["aws", "aws-cn", "aws-us-gov", "aws-eusc", "aws-iso", "aws-iso-b"];
            let role = |at: usize| format!("arn:{}:iam::{}:role/{}", partitions[at % 6], account(at), word(at));
            vec![
                statement("Allow", &aws(n, role), ""),
                deny(&on("StringNotLike", "aws:PrincipalArn", &patterns(n / 3, "*", "*x"))),
                deny(&on("StringLike", "aws:PrincipalArn", &patterns(n / 3, "*y*", "z*"))),
            ]
        }),
        longest("statements that may never match", |n| {
            let tests = |at: usize| {
                let like = |end: &str| format!("[\"*{}{}\",\"*{}{end}\"]", word(at), "?".repeat(9), word(at + 1));
                format!(
                    "{},{}",
                    on("StringLike", "aws:PrincipalTag/t", &like("?????????")),
                    on("StringNotLike", "aws:PrincipalTag/t", &like("*"))
                )
            };
            (0..n).map(|at| statement("Allow", &aws(1, |_| account(at)), &tests(at))).collect()
        }),
        longest("wildcards that count", |n| {
            let all = (0..n).map(|at| {
                deny(&on("StringNotLike", "aws:PrincipalTag/t", &format!("\"*{}{}\"", word(at), "?".repeat(at + 4))))
            });
            std::iter::once(allow("")).chain(all).collect()
        }),
        longest("wildcards that count in one list", |n| {
            vec![
                allow(""),
                deny(&on(
                    "StringLike",
                    "aws:PrincipalArn",
                    &list(n, |at| format!("*{}{}*", &word(at)[..1], "?".repeat(at % 40))),
                )),
                deny(&on("StringNotLike", "aws:PrincipalArn", "\"*role/*z*\"")),
            ]
        }),
        longest("variables", |n| {
            let mut all = vec![allow("")];
            all.extend((0..n).map(|at| {
                deny(&on("StringNotLike", "aws:PrincipalArn", &format!("\"*${{aws:PrincipalTag/{}}}*\"", word(at))))
            }));
            all
        }),
        longest("variables that must be equal", |n| {
            let mut all = vec![statement("Allow", &aws(n, account), "")];
            all.extend((0..n).map(|at| {
                let one = word(at);
                deny(&on(
                    "StringNotEquals",
                    &format!("aws:PrincipalTag/{one}"),
                    &format!("\"${{aws:PrincipalTag/{}}}\"", word(at + 1)),
                ))
            }));
            all
        }),
        longest("variables in a list", |n| {
            vec![
                statement("Allow", &aws(n, account), ""),
                deny(&on(
                    "StringNotLike",
                    "aws:PrincipalTag/path",
                    &list(n, |at| format!("{}/${{aws:username}}/*", word(at))),
                )),
            ]
        }),
        longest("keys of several values", |n| {
            vec![
                allow(&on("ForAnyValue:StringLike", "aws:TagKeys", &patterns(n, "", "*"))),
                deny(&on("ForAllValues:StringNotLike", "aws:TagKeys", &patterns(n, "*", ""))),
                deny(&on("ForAnyValue:StringNotLike", "aws:TagKeys", &patterns(n, "*", "*"))),
            ]
        }),
        longest("keys of several values, a Deny for each", |n| {
            let mut all = vec![allow("")];
            all.extend(
                (0..n).map(|at| deny(&on("ForAllValues:StringNotLike", "aws:TagKeys", &format!("\"{}*\"", word(at))))),
            );
            all
        }),
        longest("statements with conditions of their own", |n| {
            let keys = ["aws:SourceVpce", "aws:PrincipalOrgID", "aws:PrincipalTag/team", "aws:userid", "aws:SourceVpc"];
            let own = |at: usize| {
                format!(
                    "{},{}",
                    on("StringEquals", keys[at % 5], &format!("\"{}\"", word(at))),
                    on("StringNotEquals", keys[(at + 2) % 5], &format!("\"{}\"", word(at + 1)))
                )
            };
            let one = |at: usize| {
                if at.is_multiple_of(2) {
                    statement("Allow", &aws(1, |_| account(at)), &own(at))
                } else {
                    deny(&own(at))
                }
            };
            (0..n).map(one).collect()
        }),
        longest("a Deny of three tests, many times", |n| {
            let mut all = vec![allow("")];
            all.extend((0..n).map(|at| {
                let key = |shift: usize| format!("aws:PrincipalTag/{}", &word(at >> shift)[..1]);
                deny(&format!(
                    "{},{}",
                    on("StringLike", &key(0), &format!("\"*{}*\"", word(at))),
                    on("StringNotLike", &key(2), &format!("\"*{}*\"", word(at + 7)))
                ))
            }));
            all
        }),
        longest("no way through pairs of tests", |n| {
            // Each Deny fails by one of two tests, and no choice for all of them can be met.
            let mut all = vec![allow("")];
            all.extend((0..n).map(|at| {
                let (one, other) = (at % 7, (at * 3 + 1) % 7);
                let operator = |yes: bool| if yes { "StringEquals" } else { "StringNotEquals" };
                deny(&format!(
                    "{},{}",
                    on(operator(at.is_multiple_of(2)), &format!("aws:PrincipalTag/{one}"), &format!("\"{}\"", at % 3)),
                    on(
                        operator(!at.is_multiple_of(2)),
                        &format!("ecr:ResourceTag/{other}"),
                        &format!("\"{}\"", at % 5)
                    ),
                ))
            }));
            all
        }),
        longest("exceptions of principals", |n| {
            let but = |shift: usize| {
                let names = list(n, |at| {
                    let role = at + shift;
                    if at.is_multiple_of(2) {
                        account(role / 2)
                    } else {
                        format!("arn:aws:iam::{}:role/{}", account(role / 2), word(role))
                    }
                });
                format!(r#""NotPrincipal":{{"AWS":{names}}}"#)
            };
            vec![
                statement("Deny", &but(0), ""),
                statement("Deny", &but(3), &on("ArnNotLike", "aws:PrincipalArn", "\"*:role/a*\"")),
                statement(
                    "Allow",
                    &aws(n / 2, |at| format!("arn:aws:iam::{}:role/{}", account(at), word(2 * at + 1))),
                    "",
                ),
            ]
        }),
        longest("letter case", |n| {
            vec![
                allow(&on("StringEqualsIgnoreCase", "aws:PrincipalTag/team", &patterns(n, "Team-", ""))),
                deny(&on("StringEquals", "aws:PrincipalTag/team", &patterns(n, "Team-", ""))),
                deny(&on("StringEquals", "aws:PrincipalTag/team", &patterns(n, "team-", ""))),
                deny(&on("StringNotLike", "aws:PrincipalTag/team", "\"*Z*\"")),
            ]
        }),
        longest("addresses", |n| {
            let range = |at: usize, bits: usize| format!("10.{}.{}.0/{bits}", at / 250, at % 250);
            vec![
                allow(&on("IpAddress", "aws:SourceIp", &list(n, |at| range(at, 24)))),
                deny(&on("NotIpAddress", "aws:SourceIp", &list(n, |at| range(at * 2, 23)))),
            ]
        }),
        longest("addresses, a Deny for each", |n| {
            let mut all = vec![allow(&on("IpAddress", "aws:SourceIp", "\"10.0.0.0/8\""))];
            all.extend((0..n).map(|at| deny(&on("IpAddress", "aws:SourceIp", &format!("\"10.{at}.0.0/16\"")))));
            all
        }),
        longest("dates", |n| {
            let date =
                |at: usize| format!("\"20{:02}-{:02}-{:02}T00:00:00Z\"", 20 + at / 300, at / 25 % 12 + 1, at % 25 + 1);
            let mut all = vec![allow(&on("DateGreaterThan", "aws:CurrentTime", "\"2020-01-01T00:00:00Z\""))];
            all.extend((0..n).map(|at| {
                deny(&format!(
                    "{},{}",
                    on("DateGreaterThan", "aws:CurrentTime", &date(2 * at)),
                    on("DateLessThanEquals", "aws:CurrentTime", &date(2 * at + 2))
                ))
            }));
            all
        }),
        longest("sources of services", |n| {
            let service = r#""Principal":{"Service":["lambda.amazonaws.com","codebuild.amazonaws.com"]}"#;
            let arns = |n: usize, region: &'static str| {
                list(n, move |at| format!("arn:aws:*:{region}:{}:*{}*", account(at), word(at)))
            };
            let mut all = vec![statement("Allow", service, &on("ArnLike", "aws:SourceArn", &arns(n, "eu-*")))];
            all.push(deny(&on("ArnNotLike", "aws:SourceArn", &arns(n, "*-1"))));
            all.push(deny(&on("StringNotLike", "aws:SourceAccount", &list(n, |at| format!("*{at}")))));
            all
        }),
        longest("accounts one by one", |n| {
            let one = |at: usize| {
                statement(
                    "Allow",
                    &aws(1, |_| account(at)),
                    &on("StringLike", "aws:PrincipalArn", &format!("\"*{}*\"", word(at))),
                )
            };
            (0..n).map(one).chain([deny(&on("ArnNotLike", "aws:PrincipalArn", "\"*:role/*q*\""))]).collect()
        }),
    ]
}
