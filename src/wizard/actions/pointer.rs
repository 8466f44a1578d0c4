//! Clicks: into a field, on a recipe, on an action or on its box.

use super::{Focus, LABEL, rows, toggle};
use crate::ecr::recipe;
use crate::wizard::{Effect, Model};

/// The cells of a row of the checklist up to the end of its box.
const BOX: u16 = 4;

/// Takes a click into the body, its rows counted from 0.
pub(super) fn click_at(model: &mut Model, column: u16, row: u16) -> Vec<Effect> {
    let parts = rows(model, model.size);
    let mut from = 0;
    // The parts from the top, as many rows each: where the row falls into one, its place there.
    let mut within = |count: u16| {
        let at = row.checked_sub(from).filter(|at| *at < count);
        from += count;
        at.map(usize::from)
    };
    within(parts.head);
    let grantee = within(1 + parts.notes);
    let region = within(1 + parts.advice);
    let recipe_row = within(1);
    let recipes = within(parts.recipes);
    let list_rule = within(1);
    let list = within(parts.list);
    within(parts.detail);
    let until = within(parts.end);
    // Where the recipes have no place of their own they take the checklist's while they have the focus.
    let is_shared = parts.recipes == 0 && model.actions.focus == Focus::Recipe;
    let (recipes, list) = if is_shared { (list, None) } else { (recipes, list) };
    let width = usize::from(model.size.columns);
    let step = &mut model.actions;
    if let Some(at) = grantee {
        step.focus = Focus::Grantee;
        if at == 0 {
            step.grantee.edit(|field| field.point_at(usize::from(column), LABEL + 1, width));
        }
    } else if let Some(at) = region {
        step.focus = Focus::Region;
        if at == 0 {
            step.region.edit(|field| field.point_at(usize::from(column), LABEL + 1, width));
        }
    } else if recipe_row.is_some() {
        step.focus = Focus::Recipe;
    } else if let Some(at) = recipes {
        step.focus = Focus::Recipe;
        let height = usize::from(if parts.recipes > 0 { parts.recipes } else { parts.list });
        let all = recipe::all_recipes().len();
        if let Some(chosen) = step.recipes.shown_rows(all, height).nth(at) {
            step.recipes.select_row(chosen, all, height);
            if chosen != step.recipe {
                step.choose(chosen);
            }
        }
    } else if list_rule.is_some() {
        step.focus = if is_shared { Focus::Recipe } else { Focus::Checklist };
    } else if let Some(at) = list {
        step.focus = Focus::Checklist;
        let (all, height) = (step.chosen.rows.len(), usize::from(parts.list));
        if let Some(chosen) = step.list.shown_rows(all, height).nth(at) {
            step.list.select_row(chosen, all, height);
            if column <= BOX {
                toggle(model);
            }
        }
    } else if until.is_some() {
        step.focus = Focus::Until;
        step.until.point_at(usize::from(column), LABEL + 1, width);
    }
    Vec::new()
}
