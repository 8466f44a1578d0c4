//! The access that is there already, beside the plan for the same request.

use super::*;

fn statement(effect: &str, principal: &str, action: &str, condition: &str) -> String {
    format!(
        r#"{{"Effect":"{effect}","Principal":{{"AWS":"{principal}"}},"Action":[{action}],"Condition":{{{condition}}}}}"#
    )
}

fn policy_text(statements: &[String]) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

const PULL: &str = r#""ecr:BatchCheckLayerAvailability","ecr:BatchGetImage","ecr:GetDownloadUrlForLayer""#;
const FROM: &str = r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#;

fn found(stored: Option<&str>, grantee: &str, actions: &[&str]) -> ExistingAccess {
    let [found] = find_existing(&target("vendorapp", stored), &request(&[grantee], actions)).try_into().unwrap();
    found
}

#[test]
fn nothing_would_change_exactly_where_the_plan_writes_nothing() {
    let root = "arn:aws:iam::111111111111:root";
    let role = "arn:aws:iam::111111111111:role/ci";
    let parts = [
        statement("Allow", root, PULL, ""),
        statement("Allow", role, PULL, ""),
        statement("Allow", root, r#""ecr:BatchGetImage""#, ""),
        statement("Allow", root, r#""ecr:GetDownloadUrlForLayer","ecr:BatchCheckLayerAvailability""#, ""),
        statement("Allow", root, r#""ecr:*""#, FROM),
        statement("Allow", "*", PULL, r#""StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}"#),
        statement("Deny", root, r#""ecr:BatchGetImage""#, ""),
        statement("Deny", "*", r#""ecr:*""#, FROM),
    ];
    let grantees = ["111111111111", role, "333333333333", "o-a1b2c3d4e5", "codebuild.amazonaws.com", "*"];
    let mut counts = [0; 4];
    for subset in 0_u32..1 << parts.len() {
        // Every policy of up to two statements.
        if subset.count_ones() > 2 {
            continue;
        }
        let chosen: Vec<String> =
            parts.iter().enumerate().filter(|(at, _)| subset & (1 << at) != 0).map(|(_, part)| part.clone()).collect();
        let text = policy_text(&chosen);
        let stored = (!chosen.is_empty()).then_some(text.as_str());
        for grantee in grantees {
            for actions in [&[] as &[&str], &["BatchGetImage"]] {
                let plan = planned(stored, &[grantee], actions);
                let case = format!("{grantee} {actions:?} {text}");
                let is_stored = plan.text.as_deref() == stored;
                match found(stored, grantee, actions) {
                    ExistingAccess::Whole { .. } => {
                        counts[0] += 1;
                        assert_eq!(plan.verdict, Verdict::AlreadyGranted, "{case}");
                        assert!(plan.blocked.is_empty(), "{case}");
                    }
                    ExistingAccess::Doubtful(clauses) => {
                        counts[1] += 1;
                        assert!(is_stored && !plan.blocked.is_empty(), "{case}");
                        assert_eq!(clauses, plan.denied_words(), "{case}");
                    }
                    ExistingAccess::Partial { parts, .. } => {
                        counts[2] += 1;
                        assert!(!is_stored && !parts.is_empty(), "{case}");
                    }
                    ExistingAccess::Missing => {
                        counts[3] += 1;
                        assert!(!is_stored, "{case}");
                    }
                    ExistingAccess::Unreadable => panic!("{case}"),
                }
            }
        }
    }
    assert!(counts.iter().all(|count| *count > 5), "{counts:?}");
}

#[test]
fn a_part_is_told_with_its_conditions() {
    let root = "arn:aws:iam::111111111111:root";
    let parts = |statements: &[String], grantee| match found(Some(&policy_text(statements)), grantee, &[]) {
        ExistingAccess::Partial { parts, doubts } if doubts.is_empty() => parts,
        other => panic!("{other:?}"),
    };
    let from_address = [statement("Allow", root, PULL, FROM)];
    assert_eq!(parts(&from_address, "111111111111"), ["pull only from address 203.0.113.0/24"]);
    assert_eq!(parts(&from_address, "arn:aws:iam::111111111111:role/ci"), ["pull only from address 203.0.113.0/24"]);
    let half = [statement("Allow", root, r#""ecr:BatchGetImage""#, "")];
    assert_eq!(parts(&half, "111111111111"), ["BatchGetImage"]);
    assert_eq!(found(Some(&policy_text(&half)), "333333333333", &[]), ExistingAccess::Missing);
}

#[test]
fn a_text_that_is_no_policy_and_a_registry_that_was_not_read_are_said() {
    assert_eq!(found(Some("{"), "111111111111", &[]), ExistingAccess::Unreadable);
    let text = policy_text(&[statement("Allow", "arn:aws:iam::111111111111:root", PULL, "")]);
    let unread =
        Target { registry: RegistryPolicy::of_read(Err("not allowed".to_owned())), ..target("vendorapp", Some(&text)) };
    let found = find_existing(&unread, &request(&["111111111111", "333333333333"], &[]));
    let [ExistingAccess::Doubtful(clauses), ExistingAccess::Missing] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(clauses, &plan_grant(&unread, &request(&["111111111111"], &[]), None).unknown_words());
}

/// 2027-01-01T00:00:00Z.
const NOW: i64 = 1_798_761_600;

fn at_moment(stored: &str) -> Target {
    Target { now: Some(NOW), ..target("vendorapp", Some(stored)) }
}

fn until(date: &str) -> String {
    format!(r#""DateLessThan":{{"aws:CurrentTime":"{date}T23:59:59Z"}}"#)
}

#[test]
fn what_has_ended_is_no_part_and_an_end_counts_as_the_plan_counts_it() {
    let root = "arn:aws:iam::111111111111:root";
    let ends = [None, Some("2026-12-01"), Some("2027-03-31"), Some("2027-06-30")];
    let condition = |end: Option<&str>| end.map(until).unwrap_or_default();
    for stored_end in ends {
        let text = policy_text(&[statement("Allow", root, PULL, &condition(stored_end))]);
        for asked in [None, Some("2027-02-28"), Some("2027-03-31"), Some("2027-12-31")] {
            let case = format!("{stored_end:?}, asked {asked:?}");
            let until = asked.map(|day| AccessEnd::parse(day, NOW).unwrap());
            let request = Request { until, ..request(&["111111111111"], &[]) };
            let [found] = find_existing(&at_moment(&text), &request).try_into().unwrap();
            let plan = plan_grant(&at_moment(&text), &request, Some(&caller()));
            let is_there = plan.verdict == Verdict::AlreadyGranted;
            match found {
                ExistingAccess::Missing => assert_eq!(stored_end, Some("2026-12-01"), "{case}"),
                ExistingAccess::Whole { lasts } => {
                    assert!(is_there && lasts == plan.lasts, "{case}: {plan:?}");
                    assert_eq!(lasts == Some(Lasting::Forever), stored_end.is_none() && asked.is_some(), "{case}");
                }
                ExistingAccess::Partial { parts, doubts } => {
                    let end = stored_end.unwrap();
                    assert!(!is_there && asked.is_none_or(|asked| asked > end), "{case}");
                    assert_eq!((parts, doubts), (vec![format!("pull until {end} 23:59 UTC")], vec![]), "{case}");
                }
                other => panic!("{case}: {other:?}"),
            }
        }
    }
}

#[test]
fn a_part_that_a_deny_takes_is_told_with_the_deny() {
    let root = "arn:aws:iam::111111111111:root";
    let allow = statement("Allow", root, PULL, &until("2027-03-31"));
    let found = |deny: &str| {
        let text = policy_text(&[allow.clone(), deny.to_owned()]);
        find_existing(&at_moment(&text), &request(&["111111111111"], &[])).remove(0)
    };
    let part = |parts: &[&str], doubts: &[&str]| ExistingAccess::Partial {
        parts: parts.iter().map(ToString::to_string).collect(),
        doubts: doubts.iter().map(ToString::to_string).collect(),
    };
    let image = r#""ecr:BatchGetImage""#;
    assert_eq!(
        found(&statement("Deny", root, image, "")),
        part(
            &["BatchCheckLayerAvailability and GetDownloadUrlForLayer until 2027-03-31 23:59 UTC"],
            &["BatchGetImage for account 111111111111 is blocked by statement 2"]
        )
    );
    let ended = statement("Deny", root, image, &until("2026-12-01"));
    assert_eq!(found(&ended), part(&["pull until 2027-03-31 23:59 UTC"], &[]), "that Deny has ended");
    let later = r#""DateGreaterThan":{"aws:CurrentTime":"2027-02-01T00:00:00Z"}"#;
    assert_eq!(
        found(&statement("Deny", "*", PULL, later)),
        part(
            &["pull until 2027-02-01 00:00 UTC"],
            &["pull for account 111111111111 is blocked by statement 2 for calls that come from 2027-02-01 00:00 UTC"]
        )
    );
    let unread = Target {
        registry: RegistryPolicy::of_read(Err("not allowed".to_owned())),
        ..at_moment(&policy_text(std::slice::from_ref(&allow)))
    };
    let ExistingAccess::Partial { doubts, .. } = find_existing(&unread, &request(&["111111111111"], &[])).remove(0)
    else {
        panic!()
    };
    assert_eq!(doubts, ["the registry policy could not be read, and may deny it"]);
}

#[test]
fn a_deny_that_has_ended_blocks_no_grant_and_one_that_has_begun_blocks_it() {
    let deny = |condition: &str| policy_text(&[statement("Deny", "*", PULL, condition)]);
    let plan = |stored: &str| plan_grant(&at_moment(stored), &request(&["111111111111"], &[]), Some(&caller()));
    let ended = plan(&deny(&until("2026-12-01")));
    assert_eq!((ended.verdict.clone(), ended.denied_words()), (Verdict::Write, vec![]));
    assert_eq!((ended.delta.gains.len(), ended.owner_side()), (1, Some(OwnerSide::Done)));
    let begun = plan(&deny(r#""DateGreaterThan":{"aws:CurrentTime":"2026-12-01T00:00:00Z"}"#));
    assert_eq!(begun.verdict, Verdict::Blocked, "{begun:?}");
    assert_eq!(begun.denied_words(), ["pull for account 111111111111 is blocked by statement 1"]);
    assert!(begun.delta.gains.is_empty(), "{:?}", begun.delta);
    let open = plan_grant(
        &target("vendorapp", Some(&deny(&until("2026-12-01")))),
        &request(&["111111111111"], &[]),
        Some(&caller()),
    );
    assert!(!open.denied_words().is_empty(), "without a moment nothing has ended");
}

#[test]
fn a_class_and_gains_and_losses_are_of_the_moment() {
    let public = policy_text(&[statement("Allow", "*", PULL, &until("2026-12-01"))]);
    let back = |text: &str| {
        let none = Target { now: Some(NOW), ..target("vendorapp", None) };
        plan_text(&none, Some(text.to_owned()), Some(&caller()))
    };
    let plan = back(&public);
    assert_eq!(plan.class, Some(crate::policy::Class::None));
    let words: Vec<String> = plan.delta.gains.iter().map(|gain| plan.change_words(gain)).collect();
    assert_eq!(words, ["nobody now: everyone: pull (3 actions), ended on 2026-12-01 23:59 UTC"]);
    let question = Question::about([&plan], None);
    assert_eq!((question.gains.as_str(), question.losses.as_str()), ("nobody", "nobody"));
    // What it says is a danger all the same.
    let Confirmation::Typed { reasons, .. } = needed_confirmation(std::slice::from_ref(&plan)) else { panic!() };
    assert!(reasons[0].words.starts_with("everyone, behind a Deny or a condition today,"), "{reasons:?}");
    let live = back(&policy_text(&[statement("Allow", "*", PULL, &until("2027-12-01"))]));
    assert_eq!(
        (live.class, Question::about([&live], None).gains),
        (Some(crate::policy::Class::Public), "everyone".to_owned())
    );
    let gone = plan_text(&at_moment(&public), None, Some(&caller()));
    let words: Vec<String> = gone.delta.losses.iter().map(|loss| gone.change_words(loss)).collect();
    assert_eq!(words, ["nobody now: everyone: pull (3 actions), ended on 2026-12-01 23:59 UTC"]);
    assert_eq!(Question::about([&gone], None).losses, "nobody");
}

#[test]
fn a_write_knows_the_end_after_which_it_is_not_sent() {
    let root = "arn:aws:iam::111111111111:root";
    let end = AccessEnd::read_value("2027-03-31T23:59:59Z").unwrap();
    let asked = Request { until: Some(end), ..request(&["111111111111"], &[]) };
    let of_grant = |now: i64| {
        let target = Target { now: Some(now), ..target("vendorapp", None) };
        plan_grant(&target, &asked, Some(&caller())).to_write().unwrap()
    };
    // A plan that is made anew after the end knows it all the same.
    for now in [NOW, end.seconds() + 1] {
        assert_eq!(of_grant(now).until, Some(end));
    }
    let write = of_grant(NOW);
    assert!(write.find_past_end(end.seconds() - 1).is_none());
    let words = write.find_past_end(end.seconds()).unwrap().to_string();
    assert!(words.contains("2027-03-31 23:59 UTC, is past; name a later end"), "{words}");
    let by_hand = |end: &str| {
        let text = policy_text(&[statement("Allow", root, PULL, &until(end))]);
        let target = Target { now: Some(NOW), ..target("vendorapp", Some(THEIRS)) };
        plan_text(&target, Some(text), Some(&caller())).to_write().unwrap().until
    };
    assert_eq!(by_hand("2027-03-31"), Some(end));
    assert_eq!(by_hand("2020-03-31"), None, "that is written on purpose");
    // An undo brings back what was there, for however long it is.
    let old = policy_text(&[statement("Allow", root, PULL, &until("2027-03-31"))]);
    let texts = ChangedTexts { old: Some(old), new: None };
    let undone = plan_undo(&Target { now: Some(NOW), ..target("vendorapp", None) }, &texts, Some(&caller()));
    assert_eq!(undone.to_write().unwrap().until, None);
}

#[test]
fn a_change_is_not_for_a_time_that_is_past_or_to_come() {
    let grant = |end: &str| Ask::Grant {
        grantees: Vec::new(),
        recipe: recipe::find_recipe("pull").unwrap(),
        actions: Vec::new(),
        until: AccessEnd::read_value(end),
    };
    let problem = |ask: &Ask| ask.find_time_problem(NOW).map(|problem| problem.to_string());
    assert_eq!(problem(&grant("2027-01-01T00:00:01Z")), None);
    assert!(problem(&grant("2027-01-01T00:00:00Z")).unwrap().contains("a later end"));
    assert_eq!(problem(&Ask::RevokeExpired { now: NOW }), None);
    let words = problem(&Ask::RevokeExpired { now: NOW + 1 }).unwrap();
    assert!(words.contains("2027-01-01 00:00:01 UTC, and that is to come"), "{words}");
    assert_eq!(problem(&Ask::Delete), None);
}
