//! Tells requests of this machine's own clients from those of a web page. A page that points its own name at a loopback
//! address (DNS rebinding) names it as host; a page that posts across origins names its origin.

use http::header::{HOST, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, Uri};

/// Tells whether a request names this machine alone, in its host, its address and its origin.
pub(super) fn is_own(uri: &Uri, headers: &HeaderMap) -> bool {
    let hosts: Vec<_> = headers.get_all(HOST).iter().collect();
    let [host] = hosts.as_slice() else { return false };
    let is_host = host.to_str().is_ok_and(is_loopback_authority);
    let is_target = uri.authority().is_none_or(|authority| is_loopback_authority(authority.as_str()));
    let is_origin = headers.get_all(ORIGIN).iter().all(|origin| {
        let text = origin.to_str().unwrap_or_default();
        text.split_once("://").is_some_and(|(_, authority)| is_loopback_authority(authority))
    });
    is_host && is_target && is_origin
}

/// Tells whether `HOST[:PORT]` is `localhost` or a loopback address.
fn is_loopback_authority(text: &str) -> bool {
    if text.contains('@') {
        return false;
    }
    let Ok(authority) = text.parse::<Authority>() else { return false };
    let host = authority.host();
    let literal = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    match literal.parse::<std::net::IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => host.trim_end_matches('.').eq_ignore_ascii_case("localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_names_are_this_machine() {
        for text in [
            "127.0.0.1",
            "127.0.0.1:4566",
            "127.8.9.1:1",
            "localhost",
            "LOCALHOST:80",
            "localhost.",
            "[::1]",
            "[::1]:80",
        ] {
            assert!(is_loopback_authority(text), "{text}");
        }
        for text in [
            "",
            "evil.example.com",
            "evil.example.com:4566",
            "localhost.evil.com",
            "127.0.0.1.evil.com",
            "127.0.0.1@evil.com",
            "evil.com@127.0.0.1",
            "0.0.0.0",
            "192.168.1.1",
            "[::]",
            "10.0.0.1:4566",
            "::1",
            "a b",
        ] {
            assert!(!is_loopback_authority(text), "{text}");
        }
    }
}
