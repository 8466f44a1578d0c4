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
use crate::wizard::permissions::{self, Shown};
use crate::wizard::save::How;

/// The step's row in the table of drawings.
pub(super) const DRAWN: Drawn = Drawn { draw, prompt: |_, _, _, _| false, notice_rows: 3 };

fn draw(frame: &mut Frame, area: Rect, model: &Model, theme: Theme) {
    let step = &model.permissions;
    let [head, body] =
        Layout::vertical([Constraint::Length(permissions::head_rows(model)), Constraint::Fill(1)]).areas(area);
    let width = usize::from(area.width);
    let shown = permissions::shown_page(model);
    let more = statements::rows_below(&shown, step.scroll(), body.height);
    let mut top = vec![match step.shown_repository() {
        Some(shown) => statements::with_end(|width| heading_line(model, shown, width, theme), &more, width, theme),
        None => role_line(theme, Role::Strong, " Nothing was saved yet"),
    }];
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

/// The repository and what can be said of the grant: only the owner's side of it.
fn heading_line(model: &Model, shown: &Shown, width: usize, theme: Theme) -> Line<'static> {
    let step = &model.permissions;
    let (role, sign, words) = match step.shown_policies() {
        policies if policies.last_failure().is_some() => {
            (Role::Warn, Sign::Warn, "what it gives could not be checked".to_owned())
        }
        // That the owner's side is done is said when it is known what the policy gives.
        policies if policies.known_value().is_none() => {
            let is_told = step.told_as_checking(model.now).is_some();
            (Role::Dim, Sign::Between, if is_told { "checking what it gives..." } else { "" }.to_owned())
        }
        _ if model.is_without_grant() => match shown.how {
            How::Saved => (Role::Good, Sign::Ok, "saved".to_owned()),
            How::Already => (Role::Good, Sign::Ok, "nothing was written".to_owned()),
            How::BesideOthers => {
                (Role::Warn, Sign::Warn, "saved, and somebody else wrote since: look at the statements".to_owned())
            }
            How::Proposed => (Role::Warn, Sign::Warn, permissions::PROPOSAL.to_owned()),
        },
        _ => match shown.state_words() {
            (true, words) => (Role::Good, Sign::Ok, words),
            (false, words) => (Role::Warn, Sign::Warn, words),
        },
    };
    let count = match step.entries().len() {
        0 | 1 => String::new(),
        n => format!("{} of {n}  ", step.repository() + 1),
    };
    let words = format!("{count}{} {words}", theme.sign_text(sign));
    statements::title_line(shown.repository.name().as_str(), role, &words, width, theme)
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
