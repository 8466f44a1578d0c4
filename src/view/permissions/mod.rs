//! The screen of Permissions: what holds now, and what is left to do.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::theme::{Role, Sign, Theme};
use super::widgets::{draw_lines, fixed_width, role_line, role_span};
use super::{Drawn, statements};
use crate::ecr::text::fit_width;
use crate::wizard::Model;
use crate::wizard::page::Ink;
use crate::wizard::permissions;

/// The step's row in the table of drawings.
pub(super) const DRAWN: Drawn = Drawn { draw, prompt: |_, _, _, _| false, notice_rows: 3 };

fn draw(frame: &mut Frame, area: Rect, model: &Model, theme: Theme) {
    let step = &model.permissions;
    let [head, body] =
        Layout::vertical([Constraint::Length(permissions::head_rows(model)), Constraint::Fill(1)]).areas(area);
    let width = usize::from(area.width);
    let shown = permissions::shown_page(model);
    let more = statements::rows_below(&shown, step.scroll(), body.height);
    let mut top = heading_rows(model, &more, width, theme);
    let beside = permissions::list_width(model);
    let body = if beside > 0 {
        let [side, body] = Layout::horizontal([Constraint::Length(beside), Constraint::Fill(1)]).areas(body);
        draw_parts(frame, side, model, theme);
        body
    } else {
        top.push(part_strip(model, width, theme));
        body
    };
    draw_lines(frame, head, top);
    statements::draw_rows(frame, body, &shown, step.scroll(), model.now, theme);
}

/// The repository and the state of the grant: beside the name, or in rows below it.
fn heading_rows(model: &Model, more: &str, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let (Some(heading), Some(shown)) = (permissions::heading(model), model.permissions.shown_repository()) else {
        return vec![role_line(theme, Role::Strong, " Nothing was saved yet")];
    };
    let (role, sign) = match heading.ink {
        Ink::Good => (Role::Good, Sign::Ok),
        Ink::Warn => (Role::Warn, Sign::Warn),
        _ => (Role::Dim, Sign::Between),
    };
    let sign = theme.sign_text(sign);
    let is_beside = heading.rows.is_empty();
    let beside = if is_beside { format!("{}{sign} {}", heading.count, heading.words) } else { heading.count };
    let name = shown.repository.name().as_str();
    let first =
        statements::with_end(|width| statements::title_line(name, role, &beside, width, theme), more, width, theme);
    let below = heading.rows.iter().enumerate().map(|(at, words)| {
        let before = if at == 0 { sign } else { "" };
        let indent = permissions::INDENT;
        let text = fit_width(&format!(" {before:<indent$}{words}"), width.saturating_sub(1), theme.ascii);
        role_line(theme, role, text)
    });
    [first].into_iter().chain(below).collect()
}

/// The list of parts, the chosen one marked.
fn draw_parts(frame: &mut Frame, area: Rect, model: &Model, theme: Theme) {
    let step = &model.permissions;
    let titles = step.part_titles();
    let height = usize::from(area.height);
    let first = permissions::first_part(step, height);
    let width = usize::from(area.width);
    let rows = titles.iter().enumerate().skip(first).take(height).map(|(at, title)| {
        let chosen = at == step.part();
        let sign = if chosen { theme.sign_text(Sign::Chosen) } else { " " };
        let role = if chosen { Role::Selected } else { Role::Plain };
        let text = fixed_width(&format!("{sign} {title}"), width.saturating_sub(1), theme.ascii);
        Line::from(vec![Span::raw(" "), role_span(theme, role, text)])
    });
    draw_lines(frame, area, rows.collect());
}

/// The parts in one line: the chosen one, and as many after it as there is room for.
fn part_strip(model: &Model, width: usize, theme: Theme) -> Line<'static> {
    let step = &model.permissions;
    let titles = step.part_titles();
    let count = permissions::strip_count(step);
    let mut used = count.width();
    let mut out = vec![role_span(theme, Role::Dim, count)];
    let turned = titles.iter().skip(step.part()).chain(titles.iter().take(step.part()));
    for (at, title) in turned.enumerate() {
        let text = if at == 0 { (*title).to_owned() } else { format!(" {} {title}", theme.sign_text(Sign::Between)) };
        if used + text.width() + 2 > width {
            let rest = fit_width(&text, width.saturating_sub(used + 1), theme.ascii);
            out.push(role_span(theme, if at == 0 { Role::Accent } else { Role::Dim }, rest));
            break;
        }
        used += text.width();
        out.push(if at == 0 {
            Span::styled(text, theme.role_style(Role::Accent).underlined())
        } else {
            role_span(theme, Role::Dim, text)
        });
    }
    Line::from(out)
}

#[cfg(test)]
mod tests;
