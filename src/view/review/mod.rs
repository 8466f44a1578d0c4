//! The review of what is stored in one repository.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use super::theme::{Role, Theme};
use super::widgets::{draw_lines, waiting_line};
use super::{page, statements};
use crate::wizard::Model;
use crate::wizard::remote::PATIENCE;
use crate::wizard::review::{self, HEAD_ROWS, Review};

pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model, shown: &Review, theme: Theme) {
    let [head, body] = Layout::vertical([Constraint::Length(HEAD_ROWS), Constraint::Fill(1)]).areas(area);
    let words = match shown.stored.loading_since() {
        Some(_) if shown.stored.known_value().is_some() => "reading again",
        _ if model.save.change_planned_since().is_some() => "planning the change...",
        _ => "who has access now",
    };
    let words = model.repository.place_words().map_or_else(|| words.to_owned(), |place| format!("{place}: {words}"));
    let name = shown.repository.name().as_str();
    let shown_page = review::shown_page(model, shown);
    let title = |width| statements::title_line(name, Role::Dim, &words, width, theme);
    let more = statements::rows_below(&shown_page, shown.scroll, body.height);
    draw_lines(frame, head, vec![statements::with_end(title, &more, usize::from(area.width), theme)]);
    if let (Some(since), None) = (shown.stored.loading_since(), shown.stored.known_value()) {
        let mut parts = vec![Span::raw(" ")];
        parts.extend(waiting_line("reading the policy", model.now.saturating_sub(since), theme).spans);
        draw_lines(frame, body, vec![Line::from(parts)]);
        return;
    }
    if let (Some(since), None) = (shown.policies.loading_since(), shown.policies.known_value()) {
        let waited = model.now.saturating_sub(since);
        if waited >= PATIENCE {
            let mut parts = vec![Span::raw(" ")];
            parts.extend(waiting_line("checking...", waited, theme).spans);
            draw_lines(frame, body, vec![Line::from(parts)]);
        }
        return;
    }
    let chosen = review::chosen_row(&shown_page, shown);
    page::draw(frame, body, shown_page.all_rows(), shown.scroll, chosen, model.now, theme);
}

#[cfg(test)]
mod tests;
