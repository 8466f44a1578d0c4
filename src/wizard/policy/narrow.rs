//! Cutting a statement that somebody else wrote down to what a pull needs; shown before it is done.

use super::{EditedText, problems};
use crate::ecr::recipe;
use crate::policy::edit::{Cut, Kept, narrow_statements};
use crate::policy::{Fix, Policy};
use crate::wizard::{Action, KeyScope, Model, Tone};

/// Shows what narrowing cuts, and why; or says why there is nothing to cut.
pub(super) fn show_narrowing(model: &mut Model) {
    let key = model.key_name(KeyScope::Policy, Action::NextProblem);
    let Some(draft) = model.policy.draft() else { return };
    let (Ok(policy), Some(pull)) = (Policy::read(draft.editor.text()), recipe::find_recipe("pull")) else {
        model.set_notice(Tone::Bad, format!("what cannot be read cannot be narrowed; {key} goes to the problem"));
        return;
    };
    let chosen = choose_statements(&policy, draft);
    let what = match chosen.as_slice() {
        [] => {
            model.set_notice(
                Tone::Plain,
                "put the caret into the statement to narrow: none is new or changed but the grant",
            );
            return;
        }
        [one] => format!("statement {}", one + 1),
        many => format!("{} statements", many.len()),
    };
    let Ok(narrowed) = narrow_statements(draft.editor.text(), &chosen, pull) else { return };
    if !narrowed.has_changed() {
        let kept = narrowed.kept.first().map(Kept::words);
        model.set_notice(
            Tone::Plain,
            kept.unwrap_or_else(|| format!("nothing to cut: {what} allows no more than a pull needs")),
        );
        return;
    }
    // What stays is for the reader to mend: it comes first.
    let notes = narrowed.kept.iter().map(Kept::words).chain(narrowed.cut.iter().map(Cut::words)).collect();
    let title = format!("narrow {what} to what a pull needs");
    problems::show_edit(model, Fix { title, changes_access: true, edits: narrowed.edits }, notes);
}

/// The statement at the caret; where the caret is in none, those of others that are new or changed.
fn choose_statements(policy: &Policy, draft: &EditedText) -> Vec<usize> {
    let caret = draft.editor.caret();
    let at_caret = policy.statements.iter().position(|s| (s.span.start..=s.span.end).contains(&caret));
    let is_others = |at: &usize| policy.statements.get(*at).is_some_and(|s| !s.is_ours());
    match at_caret {
        Some(at) => vec![at],
        None => draft.planned.touched.iter().copied().filter(is_others).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wizard::testing::{policy_model, press_key, tap_key};
    use crate::wizard::{Code, Key};

    const VENDOR: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Vendor",
      "Effect": "Allow",
      "Principal": {"AWS": "333333333333"},
      "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:PutImage", "ecr:GetAuthorizationToken"]
    },
    {"Sid": "Open", "Effect": "Allow", "Principal": {"AWS": "444444444444"}, "Action": "ecr:*"}
  ]
}"#;

    /// A vendor's policy, pasted over the whole document; the caret before its first brace.
    fn pasted(text: &str) -> Model {
        let mut model = policy_model(None);
        model.policy.edit_text(text);
        press_key(&mut model, Key { ctrl: true, ..Key::without_modifiers(Code::Home) });
        model
    }

    fn body(model: &Model) -> &str {
        model.policy.draft().unwrap().editor.text()
    }

    fn put_caret(model: &mut Model, at: &str) {
        let at = body(model).find(at).unwrap();
        model.policy.draft_mut().unwrap().editor.go_to(at);
    }

    fn narrow_key(model: &mut Model) {
        press_key(model, Key::with_ctrl('n'));
    }

    #[test]
    fn the_statement_at_the_caret_is_narrowed_after_a_look_and_undo_takes_it_back_at_once() {
        let mut model = pasted(VENDOR);
        put_caret(&mut model, "Vendor");
        narrow_key(&mut model);
        let shown = model.policy.fix_preview().unwrap();
        assert_eq!(shown.title, "narrow statement 1 to what a pull needs");
        assert_eq!(
            shown.notes,
            [
                "ecr:PutImage: puts images in; not needed for a pull",
                "ecr:GetAuthorizationToken: does nothing in a repository policy",
            ]
        );
        assert_eq!(body(&model), VENDOR, "nothing is done yet");
        tap_key(&mut model, Code::Enter);
        assert_eq!(body(&model), VENDOR.replace(", \"ecr:PutImage\", \"ecr:GetAuthorizationToken\"", ""));
        press_key(&mut model, Key::with_ctrl('u'));
        assert_eq!(body(&model), VENDOR);
    }

    #[test]
    fn outside_of_statements_all_that_is_new_is_meant_and_escape_leaves_it() {
        let mut model = pasted(VENDOR);
        narrow_key(&mut model);
        assert_eq!(model.policy.fix_preview().unwrap().title, "narrow 2 statements to what a pull needs");
        tap_key(&mut model, Code::Esc);
        assert!(model.policy.fix_preview().is_none());
        assert_eq!(body(&model), VENDOR);
    }

    #[test]
    fn where_nothing_is_to_be_cut_the_reason_is_said() {
        let said = |model: &mut Model| {
            narrow_key(model);
            assert!(model.policy.fix_preview().is_none());
            model.notice.as_ref().unwrap().text.clone()
        };
        let mut model = policy_model(None);
        put_caret(&mut model, "EcrGrant");
        assert!(said(&mut model).starts_with("nothing to cut: statement 1"));
        press_key(&mut model, Key { ctrl: true, ..Key::without_modifiers(Code::Home) });
        assert!(said(&mut model).starts_with("put the caret"), "the grant itself is not what somebody else wrote");
        let mut model = pasted(&VENDOR.replace("Allow", "Deny"));
        put_caret(&mut model, "Vendor");
        assert!(said(&mut model).contains("denies"));
        assert!(said(&mut pasted("{ \"Statement\": [")).starts_with("what cannot be read"));
    }
}
