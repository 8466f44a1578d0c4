//! Signing in for a command, and finding the repositories that it names.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use etcetera::BaseStrategy as _;

use super::args::Globals;
use super::output::{Stop, can_ask, tell_line};
use crate::aws::{AwsAccess, AwsOptions, Credentials, Registry};
use crate::ecr::text::make_visible;
use crate::ecr::{AccountId, Context, Failure, FailureKind, Identity, Region, RepositoryName, RepositoryRef, SourceId};
use crate::plan::{RepositorySelector, near_name};
use crate::policy::RegistryPolicy;
use crate::sandbox;

/// Builds the way to AWS that the flags describe. `--demo` reads nothing of the user's. `lends_terminal`: a
/// `credential_process` may ask at the terminal.
pub(super) fn open_access(globals: &Globals, lends_terminal: bool) -> AwsAccess {
    if !globals.demo {
        return AwsAccess::from_environment(AwsOptions { endpoint_url: globals.endpoint_url.clone(), lends_terminal });
    }
    let service = Arc::new(sandbox::Service::demo(sandbox::Clock::System));
    let client = sandbox::connector(service, Duration::from_millis(globals.latency));
    let sources = sandbox::demo_sources()
        .into_iter()
        .map(|(source, key, secret)| (source, Credentials::new(key, secret, None, None, "demo")))
        .collect();
    AwsAccess::with_sources(sources, client)
}

/// Finds the credentials to use: `--profile` or `--source`, else the source of `Access::default_source`.
pub(super) fn choose_source(named: Option<SourceId>, usual: Option<SourceId>) -> Result<SourceId, Failure> {
    match named {
        Some(source) => Ok(source),
        None => usual.ok_or_else(|| {
            Failure::new(
                FailureKind::NoCredentials,
                "there are no AWS credentials to use: no profile `default`, no AWS_PROFILE, no keys in the environment",
                "name a profile with --profile, or run `aws configure sso`; --demo needs no account",
            )
        }),
    }
}

/// A repository that a command is about, with the registry to ask.
#[derive(Debug, Clone)]
pub(super) struct CommandTarget {
    /// The registry.
    pub(super) registry: Registry,
    /// The repository.
    pub(super) repository: RepositoryRef,
    /// The endpoints that are not AWS's own, in words.
    pub(super) endpoint: Option<String>,
}

impl CommandTarget {
    /// Reads the policy of the registry, as far as it counts. AWS is asked for it once.
    pub(super) async fn registry_policy(&self) -> RegistryPolicy {
        crate::runtime::read_policy_of_registry(&self.registry).await.told_policy()
    }
}

/// The caller, and the repositories of the command.
#[derive(Debug, Clone)]
pub(super) struct CommandSession {
    /// The caller.
    pub(super) identity: Identity,
    /// The repositories, each once, in the order in which they were named; a pattern's in AWS's order.
    pub(super) places: Vec<CommandTarget>,
}

/// Returns the Region that the choices name, where they agree on one.
fn named_region(choices: &[RepositorySelector], flag: Option<&Region>) -> Result<Option<Region>, Stop> {
    let mut named: Option<Region> = flag.cloned();
    for choice in choices {
        let RepositorySelector::Exact { reference, .. } = choice else { continue };
        match &named {
            Some(region) if *region != reference.region => {
                let (what, next) = if flag.is_some() {
                    ("--region says", "leave --region out")
                } else {
                    ("another argument names", "run the command once for each Region")
                };
                return Err(Stop::wrong_usage(
                    format!("{choice} is in {}, but {what} {region}", reference.region),
                    next,
                ));
            }
            _ => named = Some(reference.region.clone()),
        }
    }
    Ok(named)
}

/// Signs in and finds the repositories.
pub(super) async fn open_session(globals: &Globals, choices: &[RepositorySelector]) -> Result<CommandSession, Stop> {
    let region = named_region(choices, globals.region.as_ref())?.or_else(|| globals.usual.region.clone());
    let access = open_access(globals, can_ask());
    endpoint_words(&access)?;
    let named = globals.chosen_source();
    let usual = if named.is_some() { None } else { access.default_source().await? };
    let source = choose_source(named, usual)?;
    let verified = access.verify_source(&source, region.as_ref()).await?;
    tracing::info!(account = %verified.identity.account, region = %verified.region, source = %source, "signed in");
    if let Some(endpoint) = &verified.endpoint {
        tell_line(&format!("note: requests go to {}, which is not AWS", make_visible(endpoint)));
    }
    for line in &verified.ignored {
        tell_line(&format!("note: {}", make_visible(line)));
    }
    let finder = Finder {
        access,
        context: Context { source, region: verified.region },
        account: verified.identity.account.clone(),
        endpoint: verified.endpoint,
        places: Vec::new(),
        seen: HashSet::new(),
    };
    Ok(CommandSession { places: finder.find_places(choices).await?, identity: verified.identity })
}

/// Names the endpoints of flag and environment; a text that is no URL is a wrong command line.
pub(super) fn endpoint_words(access: &AwsAccess) -> Result<Option<String>, Stop> {
    access.endpoint_words().map_err(|failure| Stop::wrong_usage(failure.what, failure.next))
}

struct Finder {
    access: AwsAccess,
    context: Context,
    account: AccountId,
    endpoint: Option<String>,
    places: Vec<CommandTarget>,
    seen: HashSet<RepositoryRef>,
}

impl Finder {
    async fn find_places(mut self, choices: &[RepositorySelector]) -> Result<Vec<CommandTarget>, Stop> {
        let own = self.access.open_registry(&self.context, &self.account).await?;
        let list =
            if choices.iter().any(RepositorySelector::needs_list) { list_names(&own).await? } else { Vec::new() };
        for choice in choices {
            match choice {
                RepositorySelector::Name(name) => self.add_place(&own, own.reference_to(name)),
                RepositorySelector::Exact { reference, .. } => {
                    let registry = if reference.account == self.account {
                        own.clone()
                    } else {
                        self.access.open_registry(&self.context, &reference.account).await?
                    };
                    self.add_place(&registry, reference.clone());
                }
                RepositorySelector::All | RepositorySelector::Glob(_) => {
                    let found: Vec<RepositoryRef> =
                        list.iter().map(|name| own.reference_to(name)).filter(|r| choice.selects(r)).collect();
                    if found.is_empty() {
                        return Err(Failure::new(
                            FailureKind::RepositoryNotFound,
                            format!("no repository of {} in {} matches {choice}", self.account, self.context.region),
                            "look at the account and the Region, or name another pattern",
                        )
                        .into());
                    }
                    for reference in found {
                        self.add_place(&own, reference);
                    }
                }
            }
        }
        Ok(self.places)
    }

    fn add_place(&mut self, registry: &Registry, repository: RepositoryRef) {
        if self.seen.insert(repository.clone()) {
            self.places.push(CommandTarget { registry: registry.clone(), repository, endpoint: self.endpoint.clone() });
        }
    }
}

async fn list_names(registry: &Registry) -> Result<Vec<RepositoryName>, Failure> {
    let mut names = Vec::new();
    let mut listing = registry.list_all();
    while let Some(page) = listing.next_page().await? {
        names.extend(page.repositories.into_iter().map(|r| r.reference.name));
    }
    Ok(names)
}

/// Finds the names that were probably meant, from a list that is read once.
#[derive(Debug, Default)]
pub(super) struct Suggestions {
    /// The listed account, and its names; none where the list cannot be read.
    list: Option<(AccountId, Vec<RepositoryName>)>,
}

impl Suggestions {
    /// Adds the probable name to the next step of a missing repository.
    pub(super) async fn add_to(&mut self, place: &CommandTarget, mut failure: Failure) -> Failure {
        if failure.kind != FailureKind::RepositoryNotFound {
            return failure;
        }
        let account = &place.repository.account;
        if self.list.as_ref().is_none_or(|(whose, _)| whose != account) {
            self.list = Some((account.clone(), list_names(&place.registry).await.unwrap_or_default()));
        }
        let names = self.list.iter().flat_map(|(_, names)| names);
        if let Some(near) = near_name(&place.repository.name, names) {
            failure.next = format!("did you mean {near}? Otherwise {}", failure.next);
        }
        failure
    }
}

/// The folder for backups and history.
#[derive(Debug)]
pub(super) struct StateFolder {
    path: PathBuf,
    passing: bool,
}

impl StateFolder {
    /// Opens `$XDG_STATE_HOME/ecr-grant`, on every system. The demo's folder is temporary and removed at the end.
    pub(super) fn open_folder(demo: bool) -> Result<Self, Failure> {
        let failure = |error: String| {
            Failure::new(
                FailureKind::File,
                format!("there is no folder for backups: {error}"),
                "set XDG_STATE_HOME to a folder that you can write to",
            )
        };
        if !demo {
            let xdg = etcetera::base_strategy::Xdg::new().map_err(|e| failure(e.to_string()))?;
            let state = xdg.state_dir().ok_or_else(|| failure("no home folder is known".to_owned()))?;
            return Ok(Self { path: state.join("ecr-grant"), passing: false });
        }
        let base = std::env::temp_dir();
        for attempt in 0..100 {
            let path = base.join(format!("ecr-grant-demo-{}-{attempt}", std::process::id()));
            // An existing folder may be somebody else's.
            match make_private(&path) {
                Ok(()) => return Ok(Self { path, passing: true }),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failure(error.to_string())),
            }
        }
        Err(failure(format!("{} holds too many folders of this program", base.display())))
    }

    /// Returns the folder.
    pub(super) fn path(&self) -> PathBuf {
        self.path.clone()
    }
}

fn make_private(path: &std::path::Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().mode(0o700).create(path)
}

impl Drop for StateFolder {
    fn drop(&mut self) {
        if self.passing {
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact_choice(region: &str) -> RepositorySelector {
        RepositorySelector::parse(&format!("222222222222.dkr.ecr.{region}.amazonaws.com/app")).unwrap()
    }

    #[test]
    fn a_profile_named_by_flag_wins_over_whatever_else_there_is() {
        let usual = || Some(SourceId::Environment);
        assert_eq!(
            choose_source(Some(SourceId::Profile("prod".to_owned())), usual()).unwrap(),
            SourceId::Profile("prod".to_owned())
        );
        assert_eq!(choose_source(None, usual()).unwrap(), SourceId::Environment);
        assert_eq!(choose_source(None, None).unwrap_err().kind, FailureKind::NoCredentials);
    }

    #[test]
    fn the_region_of_an_image_counts_and_a_contradiction_is_said() {
        let region = |name: &str| Region::parse(name).unwrap();
        let name = RepositorySelector::parse("app").unwrap();
        assert_eq!(named_region(std::slice::from_ref(&name), None).unwrap(), None);
        assert_eq!(named_region(&[name, exact_choice("us-east-1")], None).unwrap(), Some(region("us-east-1")));
        let flag = region("eu-west-2");
        assert!(named_region(&[exact_choice("eu-west-2")], Some(&flag)).is_ok());
        for (choices, flag) in [
            (vec![exact_choice("us-east-1")], Some(&flag)),
            (vec![exact_choice("us-east-1"), exact_choice("eu-west-2")], None),
        ] {
            assert!(matches!(named_region(&choices, flag), Err(Stop::Usage(..))));
        }
    }

    #[test]
    fn a_demos_folder_is_private_and_gone_at_the_end() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = StateFolder::open_folder(true).unwrap();
        let path = folder.path();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        assert_ne!(StateFolder::open_folder(true).unwrap().path(), path);
        drop(folder);
        assert!(!path.exists());
    }
}
