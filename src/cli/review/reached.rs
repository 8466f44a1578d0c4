//! The output of `--grantee`: what one grantee reaches, over everything that was read.

use super::document::reach_object;
use super::table::lay_out;
use crate::cli::args::Format;
use crate::cli::output::{Stop, print_data, print_documents, tell_line, with_names};
use crate::ecr::text::make_visible;
use crate::ecr::{Grantee, RepositoryRef};
use crate::review::{GranteeReach, RepositoryEntry, find_reach};

/// The grantee of `--grantee`.
#[derive(Debug, Clone)]
pub(super) struct AskedGrantee {
    id: String,
    /// None: the id of a deleted principal, which is no grantee.
    grantee: Option<Grantee>,
}

impl AskedGrantee {
    /// Reads the grantee, for a form of output that can tell of one.
    pub(super) fn parse(text: &str, format: Format) -> Result<Self, Stop> {
        if !matches!(format, Format::Text | Format::Table | Format::Json | Format::Jsonl) {
            return Err(Stop::wrong_usage(
                "this form tells of all grantees",
                "use text, table, json or jsonl with --grantee",
            ));
        }
        let is_deleted = ["AROA", "AIDA"].iter().any(|prefix| text.starts_with(prefix));
        let grantee = match Grantee::parse(text) {
            Ok(grantee) => Some(grantee),
            Err(_) if is_deleted => None,
            Err(problem) => return Err(Stop::wrong_usage(problem.what, problem.next)),
        };
        Ok(Self { id: text.trim().to_owned(), grantee })
    }

    /// Prints what the grantee reaches.
    pub(super) fn print_reach(&self, entries: &[RepositoryEntry], format: Format) {
        let reached = entries.iter().filter_map(|entry| {
            let analysis = &entry.outcome.as_ref().ok()?.analysis;
            Some((&entry.reference, find_reach(&entry.reference, analysis, &self.id, self.grantee.as_ref())))
        });
        let reached: Vec<(&RepositoryRef, Vec<GranteeReach>)> =
            reached.filter(|(_, found)| !found.is_empty()).collect();
        let each = || reached.iter().flat_map(|(reference, found)| found.iter().map(|reach| (*reference, reach)));
        if matches!(format, Format::Json | Format::Jsonl) {
            let objects = each().map(|(reference, reach)| reach_object(reference, reach)).collect();
            print_documents(format, "repositories", objects);
        } else if !reached.is_empty() {
            let headings = ["ACCOUNT", "REGION", "REPOSITORY", "RIGHT", "HOW", "ACCESS", "STATEMENTS"];
            let rows = || each().map(|(reference, reach)| reach_row(reference, reach));
            let with_headings = || std::iter::once(headings.map(str::to_owned).to_vec()).chain(rows());
            print_data(lay_out(with_headings).trim_end());
        }
        let words = self.grantee.as_ref().map_or_else(|| format!("deleted principal {}", self.id), Grantee::words);
        tell_line(&format!("{}: {} of {} repositories", make_visible(&words), reached.len(), entries.len()));
    }
}

fn reach_row(reference: &RepositoryRef, reach: &GranteeReach) -> Vec<String> {
    let numbers: Vec<String> = reach.access.statements.iter().map(ToString::to_string).collect();
    let cells = [
        with_names(reference.account.as_str()).into_owned(),
        reference.region.to_string(),
        reference.name.to_string(),
        reach.access.right.name().to_owned(),
        reach.way.words().to_owned(),
        reach.access.right_words(),
        numbers.join(", "),
    ];
    cells.iter().map(|cell| make_visible(cell)).collect()
}
