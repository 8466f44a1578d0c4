//! Signing in: one source's own credentials, fetched once and kept until they run out.

use std::time::{Duration, Instant, SystemTime};

use aws_config::BehaviorVersion;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::imds;
use aws_config::provider_config::ProviderConfig;
use aws_config::timeout::TimeoutConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_smithy_async::rt::sleep::default_async_sleep;
use aws_smithy_async::time::SystemTimeSource;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use aws_types::os_shim_internal::{Env, Fs};
use tokio::sync::Mutex;

use super::credential_chain::{Portal, WebRole, assume_roles, environment_keys, profile_keys};
use super::endpoint::AwsService;
use super::errors::{About, RequestOrigin, SignsIn, from_credentials, from_sdk, mfa_needed, no_trusted_roots};
use super::files::{self, Chain, Link, ProfileSet};
use super::json_call::JsonService;
use super::organization::json_service;
use super::pace::Pace;
use super::process;
use super::sign_in_settings::{NetworkSettings, SignInSettings, no_base};
use super::tls_roots::Trust;
use super::url::without_password;
use crate::ecr::{
    AccountId, Arn, Failure, FailureKind, Identity, Region, SignInKind, Source, SourceId, text::make_visible,
};

/// The longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(3);
/// The longest wait for one request.
const ATTEMPT: Duration = Duration::from_secs(15);
/// The longest wait for a whole sign-in (a chain of roles is several requests).
const SIGN_IN: Duration = Duration::from_secs(40);
/// The longest wait for the instance's metadata service: its address is link-local, so it is near or not there.
const METADATA: Duration = Duration::from_secs(1);
/// The time for which a timeout is believed. A wait that costs seconds is not repeated for each request.
const SILENT: Duration = Duration::from_mins(1);
/// The time for which any other failure is believed: long enough for requests that are under way together.
const BELIEVED: Duration = Duration::from_secs(3);
/// The name of the sessions of roles that this program assumes by itself.
const SESSION_NAME: &str = "ecr-grant";
/// Credentials that end within this time are fetched anew.
const MARGIN: Duration = Duration::from_mins(1);

/// One source, signed in or to be signed in.
#[derive(Debug)]
pub(super) struct SignIn {
    source: SourceId,
    signs_in: SignsIn,
    reach: NetworkSettings,
    client: SharedHttpClient,
    way: CredentialOrigin,
    lends_terminal: bool,
    kept: Mutex<SignInState>,
}

#[derive(Debug)]
enum CredentialOrigin {
    /// Credentials handed to us; nothing of the user's is read.
    Given(Credentials),
    /// Credentials found by files and environment. STS is asked in this Region.
    Found { env: Env, fs: Fs, region: Region },
    /// Credentials of a role that another sign-in assumes. STS is asked in this Region.
    Assumed { base: std::sync::Arc<SignIn>, role: Link, region: Region },
}

#[derive(Debug, Default)]
struct SignInState {
    credentials: Option<Credentials>,
    /// A failure, and the time until which it is believed. Verifying anew starts without it.
    failed: Option<(Instant, Failure)>,
    /// The identity that STS told, and the access key id that it belongs to.
    known: Option<(Identity, String)>,
    /// The failure after renewed keys belonged to another identity. Nothing goes out with this sign-in any more.
    changed: Option<Failure>,
}

impl SignIn {
    /// Builds a sign-in with these credentials.
    pub(super) fn with_credentials(
        source: &Source,
        credentials: Credentials,
        client: SharedHttpClient,
    ) -> Result<Self, Failure> {
        let profile = if let SourceId::Profile(name) = &source.id { Some(name.clone()) } else { None };
        if source.kind == SignInKind::RoleWithMfa {
            return Err(mfa_needed(&source.id.to_string()));
        }
        Ok(Self {
            source: source.id.clone(),
            signs_in: SignsIn { kind: source.kind, profile, is_remote: false },
            reach: NetworkSettings::default(),
            client,
            way: CredentialOrigin::Given(credentials),
            lends_terminal: false,
            kept: Mutex::default(),
        })
    }

    /// Builds the sign-in that the settings describe. Sends nothing yet.
    pub(super) fn from_settings(
        source: SourceId,
        settings: &SignInSettings,
        region: Region,
        trust: (&Trust, SharedHttpClient),
        surroundings: (Env, Fs),
    ) -> Result<Self, Failure> {
        if *trust.0 == Trust::Nothing && !settings.reach().endpoints.has_plain() {
            return Err(no_trusted_roots());
        }
        Ok(Self {
            signs_in: settings.signs_in(&source),
            source,
            reach: settings.reach().clone(),
            client: trust.1,
            way: CredentialOrigin::Found { env: surroundings.0, fs: surroundings.1, region },
            lends_terminal: false,
            kept: Mutex::default(),
        })
    }

    /// Builds the sign-in of a role that this one assumes, as the source that failures name. Sends nothing yet.
    pub(super) fn assuming(self: &std::sync::Arc<Self>, source: SourceId, role: &Arn, region: &Region) -> Self {
        let role = Link {
            role: role.to_string(),
            external_id: None,
            session_name: Some(SESSION_NAME.to_owned()),
            seconds: None,
        };
        Self {
            source,
            signs_in: self.signs_in.clone(),
            reach: self.reach.clone(),
            client: self.client.clone(),
            way: CredentialOrigin::Assumed { base: self.clone(), role, region: region.clone() },
            lends_terminal: self.lends_terminal,
            kept: Mutex::default(),
        }
    }

    /// Returns a JSON service as this sign-in reaches it, and its asker for the words of failures.
    pub(super) fn json_service(
        &self,
        service: AwsService,
        region: &Region,
        url: String,
    ) -> (JsonService, RequestOrigin) {
        let set = self.reach.endpoints.url_for(service).map(str::to_owned);
        let found = json_service(service, region.as_str(), set.unwrap_or(url), self.client.clone(), request_timeouts());
        (found, self.asker_of(service, region))
    }

    /// Names the endpoints that are not AWS's own.
    pub(super) fn endpoint_words(&self) -> Option<String> {
        self.reach.endpoints.describe_changed(self.signs_in.kind == SignInKind::Sso)
    }

    /// Lets a `credential_process` ask at the terminal, or keeps it from that.
    pub(super) fn lending_terminal(self, lends_terminal: bool) -> Self {
        Self { lends_terminal, ..self }
    }

    /// Returns the longest that fetching credentials may take: longer where a person has to answer.
    fn time_limit(&self) -> Duration {
        let asks = self.lends_terminal && self.signs_in.kind == SignInKind::Process;
        if asks { SIGN_IN + process::LIMIT_ASKING } else { SIGN_IN }
    }

    /// Returns the asker of ECR, for the words of failures.
    pub(super) fn ecr_asker(&self, region: &Region) -> RequestOrigin {
        self.asker_of(AwsService::Ecr, region)
    }

    fn asker_of(&self, service: AwsService, region: &Region) -> RequestOrigin {
        RequestOrigin {
            source: self.source.clone(),
            signs_in: self.signs_in.clone(),
            region: region.clone(),
            owner: None,
            endpoint: self.reach.endpoints.url_for(service).map(without_password),
            proxies: self.reach.proxies.clone(),
            container: self.reach.container.clone(),
        }
    }

    /// Returns the source's credentials: kept ones while they last, else fetched ones. Only one fetch runs at a time.
    pub(super) async fn get_credentials(&self) -> Result<Credentials, Failure> {
        let region = match &self.way {
            CredentialOrigin::Given(credentials) => return Ok(credentials.clone()),
            CredentialOrigin::Found { region, .. } | CredentialOrigin::Assumed { region, .. } => region,
        };
        let mut kept = self.kept.lock().await;
        if let Some(changed) = &kept.changed {
            return Err(changed.clone());
        }
        if let Some(credentials) = kept.credentials.as_ref().filter(|credentials| is_lasting(credentials)) {
            return Ok(credentials.clone());
        }
        if let Some((until, failure)) = &kept.failed
            && Instant::now() < *until
        {
            return Err(failure.clone());
        }
        let outcome = match tokio::time::timeout(self.time_limit(), Box::pin(self.fetch_credentials(region))).await {
            Ok(outcome) => outcome,
            Err(_) => Err(from_credentials(
                &CredentialsError::provider_timed_out(self.time_limit()),
                &about_sign_in(&self.asker_of(AwsService::Sts, region)),
            )),
        };
        let outcome = match outcome {
            Ok(renewed) => Box::pin(self.compare_identity(renewed, region, &mut kept)).await,
            Err(failure) => Err(failure),
        };
        kept.credentials = outcome.as_ref().ok().cloned();
        kept.failed = outcome.as_ref().err().map(|failure| {
            let is_silent = failure.kind == FailureKind::Timeout || self.source == SourceId::Instance;
            (Instant::now() + if is_silent { SILENT } else { BELIEVED }, failure.clone())
        });
        outcome
    }

    /// Compares new keys with those that STS was asked about. They have to belong to the same account and role or user.
    async fn compare_identity(
        &self,
        renewed: Credentials,
        region: &Region,
        kept: &mut SignInState,
    ) -> Result<Credentials, Failure> {
        let Some((before, key_id)) = kept.known.clone() else { return Ok(renewed) };
        if key_id == renewed.access_key_id() {
            return Ok(renewed);
        }
        let now = self.ask_identity(&renewed, region).await?;
        if before.is_same_caller(&now) {
            kept.known = Some((now, renewed.access_key_id().to_owned()));
            return Ok(renewed);
        }
        let named =
            |identity: &Identity| format!("{} in account {}", make_visible(&identity.short_name()), identity.account);
        let failure = Failure::new(
            FailureKind::BadCredentials,
            format!(
                "The renewed credentials of {} belong to {}, and no longer to {}: nothing more is sent with them",
                make_visible(&self.source.to_string()),
                named(&now),
                named(&before)
            ),
            "look at what was written so far, then choose the account anew",
        );
        kept.changed = Some(failure.clone());
        Err(failure)
    }

    /// Asks STS for the identity of the credentials. Keeps it, to compare renewed ones with it.
    pub(super) async fn identify_caller(&self, region: &Region) -> Result<Identity, Failure> {
        let credentials = self.get_credentials().await?;
        let identity = self.ask_identity(&credentials, region).await?;
        self.kept.lock().await.known = Some((identity.clone(), credentials.access_key_id().to_owned()));
        Ok(identity)
    }

    /// Returns the caller, where STS was asked.
    pub(super) async fn known_caller(&self) -> Option<Identity> {
        self.kept.lock().await.known.as_ref().map(|(identity, _)| identity.clone())
    }

    /// Returns the account of the credentials, where STS was asked.
    pub(super) async fn known_account(&self) -> Option<AccountId> {
        self.known_caller().await.map(|identity| identity.account)
    }

    async fn ask_identity(&self, credentials: &Credentials, region: &Region) -> Result<Identity, Failure> {
        let provider = SharedCredentialsProvider::new(credentials.clone());
        let client = aws_sdk_sts::Client::new(&self.config_with(AwsService::Sts, region, Some(provider)));
        let asker = self.asker_of(AwsService::Sts, region);
        let about = About { asker: &asker, service: "sts", operation: "GetCallerIdentity", repository: None };
        let answer = Pace::without_patience()
            .send_read("GetCallerIdentity", || async {
                client.get_caller_identity().send().await.map_err(|error| from_sdk(&error, &about))
            })
            .await?;
        let told = |what: &str| {
            Failure::new(
                FailureKind::Server,
                format!("STS did not tell {what}"),
                "check the endpoint, and whether a proxy stands in between",
            )
        };
        let account = answer.account().and_then(|id| AccountId::parse(id).ok()).ok_or_else(|| told("the account"))?;
        let arn = answer.arn().and_then(Arn::parse).ok_or_else(|| told("who we are"))?;
        Ok(Identity { account, arn })
    }

    /// Drops the kept credentials: AWS has said that they have run out.
    pub(super) async fn forget_credentials(&self) {
        let mut kept = self.kept.lock().await;
        kept.credentials = None;
        kept.failed = None;
    }

    async fn fetch_credentials(&self, region: &Region) -> Result<Credentials, Failure> {
        let sts = || self.config_with(AwsService::Sts, region, None);
        let (env, fs) = match &self.way {
            CredentialOrigin::Given(credentials) => return Ok(credentials.clone()),
            CredentialOrigin::Found { env, fs, .. } => (env, fs),
            CredentialOrigin::Assumed { base, role, .. } => {
                let first = Box::pin(base.get_credentials()).await?;
                let outcome = assume_roles(std::slice::from_ref(role), first, &sts()).await;
                let asker = self.asker_of(AwsService::Sts, region);
                return outcome.map_err(|error| from_credentials(&error, &about_sign_in(&asker)));
            }
        };
        let outcome = match &self.source {
            SourceId::Profile(name) => {
                // Read anew: an expired sign-in is mended outside of this program, in these files.
                let set = ProfileSet::read_files(env, fs, Some(name)).await;
                let chain = files::walk_chain(&set, name)?;
                chain.check_supported(name)?;
                match Box::pin(self.fetch_base(&chain, &set, (env, fs), region)).await? {
                    Ok(first) => assume_roles(&chain.links, first, &sts()).await,
                    Err(error) => Err(error),
                }
            }
            SourceId::File(place) => {
                return Err(files::unusable_failure(&ProfileSet::read_files(env, fs, None).await, place));
            }
            SourceId::Environment => environment_keys(env)?,
            SourceId::WebIdentity => WebRole::of_environment(env)?.fetch_credentials(fs, &sts()).await,
            SourceId::Container => self.container_credentials(region).await,
            SourceId::Instance => self.instance_credentials(region).await,
            // It has a sign-in of its own kind, made from that of its base.
            SourceId::Member(_) => return Err(no_base(&self.source)),
        };
        outcome.map_err(|error| from_credentials(&error, &about_sign_in(&self.asker_of(AwsService::Sts, region))))
    }

    /// Fetches the credentials that a chain begins with.
    async fn fetch_base(
        &self,
        chain: &Chain,
        set: &ProfileSet,
        (env, fs): (&Env, &Fs),
        region: &Region,
    ) -> Result<Result<Credentials, CredentialsError>, Failure> {
        let name = &chain.base;
        let config = |service| self.config_with(service, region, None);
        Ok(match chain.kind {
            SignInKind::Process => {
                let command = chain.process.as_deref().unwrap_or_default();
                Ok(process::fetch_credentials(name, command, self.lends_terminal).await?)
            }
            SignInKind::Sso => {
                let portal = Portal::of_profile(set, name)?;
                portal.fetch_credentials(&config(AwsService::Sso), &config(AwsService::SsoOidc)).await
            }
            SignInKind::WebIdentity => {
                WebRole::of_profile(set, name)?.fetch_credentials(fs, &config(AwsService::Sts)).await
            }
            SignInKind::Container => self.container_credentials(region).await,
            SignInKind::Instance => self.instance_credentials(region).await,
            _ if chain.by_environment => match environment_keys(env)? {
                Err(CredentialsError::CredentialsNotLoaded(_)) => return Err(no_environment_keys(name)),
                found => found,
            },
            _ => profile_keys(set, name)?,
        })
    }

    async fn container_credentials(&self, region: &Region) -> Result<Credentials, CredentialsError> {
        let builder = EcsCredentialsProvider::builder().configure(&self.provider_config(region));
        builder.connect_timeout(METADATA).read_timeout(CONNECT).build().provide_credentials().await
    }

    async fn instance_credentials(&self, region: &Region) -> Result<Credentials, CredentialsError> {
        let builder = imds::credentials::ImdsCredentialsProvider::builder().configure(&self.provider_config(region));
        builder.imds_client(self.metadata_client(region)).build().provide_credentials().await
    }

    fn provider_config(&self, region: &Region) -> ProviderConfig {
        ProviderConfig::without_region()
            .with_region(Some(sdk_region(region)))
            .with_http_client(self.client.clone())
            .with_retry_config(RetryConfig::disabled())
            .with_timeout_config(request_timeouts())
            .with_behavior_version(Some(BehaviorVersion::latest()))
    }

    fn metadata_client(&self, region: &Region) -> imds::Client {
        imds::Client::builder()
            .configure(&self.provider_config(region))
            .connect_timeout(METADATA)
            .read_timeout(METADATA)
            .operation_timeout(METADATA * 3)
            .max_attempts(1)
            .build()
    }

    /// Returns the configuration of clients that ask ECR with this sign-in.
    pub(super) fn ecr_config(self: &std::sync::Arc<Self>, region: &Region) -> SdkConfig {
        let provider = SharedCredentialsProvider::new(Provider { sign_in: self.clone() });
        self.config_with(AwsService::Ecr, region, Some(provider))
    }

    /// Builds a configuration from scratch: the SDK's loader would read the environment and the files in its own way.
    fn config_with(
        &self,
        service: AwsService,
        region: &Region,
        provider: Option<SharedCredentialsProvider>,
    ) -> SdkConfig {
        let mut builder = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(sdk_region(region))
            .http_client(self.client.clone())
            .retry_config(RetryConfig::disabled())
            .timeout_config(request_timeouts())
            .identity_cache(aws_config::identity::IdentityCache::no_cache())
            .time_source(SystemTimeSource::new());
        builder.set_sleep_impl(default_async_sleep());
        builder.set_credentials_provider(provider);
        builder.set_endpoint_url(self.reach.endpoints.url_for(service).map(str::to_owned));
        builder.set_use_fips(self.reach.fips);
        builder.set_use_dual_stack(self.reach.dual_stack);
        builder.build()
    }
}

/// Asks the metadata service for the Region of the instance that this program runs on.
pub(super) async fn instance_region(client: SharedHttpClient) -> Option<Region> {
    let config = ProviderConfig::without_region().with_http_client(client).with_retry_config(RetryConfig::disabled());
    let metadata = imds::Client::builder()
        .configure(&config)
        .connect_timeout(METADATA)
        .read_timeout(METADATA)
        .operation_timeout(METADATA * 2)
        .max_attempts(1)
        .build();
    let provider = imds::region::ImdsRegionProvider::builder().configure(&config).imds_client(metadata).build();
    let found = tokio::time::timeout(METADATA * 3, provider.region()).await.ok()??;
    Region::parse(found.as_ref()).ok()
}

/// Returns the failure of an environment without the keys that `credential_source = Environment` asks for.
fn no_environment_keys(profile: &str) -> Failure {
    Failure::new(
        FailureKind::NoCredentials,
        format!(
            "Profile {} has credential_source = Environment, but AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set",
            make_visible(profile)
        ),
        "set both variables, or give the profile a source_profile instead",
    )
}

fn about_sign_in(asker: &RequestOrigin) -> About<'_> {
    About { asker, service: "sts", operation: "the sign-in", repository: None }
}

fn request_timeouts() -> TimeoutConfig {
    TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(ATTEMPT).build()
}

fn sdk_region(region: &Region) -> aws_types::region::Region {
    aws_types::region::Region::new(region.as_str().to_owned())
}

fn is_lasting(credentials: &Credentials) -> bool {
    credentials.expiry().is_none_or(|end| end > SystemTime::now() + MARGIN)
}

/// A sign-in as the SDK's provider of credentials. Our own failure is its error's cause, which keeps the words.
#[derive(Debug)]
struct Provider {
    sign_in: std::sync::Arc<SignIn>,
}

impl ProvideCredentials for Provider {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            self.sign_in.get_credentials().await.map_err(CredentialsError::provider_error)
        })
    }
}
