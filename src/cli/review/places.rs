//! The registries that a review reads: each account and Region once, whatever profiles lead there.

use std::collections::{BTreeMap, HashMap};

use futures_util::StreamExt as _;

use crate::aws::{AwsAccess, Registry};
use crate::cli::args::{Globals, ReviewArgs};
use crate::cli::output::{Stop, tell_line};
use crate::cli::session::choose_source;
use crate::ecr::text::make_visible;
use crate::ecr::{
    AccountId, Context, Failure, FailureKind, MemberRole, Region, RepositoryName, RepositoryRef, SignInKind, Source,
    SourceId, Verified,
};
use crate::plan::RepositorySelector;
use crate::review::FailedPlace;

/// The number of profiles that are signed in at once.
const SIGN_INS: usize = 8;

/// A registry to read, and the repositories of it that are meant.
#[derive(Debug, Clone)]
pub(super) struct ReviewPlace {
    /// The registry.
    pub(super) registry: Registry,
    /// The repositories.
    pub(super) wanted: WantedRepositories,
    /// The Region in which the source was signed in.
    pub(super) home: Region,
    /// True where somebody named the Region: then it is a failure that the account has not enabled it.
    pub(super) is_named: bool,
}

/// The repositories of a registry that a review is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct WantedRepositories {
    /// Those of the list that a selector takes.
    pub(super) selectors: Vec<RepositorySelector>,
    /// Those that are read without the list.
    pub(super) names: Vec<RepositoryName>,
}

/// The registries of a review, and the profiles that lead nowhere.
#[derive(Debug, Default)]
pub(super) struct ReviewPlaces {
    /// The registries, each once.
    pub(super) places: Vec<ReviewPlace>,
    /// The profiles that could not be signed in.
    pub(super) failed: Vec<FailedPlace>,
    /// The accounts of the profiles that were signed in.
    pub(super) accounts: Vec<AccountId>,
}

/// Signs in and finds the registries that the arguments mean.
pub(super) async fn find_places(
    globals: &Globals,
    args: &ReviewArgs,
    access: &AwsAccess,
) -> Result<ReviewPlaces, Stop> {
    let sources = chosen_sources(globals, args, access).await?;
    let asked = args.regions.first().or(globals.region.as_ref()).or(globals.usual.region.as_ref()).cloned();
    let asked = asked.or_else(|| exact_references(args).next().map(|reference| reference.region.clone()));
    let verify = |source: SourceId| {
        let (access, asked) = (access.clone(), asked.clone());
        async move {
            let verified = Box::pin(access.verify_source(&source, asked.as_ref())).await;
            (source, verified)
        }
    };
    let is_one = sources.len() == 1;
    let mut verified = futures_util::stream::iter(sources).map(verify).buffered(SIGN_INS);
    let mut found =
        Finder { args, access, named: BTreeMap::new(), homes: HashMap::new(), found: ReviewPlaces::default() };
    while let Some((source, outcome)) = verified.next().await {
        match outcome {
            Ok(verified) => {
                found.add_source(source.clone(), &verified).await?;
                if let Some(role) = &args.org_role {
                    found.add_members(&source, &verified, role).await?;
                }
            }
            Err(failure) if is_one => return Err(failure.into()),
            Err(failure) => {
                let words = format!("profile {}", make_visible(&source.to_string()));
                found.found.failed.push(FailedPlace { account: None, region: asked.clone(), words, failure });
            }
        }
    }
    found.add_addresses().await?;
    Ok(found.found)
}

/// Signs in with the one source of credentials that the flags name, or the usual one.
pub(super) async fn sign_in_once(
    globals: &Globals,
    args: &ReviewArgs,
    access: &AwsAccess,
) -> Result<(Context, Verified), Stop> {
    let sources = chosen_sources(globals, args, access).await?;
    let source = choose_source(sources.into_iter().next(), None)?;
    let asked = globals.region.as_ref().or(globals.usual.region.as_ref());
    let verified = Box::pin(access.verify_source(&source, asked)).await?;
    Ok((Context { source, region: verified.region.clone() }, verified))
}

/// Returns the sources of credentials that the flags name.
async fn chosen_sources(globals: &Globals, args: &ReviewArgs, access: &AwsAccess) -> Result<Vec<SourceId>, Stop> {
    if !args.profiles.is_empty() {
        let names = args.profiles.iter().map(|name| name.trim()).filter(|name| !name.is_empty());
        return Ok(names.map(|name| SourceId::Profile(name.to_owned())).collect());
    }
    if args.all_profiles {
        let is_usable =
            |source: &Source| matches!(source.id, SourceId::Profile(_)) && !matches!(source.kind, SignInKind::Nothing);
        let listed = access.list_sources().await?;
        let usable: Vec<SourceId> = listed.into_iter().filter(is_usable).map(|source| source.id).collect();
        if usable.is_empty() {
            return Err(Failure::new(
                FailureKind::NoCredentials,
                "there is no profile with credentials",
                "leave --all-profiles out to use other credentials",
            )
            .into());
        }
        return Ok(usable);
    }
    let named = globals.chosen_source();
    let usual = if named.is_some() { None } else { access.default_source().await? };
    Ok(vec![choose_source(named, usual)?])
}

/// Returns the repositories that are named with their account and Region.
fn exact_references(args: &ReviewArgs) -> impl Iterator<Item = &RepositoryRef> {
    args.repositories.iter().filter_map(|selector| match selector {
        RepositorySelector::Exact { reference, .. } => Some(reference),
        _ => None,
    })
}

struct Finder<'a> {
    args: &'a ReviewArgs,
    access: &'a AwsAccess,
    /// The source of each registry.
    named: BTreeMap<(AccountId, Region), SourceId>,
    /// The Region in which each source was signed in.
    homes: HashMap<SourceId, Region>,
    found: ReviewPlaces,
}

impl Finder<'_> {
    /// Adds the registries that a source leads to.
    async fn add_source(&mut self, source: SourceId, verified: &Verified) -> Result<(), Stop> {
        if let Some(endpoint) = &verified.endpoint {
            tell_line(&format!("note: requests go to {}, which is not AWS", make_visible(endpoint)));
        }
        for line in &verified.ignored {
            tell_line(&format!("note: {}", make_visible(line)));
        }
        self.homes.insert(source.clone(), verified.region.clone());
        let account = &verified.identity.account;
        if !self.found.accounts.contains(account) {
            self.found.accounts.push(account.clone());
        }
        for region in self.regions_of(verified) {
            let key = (account.clone(), region);
            if let Some(other) = self.named.get(&key) {
                let (source, other) = (make_visible(&source.to_string()), make_visible(&other.to_string()));
                tell_line(&format!("note: {source} and {other} are both of {} in {}: it is read once", key.0, key.1));
                continue;
            }
            self.named.insert(key.clone(), source.clone());
            let wanted = self.wanted_here();
            if let Some(wanted) = wanted {
                let is_named = !self.args.all_regions;
                self.add_place(&source, &key.1, &key.0, wanted, is_named).await?;
            }
        }
        Ok(())
    }

    /// Adds the registries of all other accounts of the organization that the source's account manages.
    async fn add_members(&mut self, source: &SourceId, verified: &Verified, role: &str) -> Result<(), Stop> {
        let context = Context { source: source.clone(), region: verified.region.clone() };
        let members = self.access.open_members(&context).await?.list_accounts().await?;
        let inactive: Vec<String> =
            members.iter().filter(|member| !member.is_active).map(|member| member.id.to_string()).collect();
        if !inactive.is_empty() {
            tell_line(&format!("note: not read, since they are suspended or closed: {}", inactive.join(", ")));
        }
        let own = &verified.identity.account;
        for member in members.into_iter().filter(|member| member.is_active && member.id != *own) {
            self.found.accounts.push(member.id.clone());
            for region in self.regions_of(verified) {
                let Some(wanted) = self.wanted_here() else { continue };
                let home = verified.region.clone();
                let (account, role, base) = (member.id.clone(), role.to_owned(), source.clone());
                let source = SourceId::Member(Box::new(MemberRole { account, role, base, home: home.clone() }));
                let registry = self.access.open_registry(&Context { source, region }, &member.id).await?;
                let is_named = !self.args.all_regions;
                self.found.places.push(ReviewPlace { registry, wanted, home, is_named });
            }
        }
        Ok(())
    }

    /// Returns the Regions that are read.
    fn regions_of(&self, verified: &Verified) -> Vec<Region> {
        if self.args.all_regions {
            verified.region.partition().regions().collect()
        } else if self.args.regions.is_empty() {
            vec![verified.region.clone()]
        } else {
            self.args.regions.clone()
        }
    }

    /// Returns the repositories that are meant in each registry; none: only repositories of named registries are.
    fn wanted_here(&self) -> Option<WantedRepositories> {
        let selectors = &self.args.repositories;
        if selectors.is_empty() {
            return Some(WantedRepositories { selectors: vec![RepositorySelector::All], names: Vec::new() });
        }
        let here: Vec<RepositorySelector> = selectors
            .iter()
            .filter(|selector| !matches!(selector, RepositorySelector::Exact { .. }))
            .cloned()
            .collect();
        let names = here.iter().map(|selector| match selector {
            RepositorySelector::Name(name) => Some(name.clone()),
            _ => None,
        });
        let is_one = self.args.org_role.is_none()
            && !self.args.all_regions
            && self.args.regions.len() < 2
            && self.args.profiles.len() < 2;
        match names.collect::<Option<Vec<_>>>() {
            _ if here.is_empty() => None,
            // Of one registry a name needs no list, and is missed where it is not there.
            Some(names) if is_one && !self.args.all_profiles => {
                Some(WantedRepositories { selectors: Vec::new(), names })
            }
            _ => Some(WantedRepositories { selectors: here, names: Vec::new() }),
        }
    }

    /// Adds the repositories that are named with their account and Region.
    async fn add_addresses(&mut self) -> Result<(), Stop> {
        for reference in exact_references(self.args) {
            let of_account = self.named.iter().find(|((account, _), _)| *account == reference.account);
            let Some((_, source)) = of_account.or_else(|| self.named.iter().next()) else { continue };
            let wanted = WantedRepositories { selectors: Vec::new(), names: vec![reference.name.clone()] };
            let source = source.clone();
            self.add_place(&source, &reference.region, &reference.account, wanted, true).await?;
        }
        Ok(())
    }

    async fn add_place(
        &mut self,
        source: &SourceId,
        region: &Region,
        owner: &AccountId,
        wanted: WantedRepositories,
        is_named: bool,
    ) -> Result<(), Stop> {
        let same =
            |place: &&mut ReviewPlace| place.registry.owner() == owner && place.registry.context().region == *region;
        if let Some(place) = self.found.places.iter_mut().find(same) {
            place.is_named |= is_named;
            for name in wanted.names {
                let reference = place.registry.reference_to(&name);
                let is_taken = place.wanted.selectors.iter().any(|selector| selector.selects(&reference));
                if !is_taken && !place.wanted.names.contains(&name) {
                    place.wanted.names.push(name);
                }
            }
            return Ok(());
        }
        let context = Context { source: source.clone(), region: region.clone() };
        let registry = self.access.open_registry(&context, owner).await?;
        let home = self.homes.get(source).unwrap_or(region).clone();
        self.found.places.push(ReviewPlace { registry, wanted, home, is_named });
        Ok(())
    }
}
