//! Signing in: one source's own credentials, fetched once and kept until they run out.

use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use aws_config::BehaviorVersion;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::imds;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileSet};
use aws_config::provider_config::ProviderConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
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

use super::convert::{About, Asker, SignsIn, from_credentials, mfa_needed, no_trusted_roots};
use super::files::{self, Chain};
use super::process;
use super::trust::Trust;
use crate::ecr::{Failure, FailureKind, Region, SignInKind, Source, SourceId, text::visible};

/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(3);
/// How long one request may take.
const ATTEMPT: Duration = Duration::from_secs(15);
/// How long a whole sign-in may take (a chain of roles is several requests).
const SIGN_IN: Duration = Duration::from_secs(40);
/// How long the instance's metadata service may take: it is a link-local address, near or not there.
const METADATA: Duration = Duration::from_secs(1);
/// How long "nobody answers" is believed: a waiting that costs seconds is not repeated for each request.
const SILENT: Duration = Duration::from_mins(1);
/// How long any other failure is believed: long enough for the requests that are under way together.
const BELIEVED: Duration = Duration::from_secs(3);
/// Credentials that end sooner are fetched anew.
const MARGIN: Duration = Duration::from_mins(1);

/// What the files and the environment say about one source.
#[derive(Debug)]
pub(super) struct Settings {
    /// The profile that settings are taken from: the chosen one, or the environment's.
    profile: Option<String>,
    /// The chosen profile's way to credentials.
    chain: Option<Chain>,
    /// The Region of the settings; `Err`: the text there is no Region.
    region: Option<Result<Region, String>>,
    bundle: Option<PathBuf>,
    endpoint: Option<String>,
    proxy: Option<String>,
}

impl Settings {
    /// Reads them, and refuses what cannot work: a missing profile, a circle, MFA.
    pub(super) async fn read(env: &Env, fs: &Fs, source: &SourceId, endpoint: Option<&str>) -> Result<Self, Failure> {
        let chosen = if let SourceId::Profile(name) = source { Some(name.as_str()) } else { None };
        let set = files::load(env, fs, chosen).await?;
        let chain = match chosen {
            Some(name) => {
                let chain = files::chain(&set, name)?;
                chain.check(name)?;
                Some(chain)
            }
            None => None,
        };
        let own = |key: &str| set.get(key).map(str::to_owned).filter(|value| !value.trim().is_empty());
        let profile_region = own("region").map(|text| Region::parse(&text).map_err(|_| text));
        let here = files::environment_region(env);
        let region = if chosen.is_some() { profile_region.or(here) } else { here.or(profile_region) };
        let bundle = files::variable(env, "AWS_CA_BUNDLE").or_else(|| own("ca_bundle")).map(PathBuf::from);
        Ok(Self {
            profile: chosen.map(str::to_owned),
            chain,
            region,
            bundle,
            endpoint: endpoint.map(str::to_owned).or_else(|| configured_endpoint(env, &set)),
            proxy: proxy(env),
        })
    }

    /// The Region asked for, or else the settings' own.
    pub(super) fn region(&self, asked: Option<&Region>) -> Option<Result<Region, Failure>> {
        if let Some(region) = asked {
            return Some(Ok(region.clone()));
        }
        let found = self.region.clone()?;
        Some(found.map_err(|text| {
            Failure::new(
                FailureKind::Setup,
                format!("The settings name the Region {}, which is none", visible(&text)),
                "choose a Region here, or correct region or AWS_REGION: it looks like eu-west-2",
            )
        }))
    }

    /// The file of certificates to trust, where one is named.
    pub(super) fn bundle(&self) -> Option<&PathBuf> {
        self.bundle.as_ref()
    }

    fn signs_in(&self, source: &SourceId) -> SignsIn {
        match (&self.chain, source) {
            (Some(chain), _) => SignsIn { kind: chain.kind, profile: Some(chain.base.clone()) },
            (None, SourceId::WebIdentity) => SignsIn { kind: SignInKind::WebIdentity, profile: None },
            (None, SourceId::Container) => SignsIn { kind: SignInKind::Container, profile: None },
            (None, SourceId::Instance) => SignsIn { kind: SignInKind::Instance, profile: None },
            (None, _) => SignsIn { kind: SignInKind::Keys, profile: None },
        }
    }
}

/// The URL that the settings put in AWS's place, as far as words about it go; the SDK reads all its forms itself.
fn configured_endpoint(env: &Env, set: &ProfileSet) -> Option<String> {
    let off = |value: &str| value.trim().eq_ignore_ascii_case("true");
    if files::variable(env, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").is_some_and(|v| off(&v)) {
        return None;
    }
    ["AWS_ENDPOINT_URL_ECR", "AWS_ENDPOINT_URL"]
        .iter()
        .find_map(|name| files::variable(env, name))
        .or_else(|| set.get("endpoint_url").map(str::to_owned))
}

/// Host and port of the proxy for `https`, for words about it; its name and password are left out.
fn proxy(env: &Env) -> Option<String> {
    let url = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"].iter().find_map(|n| files::variable(env, n))?;
    let host = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    Some(host.trim_end_matches('/').to_owned())
}

/// One source, signed in or about to be.
#[derive(Debug)]
pub(super) struct SignIn {
    source: SourceId,
    signs_in: SignsIn,
    endpoint: Option<String>,
    proxy: Option<String>,
    explicit_endpoint: Option<String>,
    profile: Option<String>,
    client: SharedHttpClient,
    way: Way,
    kept: Mutex<Kept>,
}

#[derive(Debug)]
enum Way {
    /// Given to us; nothing of the user's is read.
    Given(Credentials),
    /// From files and environment. The region is the one that STS is asked in.
    Found { env: Env, fs: Fs, region: Region },
}

#[derive(Debug, Default)]
struct Kept {
    credentials: Option<Credentials>,
    /// A failure, and until when it is believed. Verifying anew starts without it.
    failed: Option<(Instant, Failure)>,
}

impl SignIn {
    /// A sign-in with credentials that are given.
    pub(super) fn given(source: &Source, credentials: Credentials, client: SharedHttpClient) -> Result<Self, Failure> {
        let profile = if let SourceId::Profile(name) = &source.id { Some(name.clone()) } else { None };
        if source.kind == SignInKind::RoleWithMfa {
            return Err(mfa_needed(&source.id.to_string()));
        }
        Ok(Self {
            source: source.id.clone(),
            signs_in: SignsIn { kind: source.kind, profile },
            endpoint: None,
            proxy: None,
            explicit_endpoint: None,
            profile: None,
            client,
            way: Way::Given(credentials),
            kept: Mutex::default(),
        })
    }

    /// A sign-in as the settings describe it; asks nobody yet.
    pub(super) fn found(
        source: SourceId,
        settings: &Settings,
        region: Region,
        explicit_endpoint: Option<String>,
        trust: (&Trust, SharedHttpClient),
        surroundings: (Env, Fs),
    ) -> Result<Self, Failure> {
        let plain = settings.endpoint.as_ref().is_some_and(|url| url.starts_with("http://"));
        if *trust.0 == Trust::Nothing && !plain {
            return Err(no_trusted_roots());
        }
        Ok(Self {
            signs_in: settings.signs_in(&source),
            source,
            endpoint: settings.endpoint.clone(),
            proxy: settings.proxy.clone(),
            explicit_endpoint,
            profile: settings.profile.clone(),
            client: trust.1,
            way: Way::Found { env: surroundings.0, fs: surroundings.1, region },
            kept: Mutex::default(),
        })
    }

    /// Who asks, for the words of failures.
    pub(super) fn asker(&self, region: &Region) -> Asker {
        Asker {
            source: self.source.clone(),
            signs_in: self.signs_in.clone(),
            region: region.clone(),
            owner: None,
            endpoint: self.endpoint.clone(),
            proxy: self.proxy.clone(),
        }
    }

    /// The source's credentials: kept ones while they last, else fetched, one fetch at a time.
    pub(super) async fn credentials(&self) -> Result<Credentials, Failure> {
        let (env, fs, region) = match &self.way {
            Way::Given(credentials) => return Ok(credentials.clone()),
            Way::Found { env, fs, region } => (env, fs, region),
        };
        let mut kept = self.kept.lock().await;
        if let Some(credentials) = kept.credentials.as_ref().filter(|credentials| lasts(credentials)) {
            return Ok(credentials.clone());
        }
        if let Some((until, failure)) = &kept.failed
            && Instant::now() < *until
        {
            return Err(failure.clone());
        }
        let outcome = match tokio::time::timeout(SIGN_IN, self.fetch(env, fs, region)).await {
            Ok(outcome) => outcome,
            Err(_) => {
                Err(from_credentials(&CredentialsError::provider_timed_out(SIGN_IN), &about(&self.asker(region))))
            }
        };
        kept.credentials = outcome.as_ref().ok().cloned();
        kept.failed = outcome.as_ref().err().map(|failure| {
            let is_silent = failure.kind == FailureKind::Timeout || self.source == SourceId::Instance;
            (Instant::now() + if is_silent { SILENT } else { BELIEVED }, failure.clone())
        });
        outcome
    }

    /// Drops the kept credentials: AWS has said that they have run out.
    pub(super) async fn forget(&self) {
        *self.kept.lock().await = Kept::default();
    }

    async fn fetch(&self, env: &Env, fs: &Fs, region: &Region) -> Result<Credentials, Failure> {
        let config = self.provider_config(region);
        let outcome = match &self.source {
            SourceId::Profile(name) => {
                // Read anew: an expired sign-in is mended outside of this program, in these files.
                let chain = files::chain(&files::load(env, fs, Some(name)).await?, name)?;
                chain.check(name)?;
                if let Some(command) = &chain.process {
                    self.by_process(&chain, command, region).await?
                } else {
                    let builder = ProfileFileCredentialsProvider::builder().profile_name(name).configure(&config);
                    builder.build().provide_credentials().await
                }
            }
            SourceId::Environment => EnvironmentVariableCredentialsProvider::new().provide_credentials().await,
            SourceId::WebIdentity => {
                let builder = WebIdentityTokenCredentialsProvider::builder().configure(&config);
                builder.build().provide_credentials().await
            }
            SourceId::Container => {
                let builder = EcsCredentialsProvider::builder().configure(&config).connect_timeout(METADATA);
                builder.read_timeout(CONNECT).build().provide_credentials().await
            }
            SourceId::Instance => {
                let builder = imds::credentials::ImdsCredentialsProvider::builder().configure(&config);
                builder.imds_client(self.metadata(region)).build().provide_credentials().await
            }
        };
        outcome.map_err(|error| from_credentials(&error, &about(&self.asker(region))))
    }

    /// The process, and the roles that are assumed with what it prints.
    async fn by_process(
        &self,
        chain: &Chain,
        command: &str,
        region: &Region,
    ) -> Result<Result<Credentials, CredentialsError>, Failure> {
        let mut credentials = process::credentials(&chain.base, command).await?;
        for link in &chain.links {
            let mut builder = AssumeRoleProvider::builder(&link.role).configure(&self.config_with(region, None).await);
            if let Some(id) = &link.external_id {
                builder = builder.external_id(id);
            }
            if let Some(name) = &link.session_name {
                builder = builder.session_name(name);
            }
            if let Some(seconds) = link.seconds {
                builder = builder.session_length(Duration::from_secs(seconds));
            }
            match builder.build_from_provider(credentials).await.provide_credentials().await {
                Ok(assumed) => credentials = assumed,
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(Ok(credentials))
    }

    fn provider_config(&self, region: &Region) -> ProviderConfig {
        ProviderConfig::without_region()
            .with_region(Some(sdk_region(region)))
            .with_http_client(self.client.clone())
            .with_retry_config(RetryConfig::disabled())
            .with_timeout_config(timeouts())
            .with_behavior_version(Some(BehaviorVersion::latest()))
    }

    fn metadata(&self, region: &Region) -> imds::Client {
        imds::Client::builder()
            .configure(&self.provider_config(region))
            .connect_timeout(METADATA)
            .read_timeout(METADATA)
            .operation_timeout(METADATA * 3)
            .max_attempts(1)
            .build()
    }

    /// The configuration of clients that ask with this sign-in.
    pub(super) async fn config(self: &std::sync::Arc<Self>, region: &Region) -> SdkConfig {
        let provider = SharedCredentialsProvider::new(Provider { sign_in: self.clone() });
        self.config_with(region, Some(provider)).await
    }

    async fn config_with(&self, region: &Region, provider: Option<SharedCredentialsProvider>) -> SdkConfig {
        let no_cache = aws_config::identity::IdentityCache::no_cache();
        if let Way::Given(_) = self.way {
            // From scratch: a loader would read the environment and the files.
            let mut builder = SdkConfig::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(sdk_region(region))
                .http_client(self.client.clone())
                .retry_config(RetryConfig::disabled())
                .timeout_config(timeouts())
                .identity_cache(no_cache)
                .time_source(SystemTimeSource::new());
            builder.set_sleep_impl(default_async_sleep());
            builder.set_credentials_provider(provider);
            return builder.build();
        }
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(sdk_region(region))
            .http_client(self.client.clone())
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts())
            .identity_cache(no_cache);
        if let Some(profile) = &self.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(url) = &self.explicit_endpoint {
            loader = loader.endpoint_url(url);
        }
        loader = match provider {
            Some(provider) => loader.credentials_provider(provider),
            None => loader.no_credentials(),
        };
        loader.load().await
    }
}

/// The Region of the instance this program runs on, from its metadata service.
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

fn about(asker: &Asker) -> About<'_> {
    About { asker, service: "sts", operation: "the sign-in", repository: None }
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(ATTEMPT).build()
}

fn sdk_region(region: &Region) -> aws_types::region::Region {
    aws_types::region::Region::new(region.as_str().to_owned())
}

fn lasts(credentials: &Credentials) -> bool {
    credentials.expiry().is_none_or(|end| end > SystemTime::now() + MARGIN)
}

/// A sign-in as the SDK asks for it. Our own failure goes through as the cause, so that its words are not lost.
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
            self.sign_in.credentials().await.map_err(CredentialsError::provider_error)
        })
    }
}
