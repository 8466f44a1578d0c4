//! Who can be asked to sign in, and signing in.

use std::sync::Arc;

use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use super::Registry;
use crate::ecr::{AccountId, Context, Failure, FailureKind, Identity, Region, Source, SourceId};

/// What flags and configuration say about reaching AWS.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Where ECR and STS are asked instead of at AWS, such as `http://127.0.0.1:5555`.
    pub endpoint_url: Option<String>,
}

/// The way to AWS: sources of credentials, sign-in, and the registries they open. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Access {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    fixed: Vec<(Source, Credentials)>,
    client: Option<SharedHttpClient>,
    options: Options,
}

/// Who a source turned out to be, and the Region that goes with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The caller, from `sts:GetCallerIdentity`.
    pub identity: Identity,
    /// The Region asked for, or else the profile's, or else the environment's.
    pub region: Region,
}

impl Access {
    /// Access as the user's files and environment describe it. Reads nothing yet.
    pub fn from_environment(options: Options) -> Self {
        Self { inner: Arc::new(Inner { fixed: Vec::new(), client: None, options }) }
    }

    /// Access with these sources alone, over this client: reads nothing of the user's environment or files.
    pub fn fixed(sources: Vec<(Source, Credentials)>, client: SharedHttpClient) -> Self {
        let inner = Inner { fixed: sources, client: Some(client), options: Options::default() };
        Self { inner: Arc::new(inner) }
    }

    /// All places that credentials can come from, profiles in alphabetical order, `default` first. No files: none.
    #[expect(clippy::unused_async, reason = "reads files soon")]
    pub async fn sources(&self) -> Result<Vec<Source>, Failure> {
        Ok(self.inner.fixed.iter().map(|(source, _)| source.clone()).collect())
    }

    /// The source that stands for "nothing was chosen": `AWS_PROFILE`, else keys of the environment, else the profile
    /// `default`, else a web identity, a container's or an instance's role, where the environment shows one.
    #[expect(clippy::unused_async, reason = "reads files soon")]
    pub async fn default_source(&self) -> Result<Option<SourceId>, Failure> {
        Ok(self.inner.fixed.first().map(|(source, _)| source.id.clone()))
    }

    /// Signs in and asks STS who we are. `region`: the Region asked for; else the source's, else the environment's.
    #[expect(clippy::unused_async, reason = "asks soon")]
    pub async fn verify(&self, source: &SourceId, region: Option<&Region>) -> Result<Verified, Failure> {
        let _ = (source, region, &self.inner.client, &self.inner.options);
        Err(Failure::new(FailureKind::Defect, "not there yet", "wait"))
    }

    /// The registry of `owner` in the context's Region, asked with the context's credentials.
    #[expect(clippy::unused_async, reason = "asks soon")]
    pub async fn registry(&self, context: &Context, owner: &AccountId) -> Result<Registry, Failure> {
        Ok(Registry::skeleton(context.clone(), owner.clone()))
    }
}
