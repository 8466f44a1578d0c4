//! A whole organization: its accounts by AWS Organizations, its repositories by an aggregator of AWS Config, and the
//! registries of its accounts through a role that each of them has.

mod aggregator;
mod members;

pub use aggregator::{Aggregator, Coverage, RecordedResource, ResourceKind, SourceStatus};
pub use members::Members;

use std::sync::Arc;

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::timeout::TimeoutConfig;
use serde_json::Value;

use super::endpoint::AwsService;
use super::errors::{About, RequestOrigin, from_sdk};
use super::json_call::{JsonEndpoint, JsonService};
use super::pace::Pace;
use super::sign_in::SignIn;
use crate::ecr::{Failure, FailureKind, text::make_visible};

/// The asker of one JSON service: the pace of its calls, and their failures in words.
#[derive(Debug)]
pub(super) struct JsonAsker {
    service: JsonService,
    sign_in: Arc<SignIn>,
    origin: RequestOrigin,
    pace: Pace,
}

impl JsonAsker {
    pub(super) fn new(service: JsonService, sign_in: Arc<SignIn>, origin: RequestOrigin) -> Self {
        Self { service, sign_in, origin, pace: Pace::of_one_service() }
    }

    /// Sends a call, again where that may help.
    async fn ask(&self, operation: &'static str, input: &Value) -> Result<Value, Failure> {
        let about =
            About { asker: &self.origin, service: self.service.endpoint.signing_name, operation, repository: None };
        self.pace
            .send_read(operation, || async {
                let credentials = self.sign_in.get_credentials().await?;
                let sent = self.service.send_call(operation, input, credentials).await;
                sent.map_err(|error| from_sdk(&error, &about))
            })
            .await
    }

    /// Builds the failure of an answer that lacks a part.
    fn without_part(&self, operation: &str, part: &str) -> Failure {
        let place = self.origin.endpoint.as_deref().unwrap_or("AWS");
        Failure::new(
            FailureKind::Server,
            format!("The answer of {place} to {operation} has no {part}"),
            "nothing of it was used: check the endpoint, and whether a proxy stands in between",
        )
    }
}

/// The parts of a JSON service that depend on the sign-in.
pub(super) fn json_service(
    service: AwsService,
    region: &str,
    url: String,
    client: SharedHttpClient,
    timeouts: TimeoutConfig,
) -> JsonService {
    let (signing_name, target) = match service {
        AwsService::Organizations => ("organizations", "AWSOrganizationsV20161128"),
        _ => ("config", "StarlingDoveService"),
    };
    let endpoint = JsonEndpoint { signing_name, target, region: region.to_owned(), url };
    JsonService { endpoint, client, timeouts }
}

/// Returns a text member.
fn text_of<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// Fails where the token of a next page is that of the page before: such a list never ends.
fn next_page(before: Option<&str>, answer: &Value, operation: &str) -> Result<Option<String>, Failure> {
    match text_of(answer, "NextToken") {
        Some(token) if before == Some(token) => Err(Failure::new(
            FailureKind::Server,
            format!("{operation} gave the page {} again", make_visible(&token.chars().take(40).collect::<String>())),
            "try again later",
        )),
        token => Ok(token.map(str::to_owned)),
    }
}
