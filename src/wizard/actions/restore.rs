//! The step as it was in a draft.

use super::{ActionsStep, Chosen, Field, rows_from};
use crate::ecr::{Recipe, recipe};
use crate::wizard::draft::Draft;

impl ActionsStep {
    /// Puts everything back that was typed and marked.
    pub(super) fn restore_draft(&mut self, draft: &Draft) {
        let at = |wanted: &Recipe| recipe::all_recipes().iter().position(|recipe| recipe.name == wanted.name);
        self.given = String::new();
        self.grantee.edit(|field| put(field, &draft.grantees));
        self.region.edit(|field| put(field, &draft.puller_region));
        self.given_until = String::new();
        put(&mut self.until, &draft.until);
        let Some(chosen) = at(draft.recipe) else { return };
        let base = draft.made_from.and_then(at).unwrap_or(chosen);
        let rows = match recipe::all_recipes().get(base) {
            Some(named) if !named.is_custom() => rows_from(named.action_rows().collect()),
            _ => rows_from(draft.actions.clone()),
        };
        let marked = draft.actions.iter().map(|info| info.name.as_str()).collect();
        let own = Chosen { marked, rows, base };
        self.recipe = chosen;
        self.recipes.selected = chosen;
        self.own = draft.recipe.is_custom().then(|| own.clone());
        // Leaving would lose what was marked, and where nothing is typed nothing else tells so.
        self.by_hand = !own.is_untouched() || self.grantee.is_empty();
        self.chosen = own;
    }
}

/// Puts a text from a file in: what cannot be typed is not in it.
fn put(field: &mut Field, text: &str) {
    field.clear_text();
    field.insert_text(text);
}
