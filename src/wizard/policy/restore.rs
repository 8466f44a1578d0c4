//! Texts changed by hand that a draft kept, put back over what is stored now.

use super::RepositoryDocument;
use crate::ecr::{RepositoryName, RepositoryRef};
use crate::wizard::{Action, KeyScope, Model, Tone, draft};

/// Tells whether every stored policy is read, and every text examined.
pub(in crate::wizard) fn is_read(model: &Model) -> bool {
    !model.policy.documents.is_empty() && model.policy.documents.iter().all(RepositoryDocument::is_examined)
}

/// Shows the document of a repository, where there is one.
pub(in crate::wizard) fn show_document(model: &mut Model, name: &RepositoryName) {
    if let Some(at) = model.policy.documents.iter().position(|document| document.whose_repository().name == *name) {
        model.policy.current = at;
    }
}

/// Puts back what was changed by hand, now that the stored policy is read; where that is another one than before, says
/// so. Undo gives the stored policy with the grant added.
pub(super) fn put_back(model: &mut Model, repository: &RepositoryRef) {
    let Some(document) = model.policy.documents.iter().find(|document| document.whose_repository() == repository)
    else {
        return;
    };
    if document.current_draft().is_none() {
        return;
    }
    let stored = document.stored_text().known_value().cloned().flatten();
    let Some((edited, is_another)) = draft::take_text(model, repository, stored.as_deref()) else { return };
    let Some(document) = model.policy.documents.iter_mut().find(|document| document.whose_repository() == repository)
    else {
        return;
    };
    if let Some(draft) = document.draft_mut() {
        draft.editor.set_text(&edited.text);
        draft.editor.go_to(edited.caret);
    }
    document.follow_text();
    if is_another {
        let key = |action| model.key_name(KeyScope::Policy, action);
        let words = format!(
            "{} has another policy now: below is how your text differs from it; {} begins again",
            repository.name,
            key(Action::BeginAgain)
        );
        model.set_notice(Tone::Bad, words);
    }
}

#[cfg(test)]
impl super::PolicyStep {
    /// Makes the shown text another one; it is not examined by that.
    pub(in crate::wizard) fn set_text(&mut self, text: &str) {
        if let Some(document) = self.documents.get_mut(self.current) {
            if let Some(draft) = document.draft_mut() {
                draft.editor.set_text(text);
            }
            document.follow_text();
        }
    }
}
