//! The accounts and Regions of a review over several: how far each is read, and why one is not.

use std::cmp::Reverse;
use std::sync::Arc;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::super::theme::{Role, Sign, Theme};
use super::super::widgets::{
    chosen_row, draw_bar, draw_lines, fixed_width, full_width, role_line, role_span, wrap_lines,
};
use super::{ACCOUNT, HIGHER, LEAD, REGION, cut_lines, finding_role};
use crate::ecr::SourceId;
use crate::ecr::text::{fit_width, make_visible, with_commas};
use crate::review::{RegistryEntry, ReviewFinding, finding_ids, not_enabled_words};
use crate::wizard::overview::{Elsewhere, ListProgress, Overview, Survey, SurveyRow, registry_rows, source_words};
use crate::wizard::{Cursor, KeyScope, Model, Remote};

/// The state of an account of the organization that nobody can read.
const CLOSED: &str = "suspended or closed: not read";

/// Returns how many accounts and Regions there are, in words.
pub(in crate::view) fn survey_words(survey: &Survey) -> String {
    let counted = |count: usize, one: &str| match count {
        1 => format!("1 {one}"),
        _ => format!("{} {one}s", with_commas(count)),
    };
    match survey.count_accounts() {
        0 if survey.elsewhere().is_some() && survey.has_ended() => "no account".to_owned(),
        0 => "no account yet".to_owned(),
        accounts => format!("{}, {}", counted(accounts, "account"), counted(survey.count_regions(), "Region")),
    }
}

/// Returns how far signing in and listing are, in words.
pub(in crate::view) fn progress_words(survey: &Survey) -> String {
    let (signed, profiles) = survey.sign_in_progress();
    let (listed, registries) = survey.listing_progress();
    let signing = (signed < profiles).then(|| format!("signing in: {signed} of {profiles}"));
    if let Some(elsewhere) = survey.elsewhere() {
        return make_visible(&format!("reading {}", elsewhere.origin().words()));
    }
    let listing = (registries > 0).then(|| format!("listing registries: {listed} of {registries}"));
    signing.into_iter().chain(listing).collect::<Vec<_>>().join(", ")
}

/// Tells whether the registries stand in place of the repositories.
pub(in crate::view) fn has_registries_shown(model: &Model) -> bool {
    model.repository.overview().is_some_and(|overview| overview.registries().is_some())
}

fn shown_cursor(model: &Model) -> Cursor {
    model.repository.overview().and_then(Overview::registries).unwrap_or_default()
}

/// Returns the line that tells what is not read, and where the rest of it stands.
pub(in crate::view) fn unread_line(model: &Model, width: usize, theme: Theme) -> Option<Line<'static>> {
    let survey = model.repository.shown_survey()?;
    let mut failures = survey.failures();
    let first = failures.next()?;
    let more = failures.count();
    let why = first.failure()?;
    let sign = theme.sign_text(Sign::Warn);
    let key = model.key_name(KeyScope::Overview, crate::wizard::Action::Group);
    let end = if more == 0 { String::new() } else { format!(" and {more} more ({key} {key} lists them)") };
    let room = width.saturating_sub(sign.width() + 3 + end.width());
    let words = make_visible(&format!("not read: {}: {}", first.words(), why.what));
    let text = format!(" {sign} {}{end}", fit_width(&words, room, theme.ascii));
    Some(role_line(theme, Role::Warn, text))
}

/// Returns the line that tells the gravest finding about a registry itself, and where the others stand; without one, the
/// registries of which not all is known.
pub(in crate::view) fn around_line(model: &Model, width: usize, theme: Theme) -> Option<Line<'static>> {
    let around = model.repository.overview()?.around();
    let Some((entry, gravest)) = around.open_findings().max_by_key(|(_, finding)| finding.severity) else {
        let mut unknown = around.unknown_places();
        let first = unknown.next()?;
        let more = unknown.count();
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let key = model.key_name(KeyScope::Overview, crate::wizard::Action::Group);
        let words =
            format!(" not all is known of the registry {} in {}{more} ({key} {key})", first.account, first.region);
        return Some(role_line(theme, Role::Dim, fit_width(&words, width, theme.ascii)));
    };
    let more = around.open_findings().count() - 1;
    let key = model.key_name(KeyScope::Overview, crate::wizard::Action::Group);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let end = format!("{more} ({key} {key})");
    let place = format!("{} in {}", entry.facts.account, entry.facts.region);
    let sign = theme.sign_text(Sign::Warn);
    let room = width.saturating_sub(sign.width() + 3 + end.width());
    let words = make_visible(&format!("{place}: {} {}", gravest.id, gravest.name));
    let text = format!(" {sign} {}{end}", fit_width(&words, room, theme.ascii));
    Some(role_line(theme, finding_role(gravest.severity), text))
}

/// Returns the names of the columns.
pub(super) fn registry_names(width: usize, theme: Theme) -> String {
    let (profile, state) = profile_and_state(width);
    let cells = [("Account", ACCOUNT), ("Region", REGION), ("Profile", profile), ("State", state)];
    let cells: Vec<String> = cells.map(|(name, cells)| fixed_width(name, cells, theme.ascii)).into();
    format!("{}{}", " ".repeat(LEAD), cells.join("  "))
}

/// Returns the cells of the profile and of the state.
fn profile_and_state(width: usize) -> (usize, usize) {
    let left = width.saturating_sub(LEAD + ACCOUNT + REGION + 6 + 2);
    let profile = (left / 4).clamp(8, 24).min(left);
    (profile, left - profile)
}

/// Draws the registries, those that could not be read first.
pub(in crate::view) fn draw_registries(frame: &mut Frame, area: Rect, model: &Model, theme: Theme) {
    let (rows, cursor) = (registry_rows(model), shown_cursor(model));
    let (profile_cells, state_cells) = profile_and_state(usize::from(area.width));
    let mut out = Vec::new();
    for place in cursor.shown_rows(rows.len(), usize::from(area.height)) {
        let Some(row) = rows.get(place) else { continue };
        let is_chosen = place == cursor.selected;
        let account = row.account().map(ToString::to_string).unwrap_or_default();
        let region = row.region().map(ToString::to_string).unwrap_or_default();
        // The account stands beside it already.
        let profile = match row.source() {
            Some(SourceId::Member(role)) => role.role.rsplit('/').next().unwrap_or_default().to_owned(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        let entry = reviewed_entry(model, row);
        let (state, role) = state_words(row, entry, theme);
        let mut parts = vec![
            Span::raw(" "),
            role_span(theme, Role::Plain, if is_chosen { theme.sign_text(Sign::Chosen) } else { " " }),
            Span::raw("  "),
        ];
        for (text, cells) in [(account, ACCOUNT), (region, REGION), (profile, profile_cells)] {
            parts.push(role_span(theme, Role::Plain, fixed_width(&make_visible(&text), cells, theme.ascii)));
            parts.push(Span::raw("  "));
        }
        parts.push(role_span(theme, role, fixed_width(&make_visible(&state), state_cells, theme.ascii)));
        let line = Line::from(parts);
        out.push(if is_chosen { chosen_row(full_width(line, area), theme) } else { line });
    }
    draw_lines(frame, area, out);
    draw_bar(frame, area, cursor.offset, rows.len(), theme);
}

/// Returns what stands around the repositories of a registry; none: it is not read.
fn reviewed_entry<'m>(model: &'m Model, row: &SurveyRow<'_>) -> Option<&'m RegistryEntry> {
    known_around(model, row)?.known_value().map(AsRef::as_ref)
}

fn known_around<'m>(model: &'m Model, row: &SurveyRow<'_>) -> Option<&'m Remote<Arc<RegistryEntry>>> {
    model.repository.overview()?.around().known_at(&row.registry_place()?)
}

/// Returns how far a registry is read, and how loud that is.
fn state_words(row: &SurveyRow<'_>, entry: Option<&RegistryEntry>, theme: Theme) -> (String, Role) {
    if let Some(failure) = row.failure() {
        return (failure.what.clone(), Role::Warn);
    }
    let registry = match row {
        SurveyRow::Registry(registry) => registry,
        SurveyRow::Closed(_) => return (CLOSED.to_owned(), Role::Dim),
        SurveyRow::Elsewhere(registry) => {
            let count = count_words(registry.repositories);
            return if registry.is_reading {
                (format!("{count} so far"), Role::Plain)
            } else {
                with_findings(count, entry)
            };
        }
        SurveyRow::SignIn(..) | SurveyRow::Organization(_) | SurveyRow::Origin(..) | SurveyRow::Place(_) => {
            return (String::new(), Role::Dim);
        }
    };
    if !registry.is_enabled {
        return ("not enabled".to_owned(), Role::Dim);
    }
    let count = count_words(registry.repositories);
    match registry.progress {
        ListProgress::Listing => (format!("{count} so far"), Role::Plain),
        ListProgress::Waiting => (theme.sign_text(Sign::More).to_owned(), Role::Dim),
        ListProgress::Ended(_) => with_findings(count, entry),
    }
}

fn count_words(repositories: usize) -> String {
    match repositories {
        1 => "1 repository".to_owned(),
        count => format!("{} repositories", with_commas(count)),
    }
}

/// Adds the findings about a registry itself.
fn with_findings(count: String, entry: Option<&RegistryEntry>) -> (String, Role) {
    let open: Vec<&ReviewFinding> = entry.into_iter().flat_map(RegistryEntry::open_findings).collect();
    let Some(gravest) = open.iter().map(|finding| finding.severity).max() else { return (count, Role::Plain) };
    (format!("{}; {count}", finding_ids(open.iter().copied())), finding_role(gravest))
}

/// Returns what is to be known of the chosen registry.
pub(in crate::view) fn registry_lines(model: &Model, width: usize, height: usize, theme: Theme) -> Vec<Line<'static>> {
    let rows = registry_rows(model);
    let Some(row) = rows.get(shown_cursor(model).selected) else { return Vec::new() };
    let mut out: Vec<Line<'static>> = Vec::new();
    let mut add = |role: Role, text: &str| {
        out.extend(wrap_lines(&make_visible(text), width).into_iter().map(|text| role_line(theme, role, text)));
    };
    let mut head = row.words();
    if let Some(account) = row.account()
        && let Some(name) = model.settings.account_names.name_of(account)
    {
        head = format!("{head}: {name}");
    }
    add(Role::Strong, &head);
    if let SurveyRow::Closed(_) = row {
        add(Role::Plain, CLOSED);
    }
    if let Some(failure) = row.failure() {
        add(Role::Warn, &failure.what);
        add(Role::Plain, &failure.next);
    }
    let names = &model.settings.account_names;
    let entry = reviewed_entry(model, row);
    let mut findings: Vec<_> = entry.into_iter().flat_map(RegistryEntry::judged_findings).collect();
    findings.sort_by_key(|(finding, acceptance)| (acceptance.is_some(), Reverse(finding.severity)));
    for (finding, acceptance) in findings {
        let accepted = acceptance.map(|acceptance| format!(" ({})", acceptance.words())).unwrap_or_default();
        let role = if acceptance.is_some() { Role::Dim } else { finding_role(finding.severity) };
        let message = names.beside_ids(&finding.message);
        add(role, &format!("{} {}: {message}{accepted}", finding.id, finding.severity.name()));
    }
    if let SurveyRow::Registry(registry) = row
        && !registry.is_enabled
    {
        add(Role::Plain, &not_enabled_words(registry.signed.owner_account(), &[&registry.signed.region]));
    } else if let SurveyRow::Registry(registry) = row {
        let signed = &registry.signed;
        add(
            Role::Plain,
            &format!("read and written as {} by {}", signed.identity.short_name(), source_words(&signed.source.id)),
        );
        for other in registry.others {
            add(Role::Dim, &format!("{} leads there too", source_words(other)));
        }
    }
    match known_around(model, row) {
        Some(Remote::Loading { previous: None, .. }) => add(Role::Dim, "its settings are being read"),
        Some(Remote::Failed { failure, .. }) => {
            add(Role::Warn, &format!("its settings are not known: {}", failure.what));
        }
        _ => {}
    }
    if let Some(entry) = entry {
        for line in entry.setting_words(|text| names.beside_ids(text).into_owned()) {
            add(Role::Plain, &line);
        }
        if let SurveyRow::Registry(_) = row
            && !entry.is_noteworthy()
        {
            add(Role::Dim, "no registry policy, no creation template, no replication");
        }
    }
    let notes = model.repository.shown_survey().and_then(Survey::elsewhere).into_iter().flat_map(Elsewhere::notes);
    for words in notes {
        out.extend(wrap_lines(&make_visible(words), width).into_iter().map(|text| role_line(theme, Role::Dim, text)));
    }
    cut_lines(out, height, HIGHER, theme)
}
