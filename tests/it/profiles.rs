//! Settings files of every kind, beside the AWS CLI on the same files: the profiles, the rows for unusable parts, and
//! the harm of a bad section, which is its own alone.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use ecr_grant::aws::{AwsAccess, AwsOptions};
use ecr_grant::ecr::Source;
use serde_json::json;

use super::environments::program_in;
use super::sign_in::{child_command, is_child};
use super::support::pty::Pty;
use super::support::served::Served;
use super::support::{python, run};

/// A settings file and its reading by the AWS CLI.
struct OddFile {
    about: &'static str,
    config: Vec<u8>,
    credentials: Vec<u8>,
    /// The usable profiles.
    names: &'static [&'static str],
    /// The rows of unusable parts: place, and words of the cause.
    rows: &'static [(&'static str, &'static str)],
    /// The reason why the AWS CLI has other profiles.
    reason: Option<&'static str>,
}

const WHOLE: &str = "the AWS CLI refuses the whole file for this section; ours costs the section alone";
const DECODED: &str = "the AWS CLI reads UTF-8 without a mark alone, and refuses the file; what it says is plain";

fn odd_file(about: &'static str, config: impl AsRef<[u8]>, names: &'static [&'static str]) -> OddFile {
    let config =
        [b"[profile first]\nregion = eu-west-2\n", config.as_ref(), b"\n[profile last]\nregion = eu-west-2\n"].concat();
    OddFile { about, config, credentials: Vec::new(), names, rows: &[], reason: None }
}

fn encode_utf16(text: &str, of: fn(u16) -> [u8; 2]) -> Vec<u8> {
    Some(0xFEFF).into_iter().chain(text.encode_utf16()).flat_map(of).collect()
}

const BOTH: &[&str] = &["first", "last"];
const WITH_X: &[&str] = &["first", "last", "x"];

fn all_odd() -> Vec<OddFile> {
    let row = |odd: OddFile, rows| OddFile { rows, ..odd };
    let refused = |odd: OddFile, rows| OddFile { rows, reason: Some(WHOLE), ..odd };
    let bytes = |about, config: Vec<u8>, reason| OddFile { config, reason, ..odd_file(about, "", WITH_X) };
    let plain = "[profile first]\nregion = eu-west-2\n[profile x]\nregion = eu-west-2\n[profile last]\n";
    let credentials = |about, text: &str, names, rows, reason| OddFile {
        credentials: text.as_bytes().to_vec(),
        rows,
        reason,
        ..odd_file(about, "", names)
    };
    vec![
        odd_file("nothing odd", "[profile x]\nregion = eu-west-2", WITH_X),
        odd_file(
            "a name with blanks in quotes",
            "[profile \"my team\"]\nregion = eu-west-2",
            &["first", "last", "my team"],
        ),
        odd_file("a name in single quotes", "[profile 'my team']\nregion = eu-west-2", &["first", "last", "my team"]),
        odd_file(
            "a blank behind a backslash",
            "[profile my\\ team]\nregion = eu-west-2",
            &["first", "last", "my team"],
        ),
        odd_file("another script", "[profile разработка]\nregion = eu-west-2", &["first", "last", "разработка"]),
        odd_file("brackets in a name", "[profile x[1]]\nregion = eu-west-2", &["first", "last", "x[1]"]),
        odd_file("a number sign in a name", "[profile x#y]\nregion = eu-west-2", &["first", "last", "x#y"]),
        odd_file("a comment behind the header", "[profile x] # mine\nregion = eu-west-2", WITH_X),
        odd_file("text behind the header", "[profile x] mine\nregion = eu-west-2", WITH_X),
        odd_file("settings indented alike", "[profile x]\n  region = eu-west-2\n  output = json", WITH_X),
        odd_file("a colon for the equals sign", "[profile x]\nregion: eu-west-2", WITH_X),
        odd_file("an empty value", "[profile x]\nregion =", WITH_X),
        odd_file("a section without settings", "[profile x]", WITH_X),
        row(odd_file("no word profile", "[x]\nregion = eu-west-2", BOTH), &[("line 3", "write [profile x]")]),
        row(
            odd_file("a name with blanks", "[profile my team]\noutput = json", BOTH),
            &[("line 3", "write [profile \"my team\"]")],
        ),
        row(
            odd_file("an open quote", "[profile it's]\noutput = json", BOTH),
            &[("line 3", "write [profile \"it's\"]")],
        ),
        row(odd_file("no name", "[profile]\nregion = eu-west-2", BOTH), &[("line 3", "has no name")]),
        row(odd_file("a capital letter", "[Profile x]\nregion = eu-west-2", BOTH), &[("line 3", "write [profile x]")]),
        row(
            odd_file("two settings on a line", "[profile x]\nregion = eu-west-2 output = json", BOTH),
            &[("line 4", "two settings")],
        )
        .with_reason("the AWS CLI takes the line for one value, with which no command works"),
        row(
            odd_file("a setting indented below another", "[profile x]\noutput = json\n  region = eu-west-2", BOTH),
            &[("line 5", "blanks before region")],
        )
        .with_reason("the AWS CLI takes the lines for one value, with which no command works"),
        // Its settings count for all profiles with the AWS CLI, and for none with the SDKs.
        row(odd_file("default in capitals", "[DEFAULT]\noutput = json", BOTH), &[("line 3", "write [default]")]),
        odd_file("blanks inside the brackets", "[ profile x ]\nregion = eu-west-2", WITH_X)
            .with_reason("every SDK takes the name without the blanks; the AWS CLI passes the section over"),
        odd_file(
            "a section that stands there twice",
            "[profile x]\nregion = eu-west-1\n[profile x]\noutput = json",
            WITH_X,
        )
        .with_reason("every SDK takes both; the AWS CLI refuses the whole file"),
        odd_file("a setting that stands there twice", "[profile x]\nregion = eu-west-1\nregion = eu-west-2", WITH_X)
            .with_reason("every SDK takes the last one; the AWS CLI refuses the whole file"),
        refused(odd_file("an open bracket", "[profile x\nregion = eu-west-2", BOTH), &[("line 3", "not closed")]),
        refused(odd_file("a garbage line", "[profile x]\nregion", BOTH), &[("line 4", "no setting")]),
        refused(odd_file("a value without a key", "[profile x]\n= eu-west-2", BOTH), &[("line 4", "without a key")]),
        refused(odd_file("garbage in a group", "[profile x]\ns3 =\n  max", BOTH), &[("line 5", "no setting")]),
        refused(
            odd_file("an indented header", "  [profile x]\nregion = eu-west-2", BOTH),
            &[("line 3", "blanks before the bracket")],
        ),
        bytes("lines that end as in DOS", plain.replace('\n', "\r\n").into(), None),
        bytes("a mark of UTF-8", [b"\xEF\xBB\xBF", plain.as_bytes()].concat(), Some(DECODED)),
        bytes("UTF-16, little end first", encode_utf16(plain, u16::to_le_bytes), Some(DECODED)),
        bytes("UTF-16, big end first", encode_utf16(plain, u16::to_be_bytes), Some(DECODED)),
        bytes("Latin-1", [b"# caf\xE9\n", plain.as_bytes()].concat(), Some(DECODED)),
        OddFile { config: Vec::new(), ..odd_file("an empty file", "", &[]) },
        OddFile {
            config: b"region = eu-west-2\n[profile x]\n".to_vec(),
            ..refused(odd_file("a setting before any section", "", &["x"]), &[("line 1", "before any section")])
        },
        credentials("a name with blanks", "[my team]\naws_access_key_id = 1", &["first", "last", "my team"], &[], None),
        credentials(
            "the word profile",
            "[profile x]\naws_access_key_id = 1",
            &["first", "last", "profile x"],
            &[],
            None,
        ),
        credentials("quotes stay", "[\"x\"]\naws_access_key_id = 1", &["\"x\"", "first", "last"], &[], None),
        credentials(
            "half of a profile is bad",
            "[last]\ngarbage\n[x]\noutput = json",
            &["first", "x"],
            &[("line 2", "no setting")],
            Some(WHOLE),
        ),
    ]
}

impl OddFile {
    fn with_reason(self, reason: &'static str) -> Self {
        Self { reason: Some(reason), ..self }
    }
}

/// The profiles of each pair of files, as the AWS CLI lists them; none: it refuses the files.
const CLI: &str = r"
import json, os, sys
from awscli.botocore.session import Session
for case in json.load(open(sys.argv[1])):
    os.environ['AWS_CONFIG_FILE'], os.environ['AWS_SHARED_CREDENTIALS_FILE'] = case
    try:
        names = sorted(Session().available_profiles)
    except Exception as error:
        names = None
    print(json.dumps(names), flush=True)
";

/// Returns the usable names, and the rows of unusable parts with their words, in an environment.
fn list_sources(home: &Path, variables: &[(&str, &str)]) -> (Vec<String>, Vec<(String, String)>) {
    let mut command = child_command("profiles::probe", home);
    command.envs(variables.iter().copied());
    let finished = run(command);
    let line = finished.expect_text().lines().find_map(|line| line.strip_prefix("PROBE ")).unwrap().to_owned();
    serde_json::from_str(&line).unwrap()
}

#[test]
#[ignore = "run by the other tests as a program"]
fn probe() {
    if !is_child() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let sources = runtime.block_on(AwsAccess::from_environment(AwsOptions::default()).list_sources()).unwrap();
    let (bad, good): (Vec<&Source>, Vec<&Source>) = sources.iter().partition(|source| source.problem.is_some());
    let good: Vec<_> = good.iter().map(|source| source.id.to_string()).collect();
    let bad: Vec<_> = bad.iter().map(|s| (s.id.to_string(), s.problem.as_ref().unwrap().to_string())).collect();
    println!("\nPROBE {}", json!([good, bad]));
}

#[test]
fn the_profiles_are_those_of_the_aws_cli_or_a_reason_is_written_down() {
    let home = tempfile::tempdir().unwrap();
    let table = all_odd();
    let paths: Vec<[String; 2]> = (0..table.len())
        .map(|at| {
            ["config", "credentials"].map(|kind| home.path().join(format!("{kind}-{at}")).to_str().unwrap().into())
        })
        .collect();
    for (odd, [config, credentials]) in table.iter().zip(&paths) {
        fs::write(config, &odd.config).unwrap();
        fs::write(credentials, &odd.credentials).unwrap();
    }
    let list = home.path().join("cases.json");
    fs::write(&list, serde_json::to_string(&paths).unwrap()).unwrap();
    let mut command = python::python_command(home.path());
    command.args(["-c", CLI, list.to_str().unwrap()]);
    let theirs: Vec<Option<Vec<String>>> =
        run(command).expect_text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(theirs.len(), table.len());
    let mut wrong = Vec::new();
    for ((odd, [config, credentials]), theirs) in table.iter().zip(&paths).zip(&theirs) {
        let files = [("AWS_CONFIG_FILE", config.as_str()), ("AWS_SHARED_CREDENTIALS_FILE", credentials.as_str())];
        let (mut names, rows) = list_sources(home.path(), &files);
        names.sort_unstable();
        let mut problems = Vec::new();
        if names != odd.names {
            problems.push(format!("profiles {names:?}"));
        }
        let is_told = rows.len() == odd.rows.len()
            && odd.rows.iter().zip(&rows).all(|((place, cause), (_, told))| {
                let file = files.iter().find(|(_, path)| told.contains(&format!("{path}, {place}: ")));
                file.is_some() && told.contains(cause)
            });
        if !is_told {
            problems.push(format!("rows {rows:?}"));
        }
        let is_alike = theirs.as_ref() == Some(&names);
        if is_alike != odd.reason.is_none() {
            problems.push(format!("the AWS CLI has {theirs:?}, the reason is {:?}", odd.reason));
        }
        if !problems.is_empty() {
            wrong.push(format!("{}: {}", odd.about, problems.join("; ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_file_that_cannot_be_read_is_a_row_that_names_it() {
    let home = tempfile::tempdir().unwrap();
    let good = home.path().join("aws-credentials");
    fs::write(&good, "[good]\naws_access_key_id = 1\naws_secret_access_key = 2\n").unwrap();
    for (path, cause) in [(home.path().join("gone"), "is not there"), (home.path().to_owned(), "a folder")] {
        let path = path.to_str().unwrap();
        let (names, rows) = list_sources(home.path(), &[("AWS_CONFIG_FILE", path)]);
        assert_eq!(names, ["good"]);
        let [(row, told)] = rows.as_slice() else { panic!("{rows:?}") };
        assert!(row == path && told.starts_with(path) && told.contains(cause), "{rows:?}");
        let mut command = program_in(home.path(), &[("AWS_CONFIG_FILE", path)], &["show", "--all", "--profile", "dev"]);
        command.env("AWS_REGION", "eu-west-2");
        let told = run(command).expect_failure().to_owned();
        assert!(told.contains("There is no profile dev") && told.contains(path) && told.contains(cause), "{told}");
    }
    let gone = home.path().join("gone");
    fs::remove_file(&good).unwrap();
    let (names, rows) = list_sources(home.path(), &[("AWS_CONFIG_FILE", gone.to_str().unwrap())]);
    assert!(names.is_empty() && rows.len() == 2, "{names:?} {rows:?}");
}

#[test]
fn nothing_takes_the_place_of_a_profile_that_cannot_be_used() {
    let served = Served::serve_demo();
    let home = tempfile::tempdir().unwrap();
    let key = "aws_access_key_id = 222222222222\naws_secret_access_key = none\nregion = eu-west-2\n";
    for bad in ["[default]\ngarbage\n", "[default\n", "[default]\nregion = eu-west-2 output = json\n"] {
        fs::write(home.path().join("aws-config"), format!("{bad}{key}[profile other]\n{key}")).unwrap();
        let endpoint = ("AWS_ENDPOINT_URL", served.url.as_str());
        let container = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/keys");
        let told = run(program_in(home.path(), &[endpoint, container], &["show", "--all"]));
        assert!(told.expect_failure().contains("Profile default cannot be used"), "{bad}: {}", told.stderr);
        assert!(told.stderr.contains("aws-config, line "), "{bad}: {}", told.stderr);
        let worked = run(program_in(home.path(), &[endpoint], &["show", "--all", "--profile", "other"]));
        assert!(worked.expect_text().contains("vendorapp"), "{}", worked.stdout);
    }
    assert!(served.service.recorded_calls().iter().all(|call| call.key_id == "222222222222"));
}

/// A profile that signs in with SSO, roles that begin there, and a role that begins elsewhere.
const ROLES: &str = "[profile base]\nregion = eu-west-2\nsso_session = company\nsso_account_id = 222222222222\nsso_role_name = Dev\n\
    [profile a-role]\nrole_arn = arn:aws:iam::222222222222:role/A\nsource_profile = middle\nregion = eu-west-2\n\
    [profile middle]\nrole_arn = arn:aws:iam::222222222222:role/M\nsource_profile = base\nregion = eu-west-2\n\
    [sso-session company]\nsso_region = eu-west-1\nsso_start_url = https://company.example/start\n";

/// Makes a home with those profiles and a fake `aws`, which notes its arguments, a line for each start, and goes on with
/// `script`. Returns it with the `PATH` that finds that one.
fn with_fake_aws(script: &str) -> (tempfile::TempDir, String) {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("aws-config"), ROLES).unwrap();
    fs::create_dir(home.path().join("bin")).unwrap();
    let aws = home.path().join("bin/aws");
    fs::write(&aws, format!("#!/bin/sh\necho \"$@\" >> {}/notes\n{script}\n", home.path().display())).unwrap();
    fs::set_permissions(&aws, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", home.path().join("bin").display());
    (home, path)
}

/// Returns the screen after `l` at a role, and the notes of a fake `aws` that goes on with `script`.
fn logged_in(script: &str, variables: &[(&str, &str)]) -> (String, Vec<String>) {
    let (home, path) = with_fake_aws(script);
    let env = [&[("PATH", path.as_str())], variables].concat();
    let mut pty = Pty::start_wizard_with(&["--profile", "a-role"], 80, 24, home.path(), &env);
    pty.wait_for("There is no SSO session").press_keys("l").wait_for("run it in another terminal");
    let notes = fs::read_to_string(home.path().join("notes")).unwrap();
    (pty.screen_text().split_whitespace().collect::<Vec<_>>().join(" "), notes.lines().map(str::to_owned).collect())
}

#[test]
fn l_on_a_role_logs_its_sso_source_in_and_a_failure_shows_its_last_line() {
    let fails = "echo first >&2\nprintf 'Error: \\033[31mthe portal is shut\\n\\n' >&2\nexit 255";
    let (screen, notes) = logged_in(fails, &[]);
    assert_eq!(notes, ["sso login --profile=base"]);
    assert!(
        screen.contains("`aws sso login --profile=base` ended with status 255: Error: \u{241b}[31mthe portal is shut"),
        "{screen}"
    );
    // A browser that was started holds the pipe: nobody waits for it.
    let (_, notes) = logged_in("echo shut >&2\nsleep 20 &\nexit 1", &[]);
    assert_eq!(notes, ["sso login --profile=base"]);
    let (screen, _) = logged_in("kill -9 $$", &[]);
    assert!(screen.contains("ended with a signal: it gave no reason"), "{screen}");
}

#[test]
fn the_plain_mode_hands_the_terminal_to_the_same_login_and_tells_its_last_line() {
    let (home, path) = with_fake_aws("echo 'the portal is shut' >&2\nexit 255");
    let mut pty = Pty::start_wizard_with(&["--plain"], 100, 40, home.path(), &[("PATH", path.as_str())]);
    pty.wait_for("Sign in with which one?").type_text("a-role\n").wait_for("There is no SSO session");
    pty.type_text("sign-in\n").wait_for("ended with status 255: the portal is shut");
    assert_eq!(fs::read_to_string(home.path().join("notes")).unwrap(), "sso login --profile=base\n");
    assert!(!pty.sent_bytes().contains(&0x1b));
    pty.type_text("quit\n");
    assert_eq!(pty.exit_code(), 0);
}

#[test]
fn over_ssh_the_login_takes_the_device_code() {
    for variable in ["SSH_CONNECTION", "SSH_TTY"] {
        let (_, notes) = logged_in("echo shut >&2\nexit 1", &[(variable, "here")]);
        assert_eq!(notes, ["sso login --profile=base --use-device-code"]);
    }
    let old = "case \"$*\" in *use-device-code*) echo 'Unknown options' >&2; exit 252;; esac\necho shut >&2\nexit 1";
    let (_, notes) = logged_in(old, &[("SSH_TTY", "/dev/pts/1")]);
    assert_eq!(notes, ["sso login --profile=base --use-device-code", "sso login --profile=base"], "before 2.22");
}

#[test]
fn keys_that_the_environment_lacks_are_named() {
    let home = tempfile::tempdir().unwrap();
    let role = "[profile x]\nregion = eu-west-2\nrole_arn = arn:aws:iam::222222222222:role/Admin\ncredential_source = Environment\n";
    fs::write(home.path().join("aws-config"), role).unwrap();
    let failed = |variables: &[(&str, &str)]| {
        run(program_in(home.path(), variables, &["show", "--all", "--profile", "x"])).expect_failure().to_owned()
    };
    let told = failed(&[]);
    assert!(told.contains("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set"), "{told}");
    assert!(!told.contains("aws configure"), "{told}");
    for (set, lacks) in [("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID")]
    {
        let told = failed(&[(set, "222222222222")]);
        assert!(told.contains(&format!("has {set} but no {lacks}")), "{told}");
    }
}
