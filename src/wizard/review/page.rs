//! Makes the page of a review: the gravest first in one row, then who has access, what the checks found, the statements.

use super::Review;
use crate::ecr::Replication;
use crate::policy::{Finding, LineIndex, Severity};
use crate::review::{Acceptance, RepositoryEntry, ReviewFinding};
use crate::wizard::access_rows;
use crate::wizard::computation::deciding::DecidingPolicies;
use crate::wizard::computation::examination::Counts;
use crate::wizard::page::{Ink, Mark, TextPage};
use crate::wizard::statements;

/// The keys that the page names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NamedKeys {
    pub refresh: String,
    pub back: String,
    pub next: String,
    pub fix: String,
}

/// Makes the page. `entry`: the repository in a review, which knows what somebody accepted.
pub(super) fn page_of(
    review: &Review,
    entry: Option<&RepositoryEntry>,
    replication: &Replication,
    keys: &NamedKeys,
    mut page: TextPage,
) -> TextPage {
    let owner = &review.repository.reference.account;
    for failure in [review.stored.last_failure(), review.policies.last_failure()].into_iter().flatten() {
        page.add_failure(0, failure);
        page.text_row(Ink::Dim, 2, &format!("{} reads again.", keys.refresh));
        page.add_blank();
    }
    let Some(policies) = review.policies.known_value() else { return page };
    let Some(text) = &policies.own else {
        page.text_row(Ink::Strong, 0, "This repository has no policy.");
        page.text_row(
            Ink::Plain,
            0,
            &format!(
                "Identities of account {owner} can use it as far as their own policies allow; it lets nobody else in. To \
                 let somebody pull: {}, then {}.",
                keys.back, keys.next
            ),
        );
        statements::add_registry(&mut page, policies);
        add_copies(&mut page, review, replication);
        return page;
    };
    if policies.deciding.is_err() {
        statements::add_statements(&mut page, policies);
        return page;
    }
    add_summary(&mut page, &policies.findings, entry);
    page.text_row(Ink::Accent, 0, "Who has access");
    access_rows::add_access(&mut page, policies, &review.access, true);
    add_copies(&mut page, review, replication);
    page.add_blank();
    page.text_row(Ink::Accent, 0, "Checks");
    add_findings(&mut page, text, review, entry, keys);
    page.add_blank();
    add_statements(&mut page, policies);
    page
}

/// Says where the images are copied to: there another policy decides.
fn add_copies(page: &mut TextPage, review: &Review, replication: &Replication) {
    for (at, words) in replication.copy_words(&review.repository.reference).into_iter().enumerate() {
        if at == 0 {
            page.add_blank();
        }
        let (mark, ink) = if replication.is_known() { (Mark::Bullet, Ink::Plain) } else { (Mark::Warn, Ink::Warn) };
        page.add_marked(mark, ink, 0, &words);
    }
}

fn add_statements(page: &mut TextPage, policies: &DecidingPolicies) {
    page.text_row(Ink::Accent, 0, "Statements");
    statements::add_statements(page, policies);
}

/// Says in one row how many findings there are, and the gravest of them: who looks at the first rows alone must not miss
/// it. What somebody accepted is counted apart.
fn add_summary(page: &mut TextPage, found: &[Finding], entry: Option<&RepositoryEntry>) {
    let is_open = |finding: &&Finding| entry.and_then(|entry| acceptance_of(entry, finding)).is_none();
    let open: Vec<Finding> = found.iter().filter(is_open).cloned().collect();
    let accepted = match found.len() - open.len() {
        0 => String::new(),
        1 => "1 finding is accepted".to_owned(),
        count => format!("{count} findings are accepted"),
    };
    let gravest = open.first().filter(|finding| finding.severity > Severity::Advice);
    if let Some(gravest) = gravest {
        let counts = Counts::count_grave(&open).count_words().join(", ");
        let ink = if gravest.severity >= Severity::Security { Ink::Bad } else { Ink::Warn };
        page.add_marked(Mark::Warn, ink, 0, &format!("{counts}: {}", gravest.message));
    }
    if !accepted.is_empty() {
        page.add_marked(Mark::Ok, Ink::Plain, 0, &accepted);
    }
    if gravest.is_some() || !accepted.is_empty() {
        page.add_blank();
    }
}

/// Returns what accepts a finding of the checks.
fn acceptance_of<'e>(entry: &'e RepositoryEntry, finding: &Finding) -> Option<&'e Acceptance> {
    let is_same = |one: &&ReviewFinding| (one.id, one.span) == (finding.rule.id, Some(finding.span));
    entry.judged_findings().find(|(one, _)| is_same(one)).and_then(|(_, acceptance)| acceptance)
}

/// Adds what the checks found, each with its place among what the cursor can be on.
fn add_findings(page: &mut TextPage, text: &str, review: &Review, entry: Option<&RepositoryEntry>, keys: &NamedKeys) {
    let found = review.listed_findings();
    if found.is_empty() {
        page.add_marked(Mark::Ok, Ink::Good, 0, "the checks found nothing");
    }
    let index = LineIndex::new(text);
    for (at, finding) in found.iter().enumerate() {
        page.belongs_to(Some(review.access.len() + at));
        statements::add_finding(page, &index, finding);
        if let Some(acceptance) = entry.and_then(|entry| acceptance_of(entry, finding)) {
            page.add_marked(Mark::Ok, Ink::Good, 2, &acceptance.words());
        }
        if let Some(fix) = &finding.fix {
            page.text_row(Ink::Accent, 2, &format!("{}: {}", keys.fix, fix.title));
        }
    }
    page.belongs_to(None);
}
