//! The server on a loopback port.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::oneshot;

use super::super::server::{Patience, serve_patiently};
use super::*;

#[tokio::test]
async fn any_address_but_loopback_is_refused() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let service = Arc::new(demo_service());
        let outcome = serve(service, address.parse().unwrap(), Duration::ZERO, std::future::pending()).await;
        assert_eq!(outcome.map(|_| ()).unwrap_err().kind(), std::io::ErrorKind::InvalidInput, "{address}");
    }
}

#[tokio::test]
async fn the_server_answers_and_ends_when_told() {
    let (stop, stopped) = oneshot::channel::<()>();
    let service = Arc::new(demo_service());
    let stopping = async {
        let _ = stopped.await;
    };
    let (address, serving) =
        serve(service, "127.0.0.1:0".parse().unwrap(), Duration::from_millis(20), stopping).await.unwrap();
    let server = tokio::spawn(serving);
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST / HTTP/1.1\r\nhost: {address}\r\ncontent-length: 2\r\nx-amz-target: \
         AmazonEC2ContainerRegistry_V20150921.DescribeRegistry\r\nauthorization: AWS4-HMAC-SHA256 \
         Credential=222222222222/20261123/eu-west-2/ecr/aws4_request, Signature=0\r\n\r\n{{}}"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // The answer is under way when the server is told to end: it still comes, and the connection closes after it.
    tokio::time::sleep(Duration::from_millis(5)).await;
    stop.send(()).unwrap();
    let mut answer = String::new();
    tokio::time::timeout(Duration::from_secs(5), stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"registryId\":\"222222222222\""), "{answer}");
    tokio::time::timeout(Duration::from_secs(5), server).await.unwrap().unwrap();
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_request_that_is_too_large_is_refused() {
    let service = Arc::new(demo_service());
    let (address, serving) =
        serve(service, "127.0.0.1:0".parse().unwrap(), Duration::ZERO, std::future::pending()).await.unwrap();
    let server = tokio::spawn(serving);
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!("POST / HTTP/1.1\r\nhost: {address}\r\ncontent-length: 3000000\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    tokio::time::timeout(Duration::from_secs(5), stream.read_exact(&mut answer)).await.unwrap().unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413");
    server.abort();
}

#[tokio::test]
async fn a_lost_answer_closes_the_connection_without_a_word() {
    let service = Arc::new(demo_service());
    let (address, serving) =
        serve(Arc::clone(&service), "127.0.0.1:0".parse().unwrap(), Duration::ZERO, std::future::pending())
            .await
            .unwrap();
    let server = tokio::spawn(serving);
    service.add_trouble(None, 0, 1, Trouble::AnswerLost);
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!("POST / HTTP/1.1\r\nhost: {address}\r\ncontent-length: 0\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    assert!(answer.is_empty(), "{}", String::from_utf8_lossy(&answer));
    server.abort();
}

const IMAGES: &str = "AmazonEC2ContainerRegistry_V20150921.ListImages";

/// Sends bytes on a connection and returns the answer. The server closes the connection, or `connection: close` does.
async fn answer_to(address: std::net::SocketAddr, bytes: &[u8]) -> String {
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    // The server may answer and close before it has read all.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await;
    assert!(read.is_ok(), "no end: {}", String::from_utf8_lossy(&answer));
    String::from_utf8_lossy(&answer).into_owned()
}

async fn start_server(patience: Patience) -> (std::net::SocketAddr, tokio::task::JoinHandle<()>) {
    let (address, serving) = serve_patiently(
        Arc::new(demo_service()),
        "127.0.0.1:0".parse().unwrap(),
        Duration::ZERO,
        patience,
        std::future::pending(),
    )
    .await
    .unwrap();
    (address, tokio::spawn(serving))
}

const USUAL: Patience = Patience { request: Duration::from_secs(10), connection: Duration::from_mins(1) };

fn sign_request(host: &str, more: &str, target: &str, body: &str) -> Vec<u8> {
    format!(
        "POST / HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{more}content-length: {}\r\nx-amz-target: {target}\r\n\
         authorization: AWS4-HMAC-SHA256 Credential=222222222222/20261123/eu-west-2/ecr/aws4_request, Signature=0\r\n\r\n\
         {body}",
        body.len()
    )
    .into_bytes()
}

#[tokio::test]
async fn only_requests_for_this_machine_are_answered() {
    let (address, server) = start_server(USUAL).await;
    let target = "AmazonEC2ContainerRegistry_V20150921.DescribeRegistry";
    let own = [address.to_string(), "localhost".to_owned(), "localhost:1".to_owned(), "[::1]:80".to_owned()];
    for host in own {
        assert!(answer_to(address, &sign_request(&host, "", target, "{}")).await.starts_with("HTTP/1.1 200"), "{host}");
    }
    let page = format!("origin: http://{address}\r\n");
    assert!(answer_to(address, &sign_request("localhost", &page, target, "{}")).await.starts_with("HTTP/1.1 200"));
    for (host, more) in [
        ("evil.example.com", ""),
        ("evil.example.com:80", ""),
        ("127.0.0.1.evil.example.com", ""),
        ("localhost", "host: evil.example.com\r\n"),
        ("localhost", "origin: https://evil.example.com\r\n"),
        ("localhost", "origin: null\r\n"),
    ] {
        let answer = answer_to(address, &sign_request(host, more, target, "{}")).await;
        assert!(answer.starts_with("HTTP/1.1 403"), "{host} {more}: {answer}");
    }
    let absolute = format!("GET http://evil.example.com/ HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    assert!(answer_to(address, absolute.as_bytes()).await.starts_with("HTTP/1.1 403"));
    assert!(answer_to(address, b"GET / HTTP/1.1\r\nconnection: close\r\n\r\n").await.starts_with("HTTP/1.1 403"));
    server.abort();
}

#[tokio::test]
async fn slow_clients_are_ended_at_the_head_at_the_body_and_after_it() {
    let short = Patience { request: Duration::from_millis(300), connection: Duration::from_millis(1500) };
    let (address, server) = start_server(short).await;
    let begun = std::time::Instant::now();
    answer_to(address, b"POST / HTTP/1.1\r\nhost: localhost\r\n").await;
    let body = answer_to(address, b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\n\r\n{").await;
    assert!(body.starts_with("HTTP/1.1 408"), "{body}");
    let chunked = b"POST / HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n";
    assert!(answer_to(address, chunked).await.starts_with("HTTP/1.1 408"));
    // A connection that is kept open without a further request.
    answer_to(address, b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    server.abort();
}

#[tokio::test]
async fn endless_heads_and_bodies_are_cut_off() {
    let (address, server) = start_server(USUAL).await;
    let mut chunks = b"POST / HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..40 {
        chunks.extend_from_slice(b"4000\r\n");
        chunks.extend(std::iter::repeat_n(b'x', 0x4000));
        chunks.extend_from_slice(b"\r\n");
    }
    // The connection may be reset before the refusal is read; the server goes on either way.
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let _ = tokio::time::timeout(Duration::from_secs(5), stream.write_all(&chunks)).await.unwrap();
    let head = [b"POST / HTTP/1.1\r\nhost: localhost\r\nx: ".as_slice(), &vec![b'x'; 1 << 20]].concat();
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let _ = tokio::time::timeout(Duration::from_secs(5), stream.write_all(&head)).await.unwrap();
    let well = sign_request("localhost", "", "AmazonEC2ContainerRegistry_V20150921.DescribeRegistry", "{}");
    assert!(answer_to(address, &well).await.starts_with("HTTP/1.1 200"));
    server.abort();
}

#[tokio::test]
async fn made_up_tokens_and_sizes_are_refused_and_break_nothing() {
    use base64::Engine as _;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;
    let (address, server) = start_server(USUAL).await;
    let places = ["0", "-1", "1.5", "99", "18446744073709551615", "18446744073709551616", "", "x", "\u{e9}"];
    for place in places {
        let token = BASE64_URL_SAFE_NO_PAD.encode(format!("ListImages\n222222222222\neu-west-2\nvendorapp\n{place}"));
        for size in ["1", "1000"] {
            let body = format!("{{\"repositoryName\":\"vendorapp\",\"nextToken\":\"{token}\",\"maxResults\":{size}}}");
            let answer = answer_to(address, &sign_request("localhost", "", IMAGES, &body)).await;
            assert!(answer.contains("must be a token of a previous response"), "{place} {size}: {answer}");
        }
    }
    for size in ["0", "-1", "1001", "18446744073709551615", "1e300", "1.5", "\"9\"", "[]", "{}", "true"] {
        let body = format!("{{\"repositoryName\":\"vendorapp\",\"maxResults\":{size}}}");
        let answer = answer_to(address, &sign_request("localhost", "", IMAGES, &body)).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{size}: {answer}");
    }
    for token in ["", "x", "AAAA", "%00", "\u{1f600}"] {
        let body = format!("{{\"nextToken\":\"{token}\"}}");
        let target = "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories";
        let answer = answer_to(address, &sign_request("localhost", "", target, &body)).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{token}: {answer}");
    }
    server.abort();
}

#[test]
fn the_record_of_calls_keeps_no_long_texts() {
    let service = demo_service();
    let long = "a".repeat(100_000);
    let _ = call_ecr(&service, &long, &json!({ "repositoryName": long }));
    let call = service.recorded_calls().pop().unwrap();
    assert!(call.operation.len() <= 256 && call.repository.unwrap().len() <= 256);
}
