//! Puts AWS's answers into words, for every row of the tables of error codes that we know.

use super::{About, RequestOrigin, sign_in};
use crate::ecr::{Arn, AwsWords, Denied, Failure, FailureKind, text::make_visible};

/// An answer that refuses: AWS's code and message, or only a status.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::aws) struct ErrorAnswer {
    /// The error code without its namespace; empty where the body names none.
    pub(in crate::aws) code: String,
    /// The message as AWS wrote it; may be empty.
    pub(in crate::aws) message: String,
    /// The HTTP status.
    pub(in crate::aws) status: Option<u16>,
    /// The request id.
    pub(in crate::aws) request_id: Option<String>,
}

impl ErrorAnswer {
    /// Builds an answer with a code and a message.
    pub(in crate::aws) fn new(code: &str, message: &str) -> Self {
        // JSON protocols write `com.amazonaws.ecr#ServerException` and `ServerException:http://...` too.
        let code = code.rsplit('#').next().unwrap_or(code).split(':').next().unwrap_or(code);
        Self { code: code.to_owned(), message: message.to_owned(), ..Self::default() }
    }

    /// Reads a body in which the SDK found no code: an XML error on a JSON protocol, or a page that we do not know,
    /// such as a proxy's or an emulator's HTML.
    pub(in crate::aws) fn from_body(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body.get(..body.len().min(8192)).unwrap_or_default());
        let element = |name: &str| -> Option<String> {
            let (_, rest) = text.split_once(&format!("<{name}>"))?;
            let (inner, _) = rest.split_once(&format!("</{name}>"))?;
            Some(unescape_xml(inner.trim()))
        };
        match element("Code") {
            Some(code) => Self::new(&code, &element("Message").unwrap_or_default()),
            None => Self::default(),
        }
    }

    fn into_words(self) -> AwsWords {
        AwsWords { code: self.code, message: self.message, request_id: self.request_id }
    }
}

fn unescape_xml(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'").replace("&amp;", "&")
}

/// Puts an answer into words.
pub(super) fn answer_failure(answer: &ErrorAnswer, about: &About<'_>) -> Failure {
    let mut failure = by_code(answer, about);
    if !answer.code.is_empty() {
        failure.aws = Some(answer.clone().into_words());
    }
    failure
}

fn by_code(answer: &ErrorAnswer, about: &About<'_>) -> Failure {
    let message = answer.message.as_str();
    let asker = about.asker;
    match answer.code.as_str() {
        "RepositoryNotFoundException" => {
            let owner = asker.owner.as_ref().map(|id| format!(" in account {id}")).unwrap_or_default();
            Failure::new(
                FailureKind::RepositoryNotFound,
                format!(
                    "There is no repository {}{owner} in {}",
                    about.repository.unwrap_or("of that name"),
                    asker.region
                ),
                "check the name, the account and the Region; a repository made a second ago needs a moment",
            )
        }
        "RepositoryPolicyNotFoundException" => Failure::new(
            FailureKind::Other,
            format!("There is no policy on {}", about.subject_words()),
            "read it again",
        ),
        "RegistryPolicyNotFoundException" => {
            Failure::new(FailureKind::Other, "The registry has no policy", "nothing needs to be done")
        }
        "ImageNotFoundException" => Failure::new(
            FailureKind::InvalidRequest,
            format!("There is no such image in {}", about.subject_words()),
            "check the tag or the digest",
        ),
        "InvalidParameterException" | "ValidationException" | "ValidationError" | "InvalidParameterValue" => {
            invalid_request(message, about)
        }
        "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" | "NotAuthorized" | "ForbiddenException" => {
            access_denied(message, about)
        }
        "BlockedByOrganizationPolicyException" => Failure::new(
            FailureKind::AccessDenied,
            format!("A policy of the organization blocks {}", about.operation),
            "ask the administrators of the organization",
        ),
        "OptInRequired" | "RegionDisabledException" => not_enabled(asker),
        "ExpiredToken"
        | "ExpiredTokenException"
        | "TokenRefreshRequired"
        | "UnauthorizedException"
        | "UnauthorizedSsoTokenException" => sign_in::sign_in_expired(about),
        "RequestExpired" | "RequestTimeTooSkewed" => clock_differs(about),
        "SignatureDoesNotMatch" | "InvalidSignatureException" | "InvalidSignature" => {
            if ["expired", "not yet current", "must be within"].iter().any(|w| message.contains(w)) {
                clock_differs(about)
            } else {
                sign_in::keys_rejected(
                    about,
                    "AWS cannot check the signature: the secret key does not belong to the key id",
                )
            }
        }
        "UnrecognizedClientException" | "InvalidClientTokenId" | "InvalidAccessKeyId" => {
            let cause = if asker.region.needs_opt_in() {
                "mistyped, deleted or run out, or the account has not enabled the Region"
            } else {
                "mistyped, deleted or run out"
            };
            sign_in::keys_rejected(about, &format!("AWS does not know the keys: they are {cause}"))
        }
        "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "IncompleteSignature"
        | "IncompleteSignatureException" => {
            let mut failure = sign_in::sign_in_expired(about);
            failure.kind = FailureKind::NoCredentials;
            failure.what = format!("The request to {} carried no sign-in", about.place_words());
            failure
        }
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestThrottledException"
        | "SlowDown"
        | "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "BandwidthLimitExceeded"
        | "RequestThrottled" => Failure::new(
            FailureKind::Throttled,
            format!("AWS asks to slow down ({} on {})", about.operation, about.subject_words()),
            "wait a little, then try again: other programs of the account count too",
        ),
        "LimitExceededException" => Failure::new(
            FailureKind::InvalidRequest,
            format!("A quota of ECR is used up: {}", message_or_none(message)),
            "delete what is not needed, or ask AWS for a higher quota",
        ),
        "ServerException"
        | "InternalFailure"
        | "InternalServerError"
        | "InternalError"
        | "ServiceUnavailable"
        | "ServiceUnavailableException"
        | "InternalServerException" => Failure::new(
            FailureKind::Server,
            format!("{} had a fault of its own during {}", about.place_words(), about.operation),
            "try again in a moment",
        ),
        "UnknownOperationException" | "InvalidAction" | "UnknownOperation" => Failure::new(
            FailureKind::Server,
            format!("The server at {} does not know {}", about.place_words(), about.operation),
            "it lacks a part of ECR: use another endpoint",
        ),
        "MalformedPolicyDocument" | "MalformedPolicyDocumentException" => invalid_request(message, about),
        "KmsException" => Failure::new(
            FailureKind::AccessDenied,
            format!("The encryption key of {} cannot be used: {}", about.subject_words(), message_or_none(message)),
            "ask the owner of the KMS key",
        ),
        "" => by_status(answer, about),
        code => Failure::new(
            if answer.status.is_some_and(|s| s >= 500) { FailureKind::Server } else { FailureKind::Other },
            format!(
                "AWS answered {} to {} on {}: {}",
                make_visible(code),
                about.operation,
                about.subject_words(),
                message_or_none(message)
            ),
            "look the code up, or try again",
        ),
    }
}

/// Builds the failure of a Region that the account has not enabled.
pub(in crate::aws) fn not_enabled(asker: &RequestOrigin) -> Failure {
    Failure::new(
        FailureKind::AccessDenied,
        format!("The account has not enabled {}", asker.region),
        "enable the Region for the account, or choose another one",
    )
    .with_command(format!("aws account enable-region --region-name {}", asker.region))
}

fn message_or_none(message: &str) -> String {
    if message.trim().is_empty() { "no reason given".to_owned() } else { make_visible(message.trim()) }
}

fn invalid_request(message: &str, about: &About<'_>) -> Failure {
    let words = message.to_ascii_lowercase();
    if words.contains("principal not found") {
        return Failure::new(
            FailureKind::PrincipalNotFound,
            "ECR does not know a role or user that the policy names",
            "check its ARN, path included, and that it was not deleted; one made just now is known within half a minute",
        );
    }
    // AWS documents the guard and `force`, but its text is not known: these words name what it is about.
    let guard = ["lockout", "lock out", "lock you", "prevent", "use force", "force parameter", "'force'"];
    if guard.iter().any(|w| words.contains(w)) && about.operation.contains("Policy") {
        return Failure::new(
            FailureKind::LockOut,
            "The policy would stop you from setting another one",
            "exempt your own role in the Deny, or take SetRepositoryPolicy out of it",
        );
    }
    if words.contains("length less than or equal") || words.contains("10240") {
        return Failure::new(
            FailureKind::InvalidRequest,
            "The policy is longer than ECR takes (10,240 characters)",
            "shorten it: join statements that grant the same, or leave blanks out",
        );
    }
    if words.contains("invalid repository policy") {
        return Failure::new(
            FailureKind::InvalidPolicy,
            "ECR refuses the policy and does not say why",
            "check that every account exists and has this Region enabled, that no principal holds a wildcard or is \
             deleted, and that there is no Resource",
        );
    }
    if words.contains("security token") && words.contains("expired") {
        return sign_in::sign_in_expired(about);
    }
    Failure::new(
        FailureKind::InvalidRequest,
        format!("AWS refuses {} on {}: {}", about.operation, about.subject_words(), message_or_none(message)),
        "correct what it names, then try again",
    )
}

fn access_denied(message: &str, about: &About<'_>) -> Failure {
    if message.contains("MultiFactorAuthentication") || message.contains("MFA") {
        return sign_in::mfa_missing(about);
    }
    let denied = Denied::read_message(message);
    let action = denied.action.clone().unwrap_or_else(|| format!("{}:{}", about.service, about.operation));
    let who = denied.caller.as_deref().map_or_else(|| "you".to_owned(), make_visible);
    let on = match (about.repository, denied.resource.as_deref()) {
        (Some(name), _) => format!(" on {name}"),
        (None, Some(resource)) if resource != "*" => format!(" on {}", make_visible(resource)),
        _ => String::new(),
    };
    let because = denied.reason.map(|reason| format!(": {}", reason.as_words())).unwrap_or_default();
    // Listing is asked for on `*`: no repository's own policy can allow it.
    let listing = about.operation == "DescribeRepositories" && about.repository.is_none();
    let caller = denied.caller.as_deref().and_then(Arn::parse).and_then(|arn| arn.account_id());
    let next = match denied.reason {
        _ if listing && caller.is_some() && caller != about.asker.owner => {
            "name a repository: the list of another account's repositories cannot be granted by their policies"
                .to_owned()
        }
        Some(reason) => reason.next_step(&action),
        None => format!("ask who manages the permissions to allow {action}, or choose another account or role"),
    };
    Failure::new(
        FailureKind::AccessDenied,
        format!("AWS does not let {who} do {}{on}{because}", make_visible(&action)),
        next,
    )
}

fn clock_differs(about: &About<'_>) -> Failure {
    Failure::new(
        FailureKind::Setup,
        format!("{} finds the request too old or too new: this computer's clock is off", about.place_words()),
        "set the clock, then try again",
    )
    .with_command("timedatectl status")
}

fn by_status(answer: &ErrorAnswer, about: &About<'_>) -> Failure {
    let place = about.place_words();
    match answer.status {
        Some(status) if status >= 500 => Failure::new(
            FailureKind::Server,
            format!("The server at {place} answered {status} to {}", about.operation),
            if about.asker.endpoint.is_some() {
                "try again; an emulator may not have this operation at all"
            } else {
                "try again in a moment"
            },
        ),
        Some(407) => Failure::new(
            FailureKind::Offline,
            "The proxy asks for a name and a password",
            "put them into HTTPS_PROXY: http://name:password@proxy:port",
        ),
        Some(429) => {
            Failure::new(FailureKind::Throttled, format!("{place} asks to slow down"), "wait a little, then try again")
        }
        Some(status @ (401 | 403)) => Failure::new(
            FailureKind::AccessDenied,
            format!("The server at {place} answered {status} to {} and gave no reason", about.operation),
            "check the permissions, and whether a proxy or a VPC endpoint stands in between",
        ),
        Some(status) => Failure::new(
            FailureKind::Server,
            format!("The server at {place} answered {status} with something that is no answer of AWS"),
            "check the endpoint, and whether a proxy stands in between",
        ),
        None => Failure::new(
            FailureKind::Server,
            format!("The server at {place} answered something that is no answer of AWS"),
            "check the endpoint, and whether a proxy stands in between",
        ),
    }
}
