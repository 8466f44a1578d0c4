//! Cutting a statement that somebody else wrote down to what a pull needs; shown before it is done.

use super::computations;
use crate::wizard::Model;
use crate::wizard::computation::Computation;
use crate::wizard::computation::fixes::TextToNarrow;

/// Finds what narrowing cuts, and why; the result is shown, or it is said why there is nothing to cut.
pub(super) fn show_narrowing(model: &mut Model) {
    let step = &model.policy;
    let (Some(document), Some(draft)) = (step.document().filter(|d| d.is_examined()), step.draft()) else { return };
    let text = TextToNarrow {
        text: draft.editor.text().to_owned(),
        caret: draft.editor.caret(),
        touched: draft.planned.touched.clone(),
        stored: document.stored_text().known_value().cloned().flatten(),
        owner: document.whose_repository().account.clone(),
    };
    computations::narrow(model, Computation::Narrow(text));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wizard::testing::{edit_text, policy_model, press_key, tap_key};
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
        edit_text(&mut model, text);
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
        assert!(said(&mut pasted("{ \"Statement\": [")).starts_with("a policy that cannot be read"));
    }
}
