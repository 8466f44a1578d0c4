//! The way to AWS: finds places of credentials, signs in, and opens registries.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::os_shim_internal::{Env, Fs};

use super::endpoint::{AwsService, Endpoints};
use super::files;
use super::organization::JsonAsker;
use super::pace::Paces;
use super::selection;
use super::sign_in::{SignIn, instance_region};
use super::sign_in_settings::{SignInSettings, no_base};
use super::tls_roots::Trust;
use super::{Aggregator, Members, Registry};
use crate::ecr::{
    AccountId, Arn, Context, Failure, FailureKind, Identity, MemberRole, Partition, Region, Source, SourceId, Verified,
    text::make_visible,
};

/// The flags and settings about reaching AWS.
#[derive(Debug, Clone, Default)]
pub struct AwsOptions {
    /// The URL that ECR and STS are asked at instead of AWS's own, such as `http://127.0.0.1:5555`; roles are asked for
    /// there too. The portal of IAM Identity Center keeps its own address: a session's token goes nowhere else. Empty:
    /// not set.
    pub endpoint_url: Option<String>,
    /// True where a `credential_process` may ask at the terminal of this program. Nobody else reads the terminal
    /// meanwhile.
    pub lends_terminal: bool,
}

/// The way to AWS: sources of credentials, sign-in, and the registries they open. Cheap to clone.
///
/// Every method may be dropped half-way. Nothing stays locked then, and an answer that came is kept.
#[derive(Debug, Clone)]
pub struct AwsAccess {
    inner: Arc<SharedAccess>,
}

#[derive(Debug)]
struct SharedAccess {
    /// Sources and client of the demo; none: the user's files and environment.
    fixed: Option<(Vec<(Source, Credentials)>, SharedHttpClient)>,
    options: AwsOptions,
    env: Env,
    fs: Fs,
    sign_ins: Mutex<HashMap<SourceId, Arc<SignIn>>>,
    registries: Mutex<HashMap<(Context, AccountId), Registry>>,
    paces: Paces,
    clients: Mutex<HashMap<Option<PathBuf>, (Trust, SharedHttpClient)>>,
}

/// The settings of a sign-in that people are told of.
#[derive(Debug, Default)]
struct ToldSettings {
    endpoint: Option<String>,
    ignored: Vec<String>,
}

fn lock_cache<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl AwsAccess {
    /// Builds the access that the user's files and environment describe. Reads nothing yet.
    pub fn from_environment(options: AwsOptions) -> Self {
        Self::new(None, options)
    }

    /// Builds an access with these sources alone, over this client. It reads nothing of the user's environment or
    /// files.
    pub fn with_sources(sources: Vec<(Source, Credentials)>, client: SharedHttpClient) -> Self {
        Self::new(Some((sources, client)), AwsOptions::default())
    }

    /// Builds an access from the bytes of a shared config file and a credentials file; it reads nothing else. Fuzzing
    /// and tests reach the reader of files through it.
    #[doc(hidden)]
    pub fn of_files(config: Vec<u8>, credentials: Vec<u8>) -> Self {
        let env = Env::from_slice(&[("HOME", "/home")]);
        let files = [("/home/.aws/config", config), ("/home/.aws/credentials", credentials)];
        let fs = Fs::from_map(files.map(|(path, bytes)| (path.to_owned(), bytes)).into());
        Self::in_surroundings(None, AwsOptions::default(), env, fs)
    }

    fn new(fixed: Option<(Vec<(Source, Credentials)>, SharedHttpClient)>, options: AwsOptions) -> Self {
        Self::in_surroundings(fixed, options, selection::read_environment(), Fs::real())
    }

    fn in_surroundings(
        fixed: Option<(Vec<(Source, Credentials)>, SharedHttpClient)>,
        options: AwsOptions,
        env: Env,
        fs: Fs,
    ) -> Self {
        let inner = SharedAccess {
            fixed,
            options,
            env,
            fs,
            sign_ins: Mutex::default(),
            registries: Mutex::default(),
            paces: Paces::default(),
            clients: Mutex::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Names the endpoints of flag and environment that are not AWS's own. A text that is no URL is a failure. A
    /// profile's endpoints are told by [`AwsAccess::verify_source`].
    pub fn endpoint_words(&self) -> Result<Option<String>, Failure> {
        if self.inner.fixed.is_some() {
            return Ok(None);
        }
        let explicit = self.inner.options.endpoint_url.as_deref();
        Ok(Endpoints::read_settings(&self.inner.env, None, explicit)?.describe_changed(false))
    }

    /// Returns all places that credentials can come from: the default one, profiles by name, then those of the
    /// environment. Missing files are no error. Unusable parts of the files come last, each with its problem.
    pub async fn list_sources(&self) -> Result<Vec<Source>, Failure> {
        if let Some((fixed, _)) = &self.inner.fixed {
            return Ok(fixed.iter().map(|(source, _)| source.clone()).collect());
        }
        let (env, fs) = (&self.inner.env, &self.inner.fs);
        let set = files::ProfileSet::read_files(env, fs, None).await;
        let mut found = files::find_sources(&set, env, fs).await;
        let default = selection::default_source(env, &found);
        // What a command would take stands on the first row.
        found.sort_by_key(|source| Some(&source.id) != default.as_ref());
        Ok(found)
    }

    /// Returns the accounts that the profiles of the files state, each with its profile. Nobody is asked, and nothing is told of
    /// files that cannot be read: whoever signs in says that.
    pub async fn stated_accounts(&self) -> Vec<(AccountId, String)> {
        if self.inner.fixed.is_some() {
            return Vec::new();
        }
        let set = files::ProfileSet::read_files(&self.inner.env, &self.inner.fs, None).await;
        files::stated_accounts(&set)
    }

    /// Returns the source that a command takes when none is chosen, in the order of the AWS CLI. None: there is no
    /// source, or there are only named profiles, of which one has to be chosen.
    pub async fn default_source(&self) -> Result<Option<SourceId>, Failure> {
        if let Some((fixed, _)) = &self.inner.fixed {
            return Ok(fixed.first().map(|(source, _)| source.id.clone()));
        }
        Ok(selection::default_source(&self.inner.env, &self.list_sources().await?))
    }

    /// Signs in and asks STS for the identity. `region`: the Region asked for; else the environment's, else the
    /// profile's; none at all is `FailureKind::NoRegion`. Files are read anew each time, so that trying again helps.
    ///
    /// A role in an account of the organization is assumed from the sign-in of its base that is known, or made. It belongs to
    /// that account, or else it is a failure.
    pub async fn verify_source(&self, source: &SourceId, region: Option<&Region>) -> Result<Verified, Failure> {
        let (sign_in, region, told) = self.sign_in(source, region).await?;
        let identity = match source {
            SourceId::Member(member) => {
                let identity = sign_in.identify_caller(&member.home).await?;
                check_account(member, &identity)?;
                identity
            }
            _ => sign_in.identify_caller(&region).await?,
        };
        self.replace_sign_in(source, sign_in);
        Ok(Verified { identity, region, endpoint: told.endpoint, ignored: told.ignored })
    }

    /// Keeps a new sign-in. What was opened with an earlier one would go on with it: its registries, the roles that it
    /// assumed, and theirs.
    fn replace_sign_in(&self, source: &SourceId, sign_in: Arc<SignIn>) {
        let is_other = |other: &SourceId| other != source && other.base() != source;
        let mut sign_ins = lock_cache(&self.inner.sign_ins);
        sign_ins.retain(|other, _| is_other(other));
        sign_ins.insert(source.clone(), sign_in);
        drop(sign_ins);
        lock_cache(&self.inner.registries).retain(|(context, _), _| is_other(&context.source));
    }

    /// Returns the registry of `owner` in the context's Region, asked with the context's credentials. Sends nothing
    /// yet. The same registry is returned again until the source is verified anew.
    pub async fn open_registry(&self, context: &Context, owner: &AccountId) -> Result<Registry, Failure> {
        let key = (context.clone(), owner.clone());
        if let Some(registry) = lock_cache(&self.inner.registries).get(&key) {
            return Ok(registry.clone());
        }
        let sign_in = self.known_sign_in(context).await?;
        let config = sign_in.ecr_config(&context.region);
        let pace = self.inner.paces.pace_for(config.endpoint_url(), owner, &context.region);
        let registry = Registry::new(context.clone(), owner.clone(), sign_in, &config, pace);
        Ok(lock_cache(&self.inner.registries).entry(key).or_insert(registry).clone())
    }

    /// Returns the sign-in of a context's source, made where there is none yet.
    async fn known_sign_in(&self, context: &Context) -> Result<Arc<SignIn>, Failure> {
        let Context { source, region } = context;
        match self.kept_sign_in(source) {
            Some(sign_in) => Ok(sign_in),
            None => Ok(self.keep_sign_in(source, self.sign_in(source, Some(region)).await?.0)),
        }
    }

    fn kept_sign_in(&self, source: &SourceId) -> Option<Arc<SignIn>> {
        lock_cache(&self.inner.sign_ins).get(source).cloned()
    }

    /// Keeps a sign-in, or returns the one that somebody else made meanwhile.
    fn keep_sign_in(&self, source: &SourceId, made: Arc<SignIn>) -> Arc<SignIn> {
        lock_cache(&self.inner.sign_ins).entry(source.clone()).or_insert(made).clone()
    }

    /// Returns an aggregator of AWS Config in the context's Region. Sends nothing yet.
    pub async fn open_aggregator(&self, context: &Context, name: &str) -> Result<Aggregator, Failure> {
        let sign_in = self.known_sign_in(context).await?;
        let (service, origin) = sign_in.json_service(AwsService::Config, &context.region, config_url(&context.region));
        Ok(Aggregator { asker: JsonAsker::new(service, sign_in, origin), name: name.to_owned() })
    }

    /// Returns the organization that the context's account manages. Sends nothing yet.
    pub async fn open_members(&self, context: &Context) -> Result<Members, Failure> {
        let sign_in = self.known_sign_in(context).await?;
        let region = organizations_region(context.region.partition())?;
        let url = format!("https://organizations.{region}.{}", region.partition().registry_suffix());
        let (service, origin) = sign_in.json_service(AwsService::Organizations, &region, url);
        Ok(Members { asker: JsonAsker::new(service, sign_in, origin) })
    }

    /// Builds a sign-in from the present settings. Returns it with the Region to use it in and the settings to tell
    /// people of.
    async fn sign_in(
        &self,
        source: &SourceId,
        region: Option<&Region>,
    ) -> Result<(Arc<SignIn>, Region, ToldSettings), Failure> {
        match source {
            SourceId::Member(member) => {
                let sign_in = self.assume_member(member).await?;
                // What the settings override was told of the base.
                let told = ToldSettings { endpoint: sign_in.endpoint_words(), ignored: Vec::new() };
                Ok((sign_in, region.unwrap_or(&member.home).clone(), told))
            }
            own => self.own_sign_in(own, region).await,
        }
    }

    /// Builds the sign-in of a role in an account of the organization. Sends nothing yet.
    async fn assume_member(&self, member: &MemberRole) -> Result<Arc<SignIn>, Failure> {
        let MemberRole { account, role, base, home } = member;
        let source = SourceId::Member(Box::new(member.clone()));
        if matches!(base, SourceId::Member(_)) {
            return Err(no_base(&source));
        }
        let arn = Arn::parse(&format!("arn:{}:iam::{account}:role/{role}", home.partition())).ok_or_else(|| {
            Failure::new(
                FailureKind::Setup,
                format!("{} is no name of a role", make_visible(role)),
                "name the role without its ARN, with its path, such as audit/ReadEcr",
            )
        })?;
        let base_sign_in = match self.kept_sign_in(base) {
            Some(sign_in) => sign_in,
            None => self.keep_sign_in(base, self.own_sign_in(base, Some(home)).await?.0),
        };
        Ok(Arc::new(base_sign_in.assuming(source, &arn, home)))
    }

    /// Builds the sign-in of a source that no other one assumes.
    async fn own_sign_in(
        &self,
        source: &SourceId,
        region: Option<&Region>,
    ) -> Result<(Arc<SignIn>, Region, ToldSettings), Failure> {
        if let Some((fixed, client)) = &self.inner.fixed {
            let Some((found, credentials)) = fixed.iter().find(|(known, _)| known.id == *source) else {
                return Err(Failure::new(
                    FailureKind::Setup,
                    format!("There is no account {} here", make_visible(&source.to_string())),
                    "choose one of the list",
                ));
            };
            let region = region.or(found.region.as_ref()).cloned().ok_or_else(no_region)?;
            return Ok((
                Arc::new(SignIn::with_credentials(found, credentials.clone(), client.clone())?),
                region,
                ToldSettings::default(),
            ));
        }
        let (env, fs) = (&self.inner.env, &self.inner.fs);
        let explicit = self.inner.options.endpoint_url.as_deref();
        // The wizard names the Region of the row, which is the environment's where that names one.
        let asked = region.is_some_and(|region| files::environment_region(env) != Some(Ok(region.clone())));
        let settings = SignInSettings::read_for(env, fs, source, explicit, asked).await?;
        let (trust, client) = self.http_client(settings.ca_bundle().cloned()).await?;
        let region = match settings.choose_region(region) {
            Some(region) => region?,
            None if *source == SourceId::Instance => instance_region(client.clone()).await.ok_or_else(no_region)?,
            None => return Err(no_region()),
        };
        let surroundings = (env.clone(), fs.clone());
        let made = SignIn::from_settings(source.clone(), &settings, region.clone(), (&trust, client), surroundings)?
            .lending_terminal(self.inner.options.lends_terminal);
        let told = ToldSettings { endpoint: settings.endpoint_words(), ignored: settings.ignored_lines().to_vec() };
        Ok((Arc::new(made), region, told))
    }

    /// Returns the HTTP client for a bundle of certificates; makes it once.
    async fn http_client(&self, bundle: Option<PathBuf>) -> Result<(Trust, SharedHttpClient), Failure> {
        if let Some(made) = lock_cache(&self.inner.clients).get(&bundle) {
            return Ok(made.clone());
        }
        let path = bundle.clone();
        let made = tokio::task::spawn_blocking(move || {
            Trust::find_roots(path.as_deref()).map(|trust| (trust.http_client(), trust))
        });
        let (client, trust) = made.await.map_err(|_| {
            Failure::new(FailureKind::Defect, "The trusted certificates could not be looked at", "please report this")
        })??;
        Ok(lock_cache(&self.inner.clients).entry(bundle).or_insert((trust, client)).clone())
    }
}

/// Refuses an identity of another account than the one whose role was meant.
fn check_account(member: &MemberRole, identity: &Identity) -> Result<(), Failure> {
    if identity.account == member.account {
        return Ok(());
    }
    Err(Failure::new(
        FailureKind::BadCredentials,
        format!(
            "The role {} was to be that of account {}, and STS tells of account {}: nothing is sent with it",
            make_visible(&member.role),
            member.account,
            identity.account
        ),
        "check the endpoint, and whether a proxy stands in between",
    ))
}

fn config_url(region: &Region) -> String {
    format!("https://config.{region}.{}", region.partition().registry_suffix())
}

/// Returns the Region that AWS Organizations is asked in. Source: AWS General Reference, "AWS Organizations endpoints".
fn organizations_region(partition: Partition) -> Result<Region, Failure> {
    let name = match partition {
        Partition::Aws => "us-east-1",
        Partition::China => "cn-northwest-1",
        Partition::GovCloud => "us-gov-west-1",
        _ => "",
    };
    Region::parse(name).map_err(|_| {
        Failure::new(
            FailureKind::Setup,
            format!("The address of AWS Organizations in partition {partition} is not known here"),
            "name the accounts' profiles with --profiles",
        )
    })
}

fn no_region() -> Failure {
    Failure::new(
        FailureKind::NoRegion,
        "No Region is known",
        "choose one here, or give --region, set AWS_REGION, or put region into the profile",
    )
}
