use super::*;

#[test]
fn no_key_means_two_things_in_one_scope() {
    for (at, a) in TABLE.iter().enumerate() {
        for b in TABLE.iter().skip(at + 1).filter(|b| b.scope == a.scope) {
            for key in a.keys {
                assert!(!b.keys.contains(key), "{key} means {:?} and {:?} in {:?}", a.action, b.action, a.scope);
            }
        }
    }
}

#[test]
fn nothing_needs_alt_or_a_key_that_terminals_confuse() {
    for binding in TABLE {
        for key in binding.keys {
            assert!(!key.alt, "{key}");
            let confused = ['h', 'i', 'j', 'm', '['].map(Key::with_ctrl);
            assert!(!confused.contains(key), "{key} is Backspace, Tab, Enter or Esc on older terminals");
        }
    }
}

#[test]
fn inner_scopes_win() {
    let scopes = [KeyScope::Permissions, KeyScope::List, KeyScope::Commands, KeyScope::Global];
    let map = Keymap::default();
    assert_eq!(map.resolve(Key::of_char('n'), &scopes), Some(Action::AnotherGrantee));
    assert_eq!(map.resolve(Key::of_char('j'), &scopes), Some(Action::Down));
    assert_eq!(map.resolve(Key::without_modifiers(Code::F(1)), &scopes), Some(Action::Help));
    assert_eq!(map.resolve(Key::of_char('z'), &scopes), None);
}

fn rebind(rows: &[(KeyScope, Action, &str)]) -> Result<Keymap, Vec<String>> {
    let read = |keys: &str| keys.split_whitespace().map(|key| key.parse().unwrap()).collect();
    let overrides: Vec<Override> = rows
        .iter()
        .map(|(scope, action, keys)| Override { scope: *scope, action: *action, keys: read(keys) })
        .collect();
    Keymap::rebound(&overrides).map_err(|clashes| clashes.into_iter().map(|clash| clash.words).collect())
}

#[test]
fn an_own_key_takes_the_place_of_the_usual_ones() {
    let map =
        rebind(&[(KeyScope::Policy, Action::GoOn, "Ctrl-O F12"), (KeyScope::Commands, Action::Quit, "Q")]).unwrap();
    let scopes = [KeyScope::Policy, KeyScope::List, KeyScope::Commands, KeyScope::Global];
    assert_eq!(map.resolve(Key::with_ctrl('o'), &scopes), Some(Action::GoOn));
    assert_eq!(map.resolve(Key::without_modifiers(Code::F(12)), &scopes), Some(Action::GoOn));
    assert_eq!(map.resolve(Key::with_ctrl('s'), &scopes), None);
    assert_eq!(map.resolve(Key::of_char('q'), &scopes), None);
    assert_eq!(map.key(KeyScope::Policy, Action::GoOn), "Ctrl-O");
    assert_eq!(map.resolve(Key::with_ctrl('s'), &[KeyScope::Actions]), Some(Action::GoOn), "only where it was rebound");
}

#[test]
fn two_keys_can_change_places() {
    let rows = [(KeyScope::Policy, Action::Fix, "F3"), (KeyScope::Policy, Action::Format, "F2")];
    let map = rebind(&rows).unwrap();
    assert_eq!(map.resolve(Key::without_modifiers(Code::F(2)), &[KeyScope::Policy]), Some(Action::Format));
}

#[test]
fn what_cannot_be_bound_is_told() {
    for (rows, words) in [
        (vec![(KeyScope::Policy, Action::Fix, "F3")], "F3 means `format` in [keys.policy] at the same time"),
        (vec![(KeyScope::Account, Action::Region, "q")], "q means `quit` in [keys.commands] at the same time"),
        (vec![(KeyScope::Commands, Action::Quit, "Z"), (KeyScope::List, Action::Up, "Z")], "`quit` in [keys.commands]"),
        (vec![(KeyScope::Policy, Action::Fix, "Ctrl-M")], "Ctrl-M cannot be bound: terminals send Enter as Ctrl-M"),
        (vec![(KeyScope::Policy, Action::Fix, "x")], "x cannot be bound: here it is for typing"),
        (vec![(KeyScope::Global, Action::Help, "Enter")], "Enter cannot be bound: here it is for typing"),
        (vec![(KeyScope::Policy, Action::Fix, "")], "at least one key"),
        (vec![(KeyScope::Policy, Action::Yes, "F9")], "there is no `yes` in [keys.policy]"),
    ] {
        let said = rebind(&rows).unwrap_err();
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].contains(words), "{said:?}: {words}");
    }
}

#[test]
fn the_usual_keys_written_out_are_no_conflict() {
    let overrides: Vec<Override> =
        TABLE.iter().map(|row| Override { scope: row.scope, action: row.action, keys: row.keys.to_vec() }).collect();
    assert_eq!(Keymap::rebound(&overrides), Ok(Keymap::default()));
}

#[test]
fn every_scope_of_the_table_is_in_a_stack() {
    for row in TABLE {
        assert!(STACKS.iter().any(|stack| stack.contains(&row.scope)), "{:?}", row.scope);
    }
}

/// The scopes with their actions that `[keys.SCOPE]` of a configuration file takes, by name.
const NAMES: &[&str] = &[
    "global: help back leave suspend palette",
    "commands: help quit",
    "list: up down page-up page-down first last",
    "filter-line: filter-done up down page-up page-down",
    "regions: next up down page-up page-down",
    "account: next filter region sign-in retry",
    "repository: next toggle toggle-all filter review review-all sort sort-backwards region refresh",
    "actions: next go-on focus-next focus-previous fix",
    "checklist: toggle open-link include-token",
    "policy: go-on diff fix narrow format next-problem problems undo redo next-document previous-document begin-again edit-externally",
    "policy-read: retry",
    "policy-view: go-on edit",
    "selection: copy cut",
    "editor: find go-to-line complete",
    "completion: next up down page-up page-down back",
    "problems: next fix fix-one back",
    "fix-preview: next back",
    "find-line: down up back",
    "line-number: next back",
    "plan: tick fix tick-all leave-out",
    "save-rows: right left",
    "confirm: write-plan yes no next left right toggle",
    "typed-confirm: next up down page-up page-down toggle write-plan",
    "outcome: next retry undo write-plan toggle",
    "permissions: copy copy-message write-file write-all another-repository another-grantee undo focus-next focus-previous next-document previous-document",
    "review: edit take-out fix accept delete-policy next-document previous-document toggle copy refresh",
    "overview: review group next filter toggle accept toggle-all sort sort-backwards export region refresh review-all",
    "grantees: next take-out group",
    "registries: next group accept refresh",
    "open-findings: next back",
    "acceptance: next focus-next focus-previous back",
    "palette: next up down page-up page-down",
    "leave-question: yes keep-draft no",
    "draft-question: yes no back",
    "paste-question: next back",
];

#[test]
fn the_names_in_configuration_files_stay_as_they_are() {
    let mut lines: Vec<(&str, Vec<&str>)> = Vec::new();
    for row in TABLE {
        let (scope, action) = (row.scope.name(), row.action.name());
        match lines.iter_mut().find(|(name, _)| *name == scope) {
            Some((_, actions)) if actions.contains(&action) => {}
            Some((_, actions)) => actions.push(action),
            None => lines.push((scope, vec![action])),
        }
    }
    let lines: Vec<String> = lines.iter().map(|(scope, actions)| format!("{scope}: {}", actions.join(" "))).collect();
    assert_eq!(lines, NAMES);
}
