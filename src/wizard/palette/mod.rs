//! The list of all actions by name (Ctrl-P): which keys carry each out, and why one is off.

mod state;

use super::event::Size;
use super::keymap::{Action, KeyScope, TABLE};
use super::{Effect, Key, Model, Overlay, Tone, layout};
pub use state::{Palette, PaletteEntry};

/// Rows of the list: the body without a border, the line that narrows it, and the words about the chosen one.
pub fn list_rows(size: Size) -> usize {
    usize::from(layout::body_rows(size).saturating_sub(4)).max(1)
}

/// Opens the list for where the model is.
pub(super) fn open_palette(model: &mut Model) -> Vec<Effect> {
    let mut palette = Palette { entries: all_entries(model), ..Palette::default() };
    palette.apply_filter(list_rows(model.size));
    model.palette = palette;
    model.overlay = Some(Overlay::Palette);
    Vec::new()
}

fn all_entries(model: &Model) -> Vec<PaletteEntry> {
    let scopes = model.step_scopes();
    let mut entries: Vec<PaletteEntry> = Vec::new();
    let here = model.keymap.bindings(&scopes);
    // Moving about is never what somebody looks for first.
    let (moving, acting): (Vec<_>, Vec<_>) = here.partition(|bound| bound.row.scope == KeyScope::List);
    for bound in acting.into_iter().chain(moving) {
        let row = bound.row;
        let keys = bound.keys.iter().map(Key::to_string).collect::<Vec<_>>().join(" ");
        match entries.iter_mut().find(|entry| entry.action == row.action) {
            Some(known) => known.keys = format!("{} {keys}", known.keys),
            None if row.action != Action::Palette => {
                let off = if is_answer(row.scope, row.action) {
                    Some("answer this question on its own screen".to_owned())
                } else {
                    model.why_off(row.action)
                };
                entries.push(PaletteEntry { action: row.action, name: row.label, help: row.help, keys, off });
            }
            None => {}
        }
    }
    for row in TABLE.iter().filter(|row| !scopes.contains(&row.scope) && !is_overlay(row.scope)) {
        if !entries.iter().any(|entry| entry.action == row.action && entry.name == row.label) {
            let keys = model.keymap.key(row.scope, row.action);
            let off = Some(format!("only in {}", row.scope.title()));
            entries.push(PaletteEntry { action: row.action, name: row.label, help: row.help, keys, off });
        }
    }
    entries
}

/// Tells whether it answers the question before a write: that is done where the whole plan is in sight.
fn is_answer(scope: KeyScope, action: Action) -> bool {
    match scope {
        KeyScope::Confirm => matches!(action, Action::Yes | Action::Next | Action::Left | Action::Right),
        KeyScope::TypedConfirm => action == Action::Next,
        _ => false,
    }
}

fn is_overlay(scope: KeyScope) -> bool {
    matches!(
        scope,
        KeyScope::HelpPage
            | KeyScope::LeaveQuestion
            | KeyScope::DraftQuestion
            | KeyScope::PasteQuestion
            | KeyScope::Palette
    )
}

pub(super) fn do_action(model: &mut Model, action: Action) -> Vec<Effect> {
    let height = list_rows(model.size);
    match action {
        Action::Back | Action::Palette => model.overlay = None,
        Action::Leave => {
            model.overlay = None;
            return super::act(model, action);
        }
        Action::Next => return carry_out(model),
        _ => {
            let palette = &mut model.palette;
            palette.cursor.move_by(action, palette.rows.len(), height);
        }
    }
    Vec::new()
}

fn carry_out(model: &mut Model) -> Vec<Effect> {
    let Some(entry) = model.palette.entry_at(model.palette.cursor.selected).cloned() else { return Vec::new() };
    // Something may have been answered since the list was opened.
    if let Some(reason) = entry.off.or_else(|| model.why_off(entry.action)) {
        model.set_notice(Tone::Plain, reason);
        return Vec::new();
    }
    model.overlay = None;
    super::act(model, entry.action)
}

/// Chooses the row under the pointer; `row` counts from the top of the body, of which border and field take two.
pub(super) fn click_row(model: &mut Model, row: u16) {
    let height = list_rows(model.size);
    let palette = &mut model.palette;
    let at =
        row.checked_sub(2).and_then(|at| palette.cursor.shown_rows(palette.rows.len(), height).nth(usize::from(at)));
    if let Some(at) = at {
        palette.cursor.select_row(at, palette.rows.len(), height);
    }
}

pub(super) fn type_key(model: &mut Model, key: Key) {
    let before = model.palette.field.text().to_owned();
    model.palette.field.take_key(key);
    if before != model.palette.field.text() {
        model.palette.apply_filter(list_rows(model.size));
    }
}

pub(super) fn paste_text(model: &mut Model, text: &str) {
    let line: String = text.trim().lines().next().unwrap_or_default().chars().take(80).collect();
    model.palette.field.insert_text(&line);
    model.palette.apply_filter(list_rows(model.size));
}

pub(super) fn fit_size(model: &mut Model) {
    let palette = &mut model.palette;
    palette.cursor.settle_in(palette.rows.len(), list_rows(model.size));
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, paste_text, press_key, tap_key, type_text};
    use super::super::{Code, Step};
    use super::*;

    fn opened(model: &mut Model, typed: &str) {
        press_key(model, Key::with_ctrl('p'));
        assert_eq!(model.overlay, Some(Overlay::Palette));
        type_text(model, typed);
    }

    fn names(model: &Model) -> Vec<&'static str> {
        (0..model.palette.rows.len()).filter_map(|row| model.palette.entry_at(row)).map(|entry| entry.name).collect()
    }

    #[test]
    fn every_action_of_the_table_is_in_the_list() {
        let mut model = testing::policy_model(None);
        opened(&mut model, "");
        for row in TABLE.iter().filter(|row| !is_overlay(row.scope) && row.action != Action::Palette) {
            assert!(model.palette.entries.iter().any(|e| e.action == row.action), "{:?}", row.action);
        }
    }

    #[test]
    fn a_few_letters_and_enter_carry_an_action_out() {
        let mut model = testing::policy_model(None);
        let before = model.policy.draft().unwrap().editor.text().to_owned();
        opened(&mut model, "diff");
        assert_eq!(names(&model).first(), Some(&"diff"));
        tap_key(&mut model, Code::Enter);
        assert_eq!(model.overlay, None);
        assert!(model.policy.is_viewing());
        assert!(before.contains("EcrGrant"), "the letters went to the list alone: {before}");
    }

    #[test]
    fn an_action_that_is_off_says_why_and_the_list_stays_open() {
        let mut model = testing::policy_model(None);
        opened(&mut model, "");
        paste_text(&mut model, "undo");
        tap_key(&mut model, Code::Enter);
        assert_eq!(model.notice.as_ref().map(|n| n.text.as_str()), Some("nothing to undo"));
        assert_eq!(model.overlay, Some(Overlay::Palette));
        tap_key(&mut model, Code::Esc);
        assert_eq!((model.overlay, model.step), (None, Step::Policy));
    }

    #[test]
    fn own_keys_are_named() {
        use super::super::keymap::{Keymap, Override};
        let mut model = testing::policy_model(None);
        let own =
            Override { scope: KeyScope::Policy, action: Action::Diff, keys: vec![Key::without_modifiers(Code::F(12))] };
        model.keymap = Keymap::rebound(&[own]).unwrap();
        opened(&mut model, "diff");
        assert_eq!(model.palette.entry_at(0).unwrap().keys, "F12");
    }

    #[test]
    fn sentences_name_own_keys_too() {
        use super::super::keymap::{Keymap, Override};
        let mut model = testing::fresh_model();
        let own = Override { scope: KeyScope::Commands, action: Action::Quit, keys: vec![Key::of_char('Q')] };
        model.keymap = Keymap::rebound(&[own]).unwrap();
        tap_key(&mut model, Code::Esc);
        assert_eq!(model.notice.as_ref().map(|n| n.text.as_str()), Some("this is the first step; Q leaves"));
    }

    #[test]
    fn no_write_is_confirmed_from_the_list() {
        let mut model = testing::save_model(vec![testing::first_grant("vendorapp")], Some(testing::pull_request()));
        opened(&mut model, "save");
        for _ in 0..model.palette.rows.len() {
            let effects = tap_key(&mut model, Code::Enter);
            assert!(!effects.iter().any(|e| matches!(e, Effect::Save { .. })), "{effects:?}");
            model.overlay = Some(Overlay::Palette);
            tap_key(&mut model, Code::Down);
        }
    }
}
