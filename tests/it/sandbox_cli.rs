//! The sandbox, asked by a client that others wrote: the AWS CLI.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::time::Duration;

use ecr_grant::sandbox::{Clock, Service};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::python::{aws_cli, python_environment};
use crate::support::served::Served;
use crate::support::{Finished, clean_command, run};

const OWNER: &str = "222222222222";

/// A sandbox with the AWS CLI beside it.
struct Desk {
    url: String,
    sandbox: Sandbox,
    home: TempDir,
}

/// The server that answers.
enum Sandbox {
    /// `ecr-grant sandbox`, as a user starts it.
    Command(Child),
    /// The same service in this process, whose calls can be counted.
    Counted(Served),
}

impl Desk {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut command = clean_command(env!("CARGO_BIN_EXE_ecr-grant"), home.path());
        command.args(["sandbox", "--port", "0"]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Self { url: url.trim().to_owned(), sandbox: Sandbox::Command(child), home }
    }

    fn with_counts(service: Service) -> Self {
        let served = Served::new(service, Duration::ZERO);
        Self { url: served.url.clone(), sandbox: Sandbox::Counted(served), home: tempfile::tempdir().unwrap() }
    }

    /// Returns the operations that were called so far.
    fn called_operations(&self) -> Vec<String> {
        match &self.sandbox {
            Sandbox::Command(_) => panic!("the command does not tell its calls"),
            Sandbox::Counted(served) => {
                served.service.recorded_calls().into_iter().map(|call| call.operation).collect()
            }
        }
    }

    fn aws_as(&self, key_id: &str, region: &str, arguments: &[&str]) -> Finished {
        let mut command = aws_cli(&self.url, key_id, region, self.home.path());
        command.args(arguments);
        run(command)
    }

    /// Runs `aws ARGUMENTS` as the owner's administrator in eu-west-2.
    fn run_aws(&self, arguments: &[&str]) -> Finished {
        self.aws_as(OWNER, "eu-west-2", arguments)
    }

    /// Writes a policy to a file and gives the argument that names it.
    fn policy_file(&self, policy: &str) -> String {
        let path = self.home.path().join("policy.json");
        std::fs::write(&path, policy).unwrap();
        format!("file://{}", path.display())
    }

    fn set_policy(&self, repository: &str, policy: &str, more: &[&str]) -> Finished {
        let file = self.policy_file(policy);
        let mut arguments =
            vec!["ecr", "set-repository-policy", "--repository-name", repository, "--policy-text", &file];
        arguments.extend(more);
        self.run_aws(&arguments)
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if let Sandbox::Command(child) = &mut self.sandbox {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn pull_for(principal: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": [{"Sid": "EcrGrantPull", "Effect": "Allow",
        "Principal": {"AWS": [principal]}, "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]}]})
    .to_string()
}

fn repository_names(listing: &Value) -> Vec<&str> {
    listing["repositories"].as_array().unwrap().iter().map(|r| r["repositoryName"].as_str().unwrap()).collect()
}

#[track_caller]
fn failed_with(outcome: &Finished, code: &str, operation: &str, message: &str) {
    let expected = format!("An error occurred ({code}) when calling the {operation} operation");
    let shown = outcome.expect_failure();
    assert!(shown.contains(&expected) && shown.contains(message), "{shown}");
}

#[test]
fn the_cli_lists_repositories_in_pages_as_in_one() {
    let desk = Desk::with_counts(Service::demo(Clock::System));
    let whole = desk.run_aws(&["ecr", "describe-repositories"]).expect_json();
    let paged = desk.run_aws(&["ecr", "describe-repositories", "--page-size", "7"]).expect_json();
    assert_eq!(whole, paged);
    assert!(repository_names(&whole).contains(&"vendorapp") && repository_names(&whole).len() >= 40);
    let calls = desk.called_operations().len();
    assert_eq!(calls, 1 + repository_names(&whole).len().div_ceil(7));

    let cut = desk.run_aws(&["ecr", "describe-repositories", "--max-items", "3"]).expect_json();
    assert_eq!(repository_names(&cut).len(), 3);
    let token = cut["NextToken"].as_str().unwrap();
    let next =
        desk.run_aws(&["ecr", "describe-repositories", "--max-items", "3", "--starting-token", token]).expect_json();
    assert_eq!(repository_names(&next), repository_names(&whole)[3..6]);

    let named = desk
        .run_aws(&["ecr", "describe-repositories", "--repository-names", "payments-api", "vendorapp"])
        .expect_json();
    assert_eq!(repository_names(&named), ["payments-api", "vendorapp"]);
    assert!(named["repositories"][0]["createdAt"].is_number() || named["repositories"][0]["createdAt"].is_string());
    let missing = desk.run_aws(&["ecr", "describe-repositories", "--repository-names", "nowhere"]);
    let words = "The repository with name 'nowhere' does not exist in the registry with id '222222222222'";
    failed_with(&missing, "RepositoryNotFoundException", "DescribeRepositories", words);
}

#[test]
fn ten_thousand_repositories_come_through_the_cli() {
    let desk = Desk::with_counts(Service::with_many(10_000, Clock::System));
    let listing =
        desk.run_aws(&["ecr", "describe-repositories", "--page-size", "1000", "--query", "length(repositories)"]);
    assert_eq!(listing.expect_json(), 10_000);
    assert_eq!(desk.called_operations(), vec!["DescribeRepositories"; 10]);
}

#[test]
fn the_cli_sets_reads_and_deletes_a_policy() {
    let desk = Desk::new();
    let read = ["ecr", "get-repository-policy", "--repository-name", "vendorapp"];
    let words = "Repository policy does not exist for the repository with name 'vendorapp' in the registry with id '222222222222'";
    failed_with(&desk.run_aws(&read), "RepositoryPolicyNotFoundException", "GetRepositoryPolicy", words);

    let set = desk.set_policy("vendorapp", &pull_for("111111111111"), &[]).expect_json();
    let text = set["policyText"].as_str().unwrap();
    assert!(text.starts_with("{\n  \"Version\" : \"2012-10-17\",\n  \"Statement\" : [ {\n"), "{text}");
    let policy: Value = serde_json::from_str(text).unwrap();
    assert_eq!(policy["Statement"][0]["Principal"]["AWS"][0], "arn:aws:iam::111111111111:root");
    assert_eq!(desk.run_aws(&read).expect_json(), set);

    let delete = desk.run_aws(&["ecr", "delete-repository-policy", "--repository-name", "vendorapp"]).expect_json();
    assert_eq!(delete["policyText"], set["policyText"]);
    failed_with(&desk.run_aws(&read), "RepositoryPolicyNotFoundException", "GetRepositoryPolicy", words);
}

#[test]
fn the_cli_is_refused_policies_in_ecrs_words() {
    let desk = Desk::new();
    let refused = |policy: &str, constraint: &str| {
        let words = format!("Invalid parameter at 'PolicyText' failed to satisfy constraint: '{constraint}'");
        failed_with(
            &desk.set_policy("vendorapp", policy, &[]),
            "InvalidParameterException",
            "SetRepositoryPolicy",
            &words,
        );
    };
    refused("{'Version': '2012-10-17'}", "Invalid repository policy provided");
    refused(&pull_for("999999999999"), "Invalid repository policy provided");
    refused(&pull_for("AROA5X7QD2KLMN4PRSTUV"), "Invalid repository policy provided");
    refused(
        &pull_for("111111111111").replace("\"Action\"", "\"Resource\":\"*\",\"Action\""),
        "Invalid repository policy provided",
    );
    refused(&pull_for("arn:aws:iam::111111111111:role/nobody"), "Principal not found");

    let lock_out = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"ecr:SetRepositoryPolicy"}]}"#;
    failed_with(
        &desk.set_policy("vendorapp", lock_out, &[]),
        "InvalidParameterException",
        "SetRepositoryPolicy",
        "force",
    );
    desk.set_policy("vendorapp", lock_out, &["--force"]).expect_json();
    failed_with(
        &desk.set_policy("vendorapp", &pull_for("111111111111"), &[]),
        "AccessDeniedException",
        "SetRepositoryPolicy",
        "with an explicit deny in a resource-based policy",
    );
}

#[test]
fn the_cli_reads_images_tags_and_settings_of_the_registry() {
    let desk = Desk::new();
    let images =
        desk.run_aws(&["ecr", "describe-images", "--repository-name", "vendorapp", "--page-size", "4"]).expect_json();
    assert_eq!(images["imageDetails"].as_array().unwrap().len(), 6);
    let latest = desk
        .run_aws(&["ecr", "describe-images", "--repository-name", "vendorapp", "--image-ids", "imageTag=latest"])
        .expect_json();
    assert!(latest["imageDetails"][0]["imageTags"].as_array().unwrap().contains(&json!("latest")));
    let listed =
        desk.run_aws(&["ecr", "list-images", "--repository-name", "vendorapp", "--filter", "tagStatus=UNTAGGED"]);
    assert_eq!(listed.expect_json()["imageIds"].as_array().unwrap().len(), 1);
    let missing =
        desk.run_aws(&["ecr", "describe-images", "--repository-name", "vendorapp", "--image-ids", "imageTag=nope"]);
    failed_with(&missing, "ImageNotFoundException", "DescribeImages", "imageTag:'nope'");

    let arn = "arn:aws:ecr:eu-west-2:222222222222:repository/platform/base-images/alpine";
    let tags = desk.run_aws(&["ecr", "list-tags-for-resource", "--resource-arn", arn]).expect_json();
    assert!(tags["tags"].as_array().unwrap().iter().any(|t| t["Key"] == "team" && t["Value"] == "platform"));

    let registry = desk.run_aws(&["ecr", "describe-registry"]).expect_json();
    assert_eq!(registry["registryId"], OWNER);
    assert_eq!(registry["replicationConfiguration"]["rules"][0]["destinations"][0]["region"], "eu-central-1");
    let policy = desk.run_aws(&["ecr", "get-registry-policy"]).expect_json();
    assert!(policy["policyText"].as_str().unwrap().contains("ReplicationFromData"));
    let none = desk.aws_as(OWNER, "us-east-1", &["ecr", "get-registry-policy"]);
    let words = "Registry policy does not exist in the registry with id '222222222222'";
    failed_with(&none, "RegistryPolicyNotFoundException", "GetRegistryPolicy", words);

    let token = desk.run_aws(&["ecr", "get-authorization-token"]).expect_json();
    let host = "https://222222222222.dkr.ecr.eu-west-2.amazonaws.com";
    assert_eq!(token["authorizationData"][0]["proxyEndpoint"], host);
    let password = desk.run_aws(&["ecr", "get-login-password"]);
    assert!(password.expect_text().starts_with("sandbox-password-"), "{}", password.expect_text());
}

#[test]
fn the_cli_learns_who_it_is_and_assumes_a_role() {
    let desk = Desk::new();
    let identity = desk.aws_as("ASIADEMO0RELEASEOWNER", "eu-west-2", &["sts", "get-caller-identity"]).expect_json();
    assert_eq!(identity["Account"], OWNER);
    assert_eq!(identity["Arn"], "arn:aws:sts::222222222222:assumed-role/PlatformAdmin/ana");

    let role = "arn:aws:iam::333333333333:role/DataAdmin";
    let assume = ["sts", "assume-role", "--role-arn", role, "--role-session-name", "ana"];
    let session = desk.run_aws(&assume).expect_json();
    assert_eq!(session["AssumedRoleUser"]["Arn"], "arn:aws:sts::333333333333:assumed-role/DataAdmin/ana");
    let credentials = &session["Credentials"];
    let text = |name: &str| credentials[name].as_str().unwrap();
    let mut command = aws_cli(&desk.url, text("AccessKeyId"), "eu-west-2", desk.home.path());
    command.env("AWS_SECRET_ACCESS_KEY", text("SecretAccessKey")).env("AWS_SESSION_TOKEN", text("SessionToken"));
    command.args(["ecr", "describe-repositories"]);
    let listing = run(command).expect_json();
    assert!(repository_names(&listing).contains(&"airflow-dags") && !repository_names(&listing).contains(&"vendorapp"));

    // A profile of the shared files reaches the same role by itself.
    std::fs::write(
        desk.home.path().join("aws-config"),
        format!("[profile data]\nrole_arn = {role}\nsource_profile = base\n\n[profile base]\naws_access_key_id = {OWNER}\naws_secret_access_key = none\n"),
    )
    .unwrap();
    let mut command = aws_cli(&desk.url, OWNER, "eu-west-2", desk.home.path());
    command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
    command.env("AWS_ENDPOINT_URL", &desk.url);
    command.args(["--profile", "data", "ecr", "describe-registry"]);
    assert_eq!(run(command).expect_json()["registryId"], "333333333333");

    let nobody =
        ["sts", "assume-role", "--role-arn", "arn:aws:iam::222222222222:role/Nobody", "--role-session-name", "ana"];
    failed_with(&desk.run_aws(&nobody), "AccessDenied", "AssumeRole", "is not authorized to perform: sts:AssumeRole");
    let guarded =
        ["sts", "assume-role", "--role-arn", "arn:aws:iam::222222222222:role/BreakGlass", "--role-session-name", "ana"];
    failed_with(&desk.run_aws(&guarded), "AccessDenied", "AssumeRole", "MultiFactorAuthentication failed");
    let mut with_code = guarded.to_vec();
    with_code.extend(["--serial-number", "arn:aws:iam::222222222222:mfa/ana", "--token-code", "123456"]);
    assert!(desk.run_aws(&with_code).expect_json()["Credentials"]["Expiration"].is_string());
}

#[test]
fn the_cli_meets_the_refusals_of_keys_accounts_and_operations() {
    let desk = Desk::new();
    let by = |key: &str, arguments: &[&str]| desk.aws_as(key, "eu-west-2", arguments);
    let expired = "The security token included in the request is expired";
    let invalid = "The security token included in the request is invalid.";
    failed_with(
        &by("ASIADEMO0LASTWEEK", &["ecr", "describe-registry"]),
        "ExpiredTokenException",
        "DescribeRegistry",
        expired,
    );
    failed_with(
        &by("ASIADEMO0LASTWEEK", &["sts", "get-caller-identity"]),
        "ExpiredToken",
        "GetCallerIdentity",
        expired,
    );
    failed_with(
        &by("AKIAUNKNOWN", &["ecr", "describe-registry"]),
        "UnrecognizedClientException",
        "DescribeRegistry",
        invalid,
    );
    failed_with(
        &by("AKIAUNKNOWN", &["sts", "get-caller-identity"]),
        "InvalidClientTokenId",
        "GetCallerIdentity",
        invalid,
    );

    let list = ["ecr", "describe-repositories"];
    let words = "because no identity-based policy allows the ecr:DescribeRepositories action";
    failed_with(&by("ASIADEMO0BUILDAGENT", &list), "AccessDeniedException", "DescribeRepositories", words);
    let other = ["ecr", "get-repository-policy", "--registry-id", "333333333333", "--repository-name", "airflow-dags"];
    let words =
        "on resource: arn:aws:ecr:eu-west-2:333333333333:repository/airflow-dags because no resource-based policy";
    failed_with(&desk.run_aws(&other), "AccessDeniedException", "GetRepositoryPolicy", words);

    let create = ["ecr", "create-repository", "--repository-name", "team/new"];
    failed_with(&desk.run_aws(&create), "UnknownOperationException", "CreateRepository", "it has DeleteRegistryPolicy");
    failed_with(
        &desk.run_aws(&["sts", "get-session-token"]),
        "InvalidAction",
        "GetSessionToken",
        "GetSessionToken for version 2011-06-15",
    );
}

#[test]
fn the_printed_lines_work_word_for_word_in_a_shell_and_in_python() {
    let home = tempfile::tempdir().unwrap();
    let mut command = clean_command(env!("CARGO_BIN_EXE_ecr-grant"), home.path());
    command.arg("sandbox").stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut url = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
    let said: Vec<String> = BufReader::new(child.stderr.take().unwrap()).lines().take(5).map(Result::unwrap).collect();
    let [_, shell @ .., _, client] = said.as_slice() else { panic!("{said:?}") };
    let scripts = python_environment().join("bin");
    // An environment with a stale token and without any Region or keys of its own.
    let with_path = |program: &str| {
        let mut command = clean_command(program, home.path());
        for name in ["AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
            command.env_remove(name);
        }
        command.env("PATH", format!("{}:/usr/bin:/bin", scripts.display())).env("AWS_SESSION_TOKEN", "stale");
        command
    };
    let mut line = with_path("/bin/sh");
    line.args(["-c", &shell.join("\n")]);
    let listed = run(line);
    let mut python = with_path("python3");
    let script = format!("import boto3\nprint({}.describe_registry()['registryId'])", client.trim());
    python.args(["-c", &script]);
    let told = run(python);
    let _ = child.kill();
    let _ = child.wait();
    assert!(repository_names(&listed.expect_json()).contains(&"vendorapp"), "{listed:?}");
    assert_eq!(told.expect_text().trim(), OWNER);
}

#[test]
fn the_help_lists_the_operations() {
    let home = tempfile::tempdir().unwrap();
    let mut command = clean_command(env!("CARGO_BIN_EXE_ecr-grant"), home.path());
    command.args(["sandbox", "--help"]);
    let help = run(command);
    for name in ["DescribeRepositories", "SetRepositoryPolicy", "AssumeRole", "GetCallerIdentity"] {
        assert!(help.expect_text().contains(name), "{name}");
    }
}
