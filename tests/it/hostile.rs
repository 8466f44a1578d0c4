//! Hostile text through every way into the real program: no stream and no file holds any of it raw.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine as _;
use ecr_grant::ecr::unseen::classify_unseen;
use ecr_grant::ecr::{AccountId, Region, RepositoryName, RepositoryRef};
use serde_json::json;

use crate::journeys::to_editor;
use crate::support::pty::Pty;
use crate::support::served::Served;
use crate::support::{clean_command, run};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ecr-grant");

/// Clears the screen, sets the title, asks for the cursor, hides, and reverses writing; then one unseen character of
/// each kind. It has no slash and no NUL, because it is the name of files too. It is short: names have 255 bytes.
const HOSTILE: &str = "x\u{1b}[2J\u{1b}]0;own\u{7}\u{1b}[8m\u{9b}6n\r\u{8}\u{7f}\u{202e}\u{2066}\u{200b}\u{200d}\u{feff}\u{fe0f}\u{34f}\u{3164}\u{a0}\u{2003}\u{2028}\u{e000}\u{ff21}\u{e0041}\u{2800}y";

fn is_clean(what: &str, text: &str) {
    let raw = text.char_indices().find(|(_, c)| *c != '\n' && classify_unseen(*c).is_some());
    assert_eq!(raw, None, "{what}: {text:?}");
}

/// Runs the program; checks that neither stream holds anything raw and that one is not empty.
fn run_checked(what: &str, command: Command) -> String {
    let finished = run(command);
    is_clean(&format!("the standard output of {what}"), &finished.stdout);
    is_clean(&format!("the standard error of {what}"), &finished.stderr);
    finished.stdout + &finished.stderr
}

fn command_in(home: &Path, arguments: &[&str]) -> Command {
    let mut command = clean_command(PROGRAM, home);
    command.args(arguments);
    command
}

/// Returns a policy with hostile text wherever a policy holds text, as JSON writes it raw and escaped.
fn hostile_policies() -> [String; 2] {
    let raw: String = HOSTILE.chars().filter(|c| u32::from(*c) >= 0x20).collect();
    let policy = |text: &str| {
        format!(
            r#"{{"Version": "2012-10-17", "Id": "{text}", "{text}": 1, "Statement": [{{"Sid": "[{text}](https://x.example)", "Effect": "Allow",
            "Principal": {{"AWS": ["arn:aws:iam::111111111111:role/{text}", "{text}"], "{text}": "a", "Service": "{text}.amazonaws.com"}},
            "Action": ["ecr:BatchGetImage", "ecr:{text}"],
            "Condition": {{"StringLike{text}": {{"aws:PrincipalTag/{text}": "{text}"}}, "StringLike": {{"aws:PrincipalTag/{text}": "{text}"}}}}}}]}}"#
        )
    };
    let escaped = json!(HOSTILE).to_string();
    let escaped = escaped.trim_matches('"').replace('\u{9b}', "\\u009b").replace('\u{202e}', "\\u202e");
    [policy(&raw), policy(&escaped)]
}

/// Returns policies that ECR takes, with hostile text where it takes any.
fn storable_policies() -> [String; 2] {
    let policy = |text: &str| {
        format!(
            "{{\"Version\": \"2012-10-17\", \"Statement\": [{{\"Sid\": \"{text}\", \"Effect\": \"Allow\",\r\n\
             \"Principal\": {{\"AWS\": \"arn:aws:iam::333333333333:root\"}}, \"Action\": \"ecr:BatchGetImage\",\r\
             \"Condition\": {{\"StringEquals\": {{\"aws:PrincipalTag/{text}\": \"{text}\"}}}}}}]}}"
        )
    };
    let raw: String = HOSTILE.chars().filter(|c| u32::from(*c) >= 0x20).collect();
    [policy(&raw), policy(json!(HOSTILE).to_string().trim_matches('"'))]
}

#[test]
fn files_and_what_is_in_them() {
    let home = tempfile::tempdir().unwrap();
    let name = format!("{HOSTILE}.json");
    let other = home.path().join("other.json");
    std::fs::write(&other, r#"{"Version": "2012-10-17", "Statement": []}"#).unwrap();
    for policy in hostile_policies() {
        std::fs::write(home.path().join(&name), &policy).unwrap();
        for format in ["text", "json", "jsonl", "sarif"] {
            let said = run_checked("check", command_in(home.path(), &["check", &name, "--format", format]));
            assert!(said.contains("W213"), "{said}");
            assert!(format != "sarif" || !said.contains("](https"), "a link in SARIF: {said}");
        }
        for arguments in [
            &["check", &name, "--fix", "--dry-run"][..],
            &["check", &name, "--fix"],
            &["check", &name, &name, "nowhere\u{1b}[2J.json"],
            &["delta", &name, "other.json"],
            &["delta", "other.json", &name, "--format", "json"],
            &["delta", &name, &name, "--format", "jsonl"],
        ] {
            run_checked(&format!("{arguments:?}"), command_in(home.path(), arguments));
        }
        for format in ["text", "json"] {
            let mut can = command_in(home.path(), &["can", "--policy", &name, "--action", "ecr:BatchGetImage"]);
            can.args(["--principal", "arn:aws:iam::111111111111:role/x", "--format", format]);
            can.args(["--repository", "arn:aws:ecr:eu-west-2:222222222222:repository/vendorapp"]);
            run_checked("can", can);
        }
    }
    let id =
        json!({"id": HOSTILE, "policy": hostile_policies()[0], "principal": HOSTILE, "action": HOSTILE}).to_string();
    std::fs::write(home.path().join("cases"), id + "\n{\u{9b}\n").unwrap();
    run_checked("can --cases", command_in(home.path(), &["can", "--cases", "cases"]));
    std::fs::create_dir(home.path().join(format!("folder{HOSTILE}"))).unwrap();
    run_checked("a folder", command_in(home.path(), &["check", &format!("folder{HOSTILE}")]));
    let mut no_text = command_in(home.path(), &["check"]);
    no_text.arg(OsStr::from_bytes(b"\xff\x1b[2J\xc2\x9b.json"));
    run_checked("a name that is no text", no_text);
}

#[test]
fn everything_that_can_be_typed() {
    let home = tempfile::tempdir().unwrap();
    let kit = format!("kit{HOSTILE}");
    std::fs::write(home.path().join(&kit), "").unwrap();
    let flag = format!("--{HOSTILE}");
    let inside = format!("/nowhere/{HOSTILE}");
    for arguments in [
        &[HOSTILE][..],
        &[&flag],
        &["show", &flag],
        &["show", HOSTILE],
        &["grant", HOSTILE, "--to", "111111111111"],
        &["grant", "vendorapp", "--to", HOSTILE],
        &["grant", "vendorapp", "--to", "111111111111", "--recipe", HOSTILE],
        &["grant", "vendorapp", "--to", "111111111111", "--actions", HOSTILE],
        &["grant", "vendorapp", "--to", "111111111111", "--kit", &kit],
        &["show", "vendorapp", "--region", HOSTILE],
        &["show", "vendorapp", "--format", HOSTILE],
        &["show", "vendorapp", "--profile", HOSTILE],
        &["show", "vendorapp", "--endpoint-url", HOSTILE],
        &["show", "vendorapp", "--log-file", &inside],
        &["show", "vendorapp", "--config", &inside],
        &["check", "--owner", HOSTILE, "x"],
        &["check", &inside, "--fix"],
        &["can", "--policy", HOSTILE, "--principal", HOSTILE, "--action", HOSTILE, "--repository", HOSTILE],
        &["delta", HOSTILE, HOSTILE],
        &["man", HOSTILE],
        &["completions", HOSTILE],
        &["sandbox", "--port", HOSTILE],
    ] {
        let said = run_checked(&format!("{arguments:?}"), command_in(home.path(), arguments));
        assert!(!said.is_empty(), "{arguments:?}");
    }
    // Made visible, not left out: what was typed can be found again.
    let said = run_checked("a flag", command_in(home.path(), &["show", "--x\u{1b}[2J\u{202e}"]));
    assert!(said.contains("--x␛[2J<U+202E>"), "{said}");
}

#[test]
fn the_environment_and_the_profiles_of_aws() {
    let home = tempfile::tempdir().unwrap();
    for variable in [
        "AWS_PROFILE",
        "AWS_REGION",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_ENDPOINT_URL",
        "AWS_CA_BUNDLE",
        "HTTPS_PROXY",
        "XDG_CONFIG_HOME",
    ] {
        for arguments in [&["show", "vendorapp"][..], &["--help"], &["show", "--help"]] {
            let mut command = command_in(home.path(), arguments);
            command.env(variable, HOSTILE).env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
            if variable != "AWS_ENDPOINT_URL" {
                command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
            }
            run_checked(variable, command);
        }
    }
    // Line feeds and carriage returns end a line of the file.
    let name: String = HOSTILE.replace(['\r', '\u{2028}', '[', ']'], "");
    let loud = home.path().join("loud.sh");
    std::fs::write(&loud, format!("#!/bin/sh\nprintf '%s' '{HOSTILE}' >&2\nexit 3\n")).unwrap();
    let config = format!(
        "[profile {name}]\nregion = {name}\ncredential_process = {name}\n[profile loud]\nregion = eu-west-2\n\
         credential_process = sh {}\n[profile role]\nrole_arn = {name}\nsource_profile = {name}\n\
         [profile half]\nsso_start_url = {name}\nsso_region = {name}\n",
        loud.display()
    );
    std::fs::write(home.path().join("aws-config"), config).unwrap();
    for profile in [name.as_str(), "loud", "role", "half", "nobody"] {
        let flag = format!("--profile={profile}");
        let mut command = command_in(home.path(), &["show", "vendorapp", &flag, "--log-file", "log"]);
        command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
        run_checked(profile, command);
    }
    is_clean("the log", &std::fs::read_to_string(home.path().join("log")).unwrap());
}

fn hostile_repository() -> RepositoryRef {
    RepositoryRef {
        account: AccountId::parse("222222222222").unwrap(),
        region: Region::parse("eu-west-2").unwrap(),
        name: RepositoryName::parse("vendorapp").unwrap(),
    }
}

/// Collects all files under a folder.
fn collect_files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() { collect_files(&path, found) } else { found.push(path) }
    }
}

#[test]
fn policies_of_aws_on_the_streams_and_in_the_files_of_a_grant() {
    let served = Served::serve_demo();
    let home = tempfile::tempdir().unwrap();
    // The last two are what ECR takes: these are added to.
    for (at, policy) in hostile_policies().into_iter().chain(storable_policies()).enumerate() {
        let policy = &policy;
        assert!(served.service.set_policy_directly(&hostile_repository(), Some(policy)));
        let aimed = |arguments: &[&str]| {
            let mut command = command_in(home.path(), arguments);
            command.args(["--endpoint-url", &served.url]).stdin(Stdio::null());
            command.env("XDG_STATE_HOME", home.path().join("state"));
            command
        };
        for format in ["text", "json", "jsonl"] {
            run_checked("show", aimed(&["show", "vendorapp", "--format", format]));
            let mut plan = vec!["grant", "vendorapp", "--to", "111111111111", "--format", format];
            run_checked("a plan", aimed(&[&plan[..], &["--dry-run"]].concat()));
            let kit = format!("kit-{at}-{format}.md");
            plan.extend(["--yes", "--kit", &kit, "--log-file", "log"]);
            run_checked("a grant", aimed(&plan));
        }
    }
    let mut found = Vec::new();
    collect_files(home.path(), &mut found);
    assert!(found.iter().any(|path| path.to_string_lossy().contains("kit-")), "{found:?}");
    assert!(found.iter().any(|path| path.to_string_lossy().contains("changes")), "{found:?}");
    for path in found {
        is_clean(&path.display().to_string(), &std::fs::read_to_string(&path).unwrap());
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
        assert_eq!(mode & 0o077, 0, "{} is open to others", path.display());
    }
}

#[test]
fn a_mended_policy_is_raw_for_a_file_and_visible_on_a_terminal() {
    let home = tempfile::tempdir().unwrap();
    let policy = "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Sid\": \"a\u{202e}\u{9b}b\", \"Effect\": \"ALLOW\",\n\
                  \"Principal\": {\"AWS\": \"arn:aws:iam::333333333333:root\"}, \"Action\": \"ecr:BatchGetImage\"}]}\n";
    std::fs::write(home.path().join("p.json"), policy).unwrap();
    let mut shell = Pty::start_shell(120, 40, home.path());
    let line = format!(
        "{PROGRAM} check --fix - < p.json 2> said; {PROGRAM} check --fix - < p.json > file 2> said; echo do''ne\n"
    );
    shell.wait_for("shell$").type_text(&line).wait_for("done");
    let screen = String::from_utf8_lossy(&shell.sent_bytes()).into_owned();
    assert!(screen.contains("\"a<U+202E><9B>b\"") && screen.contains("\"Allow\""), "{screen}");
    assert!(!screen.contains(['\u{202e}', '\u{9b}']), "{screen}");
    let file = std::fs::read_to_string(home.path().join("file")).unwrap();
    assert_eq!(file, policy.replace("ALLOW", "Allow"), "a file gets every byte that was not mended");
}

/// Returns the texts that a terminal was told to put on its clipboard.
fn clipboard_texts(bytes: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(bytes)
        .split("\u{1b}]52;c;")
        .skip(1)
        .filter_map(|rest| base64::engine::general_purpose::STANDARD.decode(rest.split('\u{1b}').next()?).ok())
        .map(|text| String::from_utf8(text).unwrap())
        .collect()
}

#[test]
fn a_copied_policy_and_a_kept_draft_hold_nothing_raw() {
    let served = Served::serve_demo();
    let home = tempfile::tempdir().unwrap();
    let [stored, _] = storable_policies();
    assert!(served.service.set_policy_directly(&hostile_repository(), Some(&stored)));
    Served::write_profile(home.path());
    let args = ["--endpoint-url", served.url.as_str(), "--profile", "owner", "vendorapp"];
    let mut pty = Pty::start_wizard(&args, 100, 30, home.path());
    pty.wait_for("Grantee")
        .press_keys("Esc")
        .wait_for("›  vendorapp")
        .press_keys("v")
        .wait_for("333333333333")
        .press_keys("c");
    let copied = |bytes: &[u8]| clipboard_texts(bytes).iter().any(|text| text.contains("Statement"));
    for _ in 0..1500 {
        if copied(&pty.sent_bytes()) {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert!(copied(&pty.sent_bytes()), "nothing was copied: {}", pty.screen_text());
    pty.press_keys("Esc").wait_for("›  vendorapp").press_keys("Enter").wait_for("Grantee");
    pty.type_text("111111111111").wait_for("account 111111111111").press_keys("Enter").wait_for("EcrGrantPull");
    to_editor(&mut pty);
    pty.type_text(" ");
    let draft = home.path().join("state/ecr-grant/draft.json");
    for _ in 0..1500 {
        if draft.exists() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    is_clean("the draft", &std::fs::read_to_string(&draft).unwrap());
    for text in clipboard_texts(&pty.sent_bytes()) {
        is_clean("the clipboard", &text.replace('\t', ""));
    }
    let screen = pty.screen_text();
    is_clean("the screen", &screen);
}
