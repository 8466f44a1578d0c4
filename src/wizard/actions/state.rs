//! The state of step 3, apart from the model.

use super::TOKEN_ACTION;
use super::existing::{ExistingState, ExistingSum};
use crate::ecr::Problem;
use crate::ecr::region::RegionProblem;
use crate::ecr::{ActionInfo, Grantee, Recipe, Region, action, recipe};
use crate::wizard::Cursor;
use crate::wizard::field::Field;
use crate::wizard::keymap::KeyScope;
use crate::wizard::typed_field::TypedField;
use std::collections::BTreeSet;

/// The parts of the screen, in the order of Tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// The parties that receive access.
    Grantee,
    /// The Region in which it will be pulled.
    Region,
    /// The list of recipes.
    Recipe,
    /// The list of actions.
    Checklist,
    /// The date at which the access ends.
    Until,
}

impl Focus {
    pub(super) const ALL: [Self; 5] = [Self::Grantee, Self::Region, Self::Recipe, Self::Checklist, Self::Until];

    pub(super) fn moved(self, by: usize) -> Self {
        let at = self as usize + by;
        Self::ALL.get(at % Self::ALL.len()).copied().unwrap_or(self)
    }
}

/// A set of marked actions, and the order in which the checklist shows all of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Chosen {
    pub(super) marked: BTreeSet<&'static str>,
    pub(super) rows: Vec<&'static ActionInfo>,
    /// The recipe that the order comes from.
    pub(super) base: usize,
}

impl Chosen {
    pub(super) fn of(recipe: usize) -> Self {
        let Some(named) = recipe::all_recipes().get(recipe) else { return Self::default() };
        let marked = named.repository_actions().map(|a| a.name.as_str()).collect();
        Self { marked, rows: rows_from(named.action_rows().collect()), base: recipe }
    }

    /// Tells whether exactly the recipe's own actions are marked, the account-level ones aside.
    pub(super) fn is_untouched(&self) -> bool {
        let is_ours = |name: &&str| action::find_action(name).is_some_and(ActionInfo::is_repository_level);
        let own = Self::of(self.base).marked;
        !own.is_empty() && self.marked.iter().copied().filter(is_ours).eq(own.iter().copied())
    }
}

/// These first, then the token's row, then the other actions that a repository policy can control.
pub(super) fn rows_from(first: Vec<&'static ActionInfo>) -> Vec<&'static ActionInfo> {
    let mut rows = first;
    let token = action::find_action(TOKEN_ACTION);
    if !rows.is_empty() {
        add(&mut rows, token);
    }
    for info in action::repository_level() {
        add(&mut rows, Some(info));
    }
    add(&mut rows, token);
    rows
}

pub(super) fn add(rows: &mut Vec<&'static ActionInfo>, info: Option<&'static ActionInfo>) {
    if let Some(info) = info
        && !rows.iter().any(|r| r.name == info.name)
    {
        rows.push(info);
    }
}

/// Reads a Region by its name, or by the place that AWS names it after.
fn read_region(text: &str) -> Result<Region, RegionProblem> {
    Region::find_place(text).map_or_else(|| Region::parse(&text.to_ascii_lowercase()), Ok)
}

/// The grantees that a text names, each once.
type Grantees = Vec<Result<Grantee, Problem>>;

/// The state of the step.
#[derive(Debug)]
pub struct ActionsStep {
    pub(super) grantee: TypedField<Grantees>,
    pub(super) region: TypedField<Result<Region, RegionProblem>>,
    /// The date at which the access ends; what it says depends on today, and is read with it.
    pub(super) until: Field,
    pub(super) focus: Focus,
    pub(super) recipe: usize,
    pub(super) recipes: Cursor,
    pub(super) chosen: Chosen,
    /// The actions marked by hand, kept while another recipe is looked at.
    pub(super) own: Option<Chosen>,
    pub(super) list: Cursor,
    /// The text of the grantee field before anybody typed.
    pub(super) given: String,
    /// The text of the field of the end before anybody typed.
    pub(super) given_until: String,
    pub(super) by_hand: bool,
    pub(super) entered: bool,
    /// The text of the grantee field for which a key told that a session, and not its role, is meant.
    pub(super) session_meant: Option<String>,
    /// The present access of the grantees.
    pub(super) existing: ExistingState,
}

impl Default for ActionsStep {
    fn default() -> Self {
        Self {
            grantee: TypedField::new(Grantee::parse_list),
            region: TypedField::new(read_region),
            until: Field::default(),
            focus: Focus::Grantee,
            recipe: 0,
            recipes: Cursor::default(),
            chosen: Chosen::of(0),
            own: None,
            list: Cursor::default(),
            given: String::new(),
            given_until: String::new(),
            by_hand: false,
            entered: false,
            session_meant: None,
            existing: ExistingState::default(),
        }
    }
}

impl ActionsStep {
    /// The scopes of keys, innermost first.
    pub fn scopes(&self) -> Vec<KeyScope> {
        match self.focus {
            Focus::Grantee | Focus::Region | Focus::Until => vec![KeyScope::Actions],
            Focus::Recipe | Focus::Checklist => {
                vec![KeyScope::Checklist, KeyScope::Actions, KeyScope::List, KeyScope::Commands]
            }
        }
    }

    /// Tells whether something was typed or marked that leaving would lose.
    pub fn is_dirty(&self) -> bool {
        self.grantee.text() != self.given || self.until.text() != self.given_until || self.by_hand
    }

    /// The field of grantees.
    pub fn grantee(&self) -> &Field {
        self.grantee.field()
    }

    /// The field of the puller's Region.
    pub fn region(&self) -> &Field {
        self.region.field()
    }

    /// The field of the end.
    pub fn until(&self) -> &Field {
        &self.until
    }

    /// The part that has the focus.
    pub fn focus(&self) -> Focus {
        self.focus
    }

    /// The chosen recipe.
    pub fn recipe(&self) -> Option<&'static Recipe> {
        recipe::all_recipes().get(self.recipe)
    }

    /// The recipe that a set made by hand began with, where it began with one.
    pub fn made_from(&self) -> Option<&'static Recipe> {
        let base = recipe::all_recipes().get(self.chosen.base)?;
        (self.chosen.base != self.recipe).then_some(base)
    }

    /// The cursor in the list of recipes.
    pub fn recipes(&self) -> Cursor {
        self.recipes
    }

    /// The cursor in the checklist.
    pub fn list(&self) -> Cursor {
        self.list
    }

    /// The rows of the checklist: the recipe's first, then the other actions.
    pub fn rows(&self) -> &[&'static ActionInfo] {
        &self.chosen.rows
    }

    /// Returns the present access of the grantees; none: nothing can be asked for yet.
    pub fn existing_sum(&self) -> Option<&ExistingSum> {
        self.existing.sum.as_ref()
    }

    /// The row of the checklist that the cursor is on.
    pub fn row(&self) -> Option<&'static ActionInfo> {
        self.chosen.rows.get(self.list.selected).copied()
    }

    /// Tells whether an action is marked.
    pub fn is_marked(&self, info: &ActionInfo) -> bool {
        self.chosen.marked.contains(info.name.as_str())
    }

    /// The marked actions, in the order of the table.
    pub fn marked(&self) -> Vec<&'static ActionInfo> {
        action::all_actions().iter().filter(|info| self.is_marked(info)).collect()
    }

    pub(super) fn choose(&mut self, recipe: usize) {
        let is_custom = recipe::all_recipes().get(recipe).is_some_and(Recipe::is_custom);
        self.recipe = recipe;
        self.chosen = match &self.own {
            Some(own) if is_custom => own.clone(),
            _ => Chosen::of(recipe),
        };
        self.list = Cursor::default();
    }

    /// Chooses exactly these actions, as a choice of one's own; `false`: there are none.
    pub(super) fn choose_own(&mut self, actions: Vec<&'static ActionInfo>) -> bool {
        let custom = recipe::all_recipes().iter().position(Recipe::is_custom);
        let Some(custom) = custom.filter(|_| !actions.is_empty()) else { return false };
        let marked = actions.iter().map(|info| info.name.as_str()).collect();
        self.own = Some(Chosen { marked, rows: rows_from(actions), base: custom });
        self.choose(custom);
        true
    }

    /// Marks an action or takes the mark away; tells what became of the recipe, where something did.
    pub(super) fn toggle(&mut self, info: &'static ActionInfo) -> Option<String> {
        let name = info.name.as_str();
        if !self.chosen.marked.remove(name) {
            self.chosen.marked.insert(name);
        }
        let custom = recipe::all_recipes().iter().position(Recipe::is_custom)?;
        let before = self.recipe;
        self.by_hand = true;
        if self.chosen.is_untouched() {
            self.recipe = self.chosen.base;
            self.own = None;
        } else {
            self.recipe = custom;
            self.own = Some(self.chosen.clone());
        }
        self.recipes.selected = self.recipe;
        let (old, new) = (recipe::all_recipes().get(before)?, self.recipe()?);
        match (before == self.recipe, old.is_lambda()) {
            (true, _) => None,
            (false, true) => Some("now custom: without the statement for the Lambda service".to_owned()),
            (false, false) if new.is_custom() => Some(format!("now custom: no longer {} as it is", old.title)),
            (false, false) => Some(format!("{} again", new.title)),
        }
    }
}
