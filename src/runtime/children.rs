//! Child programs that have the terminal for a while.

use std::io::{self, Write as _};
use std::process::Stdio;

use crate::ecr::{Failure, FailureKind, shell::profile_flag};

/// Runs the AWS CLI's login for a profile. The terminal must be free already.
pub async fn sign_in(profile: &str, console_login: bool) -> Result<(), Failure> {
    let words: &[&str] = if console_login { &["login"] } else { &["sso", "login"] };
    // With `=` a name that begins with `-` is a name too.
    let command = format!("aws {} {}", words.join(" "), profile_flag(profile));
    let _ = writeln!(io::stdout(), "$ {}", crate::ecr::text::visible(&command));
    let ended = tokio::process::Command::new("aws")
        .args(words)
        .arg(format!("--profile={profile}"))
        .stdin(Stdio::inherit())
        .stdout(Stdio::inherit())
        .stderr(Stdio::inherit())
        .status()
        .await;
    match ended {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::new(
            FailureKind::SignInExpired,
            format!("`{command}` did not succeed ({status})"),
            "run it in another terminal, then try again here",
        )
        .with_command(command)),
        Err(error) => Err(Failure::new(
            FailureKind::Setup,
            format!("`{command}` could not be started: {error}"),
            "install the AWS CLI, or run the login elsewhere and try again here",
        )
        .with_command(command)),
    }
}
