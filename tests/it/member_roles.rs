//! A role in an account of the organization as a source of credentials: it is verified, and opens registries, like any other.

use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use ecr_grant::aws::{AwsAccess, Credentials};
use ecr_grant::ecr::{AccountId, Context, FailureKind, MemberRole, Region, SignInKind, Source, SourceId};
use ecr_grant::sandbox::{Call, Clock, Service, Trouble, connector};

use crate::support::served::Served;

const MEMBER: &str = "333333333333";

fn account(id: &str) -> AccountId {
    AccountId::parse(id).unwrap()
}

fn region(name: &str) -> Region {
    Region::parse(name).unwrap()
}

/// A role of the data account, which a source assumes in eu-west-2.
fn member(role: &str, base: SourceId) -> SourceId {
    let (account, home) = (account(MEMBER), region("eu-west-2"));
    SourceId::Member(Box::new(MemberRole { account, role: role.to_owned(), base, home }))
}

/// An access with the keys of two accounts' `Admin`: the manager's in the environment, another one's in a profile.
fn access_over(client: SharedHttpClient) -> AwsAccess {
    let with = |source, id: &str| {
        let keys = Credentials::new(id, "secret", None, None, "test");
        (Source { region: Some(region("eu-west-2")), ..Source::new(source, SignInKind::Keys) }, keys)
    };
    let sources = vec![with(SourceId::Environment, "222222222222"), with(other_base(), "444444444444")];
    AwsAccess::with_sources(sources, client)
}

fn other_base() -> SourceId {
    SourceId::Profile("other".to_owned())
}

/// A service whose keys of sessions end by the real clock.
fn demo() -> (Arc<Service>, AwsAccess) {
    let service = Arc::new(Service::demo(Clock::System));
    let access = access_over(connector(Arc::clone(&service), Duration::ZERO));
    (service, access)
}

fn calls_of(service: &Service, operation: &str) -> Vec<Call> {
    service.recorded_calls().into_iter().filter(|call| call.operation == operation).collect()
}

/// Reads a list in a Region with a source, and returns the number of its repositories.
async fn count_repositories(access: &AwsAccess, source: &SourceId, place: &str) -> usize {
    let context = Context { source: source.clone(), region: region(place) };
    let registry = access.open_registry(&context, &account(MEMBER)).await.unwrap();
    registry.read_page(None, 1000).await.unwrap().repositories.len()
}

#[tokio::test]
async fn it_is_verified_with_the_keys_of_the_role_in_the_region_of_its_base() {
    let (service, access) = demo();
    let source = member("Admin", SourceId::Environment);
    for (asked, used) in [(None, "eu-west-2"), (Some(region("us-east-1")), "us-east-1")] {
        let verified = access.verify_source(&source, asked.as_ref()).await.unwrap();
        assert_eq!((verified.identity.account.as_str(), verified.region.as_str()), (MEMBER, used));
        assert_eq!(verified.identity.short_name(), "role Admin");
        assert_eq!((verified.endpoint, verified.ignored), (None, Vec::new()));
        let sessions = calls_of(&service, "AssumeRole");
        assert!(sessions.iter().all(|call| call.key_id == "222222222222" && call.region == "eu-west-2"));
        let identities = calls_of(&service, "GetCallerIdentity");
        assert!(identities.iter().all(|call| call.key_id != "222222222222" && call.region == "eu-west-2"));
        assert_eq!(sessions.len(), identities.len(), "the base is not asked who it is");
    }
    assert_eq!(count_repositories(&access, &source, "eu-west-2").await, 5);
    assert_eq!(count_repositories(&access, &source, "us-east-1").await, 1);
    assert_eq!(calls_of(&service, "AssumeRole").len(), 2, "a session for each time that it was verified");
}

#[tokio::test]
async fn what_was_assumed_goes_with_the_sign_in_that_assumed_it_and_with_no_other() {
    let (service, access) = demo();
    let source = member("Admin", SourceId::Environment);
    let sessions = || calls_of(&service, "AssumeRole").len();
    for place in ["eu-west-2", "us-east-1", "eu-west-2"] {
        count_repositories(&access, &source, place).await;
    }
    assert_eq!(sessions(), 1, "one for all Regions");
    access.verify_source(&other_base(), None).await.unwrap();
    count_repositories(&access, &source, "eu-west-2").await;
    assert_eq!(sessions(), 1, "another source was verified");
    access.verify_source(&SourceId::Environment, None).await.unwrap();
    count_repositories(&access, &source, "eu-west-2").await;
    assert_eq!(sessions(), 2, "its base was verified anew");
    access.verify_source(&source, None).await.unwrap();
    count_repositories(&access, &source, "eu-west-2").await;
    assert_eq!(sessions(), 3, "it was verified itself");
    // The base's own sign-in stays: nobody asked for another one.
    assert!(calls_of(&service, "AssumeRole").iter().all(|call| call.key_id == "222222222222"));
}

#[tokio::test]
async fn the_settings_of_its_base_hold_for_it() {
    let served = Served::serve_demo();
    let name = "prod \u{e9}";
    let config = format!(
        "[profile \"{name}\"]\nregion = eu-west-2\nendpoint_url = {}\naws_access_key_id = 222222222222\n\
         aws_secret_access_key = none\n",
        served.url
    );
    let access = AwsAccess::of_files(config.into_bytes(), Vec::new());
    let base = SourceId::Profile(name.to_owned());
    let source = member("Admin", base.clone());
    let verified = access.verify_source(&source, None).await.unwrap();
    assert_eq!((verified.identity.account.as_str(), verified.endpoint.as_ref()), (MEMBER, Some(&served.url)));
    assert_eq!(verified.endpoint, access.verify_source(&base, None).await.unwrap().endpoint);
    assert_eq!(count_repositories(&access, &source, "us-east-1").await, 1);
}

#[tokio::test]
async fn failures_name_the_role_and_the_account_and_what_mends_them_is_of_the_base() {
    let (service, access) = demo();
    let lacking = member("audit/NoSuchRole", SourceId::Environment);
    let failure = access.verify_source(&lacking, None).await.unwrap_err();
    assert!(failure.to_string().contains("audit/NoSuchRole"), "{failure:?}");
    let source = member("Admin", SourceId::Environment);
    let expired = Trouble::Error(403, "ExpiredTokenException".to_owned(), "The security token is expired".to_owned());
    service.add_trouble(Some("DescribeRepositories"), 0, 5, expired);
    let context = Context { source: source.clone(), region: region("eu-west-2") };
    let registry = access.open_registry(&context, &account(MEMBER)).await.unwrap();
    let failure = registry.read_page(None, 1000).await.unwrap_err();
    assert_eq!(failure.what, format!("The sign-in of role Admin in {MEMBER} has run out"));
    assert!(failure.next.contains("AWS_ACCESS_KEY_ID"), "{failure:?}");
    // A base that is not there is told as what it is.
    let nobody = SourceId::Profile("gone".to_owned());
    let failure = access.verify_source(&member("Admin", nobody), None).await.unwrap_err();
    assert!(failure.what.contains("gone"), "{failure:?}");
    let nested = member("Admin", source);
    for failure in [
        access.verify_source(&nested, None).await.unwrap_err(),
        access.open_registry(&Context { source: nested, ..context }, &account(MEMBER)).await.unwrap_err(),
    ] {
        assert_eq!(failure.kind, FailureKind::Setup, "{failure:?}");
        assert!(failure.what.contains(&format!("role Admin in {MEMBER}")), "{failure:?}");
    }
}

/// A service whose STS tells another account than that of the keys.
#[derive(Debug, Clone)]
struct Mistaken(SharedHttpClient, Option<SharedHttpConnector>);

impl HttpClient for Mistaken {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Self(self.0.clone(), Some(self.0.http_connector(settings, components))))
    }
}

impl HttpConnector for Mistaken {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = request.body().bytes().unwrap_or_default();
        if !String::from_utf8_lossy(body).contains("GetCallerIdentity") {
            return self.1.as_ref().unwrap().call(request);
        }
        let arn = "arn:aws:sts::777777777777:assumed-role/Admin/ecr-grant";
        let told = format!("<Arn>{arn}</Arn><UserId>AROA:ecr-grant</UserId><Account>777777777777</Account>");
        let text = format!(
            "<GetCallerIdentityResponse><GetCallerIdentityResult>{told}</GetCallerIdentityResult></GetCallerIdentityResponse>"
        );
        HttpConnectorFuture::ready(Ok(HttpResponse::new(200.try_into().unwrap(), SdkBody::from(text))))
    }
}

#[tokio::test]
async fn a_role_of_another_account_than_the_one_that_was_meant_is_refused() {
    let service = Arc::new(Service::demo(Clock::System));
    let inner = connector(Arc::clone(&service), Duration::ZERO);
    let access = access_over(SharedHttpClient::new(Mistaken(inner, None)));
    let failure = access.verify_source(&member("Admin", SourceId::Environment), None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::BadCredentials);
    assert!(failure.what.contains(MEMBER) && failure.what.contains("777777777777"), "{failure:?}");
}
