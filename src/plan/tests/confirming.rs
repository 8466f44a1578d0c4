//! The confirmations that plans need.

use super::*;

fn perils(plans: &[Planned]) -> Vec<Peril> {
    needed_confirmation(plans).all_reasons().iter().map(|r| r.peril).collect()
}

#[test]
fn only_what_can_hurt_asks_for_a_word() {
    let cases: [(&[&str], &[&str], &[Peril]); 8] = [
        (&["111111111111"], &[], &[]),
        (&["o-a1b2c3d4e5"], &[], &[]),
        (&["111111111111"], &["GetRepositoryPolicy", "ListImages", "PutImageTagMutability"], &[]),
        (&["*"], &[], &[Peril::Public]),
        (&["111111111111"], &["PutImage"], &[Peril::Push]),
        (&["111111111111"], &["BatchDeleteImage", "PutLifecyclePolicy"], &[Peril::Delete]),
        (&["111111111111"], &["SetRepositoryPolicy"], &[Peril::PolicyManagement]),
        (
            &["*"],
            &["SetRepositoryPolicy", "DeleteRepository", "PutImage"],
            &[Peril::Public, Peril::PolicyManagement, Peril::Delete, Peril::Push],
        ),
    ];
    for (grantees, actions, expected) in cases {
        assert_eq!(perils(&[planned(None, grantees, actions)]), expected, "{grantees:?} {actions:?}");
    }
}

#[test]
fn taking_access_away_asks_for_a_word() {
    let place = target("vendorapp", Some(THEIRS));
    let less = THEIRS.replace("\"ecr:BatchGetImage\", ", "");
    assert_eq!(perils(&[plan_text(&place, Some(less), None)]), [Peril::Removal]);
    assert_eq!(perils(&[plan_text(&place, None, None)]), [Peril::Removal]);
    // Also where nobody can say who it named.
    assert_eq!(perils(&[plan_text(&target("vendorapp", Some("{")), None, None)]), [Peril::Removal]);
}

#[test]
fn code_that_surely_owns_a_repository_asks_for_a_word_and_a_hint_is_told_alone() {
    let tags = |key: &str| vec![(key.to_owned(), "registry".to_owned())];
    let plan = |ownership: Ownership| Planned { ownership, ..planned(None, &["111111111111"], &[]) };
    let proved = plan(Ownership::of_tags(&tags("aws:cloudformation:stack-name")));
    let confirmation = needed_confirmation(std::slice::from_ref(&proved));
    let [reason] = confirmation.all_reasons() else { panic!("{confirmation:?}") };
    assert_eq!((reason.peril, reason.flag), (Peril::OwnedByCode, "--allow-owned-by-code"));
    assert_eq!(
        reason.words,
        "the CloudFormation stack registry owns what is written, and its next run may undo it (vendorapp)"
    );
    let hinted = plan(Ownership::of_tags(&tags("terraform")));
    assert!(hinted.ownership_words().unwrap().contains("Terraform"));
    let unknown = plan(Ownership::NotKnown("no permission".to_owned()));
    assert!(unknown.ownership_words().unwrap().contains("not known"));
    for other in [hinted, unknown, plan(Ownership::Untold), plan(Ownership::NotAsked)] {
        assert_eq!(perils(&[other]), []);
    }
    let done = Planned { verdict: Verdict::AlreadyGranted, ..proved.clone() };
    assert_eq!((perils(std::slice::from_ref(&done)), done.ownership_words()), (Vec::new(), None));
    // Two stacks are two exceptions.
    let other = Planned { ownership: Ownership::of_tags(&tags("aws:cloudformation:stack-id")), ..proved.clone() };
    assert_eq!(group_plans([&proved, &proved, &other]).len(), 2);
}

#[test]
fn the_word_is_what_people_are_wrong_about() {
    let one = |name: &str, grantees: &[&str], actions: &[&str]| {
        plan_grant(&target(name, None), &request(grantees, actions), None)
    };
    let public = needed_confirmation(&[one("team/vendorapp", &["*"], &[])]);
    let Confirmation::Typed { word, reasons } = &public else { panic!("{public:?}") };
    assert_eq!(word, "team/vendorapp");
    assert_eq!(reasons[0].flag, "--allow-public");
    assert!(reasons[0].words.contains("team/vendorapp") && reasons[0].words.contains("public"), "{reasons:?}");
    assert!(
        public.is_confirmed_by(" team/vendorapp\n")
            && !public.is_confirmed_by("vendorapp")
            && !public.is_confirmed_by("y")
    );

    let many: Vec<Planned> = ["a1", "b2", "c3", "d4", "e5"].map(|n| one(n, &["111111111111"], &["PutImage"])).into();
    let typed = needed_confirmation(&many);
    assert!(typed.is_confirmed_by("5 repositories") && !typed.is_confirmed_by("4 repositories"), "{typed:?}");
    assert!(typed.what_to_type().contains("how many policies change"), "{}", typed.what_to_type());
    assert!(typed.all_reasons()[0].words.ends_with("(a1, b2, c3 and 2 other repositories)"), "{typed:?}");

    // Repositories that are not written do not count.
    let mut mixed = vec![one("a1", &["*"], &[])];
    mixed.push(Planned { verdict: Verdict::AlreadyGranted, ..one("b2", &["*"], &[]) });
    assert!(needed_confirmation(&mixed).is_confirmed_by("a1"));
    assert_eq!(needed_confirmation(&[]), Confirmation::Plain);
    assert!(
        Confirmation::Plain.is_confirmed_by(" Y ")
            && !Confirmation::Plain.is_confirmed_by("")
            && !Confirmation::Plain.is_confirmed_by("n")
    );
}

#[test]
fn a_confirmed_plan_covers_another_only_when_the_same_people_gain_and_lose_the_same() {
    let before = planned(None, &["111111111111"], &[]);
    assert!(before.same_change(&planned(Some(THEIRS), &["111111111111"], &[])));
    assert!(!before.same_change(&planned(None, &["111111111111", "555555555555"], &[])));
    assert!(!before.same_change(&planned(None, &["111111111111"], &["BatchGetImage"])));
    let denied = deny("\"ecr:*\"", "{\"AWS\": \"arn:aws:iam::111111111111:root\"}");
    assert!(!before.same_change(&planned(Some(&denied), &["111111111111"], &[])));
    let at_times =
        denied.replace("\"Action\"", r#""Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, "Action""#);
    assert_ne!(at_times, denied);
    let (at_times, always) =
        (planned(Some(&at_times), &["111111111111"], &[]), planned(Some(&denied), &["111111111111"], &[]));
    assert_eq!((at_times.blocked.len(), always.blocked.len()), (1, 1));
    assert!(!at_times.same_change(&always), "what was in doubt is void now");
}

#[test]
fn replacing_a_policy_that_cannot_be_read_counts_as_a_removal() {
    // AWS may hold what this program does not know yet.
    let stored = THEIRS.replace("\"Sid\"", "\"Since\": \"2031\", \"Sid\"");
    assert!(Policy::read(&stored).is_err());
    let mine = planned(None, &["111111111111"], &[]).text;
    let plan = plan_text(&target("vendorapp", Some(&stored)), mine, Some(&caller()));
    assert!(plan.will_write(), "{plan:?}");
    let asked = needed_confirmation(std::slice::from_ref(&plan));
    let perils: Vec<_> = asked.all_reasons().iter().map(|reason| reason.flag).collect();
    assert_eq!(perils, ["--allow-removal"], "{asked:?}");
}

#[test]
fn a_security_finding_in_what_is_added_asks_for_a_word_and_one_that_was_stored_does_not() {
    let open = |extra: &str| {
        format!(r#"{{"Effect":"Allow","Principal":{{"AWS":"111111111111"}},"NotAction":"ecr:PutImage"{extra}}}"#)
    };
    let service = r#"{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"ecr:BatchGetImage"}"#;
    let quiet = r#"{"Effect":"Allow","Principal":{"AWS":"555555555555"},"Action":"ecr:BatchGetImage"}"#;
    for (risky, id) in [(open(""), "S111"), (service.to_owned(), "S105")] {
        let first = plan_text(&target("vendorapp", None), Some(with(&risky)), Some(&caller()));
        let asked = needed_confirmation(std::slice::from_ref(&first));
        let reason = asked.all_reasons().iter().find(|reason| reason.flag == "--allow-risk");
        assert!(reason.is_some_and(|reason| reason.words.contains(id)), "{id}: {asked:?} {first:?}");
        let more = with(&format!("{risky},{quiet}"));
        let again = plan_text(&target("vendorapp", Some(&with(&risky))), Some(more), Some(&caller()));
        assert!(
            again.will_write() && needed_confirmation(std::slice::from_ref(&again)) == Confirmation::Plain,
            "{id}: {again:?}"
        );
    }
    // A statement that gives more, or under other conditions, was confirmed as another one.
    let sample = |who: &str, actions: &str, more: &str| {
        with(&format!(r#"{{"Effect":"Allow","Principal":{{"AWS":[{who}]}},"Action":[{actions}]{more}}}"#))
    };
    let (one, two) = (r#""123456789012""#, r#""123456789012","555555555555""#);
    let (get, both) = (r#""ecr:BatchGetImage""#, r#""ecr:BatchGetImage","ecr:DescribeImages""#);
    let fence = r#","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#;
    for (before, after, is_risk) in [
        (sample(one, get, ""), sample(one, both, ""), true),
        (sample(one, get, fence), sample(one, get, ""), true),
        (sample(one, get, ""), sample(two, get, ""), false),
        (sample(two, both, ""), sample(one, get, ""), false),
    ] {
        let plan = plan_text(&target("vendorapp", Some(&before)), Some(after.clone()), Some(&caller()));
        let asked = needed_confirmation(std::slice::from_ref(&plan));
        let asks = asked.all_reasons().iter().any(|reason| reason.flag == "--allow-risk");
        assert_eq!(asks, is_risk, "{before} -> {after}: {asked:?}");
    }
}

#[test]
fn what_is_dangerous_behind_a_deny_needs_a_word_all_the_same() {
    let fence = |pattern: &str| {
        format!(
            r#"{{"Effect":"Deny","Principal":"*","Action":"ecr:*","Condition":{{"ArnNotLike":{{"aws:PrincipalArn":"arn:aws:iam::*:role/{pattern}"}}}}}}"#
        )
    };
    let service = r#"{"Effect":"Deny","Principal":"*","Action":"ecr:*","Condition":{"Bool":{"aws:PrincipalIsAWSService":"true"}}}"#;
    let stored = with(&[fence("ci-*"), fence("web"), service.to_owned()].join(","));
    let perils =
        |plan: Planned| -> Vec<Peril> { needed_confirmation(&[plan]).all_reasons().iter().map(|r| r.peril).collect() };
    let push = ["PutImage", "InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload"];
    for stored in [None, Some(stored.as_str())] {
        assert!(perils(planned(stored, &["*"], &[])).contains(&Peril::Public), "{stored:?}");
        assert!(perils(planned(stored, &["111111111111"], &push)).contains(&Peril::Push), "{stored:?}");
        let takes = ["SetRepositoryPolicy", "DeleteRepository"];
        let found = perils(planned(stored, &["111111111111"], &takes));
        assert!(found.contains(&Peril::PolicyManagement) && found.contains(&Peril::Delete), "{stored:?}: {found:?}");
    }
    assert_eq!(perils(planned(Some(&stored), &["111111111111"], &[])), [], "a pull is none");
    // An edited text too, and conditions of which nothing proves that they hold nobody.
    let place = target("vendorapp", Some(&stored));
    let open = |condition: &str| {
        let allow = format!(r#"{{"Effect":"Allow","Principal":"*","Action":"ecr:*"{condition}}}"#);
        plan_text(&place, Some(stored.replace("]}", &format!(",{allow}]}}"))), None)
    };
    for condition in ["", r#","Condition":{"StringEquals":{"aws:PrincipalType":"Nothing"}}"#] {
        let plan = open(condition);
        assert_eq!(plan.verdict, Verdict::Write, "{condition}: {plan:?}");
        let reasons = needed_confirmation(std::slice::from_ref(&plan));
        assert!(reasons.all_reasons().iter().any(|r| r.peril == Peril::Public), "{condition}: {reasons:?}");
        assert!(
            reasons.all_reasons().iter().any(|r| r.words.contains("behind a Deny or a condition today")),
            "{reasons:?}"
        );
    }
}

#[test]
fn what_the_registry_holds_back_today_is_confirmed_all_the_same() {
    let ban = BAN.replace("\"111111111111\"", "\"*\"");
    let plan = planned_in(&registry(&ban), None, &["*"]);
    assert_eq!(plan.verdict, Verdict::Blocked);
    // Edited by hand, so that it is written: whoever ends the Deny opens the repository to all.
    let text = plan.text.clone().unwrap();
    let target = Target { registry: registry(&ban), ..target("vendorapp", None) };
    let edited = plan_text(&target, Some(text), Some(&caller()));
    assert!(edited.will_write() && edited.delta.gains.is_empty(), "{edited:?}");
    let Confirmation::Typed { reasons, .. } = needed_confirmation(&[edited]) else { panic!() };
    assert!(reasons.iter().any(|reason| reason.peril == Peril::Public), "{reasons:?}");
}

/// Screens and commands list the same findings, and what is listed is what must be confirmed.
#[test]
fn the_findings_that_are_listed_are_those_that_ask_for_a_word() {
    let theirs = with(
        r#"{"Sid": "Open", "Effect": "Allow", "Principal": {"Service": "codebuild.amazonaws.com"}, "Action": "ecr:BatchGetImage"}"#,
    );
    let mut asked_by_findings = 0;
    for rule in crate::policy::lint::rules() {
        for stored in [None, Some(theirs.as_str())] {
            let plan = plan_text(&target("vendorapp", stored), Some(rule.example.to_owned()), Some(&caller()));
            let listed: Vec<&Finding> = plan.risk_findings().collect();
            assert!(listed.iter().all(|f| f.severity >= Severity::Security && plan.added.contains(f)), "{rule:?}");
            if let Verdict::Refused(stops) = &plan.verdict {
                assert!(!listed.iter().any(|f| stops.contains(f)), "{rule:?}: a reason of the refusal is told twice");
            }
            let confirmation = needed_confirmation(std::slice::from_ref(&plan));
            let risk = confirmation.all_reasons().iter().find(|reason| reason.peril == Peril::Risk);
            if let Some(reason) = risk {
                assert!(listed.iter().any(|f| reason.words.contains(&f.message)), "{rule:?}: {reason:?}");
            }
            let has_risk = listed.iter().any(|f| f.severity == Severity::Security);
            let is_typed = matches!(confirmation, Confirmation::Typed { .. });
            assert!(!plan.will_write() || !has_risk || is_typed, "{rule:?}: a listed risk needs a word");
            assert_eq!(
                confirmation.reasons_beside_findings().count() + risk.iter().count(),
                confirmation.all_reasons().len()
            );
            assert_eq!(confirmation.is_for_findings_alone(), risk.is_some() && confirmation.all_reasons().len() == 1);
            asked_by_findings += usize::from(confirmation.is_for_findings_alone());
        }
    }
    assert!(asked_by_findings > 0, "no example is dangerous for its findings alone");
}
