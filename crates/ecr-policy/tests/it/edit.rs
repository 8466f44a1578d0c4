//! The laws of grant and revoke, held against made up policies, oddly laid out ones and the evaluator. `ECR_GRANT_LONG=1`
//! runs many more cases.

use std::collections::HashSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use ecr_policy::access::given;
use ecr_policy::canonical::same_meaning;
use ecr_policy::delta::delta;
use ecr_policy::ecr::{Arn, Grantee, recipe};
use ecr_policy::edit::{RevokeOptions, Why, grant, narrow_statements, revoke};
use ecr_policy::evaluate::{self, Answer, Caller, IdentityPolicies, evaluate};
use ecr_policy::lint::{apply_fix, check};
use ecr_policy::syntax::tokens;
use ecr_policy::{CheckOptions, Condition, Effect, Fix, Policy, Wanted, WantedPrincipals};

const ORG_A: &str = "o-aaaaaaaaaa";
const ORG_B: &str = "o-bbbbbbbbbb";
const UNIT: &str = "o-aaaaaaaaaa/r-ab12/ou-ab12-11111111/";

fn cases(short: u32) -> ProptestConfig {
    crate::cases::cases(short, short * 20)
}

/// One who asks, with all that is true of it.
struct Asker {
    caller: &'static str,
    /// The account of the caller, or of the resource that a service acts for.
    account: &'static str,
    organization: Option<&'static str>,
    path: Option<&'static str>,
}

const ASKERS: &[Asker] = &[
    Asker::of("arn:aws:iam::111111111111:root", "111111111111"),
    Asker::of("arn:aws:iam::111111111111:role/ci", "111111111111"),
    Asker::of("arn:aws:iam::111111111111:user/ana", "111111111111"),
    Asker::of("arn:aws:sts::111111111111:assumed-role/ci/run", "111111111111"),
    Asker::of("arn:aws:iam::333333333333:role/ci", "333333333333"),
    Asker::of("arn:aws:iam::333333333333:root", "333333333333"),
    Asker::of("arn:aws:iam::444444444444:role/x", "444444444444"),
    Asker::of("lambda.amazonaws.com", "111111111111"),
    Asker::of("lambda.amazonaws.com", "333333333333"),
    Asker::of("codebuild.amazonaws.com", "444444444444"),
];

impl Asker {
    const fn of(caller: &'static str, account: &'static str) -> Self {
        let (organization, path) = match account.as_bytes() {
            [b'1', ..] => (Some(ORG_A), Some(UNIT)),
            [b'3', ..] => (Some(ORG_B), Some("o-bbbbbbbbbb/r-cd34/")),
            _ => (None, None),
        };
        Self { caller, account, organization, path }
    }

    fn is_service(&self) -> bool {
        !self.caller.starts_with("arn:")
    }

    /// Whether what it asks for is asked by, within or on behalf of a grantee.
    fn is_of(&self, grantee: &Grantee) -> bool {
        let session_of = |arn: &Arn| {
            let name = arn.resource.rsplit('/').next().unwrap();
            self.caller.contains(&format!("::{}:assumed-role/{name}/", arn.account))
        };
        match grantee {
            Grantee::Account { id, .. } => self.account == id.as_str(),
            Grantee::Role(arn) => !self.is_service() && (self.caller == arn.to_string() || session_of(arn)),
            Grantee::User(arn) | Grantee::Session(arn) => self.caller == arn.to_string(),
            Grantee::Organization(id) => self.organization == Some(id.as_str()),
            Grantee::OrgUnit(unit) => self.path.is_some_and(|path| path.starts_with(unit.as_str())),
            Grantee::Service(name) => self.caller == name,
            Grantee::Everyone => true,
        }
    }

    fn may(&self, policy: &Policy, action: &str) -> bool {
        let caller = Caller::parse(self.caller, ecr_policy::ecr::Partition::Aws).unwrap();
        let mut context = Vec::new();
        let mut add = |key: &str, value: String| context.push((key.to_owned(), vec![value]));
        if self.is_service() {
            let service = self.caller.split('.').next().unwrap();
            add("aws:sourceaccount", self.account.to_owned());
            add("aws:sourcearn", format!("arn:aws:{service}:eu-west-2:{}:function:resize", self.account));
            self.organization.into_iter().for_each(|id| add("aws:sourceorgid", id.to_owned()));
            self.path.into_iter().for_each(|path| add("aws:sourceorgpaths", path.to_owned()));
        } else {
            add("aws:principalaccount", self.account.to_owned());
            let is_role_ci = self.caller.contains("assumed-role/ci/");
            let arn = format!("arn:aws:iam::{}:role/ci", self.account);
            add("aws:principalarn", if is_role_ci { arn } else { self.caller.to_owned() });
            self.organization.into_iter().for_each(|id| add("aws:principalorgid", id.to_owned()));
            self.path.into_iter().for_each(|path| add("aws:principalorgpaths", path.to_owned()));
        }
        add("aws:sourceip", "203.0.113.7".to_owned());
        let request = evaluate::Request {
            caller,
            action: action.to_owned(),
            repository: Arn::parse("arn:aws:ecr:eu-west-2:555555555555:repository/vendorapp").unwrap(),
            identity: IdentityPolicies::All,
            context,
            lacks_path: false,
        };
        evaluate(policy, &request).answer == Answer::Allow
    }
}

/// Who may do what under a policy, among those who ask.
fn allowed(text: Option<&str>) -> HashSet<(usize, &'static str)> {
    let Some(policy) = text.map(|t| Policy::read(t).unwrap()) else { return HashSet::new() };
    let all = ASKERS.iter().enumerate().flat_map(|(i, _)| ["BatchGetImage", "PutImage"].map(|action| (i, action)));
    all.filter(|(i, action)| ASKERS[*i].may(&policy, action)).collect()
}

fn grantee() -> impl Strategy<Value = Grantee> {
    prop::sample::select(vec![
        "111111111111",
        "333333333333",
        "555555555555",
        "arn:aws:iam::111111111111:role/ci",
        "arn:aws:iam::333333333333:role/ci",
        "arn:aws:iam::111111111111:user/ana",
        "arn:aws:sts::111111111111:assumed-role/ci/run",
        ORG_A,
        ORG_B,
        UNIT,
        "lambda.amazonaws.com",
        "*",
    ])
    .prop_map(|text| Grantee::parse(text).unwrap())
}

/// A principal element in any of its forms.
fn principal_element() -> impl Strategy<Value = Value> {
    let entry = prop::sample::select(vec![
        "111111111111",
        "arn:aws:iam::111111111111:root",
        "333333333333",
        "arn:aws:iam::111111111111:role/ci",
        "arn:aws:iam::333333333333:role/ci",
        "arn:aws:iam::111111111111:user/ana",
        "arn:aws:sts::111111111111:assumed-role/ci/run",
        "*",
    ]);
    let list = || prop::collection::vec(entry.clone(), 1..5);
    let service = prop::sample::select(vec!["lambda.amazonaws.com", "codebuild.amazonaws.com"]);
    prop_oneof![
        2 => Just(json!("*")),
        1 => entry.clone().prop_map(|one| json!({ "AWS": one })),
        3 => list().prop_map(|all| json!({ "AWS": all })),
        2 => service.clone().prop_map(|one| json!({ "Service": one })),
        1 => (list(), service).prop_map(|(all, one)| json!({ "AWS": all, "Service": [one] })),
    ]
}

fn condition_block() -> impl Strategy<Value = Value> {
    let of = |operators: Vec<&'static str>, key: &'static str, values: Vec<&'static str>| {
        let most = values.len();
        let chosen = (prop::sample::select(operators), prop::sample::subsequence(values, 1..=most), any::<bool>());
        chosen.prop_map(move |(operator, values, single)| match values.as_slice() {
            [only] if single => json!({ operator: { key: only } }),
            many => json!({ operator: { key: many } }),
        })
    };
    let text = || vec!["StringEquals", "StringLike", "StringEqualsIfExists", "StringNotEquals"];
    let one = prop_oneof![
        of(text(), "aws:PrincipalOrgID", vec![ORG_A, ORG_B, "o-*"]),
        of(
            vec!["ForAnyValue:StringLike"],
            "aws:PrincipalOrgPaths",
            vec!["o-aaaaaaaaaa/r-ab12/ou-ab12-11111111/*", "o-bbbbbbbbbb/*"]
        ),
        of(text(), "aws:PrincipalAccount", vec!["111111111111", "333333333333", "444444444444"]),
        of(
            vec!["ArnLike", "ArnNotLike", "StringEquals"],
            "aws:PrincipalArn",
            vec![
                "arn:aws:iam::111111111111:role/ci",
                "arn:aws:iam::333333333333:role/*",
                "arn:aws:iam::444444444444:role/x"
            ]
        ),
        of(text(), "aws:sourceAccount", vec!["111111111111", "333333333333"]),
        of(
            vec!["ArnLike", "StringLike"],
            "aws:SourceArn",
            vec!["arn:aws:lambda:eu-west-2:111111111111:function:*", "arn:aws:lambda:*:333333333333:function:*"]
        ),
        of(text(), "aws:SourceOrgID", vec![ORG_A, ORG_B]),
        Just(json!({ "IpAddress": { "aws:SourceIp": "203.0.113.0/24" } })),
    ];
    (prop::collection::vec(one, 0..3), any::<bool>()).prop_map(|(blocks, often)| {
        let mut all = json!({});
        for block in blocks.into_iter().take(if often { 2 } else { 1 }) {
            for (operator, keys) in block.as_object().unwrap() {
                for (key, values) in keys.as_object().unwrap() {
                    all[operator][key] = values.clone();
                }
            }
        }
        all
    })
}

fn statement() -> impl Strategy<Value = Value> {
    let sid = prop::option::of(prop::sample::select(vec!["EcrGrantPull", "Other", "LambdaECRImageRetrievalPolicy"]));
    let action = prop::sample::select(vec![
        json!("ecr:*"),
        json!(["ecr:BatchGetImage"]),
        json!(["ecr:PutImage", "ecr:BatchGetImage"]),
    ]);
    (sid, 0..6, principal_element(), action, condition_block()).prop_map(|(sid, kind, who, action, block)| {
        let mut s = serde_json::Map::new();
        if let Some(sid) = sid {
            s.insert("Sid".into(), sid.into());
        }
        s.insert("Effect".into(), if kind == 0 { "Deny" } else { "Allow" }.into());
        let element = if kind == 1 { "NotPrincipal" } else { "Principal" };
        s.insert(element.into(), who);
        s.insert("Action".into(), action);
        if block.as_object().is_some_and(|b| !b.is_empty()) {
            s.insert("Condition".into(), block);
        }
        s.into()
    })
}

/// The tokens of a text with blanks between them as the dice fall.
fn by_a_strange_hand(text: &str, dice: &[u8]) -> String {
    let blanks = ["", "", "", " ", "\n", "\r\n", "\t", "  \n\t", "\n\n"];
    let dice = dice.iter().cycle().map(|die| blanks[usize::from(*die) % blanks.len()]);
    tokens(text).iter().zip(dice).flat_map(|(token, blank)| [token.span.text_in(text), blank]).collect()
}

/// Policies of many statements, laid out neatly or by a strange hand.
fn policy() -> impl Strategy<Value = String> {
    let dice = prop::collection::vec(any::<u8>(), 1..200);
    (prop::collection::vec(statement(), 1..5), 0..6, dice).prop_map(|(statements, manner, dice)| {
        let statement = if manner == 0 { statements[0].clone() } else { statements.into() };
        let value = json!({ "Version": "2012-10-17", "Statement": statement });
        match manner {
            1 => value.to_string(),
            2 => serde_json::to_string_pretty(&value).unwrap().replace('\n', "\r\n").replace("  ", "\t"),
            3 | 4 => by_a_strange_hand(&value.to_string(), &dice),
            _ => serde_json::to_string_pretty(&value).unwrap(),
        }
    })
}

/// What a grantee is asked for; sources and organizations as `plan` words them.
fn wanted(grantee: &Grantee, action: &str) -> Wanted {
    let condition = |operator: &str, key: &str, value: String| {
        vec![Condition { operator: operator.to_owned(), key: key.to_owned(), values: vec![value] }]
    };
    let star = WantedPrincipals::Aws(vec!["*".to_owned()]);
    let (principals, conditions) = match grantee {
        Grantee::Organization(id) => (star, condition("StringEquals", "aws:PrincipalOrgID", id.clone())),
        Grantee::OrgUnit(path) => {
            (star, condition("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", format!("{path}*")))
        }
        Grantee::Service(name) => (
            WantedPrincipals::Service(vec![name.clone()]),
            condition("StringEquals", "aws:SourceAccount", "222222222222".to_owned()),
        ),
        Grantee::Account { id, .. } => (WantedPrincipals::Aws(vec![format!("arn:aws:iam::{id}:root")]), vec![]),
        other => (WantedPrincipals::Aws(vec![other.to_string()]), vec![]),
    };
    Wanted { sid: "EcrGrantPull".to_owned(), principals, actions: vec![action.to_owned()], conditions }
}

fn stops(text: &str) -> usize {
    check(text, &CheckOptions::default()).iter().filter(|f| f.stops).count()
}

fn options() -> impl Strategy<Value = RevokeOptions> {
    any::<(bool, bool)>().prop_map(|(and_principals, own)| RevokeOptions { and_principals, and_lambdas_own: own })
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn after_a_revoke_only_the_grantees_lost_anything_and_what_they_keep_is_named(
        text in policy(), grantees in prop::collection::vec(grantee(), 1..3), options in options()
    ) {
        let revoked = revoke(Some(&text), &grantees, options).unwrap();
        prop_assert_eq!(revoked.changed, revoked.text.as_deref() != Some(text.as_str()));
        let (before, after) = (allowed(Some(&text)), allowed(revoked.text.as_deref()));
        prop_assert!(after.is_subset(&before), "somebody gained: {:?}", revoked.text);
        for (i, action) in before.difference(&after) {
            prop_assert!(grantees.iter().any(|g| ASKERS[*i].is_of(g)), "{} lost {action}: {:?}", ASKERS[*i].caller, revoked.text);
        }
        for (i, action) in &after {
            for grantee in grantees.iter().filter(|g| ASKERS[*i].is_of(g)) {
                // Which accounts are in an organization is not in the text.
                let in_the_text =
                    !matches!(grantee, Grantee::Organization(_) | Grantee::OrgUnit(_) | Grantee::Everyone);
                let told = revoked.still.iter().any(|s| s.grantee == *grantee)
                    || revoked.left.iter().any(|left| left.why == Why::LambdasOwn);
                prop_assert!(told || !in_the_text, "{} keeps {action} untold: {revoked:?}", ASKERS[*i].caller);
            }
        }
    }

    #[test]
    fn a_revoke_touches_nothing_else_and_twice_is_once(
        text in policy(), grantees in prop::collection::vec(grantee(), 1..3), options in options()
    ) {
        let revoked = revoke(Some(&text), &grantees, options).unwrap();
        let old = Policy::read(&text).unwrap();
        let Some(new_text) = &revoked.text else {
            prop_assert_eq!(revoked.emptied.len(), old.statements.len());
            return Ok(());
        };
        prop_assert!(serde_json::from_str::<Value>(new_text).is_ok(), "{new_text}");
        prop_assert!(stops(new_text) <= stops(&text), "{new_text}");
        let new = Policy::read(new_text).unwrap();
        let stay: Vec<usize> = (0..old.statements.len()).filter(|at| !revoked.emptied.contains(at)).collect();
        prop_assert_eq!(stay.len(), new.statements.len());
        for (now, before) in stay.iter().enumerate() {
            let (was, is) = (old.statements[*before].span.text_in(&text), new.statements[now].span.text_in(new_text));
            prop_assert_eq!(was == is, !revoked.touched.contains(&now));
            if old.statements[*before].effect == Effect::Deny {
                prop_assert_eq!(was, is);
            }
        }
        // Only deletions: what is left is there, in order.
        let mut there = text.chars();
        prop_assert!(new_text.chars().all(|c| there.any(|d| d == c)), "{new_text}");
        let again = revoke(Some(new_text), &grantees, options).unwrap();
        prop_assert!(!again.changed, "{new_text}\n{again:?}");
        prop_assert_eq!((again.still, again.left), (revoked.still, revoked.left));
    }

    #[test]
    fn a_revoke_of_somebody_new_gives_the_bytes_from_before_a_grant_back(text in policy(), grantee in grantee(), push in any::<bool>()) {
        let everything = RevokeOptions { and_lambdas_own: true, ..RevokeOptions::default() };
        prop_assume!(!revoke(Some(&text), std::slice::from_ref(&grantee), everything).unwrap().changed);
        let wanted = wanted(&grantee, if push { "ecr:PutImage" } else { "ecr:BatchGetImage" });
        let granted = grant(Some(&text), std::slice::from_ref(&wanted)).unwrap();
        let back = revoke(Some(&granted.text), std::slice::from_ref(&grantee), RevokeOptions::default()).unwrap();
        let back = back.text.unwrap();
        if Policy::read(&text).unwrap().statement_is_list {
            prop_assert_eq!(&back, &text);
        } else {
            prop_assert!(same_meaning(&back, &text), "{back}");
        }
        let first = grant(None, &[wanted]).unwrap().text;
        prop_assert_eq!(revoke(Some(&first), &[grantee], RevokeOptions::default()).unwrap().text, None);
    }

    #[test]
    fn narrowing_gives_nobody_anything_and_leaves_everybody_the_pull(text in policy()) {
        let pull = recipe::find_recipe("pull").unwrap();
        let all: Vec<usize> = (0..Policy::read(&text).unwrap().statements.len()).collect();
        let narrowed = narrow_statements(&text, &all, pull).unwrap();
        let (before, after) = (allowed(Some(&text)), allowed(Some(&narrowed.text)));
        prop_assert!(after.is_subset(&before), "somebody gained: {}", narrowed.text);
        for (i, action) in before.difference(&after) {
            prop_assert!(*action != "BatchGetImage", "{} lost the pull: {}", ASKERS[*i].caller, narrowed.text);
        }
        prop_assert!(stops(&narrowed.text) <= stops(&text), "{}", narrowed.text);
        let left: Vec<usize> = (0..Policy::read(&narrowed.text).unwrap().statements.len()).collect();
        prop_assert!(!narrow_statements(&narrowed.text, &left, pull).unwrap().has_changed(), "{}", narrowed.text);
        let edits = narrowed.edits.into_iter();
        let fix = Fix { title: String::new(), changes_access: true, edits: edits.collect() };
        prop_assert_eq!(apply_fix(&text, &fix), narrowed.text);
    }

    #[test]
    fn after_a_grant_the_grantee_has_it_or_the_deny_is_named_and_nobody_else_changes(
        text in policy(), grantee in grantee(), push in any::<bool>()
    ) {
        let action = if push { "PutImage" } else { "BatchGetImage" };
        let wanted = wanted(&grantee, &format!("ecr:{action}"));
        let granted = grant(Some(&text), std::slice::from_ref(&wanted)).unwrap();
        let (before, after) = (allowed(Some(&text)), allowed(Some(&granted.text)));
        prop_assert!(before.is_subset(&after), "somebody lost: {}", granted.text);
        for (i, gained) in after.difference(&before) {
            prop_assert!(ASKERS[*i].is_of(&grantee) && *gained == action, "{} gained: {}", ASKERS[*i].caller, granted.text);
        }
        let new = Policy::read(&granted.text).unwrap();
        let rows = given(&new, &wanted);
        let named = rows.iter().filter(|r| r.actions == [action]).count();
        prop_assert!(named == 1 || (named == 0 && !granted.changed), "{}", granted.text);
        let blocked = rows.iter().any(|row| !row.blocked.is_empty());
        for (i, asker) in ASKERS.iter().enumerate().filter(|(_, a)| a.is_of(&grantee) && !a.is_service()) {
            prop_assert!(blocked || after.contains(&(i, action)), "{} may not: {}", asker.caller, granted.text);
        }
        prop_assert!(delta(Some(&Policy::read(&text).unwrap()), Some(&new)).losses.is_empty());
        let again = grant(Some(&granted.text), &[wanted]).unwrap();
        prop_assert!(!again.changed, "{}", granted.text);
    }
}

/// The laws over the sample policies, those that can be read.
#[test]
fn the_laws_hold_over_the_sample_policies() {
    let grantee = Grantee::parse("987654321098").unwrap();
    let wanted = [wanted(&grantee, "ecr:BatchGetImage")];
    let mut held = 0;
    for line in include_str!("../cases/policies.jsonl").lines() {
        let sample: Value = serde_json::from_str(line).unwrap();
        let (id, text) = (sample["id"].as_str().unwrap(), sample["text"].as_str().unwrap());
        let (Ok(before), Ok(edited)) = (Policy::read(text), grant(Some(text), &wanted)) else { continue };
        let after = Policy::read(&edited.text).unwrap();
        assert!(!grant(Some(&edited.text), &wanted).unwrap().changed, "{id}: granted twice");
        let change = delta(Some(&before), Some(&after));
        assert!(change.losses.is_empty(), "{id}: {change:?}");
        let is_grantees = |text: &str| text.contains("987654321098");
        assert!(change.gains.iter().all(|gain| is_grantees(&format!("{:?}", gain.who))), "{id}: {change:?}");
        for (at, statement) in before.statements.iter().enumerate() {
            let kept = after.statements.get(at).unwrap().span.text_in(&edited.text);
            let touched = edited.touched.contains(&at);
            assert!(touched || kept == statement.span.text_in(text), "{id}: statement {at} was touched");
        }
        if edited.changed && !text.contains("987654321098") {
            let revoked = revoke(Some(&edited.text), std::slice::from_ref(&grantee), RevokeOptions::default()).unwrap();
            let back = revoked.text.unwrap_or_else(|| panic!("{id}: all of it went"));
            assert!(back == text || same_meaning(&back, text), "{id}: {back}");
        }
        held += 1;
    }
    assert!(held > 50, "{held}");
}
