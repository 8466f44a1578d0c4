//! Step 3, Actions: who receives access, where it will be pulled, and which actions.

mod existing;
mod look_up;
mod note;
mod pointer;
mod restore;
mod state;
#[cfg(test)]
mod tests;

use super::draft::Draft;
use super::event::Size;
use super::field::Field;
use super::keymap::{Action, KeyScope};
use super::policy;
use super::screen::Screen;
use super::{Code, Effect, Key, Model, Signed, Step, Tone, layout};
use crate::ecr::Problem;
use crate::ecr::text::wrap_lines;
use crate::ecr::{AccessEnd, ActionInfo, Grantee, Region, recipe};
use crate::plan::Request;

use pointer::click_at;

pub use existing::ExistingSum;
pub use note::{GrantWords, Note, NoteKind, effect_of_choice, grantee_notes, region_note, shown_notes};
pub use state::{ActionsStep, Focus};
use state::{Chosen, rows_from};

/// The action that no repository policy controls, and that guides list all the same.
pub const TOKEN_ACTION: &str = "GetAuthorizationToken";

/// The text that stands for access without an end, as an empty field does.
pub const NEVER: &str = "never";

/// Cells before a field: the mark of the focus and the label.
pub const LABEL: usize = 27;

/// Cells before the words under a field, the sign included.
pub const ADVICE_INDENT: u16 = 5;

/// The step's row in the table of screens.
pub(super) const SCREEN: Screen = Screen {
    title: "Actions",
    details_share: 36,
    leads_to_question: true,
    enter,
    resume: |model, draft| Some(resume(model, draft)),
    pass: |model| Some(go_on(model)),
    act,
    text,
    paste,
    click: click_at,
    resized: |_| Vec::new(),
    drawn: |_| (),
    answer: look_up::take_answer,
    scopes: |model| model.actions.scopes(),
    why_off,
    label: |_, _, _| None,
    is_asking: |_| false,
    waiting_since: |_| None,
    compute: look_up::begin_existing,
    endpoint: Model::signed_endpoint,
};

/// Returns why an action does nothing here.
fn why_off(model: &Model, action: Action) -> Option<String> {
    let has_role = grantees(model).iter().any(|grantee| grantee.role_of_session().is_some());
    (action == Action::Fix && !has_role).then(|| "no session with a role is named".to_owned())
}

/// The number of rows of each part of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActionsLayout {
    /// Under the grantee field.
    pub notes: u16,
    /// Above everything: the repositories that the grant is for.
    pub head: u16,
    /// Under the field of the Region.
    pub advice: u16,
    /// The list of recipes, where it has a place of its own; otherwise it takes the checklist's while it has the focus.
    pub recipes: u16,
    /// The checklist.
    pub list: u16,
    /// The description of the chosen row, with its link.
    pub detail: u16,
    /// The field of the end.
    pub end: u16,
}

/// The rows of each part. What is to be known of the puller's Region, and the way out, take what they need from the list.
pub fn rows(model: &Model, size: Size) -> ActionsLayout {
    let body = layout::body_rows(size);
    // A low window has a row for the end only while somebody looks at it, or where there is one.
    let is_end_looked_at = model.actions.focus == Focus::Until || !model.actions.until.is_empty();
    let end = u16::from(body > 15 || is_end_looked_at);
    // Rows of the list that advice leaves alone unless the Region is being typed.
    let list_kept = if body <= 15 { 2 - end } else { 3 };
    let (mut notes, mut advice, mut detail) = match body {
        0..=6 => (0, 0, 0),
        7..=15 => (1, 1, 0),
        16..=29 => (2, 2, 3),
        _ => (3, 2, 3),
    };
    let recipes = if body >= 30 { u16::try_from(recipe::all_recipes().len()).unwrap_or_default() } else { 0 };
    // The repositories, the first two fields, the recipe's line or rule, the checklist's rule, and the sentence at the end.
    let head = 1;
    let mut fixed = head + 5 + end + notes + recipes;
    if let Some(needed) = advice_rows(model, size) {
        let typing = model.actions.focus == Focus::Region;
        let kept = if typing { detail } else { detail + list_kept };
        if typing && fixed + kept + needed > body {
            detail = 0;
        }
        if typing && fixed + needed > body {
            fixed -= notes;
            notes = 0;
        }
        let kept = if typing { detail } else { kept };
        advice = advice.max(needed.min(body.saturating_sub(fixed + kept)));
    }
    let taken = fixed + advice + detail;
    ActionsLayout { head, notes, advice, recipes, list: body.saturating_sub(taken).max(1), detail, end }
}

/// The rows that a way out of a Region that does not fit takes, with what it is the way out of.
fn advice_rows(model: &Model, size: Size) -> Option<u16> {
    let note = region_note(model)?;
    let width = usize::from(size.columns.saturating_sub(ADVICE_INDENT));
    let count = wrap_lines(&note.text, width).len() + wrap_lines(&note.way_out?, width).len();
    u16::try_from(count).ok()
}

/// The grantees that the field names, once each; those that cannot be granted to are left out.
pub fn grantees(model: &Model) -> Vec<Grantee> {
    let Some(signed) = &model.signed else { return Vec::new() };
    checked_grantees(&model.actions, signed).filter_map(Result::ok).collect()
}

/// Returns what the field of grantees names, or why that cannot be granted to at this owner.
fn checked_grantees(step: &ActionsStep, signed: &Signed) -> impl Iterator<Item = Result<Grantee, Problem>> {
    let (owner, partition) = (signed.owner_account(), signed.region.partition());
    let check = move |grantee: &Grantee| grantee.check_owner(owner, partition).map(|()| grantee.clone());
    step.grantee.value().iter().map(move |read| read.as_ref().map_err(Clone::clone).and_then(check))
}

/// Returns where it will be pulled, where that was told.
pub fn puller_region(model: &Model) -> Option<Region> {
    model.actions.region.value().as_ref().ok().cloned()
}

/// Reads the moment at which the access is to end, as seen from the start of the program. None: it has no end.
pub fn access_end(model: &Model) -> Result<Option<AccessEnd>, Problem> {
    let text = model.actions.until.text().trim();
    if text.is_empty() || text.eq_ignore_ascii_case(NEVER) {
        return Ok(None);
    }
    AccessEnd::parse(text, model.settings.started_at).map(Some)
}

/// Returns what the step asks for; `None` while something is missing or wrong.
pub fn request(model: &Model) -> Option<Request> {
    let signed = model.signed.as_ref()?;
    if problem(model).is_some() {
        return None;
    }
    Some(Request {
        owner: signed.owner_account().clone(),
        region: signed.region.clone(),
        grantees: grantees(model),
        recipe: model.actions.recipe()?,
        actions: model.actions.marked(),
        until: access_end(model).ok()?,
    })
}

/// The first thing that is missing or wrong, and where.
pub fn problem(model: &Model) -> Option<(Focus, String)> {
    let step = &model.actions;
    let notes = grantee_notes(model);
    if let Some(note) = notes.iter().find(|n| n.kind == NoteKind::Problem) {
        return Some((Focus::Grantee, note.text.clone()));
    }
    if notes.is_empty() {
        return Some((
            Focus::Grantee,
            "type who will pull: a 12-digit account id, an ARN, o-..., a service".to_owned(),
        ));
    }
    if let Some(note) = region_note(model).filter(|n| n.kind == NoteKind::Problem) {
        return Some((Focus::Region, note.text));
    }
    if let Err(problem) = access_end(model) {
        return Some((Focus::Until, format!("{}; {}", problem.what, problem.next)));
    }
    if step.marked().is_empty() {
        return Some((
            Focus::Checklist,
            format!(
                "no action is marked: mark at least one with {}",
                model.key_name(KeyScope::Checklist, Action::Toggle)
            ),
        ));
    }
    None
}

/// Empties the grantee field, so that the same repositories can be granted to somebody else.
pub fn begin_again(model: &mut Model) {
    model.actions.grantee.edit(Field::clear_text);
    model.actions.given.clear();
    model.actions.focus = Focus::Grantee;
}

/// Adds grantees behind those of the field, each once, and fills the Region in where none is typed. Before the first
/// visit they wait for it.
pub(super) fn add_grantees(model: &mut Model, grantees: &[Grantee], region: Option<Region>) {
    if !model.actions.entered {
        model.prefill.grantees = grantees.to_vec();
        model.prefill.puller_region = region.or(model.prefill.puller_region.take());
        return;
    }
    let step = &mut model.actions;
    let is_new = |grantee: &&Grantee| !step.grantee.value().iter().any(|known| known.as_ref() == Ok(*grantee));
    let new: Vec<String> = grantees.iter().filter(is_new).map(ToString::to_string).collect();
    let before = step.grantee.text().trim().trim_end_matches([',', ';']).to_owned();
    let all: Vec<String> = Some(before).filter(|text| !text.is_empty()).into_iter().chain(new).collect();
    step.grantee.edit(|field| *field = Field::with_text(all.join(", ")));
    if let Some(region) = region.filter(|_| step.region.is_empty()) {
        step.region.hold(region.as_str(), Ok(region.clone()));
    }
    step.focus = Focus::Grantee;
}

/// Marks these actions and no others; none: what is marked stays.
pub(super) fn take_actions(model: &mut Model, actions: &[&'static ActionInfo]) {
    let step = &mut model.actions;
    if step.choose_own(actions.to_vec()) {
        step.recipes.selected = step.recipe;
    }
}

fn enter(model: &mut Model) -> Vec<Effect> {
    if model.actions.entered {
        return Vec::new();
    }
    let step = &mut model.actions;
    step.entered = true;
    let grantees = std::mem::take(&mut model.prefill.grantees);
    step.given = grantees.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    step.grantee.hold(step.given.clone(), grantees.into_iter().map(Ok).collect());
    if let Some(region) = model.prefill.puller_region.take() {
        step.region.hold(region.as_str(), Ok(region.clone()));
    }
    step.given_until = model.prefill.until.take().map(|end| end.to_string()).unwrap_or_default();
    step.until = Field::with_text(step.given_until.clone());
    let actions = std::mem::take(&mut model.prefill.actions);
    let recipe = model.prefill.recipe.take();
    let of_name = |name: &str| recipe::all_recipes().iter().position(|r| r.name == name);
    if step.choose_own(actions) {
        // What is named one by one stands over the recipe.
    } else if let Some(at) = recipe.and_then(|r| of_name(&r.name)) {
        step.choose(at);
    }
    step.recipes.selected = step.recipe;
    if let Some(draft) = super::draft::take_actions(model) {
        model.actions.restore_draft(&draft);
    }
    Vec::new()
}

fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let rows = rows(model, model.size);
    let step = &mut model.actions;
    match action {
        Action::Back => return super::back(model),
        Action::Next | Action::GoOn => return go_on(model),
        Action::FocusNext => move_focus(model, 1),
        Action::FocusPrevious => move_focus(model, Focus::ALL.len() - 1),
        Action::OpenLink => return open_link(model),
        Action::Toggle => toggle(model),
        Action::IncludeToken => include_token(model),
        Action::Fix => take_roles(model),
        _ if step.focus == Focus::Recipe => {
            let height = if rows.recipes > 0 { rows.recipes } else { rows.list };
            if step.recipes.move_by(action, recipe::all_recipes().len(), usize::from(height))
                && step.recipes.selected != step.recipe
            {
                step.choose(step.recipes.selected);
            }
        }
        _ => {
            let len = step.chosen.rows.len();
            step.list.move_by(action, len, usize::from(rows.list));
        }
    }
    Vec::new()
}

/// Moves the focus on by so many parts. A date that is none is told when its field is left.
fn move_focus(model: &mut Model, by: usize) {
    let from = model.actions.focus;
    model.actions.focus = from.moved(by);
    if let (Focus::Until, Err(problem)) = (from, access_end(model)) {
        model.set_notice(Tone::Bad, format!("{}; {}", problem.what, problem.next));
    }
}

/// Goes on with the choice of a draft, to the policy that it showed.
fn resume(model: &mut Model, draft: &Draft) -> Vec<Effect> {
    let effects = go_on(model);
    if let (Step::Policy, Some(shown)) = (model.step, &draft.shown) {
        policy::show_document(model, shown);
    }
    effects
}

/// On to the policy; on a problem to it, said in words.
pub(super) fn go_on(model: &mut Model) -> Vec<Effect> {
    match problem(model) {
        Some((focus, words)) => {
            model.actions.focus = focus;
            model.set_notice(Tone::Bad, words);
            Vec::new()
        }
        None if !is_session_meant(model) => {
            model.actions.session_meant = Some(model.actions.grantee().text().to_owned());
            let key = model.key_name(KeyScope::Actions, Action::Next);
            let role = model.key_name(KeyScope::Actions, Action::Fix);
            model.set_notice(
                Tone::Bad,
                format!(
                    "a session ends and its name is its caller's choice: {role} takes its role, {key} again the session"
                ),
            );
            Vec::new()
        }
        None => super::go(model, Step::Policy),
    }
}

/// Tells whether no session is granted to, or a key told before that the session of this text is meant.
fn is_session_meant(model: &Model) -> bool {
    let has_session = grantees(model).iter().any(|grantee| matches!(grantee, Grantee::Session(_)));
    let step = &model.actions;
    !has_session || step.session_meant.as_deref() == Some(step.grantee().text()) || step.given == step.grantee().text()
}

/// Puts its role in place of each session that the field names.
fn take_roles(model: &mut Model) {
    let named = model.actions.grantee.value().clone();
    let mut text = model.actions.grantee().text().to_owned();
    for grantee in named.into_iter().flatten() {
        if let Some(role) = grantee.role_of_session() {
            text = text.replace(&grantee.to_string(), &role.to_string());
        }
    }
    model.actions.grantee.edit(|field| *field = Field::with_text(text));
}

/// Space. A recipe is chosen as soon as the cursor is on it: there Space goes on to its actions.
fn toggle(model: &mut Model) {
    if model.actions.focus == Focus::Recipe {
        model.actions.focus = Focus::Checklist;
        return;
    }
    let Some(info) = model.actions.row() else { return };
    if info.name == TOKEN_ACTION && !model.actions.is_marked(info) {
        let key = model.key_name(KeyScope::Checklist, Action::IncludeToken);
        let words =
            format!("it belongs in the puller's identity policy, which the kit writes; {key} puts it here anyway");
        model.set_notice(Tone::Plain, words);
        return;
    }
    if info.name == TOKEN_ACTION {
        model.actions.chosen.marked.remove(TOKEN_ACTION);
        return;
    }
    if let Some(words) = model.actions.toggle(info) {
        model.set_notice(Tone::Plain, words);
    }
}

fn include_token(model: &mut Model) {
    let step = &mut model.actions;
    let words = if step.chosen.marked.remove(TOKEN_ACTION) {
        "GetAuthorizationToken is left out of the policy again"
    } else {
        step.chosen.marked.insert(TOKEN_ACTION);
        "GetAuthorizationToken is in: it grants nothing here, and ECR may refuse the policy for it"
    };
    if step.own.is_some() {
        step.own = Some(step.chosen.clone());
    }
    if let Some(at) = step.chosen.rows.iter().position(|r| r.name == TOKEN_ACTION)
        && step.focus == Focus::Checklist
    {
        let len = step.chosen.rows.len();
        let height = usize::from(rows(model, model.size).list);
        model.actions.list.select_row(at, len, height);
    }
    model.set_notice(Tone::Plain, words);
}

fn open_link(model: &mut Model) -> Vec<Effect> {
    let url = match model.actions.focus {
        Focus::Recipe => model.actions.recipe().map(|r| r.source.clone()),
        _ => model.actions.row().map(ActionInfo::documentation_url),
    };
    let Some(url) = url else { return Vec::new() };
    let id = model.next_request();
    vec![Effect::OpenUrl { id, url }]
}

fn text(model: &mut Model, key: Key) -> Vec<Effect> {
    if (key.code, model.actions.focus) == (Code::Up, Focus::Until) {
        move_focus(model, Focus::ALL.len() - 1);
        return Vec::new();
    }
    let step = &mut model.actions;
    match (key.code, step.focus) {
        (Code::Down, Focus::Grantee | Focus::Region) => step.focus = step.focus.moved(1),
        (Code::Up, Focus::Region) => step.focus = Focus::Grantee,
        (_, Focus::Grantee) => {
            step.grantee.edit(|field| field.take_key(key));
        }
        (_, Focus::Region) => {
            step.region.edit(|field| field.take_key(key));
        }
        (_, Focus::Until) => {
            step.until.take_key(key);
        }
        (_, Focus::Recipe | Focus::Checklist) => {}
    }
    Vec::new()
}

fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    match model.actions.focus {
        Focus::Grantee => model.actions.grantee.edit(|field| field.insert_text(text.trim())),
        Focus::Region => model.actions.region.edit(|field| field.insert_text(text.trim())),
        Focus::Until => model.actions.until.insert_text(text.trim()),
        Focus::Recipe | Focus::Checklist => {
            let next = model.key_name(KeyScope::Actions, Action::FocusNext);
            model.set_notice(
                Tone::Plain,
                format!("nothing can be pasted into a list; {next} goes to the grantee field"),
            );
        }
    }
    Vec::new()
}
