//! A review as Markdown, for a ticket or a wiki.

use std::fmt::Write as _;

use super::ReviewResult;
use super::changed::change_words;
use super::table::registry_lines;
use super::words::{END_COLUMNS, access_cell, count_words, disabled_words, end_rows, finding_words, told_repository};
use crate::cli::output::with_names;
use crate::ecr::text::make_visible;
use crate::review::{IndexedAccess, ReverseIndex, finding_ids};

/// Writes the page: repositories, findings, grantees, registries, and what could not be read.
pub(super) fn markdown_page(result: &ReviewResult, index: &ReverseIndex) -> String {
    let mut page = format!("# Review\n\n{}\n", count_words(result.entries.len(), result.registries.len()));
    page.push_str("\n## Repositories\n\n| class | account | Region | repository | who can pull | findings |\n");
    page.push_str("| --- | --- | --- | --- | --- | --- |\n");
    for entry in &result.entries {
        let cells = [
            entry.class_words(),
            with_names(entry.reference.account.as_str()).into_owned(),
            entry.reference.region.to_string(),
            entry.reference.name.to_string(),
            access_cell(entry),
            finding_ids(entry.open_findings()),
        ];
        table_line(&mut page, &cells);
    }
    for (heading, lines) in change_words(result) {
        let _ = write!(page, "\n### {}\n\n", plain_text(&heading));
        for line in lines {
            let _ = writeln!(page, "- {}", plain_text(line.trim_start()));
        }
    }
    page.push_str("\n## Findings\n\n");
    let mut count = 0;
    for entry in &result.entries {
        for (finding, acceptance) in entry.judged_findings() {
            count += 1;
            let (place, words) = (told_repository(&entry.reference), finding_words(finding, acceptance));
            let _ = writeln!(page, "- {}: {}", plain_text(&place), plain_text(&words));
        }
    }
    if count == 0 {
        page.push_str("None.\n");
    }
    page.push_str(
        "\n## Grantees\n\n| grantee | right | repository | access | statements |\n| --- | --- | --- | --- | --- |\n",
    );
    for (who, accesses) in index.iter() {
        for IndexedAccess { repository, access } in accesses {
            let numbers: Vec<String> = access.statements.iter().map(ToString::to_string).collect();
            let cells = [
                with_names(&who.words()).into_owned(),
                access.right.name().to_owned(),
                told_repository(repository),
                access.right_words(),
                numbers.join(", "),
            ];
            table_line(&mut page, &cells);
        }
    }
    let ends = end_rows(result);
    if !ends.is_empty() {
        let _ = write!(page, "\n## What ends\n\n| {} |\n| --- | --- | --- | --- |\n", END_COLUMNS.join(" | "));
    }
    for row in &ends {
        table_line(&mut page, row);
    }
    for registry in result.registries.iter().filter(|registry| registry.is_noteworthy()) {
        let _ = write!(
            page,
            "\n## Registry {} in {}\n\n",
            with_names(registry.facts.account.as_str()),
            registry.facts.region
        );
        for line in registry_lines(registry) {
            let _ = writeln!(page, "- {}", plain_text(&line));
        }
    }
    if !result.disabled.is_empty() {
        page.push_str("\n## Not enabled\n\n");
    }
    for line in disabled_words(&result.disabled) {
        let _ = writeln!(page, "- {}", plain_text(&line));
    }
    if !result.failed.is_empty() {
        page.push_str("\n## Not read\n\n");
    }
    for place in &result.failed {
        let _ = writeln!(page, "- {}: {}", plain_text(&place.words), plain_text(&place.failure.what));
    }
    page
}

fn table_line(page: &mut String, cells: &[String]) {
    let cells: Vec<String> = cells.iter().map(|cell| plain_text(cell)).collect();
    let _ = writeln!(page, "| {} |", cells.join(" | "));
}

/// Writes a text without anything that Markdown or HTML would read in it.
fn plain_text(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in make_visible(text).chars() {
        match c {
            '&' => plain.push_str("&amp;"),
            '<' => plain.push_str("&lt;"),
            '>' => plain.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' => {
                plain.push('\\');
                plain.push(c);
            }
            c => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_makes_no_link_no_cell_and_no_element() {
        assert_eq!(plain_text("a|b [x](y) <img>"), "a\\|b \\[x\\](y) &lt;img&gt;");
        assert_eq!(plain_text("a\nb"), "a␊b");
    }
}
