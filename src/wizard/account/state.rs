//! The state of step 1, apart from the model.

use crate::ecr::{AccountId, AccountNames, Failure, Region, SignInKind, Source, SourceId};
use crate::wizard::event::Verified;
use crate::wizard::filter::{Filter, keep_choice};
use crate::wizard::keymap::KeyScope;
use crate::wizard::regions::RegionPicker;
use crate::wizard::{Cursor, Remote, RequestId, fuzzy};
use std::collections::BTreeMap;

/// The state of the step.
#[derive(Debug, Default)]
pub struct AccountStep {
    /// All sources, as they were found.
    pub(super) sources: Remote<Vec<Source>>,
    /// The filter line.
    pub(super) filter: Filter,
    /// The shown rows, as indexes of the sources.
    pub(super) rows: Vec<usize>,
    /// The chosen row.
    pub(super) cursor: Cursor,
    /// The open list of Regions.
    pub(super) regions: Option<RegionPicker>,
    /// The identities of the sources that were asked. At most one is under way.
    pub(super) attempts: BTreeMap<SourceId, Remote<Verified>>,
    /// The Region chosen for a source here.
    pub(super) picked: BTreeMap<SourceId, Region>,
    /// The Region that a flag or a pasted address gave, for every source.
    pub(super) given: Option<Region>,
    /// The login program that has the terminal, and for whom.
    pub(super) login: Option<(RequestId, SourceId)>,
    /// The sources that signed in in earlier sessions, newest first, with the last time in seconds since 1970.
    pub(super) recent: Vec<(SourceId, i64)>,
    /// The account that is looked for: of its rows the first one is chosen.
    pub(super) sought: Option<AccountId>,
    /// The source that goes on by itself once it is verified, because the flags say where to.
    pub(super) goes_on: Option<SourceId>,
}

impl AccountStep {
    /// Tells whether the list of Regions is open.
    pub fn is_choosing_region(&self) -> bool {
        self.regions.is_some()
    }

    /// The scopes of keys, innermost first.
    pub fn key_scopes(&self) -> Vec<KeyScope> {
        if self.regions.is_some() {
            vec![KeyScope::Regions]
        } else if self.filter.open {
            vec![KeyScope::FilterLine]
        } else {
            vec![KeyScope::Account, KeyScope::List, KeyScope::Commands]
        }
    }

    /// Returns when the oldest request was asked that somebody waits for.
    pub fn waiting_since(&self) -> Option<u64> {
        let verifying = self.attempts.values().filter_map(Remote::loading_since);
        self.sources.loading_since().into_iter().chain(verifying).min()
    }

    /// All sources; none while they are not known.
    pub fn all_sources(&self) -> &[Source] {
        self.sources.known_value().map(Vec::as_slice).unwrap_or_default()
    }

    /// The source on a shown row.
    pub fn source_at(&self, row: usize) -> Option<&Source> {
        self.all_sources().get(*self.rows.get(row)?)
    }

    /// The chosen source.
    pub fn chosen_source(&self) -> Option<&Source> {
        self.source_at(self.cursor.selected)
    }

    /// Returns what became of asking who a source is.
    pub fn attempt_of(&self, source: &SourceId) -> &Remote<Verified> {
        self.attempts.get(source).unwrap_or(&Remote::NotAsked)
    }

    /// The account of a source: as AWS told, or else as the file tells.
    pub fn account_of<'a>(&'a self, source: &'a Source) -> Option<&'a AccountId> {
        self.attempt_of(&source.id).known_value().map(|v| &v.identity.account).or(source.account.as_ref())
    }

    /// Returns names for accounts: those of the configuration, then the profiles of accounts other than the one that is signed in
    /// to, whose profile stands in the head of each screen.
    pub(super) fn names_beside(&self, named: &AccountNames, signed: &AccountId) -> AccountNames {
        let profile_of = |source: &'_ Source| match &source.id {
            SourceId::Profile(name) => Some((self.account_of(source)?.clone(), name.clone())),
            _ => None,
        };
        let profiles: Vec<(AccountId, String)> = self.all_sources().iter().filter_map(profile_of).collect();
        let others = profiles.iter().filter(|(account, _)| account != signed);
        named.with_profiles(others.map(|(account, name)| (account, name.as_str())))
    }

    /// The endpoints, where they are not AWS's own, of the chosen row once it was asked.
    pub fn endpoint(&self) -> Option<&Option<String>> {
        Some(&self.attempt_of(&self.chosen_source()?.id).known_value()?.endpoint)
    }

    /// The Region that requests with a source would go to: the one chosen here, the one a flag or a pasted address gave,
    /// or else its own.
    pub fn region_of(&self, source: &Source) -> Option<Region> {
        let own =
            || self.attempt_of(&source.id).known_value().map(|v| v.region.clone()).or_else(|| source.region.clone());
        self.picked.get(&source.id).cloned().or_else(|| self.given.clone()).or_else(own)
    }

    /// Returns what a row says: name, account, role, Region. The filter looks at these.
    pub fn row_columns(&self, source: &Source) -> [String; 4] {
        [
            source.id.to_string(),
            self.account_of(source).map(ToString::to_string).unwrap_or_default(),
            self.role_words(source),
            self.region_of(source).map(|r| r.to_string()).unwrap_or_default(),
        ]
    }

    /// For each of a row's columns the characters that match the filter.
    pub fn match_marks(&self, columns: &[String; 4]) -> [Vec<usize>; 4] {
        let mut marks: [Vec<usize>; 4] = Default::default();
        if !self.filter.is_narrowing() {
            return marks;
        }
        let found = fuzzy::Fuzzy::new(self.filter.query_text()).match_marks(&columns.join(" "));
        let mut start = 0;
        for (column, marks) in columns.iter().zip(marks.iter_mut()) {
            let len = column.chars().count();
            *marks = found.iter().filter_map(|at| at.checked_sub(start).filter(|at| *at < len)).collect();
            start += len + 1;
        }
        marks
    }

    /// Returns what stands in the column of roles: why a row cannot be used, the role, or else a hint of the account.
    fn role_words(&self, source: &Source) -> String {
        if let Some(problem) = &source.problem {
            // That it cannot be used stands in the column before.
            let what = problem.what.as_str();
            return what.split_once("cannot be used: ").map_or(what, |(_, why)| why).to_owned();
        }
        let role = self.role_of(source);
        if role.is_empty() { self.hint_words(source).unwrap_or_default() } else { role }
    }

    /// Returns the account that a source's key id hints at, in words, while nothing better is known.
    pub fn hint_words(&self, source: &Source) -> Option<String> {
        let hint = source.hint.as_ref().filter(|_| self.account_of(source).is_none())?;
        Some(format!("about {hint}, from its key"))
    }

    /// Returns who it is for a column: the verified role or user, or else the role that the file names.
    pub fn role_of(&self, source: &Source) -> String {
        match self.attempt_of(&source.id).known_value() {
            Some(verified) => {
                let short = verified.identity.short_name();
                short.strip_prefix("role ").map(str::to_owned).unwrap_or(short)
            }
            None => source.role.clone().unwrap_or_default(),
        }
    }

    /// Returns the only source that can be used, as far as the files tell and AWS was asked; `None`: none, or several.
    pub(super) fn only_way(&self) -> Option<&SourceId> {
        let mut usable = self.all_sources().iter().filter(|source| self.can_sign_in(source));
        let first = usable.next()?;
        usable.next().is_none().then_some(&first.id)
    }

    /// Tells whether nothing speaks against signing in with a source: neither the files nor AWS's answer.
    pub fn can_sign_in(&self, source: &Source) -> bool {
        let has_failed = self.attempt_of(&source.id).last_failure().is_some();
        source.problem.is_none() && source.kind != SignInKind::Nothing && !has_failed
    }

    pub(super) fn find_source(&self, id: &SourceId) -> Option<&Source> {
        self.all_sources().iter().find(|s| s.id == *id)
    }

    /// Tells whether something is typed into the filter, and one row alone matches it.
    pub(super) fn is_only_match(&self) -> bool {
        self.filter.is_narrowing() && self.rows.len() == 1
    }

    /// Filters the rows anew; `anew`: the best match is chosen, otherwise the chosen one stays.
    pub(super) fn apply_filter(&mut self, anew: bool, height: usize) {
        let was = self.cursor.selected;
        let chosen = self.rows.get(was).copied();
        let texts: Vec<String> = self.all_sources().iter().map(|s| self.row_columns(s).join(" ")).collect();
        self.rows = fuzzy::filter_rows(self.filter.query_text(), texts.iter().map(String::as_str));
        if !self.filter.is_narrowing() {
            self.order_rows();
        }
        let height = self.rows_in(height);
        if anew {
            self.cursor.select_row(0, self.rows.len(), height);
        } else {
            let now_at = chosen.and_then(|source| self.rows.iter().position(|row| *row == source));
            keep_choice(&mut self.cursor, Some(was), now_at, self.rows.len(), height);
        }
    }

    /// Takes up which sources signed in in earlier sessions, newest first, with the last time in seconds since 1970.
    pub fn set_recent(&mut self, sources: Vec<(SourceId, i64)>) {
        self.recent = sources;
    }

    /// Returns when a source signed in last in an earlier session, in seconds since 1970.
    pub fn last_used(&self, source: &SourceId) -> Option<i64> {
        self.recent.iter().find(|(used, _)| used == source).map(|(_, when)| *when)
    }

    /// Puts the problem of each source that cannot be used on its row.
    pub(super) fn tell_problems(&mut self) {
        for source in self.sources.known_value().into_iter().flatten() {
            if let Some(failure) = source.problem.clone() {
                self.attempts.insert(source.id.clone(), Remote::Failed { failure, previous: None });
            }
        }
    }

    /// Chooses a source's row, taking the filter away when it hides it.
    pub(super) fn choose_source(&mut self, id: &SourceId, height: usize) -> bool {
        let Some(at) = self.all_sources().iter().position(|s| s.id == *id) else { return false };
        if !self.rows.contains(&at) {
            self.filter.take_escape();
            self.apply_filter(true, height);
        }
        let Some(row) = self.rows.iter().position(|row| *row == at) else { return false };
        self.cursor.select_row(row, self.rows.len(), self.rows_in(height));
        true
    }

    /// A later step was told that the sign-in no longer holds: the row says so, and offers to mend it.
    pub(in crate::wizard) fn note_lost(&mut self, source: &SourceId, failure: Failure) {
        self.attempts.insert(source.clone(), Remote::Failed { failure, previous: None });
    }

    /// The Region was changed on a later step: the row says so too.
    pub(in crate::wizard) fn region_changed(&mut self, source: &SourceId, region: Region) {
        self.picked.insert(source.clone(), region);
    }
}
