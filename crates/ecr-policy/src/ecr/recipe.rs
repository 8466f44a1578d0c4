//! Recipes: named sets of actions for a purpose, `assets/recipes.json`.

use std::sync::LazyLock;

use super::action::{self, ActionInfo};

/// A named set of actions for a purpose.
#[derive(Debug, PartialEq, Eq, serde::Deserialize)]
pub struct Recipe {
    /// The name that flags take, such as `pull-describe`.
    pub name: String,
    /// The name that screens show.
    pub title: String,
    /// The end of a Sid: `EcrGrant` + label.
    pub label: String,
    /// The purpose, in one clause.
    pub words: String,
    actions: Vec<String>,
    /// The reason why the repository must be in the puller's Region, where it must.
    pub same_region: Option<String>,
    /// The page that the set comes from.
    pub source: String,
}

impl Recipe {
    /// All rows of the recipe, account-level ones included (the guide lists `GetAuthorizationToken`).
    pub fn action_rows(&self) -> impl Iterator<Item = &'static ActionInfo> {
        self.actions.iter().filter_map(|name| action::find_action(name))
    }

    /// The rows that belong in a repository policy.
    pub fn repository_actions(&self) -> impl Iterator<Item = &'static ActionInfo> {
        self.action_rows().filter(|a| a.is_repository_level())
    }

    /// Tells whether this recipe writes the two statements that Lambda functions of another account need.
    pub fn is_lambda(&self) -> bool {
        self.name == "lambda"
    }

    /// Tells whether this recipe lets Release pull.
    pub fn is_release(&self) -> bool {
        self.name == "release"
    }

    /// Tells whether the user picks each action.
    pub fn is_custom(&self) -> bool {
        self.name == "custom"
    }
}

/// All recipes, the default first.
pub fn all_recipes() -> &'static [Recipe] {
    &TABLE.recipes
}

/// Finds a recipe by the name that flags take.
pub fn find_recipe(name: &str) -> Option<&'static Recipe> {
    all_recipes().iter().find(|r| r.name == name)
}

#[derive(serde::Deserialize)]
struct RecipeTable {
    recipes: Vec<Recipe>,
}

static TABLE: LazyLock<RecipeTable> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../assets/recipes.json")).unwrap_or(RecipeTable { recipes: Vec::new() })
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recipes_are_the_documented_ones() {
        let names: Vec<_> = all_recipes().iter().map(|r| r.name.as_str()).collect();
        assert_eq!(names, ["pull", "release", "pull-describe", "watch", "lambda", "push-pull", "custom"]);
        for recipe in all_recipes() {
            assert_eq!(recipe.action_rows().count(), recipe.actions.len(), "{} names an unknown action", recipe.name);
        }
        assert_eq!(find_recipe("release").unwrap().action_rows().count(), 8);
        assert_eq!(find_recipe("release").unwrap().repository_actions().count(), 7);
    }
}
