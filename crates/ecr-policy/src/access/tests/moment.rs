//! The access at a moment, held to the evaluator.

use proptest::prelude::*;

use super::*;
use crate::ecr::AccessEnd;
use crate::evaluate::{Answer, IdentityPolicies, Request, evaluate};

const OWNER: &str = "222222222222";
/// 2027-01-01T00:00:00Z.
const NOW: i64 = 1_798_761_600;
const DAY: i64 = 86_400;

fn policy_of(statements: &[String]) -> Policy {
    Policy::read(&format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))).unwrap()
}

fn at(statements: &[String], now: i64) -> AccessAt {
    table_at(&policy_of(statements), &AccountId::parse(OWNER).unwrap(), Some(now))
}

fn statement(effect: &str, who: &str, actions: &str, conditions: &[(&str, i64)]) -> String {
    let conditions: Vec<String> = conditions
        .iter()
        .map(|(operator, moment)| {
            let value = AccessEnd::of_seconds(*moment).unwrap().policy_value();
            format!(r#""{operator}":{{"aws:CurrentTime":"{value}"}}"#)
        })
        .collect();
    let conditions = conditions.join(",");
    format!(
        r#"{{"Effect":"{effect}","Principal":{{"AWS":"{who}"}},"Action":[{actions}],"Condition":{{{conditions}}}}}"#
    )
}

const IMAGE: &str = r#""ecr:BatchGetImage""#;
const BOTH: &str = r#""ecr:BatchGetImage","ecr:GetDownloadUrlForLayer""#;

fn told(statements: &[String]) -> Vec<String> {
    let told = |row: &AccessRow| format!("{} {} {}", row.party_words(), row.remaining().count(), row.time_words());
    at(statements, NOW).present.rows.iter().map(told).map(|words| words.trim_end().to_owned()).collect()
}

#[test]
fn what_has_ended_is_apart_and_all_keep_their_numbers() {
    let found = at(
        &[
            statement("Allow", "*", BOTH, &[("DateLessThan", NOW)]),
            statement("Deny", "*", BOTH, &[("DateLessThan", NOW - DAY)]),
            statement("Allow", "111111111111", BOTH, &[("DateLessThan", NOW + DAY)]),
        ],
        NOW,
    );
    let [row] = found.present.rows.as_slice() else { panic!("{found:?}") };
    assert_eq!((row.statements.as_slice(), row.blocked.as_slice()), (&[2][..], &[][..]), "the Deny has ended");
    assert_eq!(row.time_words(), "until 2027-01-02 00:00 UTC");
    assert!(found.present.denies.is_empty(), "{:?}", found.present.denies);
    assert_eq!(found.present.class, Class::CrossAccount);
    assert_eq!(found.present.of_statements, [Class::None, Class::None, Class::CrossAccount]);
    assert_eq!(found.ended.rows.iter().map(|row| row.statements.clone()).collect::<Vec<_>>(), [vec![0]]);
    let forever = table_at(
        &policy_of(&[statement("Allow", "*", BOTH, &[("DateLessThan", NOW)])]),
        &AccountId::parse(OWNER).unwrap(),
        None,
    );
    assert_eq!((forever.present.class, forever.ended), (Class::Public, AccessTable::empty()));
}

#[test]
fn access_that_begins_later_or_is_taken_later_is_told_with_the_moment() {
    let allow = || statement("Allow", "111111111111", BOTH, &[]);
    let deny = |actions: &str, conditions: &[(&str, i64)]| statement("Deny", "*", actions, conditions);
    let later = NOW + 30 * DAY;
    assert_eq!(told(&[allow()]), ["account 111111111111 2"]);
    assert_eq!(
        told(&[statement("Allow", "111111111111", BOTH, &[("DateGreaterThan", later)])]),
        ["account 111111111111 2 from 2027-01-31 00:00 UTC"]
    );
    let held = [
        ("account 111111111111 2 until 2027-01-31 00:00 UTC", "DateGreaterThan"),
        ("account 111111111111 2 from 2027-01-31 00:00 UTC", "DateLessThan"),
    ];
    for (words, operator) in held {
        assert_eq!(told(&[allow(), deny(BOTH, &[(operator, later)])]), [words]);
        // Of some actions alone.
        let parts = told(&[allow(), deny(IMAGE, &[(operator, later)])]);
        let (_, times) = words.split_once(" 2 ").unwrap();
        assert_eq!(parts, [format!("account 111111111111 1 {times}"), "account 111111111111 1".to_owned()]);
    }
    // A Deny for a month of the year, and the end of the statement itself.
    let month = [("DateGreaterThan", later), ("DateLessThan", later + 30 * DAY)];
    assert_eq!(told(&[allow(), deny(BOTH, &month)]), ["account 111111111111 2 until 2027-01-31 00:00 UTC"]);
    let ending = statement("Allow", "111111111111", BOTH, &[("DateLessThan", NOW + DAY)]);
    assert_eq!(told(&[ending, deny(BOTH, &month)]), ["account 111111111111 2 until 2027-01-02 00:00 UTC"]);
    // A Deny of somebody else.
    let other = statement("Deny", "333333333333", BOTH, &month);
    assert_eq!(told(&[allow(), other]), ["account 111111111111 2"]);
}

#[test]
fn a_party_that_names_all_but_some_is_told_so() {
    let ended = r#"{"Effect":"Allow","NotPrincipal":{"AWS":"333333333333"},"Action":"ecr:BatchGetImage",
        "Condition":{"DateLessThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}}}"#;
    let found = at(&[ended.to_owned()], NOW);
    assert_eq!(found.ended.rows[0].party_words(), "everyone but 333333333333");
}

fn any_statement() -> impl Strategy<Value = String> {
    let operator = prop::sample::select(vec!["DateLessThan", "DateGreaterThan", "DateLessThanEquals"]);
    let condition = (operator, -3i64..4).prop_map(|(operator, days)| (operator, NOW + days * DAY));
    let effect = prop::sample::select(vec!["Allow", "Allow", "Deny"]);
    let who = prop::sample::select(vec!["111111111111", "333333333333", "*"]);
    let actions = prop::sample::select(vec![IMAGE, BOTH]);
    (effect, who, actions, prop::collection::vec(condition, 0..2)).prop_map(|(effect, who, actions, conditions)| {
        // A Deny of some within a row is told beside it, not by its times.
        let who = if effect == "Deny" { "*" } else { who };
        statement(effect, who, actions, &conditions)
    })
}

proptest! {
    /// Between two moments of a policy the decision is the same: one call for each of them is replayed.
    #[test]
    fn the_times_that_are_told_are_those_of_the_evaluator(statements in prop::collection::vec(any_statement(), 1..5)) {
        let policy = policy_of(&statements);
        let found = at(&statements, NOW);
        let repository = "arn:aws:ecr:eu-west-2:222222222222:repository/vendorapp";
        for account in ["111111111111", "333333333333"] {
            for action in ["BatchGetImage", "GetDownloadUrlForLayer"] {
                let caller = format!("arn:aws:iam::{account}:root");
                let is_allowed = |moment: i64| {
                    let time = AccessEnd::of_seconds(moment).unwrap().policy_value();
                    let context = vec![("aws:CurrentTime".to_owned(), vec![time])];
                    let name = format!("ecr:{action}");
                    let request = Request::new(&caller, &name, repository, IdentityPolicies::All, context).unwrap();
                    evaluate(&policy, &request).answer == Answer::Allow
                };
                let covers = |row: &AccessRow, moment: i64| {
                    row.begins.is_none_or(|begin| begin.seconds() <= moment)
                        && row.ends.is_none_or(|end| moment < end.seconds())
                };
                let of_it = |row: &&AccessRow| {
                    let is_who = row.who == Who::Everyone || row.who.account().is_some_and(|id| id.as_str() == account);
                    is_who && row.remaining().any(|name| name == action)
                };
                for day in 0..4 {
                    // Noon of each day; a gap that a Deny leaves within a row is the end of what is told.
                    let moment = NOW + day * DAY + DAY / 2;
                    let rows: Vec<&AccessRow> = found.present.rows.iter().filter(of_it).collect();
                    let is_told = rows.iter().any(|row| covers(row, moment));
                    prop_assert!(!is_told || is_allowed(moment), "{} {} day {}: {:?}", account, action, day, rows);
                    // Today's access is never left out.
                    prop_assert!(day > 0 || is_told == is_allowed(moment), "{} {}: {:?}", account, action, rows);
                }
            }
        }
    }
}
