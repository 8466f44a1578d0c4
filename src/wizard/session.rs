//! The parts of the model that states and effects share: what the command line filled in, identity, notices.

use super::remote::RequestId;
use crate::ecr::{
    AccessEnd, AccountId, ActionInfo, Context, Grantee, Identity, PolicySlowdowns, Recipe, Region, Replication,
    RepositoryName, RepositoryRef, Source, SourceId, Tag,
};
use crate::plan::RepositorySelector;
use crate::policy::RegistryPolicy;
use std::collections::HashMap;
use std::path::PathBuf;

/// The values that the command line filled in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Prefill {
    /// The profile to sign in with at once.
    pub source: Option<crate::ecr::SourceId>,
    /// The Region.
    pub region: Option<Region>,
    /// Repositories by name or pattern, waiting for the list.
    pub names: Vec<RepositorySelector>,
    /// The repository that an image URI or ARN names: owner, Region, name.
    pub target: Option<RepositoryRef>,
    /// The tag of that image URI.
    pub tag: Option<Tag>,
    /// The parties that receive access.
    pub grantees: Vec<Grantee>,
    /// The recipe.
    pub recipe: Option<&'static Recipe>,
    /// Actions of one's own choice, in place of the recipe's; empty: the recipe's.
    pub actions: Vec<&'static ActionInfo>,
    /// The moment at which the access ends.
    pub until: Option<AccessEnd>,
    /// The Region in which it will be pulled.
    pub puller_region: Option<Region>,
    /// Tells whether the list of repositories opens as the review of all of them.
    pub overview: bool,
    /// The accounts and Regions that this review covers, where they are not those of one sign-in.
    pub survey: Option<SurveyRequest>,
}

impl Prefill {
    /// Adds the repositories that somebody chose: names and patterns, and where an address leads.
    #[must_use]
    pub fn with_repositories(mut self, choices: Vec<RepositorySelector>) -> Self {
        for choice in choices {
            match choice {
                RepositorySelector::Exact { reference, tag } => (self.target, self.tag) = (Some(reference), tag),
                RepositorySelector::All | RepositorySelector::Name(_) | RepositorySelector::Glob(_) => {
                    self.names.push(choice);
                }
            }
        }
        self
    }
}

/// The accounts and Regions that a review covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveyRequest {
    /// The credentials.
    pub sources: SurveySources,
    /// The Regions.
    pub regions: SurveyRegions,
    /// The name of the role through which all other accounts of the organization are read too; none: they are not.
    pub org_role: Option<String>,
}

/// The credentials with which a review reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SurveySources {
    /// The source that is signed in with.
    SignedIn,
    /// All profiles that hold credentials.
    AllProfiles,
    /// These.
    Named(Vec<SourceId>),
    /// None: the review reads from elsewhere than ECR.
    Elsewhere(ReviewOrigin),
}

/// The place from which a review reads, in place of ECR.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReviewOrigin {
    /// Files and folders that collectors wrote.
    Files(Vec<PathBuf>),
    /// The aggregator of AWS Config of this name, asked with the source that is signed in with.
    Aggregator(String),
}

impl ReviewOrigin {
    /// Returns the place in words, such as `2 files` or `aggregator organization`.
    pub fn words(&self) -> String {
        match self {
            Self::Files(paths) => match paths.as_slice() {
                [one] => one.display().to_string(),
                several => format!("{} files", several.len()),
            },
            Self::Aggregator(name) => format!("aggregator {name}"),
        }
    }
}

/// The Regions of each account that a review reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SurveyRegions {
    /// The Region of each profile.
    Own,
    /// All Regions of the account's partition that have ECR.
    All,
    /// These.
    Named(Vec<Region>),
}

/// The answers of the command line, or of a pasted address, to what steps behind Account ask. Each is dropped when its step
/// is passed, or when somebody chooses there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lead {
    /// The repositories, as they were named.
    pub(super) repositories: Vec<RepositorySelector>,
    /// Tells whether grantees were named.
    pub(super) has_grantees: bool,
    /// Tells whether all repositories are to be reviewed.
    pub(super) is_review: bool,
}

/// A registry by its place: the account that owns it, and its Region.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RegistryPlace {
    /// The account.
    pub account: AccountId,
    /// The Region.
    pub region: Region,
}

impl RegistryPlace {
    /// Returns the place in which a repository stands.
    pub fn around(repository: &RepositoryRef) -> Self {
        Self { account: repository.account.clone(), region: repository.region.clone() }
    }

    /// Tells whether a repository stands there.
    pub fn holds(&self, repository: &RepositoryRef) -> bool {
        self.account == repository.account && self.region == repository.region
    }

    /// Returns the repository of a name there.
    pub fn reference_to(&self, name: &RepositoryName) -> RepositoryRef {
        RepositoryRef { account: self.account.clone(), region: self.region.clone(), name: name.clone() }
    }
}

/// The identity and Region: known after Account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The credentials.
    pub source: Source,
    /// The account that they belong to.
    pub identity: Identity,
    /// The Region.
    pub region: Region,
    /// The endpoints that are not AWS's own, in words.
    pub endpoint: Option<String>,
}

impl Signed {
    /// Returns what a request needs.
    pub fn request_context(&self) -> Context {
        Context { source: self.source.id.clone(), region: self.region.clone() }
    }

    /// The account that owns the registry.
    pub fn owner_account(&self) -> &AccountId {
        &self.identity.account
    }

    /// Returns the place of the registry.
    pub fn registry_place(&self) -> RegistryPlace {
        RegistryPlace { account: self.owner_account().clone(), region: self.region.clone() }
    }
}

/// Something that lies over the step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overlay {
    /// The help page, scrolled by so many rows.
    Help {
        /// Rows scrolled.
        scroll: usize,
    },
    /// The question before leaving.
    Leave,
    /// The list of all actions.
    Palette,
    /// The question whether to go on with a draft.
    Draft,
    /// The question about a pasted text.
    Pasted,
}

/// The tone of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Something went as asked.
    Good,
    /// Something to know.
    Plain,
    /// Something did not go.
    Bad,
}

/// A sentence above the footer, until the next key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The tone.
    pub tone: Tone,
    /// The sentence, without a full stop.
    pub text: String,
}

/// An address that no browser took, while it is being copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnopenedAddress {
    /// The request that copies it.
    pub copy: RequestId,
    /// The reason, as a clause.
    pub why: String,
    /// The address.
    pub url: String,
}

/// The replication of registries, each of which counts for all repositories of an account and Region.
#[derive(Debug, Default)]
pub struct Replications(HashMap<(AccountId, Region), Replication>);

impl Replications {
    /// Takes what a registry has.
    pub fn set_replication(&mut self, owner: AccountId, region: Region, replication: Replication) {
        self.0.insert((owner, region), replication);
    }

    /// Returns the replication of the registry in which a repository stands, as far as it is known.
    pub fn replication_around(&self, repository: &RepositoryRef) -> Replication {
        self.0.get(&(repository.account.clone(), repository.region.clone())).cloned().unwrap_or_default()
    }
}

/// The slowdowns that AWS asks for, by the credentials, Region and owner of a registry.
#[derive(Debug, Default)]
pub struct Slowdowns(HashMap<(Context, AccountId), PolicySlowdowns>);

impl Slowdowns {
    /// Takes what holds in a registry now.
    pub fn set_slowdowns(&mut self, context: Context, owner: AccountId, now: PolicySlowdowns) {
        self.0.insert((context, owner), now);
    }

    /// Returns what holds in a registry, as far as it is known.
    pub fn slowdowns_of(&self, context: &Context, owner: &AccountId) -> PolicySlowdowns {
        self.0.get(&(context.clone(), owner.clone())).copied().unwrap_or_default()
    }
}

/// The policies of registries, each of which counts for all repositories of an account and Region.
#[derive(Debug, Default)]
pub struct RegistryPolicies(HashMap<(AccountId, Region), RegistryPolicy>);

impl RegistryPolicies {
    /// Takes what a registry has now.
    pub fn set_policy(&mut self, owner: AccountId, region: Region, policy: RegistryPolicy) {
        self.0.insert((owner, region), policy);
    }

    /// Returns the policy of a registry, as far as it is known.
    pub fn policy_of(&self, owner: &AccountId, region: &Region) -> RegistryPolicy {
        self.0.get(&(owner.clone(), region.clone())).cloned().unwrap_or_default()
    }

    /// Returns the policy of the registry in which a repository stands.
    pub fn policy_around(&self, repository: &RepositoryRef) -> RegistryPolicy {
        self.policy_of(&repository.account, &repository.region)
    }
}
