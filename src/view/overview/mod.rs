//! The review of all repositories: rows with class, who has access and findings; or the grantees with what they reach.

mod registries;

use std::collections::HashSet;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::theme::{Role, Sign, Theme};
use super::widgets::{
    chosen_row, draw_bar, draw_lines, fixed_width, full_width, marked_spans, role_line, role_span, wrap_lines,
};
use crate::ecr::text::{fit_width, make_visible, with_commas};
use crate::ecr::{AccountNames, RepositoryRef};
use crate::policy::Severity;
use crate::policy::access::Class;
use crate::review::{Acceptance, RegistryEntry, RepositoryEntry, ReviewFinding};
use crate::wizard::fuzzy::Fuzzy;
use crate::wizard::overview::{GranteeList, GranteeRow, Overview, RegistriesAround, detail_page};
use crate::wizard::repository::order::{Order, Sort};
use crate::wizard::repository::reads::PullAccess;
use crate::wizard::repository::row::RepositoryRow;
use crate::wizard::repository::tally::Tally;
use crate::wizard::{Model, RegistryPlace};

use registries::registry_names;
pub(super) use registries::{
    around_line, draw_registries, has_registries_shown, progress_words, registry_lines, survey_words, unread_line,
};

/// The cells of the class: the longest is `cross-account`.
const CLASS: usize = 13;
/// The cells before the first column.
const LEAD: usize = 4;

/// The cells of an account's id.
const ACCOUNT: usize = 12;
/// The cells of a Region: the longest of the usual ones is `ap-southeast-1`.
const REGION: usize = 14;
/// The width under which a list of several registries leaves out who has access: the details tell it.
const WIDE: usize = 100;

/// The cells that a name and its findings need at least beside the place of a repository.
const NARROWEST: usize = 20;

/// The columns of the rows; a width of 0: the column is left out.
struct OverviewColumns {
    name: usize,
    account: usize,
    region: usize,
    who: usize,
    findings: usize,
}

impl OverviewColumns {
    fn for_model(model: &Model, width: usize) -> Self {
        let survey = model.repository.overview().and_then(Overview::survey);
        let account = if survey.is_some_and(|survey| survey.count_accounts() > 1) { ACCOUNT } else { 0 };
        let region = if survey.is_some_and(|survey| survey.count_regions() > 1) { REGION } else { 0 };
        // A name comes before its place.
        let room = width.saturating_sub(2 + LEAD + CLASS + 4 + NARROWEST);
        let account = if account + 2 <= room { account } else { 0 };
        let region = if account + region + 4 <= room { region } else { 0 };
        let places = [account, region].into_iter().filter(|cells| *cells > 0).map(|cells| cells + 2).sum::<usize>();
        let has_who = places == 0 || width >= WIDE;
        // The last cell is the bar's, with one before it; two cells stand between columns.
        let gaps = if has_who { 6 } else { 4 };
        let left = width.saturating_sub(2 + LEAD + CLASS + gaps + places);
        let findings = (left / 5).clamp(8, 24).min(left);
        let name = if has_who { (left - findings) * 55 / 100 } else { left - findings };
        Self { name, account, region, who: left - findings - name, findings }
    }
}

/// Returns the sum of what is known: how many are public, how many findings of each weight there are.
pub(super) fn sum_words(model: &Model) -> String {
    let step = &model.repository;
    let Tally { public, mut errors, mut risks, .. } = step.rows().sum();
    // What a registry itself opens is no row that a filter shows.
    let around = step.overview().filter(|_| !step.filter().is_narrowing()).map(Overview::around);
    for (_, finding) in around.into_iter().flat_map(RegistriesAround::open_findings) {
        errors += usize::from(finding.severity == Severity::Error);
        risks += usize::from(finding.severity == Severity::Security);
    }
    let counted = |count: usize, word: &str, ending: &str| {
        let ending = if count == 1 { "" } else { ending };
        (count > 0).then(|| format!("{} {word}{ending}", with_commas(count)))
    };
    let parts = [counted(errors, "error", "s"), counted(risks, "risk", "s")];
    counted(public, "public", "").into_iter().chain(parts.into_iter().flatten()).collect::<Vec<_>>().join(", ")
}

/// Returns how many of the shown findings somebody accepted, in words; none: no finding is.
pub(super) fn accepted_words(model: &Model) -> Option<String> {
    let step = &model.repository;
    let is_accepted = |entry: &RegistryEntry| entry.judged_findings().filter(|(_, by)| by.is_some()).count();
    // What a registry itself opens is no row that a filter shows.
    let around = step.overview().filter(|_| !step.filter().is_narrowing()).map(Overview::around);
    let around: usize = around.into_iter().flat_map(RegistriesAround::entries).map(is_accepted).sum();
    let accepted = step.rows().sum().accepted + around;
    (accepted > 0).then(|| format!("{} accepted", with_commas(accepted)))
}

/// Draws the names of the columns.
pub(super) fn draw_names(frame: &mut Frame, area: Rect, model: &Model, theme: Theme) {
    let width = usize::from(area.width);
    let words = if has_registries_shown(model) {
        registry_names(width, theme)
    } else if model.repository.overview().is_some_and(|overview| overview.grantees().is_some()) {
        let room = grantee_room(width);
        format!(
            "{}{}  {:<8}  Repositories",
            " ".repeat(LEAD),
            fixed_width("Who has access", room, theme.ascii),
            "May do"
        )
    } else {
        let columns = OverviewColumns::for_model(model, width);
        let named: [(&str, usize, &[Sort]); 6] = [
            ("Open to", CLASS, &[Sort::Access, Sort::Worst]),
            ("Repository", columns.name, &[Sort::Name]),
            ("Account", columns.account, &[Sort::Account]),
            ("Region", columns.region, &[Sort::Region]),
            ("Findings", columns.findings, &[Sort::Findings]),
            ("Who has access", columns.who, &[Sort::Grantees]),
        ];
        let order = model.repository.rows().current_order();
        let shown = named.into_iter().filter(|(_, cells, _)| *cells > 0);
        let cells: Vec<String> = shown
            .map(|(name, cells, sorts)| {
                let head = if sorts.contains(&order.by) { marked_name(name, order, theme) } else { name.to_owned() };
                fixed_width(&head, cells, theme.ascii)
            })
            .collect();
        format!("{}{}", " ".repeat(LEAD), cells.join("  "))
    };
    draw_lines(frame, area, vec![role_line(theme, Role::Dim, fit_width(&words, width, theme.ascii))]);
}

/// Returns the name of the column that the rows are ordered by, with a sign for the direction.
pub(super) fn marked_name(name: &str, order: Order, theme: Theme) -> String {
    let sign = if order.is_descending() { Sign::Descending } else { Sign::Ascending };
    format!("{name} {}", theme.sign_text(sign))
}

/// Draws the rows of repositories.
pub(super) fn draw_rows(frame: &mut Frame, area: Rect, model: &Model, theme: Theme) {
    let step = &model.repository;
    let columns = OverviewColumns::for_model(model, usize::from(area.width));
    let query = if step.filter().is_narrowing() { step.filter().query_text().trim() } else { "" };
    let mut fuzzy = Fuzzy::new(query);
    let mut out = Vec::new();
    for place in step.cursor().shown_rows(step.rows().shown_indexes().len(), usize::from(area.height)) {
        let Some(row) = step.rows().row_at(place) else { continue };
        let is_chosen = place == step.cursor().selected;
        let name = row.repository.name().as_str();
        let marks = if query.is_empty() { Vec::new() } else { fuzzy.match_marks(name) };
        let (class, role) = class_words(row, step.reads().why_stopped_at(&row.repository.reference).is_some(), theme);
        let mut parts = vec![
            Span::raw(" "),
            role_span(theme, Role::Plain, if is_chosen { theme.sign_text(Sign::Chosen) } else { " " }),
            role_span(
                theme,
                Role::Accent,
                if step.rows().is_marked(row) { theme.sign_text(Sign::Marked) } else { " " },
            ),
            Span::raw(" "),
            role_span(theme, role, fixed_width(class, CLASS, theme.ascii)),
            Span::raw("  "),
        ];
        parts.extend(marked_spans(theme, Role::Plain, name, &marks, columns.name, true));
        parts.push(Span::raw("  "));
        let reference = &row.repository.reference;
        for (text, cells) in
            [(reference.account.as_str(), columns.account), (reference.region.as_str(), columns.region)]
        {
            if cells > 0 {
                parts.push(role_span(theme, Role::Plain, fixed_width(text, cells, theme.ascii)));
                parts.push(Span::raw("  "));
            }
        }
        let who = match &row.access {
            PullAccess::Known { column, .. } => column.text(),
            other => other.in_words().to_owned(),
        };
        parts.extend(finding_spans(row, columns.findings, theme));
        if columns.who > 0 {
            parts.push(Span::raw("  "));
            let who = make_visible(&who);
            let who = model.account_names.beside_ids_within(&who, columns.who);
            parts.push(role_span(theme, role, fixed_width(&who, columns.who, theme.ascii)));
        }
        let line = Line::from(parts);
        out.push(if is_chosen { chosen_row(full_width(line, area), theme) } else { line });
    }
    draw_lines(frame, area, out);
    draw_bar(frame, area, step.cursor().offset, step.rows().shown_indexes().len(), theme);
}

/// Returns how far a repository is open, in a word, and how loud that is.
fn class_words(row: &RepositoryRow, stopped: bool, theme: Theme) -> (&'static str, Role) {
    match (&row.access, row.entry.as_deref().and_then(RepositoryEntry::class)) {
        (PullAccess::Unknown, _) if stopped => ("not known", Role::Dim),
        (PullAccess::Unknown, _) if row.is_being_read() => (super::repository::READING, Role::Dim),
        (PullAccess::Unknown, _) => (theme.sign_text(Sign::More), Role::Dim),
        (PullAccess::Failed(_), _) => ("not known", Role::Warn),
        (PullAccess::Unreadable, _) => ("unreadable", Role::Warn),
        (_, Some(class)) => {
            let role = match class {
                Class::Public => Role::Bad,
                Class::Network => Role::Warn,
                Class::Organization | Class::CrossAccount | Class::Service => Role::Plain,
                Class::OwnAccount | Class::None => Role::Dim,
            };
            (class.name(), role)
        }
        (_, None) => ("", Role::Dim),
    }
}

pub(super) fn finding_role(severity: Severity) -> Role {
    if severity > Severity::Warning { Role::Bad } else { Role::Warn }
}

/// Returns the findings with what accepts them: the open ones first, the gravest before the others.
fn judged_findings(row: &RepositoryRow) -> Vec<(&ReviewFinding, Option<&Acceptance>)> {
    let mut findings: Vec<_> = row.entry.iter().flat_map(|entry| entry.judged_findings()).collect();
    findings.sort_by_key(|(finding, acceptance)| (acceptance.is_some(), std::cmp::Reverse(finding.severity)));
    findings
}

/// Returns the ids of the findings, each once, the gravest first; accepted ones stand last, in brackets. Those without room
/// are counted.
fn finding_spans(row: &RepositoryRow, width: usize, theme: Theme) -> Vec<Span<'static>> {
    let mut ids: Vec<(String, Role)> = Vec::new();
    for (finding, acceptance) in judged_findings(row) {
        let (id, role) = match acceptance {
            Some(_) => (format!("({})", finding.id), Role::Dim),
            None => (finding.id.to_owned(), finding_role(finding.severity)),
        };
        // What is open of a rule counts more than what is accepted of it.
        if ids.iter().all(|(known, _)| known.trim_matches(['(', ')']) != finding.id) {
            ids.push((id, role));
        }
    }
    let mut spans: Vec<Span<'static>> = Vec::new();
    let mut left = width;
    for (at, (id, role)) in ids.iter().enumerate() {
        let rest = ids.len() - at - 1;
        let more = if rest > 0 { format!("+{rest}").width() } else { 0 };
        let gap = usize::from(at > 0);
        if gap + id.width() + usize::from(rest > 0) + more > left {
            let count = fit_width(&format!("{}+{}", " ".repeat(gap), rest + 1), left, theme.ascii);
            left -= count.width();
            spans.push(role_span(theme, Role::Dim, count));
            break;
        }
        left -= gap + id.width();
        spans.push(role_span(theme, *role, format!("{}{id}", " ".repeat(gap))));
    }
    spans.push(Span::raw(" ".repeat(left)));
    spans
}

/// Returns the cells of a grantee: the number of its repositories stands near, however wide the window is.
fn grantee_room(width: usize) -> usize {
    const ENOUGH: usize = 64;
    // The right and the number, with two cells before each, and the bar with one.
    width.saturating_sub(LEAD + 2 + 8 + 2 + 12 + 2).min(ENOUGH)
}

/// Draws the grantees, each with its strongest right and the number of repositories.
pub(super) fn draw_grantees(frame: &mut Frame, area: Rect, list: &GranteeList, names: &AccountNames, theme: Theme) {
    if list.rows.is_empty() {
        draw_lines(frame, area, vec![role_line(theme, Role::Dim, "    nobody, in the policies that are read so far")]);
        return;
    }
    let room = grantee_room(usize::from(area.width));
    let mut out = Vec::new();
    for place in list.cursor.shown_rows(list.rows.len(), usize::from(area.height)) {
        let Some(row) = list.rows.get(place) else { continue };
        let is_chosen = place == list.cursor.selected;
        let count = with_commas(row.reaches.len());
        let end = format!("{:<8}  {count:>12}", row.right.map_or("nothing", crate::review::Right::name));
        let line = Line::from(vec![
            Span::raw(" "),
            role_span(theme, Role::Plain, if is_chosen { theme.sign_text(Sign::Chosen) } else { " " }),
            Span::raw("  "),
            role_span(
                theme,
                grantee_role(row),
                fixed_width(&names.beside_ids_within(&make_visible(&row.who.words()), room), room, theme.ascii),
            ),
            Span::raw("  "),
            role_span(theme, Role::Plain, end),
        ]);
        out.push(if is_chosen { chosen_row(full_width(line, area), theme) } else { line });
    }
    draw_lines(frame, area, out);
    draw_bar(frame, area, list.cursor.offset, list.rows.len(), theme);
}

fn grantee_role(row: &GranteeRow) -> Role {
    match row.who {
        crate::policy::Who::Everyone => Role::Bad,
        _ if row.who.is_deleted() => Role::Warn,
        _ => Role::Plain,
    }
}

/// Returns what is to be known of the chosen row, for under or beside the list: findings, and who has access.
pub(super) fn detail_lines(
    row: &RepositoryRow,
    model: &Model,
    width: usize,
    height: usize,
    theme: Theme,
) -> Vec<Line<'static>> {
    let page = detail_page(model, row, width, height);
    let is_elsewhere = model.repository.shown_survey().is_some_and(|survey| survey.elsewhere().is_some());
    let rest = if is_elsewhere { HIGHER } else { "open it to see all" };
    cut_lines(super::page::row_lines(page.all_rows(), model.now, theme), height, rest, theme)
}

/// Returns what a grantee reaches, for under or beside the list.
pub(super) fn reach_lines(
    row: &GranteeRow,
    names: &AccountNames,
    width: usize,
    height: usize,
    theme: Theme,
) -> Vec<Line<'static>> {
    let mut out: Vec<Line<'static>> = Vec::new();
    if height > 6 {
        let id = row.who.id();
        let who = row.who.words();
        out.extend(
            wrap_lines(&make_visible(&names.beside_ids(&who)), width)
                .into_iter()
                .map(|t| role_line(theme, Role::Strong, t)),
        );
        out.extend(
            wrap_lines(&make_visible(&names.beside_ids(&id)), width)
                .into_iter()
                .map(|t| role_line(theme, Role::Dim, t)),
        );
        out.push(Line::default());
    }
    let places: HashSet<RegistryPlace> = row.reaches.iter().map(|(one, _)| RegistryPlace::around(one)).collect();
    for (RepositoryRef { account, region, name }, words) in &row.reaches {
        let name = if places.len() > 1 { format!("{name} ({account}, {region})") } else { name.to_string() };
        out.extend(hanging_lines(&format!("{name}: {words}"), width, Role::Plain, theme));
    }
    cut_lines(out, height, "open it to see all", theme)
}

/// Returns a text behind a sign, its further lines set in.
fn hanging_lines(text: &str, width: usize, role: Role, theme: Theme) -> Vec<Line<'static>> {
    let wrapped = wrap_lines(&make_visible(text), width.saturating_sub(2)).into_iter().enumerate();
    let line = |(at, text): (usize, String)| {
        let head = if at == 0 { theme.sign_text(Sign::Bullet) } else { " " };
        Line::from(vec![role_span(theme, Role::Dim, format!("{head} ")), role_span(theme, role, text)])
    };
    wrapped.map(line).collect()
}

/// The way to the lines that a window is too low for, where nothing opens.
const HIGHER: &str = "a higher window shows them";

/// Cuts lines to a height, and says how to see the rest.
fn cut_lines(mut lines: Vec<Line<'static>>, height: usize, rest: &str, theme: Theme) -> Vec<Line<'static>> {
    if lines.len() > height && height > 0 {
        let more = lines.len() - height + 1;
        lines.truncate(height - 1);
        lines.push(role_line(theme, Role::Dim, format!("and {more} more lines: {rest}")));
    }
    lines
}

#[cfg(test)]
pub(super) mod tests;
