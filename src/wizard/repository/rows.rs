//! The repositories of a registry as rows: what is known of each, their order, and which of them the filter shows.
//! Made for 10,000: the order is kept while pages arrive, and a longer query looks only at what the shorter one left.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::matching::{FilterWords, Judgement, Query, Rank, RowText, is_plain};
use super::reads::{FoundAccess, PullAccess, ReadState};
use crate::ecr::{Repository, RepositoryRef};
use crate::policy::Severity;
use crate::review::RepositoryEntry;
use crate::wizard::RegistryPlace;

/// One repository.
#[derive(Debug)]
pub struct RepositoryRow {
    /// The repository as the listing tells of it.
    pub repository: Repository,
    /// The access, as far as it is known.
    pub access: PullAccess,
    /// The repository in a review; none: its policy is not read.
    pub entry: Option<Arc<RepositoryEntry>>,
    pub(super) read: ReadState,
    /// The gravest finding: asked for at each comparison of two rows.
    gravest: Option<Severity>,
    pub(super) text: RowText,
    generation: u64,
}

impl RepositoryRow {
    /// Tells whether its policy is being read, and nothing is known of it yet.
    pub fn is_being_read(&self) -> bool {
        self.read == ReadState::Asked && self.access == PullAccess::Unknown
    }

    /// Returns the key that puts the worst first.
    fn badness(&self) -> impl Ord + use<> {
        (self.access.width_rank(), Reverse(self.gravest))
    }

    /// Tells whether its policy was read since the list was asked for.
    pub fn is_read(&self) -> bool {
        self.read == ReadState::Done && self.entry.is_some()
    }
}

/// The order of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// By name.
    #[default]
    Name,
    /// The newest first.
    Newest,
    /// The widest open first.
    Access,
    /// The widest open with the gravest findings first; what is not known last.
    Worst,
}

impl Sort {
    /// The next order, round and round; the overview has the worst first in place of the order by access.
    #[must_use]
    pub fn next_order(self, in_overview: bool) -> Self {
        match self {
            Self::Name => Self::Newest,
            Self::Newest if in_overview => Self::Worst,
            Self::Newest => Self::Access,
            Self::Access | Self::Worst => Self::Name,
        }
    }

    /// The order in words.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Name => "by name",
            Self::Newest => "newest first",
            Self::Access => "by who can pull",
            Self::Worst => "worst first",
        }
    }

    fn compare_rows(self, a: &RepositoryRow, b: &RepositoryRow) -> Ordering {
        let first = match self {
            Self::Name => Ordering::Equal,
            Self::Newest => Reverse(a.repository.created).cmp(&Reverse(b.repository.created)),
            Self::Access => a.access.width_rank().cmp(&b.access.width_rank()),
            Self::Worst => a.badness().cmp(&b.badness()),
        };
        first
            .then_with(|| a.repository.name().cmp(b.repository.name()))
            .then_with(|| a.repository.reference.cmp(&b.repository.reference))
    }
}

/// All rows of the list: of one registry, or of all that a review covers.
#[derive(Debug, Default)]
pub struct RepositoryRows {
    /// In the order of their arrival; everything else holds indexes of this.
    all: Vec<RepositoryRow>,
    index: HashMap<RepositoryRef, usize>,
    sort: Sort,
    /// All rows in the chosen order.
    sorted: Vec<usize>,
    /// For each row its place in that order.
    places: Vec<usize>,
    query: String,
    /// The rows that the list shows: marked ones that the filter does not match, then what it matches, the best first.
    shown: Vec<usize>,
    /// The number of marked rows before the matches.
    kept: usize,
    marks: BTreeSet<RepositoryRef>,
    generation: u64,
    /// Counts the changes of what is known of the rows.
    version: u64,
}

impl RepositoryRows {
    /// Builds an empty list in an order.
    pub(super) fn sorted_by(sort: Sort) -> Self {
        Self { sort, ..Self::default() }
    }

    /// Returns the number of changes of what is known of the rows.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Tells whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Returns what the list shows, as indexes.
    pub fn shown_indexes(&self) -> &[usize] {
        &self.shown
    }

    /// Returns what the filter matches, as indexes.
    pub fn matched_indexes(&self) -> &[usize] {
        self.shown.get(self.kept..).unwrap_or_default()
    }

    /// Returns the place of the best match.
    pub fn first_match(&self) -> usize {
        self.kept
    }

    /// All rows in the chosen order, as indexes.
    pub fn sorted_indexes(&self) -> &[usize] {
        &self.sorted
    }

    /// The order.
    pub fn current_sort(&self) -> Sort {
        self.sort
    }

    /// A row by its index.
    pub fn get(&self, at: usize) -> Option<&RepositoryRow> {
        self.all.get(at)
    }

    pub(super) fn get_mut(&mut self, at: usize) -> Option<&mut RepositoryRow> {
        self.all.get_mut(at)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut RepositoryRow> {
        self.all.iter_mut()
    }

    /// The index of a repository.
    pub fn find_row(&self, repository: &RepositoryRef) -> Option<usize> {
        self.index.get(repository).copied()
    }

    /// The row that the list shows at this place.
    pub fn row_at(&self, place: usize) -> Option<&RepositoryRow> {
        self.get(*self.shown.get(place)?)
    }

    /// Returns where the list shows a row.
    pub fn place_of(&self, at: usize) -> Option<usize> {
        self.shown.iter().position(|row| *row == at)
    }

    /// A new listing begins: what it does not bring again is gone when it ends.
    pub(super) fn begin_listing(&mut self) {
        self.generation += 1;
    }

    /// Adds repositories, or brings those that are there up to date.
    pub(super) fn put_rows(&mut self, repositories: Vec<Repository>) {
        let mut new = Vec::with_capacity(repositories.len());
        for repository in repositories {
            if let Some(row) = self.index.get(&repository.reference).and_then(|at| self.all.get_mut(*at)) {
                row.repository = repository;
                row.generation = self.generation;
            } else {
                let at = self.all.len();
                self.index.insert(repository.reference.clone(), at);
                self.all.push(RepositoryRow {
                    text: RowText::of_listed(&repository.reference),
                    repository,
                    access: PullAccess::Unknown,
                    entry: None,
                    read: ReadState::Wanted,
                    gravest: None,
                    generation: self.generation,
                });
                new.push(at);
            }
        }
        if new.is_empty() {
            return;
        }
        self.put_in_order(&mut new);
        self.sorted = self.merge_sorted(&new);
        self.settle_places();
    }

    /// The listing of a registry is complete: what it did not bring is gone.
    pub(super) fn finish_listing(&mut self, place: &RegistryPlace) {
        let generation = self.generation;
        let is_gone = |row: &RepositoryRow| row.generation != generation && place.holds(&row.repository.reference);
        if !self.all.iter().any(is_gone) {
            return;
        }
        self.drop_rows(is_gone);
    }

    /// Keeps the rows of some registries alone.
    pub(super) fn keep_registries(&mut self, is_kept: impl Fn(&RegistryPlace) -> bool) {
        let places: BTreeSet<RegistryPlace> =
            self.all.iter().map(|row| RegistryPlace::around(&row.repository.reference)).collect();
        let gone: BTreeSet<RegistryPlace> = places.into_iter().filter(|place| !is_kept(place)).collect();
        if !gone.is_empty() {
            self.drop_rows(|row| gone.contains(&RegistryPlace::around(&row.repository.reference)));
        }
    }

    fn drop_rows(&mut self, is_gone: impl Fn(&RepositoryRow) -> bool) {
        self.all.retain(|row| !is_gone(row));
        self.index = self.all.iter().enumerate().map(|(at, row)| (row.repository.reference.clone(), at)).collect();
        self.marks.retain(|reference| self.index.contains_key(reference));
        self.sort_again();
    }

    /// Takes another order.
    pub(super) fn set_sort(&mut self, sort: Sort) {
        self.sort = sort;
        self.sort_again();
    }

    /// Puts the rows in order anew.
    pub(super) fn sort_again(&mut self) {
        let mut sorted: Vec<usize> = (0..self.all.len()).collect();
        self.put_in_order(&mut sorted);
        self.sorted = sorted;
        self.settle_places();
    }

    /// Shows what matches a query, best first, equals in the chosen order: names, and behind them what else is known.
    /// Marked rows stay, on top where the query does not match them.
    pub(super) fn apply_filter(&mut self, query: &str) {
        let query = query.trim();
        let narrower = !self.query.is_empty() && query.starts_with(&self.query) && is_plain(query);
        let candidates = if narrower { self.matched_indexes().to_vec() } else { self.sorted.clone() };
        query.clone_into(&mut self.query);
        self.kept = 0;
        if query.is_empty() {
            self.shown = candidates;
            return;
        }
        let mut judging = Query::new(query);
        let mut found: Vec<(Rank, usize, usize)> = Vec::with_capacity(candidates.len());
        for at in candidates {
            let Some(row) = self.all.get(at) else { continue };
            if let Judgement::Matched(rank) = judging.judge(row) {
                found.push((rank, self.places.get(at).copied().unwrap_or_default(), at));
            }
        }
        found.sort_unstable();
        let matched: Vec<usize> = found.into_iter().map(|(_, _, at)| at).collect();
        let is_kept = |at: &usize| self.all.get(*at).is_some_and(|row| self.is_marked(row)) && !matched.contains(at);
        let mut shown: Vec<usize> = Vec::new();
        if !self.marks.is_empty() {
            shown.extend(self.sorted.iter().copied().filter(is_kept));
        }
        self.kept = shown.len();
        shown.extend(matched);
        self.shown = shown;
    }

    /// Takes who can pull from a repository, and shows it where the filter asks for that.
    pub(super) fn set_access(&mut self, at: usize, found: FoundAccess) {
        let FoundAccess { access, entry } = found;
        self.version += 1;
        let Some(row) = self.all.get_mut(at) else { return };
        row.gravest = entry.as_ref().and_then(|entry| entry.findings().map(|finding| finding.severity).max());
        row.text.set_read(&access, entry.as_deref());
        row.entry = entry;
        row.access = access;
        // What its name matches is shown already.
        let is_found =
            !self.query.is_empty() && FilterWords::of(&self.query).judge(row) == Judgement::Matched(Rank::Text);
        if is_found && !self.shown.contains(&at) {
            self.shown.push(at);
        }
    }

    /// Returns the rows that the filter hides although their policies, which are not read, may be what it asks for.
    pub(super) fn unjudged_rows(&self) -> impl Iterator<Item = &RepositoryRow> {
        let mut is_shown = vec![false; self.all.len()];
        for at in &self.shown {
            if let Some(shown) = is_shown.get_mut(*at) {
                *shown = true;
            }
        }
        let words = FilterWords::of(&self.query);
        let hidden = self.all.iter().zip(is_shown).filter(|(_, is_shown)| !is_shown).map(|(row, _)| row);
        hidden.filter(move |row| !row.is_read() && words.judge(row) == Judgement::Unjudged)
    }

    /// Tells whether a row is marked.
    pub fn is_marked(&self, row: &RepositoryRow) -> bool {
        self.marks.contains(&row.repository.reference)
    }

    /// Returns how many rows are marked.
    pub fn count_marked(&self) -> usize {
        self.marks.len()
    }

    /// Tells whether going on from a row takes the marked ones: marks that the filter does not match decide only from
    /// their own rows.
    pub fn decides_by_marks(&self, chosen: Option<&RepositoryRow>) -> bool {
        let matched = self.matched_indexes().iter().filter_map(|at| self.get(*at));
        chosen.is_some_and(|row| self.is_marked(row)) || matched.into_iter().any(|row| self.is_marked(row))
    }

    /// Marks a row, or takes its mark away.
    pub(super) fn set_mark(&mut self, at: usize, on: bool) {
        let Some(reference) = self.all.get(at).map(|row| row.repository.reference.clone()) else { return };
        if on {
            self.marks.insert(reference);
        } else {
            self.marks.remove(&reference);
        }
    }

    /// Marks all that the filter shows and whose name holds each of the words as typed; takes their marks away when all
    /// of them are marked. The filter also shows names that only have the letters in order: nobody sees at a glance
    /// that `pay` brought in `platform/api-gateway`, so those are marked one by one. Gives their number.
    pub(super) fn mark_shown(&mut self, query: &str) -> usize {
        let query = query.to_lowercase();
        let holds =
            |row: &RepositoryRow| query.split_whitespace().all(|word| row.repository.name().as_str().contains(word));
        let (close, loose): (Vec<usize>, Vec<usize>) =
            self.matched_indexes().iter().partition(|at| self.get(**at).is_some_and(holds));
        let all = close.iter().filter_map(|at| self.get(*at)).all(|row| self.is_marked(row));
        for at in close {
            self.set_mark(at, !all);
        }
        loose.len()
    }

    /// Takes all marks away.
    pub(super) fn unmark_all(&mut self) {
        self.marks.clear();
    }

    /// The marked repositories, in the chosen order.
    pub fn marked_repositories(&self) -> Vec<Repository> {
        let rows = self.sorted.iter().filter_map(|at| self.get(*at));
        rows.filter(|row| self.is_marked(row)).map(|row| row.repository.clone()).collect()
    }

    fn put_in_order(&self, rows: &mut [usize]) {
        rows.sort_by(|a, b| match (self.all.get(*a), self.all.get(*b)) {
            (Some(a), Some(b)) => self.sort.compare_rows(a, b),
            _ => Ordering::Equal,
        });
    }

    /// The order with new rows, themselves in order, put in: one pass.
    fn merge_sorted(&self, new: &[usize]) -> Vec<usize> {
        let mut merged = Vec::with_capacity(self.sorted.len() + new.len());
        let (mut old, mut new) = (self.sorted.iter().copied().peekable(), new.iter().copied().peekable());
        loop {
            let next = match (old.peek(), new.peek()) {
                (Some(a), Some(b)) => match (self.all.get(*a), self.all.get(*b)) {
                    (Some(a), Some(b)) if self.sort.compare_rows(a, b) == Ordering::Greater => new.next(),
                    _ => old.next(),
                },
                (Some(_), None) => old.next(),
                (None, _) => new.next(),
            };
            match next {
                Some(at) => merged.push(at),
                None => return merged,
            }
        }
    }

    /// After a change of the order: places and filter follow.
    fn settle_places(&mut self) {
        self.places = vec![0; self.all.len()];
        for (place, at) in self.sorted.iter().enumerate() {
            if let Some(slot) = self.places.get_mut(*at) {
                *slot = place;
            }
        }
        let query = std::mem::take(&mut self.query);
        self.apply_filter(&query);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wizard::testing::{test_repository, test_signed};

    fn rows(names: &[&str]) -> RepositoryRows {
        let mut rows = RepositoryRows::default();
        rows.put_rows(names.iter().map(|name| test_repository(name)).collect());
        rows
    }

    fn names(rows: &RepositoryRows) -> Vec<String> {
        rows.shown_indexes().iter().filter_map(|at| rows.get(*at)).map(|r| r.repository.name().to_string()).collect()
    }

    #[test]
    fn pages_are_merged_into_the_order() {
        let mut rows = rows(&["cc", "aa"]);
        rows.put_rows(["dd", "bb", "aa"].map(test_repository).into());
        assert_eq!(names(&rows), ["aa", "bb", "cc", "dd"]);
        assert_eq!(rows.len(), 4);
    }

    #[test]
    fn a_longer_query_finds_what_a_fresh_one_finds() {
        let all = ["team/app", "team/api", "platform/tap", "data/vendor-feed", "vendorapp", "ap/te"];
        for whole in ["app", "t/a", "vend", "!t", "ap$", "te ap", "tea'"] {
            let mut step_by_step = rows(&all);
            for end in 1..=whole.len() {
                step_by_step.apply_filter(&whole[..end]);
            }
            let mut at_once = rows(&all);
            at_once.apply_filter(whole);
            assert_eq!(names(&step_by_step), names(&at_once), "{whole}");
        }
    }

    #[test]
    fn a_page_that_comes_while_filtering_is_filtered_too() {
        let mut rows = rows(&["vendorapp", "billing"]);
        rows.apply_filter("vend");
        rows.put_rows(["vendor", "other"].map(test_repository).into());
        assert_eq!(names(&rows), ["vendor", "vendorapp"]);
    }

    #[test]
    fn a_refresh_drops_what_is_gone_and_keeps_the_marks_of_the_rest() {
        let mut rows = rows(&["aa", "bb", "cc"]);
        rows.mark_shown("");
        rows.begin_listing();
        rows.put_rows(["cc", "aa"].map(test_repository).into());
        assert_eq!(rows.count_marked(), 3, "until the listing is complete");
        rows.finish_listing(&test_signed().registry_place());
        assert_eq!(names(&rows), ["aa", "cc"]);
        assert_eq!(rows.count_marked(), 2);
        assert_eq!(
            rows.find_row(&test_repository("cc").reference).and_then(|at| rows.get(at)).unwrap().repository,
            test_repository("cc")
        );
    }

    #[test]
    fn the_newest_come_first_and_those_without_a_date_last() {
        let mut all = ["old", "new", "unknown"].map(test_repository);
        all[0].created = Some(1);
        all[1].created = Some(2);
        all[2].created = None;
        let mut rows = RepositoryRows::default();
        rows.put_rows(all.into());
        rows.set_sort(Sort::Newest);
        assert_eq!(names(&rows), ["new", "old", "unknown"]);
    }

    #[test]
    fn marking_all_marks_what_is_shown_and_a_second_time_takes_it_back() {
        let mut rows = rows(&["app-one", "app-two", "other"]);
        rows.apply_filter("app");
        rows.mark_shown("app");
        assert_eq!(rows.marked_repositories(), ["app-one", "app-two"].map(test_repository));
        rows.mark_shown("app");
        assert_eq!(rows.count_marked(), 0);
    }

    #[test]
    fn names_that_only_have_the_letters_in_order_are_not_marked_with_all() {
        let mut rows = rows(&["payments-api", "platform/any"]);
        rows.apply_filter("pay");
        assert_eq!(rows.shown_indexes().len(), 2, "the filter is a loose one");
        assert_eq!(rows.mark_shown("Pay"), 1);
        assert_eq!(rows.marked_repositories(), ["payments-api"].map(test_repository));
    }
}
