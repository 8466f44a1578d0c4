//! A review as one HTML page without scripts and without anything from elsewhere, for screens and for paper.

use std::fmt::{self, Write};

use super::ReviewResult;
use super::changed::change_words;
use super::table::registry_lines;
use super::words::{END_COLUMNS, access_cell, count_words, disabled_words, end_rows, finding_words, told_repository};
use crate::cli::output::with_names;
use crate::ecr::text::make_visible;
use crate::ecr::{AccountId, Region};
use crate::review::{IndexedAccess, ReverseIndex};

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--line:#d0d7de;--soft:#f6f8fa;--bad:#b42318;--warn:#8a5300;--dim:#57606a}\
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--paper:#0d1117;--line:#30363d;--soft:#161b22;--bad:#ff7b72;--warn:#e3b341;--dim:#9198a1}}\
*{box-sizing:border-box}\
body{font:15px/1.45 system-ui,sans-serif;color:var(--ink);background:var(--paper);margin:0 auto;max-width:90rem;padding:1.5rem}\
h1{font-size:1.5rem;margin:0}h2{font-size:1.15rem;margin:2rem 0 .5rem}h3{font-size:1rem;margin:1.25rem 0 .25rem;overflow-wrap:anywhere}\
p{margin:.25rem 0}.dim{color:var(--dim)}\
.scroll{overflow-x:auto}\
table{border-collapse:collapse;width:100%}\
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid var(--line)}\
td{overflow-wrap:anywhere;min-width:6rem}\
.class,.account,.Region,.right,.statements{white-space:nowrap;overflow-wrap:normal;min-width:0}\
.repository{min-width:12rem;max-width:28rem}.findings{min-width:18rem}\
th{background:var(--soft)}\
ul{margin:0;padding-left:1.1rem}\
.public,.unreadable,.not{color:var(--bad);font-weight:600}.network,.organization{color:var(--warn);font-weight:600}\
@media (max-width:45rem){body{padding:.75rem;font-size:14px}\
thead{position:absolute;left:-999rem}tr{display:block;border-bottom:1px solid var(--line);padding:.4rem 0}\
td{display:block;border:0;padding:.1rem 0;min-width:0;max-width:none;white-space:normal;overflow-wrap:anywhere}\
.repository{font-weight:600}td:before{content:attr(data-name) ': ';color:var(--dim);font-weight:400}td:empty{display:none}}\
@media print{:root{--ink:#000;--paper:#fff;--line:#999;--soft:#fff;--bad:#000;--warn:#000;--dim:#333}\
body{font-size:10pt;max-width:none;padding:0}.scroll{overflow:visible}tr,h2,h3{break-inside:avoid}h2,h3{break-after:avoid}}";

/// Writes the page: repositories, grantees, registries, and what could not be read. `day`: the day of the review.
pub(super) fn write_page(page: &mut impl Write, result: &ReviewResult, index: &ReverseIndex, day: &str) -> fmt::Result {
    write!(
        page,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>Review of ECR repositories</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <h1>Review of ECR repositories</h1>\n<p class=\"dim\">{}{}, read {day} (UTC)</p>\n",
        plain_text(&count_words(result.entries.len(), result.registries.len())),
        only_place(result).map(|(account, region)| format!(": {account} in {region}")).unwrap_or_default(),
    )?;
    if !result.failed.is_empty() {
        page.write_str("<h2>Not read</h2>\n<ul>\n")?;
        for place in &result.failed {
            writeln!(page, "<li>{}: {}</li>", plain_text(&place.words), plain_text(&place.failure.what))?;
        }
        page.write_str("</ul>\n")?;
    }
    repositories_table(page, result)?;
    for (heading, lines) in change_words(result) {
        write!(page, "<h3>{}</h3>\n<ul>\n", plain_text(&heading))?;
        for line in lines {
            writeln!(page, "<li>{}</li>", plain_text(line.trim_start()))?;
        }
        page.write_str("</ul>\n")?;
    }
    ends_table(page, result)?;
    index_tables(page, index, only_place(result).is_some())?;
    for registry in result.registries.iter().filter(|registry| registry.is_noteworthy()) {
        write!(
            page,
            "<h2>Registry {} in {}</h2>\n<ul>\n",
            plain_text(&with_names(registry.facts.account.as_str())),
            registry.facts.region
        )?;
        for line in registry_lines(registry) {
            writeln!(page, "<li>{}</li>", plain_text(&line))?;
        }
        page.write_str("</ul>\n")?;
    }
    if !result.disabled.is_empty() {
        page.write_str("<h2>Not enabled</h2>\n<ul>\n")?;
        for line in disabled_words(&result.disabled) {
            writeln!(page, "<li>{}</li>", plain_text(&line))?;
        }
        page.write_str("</ul>\n")?;
    }
    page.write_str("</body>\n</html>\n")
}

const REPOSITORY_COLUMNS: [&str; 6] = ["class", "account", "Region", "repository", "who can pull", "findings"];

/// Returns the account and the Region of all repositories; none: there are several, or no repository.
fn only_place(result: &ReviewResult) -> Option<(&AccountId, &Region)> {
    let mut places = result.entries.iter().map(|entry| (&entry.reference.account, &entry.reference.region));
    let first = places.next()?;
    places.all(|place| place == first).then_some(first)
}

/// The columns that say the same in each row where there is one account and Region.
const PLACE_COLUMNS: [&str; 2] = ["account", "Region"];

fn repositories_table(page: &mut impl Write, result: &ReviewResult) -> fmt::Result {
    page.write_str("<h2>Repositories</h2>\n")?;
    let is_one_place = only_place(result).is_some();
    let is_told = |column: &str| !(is_one_place && PLACE_COLUMNS.contains(&column));
    let columns: Vec<&str> = REPOSITORY_COLUMNS.into_iter().filter(|column| is_told(column)).collect();
    begin_table(page, &columns)?;
    for entry in &result.entries {
        let class = entry.class_words();
        let kind = class.split([' ', '-']).next().unwrap_or_default().to_owned();
        let findings: Vec<String> = entry
            .judged_findings()
            .map(|(finding, acceptance)| format!("<li>{}</li>", plain_text(&finding_words(finding, acceptance))))
            .collect();
        let findings = if findings.is_empty() { String::new() } else { format!("<ul>{}</ul>", findings.concat()) };
        let cells = [
            format!("<span class=\"{}\">{}</span>", plain_text(&kind), plain_text(&class)),
            plain_text(&with_names(entry.reference.account.as_str())),
            entry.reference.region.to_string(),
            plain_text(entry.reference.name.as_str()),
            plain_text(&access_cell(entry)),
            findings,
        ];
        let told = REPOSITORY_COLUMNS.iter().zip(cells).filter(|(column, _)| is_told(column));
        table_row(page, &columns, &told.map(|(_, cell)| cell).collect::<Vec<_>>())?;
    }
    page.write_str("</tbody></table></div>\n")
}

fn ends_table(page: &mut impl Write, result: &ReviewResult) -> fmt::Result {
    let ends = end_rows(result);
    if ends.is_empty() {
        return Ok(());
    }
    page.write_str("<h2>What ends</h2>\n")?;
    begin_table(page, &END_COLUMNS)?;
    for row in &ends {
        table_row(page, &END_COLUMNS, &row.each_ref().map(|cell| plain_text(cell)))?;
    }
    page.write_str("</tbody></table></div>\n")
}

const ACCESS_COLUMNS: [&str; 4] = ["repository", "right", "access", "statements"];

fn index_tables(page: &mut impl Write, index: &ReverseIndex, is_one_place: bool) -> fmt::Result {
    page.write_str("<h2>Who reaches what</h2>\n")?;
    if index.is_empty() {
        page.write_str("<p>No policy names anybody.</p>\n")?;
    }
    for (who, accesses) in index.iter() {
        writeln!(page, "<h3>{}</h3>", plain_text(&with_names(&who.words())))?;
        begin_table(page, &ACCESS_COLUMNS)?;
        for IndexedAccess { repository, access } in accesses {
            let numbers: Vec<String> = access.statements.iter().map(ToString::to_string).collect();
            let cells = [
                plain_text(&if is_one_place { repository.name.to_string() } else { told_repository(repository) }),
                access.right.name().to_owned(),
                plain_text(&access.right_words()),
                numbers.join(", "),
            ];
            table_row(page, &ACCESS_COLUMNS, &cells)?;
        }
        page.write_str("</tbody></table></div>\n")?;
    }
    Ok(())
}

fn begin_table(page: &mut impl Write, columns: &[&str]) -> fmt::Result {
    page.write_str("<div class=\"scroll\"><table><thead><tr>")?;
    for column in columns {
        write!(page, "<th>{column}</th>")?;
    }
    page.write_str("</tr></thead><tbody>\n")
}

fn table_row(page: &mut impl Write, columns: &[&str], cells: &[String]) -> fmt::Result {
    page.write_str("<tr>")?;
    for (column, cell) in columns.iter().zip(cells) {
        let class = column.split(' ').next().unwrap_or_default();
        write!(page, "<td class=\"{class}\" data-name=\"{column}\">{cell}</td>")?;
    }
    page.write_str("</tr>\n")
}

/// Writes a text without anything that HTML would read in it.
fn plain_text(text: &str) -> String {
    let shown = make_visible(text);
    shown.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_makes_no_element_and_no_attribute() {
        assert_eq!(plain_text("<b onclick='x'>\"&"), "&lt;b onclick=&#39;x&#39;&gt;&quot;&amp;");
    }
}
