//! The laws of a grant, and of the ways to make it fit.

use ecr_policy::access::given;
use ecr_policy::delta::{delta, delta_for};
use ecr_policy::ecr::{AccountId, Grantee, POLICY_LIMIT, Partition};
use ecr_policy::edit::{grant, grant_for};
use ecr_policy::{Condition, Effect, Policy, Principal, PrincipalKind, Statement, Wanted, WantedPrincipals, minify};
use proptest::prelude::*;
use serde_json::Value;

use super::cases;
use super::compare::{alone, is_within, read, stops, stops_no_more, with};
use super::generate::{ROLE, UNIT, pick, policy};

/// Who may be granted to and revoked from.
pub(super) const GRANTEES: &[&str] = &[
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

pub(super) fn wanted_of(name: &str, actions: &[&str], conditions: Vec<Condition>) -> Wanted {
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
pub(super) fn wanted() -> impl Strategy<Value = (String, Wanted)> {
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
        vec![extra("DateLessThan", "aws:CurrentTime", "2027-01-01T00:00:00Z")],
        vec![extra("DateLessThan", "aws:CurrentTime", "2030-01-01T00:00:00Z")],
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

/// The laws of a grant where the owner is known: its own account's rules count.
pub(super) fn grant_for_holds(text: &str, wanted: &Wanted, owner: &AccountId) -> Result<(), TestCaseError> {
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
pub(super) fn accounts(policy: &Policy) -> Vec<AccountId> {
    let entries = policy.statements.iter().flat_map(|s| &s.principals.entries);
    let mut all: Vec<AccountId> = entries.filter_map(|p| p.kind.account()).collect();
    all.sort();
    all.dedup();
    all
}

/// The laws of a grant. `Err`: which one does not hold, and why.
pub(super) fn grant_holds(text: &str, wanted: &Wanted) -> Result<(), TestCaseError> {
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

/// The ways to make a grant fit give what the grant gives, in as many characters as ECR takes.
pub(super) fn room_holds(text: &str, wanted: &Wanted) -> Result<(), TestCaseError> {
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
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn a_later_end_gives_that_and_nothing_else_and_nobody_loses(text in policy(), (_, wanted) in wanted(), is_alone in any::<bool>()) {
        let until = |moment: &str| {
            let end = Condition {
                operator: "DateLessThan".to_owned(),
                key: "aws:CurrentTime".to_owned(),
                values: vec![moment.to_owned()],
            };
            let others = wanted.conditions.iter().filter(|c| c.key != end.key).cloned();
            Wanted { conditions: others.chain([end.clone()]).collect(), ..wanted.clone() }
        };
        let start = if is_alone { None } else { Some(text.as_str()) };
        let first = grant(start, &[until("2027-01-01T00:00:00Z")]).unwrap().text;
        let later = until("2030-01-01T00:00:00Z");
        let second = grant(Some(&first), std::slice::from_ref(&later)).unwrap();
        let (old, new) = (read(&first), read(&second.text));
        prop_assert!(delta(Some(&old), Some(&new)).losses.is_empty(), "somebody loses: {}", second.text);
        let (allow, deny) = (alone(&later, Effect::Allow), alone(&later, Effect::Deny));
        prop_assert!(delta(Some(&new), Some(&with(Some(&new), &allow))).is_empty(), "not everything was given: {}", second.text);
        let besides = delta(Some(&with(Some(&old), &deny)), Some(&with(Some(&new), &deny)));
        prop_assert!(besides.is_empty(), "somebody else, or something else: {besides:?}: {}", second.text);
        let is_same = |a: &Statement, b: &Statement| a.span.text_in(&first) == b.span.text_in(&second.text);
        let changed = old.statements.iter().zip(&new.statements).filter(|(was, is)| !is_same(was, is)).count();
        prop_assert!(changed <= 1 && new.statements.len() <= old.statements.len() + 1, "{}", second.text);
        prop_assert!(!grant(Some(&second.text), &[later]).unwrap().changed, "granted twice: {}", second.text);
    }
}
