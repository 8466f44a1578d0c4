//! Fetches the credentials of a chain of profiles: those that the chain begins with, then each role on the way.
//!
//! The SDK's own provider for a profile reads the environment for itself. It would ask AWS's STS for roles although
//! another endpoint was named, and panics at an empty `AWS_ENDPOINT_URL`. So each step is taken here, with our clients.

use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, SystemTime};

use aws_config::sso::SsoTokenProvider;
use aws_config::sts::AssumeRoleProvider;
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::token::ProvideToken as _;
use aws_types::SdkConfig;
use aws_types::os_shim_internal::{Env, Fs};
use aws_types::region::Region;

use super::environment;
use super::files::{Link, ProfileSet};
use crate::ecr::{Failure, FailureKind, shell::profile_flag, text::make_visible};

type Fetched = Result<Result<Credentials, CredentialsError>, Failure>;

/// Reads the keys of a profile.
pub(super) fn profile_keys(set: &ProfileSet, name: &str) -> Fetched {
    let get = |key: &str| set.get_profile(name).and_then(|profile| profile.get(key)).filter(|v| !v.trim().is_empty());
    let keys = [get("aws_access_key_id"), get("aws_secret_access_key"), get("aws_session_token")];
    let place = format!("Profile {}", make_visible(name));
    from_keys(keys, &place, ["aws_access_key_id", "aws_secret_access_key"])
}

/// Reads the keys of the environment.
pub(super) fn environment_keys(env: &Env) -> Fetched {
    let names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
    let [id, secret, token] = names.map(|name| environment::get_variable(env, name));
    let token = token.or_else(|| environment::get_variable(env, "AWS_SECURITY_TOKEN"));
    let keys = [id.as_deref(), secret.as_deref(), token.as_deref()];
    from_keys(keys, "The environment", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
}

fn from_keys([id, secret, token]: [Option<&str>; 3], place: &str, [id_name, secret_name]: [&str; 2]) -> Fetched {
    let half = |has: &str, lacks: &str| {
        Err(Failure::new(
            FailureKind::NoCredentials,
            format!("{place} has {has} but no {lacks}"),
            format!("set {lacks} too, or remove {has}"),
        ))
    };
    match (id, secret) {
        (Some(id), Some(secret)) => {
            Ok(Ok(Credentials::new(id.trim(), secret.trim(), token.map(|token| token.trim().to_owned()), None, "keys")))
        }
        (Some(_), None) => half(id_name, secret_name),
        (None, Some(_)) => half(secret_name, id_name),
        (None, None) => Ok(Err(CredentialsError::not_loaded("there are no keys"))),
    }
}

/// Assumes the roles of a chain, one after the other. `config`: a configuration for STS.
pub(super) async fn assume_roles(
    links: &[Link],
    first: Credentials,
    config: &SdkConfig,
) -> Result<Credentials, CredentialsError> {
    let mut credentials = first;
    for link in links {
        let mut builder = AssumeRoleProvider::builder(&link.role).configure(config);
        if let Some(id) = &link.external_id {
            builder = builder.external_id(id);
        }
        if let Some(name) = &link.session_name {
            builder = builder.session_name(name);
        }
        if let Some(seconds) = link.seconds {
            builder = builder.session_length(Duration::from_secs(seconds));
        }
        credentials = builder.build_from_provider(credentials).await.provide_credentials().await?;
    }
    Ok(credentials)
}

/// A role that a web identity token gives.
#[derive(Debug)]
pub(super) struct WebRole {
    /// The file that holds the token.
    token_file: String,
    /// The role's ARN.
    role: String,
    /// The name of the session, where one is set.
    session_name: Option<String>,
}

impl WebRole {
    /// Reads the role that a profile names; a failure names the missing setting.
    pub(super) fn of_profile(set: &ProfileSet, name: &str) -> Result<Self, Failure> {
        let get = |key: &str| set.get_profile(name).and_then(|profile| profile.get(key)).map(str::to_owned);
        Self::from_settings(
            get,
            &format!("Profile {}", make_visible(name)),
            ["web_identity_token_file", "role_arn", "role_session_name"],
        )
    }

    /// Reads the role that the environment names.
    pub(super) fn of_environment(env: &Env) -> Result<Self, Failure> {
        let names = ["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME"];
        Self::from_settings(|name| environment::get_variable(env, name), "The environment", names)
    }

    fn from_settings(get: impl Fn(&str) -> Option<String>, place: &str, names: [&str; 3]) -> Result<Self, Failure> {
        let get = |name: &str| get(name).filter(|value| !value.trim().is_empty());
        let wanted = |name: &str| {
            get(name).ok_or_else(|| {
                Failure::new(
                    FailureKind::Setup,
                    format!("{place} names a web identity but no {name}"),
                    format!("set {name}, or choose another account"),
                )
            })
        };
        let [file, role, session] = names;
        Ok(Self { token_file: wanted(file)?, role: wanted(role)?, session_name: get(session) })
    }

    fn no_token(&self, problem: &str) -> Failure {
        Failure::new(
            FailureKind::Setup,
            format!("The web identity token file {} {problem}", make_visible(&self.token_file)),
            "correct web_identity_token_file or AWS_WEB_IDENTITY_TOKEN_FILE, or choose another account",
        )
    }

    /// Asks STS for the role's credentials.
    pub(super) async fn fetch_credentials(&self, fs: &Fs, config: &SdkConfig) -> Result<Credentials, CredentialsError> {
        let token = fs.read_to_end(Path::new(&self.token_file)).await.map_err(|error| {
            CredentialsError::provider_error(self.no_token(match error.kind() {
                ErrorKind::NotFound => "is not there",
                ErrorKind::PermissionDenied => "may not be read by you",
                ErrorKind::IsADirectory => "is a folder",
                _ => "cannot be read",
            }))
        })?;
        let token = String::from_utf8(token).unwrap_or_default();
        if token.trim().is_empty() {
            return Err(CredentialsError::provider_error(self.no_token("holds no token")));
        }
        let answer = aws_sdk_sts::Client::new(config)
            .assume_role_with_web_identity()
            .role_arn(&self.role)
            .role_session_name(self.session_name.as_deref().unwrap_or("ecr-grant"))
            .web_identity_token(token)
            .send()
            .await
            .map_err(CredentialsError::provider_error)?;
        let found = answer.credentials.ok_or_else(|| CredentialsError::unhandled("STS did not return credentials"))?;
        let end = SystemTime::try_from(found.expiration).map_err(CredentialsError::unhandled)?;
        Ok(Credentials::new(
            found.access_key_id,
            found.secret_access_key,
            Some(found.session_token),
            Some(end),
            "web identity",
        ))
    }
}

fn no_session(set: &ProfileSet, profile: &str, session: &str) -> Failure {
    if let Some(why) = set.why_no_session(session) {
        let what = format!(
            "Profile {} names the sso_session {}, which cannot be used: {}",
            make_visible(profile),
            make_visible(session),
            why.cause_words()
        );
        return Failure { what, ..why.to_failure() };
    }
    Failure::new(
        FailureKind::Setup,
        format!(
            "The settings of profile {} are incomplete: there is no sso-session named `{}`",
            make_visible(profile),
            make_visible(session)
        ),
        "add the section [sso-session ...] to the config file, or correct sso_session",
    )
}

/// The settings of a profile that signs in through IAM Identity Center.
#[derive(Debug)]
pub(super) struct Portal {
    account: String,
    role: String,
    region: String,
    start_url: String,
    /// The name that the cached session goes by: the session's, else the start URL.
    session: String,
}

impl Portal {
    /// Reads the settings; a failure names the missing ones.
    pub(super) fn of_profile(set: &ProfileSet, name: &str) -> Result<Self, Failure> {
        let profile = |key: &str| {
            let value = set.get_profile(name).and_then(|profile| profile.get(key)).map(str::trim);
            value.filter(|value| !value.is_empty()).map(str::to_owned)
        };
        let session = profile("sso_session");
        let section = match &session {
            Some(session) => Some(set.sso_session(session).ok_or_else(|| no_session(set, name, session))?),
            None => None,
        };
        let shared = |key: &str| {
            let own = section.and_then(|section| section.get(key)).map(|value| value.trim());
            own.filter(|value| !value.is_empty()).map(str::to_owned).or_else(|| profile(key))
        };
        let names = ["sso_account_id", "sso_role_name", "sso_region", "sso_start_url"];
        match [profile("sso_account_id"), profile("sso_role_name"), shared("sso_region"), shared("sso_start_url")] {
            [Some(account), Some(role), Some(region), Some(start_url)] => {
                let session = session.unwrap_or_else(|| start_url.clone());
                Ok(Self { account, role, region, start_url, session })
            }
            found => {
                let missing: Vec<&str> =
                    names.iter().zip(&found).filter(|(_, v)| v.is_none()).map(|(n, _)| *n).collect();
                Err(Failure::new(
                    FailureKind::Setup,
                    format!("Profile {} signs in with SSO but has no {}", make_visible(name), missing.join(", ")),
                    "add what is missing, or set the profile up anew",
                )
                .with_command(format!("aws configure sso {}", profile_flag(name))))
            }
        }
    }

    /// Asks the portal for the role's keys with the cached session. `sso`, `oidc`: configurations without credentials.
    pub(super) async fn fetch_credentials(
        &self,
        sso: &SdkConfig,
        oidc: &SdkConfig,
    ) -> Result<Credentials, CredentialsError> {
        let region = Region::new(self.region.clone());
        let token = SsoTokenProvider::builder()
            .configure(oidc)
            .region(region.clone())
            .session_name(&self.session)
            .start_url(&self.start_url)
            .build()
            .await
            .provide_token()
            .await
            .map_err(CredentialsError::provider_error)?;
        let config = sso.to_builder().region(region).build();
        let answer = aws_sdk_sso::Client::new(&config)
            .get_role_credentials()
            .role_name(&self.role)
            .account_id(&self.account)
            .access_token(token.token())
            .send()
            .await
            .map_err(CredentialsError::provider_error)?;
        let found =
            answer.role_credentials.ok_or_else(|| CredentialsError::unhandled("SSO did not return credentials"))?;
        let (Some(id), Some(secret)) = (found.access_key_id, found.secret_access_key) else {
            return Err(CredentialsError::unhandled("SSO did not return keys"));
        };
        let end = u64::try_from(found.expiration).ok().map(|ms| SystemTime::UNIX_EPOCH + Duration::from_millis(ms));
        Ok(Credentials::new(id, secret, found.session_token, end, "SSO"))
    }
}
