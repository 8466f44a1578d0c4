//! Signing in from files and environment. The environment belongs to a whole process, so each case runs in a child: this
//! test binary again, with one ignored test as its program, in an environment that was emptied first.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

use ecr_grant::aws::{AwsAccess, AwsOptions, Credentials};
use ecr_grant::ecr::{AccountId, Context, Failure, FailureKind, Region, SourceId};
use ecr_grant::sandbox::{self, Clock, Service};
use serde_json::{Value, json};

use super::support::pty::Pty;
use super::support::served::Served;
use super::support::{clean_command, free_port, python, run};

/// Runs one ignored test of this binary in an emptied environment; only `home` is left of the user.
pub fn child_command(test: &str, home: &Path) -> Command {
    let mut command = clean_command(std::env::current_exe().unwrap(), home);
    command.args([test, "--exact", "--ignored", "--nocapture", "--test-threads=1"]).env("ECR_GRANT_PROBE", "yes");
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION"] {
        command.env_remove(name);
    }
    command
}

/// Tells whether this process is such a child; otherwise the ignored tests return at once.
pub fn is_child() -> bool {
    std::env::var_os("ECR_GRANT_PROBE").is_some()
}

/// Runs the program of the children: asks as `PROBE_DO` says and prints the answer as a line of JSON.
#[test]
#[ignore = "run by the other tests as a program"]
fn probe() {
    if !is_child() {
        return;
    }
    let get = |name: &str| std::env::var(name).ok();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let access =
        AwsAccess::from_environment(AwsOptions { endpoint_url: get("PROBE_ENDPOINT"), ..AwsOptions::default() });
    let source = match get("PROBE_SOURCE").as_deref() {
        Some("environment") | None => SourceId::Environment,
        Some("instance") => SourceId::Instance,
        Some("container") => SourceId::Container,
        Some("web-identity") => SourceId::WebIdentity,
        Some(name) => SourceId::Profile(name.to_owned()),
    };
    let region = get("PROBE_REGION").map(|text| Region::parse(&text).unwrap());
    let began = std::time::Instant::now();
    let answer = runtime.block_on(async {
        match get("PROBE_DO").as_deref() {
            Some("sources") => {
                let sources = access.list_sources().await?;
                let default = access.default_source().await?;
                Ok(json!({
                    "ids": sources.iter().map(|s| s.id.to_string()).collect::<Vec<_>>(),
                    "kinds": sources.iter().map(|s| s.kind.as_words()).collect::<Vec<_>>(),
                    "default": default.map(|id| id.to_string()),
                }))
            }
            Some("demo") => {
                let service = std::sync::Arc::new(Service::demo(Clock::System));
                let keys = |id: String, secret: String| Credentials::new(id, secret, None, None, "demo");
                let sources =
                    sandbox::demo_sources().into_iter().map(|(s, id, secret)| (s, keys(id, secret))).collect();
                let demo = AwsAccess::with_sources(sources, sandbox::connector(service, Duration::ZERO));
                let verified = demo.verify_source(&source, None).await?;
                let context = Context { source: source.clone(), region: verified.region.clone() };
                let page =
                    demo.open_registry(&context, &verified.identity.account).await?.read_page(None, 1000).await?;
                Ok(json!({"account": verified.identity.account.as_str(), "repositories": page.repositories.len()}))
            }
            Some("twice") => {
                let context = Context { source: source.clone(), region: Region::parse("eu-west-2").unwrap() };
                let registry = access.open_registry(&context, &AccountId::parse("222222222222").unwrap()).await?;
                let first = registry.read_page(None, 1).await.unwrap_err();
                let again = std::time::Instant::now();
                let second = registry.read_page(None, 1).await.unwrap_err();
                let quick = again.elapsed() < Duration::from_millis(100);
                Ok(json!({"first": failure_words(&first), "second": failure_words(&second), "quick": quick}))
            }
            _ => {
                let verified = access.verify_source(&source, region.as_ref()).await?;
                Ok(json!({
                    "account": verified.identity.account.as_str(),
                    "arn": verified.identity.arn.to_string(),
                    "region": verified.region.as_str(),
                }))
            }
        }
    });
    let mut answer: Value = answer.unwrap_or_else(|failure: Failure| json!({"failure": failure_words(&failure)}));
    answer["seconds"] = json!(began.elapsed().as_secs_f64());
    println!("\nPROBE {answer}");
}

fn failure_words(failure: &Failure) -> Value {
    json!({
        "kind": format!("{:?}", failure.kind),
        "what": failure.what,
        "next": failure.next,
        "command": failure.command,
    })
}

pub struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    pub fn new(config: &str) -> Self {
        let home = Self { folder: tempfile::tempdir().unwrap() };
        home.write_file("aws-config", config);
        home
    }

    pub fn write_file(&self, name: &str, content: &str) {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    pub fn path_to(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    pub fn ask_child(&self, settings: &[(&str, &str)]) -> Value {
        let mut command = child_command("sign_in::probe", self.folder.path());
        command.envs(settings.iter().copied());
        let finished = run(command);
        let text = finished.expect_text().to_owned();
        let line = text.lines().find_map(|line| line.strip_prefix("PROBE ")).unwrap_or_else(|| panic!("{text}"));
        serde_json::from_str(line).unwrap()
    }

    /// Asks, expects a failure of this kind, and returns all its words.
    pub fn expect_failure(&self, kind: FailureKind, settings: &[(&str, &str)]) -> Value {
        let answer = self.ask_child(settings);
        assert_eq!(answer["failure"]["kind"], format!("{kind:?}"), "{answer}");
        let shown = answer.to_string().to_lowercase();
        assert!(!shown.contains("dispatch failure") && !shown.contains("service error"), "{shown}");
        answer
    }
}

pub fn assert_contains(answer: &Value, part: &str, needle: &str) {
    let text = answer["failure"][part].as_str().unwrap_or_default();
    assert!(text.contains(needle), "`{needle}` is not in {part}: {answer}");
}

const OWNER: &str =
    "[profile owner]\nregion = eu-west-2\naws_access_key_id = 222222222222\naws_secret_access_key = none\n";

fn key_ids(served: &Served) -> Vec<String> {
    served.service.recorded_calls().into_iter().map(|call| call.key_id).collect()
}

#[test]
fn a_chosen_profile_uses_its_own_keys_although_others_are_in_the_environment() {
    let served = Served::serve_demo();
    let home = Home::new(OWNER);
    let others = [
        ("AWS_ENDPOINT_URL", served.url.as_str()),
        ("AWS_ACCESS_KEY_ID", "333333333333"),
        ("AWS_SECRET_ACCESS_KEY", "other"),
        ("AWS_SESSION_TOKEN", "other"),
        ("AWS_PROFILE", "nobody"),
        ("AWS_REGION", "us-east-1"),
    ];
    let answer = home.ask_child(&[others.as_slice(), &[("PROBE_SOURCE", "owner")]].concat());
    assert_eq!((&answer["account"], &answer["region"]), (&json!("222222222222"), &json!("us-east-1")), "{answer}");
    assert_eq!(key_ids(&served), ["222222222222"]);
}

#[test]
fn the_environment_is_a_source_of_its_own_and_a_region_asked_for_counts_first() {
    let served = Served::serve_demo();
    let home = Home::new(OWNER);
    let keys = [("AWS_ACCESS_KEY_ID", "333333333333"), ("AWS_SECRET_ACCESS_KEY", "other")];
    let answer = home.ask_child(
        &[keys.as_slice(), &[("PROBE_ENDPOINT", served.url.as_str()), ("PROBE_REGION", "us-east-1")]].concat(),
    );
    assert_eq!((&answer["account"], &answer["region"]), (&json!("333333333333"), &json!("us-east-1")), "{answer}");
    let region = |settings: &[(&str, &str)]| {
        let url = [("PROBE_ENDPOINT", served.url.as_str())];
        home.ask_child(&[keys.as_slice(), url.as_slice(), settings].concat())["region"].clone()
    };
    assert_eq!(region(&[("AWS_DEFAULT_REGION", "eu-central-1")]), json!("eu-central-1"));
    assert_eq!(region(&[("AWS_DEFAULT_REGION", "eu-central-1"), ("AWS_REGION", "us-west-2")]), json!("us-west-2"));
    let calls = served.service.recorded_calls();
    assert_eq!(calls.last().unwrap().region, "us-west-2", "the request is signed for it");
    let none = home
        .expect_failure(FailureKind::NoRegion, &[keys.as_slice(), &[("PROBE_ENDPOINT", served.url.as_str())]].concat());
    assert_contains(&none, "next", "--region");
    home.expect_failure(FailureKind::Setup, &[keys.as_slice(), &[("AWS_REGION", "london")]].concat());
}

#[test]
fn a_missing_profile_and_one_with_mfa_are_told_before_any_request() {
    let served = Served::serve_demo();
    let home = Home::new(&format!(
        "{OWNER}[profile admin]\nrole_arn = arn:aws:iam::222222222222:role/PlatformAdmin\nsource_profile = owner\n\
         mfa_serial = arn:aws:iam::222222222222:mfa/ana\nregion = eu-west-2\n\
         [profile inner]\nrole_arn = arn:aws:iam::222222222222:role/Auditor\nsource_profile = admin\nregion = eu-west-2\n"
    ));
    let url = ("AWS_ENDPOINT_URL", served.url.as_str());
    let missing = home.expect_failure(FailureKind::Setup, &[url, ("PROBE_SOURCE", "nope")]);
    assert_contains(&missing, "what", "There is no profile nope");
    assert_contains(&missing, "next", "owner");
    for name in ["admin", "inner"] {
        let mfa = home.expect_failure(FailureKind::MfaNeeded, &[url, ("PROBE_SOURCE", name)]);
        assert_contains(&mfa, "what", "MFA");
        assert_contains(&mfa, "command", &format!("aws configure export-credentials --profile={name}"));
    }
    assert_eq!(key_ids(&served), [""; 0]);
}

#[test]
fn a_role_is_assumed_with_its_source_profile() {
    let served = Served::serve_demo();
    let home = Home::new(&format!(
        "{OWNER}[profile auditor]\nrole_arn = arn:aws:iam::222222222222:role/Auditor\nsource_profile = owner\nregion = eu-west-2\n"
    ));
    let others = [("AWS_ACCESS_KEY_ID", "333333333333"), ("AWS_SECRET_ACCESS_KEY", "other")];
    let url = [("AWS_ENDPOINT_URL", served.url.as_str()), ("PROBE_SOURCE", "auditor")];
    let answer = home.ask_child(&[others.as_slice(), &url].concat());
    assert!(answer["arn"].as_str().is_some_and(|arn| arn.contains("assumed-role/Auditor/")), "{answer}");
    let calls = served.service.recorded_calls();
    assert_eq!((calls[0].operation.as_str(), calls[0].key_id.as_str()), ("AssumeRole", "222222222222"));
    assert_eq!(calls[1].operation, "GetCallerIdentity");
    assert_ne!(calls[1].key_id, "222222222222", "the role's own keys");
    assert_eq!(calls.len(), 2, "{calls:?}");
}

#[test]
fn a_role_that_may_not_be_assumed_says_which_action_is_denied() {
    let served = Served::serve_demo();
    let home = Home::new(&format!(
        "{OWNER}[profile lost]\nrole_arn = arn:aws:iam::222222222222:role/Nobody\nsource_profile = owner\nregion = eu-west-2\n"
    ));
    let url = ("AWS_ENDPOINT_URL", served.url.as_str());
    let denied = home.expect_failure(FailureKind::AccessDenied, &[url, ("PROBE_SOURCE", "lost")]);
    assert_contains(&denied, "what", "sts:AssumeRole");
}

#[test]
fn a_server_that_is_down_is_named() {
    let home = Home::new(OWNER);
    let url = format!("http://127.0.0.1:{}", free_port());
    let answer =
        home.expect_failure(FailureKind::Offline, &[("PROBE_ENDPOINT", url.as_str()), ("PROBE_SOURCE", "owner")]);
    assert_contains(&answer, "what", &format!("{url} refuses the connection"));
    let answer =
        home.expect_failure(FailureKind::Offline, &[("AWS_ENDPOINT_URL", url.as_str()), ("PROBE_SOURCE", "owner")]);
    assert_contains(&answer, "what", &url);
}

#[test]
fn a_server_that_never_answers_is_given_up() {
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let home = Home::new(&format!(
        "{OWNER}[profile instance]\nregion = eu-west-2\nrole_arn = arn:aws:iam::222222222222:role/Auditor\ncredential_source = Ec2InstanceMetadata\n"
    ));
    let settings = [
        ("PROBE_SOURCE", "instance"),
        ("PROBE_DO", "twice"),
        ("AWS_EC2_METADATA_DISABLED", "false"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", url.as_str()),
        ("AWS_REGION", "eu-west-2"),
    ];
    let answer = home.ask_child(&settings);
    assert_eq!(answer["first"], answer["second"], "{answer}");
    assert_eq!(answer["quick"], json!(true), "remembered: {answer}");
    assert!(answer["first"]["what"].as_str().unwrap().contains("instance"), "{answer}");
    assert!(answer["seconds"].as_f64().unwrap() < 8.0, "{answer}");
}

#[test]
fn the_instance_is_a_source_only_where_its_metadata_may_be_asked() {
    let home = Home::new("");
    home.write_file("aws-credentials", "");
    let on = [("PROBE_DO", "sources"), ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:9")];
    assert_eq!(home.ask_child(&on)["ids"], json!([]), "switched off in the emptied environment");
    let on = [on.as_slice(), &[("AWS_EC2_METADATA_DISABLED", "false")]].concat();
    assert_eq!(home.ask_child(&on)["kinds"], json!(["instance"]));
}

#[test]
fn a_credential_process_cannot_read_from_the_terminal_and_its_words_are_shown() {
    let served = Served::serve_demo();
    let home = Home::new(&format!(
        "[profile asks]\nregion = eu-west-2\ncredential_process = {asks}\n\
         [profile works]\nregion = eu-west-2\ncredential_process = {works}\n\
         [profile auditor]\nregion = eu-west-2\nrole_arn = arn:aws:iam::222222222222:role/Auditor\nsource_profile = works\n",
        asks = "read answer || { echo 'Please type your code' >&2; exit 7; }",
        works = r#"echo '{"Version":1,"AccessKeyId":"222222222222","SecretAccessKey":"s"}'"#,
    ));
    let url = ("AWS_ENDPOINT_URL", served.url.as_str());
    let failed = home.expect_failure(FailureKind::BadCredentials, &[url, ("PROBE_SOURCE", "asks")]);
    assert_contains(&failed, "what", "status 7: Please type your code");
    assert_eq!(key_ids(&served), [""; 0]);
    let answer = home.ask_child(&[url, ("PROBE_SOURCE", "works")]);
    assert_eq!(answer["account"], "222222222222", "{answer}");
    let answer = home.ask_child(&[url, ("PROBE_SOURCE", "auditor")]);
    assert!(answer["arn"].as_str().is_some_and(|arn| arn.contains("assumed-role/Auditor/")), "{answer}");
}

#[test]
fn a_credential_process_cannot_write_over_the_screen_and_ends_with_the_program() {
    let home = tempfile::tempdir().unwrap();
    let script = home.path().join("asks.sh");
    let text = "cd \"$(dirname \"$0\")\"\necho WRITTEN-OVER > /dev/tty\n\
                sleep 90 &\necho $! > child.new\nmv child.new child\nwait\n";
    std::fs::write(&script, text).unwrap();
    let config = format!("[profile asks]\nregion = eu-west-2\ncredential_process = sh {}\n", script.display());
    std::fs::write(home.path().join("aws-config"), config).unwrap();
    let mut pty = Pty::start_wizard(&["--profile", "asks"], 80, 24, home.path());
    let child = home.path().join("child");
    pty.wait_until("the process runs", |_| child.exists());
    let id: u32 = std::fs::read_to_string(&child).unwrap().trim().parse().unwrap();
    let runs = || std::fs::read_to_string(format!("/proc/{id}/stat")).is_ok_and(|stat| !stat.contains(") Z"));
    assert!(runs(), "/proc tells of it");
    assert!(!String::from_utf8_lossy(&pty.sent_bytes()).contains("WRITTEN-OVER"));
    pty.press_keys("Esc");
    pty.wait_until("the process ended", |_| !runs());
}

#[test]
fn an_sso_session_that_ran_out_or_never_was_names_the_command() {
    let served = Served::serve_demo();
    let config = "[profile dev]\nsso_session = company\nsso_account_id = 222222222222\nsso_role_name = Dev\nregion = eu-west-2\n\
                  [profile role]\nrole_arn = arn:aws:iam::111111111111:role/X\nsource_profile = dev\nregion = eu-west-2\n\
                  [profile lost]\nsso_session = nowhere\nsso_account_id = 222222222222\nsso_role_name = Dev\nregion = eu-west-2\n\
                  [sso-session company]\nsso_region = eu-west-1\nsso_start_url = https://company.example/start\n";
    let home = Home::new(config);
    let url = ("AWS_ENDPOINT_URL", served.url.as_str());
    let never = home.expect_failure(FailureKind::SignInExpired, &[url, ("PROBE_SOURCE", "dev")]);
    assert_contains(&never, "what", "There is no SSO session of profile dev on this computer");
    assert_contains(&never, "command", "aws sso login --profile=dev");
    // The AWS CLI names the file by the SHA-1 of the session's name.
    home.write_file(
        ".aws/sso/cache/71b21161ffa1e6516bcc072aaf5ef38cbe85b511.json",
        r#"{"accessToken":"old","expiresAt":"2020-01-01T00:00:00Z","region":"eu-west-1","startUrl":"https://company.example/start"}"#,
    );
    let expired = home.expect_failure(FailureKind::SignInExpired, &[url, ("PROBE_SOURCE", "dev")]);
    assert_contains(&expired, "what", "profile dev has run out");
    let role = home.expect_failure(FailureKind::SignInExpired, &[url, ("PROBE_SOURCE", "role")]);
    assert_contains(&role, "command", "aws sso login --profile=dev");
    let lost = home.expect_failure(FailureKind::Setup, &[url, ("PROBE_SOURCE", "lost")]);
    assert_contains(&lost, "what", "sso-session named `nowhere`");
    assert_eq!(key_ids(&served), [""; 0]);
}

/// Starts a server that gives every request the same answer; returns its URL.
fn serve_always(status: &'static str, headers: &'static str, body: &'static str) -> String {
    let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}", server.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in server.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0; 4096]);
            let length = body.len();
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
        }
    });
    url
}

#[test]
fn an_sso_session_gives_the_roles_own_keys_or_says_why_not() {
    let served = Served::serve_demo();
    let home = Home::new(
        "[profile dev]\nsso_session = company\nsso_account_id = 222222222222\nsso_role_name = Dev\nregion = eu-west-2\n\
         [sso-session company]\nsso_region = eu-west-1\nsso_start_url = https://company.example/start\n",
    );
    home.write_file(
        ".aws/sso/cache/71b21161ffa1e6516bcc072aaf5ef38cbe85b511.json",
        r#"{"accessToken":"new","expiresAt":"2999-01-01T00:00:00Z","region":"eu-west-1","startUrl":"https://company.example/start"}"#,
    );
    let portal = |url: &str| {
        [
            ("AWS_ENDPOINT_URL_SSO", url.to_owned()),
            ("AWS_ENDPOINT_URL", served.url.clone()),
            ("PROBE_SOURCE", "dev".to_owned()),
            ("AWS_ACCESS_KEY_ID", "333333333333".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "other".to_owned()),
        ]
    };
    let keys = r#"{"roleCredentials":{"accessKeyId":"222222222222","secretAccessKey":"s","sessionToken":"t","expiration":4102444800000}}"#;
    let settings = portal(&serve_always("200 OK", "", keys));
    let settings: Vec<_> = settings.iter().map(|(k, v)| (*k, v.as_str())).collect();
    assert_eq!(home.ask_child(&settings)["account"], "222222222222");
    assert_eq!(key_ids(&served), ["222222222222"]);
    for (status, code, kind) in [
        ("401 Unauthorized", "x-amzn-ErrorType: UnauthorizedException\r\n", FailureKind::SignInExpired),
        ("403 Forbidden", "x-amzn-ErrorType: ForbiddenException\r\n", FailureKind::AccessDenied),
        ("429 Too Many", "x-amzn-ErrorType: TooManyRequestsException\r\n", FailureKind::Throttled),
    ] {
        let settings = portal(&serve_always(status, code, r#"{"message":"No access"}"#));
        let settings: Vec<_> = settings.iter().map(|(k, v)| (*k, v.as_str())).collect();
        home.expect_failure(kind, &settings);
    }
    let page = "<html><body>Welcome to the hotel. Please sign in.</body></html>";
    for (status, headers, words) in [
        ("500 Oops", "x-amzn-ErrorType: InternalServerException\r\n", "had a fault of its own (status 500)"),
        ("503 Oops", "", "had a fault of its own (status 503)"),
        ("200 OK", "", "did not answer; another server did in its place (status 200)"),
        (
            "302 Found",
            "Location: http://127.0.0.1:9/\r\n",
            "did not answer; another server did in its place (status 302)",
        ),
        ("403 Forbidden", "", "did not answer; another server did in its place (status 403)"),
    ] {
        let settings = portal(&serve_always(status, headers, page));
        let settings: Vec<_> = settings.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let failure = home.expect_failure(FailureKind::Server, &settings);
        assert_contains(&failure, "what", words);
    }
}

#[test]
fn without_a_home_and_without_files_there_is_nothing_and_no_error() {
    let home = Home::new("");
    let mut command = child_command("sign_in::probe", home.folder.path());
    command.env_remove("HOME").env_remove("AWS_CONFIG_FILE").env_remove("AWS_SHARED_CREDENTIALS_FILE");
    command.env("PROBE_DO", "sources");
    let finished = run(command);
    let line = finished.expect_text().lines().find_map(|line| line.strip_prefix("PROBE ")).unwrap().to_owned();
    let answer: Value = serde_json::from_str(&line).unwrap();
    assert_eq!((&answer["ids"], &answer["default"]), (&json!([]), &Value::Null), "{answer}");
}

#[test]
fn what_stands_for_nothing_chosen_follows_the_environment() {
    let home = Home::new(&format!("{OWNER}[default]\naws_access_key_id = 1\naws_secret_access_key = 2\n"));
    let default =
        |settings: &[(&str, &str)]| home.ask_child(&[&[("PROBE_DO", "sources")], settings].concat())["default"].clone();
    assert_eq!(default(&[]), json!("default"));
    assert_eq!(default(&[("AWS_ACCESS_KEY_ID", "3")]), json!("environment variables"));
    assert_eq!(default(&[("AWS_PROFILE", "owner")]), json!("owner"));
    assert_eq!(default(&[("AWS_DEFAULT_PROFILE", "owner")]), json!("owner"));
    assert_eq!(default(&[("AWS_ACCESS_KEY_ID", "3"), ("AWS_PROFILE", "owner")]), json!("environment variables"));
    // What a command takes stands on the first row.
    for (variables, first) in [
        (vec![], "default"),
        (vec![("AWS_PROFILE", "owner")], "owner"),
        (vec![("AWS_DEFAULT_PROFILE", "owner")], "owner"),
        (vec![("AWS_ACCESS_KEY_ID", "3"), ("AWS_PROFILE", "owner")], "environment variables"),
    ] {
        let answer = home.ask_child(&[&[("PROBE_DO", "sources")], variables.as_slice()].concat());
        assert_eq!(answer["ids"][0], first, "{variables:?}: {answer}");
    }
}

#[test]
fn a_broken_file_is_named() {
    let home = Home::new("[profile a]\nthis is nothing\n");
    let broken = home.expect_failure(FailureKind::Setup, &[("PROBE_SOURCE", "a")]);
    assert_contains(&broken, "what", "aws-config, line 2: ");
}

#[test]
fn without_trusted_certificates_the_step_is_named_and_plain_http_still_works() {
    let served = Served::serve_demo();
    let home = Home::new(OWNER);
    home.write_file("empty.pem", "");
    home.write_file("none/here", "");
    let (file, folder) = (home.path_to("empty.pem"), home.path_to("none"));
    let none = [("SSL_CERT_FILE", file.as_str()), ("SSL_CERT_DIR", folder.as_str()), ("PROBE_SOURCE", "owner")];
    let answer = home.expect_failure(FailureKind::Tls, &none);
    assert_contains(&answer, "next", "install ca-certificates or set SSL_CERT_FILE");
    assert!(answer["seconds"].as_f64().unwrap() < 1.0, "told before any request: {answer}");
    let answer = home.ask_child(&[none.as_slice(), &[("AWS_ENDPOINT_URL", served.url.as_str())]].concat());
    assert_eq!(answer["account"], "222222222222", "{answer}");
}

// An STS with TLS: a certificate of its own, made for this run and written to the file that the argument names.
const TLS_SERVER: &str = r#"
import datetime, http.server, ipaddress, ssl, sys, threading, os
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
key = ec.generate_private_key(ec.SECP256R1())
name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, 'company proxy')])
now = datetime.datetime.now(datetime.timezone.utc)
day = datetime.timedelta(days=1)
cert = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    .serial_number(7).not_valid_before(now - day).not_valid_after(now + day)
    .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address('127.0.0.1'))]), False)
    .sign(key, hashes.SHA256()))
pem = cert.public_bytes(serialization.Encoding.PEM)
private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
open(sys.argv[1] + '.key', 'wb').write(private)
open(sys.argv[1], 'wb').write(pem)
BODY = b'''<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::222222222222:user/ana</Arn><UserId>AIDA</UserId><Account>222222222222</Account>
</GetCallerIdentityResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></GetCallerIdentityResponse>'''
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers['Content-Length']))
        self.send_response(200)
        self.send_header('Content-Type', 'text/xml')
        self.send_header('Content-Length', str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)
    def log_message(self, *a): pass
server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[1] + '.key')
server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
print(server.server_address[1], flush=True)
server.serve_forever()
"#;

#[test]
fn a_certificate_bundle_of_the_environment_or_the_profile_is_trusted() {
    let home = Home::new(OWNER);
    let bundle = home.path_to("company.pem");
    let mut server = python::python_command(home.folder.path())
        .args(["-c", TLS_SERVER, &bundle])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut port = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(server.stdout.as_mut().unwrap()), &mut port).unwrap();
    let url = format!("https://127.0.0.1:{}", port.trim());
    home.write_file(
        "aws-config",
        &format!("{OWNER}[profile behind]\nregion = eu-west-2\naws_access_key_id = 1\naws_secret_access_key = 2\nca_bundle = {bundle}\n"),
    );
    let asked = [("PROBE_ENDPOINT", url.as_str()), ("PROBE_SOURCE", "owner")];
    let with = |more: &[(&str, &str)]| home.ask_child(&[asked.as_slice(), more].concat());
    assert_eq!(with(&[("AWS_CA_BUNDLE", bundle.as_str())])["account"], "222222222222");
    assert_eq!(home.ask_child(&[asked[0], ("PROBE_SOURCE", "behind")])["account"], "222222222222");
    // Trusted, and made out to another name than the one that was asked for.
    let named = url.replace("127.0.0.1", "localhost");
    let other_name =
        [("PROBE_ENDPOINT", named.as_str()), ("PROBE_SOURCE", "owner"), ("AWS_CA_BUNDLE", bundle.as_str())];
    assert_contains(
        &home.expect_failure(FailureKind::Tls, &other_name),
        "what",
        "is valid for another name, 127.0.0.1",
    );
    // Another authority than the server's: the same bundle's certificate is not in it.
    let other = std::fs::read_to_string(&bundle).unwrap();
    home.write_file("other.pem", "no certificate here");
    let refused = home.expect_failure(
        FailureKind::Setup,
        &[asked.as_slice(), &[("AWS_CA_BUNDLE", home.path_to("other.pem").as_str())]].concat(),
    );
    assert_contains(&refused, "what", "other.pem holds no certificate");
    let missing = home.expect_failure(
        FailureKind::File,
        &[asked.as_slice(), &[("AWS_CA_BUNDLE", home.path_to("gone.pem").as_str())]].concat(),
    );
    assert_contains(&missing, "what", "gone.pem cannot be read");
    // The system's store, here a foreign certificate: what a company proxy looks like without AWS_CA_BUNDLE.
    drop(other);
    let foreign = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/foreign.pem");
    let untrusted = home.expect_failure(
        FailureKind::Tls,
        &[asked.as_slice(), &[("SSL_CERT_FILE", foreign.to_str().unwrap())]].concat(),
    );
    assert_contains(&untrusted, "next", "AWS_CA_BUNDLE");
    drop(server.stdin.take());
    let _ = server.wait();
}

#[test]
fn the_proxy_of_the_environment_is_asked_for_aws_itself() {
    let proxy = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = format!("http://{}", proxy.local_addr().unwrap());
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in proxy.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut head = [0; 512];
            let read = stream.read(&mut head).unwrap_or(0);
            let _ = tell.send(String::from_utf8_lossy(&head[..read]).into_owned());
            let _ = stream.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
    let home = Home::new(OWNER);
    let foreign = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/foreign.pem");
    let answer = home.expect_failure(
        FailureKind::Offline,
        &[("HTTPS_PROXY", address.as_str()), ("SSL_CERT_FILE", foreign.to_str().unwrap()), ("PROBE_SOURCE", "owner")],
    );
    assert_contains(&answer, "what", "sts.eu-west-2.amazonaws.com");
    let head = told.recv_timeout(Duration::from_secs(5)).unwrap();
    assert!(head.starts_with("CONNECT sts.eu-west-2.amazonaws.com:443"), "{head}");
}

#[test]
fn the_demo_reads_nothing_of_the_users() {
    let home = Home::new("[broken\n");
    let nowhere = format!("http://127.0.0.1:{}", free_port());
    let answer = home.ask_child(&[
        ("PROBE_DO", "demo"),
        ("PROBE_SOURCE", "release-owner"),
        ("AWS_ENDPOINT_URL", nowhere.as_str()),
        ("AWS_ENDPOINT_URL_ECR", nowhere.as_str()),
        ("HTTPS_PROXY", nowhere.as_str()),
        ("AWS_USE_FIPS_ENDPOINT", "true"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_CA_BUNDLE", "/nowhere"),
    ]);
    assert_eq!(answer["account"], "222222222222", "{answer}");
    assert!(answer["repositories"].as_u64().unwrap() > 0, "{answer}");
    let failure = |name: &str, kind| home.expect_failure(kind, &[("PROBE_DO", "demo"), ("PROBE_SOURCE", name)]);
    assert_contains(&failure("last-week", FailureKind::SignInExpired), "command", "aws sso login --profile=last-week");
    failure("break-glass", FailureKind::MfaNeeded);
    failure("old-laptop", FailureKind::BadCredentials);
}
