//! The server on a loopback port.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::oneshot;

use super::*;

#[tokio::test]
async fn any_address_but_loopback_is_refused() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let service = Arc::new(demo());
        let outcome = serve(service, address.parse().unwrap(), Duration::ZERO, std::future::pending()).await;
        assert_eq!(outcome.map(|_| ()).unwrap_err().kind(), std::io::ErrorKind::InvalidInput, "{address}");
    }
}

#[tokio::test]
async fn the_server_answers_and_ends_when_told() {
    let (stop, stopped) = oneshot::channel::<()>();
    let service = Arc::new(demo());
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
    let service = Arc::new(demo());
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
    let service = Arc::new(demo());
    let (address, serving) =
        serve(Arc::clone(&service), "127.0.0.1:0".parse().unwrap(), Duration::ZERO, std::future::pending())
            .await
            .unwrap();
    let server = tokio::spawn(serving);
    service.trouble(None, 0, 1, Trouble::AnswerLost);
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!("POST / HTTP/1.1\r\nhost: {address}\r\ncontent-length: 0\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    assert!(answer.is_empty(), "{}", String::from_utf8_lossy(&answer));
    server.abort();
}
