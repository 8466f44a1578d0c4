//! Accessors of the step for the views: they read it and cannot change it.

use super::{Filter, ListingState, Reads, RegionPicker, RepositoryRows, RepositoryStep, Search, review};
use crate::wizard::Cursor;
use crate::wizard::acceptance::AcceptanceDialog;

impl RepositoryStep {
    /// Returns the place of the chosen row in the list, such as `2 of 9`; `None`: there is only one.
    pub fn place_words(&self) -> Option<String> {
        let count = self.rows.shown_indexes().len();
        (count > 1).then(|| format!("{} of {count}", self.cursor.selected + 1))
    }

    /// Returns the review, where it lies over the list.
    pub fn review(&self) -> Option<&review::Review> {
        self.review.as_ref()
    }

    /// Returns the dialog that accepts a finding, where it is open.
    pub fn acceptance(&self) -> Option<&AcceptanceDialog> {
        self.acceptance.as_ref()
    }

    /// Returns the list of Regions, where it is open.
    pub fn regions(&self) -> Option<&RegionPicker> {
        self.regions.as_ref()
    }

    /// Returns the repositories, filtered and sorted.
    pub fn rows(&self) -> &RepositoryRows {
        &self.rows
    }

    /// Tells whether somebody has moved to the chosen row, or named it.
    pub fn is_moved(&self) -> bool {
        self.moved
    }

    /// Returns how far the list is read.
    pub fn listing(&self) -> &ListingState {
        &self.listing
    }

    /// Returns the filter line.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Returns the cursor in the shown rows.
    pub fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// Returns how far the policies are read.
    pub fn reads(&self) -> &Reads {
        &self.reads
    }

    /// Returns what is asked for by name.
    pub fn search(&self) -> &Search {
        &self.search
    }
}
