//! A policy as the console's permissions page shows it, statement by statement: rows for Permissions and for the review.

use super::computation::deciding::{DecidingPolicies, Novelty};
use super::page::{Ink, Mark, PageRow, TextPage};
use crate::ecr::text::make_visible;
use crate::policy::explain::{actions_words, condition_words, condition_words_at, party_words};
use crate::policy::syntax::LineIndex;
use crate::policy::{AccessTable, Condition, Effect, Finding, Origin, Policy, PrincipalKind, Severity, Statement, Who};

/// The column of labels.
const LABEL: usize = 11;

/// The word for how much a finding matters.
pub fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Security => "risk",
        Severity::Warning => "warning",
        Severity::Advice => "advice",
    }
}

/// Names a statement for people: its Sid, or its place, and its document where that is the registry policy.
pub fn name_of(policy: &Policy, index: usize) -> String {
    let statement = policy.statements.get(index);
    let (at, document) = match statement.map(|statement| statement.origin) {
        Some(Origin::Registry(at)) => (at, " of the registry policy"),
        _ => (index, ""),
    };
    match statement.and_then(|statement| statement.sid.as_ref()) {
        Some(sid) if !sid.value.is_empty() => format!("{}{document}", make_visible(&sid.value)),
        _ => format!("unnamed {}{document}", at + 1),
    }
}

/// Adds every statement, the new and the changed ones first, then the Deny statements of the registry policy. A text that
/// cannot be read is shown in their place, with what stops the reading.
pub fn add_statements(page: &mut TextPage, policies: &DecidingPolicies) {
    let (policy, table) = match &policies.deciding {
        Ok(deciding) => deciding,
        Err(found) => return add_unreadable(page, policies.own.as_deref().unwrap_or_default(), found),
    };
    let novelty_at = |index: usize| policies.novelties.get(index).copied().unwrap_or(Novelty::Old);
    let mut rows: Vec<_> = policy.statements.iter().enumerate().map(|(at, one)| (at, one, novelty_at(at))).collect();
    // What is new leads: in a long policy nobody would find it at the end.
    rows.sort_by_key(|(_, _, new)| *new == Novelty::Old);
    for (index, statement, new) in rows {
        page.add_blank();
        add_statement(page, policy, index, statement, table, new);
    }
    if policy.statements.is_empty() {
        page.text_row(Ink::Plain, 0, "The policy has no statement: it gives nobody anything.");
    }
}

/// Adds what a registry policy makes of a repository without a policy: its Deny statements, and what else is to be known.
pub fn add_registry(page: &mut TextPage, policies: &DecidingPolicies) {
    if let Ok((policy, table)) = &policies.deciding {
        for (index, statement) in policy.statements.iter().enumerate() {
            page.add_blank();
            add_statement(page, policy, index, statement, table, Novelty::Old);
        }
    }
    add_notes(page, policies);
}

/// Returns a condition in words, as it is at a moment, in seconds since 1970; without one as it stands.
pub(super) fn words_of_condition(condition: &Condition, moment: Option<i64>) -> String {
    moment.map_or_else(|| condition_words(condition), |now| condition_words_at(condition, now))
}

/// Adds what must be known of the registry policy beside the access that is worked out.
pub(super) fn add_notes(page: &mut TextPage, policies: &DecidingPolicies) {
    for note in &policies.notes {
        page.add_blank();
        page.add_marked(Mark::Warn, Ink::Warn, 0, note);
    }
}

fn add_statement(
    page: &mut TextPage,
    policy: &Policy,
    index: usize,
    statement: &Statement,
    table: &AccessTable,
    new: Novelty,
) {
    let (effect, ink) = match statement.effect {
        Effect::Allow if is_held_back(index, table) => ("Allow", Ink::Warn),
        Effect::Allow => ("Allow", Ink::Good),
        Effect::Deny => ("Deny", Ink::Bad),
    };
    let mut parts = vec![(Ink::Strong, name_of(policy, index)), (ink, format!("  {effect}"))];
    match new {
        Novelty::New => parts.push((Ink::Accent, "  new".to_owned())),
        Novelty::Joined => parts.push((Ink::Accent, "  changed".to_owned())),
        Novelty::Old => {}
    }
    page.push_row(PageRow { indent: 0, mark: None, parts, owner: None });
    let conditional = !statement.conditions.is_empty();
    for (at, entry) in statement.principals.entries.iter().enumerate() {
        let words = principal_words(&entry.kind, conditional);
        let words = if statement.principals.negated { format!("everyone but {words}") } else { words };
        let written = make_visible(&entry.text);
        // An account has one form for people, whichever the document has.
        let is_account = matches!(entry.kind, PrincipalKind::Account(..));
        let written = if is_account || words.contains(&written) { "" } else { &written };
        page.labelled_pair(if at == 0 { "Principal" } else { "" }, LABEL, 2, &words, written);
    }
    add_actions(page, index, statement, table);
    for (at, condition) in statement.conditions.iter().enumerate() {
        let head = if at == 0 { "Condition" } else { "and" };
        let words = words_of_condition(condition, page.moment());
        page.add_labelled(head, LABEL, 2, Ink::Plain, &words);
        // Words that already are the written condition say nothing twice.
        if !says_all(&words, condition) {
            page.add_labelled("", LABEL, 2, Ink::Dim, &written_condition(condition));
        }
    }
    let mut told: Vec<(usize, &str)> = Vec::new();
    for row in table.rows.iter().filter(|row| row.statements.contains(&index)) {
        for blocker in &row.blocked {
            let denial = (*blocker, row.denial_words());
            if !told.contains(&denial) {
                told.push(denial);
            }
        }
    }
    for (blocker, words) in told {
        page.add_marked(Mark::Warn, Ink::Warn, 2, &format!("{words} statement {}", name_of(policy, blocker)));
    }
}

/// Tells whether a Deny takes something of what a statement gives, or may take it.
fn is_held_back(index: usize, table: &AccessTable) -> bool {
    table.rows.iter().any(|row| row.statements.contains(&index) && !(row.blocked.is_empty() && row.void.is_empty()))
}

fn add_actions(page: &mut TextPage, index: usize, statement: &Statement, table: &AccessTable) {
    let mut names: Vec<String> = Vec::new();
    let from_rows = table.rows.iter().filter(|row| row.statements.contains(&index)).map(|row| &row.actions);
    let from_denies = table.denies.iter().filter(|row| row.statement == index).map(|row| &row.actions);
    for name in from_rows.chain(from_denies).flatten() {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    let written: Vec<String> = statement.actions.patterns.iter().map(|pattern| make_visible(&pattern.value)).collect();
    let written = written.join(", ");
    let label = if statement.actions.negated { "All but" } else { "Actions" };
    if names.is_empty() || statement.actions.negated {
        page.add_labelled(label, LABEL, 2, Ink::Plain, &written);
    } else {
        let words = actions_words(&names);
        if written.replace("ecr:", "") == words {
            page.add_labelled(label, LABEL, 2, Ink::Plain, &written);
        } else {
            page.add_labelled(label, LABEL, 2, Ink::Plain, &words);
            page.add_labelled("", LABEL, 2, Ink::Dim, &written);
        }
    }
}

/// Returns who an entry is, in words; everyone under a condition is said to be so.
fn principal_words(kind: &PrincipalKind, conditional: bool) -> String {
    match kind {
        PrincipalKind::Everyone if conditional => "everyone who meets the condition".to_owned(),
        PrincipalKind::Everyone => Who::Everyone.words(),
        PrincipalKind::Account(id, _) => Who::Account(id.clone()).words(),
        PrincipalKind::Role(arn) => Who::Role(arn.clone()).words(),
        PrincipalKind::User(arn) => Who::User(arn.clone()).words(),
        PrincipalKind::Session(arn) => Who::Session(arn.clone()).words(),
        PrincipalKind::Service(name) => Who::Service(name.clone()).words(),
        PrincipalKind::Orphan(id) => party_words(&Who::Orphan(id.clone())),
        PrincipalKind::Federated(text) | PrincipalKind::Canonical(text) => {
            format!("{} (gives nothing on ECR)", make_visible(text))
        }
        PrincipalKind::Malformed(text) => format!("{} (nobody that AWS knows)", make_visible(text)),
    }
}

/// Tells whether the words hold operator, key and every value as they are written.
fn says_all(words: &str, condition: &Condition) -> bool {
    let mut written = condition.values.iter().chain([&condition.operator, &condition.key]);
    written.all(|part| words.contains(&make_visible(part)))
}

fn written_condition(condition: &Condition) -> String {
    let values: Vec<String> = condition.values.iter().map(|value| make_visible(value)).collect();
    format!("{} {} {}", make_visible(&condition.operator), make_visible(&condition.key), values.join(", "))
}

fn add_listed(page: &mut TextPage, text: &str, found: &[Finding]) {
    let index = LineIndex::new(text);
    for finding in found {
        add_finding(page, &index, finding);
    }
}

/// Adds what a check found, with its place and its reason.
pub fn add_finding(page: &mut TextPage, index: &LineIndex, finding: &Finding) {
    let (mark, ink) = match finding.severity {
        Severity::Error => (Mark::Failed, Ink::Bad),
        Severity::Security => (Mark::Warn, Ink::Bad),
        Severity::Warning => (Mark::Warn, Ink::Warn),
        Severity::Advice => (Mark::Bullet, Ink::Plain),
    };
    let word = severity_word(finding.severity);
    let at = index.position_of(finding.span.start);
    let words = format!("{word}: {} (line {}, column {})", finding.message, at.line, at.column);
    page.add_marked(mark, ink, 0, &words);
    page.text_row(Ink::Dim, 2, finding.why);
}

/// A text that is no readable policy: why, and the text itself.
fn add_unreadable(page: &mut TextPage, text: &str, found: &[Finding]) {
    page.add_marked(Mark::Failed, Ink::Strong, 0, "this policy cannot be read");
    add_listed(page, text, found);
    page.add_blank();
    page.add_code(Ink::Dim, 0, text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::RegistryPolicy;
    use crate::wizard::computation::deciding::{Before, PoliciesToRead};
    use crate::wizard::testing::test_reference;

    fn policies(text: &str, before: Before) -> DecidingPolicies {
        let (registry, repository) = (RegistryPolicy::NotAsked, test_reference("vendorapp"));
        PoliciesToRead { own: Some(text.to_owned()), before, registry, repository, is_checked: false, now: 0 }
            .read_all()
    }

    fn policy(sids: &[(&str, &str)]) -> String {
        let statement = |(sid, account): &(&str, &str)| {
            format!(
                r#"{{"Sid": "{sid}", "Effect": "Allow", "Principal": {{"AWS": "{account}"}}, "Action": "ecr:BatchGetImage",
                "Condition": {{"StringEquals": {{"aws:PrincipalTag/contract": "gold"}}}}}}"#
            )
        };
        let statements: Vec<String> = sids.iter().map(statement).collect();
        format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, statements.join(", "))
    }

    #[test]
    fn what_is_new_leads_and_names_stand_as_they_are() {
        let before = policy(&[("Team", "333333333333"), ("Fence", "444444444444")]);
        let after = policy(&[("Team", "333333333333"), ("Fence", "444444444444"), ("EcrGrantPull", "111111111111")]);
        let mut page = TextPage::new(80);
        add_statements(&mut page, &policies(&after, Before::Text(Some(before))));
        let text = page.text();
        assert!(text.starts_with("EcrGrantPull  Allow  new\n"), "{text}");
        assert!(text.find("Team") < text.find("Fence"), "the others keep their order: {text}");
        assert!(!text.contains('`'), "{text}");
    }

    #[test]
    fn a_condition_that_has_no_better_words_is_said_once() {
        let mut page = TextPage::new(80);
        let text = policy(&[("Team", "333333333333")]);
        add_statements(&mut page, &policies(&text, Before::Unchanged));
        assert_eq!(page.text().matches("aws:PrincipalTag/contract").count(), 1, "{}", page.text());
    }
}
