//! Takes a pasted text at the first four steps: says what was understood in one line, asks where a text names two of a
//! kind, and leaves a text that holds nothing to the step, which types it.

mod questions;
mod state;
#[cfg(test)]
mod tests;
mod words;

use super::actions;
use super::keymap::{Action, KeyScope};
use super::{Effect, Model, Overlay, Step, Tone, account, policy, repository};
use crate::ecr::Grantee;
use crate::plan::PastedText;
use state::{Deed, KeptPolicy};

pub use state::{PasteChoice, PasteQuestion, PasteState};

/// Takes a pasted text; `None`: it is to be typed as text.
pub(super) fn take_paste(model: &mut Model, text: &str) -> Option<Vec<Effect>> {
    if !can_take(model) {
        return None;
    }
    let found = PastedText::read(text);
    let is_only_elsewhere =
        found.repositories.is_empty() && found.grantees.is_empty() && found.policy.is_none() && found.error.is_none();
    let is_word = found.is_bare && found.policy.is_none() && found.error.is_none();
    let is_word = is_word && (found.repositories.is_empty() || model.step == Step::Actions);
    if is_only_elsewhere || is_word {
        return None;
    }
    if model.step == Step::Policy {
        return in_policy(model, &found, text);
    }
    Some(proceed(model, found, false))
}

/// Tells whether a text that is pasted here is looked at as a whole: no list of Regions, no line to fill in is open.
fn can_take(model: &mut Model) -> bool {
    match model.step {
        Step::Account => !model.account.is_choosing_region(),
        Step::Repository => model.repository.is_listing_shown(),
        Step::Actions => true,
        Step::Policy => policy::can_take_paste(model),
        Step::Save | Step::Permissions => false,
    }
}

/// Takes a text at Policy: a policy is asked about, an error explained, and all else is text.
fn in_policy(model: &mut Model, found: &PastedText, text: &str) -> Option<Vec<Effect>> {
    if let Some(policy) = &found.policy {
        // Over everything it is selected, or nothing is there: it takes the place of it.
        if policy::is_all_selected(model) {
            return None;
        }
        let question = questions::about_policy(model, policy, text)?;
        return Some(ask(model, question));
    }
    let error = found.error.as_ref()?;
    let question = questions::about_error(model, error, found);
    Some(ask(model, question))
}

fn ask(model: &mut Model, question: PasteQuestion) -> Vec<Effect> {
    model.pasted.question = Some(question);
    model.overlay = Some(Overlay::Pasted);
    Vec::new()
}

/// Goes on with what was found: asks for the next thing that is open, or does all of it.
fn proceed(model: &mut Model, mut found: PastedText, is_settled: bool) -> Vec<Effect> {
    if let Some(error) = found.error.clone() {
        let question = questions::about_error(model, &error, &found);
        return ask(model, question);
    }
    if let Some(policy) = found.policy.clone() {
        if model.step != Step::Actions {
            if let Some(why) = questions::unreadable_words(&policy) {
                let words = format!("{}; at step 4, Policy, it can be edited as text", why.trim_end_matches('.'));
                model.set_notice(Tone::Bad, words);
            } else {
                let words = "this is a policy: paste it at step 4, Policy, or at step 3 to take who it grants to";
                model.set_notice(Tone::Plain, words);
            }
            return Vec::new();
        }
        let question = questions::at_actions(&policy, &found);
        return ask(model, question);
    }
    if let Some(signed) = &model.signed {
        let owner = signed.owner_account();
        found.grantees.retain(|grantee| !matches!(grantee, Grantee::Account { id, .. } if id == owner));
    }
    let leads_to_repository = matches!(model.step, Step::Account | Step::Repository);
    if leads_to_repository && found.repositories.len() > 1 {
        let question = questions::which_repository(&found);
        return ask(model, question);
    }
    if !is_settled && found.grantees.len() > 1 {
        let question = questions::which_grantee(&found);
        return ask(model, question);
    }
    if leads_to_repository
        && found.repositories.is_empty()
        && !is_settled
        && let [only] = found.grantees.as_slice()
    {
        let question = questions::owner_or_puller(only, &found);
        return ask(model, question);
    }
    carry_out(model, &found)
}

/// Does all that a text asks for, and says it.
fn carry_out(model: &mut Model, found: &PastedText) -> Vec<Effect> {
    take_grantees(model, found);
    actions::take_actions(model, &found.actions);
    let mut understood = words::understood_words(found);
    let mut effects = Vec::new();
    match (model.step, found.repositories.first()) {
        (Step::Account, Some(named)) => {
            effects = account::go_to_address(model, named.reference.clone(), named.tag.clone());
            // The step's own sentence names the repository and its owner.
            understood = understood.filter(|_| !found.grantees.is_empty());
        }
        (Step::Repository, Some(named)) => {
            effects = repository::go_to_address(model, named.reference.clone(), named.tag.clone());
        }
        (_, Some(named)) if model.chosen.iter().all(|chosen| chosen.reference != named.reference) => {
            let other = "; that is another repository than the chosen one: step 2 leads to it";
            understood = understood.map(|words| format!("{words}{other}"));
        }
        (_, Some(_)) if found.grantees.is_empty() => {
            let owner = "; an address names its owner, not who pulls";
            understood = understood.map(|words| format!("{words}{owner}"));
        }
        _ => {}
    }
    say(model, understood);
    effects
}

/// Says what was understood before what the step says.
fn say(model: &mut Model, understood: Option<String>) {
    let Some(understood) = understood else {
        if model.notice.is_none() {
            model.set_notice(Tone::Plain, "nothing in this text is of use here");
        }
        return;
    };
    let (tone, words) = match model.notice.take() {
        Some(said) => (said.tone, format!("{understood}; {}", said.text)),
        None => (Tone::Good, understood),
    };
    model.set_notice(tone, words);
}

/// Puts who receives access, and the only Region beside it, where step 3 asks for them.
fn take_grantees(model: &mut Model, found: &PastedText) {
    if found.grantees.is_empty() {
        return;
    }
    let region = if let [region] = found.regions.as_slice() { Some(region.clone()) } else { None };
    actions::add_grantees(model, &found.grantees, region);
}

/// An answer to the question, or what else a key means while it is open.
pub(super) fn answer_question(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(question) = &mut model.pasted.question else {
        model.overlay = None;
        return Vec::new();
    };
    match action {
        Action::Next => {
            let chosen = question.choices.get(question.cursor.selected).map(|choice| choice.deed.clone());
            close_question(model);
            chosen.map_or_else(Vec::new, |deed| do_deed(model, deed))
        }
        Action::Back => {
            close_question(model);
            model.set_notice(Tone::Plain, "nothing was taken from the pasted text");
            Vec::new()
        }
        Action::Leave => {
            close_question(model);
            super::act(model, Action::Leave)
        }
        Action::Suspend => vec![Effect::Suspend],
        _ => {
            let len = question.choices.len();
            question.cursor.move_by(action, len, len);
            Vec::new()
        }
    }
}

fn close_question(model: &mut Model) {
    model.pasted.question = None;
    model.overlay = None;
}

fn do_deed(model: &mut Model, deed: Deed) -> Vec<Effect> {
    match deed {
        Deed::Take { found, is_settled } => return proceed(model, *found, is_settled),
        Deed::Show { text, done } => {
            policy::show_text(model, &text);
            let undo = model.key_name(KeyScope::Policy, Action::Undo);
            model.set_notice(Tone::Good, format!("{done}: below is what changes; {undo} takes it back"));
        }
        Deed::Mend(text) => {
            policy::edit_text(model, &text);
            let undo = model.key_name(KeyScope::Policy, Action::Undo);
            model.set_notice(Tone::Plain, format!("the document is the pasted text; {undo} takes it back"));
        }
        Deed::Keep(kept) => {
            let is_policy = questions::unreadable_words(&kept.policy).is_none();
            model.pasted.kept = Some(kept);
            let shown = if is_policy { "what changes is shown" } else { "it is edited as text" };
            let words = format!("kept for step 4, where {shown}");
            let next = if model.actions.grantee().is_empty() { "; name who receives access" } else { "" };
            model.set_notice(Tone::Good, format!("{words}{next}"));
        }
        Deed::Type(text) => return (model.step.screen().paste)(model, &text),
        Deed::Close => {}
    }
    Vec::new()
}

/// Puts a kept policy into the documents of step 4, once all of them are read.
pub(super) fn advance_kept(model: &mut Model) {
    if model.step != Step::Policy || model.pasted.kept.is_none() || !policy::is_read(model) {
        return;
    }
    let Some(KeptPolicy { policy: other, replaces }) = model.pasted.kept.take() else { return };
    let failed = policy::put_policy(model, &other, replaces);
    if replaces && !failed && questions::unreadable_words(&other).is_some() {
        policy::open_editor(model);
        model.set_notice(Tone::Plain, "the pasted text takes the place of all that was there: it is no policy yet");
        return;
    }
    let words = match (failed, replaces) {
        (true, _) => "a stored policy cannot be read, or all is too long: nothing was merged",
        (false, true) => "the pasted policy takes the place of all that was there: below is what changes",
        (false, false) => "the statements of the pasted policy are merged: below is what changes",
    };
    model.set_notice(if failed { Tone::Bad } else { Tone::Good }, words);
}
