//! Decides when a draft is written or removed, and asks about one that is there at the start.

use super::resume;
use super::state::{Changed, OfferedDraft, Resume};
use super::{Draft, EditedPolicy};
use crate::ecr::Failure;
use crate::wizard::age::ago;
use crate::wizard::{Action, Effect, Model, Overlay, RequestId, Step, Tone, account, summary_sentences};

/// A draft is kept when nothing has happened for so long, in milliseconds.
pub(super) const QUIET: u64 = 700;
/// And after so long in any case, in milliseconds: somebody may type without a pause.
pub(super) const LONGEST: u64 = 5_000;

/// Asks whether to go on with a draft. Before `start`: what the command line fills in waits for the answer.
pub fn offer_draft(model: &mut Model, offer: OfferedDraft) {
    model.draft.offered = Some(offer);
    model.draft.flags = Some(std::mem::take(&mut model.prefill));
    model.overlay = Some(Overlay::Draft);
}

/// Says that a draft waits: the command line asks for something else.
pub fn say_waiting(model: &mut Model, offer: &OfferedDraft) {
    let step = offer.draft.step;
    let left = format!("a draft, left {} at step {}, {}, waits", ago(offer.age), step.number(), step.title());
    model.set_notice(Tone::Plain, format!("{left}: start `ecr-grant` without arguments to go on with it"));
}

/// An answer to the question, or what else a key means while it is open.
pub(in crate::wizard) fn answer_question(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Yes => {
            let Some(OfferedDraft { draft, .. }) = close_question(model) else { return Vec::new() };
            model.prefill = draft.to_prefill();
            model.draft.kept = Some(draft.clone());
            model.draft.resume = Some(Resume::of_draft(draft));
            account::begin_filled(model)
        }
        Action::No | Action::Back => {
            close_question(model);
            let (effect, words) = match action {
                Action::No => (Effect::ForgetDraft, "the draft is discarded"),
                _ => (Effect::LeaveDraft, "the draft stays as it is; the next start offers it again"),
            };
            model.set_notice(Tone::Plain, words);
            let mut effects = vec![effect];
            effects.extend(account::begin_filled(model));
            effects
        }
        // Nothing was answered: the draft is left as it is.
        Action::Leave => vec![Effect::Quit { summary: Vec::new() }],
        Action::Suspend => vec![Effect::Suspend],
        _ => Vec::new(),
    }
}

/// Takes the question away; what the command line filled in holds again.
fn close_question(model: &mut Model) -> Option<OfferedDraft> {
    model.overlay = None;
    if let Some(flags) = model.draft.flags.take() {
        model.prefill = flags;
    }
    model.draft.offered.take()
}

/// Something happened: what is kept may not be what there is.
pub(in crate::wizard) fn mark_touched(model: &mut Model) {
    let keeping = &model.draft;
    // Until all of a draft is in its place the file knows more than the screens.
    if !keeping.on || keeping.leaving.is_some() || keeping.offered.is_some() || has_unrestored(model) {
        return;
    }
    if keeping.kept.is_some() || model.is_dirty() {
        let now = model.now;
        let first = model.draft.changed.map_or(now, |changed| changed.first);
        model.draft.changed = Some(Changed { first, last: now });
    }
}

/// Returns when `Event::Quiet` is to be sent, in milliseconds of the model's clock. `None`: nothing has to be kept, and
/// nobody has to be woken for it.
pub fn due_at(model: &Model) -> Option<u64> {
    let Changed { first, last } = model.draft.changed?;
    Some((last + QUIET).min(first + LONGEST))
}

impl Draft {
    /// Returns what there is to keep; `None`: nothing that a new start could not show as well.
    pub fn of(model: &Model) -> Option<Self> {
        let signed = model.signed.as_ref()?;
        if !model.has_work_at_hand() {
            return None;
        }
        let place = signed.registry_place();
        let documents = model.policy.documents().iter();
        // A draft is of one registry: the same name elsewhere is another repository.
        let here = documents.filter(|document| place.holds(document.whose_repository()));
        let edited = here.filter(|document| document.is_by_hand()).filter_map(|document| {
            let editor = &document.current_draft()?.editor;
            Some(EditedPolicy {
                repository: document.whose_repository().name.clone(),
                text: editor.text().to_owned(),
                caret: editor.caret(),
                stored: document.stored_text().known_value().cloned().flatten(),
            })
        });
        Some(Self {
            step: model.step.min(Step::Save),
            source: signed.source.id.clone(),
            account: signed.owner_account().clone(),
            region: signed.region.clone(),
            repositories: model.chosen.iter().map(|repository| repository.name().clone()).collect(),
            tag: model.prefill.tag.clone(),
            dropped_tag: None,
            grantees: model.actions.grantee().text().to_owned(),
            puller_region: model.actions.region().text().to_owned(),
            until: model.actions.until().text().to_owned(),
            recipe: model.actions.recipe()?,
            made_from: model.actions.made_from(),
            actions: model.actions.marked(),
            texts: edited.chain(resume::waiting_texts(model).cloned()).collect(),
            shown: model.policy.document().map(|document| document.whose_repository().name.clone()),
            edits_stored: model.policy.edits_stored(),
        })
    }
}

/// Keeps what there is now, or removes what is no longer needed. Nothing is done when that would change nothing.
pub(in crate::wizard) fn keep_now(model: &mut Model) -> Vec<Effect> {
    if model.draft.changed.take().is_none() {
        return Vec::new();
    }
    let now = Draft::of(model);
    if now == model.draft.kept {
        return Vec::new();
    }
    model.draft.kept.clone_from(&now);
    match now {
        Some(draft) => {
            let id = model.next_request();
            vec![Effect::SaveDraft { id, draft: Box::new(draft) }]
        }
        None => vec![Effect::ForgetDraft],
    }
}

/// The draft could not be written: that is told once, and only where it takes the place of nothing else.
pub(in crate::wizard) fn not_kept(model: &mut Model, failure: &Failure) {
    model.draft.kept = None;
    if !model.draft.told && model.notice.is_none() {
        model.draft.told = true;
        model.set_notice(Tone::Plain, failure.what.clone());
    }
}

/// Tells whether leaving can keep a draft for the next start. Of a write under way the outcome is not known, so that there is
/// nothing to go on with.
pub fn can_keep(model: &Model) -> bool {
    model.draft.on && !model.save.is_writing() && (has_unrestored(model) || Draft::of(model).is_some())
}

/// Tells whether the file knows more than the screens, because not all of a draft is in its place.
fn has_unrestored(model: &Model) -> bool {
    model.draft.resume.as_ref().is_some_and(Resume::is_on_its_way)
}

/// Keeps the draft for the next start; leaving follows once it is on the disk.
pub(in crate::wizard) fn keep_and_leave(model: &mut Model) -> Vec<Effect> {
    if !can_keep(model) || model.draft.leaving.is_some() {
        return Vec::new();
    }
    let draft = if has_unrestored(model) { None } else { Draft::of(model).map(Box::new) };
    let id = model.next_request();
    model.draft.leaving = Some(id);
    model.draft.changed = None;
    vec![Effect::KeepAndLeave { id, draft }]
}

/// Leaves, now that the draft is on the disk; a draft that is not keeps the wizard open.
pub(in crate::wizard) fn left_for_later(model: &mut Model, id: RequestId, result: Result<(), Failure>) -> Vec<Effect> {
    if model.draft.leaving.take_if(|asked| *asked == id).is_none() {
        return Vec::new();
    }
    match result {
        Ok(()) => {
            let mut summary = summary_sentences(model);
            summary.push("The draft is kept: start `ecr-grant` without arguments to go on with it.".to_owned());
            vec![Effect::Quit { summary }]
        }
        Err(failure) => {
            model.overlay = None;
            model.set_notice(Tone::Bad, failure.what);
            Vec::new()
        }
    }
}

/// The user has left: what was not saved is not wanted.
pub(in crate::wizard) fn left_deliberately(model: &Model) -> Option<Effect> {
    model.draft.on.then_some(Effect::ForgetDraft)
}
