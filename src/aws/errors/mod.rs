//! Turns errors of the SDK into a `Failure`: what happened, to what, and the next step.
//!
//! Errors are told apart by AWS's code, never by the HTTP status: ECR denies with status 400. The whole chain of causes
//! counts, because the SDK's own `Display` prints the same words for a refused connection and for missing keys.

mod container;
mod service;
mod sign_in;
mod transport;

use std::error::Error;
use std::fmt::Write as _;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;
use http_body_util::LengthLimitError;

pub(super) use service::{ErrorAnswer, not_enabled};
pub(super) use sign_in::{EXPORTED, export_command, from_credentials, mfa_needed};
pub(super) use transport::no_trusted_roots;

use super::proxy::Proxies;
use crate::ecr::{AccountId, Failure, Region, SignInKind, SourceId};

/// The asker of a request and its place, as the words of a failure name them.
#[derive(Debug, Clone)]
pub(super) struct RequestOrigin {
    /// The chosen source.
    pub(super) source: SourceId,
    /// The sign-in of the source, at the last profile of a chain of `source_profile`.
    pub(super) signs_in: SignsIn,
    /// The Region that is asked.
    pub(super) region: Region,
    /// The registry's owner, where one is asked.
    pub(super) owner: Option<AccountId>,
    /// The URL that is asked instead of AWS's own, where one is set.
    pub(super) endpoint: Option<String>,
    /// The proxies that the environment names.
    pub(super) proxies: Proxies,
    /// The URL that gives a container its role's keys, where the environment names one.
    pub(super) container: Option<String>,
}

/// The profile and the kind of sign-in that signing in again is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SignsIn {
    /// The kind of the last link.
    pub(super) kind: SignInKind,
    /// The profile of the last link.
    pub(super) profile: Option<String>,
    /// True where the browser runs on another machine than this program.
    pub(super) is_remote: bool,
}

/// A request as the words of its failure name it.
#[derive(Debug, Clone, Copy)]
pub(super) struct About<'a> {
    /// The asker.
    pub(super) asker: &'a RequestOrigin,
    /// The service's name in permissions, such as `ecr` or `sts`.
    pub(super) service: &'static str,
    /// The operation, such as `SetRepositoryPolicy`.
    pub(super) operation: &'static str,
    /// The repository, where one is asked about.
    pub(super) repository: Option<&'a str>,
}

impl About<'_> {
    /// Returns the host name or URL that is asked, for people.
    fn place_words(&self) -> String {
        if let Some(url) = &self.asker.endpoint {
            return url.clone();
        }
        let region = &self.asker.region;
        let suffix = region.partition().registry_suffix();
        match self.service {
            "sts" => format!("sts.{region}.{suffix}"),
            // The profile's sso_region names its host.
            "sso" => "the SSO portal".to_owned(),
            "config" => format!("config.{region}.{suffix}"),
            "organizations" => "AWS Organizations".to_owned(),
            _ => format!("api.ecr.{region}.{suffix}"),
        }
    }

    /// Returns the subject of the request: `the repository team/x`, or `the registry`.
    fn subject_words(&self) -> String {
        match self.repository {
            Some(name) => format!("the repository {name}"),
            None if self.service == "ecr" => "the registry".to_owned(),
            None if self.service == "config" => "AWS Config".to_owned(),
            None if self.service == "organizations" => "the organization".to_owned(),
            None => "the sign-in".to_owned(),
        }
    }
}

/// Puts an error of the SDK into words.
pub(super) fn from_sdk<E>(error: &SdkError<E, HttpResponse>, about: &About<'_>) -> Failure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    if let Some(failure) = find_failure(error) {
        return failure;
    }
    if chain_of_causes(error).any(<dyn Error>::is::<LengthLimitError>) {
        return transport::too_large(about);
    }
    if let Some(answer) = answer_of(error) {
        return service::answer_failure(&answer, about);
    }
    if let Some(credentials) = find_credentials(error) {
        return from_credentials(credentials, about);
    }
    match error {
        SdkError::TimeoutError(_) => transport::no_answer(about),
        SdkError::DispatchFailure(dispatch) if dispatch.is_timeout() => transport::no_answer(about),
        _ => transport::transport_failure(&join_causes(error), about),
    }
}

/// Returns the answer that an error holds: AWS's code and message, or the status and the words of the body.
fn answer_of<E>(error: &SdkError<E, HttpResponse>) -> Option<ErrorAnswer>
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let raw = error.raw_response()?;
    let metadata = error.as_service_error().map(ProvideErrorMetadata::meta);
    let code = metadata.and_then(|m| m.code());
    let mut answer = match code {
        Some(code) => ErrorAnswer::new(code, metadata.and_then(|m| m.message()).unwrap_or_default()),
        None => ErrorAnswer::from_body(raw.body().bytes().unwrap_or_default()),
    };
    answer.status = Some(raw.status().as_u16());
    answer.request_id = error.request_id().map(str::to_owned);
    Some(answer)
}

/// Finds a `Failure` of ours among the causes: our own provider of credentials puts it there.
fn find_failure(error: &(dyn Error + 'static)) -> Option<Failure> {
    chain_of_causes(error).find_map(|cause| cause.downcast_ref::<Failure>()).cloned()
}

fn find_credentials<'a>(
    error: &'a (dyn Error + 'static),
) -> Option<&'a aws_credential_types::provider::error::CredentialsError> {
    chain_of_causes(error).find_map(|cause| cause.downcast_ref())
}

/// Returns an error and all its causes.
fn chain_of_causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |cause: &&'a (dyn Error + 'static)| (*cause).source()).take(32)
}

/// Joins the messages of an error and of all its causes. They are searched for known words and not shown to people.
fn join_causes(error: &(dyn Error + 'static)) -> String {
    let mut text = String::new();
    for cause in chain_of_causes(error) {
        let _ = writeln!(text, "{cause}");
    }
    text
}

#[cfg(test)]
mod tests;
