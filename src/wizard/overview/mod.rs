//! The review of all repositories of the account and Region: who outside can do what, the worst first, with findings;
//! turned round, the grantees with what they reach. It shows the rows of step 2, so that filter, marks and reading are the
//! same.

pub(in crate::wizard) mod around;
mod around_state;
mod details;
mod elsewhere;
pub(in crate::wizard) mod entering;
pub(in crate::wizard) mod registries;
mod registry_row;
pub(in crate::wizard) mod state;
pub mod survey;
mod take_out;

use super::acceptance::{self, AcceptanceSubject};
use super::keymap::{Action, KeyScope};
use super::repository::{Knowledge, ListingState};
use super::{Cursor, Effect, Model};
use crate::policy::RegistryPolicy;
use crate::review::{Analyst, RepositoryEntry, csv_text};
pub use around_state::RegistriesAround;
pub use details::detail_page;
pub use elsewhere::Elsewhere;

pub use registries::registry_rows;
pub use registry_row::{ElsewhereRow, ListProgress, RegistryRow, SurveyRow, source_words};
pub use state::{GranteeList, GranteeRow, Overview};
pub use survey::{Survey, SurveyedRegistry};
use take_out::why_no_take_out;

/// The pause between two makings of the grantees while policies still come, in milliseconds.
const PAUSE: u64 = 250;

/// Returns the scopes of keys, innermost first; none: the overview is not shown.
pub(super) fn key_scopes(model: &Model) -> Option<Vec<KeyScope>> {
    let overview = model.repository.overview()?;
    if overview.registries.is_some() {
        return Some(vec![KeyScope::Registries, KeyScope::List, KeyScope::Commands]);
    }
    Some(match overview.grantees {
        Some(_) => vec![KeyScope::Grantees, KeyScope::List, KeyScope::Commands],
        None => vec![KeyScope::Overview, KeyScope::List, KeyScope::Commands],
    })
}

/// Carries out an action in the list that lies over the repositories; none: there is none.
pub(super) fn do_action(model: &mut Model, action: Action, height: usize) -> Option<Vec<Effect>> {
    registries::do_registry_action(model, action, height).or_else(|| do_grantee_action(model, action, height))
}

/// Returns why an action does nothing in the review.
pub(super) fn why_off(model: &Model, action: Action) -> Option<String> {
    match action {
        Action::Export => why_no_export(model),
        Action::TakeOut => why_no_take_out(model),
        Action::Accept => acceptance::why_no_accept(model, accepted_subject(model).as_ref()),
        Action::Review | Action::Next if is_of_rows(model) => {
            let chosen = model.repository.chosen_row()?;
            entering::why_not_entered(model, &chosen.repository.reference)
        }
        _ => registries::why_off(model, action),
    }
}

/// Returns the thing whose findings would be accepted: the chosen repository, or the chosen registry in their list.
pub(super) fn accepted_subject(model: &Model) -> Option<AcceptanceSubject> {
    if let Some(cursor) = model.repository.overview()?.registries {
        return registry_rows(model).get(cursor.selected)?.registry_place().map(AcceptanceSubject::Registry);
    }
    let chosen = model.repository.chosen_row()?;
    Some(AcceptanceSubject::Repository(chosen.repository.reference.clone()))
}

/// Tells whether the repositories are shown, with no other list over them.
fn is_of_rows(model: &Model) -> bool {
    model.repository.overview().is_some_and(|overview| overview.registries.is_none() && overview.grantees.is_none())
}

/// Chooses the row that the list over the repositories shows at a place, from 0. False: there is no such list.
pub(super) fn choose_shown(model: &mut Model, at: usize, height: usize) -> bool {
    let registries = registry_rows(model).len();
    let Some(overview) = model.repository.overview_mut() else { return false };
    let choose = |cursor: &mut Cursor, len: usize| {
        if let Some(row) = cursor.shown_rows(len, height).nth(at) {
            cursor.select_row(row, len, height);
        }
    };
    if let Some(mut cursor) = overview.registries {
        choose(&mut cursor, registries);
        overview.registries = Some(cursor);
        true
    } else if let Some(list) = &mut overview.grantees {
        choose(&mut list.cursor, list.rows.len());
        true
    } else {
        false
    }
}

/// Keeps the chosen row of the list over the repositories in sight, in a window of another size.
pub(super) fn fit_size(model: &mut Model, height: usize) {
    let count = registry_rows(model).len();
    let Some(overview) = model.repository.overview_mut() else { return };
    if let Some(cursor) = &mut overview.registries {
        cursor.settle_in(count, height);
    }
    if let Some(list) = &mut overview.grantees {
        list.cursor.settle_in(list.rows.len(), height);
    }
}

/// Carries out an action in the list of grantees; none: it is not shown, or the action is not its own.
fn do_grantee_action(model: &mut Model, action: Action, height: usize) -> Option<Vec<Effect>> {
    let list = model.repository.overview_mut()?.grantees.as_mut()?;
    match action {
        Action::TakeOut => return Some(take_out::begin_take_out(model)),
        Action::Back => model.repository.overview_mut()?.grantees = None,
        Action::Group => {
            let overview = model.repository.overview_mut()?;
            overview.grantees = None;
            overview.registries = Some(Cursor::default());
        }
        Action::Next => {
            let query = list.rows.get(list.cursor.selected).map(|row| format!("grantee:{}", row.who.id()))?;
            model.repository.overview_mut()?.grantees = None;
            model.repository.filter_by(&query, height);
        }
        _ => {
            let len = list.rows.len();
            list.cursor.move_by(action, len, height);
        }
    }
    Some(Vec::new())
}

/// Shows the grantees of the shown repositories.
pub(super) fn show_grantees(model: &mut Model) {
    let list = make_list(model);
    if let Some(overview) = model.repository.overview_mut() {
        overview.grantees = Some(list);
    }
}

/// Makes the shown grantees anew where policies came since, not more often than a person can read.
pub(super) fn refresh_grantees(model: &mut Model, height: usize) {
    let Some(list) = model.repository.overview().and_then(Overview::grantees) else { return };
    let is_old = list.version != model.repository.rows().version();
    let is_due = model.repository.reads().is_idle() || model.now >= list.made_at + PAUSE;
    if !is_old || !is_due {
        return;
    }
    let chosen = list.rows.get(list.cursor.selected).map(|row| row.who.clone());
    let mut made = make_list(model);
    let place = made.rows.iter().position(|row| Some(&row.who) == chosen.as_ref()).unwrap_or_default();
    made.cursor.select_row(place, made.rows.len(), height);
    if let Some(overview) = model.repository.overview_mut() {
        overview.grantees = Some(made);
    }
}

/// Returns why the shown repositories cannot be exported: a file of half of them would pass for the whole.
fn why_no_export(model: &Model) -> Option<String> {
    let step = &model.repository;
    step.why_incomplete()
        .or_else(|| step.rows().shown_indexes().is_empty().then(|| "there is nothing to export".to_owned()))
}

/// Writes the shown repositories to a file for spreadsheets.
pub(super) fn export_rows(model: &mut Model) -> Vec<Effect> {
    let step = &model.repository;
    let shown = step.rows().shown_indexes().iter().filter_map(|at| step.rows().get(*at));
    let entries: Vec<RepositoryEntry> = shown
        .filter_map(|row| match step.knowledge_of(row) {
            Knowledge::Read => row.entry.as_deref().cloned(),
            Knowledge::Failed(why) => {
                let reference = row.repository.reference.clone();
                let mut analyst = Analyst::default();
                Some(RepositoryEntry::review(reference, Err(why.clone()), &RegistryPolicy::NotAsked, &mut analyst))
            }
            Knowledge::Awaited => None,
        })
        .collect();
    let text = csv_text(&entries, failed_cells(model));
    let name = export_name(model);
    vec![Effect::WriteFile { id: model.next_request(), name, text }]
}

/// Returns the name of the file for an export.
fn export_name(model: &Model) -> String {
    let survey = model.repository.overview().and_then(Overview::survey);
    match (survey, &model.signed) {
        (Some(survey), _) => format!("ecr-review-{}-registries.csv", survey.enabled_registries().count()),
        (None, Some(signed)) => format!("ecr-review-{}-{}.csv", signed.owner_account(), signed.region),
        (None, None) => "ecr-review.csv".to_owned(),
    }
}

/// Returns what could not be listed, each with its account, Region and reason: a file that leaves it out would pass for the
/// whole.
fn failed_cells(model: &Model) -> Vec<[String; 3]> {
    if let Some(survey) = model.repository.overview().and_then(Overview::survey) {
        let cells = |row: SurveyRow<'_>| {
            let why = row.failure()?.what.clone();
            let cell = |text: Option<&dyn std::fmt::Display>| text.map(ToString::to_string).unwrap_or_default();
            let account = cell(row.account().map(|account| account as _));
            if let SurveyRow::Place(place) = row {
                return Some(place.cells());
            }
            match row.region() {
                Some(region) => Some([account, region.to_string(), why]),
                None => Some([account, String::new(), format!("{}: {why}", row.words())]),
            }
        };
        return survey.failures().filter_map(cells).collect();
    }
    match (model.repository.listing(), &model.signed) {
        (ListingState::Failed(failure), Some(signed)) => {
            vec![[signed.owner_account().to_string(), signed.region.to_string(), failure.what.clone()]]
        }
        _ => Vec::new(),
    }
}

fn make_list(model: &Model) -> GranteeList {
    let rows = model.repository.rows();
    let shown = rows.shown_indexes().iter().filter_map(|at| rows.get(*at));
    let entries: Vec<&RepositoryEntry> = shown.filter_map(|row| row.entry.as_deref()).collect();
    GranteeList {
        rows: GranteeList::rows_of(entries),
        version: rows.version(),
        made_at: model.now,
        ..GranteeList::default()
    }
}
