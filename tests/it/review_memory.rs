//! What a review remembers: known accounts, accepted findings, an earlier review; and what one grantee reaches.

use std::collections::{BTreeMap, BTreeSet};

use ecr_grant::ecr::action::repository_level;
use ecr_grant::policy::evaluate::{Answer, IdentityPolicies, Request, evaluate};
use ecr_grant::policy::{Effect, Policy};
use serde_json::{Value, json};

use super::review::{PULL, ReviewHome, allow, exit_code, policy_of, read_lines, review_demo};

fn finding_ids(line: &Value) -> Vec<&str> {
    line["findings"].as_array().unwrap().iter().map(|finding| finding["id"].as_str().unwrap()).collect()
}

fn sample_home() -> ReviewHome {
    let build = allow(&json!({"Service": "codebuild.amazonaws.com"}), &json!({}));
    ReviewHome::of_policies(&[
        ("build".to_owned(), policy_of(&build)),
        (
            "vendor".to_owned(),
            policy_of(&allow(&json!({"AWS": ["111111111111", "arn:aws:iam::333333333333:role/ci"]}), &json!({}))),
        ),
        ("own".to_owned(), policy_of(&allow(&json!({"AWS": "arn:aws:iam::222222222222:role/ci"}), &json!({})))),
        (
            "org".to_owned(),
            policy_of(&allow(&json!("*"), &json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}))),
        ),
        (
            "behalf".to_owned(),
            policy_of(&allow(
                &json!({"Service": "codebuild.amazonaws.com"}),
                &json!({"StringEquals": {"aws:SourceAccount": "444444444444"}}),
            )),
        ),
    ])
}

#[test]
fn who_is_not_among_the_known_is_told_and_nobody_else() {
    let home = sample_home();
    let unknown = |known: &str| {
        home.write("known.csv", known);
        let lines = read_lines(&home.review(&["--format", "jsonl", "--known", "known.csv"]).stdout);
        let mut found: Vec<String> = lines
            .iter()
            .flat_map(|line| line["findings"].as_array().unwrap())
            .filter(|finding| finding["id"] == "R401")
            .map(|finding| finding["message"].as_str().unwrap().split(" is not known").next().unwrap().to_owned())
            .collect();
        found.sort();
        found
    };
    assert_eq!(
        unknown("id,label\n999999999999,nobody here\n"),
        [
            "account 111111111111",
            "organization o-a1b2c3d4e5",
            "role ci of 333333333333",
            "service codebuild.amazonaws.com on behalf of account 444444444444, which"
        ]
    );
    assert_eq!(
        unknown("111111111111,a vendor\no-a1b2c3d4e5\n444444444444\narn:aws:iam::333333333333:role/ci\n"),
        [""; 0]
    );
    assert_eq!(unknown("111111111111\no-a1b2c3d4e5\n444444444444\n"), ["role ci of 333333333333"]);
    let lines = read_lines(&home.review(&["--format", "jsonl"]).stdout);
    assert!(lines.iter().all(|line| !finding_ids(line).contains(&"R401")), "without a list nobody is unknown");
    // The accounts that the configuration names are a list too.
    home.write("names.toml", "[accounts]\n\"111111111111\" = \"Release\"\n");
    let lines = read_lines(&home.review(&["--format", "jsonl", "--config", "names.toml"]).stdout);
    let told: Vec<&str> = lines
        .iter()
        .flat_map(|line| line["findings"].as_array().unwrap())
        .filter(|finding| finding["id"] == "R401")
        .map(|finding| finding["message"].as_str().unwrap())
        .collect();
    assert!(told.len() == 3 && told.iter().all(|message| !message.contains("111111111111")), "{told:?}");
    home.write("known.csv", "not a grantee\n");
    home.served.service.forget_calls();
    assert_eq!(exit_code(&home.review(&["--known", "known.csv"])), 2);
    assert!(home.served.service.recorded_calls().is_empty(), "told before anybody is asked");
}

#[test]
fn an_accepted_finding_fails_nothing_until_it_ends_or_another_joins() {
    let home = sample_home();
    let accept = |text: &str| {
        home.write("accepted.toml", text);
        home.review(&["--accepted", "accepted.toml", "--format", "jsonl"])
    };
    assert_eq!(exit_code(&home.review(&[])), 1);
    let entry = |fields: &str| {
        format!(
            "[[accepted]]\nfinding = \"service-without-source\"\nrepository = \"bui*\"\nreason = \"ours\"\nwho = \"ana\"\n{fields}\n"
        )
    };
    for fields in
        ["", "until = 2999-12-31", "until = \"2999-12-31\"", "statement = 1", "grantee = \"codebuild.amazonaws.com\""]
    {
        let accepted = accept(&entry(fields));
        assert_eq!(exit_code(&accepted), 0, "{fields}: {}", accepted.stderr);
        let lines = read_lines(&accepted.stdout);
        let line = lines.iter().find(|line| line["repository"] == "build").unwrap();
        let until = if fields.contains("2999") { json!("2999-12-31") } else { Value::Null };
        assert_eq!(line["findings"][0]["accepted"], json!({"reason": "ours", "who": "ana", "until": until}));
    }
    for fields in ["until = 2001-01-01", "statement = 2", "grantee = \"lambda.amazonaws.com\""] {
        assert_eq!(exit_code(&accept(&entry(fields))), 1, "{fields}");
    }
    assert!(accept(&entry("until = 2001-01-01")).stderr.contains("counts again: ana accepted it until 2001-01-01"));
    let other = accept(&entry("").replace("bui*", "gone"));
    assert_eq!(exit_code(&other), 1);
    assert!(other.stderr.contains("service-without-source in gone is accepted and not found"), "{}", other.stderr);
    // Another grantee in the same statement was not accepted.
    let joined = allow(&json!({"Service": ["codebuild.amazonaws.com", "ecs.amazonaws.com"]}), &json!({}));
    home.store("build", Some(&policy_of(&joined)));
    assert_eq!(exit_code(&accept(&entry("grantee = \"codebuild.amazonaws.com\""))), 1);
    for (wrong, words) in [
        ("[[accepted]]\nfinding = \"S105\"\n", "missing field"),
        (&entry("until = \"soon\""), "which is no day"),
        (&entry("untill = 2999-01-01"), "unknown field"),
        (&entry("").replace("\"ours\"", "\" \""), "`reason` is empty"),
        ("accepted = [", "no list of accepted findings"),
        ("{\"accepted\": 1}", "no list of accepted findings"),
    ] {
        let refused = accept(wrong);
        assert_eq!(exit_code(&refused), 2, "{wrong}: {}", refused.stderr);
        assert!(refused.stderr.contains(words), "{wrong}: {}", refused.stderr);
    }
    let as_json = json!({"accepted": [{"finding": "S105", "repository": "build", "reason": "r", "who": "w"}]});
    assert_eq!(exit_code(&accept(&as_json.to_string())), 0);
}

/// Tells whether a request of a change is allowed under a policy.
fn is_allowed(policy: &Value, witness: &Value) -> bool {
    let text = |name: &str| witness[name].as_str().unwrap();
    let identity = if text("identity") == "all" { IdentityPolicies::All } else { IdentityPolicies::None };
    let values = |value: &Value| match value {
        Value::String(one) => vec![one.clone()],
        many => many.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect(),
    };
    let context = witness["context"].as_object().unwrap().iter().map(|(key, value)| (key.clone(), values(value)));
    let request =
        Request::new(text("principal"), text("action"), text("resource"), identity, context.collect()).unwrap();
    let policy = if policy.is_null() { Policy::empty() } else { Policy::read(&policy.to_string()).unwrap() };
    evaluate(&policy, &request).answer == Answer::Allow
}

#[test]
fn a_baseline_tells_what_changed_by_meaning_with_a_request_that_shows_it() {
    let one = |account: &str| policy_of(&allow(&json!({"AWS": account}), &json!({})));
    let home = ReviewHome::of_policies(&[
        ("same".to_owned(), one("111111111111")),
        ("spelt".to_owned(), one("111111111111")),
        ("swapped".to_owned(), one("111111111111")),
        ("wider".to_owned(), one("111111111111")),
        ("emptied".to_owned(), one("111111111111")),
        ("gone".to_owned(), one("111111111111")),
    ]);
    for format in ["jsonl", "json"] {
        let earlier = home.review(&["--format", format, "--with-policy"]);
        assert_eq!(exit_code(&earlier), 0);
        home.write("earlier", &earlier.stdout);
        let quiet = home.review(&["--baseline", "earlier", "--format", "jsonl"]);
        assert_eq!((exit_code(&quiet), quiet.stdout.as_str()), (0, ""), "{format}: {}", quiet.stderr);
    }
    let earlier = std::fs::read_to_string(home.home.path().join("earlier")).unwrap();
    home.store(
        "spelt",
        Some(&json!({"Version": "2012-10-17", "Id": "x", "Statement": {"Sid": "Other", "Effect": "Allow",
        "Action": [PULL[1], PULL[0]], "Principal": {"AWS": ["arn:aws:iam::111111111111:root"]}}})),
    );
    home.store("swapped", Some(&one("333333333333")));
    home.store("wider", Some(&policy_of(&allow(&json!("*"), &json!({})))));
    home.store("emptied", None);
    home.add("new", &one("444444444444"));
    home.remove("gone");
    home.write("earlier", &earlier);
    let changed = home.review(&["--baseline", "earlier", "--format", "jsonl", "--with-policy"]);
    assert_eq!(exit_code(&changed), 1, "{}", changed.stderr);
    let lines = read_lines(&changed.stdout);
    let told: BTreeMap<&str, (&str, usize, usize)> = lines
        .iter()
        .map(|line| {
            let count = |side: &str| line["change"][side].as_array().unwrap().len();
            let state = line["change"]["state"].as_str().unwrap();
            (line["repository"].as_str().unwrap(), (state, count("gains"), count("losses")))
        })
        .collect();
    let expected = BTreeMap::from([
        ("swapped", ("changed", 1, 1)),
        ("wider", ("changed", 1, 0)),
        ("emptied", ("changed", 0, 1)),
        ("new", ("new", 1, 0)),
        ("gone", ("gone", 0, 1)),
    ]);
    assert_eq!(told, expected);
    let document: Value = serde_json::from_str(&earlier).unwrap();
    let before = |name: &str| {
        let all = document["repositories"].as_array().unwrap();
        all.iter().find(|one| one["repository"] == name).map_or(Value::Null, |one| one["policy"].clone())
    };
    for line in &lines {
        let (old, new) = (before(line["repository"].as_str().unwrap()), &line["policy"]);
        for (side, without, with) in [("gains", &old, new), ("losses", new, &old)] {
            for change in line["change"][side].as_array().unwrap() {
                let witness = &change["witness"];
                assert!(!is_allowed(without, witness) && is_allowed(with, witness), "{side}: {line}");
            }
        }
    }
    let told = home.review(&["--baseline", "earlier"]).stdout;
    for words in [
        "wider of 222222222222 in eu-west-2: changed",
        "gone of 222222222222 in eu-west-2: gone",
        "+ everyone gains pull",
    ] {
        assert!(told.contains(words), "{told}");
    }
    assert_eq!(super::review::find_breaches(&changed.stdout), "");
    // A loss alone fails nothing.
    home.store("swapped", Some(&one("111111111111")));
    home.store("wider", Some(&one("111111111111")));
    home.remove("new");
    assert_eq!(exit_code(&home.review(&["--baseline", "earlier"])), 0);
    // A Deny of the registry is a loss of each repository that it is about.
    let deny = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": {"AWS": "111111111111"}, "Action": PULL,
        "Resource": "arn:aws:ecr:eu-west-2:222222222222:repository/s*"}]});
    home.store_registry(Some(&deny));
    let fenced = read_lines(&home.review(&["--baseline", "earlier", "--format", "jsonl"]).stdout);
    let lost: BTreeSet<&str> = fenced
        .iter()
        .filter(|line| line["change"]["losses"].as_array().is_some_and(|losses| !losses.is_empty()))
        .map(|line| line["repository"].as_str().unwrap())
        .collect();
    assert_eq!(lost, BTreeSet::from(["same", "spelt", "swapped", "emptied", "gone"]));
    // An earlier review without policies cannot be compared.
    let bare = home.review(&["--format", "jsonl"]).stdout;
    home.write("bare", &bare);
    let refused = home.review(&["--baseline", "bare"]);
    assert_eq!(exit_code(&refused), 2);
    assert!(refused.stderr.contains("--with-policy"), "{}", refused.stderr);
}

#[test]
fn what_a_grantee_reaches_is_what_the_evaluator_allows_it() {
    let reviewed = review_demo(&["--format", "json", "--with-policy", "--fail-on", "none"]).expect_json();
    let repositories = reviewed["repositories"].as_array().unwrap();
    let mut asked = 0;
    for grantee in reviewed["index"].as_array().unwrap() {
        let kind = grantee["grantee_kind"].as_str().unwrap();
        let id = grantee["grantee"].as_str().unwrap();
        if !["account", "role", "user", "session"].contains(&kind) || (id.starts_with('6') && asked > 12) {
            continue;
        }
        asked += 1;
        let reached = review_demo(&["--grantee", id, "--format", "json"]).expect_json();
        let caller = if kind == "account" { format!("arn:aws:iam::{id}:root") } else { id.to_owned() };
        for repository in repositories {
            let actions = |is_sure: bool| -> BTreeSet<String> {
                let rows =
                    reached["repositories"].as_array().unwrap().iter().filter(|row| row["arn"] == repository["arn"]);
                let by_name = |row: &Value| ["itself", "account", "everyone"].contains(&row["via"].as_str().unwrap());
                rows.filter(|row| !is_sure || (row["conditions"] == json!([]) && by_name(row)))
                    .flat_map(|row| row["actions"].as_array().unwrap().iter().map(|a| a.as_str().unwrap().to_owned()))
                    .collect()
            };
            let (told, sure) = (actions(false), actions(true));
            let policy = &repository["policy"];
            let Some(policy) = (!policy.is_null()).then(|| Policy::read(&policy.to_string()).unwrap()) else {
                assert!(told.is_empty());
                continue;
            };
            // A Deny with conditions takes nothing for certain.
            let is_certain = policy.statements.iter().all(|s| s.effect == Effect::Allow || s.conditions.is_empty());
            let arn = repository["arn"].as_str().unwrap();
            let is_given = |action: &str| {
                let request = Request::new(&caller, action, arn, IdentityPolicies::None, Vec::new()).unwrap();
                let own = Request::new(&caller, action, arn, IdentityPolicies::All, Vec::new()).unwrap();
                let named_here = reviewed_account(repository) == caller.split(':').nth(4);
                evaluate(&policy, if named_here { &request } else { &own }).answer == Answer::Allow
            };
            let allowed: BTreeSet<String> = repository_level()
                .map(ecr_grant::ecr::ActionInfo::iam_name)
                .filter(|action| is_given(action))
                .collect();
            assert!(allowed.is_subset(&told), "{id} {arn}: {allowed:?} {told:?}");
            if reviewed_account(repository) != caller.split(':').nth(4) {
                assert!(sure.is_subset(&allowed) || !is_certain, "{id} {arn}: {sure:?} {allowed:?}");
            }
        }
    }
    assert!(asked > 12, "{asked}");
}

fn reviewed_account(repository: &Value) -> Option<&str> {
    repository["account"].as_str()
}

#[test]
fn a_grantee_is_found_through_whatever_it_belongs_to() {
    let home = sample_home();
    let ways = |grantee: &str| {
        let reached = home.review(&["--grantee", grantee, "--format", "jsonl"]);
        assert_eq!(exit_code(&reached), 0, "{}", reached.stderr);
        let lines = read_lines(&reached.stdout);
        let mut ways: Vec<String> = lines
            .iter()
            .map(|l| format!("{} {}", l["repository"].as_str().unwrap(), l["via"].as_str().unwrap()))
            .collect();
        ways.sort();
        ways
    };
    assert_eq!(ways("111111111111"), ["org organization", "vendor itself"]);
    assert_eq!(ways("333333333333"), ["org organization", "vendor member"]);
    assert_eq!(ways("arn:aws:iam::111111111111:role/any"), ["org organization", "vendor account"]);
    assert_eq!(ways("444444444444"), ["behalf service", "org organization"]);
    assert_eq!(ways("o-a1b2c3d4e5"), ["org itself"]);
    assert_eq!(ways("codebuild.amazonaws.com"), ["behalf itself", "build itself"]);
    assert_eq!(ways("arn:aws:sts::333333333333:assumed-role/ci/run"), ["org organization", "vendor account"]);
    assert_eq!(ways("AROA5X7QD2KLMN4PRSTUV"), [""; 0]);
    assert_eq!(exit_code(&home.review(&["--grantee", "nobody"])), 2);
    assert_eq!(exit_code(&home.review(&["--grantee", "111111111111", "--format", "csv"])), 2);
}
