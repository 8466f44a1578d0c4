//! The title line that Permissions and the review share, and the page of statements below it.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::page;
use super::theme::{Role, Theme};
use super::widgets::role_span;
use crate::ecr::text::{fit_end, fit_width, make_visible};
use crate::wizard::page::TextPage;

/// A repository's name, and words about it after that.
pub fn title_line(name: &str, role: Role, words: &str, width: usize, theme: Theme) -> Line<'static> {
    let name = fit_end(&make_visible(name), width.saturating_sub(2), theme.ascii);
    let room = width.saturating_sub(name.width() + 4);
    Line::from(vec![
        Span::raw(" "),
        role_span(theme, Role::Strong, name),
        Span::raw("  "),
        role_span(theme, role, fit_width(&make_visible(words), room, theme.ascii)),
    ])
}

/// Returns how many rows of a page lie below the window, in words; empty when none does.
pub fn rows_below(shown: &TextPage, first: usize, height: u16) -> String {
    let height = usize::from(height);
    let first = first.min(shown.len().saturating_sub(height));
    match shown.len().saturating_sub(first + height) {
        0 => String::new(),
        1 => "1 more row".to_owned(),
        n => format!("{n} more rows"),
    }
}

/// A row of the head with words at its right end; the row gives way to them.
pub fn with_end(row: impl FnOnce(usize) -> Line<'static>, end: &str, width: usize, theme: Theme) -> Line<'static> {
    if end.is_empty() || width < 40 {
        return row(width);
    }
    let room = width.saturating_sub(end.width() + 3);
    let mut out = row(room);
    let pad = width.saturating_sub(out.width() + end.width() + 1);
    out.spans.push(Span::raw(" ".repeat(pad)));
    out.spans.push(role_span(theme, Role::Dim, end));
    out
}

/// The rows of a page from `first` on.
pub fn draw_rows(frame: &mut Frame, area: Rect, shown: &TextPage, first: usize, now: u64, theme: Theme) {
    page::draw(frame, area, shown.all_rows(), first, None, now, theme);
}
