//! Child programs that have the terminal for a while.

use std::io::{self, Write as _};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::process::{ChildStderr, Command};

use crate::ecr::text::{fit_width, make_visible};
use crate::ecr::{Failure, FailureKind, Login};

/// The most that is kept of a program's last words, in bytes.
const KEPT: usize = 4096;
/// The longest wait for a program's last words after it has ended.
const LATE: Duration = Duration::from_millis(200);
/// The exit status of the AWS CLI for a command line that it does not know.
const UNKNOWN: i32 = 252;

/// Runs the AWS CLI's login. The terminal must be free already.
pub async fn sign_in(login: &Login, is_remote: bool) -> Result<(), Failure> {
    let mut is_remote = is_remote;
    let (command, ended) = loop {
        let command = login.shell_command(is_remote);
        let _ = writeln!(io::stdout(), "$ {}", make_visible(&command));
        let ended = run_program("aws", &login.aws_arguments(is_remote)).await;
        // Before 2.22 the AWS CLI used the device code always, and does not know the flag.
        if is_remote && ended.as_ref().is_ok_and(|(status, _)| status.code() == Some(UNKNOWN)) {
            is_remote = false;
            continue;
        }
        break (command, ended);
    };
    match ended {
        Ok((status, _)) if status.success() => Ok(()),
        Ok((status, said)) => {
            let how = status.code().map_or_else(|| "a signal".to_owned(), |code| format!("status {code}"));
            let said = said.map_or_else(|| "it gave no reason".to_owned(), |line| fit_width(&line, 300, false));
            Err(Failure::new(
                FailureKind::SignInExpired,
                format!("`{}` ended with {how}: {said}", make_visible(&command)),
                "run it in another terminal, then try again here",
            )
            .with_command(command))
        }
        Err(error) => Err(Failure::new(
            FailureKind::Setup,
            format!("`{}` could not be started: {}", make_visible(&command), error.kind()),
            "install the AWS CLI, or run the login elsewhere and try again here",
        )
        .with_command(command)),
    }
}

/// Runs a program to its end and shows its standard error as it comes. Returns the last line of that.
async fn run_program(program: &str, arguments: &[String]) -> io::Result<(ExitStatus, Option<String>)> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::inherit())
        .stdout(Stdio::inherit())
        .stderr(Stdio::piped())
        .spawn()?;
    let Some(mut stderr) = child.stderr.take() else { return Ok((child.wait().await?, None)) };
    let mut said = Vec::new();
    let status = tokio::select! {
        status = child.wait() => status?,
        () = show_output(&mut stderr, &mut said) => child.wait().await?,
    };
    let _ = tokio::time::timeout(LATE, show_output(&mut stderr, &mut said)).await;
    // A browser that it has started may hold the pipe for long: it shall neither write over the screen nor end for want
    // of a reader.
    tokio::spawn(async move { while stderr.read(&mut [0; 1024]).await.is_ok_and(|count| count > 0) {} });
    let said = String::from_utf8_lossy(&said);
    Ok((status, said.split(['\n', '\r']).map(str::trim).rfind(|line| !line.is_empty()).map(make_visible)))
}

/// Shows the output until its end, and keeps the last part.
async fn show_output(stderr: &mut ChildStderr, said: &mut Vec<u8>) {
    let mut buffer = [0; 1024];
    while let Ok(count @ 1..) = stderr.read(&mut buffer).await {
        let Some(came) = buffer.get(..count) else { return };
        let mut out = io::stderr();
        let _ = out.write_all(came).and_then(|()| out.flush());
        said.extend_from_slice(came);
        let spare = said.len().saturating_sub(KEPT);
        said.drain(..spare);
    }
}
