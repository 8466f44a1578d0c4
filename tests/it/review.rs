//! `review`: classes, the reverse index, faults, and each form of the output.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use ecr_grant::ecr::{AccountId, Region, RepositoryName, RepositoryRef};
use ecr_grant::sandbox::{Clock, Service, Trouble};
use serde_json::{Value, json};

use super::support::python::{Moto, python_command};
use super::support::served::Served;
use super::support::{Finished, clean_command, run};

pub const PULL: [&str; 2] = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];

/// A registry on a loopback port, and a folder with a profile that leads to it.
pub struct ReviewHome {
    pub served: Served,
    pub home: tempfile::TempDir,
}

impl ReviewHome {
    pub fn new(registries: &Value) -> Self {
        let service = Service::from_json(&registries.to_string(), Clock::System).unwrap();
        let home = tempfile::tempdir().unwrap();
        Served::write_profile(home.path());
        Self { served: Served::new(service, Duration::ZERO), home }
    }

    /// Builds a home of one registry with these repositories, each with its policy.
    pub fn of_policies(policies: &[(String, Value)]) -> Self {
        let repositories: Vec<Value> =
            policies.iter().map(|(name, policy)| json!({"name": name, "created": 0, "policy": policy})).collect();
        Self::new(&json!({"registries": [
            {"account": "222222222222", "region": "eu-west-2", "repositories": repositories}
        ]}))
    }

    pub fn review(&self, arguments: &[&str]) -> Finished {
        let mut command = clean_command(env!("CARGO_BIN_EXE_ecr-grant"), self.home.path());
        command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
        command.args(["review", "--endpoint-url", &self.served.url]).args(arguments);
        if !arguments.iter().any(|argument| argument.contains("profile")) {
            command.args(["--profile", "owner"]);
        }
        run(command)
    }
}

impl ReviewHome {
    /// Writes a file into the folder that commands run in.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.home.path().join(name), text).unwrap();
    }

    fn reference(name: &str) -> RepositoryRef {
        RepositoryRef {
            account: AccountId::parse("222222222222").unwrap(),
            region: Region::parse("eu-west-2").unwrap(),
            name: RepositoryName::parse(name).unwrap(),
        }
    }

    /// Sets or removes a policy, as another writer.
    pub fn store(&self, name: &str, policy: Option<&Value>) {
        let text = policy.map(Value::to_string);
        assert!(self.served.service.set_policy_directly(&Self::reference(name), text.as_deref()));
    }

    /// Sets or removes the registry's policy, as another writer.
    pub fn store_registry(&self, policy: Option<&Value>) {
        let RepositoryRef { account, region, .. } = Self::reference("any");
        let text = policy.map(Value::to_string);
        self.served.service.set_registry_policy_directly(&account, &region, text.as_deref());
    }

    /// Adds a repository with a policy.
    pub fn add(&self, name: &str, policy: &Value) {
        self.served.service.add_repository(&Self::reference(name));
        self.store(name, Some(policy));
    }

    /// Deletes a repository.
    pub fn remove(&self, name: &str) {
        assert!(self.served.service.remove_repository(&Self::reference(name)));
    }
}

pub fn review_demo(arguments: &[&str]) -> Finished {
    let home = tempfile::tempdir().unwrap();
    let mut command = clean_command(env!("CARGO_BIN_EXE_ecr-grant"), home.path());
    command.args(["--demo", "review"]).args(arguments);
    run(command)
}

pub fn read_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

pub fn exit_code(finished: &Finished) -> i32 {
    finished.status.code().unwrap_or_else(|| panic!("ended by a signal: {finished:?}"))
}

pub fn policy_of(statements: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

pub fn allow(principal: &Value, condition: &Value) -> Value {
    json!([{"Effect": "Allow", "Principal": principal, "Action": PULL, "Condition": condition}])
}

/// The twenty policies on which scanners part, each with its class, and more that must not be called public.
fn probes() -> Vec<(&'static str, Value, &'static str)> {
    let everyone = json!("*");
    let only_if = |condition: Value| allow(&everyone, &condition);
    let deny = json!({"Effect": "Deny", "Principal": "*", "Action": PULL});
    let bare = json!({"Effect": "Allow", "Principal": "*", "Action": PULL});
    vec![
        ("action-list", json!([bare]), "public"),
        ("action-string", json!([{"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}]), "public"),
        ("aws-string", json!([{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": PULL}]), "public"),
        ("one-object", bare.clone(), "public"),
        (
            "not-principal",
            json!([{"Effect": "Allow", "NotPrincipal": {"AWS": "111111111111"}, "Action": PULL}]),
            "public",
        ),
        ("not-action", json!([{"Effect": "Allow", "Principal": "*", "NotAction": "ecr:DeleteRepository"}]), "public"),
        ("denied-again", json!([bare, deny]), "none"),
        ("deny-only", json!([deny]), "none"),
        ("org", only_if(json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})), "organization"),
        ("org-like", only_if(json!({"StringLike": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})), "organization"),
        ("org-star", only_if(json!({"StringLike": {"aws:PrincipalOrgID": "o-*"}})), "public"),
        (
            "org-all-values",
            only_if(json!({"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})),
            "public",
        ),
        ("org-if-exists", only_if(json!({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})), "public"),
        ("halves", only_if(json!({"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}})), "public"),
        ("network", only_if(json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})), "network"),
        ("user-name", only_if(json!({"StringEquals": {"aws:username": "ana"}})), "public"),
        ("any-role-ci", only_if(json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ci"}})), "public"),
        ("org-or-star", only_if(json!({"StringLike": {"aws:PrincipalOrgID": ["o-a1b2c3d4e5", "*"]}})), "public"),
        (
            "org-and-open-arn",
            only_if(json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
                "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}})),
            "organization",
        ),
        ("service", allow(&json!({"Service": "codebuild.amazonaws.com"}), &json!({})), "service"),
        (
            "more-ou",
            only_if(
                json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/ou-ab12-11112222/*"}}),
            ),
            "organization",
        ),
        ("more-vpce", only_if(json!({"StringEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}})), "network"),
        (
            "more-service",
            allow(
                &json!({"Service": "codebuild.amazonaws.com"}),
                &json!({"StringEquals": {"aws:SourceAccount": "222222222222"}}),
            ),
            "service",
        ),
    ]
}

#[test]
fn the_class_is_right_where_scanners_part() {
    let probes = probes();
    assert_eq!(probes.iter().filter(|(name, ..)| !name.starts_with("more-")).count(), 20);
    let policies: Vec<(String, Value)> =
        probes.iter().map(|(name, statements, _)| ((*name).to_owned(), policy_of(statements))).collect();
    let home = ReviewHome::of_policies(&policies);
    let reviewed = home.review(&["--format", "jsonl"]);
    assert_eq!(exit_code(&reviewed), 1, "{}", reviewed.stderr);
    let lines = read_lines(&reviewed.stdout);
    assert_eq!(lines.len(), probes.len(), "a registry without a policy has no line");
    for (name, _, class) in &probes {
        let line = lines.iter().find(|line| line["repository"] == *name).unwrap();
        assert_eq!(line["class"], *class, "{line}");
        assert_eq!(line["unproved"], Value::Null, "{line}");
    }
    let of = |name: &str| lines.iter().find(|line| line["repository"] == name).unwrap();
    let ids = |line: &Value| line["findings"].as_array().unwrap().iter().map(|f| f["id"].clone()).collect::<Vec<_>>();
    assert!(ids(of("service")).contains(&json!("S105")), "the confused deputy is told: {}", of("service"));
    assert!(!ids(of("more-service")).contains(&json!("S105")));
    for name in ["org", "org-like", "org-and-open-arn", "more-ou", "more-vpce", "network"] {
        assert!(ids(of(name)).iter().all(|id| !id.as_str().unwrap().starts_with('S')), "{}", of(name));
    }
}

#[test]
fn the_denys_of_the_registry_count_and_its_policy_has_a_line_of_its_own() {
    let open = policy_of(&json!([{"Effect": "Allow", "Principal": "*", "Action": PULL}]));
    let deny = json!({"Version": "2012-10-17", "Statement": [{"Sid": "Fence", "Effect": "Deny", "Principal": "*",
        "Action": PULL, "Resource": "arn:aws:ecr:eu-west-2:222222222222:repository/team/*"}]});
    let home = ReviewHome::new(&json!({"registries": [{"account": "222222222222", "region": "eu-west-2",
        "registry_policy": deny,
        "repositories": [{"name": "team/app", "created": 0, "policy": open}, {"name": "app", "created": 0, "policy": open}]}]}));
    let reviewed = home.review(&["--format", "jsonl"]);
    let lines = read_lines(&reviewed.stdout);
    let class = |name: &str| lines.iter().find(|line| line["repository"] == name).unwrap()["class"].clone();
    assert_eq!((class("app"), class("team/app")), (json!("public"), json!("none")));
    let registry = lines.iter().find(|line| line["repository"].is_null()).unwrap();
    assert_eq!(registry["registry"]["policy_state"], "known");
    assert!(
        registry["registry"]["denies"][0].as_str().unwrap().starts_with("statement 1 denies everyone"),
        "{registry}"
    );
}

#[test]
fn faults_lose_nothing_double_nothing_and_the_exit_code_stays_true() {
    let policies: Vec<(String, Value)> = (0..400)
        .map(|number| {
            let account = format!("{:012}", 300_000_000_000_u64 + number % 40);
            (format!("load/app-{number:03}"), policy_of(&allow(&json!({"AWS": account}), &json!({}))))
        })
        .collect();
    let home = ReviewHome::of_policies(&policies);
    let sorted = |finished: &Finished| {
        let mut lines: Vec<String> = finished.stdout.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let calm = home.review(&["--format", "jsonl"]);
    assert_eq!((exit_code(&calm), sorted(&calm).len()), (0, 400), "{}", calm.stderr);
    home.served.service.set_faults("throttle=10%,error=10%,reset=10%,seed=7".parse().unwrap());
    let stormy = home.review(&["--format", "jsonl"]);
    assert_eq!(exit_code(&stormy), 0, "{}", stormy.stderr);
    assert_eq!(sorted(&stormy), sorted(&calm));
    home.served.service.end_trouble();

    let refusal = Trouble::Error(400, "AccessDeniedException".into(), "no".into());
    home.served.service.add_trouble(Some("GetRepositoryPolicy"), 7, 1, refusal.clone());
    let partly = home.review(&["--format", "jsonl"]);
    assert_eq!(exit_code(&partly), 6, "{}", partly.stderr);
    let lines = read_lines(&partly.stdout);
    assert_eq!(lines.len(), 400);
    let failed: Vec<&Value> = lines.iter().filter(|line| !line["error"].is_null()).collect();
    assert_eq!(failed.len(), 1);
    assert_eq!((&failed[0]["class"], &failed[0]["error"]["exit_code"]), (&Value::Null, &json!(4)));
    assert!(partly.stderr.contains("1 could not be read"), "{}", partly.stderr);

    home.served.service.add_trouble(Some("DescribeRepositories"), 0, 1, refusal);
    let none = home.review(&["--format", "jsonl"]);
    assert_eq!(exit_code(&none), 4, "{}", none.stderr);
    let lines = read_lines(&none.stdout);
    assert_eq!((lines.len(), &lines[0]["repository"]), (1, &Value::Null));
    assert_eq!((&lines[0]["account"], &lines[0]["region"]), (&json!("222222222222"), &json!("eu-west-2")));
    assert!(none.stderr.contains("0 repositories"), "{}", none.stderr);
}

#[test]
fn each_account_and_region_is_read_once_and_one_that_fails_hides_no_other() {
    let app = |name: &str| json!({"name": name, "created": 0});
    let home = ReviewHome::new(&json!({"registries": [
        {"account": "222222222222", "region": "eu-west-2", "repositories": [app("london")]},
        {"account": "222222222222", "region": "us-east-1", "repositories": [app("virginia")]},
        {"account": "333333333333", "region": "eu-west-2", "repositories": [app("theirs")]},
    ]}));
    let profile = |name: &str, key: &str| {
        format!("[profile {name}]\nregion = eu-west-2\naws_access_key_id = {key}\naws_secret_access_key = none\n")
    };
    let config = [
        profile("owner", "222222222222"),
        profile("again", "222222222222"),
        profile("data", "333333333333"),
        "[profile broken]\nregion = eu-west-2\nrole_arn = nonsense\nsource_profile = owner\n".to_owned(),
    ];
    std::fs::write(home.home.path().join("aws-config"), config.concat()).unwrap();
    let names = |finished: &Finished| {
        let lines = read_lines(&finished.stdout);
        let mut names: Vec<String> =
            lines.iter().filter_map(|line| line["repository"].as_str()).map(str::to_owned).collect();
        names.sort();
        names
    };
    let all = home.review(&["--profiles", "owner,again,data", "--regions", "eu-west-2,us-east-1", "--format", "jsonl"]);
    assert_eq!((exit_code(&all), names(&all)), (0, vec!["london".into(), "theirs".into(), "virginia".into()]));
    assert!(all.stderr.contains("owner and again") || all.stderr.contains("again and owner"), "{}", all.stderr);
    let one = home.review(&["--profile", "owner", "--format", "jsonl"]);
    assert_eq!((exit_code(&one), names(&one)), (0, vec!["london".into()]));
    let broken = home.review(&["--all-profiles", "--format", "jsonl"]);
    assert_eq!((exit_code(&broken), names(&broken)), (6, vec!["london".into(), "theirs".into()]), "{}", broken.stderr);
    assert!(broken.stderr.contains("profile broken"), "{}", broken.stderr);
    let glob = home.review(&["lon*", "--profiles", "owner,data", "--format", "jsonl"]);
    assert_eq!((exit_code(&glob), names(&glob)), (0, vec!["london".into()]));
    let missing = home.review(&["paris", "--format", "jsonl"]);
    assert_eq!(exit_code(&missing), 4, "{}", missing.stderr);
    assert!(missing.stderr.contains("paris"), "{}", missing.stderr);
    let address = home.review(&["arn:aws:ecr:us-east-1:222222222222:repository/virginia", "--format", "jsonl"]);
    assert_eq!((exit_code(&address), names(&address)), (0, vec!["virginia".into()]), "{}", address.stderr);
}

#[test]
fn the_exit_code_follows_the_gravest_finding() {
    let warned =
        policy_of(&json!([{"Sid": "a b", "Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": PULL}]));
    let home = ReviewHome::of_policies(&[("warned".to_owned(), warned)]);
    for (fail_on, code) in [("error", 0), ("security", 0), ("warning", 1), ("none", 0)] {
        let reviewed = home.review(&["--fail-on", fail_on]);
        assert_eq!(exit_code(&reviewed), code, "{fail_on}: {}", reviewed.stderr);
    }
    let open = policy_of(&json!([{"Effect": "Allow", "Principal": "*", "Action": PULL}]));
    let home = ReviewHome::of_policies(&[("open".to_owned(), open)]);
    for (fail_on, code) in [("error", 0), ("security", 1), ("warning", 1), ("none", 0)] {
        assert_eq!(exit_code(&home.review(&["--fail-on", fail_on])), code, "{fail_on}");
    }
}

/// Names what of each line the published schema does not allow.
const VALIDATE: &str = "
import json, sys
from jsonschema import Draft7Validator
schema = json.load(open(sys.argv[1]))
Draft7Validator.check_schema(schema)
for line in open(sys.argv[2]):
    for error in Draft7Validator(schema).iter_errors(json.loads(line)):
        print(list(error.absolute_path), error.message[:300])
";

/// Returns what of some lines `assets/review.schema.json` does not allow.
pub fn find_breaches(lines: &str) -> String {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("lines.jsonl");
    std::fs::write(&file, lines).unwrap();
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/review.schema.json");
    let mut command = python_command(home.path());
    command.args(["-c", VALIDATE]).arg(schema).arg(file);
    run(command).expect_text().to_owned()
}

#[test]
fn every_line_keeps_to_the_published_schema() {
    let lines = review_demo(&["--format", "jsonl", "--with-policy", "--all-profiles", "--fail-on", "none"]);
    assert_eq!(exit_code(&lines), 6, "three profiles of the demo cannot sign in: {}", lines.stderr);
    assert_eq!(find_breaches(&lines.stdout), "");
    let wrong = lines.stdout.replacen("\"grantee_kind\":\"", "\"grantee_kind\":\"x", 1);
    assert!(find_breaches(&wrong).contains("grantee_kind"), "the schema is not read");
    let document = review_demo(&["--format", "json", "--with-policy", "--all-profiles", "--fail-on", "none"]);
    let document: Value = serde_json::from_str(&document.stdout).unwrap();
    let parts = ["repositories", "registries", "failed"].map(|part| document[part].as_array().unwrap().clone());
    let objects: Vec<String> = parts.concat().iter().map(Value::to_string).collect();
    let sorted = |mut lines: Vec<String>| {
        lines.sort();
        lines
    };
    let streamed = read_lines(&lines.stdout).iter().map(Value::to_string).collect();
    assert_eq!(sorted(objects), sorted(streamed), "the document holds the same objects");
}

#[test]
fn the_index_of_the_document_is_the_lines_turned_round() {
    let document = review_demo(&["--format", "json", "--fail-on", "none"]).expect_json();
    let mut straight = BTreeSet::new();
    for repository in document["repositories"].as_array().unwrap() {
        for access in repository["grantees"].as_array().unwrap() {
            let row = json!([
                access["grantee"],
                repository["arn"],
                access["right"],
                access["actions"],
                access["conditions"],
                access["statements"]
            ]);
            assert!(straight.insert(row.to_string()), "twice: {row}");
        }
    }
    let mut round = BTreeSet::new();
    for grantee in document["index"].as_array().unwrap() {
        let rights: Vec<&str> =
            grantee["repositories"].as_array().unwrap().iter().map(|r| r["right"].as_str().unwrap()).collect();
        let strongest = ["manage", "delete", "push", "read"].into_iter().find(|right| rights.contains(right));
        assert_eq!(grantee["right"].as_str(), strongest);
        for access in grantee["repositories"].as_array().unwrap() {
            let row = json!([
                grantee["grantee"],
                access["arn"],
                access["right"],
                access["actions"],
                access["conditions"],
                access["statements"]
            ]);
            assert!(round.insert(row.to_string()), "twice: {row}");
        }
    }
    assert!(straight.len() > 50 && straight == round);
}

#[test]
fn a_review_in_sarif_keeps_to_the_published_schema() {
    let log = review_demo(&["--format", "sarif", "--fail-on", "none"]).expect_json();
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("log.sarif");
    std::fs::write(&file, log.to_string()).unwrap();
    let mut command = python_command(home.path());
    command.args(["-c", super::sarif::VALIDATE]).arg(file);
    assert_eq!(run(command).expect_text(), "");
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 15);
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    for result in results {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        assert!(uri.starts_with("arn:aws:ecr:eu-west-2:222222222222:repository/"), "{uri}");
    }
}

/// Reads the CSV on the standard input as a spreadsheet does.
const READ_CSV: &str = "
import csv, json, sys
print(json.dumps(list(csv.reader(open(sys.argv[1], newline='')))))
";

#[test]
fn the_spreadsheet_has_a_line_for_each_access_and_no_formula() {
    let evil =
        policy_of(&json!([{"Sid": "=cmd", "Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": PULL,
        "Condition": {"StringEquals": {"=HYPERLINK(1)": "@SUM(1),\"x\"\r\n+1"}}}]));
    let home = ReviewHome::of_policies(&[
        ("evil".to_owned(), evil),
        ("two".to_owned(), policy_of(&allow(&json!({"AWS": ["111111111111", "333333333333"]}), &json!({})))),
        ("nobody".to_owned(), policy_of(&json!([{"Effect": "Deny", "Principal": "*", "Action": PULL}]))),
    ]);
    let written = home.review(&["--format", "csv", "--fail-on", "none"]);
    let file = home.home.path().join("review.csv");
    std::fs::write(&file, written.expect_text()).unwrap();
    let mut command = python_command(home.home.path());
    command.args(["-c", READ_CSV]).arg(file);
    let rows = run(command).expect_json();
    let rows: Vec<Vec<&str>> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row.as_array().unwrap().iter().map(|cell| cell.as_str().unwrap()).collect())
        .collect();
    assert_eq!(rows.len(), 1 + 1 + 2 + 1);
    for row in &rows {
        assert_eq!(row.len(), rows[0].len(), "{row:?}");
        assert!(row.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t', '\r'])), "{row:?}");
    }
    assert!(rows.iter().any(|row| row.contains(&"nobody")));
}

#[test]
fn the_page_needs_nothing_from_elsewhere_and_shows_no_text_as_an_element() {
    let evil = policy_of(&json!([{"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": PULL,
        "Condition": {"StringEquals": {"<script>alert(1)</script>": "<img src=http://x.example>"}}}]));
    let home = ReviewHome::of_policies(&[("evil".to_owned(), evil)]);
    for format in ["html", "markdown"] {
        let page = home.review(&["--format", format, "--fail-on", "none"]);
        let page = page.expect_text();
        assert!(page.contains("&lt;script&gt;"), "{page}");
        for part in ["<script", "<img", "<link", "@import", "url("] {
            assert!(!page.contains(part), "{format}: {part}");
        }
    }
}

#[test]
fn people_read_a_table_the_worst_first() {
    for arguments in [&["--fail-on", "none"][..], &["--fail-on", "none", "--format", "markdown"]] {
        let shown = review_demo(arguments);
        let name = if arguments.len() > 2 { "markdown" } else { "text" };
        insta::assert_snapshot!(format!("review_{name}"), shown.expect_text());
        assert_eq!(shown.stderr, "42 repositories in 1 registry; findings: 5 security, 10 warning\n");
    }
    let home = tempfile::tempdir().unwrap();
    let mut command = clean_command(env!("CARGO_BIN_EXE_ecr-grant"), home.path());
    command.args(["--demo", "show", "--all", "--format", "table"]);
    let mut shown: Vec<String> = run(command).expect_text().lines().map(|line| line.trim_end().to_owned()).collect();
    let reviewed = review_demo(&["--fail-on", "none", "--format", "table"]);
    let mut lines: Vec<String> = reviewed.expect_text().lines().map(str::to_owned).collect();
    assert_eq!(shown.len(), 43);
    shown.sort();
    lines.sort();
    assert_eq!(shown, lines, "a line for each repository");
}

/// Makes mixed repositories in two Regions: `SEED count`.
const SEED: &str = r"
import boto3, json, sys
endpoint, count = sys.argv[1], int(sys.argv[2])
pull = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer']
push = ['ecr:PutImage', 'ecr:InitiateLayerUpload', 'ecr:UploadLayerPart', 'ecr:CompleteLayerUpload']
def allow(principal, actions=pull, condition=None):
    one = {'Effect': 'Allow', 'Principal': principal, 'Action': actions}
    return dict(one, Condition=condition) if condition else one
def statements(n):
    account = '%012d' % (300000000000 + n % 37)
    return [
        None,
        [allow({'AWS': account})],
        [allow({'AWS': 'arn:aws:iam::%s:root' % account}), allow({'AWS': account}, push)],
        [allow({'AWS': 'arn:aws:iam::%s:role/team/ci' % account}, pull + ['ecr:BatchDeleteImage'])],
        [allow('*', pull, {'StringEquals': {'aws:PrincipalOrgID': 'o-a1b2c3d4e%d' % (n % 3)}})],
        [allow('*')],
        [allow({'AWS': '*'}), {'Effect': 'Deny', 'Principal': '*', 'Action': pull}],
        [allow({'Service': 'codebuild.amazonaws.com'}, pull, {'StringEquals': {'aws:SourceAccount': account}})],
        [allow({'AWS': [account, 'arn:aws:iam::111111111111:user/ana']}, 'ecr:SetRepositoryPolicy')],
        [allow({'AWS': account}, pull, {'IpAddress': {'aws:SourceIp': '203.0.113.0/24'}})],
    ][n % 10]
for at, region in enumerate(['eu-west-2', 'us-east-1']):
    ecr = boto3.client('ecr', endpoint_url=endpoint, region_name=region)
    for n in range(at, count, 2):
        name = 'load/team-%d/app-%04d' % (n % 7, n)
        ecr.create_repository(repositoryName=name)
        if statements(n):
            text = json.dumps({'Version': '2012-10-17', 'Statement': statements(n)})
            ecr.set_repository_policy(repositoryName=name, policyText=text)
print(json.dumps(count))
";

/// The same index by boto3 alone: for the kinds of policies of `SEED`, without the engine.
const INDEX: &str = r"
import boto3, json, re, sys
index, none = {}, []
manage, delete = {'SetRepositoryPolicy'}, {'BatchDeleteImage'}
push = {'PutImage', 'InitiateLayerUpload', 'UploadLayerPart', 'CompleteLayerUpload'}
as_list = lambda value: value if isinstance(value, list) else [value]
def right(actions):
    for name, those in [('manage', manage), ('delete', delete), ('push', push)]:
        if actions & those: return name
    return 'read'
def grantees(statement):
    conditions = [(o, k, as_list(v)) for o, keys in statement.get('Condition', {}).items() for k, v in keys.items()]
    principal = statement['Principal']
    if principal in ('*', {'AWS': '*'}):
        orgs = [c for c in conditions if c[:2] == ('StringEquals', 'aws:PrincipalOrgID')]
        names = orgs[0][2] if orgs else ['*']
        return names, [c for c in conditions if c not in orgs]
    names = as_list(principal.get('AWS', [])) + as_list(principal.get('Service', []))
    return [re.sub(r'^arn:aws:iam::(\d+):root$', r'\1', name) for name in names], conditions
for region in ['eu-west-2', 'us-east-1']:
    ecr = boto3.client('ecr', endpoint_url=sys.argv[1], region_name=region)
    for page in ecr.get_paginator('describe_repositories').paginate():
        for repository in page['repositories']:
            name, rows = repository['repositoryName'], {}
            try:
                policy = json.loads(ecr.get_repository_policy(repositoryName=name)['policyText'])
            except ecr.exceptions.RepositoryPolicyNotFoundException:
                none.append(repository['repositoryArn'])
                continue
            denied = {a for s in policy['Statement'] if s['Effect'] == 'Deny' for a in as_list(s['Action'])}
            for number, statement in enumerate(policy['Statement'], 1):
                left = set(as_list(statement['Action'])) - denied
                if statement['Effect'] == 'Allow' and left:
                    names, conditions = grantees(statement)
                    for who in names:
                        row = rows.setdefault((who, json.dumps(conditions)), (set(), []))
                        row[0].update(left)
                        row[1].append(number)
            for (who, conditions), (actions, numbers) in rows.items():
                bare = {a.split(':')[1] for a in actions}
                index.setdefault(who, []).append([repository['repositoryArn'], right(bare), sorted(actions), json.loads(conditions), numbers])
print(json.dumps({'index': index, 'none': none}))
";

#[test]
fn the_index_is_that_of_a_script_over_the_same_repositories() {
    let count = if std::env::var_os("ECR_GRANT_LONG").is_some() { 1_000 } else { 120 };
    let moto = Moto::start_server();
    let home = tempfile::tempdir().unwrap();
    let in_python = |script: &str, arguments: &[&str]| {
        let mut command = python_command(home.path());
        command.env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE").args(["-c", script, &moto.endpoint_url()]).args(arguments);
        run(command).expect_json()
    };
    assert_eq!(in_python(SEED, &[&count.to_string()]), json!(count));
    let theirs = in_python(INDEX, &[]);
    std::fs::write(
        home.path().join("aws-config"),
        "[profile owner]\nregion = eu-west-2\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = none\n",
    )
    .unwrap();
    let mut command = clean_command(env!("CARGO_BIN_EXE_ecr-grant"), home.path());
    command.args(["review", "--profile", "owner", "--endpoint-url", &moto.endpoint_url(), "--format", "json"]);
    command.args(["--regions", "eu-west-2,us-east-1", "--fail-on", "none"]);
    let ours = run(command).expect_json();
    let rows = |grantee: &str, accesses: &Value| {
        let accesses = accesses.as_array().unwrap().iter();
        accesses.map(|access| json!([grantee, access]).to_string()).collect::<BTreeSet<String>>()
    };
    let of_script: BTreeSet<String> =
        theirs["index"].as_object().unwrap().iter().flat_map(|(grantee, accesses)| rows(grantee, accesses)).collect();
    let mut of_review = BTreeSet::new();
    for grantee in ours["index"].as_array().unwrap() {
        for access in grantee["repositories"].as_array().unwrap() {
            let mut actions: Vec<&str> =
                access["actions"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            actions.sort_unstable();
            let conditions: Vec<Value> = access["conditions"]
                .as_array()
                .unwrap()
                .iter()
                .map(|c| json!([c["operator"], c["key"], c["values"]]))
                .collect();
            let row = json!([access["arn"], access["right"], actions, conditions, access["statements"]]);
            assert!(of_review.insert(json!([grantee["grantee"], row]).to_string()), "twice: {row}");
        }
    }
    assert_eq!(of_review, of_script);
    let repositories = ours["repositories"].as_array().unwrap();
    assert_eq!(repositories.len(), count);
    let without: Vec<&Value> = repositories.iter().filter(|r| r["size"].is_null()).map(|r| &r["arn"]).collect();
    assert_eq!(without.len(), theirs["none"].as_array().unwrap().len());
}
