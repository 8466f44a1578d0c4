//! A list with its details: where each part stands, and how far down the list the window is.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;

use super::draw_lines;
use super::role_span;
use crate::view::theme::{Role, Sign, Theme};
use crate::wizard::layout::Shape;

/// The places of a list's parts. Those for words are a cell narrower at either end.
#[derive(Debug, Clone, Copy)]
pub struct Places {
    /// Above the list.
    pub head: Rect,
    /// The list; a bar takes its last column.
    pub list: Rect,
    /// The rule under it, where there is one.
    pub rule: Rect,
    /// The words below the list.
    pub below: Rect,
    /// The words beside the list; empty where they are below it.
    pub beside: Rect,
}

/// Divides an area. `beside`: the columns of details beside the list, 0 for none.
pub fn divide_area(area: Rect, shape: Shape, beside: u16) -> Places {
    let [left, right] = Layout::horizontal([Constraint::Fill(1), Constraint::Length(beside)]).areas(area);
    let [head, list, rule, below] = Layout::vertical([
        Constraint::Length(shape.head),
        Constraint::Length(shape.list),
        Constraint::Length(u16::from(shape.rule)),
        Constraint::Length(shape.below),
    ])
    .areas(left);
    let right = Rect { x: right.x + right.width.min(1), width: right.width.saturating_sub(1), ..right };
    Places { head, list, rule, below: inner_area(below), beside: inner_area(right) }
}

/// Draws the line between a list and its details beside it.
pub fn draw_divider(frame: &mut Frame, beside: Rect, theme: Theme) {
    let column = Rect { x: beside.x.saturating_sub(2), width: beside.width.min(1), ..beside };
    let bar = |_| Line::from(role_span(theme, Role::Dim, theme.sign_text(Sign::Bar)));
    draw_lines(frame, column, (0..column.height).map(bar).collect());
}

/// An area without a cell at either end.
pub fn inner_area(area: Rect) -> Rect {
    Rect { x: area.x + area.width.min(1), width: area.width.saturating_sub(2), ..area }
}

/// Draws in the last column of a list which part of it is shown; nothing where all of it is. There is no track: a rule
/// often stands right beside the column, and two lines side by side read as a frame.
pub fn draw_bar(frame: &mut Frame, list: Rect, first: usize, len: usize, theme: Theme) {
    let height = usize::from(list.height);
    let Some(thumb) = thumb_rows(first, len, height) else { return };
    let column = Rect { x: list.right().saturating_sub(1), width: list.width.min(1), ..list };
    let cell = |at: usize| {
        let sign = if thumb.contains(&at) { theme.sign_text(Sign::Full) } else { "" };
        Line::from(role_span(theme, Role::Accent, sign))
    };
    draw_lines(frame, column, (0..height).map(cell).collect());
}

/// The rows of the bar that stand for what is shown, at least one; at an end of the bar only at that end of the list.
fn thumb_rows(first: usize, len: usize, height: usize) -> Option<std::ops::Range<usize>> {
    if len <= height || height == 0 {
        return None;
    }
    let size = (height * height / len).max(1);
    let (room, hidden) = (height - size, len - height);
    let start = match first.min(hidden) {
        0 => 0,
        at if at == hidden => room,
        at => (at * room / hidden).clamp(1.min(room), room.saturating_sub(1).max(1.min(room))),
    };
    Some(start..start + size)
}

#[cfg(test)]
mod tests {
    use super::thumb_rows;

    #[test]
    fn the_bar_touches_an_end_only_where_the_list_does() {
        assert_eq!(thumb_rows(0, 10, 10), None);
        assert_eq!(thumb_rows(0, 0, 0), None);
        assert_eq!(thumb_rows(0, 20, 10), Some(0..5));
        assert_eq!(thumb_rows(1, 20, 10), Some(1..6));
        assert_eq!(thumb_rows(9, 20, 10), Some(4..9));
        assert_eq!(thumb_rows(10, 20, 10), Some(5..10));
        assert_eq!(thumb_rows(0, 10_000, 10), Some(0..1));
        assert_eq!(thumb_rows(9_989, 10_000, 10), Some(8..9));
        assert_eq!(thumb_rows(9_990, 10_000, 10), Some(9..10));
        for height in 1..5 {
            for len in height + 1..12 {
                for first in 0..len {
                    let thumb = thumb_rows(first, len, height).unwrap();
                    assert!(!thumb.is_empty() && thumb.end <= height, "{first} of {len} in {height}: {thumb:?}");
                }
            }
        }
    }
}
