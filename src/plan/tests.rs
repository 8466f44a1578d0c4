//! Plans on policies as they are found.

use super::*;
use crate::ecr::{
    AccountId, Arn, Grantee, Identity, Ownership, POLICY_LIMIT, Region, RepositoryName, RepositoryRef, action, recipe,
};
use crate::policy::{Finding, Policy, RegistryPolicy, RevokeOptions, Severity};

const THEIRS: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Theirs",
      "Effect": "Allow",
      "Principal": {"AWS": "arn:aws:iam::333333333333:root"},
      "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    }
  ]
}"#;

fn repository(name: &str) -> RepositoryRef {
    RepositoryRef {
        account: AccountId::parse("222222222222").unwrap(),
        region: Region::parse("eu-west-2").unwrap(),
        name: RepositoryName::parse(name).unwrap(),
    }
}

fn target(name: &str, stored: Option<&str>) -> Target {
    Target { repository: repository(name), stored: stored.map(str::to_owned), registry: RegistryPolicy::NotAsked }
}

fn request(grantees: &[&str], actions: &[&str]) -> Request {
    let recipe = if actions.is_empty() { "pull" } else { "custom" };
    let recipe = recipe::find_recipe(recipe).unwrap();
    Request {
        owner: AccountId::parse("222222222222").unwrap(),
        region: Region::parse("eu-west-2").unwrap(),
        grantees: grantees.iter().map(|g| Grantee::parse(g).unwrap()).collect(),
        recipe,
        actions: if actions.is_empty() {
            recipe.repository_actions().collect()
        } else {
            actions.iter().map(|name| action::find_action(name).unwrap()).collect()
        },
    }
}

fn caller() -> Identity {
    Identity {
        account: AccountId::parse("222222222222").unwrap(),
        arn: Arn::parse("arn:aws:sts::222222222222:assumed-role/PlatformAdmin/ana").unwrap(),
    }
}

fn planned(stored: Option<&str>, grantees: &[&str], actions: &[&str]) -> Planned {
    plan_grant(&target("vendorapp", stored), &request(grantees, actions), Some(&caller()))
}

fn words(changes: &[crate::policy::Change]) -> Vec<String> {
    changes.iter().map(|c| c.who.words()).collect()
}

#[test]
fn a_first_grant_is_a_new_policy() {
    let plan = planned(None, &["111111111111"], &[]);
    assert_eq!(plan.verdict, Verdict::Write, "{plan:?}");
    assert_eq!(words(&plan.delta.gains), ["account 111111111111"]);
    assert!(plan.delta.losses.is_empty());
    assert_eq!(plan.touched, [0]);
    let write = plan.to_write().unwrap();
    assert_eq!(write.based_on, None);
    let policy = Policy::read(write.text.as_deref().unwrap()).unwrap();
    assert_eq!(policy.statements[0].sid.as_ref().unwrap().value, "EcrGrantPull");
}

#[test]
fn a_second_grant_leaves_the_first_as_it_was() {
    let plan = planned(Some(THEIRS), &["111111111111"], &[]);
    assert!(plan.will_write());
    assert_eq!(words(&plan.delta.gains), ["account 111111111111"]);
    assert!(plan.delta.losses.is_empty());
    let text = plan.text.as_deref().unwrap();
    let theirs = THEIRS.split_once("[\n").unwrap().1.split("\n  ]").next().unwrap();
    assert!(text.contains(theirs), "{text}");
    assert_eq!(plan.touched, [1]);
}

#[test]
fn the_same_grant_again_writes_nothing() {
    let first = planned(Some(THEIRS), &["111111111111"], &[]).text.unwrap();
    let again = planned(Some(&first), &["1111-1111-1111"], &[]);
    assert_eq!(again.verdict, Verdict::AlreadyGranted);
    assert!(again.to_write().is_none() && again.delta.is_empty());
    assert_eq!(again.text.as_deref(), Some(first.as_str()));
}

#[test]
fn a_role_of_an_account_that_has_it_already_needs_no_write_unless_the_account_is_the_owners() {
    let role = |id: &str| format!("arn:aws:iam::{id}:role/ci");
    let actions = ["BatchGetImage"];
    assert_eq!(planned(Some(THEIRS), &[&role("333333333333")], &actions).verdict, Verdict::AlreadyGranted);
    assert!(planned(Some(THEIRS), &[&role("444444444444")], &actions).will_write());
    let own = THEIRS.replace("333333333333", "222222222222");
    let plan = planned(Some(&own), &[&role("222222222222")], &actions);
    assert!(plan.will_write() && plan.delta.gains.len() == 1, "{plan:?}");
}

#[test]
fn a_text_that_nobody_can_read_is_not_built_upon() {
    let plan = planned(Some("{ \"Statement\": [ "), &["111111111111"], &[]);
    assert!(matches!(plan.verdict, Verdict::Refused(_)), "{plan:?}");
    assert!(plan.to_write().is_none());
}

#[test]
fn what_ecr_would_refuse_is_not_written() {
    let plan = plan_text(
        &target("vendorapp", Some(THEIRS)),
        Some(THEIRS.replace("\"Action\"", "\"Resource\": \"*\", \"Action\"")),
        Some(&caller()),
    );
    let Verdict::Refused(findings) = &plan.verdict else { panic!("{plan:?}") };
    assert!(findings.iter().all(|f| f.stops) && !findings.is_empty());
    assert!(plan.in_words().starts_with("not written: "), "{}", plan.in_words());
}

#[test]
fn a_policy_past_the_limit_is_not_written() {
    let padding = " ".repeat(POLICY_LIMIT - THEIRS.len());
    let stored = format!("{THEIRS}{padding}");
    let plan = planned(Some(&stored), &["111111111111"], &[]);
    let Verdict::TooLong(length) = plan.verdict else { panic!("{:?}", plan.verdict) };
    assert!(length > POLICY_LIMIT && length == plan.text.as_deref().unwrap().chars().count());
    let [offer] = plan.offers.as_slice() else { panic!("{:?}", plan.offers) };
    assert!(offer.minified && plan.in_words().ends_with(&format!("; {}", offer.words())), "{}", plan.in_words());
    let taken = plan_text(&target("vendorapp", Some(&stored)), Some(offer.text.clone()), Some(&caller()));
    assert_eq!((taken.verdict, taken.delta), (Verdict::Write, plan.delta));
}

/// A Deny of everything about the policy, for everyone but nobody.
fn deny(actions: &str, principal: &str) -> String {
    THEIRS.replace(
        "\"Statement\": [",
        &format!(
            "\"Statement\": [\n    {{\"Sid\": \"No\", \"Effect\": \"Deny\", \"Principal\": {principal}, \
             \"Action\": {actions}}},"
        ),
    )
}

#[test]
fn an_edit_that_locks_the_caller_out_is_stopped_and_a_deny_that_was_there_is_left_to_aws() {
    let locking = deny("\"ecr:SetRepositoryPolicy\"", "\"*\"");
    let edited = plan_text(&target("vendorapp", Some(THEIRS)), Some(locking.clone()), Some(&caller()));
    assert_eq!(edited.verdict, Verdict::LocksOut(Loss::Denied(0)));
    assert_eq!(plan_text(&target("vendorapp", Some(THEIRS)), Some(locking.clone()), None).verdict, Verdict::Write);
    let granted = planned(Some(&locking), &["111111111111"], &[]);
    assert_eq!(granted.verdict, Verdict::Write);
}

#[test]
fn a_deny_that_keeps_the_caller_from_reading_or_deleting_the_policy_is_written_with_a_word_about_it() {
    let of = |actions: &str, caller: Option<&Identity>| {
        plan_text(&target("vendorapp", Some(THEIRS)), Some(deny(actions, "\"*\"")), caller)
    };
    let words = |actions: &str| of(actions, Some(&caller())).in_words();
    assert_eq!(words("\"ecr:GetRepositoryPolicy\""), "its policy is changed; statement 1 may keep you from reading it");
    let both = words("[\"ecr:GetRepositoryPolicy\", \"ecr:Delete*\"]");
    let end = "; statement 1 may keep you from reading it; statement 1 may keep you from deleting it";
    assert!(both.ends_with(end), "{both}");
    assert_eq!(words("\"ecr:PutImage\""), "its policy is changed");
    assert_eq!(of("\"ecr:GetRepositoryPolicy\"", None).in_words(), "its policy is changed");
    // A deny that was there is known already.
    let there = deny("\"ecr:GetRepositoryPolicy\"", "\"*\"");
    assert_eq!(planned(Some(&there), &["111111111111"], &[]).in_words(), "its policy is changed");
    // What shuts the caller out altogether is not written at all.
    assert!(words("\"ecr:*\"").starts_with("not written"));
}

#[test]
fn a_grant_that_a_deny_would_void_says_so() {
    let denied = deny("\"ecr:*\"", "{\"AWS\": \"arn:aws:iam::111111111111:root\"}");
    let plan = planned(Some(&denied), &["111111111111", "555555555555"], &[]);
    assert_eq!(plan.blocked.len(), 1, "{:?}", plan.blocked);
    assert_eq!(plan.blocked[0].who.words(), "account 111111111111");
    assert_eq!(plan.blocked[0].blocked, [0]);
    // Also when it is there already.
    let again = planned(plan.text.as_deref(), &["111111111111"], &[]);
    assert_eq!((again.verdict.clone(), again.blocked.len()), (Verdict::Blocked, 1), "{again:?}");
    assert!(planned(Some(THEIRS), &["111111111111"], &[]).blocked.is_empty());
}

#[test]
fn an_edited_text_is_judged_by_its_meaning() {
    let place = target("vendorapp", Some(THEIRS));
    let reformatted = crate::policy::minify(THEIRS).unwrap();
    assert_eq!(plan_text(&place, Some(reformatted), None).verdict, Verdict::AlreadyGranted);
    let more = THEIRS.replace("\"ecr:BatchGetImage\",", "\"ecr:BatchGetImage\", \"ecr:ListImages\",");
    let plan = plan_text(&place, Some(more), None);
    assert_eq!((plan.verdict.clone(), plan.touched.clone()), (Verdict::Write, vec![0]));
    assert_eq!(plan.delta.gains.len(), 1);
    assert_eq!(plan.delta.gains[0].actions, ["ListImages"]);
    let removed = plan_text(&place, None, None);
    assert_eq!((removed.verdict.clone(), removed.text.clone()), (Verdict::Write, None));
    assert_eq!(words(&removed.delta.losses), ["account 333333333333"]);
    assert_eq!(plan_text(&target("vendorapp", None), None, None).verdict, Verdict::AlreadyGranted);
}

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

fn with(statements: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
}

const PULL: &str = r#"["ecr:BatchCheckLayerAvailability","ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]"#;

#[test]
fn what_everyone_has_and_a_deny_takes_from_the_grantee_is_blocked_not_granted() {
    let everyone = format!(r#"{{"Effect":"Allow","Principal":"*","Action":{PULL}}}"#);
    let deny = |who: &str| {
        let deny = format!(r#"{{"Effect":"Deny","Principal":{{"AWS":"{who}"}},"Action":"ecr:BatchGetImage"}}"#);
        with(&format!("{everyone},{deny}"))
    };
    let plan = planned(Some(&deny("111111111111")), &["111111111111"], &[]);
    assert_eq!(plan.verdict, Verdict::AlreadyGranted);
    assert_eq!(plan.blocked.len(), 1, "{plan:?}");
    assert_eq!((&plan.blocked[0].who.words()[..], &plan.blocked[0].blocked[..]), ("account 111111111111", &[1][..]));
    assert!(planned(Some(&deny("333333333333")), &["111111111111"], &[]).blocked.is_empty());
}

#[test]
fn lambdas_own_statement_that_a_deny_voids_is_blocked() {
    let fence = r#"{"Effect":"Deny","Principal":"*","Action":"ecr:*",
        "Condition":{"StringNotEquals":{"aws:PrincipalAccount":["111111111111","222222222222"]}}}"#;
    let recipe = recipe::find_recipe("lambda").unwrap();
    let lambda = Request { recipe, actions: recipe.repository_actions().collect(), ..request(&["111111111111"], &[]) };
    let plan = plan_grant(&target("vendorapp", Some(&with(fence))), &lambda, Some(&caller()));
    let who: Vec<String> = plan.blocked.iter().map(|row| row.who.words()).collect();
    assert_eq!(who, ["service lambda.amazonaws.com"], "a service has no account: {plan:?}");
}

#[test]
fn a_deny_of_other_actions_than_those_asked_for_blocks_nothing() {
    let text = with(
        r#"{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"ecr:PutImage"},
           {"Effect":"Deny","Principal":"*","Action":"ecr:PutImage"}"#,
    );
    assert!(planned(Some(&text), &["111111111111"], &[]).blocked.is_empty());
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
fn a_new_lock_out_behind_one_that_was_there_is_stopped_too() {
    let old = r#"{"Effect":"Deny","Principal":"*","Action":"ecr:SetRepositoryPolicy",
        "Condition":{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}"#;
    let new = r#"{"Effect":"Deny","Principal":"*","Action":"ecr:*"}"#;
    let stored = with(old);
    let plan = plan_text(&target("vendorapp", Some(&stored)), Some(with(&format!("{old},{new}"))), Some(&caller()));
    assert_eq!(plan.verdict, Verdict::LocksOut(Loss::Denied(1)), "{plan:?}");
}

#[test]
fn a_caller_of_another_account_is_locked_out_by_what_no_longer_allows_it() {
    let account = AccountId::parse("111111111111").unwrap();
    let stranger = Identity { account, arn: Arn::parse("arn:aws:sts::111111111111:assumed-role/Admin/ana").unwrap() };
    let manage = |who: &str, actions: &str, condition: &str| {
        let who = format!(r#""Principal":{{"AWS":"{who}"}}"#);
        with(&format!(r#"{{"Effect":"Allow",{who},"Action":{actions},"Condition":{{{condition}}}}}"#))
    };
    let all = manage("111111111111", "\"ecr:*\"", "");
    let org = r#""StringEquals":{"aws:PrincipalOrgID":"o-aaaaaaaaaa"}"#;
    let plan = |old: &str, new: Option<String>, caller: &Identity| {
        let plan = plan_text(&target("vendorapp", Some(old)), new, Some(caller));
        let kept: Vec<_> = plan.kept_from.iter().map(|(what, loss)| (*what, *loss != Loss::NotAllowed)).collect();
        (plan.verdict.clone(), kept, plan.in_words())
    };
    let (verdict, kept, words) = plan(&all, Some(THEIRS.to_owned()), &stranger);
    assert_eq!((verdict, kept), (Verdict::LocksOut(Loss::NotAllowed), vec![("reading", false), ("deleting", false)]));
    assert_eq!(words, "not written: nothing in it would let you, of another account, change this policy again");
    // The owner's own account needs no Allow.
    assert_eq!(plan(&all, Some(THEIRS.to_owned()), &caller()).0, Verdict::Write);
    let (verdict, kept, words) = plan(&all, Some(manage("111111111111", "\"ecr:SetRepositoryPolicy\"", "")), &stranger);
    assert_eq!((verdict, kept.len()), (Verdict::Write, 2));
    assert!(words.ends_with("it was the policy that let you, of another account, go on deleting it"), "{words}");
    // What depends on something unseen counts only where it was there.
    let if_member = manage("111111111111", "\"ecr:*\"", org);
    assert_eq!(plan(&all, Some(if_member.clone()), &stranger).0, Verdict::LocksOut(Loss::NotAllowed));
    let more =
        if_member.replace("}]}", &format!("}},{}]}}", r#"{"Effect":"Deny","Principal":"*","Action":"ecr:PutImage"}"#));
    assert_eq!(plan(&if_member, Some(more), &stranger).0, Verdict::Write);
    // The whole policy goes, and whoever had it gave the right to set it.
    let (verdict, kept, words) = plan(&all, None, &stranger);
    assert_eq!((verdict, kept), (Verdict::Write, vec![("setting", false)]));
    assert!(words.contains("go on setting it"), "{words}");
    // Who had no right to lose is AWS's to refuse.
    assert_eq!(plan(THEIRS, Some(all.replace("111111111111", "444444444444")), &stranger).0, Verdict::Write);
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
fn a_grant_that_a_deny_surely_voids_is_blocked_and_one_that_hangs_on_a_condition_is_not() {
    let denies = [
        (r#""Principal":{"AWS":"111111111111"},"Action":"ecr:*""#, true),
        (r#""Principal":"*","Action":"*""#, true),
        (r#""NotPrincipal":{"AWS":"arn:aws:iam::222222222222:root"},"NotAction":"ecr:PutImage""#, true),
        (r#""Principal":"*","Action":"ecr:*","Condition":{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}"#, false),
        (r#""Principal":"*","Action":"ecr:*","Condition":{"Bool":{"aws:SecureTransport":"false"}}"#, false),
        (r#""Principal":"*","Action":"ecr:*","Condition":{"Bool":{"aws:SecureTransport":"true"}}"#, true),
        (
            r#""Principal":"*","Action":"ecr:*","Condition":{"StringEquals":{"aws:PrincipalAccount":"111111111111"}}"#,
            true,
        ),
        (
            r#""Principal":"*","Action":"ecr:*","Condition":{"StringNotEquals":{"aws:PrincipalAccount":"222222222222"}}"#,
            true,
        ),
        (
            r#""Principal":"*","Action":"ecr:*","Condition":{"StringNotEquals":{"aws:PrincipalAccount":["111111111111","222222222222"]}}"#,
            false,
        ),
        (r#""Principal":"*","Action":"ecr:*","Condition":{"Null":{"aws:PrincipalArn":"false"}}"#, true),
        (r#""Principal":"*","Action":"ecr:*","Condition":{"Null":{"aws:PrincipalArn":"true"}}"#, false),
        (r#""Principal":"*","Action":"ecr:*","Condition":{"Bool":{"aws:PrincipalIsAWSService":"false"}}"#, true),
        (
            r#""Principal":"*","Action":"ecr:*","Condition":{"ForAllValues:StringEquals":{"aws:PrincipalAccount":"111111111111"}}"#,
            false,
        ),
        (
            r#""Principal":"*","Action":"ecr:*","Condition":{"StringEquals":{"aws:PrincipalAccount":"111111111111","aws:SourceVpce":"vpce-1"}}"#,
            false,
        ),
    ];
    for (deny, is_sure) in denies {
        let stored = with(&format!(r#"{{"Sid":"Ban","Effect":"Deny",{deny}}}"#));
        let mut plan = planned(Some(&stored), &["111111111111"], &[]);
        for round in ["first", "again"] {
            assert_eq!(plan.verdict == Verdict::Blocked, is_sure, "{round} {deny}: {plan:?}");
            assert_eq!(plan.is_denied(), is_sure, "{round} {deny}");
            let words = plan.denied_words().join("; ");
            let sure = "pull for account 111111111111 is blocked by statement 1 (Ban)";
            assert_eq!(words.starts_with(sure), is_sure, "{round} {deny}: {words}");
            assert!(words.is_empty() || words.contains("statement 1 (Ban)"), "{round} {deny}: {words}");
            // As it would be stored by other means, then asked for again.
            plan = planned(plan.text.as_deref(), &["111111111111"], &[]);
        }
    }
    let fenced = with(
        r#"{"Sid":"Net","Effect":"Deny","Principal":"*","Action":"ecr:*","Condition":{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}}"#,
    );
    let plan = planned(Some(&fenced), &["111111111111"], &[]);
    let words = plan.denied_words().join("; ");
    assert!(words.contains("may be denied by statement 1 (Net), unless through VPC endpoint vpce-1"), "{words}");
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

/// A registry policy with these statements.
fn registry(statements: &str) -> RegistryPolicy {
    RegistryPolicy::of(Some(&format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#)))
}

fn planned_in(registry: &RegistryPolicy, stored: Option<&str>, grantees: &[&str]) -> Planned {
    let target = Target { registry: registry.clone(), ..target("vendorapp", stored) };
    plan_grant(&target, &request(grantees, &[]), Some(&caller()))
}

const BAN: &str = r#"{"Sid": "Ban", "Effect": "Deny", "Principal": {"AWS": "111111111111"}, "Action": "ecr:*",
    "Resource": "arn:aws:ecr:eu-west-2:222222222222:repository/vendor*"}"#;

#[test]
fn a_deny_of_the_registry_policy_blocks_a_grant_as_one_of_the_repositorys() {
    let blocked = planned_in(&registry(BAN), Some(THEIRS), &["111111111111"]);
    assert_eq!(blocked.verdict, Verdict::Blocked);
    assert!(blocked.to_write().is_none() && blocked.delta.gains.is_empty());
    assert_eq!(
        blocked.in_words(),
        "not written: pull for account 111111111111 is blocked by statement 1 (Ban) of the registry policy"
    );
    let elsewhere = registry(&BAN.replace("vendor*", "payments-*"));
    let free = planned_in(&elsewhere, Some(THEIRS), &["111111111111"]);
    assert!(free.will_write() && free.blocked.is_empty(), "{free:?}");
    let half = planned_in(&registry(BAN), Some(THEIRS), &["111111111111", "444444444444"]);
    assert!(half.will_write() && half.is_denied());
    assert_eq!(words(&half.delta.gains), ["account 444444444444"]);
}

#[test]
fn a_condition_of_the_registrys_deny_may_deny_and_counts_for_the_class() {
    let fence = BAN.replace(
        r#""Principal": {"AWS": "111111111111"}"#,
        r#""Principal": "*", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}"#,
    );
    let plan = planned_in(&registry(&fence), None, &["111111111111"]);
    assert!(plan.will_write() && !plan.blocked.is_empty() && !plan.is_denied());
    assert_eq!(
        plan.denied_words(),
        [
            "pull for account 111111111111 may be denied by statement 1 (Ban) of the registry policy, unless from organization \
          o-a1b2c3d4e5"
        ]
    );
    let public = planned_in(&registry(&fence), None, &["*"]);
    assert_eq!(public.class, Some(crate::policy::Class::Organization), "the fence stands in the registry policy");
    assert_eq!(planned_in(&RegistryPolicy::Absent, None, &["*"]).class, Some(crate::policy::Class::Public));
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

#[test]
fn removing_a_policy_that_the_registry_denies_anyway_takes_nothing_away() {
    let ban = BAN.replace("\"111111111111\"", "\"333333333333\"");
    let target = Target { registry: registry(&ban), ..target("vendorapp", Some(THEIRS)) };
    let plan = plan_text(&target, None, Some(&caller()));
    assert!(plan.delta.losses.is_empty(), "{plan:?}");
    let free = plan_text(&self::target("vendorapp", Some(THEIRS)), None, Some(&caller()));
    assert_eq!(free.delta.losses.len(), 1);
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

fn revoked(stored: Option<&str>, grantees: &[&str]) -> Planned {
    let grantees: Vec<Grantee> = grantees.iter().map(|g| Grantee::parse(g).unwrap()).collect();
    Baseline::of(target("vendorapp", stored)).plan_revoke(&grantees, RevokeOptions::default(), Some(&caller()))
}

#[test]
fn a_revoke_needs_no_flag_for_whoever_it_names_and_says_what_still_lets_them_in() {
    let plan = revoked(Some(THEIRS), &["333333333333"]);
    assert!(plan.will_write() && plan.text.is_none(), "{plan:?}");
    assert_eq!(words(&plan.delta.losses), ["account 333333333333"]);
    assert_eq!(needed_confirmation(std::slice::from_ref(&plan)), Confirmation::Plain);
    assert!(!plan.removal.unwrap().is_incomplete());
    let open = THEIRS.replace("\"arn:aws:iam::333333333333:root\"", "[\"333333333333\", \"*\"]");
    let plan = revoked(Some(&open), &["333333333333"]);
    let removal = plan.removal.as_ref().unwrap();
    assert!(removal.is_incomplete() && removal.still_words()[0].contains("lets everyone in"), "{removal:?}");
    let nothing = revoked(Some(THEIRS), &["444444444444"]);
    assert_eq!(nothing.verdict, Verdict::AlreadyGranted);
    assert!(nothing.in_words().contains("nothing to take out"), "{}", nothing.in_words());
    // The removal of a whole policy that names nobody in particular stays a danger.
    let deleted = plan_text(&target("vendorapp", Some(THEIRS)), None, Some(&caller()));
    assert_ne!(needed_confirmation(&[deleted]), Confirmation::Plain);
}

#[test]
fn plans_that_come_to_the_same_are_one_group_and_exceptions_lead() {
    let named = |name: &str, stored: Option<&str>| {
        plan_grant(&target(name, stored), &request(&["111111111111"], &[]), Some(&caller()))
    };
    let torn = named("torn", Some("{"));
    let all = [named("ab", None), named("cd", Some(THEIRS)), named("ef", Some(THEIRS)), torn, named("gh", None)];
    let groups: Vec<Vec<&str>> = group_plans(&all)
        .iter()
        .map(|g| std::iter::once(g.first).chain(g.others.iter().copied()).map(|p| p.repository.name.as_str()).collect())
        .collect();
    assert_eq!(groups, [vec!["torn"], vec!["ab", "gh"], vec!["cd", "ef"]]);
}

const DELETED: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Sid":"Mixed","Effect":"Allow","Principal":{"AWS":["AROAEXAMPLEEXAMPLEEX1","333333333333"]},"Action":"ecr:BatchGetImage"},
    {"Sid":"Gone","Effect":"Allow","Principal":{"AWS":"AIDAEXAMPLEEXAMPLEEX1"},"Action":"ecr:BatchGetImage"}]}"#;

#[test]
fn a_deleted_principal_that_blocks_the_save_goes_in_the_same_write_where_that_is_asked() {
    let asked = request(&["111111111111"], &[]);
    let baseline = || Baseline::of(target("vendorapp", Some(DELETED)));
    let refused = baseline().plan_request(&asked, Some(&caller()));
    assert!(matches!(refused.verdict, Verdict::Refused(_)), "{refused:?}");
    let plan = baseline().without_deleted().plan_request(&asked, Some(&caller()));
    assert!(plan.will_write() && plan.stored.as_deref() == Some(DELETED), "{plan:?}");
    let text = plan.text.as_deref().unwrap();
    assert!(
        !text.contains("AROA") && !text.contains("AIDA") && text.contains("Mixed") && !text.contains("Gone"),
        "{text}"
    );
    assert_eq!(plan.deleted.len(), 2, "{:?}", plan.deleted);
    // Nobody can use them: their removal is no loss to confirm.
    assert_eq!(needed_confirmation(&[plan]), Confirmation::Plain);
    let alone = DELETED.replace("333333333333", "AROAEXAMPLEEXAMPLEEX2");
    let emptied = Baseline::of(target("vendorapp", Some(&alone))).without_deleted();
    let granted = emptied.plan_request(&asked, Some(&caller()));
    assert!(granted.text.as_deref().is_some_and(|text| text.contains("EcrGrantPull")), "{granted:?}");
    let revoked = emptied.plan_revoke(&asked.grantees, RevokeOptions::default(), Some(&caller()));
    assert!(revoked.will_write() && revoked.text.is_none(), "{revoked:?}");
}

#[test]
fn a_text_that_only_its_layout_makes_too_long_is_laid_out_without_white_space() {
    let others: Vec<String> = (0..60).map(|n| format!("{}", 300_000_000_000_u64 + n)).collect();
    let statement = |sid: usize| {
        let ids: Vec<String> = others.iter().map(|id| format!("            \"{id}\"")).collect();
        format!(
            "    {{\n      \"Sid\": \"Team{sid}\",\n      \"Effect\": \"Allow\",\n      \"Principal\": {{\n          \"AWS\": [\n{}\n          ]\n      }},\n      \"Action\": \"ecr:BatchGetImage\"\n    }}",
            ids.join(",\n")
        )
    };
    let statements: Vec<String> = (0..6).map(statement).collect();
    let wide = format!("{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n{}\n  ]\n}}", statements.join(",\n"));
    let asked = request(&["111111111111"], &[]);
    let baseline = Baseline::of(target("vendorapp", Some(&wide)));
    assert!(matches!(baseline.plan_request(&asked, None).verdict, Verdict::TooLong(_)), "{}", wide.len());
    let plan = baseline.plan_request_to_fit(&asked, None);
    assert!(plan.will_write() && plan.is_compacted, "{}", plan.in_words());
    assert!(plan.in_words().contains("laid out without white space"), "{}", plan.in_words());
    let text = plan.text.as_deref().unwrap();
    assert!(text.chars().count() <= POLICY_LIMIT);
    assert_eq!(words(&plan.delta.gains), ["account 111111111111"]);
    assert!(plan.delta.losses.is_empty());
}

#[test]
fn accounts_that_nothing_makes_fit_are_offered_as_their_organization_where_that_fits() {
    let accounts: Vec<String> = (0..400).map(|n| (300_000_000_000_u64 + n).to_string()).collect();
    let named: Vec<&str> = accounts.iter().map(String::as_str).collect();
    let with = |stored: Option<&str>, grantees: &[&str]| {
        Baseline::of(target("vendorapp", stored)).plan_request_to_fit(&request(grantees, &[]), None)
    };
    for (stored, count) in [(None, 320), (Some(THEIRS), 500)] {
        let accounts: Vec<String> = (0..count).map(|n| (300_000_000_000_u64 + n).to_string()).collect();
        let named: Vec<&str> = accounts.iter().map(String::as_str).collect();
        let plan = with(stored, &named);
        assert!(matches!(plan.verdict, Verdict::TooLong(_)), "{:?}", plan.verdict);
        assert_eq!((plan.offers.len(), plan.organization_accounts), (0, Some(accounts.len())));
        assert!(
            plan.in_words().contains(&format!("if all {count} accounts are of one organization")),
            "{}",
            plan.in_words()
        );
        let longest = format!("o-{}", "a".repeat(32));
        assert!(with(stored, &[&longest]).will_write(), "what is offered fits");
        // A role is named beside them; it stays.
        let role = "arn:aws:iam::999988887777:role/deploy";
        let mixed = with(stored, &[&named[..], &[role]].concat());
        assert_eq!(mixed.organization_accounts, Some(accounts.len()));
    }
    // Few accounts fit; roles are no accounts; and what others have may leave no room for one statement more.
    assert_eq!(with(None, named.get(..100).unwrap()).organization_accounts, None);
    let roles: Vec<String> = accounts.iter().map(|id| format!("arn:aws:iam::{id}:role/deploy")).collect();
    let roles: Vec<&str> = roles.iter().map(String::as_str).collect();
    let plan = with(None, roles.get(..300).unwrap());
    assert!(matches!(plan.verdict, Verdict::TooLong(_)) && plan.organization_accounts.is_none());
    let full = THEIRS.replace("Theirs", &"x".repeat(POLICY_LIMIT - THEIRS.len() - 50));
    let plan = with(Some(&full), named.get(..50).unwrap());
    assert!(matches!(plan.verdict, Verdict::TooLong(_)), "{:?}", plan.verdict);
    assert_eq!(plan.organization_accounts, None, "{}", plan.in_words());
}
