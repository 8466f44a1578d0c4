//! Divides the body, and says what stands beside the rows.

use super::ListingState;
use crate::ecr::Failure;
use crate::wizard::layout::Shape;
use crate::wizard::overview::registry_rows;
use crate::wizard::{Model, layout};

/// Returns how the body is divided.
pub fn body_shape(model: &Model) -> Shape {
    let body = layout::body_rows(model.size);
    let trouble = shown_trouble(model).is_some();
    let is_registries = model.repository.overview().is_some_and(|overview| overview.registries().is_some());
    let has_list = model.repository.has_survey() || is_registries;
    if model.repository.rows.is_empty() && !model.repository.filter.is_narrowing() && !has_list {
        // There is no row to tell about: what there is to say stands in the place of the list.
        let head = 3.min(body.saturating_sub(4));
        return Shape { head, list: body.saturating_sub(head), below: 0, rule: false };
    }
    if body < 9 {
        let below = if trouble { 3.min(body.saturating_sub(2)) } else { u16::from(body > 4) };
        let head = u16::from(body > below + 1);
        return Shape { head, list: body.saturating_sub(head + below), below, rule: false };
    }
    let is_review = model.repository.overview().is_some();
    let below = match (trouble, layout::has_details(model.size)) {
        (true, _) => (body.saturating_sub(4) / 2).min(7),
        (false, true) => return Shape { head: 3, list: body.saturating_sub(3), below: 0, rule: false },
        // The registries are few, and there is much to tell of each.
        (false, false) if is_registries => {
            let rows = u16::try_from(registry_rows(model).len()).unwrap_or(u16::MAX);
            (body - 4).saturating_sub(rows.max(2)).max((body - 4) / 3)
        }
        // A review tells findings and access of the chosen repository, or what the chosen grantee reaches.
        (false, false) if is_review && body >= 15 => ((body - 4) / 3).min(12),
        (false, false) => {
            if body < 15 {
                2
            } else {
                3
            }
        }
    };
    Shape { head: 3, list: body.saturating_sub(4 + below), below, rule: true }
}

/// Returns what went wrong and is shown until it is put right: the listing, or the search for a name.
pub fn shown_trouble(model: &Model) -> Option<&Failure> {
    let step = &model.repository;
    step.search.search_failure().or(match &step.listing {
        ListingState::Failed(failure) => Some(failure),
        _ => None,
    })
}
