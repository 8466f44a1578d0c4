//! Rows of a page with their colours and signs.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::theme::{Role, Sign, Theme};
use super::widgets::{draw_lines, role_span};
use crate::wizard::page::{Ink, Mark, PageRow};

/// Draws the rows from `first` on, one cell from the left edge. `chosen` is the row that the cursor is on; with a
/// cursor the rows begin a cell further right.
pub fn draw(
    frame: &mut Frame,
    area: Rect,
    rows: &[PageRow],
    first: usize,
    chosen: Option<usize>,
    now: u64,
    theme: Theme,
) {
    let height = usize::from(area.height);
    // The window may have grown since the last key.
    let first = first.min(rows.len().saturating_sub(height));
    let shown = rows.iter().enumerate().skip(first).take(height);
    let lead = |at: usize| match chosen {
        Some(chosen) if chosen == at => role_span(theme, Role::Accent, format!("{} ", theme.sign_text(Sign::Chosen))),
        Some(_) => Span::raw("  "),
        None => Span::raw(" "),
    };
    draw_lines(frame, area, shown.map(|(at, row)| row_line(row, lead(at), now, theme)).collect());
}

/// One row as a line, after what leads it.
fn row_line(row: &PageRow, lead: Span<'static>, now: u64, theme: Theme) -> Line<'static> {
    let mut parts = vec![lead, Span::raw(" ".repeat(row.indent))];
    if let Some((mark, ink)) = row.mark {
        parts.push(role_span(theme, ink_role(ink), mark_sign(mark, now, theme)));
        parts.push(Span::raw(" "));
    }
    parts.extend(row.parts.iter().map(|(ink, text)| role_span(theme, ink_role(*ink), text)));
    Line::from(parts)
}

fn ink_role(ink: Ink) -> Role {
    match ink {
        Ink::Plain => Role::Plain,
        Ink::Dim => Role::Dim,
        Ink::Strong => Role::Strong,
        Ink::Accent => Role::Accent,
        Ink::Good => Role::Good,
        Ink::Warn => Role::Warn,
        Ink::Bad => Role::Bad,
        Ink::Added => Role::Added,
        Ink::Removed => Role::Removed,
    }
}

fn mark_sign(mark: Mark, now: u64, theme: Theme) -> &'static str {
    match mark {
        Mark::Ok => theme.sign_text(Sign::Ok),
        Mark::Failed => theme.sign_text(Sign::Failed),
        Mark::Warn => theme.sign_text(Sign::Warn),
        Mark::Bullet => theme.sign_text(Sign::Bullet),
        Mark::Open => theme.sign_text(Sign::Between),
        Mark::Waiting(since) => theme.spinner_sign(now.saturating_sub(since)),
        Mark::Gain => "+",
        Mark::Loss => "-",
    }
}
