//! Every row of the tables of errors, as words.

use super::*;
use crate::ecr::FailureKind;

fn asker_of(source: SourceId, kind: SignInKind, profile: Option<&str>) -> RequestOrigin {
    RequestOrigin {
        source,
        signs_in: SignsIn { kind, profile: profile.map(str::to_owned), is_remote: false },
        region: Region::parse("eu-west-2").unwrap(),
        owner: Some(AccountId::parse("222222222222").unwrap()),
        endpoint: None,
        proxies: Proxies::default(),
        container: None,
    }
}

fn company_proxies() -> Proxies {
    Proxies { https: Some("proxy.company:3128".into()), except: Some("near.example, .near.corp".into()), http: None }
}

fn sso_asker() -> RequestOrigin {
    asker_of(SourceId::Profile("dev".into()), SignInKind::Sso, Some("dev"))
}

fn about_set(asker: &RequestOrigin) -> About<'_> {
    About { asker, service: "ecr", operation: "SetRepositoryPolicy", repository: Some("team/vendorapp") }
}

fn words_of(code: &str, message: &str) -> Failure {
    service::answer_failure(&ErrorAnswer::new(code, message), &about_set(&sso_asker()))
}

#[test]
fn every_code_of_the_tables_has_its_kind_and_a_next_step() {
    use FailureKind as K;
    let policy = "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository policy provided'";
    let principal = "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Principal not found'";
    let denied = "User: arn:aws:iam::222222222222:user/ana is not authorized to perform: ecr:SetRepositoryPolicy on \
                  resource: arn:aws:ecr:eu-west-2:222222222222:repository/team/vendorapp because no identity-based \
                  policy allows the ecr:SetRepositoryPolicy action";
    let token = "The security token included in the request is expired";
    for (code, message, kind) in [
        ("InvalidParameterException", policy, K::InvalidPolicy),
        ("InvalidParameterException", principal, K::PrincipalNotFound),
        ("InvalidParameterException", "Invalid parameter at 'maxResults'", K::InvalidRequest),
        (
            "InvalidParameterException",
            "Value at 'policyText' failed to satisfy constraint: Member must have length less than or equal to 10240",
            K::InvalidRequest,
        ),
        ("ValidationException", "bad", K::InvalidRequest),
        ("RepositoryNotFoundException", "The repository with name 'x' does not exist", K::RepositoryNotFound),
        ("LimitExceededException", "too many", K::InvalidRequest),
        ("ServerException", "", K::Server),
        ("com.amazonaws.ecr#ServerException", "", K::Server),
        ("ThrottlingException", "Rate exceeded", K::Throttled),
        ("Throttling", "Rate exceeded", K::Throttled),
        ("TooManyRequestsException", "", K::Throttled),
        ("AccessDeniedException", denied, K::AccessDenied),
        ("AccessDenied", "no", K::AccessDenied),
        (
            "AccessDenied",
            "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code",
            K::MfaNeeded,
        ),
        ("ExpiredTokenException", token, K::SignInExpired),
        ("ExpiredToken", token, K::SignInExpired),
        ("InvalidClientTokenId", "The security token included in the request is invalid", K::BadCredentials),
        ("UnrecognizedClientException", "The security token included in the request is invalid.", K::BadCredentials),
        ("InvalidSignatureException", "The request signature we calculated does not match", K::BadCredentials),
        ("InvalidSignatureException", "Signature expired: 2026 is now earlier than 2027", K::Setup),
        ("RequestExpired", "Request has expired.", K::Setup),
        ("MissingAuthenticationToken", "Request is missing Authentication Token", K::NoCredentials),
        ("OptInRequired", "", K::AccessDenied),
        ("UnknownOperationException", "", K::Server),
        ("SomethingNew", "words", K::Other),
    ] {
        let failure = words_of(code, message);
        assert_eq!(failure.kind, kind, "{code}: {message}");
        assert!(!failure.what.is_empty() && !failure.next.is_empty(), "{code}");
        assert!(!failure.what.ends_with('.') && !failure.next.ends_with('.'), "{code}: {failure}");
        let shown = failure.to_string().to_lowercase();
        assert!(!shown.contains("dispatch failure") && !shown.contains("service error"), "{shown}");
        assert!(failure.aws.is_some_and(|aws| aws.message == message), "{code} keeps AWS's words");
    }
}

#[test]
fn an_expired_sign_in_names_the_command_of_its_kind() {
    let command = |asker: RequestOrigin| {
        service::answer_failure(&ErrorAnswer::new("ExpiredTokenException", ""), &about_set(&asker))
            .command
            .unwrap_or_default()
    };
    let profile = |name: &str| SourceId::Profile(name.into());
    assert_eq!(command(sso_asker()), "aws sso login --profile=dev");
    let mut remote = sso_asker();
    remote.signs_in.is_remote = true;
    assert_eq!(command(remote), "aws sso login --profile=dev --use-device-code");
    assert_eq!(command(asker_of(profile("dev"), SignInKind::Sso, Some("base"))), "aws sso login --profile=base");
    assert_eq!(command(asker_of(profile("a b"), SignInKind::Login, Some("a b"))), "aws login --profile='a b'");
    assert_eq!(command(asker_of(profile("k"), SignInKind::Keys, Some("k"))), "aws configure --profile=k");
    assert_eq!(command(asker_of(SourceId::Environment, SignInKind::Keys, None)), "");
}

#[test]
fn a_denial_says_which_side_can_change_it() {
    let denied = |reason: &str| {
        words_of(
            "AccessDeniedException",
            &format!(
                "User: arn:aws:iam::222222222222:user/ana is not authorized to perform: ecr:GetRepositoryPolicy on resource: * {reason}"
            ),
        )
    };
    let own = denied("because no identity-based policy allows the ecr:GetRepositoryPolicy action");
    assert!(own.what.contains("user/ana") && own.what.contains("ecr:GetRepositoryPolicy on team/vendorapp"), "{own}");
    assert!(own.next.contains("allow ecr:GetRepositoryPolicy"), "{own}");
    let organization = denied("with an explicit deny in a service control policy");
    assert!(organization.next.contains("organization"), "{organization}");
    let repository = denied("because no resource-based policy allows the ecr:GetRepositoryPolicy action");
    assert!(repository.next.contains("Region"), "{repository}");
}

#[test]
fn listing_another_accounts_repositories_is_never_granted_by_a_policy() {
    let here = sso_asker();
    let list = About { operation: "DescribeRepositories", repository: None, ..about_set(&here) };
    let denied = |account: &str| {
        let message = format!(
            "User: arn:aws:iam::{account}:user/ana is not authorized to perform: ecr:DescribeRepositories on resource: *"
        );
        service::answer_failure(&ErrorAnswer::new("AccessDeniedException", &message), &list)
    };
    assert!(denied("333333333333").next.contains("name a repository"));
    assert!(!denied("222222222222").next.contains("name a repository"));
}

#[test]
fn a_refusal_that_speaks_of_locks_is_told_from_one_that_speaks_of_blocks() {
    let guard = "The policy would prevent the caller from setting a new repository policy; use force to set it";
    assert_eq!(words_of("InvalidParameterException", guard).kind, FailureKind::LockOut);
    let other = "Invalid parameter at 'x': the block is too large";
    assert_eq!(words_of("InvalidParameterException", other).kind, FailureKind::InvalidRequest);
}

#[test]
fn an_answer_in_xml_or_html_is_read_for_what_it_is() {
    let xml = b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>User: a &amp; b is not authorized to perform: \
                ecr:X</Message></Error></ErrorResponse>";
    let answer = ErrorAnswer::from_body(xml);
    assert_eq!(answer.code, "AccessDenied");
    assert_eq!(answer.message, "User: a & b is not authorized to perform: ecr:X");

    let mut page = ErrorAnswer::from_body(b"<!doctype html><html lang=en><title>500 Internal Server Error</title>");
    page.status = Some(500);
    let asker = RequestOrigin { endpoint: Some("http://127.0.0.1:5555".into()), ..sso_asker() };
    let failure = service::answer_failure(&page, &about_set(&asker));
    assert_eq!(failure.kind, FailureKind::Server);
    assert_eq!(failure.what, "The server at http://127.0.0.1:5555 answered 500 to SetRepositoryPolicy");
    assert_eq!(failure.aws, None);
    page.status = Some(200);
    assert_eq!(service::answer_failure(&page, &about_set(&asker)).kind, FailureKind::Server);
}

#[test]
fn the_way_to_the_server_is_told_apart_by_its_causes() {
    use FailureKind as K;
    let here = sso_asker();
    for (chain, kind) in [
        (
            "dispatch failure\nio error\nclient error (Connect)\ntcp connect error\nConnection refused (os error 111)\n",
            K::Offline,
        ),
        (
            "dispatch failure\nio error\ndns error\nfailed to lookup address information: Name or service not known\n",
            K::Offline,
        ),
        ("dispatch failure\nother\ninvalid peer certificate: UnknownIssuer\n", K::Tls),
        ("dispatch failure\ntimeout\nHTTP connect timeout occurred after 3s\n", K::Timeout),
        ("dispatch failure\nio error\nconnection reset by peer\n", K::Offline),
        ("dispatch failure\nNetwork is unreachable (os error 101)\n", K::Offline),
        ("dispatch failure\nreceived corrupt message of type InvalidContentType\n", K::Tls),
        ("failed to construct request\ninvalid URI character\n", K::Setup),
        ("dispatch failure\nsomething never seen\n", K::Offline),
    ] {
        let failure = transport::transport_failure(chain, &about_set(&here));
        assert_eq!(failure.kind, kind, "{chain}");
        assert!(failure.what.contains("api.ecr.eu-west-2.amazonaws.com"), "{failure}");
        assert!(!failure.to_string().contains("dispatch"), "{failure}");
    }
    let behind = RequestOrigin { proxies: company_proxies(), ..sso_asker() };
    let refused =
        transport::transport_failure("dispatch failure\nConnection refused (os error 111)\n", &about_set(&behind));
    assert_eq!(refused.what, "The proxy proxy.company:3128 refuses the connection");
    assert!(no_trusted_roots().next.contains("install ca-certificates or set SSL_CERT_FILE"));
}

#[test]
fn credential_errors_of_the_sdk_become_one_remedy() {
    use aws_credential_types::provider::error::CredentialsError as E;
    let here = sso_asker();
    let about = about_set(&here);
    let expired = from_credentials(&E::provider_error("the SSO token has expired and cannot be refreshed"), &about);
    assert_eq!(expired.kind, FailureKind::SignInExpired);
    assert_eq!(expired.command.as_deref(), Some("aws sso login --profile=dev"));
    let never = from_credentials(&E::provider_error("failed to load the cached SSO token"), &about);
    assert_eq!(never.kind, FailureKind::SignInExpired);
    let none = from_credentials(&E::not_loaded_no_source(), &about);
    assert_eq!(none.kind, FailureKind::NoCredentials);
    let ours = Failure::new(FailureKind::Setup, "our own words", "our own step");
    assert_eq!(from_credentials(&E::provider_error(ours.clone()), &about), ours);
}

#[test]
fn a_certificate_is_refused_for_the_reason_that_tls_gives() {
    use rustls::CertificateError as C;
    use rustls::pki_types::{ServerName, UnixTime};
    let at = |seconds| UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
    let other_name = C::NotValidForNameContext {
        expected: ServerName::try_from("api.ecr.eu-west-2.amazonaws.com").unwrap().to_owned(),
        presented: vec!["DnsName(\"login.hotel.example\")".into(), "IpAddress(10.0.0.1)".into()],
    };
    let here = sso_asker();
    for (error, told) in [
        (other_name, "is valid for another name, login.hotel.example, 10.0.0.1"),
        (C::NotValidForName, "is valid for another name"),
        (C::Expired, "has run out"),
        (C::ExpiredContext { time: at(9), not_after: at(5) }, "has run out"),
        (C::NotValidYet, "is not valid yet"),
        (C::NotValidYetContext { time: at(5), not_before: at(9) }, "is not valid yet"),
        (C::Revoked, "was revoked"),
        (C::UnknownIssuer, "is signed by an authority that this computer does not trust"),
        (C::BadSignature, "cannot be checked"),
        (C::BadEncoding, "cannot be checked"),
    ] {
        let error = rustls::Error::InvalidCertificate(error);
        let failure = transport::transport_failure(&format!("dispatch failure\nother\n{error}\n"), &about_set(&here));
        let told = format!("The certificate of api.ecr.eu-west-2.amazonaws.com {told}");
        assert_eq!((failure.kind, failure.what.as_str()), (FailureKind::Tls, told.as_str()), "{error}");
    }
}

#[test]
fn a_proxy_is_blamed_where_it_was_asked_alone() {
    let ask = |endpoint: Option<&str>, chain: &str| {
        let asker = RequestOrigin { proxies: company_proxies(), endpoint: endpoint.map(str::to_owned), ..sso_asker() };
        transport::transport_failure(&format!("dispatch failure\n{chain}\n"), &about_set(&asker)).what
    };
    let refused = "Connection refused (os error 111)";
    assert_eq!(ask(None, refused), "The proxy proxy.company:3128 refuses the connection");
    assert_eq!(ask(Some("https://far.example"), refused), "The proxy proxy.company:3128 refuses the connection");
    assert_eq!(ask(Some("http://127.0.0.1:5"), refused), "http://127.0.0.1:5 refuses the connection");
    for near in ["https://near.example", "https://ecr.near.corp:8443"] {
        for (chain, told) in [(refused, "refuses the connection"), ("dns error", "cannot be found")] {
            let what = ask(Some(near), chain);
            assert!(
                what.contains(told) && what.contains("NO_PROXY keeps it from the proxy proxy.company:3128"),
                "{what}"
            );
        }
    }
    let tunnel = ask(None, "tunnel error: unsuccessful");
    assert_eq!(tunnel, "The proxy proxy.company:3128 does not let us through to api.ecr.eu-west-2.amazonaws.com");
    let named = ask(None, "tunnel error: proxy authorization required");
    assert_eq!(named, "The proxy proxy.company:3128 asks for a name and a password");
}

#[test]
fn no_words_of_a_library_reach_a_person() {
    use aws_credential_types::provider::error::CredentialsError as E;
    const RAW: &str = "zxq handle 0xdeadbeef in libzxq";
    let kinds = [
        SignInKind::Keys,
        SignInKind::Sso,
        SignInKind::Role,
        SignInKind::WebIdentity,
        SignInKind::Login,
        SignInKind::Container,
        SignInKind::Instance,
    ];
    for kind in kinds {
        let asker = asker_of(SourceId::Profile("dev".into()), kind, Some("dev"));
        let about = about_set(&asker);
        for frame in [
            "",
            "dispatch failure: ",
            "io error: ",
            "timed out: ",
            "was not defined: ",
            "permission denied: ",
            "connection refused: ",
        ] {
            let raw = || format!("{frame}{RAW}");
            for error in [
                E::not_loaded(raw()),
                E::invalid_configuration(raw()),
                E::provider_error(raw()),
                E::unhandled(raw()),
                E::provider_error(std::io::Error::other(raw())),
            ] {
                let failure = from_credentials(&error, &about);
                let all = format!("{failure} {:?}", failure.command);
                assert!(!all.contains("zxq"), "{kind:?}, {error:?}: {all}");
                assert!(!failure.next.is_empty() && failure.what.len() > 20, "{failure}");
            }
        }
        assert!(
            !transport::transport_failure(&format!("dispatch failure\n{RAW}\n"), &about).to_string().contains("zxq")
        );
    }
}

#[test]
fn a_portal_that_cannot_be_asked_is_no_session_that_ran_out() {
    use aws_credential_types::provider::error::CredentialsError as E;
    let here = RequestOrigin { proxies: company_proxies(), ..sso_asker() };
    let direct = sso_asker();
    let told =
        |asker: &RequestOrigin, chain: &str| from_credentials(&E::provider_error(chain.to_owned()), &about_set(asker));
    for (asker, chain, kind, what) in [
        (&direct, "dispatch failure: dns error", FailureKind::Offline, "the name of the SSO portal cannot be found"),
        (
            &direct,
            "dispatch failure: invalid peer certificate: NotValidForName",
            FailureKind::Tls,
            "the certificate of the SSO portal is valid for another name",
        ),
        (
            &direct,
            "dispatch failure: invalid peer certificate: UnknownIssuer",
            FailureKind::Tls,
            "is signed by an authority that this computer does not trust",
        ),
        (
            &here,
            "dispatch failure: tunnel error: unsuccessful",
            FailureKind::Offline,
            "the proxy proxy.company:3128 does not let us through to the SSO portal",
        ),
        (&direct, "HTTP read timed out", FailureKind::Timeout, "The SSO portal of profile dev does not answer in time"),
    ] {
        let failure = told(asker, chain);
        assert_eq!(failure.kind, kind, "{chain}: {failure}");
        assert!(failure.what.contains(what), "{chain}: {failure}");
        assert!(failure.command.is_none(), "no login mends it: {failure:?}");
    }
}
