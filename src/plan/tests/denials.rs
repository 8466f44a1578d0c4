//! Plans that a Deny voids, and plans that would lock the caller out.

use super::*;

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
            assert_eq!(words == sure, is_sure, "{round} {deny}: {words}");
            // What is not sure of all calls says of which it is.
            let is_told = words.is_empty() || words.contains("is blocked by statement 1 (Ban) for calls ");
            assert!(is_sure || is_told, "{round} {deny}: {words}");
            let side = plan.owner_side().unwrap();
            assert_eq!(side.is_done(), words.is_empty(), "{round} {deny}: {side:?}");
            assert!(words.is_empty() || side.words() == format!("owner side not done: {words}"), "{side:?}");
            // As it would be stored by other means, then asked for again.
            plan = planned(plan.text.as_deref(), &["111111111111"], &[]);
        }
    }
    let fenced = with(
        r#"{"Sid":"Net","Effect":"Deny","Principal":"*","Action":"ecr:*","Condition":{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}}"#,
    );
    let plan = planned(Some(&fenced), &["111111111111"], &[]);
    let words = plan.denied_words().join("; ");
    let reach = "is blocked by statement 1 (Net) for calls that do not come through VPC endpoint vpce-1";
    assert!(words.contains(reach), "{words}");
}

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
        ["pull for account 111111111111 is blocked by statement 1 (Ban) of the registry policy for calls that do not \
             come from organization o-a1b2c3d4e5"]
    );
    let public = planned_in(&registry(&fence), None, &["*"]);
    assert_eq!(public.class, Some(crate::policy::Class::Organization), "the fence stands in the registry policy");
    assert_eq!(planned_in(&RegistryPolicy::Absent, None, &["*"]).class, Some(crate::policy::Class::Public));
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

#[test]
fn a_deny_of_some_callers_or_actions_names_them() {
    let role = "arn:aws:iam::111111111111:role/ci";
    let cases = [
        (
            format!(r#""Principal":{{"AWS":"{role}"}},"Action":"ecr:*""#),
            format!("pull for account 111111111111 is blocked by statement 1 (Ban) for calls by {role}"),
        ),
        (
            format!(
                r#""Principal":{{"AWS":"{role}"}},"Action":"ecr:BatchGetImage",
                "Condition":{{"StringNotEquals":{{"aws:SourceVpc":"vpc-1"}}}}"#
            ),
            format!(
                "BatchGetImage for account 111111111111 is blocked by statement 1 (Ban) for calls by {role} that do not \
                 come from VPC vpc-1"
            ),
        ),
    ];
    for (deny, words) in cases {
        let stored = with(&format!(r#"{{"Sid":"Ban","Effect":"Deny",{deny}}}"#));
        assert_eq!(planned(Some(&stored), &["111111111111"], &[]).denied_words(), [words]);
    }
}

#[test]
fn the_owners_side_is_unchanged_or_unproved_where_it_is() {
    let allow = r#"{"Effect":"Allow","Principal":{"AWS":"333333333333"},"Action":"ecr:BatchGetImage"},"#;
    let twice = THEIRS.replacen("\"Statement\": [", &format!("\"Statement\": [{allow}"), 1);
    let same = plan_text(&target("vendorapp", Some(THEIRS)), Some(twice), Some(&caller()));
    assert!(same.will_write(), "{same:?}");
    assert_eq!(same.owner_side(), Some(OwnerSide::Unchanged));
    let unread = planned_in(&RegistryPolicy::Unreadable("the role may not".to_owned()), None, &["111111111111"]);
    assert!(matches!(unread.owner_side(), Some(OwnerSide::Unproved(reasons)) if reasons.len() == 1));
    assert_eq!(revoked(Some(THEIRS), &["333333333333"]).owner_side(), None, "nothing is granted");
}

#[test]
fn a_gain_of_everyone_is_a_danger_and_one_that_a_deny_may_take_is_no_success() {
    let tones = |plan: &Planned| -> Vec<GainTone> {
        plan.delta.gains.iter().map(|gain| gain_tone(gain, &plan.blocked)).collect()
    };
    assert_eq!(tones(&planned(None, &["*"], &[])), [GainTone::Danger]);
    assert_eq!(tones(&planned(None, &["111111111111"], &[])), [GainTone::Plain]);
    let fence = r#"{"Sid":"Net","Effect":"Deny","Principal":{"AWS":"111111111111"},"Action":"ecr:*",
        "Condition":{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}}"#;
    let half = planned(Some(&with(fence)), &["111111111111", "444444444444"], &[]);
    for gain in &half.delta.gains {
        let is_fenced = gain.who.words() == "account 111111111111";
        let expected = if is_fenced { GainTone::HeldBack } else { GainTone::Plain };
        assert_eq!(gain_tone(gain, &half.blocked), expected, "{gain:?}");
    }
    assert_eq!(half.delta.gains.len(), 2);
}
