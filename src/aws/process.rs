//! Runs a `credential_process`. The SDK would let the process have our standard input, so that its prompt would eat
//! keys meant for the screen; and the SDK sets no limit of time.

use std::io;
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use rustix::process::{Pid, Signal, kill_process_group};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};

use super::descendants;
use crate::ecr::{Failure, FailureKind, text::make_visible};

/// The longest that the process may run.
pub(super) const LIMIT: Duration = Duration::from_secs(30);
/// The longest that it may run where it can ask a person.
pub(super) const LIMIT_ASKING: Duration = Duration::from_mins(5);

/// The largest output that is read, in bytes.
const LARGEST: u64 = 64 * 1024;
/// The time in which our own signal is awaited after the program was ended by one.
const SIGNAL_WAIT: Duration = Duration::from_millis(500);

/// Runs the command of a profile and reads the credentials that it prints.
///
/// With `lends_terminal` it has our standard input, standard error and terminal, so that it can ask, and be interrupted
/// with us. Otherwise its standard input is empty, and it runs in a session of its own. Without a terminal it can
/// neither read keys nor write over the screen. Dropping this future ends every process of the command and restores the
/// terminal.
pub(super) async fn fetch_credentials(
    profile: &str,
    command: &str,
    lends_terminal: bool,
) -> Result<Credentials, Failure> {
    let limit = if lends_terminal { LIMIT_ASKING } else { LIMIT };
    let failed = |what: &str| {
        Failure::new(
            FailureKind::BadCredentials,
            format!("The credential_process of profile {} {what}", make_visible(profile)),
            "run it in a shell to see what it wants, then try again",
        )
    };
    let modes = if lends_terminal { tcgetattr(io::stdin()).ok() } else { None };
    let mut child =
        start_shell(command, lends_terminal).map_err(|error| failed(&format!("cannot be started: {error}")))?;
    let leader = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
    let mut started = Started { leader, is_group: !lends_terminal, modes };
    let Some(stdout) = child.stdout.take() else { return Err(failed("cannot be read")) };
    let stderr = child.stderr.take();
    let (mut printed, mut said) = (Vec::new(), Vec::new());
    let ended = async {
        let mut stdout = stdout.take(LARGEST);
        let heard = async {
            // Where it is the terminal's, the user has read it already.
            if let Some(stderr) = stderr {
                let _ = stderr.take(LARGEST).read_to_end(&mut said).await;
            }
        };
        let (read, (), status) = tokio::join!(stdout.read_to_end(&mut printed), heard, child.wait());
        read.and(status)
    };
    let ended = tokio::time::timeout(limit, ended).await;
    let last_words = last_line(&said);
    let Ok(ended) = ended else {
        let last_words = last_words.map_or_else(String::new, |words| format!(" (its last words: {words})"));
        let seconds = limit.as_secs();
        let mut failure =
            failed(&format!("did not finish within {seconds} seconds: it may wait for an answer of yours{last_words}"));
        failure.kind = FailureKind::Timeout;
        return Err(failure);
    };
    // What it leaves running on purpose, such as an agent, is its own.
    started.leader = None;
    let status = ended.map_err(|error| failed(&format!("cannot be read: {error}")))?;
    if status.code().is_none() {
        // Ctrl-C at a shared terminal ends the program and this one: our own signal may come a moment later, and counts more.
        tokio::time::sleep(SIGNAL_WAIT).await;
    }
    if !status.success() {
        let last = last_words
            .unwrap_or_else(|| if lends_terminal { "its output is above" } else { "no words given" }.to_owned());
        let code = status.code().map_or_else(|| "a signal".to_owned(), |code| format!("status {code}"));
        return Err(failed(&format!("ended with {code}: {last}")));
    }
    read_credentials(&printed).map_err(|problem| failed(&format!("printed no credentials: {problem}")))
}

/// Starts a shell: at our terminal, or in a session of its own. Without `setsid` it gets a group of its own.
fn start_shell(command: &str, lends_terminal: bool) -> io::Result<Child> {
    if lends_terminal {
        return Command::new("sh").arg("-c").arg(command).stdout(Stdio::piped()).kill_on_drop(true).spawn();
    }
    let piped = |mut program: Command| {
        program.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        program
    };
    let mut session = Command::new("setsid");
    session.args(["sh", "-c", command]);
    match piped(session).spawn() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut shell = Command::new("sh");
            shell.arg("-c").arg(command).process_group(0);
            piped(shell).spawn()
        }
        started => started,
    }
}

/// Returns the last line that a program wrote, made visible.
fn last_line(said: &[u8]) -> Option<String> {
    let said = String::from_utf8_lossy(said);
    said.lines().map(str::trim).rfind(|line| !line.is_empty()).map(make_visible)
}

/// The processes that a command has started. Dropping this ends them while it holds their leader's number.
struct Started {
    leader: Option<Pid>,
    /// True where they are a group of their own.
    is_group: bool,
    /// The modes of the lent terminal: a prompt for a password turns the echo off.
    modes: Option<Termios>,
}

impl Drop for Started {
    fn drop(&mut self) {
        match self.leader {
            Some(leader) if self.is_group => {
                let _ = kill_process_group(leader, Signal::TERM);
            }
            Some(leader) => descendants::ask_to_end(leader),
            None => {}
        }
        if let Some(modes) = &self.modes {
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, modes);
        }
    }
}

/// Reads `{"Version": 1, "AccessKeyId": ..., "SecretAccessKey": ..., "SessionToken": ..., "Expiration": ...}`.
fn read_credentials(output: &[u8]) -> Result<Credentials, &'static str> {
    let value: serde_json::Value = serde_json::from_slice(output).map_err(|_| "it is not JSON")?;
    let object = value.as_object().ok_or("it is no JSON object")?;
    // Names of the keys in any case, as the other SDKs take them.
    let get = |name: &str| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    if get("Version").and_then(serde_json::Value::as_i64) != Some(1) {
        return Err("Version is not 1");
    }
    let text = |name: &str| get(name).and_then(serde_json::Value::as_str).filter(|text| !text.is_empty());
    let expires = match text("Expiration") {
        Some(time) => {
            let format = &time::format_description::well_known::Rfc3339;
            Some(time::OffsetDateTime::parse(time, format).map_err(|_| "Expiration is no time")?)
        }
        None => None,
    };
    if expires.is_some_and(|at| SystemTime::from(at) <= SystemTime::now()) {
        return Err("they have run out already");
    }
    Ok(Credentials::new(
        text("AccessKeyId").ok_or("AccessKeyId is missing")?,
        text("SecretAccessKey").ok_or("SecretAccessKey is missing")?,
        text("SessionToken").map(str::to_owned),
        expires.map(SystemTime::from),
        "credential_process",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(command: &str) -> Result<Credentials, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(fetch_credentials("p", command, false))
    }

    #[test]
    fn the_process_prints_credentials() {
        let made = run(r#"echo '{"Version":1,"AccessKeyId":"AKIAP","secretaccesskey":"s","SessionToken":"t","Expiration":"2999-01-01T00:00:00Z"}'"#).unwrap();
        assert_eq!((made.access_key_id(), made.secret_access_key(), made.session_token()), ("AKIAP", "s", Some("t")));
        assert!(made.expiry().is_some());
    }

    #[test]
    fn a_process_that_asks_finds_no_terminal_and_says_so() {
        let failure = run("read answer || { echo 'Enter code:' >&2; exit 3; }").unwrap_err();
        assert_eq!(failure.kind, FailureKind::BadCredentials);
        assert!(failure.what.contains("profile p") && failure.what.contains("status 3: Enter code:"), "{failure}");
    }

    #[test]
    fn a_process_has_no_terminal_to_write_on() {
        let failure = run("echo asks > /dev/tty || exit 4; exit 5").unwrap_err();
        assert!(failure.what.contains("status 4"), "{failure}");
    }

    #[test]
    fn whoever_stops_waiting_ends_what_the_process_has_started() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("child");
        let command = format!("sleep 60 & echo $! > '{0}.new'; mv '{0}.new' '{0}'; wait", path.display());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let id: i32 = runtime.block_on(async {
            let waiting = tokio::spawn(async move { fetch_credentials("p", &command, false).await });
            let id = loop {
                if let Ok(text) = std::fs::read_to_string(&path) {
                    break text.trim().parse().unwrap();
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            };
            // As Esc does it.
            waiting.abort();
            assert!(waiting.await.is_err());
            id
        });
        let stat = || std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        let ended = || stat().rsplit(')').next().is_none_or(|rest| rest.trim().is_empty() || rest.starts_with(" Z"));
        for _ in 0..500 {
            if ended() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the child goes on: {}", stat());
    }

    #[test]
    fn what_is_no_credentials_is_said() {
        for (text, problem) in [
            ("hello", "it is not JSON"),
            ("[]", "it is no JSON object"),
            ("{}", "Version is not 1"),
            (r#"{"Version":1,"AccessKeyId":"a"}"#, "SecretAccessKey is missing"),
            (r#"{"Version":1,"SecretAccessKey":"a"}"#, "AccessKeyId is missing"),
            (r#"{"Version":1,"AccessKeyId":"a","SecretAccessKey":"s","Expiration":"soon"}"#, "Expiration is no time"),
            (
                r#"{"Version":1,"AccessKeyId":"a","SecretAccessKey":"s","Expiration":"2001-01-01T00:00:00Z"}"#,
                "they have run out already",
            ),
        ] {
            assert_eq!(read_credentials(text.as_bytes()).unwrap_err(), problem, "{text}");
        }
    }
}
