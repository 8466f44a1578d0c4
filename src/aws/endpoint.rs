//! Endpoints that stand in AWS's place: the settings that name them, their check, and their form for people.

use aws_types::os_shim_internal::Env;
use http::Uri;

use super::environment::{self, is_true};
use super::files::ProfileSet;
use super::url::without_password;
use crate::ecr::{Failure, FailureKind, text::make_visible};

/// A service that requests go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AwsService {
    Ecr,
    Sts,
    /// The portal of IAM Identity Center, which gives a role's keys.
    Sso,
    /// The same portal's part that renews a session.
    SsoOidc,
    /// AWS Config.
    Config,
    /// AWS Organizations.
    Organizations,
}

impl AwsService {
    /// Returns the end of the service's variable, behind `AWS_ENDPOINT_URL_`. In small letters it is the key in a
    /// `services` section.
    fn variable_suffix(self) -> &'static str {
        match self {
            Self::Ecr => "ECR",
            Self::Sts => "STS",
            Self::Sso => "SSO",
            Self::SsoOidc => "SSO_OIDC",
            Self::Config => "CONFIG_SERVICE",
            Self::Organizations => "ORGANIZATIONS",
        }
    }
}

/// The endpoint of each service; none: AWS's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Endpoints {
    ecr: Option<String>,
    sts: Option<String>,
    sso: Option<String>,
    sso_oidc: Option<String>,
    config: Option<String>,
    organizations: Option<String>,
}

impl Endpoints {
    /// Reads the settings in AWS's order: the explicit one, the service's variable, `AWS_ENDPOINT_URL`, the profile's
    /// `services` section, its `endpoint_url` (source: AWS SDKs and Tools Reference Guide, "Service-specific endpoints").
    /// The explicit one is for all but the portal: a portal's session token goes to the portal alone.
    pub(super) fn read_settings(env: &Env, set: Option<&ProfileSet>, explicit: Option<&str>) -> Result<Self, Failure> {
        let explicit = match explicit.map(str::trim).filter(|url| !url.is_empty()) {
            Some(url) => Some(check_url(url, "--endpoint-url")?),
            None => None,
        };
        let configured = |service| find_setting(env, set, service);
        let unless_explicit = |service| match &explicit {
            Some(url) => Ok(Some(url.clone())),
            None => configured(service),
        };
        Ok(Self {
            ecr: unless_explicit(AwsService::Ecr)?,
            sts: unless_explicit(AwsService::Sts)?,
            sso: configured(AwsService::Sso)?,
            sso_oidc: configured(AwsService::SsoOidc)?,
            config: unless_explicit(AwsService::Config)?,
            organizations: unless_explicit(AwsService::Organizations)?,
        })
    }

    /// Returns the URL that a service is asked at, where it differs from AWS's own.
    pub(super) fn url_for(&self, service: AwsService) -> Option<&str> {
        match service {
            AwsService::Ecr => self.ecr.as_deref(),
            AwsService::Sts => self.sts.as_deref(),
            AwsService::Sso => self.sso.as_deref(),
            AwsService::SsoOidc => self.sso_oidc.as_deref(),
            AwsService::Config => self.config.as_deref(),
            AwsService::Organizations => self.organizations.as_deref(),
        }
    }

    /// Tells whether a request can go out without TLS.
    pub(super) fn has_plain(&self) -> bool {
        [&self.ecr, &self.sts].into_iter().flatten().any(|url| url.starts_with("http://"))
    }

    /// Names the endpoints that are not AWS's own, without passwords; none: all requests go to AWS. `has_portal`: the
    /// sign-in goes through IAM Identity Center.
    pub(super) fn describe_changed(&self, has_portal: bool) -> Option<String> {
        let of = |service| self.url_for(service).filter(|url| !is_aws(url)).map(write_for_people);
        let (ecr, sts) = (of(AwsService::Ecr), of(AwsService::Sts));
        let portal = of(AwsService::Sso).or_else(|| of(AwsService::SsoOidc)).filter(|_| has_portal);
        let mut parts: Vec<String> = Vec::new();
        match (ecr, sts) {
            (Some(ecr), Some(sts)) if ecr == sts => parts.push(ecr),
            (ecr, sts) => {
                parts.extend(ecr.map(|url| format!("ECR at {url}")));
                parts.extend(sts.map(|url| format!("STS at {url}")));
            }
        }
        if let Some(url) = portal.filter(|url| !parts.contains(url)) {
            parts.push(format!("SSO at {url}"));
        }
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

fn find_setting(env: &Env, set: Option<&ProfileSet>, service: AwsService) -> Result<Option<String>, Failure> {
    let own = |key: &str| set.and_then(|set| set.get(key)).map(str::trim).filter(|value| !value.is_empty());
    let ignores = environment::get_variable(env, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
        .map_or_else(|| own("ignore_configured_endpoint_urls").is_some_and(is_true), |text| is_true(&text));
    if ignores {
        return Ok(None);
    }
    for name in [format!("AWS_ENDPOINT_URL_{}", service.variable_suffix()), "AWS_ENDPOINT_URL".to_owned()] {
        if let Some(url) = environment::get_variable(env, &name) {
            return check_url(url.trim(), &name).map(Some);
        }
    }
    let section = own("services")
        .zip(set)
        .and_then(|(name, set)| set.service_setting(name, &service.variable_suffix().to_lowercase(), "endpoint_url"));
    match section.or_else(|| own("endpoint_url")) {
        Some(url) => check_url(url.trim(), "endpoint_url of the profile").map(Some),
        None => Ok(None),
    }
}

/// Returns the URL when it is one that can be asked; `place` names the setting that holds it.
fn check_url(url: &str, place: &str) -> Result<String, Failure> {
    let parsed = url.parse::<Uri>().ok().filter(|uri| {
        let is_http = matches!(uri.scheme_str(), Some("http" | "https"));
        is_http && uri.query().is_none() && uri.authority().is_some_and(|all| is_whole(all.as_str(), all.host()))
    });
    match parsed {
        Some(_) => Ok(url.to_owned()),
        None => Err(Failure::new(
            FailureKind::Setup,
            format!("The endpoint {} of {place} is no URL", make_visible(&write_for_people(url))),
            format!("correct {place}: it looks like http://127.0.0.1:5555"),
        )),
    }
}

/// Tells whether the host is followed by a port or by nothing.
fn is_whole(authority: &str, host: &str) -> bool {
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    let rest = place.strip_prefix(host).unwrap_or_default();
    let port = rest.strip_prefix(':').map(str::parse::<u16>);
    !host.is_empty() && (rest.is_empty() || port.is_some_and(|port| port.is_ok_and(|port| port > 0)))
}

/// Writes a URL for people: without name and password, and with a warning where others can read the requests.
fn write_for_people(url: &str) -> String {
    let clean = without_password(url);
    if is_open(url) { format!("{clean} (not encrypted)") } else { clean }
}

/// Tells whether requests to the URL cross a network unencrypted: `http` to another machine than this one.
fn is_open(url: &str) -> bool {
    let Ok(uri) = url.parse::<Uri>() else { return false };
    uri.scheme_str() == Some("http") && !uri.host().is_some_and(is_loopback)
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let name = bare.trim_end_matches('.').to_ascii_lowercase();
    match bare.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V6(six)) => six.to_canonical().is_loopback(),
        Ok(address) => address.is_loopback(),
        Err(_) => name == "localhost" || name.ends_with(".localhost"),
    }
}

/// Tells whether a URL is one of AWS's own for ECR or STS. Others below `amazonaws.com` can be anybody's machine.
fn is_aws(url: &str) -> bool {
    let Ok(uri) = url.parse::<Uri>() else { return false };
    let has_user = uri.authority().is_some_and(|all| all.as_str().contains('@'));
    let port = uri.port_u16().unwrap_or(443);
    if uri.scheme_str() != Some("https") || has_user || port != 443 || !matches!(uri.path(), "" | "/") {
        return false;
    }
    let host = uri.host().unwrap_or_default().to_ascii_lowercase();
    if host == "sts.amazonaws.com" {
        return true;
    }
    let suffixes = [".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".api.aws"];
    let Some(rest) = suffixes.iter().find_map(|suffix| host.strip_suffix(suffix)) else { return false };
    let services = ["api.ecr", "api.ecr-fips", "ecr", "ecr-fips", "sts", "sts-fips", "portal.sso", "oidc"];
    services.iter().any(|service| {
        rest.strip_prefix(service)
            .and_then(|rest| rest.strip_prefix('.'))
            .is_some_and(|region| crate::ecr::Region::parse(region).is_ok())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_variables(variables: &[(&str, &str)], explicit: Option<&str>) -> Result<Endpoints, Failure> {
        Endpoints::read_settings(&Env::from_slice(variables), None, explicit)
    }

    #[test]
    fn the_nearest_setting_names_the_endpoint_of_each_service() {
        let both = [("AWS_ENDPOINT_URL", "http://localhost:1"), ("AWS_ENDPOINT_URL_STS", "http://localhost:2")];
        let found = read_variables(&both, None).unwrap();
        assert_eq!(
            (found.url_for(AwsService::Ecr), found.url_for(AwsService::Sts)),
            (Some("http://localhost:1"), Some("http://localhost:2"))
        );
        let found = read_variables(&both, Some("http://localhost:3")).unwrap();
        assert_eq!(
            (found.url_for(AwsService::Ecr), found.url_for(AwsService::Sts)),
            (Some("http://localhost:3"), Some("http://localhost:3"))
        );
        assert_eq!(
            found.url_for(AwsService::Sso),
            Some("http://localhost:1"),
            "a session's token stays with its portal"
        );
        let off = [both.as_slice(), &[("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")]].concat();
        assert_eq!(read_variables(&off, None).unwrap(), Endpoints::default());
    }

    #[test]
    fn an_empty_endpoint_is_not_set() {
        for blank in ["", " ", "\t"] {
            let all = ["", "_ECR", "_STS", "_SSO", "_SSO_OIDC"].map(|end| format!("AWS_ENDPOINT_URL{end}"));
            let variables: Vec<_> = all.iter().map(|name| (name.as_str(), blank)).collect();
            assert_eq!(read_variables(&variables, Some(blank)).unwrap(), Endpoints::default(), "{blank:?}");
        }
        let next = [("AWS_ENDPOINT_URL_ECR", ""), ("AWS_ENDPOINT_URL", "https://localhost")];
        assert_eq!(read_variables(&next, None).unwrap().url_for(AwsService::Ecr), Some("https://localhost"));
    }

    #[test]
    fn a_text_that_is_no_url_is_refused_and_its_password_kept_back() {
        for bad in [
            "localhost:4566",
            "127.0.0.1",
            "http://",
            "https:///x",
            "ftp://host",
            "http//host",
            "http://:80",
            "x",
            "http://host:port",
            "http://host:99999999",
            "http://a b",
            "http://ana:s3cret@host:port",
            "ana:s3cret@host",
            "//host",
            "http://host:",
            "http://ana:s3cr@s3cret@ho st",
            "http://host/?token=s3cret",
        ] {
            for (variables, explicit) in [
                (vec![], Some(bad)),
                (vec![("AWS_ENDPOINT_URL", bad)], None),
                (vec![("AWS_ENDPOINT_URL_STS", bad)], None),
            ] {
                let refused = read_variables(&variables, explicit).expect_err(bad);
                assert!(refused.what.ends_with("is no URL"), "{refused}");
                assert!(!format!("{refused:?}").contains("s3c"), "{refused:?}");
            }
        }
    }

    #[test]
    fn every_endpoint_but_awss_own_is_named_with_a_word_where_others_can_read_along() {
        for (url, words) in [
            ("http://127.0.0.1:5555", Some("http://127.0.0.1:5555")),
            ("http://[::1]:5555/", Some("http://[::1]:5555")),
            ("http://[::ffff:127.0.0.1]:1", Some("http://[::ffff:127.0.0.1]:1")),
            ("http://localhost", Some("http://localhost")),
            ("http://localhost.example.com", Some("http://localhost.example.com (not encrypted)")),
            ("http://10.0.0.7:80", Some("http://10.0.0.7:80 (not encrypted)")),
            ("http://api.ecr.eu-west-2.amazonaws.com", Some("http://api.ecr.eu-west-2.amazonaws.com (not encrypted)")),
            ("https://ana:s3cret@mirror.example.com", Some("https://mirror.example.com")),
            ("https://ecr.eu-west-2.amazonaws.com@evil.example", Some("https://evil.example")),
            ("https://api.ecr.eu-west-2.amazonaws.com", None),
            ("https://API.ECR.eu-west-2.amazonaws.com/", None),
            ("https://ecr.eu-west-2.api.aws", None),
            ("https://sts.amazonaws.com", None),
            ("https://api.ecr.cn-north-1.amazonaws.com.cn", None),
            ("https://api.ecr.eu-west-2.amazonaws.com:8443", Some("https://api.ecr.eu-west-2.amazonaws.com:8443")),
            ("https://ec2-1-2-3-4.eu-west-2.amazonaws.com", Some("https://ec2-1-2-3-4.eu-west-2.amazonaws.com")),
            ("https://x.api.ecr.eu-west-2.amazonaws.com", Some("https://x.api.ecr.eu-west-2.amazonaws.com")),
            (
                "https://api.ecr.eu-west-2.amazonaws.com.evil.example",
                Some("https://api.ecr.eu-west-2.amazonaws.com.evil.example"),
            ),
        ] {
            assert_eq!(read_variables(&[], Some(url)).unwrap().describe_changed(false).as_deref(), words, "{url}");
        }
        let one = |name| read_variables(&[(name, "https://localhost")], None).unwrap().describe_changed(true).unwrap();
        assert_eq!(one("AWS_ENDPOINT_URL_ECR"), "ECR at https://localhost");
        assert_eq!(one("AWS_ENDPOINT_URL_STS"), "STS at https://localhost");
        assert_eq!(one("AWS_ENDPOINT_URL_SSO"), "SSO at https://localhost");
        assert_eq!(one("AWS_ENDPOINT_URL"), "https://localhost");
    }

    #[test]
    fn no_password_is_shown_wherever_it_stands() {
        for (url, clean) in [
            ("http://ana:s3cret@proxy:3128", "http://proxy:3128"),
            ("ana:s3cret@proxy:3128", "proxy:3128"),
            ("http://ana:p@s3cret@proxy", "http://proxy"),
            ("http://ana:s3/cret@proxy", "http://proxy"),
            ("http://token@proxy/", "http://proxy"),
            ("http://proxy?key=s3cret", "http://proxy"),
        ] {
            assert_eq!(without_password(url), clean);
        }
    }
}
