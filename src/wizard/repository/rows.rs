//! The repositories of a registry as rows: what is known of each, their order, and which of them the filter shows.
//! Made for 10,000: the order is kept while pages arrive, and a longer query looks only at what the shorter one left.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::matching::{FilterWords, Judgement, Query, Rank, is_plain};
use super::order::{Order, OrderKey, OrderKeys};
use super::reads::FoundAccess;
use super::row::RepositoryRow;
use super::tally::Tally;
use crate::ecr::{Repository, RepositoryRef};
use crate::review::AcceptedFindings;
use crate::wizard::RegistryPlace;

/// All rows of the list: of one registry, or of all that a review covers.
#[derive(Debug, Default)]
pub struct RepositoryRows {
    /// In the order of their arrival; everything else holds indexes of this.
    all: Vec<RepositoryRow>,
    index: HashMap<RepositoryRef, usize>,
    order: Order,
    /// All rows by name.
    by_name: Vec<usize>,
    /// For each row its place by name.
    name_places: Vec<usize>,
    /// All rows in the chosen order.
    sorted: Vec<usize>,
    /// For each row its place in that order.
    places: Vec<usize>,
    query: String,
    /// The rows that the list shows: marked ones that the filter does not match, then what it matches, the best first.
    shown: Vec<usize>,
    /// For each row whether the list shows it.
    is_shown: Vec<bool>,
    /// The number of marked rows before the matches.
    kept: usize,
    /// The number of marked rows.
    marked: usize,
    /// The sum of the shown rows.
    sum: Tally,
    /// The findings that somebody accepted.
    accepted: AcceptedFindings,
    generation: u64,
    /// Counts the changes of what is known of the rows.
    version: u64,
}

impl RepositoryRows {
    /// Returns an empty list with the same order and the same accepted findings.
    pub(super) fn emptied(&self) -> Self {
        Self { order: self.order, accepted: self.accepted.clone(), ..Self::default() }
    }

    /// Returns the sum of what a review tells of the shown rows.
    pub fn sum(&self) -> Tally {
        self.sum
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
    pub fn current_order(&self) -> Order {
        self.order
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
                self.all.push(RepositoryRow::of_listed(repository, self.generation));
                new.push(at);
            }
        }
        if new.is_empty() {
            return;
        }
        self.sort_by_name(&mut new);
        self.by_name = self.merge_names(&new);
        self.name_places = places_of(&self.by_name);
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

    /// Drops the rows that did not come since the listing began.
    pub(super) fn finish_all(&mut self) {
        let generation = self.generation;
        if self.all.iter().any(|row| row.generation != generation) {
            self.drop_rows(|row| row.generation != generation);
        }
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
        self.marked = self.all.iter().filter(|row| row.is_marked).count();
        let mut by_name: Vec<usize> = (0..self.all.len()).collect();
        self.sort_by_name(&mut by_name);
        self.name_places = places_of(&by_name);
        self.by_name = by_name;
        self.sort_again();
    }

    /// Takes another order.
    pub(super) fn set_order(&mut self, order: Order) {
        self.order = order;
        self.sort_again();
    }

    /// Puts the rows in order anew.
    pub(super) fn sort_again(&mut self) {
        let keys = OrderKeys::of_rows(self.order, &self.all);
        let mut keyed: Vec<(OrderKey, usize, usize)> =
            (0..self.all.len()).map(|at| self.placed_key(&keys, at)).collect();
        keyed.sort_unstable();
        self.sorted = keyed.into_iter().map(|(.., at)| at).collect();
        self.settle_places();
    }

    /// Returns the findings that somebody accepted.
    pub(in crate::wizard) fn accepted_findings(&self) -> &AcceptedFindings {
        &self.accepted
    }

    /// Takes the findings that somebody accepted, in place of those before.
    pub(super) fn accept_findings(&mut self, accepted: AcceptedFindings) {
        self.accepted = accepted;
        let is_shown = |at: usize| self.is_shown.get(at).copied().unwrap_or_default();
        for (at, row) in self.all.iter_mut().enumerate() {
            let Some(entry) = &mut row.entry else { continue };
            if !entry.is_judged_otherwise(&self.accepted) {
                continue;
            }
            Arc::make_mut(entry).mark_accepted(&self.accepted);
            let (before, now) = row.note_change();
            if is_shown(at) {
                self.sum.subtract(before);
                self.sum.add(now);
            }
        }
        self.version += 1;
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
            self.show(candidates);
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
        let mut shown: Vec<usize> = Vec::new();
        if self.marked > 0 {
            self.show(matched.clone());
            let is_kept = |at: &usize| {
                let is_shown = self.is_shown.get(*at).copied().unwrap_or_default();
                !is_shown && self.all.get(*at).is_some_and(|row| row.is_marked)
            };
            shown.extend(self.sorted.iter().copied().filter(is_kept));
        }
        self.kept = shown.len();
        shown.extend(matched);
        self.show(shown);
    }

    /// Shows these rows.
    fn show(&mut self, shown: Vec<usize>) {
        self.is_shown.clear();
        self.is_shown.resize(self.all.len(), false);
        self.sum = Tally::default();
        for at in &shown {
            if let (Some(flag), Some(row)) = (self.is_shown.get_mut(*at), self.all.get(*at)) {
                *flag = true;
                self.sum.add(row.tally);
            }
        }
        self.shown = shown;
    }

    /// Takes who can pull from a repository, and shows it where the filter asks for that.
    pub(super) fn set_access(&mut self, at: usize, found: FoundAccess) {
        let FoundAccess { access, entry } = found;
        self.version += 1;
        let Some(row) = self.all.get_mut(at) else { return };
        row.entry = entry;
        if let Some(entry) = row.entry.as_mut().filter(|entry| entry.is_judged_otherwise(&self.accepted)) {
            Arc::make_mut(entry).mark_accepted(&self.accepted);
        }
        row.access = access;
        let (before, now) = row.note_change();
        let Some(is_shown) = self.is_shown.get_mut(at) else { return };
        if *is_shown {
            self.sum.subtract(before);
            self.sum.add(now);
            return;
        }
        // What its name matches is shown already.
        if !self.query.is_empty() && FilterWords::of(&self.query).judge(row) == Judgement::Matched(Rank::Text) {
            *is_shown = true;
            self.sum.add(now);
            self.shown.push(at);
        }
    }

    /// Returns the rows that the filter hides although their policies, which are not read, may be what it asks for.
    pub(super) fn unjudged_rows(&self) -> impl Iterator<Item = &RepositoryRow> {
        let words = FilterWords::of(&self.query);
        let hidden = self.all.iter().zip(&self.is_shown).filter(|(_, is_shown)| !**is_shown).map(|(row, _)| row);
        hidden.filter(move |row| !row.is_read() && words.judge(row) == Judgement::Unjudged)
    }

    /// Tells whether a row is marked.
    pub fn is_marked(&self, row: &RepositoryRow) -> bool {
        row.is_marked
    }

    /// Returns how many rows are marked.
    pub fn count_marked(&self) -> usize {
        self.marked
    }

    /// Tells whether going on from a row takes the marked ones: marks that the filter does not match decide only from
    /// their own rows.
    pub fn decides_by_marks(&self, chosen: Option<&RepositoryRow>) -> bool {
        let mut matched = self.matched_indexes().iter().filter_map(|at| self.get(*at));
        // Asked at each frame: without a mark there is nothing to look for.
        self.marked > 0 && (chosen.is_some_and(|row| row.is_marked) || matched.any(|row| row.is_marked))
    }

    /// Marks a row, or takes its mark away.
    pub(super) fn set_mark(&mut self, at: usize, on: bool) {
        let Some(row) = self.all.get_mut(at) else { return };
        let was = std::mem::replace(&mut row.is_marked, on);
        self.marked = self.marked + usize::from(on) - usize::from(was);
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
        self.all.iter_mut().for_each(|row| row.is_marked = false);
        self.marked = 0;
    }

    /// The marked repositories, in the chosen order.
    pub fn marked_repositories(&self) -> Vec<Repository> {
        let rows = self.sorted.iter().filter_map(|at| self.get(*at));
        rows.filter(|row| self.is_marked(row)).map(|row| row.repository.clone()).collect()
    }

    fn sort_by_name(&self, rows: &mut [usize]) {
        rows.sort_by_key(|at| self.name_key(*at));
    }

    fn name_key(&self, at: usize) -> Option<(&str, &RepositoryRef)> {
        self.all.get(at).map(|row| (row.repository.name().as_str(), &row.repository.reference))
    }

    fn placed_key(&self, keys: &OrderKeys, at: usize) -> (OrderKey, usize, usize) {
        let place = self.name_places.get(at).copied().unwrap_or_default();
        let key = self.all.get(at).map(|row| keys.key_of(row, place)).unwrap_or_default();
        (key, place, at)
    }

    /// Returns all rows by name, with new rows, themselves in order, put in.
    fn merge_names(&self, new: &[usize]) -> Vec<usize> {
        put_in(&self.by_name, new, |at| self.name_key(at))
    }

    /// Returns the order with new rows put in.
    fn merge_sorted(&self, new: &[usize]) -> Vec<usize> {
        let keys = OrderKeys::of_rows(self.order, &self.all);
        let key = |at: usize| self.placed_key(&keys, at);
        let mut new = new.to_vec();
        new.sort_by_key(|at| key(*at));
        put_in(&self.sorted, &new, key)
    }

    /// After a change of the order: places and filter follow.
    fn settle_places(&mut self) {
        self.places = places_of(&self.sorted);
        let query = std::mem::take(&mut self.query);
        self.apply_filter(&query);
    }
}

/// Returns for each row its place in an order of all rows.
fn places_of(order: &[usize]) -> Vec<usize> {
    let mut places = vec![0; order.len()];
    for (place, at) in order.iter().enumerate() {
        if let Some(slot) = places.get_mut(*at) {
            *slot = place;
        }
    }
    places
}

/// Puts new rows into an order, both sorted by a key. Only the keys around each new row are looked at.
fn put_in<K: Ord>(old: &[usize], new: &[usize], key: impl Fn(usize) -> K) -> Vec<usize> {
    let mut merged = Vec::with_capacity(old.len() + new.len());
    let mut rest = old;
    for at in new {
        let this = key(*at);
        let (before, after) = rest.split_at(rest.partition_point(|other| key(*other) <= this));
        merged.extend_from_slice(before);
        merged.push(*at);
        rest = after;
    }
    merged.extend_from_slice(rest);
    merged
}
