//! Whatever keys the user has, no screen names one that does nothing: every screen that has a snapshot is drawn once
//! more with every key moved, and every action of every screen is tried with moved keys for what it answers.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::ecr::FailureKind;
use crate::plan::{Outcome, Request};
use crate::view::testing::screen_text;
use crate::wizard::keymap::{Keymap, Override, TABLE};
use crate::wizard::testing::*;
use crate::wizard::{Action, Answer, Code, Effect, Event, Key, Model, Overlay, Size, Step, update};

/// A map in which every action has Alt and a character of its own.
static MOVED: LazyLock<Keymap> = LazyLock::new(|| {
    let mut actions: Vec<Action> = Vec::new();
    let overrides: Vec<Override> = TABLE
        .iter()
        .map(|row| {
            let at = actions.iter().position(|known| *known == row.action).unwrap_or_else(|| {
                actions.push(row.action);
                actions.len() - 1
            });
            let letter =
                ('a'..='z').chain('A'..='N').chain('P'..='Z').chain('0'..='9').chain('α'..='ω').nth(at).unwrap();
            Override { scope: row.scope, action: row.action, keys: vec![Key { alt: true, ..Key::of_char(letter) }] }
        })
        .collect();
    Keymap::rebound(&overrides).unwrap()
});

/// The names of the usual keys. `a` and `A` are also words.
static USUAL: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let names: BTreeSet<String> = TABLE.iter().flat_map(|row| row.keys).map(Key::to_string).collect();
    names.into_iter().filter(|name| !matches!(name.as_str(), "a" | "A")).collect()
});

/// Keys of the text itself, which no table has and nothing moves.
const FIXED: &str = "Tab does so too";
/// The unit of a time that is left, as far as an overlay shows it.
const SECONDS: &str = " s l";

/// The first row of a screen that names a usual key.
fn named(screen: &str) -> Option<&str> {
    // What stands in backticks is of the user's text.
    let names = |word: &str| {
        let word = word.trim_start_matches('(').trim_end_matches([',', ';', ':', ')']);
        USUAL.contains(word.strip_suffix('.').unwrap_or(word))
    };
    screen.lines().find(|row| row.replace(FIXED, "").replace(SECONDS, "").split_whitespace().any(names))
}

fn no_usual_key_is_named(model: &Model, columns: u16, rows: u16) {
    let mut screen = screen_text(model, columns, rows);
    if [model.account.filter(), model.repository.filter()].iter().any(|filter| filter.open || filter.is_narrowing()) {
        // The sign before what is typed in a filter is no key.
        screen = screen.replace("\n / ", "\n   ");
    }
    assert_eq!(named(&screen), None, "a key that is not bound is named:\n{screen}");
}

/// Draws the model as it is, under its help, and under the list of all actions, with every key moved.
pub fn are_named(model: &mut Model, columns: u16, rows: u16) {
    // Where words are cut to letters nothing can be told.
    if columns < 60 {
        return;
    }
    let keymap = std::mem::replace(&mut model.keymap, MOVED.clone());
    // A sentence that was said before names the keys of before: `what_is_said_names_own_keys` looks at those.
    let notice = model.notice.take();
    let overlay = model.overlay;
    if overlay != Some(Overlay::Palette) {
        no_usual_key_is_named(model, columns, rows);
    }
    if overlay.is_none() {
        for scroll in [0, 40, 80] {
            model.overlay = Some(Overlay::Help { scroll });
            no_usual_key_is_named(model, columns, rows);
        }
        let palette = std::mem::take(&mut model.palette);
        model.overlay = None;
        crate::wizard::act(model, Action::Palette);
        no_usual_key_is_named(model, columns, rows);
        model.palette = palette;
    }
    model.overlay = overlay;
    model.notice = notice;
    model.keymap = keymap;
}

#[test]
fn a_usual_key_in_a_sentence_is_seen() {
    for row in ["x; Ctrl-S goes on", " / filters; paste", "F2 mends", "(1 of 3, F8)", "r reads again.", "or Esc."] {
        assert_eq!(named(row), Some(row));
    }
    for row in ["Alt-b goes on", "a policy", "F12 and F20", "save it?"] {
        assert_eq!(named(row), None, "{row}");
    }
}

/// A screen by name, and how to get there.
type Screen = (&'static str, fn() -> Model);

/// Screens from which every action is tried.
fn screens() -> Vec<Screen> {
    vec![
        ("the first screen", fresh_model),
        ("no credentials", || {
            let mut model = fresh_model();
            if let Some(Effect::LoadSources(id)) = crate::wizard::start(&mut model).first() {
                give_answer(&mut model, *id, Answer::Sources(Ok(Vec::new())));
            }
            model
        }),
        ("somebody is being asked", || {
            let mut model = listed_sources();
            tap_key(&mut model, Code::Enter);
            model
        }),
        ("a sign-in that failed", || {
            let mut model = listed_sources();
            if let Some(Effect::Verify { id, .. }) = tap_key(&mut model, Code::Enter).first() {
                give_answer(&mut model, *id, Answer::Verified(Err(test_failure(FailureKind::SignInExpired))));
            }
            model
        }),
        ("the list of repositories", signed_model),
        ("a filter without a match", || {
            let mut model = signed_model();
            type_text(&mut model, "/zzz");
            model
        }),
        ("reading that stopped", stopped),
        ("the Regions", || {
            let mut model = signed_model();
            type_text(&mut model, "R");
            model
        }),
        ("a review", || {
            let mut model = signed_model();
            type_text(&mut model, "v");
            model
        }),
        ("no grantee", || model_with_chosen(&["vendorapp"])),
        ("the recipes", || at_actions(2)),
        ("the checklist", || at_actions(3)),
        ("a policy being read", || policy_reading(&["vendorapp", "data/feature-store"]).0),
        ("a policy that could not be read", || {
            let (mut model, effects) = policy_reading(&["vendorapp"]);
            for effect in &effects {
                if let Effect::ReadPolicy { id, repository, .. } = effect {
                    let why = Err(test_failure(FailureKind::Offline));
                    give_answer(&mut model, *id, Answer::Policy(repository.clone(), why));
                }
            }
            model
        }),
        ("a new policy", || policy_model(None)),
        ("an open policy", || policy_model(Some(PUBLIC_POLICY))),
        ("a granted policy", || policy_model(Some(VENDOR_POLICY))),
        ("a broken policy", || {
            let mut model = policy_model(None);
            type_text(&mut model, "x");
            model
        }),
        ("the difference", || {
            let mut model = policy_model(None);
            tap_key(&mut model, Code::Esc);
            model
        }),
        ("a policy in the user's own editor", || {
            let mut model = policy_model(None);
            model.keymap = MOVED.clone();
            if let Some(Effect::EditExternally { id, text }) =
                crate::wizard::act(&mut model, Action::EditExternally).first()
            {
                let text = text.replace("EcrGrantPull", "Mine");
                give_answer(&mut model, *id, Answer::Edited(Ok(Some(text))));
            }
            model
        }),
        ("a plain question", || save_model(vec![first_grant("vendorapp")], Some(pull_request()))),
        ("a word to type", typed_question),
        ("nothing to save", || save_model(Vec::new(), None)),
        ("a refused write", || ended(Outcome::Refused(test_failure(FailureKind::InvalidPolicy)), Some(pull_request()))),
        ("an unknown write", || ended(Outcome::Unknown(test_failure(FailureKind::Timeout)), Some(pull_request()))),
        ("a change underneath", || {
            ended(Outcome::Changed { now: Some(PUBLIC_POLICY.to_owned()) }, Some(pull_request()))
        }),
        ("a change underneath an edit", || ended(Outcome::Changed { now: Some(PUBLIC_POLICY.to_owned()) }, None)),
        ("a saved grant", || ended(test_written(), Some(pull_request()))),
        ("the permissions", || {
            let mut model = ended(test_written(), Some(pull_request()));
            tap_key(&mut model, Code::Enter);
            model.permissions.leave_out(vec!["web/shop".to_owned()]);
            model
        }),
    ]
}

fn listed_sources() -> Model {
    let mut model = fresh_model();
    if let Some(Effect::LoadSources(id)) = crate::wizard::start(&mut model).first() {
        give_answer(&mut model, *id, Answer::Sources(Ok(vec![test_source("platform")])));
    }
    model
}

/// The list, with the keys moved before reading who can pull stops.
fn stopped() -> Model {
    let mut model = fresh_model();
    model.keymap = MOVED.clone();
    model.signed = Some(test_signed());
    let effects = enter_step(&mut model, Step::Repository);
    let Some(Effect::ListRepositories { id, .. }) = effects.first() else { panic!("{effects:?}") };
    let mut effects = give_answer(&mut model, *id, Answer::Page { repositories: test_repositories(), last: true });
    while let Some(Effect::ReadPolicy { id, repository, .. }) = effects.pop() {
        let why = Err(test_failure(FailureKind::SignInExpired));
        effects.extend(give_answer(&mut model, id, Answer::Policy(repository, why)));
    }
    assert!(model.notice.as_ref().is_some_and(|notice| notice.text.contains("stopped reading")), "{:?}", model.notice);
    model
}

fn at_actions(tabs: usize) -> Model {
    let mut model = model_with_chosen(&["vendorapp"]);
    type_text(&mut model, "111111111111");
    for _ in 0..tabs {
        tap_key(&mut model, Code::Tab);
    }
    model
}

fn typed_question() -> Model {
    let mut plan = first_grant("vendorapp");
    plan.delta.losses = vec![test_change("333333333333", &["BatchGetImage"])];
    save_model(vec![plan], None)
}

fn ended(outcome: Outcome, request: Option<Request>) -> Model {
    let mut model = save_model(vec![first_grant("vendorapp")], request);
    let effects = type_text(&mut model, "y");
    answer_write(&mut model, &effects, outcome);
    model
}

/// The actions that can be tried on a screen.
fn tried(model: &Model) -> Vec<Action> {
    let mut actions: Vec<Action> = model.keymap.bindings(&model.key_scopes()).map(|bound| bound.row.action).collect();
    actions.dedup();
    actions
}

#[test]
fn what_is_said_names_own_keys() {
    let press_moved = |model: &mut Model, action: Action| {
        let scopes = model.key_scopes();
        let key = model.keymap.bindings(&scopes).find(|bound| bound.row.action == action).map(|bound| bound.keys[0]);
        if let Some(key) = key {
            press_key(model, key);
        }
    };
    let mut said = 0;
    for (name, begin) in screens() {
        let at = |actions: &[Action]| {
            let mut model = begin();
            model.keymap = MOVED.clone();
            if !actions.is_empty() {
                model.notice = None;
            }
            for action in actions {
                press_moved(&mut model, *action);
            }
            model
        };
        let mut first = at(&[]);
        update(&mut first, Event::Resized(Size { columns: 120, rows: 40 }));
        if matches!(name, "reading that stopped" | "a policy in the user's own editor") {
            no_usual_key_is_named(&first, 120, 40);
        }
        for one in tried(&first) {
            let after = at(&[one]);
            no_usual_key_is_named(&after, 120, 40);
            said += usize::from(after.notice.is_some());
            // Where it leads to another place, that place's actions too.
            if (after.step, after.key_scopes()) == (first.step, first.key_scopes()) {
                continue;
            }
            for two in tried(&after) {
                let notice = at(&[one, two]).notice.map(|notice| notice.text).unwrap_or_default();
                assert_eq!(named(&notice), None, "{name}: {one:?}, {two:?}");
                said += usize::from(!notice.is_empty());
            }
        }
    }
    assert!(said > 100, "only {said} sentences were looked at");
}
