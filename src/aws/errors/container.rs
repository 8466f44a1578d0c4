//! Failures of the endpoint that gives a container its role's keys, told by the variable that names it.

use aws_credential_types::provider::error::CredentialsError;

use super::{About, RequestOrigin, chain_of_causes, join_causes, transport};
use crate::aws::proxy::Proxies;
use crate::ecr::{Failure, FailureKind, text::make_visible};

const NEXT: &str = "correct the variables of the container, or choose another account";

/// Puts a failure of the container's endpoint into words. None: the error is another one.
pub(super) fn container_failure(error: &CredentialsError, about: &About<'_>, who: &str) -> Option<Failure> {
    let text = join_causes(error).to_ascii_lowercase();
    let has = |needles: &[&str]| needles.iter().any(|needle| text.contains(needle));
    let place = about.asker.container.as_deref().map_or_else(|| "The container's endpoint".to_owned(), make_visible);
    let setup = |what: String| Some(Failure::new(FailureKind::Setup, what, NEXT));
    if has(&["ecs provider not configured", "no environment variables were set"]) {
        return Some(Failure::new(
            FailureKind::NoCredentials,
            format!(
                "The environment names no place that gives credentials for {who}: neither \
                 AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set"
            ),
            "look at the container's role, or choose another account",
        ));
    }
    if has(&["invalid relative uri"]) {
        return setup(format!("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI leads to {place}, which is no address"));
    }
    if has(&["invalid full uri"]) {
        return setup(format!(
            "AWS_CONTAINER_CREDENTIALS_FULL_URI names {place}, which may not be asked for keys: it has to be https, \
             this computer, or the address of ECS or EKS"
        ));
    }
    if has(&["auth token could not be used"]) {
        return setup("The container's authorization token holds characters that cannot be sent".to_owned());
    }
    if chain_of_causes(error).any(<dyn std::error::Error>::is::<std::io::Error>)
        && !has(&["dispatch failure", "connect"])
    {
        return setup("The file that AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names cannot be read".to_owned());
    }
    let answered = |what: &str| {
        Some(Failure::new(
            FailureKind::Server,
            format!("{place} {what} when it was asked for the keys of {who}"),
            "look at the container's role and its agent, then try again, or choose another account",
        ))
    };
    if let Some(status) = text.split("non-success status from http credential provider: ").nth(1) {
        let status: String = status.chars().filter(char::is_ascii_digit).take(3).collect();
        return answered(&format!("answered {status}"));
    }
    if has(&["failed to load credentials ["]) {
        return answered("refused");
    }
    if has(&["dispatch failure", "timed out", "timeout", "dns error", "connect"]) {
        let asker = RequestOrigin {
            endpoint: about.asker.container.clone(),
            proxies: Proxies::default(),
            ..about.asker.clone()
        };
        let mut failure = transport::transport_failure(&text, &About { asker: &asker, ..*about });
        failure.what = format!("The sign-in of {who} failed: {}", failure.what);
        "check the container's agent and the variable that names its address, then try again"
            .clone_into(&mut failure.next);
        return Some(failure);
    }
    answered("gave no keys")
}
