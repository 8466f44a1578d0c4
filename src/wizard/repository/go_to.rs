//! Going straight to a repository: names and patterns from flags, pasted addresses, names typed into the filter.

use super::search::AskedName;
use super::{ListingState, RepositoryRows, list_height, move_to};
use crate::ecr::{Failure, FailureKind, Repository, RepositoryName, RepositoryRef, Tag};
use crate::plan::{RepositorySelector, near_name};
use crate::wizard::{Action, Effect, KeyScope, Model, RequestId, Step, Tone, account};

/// More names than these are left to the list.
const ASKED_BY_NAME: usize = 20;

/// Takes the names and the address that flags or Account left.
pub(super) fn take_prefill(model: &mut Model) -> Vec<Effect> {
    let choices = std::mem::take(&mut model.prefill.names);
    let mut effects = Vec::new();
    if !choices.is_empty() {
        effects.extend(choose_named(model, choices));
    }
    if let Some(target) = model.prefill.target.take() {
        let tag = model.prefill.tag.take();
        effects.extend(go_to(model, target, tag));
    }
    effects
}

/// Goes to a repository by its address: to its Region where that is another one, back to Account where it is another
/// account's.
pub(super) fn go_to(model: &mut Model, target: RepositoryRef, tag: Option<Tag>) -> Vec<Effect> {
    let Some(signed) = model.signed.clone() else { return Vec::new() };
    model.prefill.tag = tag;
    model.repository.tagged = Some(target.name.clone());
    if target.account != *signed.owner_account() {
        model.step = Step::Account;
        return account::aim_at(model, target);
    }
    let mut effects = Vec::new();
    if target.region != signed.region {
        effects.extend(move_to(model, target.region.clone()));
        model.set_notice(
            Tone::Plain,
            format!("this is {} now, where the address of {} leads", target.region, target.name),
        );
    }
    effects.extend(choose_named(model, vec![RepositorySelector::Exact { reference: target, tag: None }]));
    effects
}

/// Takes choices one by one: an address leads to its registry, the others name repositories of this one.
pub(super) fn take_choices(model: &mut Model, choices: Vec<RepositorySelector>) -> Vec<Effect> {
    match choices.as_slice() {
        [RepositorySelector::Exact { reference, tag }] => go_to(model, reference.clone(), tag.clone()),
        _ => choose_named(model, choices),
    }
}

/// Asks for a name that the list does not hold.
pub(super) fn ask_for(model: &mut Model, name: RepositoryName) -> Vec<Effect> {
    choose_named(model, vec![RepositorySelector::Name(name)])
}

/// The repositories of these names, once all of them are listed or asked for.
pub(in crate::wizard) fn all_named(model: &Model, names: &[RepositoryName]) -> Option<Vec<Repository>> {
    let step = &model.repository;
    let listed = |name: &RepositoryName| Some(step.rows.get(step.find_named(name)?)?.repository.clone());
    if names.is_empty() { None } else { names.iter().map(listed).collect() }
}

/// Returns what is still looked for of what was named beforehand, in words; `None`: nothing is.
pub(super) fn awaited_words(model: &Model) -> Option<String> {
    let wanted = &model.repository.search.wanted;
    let awaited = wanted.iter().find(|choice| model.lead.repositories.contains(choice))?;
    let back = model.key_name(KeyScope::Global, Action::Back);
    Some(format!("still looking for {awaited}; {back} stops it"))
}

/// Returns all repositories that these choices select, in their order and each once; `None`: one of the choices has none
/// yet, or may have more.
pub(super) fn find_selected(model: &Model, choices: &[RepositorySelector]) -> Option<Vec<Repository>> {
    let step = &model.repository;
    let mut all: Vec<Repository> = Vec::new();
    for choice in choices {
        let rows = step.rows.sorted_indexes().iter().filter_map(|at| step.rows.get(*at));
        let mut selected = rows.map(|row| &row.repository).filter(|known| choice.selects(&known.reference)).peekable();
        if selected.peek().is_none() || (choice.needs_list() && step.listing != ListingState::Complete) {
            return None;
        }
        for repository in selected {
            if !all.contains(repository) {
                all.push(repository.clone());
            }
        }
    }
    Some(all)
}

/// Chooses what is there, asks for the names that are not, and waits for the list with the patterns.
fn choose_named(model: &mut Model, choices: Vec<RepositorySelector>) -> Vec<Effect> {
    let Some((context, owner)) = model.repository.base.clone() else { return Vec::new() };
    model.repository.search.failure = None;
    let several = choices.len() > 1 || choices.iter().any(RepositorySelector::needs_list);
    model.repository.search.several = several;
    let mut effects = Vec::new();
    for choice in choices {
        let name = match &choice {
            RepositorySelector::Name(name) => Some(name),
            RepositorySelector::Exact { reference, .. } => Some(&reference.name),
            RepositorySelector::Glob(_) | RepositorySelector::All => None,
        };
        let Some(name) = name else {
            take_matching(model, &choice);
            if !matches!(model.repository.listing, ListingState::Complete) {
                model.repository.search.wanted.push(choice);
            }
            continue;
        };
        if let Some(at) = model.repository.find_named(name) {
            take_row(model, at);
            continue;
        }
        if model.repository.search.asked.len() < ASKED_BY_NAME {
            let (id, since, name) = (model.next_request(), model.now, name.clone());
            effects.push(Effect::Describe { id, context: context.clone(), owner: owner.clone(), name: name.clone() });
            model.repository.search.asked.push(AskedName { id, since, name });
        }
        model.repository.search.wanted.push(choice);
    }
    effects
}

/// Marks all rows that a pattern takes.
fn take_matching(model: &mut Model, choice: &RepositorySelector) {
    for at in 0..model.repository.rows.len() {
        if model.repository.rows.get(at).is_some_and(|row| choice.selects(&row.repository.reference)) {
            take_row(model, at);
        }
    }
}

/// Marks a row, or chooses it when it is the only one that was named.
fn take_row(model: &mut Model, at: usize) {
    let height = list_height(model);
    let step = &mut model.repository;
    if step.search.several {
        step.rows.set_mark(at, true);
    } else {
        step.choose_row(at, height);
        step.filter.open = false;
    }
}

/// Repositories have arrived in the list; `last`: it is complete.
pub(super) fn note_arrivals(model: &mut Model, names: &[RepositoryName], last: bool) {
    add_suggestion(model);
    if model.repository.search.wanted.is_empty() {
        return;
    }
    let wanted = std::mem::take(&mut model.repository.search.wanted);
    let mut left = Vec::new();
    for choice in wanted {
        let mut found = false;
        for name in names {
            let Some(at) = model.repository.find_named(name) else { continue };
            if model.repository.rows.get(at).is_some_and(|row| choice.selects(&row.repository.reference)) {
                take_row(model, at);
                found = true;
            }
        }
        if choice.needs_list() {
            if !last {
                left.push(choice);
            } else if !model
                .repository
                .rows
                .sorted_indexes()
                .iter()
                .any(|at| model.repository.rows.get(*at).is_some_and(|row| choice.selects(&row.repository.reference)))
            {
                model.set_notice(Tone::Bad, format!("no repository here matches {choice}"));
            }
        } else if !found {
            let asked = model.repository.search.asked.iter().any(|asked| names_it(&choice, &asked.name));
            if last && !asked {
                let wanted = match &choice {
                    RepositorySelector::Name(name) => Some(name),
                    RepositorySelector::Exact { reference, .. } => Some(&reference.name),
                    RepositorySelector::All | RepositorySelector::Glob(_) => None,
                };
                let near = wanted.and_then(|name| near_in_list(&model.repository.rows, name));
                let meant = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
                model.set_notice(Tone::Bad, format!("{choice} is not in this list{meant}"));
            } else {
                left.push(choice);
            }
        }
    }
    model.repository.search.wanted = left;
}

/// Adds the listed name that was probably meant to the failure of one that is not there.
pub(super) fn add_suggestion(model: &mut Model) {
    let step = &mut model.repository;
    let Some(missing) = step.search.missing.clone() else { return };
    let (Some(near), Some(failure)) = (near_in_list(&step.rows, &missing), &mut step.search.failure) else { return };
    failure.next = format!("did you mean {near}? Otherwise {}", failure.next);
    step.search.missing = None;
}

fn near_in_list(rows: &RepositoryRows, missing: &RepositoryName) -> Option<RepositoryName> {
    let names: Vec<&RepositoryName> =
        (0..rows.len()).filter_map(|at| rows.get(at)).map(|row| row.repository.name()).collect();
    near_name(missing, names.iter().copied()).cloned()
}

/// Tells whether a choice is this name alone.
fn names_it(choice: &RepositorySelector, name: &RepositoryName) -> bool {
    match choice {
        RepositorySelector::Name(wanted) => wanted == name,
        RepositorySelector::Exact { reference, .. } => reference.name == *name,
        RepositorySelector::Glob(_) | RepositorySelector::All => false,
    }
}

/// Returns what one name turned out to be.
pub(super) fn take_described(model: &mut Model, id: RequestId, result: Result<Repository, Failure>) -> Vec<Effect> {
    let height = list_height(model);
    let step = &mut model.repository;
    let Some(at) = step.search.asked.iter().position(|asked| asked.id == id) else { return Vec::new() };
    let name = step.search.asked.swap_remove(at).name;
    // The list may have brought it meanwhile.
    let is_wanted = |choice: &RepositorySelector| names_it(choice, &name);
    if !step.search.wanted.iter().any(is_wanted) {
        return Vec::new();
    }
    match result {
        Ok(repository) => {
            step.search.wanted.retain(|choice| !is_wanted(choice));
            step.change_rows(height, |rows| rows.put_rows(vec![repository]));
            if let Some(at) = step.find_named(&name) {
                take_row(model, at);
            }
        }
        // While the list is coming it may still bring what this role may not ask for alone.
        Err(failure)
            if failure.kind != FailureKind::RepositoryNotFound
                && matches!(step.listing, ListingState::Loading { .. }) => {}
        Err(failure) => {
            step.search.wanted.retain(|choice| !is_wanted(choice));
            step.search.missing = Some(name).filter(|_| failure.kind == FailureKind::RepositoryNotFound);
            step.search.failure = Some(failure);
            add_suggestion(model);
        }
    }
    Vec::new()
}
