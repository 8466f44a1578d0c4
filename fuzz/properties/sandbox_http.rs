//! Whatever a client sends, the sandbox's server neither panics nor takes in without end, and all that it sends back are
//! whole HTTP responses with bodies that their clients can read.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use ecr_grant::sandbox::{Clock, Service, serve_connection};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{Bytes, text_or_bent, wait_for};

/// The number of answers that the client waits for before it closes its side.
const PATIENCE: usize = 24;
/// More than this is read of no head, and of no request whose length is told: the server's bounds and one buffer.
const LARGEST_HEAD: usize = 128 * 1024;
const LARGEST_TOLD: usize = LARGEST_HEAD + 256 * 1024;
/// A body in chunks of one byte each is six times as long on the wire; leading zeros of a chunk's size have no bound.
const LARGEST_CHUNKED: usize = LARGEST_TOLD * 7;
/// The bytes after which a client that sends without end is ended here.
const ENDLESS: usize = 3 * 1024 * 1024;

/// The longest that a client is served that is always ready: the server itself waits half a minute for one that is not.
const LONGEST: Duration = Duration::from_secs(20);

/// Seconds since 1970-01-01 UTC.
const NOW: i64 = 1_795_429_882;

/// Targets of operations, the bodies that go with them, and whether they are forms.
const TARGETS: [(&str, &str); 10] = [
    (
        "DescribeRepositories",
        r#"{"registryId":"222222222222","maxResults":1,"nextToken":"x","repositoryNames":["vendorapp"]}"#,
    ),
    ("GetRepositoryPolicy", r#"{"registryId":"222222222222","repositoryName":"vendorapp"}"#),
    ("SetRepositoryPolicy", include_str!("../seeds/sandbox-http/set-policy-body.json")),
    ("DeleteRepositoryPolicy", r#"{"registryId":"222222222222","repositoryName":"vendorapp"}"#),
    (
        "DescribeImages",
        r#"{"repositoryName":"vendorapp","imageIds":[{"imageTag":"1"}],"maxResults":5,"filter":{"tagStatus":"TAGGED"}}"#,
    ),
    ("ListImages", r#"{"repositoryName":"vendorapp","maxResults":2,"filter":{"tagStatus":"ANY"}}"#),
    ("ListTagsForResource", r#"{"resourceArn":"arn:aws:ecr:eu-west-2:222222222222:repository/vendorapp"}"#),
    ("GetAuthorizationToken", r#"{"registryIds":["222222222222"]}"#),
    ("GetRegistryPolicy", "{}"),
    ("DescribeRegistry", "{}"),
];

/// A client that sends its bytes, waits for answers for a while, and closes.
#[derive(Debug)]
struct Client<'d> {
    sent: &'d [u8],
    at: usize,
    /// The bytes that are sent again and again behind the others; empty: none.
    endless: &'d [u8],
    waited: usize,
    answers: Vec<u8>,
    /// The bytes that the server had read when it first answered.
    read_before_an_answer: Option<usize>,
}

impl AsyncRead for Client<'_> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let (mut at, limit) = (self.at, if self.endless.is_empty() { self.sent.len() } else { ENDLESS });
        // Whoever sends without end learns where the server stops it; what it says then is of no matter.
        if !self.endless.is_empty() && self.read_before_an_answer.is_some() {
            return Poll::Ready(Ok(()));
        }
        while at < limit && buffer.remaining() > 0 {
            let rest = match self.sent.get(at..).filter(|rest| !rest.is_empty()) {
                Some(rest) => rest,
                None => &self.endless[(at - self.sent.len()) % self.endless.len()..],
            };
            let part = rest.get(..buffer.remaining()).unwrap_or(rest);
            buffer.put_slice(part);
            at += part.len();
        }
        self.at = at;
        if buffer.filled().len() > before {
            return Poll::Ready(Ok(()));
        }
        self.waited += 1;
        if self.waited > PATIENCE {
            return Poll::Ready(Ok(()));
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl AsyncWrite for Client<'_> {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let at = self.at;
        self.read_before_an_answer.get_or_insert(at);
        if self.endless.is_empty() {
            self.answers.extend_from_slice(bytes);
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

thread_local! {
    static SERVICE: RefCell<Option<Arc<Service>>> = const { RefCell::new(None) };
}

/// Holds the property for what a client sends: behind `+` all that follows the first head again and again, behind `!` as
/// the body of a signed request.
pub fn check_bytes(data: &[u8]) {
    let (is_endless, data) = data.strip_prefix(b"+").map_or((false, data), |rest| (true, rest));
    let sent = data.strip_prefix(b"!").map_or_else(|| data.to_vec(), signed_request);
    let head_end = sent.windows(4).position(|four| four == b"\r\n\r\n").map_or(0, |at| at + 4);
    let endless = if is_endless { sent.get(head_end..).unwrap_or_default() } else { &[] };
    let mut client =
        Client { sent: &sent, at: 0, endless, waited: 0, answers: Vec::new(), read_before_an_answer: None };
    let service =
        SERVICE.with(|kept| kept.borrow_mut().take()).unwrap_or_else(|| Arc::new(Service::demo(Clock::Fixed(NOW))));
    // A client that waits for nothing is not waited for.
    let served =
        wait_for(async { tokio::time::timeout(LONGEST, serve_connection(Arc::clone(&service), &mut client)).await });
    assert!(
        served.is_ok(),
        "the connection stays open after {} bytes of {:?}",
        client.at,
        data.escape_ascii().to_string()
    );

    // What an input changes is not there for the next one; making the demo anew takes longer than all else.
    let changes = |operation: &str| ["Set", "Delete", "Assume"].iter().any(|verb| operation.starts_with(verb));
    if !service.recorded_calls().iter().any(|call| changes(&call.operation)) {
        service.forget_calls();
        SERVICE.with(|kept| kept.replace(Some(service)));
    }

    let read = client.read_before_an_answer.unwrap_or(client.at);
    let head = String::from_utf8_lossy(&sent).to_ascii_lowercase();
    let has_end = |head: &str| head.contains("\n\n") || head.contains("\n\r\n");
    if !has_end(&format!("{head}{head}")) {
        assert!(read <= LARGEST_HEAD, "{read} bytes of a head");
    } else if !head.contains("transfer-encoding") {
        assert!(read <= LARGEST_TOLD, "{read} bytes of a request");
    } else if !head.contains("00") {
        assert!(read <= LARGEST_CHUNKED, "{read} bytes of a request in chunks");
    }
    // The answers to these have no body, whatever their length says.
    let is_bodiless = head.contains("head ") || head.contains("connect ");
    let mut rest = client.answers.as_slice();
    while !rest.is_empty() {
        rest = first_response(rest);
        if is_bodiless {
            break;
        }
    }
}

/// Asserts that a whole response comes first; returns what follows it.
fn first_response(bytes: &[u8]) -> &[u8] {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("a head and a body are text");
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a head has an end");
    let (head, rest) = bytes.split_at(end);
    let rest = &rest[4..];
    let head = text(head);
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.strip_prefix("HTTP/1.")).expect("a line with the status");
    let status: u16 = status.get(2..5).expect("a status").parse().expect("a status");
    assert!((100..600).contains(&status), "{head}");
    let headers: Vec<(String, &str)> = lines
        .map(|line| line.split_once(": ").expect("a header"))
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
        .collect();
    let header = |wanted: &str| headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| *value);
    let length: usize = match header("content-length") {
        Some(length) => length.parse().expect("a length"),
        None => 0,
    };
    // HEAD and CONNECT, which `holds` knows, have none.
    let Some(body) = rest.get(..length) else { return &[] };
    match header("content-type") {
        Some("application/x-amz-json-1.1") => {
            serde_json::from_slice::<serde_json::Value>(body).expect("JSON");
        }
        Some("text/xml") => {
            let xml = text(body);
            assert!(xml.chars().all(|c| matches!(c, '\n' | '\t' | '\r') || c >= ' '), "no XML: {xml:?}");
            assert_eq!(xml.matches('<').count(), xml.matches('>').count(), "{xml}");
        }
        _ => {}
    }
    &rest[length..]
}

/// Wraps a body into a request that is signed for one of the operations, or into a form for STS.
fn signed_request(data: &[u8]) -> Vec<u8> {
    let mut bytes = Bytes(data);
    let which = bytes.next_below(TARGETS.len() + 2);
    let (service, more, body) = match TARGETS.get(which) {
        Some((target, good)) => (
            "ecr",
            format!("x-amz-target: AmazonEC2ContainerRegistry_V20150921.{target}\r\n"),
            text_or_bent(bytes.rest_bytes(), good).map_or_else(|| bytes.rest_bytes().to_vec(), String::into_bytes),
        ),
        None => ("sts", "content-type: application/x-www-form-urlencoded\r\n".to_owned(), bytes.rest_bytes().to_vec()),
    };
    let head = format!(
        "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n{more}authorization: AWS4-HMAC-SHA256 \
         Credential=222222222222/20261123/eu-west-2/{service}/aws4_request, SignedHeaders=host, Signature=0\r\n\r\n",
        body.len()
    );
    [head.into_bytes(), body].concat()
}
