//! Access over small alphabets, held against all requests that there are: whatever a request shows is found, and
//! whatever is found is shown by one; no request refutes a finding or a grant. `ECR_GRANT_LONG=1` looks at many more policies.

use ecr_policy::access::table_for;
use ecr_policy::delta::delta;
use ecr_policy::evaluate::{Request, evaluate};
use ecr_policy::{Answer, Class, IdentityPolicies, Policy};
use serde_json::{Value, json};

use crate::agreement::claims::{Claims, Tally, allows, is_open, read, wanted};
use crate::dice::{Dice, is_long};

/// A pattern of a few letters, of one letter at least.
fn pattern(dice: &mut Dice, letters: &str, most: usize) -> String {
    let letters: Vec<char> = letters.chars().collect();
    (0..=dice.roll(most)).map(|_| letters[dice.roll(letters.len())]).collect()
}

fn policies() -> u64 {
    if is_long() { 4_000 } else { 60 }
}

/// All words of a few letters up to a length, without the empty one.
fn words(letters: &[char], most: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut from = 0;
    for _ in 0..most {
        let to = all.len();
        for at in from..to {
            for c in letters {
                all.push(format!("{}{c}", all[at]));
            }
        }
        from = to;
    }
    all.split_off(1)
}

/// One to four statements, each with up to three conditions.
fn policy(dice: &mut Dice, condition: &mut dyn FnMut(&mut Dice) -> (String, String, Value)) -> Value {
    let count = 1 + dice.roll(4);
    let statements: Vec<Value> = (0..count)
        .map(|at| {
            let effect = if at == 0 || dice.roll(3) == 0 { "Allow" } else { "Deny" };
            let mut one = json!({"Effect": effect, "Principal": "*", "Action": "ecr:BatchGetImage"});
            for _ in 0..dice.roll(4) {
                let (operator, key, values) = condition(dice);
                one["Condition"][operator][key] = values;
            }
            one
        })
        .collect();
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn request(principal: &str, context: Vec<(String, Vec<String>)>) -> Request {
    let repository = "arn:aws:ecr:eu-west-2:666666666666:repository/app";
    Request::new(principal, "ecr:BatchGetImage", repository, IdentityPolicies::All, context).unwrap()
}

/// Asserts that what is said of two policies is what all requests show: each claim is shown by one, and nothing shown is
/// unsaid. What AWS leaves open may be said, and need not be.
fn agrees(dice: &mut Dice, old: &Value, new: &Value, requests: &[Request]) {
    no_request_refutes(dice, old, new, requests);
    let (old, new) = (&read(old), &read(new));
    let is_settled = |request: &&Request| !is_open(old, request) && !is_open(new, request);
    let is_as_shown = |is_said: bool, is_shown: &dyn Fn(&Request) -> bool, claim: &dyn std::fmt::Debug| {
        let open = requests.iter().find(|request| is_shown(request));
        let settled = requests.iter().filter(is_settled).find(|request| is_shown(request));
        assert!(if is_said { open.is_some() } else { settled.is_none() }, "{claim:?} {settled:?}\n{old:?}\n{new:?}");
    };
    let difference = delta(Some(old), Some(new));
    for (lines, before, after) in [(&difference.gains, old, new), (&difference.losses, new, old)] {
        is_as_shown(!lines.is_empty(), &|request| allows(after, request) && !allows(before, request), lines);
        assert!(lines.iter().all(|line| line.witness.is_some()), "nothing is unproved here: {lines:?}");
    }
    for policy in [old, new] {
        let table = table_for(policy, None);
        assert_eq!(table.unproved, None);
        is_as_shown(table.class == Class::Public, &|request| allows(policy, request), &table.class);
        // A statement alone, with every Deny around it.
        for (at, class) in table.of_statements.iter().enumerate() {
            let is_given = |request: &Request| {
                let decision = evaluate(policy, request);
                decision.answer == Answer::Allow && decision.allow.contains(&(at + 1))
            };
            is_as_shown(*class == Class::Public, &is_given, &(at, class));
        }
    }
}

/// Asserts that findings, lines and grants are refuted by no request; in short, by none of some.
fn no_request_refutes(dice: &mut Dice, old: &Value, new: &Value, requests: &[Request]) {
    let wanted = wanted(dice, &[&read(old), &read(new)]);
    let mut tally = Tally::default();
    let claims = Claims::new(old, new, None, &wanted, &mut tally);
    let step = if is_long() { 1 } else { 13 };
    let first = dice.roll(step);
    requests.iter().skip(first).step_by(step).for_each(|request| claims.hold(request, &mut tally));
}

const TEXT: &[&str] = &[
    "StringEquals",
    "StringLike",
    "StringNotEquals",
    "StringNotLike",
    "StringLikeIfExists",
    "StringNotLikeIfExists",
    "StringEqualsIgnoreCase",
    "ForAllValues:StringLike",
    "ForAnyValue:StringNotLike",
    "ForAllValues:StringNotEquals",
];

fn values(dice: &mut Dice, most: usize) -> Value {
    let count = 1 + dice.roll(2);
    (0..count).map(|_| pattern(dice, "ab*?", most)).collect::<Vec<String>>().into()
}

#[test]
fn one_key_with_many_patterns_is_decided_as_all_requests_show() {
    let key = "aws:PrincipalTag/x";
    let mut all: Vec<Request> = vec![request("arn:aws:iam::999999999999:role/z", Vec::new())];
    // Each letter of patterns in both cases, one of no pattern; the value of a tag may be empty.
    for word in words(&['a', 'b', 'c', 'A', 'B'], 5).into_iter().chain([String::new()]) {
        all.push(request("arn:aws:iam::999999999999:role/z", vec![(key.to_owned(), vec![word])]));
    }
    let mut dice = Dice::new(0x5eed_0001);
    let mut condition = |dice: &mut Dice| match dice.roll(8) {
        0 => ("Null".to_owned(), key.to_owned(), json!(dice.pick(&["true", "false"]))),
        _ => (dice.pick(TEXT).to_owned(), key.to_owned(), values(dice, 3)),
    };
    for _ in 0..policies() / 6 {
        let (old, new) = (policy(&mut dice, &mut condition), policy(&mut dice, &mut condition));
        agrees(&mut dice, &old, &new, &all);
    }
}

#[test]
fn variables_tie_two_keys_as_all_requests_show() {
    let (x, y) = ("aws:PrincipalTag/x", "aws:PrincipalTag/y");
    let mut texts: Vec<Option<String>> = words(&['a', 'b', 'c'], 3).into_iter().map(Some).collect();
    texts.extend([None, Some(String::new())]);
    let mut all: Vec<Request> = Vec::new();
    for one in &texts {
        for other in &texts {
            let of = |key: &str, text: &Option<String>| text.clone().map(|text| (key.to_owned(), vec![text]));
            let context = of(x, one).into_iter().chain(of(y, other)).collect();
            all.push(request("arn:aws:iam::999999999999:role/z", context));
        }
    }
    let mut dice = Dice::new(0x5eed_0002);
    let operators = ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIfExists"];
    let mut condition = |dice: &mut Dice| {
        let key = dice.pick(&[x, y]);
        let value = match dice.roll(3) {
            0 => json!(dice.pick(&["${aws:PrincipalTag/y}", "${aws:PrincipalTag/y, 'a'}"])),
            _ => values(dice, 1),
        };
        let key = if value.to_string().contains("${") { x } else { key };
        (dice.pick(&operators).to_owned(), key.to_owned(), value)
    };
    for _ in 0..policies() / 10 {
        let (old, new) = (policy(&mut dice, &mut condition), policy(&mut dice, &mut condition));
        agrees(&mut dice, &old, &new, &all);
    }
}

#[test]
fn names_in_arns_are_decided_as_all_requests_show() {
    let mut all: Vec<Request> = Vec::new();
    for name in words(&['a', 'b', 'c'], 4) {
        for resource in [format!("role/{name}"), format!("role/a/{name}"), format!("user/{name}")] {
            let arn = format!("arn:aws:iam::999999999999:{resource}");
            let mut context = vec![("aws:PrincipalArn".to_owned(), vec![arn.clone()])];
            if resource.starts_with("user") {
                context.push(("aws:username".to_owned(), vec![name.clone()]));
            }
            all.push(request(&arn, context));
        }
    }
    let mut dice = Dice::new(0x5eed_0003);
    let operators = ["ArnLike", "ArnNotLike", "StringLike", "StringNotLike"];
    let mut condition = |dice: &mut Dice| {
        if dice.roll(4) == 0 {
            let operator = dice.pick(&["StringLike", "StringNotLike", "StringNotEqualsIfExists"]);
            return (operator.to_owned(), "aws:username".to_owned(), values(dice, 2));
        }
        let pattern = pattern(dice, "ab*", 2);
        let kind = dice.pick(&["role", "user", "role/a", "*"]);
        (
            dice.pick(&operators).to_owned(),
            "aws:PrincipalArn".to_owned(),
            json!(format!("arn:aws:iam::*:{kind}/{pattern}")),
        )
    };
    // Root users, sessions and paths of other letters are callers too: a policy that only they tell apart is none here.
    let shown = |policy: &Policy| all.iter().any(|r| allows(policy, r));
    for at in 0..policies() {
        let value = policy(&mut dice, &mut condition);
        if at % 4 == 0 {
            let other = policy(&mut dice, &mut condition);
            no_request_refutes(&mut dice, &value, &other, &all);
        }
        let policy = read(&value);
        let table = table_for(&policy, None);
        assert!(table.unproved.is_none() && (!shown(&policy) || table.class == Class::Public), "{policy:?}");
        for line in delta(None, Some(&policy)).gains {
            let request = line.witness.as_ref().expect("proved").request().unwrap();
            assert!(allows(&policy, &request), "{line:?}");
        }
    }
}

#[test]
fn lists_are_decided_as_all_requests_show() {
    let texts = words(&['a', 'b', 'c'], 2);
    let mut lists: Vec<Vec<String>> = vec![Vec::new()];
    for (at, one) in texts.iter().enumerate() {
        lists.push(vec![one.clone()]);
        for (next, other) in texts.iter().enumerate().skip(at + 1) {
            lists.push(vec![one.clone(), other.clone()]);
            lists.extend(texts.iter().skip(next + 1).map(|third| vec![one.clone(), other.clone(), third.clone()]));
        }
    }
    let of = |list: &Vec<String>| {
        request("arn:aws:iam::999999999999:role/z", vec![("aws:TagKeys".to_owned(), list.clone())])
    };
    let mut all: Vec<Request> = lists.iter().map(of).collect();
    all.push(request("arn:aws:iam::999999999999:role/z", Vec::new()));
    let operators = [
        "ForAllValues:StringLike",
        "ForAllValues:StringNotLike",
        "ForAnyValue:StringLike",
        "ForAnyValue:StringNotLike",
        "ForAnyValue:StringEqualsIfExists",
    ];
    let mut dice = Dice::new(0x5eed_0004);
    let mut condition = |dice: &mut Dice| (dice.pick(&operators).to_owned(), "aws:TagKeys".to_owned(), values(dice, 1));
    let (mut found, mut checked) = (0, 0);
    for at in 0..policies() {
        let value = policy(&mut dice, &mut condition);
        if at % 4 == 0 {
            let other = policy(&mut dice, &mut condition);
            no_request_refutes(&mut dice, &value, &other, &all);
        }
        let policy = read(&value);
        let shown = all.iter().any(|r| evaluate(&policy, r).answer == Answer::Allow);
        let table = table_for(&policy, None);
        // More than three values may be needed: then a request of the table's own has to show it.
        let own = delta(None, Some(&policy)).gains;
        let is_shown = own.iter().any(|line| {
            let request = line.witness.as_ref().expect("proved").request().unwrap();
            evaluate(&policy, &request).answer == Answer::Allow
        });
        assert!(table.unproved.is_none() && (!shown || table.class == Class::Public), "{policy:?}");
        assert_eq!(table.class == Class::Public, is_shown, "{policy:?}");
        found += usize::from(is_shown);
        checked += 1;
    }
    assert!(found > 0 && found < checked);
}
