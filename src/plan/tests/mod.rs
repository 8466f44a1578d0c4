//! Plans on policies as they are found.

mod confirming;
mod denials;
mod existing;

use super::*;
use crate::ecr::{
    AccessEnd, AccountId, Arn, Grantee, Identity, OwnerSide, Ownership, POLICY_LIMIT, Region, RepositoryName,
    RepositoryRef, action, recipe,
};
use crate::policy::explain::change_words;
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
    Target {
        repository: repository(name),
        stored: stored.map(str::to_owned),
        registry: RegistryPolicy::NotAsked,
        now: None,
    }
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
        until: None,
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

const BAN: &str = r#"{"Sid": "Ban", "Effect": "Deny", "Principal": {"AWS": "111111111111"}, "Action": "ecr:*",
    "Resource": "arn:aws:ecr:eu-west-2:222222222222:repository/vendor*"}"#;

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
fn a_grant_with_an_end_says_how_long_whoever_has_it_already_has_it() {
    let until = |stored: Option<&str>, grantees: &[&str], date: &str| {
        let request = Request { until: AccessEnd::read_value(&format!("{date}T23:59:59Z")), ..request(grantees, &[]) };
        plan_grant(&target("vendorapp", stored), &request, Some(&caller()))
    };
    let vendor = ["111111111111"];
    let first = until(Some(THEIRS), &vendor, "2027-03-31");
    assert_eq!(words(&first.delta.gains), ["account 111111111111"]);
    assert!(change_words(&first.delta.gains[0]).ends_with("until 2027-03-31 23:59 UTC"), "{:?}", first.delta);
    let text = first.text.unwrap();
    for date in ["2027-01-31", "2027-03-31"] {
        let again = until(Some(&text), &vendor, date);
        assert_eq!(again.in_words(), "already granted, until 2027-03-31 23:59 UTC: nothing to write", "{date}");
    }
    // A later date moves the end: the same statement, and a gain in words.
    let later = until(Some(&text), &vendor, "2027-06-30");
    assert_eq!(later.text.as_deref(), Some(text.replace("2027-03-31", "2027-06-30").as_str()));
    assert!(later.will_write() && later.delta.losses.is_empty(), "{later:?}");
    assert!(change_words(&later.delta.gains[0]).ends_with("until 2027-06-30 23:59 UTC"), "{:?}", later.delta);
    let forever = planned(Some(&text), &vendor, &[]).text.unwrap();
    let never = until(Some(&forever), &vendor, "2027-12-31");
    assert_eq!(never.in_words(), "nothing would change: the access is there, without an end");
    // Of two the one whose access ends sooner counts.
    let two = until(Some(&forever), &["111111111111", "444444444444"], "2027-03-31").text.unwrap();
    let both = until(Some(&two), &["111111111111", "444444444444"], "2027-02-28");
    assert_eq!(both.lasts, Some(Lasting::Until(AccessEnd::read_value("2027-03-31T23:59:59Z").unwrap())));
    assert!(!planned(Some(&text), &vendor, &[]).in_words().contains("until"));
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

fn with(statements: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
}

/// A registry policy with these statements.
fn registry(statements: &str) -> RegistryPolicy {
    RegistryPolicy::of(Some(&format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#)))
}

fn planned_in(registry: &RegistryPolicy, stored: Option<&str>, grantees: &[&str]) -> Planned {
    let target = Target { registry: registry.clone(), ..target("vendorapp", stored) };
    plan_grant(&target, &request(grantees, &[]), Some(&caller()))
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
