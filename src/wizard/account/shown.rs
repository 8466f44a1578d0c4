//! Accessors of the step for the views: they read it and cannot change it.

use super::{AccountStep, Filter, RegionPicker};
use crate::ecr::Source;
use crate::wizard::{Cursor, Remote};

impl AccountStep {
    /// Returns all sources, as far as they were found.
    pub fn sources(&self) -> &Remote<Vec<Source>> {
        &self.sources
    }

    /// Returns the filter line.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Returns the shown rows, as indexes of the sources.
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// Returns the cursor in the shown rows.
    pub fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// Returns the list of Regions, where it is open.
    pub fn regions(&self) -> Option<&RegionPicker> {
        self.regions.as_ref()
    }
}
