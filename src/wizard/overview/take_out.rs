//! Takes the chosen grantee out of all policies that name it, of the repositories that are shown.

use std::collections::HashSet;

use crate::ecr::{Grantee, RepositoryRef};
use crate::plan::{Ask, Intent};
use crate::policy::{RevokeOptions, Who};
use crate::wizard::repository::Knowledge;
use crate::wizard::repository::row::RepositoryRow;
use crate::wizard::save::begun;
use crate::wizard::{Action, Effect, Model, Tone};

use super::entering::why_not_together;
use super::state::GranteeRow;

/// Returns why the chosen grantee cannot be taken out.
pub(super) fn why_no_take_out(model: &Model) -> Option<String> {
    if model.save.change_planned_since().is_some() {
        return Some("the change is being planned".to_owned());
    }
    if model.repository.elsewhere().is_some() {
        return Some("this is no reading of ECR, which a change begins with: step 1 chooses an account".to_owned());
    }
    let Some(row) = chosen_grantee(model) else { return Some("there is nobody to take out".to_owned()) };
    if let Err(why) = grantees_of(&row.who) {
        return Some(why.to_owned());
    }
    if let Some(why) = model.repository.why_incomplete() {
        return Some(why);
    }
    why_not_together(&named_repositories(model, row))
}

/// Returns the shown repositories whose policies name a grantee, and those that could not be read: it may have access there.
fn named_repositories(model: &Model, row: &GranteeRow) -> Vec<RepositoryRef> {
    let reached: HashSet<&RepositoryRef> = row.reaches.iter().map(|(reference, _)| reference).collect();
    let step = &model.repository;
    let shown = step.rows().shown_indexes().iter().filter_map(|at| step.rows().get(*at));
    let is_meant = |shown: &&RepositoryRow| {
        matches!(step.knowledge_of(shown), Knowledge::Failed(_)) || reached.contains(&shown.repository.reference)
    };
    shown.filter(is_meant).map(|shown| shown.repository.reference.clone()).collect()
}

fn chosen_grantee(model: &Model) -> Option<&GranteeRow> {
    let list = model.repository.overview()?.grantees()?;
    list.rows.get(list.cursor.selected)
}

/// Returns whom a change names for a party; nobody: deleted roles and users alone, which any change takes out.
fn grantees_of(who: &Who) -> Result<Vec<Grantee>, &'static str> {
    match who.to_grantee() {
        Some(grantee) => Ok(vec![grantee]),
        None if who.is_deleted() => Ok(Vec::new()),
        None => Err("this row names no single grantee: the editor takes it out"),
    }
}

/// Begins the change.
pub(super) fn begin_take_out(model: &mut Model) -> Vec<Effect> {
    let Some(row) = chosen_grantee(model) else { return Vec::new() };
    let Ok(grantees) = grantees_of(&row.who) else { return Vec::new() };
    let repositories = named_repositories(model, row);
    let intent = Intent { ask: Ask::Revoke { grantees, options: RevokeOptions::default() }, remove_deleted: true };
    let effects = begun::begin_change(model, intent, &repositories, Action::TakeOut);
    model.set_notice(Tone::Plain, begun::PLANNING_CHANGE);
    effects
}
