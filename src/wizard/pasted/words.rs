//! Says what was understood of a pasted text.

use crate::ecr::text::{fit_end, make_visible};
use crate::ecr::{ActionInfo, Grantee, RepositoryRef};
use crate::plan::{NamedRepository, PastedText};

/// Cells of a name in a sentence.
const NAME: usize = 40;

/// Returns a repository as words, with its owner.
pub(super) fn repository_words(reference: &RepositoryRef) -> String {
    let name = fit_end(&make_visible(reference.name.as_str()), NAME, true);
    format!("repository {name} of account {} in {}", reference.account, reference.region)
}

/// Returns the same with the tag of the image.
pub(super) fn named_words(named: &NamedRepository) -> String {
    let tag = named.tag.as_ref().map(|tag| format!(", tag {tag}")).unwrap_or_default();
    format!("{}{tag}", repository_words(&named.reference))
}

/// Returns the parties, each in words.
pub(super) fn grantee_words(grantees: &[Grantee]) -> String {
    grantees.iter().map(Grantee::words).collect::<Vec<_>>().join(", ")
}

/// Returns actions by their names, and how many more there are.
pub(super) fn allowed_words(actions: &[&ActionInfo]) -> String {
    /// Names that are told.
    const NAMED: usize = 6;
    let names: Vec<&str> = actions.iter().take(NAMED).map(|info| info.name.as_str()).collect();
    let more = actions.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", names.join(", "))
}

/// Returns what was understood, as one clause; `None` where nothing is left to say.
pub(super) fn understood_words(found: &PastedText) -> Option<String> {
    let mut parts: Vec<String> = found.repositories.iter().map(named_words).collect();
    if !found.grantees.is_empty() {
        parts.push(format!("{} as grantee", grantee_words(&found.grantees)));
    }
    if !found.actions.is_empty() {
        parts.push(format!("the actions {}", allowed_words(&found.actions)));
    }
    if let [region] = found.regions.as_slice()
        && !found.grantees.is_empty()
    {
        parts.push(format!("pulled in {region}"));
    }
    if let Some(command) = found.command.filter(|_| !parts.is_empty()) {
        parts.push(format!("from a line of {command}"));
    }
    (!parts.is_empty()).then(|| format!("understood: {}", parts.join("; ")))
}
