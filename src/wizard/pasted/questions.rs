//! Makes the questions about pasted texts.

use super::state::{Deed, KeptPolicy, PasteChoice, PasteQuestion};
use super::words::{allowed_words, grantee_words, named_words};
use crate::ecr::{ActionInfo, Grantee, recipe};
use crate::plan::{AllowedActions, PastedText, PullError};
use crate::policy::Policy;
use crate::policy::edit::{Cut, Edited, narrow_statements};
use crate::wizard::{Cursor, Model, Step, policy};

/// The most answers of one kind; more are left to a shorter text.
const MOST: usize = 8;

fn question(title: &str, told: Vec<String>, choices: Vec<PasteChoice>) -> PasteQuestion {
    PasteQuestion { title: title.to_owned(), told, choices, cursor: Cursor::default() }
}

fn choice(words: impl Into<String>, deed: Deed) -> PasteChoice {
    PasteChoice { words: words.into(), deed }
}

fn take(found: &PastedText, is_settled: bool) -> Deed {
    Deed::Take { found: Box::new(found.clone()), is_settled }
}

fn leave() -> PasteChoice {
    choice("leave it at that", Deed::Close)
}

fn with_grantees(found: &PastedText, grantees: Vec<Grantee>) -> PastedText {
    PastedText { grantees, error: None, policy: None, ..found.clone() }
}

/// Says how many answers of a kind are left out.
fn left_out(count: usize) -> Option<String> {
    (count > MOST).then(|| format!("{} more are in the text; paste a shorter one", count - MOST))
}

/// Asks which repository of several is meant.
pub(super) fn which_repository(found: &PastedText) -> PasteQuestion {
    let one = |named: &crate::plan::NamedRepository| {
        let only = PastedText { repositories: vec![named.clone()], ..found.clone() };
        choice(named_words(named), take(&only, false))
    };
    let choices = found.repositories.iter().take(MOST).map(one).chain([leave()]).collect();
    let mut told = vec![format!("The text names {} repositories.", found.repositories.len())];
    told.extend(left_out(found.repositories.len()));
    question("Which repository is meant?", told, choices)
}

/// Asks who of several receives access.
pub(super) fn which_grantee(found: &PastedText) -> PasteQuestion {
    let one = |grantee: &Grantee| choice(grantee.words(), take(&with_grantees(found, vec![grantee.clone()]), true));
    let mut choices: Vec<PasteChoice> = found.grantees.iter().take(MOST).map(one).collect();
    if found.grantees.len() <= MOST {
        choices.push(choice("all of them", take(found, true)));
    }
    choices.push(choice("none of them", take(&with_grantees(found, Vec::new()), true)));
    let mut told = vec![format!("The text names {} that may be meant.", found.grantees.len())];
    told.extend(left_out(found.grantees.len()));
    question("Who receives access?", told, choices)
}

/// Asks what the only party of a text without an address is.
pub(super) fn owner_or_puller(only: &Grantee, found: &PastedText) -> PasteQuestion {
    let mut choices = vec![choice(format!("{} receives access (step 3)", only.words()), take(found, true))];
    if let Some(id) = only.account() {
        choices.insert(0, choice(format!("show the rows of account {id}"), Deed::Type(id.to_string())));
    }
    choices.push(leave());
    question("What is meant?", vec![format!("The text names {} and no repository.", only.words())], choices)
}

/// Explains an error of a pull, and offers what it names.
pub(super) fn about_error(model: &Model, error: &PullError, found: &PastedText) -> PasteQuestion {
    let meaning = error.meaning();
    // The name of an action begins as AWS writes it.
    let meaning = if meaning.starts_with("ecr:") { meaning } else { capital_first(&meaning) };
    let side = capital_first(error.side().words());
    let mut told = vec![format!("{meaning}."), format!("{side}: {}.", error.next_step())];
    if let Some(named) = found.repositories.first() {
        told.push(format!("It names {}.", named_words(named)));
    } else if let Some(name) = &found.missing {
        told.push(format!("It names the repository {name}."));
    }
    let mut choices = Vec::new();
    if model.step != Step::Policy {
        for grantee in found.grantees.iter().take(MOST) {
            let words = format!("{} receives access", grantee.words());
            choices.push(choice(words, take(&with_grantees(found, vec![grantee.clone()]), true)));
        }
        let leads = matches!(model.step, Step::Account | Step::Repository);
        if leads && !found.repositories.is_empty() {
            let words = if choices.is_empty() { "go to the repository" } else { "go to the repository only" };
            choices.push(choice(words, take(&with_grantees(found, Vec::new()), true)));
        }
    }
    choices.push(leave());
    question("The error of a pull", told, choices)
}

fn capital_first(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map(|c| c.to_uppercase().collect::<String>() + chars.as_str()).unwrap_or_default()
}

/// Returns why a text cannot be read as a policy, as a sentence; `None`: it can.
pub(super) fn unreadable_words(text: &str) -> Option<String> {
    let problems = Policy::read(text).err()?;
    let first = problems.first().map_or_else(String::new, |problem| {
        let line = text.get(..problem.span.start).unwrap_or_default().matches('\n').count() + 1;
        let place = if text.trim().contains('\n') { format!(" in line {line}") } else { String::new() };
        format!("{place}: {}", problem.message.trim_end_matches('.'))
    });
    let more = problems.len().saturating_sub(1);
    let more = if more > 0 { format!("; {more} more") } else { String::new() };
    Some(format!("It cannot be read as a policy{first}{more}."))
}

/// Asks at Actions what becomes of a text that cannot be read as a policy: what it says is not known, so it is text.
fn unreadable_at_actions(text: &str, why: String, found: &PastedText) -> PasteQuestion {
    let mut choices = Vec::new();
    if !found.grantees.is_empty() {
        let words = format!("take who it names: {}", grantee_words(&found.grantees));
        choices.push(choice(words, take(&with_grantees(found, found.grantees.clone()), true)));
    }
    let kept = KeptPolicy { policy: text.to_owned(), replaces: true };
    choices.push(choice("take it to step 4 as text, in the place of all", Deed::Keep(kept)));
    choices.push(leave());
    question("A text that is no policy yet: what becomes of it?", vec![why], choices)
}

/// Asks at Actions what a policy is for.
pub(super) fn at_actions(text: &str, found: &PastedText) -> PasteQuestion {
    if let Some(why) = unreadable_words(text) {
        return unreadable_at_actions(text, why, found);
    }
    let mut choices = Vec::new();
    let mut told = told_of(text);
    let allowed = AllowedActions::of_policy(text);
    let take_both = |grantees: &[Grantee], actions: &[&'static ActionInfo]| {
        take(&PastedText { actions: actions.to_vec(), ..with_grantees(found, grantees.to_vec()) }, true)
    };
    if !allowed.actions.is_empty() {
        told.push(format!("It allows {}.", allowed_words(&allowed.actions)));
        if !allowed.left_out.is_empty() {
            told.push(format!("Its actions are taken without {}.", allowed.left_out.join(", ")));
        }
    }
    if !found.grantees.is_empty() {
        let whom = grantee_words(&found.grantees);
        if !allowed.actions.is_empty() {
            let words = format!("take who it grants to and its actions: {whom}");
            choices.push(choice(words, take_both(&found.grantees, &allowed.actions)));
        }
        choices.push(choice(format!("take who it grants to: {whom}"), take_both(&found.grantees, &[])));
    }
    if !allowed.actions.is_empty() {
        choices.push(choice("take its actions alone", take_both(&[], &allowed.actions)));
    }
    let keep = |replaces| Deed::Keep(KeptPolicy { policy: text.to_owned(), replaces });
    choices.push(choice("merge its statements at step 4", keep(false)));
    choices.push(choice("replace all by it at step 4", keep(true)));
    choices.push(leave());
    question("A policy: what is it for?", told, choices)
}

/// Asks at Policy what becomes of a pasted policy. `None`: it holds no statements to speak of, so it is text.
pub(super) fn about_policy(model: &Model, text: &str, pasted: &str) -> Option<PasteQuestion> {
    let current = policy::current_text(model)?;
    let mut choices = Vec::new();
    if let Some(why) = unreadable_words(text) {
        if policy::is_editor_open(model) {
            choices.push(choice("insert it as text at the caret", Deed::Type(pasted.to_owned())));
        }
        choices.push(choice("edit it as text, in the place of all", Deed::Mend(text.to_owned())));
        choices.push(leave());
        return Some(question("A text that is no policy yet: what becomes of it?", vec![why], choices));
    }
    let mut told = told_of(text);
    match policy::merge_into(current, text) {
        Some(Edited { changed: false, .. }) => told.push("All of it is in the document already.".to_owned()),
        Some(merged) => {
            let count = merged.touched.len();
            let words = format!("merge its statements: {count} new, the others stay");
            let narrowed = narrowed_text(&merged);
            let done = "merged";
            choices.push(choice(words, Deed::Show { text: merged.text, done }));
            if let Some((text, cut)) = narrowed {
                told.push(format!("It is wider than a pull needs: {cut}."));
                let words = "merge them cut down to what a pull needs";
                choices.push(choice(words, Deed::Show { text, done: "merged, cut down to what a pull needs" }));
            }
        }
        None => told.push(match unreadable_words(current) {
            Some(_) => "The document cannot be read as a policy, so nothing can be merged into it.".to_owned(),
            None => "It is too long to be merged.".to_owned(),
        }),
    }
    choices.push(choice("replace all by it", Deed::Show { text: text.to_owned(), done: "replaced" }));
    if policy::is_editor_open(model) {
        choices.push(choice("insert it as text at the caret", Deed::Type(pasted.to_owned())));
    }
    choices.push(leave());
    Some(question("A policy: what becomes of it?", told, choices))
}

/// Returns the merged text with its new statements cut down, and what goes.
fn narrowed_text(merged: &Edited) -> Option<(String, String)> {
    /// Cuts that are named.
    const NAMED: usize = 2;
    let narrowed = narrow_statements(&merged.text, &merged.touched, recipe::find_recipe("pull")?).ok()?;
    let named: Vec<String> = narrowed.cut.iter().take(NAMED).map(Cut::words).collect();
    let more = narrowed.cut.len().saturating_sub(NAMED);
    let more = if more > 0 { format!("; {more} more") } else { String::new() };
    narrowed.has_changed().then(|| (narrowed.text, format!("{}{more}", named.join("; "))))
}

/// Tells what a policy holds.
fn told_of(text: &str) -> Vec<String> {
    let Ok(policy) = Policy::read(text) else { return Vec::new() };
    let count = policy.statements.len();
    let grantees = crate::plan::PastedText::read(text).grantees;
    let whom = if grantees.is_empty() { String::new() } else { format!(", for {}", grantee_words(&grantees)) };
    vec![format!("It has {count} statement{}{whom}.", if count == 1 { "" } else { "s" })]
}
