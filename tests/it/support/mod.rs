//! Helpers of several integration tests: commands in an empty environment, free ports, and the Python clients.

pub mod owner;
pub mod pty;
pub mod python;
pub mod served;

use std::ffi::OsStr;
use std::io::Read;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The longest that a command of a test may run.
pub const COMMAND_LIMIT: Duration = Duration::from_mins(10);

/// The results of a finished command.
#[derive(Debug)]
pub struct Finished {
    /// Its exit status.
    pub status: ExitStatus,
    /// Its standard output, as text.
    pub stdout: String,
    /// Its standard error, as text.
    pub stderr: String,
}

impl Finished {
    /// Returns the standard output of a command that must have succeeded.
    pub fn expect_text(&self) -> &str {
        assert!(self.status.success(), "{}\nstdout: {}\nstderr: {}", self.status, self.stdout, self.stderr);
        &self.stdout
    }

    /// Returns the standard output of a command that must have succeeded, read as JSON.
    pub fn expect_json(&self) -> serde_json::Value {
        let text = self.expect_text();
        serde_json::from_str(text).unwrap_or_else(|e| panic!("no JSON ({e}): {text}"))
    }

    /// Returns the standard error of a command that must have failed.
    pub fn expect_failure(&self) -> &str {
        assert!(!self.status.success(), "expected a failure, got: {}", self.stdout);
        &self.stderr
    }
}

/// Returns a folder that Cargo keeps for the integration tests: `target/tmp`.
pub fn target_tmp() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}

/// Builds a command with an empty environment. The variables that it sets keep an AWS client away from any file of the
/// user's and from the instance metadata address. Keys belong to nobody; `home` is the folder that stands for the
/// user's.
pub fn clean_command(program: impl AsRef<OsStr>, home: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("HOME", home)
        .env("LANG", "C.UTF-8")
        .env("TERM", "xterm-256color")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", home.join("aws-config"))
        .env("AWS_SHARED_CREDENTIALS_FILE", home.join("aws-credentials"))
        .env("AWS_REGION", "eu-west-2")
        .env("AWS_DEFAULT_REGION", "eu-west-2")
        .env("AWS_ACCESS_KEY_ID", "222222222222")
        .env("AWS_SECRET_ACCESS_KEY", "none")
        .current_dir(home)
        .stdin(Stdio::null());
    command
}

/// Runs a command to its end, and ends it (failing the test) when it takes longer than [`COMMAND_LIMIT`].
pub fn run(mut command: Command) -> Finished {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let stdout = collect_output(child.stdout.take());
    let stderr = collect_output(child.stderr.take());
    let status = wait_bounded(&mut child, COMMAND_LIMIT);
    let stdout = stdout.join().unwrap();
    let stderr = stderr.join().unwrap();
    let Some(status) = status else {
        panic!("{command:?} ran longer than {COMMAND_LIMIT:?}\nstdout: {stdout}\nstderr: {stderr}");
    };
    Finished { status, stdout, stderr }
}

fn collect_output(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<String> {
    let mut pipe = pipe.expect("the pipe was asked for");
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Waits for a child to end; kills it and returns `None` when the time is over.
pub fn wait_bounded(child: &mut Child, limit: Duration) -> Option<ExitStatus> {
    let end = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait().expect("the child can be waited for") {
            return Some(status);
        }
        if Instant::now() > end {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Finds a loopback port that was free a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|l| l.local_addr()).expect("a free loopback port").port()
}
