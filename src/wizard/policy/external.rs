//! The document in the user's own editor, and back as one step that an undo takes back.

use super::settle;
use crate::ecr::Failure;
use crate::wizard::{Action, Effect, KeyScope, Model, RequestId, Tone};

/// Hands the shown text to the user's editor.
pub(super) fn lend_text(model: &mut Model) -> Vec<Effect> {
    let step = &model.policy;
    let (Some(document), Some(draft)) = (step.document(), step.draft()) else { return Vec::new() };
    let (repository, text) = (document.whose_repository().clone(), draft.editor.text().to_owned());
    let id = model.next_request();
    model.policy.lent = Some((id, repository));
    vec![Effect::EditExternally { id, text }]
}

/// Takes what the editor left, into the document that it had.
pub(super) fn take_edited(model: &mut Model, id: RequestId, result: Result<Option<String>, Failure>) {
    let Some((_, repository)) = model.policy.lent.take_if(|(asked, _)| *asked == id) else { return };
    match result {
        Err(failure) => model.set_notice(Tone::Bad, failure.to_string()),
        Ok(None) => {
            let words = "your editor changed nothing; one that opens a window has to wait, as code --wait does";
            model.set_notice(Tone::Plain, words);
        }
        Ok(Some(text)) => {
            let step = &mut model.policy;
            let Some(at) = step.documents.iter().position(|d| *d.whose_repository() == repository) else { return };
            let Some(document) = model.policy.documents.get_mut(at) else { return };
            let Some(draft) = document.draft_mut() else { return };
            draft.editor.set_text(&text);
            document.follow_text();
            let undo = model.key_name(KeyScope::Policy, Action::Undo);
            model.set_notice(Tone::Good, format!("taken from your editor ({undo} takes it back)"));
            settle(model);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecr::FailureKind;
    use crate::wizard::testing::{VENDOR_POLICY, give_answer, policy_model, policy_reading, press_key, test_failure};
    use crate::wizard::{Answer, Key};

    fn text(model: &Model) -> &str {
        model.policy.draft().unwrap().editor.text()
    }

    fn said(model: &Model) -> &str {
        model.notice.as_ref().map_or("", |notice| notice.text.as_str())
    }

    /// Presses Ctrl-E; the number of the request.
    fn open(model: &mut Model) -> RequestId {
        let shown = text(model).to_owned();
        match press_key(model, Key::with_ctrl('e')).as_slice() {
            [Effect::EditExternally { id, text }] if *text == shown => *id,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_the_editor_left_is_one_step_that_undo_takes_back() {
        let mut model = policy_model(None);
        let before = text(&model).to_owned();
        let id = open(&mut model);
        give_answer(&mut model, id, Answer::Edited(Ok(Some(VENDOR_POLICY.to_owned()))));
        assert_eq!(text(&model), VENDOR_POLICY);
        assert!(said(&model).contains("Ctrl-U"));
        assert!(model.is_dirty(), "the change by hand is not known");
        press_key(&mut model, Key::with_ctrl('u'));
        assert_eq!(text(&model), before);
    }

    #[test]
    fn no_change_and_failure_leave_the_text_and_say_so() {
        let mut model = policy_model(Some(VENDOR_POLICY));
        let before = text(&model).to_owned();
        let id = open(&mut model);
        give_answer(&mut model, id, Answer::Edited(Ok(None)));
        assert!(said(&model).contains("changed nothing"));
        let id = open(&mut model);
        give_answer(&mut model, id, Answer::Edited(Err(test_failure(FailureKind::Other))));
        assert!(said(&model).contains("did not answer"));
        assert_eq!(text(&model), before);
        assert!(!model.is_dirty() || model.actions.is_dirty());
        // An answer that nobody waits for changes nothing.
        give_answer(&mut model, id, Answer::Edited(Ok(Some("late".to_owned()))));
        assert_eq!(text(&model), before);
    }

    #[test]
    fn there_is_nothing_to_open_before_the_policy_is_read() {
        let (mut model, _) = policy_reading(&["vendorapp"]);
        assert!(press_key(&mut model, Key::with_ctrl('e')).is_empty());
        assert!(said(&model).contains("not read yet"));
    }
}
