//! `review --from`: what collectors wrote gives the same review as AWS itself.

use std::path::Path;

use serde_json::{Value, json};

use super::review::{read_lines, review_demo};
use super::support::{Finished, clean_command, run};

fn review_from(home: &Path, arguments: &[&str]) -> Finished {
    let mut command = clean_command(env!("CARGO_BIN_EXE_ecr-grant"), home);
    command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY").current_dir(home);
    command.args(["review", "--format", "jsonl", "--fail-on", "none", "--with-policy", "--from"]).args(arguments);
    run(command)
}

/// Returns the repositories of lines, each without its size, in the order of their ARNs.
fn repositories_of(lines: &str) -> Vec<Value> {
    let mut repositories: Vec<Value> =
        read_lines(lines).into_iter().filter(|line| !line["repository"].is_null()).collect();
    for line in &mut repositories {
        line["size"] = Value::Null;
    }
    repositories.sort_by_key(|line| line["arn"].to_string());
    repositories
}

#[test]
fn every_collector_gives_the_same_review_as_aws() {
    let home = tempfile::tempdir().unwrap();
    let lines =
        review_demo(&["--format", "jsonl", "--with-policy", "--all-profiles", "--all-regions", "--fail-on", "none"])
            .stdout;
    let document =
        review_demo(&["--format", "json", "--with-policy", "--all-profiles", "--all-regions", "--fail-on", "none"])
            .stdout;
    let direct = repositories_of(&lines);
    let registries: Vec<Value> =
        read_lines(&lines).into_iter().filter(|line| line["registry"]["policy"].is_object()).collect();
    assert!(direct.len() > 50 && registries.len() > 1);
    let config = |as_text: bool| {
        let shown = |value: Value| if as_text { json!(value.to_string()) } else { value };
        let of_repositories = direct.iter().map(|line| {
            let policy = if line["policy"].is_null() { json!({}) } else { line["policy"].clone() };
            json!({"resourceType": "AWS::ECR::Repository", "accountId": line["account"], "awsRegion": line["region"],
                "arn": line["arn"], "resourceName": line["repository"],
                "configuration": shown(json!({"RepositoryPolicyText": shown(policy)}))})
        });
        let of_registries = registries.iter().map(|line| {
            json!({"resourceType": "AWS::ECR::RegistryPolicy", "awsAccountId": line["account"], "awsRegion": line["region"],
                "configuration": shown(json!({"PolicyText": line["registry"]["policy"]}))})
        });
        let other = json!({"resourceType": "AWS::S3::Bucket", "arn": "arn:aws:s3:::b", "configuration": {}});
        of_repositories.chain(of_registries).chain([other]).collect::<Vec<Value>>()
    };
    let write = |name: &str, text: &str| {
        let path = home.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("lines.jsonl", &lines);
    write("document.json", &document);
    write("snapshot.json", &json!({"configurationItems": config(false)}).to_string());
    let results: Vec<String> = config(true).iter().map(Value::to_string).collect();
    write("query.json", &json!({"Results": results}).to_string());
    for line in &direct {
        let (account, region) = (line["account"].as_str().unwrap(), line["region"].as_str().unwrap());
        let folder =
            format!("collect/accounts/{account}/ecr/{region}/repository/{}", line["repository"].as_str().unwrap());
        write(&format!("{folder}/metadata.json"), &json!({"arn": line["arn"]}).to_string());
        if !line["policy"].is_null() {
            write(&format!("{folder}/policy.json"), &line["policy"].to_string());
        }
    }
    for line in &registries {
        let (account, region) = (line["account"].as_str().unwrap(), line["region"].as_str().unwrap());
        write(
            &format!("collect/accounts/{account}/ecr-registry-policy.{region}.json"),
            &line["registry"]["policy"].to_string(),
        );
    }
    for from in ["lines.jsonl", "document.json", "snapshot.json", "query.json", "collect"] {
        let reviewed = review_from(home.path(), &[from]);
        assert_eq!(repositories_of(&reviewed.stdout), direct, "{from}: {}", reviewed.stderr);
        assert_eq!(super::review::find_breaches(&reviewed.stdout), "");
    }
    // Places that a collector could not read make the review one with holes.
    assert_eq!(review_from(home.path(), &["lines.jsonl"]).status.code(), Some(6));
    assert_eq!(review_from(home.path(), &["snapshot.json"]).status.code(), Some(0));
    // The rows of Steampipe know no registry.
    let rows: Vec<Value> = direct
        .iter()
        .map(|line| json!({"account_id": line["account"], "region": line["region"], "arn": line["arn"], "policy": line["policy"]}))
        .collect();
    write("rows.json", &json!({"rows": rows}).to_string());
    let reviewed = review_from(home.path(), &["rows.json"]);
    let has_registry = |line: &Value| {
        registries.iter().any(|known| known["account"] == line["account"] && known["region"] == line["region"])
    };
    let mut same = 0;
    for (told, expected) in repositories_of(&reviewed.stdout).iter().zip(&direct) {
        assert_eq!((&told["arn"], &told["policy"]), (&expected["arn"], &expected["policy"]), "{}", reviewed.stderr);
        if !has_registry(expected) {
            same += 1;
            assert_eq!(told, expected);
        }
    }
    assert!(same > 10 && same < direct.len(), "{same}");
    // With the policies of the registries from elsewhere they say all of it.
    let known: Vec<String> = registries.iter().map(Value::to_string).collect();
    write("registries.jsonl", &known.join("\n"));
    let reviewed = review_from(home.path(), &["rows.json", "registries.jsonl"]);
    assert_eq!(repositories_of(&reviewed.stdout), direct, "{}", reviewed.stderr);
    // Together they are one review, and what differs is told.
    let together = review_from(home.path(), &["snapshot.json", "query.json", "collect"]);
    assert_eq!(repositories_of(&together.stdout), direct);
    assert!(!together.stderr.contains("twice"), "{}", together.stderr);
    let mut other = direct[0].clone();
    other["policy"] = json!({"Version": "2012-10-17", "Statement": []});
    write("other.jsonl", &other.to_string());
    let doubled = review_from(home.path(), &["snapshot.json", "other.jsonl"]);
    assert!(doubled.stderr.contains("is there twice"), "{}", doubled.stderr);
    assert_eq!(repositories_of(&doubled.stdout), direct);
}

#[test]
fn what_is_no_collection_is_refused_with_its_line() {
    let home = tempfile::tempdir().unwrap();
    for (text, words) in [
        ("{\"a\": 1}", "no line of a review"),
        ("1", "no line of a review"),
        ("", "it is empty"),
        ("\u{feff} \n\n", "it is empty"),
        ("{}\n{", "line 1"),
        ("{\"arn\": \"arn:aws:s3:::b\", \"policy\": null}", "no ARN of a repository"),
        ("{\"arn\": \"arn:aws:ecr:eu-west-2:222222222222:repository/app\"}", "--with-policy"),
    ] {
        std::fs::write(home.path().join("file"), text).unwrap();
        let refused = review_from(home.path(), &["file"]);
        assert_eq!(refused.status.code(), Some(2), "{text}: {}", refused.stderr);
        assert!(refused.stderr.contains(words), "{text}: {}", refused.stderr);
    }
    assert_eq!(review_from(home.path(), &["missing"]).status.code(), Some(2));
}
