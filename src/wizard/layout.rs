//! The geometry that the state machine and the drawing share: how many rows a list shows decides what is fetched first
//! and how far a page goes.

use super::event::Size;
use super::step::Step;

/// Rows above the body: the rail, the identity line and a rule.
pub const HEAD_ROWS: u16 = 3;
/// Rows below the body: the notice line and the footer.
pub const FOOT_ROWS: u16 = 2;
/// Below this many columns or rows the program only asks for a larger window.
pub const SMALLEST: Size = Size { columns: 40, rows: 10 };

/// The division of the body of a screen with a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Rows above the list: what it is about, the filter line, the names of the columns.
    pub head: u16,
    /// Rows of the list.
    pub list: u16,
    /// Rows below the list for a failure or for the chosen row, a rule before them not counted. 0: what is known of the
    /// chosen row is shown beside the list, or there is no room.
    pub below: u16,
    /// Tells whether a rule divides the list and the rows below.
    pub rule: bool,
}

impl Shape {
    /// Returns the place in the list of a row of the body, from 0.
    pub(super) fn list_place(self, row: u16) -> Option<usize> {
        row.checked_sub(self.head).filter(|at| *at < self.list).map(usize::from)
    }
}

/// The rows of the body.
pub fn body_rows(size: Size) -> u16 {
    size.rows.saturating_sub(HEAD_ROWS + FOOT_ROWS)
}

/// Tells whether a list can have its details beside it.
pub fn has_details(size: Size) -> bool {
    size.columns >= 110
}

/// The columns of the details beside a list, in a part of so many columns; used where `has_details` holds.
pub fn columns_beside(step: Step, columns: u16) -> u16 {
    (u32::from(columns) * step.screen().details_share / 100).clamp(42, 64) as u16
}

/// Tells whether a column belongs to the details beside a list rather than to the list.
pub(super) fn is_in_details(step: Step, size: Size, column: u16) -> bool {
    has_details(size) && column >= size.columns.saturating_sub(columns_beside(step, size.columns))
}

/// Cells between two steps of the rail.
pub const RAIL_GAP: u16 = 3;

/// A step as the rail names it.
pub fn rail_name(step: Step) -> String {
    format!("{} {}", step.number(), step.title())
}

/// The step that the rail has in a column; none where the window is too narrow for the whole rail.
pub fn rail_step(size: Size, column: u16) -> Option<Step> {
    let mut from = 1;
    let mut found = None;
    for step in Step::ALL {
        let to = from + u16::try_from(rail_name(step).len()).ok()?;
        if (from..to).contains(&column) {
            found = Some(step);
        }
        from = to + RAIL_GAP;
    }
    found.filter(|_| from - RAIL_GAP <= size.columns)
}

/// Tells whether the window is too small to work in.
pub fn is_too_small(size: Size) -> bool {
    size.columns < SMALLEST.columns || size.rows < SMALLEST.rows
}
