//! Makes the page of a review: the gravest first in one row, then who has access, what the checks found, the statements.

use super::Review;
use crate::ecr::Replication;
use crate::policy::{Finding, LineIndex, Severity};
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

pub(super) fn page_of(review: &Review, replication: &Replication, keys: &NamedKeys, mut page: TextPage) -> TextPage {
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
    add_summary(&mut page, &policies.findings);
    page.text_row(Ink::Accent, 0, "Who has access");
    access_rows::add_access(&mut page, policies, &review.access, true);
    add_copies(&mut page, review, replication);
    page.add_blank();
    page.text_row(Ink::Accent, 0, "Checks");
    add_findings(&mut page, text, review, keys);
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
/// it.
fn add_summary(page: &mut TextPage, found: &[Finding]) {
    let Some(gravest) = found.first().filter(|finding| finding.severity > Severity::Advice) else { return };
    let counts = Counts::count_grave(found).count_words().join(", ");
    let ink = if gravest.severity >= Severity::Security { Ink::Bad } else { Ink::Warn };
    page.add_marked(Mark::Warn, ink, 0, &format!("{counts}: {}", gravest.message));
    page.add_blank();
}

/// Adds what the checks found, each with its place among what the cursor can be on.
fn add_findings(page: &mut TextPage, text: &str, review: &Review, keys: &NamedKeys) {
    let found = review.listed_findings();
    if found.is_empty() {
        page.add_marked(Mark::Ok, Ink::Good, 0, "the checks found nothing");
    }
    let index = LineIndex::new(text);
    for (at, finding) in found.iter().enumerate() {
        page.belongs_to(Some(review.access.len() + at));
        statements::add_finding(page, &index, finding);
        if let Some(fix) = &finding.fix {
            page.text_row(Ink::Accent, 2, &format!("{}: {}", keys.fix, fix.title));
        }
    }
    page.belongs_to(None);
}
