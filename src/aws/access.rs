//! Who can be asked to sign in, and signing in.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::os_shim_internal::{Env, Fs};

use super::Registry;
use super::convert::{About, from_sdk};
use super::files;
use super::pace::Pace;
use super::sign_in::{Settings, SignIn, instance_region};
use super::trust::Trust;
use crate::ecr::{
    AccountId, Arn, Context, Failure, FailureKind, Identity, Region, Source, SourceId, Verified, text::visible,
};

/// What flags and configuration say about reaching AWS.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Where ECR and STS are asked instead of at AWS, such as `http://127.0.0.1:5555`. The roles and sessions of a
    /// profile are still asked for where the SDK's own settings say.
    pub endpoint_url: Option<String>,
}

/// The way to AWS: sources of credentials, sign-in, and the registries they open. Cheap to clone.
///
/// Every method may be dropped half-way: nothing is left locked, and what was learned is kept or asked again.
#[derive(Debug, Clone)]
pub struct Access {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// Sources and client of the demo; none: the user's files and environment.
    fixed: Option<(Vec<(Source, Credentials)>, SharedHttpClient)>,
    options: Options,
    env: Env,
    fs: Fs,
    sign_ins: Mutex<HashMap<SourceId, Arc<SignIn>>>,
    registries: Mutex<HashMap<(Context, AccountId), Registry>>,
    clients: Mutex<HashMap<Option<PathBuf>, (Trust, SharedHttpClient)>>,
}

fn open<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Access {
    /// Access as the user's files and environment describe it. Reads nothing yet.
    pub fn from_environment(options: Options) -> Self {
        Self::new(None, options)
    }

    /// Access with these sources alone, over this client: reads nothing of the user's environment or files.
    pub fn fixed(sources: Vec<(Source, Credentials)>, client: SharedHttpClient) -> Self {
        Self::new(Some((sources, client)), Options::default())
    }

    fn new(fixed: Option<(Vec<(Source, Credentials)>, SharedHttpClient)>, options: Options) -> Self {
        let inner = Inner {
            fixed,
            options,
            env: Env::real(),
            fs: Fs::real(),
            sign_ins: Mutex::default(),
            registries: Mutex::default(),
            clients: Mutex::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// All places that credentials can come from: profiles (`default` first, then by name), then what the environment
    /// shows. No files: none of them, and no error. A file that cannot be read is a failure that names it.
    pub async fn sources(&self) -> Result<Vec<Source>, Failure> {
        if let Some((fixed, _)) = &self.inner.fixed {
            return Ok(fixed.iter().map(|(source, _)| source.clone()).collect());
        }
        let (env, fs) = (&self.inner.env, &self.inner.fs);
        let set = files::load(env, fs, None).await?;
        Ok(files::sources(&set, env, fs).await)
    }

    /// The source that stands for "nothing was chosen": the profile that `AWS_PROFILE` names, else keys of the
    /// environment, else the profile `default`, else a web identity, a container's or an instance's role.
    /// None: there is nothing, or only named profiles, of which one has to be chosen.
    pub async fn default_source(&self) -> Result<Option<SourceId>, Failure> {
        if let Some((fixed, _)) = &self.inner.fixed {
            return Ok(fixed.first().map(|(source, _)| source.id.clone()));
        }
        if let Some(name) = files::variable(&self.inner.env, "AWS_PROFILE") {
            return Ok(Some(SourceId::Profile(name)));
        }
        let found = self.sources().await?;
        let rank = |id: &SourceId| match id {
            SourceId::Environment => Some(0),
            SourceId::Profile(name) if name == "default" => Some(1),
            SourceId::Profile(_) => None,
            SourceId::WebIdentity => Some(2),
            SourceId::Container => Some(3),
            SourceId::Instance => Some(4),
        };
        let usable = found.into_iter().filter(|source| source.kind != crate::ecr::SignInKind::Nothing);
        Ok(usable.filter_map(|s| rank(&s.id).map(|r| (r, s.id))).min_by_key(|(rank, _)| *rank).map(|(_, id)| id))
    }

    /// Signs in and asks STS who we are. `region`: the Region asked for; else the source's, else the environment's;
    /// none at all is `FailureKind::NoRegion`. Files are read anew each time, so that trying again helps.
    pub async fn verify(&self, source: &SourceId, region: Option<&Region>) -> Result<Verified, Failure> {
        let (sign_in, region) = self.sign_in(source, region).await?;
        sign_in.credentials().await?;
        let client = aws_sdk_sts::Client::new(&sign_in.config(&region).await);
        let asker = sign_in.asker(&region);
        let about = About { asker: &asker, service: "sts", operation: "GetCallerIdentity", repository: None };
        let answer = Pace::impatient()
            .read(|| async { client.get_caller_identity().send().await.map_err(|error| from_sdk(&error, &about)) })
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
        open(&self.inner.sign_ins).insert(source.clone(), sign_in);
        // Registries opened with an earlier sign-in would go on with it.
        open(&self.inner.registries).retain(|(context, _), _| context.source != *source);
        Ok(Verified { identity: Identity { account, arn }, region })
    }

    /// The registry of `owner` in the context's Region, asked with the context's credentials. Asks nobody yet; the
    /// same registry is given out again until the source is verified anew.
    pub async fn registry(&self, context: &Context, owner: &AccountId) -> Result<Registry, Failure> {
        let key = (context.clone(), owner.clone());
        if let Some(registry) = open(&self.inner.registries).get(&key) {
            return Ok(registry.clone());
        }
        let known = open(&self.inner.sign_ins).get(&context.source).cloned();
        let sign_in = match known {
            Some(sign_in) => sign_in,
            None => self.sign_in(&context.source, Some(&context.region)).await?.0,
        };
        open(&self.inner.sign_ins).entry(context.source.clone()).or_insert_with(|| sign_in.clone());
        let config = sign_in.config(&context.region).await;
        let registry = Registry::new(context.clone(), owner.clone(), sign_in, &config);
        Ok(open(&self.inner.registries).entry(key).or_insert(registry).clone())
    }

    /// A sign-in from the settings as they are now, and the Region that it will be used in.
    async fn sign_in(&self, source: &SourceId, region: Option<&Region>) -> Result<(Arc<SignIn>, Region), Failure> {
        if let Some((fixed, client)) = &self.inner.fixed {
            let Some((found, credentials)) = fixed.iter().find(|(known, _)| known.id == *source) else {
                return Err(Failure::new(
                    FailureKind::Setup,
                    format!("There is no account {} here", visible(&source.to_string())),
                    "choose one of the list",
                ));
            };
            let region = region.or(found.region.as_ref()).cloned().ok_or_else(no_region)?;
            return Ok((Arc::new(SignIn::given(found, credentials.clone(), client.clone())?), region));
        }
        let (env, fs) = (&self.inner.env, &self.inner.fs);
        let explicit = self.inner.options.endpoint_url.clone();
        let settings = Settings::read(env, fs, source, explicit.as_deref()).await?;
        let (trust, client) = self.client(settings.bundle().cloned()).await?;
        let region = match settings.region(region) {
            Some(region) => region?,
            None if *source == SourceId::Instance => instance_region(client.clone()).await.ok_or_else(no_region)?,
            None => return Err(no_region()),
        };
        let surroundings = (env.clone(), fs.clone());
        let made = SignIn::found(source.clone(), &settings, region.clone(), explicit, (&trust, client), surroundings)?;
        Ok((Arc::new(made), region))
    }

    /// The HTTP client for a bundle of certificates, made once.
    async fn client(&self, bundle: Option<PathBuf>) -> Result<(Trust, SharedHttpClient), Failure> {
        if let Some(made) = open(&self.inner.clients).get(&bundle) {
            return Ok(made.clone());
        }
        let path = bundle.clone();
        let made =
            tokio::task::spawn_blocking(move || Trust::find(path.as_deref()).map(|trust| (trust.client(), trust)));
        let (client, trust) = made.await.map_err(|_| {
            Failure::new(FailureKind::Defect, "The trusted certificates could not be looked at", "please report this")
        })??;
        Ok(open(&self.inner.clients).entry(bundle).or_insert((trust, client)).clone())
    }
}

fn no_region() -> Failure {
    Failure::new(
        FailureKind::NoRegion,
        "No Region is known",
        "choose one here, or give --region, set AWS_REGION, or put region into the profile",
    )
}
