//! Asks for the list of repositories, and for the policies of its rows.

use super::reads::AT_ONCE_OF_ALL;
use super::row::ReadState;
use super::state::ListingState;
use super::{Cursor, Effect, Filter, Model, Signed, Step, list_height, registries};
use crate::ecr::Region;
use crate::wizard::account::signed::take_signed;
use crate::wizard::overview::around;

/// Begins the list of another account or Region, or of the same one with other credentials: then the rows stay until
/// the new ones are there.
pub(super) fn begin_list(model: &mut Model, signed: &Signed) -> Vec<Effect> {
    let mut effects = registries::leave_survey(model);
    let step = &mut model.repository;
    let same_registry = step
        .base
        .as_ref()
        .is_some_and(|(context, owner)| context.region == signed.region && owner == signed.owner_account());
    effects.extend(step.search.forget_all().into_iter().map(Effect::Cancel));
    step.review = None;
    step.acceptance = None;
    step.regions = None;
    if !same_registry {
        effects.extend(step.reads.forget_all().into_iter().map(Effect::Cancel));
        step.rows = step.rows.emptied();
        step.filter = Filter::default();
        step.cursor = Cursor::default();
        step.moved = false;
    }
    step.base = Some((signed.request_context(), signed.owner_account().clone()));
    effects.extend(request_list(model));
    effects
}

/// Asks for the list; rows, marks and what is known of them stay until the new one is complete.
pub(in crate::wizard) fn request_list(model: &mut Model) -> Vec<Effect> {
    let mut effects = around::read_again(model);
    if let Some(asked) = registries::read_again(model) {
        effects.extend(asked);
        return effects;
    }
    let Some((context, owner)) = model.repository.base.clone() else { return effects };
    model.stored_policies.forget_all();
    let id = model.next_request();
    let since = model.now;
    let step = &mut model.repository;
    effects.extend(step.reads.read_again(&mut step.rows).into_iter().map(Effect::Cancel));
    if let ListingState::Loading { id, .. } = step.listing {
        effects.push(Effect::Cancel(id));
    }
    step.rows.begin_listing();
    step.listing = ListingState::Loading { id, since };
    effects.push(Effect::ListRepositories { id, context, owner, home: None });
    effects
}

/// Goes to another Region of the same account.
pub(super) fn move_to(model: &mut Model, region: Region) -> Vec<Effect> {
    let Some(signed) = model.signed.clone().filter(|signed| signed.region != region) else { return Vec::new() };
    let signed = Signed { region: region.clone(), ..signed };
    take_signed(model, signed.clone());
    model.account.region_changed(&signed.source.id, region);
    begin_list(model, &signed)
}

/// Asks for the policies of the chosen repositories of which none is known: what they grant already is told from these.
pub(in crate::wizard) fn read_chosen(model: &mut Model) -> Vec<Effect> {
    let step = &mut model.repository;
    for chosen in &model.chosen {
        if model.stored_policies.policy_of(&chosen.reference).is_none()
            && let Some(at) = step.rows.find_row(&chosen.reference)
        {
            step.reads.want_row(&mut step.rows, at);
        }
    }
    request_policies(model)
}

/// Asks for as many policies as may be under way: at step 3 those of chosen repositories first, then the visible ones; in a
/// review for what stands around them too. Rests while something is being saved.
pub(in crate::wizard) fn request_policies(model: &mut Model) -> Vec<Effect> {
    if model.step >= Step::Save {
        return Vec::new();
    }
    // Of several registries each is asked for when its list is there: there are thousands of policies for one of them.
    let mut effects = if model.repository.has_survey() { Vec::new() } else { around::begin_reads(model) };
    let height = list_height(model);
    let step = &model.repository;
    let is_wanted = |at: &usize| step.rows.get(*at).is_some_and(|row| row.read == ReadState::Wanted);
    let chosen = model.chosen.iter().filter(|_| model.step == Step::Actions);
    let chosen = chosen.filter_map(|chosen| step.rows.find_row(&chosen.reference)).filter(is_wanted);
    let chosen: Vec<usize> = chosen.take(AT_ONCE_OF_ALL).collect();
    loop {
        let step = &mut model.repository;
        let shown = step.cursor.shown_rows(step.rows.shown_indexes().len(), height);
        let Some(at) = step.reads.next_row(&step.rows, &chosen, &shown) else { return effects };
        let Some(repository) = step.rows.get(at).map(|row| row.repository.reference.clone()) else { return effects };
        if let Some(known) = step.elsewhere().and_then(|elsewhere| elsewhere.policy_of(&repository)) {
            let id = model.next_request();
            let step = &mut model.repository;
            step.reads.begin_read(&mut step.rows, at, id);
            step.reads.take_known(&mut step.rows, id, &repository, known);
            continue;
        }
        let Some(context) = step.context_at(&repository) else { return effects };
        let id = model.next_request();
        let step = &mut model.repository;
        step.reads.begin_read(&mut step.rows, at, id);
        effects.push(Effect::ReadPolicy { id, context, repository, for_write: false });
    }
}
