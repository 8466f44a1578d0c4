//! Rows of a page with their colours and signs.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

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
        Some(chosen) if chosen == at => format!("{} ", theme.sign_text(Sign::Chosen)),
        Some(_) => "  ".to_owned(),
        None => " ".to_owned(),
    };
    draw_lines(frame, area, shown.map(|(at, row)| row_line(row, lead(at), now, theme)).collect());
}

/// Returns rows as lines that begin at the left edge.
pub fn row_lines(rows: &[PageRow], now: u64, theme: Theme) -> Vec<Line<'static>> {
    rows.iter().map(|row| row_line(row, String::new(), now, theme)).collect()
}

/// One row as a line, after what leads it.
fn row_line(row: &PageRow, lead: String, now: u64, theme: Theme) -> Line<'static> {
    let lead_len = lead.len();
    let mut before = lead + &" ".repeat(row.indent);
    let sign = row.mark.map(|(mark, ink)| (mark_sign(mark, now, theme), ink));
    // A word takes the blank before it, so that the texts behind all signs begin in one column.
    for _ in 1..sign.map_or(1, |(sign, _)| sign.width()) {
        before.pop();
    }
    let role = if before.trim().is_empty() { Role::Plain } else { Role::Accent };
    let (lead, rest) = before.split_at_checked(lead_len).unwrap_or((before.as_str(), ""));
    let mut parts = vec![role_span(theme, role, lead), Span::raw(rest.to_owned())];
    if let Some((sign, ink)) = sign {
        parts.push(role_span(theme, ink_role(ink), sign));
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
        Mark::Open => theme.sign_text(Sign::Open),
        Mark::Waiting(since) => theme.spinner_sign(now.saturating_sub(since)),
        Mark::Gain => "+",
        Mark::Loss => "-",
    }
}
