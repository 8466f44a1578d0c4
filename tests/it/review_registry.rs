//! What a review tells of the registry itself: templates, the trap of create-on-push, replicas, and the scope of its policy.

use ecr_grant::sandbox::Trouble;
use serde_json::{Value, json};

use super::review::{PULL, ReviewHome, allow, exit_code, find_breaches, policy_of, read_lines};
use super::support::pty::Pty;
use super::support::python::python_command;
use super::support::run;

fn home_of(templates: &Value, registry_policy: &Value) -> ReviewHome {
    let open = policy_of(&allow(&json!("*"), &json!({})));
    ReviewHome::new(&json!({"registries": [{"account": "222222222222", "region": "eu-west-2",
        "registry_policy": registry_policy, "creation_templates": templates,
        "replication": {"rules": [{"destinations": [{"region": "us-east-1", "registryId": "222222222222"}],
            "repositoryFilters": [{"filter": "team/", "filterType": "PREFIX_MATCH"}]}]},
        "repositories": [{"name": "open", "created": 0, "policy": open}]}]}))
}

fn registry_line(home: &ReviewHome) -> Value {
    let reviewed = home.review(&["--format", "jsonl", "--fail-on", "none"]);
    assert_eq!(exit_code(&reviewed), 0, "{}", reviewed.stderr);
    assert_eq!(find_breaches(&reviewed.stdout), "");
    let lines = read_lines(&reviewed.stdout);
    let mut of_registry = lines.into_iter().filter(|line| line["repository"].is_null());
    let line = of_registry.next().unwrap();
    assert_eq!(of_registry.next(), None);
    line
}

/// Returns the registry's line of a review of what AWS Config recorded.
fn recorded_line(home: &ReviewHome) -> Value {
    let reviewed = home.review(&["--aggregator", "organization", "--format", "jsonl", "--fail-on", "none"]);
    assert_eq!(exit_code(&reviewed), 0, "{}", reviewed.stderr);
    read_lines(&reviewed.stdout).into_iter().find(|line| line["repository"].is_null()).unwrap()
}

/// Returns what both ECR and AWS Config tell of a registry, and what follows.
fn told_parts(line: &Value) -> Value {
    let registry = &line["registry"];
    json!([line["findings"], line["grantees"], registry["templates"], registry["denies"], registry["replications"]])
}

fn ids_of(line: &Value) -> Vec<String> {
    line["findings"].as_array().unwrap().iter().map(|found| found["id"].as_str().unwrap().to_owned()).collect()
}

fn deny(principal: &Value, action: &str, resource: &str, condition: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": principal, "Action": action,
        "Resource": format!("arn:aws:ecr:eu-west-2:222222222222:repository/{resource}"), "Condition": condition}]})
}

#[test]
fn a_template_for_pushes_is_a_trap_unless_the_registry_denies_outsiders_to_create() {
    let everyone = json!("*");
    let outside = json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}});
    let allowing = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111111111111:root"}, "Action": "ecr:CreateRepository",
        "Resource": "arn:aws:ecr:eu-west-2:222222222222:repository/*"}]});
    for (policy, prefix, occasion, is_trap) in [
        (Value::Null, "ROOT", "CREATE_ON_PUSH", true),
        (Value::Null, "team", "CREATE_ON_PUSH", true),
        (Value::Null, "ROOT", "PULL_THROUGH_CACHE", false),
        (Value::Null, "ROOT", "REPLICATION", false),
        (deny(&everyone, "ecr:CreateRepository", "*", &json!({})), "ROOT", "CREATE_ON_PUSH", false),
        (deny(&everyone, "ecr:*", "team/*", &json!({})), "team", "CREATE_ON_PUSH", false),
        (deny(&everyone, "ecr:CreateRepository", "team/*", &json!({})), "other", "CREATE_ON_PUSH", true),
        (deny(&everyone, "ecr:CreateRepository", "*", &outside), "ROOT", "CREATE_ON_PUSH", false),
        (
            deny(&json!({"AWS": "arn:aws:iam::111111111111:root"}), "ecr:CreateRepository", "*", &json!({})),
            "ROOT",
            "CREATE_ON_PUSH",
            true,
        ),
        (deny(&everyone, "ecr:PutImage", "*", &json!({})), "ROOT", "CREATE_ON_PUSH", true),
        (allowing, "ROOT", "CREATE_ON_PUSH", true),
    ] {
        let home = home_of(&json!([{"prefix": prefix, "appliedFor": [occasion]}]), &policy);
        let line = registry_line(&home);
        assert_eq!(ids_of(&line).contains(&"R402".to_owned()), is_trap, "{policy} {prefix} {occasion}: {line}");
        assert_eq!(line["registry"]["templates"][0]["applied_for"], json!([occasion]));
        assert_eq!(told_parts(&recorded_line(&home)), told_parts(&line));
    }
}

#[test]
fn templates_that_will_grant_and_replicas_are_told() {
    let granting = policy_of(&allow(&json!({"AWS": "111111111111"}), &json!({}))).to_string();
    let own = policy_of(&allow(&json!({"AWS": "arn:aws:iam::222222222222:role/ci"}), &json!({}))).to_string();
    let templates = json!([
        {"prefix": "vendor", "appliedFor": ["REPLICATION"], "repositoryPolicy": granting},
        {"prefix": "own", "appliedFor": ["REPLICATION"], "repositoryPolicy": own},
        {"prefix": "bare", "appliedFor": ["REPLICATION"]},
    ]);
    let home = home_of(&templates, &Value::Null);
    let line = registry_line(&home);
    assert_eq!(ids_of(&line), ["R403"]);
    let message = line["findings"][0]["message"].as_str().unwrap();
    assert!(message.contains("template vendor: account 111111111111 can pull"), "{message}");
    assert_eq!(
        line["registry"]["replications"],
        json!([{"account": "222222222222", "region": "us-east-1", "prefixes": ["team/"]}])
    );
    let shown = home.review(&["--fail-on", "none"]).stdout;
    assert!(shown.contains("team/: images are copied to 222222222222 in us-east-1"), "{shown}");
    // Another client reads the same templates, page by page.
    let script = "import boto3, json, sys\n\
        ecr = boto3.client('ecr', endpoint_url=sys.argv[1], region_name='eu-west-2')\n\
        pages = ecr.get_paginator('describe_repository_creation_templates').paginate(PaginationConfig={'PageSize': 1})\n\
        found = [t for page in pages for t in page['repositoryCreationTemplates']]\n\
        one = ecr.describe_repository_creation_templates(prefixes=['own'])['repositoryCreationTemplates']\n\
        print(json.dumps([[t['prefix'] for t in found], [t['prefix'] for t in one], found[2]['repositoryPolicy']]))";
    let mut command = python_command(home.home.path());
    command.env("AWS_ACCESS_KEY_ID", "222222222222").args(["-c", script, &home.served.url]);
    assert_eq!(run(command).expect_json(), json!([["bare", "own", "vendor"], ["own"], granting]));
}

#[test]
fn what_is_refused_of_a_registry_is_told_as_unknown_and_an_older_scope_counts_no_deny() {
    let fence = deny(&json!("*"), "ecr:BatchGetImage", "*", &json!({}));
    let home = home_of(&json!([]), &fence);
    let classes = || {
        let reviewed = home.review(&["--format", "jsonl", "--fail-on", "none"]);
        let lines = read_lines(&reviewed.stdout);
        let class = lines.iter().find(|line| line["repository"] == "open").unwrap()["grantees"][0]["actions"].clone();
        (class, reviewed)
    };
    assert_eq!(classes().0, json!([PULL[1]]), "the Deny counts");
    home.served.service.add_trouble(
        Some("GetAccountSetting"),
        0,
        1,
        Trouble::Altered("/value".to_owned(), json!("V1")),
    );
    assert_eq!(classes().0, json!(PULL));
    for operation in
        ["GetAccountSetting", "DescribeRepositoryCreationTemplates", "DescribeRegistry", "GetRegistryPolicy"]
    {
        home.served.service.add_trouble(
            Some(operation),
            0,
            1,
            Trouble::Error(400, "AccessDeniedException".into(), "no".into()),
        );
        let (actions, reviewed) = classes();
        assert_eq!(exit_code(&reviewed), 0, "{operation}: {}", reviewed.stderr);
        assert!(reviewed.stderr.contains("note: "), "{operation}: {}", reviewed.stderr);
        let line = read_lines(&reviewed.stdout).into_iter().find(|line| line["repository"].is_null()).unwrap();
        assert_eq!(line["registry"]["unread"].as_array().unwrap().len(), 1, "{operation}: {line}");
        assert_eq!(actions, if operation == "GetRegistryPolicy" { json!(PULL) } else { json!([PULL[1]]) });
    }
}

#[test]
fn the_screen_tells_of_the_registry_itself_what_the_command_tells() {
    let open = policy_of(&allow(&json!("*"), &json!({}))).to_string();
    let template = json!([{"prefix": "cache", "appliedFor": ["CREATE_ON_PUSH"], "repositoryPolicy": open}]);
    let home = home_of(&template, &Value::Null);
    let ids = ids_of(&registry_line(&home));
    assert_eq!(ids.len(), 2, "{ids:?}");
    for more in [&[][..], &["--regions", "eu-west-2,us-east-1"]] {
        let url = home.served.url.as_str();
        let args = [&["review", "--endpoint-url", url, "--profile", "owner"], more].concat();
        let mut pty = Pty::start_wizard(&args, 120, 40, home.home.path());
        pty.wait_for("222222222222 in eu-west-2: R402 create-on-push and 1 more (Tab Tab)");
        pty.wait_for("1 public, 2 risks").press_keys("Tab Tab").wait_for("State");
        let screen = pty.wait_for("template cache for CREATE_ON_PUSH").screen_text();
        for id in &ids {
            assert!(screen.contains(&format!("{id} ")), "{id}: {screen}");
        }
        assert!(screen.contains("team/: images are copied to"), "{screen}");
        // An acceptance for all registries holds on the screen too.
        pty.press_keys("q");
        assert_eq!(pty.exit_code(), 0);
        home.write(
            "accepted.toml",
            "[[accepted]]\nfinding = \"R402\"\nrepository = \"*\"\nreason = \"known\"\nwho = \"ana\"\n",
        );
        let args = [&args[..], &["--accepted", "accepted.toml"]].concat();
        let mut pty = Pty::start_wizard_with(&args, 120, 40, home.home.path(), &[("USER", "ana")]);
        pty.wait_for("222222222222 in eu-west-2: R403 opening-template (Tab Tab)").wait_for("1 public, 1 risk");
        pty.press_keys("Tab Tab").wait_for("accepted by ana");
        // `a` accepts the other one for this registry alone, as the command reads it.
        pty.press_keys("a").wait_for("registry 222222222222 in eu-west-2").type_text("a cache of our own");
        pty.press_keys("Ctrl-S").wait_for("opening-template is accepted in accepted.toml").press_keys("q");
        assert_eq!(pty.exit_code(), 0);
        let written = std::fs::read_to_string(home.home.path().join("accepted.toml")).unwrap();
        assert!(written.contains("repository = \"arn:aws:ecr:eu-west-2:222222222222:repository/*\""), "{written}");
        let told = home.review(&["--format", "jsonl", "--accepted", "accepted.toml"]);
        let line = read_lines(&told.stdout).into_iter().find(|line| line["repository"].is_null()).unwrap();
        let accepted = line["findings"].as_array().unwrap().iter().filter(|finding| !finding["accepted"].is_null());
        assert_eq!(accepted.count(), 2, "{line}");
    }
}

/// Returns the line of the registry of a review of files.
fn collected_line(home: &ReviewHome, from: &[&str]) -> (Value, String) {
    let args = [&["--format", "jsonl", "--fail-on", "none", "--from"], from].concat();
    let mut command = super::support::clean_command(env!("CARGO_BIN_EXE_ecr-grant"), home.home.path());
    command.arg("review").args(args);
    let told = run(command);
    let line = read_lines(&told.stdout).into_iter().find(|line| line["repository"].is_null());
    (line.unwrap_or_default(), told.stderr)
}

#[test]
fn a_review_of_a_review_tells_the_same_of_the_registry() {
    let open = policy_of(&allow(&json!("*"), &json!({}))).to_string();
    let templates = json!([{"prefix": "cache", "appliedFor": ["CREATE_ON_PUSH"], "repositoryPolicy": open}]);
    let denying = deny(&json!("*"), "ecr:BatchGetImage", "*", &json!({}));
    let refusal = || Trouble::Error(400, "AccessDeniedException".into(), "no".into());
    let older = || Trouble::Altered("/value".to_owned(), json!("V1"));
    for (policy, trouble) in [
        (Value::Null, None),
        (denying.clone(), None),
        (denying.clone(), Some(("GetAccountSetting", older()))),
        (denying.clone(), Some(("GetRegistryPolicy", refusal()))),
        (denying, Some(("DescribeRepositoryCreationTemplates", refusal()))),
    ] {
        let home = home_of(&templates, &policy);
        if let Some((operation, trouble)) = trouble {
            home.served.service.add_trouble(Some(operation), 0, 1, trouble);
        }
        let direct = home.review(&["--format", "jsonl", "--with-policy", "--fail-on", "none"]);
        home.write("before.jsonl", &direct.stdout);
        let backwards: Vec<&str> = direct.stdout.lines().rev().collect();
        home.write("backwards.jsonl", &backwards.join("\n"));
        let lines = read_lines(&direct.stdout);
        let line = lines.iter().find(|line| line["repository"].is_null()).unwrap();
        for (again, said) in ["before.jsonl", "backwards.jsonl"].map(|from| collected_line(&home, &[from])) {
            assert_eq!((&again["findings"], &again["grantees"]), (&line["findings"], &line["grantees"]), "{said}");
            assert_eq!(again["registry"]["policy_state"], line["registry"]["policy_state"], "{said}");
        }
        let (again, said) = collected_line(&home, &["before.jsonl"]);
        for part in ["policy", "policy_state", "policy_scope", "denies", "templates", "replications"] {
            assert_eq!(again["registry"][part], line["registry"][part], "{part}: {again}");
        }
        assert_eq!((&again["findings"], &again["grantees"]), (&line["findings"], &line["grantees"]), "{said}");
        assert!(!said.contains("is not in what was collected"), "{said}");
        let of_repository = |lines: &[Value]| {
            let line = lines.iter().find(|line| line["repository"] == "open").unwrap();
            json!([line["class"], line["grantees"], line["findings"]])
        };
        let args = ["review", "--from", "before.jsonl", "--format", "jsonl", "--fail-on", "none"];
        let mut command = super::support::clean_command(env!("CARGO_BIN_EXE_ecr-grant"), home.home.path());
        command.args(args);
        assert_eq!(of_repository(&read_lines(&run(command).stdout)), of_repository(&lines));
    }
}

#[test]
fn a_snapshot_of_config_tells_templates_and_replicas_and_rows_without_a_registry_say_so() {
    let open = policy_of(&allow(&json!("*"), &json!({})));
    let home = home_of(&json!([]), &Value::Null);
    let item = |kind: &str, configuration: Value| {
        json!({"resourceType": format!("AWS::ECR::{kind}"), "awsAccountId": "222222222222", "awsRegion": "eu-west-2",
            "arn": "arn:aws:ecr:eu-west-2:222222222222:repository/open", "configuration": configuration})
    };
    let items = json!({"configurationItems": [
        item("Repository", json!({"RepositoryPolicyText": open})),
        item("RepositoryCreationTemplate", json!({"Prefix": "cache", "AppliedFor": ["CREATE_ON_PUSH"], "RepositoryPolicy": open})),
        item("ReplicationConfiguration", json!({"ReplicationConfiguration": {"rules": [{"destinations":
            [{"region": "us-east-1", "registryId": "222222222222"}],
            "repositoryFilters": [{"filter": "team/", "filterType": "PREFIX_MATCH"}]}]}})),
    ]});
    home.write("snapshot.json", &items.to_string());
    let (line, said) = collected_line(&home, &["snapshot.json"]);
    assert_eq!(ids_of(&line), ["R403", "R402"], "{line}");
    assert_eq!(line["registry"]["replications"][0]["prefixes"], json!(["team/"]));
    let unknown = "the registry policy of 222222222222 in eu-west-2 is not in what was collected";
    assert!(said.contains(unknown), "{said}");
    let row = json!({"arn": "arn:aws:ecr:eu-west-2:222222222222:repository/open", "policy": open});
    home.write("rows.json", &json!({"rows": [row]}).to_string());
    assert!(collected_line(&home, &["rows.json"]).1.contains(unknown));
}
