//! The cursor of a review: it goes through the rows of access and the findings, and the page follows it. Between them and
//! below them the page is scrolled.

use super::Review;
use crate::wizard::Action;
use crate::wizard::page::{TextPage, scroll_rows};

/// Carries out a movement; `false` for other actions.
pub(super) fn move_view(review: &mut Review, page: &TextPage, height: usize, action: Action) -> bool {
    if matches!(action, Action::Down | Action::Up) {
        if !choose_in_sight(review, page, height, action) {
            scroll_rows(&mut review.scroll, action, page.len(), height);
            choose_in_sight(review, page, height, action);
        }
        return true;
    }
    let is_moved = scroll_rows(&mut review.scroll, action, page.len(), height);
    if is_moved && !is_in_sight(review, page, height) {
        let first = things_in_sight(review, page, height).next();
        review.selected = first.unwrap_or(review.selected);
    }
    is_moved
}

/// Chooses the next thing that the window shows in a direction. False: it shows none.
fn choose_in_sight(review: &mut Review, page: &TextPage, height: usize, action: Action) -> bool {
    let selected = review.selected;
    let mut shown = things_in_sight(review, page, height);
    let next =
        if action == Action::Down { shown.find(|at| *at > selected) } else { shown.filter(|at| *at < selected).last() };
    let Some(next) = next else { return false };
    review.selected = next;
    true
}

/// Lists the things whose first row is in the window, in their order.
fn things_in_sight<'p>(review: &Review, page: &'p TextPage, height: usize) -> impl Iterator<Item = usize> + use<'p> {
    let first = review.scroll.min(page.len().saturating_sub(height));
    let rows = page.all_rows();
    let owner_at = |row: usize| rows.get(row).and_then(|row| row.owner);
    (first..first + height).filter_map(move |row| {
        let before = row.checked_sub(1).and_then(owner_at);
        owner_at(row).filter(|owner| before != Some(*owner))
    })
}

/// The row of the page in which a thing begins.
pub(super) fn row_of(page: &TextPage, at: usize) -> Option<usize> {
    page.all_rows().iter().position(|row| row.owner == Some(at))
}

/// Tells whether the first row of the chosen thing is in the window.
pub(super) fn is_in_sight(review: &Review, page: &TextPage, height: usize) -> bool {
    things_in_sight(review, page, height).any(|at| at == review.selected)
}

/// Scrolls as far as the chosen thing needs to be seen.
pub(super) fn show_chosen(review: &mut Review, page: &TextPage, height: usize) {
    let Some(row) = row_of(page, review.selected) else { return };
    let lowest = (row + 1).saturating_sub(height);
    review.scroll = review.scroll.clamp(lowest, row).min(page.len().saturating_sub(height));
}
