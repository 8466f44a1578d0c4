//! The screen of step 4, Policy.

mod names;
mod notes;
mod problems;
mod prompt;
#[cfg(test)]
mod tests;
mod text;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::theme::{Role, Sign, Theme};
use super::widgets::{draw_lines, failure_lines, role_line, role_span, slowdown_line, waiting_line, wrap_lines};
use super::{Drawn, page};
use crate::ecr::POLICY_LIMIT;
use crate::ecr::text::{fit_end, fit_width, make_visible, with_commas};
use crate::policy::Severity;
use crate::wizard::policy::{self, DocumentView, EditedText, NEARLY_FULL, RepositoryDocument};
use crate::wizard::remote::PATIENCE;
use crate::wizard::slowness::awaited_slowdown;
use crate::wizard::{Model, Size, layout};

/// The step's row in the table of drawings.
pub(super) const DRAWN: Drawn = Drawn { draw, prompt: prompt::draw, notice_rows: 3 };

fn draw(frame: &mut Frame, area: Rect, model: &Model, theme: Theme) {
    // The body's own height: the frame may be ahead of the model's size.
    let height = area.height.saturating_add(layout::HEAD_ROWS + layout::FOOT_ROWS);
    let rows = policy::part_rows(Size { columns: area.width, rows: height }, &model.policy);
    let [title, body, rule_row, list, problem, access] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Fill(1),
        Constraint::Length(rows.rule),
        Constraint::Length(rows.list),
        Constraint::Length(rows.problem),
        Constraint::Length(rows.access),
    ])
    .areas(area);
    let step = &model.policy;
    let Some(document) = step.document() else {
        let words = "There is no document yet: go back and choose a repository and who receives access.";
        let text = wrap_lines(words, usize::from(area.width).saturating_sub(2));
        draw_lines(frame, body, text.iter().map(|t| role_line(theme, Role::Plain, format!(" {t}"))).collect());
        return;
    };
    title_row(frame, title, body.height, model, document, theme);
    let Some(draft) = document.current_draft() else {
        not_there(frame, body, model, document, theme);
        return;
    };
    if let Some(view) = step.view() {
        page::draw(frame, body, view.page.all_rows(), step.view_first(), None, model.now, theme);
    } else {
        let caret = text::draw(frame, body, draft, step.prompt(), model.overlay.is_none(), theme);
        if let (Some(caret), Some(completion)) = (caret, step.completion()) {
            names::draw(frame, body, caret, completion, theme);
        }
    }
    if rule_row.height > 0 {
        notes::rule_row(frame, rule_row, model, draft, theme);
    }
    draw_notes(frame, [list, problem, access], model, document, draft, theme);
    if is_told_as_checking(model) {
        // What stands there is of the text before.
        for area in [list, problem, access] {
            let area = area.intersection(frame.area());
            frame.buffer_mut().set_style(area, theme.role_style(Role::Dim));
        }
    }
}

/// Tells whether the examination of the shown text takes so long that the screen says so.
fn is_told_as_checking(model: &Model) -> bool {
    model.policy.checking_since().is_some_and(|since| model.now.saturating_sub(since) >= PATIENCE)
}

fn draw_notes(
    frame: &mut Frame,
    [list, problem, access]: [Rect; 3],
    model: &Model,
    document: &RepositoryDocument,
    draft: &EditedText,
    theme: Theme,
) {
    let step = &model.policy;
    if let Some(fix) = step.fix_preview() {
        notes::draw_fix(frame, problem, model, fix, theme);
    } else if let Some(open) = step.problems() {
        problems::draw_list(frame, list, draft, open, theme);
        if let Some(finding) = step.listed_finding() {
            problems::in_full(frame, problem, model, (draft, finding), theme);
        }
    } else {
        let free = notes::draw_problem(frame, problem, model, document, draft, theme);
        // The view has them on top.
        if step.view().is_none() {
            notes::draw_access(frame, access, free, draft, theme);
        }
    }
}

/// Draws the rule above a document: its name, its kind and its length.
fn title_row(frame: &mut Frame, area: Rect, height: u16, model: &Model, document: &RepositoryDocument, theme: Theme) {
    let step = &model.policy;
    let mut right: Vec<Span<'static>> = Vec::new();
    if let Some(draft) = document.current_draft() {
        if let Some(DocumentView { added, removed, .. }) = step.view() {
            right.push(Span::raw(" "));
            right.push(role_span(theme, Role::Added, format!("+{added}")));
            right.push(Span::raw(" "));
            right.push(role_span(theme, Role::Removed, format!("-{removed}")));
            right.push(Span::raw(" "));
        }
        // The mate of the bracket at the caret, where it is out of sight. In a narrow terminal the words of the title
        // matter more.
        let gutter = policy::gutter(draft.editor.line_count());
        let room = usize::from(area.width.saturating_sub(gutter + 1)).max(1);
        let mate = draft.editor.bracket_out_of_sight(usize::from(height), room);
        if let Some(line) = mate.filter(|_| area.width >= 80 && step.view().is_none()) {
            right.push(role_span(theme, Role::Dim, format!(" bracket: line {line} ")));
        }
        right.push(meter(draft.size, theme));
    }
    let taken: usize = right.iter().map(Span::width).sum();
    let many = step.documents().len();
    let count = if many > 1 { format!("{} of {many} ", step.current() + 1) } else { String::new() };
    let state = format!(
        " {} {} ",
        theme.sign_text(Sign::Between),
        state_words(document, step.view().is_some(), model.policy.edits_stored())
    );
    let name = make_visible(document.whose_repository().name.as_str());
    let room = usize::from(area.width).saturating_sub(taken + 6 + count.width());
    // The name may be cut at its beginning; what kind of document it is matters as much.
    let name_room = room.saturating_sub(state.width()).max(24.min(room));
    let name = fit_end(&name, name_room, theme.ascii);
    let state = fit_width(&state, room.saturating_sub(name.width()), theme.ascii);
    let left = vec![
        role_span(theme, Role::Plain, count),
        role_span(theme, Role::Strong, name),
        role_span(theme, Role::Dim, state),
    ];
    ruled(frame, area, left, right, theme);
}

/// A rule with words at its left and at its right end; one cell of it shows after the right ones.
fn ruled(frame: &mut Frame, area: Rect, left: Vec<Span<'static>>, right: Vec<Span<'static>>, theme: Theme) {
    let dash = theme.sign_text(Sign::Rule);
    let taken: usize = left.iter().chain(&right).map(Span::width).sum();
    let between = usize::from(area.width).saturating_sub(taken + 4);
    let mut parts = vec![role_span(theme, Role::Dim, format!("{dash}{dash} "))];
    parts.extend(left);
    parts.push(role_span(theme, Role::Dim, dash.repeat(between)));
    parts.extend(right);
    parts.push(role_span(theme, Role::Dim, dash));
    draw_lines(frame, area, vec![Line::from(parts)]);
}

fn meter(size: usize, theme: Theme) -> Span<'static> {
    let words = format!("{} of {}", with_commas(size), with_commas(POLICY_LIMIT));
    match size {
        n if n > POLICY_LIMIT => role_span(theme, Role::Bad, format!(" {} {words} ", theme.sign_text(Sign::Failed))),
        n if n >= NEARLY_FULL => role_span(theme, Role::Warn, format!(" {} {words} ", theme.sign_text(Sign::Warn))),
        _ => role_span(theme, Role::Plain, format!(" {words} ")),
    }
}

fn state_words(document: &RepositoryDocument, is_view: bool, edits_stored: bool) -> &'static str {
    let stored = document.stored_text().known_value().is_some_and(Option::is_some);
    let Some(draft) = document.current_draft() else { return "today's policy" };
    match (is_view, draft.is_granted(), draft.is_by_hand()) {
        (_, _, false) if edits_stored && stored => "the stored policy, nothing changed",
        (_, _, false) if edits_stored => "no policy yet",
        (true, _, true) if stored && draft.is_readable() => "changed by hand: what changes",
        (true, false, _) if stored && draft.is_readable() => "what changes",
        (true, ..) if !stored => "no policy yet: all of it is new",
        (_, true, false) => "already granted: nothing to save",
        (_, true, true) => "changed by hand, means what is stored",
        _ if !draft.is_readable() => "today's policy cannot be read",
        (_, _, true) => "changed by hand",
        _ if stored => "today's policy with the grant added",
        _ => "a new policy",
    }
}

/// Loading, or the failure.
fn not_there(frame: &mut Frame, area: Rect, model: &Model, document: &RepositoryDocument, theme: Theme) {
    let area = Rect { x: area.x.saturating_add(1), width: area.width.saturating_sub(1), ..area };
    if let Some(why) = document.read_failure() {
        draw_lines(frame, area, failure_lines(why, usize::from(area.width), theme));
    } else if let Some(since) = document.stored_text().loading_since() {
        let waited = model.now.saturating_sub(since);
        let waiting = waiting_line("reading the stored policy", waited, theme);
        let slowdown = awaited_slowdown(model).map(|words| slowdown_line(&words, usize::from(area.width), theme));
        draw_lines(frame, area, [waiting].into_iter().chain(slowdown).collect());
    } else if let Some(since) = document.checking_since() {
        let waited = model.now.saturating_sub(since);
        if waited >= PATIENCE {
            draw_lines(frame, area, vec![waiting_line("checking...", waited, theme)]);
        }
    }
}

/// The role and the sign of a finding.
fn look(severity: Severity, stops: bool) -> (Role, Sign) {
    match (severity, stops) {
        (_, true) => (Role::Bad, Sign::Failed),
        // The save may go on: the cross is for what stops it.
        (Severity::Error, _) => (Role::Bad, Sign::Warn),
        (Severity::Security | Severity::Warning, _) => (Role::Warn, Sign::Warn),
        (Severity::Advice, _) => (Role::Accent, Sign::Bullet),
    }
}
