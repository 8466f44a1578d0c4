//! The title line that Permissions and the review share, and the page of statements below it.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::page;
use super::theme::{Role, Theme};
use super::widgets::{line, lines, span};
use crate::ecr::text::{fit, fit_end, visible};
use crate::wizard::page::Page;

/// A repository's name, and words about it after that.
pub fn title(name: &str, role: Role, words: &str, width: usize, theme: Theme) -> Line<'static> {
    let name = fit_end(&visible(name), width.saturating_sub(2), theme.ascii);
    let room = width.saturating_sub(name.width() + 4);
    Line::from(vec![
        Span::raw(" "),
        span(theme, Role::Strong, name),
        Span::raw("  "),
        span(theme, role, fit(&visible(words), room, theme.ascii)),
    ])
}

/// The rows of a page from `first` on; the last row tells how much more there is.
pub fn rows(frame: &mut Frame, area: Rect, shown: &Page, first: usize, now: u64, theme: Theme) {
    let first = first.min(shown.len().saturating_sub(usize::from(area.height)));
    page::draw(frame, area, shown.rows(), first, None, now, theme);
    let below = shown.len().saturating_sub(first + usize::from(area.height));
    if below == 0 || area.height < 3 {
        return;
    }
    // Over the right end of the last row, where text seldom is.
    let words = format!(" {below} more ");
    let wide = u16::try_from(words.width()).unwrap_or(u16::MAX).min(area.width);
    let place = Rect { x: area.right() - wide, y: area.bottom() - 1, width: wide, height: 1 };
    lines(frame, place, vec![line(theme, Role::Dim, words)]);
}
