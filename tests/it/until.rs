//! Access that ends: given, kept, moved and taken, on the sandbox.

use std::time::Duration;

use ecr_grant::sandbox::{Clock, Service};
use serde_json::Value;

use crate::plans::find_breaches;
use crate::support::owner::OwnerHome;
use crate::support::served::Served;
use crate::support::{clean_command, run};

const VENDOR: &str = "111111111111";
const NAME: &str = "made/for-this";

/// Makes an owner with a repository that has no policy.
fn owner() -> OwnerHome {
    let owner = OwnerHome::new();
    owner.served.service.add_repository(&OwnerHome::reference_to(NAME));
    owner
}

fn grant(owner: &OwnerHome, flags: &[&str]) -> crate::support::Finished {
    owner.run(&[&["grant", NAME, "--to", VENDOR], flags].concat())
}

fn statements(owner: &OwnerHome) -> Vec<Value> {
    let text = owner.stored_policy(NAME).unwrap_or_else(|| r#"{"Statement":[]}"#.to_owned());
    let policy: Value = serde_json::from_str(&text).unwrap();
    policy["Statement"].as_array().unwrap().clone()
}

fn end_of(statement: &Value) -> &Value {
    &statement["Condition"]["DateLessThan"]["aws:CurrentTime"]
}

#[test]
fn a_date_that_is_past_or_none_ends_the_command_before_anything_is_asked() {
    let owner = owner();
    for (date, words) in
        [("2020-01-01", "is past"), ("1d ago", "is no date"), ("2099-02-30", "is no date"), ("0d", "no date")]
    {
        let refused = grant(&owner, &["--until", date, "--yes"]);
        assert_eq!(refused.status.code(), Some(2), "{refused:?}");
        assert!(refused.stderr.contains(words), "{}", refused.stderr);
    }
    assert!(owner.served.service.recorded_calls().is_empty());
}

#[test]
fn an_end_is_written_told_moved_and_taken_back() {
    let owner = owner();
    let given = grant(&owner, &["--until", "2099-03-31", "--yes"]);
    assert_eq!(given.status.code(), Some(0), "{given:?}");
    assert!(given.stderr.contains("until 2099-03-31 23:59 UTC"), "{}", given.stderr);
    let stored = statements(&owner);
    assert_eq!((stored.len(), end_of(&stored[0])), (1, &Value::from("2099-03-31T23:59:59Z")));
    assert_eq!(stored[0]["Sid"], "EcrGrantPullUntil");

    let again = grant(&owner, &["--until", "2099-01-31", "--yes"]);
    assert!(again.stderr.contains("already granted, until 2099-03-31 23:59 UTC"), "{}", again.stderr);
    let later = grant(&owner, &["--until", "2100-03-31", "--yes"]);
    assert!(later.stderr.contains("until 2100-03-31 23:59 UTC"), "{}", later.stderr);
    let moved = statements(&owner);
    assert_eq!((moved.len(), end_of(&moved[0])), (1, &Value::from("2100-03-31T23:59:59Z")));
    assert_eq!(owner.count_writes(), 2);

    let undone = owner.run(&["undo", "last", "--yes"]);
    assert_eq!(undone.status.code(), Some(0), "{undone:?}");
    assert_eq!(statements(&owner), stored, "the undo brings the earlier end back");

    // A grant without an end stands beside it, and from then on an end changes nothing.
    let forever = grant(&owner, &["--yes"]);
    assert_eq!(forever.status.code(), Some(0), "{forever:?}");
    assert_eq!(statements(&owner)[0], stored[0]);
    assert_eq!(statements(&owner).len(), 2);
    let ending = grant(&owner, &["--until", "2101-03-31", "--yes"]);
    assert!(ending.stderr.contains("nothing would change: the access is there, without an end"), "{}", ending.stderr);
    assert_eq!(owner.count_writes(), 4);
}

#[test]
fn can_and_check_take_the_end_as_aws_does() {
    let owner = owner();
    assert_eq!(grant(&owner, &["--until", "2099-03-31", "--yes"]).status.code(), Some(0));
    let path = owner.home.path().join("policy.json");
    let text = owner.stored_policy(NAME).unwrap();
    std::fs::write(&path, &text).unwrap();
    let arn = OwnerHome::reference_to(NAME).arn().to_string();
    let can = |moment: &str| {
        let context = format!("aws:CurrentTime={moment}");
        let principal = format!("arn:aws:iam::{VENDOR}:role/ci");
        let asked = [
            "can",
            "--policy",
            "policy.json",
            "--principal",
            &principal,
            "--action",
            "ecr:BatchGetImage",
            "--repository",
            &arn,
            "--identity",
            "all",
            "--context",
            &context,
        ];
        owner.run(&asked).status.code()
    };
    assert_eq!(can("2099-03-31T23:59:58Z"), Some(0));
    assert_eq!(can("2099-03-31T23:59:59Z"), Some(1));
    let findings = |text: &str| {
        std::fs::write(&path, text).unwrap();
        let checked = owner.run(&["check", "policy.json", "--format", "json"]);
        let found: Value = serde_json::from_str(&checked.stdout).unwrap_or_else(|e| panic!("{e}: {checked:?}"));
        let list = found["findings"].as_array().or_else(|| found["files"][0]["findings"].as_array()).unwrap().clone();
        list.iter().map(|finding| finding["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(findings(&text), Vec::<String>::new(), "an end is no finding");
    assert_eq!(
        findings(&text.replace("2099-03-31T23:59:59Z", "31.03.2099")),
        ["E022"],
        "a date that AWS does not read"
    );
}

#[test]
fn plan_files_and_kits_carry_the_end_and_a_plan_whose_end_is_past_writes_nothing() {
    let owner = owner();
    let saved = grant(&owner, &["--until", "2099-03-31", "--plan-out", "plan.json"]);
    assert_eq!(saved.status.code(), Some(0), "{saved:?}");
    let path = owner.home.path().join("plan.json");
    assert_eq!(find_breaches(owner.home.path(), &path), "[]");
    let text = std::fs::read_to_string(&path).unwrap();
    let past = text.replace("\"until\": \"2099-03-31T23:59:59Z\"", "\"until\": \"2020-03-31T23:59:59Z\"");
    assert_ne!(past, text);
    std::fs::write(owner.home.path().join("past.json"), past).unwrap();
    let refused = owner.run(&["apply", "past.json", "--yes"]);
    assert_eq!((refused.status.code(), owner.count_writes()), (Some(2), 0), "{refused:?}");
    assert!(refused.stderr.contains("ended on 2020-03-31 23:59 UTC"), "{}", refused.stderr);
    let applied = owner.run(&["apply", "plan.json", "--yes"]);
    assert_eq!(applied.status.code(), Some(0), "{applied:?}");
    assert_eq!(end_of(&statements(&owner)[0]), &Value::from("2099-03-31T23:59:59Z"));
    let kit = grant(&owner, &["--until", "2099-03-31", "--kit", "-", "--yes"]);
    assert!(kit.stdout.contains("until 2099-03-31 23:59 UTC") && kit.stdout.contains("--until 2099-03-31"), "{kit:?}");
}

#[test]
fn what_has_ended_is_taken_out_everywhere_and_nothing_else() {
    let owner = owner();
    let statement = |sid: &str, id: &str, condition: &str| {
        format!(
            r#"{{"Sid":"{sid}","Effect":"Allow","Principal":{{"AWS":"{id}"}},"Action":"ecr:BatchGetImage","Condition":{{{condition}}}}}"#
        )
    };
    let until = |year: &str| format!(r#""DateLessThan":{{"aws:CurrentTime":"{year}-01-01T00:00:00Z"}}"#);
    let store = |name: &str, statements: &[String]| {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
        assert!(owner.served.service.set_policy_directly(&OwnerHome::reference_to(name), Some(&text)));
    };
    let lasting = statement("Lasting", "333333333333", &until("2099"));
    store(NAME, &[statement("Past", VENDOR, &until("2020")), lasting]);
    store("vendorapp", &[statement("Past", VENDOR, &until("2020"))]);
    let others: Vec<Option<String>> =
        ["catalogue/api", "vendorapp-worker"].map(|name| owner.stored_policy(name)).into();

    let shown = owner.run(&["revoke", "--all", "--expired", "--dry-run"]);
    assert_eq!((shown.status.code(), owner.count_writes()), (Some(0), 0), "{shown:?}");
    assert!(
        shown.stderr.contains("- nobody now: account 111111111111")
            && shown.stderr.contains("111111111111:root from statement 1 (Past), which ended on 2020-01-01 00:00 UTC"),
        "{shown:?}"
    );
    let saved = owner.run(&["revoke", "--all", "--expired", "--plan-out", "expired.json"]);
    assert_eq!(saved.status.code(), Some(0), "{saved:?}");
    assert_eq!(find_breaches(owner.home.path(), &owner.home.path().join("expired.json")), "[]");

    let taken = owner.run(&["revoke", "--all", "--expired", "--yes", "--format", "json"]);
    assert_eq!(taken.status.code(), Some(0), "{taken:?}");
    assert!(taken.stdout.contains("nothing-ended") && !taken.stdout.contains("already-revoked"), "{}", taken.stdout);
    assert_eq!(statements(&owner).iter().map(|one| one["Sid"].as_str().unwrap()).collect::<Vec<_>>(), ["Lasting"]);
    assert_eq!(owner.stored_policy("vendorapp"), None, "nothing was left of its policy");
    let now: Vec<Option<String>> = ["catalogue/api", "vendorapp-worker"].map(|name| owner.stored_policy(name)).into();
    assert_eq!(now, others);
    let again = owner.run(&["revoke", NAME, "--expired", "--yes"]);
    assert!(again.stderr.contains("no access in it has ended: nothing to take out"), "{}", again.stderr);
    assert!(again.stdout.contains("no access in it has ended; nothing was written"), "{}", again.stdout);
    let applied = owner.run(&["apply", "expired.json", "--yes"]);
    assert_eq!(applied.status.code(), Some(0), "what it would take out is gone already: {applied:?}");
    let undone = owner.run(&["undo", "last", "--yes"]);
    assert_eq!((undone.status.code(), statements(&owner).len()), (Some(0), 2), "{undone:?}");
    let told = "+ nobody now: account 111111111111: BatchGetImage (1 action), ended on 2020-01-01 00:00 UTC";
    assert!(undone.stderr.contains(told), "{}", undone.stderr);
    assert!(!undone.stderr.contains("gains account") && !undone.stdout.contains("can "), "{undone:?}");

    for wrong in [&["--from", VENDOR][..], &["--include-members"]] {
        let refused = owner.run(&[&["revoke", NAME, "--expired", "--yes"], wrong].concat());
        assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    }
}

#[test]
fn a_review_lists_what_ends_and_counts_what_has_ended_as_no_access() {
    let owner = owner();
    let statement = |id: &str, year: &str| {
        format!(
            r#"{{"Effect":"Allow","Principal":{{"AWS":"{id}"}},"Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"],"Condition":{{"DateLessThan":{{"aws:CurrentTime":"{year}-01-01T00:00:00Z"}}}}}}"#
        )
    };
    let text =
        format!(r#"{{"Version":"2012-10-17","Statement":[{},{}]}}"#, statement("*", "2020"), statement(VENDOR, "2099"));
    assert!(owner.served.service.set_policy_directly(&OwnerHome::reference_to(NAME), Some(&text)));
    let review = |format: &str| owner.run(&["review", NAME, "--format", format, "--fail-on", "none"]);
    let lines = review("jsonl");
    assert_eq!(crate::review::find_breaches(&lines.stdout), "");
    let line: Value = lines
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .find(|line: &Value| line["repository"] == NAME)
        .unwrap();
    assert_eq!(line["class"], "cross-account", "{line}");
    assert_eq!(
        (&line["grantees"][0]["grantee"], &line["grantees"][0]["ends"]),
        (&Value::from(VENDOR), &Value::from("2099-01-01T00:00:00Z"))
    );
    assert_eq!((line["grantees"].as_array().unwrap().len(), &line["ended"][0]["grantee"]), (1, &Value::from("*")));
    let advice = line["findings"].as_array().unwrap().iter().find(|finding| finding["id"] == "R406").unwrap();
    assert_eq!((&advice["severity"], &advice["statement"]), (&Value::from("advice"), &Value::from(1)));
    for format in ["text", "markdown", "html"] {
        let shown = review(format);
        for words in ["What ends", "2020-01-01 00:00 UTC", " ago", "2099-01-01 00:00 UTC", " days left"] {
            assert!(shown.stdout.contains(words), "{format}: {words}: {}", shown.stdout);
        }
    }
    let all: Value = serde_json::from_str(&review("json").stdout).unwrap();
    let index = all["index"].as_array().unwrap();
    assert!(index.iter().all(|one| one["grantee"] != "*"), "{index:?}");
    assert_eq!(index[0]["repositories"][0]["ends"], "2099-01-01T00:00:00Z");
    // It fails on nothing that it did not fail on.
    let failing = |least: &str| owner.run(&["review", NAME, "--fail-on", least]).status.code();
    assert_eq!((failing("error"), failing("none")), (Some(0), Some(0)));
    let table = owner.run(&["show", NAME, "--format", "table"]);
    assert!(table.stdout.contains("cross-account"), "{table:?}");
    let shown = owner.run(&["show", NAME]);
    let (_, access) = shown.stdout.split_once("Who has access: ").unwrap();
    assert!(!access.lines().next().unwrap().contains("everyone"), "{access}");
    assert!(access.contains("everyone: ended on 2020-01-01 00:00 UTC (statement 1)"), "{access}");
}

#[test]
fn plain_mode_and_the_flags_of_the_wizard_give_access_that_ends() {
    let steps = ["environment variables", "vendorapp", VENDOR, "eu-west-1"];
    for (flags, before) in [(&[][..], &["until 31.3.2099", "until 2099-03-31"][..]), (&["--until", "2099-03-31"], &[])]
    {
        let owner = OwnerHome::new();
        let answers = [&steps[..], before, &["1", "1", "yes", "quit"]].concat();
        let ended = crate::plain::answer_with(&owner, flags, &answers);
        let told = ended.stdout.clone() + &ended.stderr;
        assert!(told.contains("Ends: 2099-03-31 23:59 UTC."), "{told}");
        assert_eq!(told.contains("`31.3.2099` is no date"), flags.is_empty(), "{told}");
        let text = owner.stored_policy("vendorapp").unwrap();
        assert!(text.contains("\"2099-03-31T23:59:59Z\""), "{told}: {text}");
    }
}

#[test]
fn show_and_check_count_no_access_that_has_ended_and_no_deny_that_has() {
    let owner = owner();
    let statement = |effect: &str, id: &str, condition: &str| {
        format!(
            r#"{{"Effect":"{effect}","Principal":{{"AWS":"{id}"}},"Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"],"Condition":{{{condition}}}}}"#
        )
    };
    let until = |year: &str| format!(r#""DateLessThan":{{"aws:CurrentTime":"{year}-01-01T00:00:00Z"}}"#);
    let statements = [
        statement("Allow", "*", &until("2020")),
        statement("Deny", "*", &until("2021")),
        statement("Allow", VENDOR, r#""DateGreaterThan":{"aws:CurrentTime":"2098-01-01T00:00:00Z"}"#),
        statement("Deny", VENDOR, r#""DateGreaterThan":{"aws:CurrentTime":"2099-01-01T00:00:00Z"}"#),
    ];
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
    assert!(owner.served.service.set_policy_directly(&OwnerHome::reference_to(NAME), Some(&text)));
    let shown: Value = serde_json::from_str(&owner.run(&["show", NAME, "--format", "json"]).stdout).unwrap();
    let one = &shown["repositories"][0];
    assert_eq!(one["class"], "cross-account", "{one}");
    let access = one["access"].as_array().unwrap();
    assert_eq!((access.len(), &access[0]["who"]["id"]), (1, &Value::from(VENDOR)), "{access:?}");
    assert_eq!(
        (&access[0]["begins"], &access[0]["ends"]),
        (&Value::from("2098-01-01T00:00:00Z"), &Value::from("2099-01-01T00:00:00Z"))
    );
    assert_eq!(
        (&one["ended"][0]["who"]["id"], &one["ended"][0]["ends"]),
        (&Value::from("*"), &Value::from("2020-01-01T00:00:00Z"))
    );
    let denies = one["denies"].as_array().unwrap();
    assert_eq!((denies.len(), &denies[0]["statement"]), (1, &Value::from(4)), "{denies:?}");
    let words = owner.run(&["show", NAME]).stdout;
    let told = "account 111111111111 can pull from 2098-01-01 00:00 UTC until 2099-01-01 00:00 UTC";
    assert!(words.contains(told) && words.contains("    until 2099-01-01 00:00 UTC\n"), "{words}");
    let file = owner.home.path().join("policy.json");
    std::fs::write(&file, text).unwrap();
    let mut check = clean_command(env!("CARGO_BIN_EXE_ecr-grant"), owner.home.path());
    check.arg("check").arg(&file).args(["--owner", "222222222222", "--format", "json"]);
    let found: Value = serde_json::from_str(&run(check).stdout).unwrap();
    assert_eq!(found["files"][0]["class"], "cross-account", "{found}");
}

#[test]
fn nothing_is_sent_once_the_end_is_past_however_long_the_way_to_the_write_was() {
    let slow = Served::new(Service::demo(Clock::System), Duration::from_millis(1_200));
    let owner = OwnerHome { served: slow, home: tempfile::tempdir().unwrap() };
    owner.served.service.add_repository(&OwnerHome::reference_to(NAME));
    let end = time::OffsetDateTime::now_utc() + Duration::from_secs(3);
    let end = end.replace_nanosecond(0).unwrap().format(&time::format_description::well_known::Rfc3339).unwrap();
    let late = grant(&owner, &["--until", &end, "--yes", "--format", "json"]);
    assert_eq!(late.status.code(), Some(4), "{late:?}");
    assert!(late.stdout.contains("is past") && late.stdout.contains("name a later end"), "{late:?}");
    assert_eq!((owner.stored_policy(NAME), owner.count_writes()), (None, 0));
}

#[test]
fn a_saved_plan_is_not_applied_where_its_time_is_past_or_to_come() {
    let owner = owner();
    let edit = |name: &str, change: &dyn Fn(&mut Value)| {
        let path = owner.home.path().join(name);
        let mut plan: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        change(&mut plan["change"]);
        std::fs::write(&path, plan.to_string()).unwrap();
    };
    let made = owner.run(&["revoke", NAME, "--expired", "--plan-out", "expired.json"]);
    assert_eq!(made.status.code(), Some(0), "{made:?}");
    edit("expired.json", &|change| change["now"] = Value::from(4_102_444_800_i64));
    let early = owner.run(&["apply", "expired.json", "--yes"]);
    assert_eq!(early.status.code(), Some(2), "{early:?}");
    assert!(early.stderr.contains("has ended by 2100-01-01 00:00 UTC, and that is to come"), "{}", early.stderr);
    let made = grant(&owner, &["--until", "2099-03-31", "--plan-out", "given.json"]);
    assert_eq!(made.status.code(), Some(0), "{made:?}");
    edit("given.json", &|change| change["until"] = Value::from("2020-03-31T23:59:59Z"));
    let late = owner.run(&["apply", "given.json", "--yes"]);
    assert_eq!(late.status.code(), Some(2), "{late:?}");
    assert!(late.stderr.contains("ended on 2020-03-31 23:59 UTC"), "{}", late.stderr);
    assert_eq!(owner.count_writes(), 0);
}
