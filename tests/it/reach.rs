//! Places of keys that cannot be reached, or give none: the failure names the place, and its setting.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};

use ecr_grant::ecr::FailureKind;

use super::sign_in::{Home, assert_contains};
use super::support::free_port;

#[test]
fn a_token_file_that_holds_no_token_is_named_with_the_reason() {
    let home = Home::new("");
    home.write_file("empty", " \n");
    home.write_file("folder/file", "");
    for (name, told) in [("gone", "is not there"), ("empty", "holds no token"), ("folder", "is a folder")] {
        let path = home.path_to(name);
        let failure = home.expect_failure(
            FailureKind::Setup,
            &[
                ("AWS_WEB_IDENTITY_TOKEN_FILE", path.as_str()),
                ("AWS_ROLE_ARN", "arn:aws:iam::222222222222:role/Pod"),
                ("PROBE_SOURCE", "web-identity"),
                ("PROBE_REGION", "eu-west-2"),
            ],
        );
        assert_contains(&failure, "what", &format!("The web identity token file {path} {told}"));
    }
}

#[test]
fn the_containers_endpoint_is_named_when_it_gives_no_keys() {
    let home = Home::new("");
    let answers = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let answering = format!("http://{}", answers.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in answers.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut head = [0; 512];
            let read = stream.read(&mut head).unwrap_or(0);
            let body = if head[..read].starts_with(b"GET /page") { "<html>sign in</html>" } else { "" };
            let status = if body.is_empty() { "404 Not Found" } else { "200 OK" };
            let length = body.len();
            let _ = write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
        }
    });
    let closed = format!("http://127.0.0.1:{}", free_port());
    let (page, missing) = (format!("{answering}/page"), format!("{answering}/keys"));
    let full = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
    for (url, kind, told) in [
        (closed.as_str(), FailureKind::Offline, "refuses the connection"),
        (missing.as_str(), FailureKind::Server, "answered 404"),
        (page.as_str(), FailureKind::Server, "gave no keys"),
        ("http://93.184.215.14/keys", FailureKind::Setup, "may not be asked for keys"),
    ] {
        let set = [(full, url), ("PROBE_SOURCE", "container"), ("PROBE_REGION", "eu-west-2")];
        let failure = home.expect_failure(kind, &set);
        assert_contains(&failure, "what", told);
        assert_contains(&failure, "what", url);
    }
    let token = [
        (full, closed.as_str()),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/gone/token"),
        ("PROBE_SOURCE", "container"),
        ("PROBE_REGION", "eu-west-2"),
    ];
    assert_contains(
        &home.expect_failure(FailureKind::Setup, &token),
        "what",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names",
    );
    let none = home
        .expect_failure(FailureKind::NoCredentials, &[("PROBE_SOURCE", "container"), ("PROBE_REGION", "eu-west-2")]);
    assert_contains(
        &none,
        "what",
        "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set",
    );
}
