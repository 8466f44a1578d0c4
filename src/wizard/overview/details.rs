//! Tells of the chosen repository of a review: its findings with their places and acceptances, and who has
//! access by which statement.

use crate::ecr::text::{fit_width, make_visible};
use crate::policy::{LineIndex, Severity};
use crate::review::{Acceptance, ReviewFinding, ReviewedPolicy};
use crate::wizard::Model;
use crate::wizard::access_rows::{add_entries, list_entries};
use crate::wizard::page::{Ink, Mark, PageRow, TextPage};
use crate::wizard::repository::row::RepositoryRow;
use crate::wizard::statements::{name_of, severity_word};

/// The room that the details have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Room {
    /// For heads and the address too.
    Tall,
    /// For findings and access alone.
    Low,
    /// For a row of each finding.
    Lowest,
}

/// The rows from which on the details have heads.
const TALL: usize = 12;

/// Makes the rows of the details in so many cells. Where there is little room below a list, each finding has one row, so that
/// who has access is seen too.
pub fn detail_page(model: &Model, row: &RepositoryRow, width: usize, height: usize) -> TextPage {
    if height > TALL {
        return make_page(model, row, width, Room::Tall);
    }
    let page = make_page(model, row, width, Room::Low);
    if page.len() > height { make_page(model, row, width, Room::Lowest) } else { page }
}

fn make_page(model: &Model, row: &RepositoryRow, width: usize, room: Room) -> TextPage {
    let mut page = TextPage::new(width).with_names(&model.account_names).at_moment(model.unix_now());
    let is_tall = room == Room::Tall;
    if is_tall {
        page.text_row(Ink::Strong, 0, row.repository.name().as_str());
        page.text_row(Ink::Dim, 0, &row.repository.reference.uri());
        page.add_blank();
        page.text_row(Ink::Strong, 0, "Findings");
    }
    let reviewed = row.entry.as_deref().and_then(|entry| entry.outcome.as_ref().ok());
    if let (Some(entry), Some(reviewed)) = (&row.entry, reviewed) {
        let mut findings: Vec<_> = entry.judged_findings().collect();
        findings.sort_by_key(|(finding, acceptance)| (acceptance.is_some(), std::cmp::Reverse(finding.severity)));
        if findings.is_empty() && is_tall {
            page.text_row(Ink::Dim, 0, "none");
        }
        // A policy that came as an object has no lines of its own.
        let lines = reviewed.analysis.text.as_deref().filter(|_| reviewed.size.is_some()).map(LineIndex::new);
        for (finding, acceptance) in findings {
            let place = place_words(finding, reviewed, lines.as_ref());
            let cut = (room == Room::Lowest).then_some(model.settings.ascii);
            add_finding(&mut page, finding, acceptance, &place, is_tall, cut);
        }
    }
    if is_tall {
        page.add_blank();
        page.text_row(Ink::Strong, 0, "Who has access");
    }
    add_access(&mut page, model, row, reviewed);
    page
}

/// Says where a finding is: its statement by name and number, and the line of the text.
fn place_words(finding: &ReviewFinding, reviewed: &ReviewedPolicy, lines: Option<&LineIndex<'_>>) -> String {
    let statement = finding.statement.map(|number| {
        let name = number.checked_sub(1).map(|at| name_of(&reviewed.analysis.decided, at)).unwrap_or_default();
        // A statement without a name is called by its number.
        if name.starts_with("unnamed ") { format!("statement {number}") } else { format!("statement {number}, {name}") }
    });
    let line = finding.span.zip(lines).map(|(span, lines)| format!("line {}", lines.position_of(span.start).line));
    statement.into_iter().chain(line).collect::<Vec<_>>().join(", ")
}

/// Adds a finding; what is accepted is quiet, with who accepted it and why. `cut`: in one row, and whether in ASCII.
fn add_finding(
    page: &mut TextPage,
    finding: &ReviewFinding,
    acceptance: Option<&Acceptance>,
    place: &str,
    is_tall: bool,
    cut: Option<bool>,
) {
    let (mark, ink) = match finding.severity {
        _ if acceptance.is_some() => (Mark::Bullet, Ink::Dim),
        Severity::Error => (Mark::Failed, Ink::Bad),
        Severity::Security => (Mark::Warn, Ink::Bad),
        Severity::Warning => (Mark::Warn, Ink::Warn),
        Severity::Advice => (Mark::Bullet, Ink::Plain),
    };
    let word = severity_word(finding.severity);
    let head = format!("{} {word}: {}", finding.id, finding.message);
    let accepted = acceptance.map(Acceptance::words);
    if is_tall {
        page.add_marked(mark, ink, 0, &head);
        if !place.is_empty() {
            page.text_row(Ink::Dim, 2, place);
        }
        if let Some(words) = accepted {
            page.text_row(Ink::Plain, 2, &words);
        }
        return;
    }
    let place = if place.is_empty() { String::new() } else { format!(" ({place})") };
    let accepted = accepted.map(|words| format!("; {words}")).unwrap_or_default();
    let words = format!("{head}{place}{accepted}");
    match cut {
        Some(ascii) => {
            let named = page.account_names().beside_ids_within(&words, page.width().saturating_sub(2)).into_owned();
            let words = fit_width(&make_visible(&named), page.width().saturating_sub(2), ascii);
            page.push_row(PageRow { mark: Some((mark, ink)), parts: vec![(ink, words)], ..PageRow::default() });
        }
        None => page.add_marked(mark, ink, 0, &words),
    }
}

/// Adds who has access, what, under which condition and by which statement, as the opened repository tells it.
fn add_access(page: &mut TextPage, model: &Model, row: &RepositoryRow, reviewed: Option<&ReviewedPolicy>) {
    let analysis = reviewed.map(|reviewed| &reviewed.analysis).filter(|analysis| analysis.class.is_some());
    let Some(analysis) =
        analysis.filter(|analysis| !analysis.table.rows.is_empty() || !analysis.table.denies.is_empty())
    else {
        page.text_row(Ink::Plain, 0, row.access.in_words());
        return add_ended(page, reviewed);
    };
    let owner = &row.repository.reference.account;
    let entries = list_entries(&analysis.table, |_| false);
    add_entries(page, (&analysis.decided, &analysis.table), owner, &entries, true, true);
    add_ended(page, reviewed);
    let reference = &row.repository.reference;
    let registry = match model.repository.elsewhere() {
        Some(elsewhere) => elsewhere.registry_policy_around(reference),
        None => model.registry_policies.policy_around(reference),
    };
    for words in registry.note_words(&row.repository.reference) {
        page.text_row(Ink::Warn, 0, &words);
    }
}

fn add_ended(page: &mut TextPage, reviewed: Option<&ReviewedPolicy>) {
    for access in reviewed.iter().flat_map(|reviewed| &reviewed.analysis.ended) {
        page.text_row(Ink::Dim, 0, &access.ended_words());
    }
}
