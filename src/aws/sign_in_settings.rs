//! The settings of files and environment that a sign-in is made from.

use std::path::PathBuf;

use aws_types::os_shim_internal::{Env, Fs};

use super::endpoint::Endpoints;
use super::environment;
use super::errors::SignsIn;
use super::files::{self, Chain, ProfileSet};
use super::proxy::Proxies;
use super::selection::{named_profile, overridden_settings};
use super::url::without_password;
use crate::ecr::{Failure, FailureKind, Region, SignInKind, SourceId, login, text::make_visible};

/// The settings of the files and the environment about one source.
#[derive(Debug)]
pub(super) struct SignInSettings {
    /// The chosen profile's chain to its credentials.
    chain: Option<Chain>,
    /// The Region of the settings; `Err`: the text there is no Region.
    region: Option<Result<Region, String>>,
    bundle: Option<PathBuf>,
    reach: NetworkSettings,
    /// True where the browser runs on another machine.
    is_remote: bool,
    /// The settings that another one overrides, a line for each.
    ignored: Vec<String>,
}

/// The way of requests through the network: endpoints, their kinds, and proxies.
#[derive(Debug, Clone, Default)]
pub(super) struct NetworkSettings {
    pub endpoints: Endpoints,
    pub fips: Option<bool>,
    pub dual_stack: Option<bool>,
    pub proxies: Proxies,
    pub container: Option<String>,
}

impl SignInSettings {
    /// Reads the settings, and refuses those that cannot work: a missing profile, a circle, MFA. `asked`: a Region was
    /// named, so that none of the settings counts.
    pub(super) async fn read_for(
        env: &Env,
        fs: &Fs,
        source: &SourceId,
        endpoint: Option<&str>,
        asked: bool,
    ) -> Result<Self, Failure> {
        let chosen = if let SourceId::Profile(name) = source { Some(name.as_str()) } else { None };
        let named = named_profile(env).map(|(_, name)| name);
        let set = ProfileSet::read_files(env, fs, chosen.or(named.as_deref())).await;
        match source {
            SourceId::File(place) => return Err(files::unusable_failure(&set, place)),
            SourceId::Member(_) => return Err(no_base(source)),
            _ => {}
        }
        let chain = match chosen {
            Some(name) => {
                let chain = files::walk_chain(&set, name)?;
                chain.check_supported(name)?;
                Some(chain)
            }
            None => None,
        };
        let own = |key: &str| set.get(key).map(str::to_owned).filter(|value| !value.trim().is_empty());
        let profile_region = own("region").map(|text| Region::parse(&text).map_err(|_| text));
        let region = files::environment_region(env).or(profile_region);
        let bundle = environment::get_variable(env, "AWS_CA_BUNDLE").or_else(|| own("ca_bundle")).map(PathBuf::from);
        let flag = |variable: &str, key: &str| {
            environment::get_variable(env, variable).or_else(|| own(key)).map(|text| environment::is_true(&text))
        };
        let reach = NetworkSettings {
            endpoints: Endpoints::read_settings(env, Some(&set), endpoint)?,
            fips: flag("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"),
            dual_stack: flag("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint"),
            proxies: Proxies::from_environment(env),
            container: container_url(env),
        };
        let is_remote = login::is_remote(|name| environment::get_variable(env, name));
        Ok(Self { chain, region, bundle, reach, is_remote, ignored: overridden_settings(env, &set, source, asked) })
    }

    /// Returns the lines about settings that another one overrides.
    pub(super) fn ignored_lines(&self) -> &[String] {
        &self.ignored
    }

    /// Returns the way of requests through the network.
    pub(super) fn reach(&self) -> &NetworkSettings {
        &self.reach
    }

    /// Names the endpoints that are not AWS's own.
    pub(super) fn endpoint_words(&self) -> Option<String> {
        self.reach.endpoints.describe_changed(self.chain.as_ref().is_some_and(|chain| chain.kind == SignInKind::Sso))
    }

    /// Returns the Region asked for, or else the settings' own.
    pub(super) fn choose_region(&self, asked: Option<&Region>) -> Option<Result<Region, Failure>> {
        if let Some(region) = asked {
            return Some(Ok(region.clone()));
        }
        let found = self.region.clone()?;
        Some(found.map_err(|text| {
            Failure::new(
                FailureKind::Setup,
                format!("The settings hold an invalid Region: {}", make_visible(&text)),
                "choose a Region here, or correct region or AWS_REGION: it looks like eu-west-2",
            )
        }))
    }

    /// Returns the file of certificates to trust, where one is named.
    pub(super) fn ca_bundle(&self) -> Option<&PathBuf> {
        self.bundle.as_ref()
    }

    /// Returns the way in which a source signs in, for the words of failures.
    pub(super) fn signs_in(&self, source: &SourceId) -> SignsIn {
        let (kind, profile) = match (&self.chain, source) {
            // Keys of the environment are no profile's to set.
            (Some(chain), _) if chain.by_environment => (chain.kind, None),
            (Some(chain), _) => (chain.kind, Some(chain.base.clone())),
            (None, SourceId::WebIdentity) => (SignInKind::WebIdentity, None),
            (None, SourceId::Container) => (SignInKind::Container, None),
            (None, SourceId::Instance) => (SignInKind::Instance, None),
            (None, _) => (SignInKind::Keys, None),
        };
        SignsIn { kind, profile, is_remote: self.is_remote }
    }
}

/// Returns the URL that gives a container its role's keys.
fn container_url(env: &Env) -> Option<String> {
    let relative = environment::get_variable(env, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    let full =
        || environment::get_variable(env, "AWS_CONTAINER_CREDENTIALS_FULL_URI").map(|url| without_password(&url));
    relative.map(|path| format!("http://169.254.170.2{path}")).or_else(full)
}

/// Returns the failure of a role in an account that has nothing to be assumed with.
pub(super) fn no_base(source: &SourceId) -> Failure {
    Failure::new(
        FailureKind::Setup,
        format!(
            "The {} is to be assumed with such a role, which gives no credentials by itself",
            make_visible(&source.to_string())
        ),
        "choose the profile or another place of credentials that assumes it",
    )
}
