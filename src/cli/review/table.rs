//! A review as a table: a line for each repository, the worst first.

use std::collections::HashMap;
use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use super::ReviewResult;
use super::changed::change_words;
use super::words::{access_cell, disabled_words, end_rows, finding_words};
use crate::cli::output::with_names;
use crate::ecr::text::make_visible;
use crate::review::{Acceptance, RegistryEntry, RepositoryEntry, ReviewFinding, finding_ids};

/// Writes the table. Account and Region stand in it where there are several.
pub(in crate::cli) fn table_text(entries: &[RepositoryEntry]) -> String {
    let first = entries.first().map(|entry| (&entry.reference.account, &entry.reference.region));
    let has_places = entries.iter().any(|e| Some((&e.reference.account, &e.reference.region)) != first);
    let headings = ["CLASS", "ACCOUNT", "REGION", "REPOSITORY", "WHO CAN PULL", "FINDINGS"];
    let row = |entry: &RepositoryEntry| {
        row_of(
            has_places,
            [
                &entry.class_words(),
                &with_names(entry.reference.account.as_str()),
                entry.reference.region.as_str(),
                entry.reference.name.as_str(),
                &access_cell(entry),
                &finding_ids(entry.open_findings()),
            ],
        )
    };
    lay_out(|| std::iter::once(row_of(has_places, headings)).chain(entries.iter().map(row)))
}

fn row_of(has_places: bool, [class, account, region, repository, access, findings]: [&str; 6]) -> Vec<String> {
    let cells: &[&str] = if has_places {
        &[class, account, region, repository, access, findings]
    } else {
        &[class, repository, access, findings]
    };
    cells.iter().map(|cell| make_visible(cell)).collect()
}

/// Lays rows out in columns, two blanks apart. The rows are made twice, since all at once would need more room than the text.
pub(super) fn lay_out<R: Iterator<Item = Vec<String>>>(rows: impl Fn() -> R) -> String {
    let mut widths: Vec<usize> = Vec::new();
    for row in rows() {
        widths.resize(widths.len().max(row.len()), 0);
        for (width, cell) in widths.iter_mut().zip(&row) {
            *width = (*width).max(cell.width());
        }
    }
    let mut text = String::new();
    for row in rows() {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(line, "{cell}{}  ", " ".repeat(width.saturating_sub(cell.width())));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Writes the table, the findings in words, and what is to be said of the registries.
pub(super) fn review_text(result: &ReviewResult) -> String {
    let mut text = if result.entries.is_empty() { String::new() } else { table_text(&result.entries) };
    let mut by_message: Vec<(&ReviewFinding, Option<&Acceptance>, Vec<&str>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for entry in &result.entries {
        let name = entry.reference.name.as_str();
        for (finding, acceptance) in entry.judged_findings() {
            let at = *places.entry(finding_words(finding, acceptance)).or_insert(by_message.len());
            match by_message.get_mut(at) {
                Some((_, _, names)) if names.last() == Some(&name) => {}
                Some((_, _, names)) => names.push(name),
                None => by_message.push((finding, acceptance, vec![name])),
            }
        }
    }
    by_message.sort_by_key(|(finding, acceptance, _)| (acceptance.is_some(), std::cmp::Reverse(finding.severity)));
    for (heading, lines) in change_words(result) {
        let _ = write!(text, "\n{}\n", make_visible(&heading));
        for line in lines {
            let _ = writeln!(text, "  {}", make_visible(&line));
        }
    }
    if !by_message.is_empty() {
        text.push_str("\nFindings\n");
    }
    for (finding, acceptance, names) in by_message {
        let where_to_look = match names.as_slice() {
            [first, second, third, _, rest @ ..] => format!("{first}, {second}, {third} and {} more", rest.len() + 1),
            few => few.join(", "),
        };
        let _ = write!(
            text,
            "  {}\n    in {}\n",
            make_visible(&finding_words(finding, acceptance)),
            make_visible(&where_to_look)
        );
    }
    let ends: Vec<Vec<String>> =
        end_rows(result).iter().map(|row| row.iter().map(|cell| make_visible(cell)).collect()).collect();
    if !ends.is_empty() {
        text.push_str("\nWhat ends\n");
    }
    for line in lay_out(|| ends.iter().cloned()).lines() {
        let _ = writeln!(text, "  {line}");
    }
    for registry in result.registries.iter().filter(|registry| registry.is_noteworthy()) {
        text.push_str(&registry_text(registry));
    }
    if !result.disabled.is_empty() {
        text.push_str("\nNot enabled\n");
    }
    for line in disabled_words(&result.disabled) {
        let _ = writeln!(text, "  {line}");
    }
    text
}

fn registry_text(entry: &RegistryEntry) -> String {
    let facts = &entry.facts;
    let mut text = format!("\nRegistry {} in {}\n", with_names(facts.account.as_str()), facts.region);
    for line in registry_lines(entry) {
        let _ = writeln!(text, "  {}", make_visible(&line));
    }
    text
}

/// Says what is to be known of a registry, a line each.
pub(super) fn registry_lines(entry: &RegistryEntry) -> Vec<String> {
    let mut lines = entry.setting_words(|text| with_names(text).into_owned());
    lines.extend(entry.judged_findings().map(|(finding, acceptance)| finding_words(finding, acceptance)));
    lines
}
