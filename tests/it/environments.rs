//! The identity, Region and endpoint of an environment, beside the AWS CLI in the same environment; and the answer when
//! the identity changes in mid-run. Each case runs the whole program in an emptied environment.

use std::fs;
use std::path::Path;
use std::process::Command;

use ecr_grant::ecr::{AccountId, Region, RepositoryName, RepositoryRef};
use serde_json::{Value, json};

use super::support::served::Served;
use super::support::{Finished, clean_command, python, run};

const FILE: &str = "\
[default]\nregion = eu-west-2\naws_access_key_id = 222222222222\naws_secret_access_key = none\n\
[profile owner]\nregion = us-east-1\naws_access_key_id = 333333333333\naws_secret_access_key = none\n\
[profile plain]\naws_access_key_id = 444444444444\naws_secret_access_key = none\n\
[profile deputy]\nregion = eu-central-1\nrole_arn = arn:aws:iam::222222222222:role/Auditor\nsource_profile = default\n\
[profile bare]\nregion = eu-west-3\n\
[profile half]\nregion = eu-west-3\naws_access_key_id = 444444444444\n";

/// Builds the program in an emptied environment: only the files in `home` are left of the caller's.
pub fn program_in(home: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Command {
    let mut command = clean_command(env!("CARGO_BIN_EXE_ecr-grant"), home);
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION"] {
        command.env_remove(name);
    }
    command.args(arguments).envs(variables.iter().copied());
    command
}

fn home_with(config: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("aws-config"), config).unwrap();
    home
}

/// Returns the caller that was asked: the key id of the first call, and the Region of the last call up to
/// `GetCallerIdentity`. None: it was never asked.
fn asked_identity(served: &Served, from: usize) -> Option<(String, String)> {
    let calls: Vec<_> = served.service.recorded_calls().into_iter().skip(from).collect();
    let asked = calls.iter().find(|call| call.operation == "GetCallerIdentity")?;
    let roles: Vec<&str> = calls.iter().filter(|c| c.operation == "AssumeRole").map(|c| c.key_id.as_str()).collect();
    let who = if roles.is_empty() { asked.key_id.clone() } else { format!("role from {}", roles.join(", ")) };
    Some((who, asked.region.clone()))
}

#[derive(Debug, Clone, Default)]
struct Case {
    profile: Option<&'static str>,
    region: Option<&'static str>,
    variables: Vec<(&'static str, &'static str)>,
    /// True where `AWS_CONFIG_FILE` leads nowhere.
    no_files: bool,
}

/// Returns combined flags, variables and files.
fn all_cases() -> Vec<Case> {
    let mut all = Vec::new();
    let names: [&[(&str, &str)]; 7] = [
        &[],
        &[("AWS_PROFILE", "owner")],
        &[("AWS_DEFAULT_PROFILE", "owner")],
        &[("AWS_PROFILE", "plain"), ("AWS_DEFAULT_PROFILE", "owner")],
        &[("AWS_PROFILE", "gone")],
        &[("AWS_PROFILE", "")],
        &[("AWS_PROFILE", "deputy")],
    ];
    let keys: [&[(&str, &str)]; 5] = [
        &[],
        &[("AWS_ACCESS_KEY_ID", "666666666666"), ("AWS_SECRET_ACCESS_KEY", "none")],
        &[("AWS_ACCESS_KEY_ID", "666666666666")],
        &[("AWS_SECRET_ACCESS_KEY", "none")],
        &[("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", ""), ("AWS_SESSION_TOKEN", "")],
    ];
    for profile in [None, Some("plain")] {
        for name in names {
            for keys in keys {
                let variables = [name, keys, &[("AWS_DEFAULT_REGION", "eu-west-1")]].concat();
                all.push(Case { profile, variables, ..Case::default() });
            }
        }
    }
    for region in [None, Some("ap-south-1")] {
        for profile in ["default", "owner", "plain"] {
            for first in [None, Some(""), Some("us-west-2")] {
                for second in [None, Some(""), Some("eu-west-1")] {
                    let mut variables = vec![("AWS_PROFILE", profile)];
                    variables.extend(first.map(|value| ("AWS_REGION", value)));
                    variables.extend(second.map(|value| ("AWS_DEFAULT_REGION", value)));
                    all.push(Case { region, variables, ..Case::default() });
                }
            }
        }
    }
    for profile in ["deputy", "bare", "half", "gone", "default"] {
        all.push(Case { profile: Some(profile), ..Case::default() });
        all.push(Case { variables: vec![("AWS_PROFILE", profile)], ..Case::default() });
    }
    for keys in keys {
        all.push(Case { variables: keys.to_vec(), no_files: true, region: Some("eu-west-2"), ..Case::default() });
    }
    all
}

/// Returns the reason for an answer that differs from AWS CLI 1 on purpose.
fn reason_to_differ(case: &Case) -> Option<&'static str> {
    let set = |name: &str| {
        case.variables.iter().find(|(known, value)| *known == name && !value.is_empty()).map(|(_, value)| *value)
    };
    if case.region.is_none() && set("AWS_REGION").is_some() {
        return Some("AWS CLI 1 does not read AWS_REGION; AWS CLI 2 and every SDK do");
    }
    if case.profile.is_none() && set("AWS_PROFILE") == Some("gone") && set("AWS_ACCESS_KEY_ID").is_some() {
        return Some("whole keys count although AWS_PROFILE names nobody, as in the SDKs; a line tells of it");
    }
    if case.profile.is_none() && case.variables.contains(&("AWS_PROFILE", "")) {
        return Some("an empty variable is not set; AWS CLI 1 looks for a profile without a name");
    }
    if case.region.is_none() && case.variables.contains(&("AWS_DEFAULT_REGION", "")) {
        return Some("an empty variable is not set; AWS CLI 1 signs for a Region without a name, and is refused");
    }
    None
}

// One process for all cases: the AWS CLI's own driver, anew for each environment.
const CLI: &str = r"
import contextlib, io, json, os, re, shutil, sys
from awscli.clidriver import create_clidriver
cases, base = json.load(open(sys.argv[1])), dict(os.environ)
for case in cases:
    os.environ.clear(); os.environ.update(base); os.environ.update(case['variables'])
    sent = []
    shutil.rmtree(base['HOME'] + '/.aws/cli', ignore_errors=True)
    def note(request, event_name, **_):
        signed = request.headers.get('Authorization', b'')
        found = re.search('Credential=([^/]*)/[^/]*/([^/]*)/', signed.decode() if isinstance(signed, bytes) else signed)
        sent.append([event_name.rsplit('.', 1)[1], *(found.groups() if found else ('', ''))])
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            driver = create_clidriver()
            driver.session.register('before-send.sts', note)
            code = driver.main(case['arguments'])
        except SystemExit as end:
            code = end.code
    print(json.dumps({'code': code, 'sent': sent, 'err': err.getvalue().strip()[-300:]}), flush=True)
";

#[test]
fn identity_and_region_are_those_that_the_aws_cli_takes_in_the_same_environment() {
    let served = Served::serve_demo();
    let home = home_with(FILE);
    let cases = all_cases();
    assert!(cases.len() >= 60, "{}", cases.len());
    let gone = home.path().join("gone");
    let variables = |case: &Case| -> Vec<(String, String)> {
        let mut all: Vec<(String, String)> =
            case.variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        all.push(("AWS_ENDPOINT_URL".to_owned(), served.url.clone()));
        if case.no_files {
            all.push(("AWS_CONFIG_FILE".to_owned(), gone.to_str().unwrap().to_owned()));
        }
        all
    };
    let flags = |case: &Case| -> Vec<String> {
        let flag = |name: &str, value: Option<&str>| value.map(|value| [name.to_owned(), value.to_owned()]);
        [flag("--profile", case.profile), flag("--region", case.region)].into_iter().flatten().flatten().collect()
    };
    let ours: Vec<_> = cases
        .iter()
        .map(|case| {
            let from = served.service.recorded_calls().len();
            let mut command = program_in(home.path(), &[], &["show", "--all"]);
            command.args(flags(case)).envs(variables(case));
            let finished = run(command);
            assert!(!finished.stderr.contains("panicked"), "{case:?}: {}", finished.stderr);
            (asked_identity(&served, from), finished.stderr)
        })
        .collect();
    let asked: Vec<Value> = cases
        .iter()
        .map(|case| {
            let arguments = [flags(case), vec!["sts".to_owned(), "get-caller-identity".to_owned()]].concat();
            json!({"variables": variables(case).into_iter().collect::<std::collections::BTreeMap<_, _>>(), "arguments": arguments})
        })
        .collect();
    let list = home.path().join("cases.json");
    fs::write(&list, serde_json::to_string(&asked).unwrap()).unwrap();
    let mut command = python::python_command(home.path());
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION"] {
        command.env_remove(name);
    }
    command.env("AWS_MAX_ATTEMPTS", "1").args(["-c", CLI, list.to_str().unwrap()]);
    let finished = run(command);
    let answers: Vec<Value> = finished.expect_text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), cases.len());
    let (mut wrong, mut used) = (Vec::new(), std::collections::BTreeSet::new());
    for ((case, (our, said)), answer) in cases.iter().zip(&ours).zip(&answers) {
        let theirs = (answer["code"] == 0).then(|| {
            let sent = |at: usize, field: usize| answer["sent"][at][field].as_str().unwrap_or_default().to_owned();
            let is_role = sent(0, 0) == "AssumeRole";
            let who = if is_role { format!("role from {}", sent(0, 1)) } else { sent(0, 1) };
            (who, sent(usize::from(is_role), 2))
        });
        used.extend(reason_to_differ(case).filter(|_| *our != theirs));
        if *our != theirs && reason_to_differ(case).is_none() {
            wrong.push(format!("{case:?}\n  ours {our:?}: {}\n  theirs {theirs:?}: {}", said.trim(), answer["err"]));
        }
    }
    assert_eq!(used.len(), 4, "a reason without a difference: {used:?}");
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

const REPOSITORY: &str = "vendorapp";

fn stored_policy(served: &Served) -> Option<String> {
    let repository = RepositoryRef {
        account: AccountId::parse("222222222222").unwrap(),
        region: Region::parse("eu-west-2").unwrap(),
        name: RepositoryName::parse(REPOSITORY).unwrap(),
    };
    served.service.policy_of(&repository)
}

fn run_grant(home: &Path, variables: &[(&str, &str)], flags: &[&str]) -> Finished {
    let state = home.join("state");
    let settings = [("XDG_STATE_HOME", state.to_str().unwrap())];
    let arguments = [&["grant", REPOSITORY, "--to", "444455556666", "--yes"], flags].concat();
    run(program_in(home, &[&settings, variables].concat(), &arguments))
}

#[test]
fn a_named_endpoint_is_asked_for_roles_too_and_stands_in_the_plan() {
    let config = |more: &str| {
        format!(
            "[profile base]\naws_access_key_id = 222222222222\naws_secret_access_key = none\n\
             [profile prints]\ncredential_process = {PRINTS}\n\
             [profile x]\nregion = eu-west-2\nrole_arn = arn:aws:iam::222222222222:role/Admin\n{more}\n"
        )
    };
    let keys = [("AWS_ACCESS_KEY_ID", "222222222222"), ("AWS_SECRET_ACCESS_KEY", "none")];
    for (more, variables) in [
        ("source_profile = base", [].as_slice()),
        ("source_profile = prints", &[]),
        ("source_profile = x\naws_access_key_id = 222222222222\naws_secret_access_key = none", &[]),
        ("credential_source = Environment", &keys),
    ] {
        // The flag, though the environment names another place, which nobody answers at.
        let served = Served::serve_demo();
        let home = home_with(&config(more));
        let elsewhere = [("AWS_ENDPOINT_URL", "http://127.0.0.1:9"), ("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9")];
        let variables = [elsewhere.as_slice(), variables].concat();
        let done = run_grant(home.path(), &variables, &["--profile", "x", "--endpoint-url", &served.url]);
        assert!(done.status.success(), "{more}: {}", done.stderr);
        let calls: Vec<String> = served.service.recorded_calls().into_iter().map(|call| call.operation).collect();
        assert_eq!(calls.iter().filter(|c| *c == "AssumeRole").count(), 1, "{more}: {calls:?}");
        let plan = format!("  at {}, which is not AWS", served.url);
        assert!(done.stderr.contains(&plan), "{more}: {}", done.stderr);
    }
    // Each setting on its own.
    for setting in ["flag", "AWS_ENDPOINT_URL", "both", "profile", "services"] {
        let served = Served::serve_demo();
        let url = served.url.as_str();
        let own = match setting {
            "profile" => format!("endpoint_url = {url}"),
            "services" => format!(
                "services = local\n[services local]\necr =\n  endpoint_url = {url}\nsts =\n  endpoint_url = {url}"
            ),
            _ => String::new(),
        };
        let home = home_with(&format!(
            "[profile base]\naws_access_key_id = 222222222222\naws_secret_access_key = none\n\
             [profile x]\nregion = eu-west-2\nrole_arn = arn:aws:iam::222222222222:role/Admin\nsource_profile = base\n{own}\n"
        ));
        let (variables, flags): (Vec<(&str, &str)>, Vec<&str>) = match setting {
            "flag" => (vec![], vec!["--endpoint-url", url]),
            "AWS_ENDPOINT_URL" => (vec![("AWS_ENDPOINT_URL", url)], vec![]),
            "both" => (vec![("AWS_ENDPOINT_URL_ECR", url), ("AWS_ENDPOINT_URL_STS", url)], vec![]),
            _ => (vec![], vec![]),
        };
        let done = run_grant(home.path(), &variables, &[&["--profile", "x"], flags.as_slice()].concat());
        assert!(done.status.success(), "{setting}: {}", done.stderr);
        assert!(done.stderr.contains(&format!("  at {url}, which is not AWS")), "{setting}: {}", done.stderr);
        assert!(stored_policy(&served).is_some_and(|text| text.contains("444455556666")), "{setting}");
    }
}

const PRINTS: &str = r#"echo '{"Version":1,"AccessKeyId":"222222222222","SecretAccessKey":"none"}'"#;

#[test]
fn an_empty_variable_or_setting_is_not_set() {
    let config = "[profile x]\nregion = eu-west-2\naws_access_key_id = 222222222222\naws_secret_access_key = none\n\
                  endpoint_url =\nca_bundle =\n[profile role]\nregion = eu-west-2\nsource_profile = x\n\
                  role_arn = arn:aws:iam::222222222222:role/Admin\nendpoint_url =\n";
    let names = [
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_ECR",
        "AWS_ENDPOINT_URL_STS",
        "AWS_ENDPOINT_URL_SSO",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_CA_BUNDLE",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_ROLE_ARN",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_ROLE_SESSION_NAME",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT",
        "AWS_USE_FIPS_ENDPOINT",
        "AWS_USE_DUALSTACK_ENDPOINT",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        "AWS_MAX_ATTEMPTS",
        "AWS_RETRY_MODE",
        "AWS_SDK_UA_APP_ID",
        "HTTPS_PROXY",
        "https_proxy",
        "HTTP_PROXY",
        "http_proxy",
        "ALL_PROXY",
        "NO_PROXY",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
    ];
    let served = Served::serve_demo();
    let home = home_with(config);
    let all: Vec<(&str, &str)> = names.iter().map(|name| (*name, "")).collect();
    let blanks: Vec<(&str, &str)> = names.iter().map(|name| (*name, " ")).collect();
    let url = served.url.as_str();
    for profile in ["x", "role"] {
        for variables in [&all, &blanks] {
            let flags = ["show", "vendorapp", "--profile", profile, "--endpoint-url", url];
            let done = run(program_in(home.path(), variables, &flags));
            assert!(done.status.success(), "{profile}: {}", done.stderr);
        }
    }
    // Nothing answers for AWS here: what counts is that the library was not asked about a URL without a letter.
    let nobody = [("HTTPS_PROXY", "http://ana:s3cret@127.0.0.1:9")];
    for name in names.iter().filter(|name| name.starts_with("AWS_ENDPOINT")) {
        for flags in [&["--profile", "x"][..], &["--profile", "role"], &["--profile", "x", "--endpoint-url", ""]] {
            let done = run(program_in(
                home.path(),
                &[&[(*name, "")], nobody.as_slice()].concat(),
                &[&["show", "vendorapp"], flags].concat(),
            ));
            assert!(!done.stderr.contains("panicked") && !done.stderr.contains("s3cret"), "{name}: {}", done.stderr);
            assert!(matches!(done.status.code(), Some(7)), "{name} {flags:?}: {:?} {}", done.status, done.stderr);
        }
    }
}

#[test]
fn an_endpoint_that_is_no_url_is_a_wrong_command_line_and_no_password_is_printed() {
    let home = home_with("[profile x]\nregion = eu-west-2\naws_access_key_id = 1\naws_secret_access_key = 2\n");
    for bad in
        ["localhost:4566", "ana:s3cret@host", "http://ana:s3cret@", "ftp://ana:s3cret@host", "http://ana:s3cret@h:x"]
    {
        let arguments = ["show", "vendorapp", "--profile", "x"];
        let flag = run(program_in(home.path(), &[], &[arguments.as_slice(), &["--endpoint-url", bad]].concat()));
        let variable = run(program_in(home.path(), &[("AWS_ENDPOINT_URL_STS", bad)], &arguments));
        for (done, place) in [(flag, "--endpoint-url"), (variable, "AWS_ENDPOINT_URL_STS")] {
            assert_eq!(done.status.code(), Some(2), "{bad}: {}", done.stderr);
            assert!(done.stderr.contains(place) && done.stderr.contains("is no URL"), "{bad}: {}", done.stderr);
            assert!(!done.stderr.contains("s3cret"), "{bad}: {}", done.stderr);
        }
    }
    let good = ["show", "vendorapp", "--profile", "x", "--endpoint-url", "http://ana:s3cret@127.0.0.1:9"];
    let done = run(program_in(home.path(), &[], &good));
    assert!(done.stderr.contains("http://127.0.0.1:9") && !done.stderr.contains("s3cret"), "{}", done.stderr);
}

/// Writes a profile whose process prints `first` for so many times, then `second`. Both end in seconds, so that each
/// request asks again.
fn write_renewing(home: &Path, first: &Value, second: &Value, times: usize) {
    for (name, keys) in [("first", first), ("second", second)] {
        fs::write(home.join(name), keys.to_string()).unwrap();
    }
    let script = format!(
        "cd {home}; echo x >> asked; if [ $(wc -l < asked) -gt {times} ]; then cat second; else cat first; fi",
        home = home.display()
    );
    fs::write(home.join("process.sh"), script).unwrap();
    let _ = fs::remove_file(home.join("asked"));
    fs::write(
        home.join("aws-config"),
        format!("[profile x]\nregion = eu-west-2\ncredential_process = sh {}/process.sh\n", home.display()),
    )
    .unwrap();
}

/// Returns keys as a process prints them; they end so soon that they are fetched anew.
fn keys_json(id: &str, secret: &str, token: Option<&str>) -> Value {
    let end = std::time::SystemTime::now() + std::time::Duration::from_secs(45);
    let end = time::OffsetDateTime::from(end).format(&time::format_description::well_known::Rfc3339).unwrap();
    json!({"Version": 1, "AccessKeyId": id, "SecretAccessKey": secret, "SessionToken": token, "Expiration": end})
}

#[test]
fn credentials_that_become_another_identitys_in_mid_run_stop_the_work() {
    let mut stopped = 0;
    for times in 1..=9 {
        let served = Served::serve_demo();
        let home = home_with("");
        write_renewing(
            home.path(),
            &keys_json("222222222222", "none", None),
            &keys_json("333333333333", "none", None),
            times,
        );
        let before = stored_policy(&served);
        let done = run_grant(home.path(), &[], &["--profile", "x", "--endpoint-url", &served.url]);
        let by_other: Vec<String> = served
            .service
            .recorded_calls()
            .into_iter()
            .filter(|call| call.key_id == "333333333333" && call.operation != "GetCallerIdentity")
            .map(|call| call.operation)
            .collect();
        assert_eq!(by_other, [""; 0], "after {times}");
        if stored_policy(&served) == before {
            stopped += 1;
            assert!(!done.status.success(), "after {times}: {}", done.stderr);
            assert!(done.stderr.contains("belong to role Admin in account 333333333333"), "{times}: {}", done.stderr);
            assert!(
                done.stderr.contains("no longer to role Admin in account 222222222222"),
                "{times}: {}",
                done.stderr
            );
        }
    }
    assert!(stopped >= 2, "the change came before the write in {stopped} runs");
}

#[test]
fn another_role_of_the_same_account_is_another_identity() {
    let served = Served::serve_demo();
    let home = home_with("");
    write_renewing(
        home.path(),
        &keys_json("222222222222", "none", None),
        &keys_json("ASIADEMO0AUDITOR", "none", None),
        1,
    );
    let done = run_grant(home.path(), &[], &["--profile", "x", "--endpoint-url", &served.url]);
    assert_eq!(done.status.code(), Some(3), "{}", done.stderr);
    assert!(done.stderr.contains("belong to role Auditor in account 222222222222"), "{}", done.stderr);
}

#[test]
fn renewed_keys_of_the_same_identity_go_on() {
    let served = Served::serve_demo();
    let home = home_with("");
    let assumed = |session: &str| {
        let mut cli = python::aws_cli(&served.url, "222222222222", "eu-west-2", home.path());
        cli.args(["sts", "assume-role", "--role-arn", "arn:aws:iam::222222222222:role/Admin"]);
        let answer = run({
            cli.args(["--role-session-name", session]);
            cli
        })
        .expect_json();
        let text = |name: &str| answer["Credentials"][name].as_str().unwrap().to_owned();
        keys_json(&text("AccessKeyId"), &text("SecretAccessKey"), Some(&text("SessionToken")))
    };
    let (first, second) = (assumed("monday"), assumed("tuesday"));
    assert_ne!(first["AccessKeyId"], second["AccessKeyId"]);
    for times in 1..=4 {
        write_renewing(home.path(), &first, &second, times);
        let from = served.service.recorded_calls().len();
        let to = format!("44445555666{times}");
        let arguments = ["grant", REPOSITORY, "--to", &to, "--yes", "--profile", "x", "--endpoint-url", &served.url];
        let state = home.path().join("state");
        let done = run(program_in(home.path(), &[("XDG_STATE_HOME", state.to_str().unwrap())], &arguments));
        assert!(done.status.success(), "after {times}: {}", done.stderr);
        assert!(stored_policy(&served).is_some_and(|text| text.contains(&to)), "after {times}");
        let calls: Vec<_> = served.service.recorded_calls().into_iter().skip(from).collect();
        let asked = calls.iter().filter(|call| call.operation == "GetCallerIdentity").count();
        assert_eq!(asked, 2, "once for each pair of keys: {calls:?}");
    }
}

#[test]
fn the_environment_can_be_named_and_what_is_ignored_is_said() {
    let served = Served::serve_demo();
    let home = home_with(FILE);
    let keys = [("AWS_ACCESS_KEY_ID", "666666666666"), ("AWS_SECRET_ACCESS_KEY", "none")];
    let run = |variables: &[(&str, &str)], flags: &[&str]| {
        let from = served.service.recorded_calls().len();
        let url = [("AWS_ENDPOINT_URL", served.url.as_str())];
        let done = run(program_in(home.path(), &[&url, variables].concat(), &[&["show", "--all"], flags].concat()));
        (asked_identity(&served, from), done.stderr)
    };
    let (who, said) = run(&[&keys[..], &[("AWS_PROFILE", "owner")]].concat(), &[]);
    assert_eq!(who, Some(("666666666666".to_owned(), "us-east-1".to_owned())));
    let line = "note: AWS_PROFILE=owner is ignored for the sign-in: keys in the environment count more";
    assert!(said.contains(line), "{said}");
    let (who, said) = run(&[("AWS_REGION", "eu-west-3"), ("AWS_DEFAULT_REGION", "eu-west-1")], &["--profile", "owner"]);
    assert_eq!(who, Some(("333333333333".to_owned(), "eu-west-3".to_owned())));
    for line in [
        "note: AWS_DEFAULT_REGION=eu-west-1 is ignored: AWS_REGION=eu-west-3 counts more",
        "note: region = us-east-1 of profile owner is ignored: AWS_REGION=eu-west-3 counts more",
    ] {
        assert!(said.contains(line), "{said}");
    }
    fs::create_dir_all(home.path().join(".config/ecr-grant")).unwrap();
    let file = |text: &str| fs::write(home.path().join(".config/ecr-grant/config.toml"), text).unwrap();
    file("profile = \"owner\"");
    let (who, _) = run(&keys, &["--source", "environment", "--region", "eu-west-2"]);
    assert_eq!(who, Some(("666666666666".to_owned(), "eu-west-2".to_owned())));
    file("source = \"environment\"");
    let (who, said) = run(&[], &["--region", "eu-west-2"]);
    assert_eq!(who, None, "a named source is never passed over: {said}");
}
