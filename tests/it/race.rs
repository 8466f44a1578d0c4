//! Another client that writes at every point between our requests, on the sandbox and on moto.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ecr_grant::apply::{self, Gate, Outcome, Write};
use ecr_grant::aws::{AwsAccess, Credentials};
use ecr_grant::ecr::{AccountId, Context, Region, RepositoryName, RepositoryRef, SourceId};
use ecr_grant::journal::{ChangeStart, Journal};
use ecr_grant::policy::canonical::same_meaning;
use ecr_grant::sandbox::{self, Clock, Service, Trouble};
use serde_json::{Value, json};

use super::support::python::Moto;
use super::support::{clean_command, run};

/// The most requests that one write of the test takes.
const MOST_POINTS: u32 = 12;

fn statement(sid: &str, account: &str) -> Value {
    json!({"Sid": sid, "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{account}:root")}, "Action": "ecr:BatchGetImage"})
}

fn policy_of(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// The end of a write beside which another client wrote.
struct Raced {
    outcome: Outcome,
    /// The operations, each with the answer to the question whether it was carried out.
    calls: Vec<(String, bool)>,
    stored: String,
}

/// Writes on the sandbox with this fault, while another client writes right after the call number `point`.
fn write_raced(fault: Option<(&str, Trouble)>, point: u32, theirs: &str) -> Raced {
    let service = Arc::new(Service::demo(Clock::System));
    let repository = RepositoryRef {
        account: AccountId::parse("222222222222").unwrap(),
        region: Region::parse("eu-west-2").unwrap(),
        name: RepositoryName::parse("made/for-this").unwrap(),
    };
    service.add_repository(&repository);
    let old = policy_of(&[statement("Old", "333333333333")]);
    assert!(service.set_policy_directly(&repository, Some(&old)));
    if let Some((operation, trouble)) = fault {
        service.add_trouble(Some(operation), 0, 1, trouble);
    }
    service.write_after_calls(point, &repository, Some(theirs));
    let sources = sandbox::demo_sources()
        .into_iter()
        .map(|(source, id, secret)| (source, Credentials::new(id, secret, None, None, "sandbox")))
        .collect();
    let access = AwsAccess::with_sources(sources, sandbox::connector(service.clone(), Duration::ZERO));
    let context = Context { source: SourceId::Profile("release-owner".into()), region: repository.region.clone() };
    let folder = tempfile::tempdir().unwrap();
    let change = Journal::open_in(folder.path()).begin_change(ChangeStart::default());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let outcome = runtime.block_on(async {
        let registry = access.open_registry(&context, &repository.account).await.unwrap();
        let write = Write { repository: repository.clone(), based_on: Some(old), text: Some(ours()), until: None };
        apply::write_policy(&registry, &change, &Gate::default(), &write, 0).await
    });
    let calls = service.recorded_calls().into_iter().map(|call| (call.operation, call.carried_out)).collect();
    Raced { outcome, calls, stored: service.policy_of(&repository).unwrap() }
}

fn ours() -> String {
    policy_of(&[statement("Old", "333333333333"), statement("EcrGrantPull", "111111111111")])
}

#[test]
fn a_write_of_another_client_is_lost_in_the_one_window_alone_and_the_outcome_is_true() {
    let theirs = policy_of(&[statement("Old", "333333333333"), statement("OtherTeam", "444444444444")]);
    let troubles = [Trouble::Throttled, Trouble::ServerError, Trouble::Broken, Trouble::AnswerLost];
    let faults = ["GetRepositoryPolicy", "SetRepositoryPolicy"]
        .into_iter()
        .flat_map(|operation| troubles.clone().map(|trouble| Some((operation, trouble))))
        .chain([None]);
    let (windows, points) = (Mutex::new(0), Mutex::new(0));
    std::thread::scope(|scope| {
        for fault in faults {
            let (theirs, windows, points) = (&theirs, &windows, &points);
            scope.spawn(move || {
                for point in 1..=MOST_POINTS {
                    let Raced { outcome, calls, stored } = write_raced(fault.clone(), point, theirs);
                    let at = usize::try_from(point).unwrap();
                    if calls.len() < at {
                        break;
                    }
                    *points.lock().unwrap() += 1;
                    let what = format!("{fault:?}, after call {point} of {calls:?}: {outcome:?}");
                    let is_window = calls[at - 1].0 == "GetRepositoryPolicy"
                        && calls.get(at).is_some_and(|next| *next == ("SetRepositoryPolicy".to_owned(), true));
                    assert_eq!(stored.contains("OtherTeam"), !is_window, "{what}");
                    *windows.lock().unwrap() += u32::from(is_window);
                    match &outcome {
                        // What comes behind the last read is seen by the next one alone.
                        Outcome::Written { .. } => {
                            assert!(same_meaning(&stored, &ours()) || calls.len() == at, "{what}");
                        }
                        Outcome::Changed { now } | Outcome::Replaced { now, .. } => {
                            assert!(same_meaning(now.as_deref().unwrap(), theirs), "{what}");
                            let was_written =
                                calls.iter().any(|call| *call == ("SetRepositoryPolicy".to_owned(), true));
                            assert_eq!(matches!(outcome, Outcome::Replaced { .. }), was_written, "{what}");
                        }
                        Outcome::Unknown(failure) => assert!(failure.next.contains("somebody else"), "{what}"),
                        other => panic!("{what}: {other:?}"),
                    }
                }
            });
        }
    });
    let (windows, points) = (windows.into_inner().unwrap(), points.into_inner().unwrap());
    assert!((1..=9).contains(&windows), "one window in each way of a write: {windows}");
    assert!(points >= 9 * 3, "{points}");
}

/// A proxy before moto, through which another client writes after the answer to our call number `point`.
struct Proxy {
    url: String,
    operations: Arc<Mutex<Vec<String>>>,
    stops: Arc<AtomicBool>,
}

const TARGET: &str = "x-amz-target: AmazonEC2ContainerRegistry_V20150921.";

/// Calls an operation of ECR on moto.
fn call_moto(port: u16, operation: &str, input: &Value) -> String {
    let body = input.to_string();
    let request = format!(
        "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n{TARGET}{operation}\r\ncontent-type: application/x-amz-json-1.1\r\n\
         authorization: AWS4-HMAC-SHA256 Credential=AKIAOTHER/20261128/eu-west-2/ecr/aws4_request, SignedHeaders=host, \
         Signature=00\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = forward_bytes(port, request.as_bytes());
    String::from_utf8(answer).unwrap()
}

fn forward_bytes(port: u16, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(request).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    answer
}

/// Reads one request; its connection is to end after the answer.
fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut piece = [0; 16 * 1024];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length:").map(str::to_owned));
            let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
            if body.len() >= length {
                return Some(format!("{head}\r\nconnection: close\r\n\r\n{body}"));
            }
        }
        let read = stream.read(&mut piece).ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&piece[..read]);
    }
}

impl Proxy {
    fn start(moto: u16, point: usize, theirs: String) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (operations, stops) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (seen, ends) = (operations.clone(), stops.clone());
        // One connection after the other: a command without faults waits for each answer.
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if ends.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(mut stream) = stream else { continue };
                let Some(request) = read_request(&mut stream) else { continue };
                let answer = forward_bytes(moto, request.as_bytes());
                if let Some((_, rest)) = request.to_lowercase().split_once(&TARGET.to_lowercase()) {
                    let mut seen = seen.lock().unwrap();
                    seen.push(rest.lines().next().unwrap_or_default().trim().to_owned());
                    if seen.len() == point {
                        let input = json!({"repositoryName": "vendorapp", "policyText": theirs});
                        let set = call_moto(moto, "SetRepositoryPolicy", &input);
                        assert!(set.starts_with("HTTP/1.1 200"), "{set}");
                    }
                }
                let _ = stream.write_all(&answer);
            }
        });
        Self { url, operations, stops }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stops.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.url.trim_start_matches("http://"));
    }
}

#[test]
fn on_moto_too_a_write_of_another_client_is_lost_in_the_one_window_alone() {
    let moto = Moto::start_server();
    let port: u16 = moto.endpoint_url().rsplit(':').next().unwrap().parse().unwrap();
    let theirs = policy_of(&[statement("OtherTeam", "444444444444")]);
    let (mut windows, mut ended) = (0, false);
    for point in 1..=20 {
        moto.reset_services();
        let made = call_moto(port, "CreateRepository", &json!({"repositoryName": "vendorapp"}));
        assert!(made.starts_with("HTTP/1.1 200"), "{made}");
        let proxy = Proxy::start(port, point, theirs.clone());
        let home = tempfile::tempdir().unwrap();
        let mut command = clean_command(env!("CARGO_BIN_EXE_ecr-grant"), home.path());
        command.args(["grant", "vendorapp", "--to", "111111111111", "--yes", "--endpoint-url", &proxy.url]);
        let finished = run(command);
        let operations = proxy.operations.lock().unwrap().clone();
        if operations.len() < point {
            ended = true;
            assert!(finished.status.success(), "{finished:?}");
            break;
        }
        let is_window = operations[point - 1] == "getrepositorypolicy"
            && operations.get(point).is_some_and(|next| next == "setrepositorypolicy");
        windows += u32::from(is_window);
        let stored = call_moto(port, "GetRepositoryPolicy", &json!({"repositoryName": "vendorapp"}));
        let what = format!("after call {point} of {operations:?}: {finished:?}");
        assert_eq!(stored.contains("OtherTeam"), !is_window, "{what}\n{stored}");
        let is_ours = stored.contains("111111111111");
        let said = finished.stdout.contains("granted: owner side done");
        assert!(!said || is_ours || operations.len() == point, "{what}\n{stored}");
    }
    assert!(ended, "the command makes more requests than the test has points");
    assert_eq!(windows, 1, "the window between the last read and the write");
}
