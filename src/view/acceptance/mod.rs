//! The dialog that accepts a finding: which one, and the fields of its entry.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::theme::{Role, Sign, Theme};
use super::widgets::{
    chosen_row, draw_field, draw_lines, draw_popup, fixed_width, full_width, role_line, role_span, wrap_lines,
};
use crate::ecr::text::{fit_width, make_visible};
use crate::wizard::Model;
use crate::wizard::acceptance::{AcceptanceDialog, AcceptanceForm, FormField, LISTED, OpenFinding};
use crate::wizard::statements::severity_word;

/// The widest box, in cells.
const WIDEST: u16 = 96;
/// The cells of a label, with a sign before it.
const LABEL: usize = 9;

/// Draws the dialog over what is shown.
pub(super) fn draw_dialog(frame: &mut Frame, within: Rect, model: &Model, theme: Theme) {
    let Some(dialog) = model.repository.acceptance() else { return };
    match (&dialog.form, dialog.chosen()) {
        (Some(form), Some(chosen)) => draw_form(frame, within, model, dialog, form, chosen, theme),
        _ => draw_choice(frame, within, model, dialog, theme),
    }
}

fn title_of(dialog: &AcceptanceDialog, what: &str, width: u16, theme: Theme) -> String {
    let name = make_visible(&dialog.subject.words());
    fit_width(&format!("{what} of {name}"), usize::from(width).saturating_sub(6), theme.ascii)
}

/// Returns a finding in words: severity, id, and what it is.
fn finding_words(model: &Model, one: &OpenFinding) -> String {
    let place = one.finding.statement.map(|number| format!("statement {number}: ")).unwrap_or_default();
    let words = format!("{} {}: {place}{}", one.finding.id, severity_word(one.finding.severity), one.finding.message);
    make_visible(&model.account_names.beside_ids(&words))
}

fn draw_choice(frame: &mut Frame, within: Rect, model: &Model, dialog: &AcceptanceDialog, theme: Theme) {
    let width = within.width.saturating_sub(2).min(WIDEST);
    let room = usize::from(width.saturating_sub(4));
    let listed = dialog.findings.len().min(LISTED);
    let told = dialog.chosen().map(|one| wrap_lines(&finding_words(model, one), room)).unwrap_or_default();
    let height = u16::try_from(listed + 3 + told.len()).unwrap_or(u16::MAX).min(within.height);
    let title = title_of(dialog, "Which finding", width, theme);
    let inner = draw_popup(frame, within, width, height, &title, theme);
    let rows = listed.min(usize::from(inner.height));
    let mut cursor = dialog.cursor;
    cursor.settle_in(dialog.findings.len(), rows);
    let mut out = Vec::new();
    for at in cursor.shown_rows(dialog.findings.len(), rows) {
        let Some(one) = dialog.findings.get(at) else { continue };
        let is_chosen = at == cursor.selected;
        let sign = if is_chosen { theme.sign_text(Sign::Chosen) } else { " " };
        let words = fit_width(&finding_words(model, one), room.saturating_sub(2), theme.ascii);
        let role = super::overview::finding_role(one.finding.severity);
        let row = Line::from(vec![Span::raw(format!("{sign} ")), role_span(theme, role, words)]);
        out.push(if is_chosen { chosen_row(full_width(row, inner), theme) } else { row });
    }
    out.push(Line::default());
    out.extend(told.iter().map(|text| role_line(theme, Role::Plain, text)));
    out.truncate(usize::from(inner.height));
    draw_lines(frame, inner, out);
}

fn draw_form(
    frame: &mut Frame,
    within: Rect,
    model: &Model,
    dialog: &AcceptanceDialog,
    form: &AcceptanceForm,
    chosen: &OpenFinding,
    theme: Theme,
) {
    let width = within.width.saturating_sub(2).min(WIDEST);
    let room = usize::from(width.saturating_sub(4));
    let lines = |role: Role, text: &str| -> Vec<Line<'static>> {
        wrap_lines(&make_visible(text), room).iter().map(|text| role_line(theme, role, text)).collect()
    };
    let told = lines(super::overview::finding_role(chosen.finding.severity), &finding_words(model, chosen));
    let scope = lines(Role::Plain, &model.account_names.beside_ids(&scope_words(chosen)));
    let problem = match &form.problem {
        Some(words) => lines(Role::Bad, words),
        None if form.is_written() => lines(Role::Dim, "writing..."),
        None => Vec::new(),
    };
    let entry = form.entry(model.unix_now()).toml_text();
    let mut written = lines(Role::Dim, &file_words(model));
    written.extend(
        entry
            .lines()
            .map(|line| role_line(theme, Role::Dim, fit_width(&make_visible(&format!("  {line}")), room, theme.ascii))),
    );
    // Where there is no room for what is wrong, the other fields give way to it.
    let is_lowest = usize::from(within.height).saturating_sub(2) < FormField::ALL.len() + problem.len();
    let shown: Vec<FormField> = FormField::ALL.into_iter().filter(|field| !is_lowest || *field == form.focus).collect();
    let fields = shown.len();
    let all = told.len() + scope.len() + fields + problem.len() + written.len() + 2;
    let height = u16::try_from(all + 2).unwrap_or(u16::MAX).min(within.height);
    let title = title_of(dialog, "Accept a finding", width, theme);
    let inner = draw_popup(frame, within, width, height, &title, theme);
    // The fields and what is wrong with them have their room before all else; then the finding, the file, its entry.
    let mut left = usize::from(inner.height).saturating_sub(fields + problem.len());
    let mut take = |mut part: Vec<Line<'static>>, most: usize| {
        part.truncate(left.min(most));
        left -= part.len();
        part
    };
    let file = take(written.iter().take(1).cloned().collect(), 1);
    let mut head = take(told, usize::MAX);
    head.extend(take(scope, usize::MAX));
    let gap = take(vec![Line::default()], 1);
    let gap_below = take(vec![Line::default()], 1);
    let entry = take(written.split_off(1), usize::MAX);
    head.extend(gap);
    let row_at =
        |at: usize| Rect { y: inner.y.saturating_add(u16::try_from(at).unwrap_or(u16::MAX)), height: 1, ..inner };
    let first = head.len();
    draw_lines(frame, inner, head);
    for (at, field) in shown.into_iter().enumerate() {
        draw_form_field(frame, row_at(first + at), model, form, field, theme);
    }
    let below: Vec<Line<'static>> = problem.into_iter().chain(gap_below).chain(file).chain(entry).collect();
    for (at, line) in below.into_iter().enumerate() {
        draw_lines(frame, row_at(first + fields + at).intersection(inner), vec![line]);
    }
}

fn draw_form_field(
    frame: &mut Frame,
    area: Rect,
    model: &Model,
    form: &AcceptanceForm,
    field: FormField,
    theme: Theme,
) {
    let is_focused = form.focus == field && !form.is_written();
    let sign = if is_focused { theme.sign_text(Sign::Chosen) } else { " " };
    let (label, hint) = match field {
        FormField::Reason => ("Reason", "why it may stay"),
        FormField::Who => ("Who", "a name, for whoever reads the file"),
        FormField::Until => ("Until", "a day such as 2027-03-31, or 90d; empty: without an end"),
    };
    let value = form.field(field);
    let label = format!("{sign} {}", fixed_width(label, LABEL - 2, theme.ascii));
    draw_field(frame, area, &label, value, is_focused && model.overlay.is_none(), theme);
    if value.is_empty() {
        let from = u16::try_from(LABEL + 3).unwrap_or_default().min(area.width);
        let place = Rect { x: area.x + from, width: area.width - from, ..area };
        let words = fit_width(hint, usize::from(place.width), theme.ascii);
        draw_lines(frame, place, vec![role_line(theme, Role::Dim, words)]);
    }
}

/// Says for what alone the finding is accepted.
fn scope_words(chosen: &OpenFinding) -> String {
    let entry = &chosen.entry;
    let statement = entry.statement.map(|number| format!("statement {number}"));
    let grantee = entry.grantee.as_ref().map(|grantee| format!("grantee {grantee}"));
    let parts: Vec<String> = [Some("this repository".to_owned()), statement, grantee].into_iter().flatten().collect();
    let others = match chosen.others {
        0 => String::new(),
        1 => "; another finding of this rule there is accepted with it".to_owned(),
        count => format!("; {count} others of this rule there are accepted with it"),
    };
    format!("accepted for {} alone{others}", parts.join(", "))
}

/// Says which file the entry goes to.
fn file_words(model: &Model) -> String {
    let path = model.accepted.path_words(&model.settings);
    let is_new = (!model.accepted.exists()).then_some("new");
    let is_here = (!model.settings.accepted.is_named).then_some("in this folder");
    let about: Vec<&str> = is_new.into_iter().chain(is_here).collect();
    let about = if about.is_empty() { String::new() } else { format!(" ({})", about.join(", ")) };
    format!("goes to {path}{about}:")
}

#[cfg(test)]
mod tests;
