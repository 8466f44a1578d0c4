//! Failures before any answer: names that do not resolve, refused connections, certificates, time running out.

use super::About;
use crate::ecr::{Failure, FailureKind, text::visible};

/// A failure of the way to the server, told apart by the causes' words.
pub(super) fn failure(chain: &str, about: &About<'_>) -> Failure {
    let words = chain.to_ascii_lowercase();
    let has = |needles: &[&str]| needles.iter().any(|needle| words.contains(needle));
    let place = about.place();
    if has(&["no valid root certificates", "unknownissuer", "invalid peer certificate", "invalidcertificate"]) {
        return untrusted(&words, &place);
    }
    if has(&["timed out", "timeout", "deadline has elapsed"]) {
        return timeout(about);
    }
    let proxy = about.asker.proxy.as_deref().filter(|_| about.asker.endpoint.is_none());
    if let Some(proxy) = proxy
        && has(&["connection refused", "dns error", "failed to lookup address"])
    {
        let what = if has(&["connection refused"]) { "refuses the connection" } else { "cannot be found" };
        return Failure::new(
            FailureKind::Offline,
            format!("The proxy {} {what}", visible(proxy)),
            "check HTTPS_PROXY and NO_PROXY, and the network",
        );
    }
    if has(&["dns error", "failed to lookup address", "name or service not known", "nodename nor servname"]) {
        let next = if about.asker.endpoint.is_some() {
            "check the endpoint's name and the network"
        } else {
            "check the network, and that the Region exists; behind a proxy set HTTPS_PROXY"
        };
        return Failure::new(FailureKind::Offline, format!("The name of {place} cannot be found"), next);
    }
    if has(&["proxy"]) {
        return Failure::new(
            FailureKind::Offline,
            format!("The proxy does not let us through to {place}"),
            "check HTTPS_PROXY and NO_PROXY, and whether the proxy asks for a name and a password",
        );
    }
    if has(&["connection refused"]) {
        let next = if about.asker.endpoint.is_some() {
            "start the server, or correct --endpoint-url or AWS_ENDPOINT_URL"
        } else {
            "check the network, the firewall and HTTPS_PROXY, then try again"
        };
        return Failure::new(FailureKind::Offline, format!("{place} refuses the connection"), next);
    }
    if has(&["wrong version number", "invalidcontenttype", "received corrupt message", "invalidmessage"]) {
        return Failure::new(
            FailureKind::Tls,
            format!("{place} does not speak TLS"),
            "check whether the endpoint is http:// or https://, and the proxy's settings",
        );
    }
    if has(&["network is unreachable", "no route to host", "network unreachable", "host is unreachable"]) {
        return Failure::new(
            FailureKind::Offline,
            format!("There is no way to {place}"),
            "check the network, then try again",
        );
    }
    if has(&["connection reset", "broken pipe", "connection closed", "incomplete message", "unexpected eof", "closed"])
    {
        return Failure::new(
            FailureKind::Offline,
            format!("The connection to {place} broke before the answer came"),
            "check the network, then try again",
        );
    }
    if has(&["invalid uri", "relative url", "invalid endpoint", "failed to construct", "endpoint"]) {
        return Failure::new(
            FailureKind::Setup,
            format!("{place} is no address that can be asked"),
            "correct --endpoint-url, AWS_ENDPOINT_URL or the profile's endpoint_url: it looks like http://127.0.0.1:5555",
        );
    }
    let last = chain.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("no reason given");
    Failure::new(
        FailureKind::Offline,
        format!("{place} cannot be asked: {}", visible(last)),
        "check the network, then try again",
    )
}

/// No answer in time.
pub(super) fn timeout(about: &About<'_>) -> Failure {
    let next = if about.asker.endpoint.is_some() {
        "check that the server is up, then try again"
    } else {
        "check the network, VPN and proxy, and that the Region exists, then try again"
    };
    Failure::new(FailureKind::Timeout, format!("{} does not answer in time", about.place()), next)
}

/// An answer that is no answer of AWS for its size alone.
pub(super) fn too_large(about: &About<'_>) -> Failure {
    Failure::new(
        FailureKind::Server,
        format!("The answer of {} to {} is larger than 1 MiB, so that it was not read", about.place(), about.operation),
        "check the endpoint, and whether a proxy stands in between",
    )
}

fn untrusted(words: &str, place: &str) -> Failure {
    if words.contains("no valid root certificates") {
        return no_trusted_roots();
    }
    let what = if words.contains("expired") {
        format!("The certificate of {place} has run out")
    } else if words.contains("notvalidforname") {
        format!("The certificate of {place} is made out to another name")
    } else {
        format!("The certificate of {place} is signed by nobody whom this computer trusts")
    };
    Failure::new(
        FailureKind::Tls,
        what,
        "behind a company proxy set AWS_CA_BUNDLE to the file with its certificate; else check the computer's clock",
    )
}

/// The computer has no list of trusted certificates at all.
pub(in crate::aws) fn no_trusted_roots() -> Failure {
    Failure::new(
        FailureKind::Tls,
        "This computer has no list of trusted certificates, so that no https server can be trusted",
        "install ca-certificates or set SSL_CERT_FILE",
    )
}
