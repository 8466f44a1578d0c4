//! Taking statements whose access has ended out of a policy text.

use super::grantee_match::MatchedParts;
use super::revoke::{Revoked, edited_without, nothing_removed};
use super::{EditProblem, read_policy};
use crate::condition::{has_ended, statement_end};
use crate::model::document::{Effect, Statement};

/// Takes every Allow statement out that surely lets no call through from `now` on, in seconds since 1970; all other bytes
/// stay. Nobody loses anything but what has ended. A policy that has no other statement goes whole.
///
/// One condition that has ended is enough, since all must hold. A date that AWS may read in two ways ends nothing.
pub fn remove_expired(text: Option<&str>, now: i64) -> Result<Revoked, EditProblem> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(nothing_removed(text)) };
    let (policy, root) = read_policy(text)?;
    let statements = root.get("Statement").ok_or_else(|| EditProblem::Unreadable(Vec::new()))?;
    let ended = |statement: &Statement| {
        let goes = statement.effect == Effect::Allow && has_ended(statement, now);
        let entries = if goes { (0..statement.principals.entries.len()).collect() } else { Vec::new() };
        MatchedParts { all: !entries.is_empty(), entries, values: Vec::new() }
    };
    let found: Vec<MatchedParts> = policy.statements.iter().map(ended).collect();
    let nodes = statements.value.one_or_many();
    let mut revoked = edited_without(text, &policy, nodes, &found, |_| (Vec::new(), Vec::new()))?;
    for removed in &mut revoked.removed {
        let Some(statement) = policy.statements.get(removed.statement) else { continue };
        removed.ended = statement_end(statement);
        // Those whom `NotPrincipal` names are the ones that had nothing.
        if statement.principals.negated && removed.key.is_none() {
            let spared: Vec<&str> = statement.principals.entries.iter().map(|entry| entry.text.as_str()).collect();
            removed.text = format!("everyone but {}", spared.join(" and "));
        }
    }
    revoked.removed.dedup();
    Ok(revoked)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::condition::have_ended;
    use crate::delta::delta;
    use crate::model::document::Policy;

    /// 2027-01-01T00:00:00Z.
    const NOW: i64 = 1_798_761_600;

    /// Conditions, and whether they have surely ended then.
    const CONDITIONS: &[(&str, bool)] = &[
        ("", false),
        (r#""DateLessThan":{"aws:CurrentTime":"2026-12-31T23:59:59Z"}"#, true),
        (r#""DateLessThan":{"aws:CurrentTime":"2027-01-01T00:00:00Z"}"#, true),
        (r#""DateLessThanEquals":{"aws:CurrentTime":"2027-01-01T00:00:00Z"}"#, false),
        (r#""DateLessThan":{"aws:CurrentTime":"2027-01-01T00:00:01Z"}"#, false),
        (r#""DateLessThan":{"aws:CurrentTime":["2026-01-01T00:00:00Z","2028-01-01T00:00:00Z"]}"#, false),
        (r#""DateLessThan":{"aws:CurrentTime":["2026-01-01T00:00:00Z","soon"]}"#, false),
        (r#""DateLessThan":{"aws:CurrentTime":"2026-12-31T20:00:00"}"#, false),
        (r#""DateGreaterThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"}"#, false),
        (r#""DateNotEquals":{"aws:CurrentTime":"2026-01-01T00:00:00Z"}"#, false),
        (r#""NumericLessThan":{"aws:EpochTime":"1767225600"}"#, true),
        (
            r#""DateLessThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"},"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#,
            true,
        ),
        (
            r#""DateLessThan":{"aws:CurrentTime":"2028-01-01T00:00:00Z"},"DateLessThanIfExists":{"aws:EpochTime":"1767225600"}"#,
            true,
        ),
    ];

    fn statement(effect: &str, principal: &str, condition: &str) -> String {
        format!(
            r#"{{"Effect":"{effect}","Principal":{principal},"Action":"ecr:BatchGetImage","Condition":{{{condition}}}}}"#
        )
    }

    fn document(statements: &[String]) -> String {
        format!("{{\"Version\":\"2012-10-17\",\"Statement\":[\n  {}\n]}}", statements.join(",\n  "))
    }

    #[test]
    fn what_surely_has_ended_goes_whole_and_says_when_it_ended() {
        for (condition, is_ended) in CONDITIONS {
            let kept = statement("Allow", r#"{"AWS":"333333333333"}"#, "");
            let text = document(&[kept.clone(), statement("Allow", r#"{"AWS":"111111111111"}"#, condition)]);
            let cut = remove_expired(Some(&text), NOW).unwrap();
            assert_eq!(cut.changed, *is_ended, "{condition}");
            assert_eq!(cut.text, Some(if *is_ended { document(&[kept]) } else { text }), "{condition}");
            assert_eq!(cut.removed.iter().any(|removed| removed.words().contains(", which ended on 20")), *is_ended);
        }
        let alone = document(&[statement("Allow", "\"*\"", CONDITIONS[1].0)]);
        let cut = remove_expired(Some(&alone), NOW).unwrap();
        assert_eq!((cut.changed, cut.text), (true, None), "nothing is left of the policy");
        assert_eq!(cut.removed[0].words(), "* from statement 1, which ended on 2026-12-31 23:59 UTC");
        let but = statement("Allow", r#"{"AWS":["111111111111","333333333333"]}"#, CONDITIONS[1].0);
        let cut = remove_expired(Some(&document(&[but.replace("Principal", "NotPrincipal")])), NOW).unwrap();
        let words: Vec<String> = cut.removed.iter().map(super::super::revoke::Removed::words).collect();
        let told = "everyone but 111111111111 and 333333333333 from statement 1, which ended on 2026-12-31 23:59 UTC";
        assert_eq!(words, [told]);
        for nothing in [None, Some(" ")] {
            assert!(!remove_expired(nothing, NOW).unwrap().changed);
        }
        assert!(remove_expired(Some("{"), NOW).is_err());
    }

    proptest! {
        #[test]
        fn only_what_has_ended_is_lost_and_all_other_bytes_stay(
            parts in prop::collection::vec((any::<bool>(), 0..3usize, 0..CONDITIONS.len()), 1..6)
        ) {
            let principals = [r#"{"AWS":"111111111111"}"#, r#"{"AWS":["333333333333","444444444444"]}"#, "\"*\""];
            let of = |(allows, principal, at): &(bool, usize, usize)| {
                statement(if *allows { "Allow" } else { "Deny" }, principals[*principal], CONDITIONS[*at].0)
            };
            let all: Vec<String> = parts.iter().map(of).collect();
            let stays = |part: &&(bool, usize, usize)| !(part.0 && CONDITIONS[part.2].1);
            let rest: Vec<String> = parts.iter().filter(stays).map(of).collect();
            let cut = remove_expired(Some(&document(&all)), NOW).unwrap();
            let expected = (!rest.is_empty()).then(|| document(&rest));
            prop_assert_eq!(&cut.text, &expected);
            let new = cut.text.as_deref().map(|text| Policy::read(text).unwrap());
            let change = delta(Some(&Policy::read(&document(&all)).unwrap()), new.as_ref());
            prop_assert!(change.gains.is_empty());
            for loss in &change.losses {
                prop_assert!(have_ended(&loss.conditions, NOW), "{:?}", loss);
            }
        }
    }
}
