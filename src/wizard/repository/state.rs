//! The state of step 2, apart from the model.

use super::order::{Order, Sort};
use super::parties::ReviewParties;
use super::reads::Reads;
use super::row::RepositoryRow;
use super::rows::RepositoryRows;
use super::search::Search;
use crate::ecr::Repository;
use crate::ecr::{AccountId, Context, Failure, RepositoryName, RepositoryRef};
use crate::review::AcceptedFindings;
use crate::wizard::acceptance::AcceptanceDialog;
use crate::wizard::filter::{Filter, keep_choice};
use crate::wizard::overview::Survey;
use crate::wizard::overview::state::Overview;
use crate::wizard::regions::RegionPicker;
use crate::wizard::review::state::Review;
use crate::wizard::{Cursor, RegistryPlace, RequestId};

/// The state of the step.
#[derive(Debug, Default)]
pub struct RepositoryStep {
    /// The review that lies over the list, where one is open.
    pub(super) review: Option<Review>,
    /// The review of all repositories, where the list shows it.
    pub(super) overview: Option<Overview>,
    /// The dialog that accepts a finding, where it is open.
    pub(super) acceptance: Option<AcceptanceDialog>,
    /// The open list of Regions.
    pub(super) regions: Option<RegionPicker>,
    /// The repositories.
    pub(super) rows: RepositoryRows,
    /// The progress of the listing.
    pub(super) listing: ListingState,
    /// The filter line.
    pub(super) filter: Filter,
    /// The chosen row.
    pub(super) cursor: Cursor,
    /// The reading of policies.
    pub(super) reads: Reads,
    /// The parties that are known.
    pub(super) parties: ReviewParties,
    /// The repositories that are looked for by name.
    pub(super) search: Search,
    /// The account and Region of the list.
    pub(in crate::wizard) base: Option<(Context, AccountId)>,
    /// Tells whether the user has moved: until then the list stays at its top.
    pub(super) moved: bool,
    /// The repository that the tag of a pasted image belongs to.
    pub(super) tagged: Option<RepositoryName>,
}

/// The progress of the listing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ListingState {
    /// Nobody asked.
    #[default]
    NotAsked,
    /// Pages are coming.
    Loading {
        /// The request whose pages count.
        id: RequestId,
        /// The time of the request, in milliseconds of the model's clock.
        since: u64,
    },
    /// All are there.
    Complete,
    /// It ended early; what came before is kept.
    Failed(Failure),
}

/// The thing that the step shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShownLayer {
    /// The list of repositories.
    List,
    /// The list of Regions over it.
    Regions,
    /// The open filter line.
    Filter,
    /// The grantees of a review of all.
    Grantees,
    /// The registries of a review of several.
    Registries,
    /// The review of one repository.
    Review(RepositoryRef),
}

impl RepositoryStep {
    /// Returns what the step shows.
    pub fn shown_layer(&self) -> ShownLayer {
        let overview = self.overview.as_ref();
        if let Some(review) = &self.review {
            ShownLayer::Review(review.repository.reference.clone())
        } else if self.regions.is_some() {
            ShownLayer::Regions
        } else if self.filter.open {
            ShownLayer::Filter
        } else if overview.is_some_and(|overview| overview.registries.is_some()) {
            ShownLayer::Registries
        } else if overview.is_some_and(|overview| overview.grantees.is_some()) {
            ShownLayer::Grantees
        } else {
            ShownLayer::List
        }
    }

    /// Tells whether the list is shown, without a list of Regions, a review or a dialog over it.
    pub fn is_listing_shown(&self) -> bool {
        self.review.is_none() && self.regions.is_none() && self.acceptance.is_none()
    }

    /// Returns the review of all repositories, where the list shows it.
    pub fn overview(&self) -> Option<&Overview> {
        self.overview.as_ref()
    }

    /// Returns the accounts and Regions of the list, where they are not those of one sign-in.
    pub(super) fn covered_survey(&self) -> Option<&Survey> {
        self.overview.as_ref()?.survey()
    }

    /// Returns the review of all repositories, to be changed.
    pub(in crate::wizard) fn overview_mut(&mut self) -> Option<&mut Overview> {
        self.overview.as_mut()
    }

    /// Shows the review of all repositories in the list, the worst first, or the list alone again.
    pub(in crate::wizard) fn show_overview(&mut self, on: bool) {
        self.overview = on.then(Overview::default);
        self.reads.read_thoroughly(on);
        self.rows.set_order(Order { by: if on { Sort::Worst } else { Sort::Name }, is_backwards: false });
        self.cursor = Cursor::default();
        self.moved = false;
    }

    /// Filters the list by a text.
    pub(in crate::wizard) fn filter_by(&mut self, query: &str, height: usize) {
        self.filter.set_text(query);
        self.rows.apply_filter(query);
        self.cursor.select_row(self.rows.first_match(), self.rows.shown_indexes().len(), height);
    }

    /// Takes the review off the list.
    pub(in crate::wizard) fn take_review(&mut self) -> Option<Review> {
        self.review.take()
    }

    /// Lays a review over the list.
    pub(in crate::wizard) fn put_review(&mut self, review: Review) {
        self.review = Some(review);
    }

    /// Returns the review, to be changed.
    pub(in crate::wizard) fn review_mut(&mut self) -> Option<&mut Review> {
        self.review.as_mut()
    }

    /// Returns the dialog that accepts a finding, to be changed.
    pub(in crate::wizard) fn acceptance_mut(&mut self) -> Option<&mut AcceptanceDialog> {
        self.acceptance.as_mut()
    }

    /// Lays the dialog that accepts a finding over what is shown, or takes it away.
    pub(in crate::wizard) fn put_acceptance(&mut self, dialog: Option<AcceptanceDialog>) {
        self.acceptance = dialog;
    }

    /// Marks the findings that somebody accepted in all rows. The open review shows it too.
    pub(in crate::wizard) fn accept_findings(&mut self, accepted: AcceptedFindings) {
        if let Some(overview) = &mut self.overview {
            overview.around.mark_accepted(&accepted);
        }
        self.rows.accept_findings(accepted);
        if let Some(review) = &mut self.review {
            review.changes += 1;
        }
    }

    /// Notes that what the review shows may be another text by now.
    pub(in crate::wizard) fn doubt_review(&mut self) {
        if let Some(review) = &mut self.review {
            review.is_doubtful = true;
        }
    }

    /// Returns the place in the list of the repository so many rows further on, from the last one to the first; `None`: there
    /// is no other.
    pub(in crate::wizard) fn place_of_neighbour(&self, by: isize) -> Option<usize> {
        let len = isize::try_from(self.rows.shown_indexes().len()).ok().filter(|len| *len > 1)?;
        let at = isize::try_from(self.cursor.selected).ok()?;
        usize::try_from((at + by).rem_euclid(len)).ok()
    }

    /// Chooses that repository, and returns it.
    pub(in crate::wizard) fn choose_neighbour(&mut self, by: isize) -> Option<Repository> {
        self.cursor.selected = self.place_of_neighbour(by)?;
        self.moved = true;
        self.chosen_row().map(|row| row.repository.clone())
    }

    /// Returns when the oldest request was asked that somebody waits for.
    pub fn waiting_since(&self) -> Option<u64> {
        if let Some(review) = &self.review {
            return review.stored.loading_since().or(review.policies.loading_since());
        }
        let listing = match &self.listing {
            ListingState::Loading { since, .. } => Some(*since),
            _ => None,
        };
        listing.into_iter().chain(self.search.waiting_since()).min()
    }

    /// Returns the place of the registry whose list this is; none: nobody is signed in, or the list is of several.
    pub(super) fn listed_place(&self) -> Option<RegistryPlace> {
        let (context, owner) = self.base.as_ref()?;
        Some(RegistryPlace { account: owner.clone(), region: context.region.clone() })
    }

    /// Returns the index of a repository of the registry that is listed.
    pub fn find_named(&self, name: &RepositoryName) -> Option<usize> {
        self.rows.find_row(&self.listed_place()?.reference_to(name))
    }

    /// The chosen row.
    pub fn chosen_row(&self) -> Option<&RepositoryRow> {
        self.rows.row_at(self.cursor.selected)
    }

    /// Changes the rows while the same repository stays chosen, at the same place on the screen.
    pub(super) fn change_rows<T>(&mut self, height: usize, change: impl FnOnce(&mut RepositoryRows) -> T) -> T {
        let was = self.cursor.selected;
        let chosen = self.chosen_row().filter(|_| self.moved).map(|row| row.repository.reference.clone());
        let out = change(&mut self.rows);
        let len = self.rows.shown_indexes().len();
        let now_at = chosen.and_then(|reference| self.rows.find_row(&reference)).and_then(|at| self.rows.place_of(at));
        keep_choice(&mut self.cursor, Some(was), now_at, len, height);
        out
    }

    /// Chooses a row by its index.
    #[cfg(test)]
    pub(crate) fn choose_for_test(&mut self, at: usize) {
        self.choose_row(at, 10);
    }

    /// Gives a row what reading its policy would have told.
    #[cfg(test)]
    pub(in crate::wizard) fn set_access(&mut self, name: &RepositoryName, access: super::reads::PullAccess) {
        if let Some(at) = self.find_named(name) {
            self.rows.set_access(at, access.into());
        }
    }

    /// Chooses a row, taking the filter away when it hides it.
    pub(super) fn choose_row(&mut self, at: usize, height: usize) {
        if self.rows.place_of(at).is_none() && self.filter.take_escape() {
            self.rows.apply_filter("");
        }
        if let Some(place) = self.rows.place_of(at) {
            self.cursor.select_row(place, self.rows.shown_indexes().len(), height);
            self.moved = true;
        }
    }
}
