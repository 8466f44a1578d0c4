//! The proxies that the environment names, for the words of failures. The client decides which requests go through one
//! (source: `hyper-util`, `client/proxy/matcher.rs`); this follows its rules.

use std::net::IpAddr;

use aws_types::os_shim_internal::Env;
use http::Uri;

use super::environment::get_variable;
use super::url::without_password;

/// The proxies of the environment: host and port, without name and password.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Proxies {
    pub(super) https: Option<String>,
    pub(super) http: Option<String>,
    /// `NO_PROXY`: the servers that are asked without a proxy.
    pub(super) except: Option<String>,
}

/// The way to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ProxyRoute<'a> {
    /// No proxy is set for it.
    Direct,
    /// Through this proxy.
    Through(&'a str),
    /// This proxy is set, and `NO_PROXY` exempts the server from it.
    Past(&'a str),
}

impl Proxies {
    /// Reads the proxies of the environment.
    pub(super) fn from_environment(env: &Env) -> Self {
        let first = |names: &[&str]| names.iter().find_map(|name| get_variable(env, name));
        let host = |names: &[&str]| {
            let clean = without_password(&first(names).or_else(|| first(&["ALL_PROXY", "all_proxy"]))?);
            Some(clean.split_once("://").map_or(clean.as_str(), |(_, host)| host).trim_end_matches('/').to_owned())
        };
        Self {
            https: host(&["HTTPS_PROXY", "https_proxy"]),
            http: host(&["HTTP_PROXY", "http_proxy"]),
            except: first(&["NO_PROXY", "no_proxy"]),
        }
    }

    /// Finds the way to a server: a URL, or the name of a host that is asked with `https`.
    pub(super) fn way_to(&self, place: &str) -> ProxyRoute<'_> {
        let proxy = if place.starts_with("http://") { &self.http } else { &self.https };
        let Some(proxy) = proxy else { return ProxyRoute::Direct };
        let uri = place.parse::<Uri>().ok();
        let host = uri.as_ref().and_then(Uri::host).unwrap_or(place);
        if self.except.as_deref().is_some_and(|list| is_listed(list, host)) {
            ProxyRoute::Past(proxy)
        } else {
            ProxyRoute::Through(proxy)
        }
    }
}

/// Tells whether a list of `NO_PROXY` has a host: by name, by a domain above it, by address or network, or by `*`.
fn is_listed(list: &str, host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let address = host.parse::<IpAddr>().ok();
    list.split(',').map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| match address {
        Some(address) => {
            let (network, bits) = entry.split_once('/').map_or((entry, None), |(ip, bits)| (ip, bits.parse().ok()));
            network.parse::<IpAddr>().is_ok_and(|network| is_inside(address, network, bits))
        }
        None if entry == "*" => true,
        None => {
            let domain = entry.strip_prefix('.').unwrap_or(entry).to_ascii_lowercase();
            let host = host.to_ascii_lowercase();
            host == domain || host.strip_suffix(&domain).is_some_and(|rest| rest.ends_with('.'))
        }
    })
}

fn is_inside(address: IpAddr, network: IpAddr, bits: Option<u32>) -> bool {
    let (all, left, right) = match (address, network) {
        (IpAddr::V4(left), IpAddr::V4(right)) => (32, left.to_bits().into(), right.to_bits().into()),
        (IpAddr::V6(left), IpAddr::V6(right)) => (128, left.to_bits(), right.to_bits()),
        _ => return false,
    };
    let bits = bits.unwrap_or(all).min(all);
    let differ: u128 = left ^ right;
    differ.checked_shr(all - bits).unwrap_or_default() == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_proxy_is_read_as_the_client_reads_it() {
        for (list, host, listed) in [
            ("amazonaws.com", "sts.eu-west-2.amazonaws.com", true),
            (".amazonaws.com", "sts.eu-west-2.amazonaws.com", true),
            ("amazonaws.com", "notamazonaws.com", false),
            ("x, STS.example", "sts.example", true),
            ("*", "any.where", true),
            ("", "any.where", false),
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.0.0.0/8", "11.1.2.3", false),
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false),
            ("::1", "[::1]", true),
            ("2001::/17", "2001:1::1", true),
            ("0.0.0.0/0", "9.9.9.9", true),
        ] {
            assert_eq!(is_listed(list, host), listed, "{list} {host}");
        }
    }

    #[test]
    fn a_server_is_asked_by_the_way_of_its_scheme() {
        let env = Env::from_slice(&[("HTTPS_PROXY", "http://ana:secret@proxy:3128/"), ("NO_PROXY", "near.example")]);
        let proxies = Proxies::from_environment(&env);
        assert_eq!(proxies.way_to("sts.eu-west-2.amazonaws.com"), ProxyRoute::Through("proxy:3128"));
        assert_eq!(proxies.way_to("https://far.example:8443/x"), ProxyRoute::Through("proxy:3128"));
        assert_eq!(proxies.way_to("https://near.example"), ProxyRoute::Past("proxy:3128"));
        assert_eq!(proxies.way_to("http://127.0.0.1:5555"), ProxyRoute::Direct);
        let all = Proxies::from_environment(&Env::from_slice(&[("ALL_PROXY", "proxy:1")]));
        assert_eq!(all.way_to("http://127.0.0.1:5555"), ProxyRoute::Through("proxy:1"));
    }
}
