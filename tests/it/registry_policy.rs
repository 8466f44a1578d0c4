//! The registry's own policy: read once, counted everywhere, and its words where it cannot be read.

use std::sync::Arc;
use std::time::Duration;

use ecr_grant::aws::{AwsAccess, Credentials};
use ecr_grant::ecr::{AccountId, Context, FailureKind, Region, RepositoryName, RepositoryRef, SourceId};
use ecr_grant::sandbox::{self, Clock, Service, Trouble};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::python::aws_cli;
use crate::support::served::Served;
use crate::support::{Finished, clean_command, run};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ecr-grant");

fn account_id(id: &str) -> AccountId {
    AccountId::parse(id).unwrap()
}

fn owner_region() -> Region {
    Region::parse("eu-west-2").unwrap()
}

fn reference_to(name: &str) -> RepositoryRef {
    let name = RepositoryName::parse(name).unwrap();
    RepositoryRef { account: account_id("222222222222"), region: owner_region(), name }
}

/// Returns a registry policy of these statements, each with the vendor's repositories as its `Resource`.
fn policy_of(statements: &[&str]) -> String {
    let resource = r#""Resource": "arn:aws:ecr:eu-west-2:222222222222:repository/vendor*""#;
    let all: Vec<String> = statements.iter().map(|statement| format!("{{{statement}, {resource}}}")).collect();
    format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, all.join(", "))
}

const BAN: &str =
    r#""Sid": "Ban", "Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::111111111111:root"}, "Action": "ecr:*""#;
const OPEN: &str = r#""Sid": "Open", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::777777777777:root"}, "Action": ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]"#;

/// The demo registry on a port, and a home for the program.
struct RegistryOwner {
    served: Served,
    home: TempDir,
}

impl RegistryOwner {
    fn with_policy(policy: Option<&str>) -> Self {
        let service = Service::demo(Clock::System);
        service.set_registry_policy_directly(&account_id("222222222222"), &owner_region(), policy);
        Self { served: Served::new(service, Duration::ZERO), home: tempfile::tempdir().unwrap() }
    }

    fn run(&self, arguments: &[&str]) -> Finished {
        let mut command = clean_command(PROGRAM, self.home.path());
        command.args(arguments).args(["--endpoint-url", &self.served.url]);
        run(command)
    }

    fn run_aws(&self, arguments: &[&str]) -> Finished {
        let mut command = aws_cli(&self.served.url, "222222222222", "eu-west-2", self.home.path());
        command.args(arguments);
        run(command)
    }

    fn count_calls(&self, operation: &str) -> usize {
        self.served.service.recorded_calls().iter().filter(|call| call.operation == operation).count()
    }
}

fn exit_code(finished: &Finished) -> i32 {
    finished.status.code().unwrap()
}

#[test]
fn it_is_read_once_for_many_repositories_and_again_when_it_is_forgotten() {
    let service = Arc::new(Service::demo(Clock::System));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let sources = sandbox::demo_sources()
        .into_iter()
        .map(|(source, id, secret)| (source, Credentials::new(id, secret, None, None, "sandbox")))
        .collect();
    let access = AwsAccess::with_sources(sources, sandbox::connector(service.clone(), Duration::from_millis(5)));
    let context = Context { source: SourceId::Profile("release-owner".into()), region: owner_region() };
    let asked = || service.recorded_calls().iter().filter(|call| call.operation == "GetRegistryPolicy").count();
    runtime.block_on(async {
        access.verify_source(&context.source, Some(&context.region)).await.unwrap();
        let registry = access.open_registry(&context, &account_id("222222222222")).await.unwrap();
        let many = (0..20).map(|_| registry.read_registry_policy());
        let answers = futures_util::future::join_all(many).await;
        assert!(answers.iter().all(|answer| answer.as_ref().unwrap().is_some()), "{answers:?}");
        assert_eq!(asked(), 1);
        service.set_registry_policy_directly(&account_id("222222222222"), &owner_region(), None);
        assert!(registry.read_registry_policy().await.unwrap().is_some(), "the one answer holds");
        registry.forget_registry_policy().await;
        assert_eq!(registry.read_registry_policy().await, Ok(None));
        assert_eq!(asked(), 2);
        // AWS would answer for the caller's own registry: nobody is asked.
        let other = access.open_registry(&context, &account_id("333333333333")).await.unwrap();
        let refused = other.read_registry_policy().await.unwrap_err();
        assert_eq!(refused.kind, FailureKind::AccessDenied);
        assert!(refused.what.contains("account 333333333333 alone"), "{refused}");
        assert_eq!(asked(), 2);
    });
}

#[test]
fn a_grant_that_it_denies_is_blocked_and_nothing_is_written() {
    let owner = RegistryOwner::with_policy(Some(&policy_of(&[BAN])));
    let granted = owner.run(&["grant", "vendorapp", "--to", "111111111111", "--yes", "--format", "json"]);
    assert_eq!(exit_code(&granted), 4, "{granted:?}");
    let told: Value = serde_json::from_str(&granted.stdout).unwrap();
    let one = &told["repositories"][0];
    assert_eq!(one["result"], "blocked");
    assert_eq!(one["denied_by"], serde_json::json!([]));
    assert_eq!(one["denied_by_registry"], serde_json::json!([1]));
    assert_eq!(
        one["words"],
        "not written: pull for account 111111111111 is blocked by statement 1 (Ban) of the registry policy"
    );
    assert_eq!((owner.count_calls("SetRepositoryPolicy"), owner.count_calls("GetRegistryPolicy")), (0, 1));
    // Another repository, and another account, are none of its business.
    for (name, grantee) in [("payments-api", "111111111111"), ("vendorapp", "888888888888")] {
        let granted = owner.run(&["grant", name, "--to", grantee, "--yes"]);
        assert_eq!(exit_code(&granted), 0, "{granted:?}");
        assert!(granted.stdout.contains("granted: owner side done"), "{granted:?}");
    }
}

#[test]
fn a_grant_that_is_there_already_is_not_called_granted_where_it_denies() {
    let owner = RegistryOwner::with_policy(None);
    assert_eq!(exit_code(&owner.run(&["grant", "vendorapp", "--to", "111111111111", "--yes"])), 0);
    owner.served.service.set_registry_policy_directly(
        &account_id("222222222222"),
        &owner_region(),
        Some(&policy_of(&[BAN])),
    );
    let again = owner.run(&["grant", "vendorapp", "--to", "111111111111", "--yes"]);
    assert_eq!(exit_code(&again), 4, "{again:?}");
    assert!(again.stdout.contains("blocked by statement 1 (Ban) of the registry policy"), "{again:?}");
    let shown = owner.run(&["show", "vendorapp"]);
    assert!(shown.stdout.contains("\n    denied by statement 1 (Ban) of the registry policy"), "{}", shown.stdout);
    let shown = owner.run(&["show", "vendorapp", "--format", "json"]).expect_json();
    let one = &shown["repositories"][0];
    assert_eq!(one["class"], "none", "nobody outside has it any more");
    assert_eq!(one["access"][0]["denied_by_registry"], serde_json::json!([1]));
    assert_eq!(one["denies"][0]["registry_statement"], 1);
    assert_eq!(one["denies"][0]["statement"], Value::Null);
    assert_eq!(one["statements"].as_array().unwrap().len(), 1, "the repository's own");
}

#[test]
fn what_it_allows_is_told_and_not_counted() {
    let owner = RegistryOwner::with_policy(Some(&policy_of(&[OPEN])));
    let told = "Note: statement 1 (Open) of the registry policy may also open it to account 777777777777: pull";
    let shown = owner.run(&["show", "vendorapp"]);
    assert!(shown.expect_text().contains("No policy: only account 222222222222 has access"), "{}", shown.stdout);
    assert!(shown.stdout.contains(told), "{}", shown.stdout);
    let other = owner.run(&["show", "payments-api"]);
    assert!(!other.stdout.contains("registry policy"), "{}", other.stdout);
}

#[test]
fn one_that_cannot_be_read_is_said_once_and_no_grant_is_called_done() {
    let denied = "User: arn:aws:iam::222222222222:user/ci is not authorized to perform: ecr:GetRegistryPolicy on resource: * because no identity-based policy allows the ecr:GetRegistryPolicy action";
    let troubles = [
        Trouble::Error(400, "AccessDeniedException".to_owned(), denied.to_owned()),
        Trouble::Error(400, "UnknownOperationException".to_owned(), String::new()),
        Trouble::Altered("/policyText".to_owned(), Value::from("{")),
        Trouble::Altered("/registryId".to_owned(), Value::from("999999999999")),
    ];
    for trouble in troubles {
        let owner = RegistryOwner::with_policy(Some(&policy_of(&[OPEN])));
        owner.served.service.add_trouble(Some("GetRegistryPolicy"), 0, u32::MAX, trouble.clone());
        let granted = owner.run(&["grant", "vendorapp", "vendorapp-worker", "--to", "111111111111", "--yes"]);
        assert_eq!(exit_code(&granted), 0, "{granted:?}");
        let warned = "warning: the registry policy of 222222222222 in eu-west-2 could not be read (";
        assert_eq!(granted.stderr.matches(warned).count(), 1, "{trouble:?}: {granted:?}");
        let words = "written, but owner side unproved: the registry policy could not be read, and may deny it";
        assert_eq!(granted.stdout.matches(words).count(), 2, "{granted:?}");
        assert!(!granted.stdout.contains("side done"), "{granted:?}");
        let shown = owner.run(&["show", "vendorapp"]);
        assert!(shown.stdout.contains("could not be read ("), "{shown:?}");
    }
}

#[test]
fn the_sandbox_keeps_it_and_holds_it_against_every_call_of_the_aws_cli() {
    let owner = RegistryOwner::with_policy(None);
    let text = policy_of(&[&BAN.replace("arn:aws:iam::111111111111:root", "*").replace("ecr:*", "ecr:DescribeImages")]);
    assert!(owner.run_aws(&["ecr", "get-registry-policy"]).stderr.contains("RegistryPolicyNotFoundException"));
    let put = owner.run_aws(&["ecr", "put-registry-policy", "--policy-text", &text]).expect_json();
    assert_eq!(put["registryId"], "222222222222");
    let images = |name: &str| owner.run_aws(&["ecr", "describe-images", "--repository-name", name]);
    let refused = images("vendorapp").stderr;
    assert!(refused.contains("AccessDeniedException"), "{refused}");
    assert!(refused.contains("with an explicit deny in a resource-based policy"), "{refused}");
    assert!(images("payments-api").status.success(), "another resource");
    assert!(
        owner
            .run_aws(&["ecr", "get-repository-policy", "--repository-name", "vendorapp"])
            .stderr
            .contains("RepositoryPolicyNotFound")
    );
    let got = owner.run_aws(&["ecr", "get-registry-policy"]).expect_json();
    assert_eq!(got["policyText"], text.as_str());
    for broken in
        ["{}", "not json", &text.replace("\"Resource\"", "\"Resourc\""), &text.replace("ecr:Describe", "s3:Get")]
    {
        let refused = owner.run_aws(&["ecr", "put-registry-policy", "--policy-text", broken]).stderr;
        assert!(refused.contains("Invalid registry policy provided"), "{broken}: {refused}");
    }
    let scope = owner.run_aws(&["ecr", "get-account-setting", "--name", "REGISTRY_POLICY_SCOPE"]);
    assert_eq!(scope.expect_json()["value"], "V2");
    let set = |value: &str| {
        owner.run_aws(&["ecr", "put-account-setting", "--name", "REGISTRY_POLICY_SCOPE", "--value", value])
    };
    assert!(set("V2").status.success() && set("V1").stderr.contains("InvalidParameterException"));
    assert!(owner.run_aws(&["ecr", "delete-registry-policy"]).status.success());
    assert!(images("vendorapp").status.success(), "the Deny is gone");
    assert_eq!(owner.count_calls("SetRepositoryPolicy"), 0);
    assert!(owner.served.service.policy_of(&reference_to("vendorapp")).is_none());
}

#[test]
fn can_counts_it_offline() {
    let home = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = home.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let own = file(
        "own.json",
        r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}]}"#,
    );
    let registry = file("registry.json", &policy_of(&[BAN, OPEN]));
    let cases = [
        ("vendorapp", "arn:aws:iam::111111111111:role/ci", "ecr:BatchGetImage", "deny-explicit", false),
        ("payments-api", "arn:aws:iam::111111111111:role/ci", "ecr:BatchGetImage", "allow", false),
        ("vendorapp", "arn:aws:iam::888888888888:role/ci", "ecr:BatchGetImage", "allow", false),
        // Whether an Allow of the registry alone is enough is not documented.
        ("vendorapp", "arn:aws:iam::777777777777:role/ci", "ecr:GetDownloadUrlForLayer", "deny-implicit", true),
    ];
    let mut lines = String::new();
    for (name, principal, action, result, unsure) in cases {
        let repository = reference_to(name).arn().to_string();
        let mut command = clean_command(PROGRAM, home.path());
        command.args(["can", "--policy", &own, "--registry-policy", &registry, "--principal", principal]);
        command.args(["--action", action, "--repository", &repository, "--format", "json"]);
        let answer: Value = serde_json::from_str(&run(command).stdout).unwrap();
        assert_eq!((&answer["result"], &answer["unsure"]), (&Value::from(result), &Value::from(unsure)), "{answer}");
        let is_registrys = result == "deny-explicit";
        assert_eq!(answer.get("registry_deny").is_some(), is_registrys, "{answer}");
        let policy = std::fs::read_to_string(&own).unwrap();
        let line =
            serde_json::json!({"policy": policy, "principal": principal, "action": action, "resource": repository});
        lines = lines + &line.to_string() + "\n";
    }
    let questions = file("cases.jsonl", &lines);
    let mut command = clean_command(PROGRAM, home.path());
    command.args(["can", "--cases", &questions, "--registry-policy", &registry]);
    let answers = run(command);
    let results: Vec<Value> = answers
        .expect_text()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["result"].clone())
        .collect();
    assert_eq!(results, cases.map(|case| Value::from(case.3)));
    let mut command = clean_command(PROGRAM, home.path());
    command.args(["can", "--cases", &questions, "--registry-policy", &questions]);
    let refused = run(command);
    assert_eq!(exit_code(&refused), 2, "{refused:?}");
    assert!(refused.stderr.contains("is no registry policy"), "{refused:?}");
}

/// Changes or refuses the answer about the scope of the registry policy, from now on.
fn trouble_scope(owner: &RegistryOwner, trouble: Trouble) {
    owner.served.service.add_trouble(Some("GetAccountSetting"), 0, u32::MAX, trouble);
}

#[test]
fn one_of_an_older_scope_counts_for_no_pull_and_an_unread_scope_is_told_on_the_screen_and_by_each_command() {
    let older = || Trouble::Altered("/value".to_owned(), serde_json::json!("V1"));
    let refused = || Trouble::Error(400, "AccessDeniedException".into(), "no".into());
    let told = "could not be read";
    for (trouble, is_denied, is_told) in
        [(None, true, false), (Some(older()), false, false), (Some(refused()), true, true)]
    {
        let owner = RegistryOwner::with_policy(Some(&policy_of(&[BAN])));
        if let Some(trouble) = trouble.clone() {
            trouble_scope(&owner, trouble);
        }
        // The command asks first and writes nothing where the Deny counts.
        let granted = owner.run(&["grant", "vendorapp", "--to", "111111111111", "--yes", "--dry-run"]);
        let words = format!("{}{}", granted.stdout, granted.stderr);
        assert_eq!(exit_code(&granted) == 4, is_denied, "{trouble:?}: {words}");
        assert_eq!(words.contains("the scope of the registry policy") && words.contains(told), is_told, "{words}");
        assert_eq!(owner.count_calls("GetAccountSetting"), 1, "{trouble:?}");
        // The wizard: who has access to the repository, by its review.
        let repository = crate::journeys::repository_named("vendorapp");
        let policy = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Pull","Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"ecr:BatchGetImage"}]}"#;
        owner.served.service.set_policy_directly(&repository, Some(policy));
        let mut pty = crate::journeys::open_as_owner(&owner.served, owner.home.path(), &["vendorapp"]);
        pty.wait_for("Grantee").press_keys("Esc").wait_for("›  vendorapp");
        pty.press_keys("v").wait_for("Who has access").wait_for("account 111111111111");
        let screen = pty.screen_text();
        assert_eq!(screen.contains("Ban"), is_denied, "{trouble:?}: {screen}");
        assert_eq!(screen.contains("the scope of the registry policy"), is_told, "{trouble:?}: {screen}");
        pty.press_keys("Esc").wait_for("›  vendorapp").press_keys("q");
        assert_eq!(pty.exit_code(), 0);
    }
}
