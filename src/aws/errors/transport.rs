//! Failures before any answer: names that do not resolve, refused connections, certificates, time running out.

use super::About;
use crate::aws::proxy::ProxyRoute;
use crate::ecr::{Failure, FailureKind, shell::quote_word, text::make_visible};

/// Puts a failure of the way to the server into words, by the messages of its causes.
pub(super) fn transport_failure(chain: &str, about: &About<'_>) -> Failure {
    let words = chain.to_ascii_lowercase();
    let has = |needles: &[&str]| needles.iter().any(|needle| words.contains(needle));
    let place = about.place_words();
    if has(&["no valid root certificates", "unknownissuer", "invalid peer certificate", "invalidcertificate"]) {
        return untrusted_certificate(&words, &place);
    }
    if has(&["timed out", "timeout", "deadline has elapsed"]) {
        return no_answer(about);
    }
    let way = about.asker.proxies.way_to(&place);
    if let ProxyRoute::Through(proxy) = way
        && has(&["connection refused", "dns error", "failed to lookup address"])
    {
        let what = if has(&["connection refused"]) { "refuses the connection" } else { "cannot be found" };
        return Failure::new(
            FailureKind::Offline,
            format!("The proxy {} {what}", make_visible(proxy)),
            "check HTTPS_PROXY and NO_PROXY, and the network",
        );
    }
    let mut failure = without_proxy(&words, &place, about);
    if let ProxyRoute::Past(proxy) = way
        && failure.kind == FailureKind::Offline
    {
        failure.what = format!("{}; NO_PROXY keeps it from the proxy {}", failure.what, make_visible(proxy));
        "correct NO_PROXY if the proxy is the way there, or check the network".clone_into(&mut failure.next);
    }
    failure
}

/// Puts a failure of the way into words, without its proxy.
fn without_proxy(words: &str, place: &str, about: &About<'_>) -> Failure {
    let has = |needles: &[&str]| needles.iter().any(|needle| words.contains(needle));
    if has(&["proxy authorization required"]) {
        return Failure::new(
            FailureKind::Offline,
            format!("The proxy{} asks for a name and a password", named_proxy(about, place)),
            "put them into HTTPS_PROXY: http://name:password@proxy:port",
        );
    }
    if has(&["tunnel error", "proxy"]) {
        return Failure::new(
            FailureKind::Offline,
            format!("The proxy{} does not let us through to {place}", named_proxy(about, place)),
            "check HTTPS_PROXY and NO_PROXY, and whether the proxy allows this address",
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
    let url = if place.contains("://") { place.to_owned() } else { format!("https://{place}/") };
    Failure::new(
        FailureKind::Offline,
        format!("{place} cannot be asked, for an unknown reason"),
        "check the network and the proxy, or try another program there",
    )
    .with_command(format!("curl -v {}", quote_word(&url)))
}

/// Returns the proxy on the way, for a sentence.
fn named_proxy(about: &About<'_>, place: &str) -> String {
    match about.asker.proxies.way_to(place) {
        ProxyRoute::Through(proxy) => format!(" {}", make_visible(proxy)),
        ProxyRoute::Direct | ProxyRoute::Past(_) => String::new(),
    }
}

/// Builds the failure of a request without an answer in time.
pub(super) fn no_answer(about: &About<'_>) -> Failure {
    let next = if about.asker.endpoint.is_some() {
        "check that the server is up, then try again"
    } else {
        "check the network, VPN and proxy, and that the Region exists, then try again"
    };
    Failure::new(FailureKind::Timeout, format!("{} does not answer in time", about.place_words()), next)
}

/// Builds the failure of an answer that is too large to be AWS's.
pub(super) fn too_large(about: &About<'_>) -> Failure {
    Failure::new(
        FailureKind::Server,
        format!(
            "The answer of {} to {} is larger than 1 MiB, so that it was not read",
            about.place_words(),
            about.operation
        ),
        "check the endpoint, and whether a proxy stands in between",
    )
}

fn untrusted_certificate(words: &str, place: &str) -> Failure {
    if words.contains("no valid root certificates") {
        return no_trusted_roots();
    }
    let clock = "check the computer's clock; behind a company proxy set AWS_CA_BUNDLE to the file with its certificate";
    let authority = "behind a company proxy set AWS_CA_BUNDLE to the file with its certificate; else check the network";
    let has = |needles: &[&str]| needles.iter().any(|needle| words.contains(needle));
    let (what, next) = if has(&["notvalidforname", "not valid for name", "not valid for any names"]) {
        let names = names_of(words);
        let another = if names.is_empty() { "another name".to_owned() } else { format!("another name, {names}") };
        (
            format!("is valid for {another}"),
            "check the address; a network may want a sign-in of its own first, or a proxy answers in the server's place",
        )
    } else if has(&["expired"]) {
        ("has run out".to_owned(), clock)
    } else if has(&["not valid yet", "notvalidyet"]) {
        ("is not valid yet".to_owned(), clock)
    } else if has(&["revoked"]) {
        ("was revoked".to_owned(), authority)
    } else if has(&["unknownissuer", "unknown issuer", "no valid root"]) {
        ("is signed by an authority that this computer does not trust".to_owned(), authority)
    } else {
        ("cannot be checked".to_owned(), authority)
    };
    Failure::new(FailureKind::Tls, format!("The certificate of {place} {what}"), next)
}

/// Returns the names that a certificate is valid for: `dnsname("a.example") or ipaddress(127.0.0.1)`.
fn names_of(words: &str) -> String {
    let Some((_, list)) = words.split_once("is only valid for ") else { return String::new() };
    let list = list.lines().next().unwrap_or_default();
    let names = list.split('(').skip(1).filter_map(|part| part.split(')').next());
    let names: Vec<String> = names.map(|name| make_visible(name.trim_matches('"'))).take(3).collect();
    names.join(", ")
}

/// Builds the failure of a computer without any list of trusted certificates.
pub(in crate::aws) fn no_trusted_roots() -> Failure {
    Failure::new(
        FailureKind::Tls,
        "This computer has no list of trusted certificates, so that no https server can be trusted",
        "install ca-certificates or set SSL_CERT_FILE",
    )
}
