//! The changes that begin in a review: the policy is edited as it is, a finding is mended, the grantee of a row is taken out,
//! the policy is deleted. Each goes on through the plan, the difference and the confirmation of Save.

use super::{Chosen, Review, moving, page_rows, read_policy, shown_page};
use crate::ecr::{Grantee, Repository};
use crate::plan::{Ask, Intent};
use crate::policy::{Finding, Fix, RevokeOptions, Who};
use crate::wizard::access_rows::AccessEntry;
use crate::wizard::policy::{FixOfStored, begin_stored_edit};
use crate::wizard::save::begun;
use crate::wizard::{Action, Effect, KeyScope, Model, Tone};

/// Returns why a change cannot be begun.
pub(super) fn why_off(model: &Model, review: &Review, action: Action) -> Option<String> {
    if model.save.change_planned_since().is_some() {
        return Some("the change is being planned".to_owned());
    }
    let Some(stored) = review.stored.known_value() else { return Some("the policy is not read yet".to_owned()) };
    let reason = match (action, stored) {
        (Action::DeletePolicy | Action::TakeOut | Action::Fix, None) => "there is no policy",
        (Action::TakeOut, Some(_)) => return intent_of_chosen(review).err(),
        (Action::Fix, Some(_)) if chosen_fix(review).is_none() => {
            "no finding here has a ready fix; the editor mends it"
        }
        _ => return None,
    };
    Some(reason.to_owned())
}

/// Returns the fix that is meant: that of the chosen finding, else the first of all.
fn chosen_fix(review: &Review) -> Option<&Fix> {
    match review.chosen() {
        Some(Chosen::Finding(finding)) => finding.fix.as_ref(),
        _ => review.listed_findings().iter().find_map(|finding: &Finding| finding.fix.as_ref()),
    }
}

/// Returns the change that takes the grantee of the chosen row out, or why there is none. Deleted roles and users go along:
/// ECR takes no policy that names one.
fn intent_of_chosen(review: &Review) -> Result<Intent, String> {
    let grantees = grantees_of_chosen(review)?;
    Ok(Intent { ask: Ask::Revoke { grantees, options: RevokeOptions::default() }, remove_deleted: true })
}

/// Returns whom the chosen row names; nobody: deleted roles and users alone.
fn grantees_of_chosen(review: &Review) -> Result<Vec<Grantee>, String> {
    let table =
        review.policies.known_value().and_then(|policies| policies.deciding.as_ref().ok()).map(|(_, table)| table);
    let (Some(table), Some(Chosen::Access(entry))) = (table, review.chosen()) else {
        return Err("choose a row of who has access".to_owned());
    };
    let who = |at: &usize| table.rows.get(*at).map(|row| &row.who);
    match entry {
        AccessEntry::Denied(_) => Err("a Deny gives nobody anything: the editor takes it out".to_owned()),
        AccessEntry::Folded(all) if all.iter().filter_map(who).all(Who::is_deleted) => Ok(Vec::new()),
        AccessEntry::Party(at) if who(at).is_some_and(Who::is_deleted) => Ok(Vec::new()),
        AccessEntry::Folded(_) => Err("this row stands for several: show them one by one, then choose one".to_owned()),
        AccessEntry::Party(at) => match who(at).and_then(Who::to_grantee) {
            Some(grantee) => Ok(vec![grantee]),
            None => Err("this row names no single grantee: the editor takes it out".to_owned()),
        },
    }
}

/// Begins a change.
pub(super) fn begin_change(model: &mut Model, mut review: Review, action: Action) -> Vec<Effect> {
    let repository = review.repository.clone();
    let intent = match action {
        Action::Edit => {
            model.repository.put_review(review);
            return begin_stored_edit(model, repository, None);
        }
        Action::Fix => {
            let fix = chosen_fix(&review).cloned();
            let stored = review.stored.known_value().cloned().flatten();
            model.repository.put_review(review);
            let (Some(stored), Some(fix)) = (stored, fix) else { return Vec::new() };
            return begin_stored_edit(model, repository, Some(FixOfStored { stored, fix }));
        }
        Action::TakeOut => {
            let (page, height) = (shown_page(model, &review).into_owned(), page_rows(model));
            if moving::is_in_sight(&review, &page, height) {
                intent_of_chosen(&review).ok()
            } else {
                moving::show_chosen(&mut review, &page, height);
                let key = model.key_name(KeyScope::Review, Action::TakeOut);
                model.set_notice(Tone::Plain, format!("this is the chosen row; {key} takes its grantee out"));
                None
            }
        }
        _ => Some(Intent { ask: Ask::Delete, remove_deleted: false }),
    };
    // The change belongs to the review that is shown.
    model.repository.put_review(review);
    let begin = |intent| begun::begin_change(model, intent, std::slice::from_ref(&repository.reference), action);
    intent.map(begin).unwrap_or_default()
}

/// Goes on with the edit of a stored policy that a draft kept, over the review that it began in.
pub(in crate::wizard) fn resume_edit(model: &mut Model, repository: Repository) -> Vec<Effect> {
    crate::wizard::draft::take_actions(model);
    let mut effects = super::open_review(model, repository.clone());
    effects.extend(begin_stored_edit(model, repository, None));
    effects
}

/// Reads what is stored again where it may be another text by now.
pub(in crate::wizard) fn read_doubtful(model: &mut Model) -> Vec<Effect> {
    let Some(mut review) = model.repository.take_review() else { return Vec::new() };
    let mut effects = Vec::new();
    if std::mem::take(&mut review.is_doubtful) {
        effects.extend(super::cancel_all(&review));
        effects.extend(read_policy(model, &mut review));
    }
    model.repository.put_review(review);
    effects
}
