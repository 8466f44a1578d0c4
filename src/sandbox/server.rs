//! The service on a loopback port, for other clients.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::{Answer, Service};

/// The largest request that is read, in bytes: a policy of 10,240 characters fits many times.
const LARGEST_REQUEST: usize = 1024 * 1024;
/// How long a client may take to send the head of a request, and to end when the server ends.
const PATIENCE: Duration = Duration::from_secs(30);
const FAREWELL: Duration = Duration::from_secs(2);
/// Connections at once; others wait.
const CONNECTIONS: usize = 256;

/// Binds the service to a loopback address (port 0: any free port) and gives the address with the future that serves until
/// `stop` is ready; answers under way are finished then. It prints nothing. Any address but loopback is refused with
/// [`io::ErrorKind::InvalidInput`]: the service checks no signature. It needs a tokio runtime with I/O and time.
pub async fn serve(
    service: Arc<Service>,
    address: SocketAddr,
    latency: Duration,
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
    Ok((bound, accept(service, listener, latency, stop)))
}

async fn accept(service: Arc<Service>, listener: TcpListener, latency: Duration, stop: impl Future<Output = ()>) {
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
                        connections.spawn(connection(Arc::clone(&service), stream, latency, ending.clone()));
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

async fn connection(service: Arc<Service>, stream: TcpStream, latency: Duration, mut ending: watch::Receiver<bool>) {
    let handler = service_fn(move |request| handle(Arc::clone(&service), request, latency));
    let serving = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .serve_connection(TokioIo::new(stream), handler);
    let mut serving = pin!(serving);
    // An error here is a client that went away, or an answer that is to break the connection.
    tokio::select! {
        _ = serving.as_mut() => {}
        () = until_ended(&mut ending) => {
            serving.as_mut().graceful_shutdown();
            let _ = serving.await;
        }
    }
}

async fn until_ended(ending: &mut watch::Receiver<bool>) {
    // An error means that the server is gone altogether.
    let _ = ending.wait_for(|ended| *ended).await;
}

/// Ends the connection without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is broken off")]
struct BrokenOff;

async fn handle(
    service: Arc<Service>,
    request: Request<Incoming>,
    latency: Duration,
) -> Result<Response<Full<Bytes>>, BrokenOff> {
    let (parts, body) = request.into_parts();
    // A length that is told beforehand is refused before anything is read.
    let told = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let body = if told > LARGEST_REQUEST { None } else { Limited::new(body, LARGEST_REQUEST).collect().await.ok() };
    let Some(body) = body else {
        let mut refusal = Response::new(Full::new(Bytes::from_static(b"the request is too large\n")));
        *refusal.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
        return Ok(refusal);
    };
    let request = Request::from_parts(parts, body.to_bytes());
    tokio::time::sleep(latency / 2).await;
    let answer = service.answer(&request);
    tokio::time::sleep(latency / 2).await;
    match answer {
        Answer::Response(response) => Ok(response.map(Full::new)),
        Answer::Broken => Err(BrokenOff),
        Answer::Silence => {
            let never: Infallible = std::future::pending().await;
            match never {}
        }
    }
}
