//! Clients and servers that others wrote, from Python's package index: the AWS CLI, boto3 and moto, in a virtual
//! environment under `target/tmp`, made once from `tests/requirements.txt`.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::{clean_command, free_port, target_tmp};

const REQUIREMENTS: &str = include_str!("../../requirements.txt");

/// Returns the folder of the virtual environment. Makes it when it is missing or made from other requirements. Other
/// tests, and other test runs on the same target folder, wait meanwhile.
pub fn python_environment() -> &'static Path {
    static ENVIRONMENT: OnceLock<PathBuf> = OnceLock::new();
    ENVIRONMENT.get_or_init(make_environment)
}

fn make_environment() -> PathBuf {
    let folder = target_tmp().join("python-env");
    let done = folder.join("made-from.txt");
    fs::create_dir_all(target_tmp()).unwrap();
    let lock = File::create(target_tmp().join("python-env.lock")).unwrap();
    lock.lock().expect("a lock on the virtual environment");
    if fs::read_to_string(&done).is_ok_and(|made_from| made_from == REQUIREMENTS) {
        return folder;
    }
    let _ = fs::remove_dir_all(&folder);
    // pip keeps the outer environment: that is where its own settings are.
    run_successfully(
        Command::new("python3").args(["-m", "venv"]).arg(&folder),
        "python3 with its venv module is needed",
    );
    let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/requirements.txt");
    run_successfully(
        Command::new(folder.join("bin/python"))
            .args(["-m", "pip", "install", "--quiet", "--requirement"])
            .arg(requirements),
        "pip installs tests/requirements.txt",
    );
    fs::write(&done, REQUIREMENTS).unwrap();
    folder
}

fn run_successfully(command: &mut Command, what: &str) {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|e| panic!("{what}: {e}"));
    assert!(
        output.status.success(),
        "{what}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Builds a command of the AWS CLI against an endpoint, in an empty environment. `key_id` is the access key id (a
/// secret is set beside it), `home` a folder of the test's own. Add the operation with `.args([...])`.
pub fn aws_cli(endpoint: &str, key_id: &str, region: &str, home: &Path) -> Command {
    let mut command = clean_command(python_environment().join("bin/aws"), home);
    command
        .env("AWS_ACCESS_KEY_ID", key_id)
        .env("AWS_MAX_ATTEMPTS", "1")
        .args(["--endpoint-url", endpoint, "--region", region, "--output", "json"])
        .args(["--cli-connect-timeout", "10", "--cli-read-timeout", "30"]);
    command
}

/// Builds a command of the virtual environment's Python in an empty environment, for a script that uses boto3.
pub fn python_command(home: &Path) -> Command {
    clean_command(python_environment().join("bin/python"), home)
}

// Ends by itself when the pipe to the test closes (so also when the test is killed), and after half an hour at most.
const MOTO: &str = "
import os, sys, threading
def until_closed():
    sys.stdin.buffer.read()
    os._exit(0)
threading.Thread(target=until_closed, daemon=True).start()
limit = threading.Timer(1800, lambda: os._exit(3))
limit.daemon = True
limit.start()
from moto.server import main
main(['-H', '127.0.0.1', '-p', sys.argv[1]])
";

/// A moto server on a loopback port. It ends when this is dropped, and when the test process ends in any way.
pub struct Moto {
    child: Child,
    port: u16,
}

impl Moto {
    /// Starts a server and waits until it answers, a minute at most.
    pub fn start_server() -> Self {
        Self::start_with(&[])
    }

    /// Starts a server as [`Moto::start_server`] does, with settings of moto's own, such as `INITIAL_NO_AUTH_ACTION_COUNT`.
    pub fn start_with(settings: &[(&str, &str)]) -> Self {
        // Another program may take the free port before moto does: then moto ends at once and another port is tried.
        for _ in 0..3 {
            if let Some(server) = Self::try_start(settings) {
                return server;
            }
        }
        panic!("moto did not start; its output is in {}", log_file().display());
    }

    fn try_start(settings: &[(&str, &str)]) -> Option<Self> {
        let port = free_port();
        let log = File::options().create(true).append(true).open(log_file()).unwrap();
        let child = python_command(&target_tmp())
            .args(["-c", MOTO, &port.to_string()])
            .envs(settings.iter().copied())
            .stdin(Stdio::piped())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .expect("moto starts");
        let mut server = Self { child, port };
        let end = Instant::now() + Duration::from_mins(1);
        while Instant::now() < end {
            if server.child.try_wait().unwrap().is_some() {
                return None;
            }
            if server.is_answering() {
                return Some(server);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        None
    }

    fn is_answering(&self) -> bool {
        get(self.port, "/moto-api/data.json").is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
    }

    /// Returns `http://127.0.0.1:PORT`, for `--endpoint-url`.
    pub fn endpoint_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Empties every service.
    pub fn reset_services(&self) {
        let answer = send_request(self.port, "POST", "/moto-api/reset").expect("moto answers");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn log_file() -> PathBuf {
    target_tmp().join("moto.log")
}

fn get(port: u16, path: &str) -> std::io::Result<String> {
    send_request(port, "GET", path)
}

fn send_request(port: u16, method: &str, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[test]
fn moto_starts_answers_and_ends_with_its_guard() {
    let moto = Moto::start_server();
    let port = moto.port;
    let home = tempfile::tempdir().unwrap();
    let mut cli = aws_cli(&moto.endpoint_url(), "AKIAEXAMPLE", "eu-west-2", home.path());
    cli.args(["ecr", "create-repository", "--repository-name", "vendorapp"]);
    assert_eq!(super::run(cli).expect_json()["repository"]["repositoryName"], "vendorapp");
    moto.reset_services();
    let mut cli = aws_cli(&moto.endpoint_url(), "AKIAEXAMPLE", "eu-west-2", home.path());
    cli.args(["ecr", "describe-repositories"]);
    assert_eq!(super::run(cli).expect_json()["repositories"].as_array().unwrap().len(), 0);
    drop(moto);
    assert!(get(port, "/").is_err(), "the server is still there");
}
