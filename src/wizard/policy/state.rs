//! The state of step 4, apart from the model.

use super::completion::Completion;
use super::document::{EditedText, RepositoryDocument};
use super::pending::PendingEdit;
use super::problem_list::{FixPreview, Problems};
use super::prompt_line::Prompt;
use super::set_aside::SetAside;
use crate::ecr::{Context, RepositoryName, RepositoryRef};
use crate::wizard::RequestId;
use crate::wizard::keymap::KeyScope;
use crate::wizard::page::TextPage;

/// The view of a document: who gains and who loses, and the text difference against what is stored. It is made when the
/// text, what is known of it or the window changes.
#[derive(Debug, Default)]
pub struct DocumentView {
    /// Its rows.
    pub page: TextPage,
    /// Lines that are new.
    pub added: usize,
    /// Lines that are gone.
    pub removed: usize,
}

/// The state of the step.
#[derive(Debug, Default)]
pub struct PolicyStep {
    pub(super) documents: Vec<RepositoryDocument>,
    pub(super) current: usize,
    /// Tells whether the editor is open; else the document is looked at.
    pub(super) is_editing: bool,
    /// The view, where it is shown.
    pub(super) view: Option<DocumentView>,
    /// The first shown row of the view.
    pub(super) view_first: usize,
    pub(super) prompt: Option<Prompt>,
    pub(super) completion: Option<Completion>,
    pub(super) problems: Option<Problems>,
    pub(super) fix: Option<FixPreview>,
    /// The text that was looked for last.
    pub(super) needle: String,
    pub(super) context: Option<Context>,
    /// Tells whether a key to go on is remembered until the texts are examined.
    pub(super) goes_on: bool,
    /// The edit that is being worked out before it is shown or made.
    pub(super) pending: Option<PendingEdit>,
    /// Set while a stored policy is edited with nothing added: the documents of the grant.
    pub(super) set_aside: Option<SetAside>,
    /// The document that the user's own editor has.
    pub(super) lent: Option<(RequestId, RepositoryRef)>,
}

impl PolicyStep {
    /// Tells whether the document of a repository is still to be read.
    pub fn awaits_document(&self, name: &RepositoryName) -> bool {
        self.documents
            .iter()
            .any(|document| document.whose_repository().name == *name && document.current_draft().is_none())
    }

    /// The scopes of keys, innermost first.
    pub fn scopes(&self) -> Vec<KeyScope> {
        match self.draft() {
            None => vec![KeyScope::PolicyRead, KeyScope::Policy, KeyScope::List, KeyScope::Commands],
            Some(_) if self.fix.is_some() => vec![KeyScope::FixPreview],
            Some(_) if self.problems.is_some() => vec![KeyScope::Problems, KeyScope::List, KeyScope::Commands],
            Some(_) if !self.is_editing => {
                vec![KeyScope::PolicyView, KeyScope::Policy, KeyScope::List, KeyScope::Commands]
            }
            Some(draft) => match self.prompt {
                Some(Prompt::Find(_)) if draft.editor.selection().is_some() => {
                    vec![KeyScope::FindLine, KeyScope::Selection]
                }
                Some(Prompt::Find(_)) => vec![KeyScope::FindLine],
                Some(Prompt::Line(_)) => vec![KeyScope::LineNumber],
                None if self.completion.is_some() => vec![KeyScope::Completion, KeyScope::Editor, KeyScope::Policy],
                None if draft.editor.selection().is_some() => {
                    vec![KeyScope::Selection, KeyScope::Editor, KeyScope::Policy]
                }
                None => vec![KeyScope::Editor, KeyScope::Policy],
            },
        }
    }

    /// Tells whether the user changed a document by hand, also one of the grant that an edit of a stored policy set aside.
    pub fn is_edited(&self) -> bool {
        self.documents.iter().any(RepositoryDocument::is_by_hand)
            || self.set_aside.as_ref().is_some_and(|aside| aside.policy.is_edited())
    }

    /// Returns when the oldest request was asked that somebody waits for.
    pub fn waiting_since(&self) -> Option<u64> {
        let waits =
            |document: &RepositoryDocument| document.stored_text().loading_since().or(document.checking_since());
        let pending = self.pending.as_ref().map(|pending| pending.asked_at);
        self.documents.iter().filter_map(waits).chain(pending).min()
    }

    /// Tells whether a key to go on is remembered until the texts are examined.
    pub fn goes_on(&self) -> bool {
        self.goes_on
    }

    /// Returns since when the shown text, or an edit of it, is being worked on; `None`: nothing is.
    pub fn checking_since(&self) -> Option<u64> {
        let document = self.document().and_then(RepositoryDocument::checking_since);
        let others = self.documents.iter().filter(|_| self.goes_on).filter_map(RepositoryDocument::checking_since);
        document.into_iter().chain(others).chain(self.pending.as_ref().map(|pending| pending.asked_at)).min()
    }

    /// All documents, in the order of the chosen repositories.
    pub fn documents(&self) -> &[RepositoryDocument] {
        &self.documents
    }

    /// The number of the shown document, from 0.
    pub fn current(&self) -> usize {
        self.current
    }

    /// The shown document.
    pub fn document(&self) -> Option<&RepositoryDocument> {
        self.documents.get(self.current)
    }

    /// The text of the shown document, once its stored policy is there.
    pub fn draft(&self) -> Option<&EditedText> {
        self.document()?.current_draft()
    }

    /// The view of the shown document, where neither the editor nor a list is open.
    pub fn view(&self) -> Option<&DocumentView> {
        self.view.as_ref()
    }

    /// The first shown row of the view.
    pub fn view_first(&self) -> usize {
        self.view_first
    }

    /// Tells whether the document is looked at, and nothing is open over it.
    pub fn is_viewing(&self) -> bool {
        self.draft().is_some() && !self.is_editing && self.problems.is_none() && self.fix.is_none()
    }

    /// Returns what is asked in the line over the footer.
    pub fn prompt(&self) -> Option<&Prompt> {
        self.prompt.as_ref()
    }

    /// The names that are offered at the caret.
    pub fn completion(&self) -> Option<&Completion> {
        self.completion.as_ref()
    }

    /// The list of what the checks found, where it is open.
    pub fn problems(&self) -> Option<&Problems> {
        self.problems.as_ref()
    }

    /// The fix that is shown before it is applied.
    pub fn fix_preview(&self) -> Option<&FixPreview> {
        self.fix.as_ref()
    }

    /// The chosen finding of the open list.
    pub fn listed_finding(&self) -> Option<&crate::policy::Finding> {
        self.draft()?.listed_findings().nth(self.problems?.cursor.selected)
    }

    /// Tells whether an edit was asked for the text that is shown.
    pub(super) fn is_of_shown(&self, pending: &PendingEdit) -> bool {
        self.document().is_some_and(|document| *document.whose_repository() == pending.repository)
            && self.draft().is_some_and(|draft| draft.editor.revision() == pending.revision)
    }

    /// Closes what lies over the text or beside it, and the editor.
    pub(super) fn close_all(&mut self) {
        self.is_editing = false;
        self.view_first = 0;
        self.prompt = None;
        self.completion = None;
        self.problems = None;
        self.fix = None;
        self.goes_on = false;
        self.pending = None;
    }

    pub(super) fn document_mut(&mut self) -> Option<&mut RepositoryDocument> {
        self.documents.get_mut(self.current)
    }

    pub(super) fn draft_mut(&mut self) -> Option<&mut EditedText> {
        self.document_mut()?.draft_mut()
    }
}
