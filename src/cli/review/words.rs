//! Words of a review for people.

use std::collections::{BTreeMap, BTreeSet};

use super::ReviewResult;
use crate::cli::output::with_names;
use crate::ecr::text::make_visible;
use crate::ecr::{AccountId, Region, RepositoryRef};
use crate::review::{Acceptance, EndingAccess, RepositoryEntry, ReviewFinding, list_ends, not_enabled_words};

/// Names a repository with its account and Region.
pub(super) fn repository_words(repository: &RepositoryRef) -> String {
    format!("{} of {} in {}", repository.name, repository.account, repository.region)
}

/// Names a repository where people read it, with the name of its account.
pub(super) fn told_repository(repository: &RepositoryRef) -> String {
    format!("{} of {} in {}", repository.name, with_names(repository.account.as_str()), repository.region)
}

/// Says how much was read.
pub(super) fn count_words(repositories: usize, registries: usize) -> String {
    let repositories =
        if repositories == 1 { "1 repository".to_owned() } else { format!("{repositories} repositories") };
    let registries = if registries == 1 { "1 registry".to_owned() } else { format!("{registries} registries") };
    format!("{repositories} in {registries}")
}

/// Says which Regions each account has not enabled, a line each.
pub(super) fn disabled_words(disabled: &BTreeMap<AccountId, BTreeSet<Region>>) -> impl Iterator<Item = String> {
    let words = |account: &AccountId, regions: &BTreeSet<Region>| {
        with_names(&not_enabled_words(account, &regions.iter().collect::<Vec<_>>())).into_owned()
    };
    disabled.iter().map(move |(account, regions)| words(account, regions))
}

/// Returns who has access, for a column.
pub(super) fn access_cell(entry: &RepositoryEntry) -> String {
    match &entry.outcome {
        Err(failure) => make_visible(&failure.what),
        Ok(reviewed) if reviewed.analysis.class.is_none() => "the policy cannot be read".to_owned(),
        Ok(reviewed) => with_names(&reviewed.analysis.column).into_owned(),
    }
}

/// The headings of what ends.
pub(super) const END_COLUMNS: [&str; 4] = ["grantee", "repository", "ends", "left"];

/// Says what ends and what has ended, a row each, the soonest first.
pub(super) fn end_rows(result: &ReviewResult) -> Vec<[String; 4]> {
    let row = |one: EndingAccess| {
        let end = one.end.words();
        let who = with_names(&one.access.party_words()).into_owned();
        [who, told_repository(one.repository), end, one.remaining_words(result.now)]
    };
    list_ends(&result.entries).into_iter().map(row).collect()
}

/// Says a finding in one line, with whoever accepted it.
pub(super) fn finding_words(finding: &ReviewFinding, acceptance: Option<&Acceptance>) -> String {
    let place = finding.statement.map(|number| format!("statement {number}: ")).unwrap_or_default();
    let accepted = acceptance.map(|acceptance| format!(" ({})", acceptance.words())).unwrap_or_default();
    let message = with_names(&finding.message);
    format!("{} {}: {place}{message}{accepted}", finding.id, finding.severity.name())
}
