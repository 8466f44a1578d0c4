//! Step 4, Policy: for each chosen repository the document that will be saved, and the editor over it.

mod complete;
mod completion;
mod completion_context;
mod computations;
mod document;
mod enter;
mod external;
mod highlight;
mod kept;
mod narrow;
mod pasted;
mod pending;
mod pointer;
mod problem_list;
mod problems;
mod prompt;
mod prompt_line;
mod put_away;
mod restore;
mod rows;
mod set_aside;
mod state;
mod stored_edit;
#[cfg(test)]
mod tests;
mod text_change;
mod view;

use super::draft::Draft;
use super::keymap::{Action, KeyScope, Keymap};
use super::page::{CONTEXT_LINES, scroll_rows};
use super::save::DocumentToSave;
use super::screen::Screen;
use super::{Answer, Code, Effect, Key, Model, RequestId, Step, Tone};
use crate::ecr::text::with_commas;
use crate::ecr::{Identity, RepositoryRef};
use crate::plan::Baseline;
use crate::policy::text::format;
use complete::{in_completion, offer_names};
use enter::{cancel_all, enter};
use prompt::{in_prompt, open_prompt, show_match, typed_in_prompt};

use pointer::click_at;

pub use completion::{Completion, Suggestion};
pub use document::{EditedText, NEARLY_FULL, RepositoryDocument};
pub use highlight::Paint;
pub use problem_list::{Counts, FixEffect, FixPreview, Problems};
pub use prompt_line::{Find, LineNumber, Prompt};

pub use kept::KeptEdits;
pub(super) use pasted::{
    can_take_paste, current_text, edit_text, is_all_selected, is_editor_open, merge_into, open_editor, put_policy,
    show_text,
};
pub(in crate::wizard) use put_away::put_away;
pub(super) use restore::{is_read, show_document};
pub use rows::{PolicyLayout, part_rows};
pub use set_aside::FixOfStored;
pub use state::{DocumentView, PolicyStep};
pub(super) use stored_edit::begin_stored_edit;
pub use view::make_view;

/// The rows below which a view shows one line around a difference.
const LOW_VIEW: u16 = 12;

/// A pasted text longer than this, in bytes, is refused: it is no policy.
const PASTE_LIMIT: usize = 256 * 1024;

/// The step's row in the table of screens.
pub(super) const SCREEN: Screen = Screen {
    title: "Policy",
    details_share: 36,
    leads_to_question: true,
    enter,
    resume,
    pass: |_| None,
    act,
    text,
    paste,
    click: click_at,
    resized,
    drawn: |_| (),
    answer,
    scopes: |model| model.policy.scopes(),
    why_off,
    label: |_, _, _| None,
    is_asking: |model| model.policy.fix.is_some(),
    waiting_since: |model| model.policy.waiting_since(),
    compute: computations::begin_all,
    endpoint: Model::signed_endpoint,
};

/// Cells before the text of a line: a sign, the number, a blank.
pub fn gutter(lines: usize) -> u16 {
    let digits = lines.to_string().len().max(2);
    u16::try_from(digits + 2).unwrap_or(u16::MAX)
}

/// Returns why an action does nothing here.
fn why_off(model: &Model, action: Action) -> Option<String> {
    let step = &model.policy;
    let Some(draft) = step.draft() else {
        return match action {
            Action::Retry if step.document().is_none_or(|d| d.read_failure().is_none()) => {
                Some("nothing failed".to_owned())
            }
            Action::GoOn => Some(match step.document() {
                None => "no repository and grantee are chosen yet".to_owned(),
                Some(document) => unread(document, &model.keymap),
            }),
            Action::Diff
            | Action::Fix
            | Action::Narrow
            | Action::Format
            | Action::NextProblem
            | Action::Problems
            | Action::Undo
            | Action::Redo
            | Action::BeginAgain
            | Action::Edit
            | Action::EditExternally => Some("the stored policy is not read yet".to_owned()),
            Action::NextDocument | Action::PreviousDocument => only_one(step),
            _ => None,
        };
    };
    let is_examined = step.document().is_some_and(RepositoryDocument::is_examined);
    let reason = match action {
        // Of what is found in a text before nothing is made, and that nothing is found is not known.
        Action::Fix | Action::FixOne | Action::Narrow if !is_examined => "the text is still being checked",
        Action::NextProblem | Action::Problems if draft.findings.is_empty() && !is_examined => {
            "the text is still being checked"
        }
        Action::Undo if !draft.editor.can_undo() => "nothing to undo",
        Action::Diff if step.is_viewing() => "what changes is shown already",
        Action::Redo if !draft.editor.can_redo() => "nothing to redo",
        Action::NextProblem | Action::Problems | Action::Fix if draft.findings.is_empty() => "the checks found nothing",
        Action::Fix | Action::FixOne if step.problems.is_some() => {
            let fix = step.listed_finding().and_then(|finding| finding.fix.as_ref());
            return fix.is_none().then(|| "this one has no ready fix".to_owned());
        }
        Action::Fix if draft.mended_finding().is_none() => "this problem has no ready fix",
        Action::BeginAgain if !draft.is_by_hand() => "nothing was changed by hand",
        Action::GoOn if step.edits_stored() && !draft.is_by_hand() => {
            "nothing is changed yet: there is nothing to save"
        }
        Action::NextDocument | Action::PreviousDocument => return only_one(step),
        _ => return None,
    };
    Some(reason.to_owned())
}

/// Returns why there is nothing to edit.
fn unread(document: &RepositoryDocument, keys: &Keymap) -> String {
    if document.read_failure().is_some() {
        format!("the stored policy could not be read; {} tries again", keys.key(KeyScope::PolicyRead, Action::Retry))
    } else {
        "the stored policy is still being read".to_owned()
    }
}

fn only_one(step: &PolicyStep) -> Option<String> {
    (step.documents.len() < 2).then(|| "only one repository is chosen".to_owned())
}

/// The plan for each chosen repository, in their order; empty while one is not read, or its text not examined yet. One
/// that could not be read has a plan that says so.
pub(super) fn documents_to_save(model: &Model) -> Vec<DocumentToSave> {
    model.policy.documents.iter().map(plan_of_document).collect::<Option<_>>().unwrap_or_default()
}

/// The plan for one of the chosen repositories; `None` while it is not read, or its text not examined yet.
pub(super) fn document_to_save(model: &Model, repository: &RepositoryRef) -> Option<DocumentToSave> {
    model.policy.documents.iter().find(|document| document.whose_repository() == repository).and_then(plan_of_document)
}

fn plan_of_document(document: &RepositoryDocument) -> Option<DocumentToSave> {
    if let Some(failure) = document.read_failure() {
        let planned = Baseline::plan_unread(document.whose_repository().clone(), failure.clone());
        return Some(DocumentToSave { planned, is_by_hand: false });
    }
    let draft = document.current_draft().filter(|_| document.is_examined())?;
    Some(DocumentToSave { planned: draft.planned.clone(), is_by_hand: draft.says_another_thing() })
}

/// Reads the stored policies of these repositories again, as far as they could not be read.
pub(super) fn read_again(model: &mut Model, repositories: &[RepositoryRef]) -> Vec<Effect> {
    let Some(context) = model.policy.context.clone() else { return Vec::new() };
    let mut effects = Vec::new();
    for at in 0..model.policy.documents.len() {
        let (id, now) = (model.next_request(), model.now);
        if let Some(document) = model.policy.documents.get_mut(at)
            && document.read_failure().is_some()
            && repositories.contains(document.whose_repository())
        {
            document.begin_read(id, now);
            let repository = document.whose_repository().clone();
            effects.push(Effect::ReadPolicy { id, context: context.clone(), repository, for_write: true });
        }
    }
    effects
}

/// Shows the document of a repository at what stops its save. False: there is no such document.
pub(super) fn show_obstacle(model: &mut Model, repository: &RepositoryRef) -> bool {
    let is_it = |document: &RepositoryDocument| document.whose_repository() == repository;
    let Some(at) = model.policy.documents.iter().position(is_it) else { return false };
    if let Some((offset, words)) = obstacle_words(model, at) {
        go_to_obstacle(model, at, offset, words);
    }
    true
}

/// Takes the text that turned out to be stored now: makes the edit again on it. An edit by hand is kept and compared
/// with the new text.
pub fn stored_changed(model: &mut Model, repository: &RepositoryRef, now: Option<String>) {
    model.policy.completion = None;
    if let Some(document) = model.policy.documents.iter_mut().find(|d| d.whose_repository() == repository) {
        document.take_stored(now);
    }
    settle(model);
}

/// Forgets the documents: what they were made from has been written over. The next entrance reads afresh.
pub fn forget(model: &mut Model) {
    model.policy = PolicyStep::default();
}

fn caller(model: &Model) -> Option<Identity> {
    model.signed.as_ref().map(|signed| signed.identity.clone())
}

fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    if computations::holds_key(model, Some(action)) {
        return Vec::new();
    }
    if model.policy.fix.is_some() && problems::in_preview(model, action) {
        return Vec::new();
    }
    if model.policy.problems.is_some() && problems::in_list(model, action) {
        return Vec::new();
    }
    let height = usize::from(part_rows(model.size, &model.policy).text);
    let step = &mut model.policy;
    if let Some(view) = &step.view
        && scroll_rows(&mut step.view_first, action, view.page.len(), height)
    {
        return Vec::new();
    }
    if model.policy.prompt.is_some() && !matches!(action, Action::Copy | Action::Cut) {
        in_prompt(model, action);
        return Vec::new();
    }
    if model.policy.completion.is_some() && in_completion(model, action) {
        return Vec::new();
    }
    match action {
        Action::Back => return go_back(model),
        Action::Complete => offer_names(model, true),
        Action::Problems => problems::open_list(model),
        Action::Fix => problems::apply_or_show(model, false),
        Action::Find | Action::GoToLine => open_prompt(model, action == Action::Find),
        Action::Narrow => narrow::show_narrowing(model),
        Action::GoOn => return go_on(model),
        Action::Retry => return retry(model),
        Action::EditExternally => return external::lend_text(model),
        Action::Copy | Action::Cut => return copy(model, action == Action::Cut),
        Action::NextDocument => turn(model, 1),
        Action::PreviousDocument => turn(model, model.policy.documents.len().saturating_sub(1)),
        Action::Edit => model.policy.is_editing = true,
        Action::Diff => model.policy.is_editing = false,
        Action::BeginAgain => {
            let now = model.unix_now();
            if let Some(target) = model.policy.document_mut().and_then(|document| document.begin_again(now)) {
                computations::grant_in_mended(model, target);
            } else {
                say_begun_again(model);
            }
        }
        _ => edit(model, action),
    }
    settle(model);
    Vec::new()
}

fn say_begun_again(model: &mut Model) {
    let undo = model.key_name(KeyScope::Policy, Action::Undo);
    let what = if model.policy.edits_stored() { "the stored policy" } else { "the stored policy with the grant added" };
    model.set_notice(Tone::Plain, format!("{what}; {undo} brings your text back"));
}

/// Changes the text or the caret by a key of the table.
fn edit(model: &mut Model, action: Action) {
    let Some(draft) = model.policy.draft_mut() else { return };
    match action {
        Action::Undo => {
            draft.editor.undo();
        }
        Action::Redo => {
            draft.editor.redo();
        }
        Action::Format => match format(draft.editor.text()) {
            Some(text) if text == draft.editor.text() => model.set_notice(Tone::Plain, "it is formatted already"),
            Some(text) => draft.editor.set_text(&text),
            None => {
                let key = model.key_name(KeyScope::Policy, Action::NextProblem);
                model.set_notice(
                    Tone::Bad,
                    format!("a text that is no JSON cannot be formatted; {key} goes to the problem"),
                );
            }
        },
        Action::NextProblem => {
            if let Some(start) = draft.next_finding().map(|f| f.span.start) {
                draft.editor.go_to(start);
                model.policy.is_editing = true;
            }
        }
        _ => {}
    }
}

/// Follows a changed text as far as that is linear work, and keeps the caret and the difference in sight.
fn settle(model: &mut Model) {
    if let Some(document) = model.policy.documents.get_mut(model.policy.current) {
        document.follow_text();
    }
    let height = usize::from(part_rows(model.size, &model.policy).list_if_open);
    problems::refresh_list(&mut model.policy, height);
    let rows = part_rows(model.size, &model.policy);
    let width = usize::from(model.size.columns);
    let step = &mut model.policy;
    if let Some(document) = step.documents.get_mut(step.current) {
        if let (Some(Prompt::Find(find)), Some(draft)) = (&mut step.prompt, document.current_draft())
            && !find.is_of(draft.editor.revision())
        {
            find.search_text(draft.editor.text(), draft.editor.revision());
        }
        if let Some(draft) = document.draft_mut() {
            let gutter = usize::from(gutter(draft.editor.line_count()));
            draft.editor.settle(usize::from(rows.text), width.saturating_sub(gutter + 1));
        }
    }
    // In a low window the first changed line is in sight without a key.
    let context = if rows.text < LOW_VIEW { 1 } else { CONTEXT_LINES };
    step.view = step
        .document()
        .filter(|_| step.is_viewing())
        .and_then(|document| view::make_view(document, width, context, &model.account_names));
    if let Some(view) = &step.view {
        step.view_first = step.view_first.min(view.page.len().saturating_sub(usize::from(rows.text)));
    }
}

fn resized(model: &mut Model) -> Vec<Effect> {
    settle(model);
    Vec::new()
}

/// Closes the innermost thing: the selection, the editor, the step.
fn go_back(model: &mut Model) -> Vec<Effect> {
    if !model.policy.is_editing {
        return stored_edit::leave_stored_edit(model).unwrap_or_else(|| super::back(model));
    }
    match model.policy.draft_mut() {
        Some(draft) if draft.editor.selection().is_some() => draft.editor.unselect(),
        _ => model.policy.is_editing = false,
    }
    settle(model);
    Vec::new()
}

/// Shows the document so many further on.
fn turn(model: &mut Model, by: usize) {
    let step = &mut model.policy;
    step.problems = None;
    step.fix = None;
    step.current = (step.current + by) % step.documents.len().max(1);
    step.view_first = 0;
}

fn retry(model: &mut Model) -> Vec<Effect> {
    if model.policy.context.is_none() {
        return enter(model);
    }
    let all: Vec<RepositoryRef> = model.policy.documents.iter().map(|d| d.whose_repository().clone()).collect();
    read_again(model, &all)
}

fn copy(model: &mut Model, cut: bool) -> Vec<Effect> {
    let Some(draft) = model.policy.draft_mut() else { return Vec::new() };
    let text = if cut { draft.editor.cut() } else { draft.editor.selected().map(str::to_owned) };
    let Some(text) = text else { return Vec::new() };
    settle(model);
    if cut {
        show_match(&mut model.policy);
    }
    let id = model.next_request();
    vec![Effect::Copy { id, text }]
}

/// Goes on with the documents of a draft, once every stored policy is read.
fn resume(model: &mut Model, _draft: &Draft) -> Option<Vec<Effect>> {
    is_read(model).then(|| go_on(model))
}

/// On to Save, when ECR would take every document; otherwise to the first problem, said in words.
pub(super) fn go_on(model: &mut Model) -> Vec<Effect> {
    if model.policy.documents.iter().any(RepositoryDocument::is_being_checked) {
        // The key is remembered: what it asks for is done when all is known about the texts on the screen.
        model.policy.goes_on = true;
        return Vec::new();
    }
    let documents = &model.policy.documents;
    let is_settled = |document: &RepositoryDocument| plan_of_document(document).is_some();
    // Among several one that cannot go stops no other: the plan says so. What was changed by hand is mended first.
    let is_plan = documents.len() > 1 && documents.iter().all(is_settled);
    let stops = |document: &RepositoryDocument| !is_plan || document.is_by_hand();
    let stopping = documents.iter().enumerate().filter(|(_, document)| stops(document));
    let obstacle = stopping.map(|(at, _)| at).find_map(|at| Some((at, obstacle_words(model, at)?)));
    let Some((at, (offset, words))) = obstacle else { return super::go(model, Step::Save) };
    go_to_obstacle(model, at, offset, words);
    Vec::new()
}

/// Returns what stops the save of a document, and where, when it is somewhere; `None`: nothing does.
fn obstacle_words(model: &Model, at: usize) -> Option<(Option<usize>, String)> {
    let document = model.policy.documents.get(at)?;
    let name = document.whose_repository().name.to_string();
    let of = |words: String| if model.policy.documents.len() > 1 { format!("{name}: {words}") } else { words };
    let Some(draft) = document.current_draft() else { return Some((None, of(unread(document, &model.keymap)))) };
    Some(match draft.first_obstacle()? {
        (None, words) => (None, of(words)),
        (Some(offset), words) => {
            let place = draft.position_of(offset);
            (Some(offset), of(format!("{}:{} {words}", place.line, place.column)))
        }
    })
}

/// Shows a document at what stops its save.
fn go_to_obstacle(model: &mut Model, at: usize, offset: Option<usize>, mut words: String) {
    let step = &mut model.policy;
    step.current = at;
    if offset.is_some() && !step.is_editing {
        let key = model.keymap.key(KeyScope::PolicyView, Action::Edit);
        words = format!("{words}; {key} edits there");
    }
    if let Some(offset) = offset
        && let Some(draft) = step.draft_mut()
    {
        draft.editor.go_to(offset);
    }
    model.set_notice(Tone::Bad, words);
    settle(model);
}

fn text(model: &mut Model, key: Key) -> Vec<Effect> {
    if computations::holds_key(model, None) {
        return Vec::new();
    }
    if !model.policy.is_editing || model.policy.problems.is_some() || model.policy.fix.is_some() {
        return Vec::new();
    }
    if model.policy.prompt.is_some() {
        typed_in_prompt(model, |field| {
            field.take_key(key);
        });
        return Vec::new();
    }
    let page = usize::from(part_rows(model.size, &model.policy).text);
    let step = &mut model.policy;
    let had_names = step.completion.take().is_some();
    if key == Key::without_modifiers(Code::Tab)
        && step.documents.get(step.current).is_some_and(RepositoryDocument::is_in_string_with_names)
    {
        offer_names(model, false);
        settle(model);
        return Vec::new();
    }
    let Some(draft) = step.draft_mut() else { return Vec::new() };
    let before = draft.editor.revision();
    if draft.editor.key(key, page) {
        let is_changed = draft.editor.revision() != before;
        // What is typed goes on narrowing the names; where none is left they are gone.
        if had_names
            && is_changed
            && let Some(document) = step.documents.get(step.current)
        {
            step.completion = document.names_at_caret().filter(Completion::is_in_string);
        }
        settle(model);
    }
    Vec::new()
}

fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    if text.len() > PASTE_LIMIT {
        model.set_notice(
            Tone::Bad,
            format!("{} bytes are too much for a policy: nothing was pasted", with_commas(text.len())),
        );
        return Vec::new();
    }
    if computations::holds_key(model, None) {
        return Vec::new();
    }
    if model.policy.prompt.is_some() {
        let line = text.lines().next().unwrap_or_default();
        typed_in_prompt(model, |field| field.insert_text(line));
        return Vec::new();
    }
    if model.policy.problems.is_some() || model.policy.fix.is_some() {
        let back = model.key_name(KeyScope::Global, Action::Back);
        model.set_notice(Tone::Plain, format!("{back} goes back to the editor, where a text can be pasted"));
        return Vec::new();
    }
    if !model.policy.is_editing {
        let key = model.key_name(KeyScope::PolicyView, Action::Edit);
        model.set_notice(Tone::Plain, format!("{key} begins the editor, where a text can be pasted"));
        return Vec::new();
    }
    model.policy.completion = None;
    if let Some(draft) = model.policy.draft_mut() {
        draft.editor.paste(text);
        settle(model);
    }
    Vec::new()
}

fn answer(model: &mut Model, id: RequestId, answer: &Answer) -> Vec<Effect> {
    let (repository, result) = match answer {
        Answer::Policy(repository, result) => (repository, result),
        Answer::Computed(result) => return computations::take_result(model, id, result),
        Answer::Edited(result) => {
            external::take_edited(model, id, result.clone());
            return Vec::new();
        }
        _ => return Vec::new(),
    };
    let registry = model.registry_policies.policy_around(repository);
    if let Some(document) = model.policy.documents.iter_mut().find(|d| d.whose_repository() == repository)
        && document.take_answer(id, result.clone(), registry)
    {
        model.stored_policies.take_read(repository, result);
        model.policy.completion = None;
        settle(model);
    }
    Vec::new()
}
