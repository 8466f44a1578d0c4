//! The cursor of a review: it goes through the rows of access and the findings, and the page follows it. Between them and
//! below them the page is scrolled.

use super::Review;
use crate::wizard::Action;
use crate::wizard::page::{TextPage, scroll_rows};

/// Carries out a movement; `false` for other actions.
pub(super) fn move_view(review: &mut Review, page: &TextPage, height: usize, action: Action) -> bool {
    match action {
        Action::Down | Action::Up => {
            if !choose_in_sight(review, page, height, action) {
                scroll_rows(&mut review.scroll, action, page.len(), height);
                choose_in_sight(review, page, height, action);
            }
            true
        }
        _ => {
            let is_moved = scroll_rows(&mut review.scroll, action, page.len(), height);
            if is_moved && !is_in_sight(review, page, height, review.selected) {
                let mut all = 0..review.count_entries();
                if let Some(first) = all.find(|at| is_in_sight(review, page, height, *at)) {
                    review.selected = first;
                }
            }
            is_moved
        }
    }
}

/// Chooses the next thing that the window shows in a direction. False: it shows none.
fn choose_in_sight(review: &mut Review, page: &TextPage, height: usize, action: Action) -> bool {
    let selected = review.selected;
    let is_shown = |at: &usize| is_in_sight(review, page, height, *at);
    let next = if action == Action::Down {
        (selected + 1..review.count_entries()).find(is_shown)
    } else {
        (0..selected).rev().find(is_shown)
    };
    let Some(next) = next else { return false };
    review.selected = next;
    true
}

/// The row of the page in which a thing begins.
pub(super) fn row_of(page: &TextPage, at: usize) -> Option<usize> {
    page.all_rows().iter().position(|row| row.owner == Some(at))
}

/// Tells whether the first row of a thing is in the window.
pub(super) fn is_in_sight(review: &Review, page: &TextPage, height: usize, at: usize) -> bool {
    let first = review.scroll.min(page.len().saturating_sub(height));
    row_of(page, at).is_some_and(|row| (first..first + height).contains(&row))
}

/// Scrolls as far as the chosen thing needs to be seen.
pub(super) fn show_chosen(review: &mut Review, page: &TextPage, height: usize) {
    let Some(row) = row_of(page, review.selected) else { return };
    let lowest = (row + 1).saturating_sub(height);
    review.scroll = review.scroll.clamp(lowest, row).min(page.len().saturating_sub(height));
}
