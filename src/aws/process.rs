//! `credential_process`, run by us and not by the SDK: the SDK lets the process have our standard input, so that a
//! prompt of it would eat keys meant for the screen, and sets no limit of time.

use std::process::Stdio;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use tokio::process::Command;

use crate::ecr::{Failure, FailureKind, text::visible};

/// How long the process may take.
pub(super) const LIMIT: Duration = Duration::from_secs(30);

/// Runs the command of a profile and reads the credentials that it prints. Its standard input is empty, and it is not
/// in our process group, so that it cannot read from the terminal.
pub(super) async fn credentials(profile: &str, command: &str) -> Result<Credentials, Failure> {
    let failed = |what: &str| {
        Failure::new(
            FailureKind::BadCredentials,
            format!("The credential_process of profile {} {what}", visible(profile)),
            "run it in a shell to see what it wants, then try again",
        )
    };
    let mut shell = if cfg!(windows) { Command::new("cmd.exe") } else { Command::new("sh") };
    shell.arg(if cfg!(windows) { "/C" } else { "-c" }).arg(command);
    shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    #[cfg(unix)]
    shell.process_group(0);
    let child = shell.spawn().map_err(|error| failed(&format!("cannot be started: {error}")))?;
    let id = child.id();
    let Ok(done) = tokio::time::timeout(LIMIT, child.wait_with_output()).await else {
        end_group(id).await;
        let seconds = LIMIT.as_secs();
        let mut failure =
            failed(&format!("did not finish within {seconds} seconds: it may wait for an answer of yours"));
        failure.kind = FailureKind::Timeout;
        return Err(failure);
    };
    let output = done.map_err(|error| failed(&format!("cannot be read: {error}")))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        let last = words.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("no words given");
        let code = output.status.code().map_or_else(|| "a signal".to_owned(), |code| format!("status {code}"));
        return Err(failed(&format!("ended with {code}: {}", visible(last))));
    }
    read(&output.stdout).map_err(|problem| failed(&format!("printed no credentials: {problem}")))
}

/// Ends what the shell started too; the shell itself ends when its handle is dropped.
async fn end_group(id: Option<u32>) {
    if let Some(id) = id.filter(|_| cfg!(unix)) {
        let group = format!("-{id}");
        let kill = Command::new("kill").args(["-s", "TERM", "--", &group]).stderr(Stdio::null()).status();
        let _ = tokio::time::timeout(Duration::from_secs(1), kill).await;
    }
}

/// Reads `{"Version": 1, "AccessKeyId": ..., "SecretAccessKey": ..., "SessionToken": ..., "Expiration": ...}`.
fn read(output: &[u8]) -> Result<Credentials, &'static str> {
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
        runtime.block_on(credentials("p", command))
    }

    #[cfg(unix)]
    #[test]
    fn the_process_prints_credentials() {
        let made = run(r#"echo '{"Version":1,"AccessKeyId":"AKIAP","secretaccesskey":"s","SessionToken":"t","Expiration":"2999-01-01T00:00:00Z"}'"#).unwrap();
        assert_eq!((made.access_key_id(), made.secret_access_key(), made.session_token()), ("AKIAP", "s", Some("t")));
        assert!(made.expiry().is_some());
    }

    #[cfg(unix)]
    #[test]
    fn a_process_that_asks_finds_no_terminal_and_says_so() {
        let failure = run("read answer || { echo 'Enter code:' >&2; exit 3; }").unwrap_err();
        assert_eq!(failure.kind, FailureKind::BadCredentials);
        assert!(failure.what.contains("profile p") && failure.what.contains("status 3: Enter code:"), "{failure}");
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
            assert_eq!(read(text.as_bytes()).unwrap_err(), problem, "{text}");
        }
    }
}
