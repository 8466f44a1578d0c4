//! Failures of the sign-in, each with the one command or step that mends it.

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sso::operation::get_role_credentials::GetRoleCredentialsError;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_sdk_sts::operation::assume_role_with_web_identity::AssumeRoleWithWebIdentityError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;

use super::{About, RequestOrigin, SignsIn, answer_of, chain_of_causes, container, join_causes, service, transport};
use crate::ecr::{
    Failure, FailureKind, Login, LoginKind, SignInKind, SourceId, shell::profile_flag, text::make_visible,
};

/// Returns the source as words for a sentence: `profile dev`, `the environment's keys`.
fn source_words(source: &SourceId) -> String {
    match source {
        SourceId::Profile(name) => format!("profile {}", make_visible(name)),
        SourceId::Environment => "the environment's keys".to_owned(),
        SourceId::WebIdentity => "the web identity".to_owned(),
        SourceId::Container => "the container's role".to_owned(),
        SourceId::Instance => "the instance's role".to_owned(),
        SourceId::File(place) => make_visible(place),
        SourceId::Member(_) => make_visible(&source.to_string()),
    }
}

/// Returns the step that signs in again, and its command where there is one.
fn sign_in_again(signs_in: &SignsIn) -> (String, Option<String>) {
    let profile = signs_in.profile.as_deref();
    let flag = profile.map(|name| format!(" {}", profile_flag(name))).unwrap_or_default();
    let login = |kind| {
        let login = Login { kind, profile: signs_in.profile.clone() };
        ("sign in again".to_owned(), Some(login.shell_command(signs_in.is_remote)))
    };
    match (signs_in.kind, profile) {
        (SignInKind::Sso, _) => login(LoginKind::Sso),
        (SignInKind::Login, _) => login(LoginKind::Console),
        (SignInKind::Process, Some(name)) => (
            format!(
                "run the credential_process of profile {} in a shell: it may ask you to sign in",
                make_visible(name)
            ),
            None,
        ),
        (SignInKind::Keys, Some(name)) => {
            (format!("put valid keys into profile {}", make_visible(name)), Some(format!("aws configure{flag}")))
        }
        (SignInKind::Keys, None) => (
            "set AWS_ACCESS_KEY_ID and its companions anew, or unset them and start again, or choose a profile"
                .to_owned(),
            None,
        ),
        (SignInKind::WebIdentity, _) => {
            ("look at the token file and at the role's trust policy, or choose another account".to_owned(), None)
        }
        (SignInKind::Container, _) => ("look at the container's role, or choose another account".to_owned(), None),
        (SignInKind::Instance, _) => (
            "check that the instance has a role and lets its metadata be asked, or choose another account".to_owned(),
            None,
        ),
        _ => ("sign in again, or choose another account".to_owned(), None),
    }
}

fn with_again(kind: FailureKind, what: String, about: &About<'_>) -> Failure {
    let (next, command) = sign_in_again(&about.asker.signs_in);
    let failure = Failure::new(kind, what, next);
    match command {
        Some(command) => failure.with_command(command),
        None => failure,
    }
}

/// Builds the failure of a session or of temporary keys that have run out.
pub(super) fn sign_in_expired(about: &About<'_>) -> Failure {
    with_again(
        FailureKind::SignInExpired,
        format!("The sign-in of {} has run out", source_words(&about.asker.source)),
        about,
    )
}

/// Builds the failure of keys that AWS does not accept.
pub(super) fn keys_rejected(about: &About<'_>, why: &str) -> Failure {
    with_again(FailureKind::BadCredentials, format!("{why} ({})", source_words(&about.asker.source)), about)
}

/// Builds the failure of a role that asks for an MFA code.
pub(super) fn mfa_missing(about: &About<'_>) -> Failure {
    match &about.asker.source {
        SourceId::Profile(name) => mfa_needed(name),
        other => mfa_failure(&source_words(other)),
    }
}

/// Builds the failure of a profile that asks for an MFA code, which this program does not ask for yet; the AWS CLI
/// does.
pub(in crate::aws) fn mfa_needed(profile: &str) -> Failure {
    mfa_failure(&format!("profile {}", make_visible(profile))).with_command(export_command(profile))
}

fn mfa_failure(who: &str) -> Failure {
    Failure::new(
        FailureKind::MfaNeeded,
        format!("The sign-in of {who} asks for an MFA code, which this program cannot ask for yet"),
        EXPORTED,
    )
}

/// The step after credentials were put into a shell. `--source` counts whatever `AWS_PROFILE` says there.
pub(in crate::aws) const EXPORTED: &str =
    "run this in a shell, then start ecr-grant there with --source environment --region REGION";

/// Returns the command that puts a profile's credentials into the environment of a shell; the AWS CLI asks for what it
/// needs.
pub(in crate::aws) fn export_command(profile: &str) -> String {
    format!("eval \"$(aws configure export-credentials {} --format env)\"", profile_flag(profile))
}

/// Puts an error of a provider of credentials into words.
pub(in crate::aws) fn from_credentials(error: &CredentialsError, about: &About<'_>) -> Failure {
    if let Some(failure) = super::find_failure(error) {
        return failure;
    }
    if let Some(failure) = from_sts(error, about) {
        return failure;
    }
    let text = join_causes(error);
    let words = text.to_ascii_lowercase();
    let has = |needles: &[&str]| needles.iter().any(|needle| words.contains(needle));
    let who = source_words(&about.asker.source);
    if let Some(failure) = from_portal(error, &who) {
        return failure;
    }
    // The SDK hides the cause: no file of a session, or one that cannot be read.
    if has(&["failed to load the cached sso token"]) {
        let what = format!("There is no SSO session of {who} on this computer");
        return with_again(FailureKind::SignInExpired, what, about);
    }
    if has(&["sso token has expired", "cached sso token", "sso_token"])
        || has(&["unauthorizedexception", "session token not found or invalid"])
        || has(&["login token is expired", "reauthenticate"])
    {
        return sign_in_expired(about);
    }
    if has(&["toomanyrequests", "throttling", "slow down"]) {
        return Failure::new(
            FailureKind::Throttled,
            format!("The sign-in of {who} is asked to slow down"),
            "wait a little, then try again",
        );
    }
    if has(&["resourcenotfoundexception", "forbiddenexception", "accessdenied"])
        && about.asker.signs_in.kind == SignInKind::Sso
    {
        return Failure::new(
            FailureKind::AccessDenied,
            format!("IAM Identity Center does not give {who} that role in that account"),
            "check sso_account_id and sso_role_name, or ask who assigns permission sets",
        );
    }
    if about.asker.signs_in.kind == SignInKind::Container
        && let Some(failure) = container::container_failure(error, about, &who)
    {
        return failure;
    }
    // A profile wraps the failure of its source: the innermost one says what it was.
    let innermost = chain_of_causes(error).filter_map(|cause| cause.downcast_ref::<CredentialsError>()).last();
    match innermost.unwrap_or(error) {
        CredentialsError::InvalidConfiguration(_) => wrong_setup(about, &who),
        CredentialsError::CredentialsNotLoaded(_) if has(&["was not defined", "could not find"]) => {
            wrong_setup(about, &who)
        }
        CredentialsError::CredentialsNotLoaded(_) => credentials_missing(about, &who),
        CredentialsError::ProviderTimedOut(_) => sign_in_slow(about, &who),
        _ if has(&["timed out", "timeout"]) => sign_in_slow(about, &who),
        _ if about.asker.signs_in.kind == SignInKind::Sso => sso_offline(&text, about, &who),
        _ if has(&["dispatch failure", "dns error", "connection refused", "connect error", "io error"]) => {
            let mut failure = transport::transport_failure(&text, about);
            failure.what = format!("The sign-in of {who} failed: {}", lower_first(&failure.what));
            failure
        }
        _ => with_again(
            FailureKind::BadCredentials,
            format!("The sign-in of {who} gave no keys: {}", gave_nothing(about)),
            about,
        ),
    }
}

/// Names what did not work where nothing more is known. A library's own words would tell its reader nothing.
fn gave_nothing(about: &About<'_>) -> &'static str {
    match about.asker.signs_in.kind {
        SignInKind::Instance => "the metadata service's answer holds none",
        SignInKind::Role | SignInKind::RoleWithMfa | SignInKind::WebIdentity => "the answer of STS holds none",
        _ => "what was answered holds none",
    }
}

/// Puts an error into words that STS answered, or that the way to STS made.
fn from_sts(error: &CredentialsError, about: &About<'_>) -> Option<Failure> {
    fn from_answer<E>(cause: &(dyn std::error::Error + 'static), about: &About<'_>) -> Option<Failure>
    where
        E: aws_smithy_types::error::metadata::ProvideErrorMetadata + std::error::Error + 'static,
    {
        let found = cause.downcast_ref::<SdkError<E, HttpResponse>>()?;
        if let Some(answer) = answer_of(found) {
            return Some(service::answer_failure(&answer, about));
        }
        let mut failure = match found {
            SdkError::TimeoutError(_) => transport::no_answer(about),
            _ => transport::transport_failure(&join_causes(found), about),
        };
        failure.what = format!(
            "The role of {} was not assumed: {}",
            source_words(&about.asker.source),
            lower_first(&failure.what)
        );
        Some(failure)
    }
    chain_of_causes(error).find_map(|cause| {
        let about = &About { service: "sts", operation: "AssumeRole", repository: None, ..*about };
        from_answer::<AssumeRoleError>(cause, about)
            .or_else(|| from_answer::<AssumeRoleWithWebIdentityError>(cause, about))
    })
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    // A name of a host stays as it is; only our own sentences begin with "The".
    if text.starts_with("The ") {
        chars.next().map(|c| c.to_lowercase().chain(chars).collect()).unwrap_or_default()
    } else {
        text.to_owned()
    }
}

fn wrong_setup(about: &About<'_>, who: &str) -> Failure {
    let settings = match about.asker.signs_in.kind {
        SignInKind::Sso => "check sso_session, sso_start_url, sso_region, sso_account_id and sso_role_name",
        SignInKind::WebIdentity => "check web_identity_token_file and role_arn",
        SignInKind::Instance => "the metadata service does not know the instance's profile",
        _ => "one of them has an invalid value",
    };
    Failure::new(
        FailureKind::Setup,
        format!("The settings of {who} cannot be used: {settings}"),
        "correct the AWS config or credentials file, or choose another account",
    )
}

fn credentials_missing(about: &About<'_>, who: &str) -> Failure {
    let kind = about.asker.signs_in.kind;
    if let (SourceId::Profile(name), SignInKind::Keys | SignInKind::Nothing) = (&about.asker.source, kind) {
        return Failure::new(
            FailureKind::NoCredentials,
            format!("Profile {} holds no credentials", make_visible(name)),
            "set up a sign-in for it, or choose another account",
        )
        .with_command(format!("aws configure sso {}", profile_flag(name)));
    }
    let what = match kind {
        SignInKind::Instance => format!("The metadata service gives no credentials for {who}"),
        _ => format!("There are no credentials in {who}"),
    };
    with_again(FailureKind::NoCredentials, what, about)
}

fn sign_in_slow(about: &About<'_>, who: &str) -> Failure {
    if about.asker.signs_in.kind == SignInKind::Sso {
        return Failure::new(
            FailureKind::Timeout,
            format!("The SSO portal of {who} does not answer in time"),
            "check the network, VPN and proxy, and the sso_region of the profile, then try again",
        );
    }
    with_again(FailureKind::Timeout, format!("The sign-in of {who} does not answer in time"), about)
}

/// Puts an answer into words that came in the SSO portal's place: a fault of the portal, or a page of a proxy. The
/// session may still be good then.
fn from_portal(error: &CredentialsError, who: &str) -> Option<Failure> {
    let found = chain_of_causes(error)
        .find_map(|cause| cause.downcast_ref::<SdkError<GetRoleCredentialsError, HttpResponse>>())?;
    let status = found.raw_response()?.status().as_u16();
    let code = found.as_service_error().and_then(|error| error.meta().code());
    let (what, next) = match code {
        Some(_) if status < 500 => return None,
        _ if status >= 500 => ("had a fault of its own", "try again in a moment"),
        _ => (
            "did not answer; another server did in its place",
            "a network may want a sign-in of its own first: open any page in a browser, or look at the proxy, then try again",
        ),
    };
    let what = format!("The SSO portal of {who} {what} (status {status})");
    Some(Failure::new(FailureKind::Server, what, next))
}

/// Puts an error into words that the way to the portal made, or a session that has run out.
fn sso_offline(text: &str, about: &About<'_>, who: &str) -> Failure {
    let words = text.to_ascii_lowercase();
    let has = |needles: &[&str]| needles.iter().any(|needle| words.contains(needle));
    if has(&["dispatch failure", "dns error", "connection", "connect"]) {
        let asker = RequestOrigin { endpoint: None, ..about.asker.clone() };
        let about = About { asker: &asker, service: "sso", operation: "GetRoleCredentials", repository: None };
        let mut failure = transport::transport_failure(text, &about);
        failure.what = format!("IAM Identity Center cannot be reached: {}", lower_first(&failure.what));
        failure.command = None;
        if failure.kind == FailureKind::Offline {
            failure.next.insert_str(0, "check the sso_region of the profile; ");
        }
        return failure;
    }
    if has(&["token", "session"]) {
        return sign_in_expired(about);
    }
    with_again(
        FailureKind::BadCredentials,
        format!("The sign-in of {who} gave no keys: {}", gave_nothing(about)),
        about,
    )
}
