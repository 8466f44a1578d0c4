//! The review of what is stored in one repository, read only.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use super::statements;
use super::theme::{Role, Theme};
use super::widgets::{lines, waiting};
use crate::wizard::Model;
use crate::wizard::review::{self, HEAD_ROWS, Review};

pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model, shown: &Review, theme: Theme) {
    let [head, body] = Layout::vertical([Constraint::Length(HEAD_ROWS), Constraint::Fill(1)]).areas(area);
    let words = match shown.stored.loading_since() {
        Some(_) if shown.stored.value().is_some() => "reading again",
        _ => "who has access now, read only",
    };
    let name = shown.repository.name().as_str();
    let shown_page = review::page(model, shown);
    let title = |width| statements::title(name, Role::Dim, words, width, theme);
    let more = statements::more(&shown_page, shown.scroll, body.height);
    lines(frame, head, vec![statements::with_end(title, &more, usize::from(area.width), theme)]);
    if let (Some(since), None) = (shown.stored.loading_since(), shown.stored.value()) {
        let mut parts = vec![Span::raw(" ")];
        parts.extend(waiting("reading the policy", model.now.saturating_sub(since), theme).spans);
        lines(frame, body, vec![Line::from(parts)]);
        return;
    }
    statements::rows(frame, body, &shown_page, shown.scroll, model.now, theme);
}

#[cfg(test)]
mod tests;
