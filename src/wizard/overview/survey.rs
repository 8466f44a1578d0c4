//! The accounts and Regions of a review over several: with which profile each registry is read, and how far that is.

use std::collections::HashMap;

use super::elsewhere::Elsewhere;
use super::registry_row::{ListProgress, RegistryRow, SurveyRow};
use crate::ecr::{
    AccountId, Context, Failure, MemberAccount, MemberRole, Region, RepositoryRef, SignInKind, Source, SourceId,
    Verified,
};
use crate::wizard::{RegistryPlace, Remote, RequestId, ReviewOrigin, Signed, SurveyRegions};

/// The profiles that are signed in at once.
const SIGN_INS: usize = 8;
/// The registries that are listed at once. Each has a pace of its own.
const LISTINGS: usize = 32;

/// A review over several accounts and Regions.
#[derive(Debug)]
pub struct Survey {
    regions: SurveyRegions,
    sign_ins: Vec<SurveySignIn>,
    registries: Vec<SurveyedRegistry>,
    index: HashMap<RegistryPlace, usize>,
    /// The other accounts of the organization; none: they are not read.
    organization: Option<OrganizationWalk>,
    /// The data from elsewhere than ECR, in place of all that; none: ECR is read.
    elsewhere: Option<Elsewhere>,
}

/// The way through the accounts of an organization.
#[derive(Debug, Default)]
struct OrganizationWalk {
    /// The name of the role in each account.
    role: String,
    /// The source that manages the organization and assumes the roles, and the Region in which it was signed in; none: it is
    /// not signed in.
    base: Option<(Context, AccountId)>,
    /// The progress of the list of accounts.
    listing: Remote<()>,
    /// The accounts that are suspended or closed.
    closed: Vec<AccountId>,
}

/// A source of credentials that a review signs in with.
#[derive(Debug)]
struct SurveySignIn {
    id: SourceId,
    /// None: there is no such source.
    source: Option<Source>,
    attempt: Remote<()>,
}

/// A registry that a review reads.
#[derive(Debug)]
pub struct SurveyedRegistry {
    /// The credentials and the Region with which it is read and written.
    pub signed: Signed,
    /// The other sources that lead to it.
    pub others: Vec<SourceId>,
    /// The progress of its listing.
    pub listing: Remote<()>,
    /// The repositories that are listed so far.
    pub repositories: usize,
    /// Tells whether the account has enabled the Region, as far as is known. Where it has not, there is nothing to read, which
    /// is no failure where nobody named the Region.
    pub is_enabled: bool,
    /// The Region in which its source was signed in.
    home: Region,
    /// The place of its sign-in in the order of the request.
    order: usize,
}

impl SurveyedRegistry {
    /// Returns its row in the list of registries.
    fn to_row(&self) -> SurveyRow<'_> {
        let progress = match &self.listing {
            Remote::NotAsked => ListProgress::Waiting,
            Remote::Loading { .. } => ListProgress::Listing,
            Remote::Ready(()) => ListProgress::Ended(None),
            Remote::Failed { failure, .. } => ListProgress::Ended(Some(failure)),
        };
        SurveyRow::Registry(RegistryRow {
            signed: &self.signed,
            others: &self.others,
            progress,
            repositories: self.repositories,
            is_enabled: self.is_enabled,
        })
    }
}

/// A registry that goes over to a source that was named before the one that led there first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TakenOver {
    /// The registry.
    pub place: RegistryPlace,
    /// The listing with the other source that is under way: it is to be cancelled.
    pub listing: Option<RequestId>,
}

/// Something that a review asks for next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SurveyStep {
    /// The identity of a source, in a Region where one is given.
    Verify(SourceId, Option<Region>),
    /// The accounts of the organization.
    ListMembers(Context),
    /// A review from elsewhere than ECR.
    ReadElsewhere(ReviewOrigin),
    /// The list of a registry. The home is the Region in which its source was signed in.
    List { context: Context, owner: AccountId, home: Region },
}

impl Survey {
    /// Begins with sources by their ids; those that are not known fail when they are asked. `role`: the name of the role
    /// through which the other accounts of the organization are read.
    pub(super) fn of_sources(
        ids: Vec<SourceId>,
        known: &[Source],
        regions: SurveyRegions,
        role: Option<String>,
    ) -> Self {
        let mut sign_ins: Vec<SurveySignIn> = Vec::new();
        for id in ids {
            if sign_ins.iter().all(|sign_in| sign_in.id != id) {
                let source = known.iter().find(|source| source.id == id).cloned();
                sign_ins.push(SurveySignIn { id, source, attempt: Remote::NotAsked });
            }
        }
        let organization = role.map(|role| OrganizationWalk { role, ..OrganizationWalk::default() });
        Self { regions, sign_ins, registries: Vec::new(), index: HashMap::new(), organization, elsewhere: None }
    }

    /// Begins with what is read from elsewhere than ECR.
    pub(super) fn of_origin(origin: ReviewOrigin) -> Self {
        let elsewhere = Some(Elsewhere::of_origin(origin));
        Self { elsewhere, ..Self::of_sources(Vec::new(), &[], SurveyRegions::Own, None) }
    }

    /// Returns what is read from elsewhere than ECR; none: ECR is read.
    pub fn elsewhere(&self) -> Option<&Elsewhere> {
        self.elsewhere.as_ref()
    }

    /// Returns what is read from elsewhere than ECR, to be changed.
    pub(super) fn elsewhere_mut(&mut self) -> Option<&mut Elsewhere> {
        self.elsewhere.as_mut()
    }

    /// Returns the registries.
    pub fn registries(&self) -> &[SurveyedRegistry] {
        &self.registries
    }

    /// Returns the credentials and the Region of a repository; none: its registry is not part of the review.
    pub fn signed_at(&self, repository: &RepositoryRef) -> Option<&Signed> {
        let at = self.index.get(&RegistryPlace::around(repository))?;
        self.registries.get(*at).map(|registry| &registry.signed)
    }

    /// Returns the rows of the list of registries: what could not be read stands first.
    pub fn rows(&self) -> Vec<SurveyRow<'_>> {
        let sign_ins = self.sign_ins.iter().filter_map(|sign_in| {
            sign_in.attempt.last_failure().map(|failure| SurveyRow::SignIn(&sign_in.id, failure))
        });
        let mut registries: Vec<&SurveyedRegistry> = self.registries.iter().collect();
        registries.sort_by_cached_key(|registry| {
            let rank = (registry.listing.last_failure().is_none(), !registry.is_enabled);
            (rank, registry.order, registry.signed.region.clone())
        });
        let closed = self.organization.iter().flat_map(|walk| &walk.closed).map(SurveyRow::Closed);
        let registries = registries.into_iter().map(SurveyedRegistry::to_row);
        let elsewhere = self.elsewhere.iter().flat_map(Elsewhere::rows);
        self.unlisted_organization().chain(sign_ins).chain(registries).chain(closed).chain(elsewhere).collect()
    }

    /// Returns what could not be read, or not to its end.
    pub fn failures(&self) -> impl Iterator<Item = SurveyRow<'_>> {
        let sign_ins = self.sign_ins.iter().filter_map(|sign_in| {
            sign_in.attempt.last_failure().map(|failure| SurveyRow::SignIn(&sign_in.id, failure))
        });
        let registries = self.registries.iter().filter(|registry| registry.listing.last_failure().is_some());
        let elsewhere = self.elsewhere.iter().flat_map(Elsewhere::failures);
        self.unlisted_organization().chain(sign_ins).chain(registries.map(SurveyedRegistry::to_row)).chain(elsewhere)
    }

    /// Returns the row of an organization whose accounts could not be listed.
    fn unlisted_organization(&self) -> impl Iterator<Item = SurveyRow<'_>> {
        let failure = self.organization.as_ref().and_then(|walk| walk.listing.last_failure());
        failure.into_iter().map(SurveyRow::Organization)
    }

    /// Returns the registries in Regions that their accounts have enabled, as far as is known.
    pub fn enabled_registries(&self) -> impl Iterator<Item = &SurveyedRegistry> {
        self.registries.iter().filter(|registry| registry.is_enabled)
    }

    /// Counts the accounts.
    pub fn count_accounts(&self) -> usize {
        let accounts = self.registries.iter().map(|registry| registry.signed.owner_account());
        let elsewhere = self.elsewhere.iter().flat_map(Elsewhere::accounts);
        accounts.chain(elsewhere).collect::<std::collections::HashSet<_>>().len()
    }

    /// Returns the other accounts of the organization, those too whose role cannot be used.
    pub fn member_accounts(&self) -> impl Iterator<Item = &AccountId> {
        self.sign_ins.iter().filter_map(|sign_in| match &sign_in.id {
            SourceId::Member(member) => Some(&member.account),
            _ => None,
        })
    }

    /// Counts the Regions.
    pub fn count_regions(&self) -> usize {
        let regions = self.enabled_registries().map(|registry| &registry.signed.region);
        let elsewhere = self.elsewhere.iter().flat_map(Elsewhere::places).map(|place| &place.region);
        regions.chain(elsewhere).collect::<std::collections::HashSet<_>>().len()
    }

    /// Returns how many sources are signed in, or could not be, of how many.
    pub fn sign_in_progress(&self) -> (usize, usize) {
        (self.sign_ins.iter().filter(|sign_in| is_settled(&sign_in.attempt)).count(), self.sign_ins.len())
    }

    /// Returns how many registries are listed, or could not be, of how many that are known so far.
    pub fn listing_progress(&self) -> (usize, usize) {
        (self.registries.iter().filter(|registry| is_settled(&registry.listing)).count(), self.registries.len())
    }

    /// Tells whether nothing is awaited.
    pub fn has_ended(&self) -> bool {
        let is_listed = |walk: &OrganizationWalk| walk.base.is_none() || is_settled(&walk.listing);
        self.elsewhere.as_ref().is_none_or(|elsewhere| is_settled(&elsewhere.reading))
            && self.organization.as_ref().is_none_or(is_listed)
            && self.sign_ins.iter().all(|sign_in| is_settled(&sign_in.attempt))
            && self.registries.iter().all(|registry| is_settled(&registry.listing))
    }

    /// Returns the requests under way.
    pub(super) fn awaited_requests(&self) -> Vec<RequestId> {
        let sign_ins = self.sign_ins.iter().filter_map(|sign_in| sign_in.attempt.awaited_request());
        let elsewhere = self.elsewhere.iter().filter_map(|elsewhere| elsewhere.reading.awaited_request());
        let members = self.organization.iter().filter_map(|walk| walk.listing.awaited_request());
        sign_ins
            .chain(members)
            .chain(elsewhere)
            .chain(self.registries.iter().filter_map(|registry| registry.listing.awaited_request()))
            .collect()
    }

    /// Begins the next request, where another may be under way: `id` becomes its number.
    pub(super) fn begin_next(&mut self, id: RequestId, now: u64) -> Option<SurveyStep> {
        if let Some(elsewhere) = self.elsewhere.as_mut().filter(|elsewhere| elsewhere.reading == Remote::NotAsked) {
            elsewhere.reading.begin_request(id, now);
            return Some(SurveyStep::ReadElsewhere(elsewhere.origin().clone()));
        }
        if let Some(walk) = &mut self.organization
            && let Some((context, _)) = &walk.base
            && walk.listing == Remote::NotAsked
        {
            walk.listing.begin_request(id, now);
            return Some(SurveyStep::ListMembers(context.clone()));
        }
        let asked = self.sign_ins.iter().filter(|sign_in| sign_in.attempt.loading_since().is_some()).count();
        let region = match &self.regions {
            SurveyRegions::Named(regions) => regions.first().cloned(),
            SurveyRegions::Own | SurveyRegions::All => None,
        };
        if asked < SIGN_INS
            && let Some(sign_in) = self.sign_ins.iter_mut().find(|sign_in| sign_in.attempt == Remote::NotAsked)
        {
            sign_in.attempt.begin_request(id, now);
            return Some(SurveyStep::Verify(sign_in.id.clone(), region));
        }
        let listed = self.registries.iter().filter(|registry| registry.listing.loading_since().is_some()).count();
        let waiting = self.registries.iter_mut().find(|registry| registry.listing == Remote::NotAsked);
        let registry = waiting.filter(|_| listed < LISTINGS)?;
        registry.listing.begin_request(id, now);
        let (context, owner) = (registry.signed.request_context(), registry.signed.owner_account().clone());
        Some(SurveyStep::List { context, owner, home: registry.home.clone() })
    }

    /// Takes the identity of a source. None: nobody waits for it. Returns the registries that it takes over from another
    /// source.
    ///
    /// A registry to which several sources lead belongs to the first that was named, whichever answers first.
    pub(super) fn take_verified(
        &mut self,
        id: RequestId,
        result: &Result<Verified, Failure>,
    ) -> Option<Vec<TakenOver>> {
        let order = self.sign_ins.iter().position(|sign_in| sign_in.attempt.is_awaiting(id))?;
        let sign_in = self.sign_ins.get_mut(order)?;
        sign_in.attempt.take_answer(id, result.clone().map(|_| ()));
        let (Ok(verified), Some(source)) = (result, sign_in.source.clone()) else { return Some(Vec::new()) };
        if let Some(walk) = self.organization.as_mut().filter(|walk| walk.base.is_none()) {
            let context = Context { source: source.id.clone(), region: verified.region.clone() };
            walk.base = Some((context, verified.identity.account.clone()));
        }
        let regions: Vec<Region> = match &self.regions {
            SurveyRegions::Own => vec![verified.region.clone()],
            SurveyRegions::All => verified.region.partition().regions().collect(),
            SurveyRegions::Named(regions) => regions.clone(),
        };
        let mut taken_over = Vec::new();
        for region in regions {
            let signed = Signed {
                source: source.clone(),
                identity: verified.identity.clone(),
                region,
                endpoint: verified.endpoint.clone(),
            };
            taken_over.extend(self.add_registry(signed, verified.region.clone(), order));
        }
        Some(taken_over)
    }

    /// Takes the accounts of the organization: each is signed in to through its role. None: nobody waits for them.
    pub(super) fn take_members(&mut self, id: RequestId, read: &Result<Vec<MemberAccount>, Failure>) -> Option<()> {
        let walk = self.organization.as_mut().filter(|walk| walk.listing.is_awaiting(id))?;
        walk.listing.take_answer(id, read.as_ref().map(|_| ()).map_err(Clone::clone));
        let (Ok(members), Some((context, own))) = (read, &walk.base) else { return Some(()) };
        for member in members.iter().filter(|member| member.id != *own) {
            if !member.is_active {
                walk.closed.push(member.id.clone());
                continue;
            }
            let (base, home) = (context.source.clone(), context.region.clone());
            let role = MemberRole { account: member.id.clone(), role: walk.role.clone(), base, home };
            let id = SourceId::Member(Box::new(role));
            let mut source = Source::new(id.clone(), SignInKind::Role);
            (source.account, source.role) = (Some(member.id.clone()), Some(walk.role.clone()));
            self.sign_ins.push(SurveySignIn { id, source: Some(source), attempt: Remote::NotAsked });
        }
        Some(())
    }

    /// Adds a registry, or another source that leads to one.
    fn add_registry(&mut self, signed: Signed, home: Region, order: usize) -> Option<TakenOver> {
        let place = signed.registry_place();
        let there = self.index.get(&place).and_then(|at| self.registries.get_mut(*at));
        let Some(registry) = there else {
            self.index.insert(place, self.registries.len());
            let (others, listing) = (Vec::new(), Remote::NotAsked);
            self.registries.push(SurveyedRegistry {
                signed,
                others,
                listing,
                repositories: 0,
                is_enabled: true,
                home,
                order,
            });
            return None;
        };
        if order > registry.order {
            if !registry.others.contains(&signed.source.id) {
                registry.others.push(signed.source.id);
            }
            return None;
        }
        (registry.order, registry.home) = (order, home);
        let before = std::mem::replace(&mut registry.signed, signed);
        if before.source.id == registry.signed.source.id {
            return None;
        }
        registry.others.push(before.source.id);
        let listing = registry.listing.awaited_request();
        // What the other source could not list, this one may.
        if !matches!(registry.listing, Remote::Ready(())) {
            registry.listing = Remote::NotAsked;
            registry.repositories = 0;
        }
        Some(TakenOver { place, listing })
    }

    /// Returns the registry whose list a request is about.
    pub(super) fn listed_by(&mut self, id: RequestId) -> Option<&mut SurveyedRegistry> {
        self.registries.iter_mut().find(|registry| registry.listing.is_awaiting(id))
    }

    /// Takes that the account of a registry has not enabled its Region: where nobody named the Region that is no failure.
    /// Returns the registry; none: nobody waits for it.
    pub(super) fn take_not_enabled(&mut self, id: RequestId, failure: &Failure) -> Option<RegistryPlace> {
        let is_unnamed = self.regions == SurveyRegions::All;
        let registry = self.listed_by(id)?;
        registry.is_enabled = !is_unnamed;
        registry.listing.take_answer(id, if is_unnamed { Ok(()) } else { Err(failure.clone()) });
        Some(registry.signed.registry_place())
    }

    /// Asks for everything again, those that could not be signed in too. The requests under way are to be cancelled.
    ///
    /// A source may be another account by then: no registry is kept.
    pub(super) fn read_again(&mut self) -> Vec<RequestId> {
        let cancelled = self.awaited_requests();
        self.elsewhere.as_mut().into_iter().for_each(Elsewhere::read_again);
        self.sign_ins.retain(|sign_in| !matches!(sign_in.id, SourceId::Member(_)));
        if let Some(walk) = &mut self.organization {
            *walk = OrganizationWalk { role: std::mem::take(&mut walk.role), ..OrganizationWalk::default() };
        }
        for sign_in in &mut self.sign_ins {
            sign_in.attempt = Remote::NotAsked;
        }
        self.registries.clear();
        self.index.clear();
        cancelled
    }

    /// Tells whether a registry is part of the review.
    pub(in crate::wizard) fn has_registry(&self, place: &RegistryPlace) -> bool {
        self.index.contains_key(place) || self.elsewhere.as_ref().is_some_and(|elsewhere| elsewhere.has_registry(place))
    }
}

/// Tells whether an answer came, good or bad.
fn is_settled(attempt: &Remote<()>) -> bool {
    matches!(attempt, Remote::Ready(()) | Remote::Failed { .. })
}
