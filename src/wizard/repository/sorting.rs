//! Changes the order of the rows.

use super::order::{Order, Sort};
use super::{RepositoryStep, list_height};
use crate::wizard::{Cursor, Model, Tone};

/// Returns the next order by something that the list shows.
pub(super) fn next_order(step: &RepositoryStep) -> Order {
    let overview = step.overview.as_ref();
    let survey = overview.and_then(|overview| overview.survey.as_ref());
    let is_shown = |sort: Sort| match sort {
        Sort::Account => survey.is_some_and(|survey| survey.count_accounts() > 1),
        Sort::Region => survey.is_some_and(|survey| survey.count_regions() > 1),
        _ => true,
    };
    let orders: &[Sort] = if overview.is_some() { &Sort::OF_REVIEW } else { &Sort::OF_LIST };
    Order { by: step.rows.current_order().by.next_of(orders, is_shown), is_backwards: false }
}

/// Takes another order, and says which.
pub(super) fn set_order(model: &mut Model, order: Order) {
    let height = list_height(model);
    let step = &mut model.repository;
    step.change_rows(height, |rows| rows.set_order(order));
    // The new order is asked for to see what it puts first.
    step.cursor = Cursor::default();
    step.moved = false;
    let words = format!("sorted {}", order.in_words(step.overview.is_some()));
    model.set_notice(Tone::Plain, words);
}
