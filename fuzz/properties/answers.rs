//! Any HTTP answer to a request of ours is refused in words that can be shown, or read as values of the asked registry
//! that obey their types. The whole client of AWS's SDK is in between.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use ecr_grant::aws::{AwsAccess, Credentials, Registry, Swap, is_refusal};
use ecr_grant::ecr::{
    AccountId, Context, Digest, Failure, Region, Repository, RepositoryName, SignInKind, Source, SourceId, Tag, Tags,
};

use super::{Bytes, is_printable, is_readable, is_told, text_or_bent, wait_for};

const OWNER: &str = "222222222222";
const PLACE: &str = "eu-west-2";
const STATUSES: [u16; 10] = [200, 200, 200, 200, 400, 400, 403, 404, 301, 500];
const KINDS: [&str; 3] = ["application/x-amz-json-1.1", "text/xml", "text/html"];
const ERROR: &str = include_str!("../seeds/answers/error.json");

/// The requests of ours, each with a good answer to it.
const ASKED: [(Asked, &str); 8] = [
    (Asked::Page, include_str!("../seeds/answers/repositories.json")),
    (Asked::Described, include_str!("../seeds/answers/repository.json")),
    (Asked::Policy, include_str!("../seeds/answers/policy.json")),
    (Asked::Images, include_str!("../seeds/answers/images.json")),
    (Asked::Tags, include_str!("../seeds/answers/tags.json")),
    (Asked::RegistryPolicy, include_str!("../seeds/answers/registry-policy.json")),
    (Asked::Swap, include_str!("../seeds/answers/policy.json")),
    (Asked::Identity, "{}"),
];

#[derive(Debug, Clone, Copy)]
enum Asked {
    Page,
    Described,
    Policy,
    Images,
    Tags,
    RegistryPolicy,
    Swap,
    Identity,
}

/// Gives the same answer to every request.
#[derive(Debug, Clone)]
struct Answering {
    status: u16,
    kind: &'static str,
    code: Option<String>,
    body: Vec<u8>,
    given: Arc<AtomicUsize>,
}

impl HttpClient for Answering {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Answering {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        self.given.fetch_add(1, Ordering::Relaxed);
        let mut response = http::Response::builder().status(self.status).header("content-type", self.kind);
        if let Some(code) = self.code.as_deref().and_then(|code| http::HeaderValue::from_str(code).ok()) {
            response = response.header("x-amzn-errortype", code);
        }
        let response = response.body(SdkBody::from(self.body.clone())).expect("a status and headers that can be");
        HttpConnectorFuture::ready(Ok(HttpResponse::try_from(response).expect("a response")))
    }
}

/// Holds the property for an answer: which request, its status, its kind, then the body.
pub fn check_bytes(data: &[u8]) {
    let mut bytes = Bytes(data);
    let (asked, good) = ASKED[bytes.next_below(ASKED.len())];
    let status = STATUSES[usize::from(bytes.next()) % STATUSES.len()];
    let kind = KINDS[usize::from(bytes.next()) % KINDS.len()];
    let code = (bytes.next() % 4 == 0).then(|| bytes.next_text());
    let good = if status == 200 { good } else { ERROR };
    let body = text_or_bent(bytes.rest_bytes(), good).map_or_else(|| bytes.rest_bytes().to_vec(), String::into_bytes);
    let client = Answering { status, kind, code, body, given: Arc::default() };
    wait_for(async {
        let reading = send_reads(asked, SharedHttpClient::new(client.clone()));
        let mut reading = std::pin::pin!(reading);
        // What is asked again after a while is given up here: only `Swap`, which asks once, tells every failure.
        for _ in 0..64 {
            tokio::select! {
                biased;
                () = &mut reading => return,
                () = tokio::task::yield_now() => {}
            }
        }
        assert!(client.given.load(Ordering::Relaxed) > 0, "nothing was asked");
    });
}

async fn send_reads(asked: Asked, client: SharedHttpClient) {
    let region = Region::parse(PLACE).expect("a Region");
    let source = Source { region: Some(region.clone()), ..Source::new(SourceId::Environment, SignInKind::Keys) };
    let access =
        AwsAccess::with_sources(vec![(source.clone(), Credentials::new("AKID", "secret", None, None, "fuzz"))], client);
    if matches!(asked, Asked::Identity) {
        match access.verify_source(&source.id, Some(&region)).await {
            Ok(verified) => {
                assert_eq!(
                    AccountId::parse(verified.identity.account.as_str()).as_ref(),
                    Ok(&verified.identity.account)
                );
                is_readable(&verified.identity.arn.to_string());
            }
            Err(failure) => is_told(&failure),
        }
        return;
    }
    let owner = AccountId::parse(OWNER).expect("twelve digits");
    let context = Context { source: source.id, region };
    let registry = access.open_registry(&context, &owner).await.expect("nothing is asked yet");
    if let Err(failure) = send_request(asked, &registry).await {
        is_told(&failure);
    }
}

async fn send_request(asked: Asked, registry: &Registry) -> Result<(), Failure> {
    let name = RepositoryName::parse("team/vendorapp").expect("a name");
    match asked {
        Asked::Page => {
            let page = registry.read_page(None, 1000).await?;
            page.repositories.iter().for_each(|found| is_ours(found, registry));
            assert!(page.next.is_none_or(|token| !token.is_empty()));
        }
        Asked::Described => {
            let found = registry.describe_repository(&name).await?;
            is_ours(&found, registry);
            assert_eq!(found.name(), &name);
        }
        Asked::Policy => drop(registry.read_policy_now(&name).await?),
        Asked::RegistryPolicy => drop(registry.read_registry_policy().await?),
        Asked::Tags => drop(registry.read_tags(&name).await?),
        Asked::Images => {
            let images = registry.read_images(&name, 50).await?;
            assert!(images.len() <= 50 && images.windows(2).all(|two| two[0].pushed >= two[1].pushed));
            for image in images {
                assert!(image.digest.is_none_or(|digest| Digest::parse(digest.as_str()).is_some()));
                are_tags(&image.tags);
            }
        }
        Asked::Swap => {
            match registry.swap_policy(registry.wait_write_turn(false).await?, &name, Some("{}"), Some("{ }")).await {
                Swap::NotSent(failure) => is_told(&failure),
                // The policy that is stored is the one that was expected: the same answer came to the write.
                Swap::Sent(failure) => {
                    is_told(&failure);
                    assert!(!is_refusal(&failure), "{failure:?}");
                }
                Swap::Differs(stored) => assert_ne!(stored.as_deref(), Some("{}")),
                Swap::Accepted(_) => {}
            }
        }
        Asked::Identity => {}
    }
    Ok(())
}

fn is_ours(found: &Repository, registry: &Registry) {
    assert_eq!(found.reference, registry.reference_to(found.name()));
    assert_eq!(RepositoryName::parse(found.name().as_str()).as_ref(), Ok(found.name()));
}

fn are_tags(tags: &Tags) {
    assert!(tags.legal.iter().all(|tag| Tag::parse(tag.as_str()).is_some()));
    tags.legal.iter().for_each(|tag| is_printable(tag.as_str()));
}
