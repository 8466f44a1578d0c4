//! A review for spreadsheets: RFC 4180, a line for each access of each repository.

use super::{GranteeAccess, RepositoryEntry, finding_ids};
use crate::ecr::text::make_visible;
use crate::policy::explain::condition_words;

const HEADINGS: [&str; 13] = [
    "account",
    "region",
    "repository",
    "arn",
    "class",
    "size",
    "grantee",
    "grantee_kind",
    "right",
    "actions",
    "conditions",
    "statements",
    "findings",
];

/// Writes the lines as one text.
pub fn csv_text<'e>(
    entries: impl IntoIterator<Item = &'e RepositoryEntry>,
    failed: impl IntoIterator<Item = [String; 3]>,
) -> String {
    csv_lines(entries, failed).collect()
}

/// Writes each line with its end. A repository without access has one line without a grantee; the last column holds an
/// error. `failed` has the account, the Region (empty where they are not known) and the failure of each place that could not
/// be read.
pub fn csv_lines<'e>(
    entries: impl IntoIterator<Item = &'e RepositoryEntry>,
    failed: impl IntoIterator<Item = [String; 3]>,
) -> impl Iterator<Item = String> {
    let headings = line_of(HEADINGS.iter().copied().chain(["error"]).map(str::to_owned));
    let of_entries = entries.into_iter().flat_map(|entry| {
        let accesses = entry.grantees().iter().map(Some);
        let nobody = entry.grantees().is_empty().then_some(None);
        accesses.chain(nobody).map(move |access| entry_line(entry, access))
    });
    let of_failed = failed.into_iter().map(|[account, region, why]| {
        let blanks = std::iter::repeat_n(String::new(), HEADINGS.len() - 2);
        line_of([account, region].into_iter().chain(blanks).chain([why]))
    });
    std::iter::once(headings).chain(of_entries).chain(of_failed)
}

fn entry_line(entry: &RepositoryEntry, access: Option<&GranteeAccess>) -> String {
    let reviewed = entry.outcome.as_ref().ok();
    let of_access = |tell: &dyn Fn(&GranteeAccess) -> String| access.map(tell).unwrap_or_default();
    let numbers =
        |access: &GranteeAccess| access.statements.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    line_of([
        entry.reference.account.to_string(),
        entry.reference.region.to_string(),
        entry.reference.name.to_string(),
        entry.reference.arn().to_string(),
        entry.class_words(),
        reviewed.and_then(|reviewed| reviewed.size).map(|size| size.to_string()).unwrap_or_default(),
        of_access(&|access| access.who.id()),
        of_access(&|access| access.who.kind_name().to_owned()),
        of_access(&|access| access.right.name().to_owned()),
        of_access(&|access| access.actions.join(" ")),
        of_access(&|access| access.conditions.iter().map(condition_words).collect::<Vec<_>>().join("; ")),
        of_access(&numbers),
        finding_ids(entry.open_findings()),
        entry.outcome.as_ref().err().map(|failure| failure.what.clone()).unwrap_or_default(),
    ])
}

fn line_of(cells: impl IntoIterator<Item = String>) -> String {
    let cells: Vec<String> = cells.into_iter().map(|cell| safe_cell(&cell)).collect();
    cells.join(",") + "\r\n"
}

/// Quotes a cell, so that no program takes it for a formula: those begin with `=`, `+`, `-`, `@`, a tab or a line's end, and
/// an apostrophe before them makes a text. Source: OWASP, CSV injection.
fn safe_cell(cell: &str) -> String {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let shown = make_visible(cell);
    let safe = if is_formula { format!("'{shown}") } else { shown };
    if safe.contains([',', '"', '\n', '\r', ';']) || is_formula {
        format!("\"{}\"", safe.replace('"', "\"\""))
    } else {
        safe
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_each_is_one_cell() {
        for text in ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"] {
            let cell = safe_cell(text);
            assert!(cell.starts_with("\"'"), "{text:?}: {cell}");
            assert!(!cell.contains('\n') && !cell.contains('\r'), "{text:?}: {cell:?}");
        }
        assert_eq!(safe_cell("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(safe_cell("team/app"), "team/app");
        assert_eq!(safe_cell("*"), "*");
    }
}
