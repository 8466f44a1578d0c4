//! The service on a loopback port, for other clients.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::connector::answer_after;
use super::host::is_own;
use super::{Service, WireAnswer};

/// The largest request that is read, in bytes: a policy of 10,240 characters fits several times.
const LARGEST_REQUEST: u32 = 256 * 1024;
/// The largest head of a request that is read, in bytes.
const LARGEST_HEAD: usize = 64 * 1024;
/// The most bytes of requests that are held at once. Further requests wait for their turn as long as for a slow client.
const LARGEST_TOTAL: usize = 8 * 1024 * 1024;
const FAREWELL: Duration = Duration::from_secs(2);
/// The most connections at once; others wait.
const CONNECTIONS: usize = 256;

/// The times that clients may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// For the head of a request, and for its body.
    pub request: Duration,
    /// For all requests of a connection together.
    pub connection: Duration,
}

const PATIENCE: Patience = Patience { request: Duration::from_secs(30), connection: Duration::from_mins(15) };

/// The state that the connections share.
#[derive(Debug)]
struct Shared {
    service: Arc<Service>,
    latency: Duration,
    patience: Patience,
    /// A permit for each byte that may be held.
    room: Semaphore,
}

/// Binds the service to a loopback address (port 0: any free port). Returns the address and the future that serves
/// until `stop` is ready, and then finishes answers under way. It prints nothing. Any address but loopback is refused
/// with [`io::ErrorKind::InvalidInput`]: the service checks no signature. It needs a tokio runtime with I/O and time.
pub async fn serve(
    service: Arc<Service>,
    address: SocketAddr,
    latency: Duration,
    stop: impl Future<Output = ()>,
) -> io::Result<(SocketAddr, impl Future<Output = ()>)> {
    serve_patiently(service, address, latency, PATIENCE, stop).await
}

/// Serves as [`serve`] does, with other times.
pub(super) async fn serve_patiently(
    service: Arc<Service>,
    address: SocketAddr,
    latency: Duration,
    patience: Patience,
    stop: impl Future<Output = ()>,
) -> io::Result<(SocketAddr, impl Future<Output = ()>)> {
    if !address.ip().is_loopback() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("{} is no loopback address: the sandbox is for this machine alone", address.ip()),
        ));
    }
    let listener = TcpListener::bind(address).await?;
    let bound = listener.local_addr()?;
    let shared = Shared { service, latency, patience, room: Semaphore::new(LARGEST_TOTAL) };
    Ok((bound, accept_connections(Arc::new(shared), listener, stop)))
}

/// Serves one connection until either side ends it. It needs a tokio runtime with time. Fuzzing and tests reach the
/// server through it without a port.
#[doc(hidden)]
pub async fn serve_connection(service: Arc<Service>, stream: impl AsyncRead + AsyncWrite + Unpin) {
    let room = Semaphore::new(LARGEST_TOTAL);
    let shared = Shared { service, latency: Duration::ZERO, patience: PATIENCE, room };
    let (_end, ending) = watch::channel(false);
    run_connection(Arc::new(shared), stream, ending).await;
}

async fn accept_connections(shared: Arc<Shared>, listener: TcpListener, stop: impl Future<Output = ()>) {
    let mut stop = pin!(stop);
    let (end, ending) = watch::channel(false);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = &mut stop => break,
            _ = connections.join_next(), if !connections.is_empty() => {}
            accepted = listener.accept(), if connections.len() < CONNECTIONS => {
                match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(run_connection(Arc::clone(&shared), stream, ending.clone()));
                    }
                    // Such as too many open files: waiting helps, spinning does not.
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                }
            }
        }
    }
    drop(listener);
    let _ = end.send(true);
    let _ = tokio::time::timeout(FAREWELL, async { while connections.join_next().await.is_some() {} }).await;
    connections.shutdown().await;
}

async fn run_connection(
    shared: Arc<Shared>,
    stream: impl AsyncRead + AsyncWrite + Unpin,
    mut ending: watch::Receiver<bool>,
) {
    let Patience { request, connection } = shared.patience;
    let handler = service_fn(move |request| answer_request(Arc::clone(&shared), request));
    let serving = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(request)
        .max_buf_size(LARGEST_HEAD)
        .serve_connection(TokioIo::new(stream), handler);
    let mut serving = pin!(serving);
    // An error here is a client that went away, or an answer that is to break the connection.
    tokio::select! {
        _ = serving.as_mut() => return,
        () = until_ended(&mut ending) => {}
        // A client that reads no answer, or sends a byte now and then, holds its place no longer.
        () = tokio::time::sleep(connection) => return,
    }
    serving.as_mut().graceful_shutdown();
    let _ = serving.await;
}

async fn until_ended(ending: &mut watch::Receiver<bool>) {
    // An error means that the server is gone altogether.
    let _ = ending.wait_for(|ended| *ended).await;
}

/// Ends the connection without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is broken off")]
struct BrokenOff;

async fn answer_request(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, BrokenOff> {
    let (parts, body) = request.into_parts();
    if !is_own(&parts.uri, &parts.headers) {
        return Ok(refuse_request(
            StatusCode::FORBIDDEN,
            b"this server answers clients of this machine: 127.0.0.1 and localhost\n",
        ));
    }
    // A length that is told beforehand is refused before anything is read.
    if body.size_hint().lower() > u64::from(LARGEST_REQUEST) {
        return Ok(refuse_request(StatusCode::PAYLOAD_TOO_LARGE, b"the request is too large\n"));
    }
    let read = async {
        let most = body.size_hint().upper().and_then(|upper| u32::try_from(upper).ok());
        let room = most.unwrap_or(LARGEST_REQUEST).min(LARGEST_REQUEST);
        let held = shared.room.acquire_many(room).await.ok();
        (read_body(body).await, held)
    };
    let Ok((body, _held)) = tokio::time::timeout(shared.patience.request, read).await else {
        return Ok(refuse_request(StatusCode::REQUEST_TIMEOUT, b"the request took too long\n"));
    };
    let Some(body) = body else {
        return Ok(refuse_request(StatusCode::PAYLOAD_TOO_LARGE, b"the request is too large\n"));
    };
    let request = Request::from_parts(parts, body);
    match answer_after(&shared.service, &request, shared.latency).await {
        WireAnswer::Response(response) => Ok(response.map(Full::new)),
        WireAnswer::Broken => Err(BrokenOff),
        WireAnswer::Silence => {
            let never: Infallible = std::future::pending().await;
            match never {}
        }
    }
}

/// Reads a body into one piece: chunks of one byte each would take forty times the room that is counted for them.
/// `None`: it is too large, or broken off.
async fn read_body(body: Incoming) -> Option<Bytes> {
    let mut body = Limited::new(body, LARGEST_REQUEST as usize);
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        // What follows a body in chunks is of no use here.
        if let Ok(data) = frame.ok()?.into_data() {
            whole.extend_from_slice(&data);
        }
    }
    Some(whole.freeze())
}

/// Builds an answer of the server itself; the connection ends with it.
fn refuse_request(status: StatusCode, words: &'static [u8]) -> Response<Full<Bytes>> {
    let mut refusal = Response::new(Full::new(Bytes::from_static(words)));
    *refusal.status_mut() = status;
    refusal.headers_mut().insert(http::header::CONNECTION, http::HeaderValue::from_static("close"));
    refusal
}
